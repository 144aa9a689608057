"""Reads an output as bytes: what a search tool finds that knows no format, after undoing compression and encodings.

Members of zip containers are inflated, streams of PDF files too; markup gives its text and its attribute values, each
run joined to the next as a word processor shows them; the rest is read as UTF-8 and UTF-16 text. This is a needle
search, not a preview, so the order does not matter.
"""

from __future__ import annotations

import binascii
import io
import quopri
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final
from xml.parsers import expat

from redaction.entities import Block
from redaction.media import EXTENSIONS, MAIL, OFFICE, PDF, PICTURES, ZIP
from redaction.readers import archive, mail

MAXIMUM_BYTES: Final = 500 * 1024 * 1024
_STREAM: Final = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_BASE64: Final = re.compile(rb"(?:[A-Za-z0-9+/]{60,76}\r?\n)*[A-Za-z0-9+/]{24,76}={0,2}")
_ZIP: Final = b"PK\x03\x04"
_PDF: Final = b"%PDF-"
_PDF_HEX: Final = re.compile(rb"<([0-9A-Fa-f\s]{8,4000})>")
_PDF_LITERAL: Final = re.compile(rb"\(((?:[^()\\]|\\.){2,4000})\)")
# Attribute values of these are names of styles, parts and schemas, not words of a person.
_PARAGRAPH_ENDS: Final = frozenset({"p", "br", "tab", "ptab", "cr", "row", "c", "si", "tc", "tr"})


def texts(media_type: str, data: bytes) -> list[Block]:
    """Everything that can be read out of ``data`` without knowing what it means. Raises on a damaged container."""
    if media_type not in EXTENSIONS:
        raise ValueError("unknown kind of file")
    if media_type in OFFICE:
        found = list(_zip_texts(data))
    elif media_type == PDF:
        found = list(_pdf_texts(data))
    elif media_type == MAIL:
        found = list(_mail_texts(data))
    elif media_type == ZIP:
        found = list(archive.strings(data))
    elif media_type in PICTURES:
        found = list(_strings(data))
    else:
        found = [data.decode("utf-8")]
    return [Block(f"raw{number}", text) for number, text in enumerate(found, 1) if text.strip()]


def _zip_texts(data: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        inflated = 0
        for member in archive.infolist():
            inflated += member.file_size
            if inflated > MAXIMUM_BYTES:
                raise ValueError("inflates to more than the limit")
            yield member.filename
            yield from _member_texts(member.filename, archive.read(member))
        yield archive.comment.decode("latin-1")


def _member_texts(name: str, content: bytes) -> Iterator[str]:
    if name.endswith((".xml", ".rels")):
        yield from _markup_texts(content)
    elif content.startswith(_ZIP):  # a document inside this one
        yield from _zip_texts(content)
    elif content.startswith(_PDF):
        yield from _pdf_texts(content)
    else:
        yield from _strings(content)


def _markup_texts(content: bytes) -> Iterator[str]:
    """Text nodes, joined within a paragraph, and the values of attributes that may hold words."""
    runs: list[str] = []
    attributes: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.CharacterDataHandler = runs.append
    parser.CommentHandler = attributes.append
    parser.StartElementHandler = lambda _, values: attributes.extend(values.values())
    parser.EndElementHandler = lambda name: runs.append("\n") if name.rpartition(" ")[2] in _PARAGRAPH_ENDS else None
    parser.Parse(content, True)
    yield "".join(runs)
    yield "\n".join(value for value in attributes if not value.startswith(("http://schemas.", "urn:schemas")))


def _strings(content: bytes) -> Iterator[str]:
    """Printable runs of binary content in the three encodings that programs write."""
    for match in re.finditer(rb"[\x20-\x7e\xa0-\xff]{6,}", content):
        yield match.group().decode("latin-1")
    for match in re.finditer(rb"(?:[\x20-\x7e]\x00){6,}", content):
        yield match.group().decode("utf-16-le")


def _pdf_texts(data: bytes) -> Iterator[str]:
    yield from _pdf_strings(data)
    for match in _STREAM.finditer(data):
        body = match.group(1)
        try:
            inflater = zlib.decompressobj()
            body = inflater.decompress(body, MAXIMUM_BYTES)
        except zlib.error:
            continue
        yield from _pdf_strings(body)


def _pdf_strings(content: bytes) -> Iterator[str]:
    literal = [match.group(1) for match in _PDF_LITERAL.finditer(content)]
    yield "\n".join(text.decode("latin-1") for text in literal)
    # Kerned text stands in pieces between numbers: [(Fair) -12 (weather)] TJ.
    yield "".join(text.decode("latin-1") for text in literal)
    for match in _PDF_HEX.finditer(content):
        digits = re.sub(rb"\s", b"", match.group(1))
        text = binascii.unhexlify(digits[: len(digits) // 2 * 2])
        yield text.decode("utf-16-be", "ignore") if b"\0" in text else text.decode("latin-1")


def _mail_texts(data: bytes) -> Iterator[str]:
    data = mail.without_structure(data)
    yield data.decode("utf-8", "replace")
    yield quopri.decodestring(data).decode("utf-8", "replace")
    for match in _BASE64.finditer(data):
        compact = re.sub(rb"\s", b"", match.group())
        try:
            yield binascii.a2b_base64(compact + b"=" * (-len(compact) % 4)).decode("utf-8", "replace")
        except binascii.Error:
            continue
