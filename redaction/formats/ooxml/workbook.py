"""Collects the slots of a workbook, and afterwards makes formulas, names and tables agree with what was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import ClassVar, Final

from redaction.entities import Kind
from redaction.errors import RefusedError
from redaction.formats.ooxml.cells import (
    FORMULA,
    TEXT,
    Cell,
    ValueSlot,
    make_text,
    neighbour,
    rows,
    telling_number,
)
from redaction.formats.ooxml.formulas import Formula, LiteralSlot, is_cell_reference, literal_text
from redaction.formats.ooxml.names import tag, tags
from redaction.formats.ooxml.package import Package, Part
from redaction.formats.ooxml.slots import AttributeSlot, Pieces, PieceSlot, RunSlot, TextSlot
from redaction.formats.ooxml.text import Collector, text_atoms
from redaction.formats.ooxml.tree import Element, attribute_names, remove

_SHEET_DATA: Final = tag("x:sheetData")
_FORMULAS: Final = tags(
    "x:f x:formula x:formula1 x:formula2 x:calculatedColumnFormula x:totalsRowFormula x:definedName c:f"
)
_REFERENCES: Final = {tag("x:hyperlink"): "location", tag("xdr:sp"): "textlink"}
_EDGES: Final = tags("x:oddHeader x:oddFooter x:evenHeader x:evenFooter x:firstHeader x:firstFooter")
_EDGE_CODE: Final = re.compile(r'(&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d+|.))', re.DOTALL)
_RULES: Final = tags("x:cfRule x:dataValidation")
_CONTAINERS: Final = tags("x:conditionalFormatting x:dataValidations x:definedNames")
_METADATA: Final = ("cm", "vm", "ph")  # cells point with these at parts that are dropped
_TRUE: Final = ("1", "true")
_NO_REFERENCE: Final = "#REF!"


@dataclass(frozen=True)
class _Heading:
    """A column of a table and the cell that shows its name; Excel insists that they agree."""

    table: Element
    column: Element
    cell: Element
    old_name: str
    old_text: str


class WorkbookCollector(Collector):
    """Sheet by sheet, cell by cell, with the header of the column as a hint."""

    attribute_carriers: ClassVar[Mapping[str, str]] = {"X2": "X8", "X8": "X8", "X3": "X3"}

    def collect_package(self, package: Package) -> None:
        self._formulas: list[Formula] = []
        self._headings: list[_Heading] = []
        self._cells = 0
        self._owners = [part for part in package.parts if part.rule.carrier == "X2"]
        self._sheets = {sheet: sheet.get("name", "") for sheet in package.main.root.iter(tag("x:sheet"))}
        self._known_sheets = frozenset(name.casefold() for name in self._sheets.values())
        for part in package.parts:
            if part.root is not None:
                self._freeze(part)
        self._names = {name: name.get("name", "") for name in package.main.root.iter(tag("x:definedName"))}
        for part in package.parts:
            if part.rule.carrier == "X8":
                part.root.set("name", part.root.get("displayName", ""))  # formulas use this one
                self._names[part.root] = part.root.get("name", "")
        self._strings = [
            item for part in package.parts if part.rule.carrier == "X1" for item in part.root.iterchildren(tag("x:si"))
        ]
        self._used: set[int] = set()
        super().collect_package(package)
        self._blank_unused_strings()

    def elements(self, part: Part) -> Iterator[Element]:
        """Cells and shared strings are read their own way; everything else one by one."""
        if part.rule.carrier == "X1":
            return
        for child in part.root:
            if child.tag == _SHEET_DATA:
                self._sheet_data(part, child)
            else:
                yield from list(child.iter())
        if part.rule.carrier == "X8":
            self._headings += self._table_headings(part)
        yield part.root

    # Cells

    def _sheet_data(self, part: Part, sheet_data: Element) -> None:
        headers: dict[str, str] = {}
        hidden = sum(row.get("hidden") in _TRUE for row in sheet_data)
        if hidden:
            self.seen["X4"] += hidden
        for cells in rows(sheet_data):
            self._cells += len(cells)
            if self._cells > self.limits.cells:
                raise RefusedError("limit", "cells")
            texts = {cell.column: self._text_of(cell) for cell in cells}
            is_header = sum(bool(text) for text in texts.values()) > 1
            for cell in cells:
                self._cell(part, cell, headers.get(cell.column, ""))
                if is_header and texts[cell.column]:
                    headers.setdefault(cell.column, texts[cell.column])

    def _text_of(self, cell: Cell) -> str:
        if cell.kind == "s":
            item = self._string(cell)
            return "" if item is None else _joined(item)
        if cell.kind == "inlineStr":
            return "" if cell.inline is None else _joined(cell.inline)
        return cell.value if cell.kind == "str" else ""

    def _string(self, cell: Cell) -> Element | None:
        index = cell.value.strip()
        return self._strings[int(index)] if index.isdigit() and int(index) < len(self._strings) else None

    def _cell(self, part: Part, cell: Cell, header: str) -> None:
        for name in attribute_names(cell.element):
            if name in _METADATA:
                del cell.element.attrib[name]
        anchor = f"{part.label}!{cell.reference}"
        hints = {"column": header} if header else {}
        if cell.formula is not None and cell.formula.text:
            self._formula(part, cell.formula.text, partial(setattr, cell.formula, "text"), f"{anchor}/f")
        if cell.kind == "s":
            self._shared(cell, anchor, hints)
        elif cell.kind == "inlineStr":
            if cell.inline is not None:
                self._string_item(cell.inline, anchor, "X2", hints)
        elif cell.kind == "str" and cell.stored is not None:
            self.add(TextSlot(anchor, cell.value, "X2", Kind.CELL, hints, cell.stored))
        elif cell.kind == "d":
            self.add(ValueSlot(anchor, cell.value, "X2", Kind.CELL, hints, cell.element))
        elif cell.kind == "n" and cell.value and cell.formula is None:
            self.add(ValueSlot(anchor, telling_number(cell.value, header), "X2", Kind.CELL, hints, cell.element))

    def _shared(self, cell: Cell, anchor: str, hints: Mapping[str, str]) -> None:
        """A shared string is one segment, at the first cell that shows it."""
        item = self._string(cell)
        if item is not None and int(cell.value) not in self._used:
            self._used.add(int(cell.value))
            self._string_item(item, anchor, "X1", hints)

    def _string_item(self, item: Element, anchor: str, carrier: str, hints: Mapping[str, str]) -> None:
        """A string joined over its runs, then what it sounds like."""
        atoms = list(text_atoms(item))
        self.add(RunSlot(anchor, "".join(atom.text for atom in atoms), carrier, Kind.CELL, hints, atoms))
        for ordinal, phonetic in enumerate(item.iterchildren(tag("x:rPh")), 1):
            atoms = list(text_atoms(phonetic))
            self.add(RunSlot(f"{anchor}/r{ordinal}", _joined(phonetic), carrier, Kind.CELL, {}, atoms))

    def _blank_unused_strings(self) -> None:
        """Strings no cell shows stay in place, since cells count them, but say nothing."""
        for index, item in enumerate(self._strings):
            if index not in self._used:
                texts = [element for element in item.iter(TEXT) if element.text]
                self.dropped["X1"] += bool(texts)
                for element in texts:
                    element.text = ""

    # Formulas and edges of pages

    def _formula(self, part: Part, text: str, put: Callable[[str], None], anchor: str) -> None:
        formula = Formula(text, put)
        self._formulas.append(formula)
        carrier = part.rule.carrier if part.rule.carrier in ("O6", "X8") else "X3"
        for ordinal, token in enumerate(formula.literals(), 1):
            said = literal_text(token)
            self.add(LiteralSlot(f"{anchor}{ordinal}", said, carrier, Kind.LABEL, {}, formula, token))

    def _leads_away(self, text: str | None) -> bool:
        return bool(text) and Formula(text or "", _nowhere).leads_away(self._known_sheets)

    def _freeze(self, part: Part) -> None:
        """Formulas that lead to other workbooks or dropped sheets go; the values they had stay."""
        away = [element for element in part.root.iter(*_FORMULAS) if self._leads_away(element.text)]
        groups = {element.get("si") for element in away if element.get("t") == "shared"}
        if groups:
            shared = [element for element in part.root.iter(FORMULA) if element.get("si") in groups]
            away = list(dict.fromkeys([*away, *shared]))
        for element in away:
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
            pieces = Pieces(_EDGE_CODE.split(element.text), partial(setattr, element, "text"))
            for index in range(0, len(pieces.parts), 2):
                said = pieces.parts[index]
                self.add(PieceSlot(self.anchor(part, "h"), said, "X9", Kind.LABEL, {}, pieces, index, _edge_text))
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
            self.seen["X4"] += 1
        super().attributes(part, element)

    # Tables

    def _table_headings(self, part: Part) -> list[_Heading]:
        owner = next((sheet for sheet in self._owners if any(link.part is part for link in sheet.relationships)), None)
        if owner is None or part.root.get("headerRowCount", "1") == "0":
            return []
        columns = {
            neighbour(part.root.get("ref", ""), offset): column
            for offset, column in enumerate(part.root.iter(tag("x:tableColumn")))
        }
        return [
            _Heading(part.root, column, cell.element, column.get("name", ""), self._text_of(cell))
            for sheet_data in owner.root.iter(_SHEET_DATA)
            for cells in rows(sheet_data)
            for cell in cells
            if (column := columns.get(cell.reference)) is not None
        ]

    # After writing

    def finish(self) -> None:
        """Make names of sheets, ranges, tables and columns legal and unique, and formulas follow them."""
        sheets = _settled(self._sheets, sheet_name)
        names = _settled(self._names, defined_name)
        for element in self._names:
            if "displayName" in element.attrib:
                element.set("displayName", element.get("name"))
        columns = self._settled_columns()
        if not (sheets or names or columns):
            return
        for formula in self._formulas:
            formula.rename(sheets, names, columns)
            formula.store()

    def _settled_columns(self) -> dict[str, str]:
        """Give each column of a table the text of its heading, and the heading the text of its column."""
        taken: set[tuple[Element, str]] = set()
        renamed: dict[str, str] = {}
        for heading in self._headings:
            text = self._text_of(Cell(heading.cell, "", 0))
            name = heading.old_name if text == heading.old_text else text
            unique = name
            for number in count(2):
                if (heading.table, unique.casefold()) not in taken:
                    break
                unique = f"{name} {number}"
            taken.add((heading.table, unique.casefold()))
            heading.column.set("name", unique)
            if unique != name:
                make_text(heading.cell, unique)
            if unique != heading.old_name:
                renamed[heading.old_name.casefold()] = unique
        return renamed


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


def _edge_text(text: str) -> str:
    """An ampersand begins a code at the edge of a page; two are one."""
    return text.replace("&", "&&")


def _joined(item: Element) -> str:
    return "".join(atom.text for atom in text_atoms(item))


def _nowhere(_: str) -> None:
    """Where a formula that is only looked at is written to."""
