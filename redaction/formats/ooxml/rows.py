"""Rows of a sheet, one at a time: a workbook may have two million cells, and a tree of them all would not fit.

``split`` takes the rows out of a sheet; what is left, the shell, is small and treated like every other part. ``Rows``
reads them again as often as somebody walks over it, and ``joined`` puts newly written ones into the written shell.
Nothing of a row is copied: a row and a cell are written anew from the attributes listed here, each of which must look
as it should.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final
from xml.sax.saxutils import escape

from lxml import etree

from redaction.errors import RefusedError
from redaction.formats.ooxml.names import NAMESPACES
from redaction.formats.ooxml.tree import Element

_MAIN: Final = NAMESPACES["x"]
_STRICT: Final = "http://purl.oclc.org/ooxml/spreadsheetml/main"


def _both(name: str) -> tuple[str, str]:
    return f"{{{_MAIN}}}{name}", f"{{{_STRICT}}}{name}"


_ROW: Final = _both("row")
_DATA: Final = frozenset(_both("sheetData"))
_CELL: Final = frozenset(_both("c"))
_FORMULA: Final = frozenset(_both("f"))
_VALUE: Final = frozenset(_both("v"))
_INLINE: Final = frozenset(_both("is"))
_PLAIN_TEXT: Final = frozenset(_both("t"))
_POSITION: Final = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_SHELL_DATA: Final = re.compile(rb"<((?:\w+:)?)sheetData((?:\s[^<>]*?)?)(?:/>|></\1sheetData>)")
_PLAIN_START: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:<\?xml [^<>?]*encoding=[\"'](?:utf-8|us-ascii)[\"'][^<>?]*\?>|\s*<\w)", re.IGNORECASE
)
_DATA_START: Final = re.compile(rb"<((?:\w+:)?)sheetData>")
_DATA_END: Final = re.compile(rb"</((?:\w+:)?)sheetData>")

_FLAG: Final = re.compile(r"0|1|true|false")
_COUNT: Final = re.compile(r"[0-9]{1,7}")
_RANGE: Final = re.compile(r"\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?")
_ROW_ATTRIBUTES: Final[Mapping[str, re.Pattern[str]]] = {
    "spans": re.compile(r"\d{1,5}:\d{1,5}(?: \d{1,5}:\d{1,5})*"),
    "s": _COUNT,
    "customFormat": _FLAG,
    "ht": re.compile(r"\d{1,4}(?:\.\d{1,17})?"),
    "hidden": _FLAG,
    "customHeight": _FLAG,
    "outlineLevel": _COUNT,
    "collapsed": _FLAG,
    "thickTop": _FLAG,
    "thickBot": _FLAG,
}
_FORMULA_ATTRIBUTES: Final[Mapping[str, re.Pattern[str]]] = {
    "t": re.compile(r"array|dataTable|shared|normal"),
    "ref": _RANGE,
    "si": _COUNT,
    "aca": _FLAG,
    "ca": _FLAG,
    "bx": _FLAG,
    "dt2D": _FLAG,
    "dtr": _FLAG,
    "del1": _FLAG,
    "del2": _FLAG,
    "r1": _RANGE,
    "r2": _RANGE,
}
_SPECIAL: Final = re.compile(r"[&<>\r]")
_NUMBER: Final = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*", re.ASCII)
_ERROR: Final = re.compile(r"#(?:N/A|NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|GETTING_DATA|SPILL!|CALC!|FIELD!|BLOCKED!)")
_TEXT_KINDS: Final = frozenset({"s", "str", "d", "inlineStr"})


class Cell:
    """A cell: where it stands and what it holds. ``anchor`` is its place, told apart from another cell of that place.

    ``kind`` says how the value is stored; whatever does not look like its kind is taken as text, so it is read.
    """

    __slots__ = ("anchor", "column", "formula", "inline", "kind", "reference", "style", "value")

    def __init__(self, element: Element, column: str, reference: str, anchor: str) -> None:
        self.column = column
        self.reference = reference
        self.anchor = anchor
        self.formula: Element | None = None
        self.inline: Element | None = None
        value = ""
        for child in element:
            name = child.tag
            if name in _VALUE:
                value = child.text or ""
            elif name in _FORMULA:
                self.formula = child
            elif name in _INLINE:
                self.inline = child
        said = element.attrib
        self.value: str = value
        self.style: str = said.get("s", "")
        kind: str = said.get("t", "n")
        self.kind = kind if kind in _TEXT_KINDS else _checked(kind, value)


def _checked(kind: str, value: str) -> str:
    """The kind of a value that is no text, or ``str`` when it does not look like it."""
    if not value or (kind == "n" and _NUMBER.fullmatch(value)):
        return "n"
    if kind == "b":
        return kind if _FLAG.fullmatch(value) else "str"
    if kind == "e":
        return kind if _ERROR.fullmatch(value) else "str"
    return "str"


class Row:
    """One row: its attributes as they are written, whether it is hidden, and its cells."""

    __slots__ = ("attributes", "cells", "hidden", "number")

    def __init__(self, number: int, attributes: str, hidden: bool, cells: list[Cell]) -> None:
        self.number = number
        self.attributes = attributes
        self.hidden = hidden
        self.cells = cells


class Rows:
    """The rows of one sheet, read afresh by each walk."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __iter__(self) -> Iterator[Row]:
        last = 0
        for ordinal, element in enumerate(_row_elements(_reading(self._data)), 1):
            declared = element.get("r") or ""
            number = int(declared) if _COUNT.fullmatch(declared) else last + 1
            # Rows out of order may stand twice at one place; anchors must not.
            mark = "" if number > last else f"~{ordinal}"
            last = max(last, number)
            yield Row(number, _listed(element, _ROW_ATTRIBUTES), _hidden(element), _cells(element, number, mark))


