"""``python -m tests.redaction.carriers`` writes the table of carriers into docs/redaction.md."""

from __future__ import annotations

import sys
from pathlib import Path

from redaction.formats.table import HANDLERS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "redaction.md"
START, END = "<!-- carriers -->\n", "<!-- /carriers -->"


def table() -> str:
    """One row for each carrier of each handler, in the order of the handlers."""
    rows = ["| format | carrier | where | we do |", "|---|---|---|---|"]
    seen: set[tuple[str, str]] = set()
    for handler in HANDLERS:
        format_ = type(handler).__name__.removesuffix("Handler").casefold()
        for carrier in handler.carriers:
            if (format_, carrier.id) not in seen:
                seen.add((format_, carrier.id))
                rows.append(f"| {format_} | {carrier.id} | {carrier.where} | {carrier.action.value} |")
    return "\n".join(rows) + "\n"


def page() -> str:
    """The page with the table of now."""
    text = PAGE.read_text()
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return before + START + table() + END + after


if __name__ == "__main__":
    PAGE.write_text(page())
    sys.exit(0)
