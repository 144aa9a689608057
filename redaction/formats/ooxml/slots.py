"""Slots: places of a package that hold text one can read (a segment) and write (replacements of a plan)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from redaction.entities import Kind, Replacement, Segment
from redaction.errors import RedactionError
from redaction.formats.ooxml.links import rewritten_target
from redaction.formats.ooxml.names import XML
from redaction.formats.ooxml.package import Relationship
from redaction.formats.ooxml.tree import Element, remove

_OWN_AUTHOR: Final = re.compile(r"Author \d+|\[?[A-Z]+(?:_[A-Z]+)*_\d+\]?")  # ours, or a token
_SPACE: Final = f"{{{XML}}}space"
Adapt = Callable[[str], str]


def spliced(text: str, replacements: Sequence[Replacement]) -> str:
    """``text`` with the replacements made.

    Raises:
        RedactionError: ``internal`` when they do not fit the text: the plan was made for another file.
    """
    pieces, at = [], 0
    for change in replacements:
        if not at <= change.start <= change.end <= len(text):
            raise RedactionError("internal", "replacement outside its segment")
        pieces += [text[at : change.start], change.text]
        at = change.end
    return "".join([*pieces, text[at:]])


@dataclass(eq=False)
class Slot:
    """A place with text. Subclasses write; this one is read-only by nature and never used alone."""

    anchor: str
    text: str
    carrier: str
    kind: Kind = Kind.PROSE
    hints: Mapping[str, str] = field(default_factory=dict)

    def segment(self) -> Segment:
        return Segment(self.anchor, self.text, self.carrier, self.kind, self.hints)

    def write(self, replacements: Sequence[Replacement]) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class Atom:
    """A piece of a paragraph: the text of ``element``, or a mark such as a tab that stands for ``text``."""

    element: Element
    text: str
    mark: bool = False


@dataclass(eq=False)
class RunSlot(Slot):
    """The text of a paragraph, joined over its runs. The first run touched takes the new text, formatting stays."""

    atoms: Sequence[Atom] = ()

    def write(self, replacements: Sequence[Replacement]) -> None:
        spliced(self.text, replacements)  # checks that they fit
        start = 0
        for atom in self.atoms:
            end = start + len(atom.text)
            touching = [change for change in replacements if change.start < end and change.end > start]
            if touching:
                self._write_atom(atom, start, end, touching)
            start = end
        self._insert_at_seams(replacements)

    @staticmethod
    def _write_atom(atom: Atom, start: int, end: int, touching: Sequence[Replacement]) -> None:
        if atom.mark:
            remove(atom.element)
            return
        local_changes = [
            Replacement(
                max(change.start, start) - start,
                min(change.end, end) - start,
                change.text if change.start >= start else "",  # an earlier run took the text
            )
            for change in touching
        ]
        set_text(atom.element, spliced(atom.text, local_changes))

    def _insert_at_seams(self, replacements: Sequence[Replacement]) -> None:
        """A replacement that begins on a mark (a tab, a hyphen) has lost its carrier: its text goes to the next run."""
        start = 0
        for index, atom in enumerate(self.atoms):
            end = start + len(atom.text)
            for change in replacements:
                if atom.mark and start <= change.start < end:
                    self._give_to_neighbour(index, change.text)
            start = end

    def _give_to_neighbour(self, index: int, text: str) -> None:
        following = [atom for atom in self.atoms[index:] if not atom.mark]
        if following:
            set_text(following[0].element, text + (following[0].element.text or ""))
            return
        preceding = [atom for atom in self.atoms[:index] if not atom.mark]
        if preceding:
            set_text(preceding[-1].element, (preceding[-1].element.text or "") + text)


def set_text(element: Element, text: str) -> None:
    """Set an element's text; blanks at its ends survive in Word only when the element says so."""
    element.text = text or None  # an empty text would come out differently the next time
    if text != text.strip() and not element.tag.startswith("{http://schemas.openxmlformats.org/drawingml"):
        element.set(_SPACE, "preserve")


@dataclass(eq=False)
class AttributeSlot(Slot):
    """One human-readable attribute. ``adapt`` makes the new text legal for the attribute."""

    element: Element = None
    name: str = ""
    adapt: Adapt = str

    def write(self, replacements: Sequence[Replacement]) -> None:
        self.element.set(self.name, self.adapt(spliced(self.text, replacements)))


@dataclass(eq=False)
class AuthorSlot(AttributeSlot):
    """Who wrote a comment. Whoever is not replaced by a token is written as a counted author in the end."""

    settled: bool = False

    def __post_init__(self) -> None:
        self.settled = _OWN_AUTHOR.fullmatch(self.text) is not None

    def write(self, replacements: Sequence[Replacement]) -> None:
        super().write(replacements)
        self.settled = self.settled or bool(replacements)


@dataclass(eq=False)
class TextSlot(Slot):
    """The text of one element on its own."""

    element: Element = None
    adapt: Adapt = str

    def write(self, replacements: Sequence[Replacement]) -> None:
        set_text(self.element, self.adapt(spliced(self.text, replacements)))


@dataclass(eq=False)
class TargetSlot(Slot):
    """Where a hyperlink leads: to the token of its host once something in it was replaced, else nowhere."""

    relationship: Relationship | None = None

    def write(self, replacements: Sequence[Replacement]) -> None:
        if self.relationship is not None and replacements:
            self.relationship.target = rewritten_target(spliced(self.text, replacements))


class Pieces:
    """A text made of machine parts and human parts, such as a formula; ``put`` writes the whole back."""

    def __init__(self, parts: Sequence[str], put: Callable[[str], None]) -> None:
        self.parts = list(parts)
        self._put = put

    def replace(self, index: int, text: str) -> None:
        self.parts[index] = text
        self._put("".join(self.parts))


@dataclass(eq=False)
class PieceSlot(Slot):
    """One human part of a text, such as a string literal in a formula."""

    pieces: Pieces = field(default_factory=lambda: Pieces((), lambda _: None))
    index: int = 0
    adapt: Adapt = str

    def write(self, replacements: Sequence[Replacement]) -> None:
        self.pieces.replace(self.index, self.adapt(spliced(self.text, replacements)))
