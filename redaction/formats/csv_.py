"""Tables as text (RFC 4180 and its cousins with semicolons and tabs): one segment a cell, with its column's header.

A header names a kind of value ("E-mail"), so it travels as a hint. Cells that a spreadsheet would run as a formula are
written with a leading apostrophe.
"""

from __future__ import annotations

import csv
import io
import re
from typing import Final

from redaction.entities import Action, Extraction, Kind, Output, Plan, Segment, Tier
from redaction.errors import RefusedError
from redaction.formats import Carrier, Limits, Switches
from redaction.formats.text import text_lines
from redaction.media import CSV, TSV

_DELIMITERS: Final = ",;\t|"
_FORMULA: Final = frozenset("=+-@\t\r")
_NUMBER: Final = re.compile(r"[-+]?[\d.,\s]*\d%?")
_FIELD_LIMIT: Final = 1_000_000


class TableHandler:
    """Comma and tab separated values."""

    media_types: tuple[str, ...] = (CSV, TSV)
    extensions: tuple[str, ...] = ("csv", "tsv")
    tiers: tuple[Tier, ...] = (Tier.A,)
    carriers: tuple[Carrier, ...] = (
        Carrier("T1", "cells and header row", Action.REWRITE),
        Carrier("T2", "encoding, delimiter and quoting, written anew", Action.SKELETON),
    )

    def extract(self, source: bytes, limits: Limits, switches: Switches = Switches()) -> Extraction:
        """Every cell that holds something.

        Raises:
            RefusedError: no text, no table, or larger than the limits allow.
        """
        rows, _ = _rows(source, limits)
        header = _header(rows)
        segments = [
            Segment(f"r{r}c{c}", cell, "T1", Kind.CELL, {"column": header[c - 1]} if r > 1 and c <= len(header) else {})
            for r, row in enumerate(rows, 1)
            for c, cell in enumerate(row, 1)
            if cell.strip()
        ]
        return Extraction(segments, counts={"T1": len(segments)})

    def rewrite(self, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()) -> Output:
        """The same rows, cell by cell."""
        rows, delimiter = _rows(source, limits)
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
        rewritten = cells = 0
        for r, row in enumerate(rows, 1):
            for c, cell in enumerate(row, 1):
                replacements = plan.replacements.get(f"r{r}c{c}", ())
                rewritten += bool(replacements)
                cells += bool(cell.strip())
                for one in reversed(replacements):
                    cell = cell[: one.start] + one.text + cell[one.end :]
                row[c - 1] = _harmless(cell)
            writer.writerow(row)
        carriers = {"T1": {"rewritten": rewritten, "dropped": 0, "kept": cells - rewritten}}
        return Output(out.getvalue().encode("utf-8"), TSV if delimiter == "\t" else CSV, carriers)


def _rows(source: bytes, limits: Limits) -> tuple[list[list[str]], str]:
    lines = text_lines(source, limits)
    while lines and not lines[-1].strip():
        lines.pop()
    delimiter = _delimiter(lines)
    csv.field_size_limit(_FIELD_LIMIT)
    try:
        rows = list(csv.reader((line + "\n" for line in lines), delimiter=delimiter))
    except csv.Error as error:
        raise RefusedError("parse-failed") from error
    if sum(map(len, rows)) > limits.cells:
        raise RefusedError("limit")
    return [[cell.removesuffix("\n") for cell in row] for row in rows], delimiter


def _delimiter(lines: list[str]) -> str:
    """The sign that splits the first lines into the same number of cells, most often."""
    sample = [re.sub(r'"[^"]*"', "", line) for line in lines[:50] if line.strip()]
    counts = {sign: [line.count(sign) for line in sample] for sign in _DELIMITERS}
    return max(_DELIMITERS, key=lambda sign: (min(counts[sign], default=0) > 0, counts[sign][:1], sum(counts[sign])))


def _header(rows: list[list[str]]) -> list[str]:
    """The first row when it reads like one: no empty cell, no number, no cell twice."""
    first = [cell.strip() for cell in rows[0]] if len(rows) > 1 else []
    named = [cell for cell in first if cell]
    plain = all(not any(character.isdigit() for character in cell) and "@" not in cell for cell in named)
    return first if named and plain and len(set(named)) == len(named) else []


def _harmless(cell: str) -> str:
    if cell[:1] in _FORMULA and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell
