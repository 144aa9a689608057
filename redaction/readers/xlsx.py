"""Readers of workbooks: openpyxl cell by cell, and the scan of the package."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from redaction.entities import Block, Kind
from redaction.readers.ooxml import scan


def read(data: bytes) -> list[Block]:
    """What a person would see, sheet by sheet: name, edges of the page, cells with stored results, texts of rules.

    Raises:
        ValueError: openpyxl cannot open the file.
    """
    try:
        formulas = _load(data, values=False)
        values = _load(data, values=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise ValueError("not a readable workbook") from error
    blocks: list[Block] = []
    for number, sheet in enumerate(formulas.worksheets, 1):
        blocks.append(Block(f"sheet{number}/name", sheet.title, Kind.NAME))
        blocks += _edges(sheet, f"sheet{number}/edge")
        blocks += _cells(sheet, values[sheet.title], f"sheet{number}!")
        blocks += _rules(sheet, f"sheet{number}/rule")
    names = [name for scope in (formulas, *formulas.worksheets) for name in scope.defined_names]
    return blocks + [Block(f"name{number}", name, Kind.NAME) for number, name in enumerate(names, 1)]


def _load(data: bytes, *, values: bool) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells which extensions it does not read; the scan reads them
        return load_workbook(io.BytesIO(data), data_only=values, keep_links=False)


def _cells(sheet: Any, values: Any, anchor: str) -> Iterator[Block]:
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is None:
                continue
            stored = values[cell.coordinate].value if cell.data_type == "f" else cell.value
            text = str(cell.value if stored is None else stored)
            if text.strip():
                yield Block(anchor + cell.coordinate, text, Kind.CELL)


def _edges(sheet: Any, anchor: str) -> Iterator[Block]:
    edges = [getattr(sheet, kind + place) for kind in ("odd", "even", "first") for place in ("Header", "Footer")]
    texts = [part.text for edge in edges for part in (edge.left, edge.center, edge.right) if part.text]
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


READERS: tuple[Callable[[bytes], list[Block]], ...] = (read, scan)
