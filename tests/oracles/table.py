"""What an outsider finds in a table as text: the csv module's cells under every delimiter, and the bytes."""

from __future__ import annotations

import csv
import io
import json

from tests.oracles import Oracle
from tests.oracles.text import ORACLES as TEXT_ORACLES
from tests.oracles.text import decoded

EXTENSIONS = ("csv", "tsv")


def cells(data: bytes) -> str:
    """Every cell, read with each delimiter; what JSON in a cell says."""
    text = decoded(data)
    csv.field_size_limit(1_000_000)
    found: list[str] = []
    for delimiter in ",;\t|":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            found += row
            found += [said for cell in row for said in _nested(cell)]
    return "\n".join(found)


def _nested(cell: str) -> list[str]:
    if cell.strip()[:1] not in ("{", "["):
        return []
    try:
        return [json.dumps(json.loads(cell), ensure_ascii=False)]
    except ValueError:
        return []


ORACLES: dict[str, Oracle] = {"csv module": cells, **TEXT_ORACLES}
