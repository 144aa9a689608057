"""Tables as text (RFC 4180 and its cousins with semicolons and tabs): one segment a cell, with its column's header.

A header names a kind of value ("E-mail"), so it travels as a hint. A cell that holds JSON is read key by key. Cells
that a spreadsheet would run as a formula are written with a leading apostrophe.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from redaction.entities import Action, Extraction, Kind, Output, Plan, Segment, Tier
from redaction.errors import RefusedError
from redaction.formats import Carrier, Limits, Switches
from redaction.formats.json_ import Lexeme, Reading, segment, serialised
from redaction.formats.pieces import Writing, carrier_counts
from redaction.formats.text import text_lines, without_payloads
from redaction.media import CSV, TEXT, TSV

_DELIMITERS: Final = ",;\t|"
_DECLARED: Final = re.compile(r"\ufeff?sep=([,;\t|])", re.IGNORECASE)
_FORMULA: Final = frozenset("=+-@\t\r")
_NUMBER: Final = re.compile(r"[-+]?[\d.,\s]*\d%?")
_HEADING: Final = re.compile(r"(?=.*[^\W\d_])[^@]{1,60}")
_HEADER_ROWS: Final = 5  # a title or two may stand above the header
_SAMPLE: Final = 50
_FIELD_LIMIT: Final = 1_000_000


@dataclass
class _Cell:
    """One cell. ``inner`` is the JSON it holds; ``payloads`` counts files in base64 that were taken out."""

    anchor: str
    text: str
    hints: dict[str, str]
    inner: list[Lexeme] = field(default_factory=list)
    payloads: int = 0

    def segments(self) -> Iterator[Segment]:
        if self.inner:
            yield from (segment(one) for one in _flat(self.inner) if one.anchor and one.text.strip() and not one.inner)
        elif self.text.strip():
            yield Segment(self.anchor, self.text, "T1", Kind.CELL, self.hints)

    def written(self, writing: Writing) -> str:
        if self.inner:
            return serialised(self.inner, writing)
        return "".join(writing.text(self.anchor, "T1", [self.text]))


class TableHandler:
    """Comma and tab separated values."""

    media_types: tuple[str, ...] = (CSV, TSV)
    extensions: tuple[str, ...] = ("csv", "tsv")
    tiers: tuple[Tier, ...] = (Tier.A, Tier.B)
    carriers: tuple[Carrier, ...] = (
        Carrier("T1", "cells and header row", Action.REWRITE),
        Carrier("T2", "JSON inside of cells; encoding, delimiter and quoting, written anew", Action.REWRITE),
        Carrier("H5", "files in base64, such as pictures in data addresses", Action.DROP),
    )

    def extract(self, source: bytes, limits: Limits, switches: Switches = Switches()) -> Extraction:
        """Every cell that holds something.

        Raises:
            RefusedError: no text, no table, or larger than the limits allow.
        """
        rows, _ = _cells(source, limits)
        segments = [one for row in rows for cell in row for one in cell.segments()]
        counts = Counter(one.carrier for one in segments)
        payloads = sum(cell.payloads for row in rows for cell in row)
        return Extraction(segments, counts={**counts, "H5": payloads})

    def rewrite(self, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()) -> Output:
        """The same rows, cell by cell; in tier B as plain text, a line a row."""
        rows, delimiter = _cells(source, limits)
        writing = Writing(plan)
        table = [[cell.written(writing) for cell in row] for row in rows]
        writing.close()
        found = (one for row in rows for cell in row for one in cell.segments())
        kept = Counter(one.carrier for one in found if not plan.replacements.get(one.anchor))
        counts = carrier_counts(writing.counts, {"H5": sum(cell.payloads for row in rows for cell in row)}, kept)
        if plan.tier is Tier.B:
            text = "".join("\t".join(cell.replace("\n", " ") for cell in row) + "\n" for row in table)
            return Output(text.encode("utf-8"), TEXT, counts, Tier.B)
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
        writer.writerows([_harmless(cell) for cell in row] for row in table)
        return Output(out.getvalue().encode("utf-8"), TSV if delimiter == "\t" else CSV, counts)


def _cells(source: bytes, limits: Limits) -> tuple[list[list[_Cell]], str]:
    """All rows with their headers as hints, and the delimiter."""
    rows, delimiter = _rows(source, limits)
    top, header = _header(rows)
    reading = Reading(limits)
    cells: list[list[_Cell]] = []
    for r, row in enumerate(rows, 1):
        cells.append([])
        for c, text in enumerate(row, 1):
            hints = {"column": header[c - 1]} if r > top and c <= len(header) and header[c - 1] else {}
            text, payloads = without_payloads(text)
            cell = _Cell(f"r{r}c{c}", text, hints, payloads=payloads)
            cell.inner = _inner(cell, reading)
            cells[-1].append(cell)
    return cells, delimiter


def _inner(cell: _Cell, reading: Reading) -> list[Lexeme]:
    """The JSON that a cell holds; nothing when it only looks like it."""
    if cell.text.strip()[:1] not in ("{", "["):
        return []
    try:
        inner = reading.value(cell.text, f"{cell.anchor}/j")
    except RefusedError as error:
        if error.code == "limit":
            raise
        return []
    return inner if any(one.anchor for one in _flat(inner)) else []


def _flat(lexemes: list[Lexeme]) -> Iterator[Lexeme]:
    for one in lexemes:
        yield one
        yield from _flat(one.inner)


def _rows(source: bytes, limits: Limits) -> tuple[list[list[str]], str]:
    lines = text_lines(source, limits)
    while lines and not lines[-1].strip():
        lines.pop()
    declared = _DECLARED.fullmatch(lines[0].strip()) if lines else None
    if declared is not None:
        lines.pop(0)  # a remark to a spreadsheet program, not a row
    delimiter = declared[1] if declared is not None else _delimiter(lines)
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
    sample = [re.sub(r'"[^"]*"', "", line) for line in lines[:_SAMPLE] if line.strip()]
    counts = {sign: [line.count(sign) for line in sample] for sign in _DELIMITERS}
    return max(_DELIMITERS, key=lambda sign: (min(counts[sign], default=0) > 0, counts[sign][:1], sum(counts[sign])))


def _header(rows: list[list[str]]) -> tuple[int, list[str]]:
    """Number and cells of the first row that reads like a header: most cells named, none of them a value alone.

    A row of names without a header would do as well: what it says is no word for a kind of value, so nothing follows.
    """
    width = max((sum(bool(cell.strip()) for cell in row) for row in rows[:_SAMPLE]), default=0)
    for number, row in enumerate(rows[:_HEADER_ROWS], 1):
        named = [cell.strip() for cell in row if cell.strip()]
        if len(named) * 2 > width and number < len(rows) and all(_HEADING.fullmatch(cell) for cell in named):
            return number, [cell.strip() for cell in row]
    return 0, []


def _harmless(cell: str) -> str:
    if cell[:1] in _FORMULA and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell
