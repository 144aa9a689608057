"""Collects the slots of a workbook, and afterwards makes formulas, names and tables agree with what was written.

Sheets are walked twice: once to collect what their cells say, once to write them, when all new names are known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import ClassVar, Final

from lxml import etree

from redaction.entities import Kind
from redaction.errors import RefusedError
from redaction.formats.ooxml import cleaning, comments, pivots
from redaction.formats.ooxml.cells import CellSlot, Changes, telling_number
from redaction.formats.ooxml.edges import Edge
from redaction.formats.ooxml.edges import slots as edge_slots
from redaction.formats.ooxml.formulas import Formula, TokenSlot, changed, is_cell_reference, said, shape
from redaction.formats.ooxml.names import tag, tags
from redaction.formats.ooxml.package import Package, Part
from redaction.formats.ooxml.rows import (
    Cell,
    Row,
    cell_xml,
    formula_xml,
    inline_xml,
    is_plain,
    neighbour,
    row_start,
    value_xml,
)
from redaction.formats.ooxml.sheets import SheetBody, clean_strings
from redaction.formats.ooxml.slots import AttributeSlot, RunSlot, spliced
from redaction.formats.ooxml.text import Collector, text_atoms
from redaction.formats.ooxml.tree import Element, load, remove

_SHEET_DATA: Final = tag("x:sheetData")
_TEXT: Final = tag("x:t")
_FORMULAS: Final = tags(
    "x:f x:formula x:formula1 x:formula2 x:calculatedColumnFormula x:totalsRowFormula x:definedName c:f"
)
_REFERENCES: Final = {tag("x:hyperlink"): "location", tag("xdr:sp"): "textlink"}
_EDGES: Final = tags("x:oddHeader x:oddFooter x:evenHeader x:evenFooter x:firstHeader x:firstFooter")
_RULES: Final = tags("x:cfRule x:dataValidation")
_WORDY: Final = {tag("x:cfRule"): "text", tag("x:sortCondition"): "customList"}  # words that look like machine text
_CONTAINERS: Final = tags("x:conditionalFormatting x:dataValidations x:definedNames")
_NAMED: Final = tags("x:definedName x:table")
_TRUE: Final = ("1", "true")
_NO_REFERENCE: Final = "#REF!"
_SHAPES: Final = 4096  # formulas whose shape is remembered
_DEPTH: Final = 256


@dataclass(frozen=True)
class _Heading:
    """A column of a table and the cell that shows its name; Excel insists that they agree."""

    table: Element
    column: Element
    old_name: str
    anchor: str  # of the cell; empty when there is none
    shared: int | None
    old_text: str


class WorkbookCollector(Collector):
    """Sheet by sheet, cell by cell, with the header of the column as a hint."""

    attribute_carriers: ClassVar[Mapping[str, str]] = {"X2": "X8", "X8": "X8", "X3": "X3", "X6": "X6"}

    def collect_package(self, package: Package) -> None:
        self._formulas: list[Formula] = []
        self._headings: list[_Heading] = []
        self._cells = 0
        self._changes: Changes = {}
        self._forced: dict[str, str] = {}  # anchor of a cell → the text it must show, whatever it held
        self._renamed: tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]] = ({}, {}, {})
        self._shapes: dict[str, bool] = {}
        self._sheets = {sheet: sheet.get("name", "") for sheet in package.main.root.iter(tag("x:sheet"))}
        self._known_sheets = frozenset(name.casefold() for name in self._sheets.values())
        for part in package.parts:
            if part.root is not None:
                self._freeze(part)
        self._names = {name: name.get("name", "") for name in package.main.root.iter(tag("x:definedName"))}
        for part in package.parts:
            if part.rule.carrier == "X8":
                part.root.set("name", part.root.attrib.pop("displayName", ""))  # formulas use this one
                self._names[part.root] = part.root.get("name", "")
        self._known_names = frozenset(name.casefold() for name in self._names.values())
        self._strings = [
            item for part in package.parts if part.rule.carrier == "X1" for item in part.root.iterchildren(tag("x:si"))
        ]
        comments.add_boxes(package)
        self._texts: list[str | None] = [None] * len(self._strings)
        self._used = bytearray(len(self._strings))
        self._pivots = [part for part in package.parts if part.rule.carrier == "X6"]
        super().collect_package(package)
        self._blank_unused_strings()

    def elements(self, part: Part) -> Iterator[Element]:
        """Cells and shared strings are read their own way; everything else one by one."""
        if part.rule.carrier == "X1":
            return
        if part.rule.carrier == "X6":
            for slot in pivots.slots(part, "X6"):
                self.add(slot)
            return
        for child in part.root:
            if child.tag == _SHEET_DATA:
                if isinstance(part.body, SheetBody):
                    self._sheet_data(part, part.body)
            else:
                yield from list(child.iter())
        yield part.root

    # Cells

    def _sheet_data(self, part: Part, body: SheetBody) -> None:
        headers: dict[str, dict[str, str]] = {}  # letter of a column → the hint its cells get
        none: dict[str, str] = {}
        headings = self._heading_cells(part)
        for row in body.rows:
            if row.hidden:
                self._hidden_place()
            self._cells += len(row.cells)
            if self._cells > self.limits.cells:
                raise RefusedError("limit", "cells")
            texts = [self._text_of(cell) for cell in row.cells]
            is_header = len(texts) > 1 and len(texts) - texts.count("") > 1
            for cell, text in zip(row.cells, texts, strict=True):
                hints = headers.get(cell.column, none)
                if headings and cell.reference in headings:
                    shared = self._index(cell) if cell.kind == "s" else None
                    place = f"{part.label}!{cell.anchor}"
                    self._headings.append(_Heading(*headings.pop(cell.reference), place, shared, text))
                self._cell(part, body, cell, text, hints)
                if is_header and text and hints is none:
                    headers[cell.column] = {"column": text}
        self._headings += [_Heading(*rest, "", None, "") for rest in headings.values()]
        body.write = partial(self._written_rows, part, body)

    def _hidden_place(self) -> None:
        """Rows, columns and values that nobody sees are read and written like all others; a person should know."""
        self.seen["X4"] += 1
        self.notices["hidden-content"] = None

    def _text_of(self, cell: Cell) -> str:
        kind = cell.kind
        if kind == "n":
            return ""
        if kind == "s":
            index = self._index(cell)
            return "" if index is None else self._string_text(index)
        if kind == "inlineStr":
            return "" if cell.inline is None else _inline_text(cell.inline)
        return cell.value if kind == "str" else ""

    def _index(self, cell: Cell) -> int | None:
        value = cell.value
        index = int(value) if value.isascii() and value.isdigit() and len(value) < 9 else -1
        return index if 0 <= index < len(self._strings) else None

    def _string_text(self, index: int) -> str:
        text = self._texts[index]
        if text is None:
            text = self._texts[index] = _joined(self._strings[index])
        return text

    def _cell(self, part: Part, body: SheetBody, cell: Cell, text: str, hints: Mapping[str, str]) -> None:
        kind = cell.kind
        if cell.formula is not None:
            self._cell_formula(part, body, cell)
        if kind == "n":
            header = hints.get("column", "")
            if cell.formula is None and cell.value and (digits := telling_number(cell.value, header)):
                self._add_cell(part, cell, digits, "X2", hints)
        elif kind == "s":
            index = self._index(cell)
            if index is not None and not self._used[index]:  # a shared string is one segment, at its first cell
                self._used[index] = True
                self._string_item(self._strings[index], f"{part.label}!{cell.anchor}", "X1", hints)
        elif kind == "inlineStr":
            if cell.inline is not None and is_plain(cell.inline):
                self._add_cell(part, cell, text, "X2", hints)
            elif cell.inline is not None:
                self._string_item(_cleaned(cell.inline), f"{part.label}!{cell.anchor}", "X2", hints, self._changes)
        elif kind in ("str", "d"):
            self._add_cell(part, cell, cell.value, "X2", hints)

    def _add_cell(self, part: Part, cell: Cell, text: str, carrier: str, hints: Mapping[str, str]) -> None:
        self.add(CellSlot(f"{part.label}!{cell.anchor}", text, carrier, Kind.CELL, hints, self._changes))

    def _string_item(
        self, item: Element, anchor: str, carrier: str, hints: Mapping[str, str], changes: Changes | None = None
    ) -> None:
        """A string joined over its runs, then what it sounds like. With ``changes`` it is written later."""
        for place, line in _lines(item, anchor):
            atoms = list(text_atoms(line))
            text = "".join(atom.text for atom in atoms)
            said_of = hints if line is item else {}
            if changes is None:
                self.add(RunSlot(place, text, carrier, Kind.CELL, said_of, atoms))
            else:
                self.add(CellSlot(place, text, carrier, Kind.CELL, said_of, changes))

    def _blank_unused_strings(self) -> None:
        """Strings no cell shows stay in place, since cells count them, but say nothing."""
        for index, item in enumerate(self._strings):
            if not self._used[index]:
                texts = [element for element in item.iter(_TEXT) if element.text]
                self.dropped["X1"] += bool(texts)
                for element in texts:
                    element.text = None

    def _cell_formula(self, part: Part, body: SheetBody, cell: Cell) -> None:
        element = cell.formula
        text = element.text or "" if element is not None else ""
        if not text or not self._worth_reading(text):
            return
        formula = Formula(text, _nowhere)
        if formula.leads_away(self._known_sheets):
            self.dropped["X7"] += 1
            if element is not None and element.get("t") == "shared":
                body.away.add(element.get("si", ""))
            return
        for end, token in formula.readable(self._known_names):
            place = f"{part.label}!{cell.anchor}/f{end}"
            kind = Kind.LABEL if token.kind == "literal" else Kind.NAME
            self.add(CellSlot(place, said(token), "X3", kind, {}, self._changes))

    def _worth_reading(self, text: str) -> bool:
        """Whether a formula may say something or lead away. Formulas of one shape are alike in that."""
        form = shape(text)
        known = self._shapes.get(form)
        if known is None:
            known = self._shapes[form] = Formula(form, _nowhere).telling()
            if len(self._shapes) > _SHAPES:
                self._shapes.clear()
        return known

    # Writing cells

    def _written_rows(self, part: Part, body: SheetBody) -> Iterator[str]:
        renamed = any(self._renamed)
        for row in body.rows:
            yield self._written_row(part, body, row, renamed)

    def _written_row(self, part: Part, body: SheetBody, row: Row, renamed: bool) -> str:
        if body.values_only:
            row.attributes = ""
            for cell in row.cells:
                cell.style, cell.formula = "", None
        pieces = [row_start(row)]
        pieces += [self._written_cell(part, body, cell, renamed) for cell in row.cells]
        pieces.append("</row>")
        return "".join(pieces)

    def _written_cell(self, part: Part, body: SheetBody, cell: Cell, renamed: bool) -> str:
        kind, value = cell.kind, cell.value
        if cell.formula is None and kind == "n" and not self._changes and not self._forced:
            return cell_xml(cell, "n", value_xml(value))
        anchor = f"{part.label}!{cell.anchor}"
        if anchor in self._forced:
            return cell_xml(cell, "inlineStr", inline_xml(self._forced[anchor]))
        formula = self._written_formula(body, cell, anchor, renamed) if cell.formula is not None else ""
        replacements = self._changes.get(anchor)
        if kind == "s":
            return cell_xml(cell, "s", formula + value_xml(value) if self._index(cell) is not None else formula)
        if kind == "inlineStr":
            return cell_xml(cell, kind, formula + self._written_inline(cell, anchor))
        if replacements is None:
            if kind == "str" and not formula:
                return cell_xml(cell, "inlineStr", inline_xml(value) if value else "")
            return cell_xml(cell, kind, formula + value_xml(value))
        if kind == "str":
            text = spliced(value, replacements)
            if formula:
                return cell_xml(cell, "str", formula + value_xml(text))
        else:
            text = spliced(value if kind == "d" else telling_number(value, "id"), replacements)
        return cell_xml(cell, "inlineStr", inline_xml(text))

    def _written_inline(self, cell: Cell, anchor: str) -> str:
        if cell.inline is None:
            return ""
        if is_plain(cell.inline):
            return inline_xml(spliced(_inline_text(cell.inline), self._changes.get(anchor, ())))
        item = _cleaned(cell.inline)
        for place, line in _lines(item, anchor):
            if place in self._changes:
                atoms = list(text_atoms(line))
                text = "".join(atom.text for atom in atoms)
                RunSlot(place, text, "X2", Kind.CELL, {}, atoms).write(self._changes[place])
        written: str = etree.tostring(item, encoding="unicode")
        return written

    def _written_formula(self, body: SheetBody, cell: Cell, anchor: str, renamed: bool) -> str:
        element = cell.formula
        text = element.text or "" if element is not None else ""
        if element is None or (element.get("t") == "shared" and element.get("si", "") in body.away):
            return ""
        if text and self._worth_reading(text):
            formula = Formula(text, _nowhere)
            if formula.leads_away(self._known_sheets):
                return ""
            for end, token in formula.readable(self._known_names):
                replacements = self._changes.get(f"{anchor}/f{end}")
                if replacements:
                    token.text = changed(token, spliced(said(token), replacements))
            if renamed:
                formula.rename(*self._renamed)
            text = formula.text()
        return formula_xml(element, text)

    # Formulas and edges of pages

    def _formula(self, part: Part, text: str, put: Callable[[str], None], anchor: str) -> None:
        formula = Formula(text, put)
        self._formulas.append(formula)
        carrier = part.rule.carrier if part.rule.carrier in ("O6", "X8") else "X3"
        for end, token in formula.readable(self._known_names):
            kind = Kind.LABEL if token.kind == "literal" else Kind.NAME
            self.add(TokenSlot(f"{anchor}{end}", said(token), carrier, kind, {}, formula, token))

    def _leads_away(self, text: str | None) -> bool:
        return bool(text) and Formula(text or "", _nowhere).leads_away(self._known_sheets)

    def _freeze(self, part: Part) -> None:
        """Formulas that lead to other workbooks or dropped sheets go; the values they had stay."""
        for element in [element for element in part.root.iter(*_FORMULAS) if self._leads_away(element.text)]:
            self.dropped["X7"] += 1
            self._drop_formula(element)
        for name, attribute in _REFERENCES.items():
            for element in part.root.iter(name):
                if self._leads_away(element.get(attribute)):
                    self.dropped["X7"] += 1
                    del element.attrib[attribute]

    @staticmethod
    def _drop_formula(element: Element) -> None:
        """Remove a formula, with the rule that stands on it."""
        rule = next(element.iterancestors(*_RULES), None)
        if element.tag == tag("c:f"):
            element.text = _NO_REFERENCE
            return
        dropped = element if rule is None else rule
        parent = dropped.getparent()
        remove(dropped)
        if parent is not None and parent.tag in _CONTAINERS:
            if not len(parent):
                remove(parent)
            elif "count" in parent.attrib:
                parent.set("count", str(len(parent)))

    def text(self, part: Part, element: Element) -> None:
        if element.tag in _FORMULAS:
            anchor = self.anchor(part, "f") + "/"
            self._formula(part, element.text, partial(setattr, element, "text"), anchor)
        elif element.tag in _EDGES:
            edge = Edge(element.text, partial(setattr, element, "text"))
            place = "footer" if element.tag.endswith("Footer") else "header"
            for slot in edge_slots(edge, partial(self.anchor, part, "h"), place):
                self.add(slot)
        else:
            super().text(part, element)

    def attributes(self, part: Part, element: Element) -> None:
        if element.tag == tag("x:sheet"):
            anchor = f"sheet{list(self._sheets).index(element) + 1}/name"
            self.add(AttributeSlot(anchor, element.get("name", ""), "X10", Kind.NAME, {}, element, "name"))
            return
        reference = _REFERENCES.get(element.tag)
        if reference is not None and element.get(reference):
            anchor = self.anchor(part, "f") + "/"
            self._formula(part, element.get(reference), partial(element.set, reference), anchor)
        if element.tag == tag("x:col") and element.get("hidden") in _TRUE:
            self._hidden_place()
        if ";;;" in element.get("formatCode", ""):  # shows nothing of what a cell holds
            self._hidden_place()
        name = _WORDY.get(element.tag, "")
        if name and element.get(name):
            self.add(AttributeSlot(self.anchor(part, "a"), element.get(name), "X8", Kind.LABEL, {}, element, name))
        before = len(self.slots)
        super().attributes(part, element)
        if element.tag in _NAMED:
            for slot in self.slots[before:]:
                if isinstance(slot, AttributeSlot) and slot.name == "name":
                    slot.kind = Kind.NAME

    # Tables

    def _heading_cells(self, part: Part) -> dict[str, tuple[Element, Element, str]]:
        """The cells of a sheet that show the name of a column of a table: table, column and that name."""
        cells: dict[str, tuple[Element, Element, str]] = {}
        for link in part.relationships:
            if link.part is None or link.part.rule.carrier != "X8":
                continue
            table = link.part.root
            headless = table.get("headerRowCount", "1") == "0"
            for offset, column in enumerate(table.iter(tag("x:tableColumn"))):
                reference = "" if headless else neighbour(table.get("ref", ""), offset)
                # A column without a heading has no cell to agree with, but its formulas follow it too.
                cells[reference or f"{link.part.label}/{offset}"] = (table, column, column.get("name", ""))
        return cells

    # After writing

    def finish(self) -> None:
        """Make names of sheets, ranges, tables and columns legal and unique, and formulas follow them."""
        super().finish()
        sheets = _settled(self._sheets, sheet_name)
        names = _settled(self._names, defined_name)
        for element in self._names:
            if element.tag == tag("x:table"):
                element.set("displayName", element.get("name"))
        self._renamed = (sheets, names, self._settled_columns())
        for part in self._pivots:
            pivots.settle(part.root, sheets, names)
        if any(self._renamed):
            for formula in self._formulas:
                formula.rename(*self._renamed)
                formula.store()

    def _settled_columns(self) -> dict[str, str]:
        """Give each column of a table the text of its heading, and the heading the text of its column."""
        taken: set[tuple[Element, str]] = set()
        renamed: dict[str, str] = {}
        for heading in self._headings:
            text = self._heading_text(heading)
            name = heading.old_name if text == heading.old_text else text
            unique = name
            for number in count(2):
                if (heading.table, unique.casefold()) not in taken:
                    break
                unique = f"{name} {number}"
            taken.add((heading.table, unique.casefold()))
            heading.column.set("name", unique)
            if unique != name and heading.anchor:
                self._forced[heading.anchor] = unique
            if unique != heading.old_name:
                renamed[heading.old_name.casefold()] = unique
        return renamed

    def _heading_text(self, heading: _Heading) -> str:
        """What the cell of a heading shows now."""
        if heading.shared is not None:
            return _joined(self._strings[heading.shared])
        if not heading.anchor:
            return str(heading.column.get("name", ""))
        return spliced(heading.old_text, self._changes.get(heading.anchor, ()))


def _settled(elements: Mapping[Element, str], legal: Callable[[str], str]) -> dict[str, str]:
    """Make changed names legal and unique; return old name (in lower case) → new name."""
    renamed: dict[str, str] = {}
    taken = {old.casefold() for element, old in elements.items() if element.get("name") == old}
    for element, old in elements.items():
        if element.get("name") == old:
            continue
        if old.casefold() not in renamed:
            name = legal(element.get("name") or "")
            unique = name
            for number in count(2):
                if unique.casefold() not in taken:
                    break
                unique = f"{name[:27]}_{number}"
            taken.add(unique.casefold())
            renamed[old.casefold()] = unique
        element.set("name", renamed[old.casefold()])
    return renamed


def sheet_name(text: str) -> str:
    """A name Excel takes for a sheet: 31 characters, none of ``[]:*?/\\``, no apostrophe at an end."""
    return re.sub(r"[\[\]:*?/\\]", "", text).strip("' ")[:31] or "Sheet"


def defined_name(text: str) -> str:
    """A name Excel takes for a range or a table: letters, digits, points and underscores, no cell reference."""
    plain = re.sub(r"[^\w.]", "_", text).strip("_")[:250]
    return plain if re.match(r"[^\W\d]", plain) and not is_cell_reference(plain) else "_" + plain


def _joined(item: Element) -> str:
    return "".join(atom.text for atom in text_atoms(item))


def _nowhere(_: str) -> None:
    """Where a formula that is only looked at is written to."""


def _inline_text(item: Element) -> str:
    """The text of a string in a cell, as it stands in the file."""
    return item[0].text or "" if is_plain(item) else _joined(_cleaned(item))


def _cleaned(item: Element) -> Element:
    """A string in a cell with runs, read like a part of its own."""
    root = load(etree.tostring(item, with_tail=False), _DEPTH)
    cleaning.clean(root)
    clean_strings(root)
    return root


def _lines(item: Element, anchor: str) -> Iterator[tuple[str, Element]]:
    """The string itself, then what it sounds like, each with its anchor."""
    yield anchor, item
    for ordinal, phonetic in enumerate(item.iterchildren(tag("x:rPh")), 1):
        yield f"{anchor}/r{ordinal}", phonetic
