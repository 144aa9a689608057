"""Collects the slots of a part in document order: paragraphs joined over runs, fields, attributes, and all other text.

Anchors are ``<part>/<kind><ordinal>`` (the main part has no prefix): ``p17`` paragraph, ``f2`` field code, ``a5``
attribute, ``t3`` other text, ``l1`` address of a link.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar, Final

from redaction.entities import Kind
from redaction.formats import Limits
from redaction.formats.ooxml.attributes import is_human
from redaction.formats.ooxml.fields import CodeSlot, safe_link
from redaction.formats.ooxml.links import NOWHERE
from redaction.formats.ooxml.names import NAMESPACES, local, namespace, tag, tags
from redaction.formats.ooxml.package import Package, Part
from redaction.formats.ooxml.parts import HYPERLINK
from redaction.formats.ooxml.slots import (
    Atom,
    AttributeSlot,
    AuthorSlot,
    Pieces,
    PieceSlot,
    RunSlot,
    Slot,
    TargetSlot,
    TextSlot,
)
from redaction.formats.ooxml.tree import Element
from redaction.vocabulary import is_own_bookmark, is_own_code, is_own_reference

# Each begins a line of text of its own, also inside another one: a text box stands in a paragraph.
_PARAGRAPHS: Final = tags("w:p a:p x:si x:is x:rPh w:rt mc:Fallback")
_TEXTS: Final = tags("w:t m:t a:t x:t")
_CODES: Final = tags("w:instrText w:fldChar")
_MARKS: Final[dict[str, str]] = {
    tag("w:tab"): "\t",
    tag("w:ptab"): "\t",
    tag("w:br"): "\n",
    tag("w:cr"): "\n",
    tag("w:noBreakHyphen"): "-",
    tag("w:softHyphen"): "\u00ad",
    tag("a:br"): "\n",
}
_MARK_PARENTS: Final = tags("w:r a:p")
_SYMBOL: Final = tag("w:sym")
_FALLBACK: Final = tag("mc:Fallback")
_TEXT_BOXES: Final = tags("w:txbxContent")
_BOOKMARK_HOLDERS: Final = tags("w:bookmarkStart w:hyperlink")
_AUTHORS: Final = ((tag("w:comment"), tag("w:author")), (tag("p:cmAuthor"), "name"))
_AUTHOR_HINTS: Final = {"column": "Full name"}  # what stands there is a name, whatever it looks like
_WATERMARK: Final = tag("v:textpath")
_VOCABULARY_TEXTS: Final = tags("wp:align a:tableStyleId p:attrName x:f x:v x:formula x:formula1 x:formula2 w:fldData")
_NUMBER: Final = re.compile(r"\s*[-+]?[\d.]+(?:[eE][-+]?\d+)?%?\s*")
_LONG_NUMBER: Final = re.compile(r"\D*(?:\d\D?){7,}\D*")
_WORD: Final = re.compile(r"[^\W\d_]{2}")
_ESCAPED: Final = re.compile(r"(?:\\[^\W\d_]){2,}")
_FORMAT_LITERAL: Final = re.compile(r'("[^"]*"|\[\$[^\]-]*)')


@dataclass
class Collector:
    """Walks the trees of a package and numbers what it finds."""

    attribute_carriers: ClassVar[Mapping[str, str]] = {}  # carrier of a part → carrier of its attributes

    main: Part
    limits: Limits
    slots: list[Slot] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    notices: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ordinals: Counter[str] = Counter()

    def anchor(self, part: Part, kind: str) -> str:
        prefix = "" if part is self.main and part.rule.name.startswith("word/") else part.label + "/"
        self._ordinals[prefix + kind] += 1
        return f"{prefix}{kind}{self._ordinals[prefix + kind]}"

    def add(self, slot: Slot) -> None:
        if slot.text.strip():
            self.slots.append(slot)
            self.seen[slot.carrier] += 1

    def collect_package(self, package: Package) -> None:
        """Collect every part; formats with a structure of their own do more."""
        for part in package.parts:
            if part.root is not None:
                self.collect(part)

    def finish(self) -> None:
        """Called after the slots were written: what has to agree with the new text is made to agree here."""
        unnamed: dict[str, str] = {}
        for slot in self.slots:
            if isinstance(slot, AuthorSlot) and not slot.settled:
                unnamed.setdefault(slot.text, f"Author {len(unnamed) + 1}")
                slot.element.set(slot.name, unnamed[slot.text])

    def elements(self, part: Part) -> Iterator[Element]:
        """The elements of a part that are read one by one."""
        yield from part.root.iter()

    def collect(self, part: Part) -> None:
        """Collect one part: its tree, then the addresses it links to."""
        taken: set[Element] = set()
        codes: list[list[Element]] = []
        for element in self.elements(part):
            if element.tag in _PARAGRAPHS:
                self._paragraph(part, element, taken)
            elif element.tag in _CODES:
                self._code(part, element, codes, taken)
            elif element.text and element not in taken and not len(element):
                self.text(part, element)
            if element.keys():
                self.attributes(part, element)
        while codes:
            self._field(part, codes.pop())
        self.addresses(part)

    def _paragraph(self, part: Part, paragraph: Element, taken: set[Element]) -> None:
        atoms = list(text_atoms(paragraph))
        taken.update(atom.element for atom in atoms)
        text = "".join(atom.text for atom in atoms)
        if text.strip():
            box = next(paragraph.iterancestors(*_TEXT_BOXES), None) is not None
            hints = {"copy": "fallback"} if next(paragraph.iterancestors(_FALLBACK), None) is not None else {}
            if place := self.place(part, paragraph):
                hints["place"] = place
            carrier = "D6" if box else self.carrier(part, paragraph, atoms)
            self.add(RunSlot(self.anchor(part, "p"), text, carrier, Kind.PROSE, hints, atoms))

    def carrier(self, part: Part, paragraph: Element, atoms: Sequence[Atom]) -> str:
        """The carrier of a line of text."""
        return part.rule.carrier

    def place(self, part: Part, paragraph: Element) -> str:
        """Where marks of confidentiality stand: ``header``, ``footer``, ``title``; nothing for a place like others."""
        return ""

    def _code(self, part: Part, element: Element, codes: list[list[Element]], taken: set[Element]) -> None:
        if element.tag == tag("w:instrText"):
            taken.add(element)
            if not codes:
                codes.append([])
            codes[-1].append(element)
            return
        kind = element.get(tag("w:fldCharType"))
        if kind == "begin":
            codes.append([])
        elif kind in ("separate", "end") and codes:
            self._field(part, codes[-1])
            codes[-1] = []
            if kind == "end":
                codes.pop()

    def _field(self, part: Part, elements: list[Element]) -> None:
        atoms = [Atom(element, element.text) for element in elements if element.text]
        text = "".join(atom.text for atom in atoms)
        if text.strip() and not is_own_code(text):
            self.add(CodeSlot(self.anchor(part, "f"), text, "D7", Kind.CODE, {}, atoms))

    def text(self, part: Part, element: Element) -> None:
        text = element.text
        if element.tag in _VOCABULARY_TEXTS or not text.strip():
            return
        numeric = _NUMBER.fullmatch(text) is not None
        if numeric and not (element.tag == tag("c:v") and _LONG_NUMBER.fullmatch(text)):
            return
        if element.tag == tag("c:formatCode") and '"' not in text:
            return
        if element.tag == tag("c:f") and is_own_reference(text):
            return
        cached = namespace(element.tag) == NAMESPACES["c"]
        kind = Kind.CODE if element.tag == tag("c:f") else Kind.CELL if cached else Kind.LABEL
        adapt = _zero if numeric else _without_brackets if element.tag == tag("c:f") else str
        self.add(TextSlot(self.anchor(part, "t"), text, part.rule.carrier, kind, {}, element, adapt))

    def attributes(self, part: Part, element: Element) -> None:
        """The attributes of one element a person could read."""
        if element.get("formatCode"):
            self._number_format(part, element)
        for name, value in element.items():
            if not is_human(element, name, value):
                continue
            if name == tag("w:instr"):
                if not is_own_code(value):
                    self.add(
                        AttributeSlot(self.anchor(part, "f"), value, "D7", Kind.CODE, {}, element, name, safe_link)
                    )
            elif element.tag in _BOOKMARK_HOLDERS and local(name) in ("name", "anchor"):
                if not is_own_bookmark(value):
                    slot = AttributeSlot(self.anchor(part, "a"), value, "O9", Kind.CODE, {}, element, name, identifier)
                    self.add(slot)
            else:
                carrier = self.attribute_carriers.get(part.rule.carrier, "O9")
                anchor = self.anchor(part, "a")
                if (element.tag, name) in _AUTHORS:
                    self.add(AuthorSlot(anchor, value, carrier, Kind.CELL, _AUTHOR_HINTS, element, name))
                    continue
                hints = {"place": "watermark"} if element.tag == _WATERMARK else {}
                self.add(AttributeSlot(anchor, value, carrier, Kind.LABEL, hints, element, name))

    def _number_format(self, part: Part, element: Element) -> None:
        """Literals of a number format: text that stands beside every number."""
        code = _ESCAPED.sub(lambda found: '"' + found[0].replace("\\", "") + '"', element.get("formatCode"))
        pieces = Pieces(_FORMAT_LITERAL.split(code), partial(element.set, "formatCode"))
        for index in range(1, len(pieces.parts), 2):
            if _WORD.search(pieces.parts[index]):
                self.add(
                    PieceSlot(
                        self.anchor(part, "n"), pieces.parts[index], part.rule.carrier, Kind.LABEL, {}, pieces, index
                    )
                )

    def addresses(self, part: Part) -> None:
        """The external addresses of a part."""
        for link in part.relationships:
            if link.kind == HYPERLINK and link.part is None and link.target != NOWHERE:
                anchor = self.anchor(part, "l")
                self.add(TargetSlot(anchor, link.target, "O3", Kind.CODE, {}, relationship=link))


def _zero(_: str) -> str:
    """The cache of a number may hold numbers only."""
    return "0"


def _without_brackets(text: str) -> str:
    """A reference to a workbook that is gone: brackets would mean yet another workbook."""
    return re.sub(r"[\[\]]", "", text)


def identifier(text: str) -> str:
    """A name Word takes for a bookmark: letters, digits and underscores, at most 40, a letter first."""
    plain = re.sub(r"\W+", "_", text).strip("_")[:39]
    return plain if plain[:1].isalpha() else "_" + plain


def text_atoms(paragraph: Element) -> Iterator[Atom]:
    """Text and marks of a paragraph in order, without those of lines that stand inside it."""
    for child in paragraph:
        if child.tag in _PARAGRAPHS or child.tag in _CODES:
            continue
        if child.tag in _TEXTS:
            if child.text:
                yield Atom(child, child.text)
        elif child.tag in _MARKS:
            if paragraph.tag in _MARK_PARENTS:
                yield Atom(child, _MARKS[child.tag], mark=True)
        elif child.tag == _SYMBOL:
            yield Atom(child, _symbol(child), mark=True)
        elif len(child):
            yield from text_atoms(child)


def _symbol(element: Element) -> str:
    """The letter a symbol shows; pictures of the symbol fonts show no letters."""
    font = (element.get(tag("w:font")) or "").casefold()
    try:
        code = int(element.get(tag("w:char")) or "", 16)
    except ValueError:
        return "\ufffc"
    if font.startswith(("wingdings", "webdings", "symbol")) or not 0x20 <= code <= 0xFFFD:
        return "\ufffc"
    return chr(code - 0xF000 if 0xF020 <= code <= 0xF0FF else code)
