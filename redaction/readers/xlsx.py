"""Readers of workbooks: openpyxl cell by cell, and the scan of the package.

A large workbook is opened by openpyxl too, but its cells are cut out of the rows, which takes a tenth of the time: then
numbers that stand side by side are one block, and formulas and the edges of pages are left to the scan. Where a row
does not look as cells are written here, openpyxl reads the sheet after all.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from html import unescape
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from redaction.entities import Block, Kind
from redaction.readers.ooxml import scan

_CODE: Final = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d+|.)', re.DOTALL)
_CELL: Final = re.compile(
    rb'<c r="([A-Z]{1,3}\d{1,7})"(?: s="\d+")?(?: t="(\w+)")?'
    rb"(?:/>|>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?(?:<v[^>]*>([^<]*)</v>|<is[^>]*>(.*?)</is>)?</c>)",
    re.DOTALL,
)
_TAG: Final = re.compile(rb"<[^>]*>")
LARGE_BYTES: Final = 16 * 1024 * 1024


def read(data: bytes) -> list[Block]:
    """What a person would see, sheet by sheet: name, edges of the page, cells with stored results, texts of rules.

    Raises:
        ValueError: openpyxl cannot open the file.
    """
    try:
        return _streamed(data) if _sheet_bytes(data) > LARGE_BYTES else _built(data)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError) as error:
        raise ValueError("not a readable workbook") from error


def _sheet_bytes(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return sum(info.file_size for info in archive.infolist() if "sheet" in info.filename)


def _streamed(data: bytes) -> list[Block]:
    """A large workbook, sheet by sheet, row by row."""
    book = _load(data, values=True, streamed=True)
    blocks: list[Block] = []
    for number, sheet in enumerate(book.worksheets, 1):
        blocks.append(Block(f"sheet{number}/name", sheet.title, Kind.NAME))
        with sheet._get_source() as source:
            content = source.read()
        found = sum(1 for _ in _CELL.finditer(content))
        if found == content.count(b"<c ") and b":c " not in content:
            rows = _cut_rows(content, sheet._shared_strings)
        else:
            rows = _openpyxl_rows(sheet)
        for row in rows:
            blocks += _row(row, f"sheet{number}!")
    return blocks + _defined(book)


def _openpyxl_rows(sheet: Any) -> Iterator[list[tuple[str, str, bool]]]:
    """Place and text of each cell, and whether it is a number."""
    for row in sheet.iter_rows():
        yield [
            (cell.coordinate, str(cell.value), isinstance(cell.value, int | float))
            for cell in row
            if cell.value is not None
        ]


def _cut_rows(content: bytes, strings: Sequence[str]) -> Iterator[list[tuple[str, str, bool]]]:
    for row in content.split(b"</row>"):
        cells: list[tuple[str, str, bool]] = []
        for place, kind, value, inline in _CELL.findall(row):
            if kind == b"s":
                cells.append((place.decode(), str(strings[int(value)]), False))
            elif inline:
                cells.append((place.decode(), unescape(_TAG.sub(b"", inline).decode()), False))
            elif value:
                cells.append((place.decode(), unescape(value.decode()), not kind))
        yield cells


def _row(cells: Sequence[tuple[str, str, bool]], anchor: str) -> Iterator[Block]:
    numbers: list[str] = []
    start = ""
    for place, text, is_number in (*cells, ("", "", False)):
        if is_number:
            start = start or place
            numbers.append(text)
            continue
        if numbers:
            yield Block(anchor + start, "\t".join(numbers), Kind.CELL)
            numbers, start = [], ""
        if text.strip():
            yield Block(anchor + place, text, Kind.CELL)


def _built(data: bytes) -> list[Block]:
    formulas = _load(data, values=False)
    values = _load(data, values=True)
    blocks: list[Block] = []
    blocks += [
        Block(f"chart{number}/name", sheet.title, Kind.NAME) for number, sheet in enumerate(formulas.chartsheets, 1)
    ]
    for number, sheet in enumerate(formulas.worksheets, 1):
        blocks.append(Block(f"sheet{number}/name", sheet.title, Kind.NAME))
        blocks += _edges(sheet, f"sheet{number}/edge")
        blocks += _cells(sheet, values[sheet.title], f"sheet{number}!")
        blocks += _rules(sheet, f"sheet{number}/rule")
        blocks += _pivots(sheet, f"sheet{number}/pivot")
    return blocks + _defined(formulas)


def _defined(book: Any) -> list[Block]:
    names = [name for scope in (book, *book.worksheets) for name in getattr(scope, "defined_names", ())]
    return [Block(f"name{number}", name, Kind.NAME) for number, name in enumerate(names, 1)]


def _load(data: bytes, *, values: bool, streamed: bool = False) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells which extensions it does not read; the scan reads them
        return load_workbook(io.BytesIO(data), data_only=values, keep_links=False, read_only=streamed)


def _cells(sheet: Any, values: Any, anchor: str) -> Iterator[Block]:
    for row in sheet.iter_rows():
        for cell in row:
            if cell.comment is not None:
                yield Block(f"{anchor}{cell.coordinate}/comment", cell.comment.text, Kind.PROSE)
            if cell.value is None:
                continue
            stored = values[cell.coordinate].value if cell.data_type == "f" else cell.value
            text = str(cell.value if stored is None else stored)
            if text.strip():
                yield Block(anchor + cell.coordinate, text, Kind.CELL)


def _edges(sheet: Any, anchor: str) -> Iterator[Block]:
    edges = [getattr(sheet, kind + place) for kind in ("odd", "even", "first") for place in ("Header", "Footer")]
    parts = [part.text for edge in edges for part in (edge.left, edge.center, edge.right) if part.text]
    texts = [_CODE.sub(lambda code: "&" if code[0] == "&&" else "", part) for part in parts]
    for number, text in enumerate(texts, 1):
        yield Block(f"{anchor}{number}", text, Kind.LABEL)


def _rules(sheet: Any, anchor: str) -> Iterator[Block]:
    texts = [
        text
        for rule in sheet.data_validations.dataValidation
        for text in (rule.promptTitle, rule.prompt, rule.errorTitle, rule.error, rule.formula1)
        if text
    ]
    for number, text in enumerate(texts, 1):
        yield Block(f"{anchor}{number}", str(text), Kind.LABEL)


def _pivots(sheet: Any, anchor: str) -> Iterator[Block]:
    """Names of fields and their items."""
    texts = [
        str(text)
        for pivot in sheet._pivots
        for field in pivot.cache.cacheFields
        for text in (field.name, *(getattr(item, "v", None) for item in field.sharedItems._fields))
        if text is not None
    ]
    for number, text in enumerate(texts, 1):
        yield Block(f"{anchor}{number}", text, Kind.CELL)


READERS: tuple[Callable[[bytes], list[Block]], ...] = (read, scan)
