"""Pieces for detection: neighbouring segments are read together, cut at line ends, each piece with its way back.

A model reads sentences, not runs: lines of a page and paragraphs of a document are joined by line ends into pieces of
about ``size`` characters. The cells of one column are one piece under their header, as a list of like things. A line
longer than a piece is cut at blanks, with an overlap, so that a name on the cut is whole in one of the two.
"""

from __future__ import annotations

import bisect
import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from redaction.entities import Kind, Segment

OVERLAP: Final = 200
HARD_MAXIMUM: Final = 10_000
CELLS: Final = 48


@dataclass(frozen=True)
class Part:
    """Characters [offset, offset + length) of segment ``index`` at ``at`` of a chunk."""

    at: int
    index: int
    offset: int
    length: int


@dataclass(frozen=True)
class Chunk:
    """One piece of text to detect in. ``column`` is the header above cells; its own text is no part of ``text``."""

    text: str
    parts: tuple[Part, ...]
    column: str = ""

    @functools.cached_property
    def _starts(self) -> list[int]:
        return [part.at for part in self.parts]

    def locate(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Segment index, start and end of each part that [start, end) of this chunk touches."""
        first = max(0, bisect.bisect_right(self._starts, start) - 1)
        for number in range(first, len(self.parts)):
            part = self.parts[number]
            if part.at >= end:
                return
            low, high = max(start, part.at), min(end, part.at + part.length)
            if low < high:
                yield part.index, low - part.at + part.offset, high - part.at + part.offset


def chunks(segments: Sequence[Segment], size: int) -> list[Chunk]:
    """All text of ``segments`` in pieces of about ``size`` characters; every character is in at least one piece."""
    groups: dict[tuple[str, str], list[int]] = {}
    for index, segment in enumerate(segments):
        if segment.text.strip():
            groups.setdefault(_group(segment), []).append(index)
    return [
        chunk
        for (_, column), indexes in groups.items()
        for block in _blocks(segments, indexes)
        for chunk in _pack(_lines(segments, block, size), size, column)
    ]


def _blocks(segments: Sequence[Segment], indexes: Sequence[int]) -> Iterator[Sequence[int]]:
    """The cells of a column by so many at once, whatever is in them: in the copy each block is the same text again,
    but for what was replaced in it. All else is one block."""
    if segments[indexes[0]].kind is not Kind.CELL:
        yield indexes
        return
    for at in range(0, len(indexes), CELLS):
        yield indexes[at : at + CELLS]


def _group(segment: Segment) -> tuple[str, str]:
    if segment.kind is Kind.CELL:
        return (segment.anchor.split("!", 1)[0] if "!" in segment.anchor else "", segment.hints.get("column", ""))
    return ("\0code" if segment.kind is Kind.CODE else "\0text", "")


def _lines(segments: Sequence[Segment], indexes: Iterable[int], size: int) -> Iterator[tuple[Part, str]]:
    """Pieces of segments short enough for one chunk."""
    for index in indexes:
        text = segments[index].text
        for offset, end in _cuts(text, size):
            yield Part(0, index, offset, end - offset), text[offset:end]


def _cuts(text: str, size: int) -> Iterator[tuple[int, int]]:
    start = 0
    while len(text) - start > size:
        end = _best_cut(text, start, size)
        yield start, end
        start = end if text[end - 1] == "\n" else max(start + 1, _word_start(text, end - OVERLAP))
    yield start, len(text)


def _best_cut(text: str, start: int, size: int) -> int:
    """After the last line end within ``size``; else after the last blank; else hard at the size."""
    limit = start + min(size, HARD_MAXIMUM)
    line_end = text.rfind("\n", start, limit)
    if line_end > start:
        return line_end + 1
    blank = text.rfind(" ", start + OVERLAP + 1, limit)
    return blank + 1 if blank > start else limit


def _word_start(text: str, near: int) -> int:
    blank = text.rfind(" ", max(0, near - OVERLAP // 2), near)
    return blank + 1 if blank >= 0 else near


def _pack(lines: Iterable[tuple[Part, str]], size: int, column: str) -> Iterator[Chunk]:
    parts: list[Part] = []
    texts: list[str] = []
    length = 0
    for part, text in lines:
        if parts and length + len(text) > size:
            yield Chunk("\n".join(texts), tuple(parts), column)
            parts, texts, length = [], [], 0
        parts.append(Part(length, part.index, part.offset, part.length))
        texts.append(text)
        length += len(text) + 1
    if parts:
        yield Chunk("\n".join(texts), tuple(parts), column)
