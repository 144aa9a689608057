"""Headers and footers of printed sheets: text with codes in it (ECMA-376 part 1, 18.3.1.46), section by section.

A code may stand inside a word ("Fair&Bweather" turns bold in the middle), so the text of a section is read without its
codes; a replacement goes to where its first letter was, and every code stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from redaction.entities import Kind, Replacement
from redaction.formats.ooxml.slots import Slot
from redaction.formats.pieces import apply

_CODE: Final = re.compile(r'(&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d+|.))', re.DOTALL)
_SECTIONS: Final = frozenset({"&L", "&C", "&R"})
_AMPERSAND: Final = "&&"


@dataclass(frozen=True)
class _Piece:
    text: str
    is_code: bool


class Edge:
    """One header or footer; ``put`` writes it back."""

    def __init__(self, text: str, put: Callable[[str], None]) -> None:
        self.pieces: list[_Piece] = []
        for index, piece in enumerate(_CODE.split(text)):
            if piece == _AMPERSAND:
                self.pieces.append(_Piece("&", is_code=False))
            elif piece:
                self.pieces.append(_Piece(piece, is_code=index % 2 == 1))
        self._put = put

    def sections(self) -> Iterator[list[int]]:
        """The places of the text of each section; a section begins with its code."""
        section: list[int] = []
        for index, piece in enumerate(self.pieces):
            if piece.is_code and piece.text in _SECTIONS:
                yield section
                section = []
            elif not piece.is_code:
                section.append(index)
        yield section

    def replace(self, places: Sequence[int], texts: Sequence[str]) -> None:
        for place, text in zip(places, texts, strict=True):
            self.pieces[place] = _Piece(text, is_code=False)
        self._put("".join(piece.text if piece.is_code else piece.text.replace("&", "&&") for piece in self.pieces))


@dataclass(eq=False)
class EdgeSlot(Slot):
    """The text of one section."""

    edge: Edge = field(default_factory=lambda: Edge("", lambda _: None))
    places: Sequence[int] = ()

    def write(self, replacements: Sequence[Replacement]) -> None:
        self.edge.replace(self.places, apply([self.edge.pieces[place].text for place in self.places], replacements))


def slots(edge: Edge, anchor: Callable[[], str], place: str) -> Iterator[EdgeSlot]:
    """One slot a section. ``place`` says which edge of the page it is."""
    for places in edge.sections():
        text = "".join(edge.pieces[index].text for index in places)
        if text.strip():
            yield EdgeSlot(anchor(), text, "X9", Kind.LABEL, {"place": place}, edge, places)
