"""Readers of workbooks: openpyxl cell by cell, and the scan of the package.

A large workbook is read row by row, without building it: then numbers that stand side by side are one block, and the
stored results of formulas and the edges of pages are left to the scan.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from redaction.entities import Block, Kind
from redaction.readers.ooxml import scan

_CODE: Final = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d+|.)', re.DOTALL)
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
    book = _load(data, values=False, streamed=True)
    blocks: list[Block] = []
    for number, sheet in enumerate(book.worksheets, 1):
        blocks.append(Block(f"sheet{number}/name", sheet.title, Kind.NAME))
        for row_number, row in enumerate(sheet.iter_rows(min_row=1, min_col=1, values_only=True), 1):
            blocks += _row(row, f"sheet{number}!", row_number)
    return blocks + _defined(book)


def _row(row: tuple[Any, ...], anchor: str, number: int) -> Iterator[Block]:
    numbers: list[str] = []
    start = 0
    for column, value in enumerate((*row, None), 1):
        if isinstance(value, int | float) and not isinstance(value, bool):
            start = start or column
            numbers.append(str(value))
            continue
        if numbers:
            yield Block(f"{anchor}{get_column_letter(start)}{number}", "\t".join(numbers), Kind.CELL)
            numbers, start = [], 0
        if value is not None and (text := str(value)).strip():
            yield Block(f"{anchor}{get_column_letter(column)}{number}", text, Kind.CELL)


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