def _hidden(element: Element) -> bool:
    return element.get("hidden") in ("1", "true")


def _cells(row: Element, number: int, mark: str) -> list[Cell]:
    """The cells in order. References may be missing; then a cell follows its neighbour."""
    cells: list[Cell] = []
    place = 0
    below = str(number)
    for element in row:
        if element.tag not in _CELL:
            continue
        letters = column_letters(place + 1)
        declared = element.get("r")
        if declared == letters + below:  # the usual case
            place += 1
            cells.append(Cell(element, letters, declared, declared + mark))
            continue
        found = _POSITION.fullmatch(declared or "")
        here = column_number(found[1]) if found else place + 1
        twice = f"~{len(cells)}" if here <= place else ""
        place = max(place, here)
        letters = column_letters(here)
        reference = letters + below
        cells.append(Cell(element, letters, reference, reference + twice + mark))
    return cells


@lru_cache(maxsize=32768)
def column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


@lru_cache(maxsize=32768)
def column_letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def neighbour(reference: str, offset: int) -> str:
    """The cell ``offset`` columns to the right of the first cell of a range."""
    found = _POSITION.match(reference)
    return f"{column_letters(column_number(found[1]) + offset)}{found[2]}" if found else ""


# Reading ------------------------------------------------------------------------------------------------------------


def _reading(data: bytes) -> Any:
    """A reader that stops after each row. The same bounds as for trees: no entities, no network, no DTD."""
    return etree.iterparse(
        io.BytesIO(data),
        events=("end",),
        tag=_ROW,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )


def _row_elements(reading: Any) -> Iterator[Element]:
    """Each row of a sheet's data, forgotten as soon as the next one is asked for."""
    try:
        for _, element in reading:
            parent = element.getparent()
            sheet = None if parent is None else parent.getparent()
            if sheet is None or parent.tag not in _DATA or sheet.getparent() is not None:
                continue  # the place of a control, say
            yield element
            element.clear(keep_tail=False)
            while element.getprevious() is not None:
                del parent[0]
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RefusedError("parse-failed", "xml") from error


def split(data: bytes) -> bytes:
    """A sheet without its rows.

    Raises:
        RefusedError: ``parse-failed`` for what is not well formed.
    """
    shell = _cut(data)
    if shell:
        return shell
    reading = _reading(data)
    for _ in _row_elements(reading):
        pass
    root = reading.root
    for child in root:
        if child.tag in _DATA:
            for row in list(child):
                child.remove(row)
            child.text = None
    return bytes(etree.tostring(root.getroottree(), encoding="UTF-8"))


def _cut(data: bytes) -> bytes:
    """The same by the bytes, where they leave no doubt: plain UTF-8 with one start and one end of the rows."""
    if b"\0" in data[:4] or b"<!" in data or not _PLAIN_START.match(data):
        return b""
    starts, ends = _DATA_START.findall(data), _DATA_END.findall(data)
    if len(starts) != 1 or starts != ends:
        return b""
    prefix: bytes = starts[0]
    start, end = b"<" + prefix + b"sheetData>", b"</" + prefix + b"sheetData>"
    return data[: data.index(start)] + start + data[data.index(end) :]


# Writing ------------------------------------------------------------------------------------------------------------


def joined(shell: bytes, rows: Iterator[str]) -> bytes:
    """The written shell with rows in it."""
    found = _SHELL_DATA.search(shell)
    if found is None:
        return shell
    space = f' xmlns="{_MAIN}"'.encode() if found[1] else found[2]
    written = bytearray(shell[: found.start()])
    written += b"<sheetData" + space + b">"
    for row in rows:
        written += row.encode()
    written += b"</sheetData>"
    written += shell[found.end() :]
    return bytes(written)


def _listed(element: Element, allowed: Mapping[str, re.Pattern[str]]) -> str:
    return "".join(
        f' {name}="{value}"'
        for name, value in element.items()
        if (pattern := allowed.get(name)) is not None and pattern.fullmatch(value)
    )


def row_start(row: Row) -> str:
    return f'<row r="{row.number}"{row.attributes}>'


def cell_xml(cell: Cell, kind: str, content: str) -> str:
    """A cell of ``kind`` around its content."""
    style = f' s="{cell.style}"' if cell.style and _COUNT.fullmatch(cell.style) else ""
    said = "" if kind == "n" else f' t="{kind}"'
    return f'<c r="{cell.reference}"{style}{said}>{content}</c>' if content else f'<c r="{cell.reference}"{style}/>'


def formula_xml(element: Element, text: str) -> str:
    return f"<f{_listed(element, _FORMULA_ATTRIBUTES)}>{_escaped(text)}</f>"


def value_xml(value: str) -> str:
    if value.isalnum():  # a number, most often
        return f"<v>{value}</v>"
    return f"<v{_space(value)}>{_escaped(value)}</v>" if value else ""


def inline_xml(text: str) -> str:
    return f"<is><t{_space(text)}>{_escaped(text)}</t></is>"


def _space(text: str) -> str:
    return ' xml:space="preserve"' if text != text.strip() else ""


def _escaped(text: str) -> str:
    return escape(text, {"\r": "&#13;"}) if _SPECIAL.search(text) else text


def is_plain(item: Element) -> bool:
    """Whether a string has no runs and nothing beside its text."""
    return len(item) == 1 and not len(item[0]) and item[0].tag in _PLAIN_TEXT
