"""The simpler form: a new document or deck of our own that holds the lines of text and nothing else.

It is written when the form that keeps the layout did not pass its second look. Headings, tables and the order of slides
stay; pictures, charts, embedded files, styles, links and everything a reader does not read as a line are left out.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final
from xml.sax.saxutils import escape

from redaction.entities import Replacement
from redaction.formats.ooxml import skeletons
from redaction.formats.ooxml.names import tag
from redaction.formats.ooxml.package import Package, Part, Relationship
from redaction.formats.ooxml.parts import DOCX_MAIN, DOCX_RULES, PPTX_MAIN, PPTX_RULES, PartRule
from redaction.formats.ooxml.slots import RunSlot, Slot, spliced
from redaction.formats.ooxml.tree import Element, parse

_DEPTH: Final = 256
_HEADING: Final = re.compile(r"Heading([1-3])|Title")
# Prompts of templates: nobody reads them as text of a deck.
_FURNITURE: Final = ("slideMaster", "slideLayout", "notesMaster", "handoutMaster")

Line = tuple[RunSlot, str]


def lines(slots: Sequence[Slot], replacements: Mapping[str, Sequence[Replacement]]) -> list[Line]:
    """The lines of text as they are written, each once: fallbacks say the same a second time."""
    return [
        (slot, spliced(slot.text, replacements.get(slot.anchor, ())))
        for slot in slots
        if isinstance(slot, RunSlot) and "copy" not in slot.hints
    ]


def _part(rule: PartRule, xml: str, number: int = 1) -> Part:
    return Part(rule, rule.name.format(number), "", root=parse(xml.encode(), _DEPTH))


def _link(owner: Part, target: Part) -> str:
    new_id = f"rId{len(owner.relationships) + 1}"
    owner.relationships.append(Relationship(new_id, target.rule.relationship, target))
    return new_id


# Documents ----------------------------------------------------------------------------------------------------------


def document(said: Sequence[Line]) -> Package:
    """A document: header lines first, then the body with its tables, notes and what else there is."""
    order = sorted(said, key=lambda line: _rank(line[0]))
    blocks = "".join(_blocks(order))
    main = _part(DOCX_MAIN, skeletons.DOCUMENT.format(blocks))
    styles = _part(next(rule for rule in DOCX_RULES if rule.name == "word/styles.xml"), skeletons.STYLES)
    _link(main, styles)
    return Package(main, [main, styles], Counter())


def _rank(slot: RunSlot) -> int:
    place = slot.hints.get("place", "")
    return 0 if place == "header" else 3 if place == "footer" else 2 if "/" in slot.anchor else 1


def _ancestor(slot: RunSlot, name: str, *, outermost: bool = False) -> Element:
    found = list(slot.atoms[0].element.iterancestors(tag(name)))
    return (found[-1] if outermost else found[0]) if found else None


def _blocks(said: Iterable[Line]) -> Iterator[str]:
    for table, group in itertools.groupby(said, key=lambda line: _ancestor(line[0], "w:tbl", outermost=True)):
        if table is None:
            yield from (_paragraph(text, _style(slot)) for slot, text in group)
        else:
            yield _table(list(group))


def _style(slot: RunSlot) -> str:
    paragraph = _ancestor(slot, "w:p")
    style = None if paragraph is None else paragraph.find(f"{tag('w:pPr')}/{tag('w:pStyle')}")
    value = "" if style is None else style.get(tag("w:val"), "")
    return value if _HEADING.fullmatch(value) else ""


def _paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    pieces = re.split(r"([\t\n])", text)
    marks = {"\t": "<w:tab/>", "\n": "<w:br/>"}
    runs = "".join(marks.get(piece) or f'<w:t xml:space="preserve">{_clean(piece)}</w:t>' for piece in pieces if piece)
    return f"<w:p>{properties}<w:r>{runs}</w:r></w:p>"


def _table(said: Sequence[Line]) -> str:
    rows: list[list[list[str]]] = []
    row_before = cell_before = None
    for slot, text in said:
        row, cell = _ancestor(slot, "w:tr", outermost=True), _ancestor(slot, "w:tc", outermost=True)
        if row is not row_before or not rows:
            rows.append([])
        if cell is not cell_before or not rows[-1]:
            rows[-1].append([])
        rows[-1][-1].append(_paragraph(text))
        row_before, cell_before = row, cell
    width = max(len(row) for row in rows)
    empty = ["<w:p/>"]
    body = "".join(f"<w:tr>{_cells([*row, *[empty] * (width - len(row))])}</w:tr>" for row in rows)
    grid = '<w:gridCol w:w="1500"/>' * width
    properties = '<w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="0" w:type="auto"/></w:tblPr>'
    return f"<w:tbl>{properties}<w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl><w:p/>"


def _cells(cells: Sequence[Sequence[str]]) -> str:
    return "".join(f"<w:tc>{''.join(cell)}</w:tc>" for cell in cells)


def _clean(text: str) -> str:
    """Text that XML can hold, with signs for what it takes for markup."""
    return escape("".join(sign for sign in text if sign >= " "))


# Presentations ------------------------------------------------------------------------------------------------------


def deck(parts: Sequence[Part], said: Sequence[Line]) -> Package:
    """A deck: one slide for each of the old ones, with its lines and its notes; the rest on one more at the end."""
    by_part: dict[str, list[Line]] = {}
    for slot, text in said:
        by_part.setdefault(slot.anchor.partition("/")[0], []).append((slot, text))
    slides: list[list[Line]] = []
    for part in parts:
        if part.rule.carrier == "P1":
            own = by_part.pop(part.label, [])
            shown = [link.part for link in part.relationships if link.part is not None]
            for other in shown:
                own += [] if other.label.startswith(_FURNITURE) else by_part.pop(other.label, [])
            slides.append(own)
    rest = [line for label, group in by_part.items() for line in group if not label.startswith(_FURNITURE)]
    return _deck([*slides, rest] if rest else slides)


def _deck(slides: Sequence[Sequence[Line]]) -> Package:
    theme = _part(_rule("theme"), skeletons.THEME)
    master, layout = _part(_rule("slideMaster"), skeletons.MASTER), _part(_rule("slideLayout"), skeletons.LAYOUT)
    _link(master, layout)
    _link(master, theme)
    _link(layout, master)
    shown = [_part(_rule("slide"), _slide(said), number) for number, said in enumerate(slides, 1)]
    for slide in shown:
        _link(slide, layout)
    ids = "".join(f'<p:sldId id="{255 + number}" r:id="rId{number + 1}"/>' for number in range(1, len(shown) + 1))
    main = _part(PPTX_MAIN, skeletons.PRESENTATION.format(f"<p:sldIdLst>{ids}</p:sldIdLst>" if ids else ""))
    for target in (master, *shown):
        _link(main, target)
    return Package(main, [main, master, layout, theme, *shown], Counter())


def _rule(kind: str) -> PartRule:
    return next(rule for rule in PPTX_RULES if rule.relationship.endswith("/" + kind))


def _slide(said: Sequence[Line]) -> str:
    title = next((line for line in said if line[0].hints.get("place") == "title"), None)
    others = [text for line in said if line is not title for text in [line[1]]]
    head = "" if title is None else _text(title[1])
    return skeletons.SLIDE.format(head or "<a:p/>", "".join(_text(text) for text in others) or "<a:p/>")


def _text(text: str) -> str:
    return "".join(f"<a:p><a:r><a:t>{_clean(piece)}</a:t></a:r></a:p>" for piece in text.split("\n") if piece.strip())
