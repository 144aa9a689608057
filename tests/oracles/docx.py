"""What outsiders find in a Word document: the package scan, python-docx, docx2python, and all texts of its markup."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx2python import docx2python
from lxml import etree

from tests.oracles import Oracle
from tests.oracles.ooxml import raw

EXTENSIONS = ("docx",)


def python_docx(data: bytes) -> str:
    """Paragraphs and tables of the body, headers, footers, comments and properties."""
    document = Document(io.BytesIO(data))
    texts = [*_blocks(document), document.core_properties.author or "", document.core_properties.title or ""]
    for section in document.sections:
        for edge in (
            section.header, section.footer, section.first_page_header, section.first_page_footer,
            section.even_page_header, section.even_page_footer,
        ):  # fmt: skip
            texts += _blocks(edge)
    texts += [f"{comment.author} {comment.text}" for comment in document.comments]
    return "\n".join(texts)


def _blocks(holder: Any) -> Iterator[str]:
    for paragraph in holder.paragraphs:
        yield paragraph.text
    for table in holder.tables:
        for row in table.rows:
            for cell in row.cells:
                yield from _blocks(cell)


def another_library(data: bytes) -> str:
    """Text as docx2python gives it, with notes, comments and properties."""
    with docx2python(io.BytesIO(data)) as result:
        return "\n".join([result.text, str(result.core_properties), str(result.comments)])


def all_texts(data: bytes) -> str:
    """Every text of every XML member, in document order, whatever it means."""
    found: list[str] = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
                root = etree.fromstring(archive.read(name), parser)
                found += [] if root is None else ["".join(str(text) for text in root.itertext())]
    return "\n".join(found)


ORACLES: dict[str, Oracle] = {
    "package scan": raw,
    "python-docx": python_docx,
    "docx2python": another_library,
    "all texts": all_texts,
}
