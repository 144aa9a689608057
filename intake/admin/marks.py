"""Redacted text as the review screen shows it: blocks in reading order, cells as tables, placeholders marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from redaction.entities import Block, Kind

# What stands where something was replaced: [PERSON_1] in prose, person_1@example.invalid for an address.
_TOKEN = re.compile(r"\[([A-Z][A-Z_]*_\d+)\]|\b([a-z][a-z_]*_\d+)@example\.invalid\b")
_SHEET_CELL = re.compile(r"(?P<sheet>.*!)[A-Z]{1,3}(?P<row>\d+)")
_TABLE_CELL = re.compile(r"(?P<row>.*r\d+)c\d+.*")


@dataclass(frozen=True)
class Piece:
    """A stretch of text; ``token`` names the placeholder it is, or is empty for ordinary text."""

    text: str
    token: str = ""

    @property
    def family(self) -> str:
        """The entity type in small letters: the name of its colour and pattern."""
        return self.token.rpartition("_")[0].lower().replace("_", "-")


@dataclass(frozen=True)
class Cell:
    """One block: an anchor that pages can link to, and its pieces."""

    place: str
    anchor: str
    kind: str
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class Passage:
    """Blocks that belong together: one paragraph, or the rows of one table."""

    is_table: bool
    rows: Sequence[Sequence[Cell]]


def pieces(text: str) -> list[Piece]:
    """Cut a text at its placeholders; joined again, the pieces are the text."""
    found: list[Piece] = []
    end = 0
    for match in _TOKEN.finditer(text):
        if match.start() > end:
            found.append(Piece(text[end : match.start()]))
        found.append(Piece(match[0], match[1] or match[2].upper()))
        end = match.end()
    return [*found, Piece(text[end:])] if end < len(text) else found


def passages(blocks: Iterable[Block]) -> list[Passage]:
    """Group the blocks of a file for reading; every block appears exactly once, in its order."""
    cells = [Cell(f"b{number}", b.anchor, b.kind.value, pieces(b.text)) for number, b in enumerate(blocks, 1)]
    found: list[Passage] = []
    for is_table, run in groupby(cells, key=lambda cell: _row(cell) is not None):
        rows = [tuple(row) for _, row in groupby(run, key=lambda cell: _row(cell) or cell.place)]
        found += [Passage(True, rows)] if is_table else [Passage(False, (row,)) for row in rows]
    return found


def _row(cell: Cell) -> str | None:
    """What all cells of one table row have in common, or None for running text."""
    if cell.kind != Kind.CELL:
        return None
    if match := _SHEET_CELL.fullmatch(cell.anchor):
        return match["sheet"] + match["row"]
    if match := _TABLE_CELL.fullmatch(cell.anchor):
        return match["row"]
    return None


def first_places(text: Sequence[Passage]) -> dict[str, str]:
    """Token → the place of its first mention, for links from the findings into the text."""
    found: dict[str, str] = {}
    for cell, piece in _all_pieces(text):
        if piece.token:
            found.setdefault(piece.token, cell.place)
    return found


def _all_pieces(text: Sequence[Passage]) -> Iterator[tuple[Cell, Piece]]:
    for passage in text:
        for row in passage.rows:
            for cell in row:
                yield from ((cell, piece) for piece in cell.pieces)
