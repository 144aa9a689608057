"""What a person sees of a document, by the usual library of its format: the words of which 98 of 100 must stay.

Bodies alone: the headers of a mail, the names of shapes, notes and properties are rebuilt by rules of their own, and
are looked at for leaks by the readers of ``tests.oracles``.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import openpyxl
import pptx
from docx import Document
from selectolax.lexbor import LexborHTMLParser

from tests import oracles

Reader = Callable[[bytes], str]
_PAGES = ("pdfminer", "pypdf", "pdfium", "poppler-raw", "poppler-layout")


def read(kind: str, data: bytes) -> dict[str, str]:
    """Reader → text, of the readers that open a document of this kind."""
    texts: dict[str, str] = {}
    for name, reader in _readers(kind).items():
        with contextlib.suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            texts[name] = reader(data)
    return texts


def _readers(kind: str) -> Mapping[str, Reader]:
    if kind in _OF_KIND:
        return _OF_KIND[kind]
    readers = oracles.of(f"document.{kind}")
    return {name: readers[name] for name in _PAGES if name in readers} if kind == "pdf" else readers


def _docx(data: bytes) -> str:
    body = Document(io.BytesIO(data)).element.body
    return "\n".join(str(text) for text in body.xpath(".//w:t/text()"))


def _pptx(data: bytes) -> str:
    deck = pptx.Presentation(io.BytesIO(data))
    return "\n".join(text for slide in deck.slides for text in _shapes(slide.shapes))


def _shapes(shapes: Any) -> Iterator[str]:
    for shape in shapes:
        if shape.has_text_frame:
            yield shape.text_frame.text
        if getattr(shape, "has_table", False) and shape.has_table:
            yield from (cell.text for row in shape.table.rows for cell in row.cells)
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)


def _xlsx(data: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    cells = (cell for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row)
    return "\n".join(cell for cell in cells if isinstance(cell, str))


def _mail(data: bytes) -> str:
    message = email.message_from_bytes(data, policy=email.policy.default)
    body = message.get_body(("plain", "html"))
    if body is None:
        return ""
    text = str(body.get_content())
    return _html(text.encode()) if body.get_content_type() == "text/html" else text


def _html(data: bytes) -> str:
    tree = LexborHTMLParser(data)
    tree.strip_tags(["script", "style", "template", "noscript"])
    return tree.body.text(separator="\n") if tree.body else ""


_OF_KIND: Mapping[str, Mapping[str, Reader]] = {
    "docx": {"python-docx": _docx},
    "pptx": {"python-pptx": _pptx},
    "xlsx": {"openpyxl": _xlsx},
    "eml": {"email": _mail},
    "html": {"lexbor": _html},
}
