"""Cells: text in three spellings, and numbers that are really ids or telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from lxml import etree

from redaction.entities import Replacement
from redaction.formats.ooxml.names import tag
from redaction.formats.ooxml.slots import Slot, set_text, spliced
from redaction.formats.ooxml.tree import Element

VALUE: Final = tag("x:v")
FORMULA: Final = tag("x:f")
INLINE: Final = tag("x:is")
TEXT: Final = tag("x:t")
_POSITION: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_MANY_DIGITS: Final = 7
_ID_COLUMN: Final = re.compile(
    r"\b(?:id|no|nr|num|number|phone|tel|telephone|mobile|cell|fax|ssn|sin|nino|iban|account|acct|employee|staff|"
    r"personnel|passport|licen[cs]e|tax|vat|customer|client|patient|case|ticket|zip|postcode|postal|pin|badge|born|"
    r"birth|dob)\b",
    re.IGNORECASE,
)


class Cell:
    """A cell and where it stands: ``column`` is its letter, ``kind`` how its value is stored."""

    __slots__ = ("column", "element", "formula", "inline", "kind", "row", "stored", "value")

    def __init__(self, element: Element, column: str, row: int) -> None:
        self.element = element
        self.column = column
        self.row = row
        self.kind: str = element.get("t", "n")
        self.stored: Element | None = None
        self.formula: Element | None = None
        self.inline: Element | None = None
        for child in element:
            if child.tag == VALUE:
                self.stored = child
            elif child.tag == FORMULA:
                self.formula = child
            elif child.tag == INLINE:
                self.inline = child
        self.value: str = "" if self.stored is None else self.stored.text or ""

    @property
    def reference(self) -> str:
        return f"{self.column}{self.row}"


def rows(sheet_data: Element) -> Iterator[list[Cell]]:
    """The cells of each row in order. References may be missing; then a cell follows its neighbour."""
    row_number = 0
    for row in sheet_data:
        declared = row.get("r", "")
        row_number = int(declared) if declared.isdigit() else row_number + 1
        cells: list[Cell] = []
        column = 0
        for element in row.iterchildren(tag("x:c")):
            found = _POSITION.fullmatch(element.get("r", ""))
            column = _number(found[1]) if found else column + 1
            cells.append(Cell(element, _letters(column), row_number))
        yield cells


@lru_cache(maxsize=16384)
def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


@lru_cache(maxsize=16384)
def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def neighbour(reference: str, offset: int) -> str:
    """The cell ``offset`` columns to the right of the first cell of a range."""
    found = _POSITION.match(reference.replace("$", ""))
    return f"{_letters(_number(found[1]) + offset)}{found[2]}" if found else ""


def telling_number(value: str, header: str) -> str:
    """The digits of a number that looks like an id or a telephone number, else an empty string.

    An amount stays a number: only whole numbers count, of seven digits and more, or of three under a telling header.
    """
    try:
        number = Decimal(value.strip())
        whole = number == number.to_integral_value() and abs(number) < Decimal(10) ** 20
    except (InvalidOperation, ValueError):
        return ""
    digits = f"{number:.0f}" if whole else ""
    enough = 3 if _ID_COLUMN.search(header) else _MANY_DIGITS
    return digits if len(digits.lstrip("-")) >= enough else ""


def make_text(cell: Element, text: str) -> None:
    """Turn a cell into one that holds ``text`` itself, keeping its looks."""
    for name in (VALUE, INLINE, FORMULA):
        for child in cell.findall(name):
            cell.remove(child)
    cell.set("t", "inlineStr")
    inline = etree.SubElement(cell, INLINE)
    set_text(etree.SubElement(inline, TEXT), text)


@dataclass(eq=False)
class ValueSlot(Slot):
    """A number or a date of a cell. Once something in it is replaced it can be text only."""

    element: Element = None

    def write(self, replacements: Sequence[Replacement]) -> None:
        make_text(self.element, spliced(self.text, replacements))
