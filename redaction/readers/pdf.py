"""Two readings of a PDF that share no code with its writer, and pictures of its pages for previews.

The first is PDFium's text, in reading order. The second is pypdf: the text of every page, then every string, name
and decoded stream that can be reached in the file, drawn or not.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

from redaction.entities import Block, Kind

Reader = Callable[[bytes], list[Block]]

# PDFium marks a hyphen at a line's end with U+0002; other copies of it with U+FFFE.
_LINE_END = re.compile("[\u0002\ufffe](?:\r?\n)?")
_BINARY = bytes([*range(9), *range(0x0E, 0x20), *range(0x7F, 0x100)])
_WORDS = re.compile(rb"[\x20-\x7e\xa0-\xff]{3,}")
_LONG_WORDS = re.compile(rb"[A-Za-z][A-Za-z .,'@_-]{5,}")
_WIDE_LOW = re.compile(rb"(?:[\x20-\x7e\xa0-\xff]\x00){4,}")
_WIDE_HIGH = re.compile(rb"(?:\x00[\x20-\x7e\xa0-\xff]){4,}")
_SHOWN = re.compile(rb"(?:\[[^\]]*\]\s*TJ|<[0-9A-Fa-f]*>\s*Tj)")
_LETTERS = re.compile(r"[^\W\d_][\w+-]{2,}")
_HEX = re.compile(rb"<([0-9A-Fa-f]*)>")
MAX_PIXELS = 40_000_000

# All that a file of ours may hold; ``undeclared`` reports the rest.
CATALOG_KEYS = frozenset({"/Type", "/Pages"})
PAGE_KEYS = frozenset({"/Type", "/Parent", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/Contents"})
RESOURCE_KEYS = frozenset({"/Font", "/XObject", "/ExtGState"})
TRAILER_KEYS = frozenset({"/Size", "/Root", "/ID"})
FORM_KEYS = frozenset({"/Type", "/Subtype", "/BBox", "/Matrix", "/Resources", "/Group", "/Length", "/Filter"})
IMAGE_KEYS = frozenset(
    {"/Type", "/Subtype", "/Width", "/Height", "/ColorSpace", "/BitsPerComponent", "/Length", "/Filter", "/DecodeParms"}
) | {"/ImageMask", "/SMask"}
# Words of files in this format; that one of them is also somebody's name says nothing. None of them can be typed by
# a person into a file of ours, where keys, names and operators are written anew.
VOCABULARY = frozenset(
    word
    for keys in (CATALOG_KEYS, PAGE_KEYS, RESOURCE_KEYS, TRAILER_KEYS, FORM_KEYS, IMAGE_KEYS)
    for word in (key[1:] for key in keys)
) | frozenset(
    """
    Catalog Kids Count Page Form Image Token Picture FlateDecode DeviceGray BaseFont Encoding BaseEncoding Differences
    FirstChar LastChar Widths ToUnicode FontDescriptor FontName Flags ItalicAngle Ascent Descent CapHeight StemV
    MissingWidth FontBBox FontFile DescendantFonts CIDSystemInfo CIDToGIDMap CIDFontType CIDFontType0C CIDFontType0
    CIDFontType2 Type0 Type1 Type1C TrueType OpenType Registry Ordering Supplement Identity Identity-H DW W
    WinAnsiEncoding MacRomanEncoding StandardEncoding Length1 Length2 Length3 Transparency Multiply Normal Helvetica
    Courier Times Symbol CIDInit ProcSet findresource begin dict begincmap CMapName Map def CMapType
    begincodespacerange endcodespacerange beginbfchar endbfchar endcmap currentdict CMap defineresource pop end
    """.split()  # noqa: SIM905 – a list of words reads better as words
)


def read_pdfium(data: bytes) -> list[Block]:
    """Read the text of each page with PDFium, line by line; a word cut at a line's end is one word again."""
    blocks: list[Block] = []
    document = pypdfium2.PdfDocument(data)
    try:
        for number in range(len(document)):
            page = document[number]
            text_page = page.get_textpage()
            # The range, not the bounds: text outside the page counts too.
            text = _LINE_END.sub("", text_page.get_text_range()).replace("\r\n", "\n")
            text_page.close()
            page.close()
            if text.strip():
                blocks.append(Block(f"page{number + 1}", text.strip("\n")))
    finally:
        document.close()
    return blocks


def read_pypdf(data: bytes) -> list[Block]:
    """Read each page's text with pypdf, then all that the objects of the file hold."""
    reader = PdfReader(io.BytesIO(data), strict=False)
    blocks = [
        Block(f"page{number}", text)
        for number, page in enumerate(reader.pages, 1)
        if (text := page.extract_text()).strip()
    ]
    return [*blocks, Block("objects", "\n".join(dict.fromkeys(_reached(reader))), Kind.CODE)]


READERS: tuple[Reader, ...] = (read_pdfium, read_pypdf)


def render(data: bytes, page: int, scale: float = 1.5) -> bytes:
    """Return page ``page`` (from 1) as PNG bytes.

    Raises:
        ValueError: there is no such page, or its picture would be too large.
    """
    document = pypdfium2.PdfDocument(data)
    try:
        if not 1 <= page <= len(document):
            raise ValueError("no such page")
        source = document[page - 1]
        width, height = source.get_size()
        if width * height * scale * scale > MAX_PIXELS:
            raise ValueError("too large")
        picture = source.render(scale=scale).to_pil()
        source.close()
    finally:
        document.close()
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def page_count(data: bytes) -> int:
    """Return how many pages PDFium finds."""
    document = pypdfium2.PdfDocument(data)
    try:
        return len(document)
    finally:
        document.close()


def undeclared(data: bytes) -> list[str]:
    """Return what the file holds beyond our list: keys of catalog, trailer, pages and resources; bytes around it."""
    found = [] if data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF") else ["bytes around the file"]
    if data.count(b"%%EOF") != 1:
        found.append("revisions")
    reader = PdfReader(io.BytesIO(data), strict=False)
    found += _beyond("trailer", reader.trailer, TRAILER_KEYS)
    found += _beyond("catalog", reader.root_object, CATALOG_KEYS)
    for page in reader.pages:
        found += _beyond("page", page, PAGE_KEYS)
        found += _resources(page.get("/Resources"), 0)
    return found


def _beyond(where: str, source: Any, allowed: frozenset[str]) -> list[str]:
    return [f"{where} {key}" for key in source if key not in allowed]


def _resources(source: Any, depth: int) -> list[str]:
    resources = source.get_object() if source is not None else {}
    if depth > 10 or not isinstance(resources, DictionaryObject):
        return ["resources"] if resources else []
    found = _beyond("resources", resources, RESOURCE_KEYS)
    objects: Any = resources.get("/XObject", DictionaryObject())
    for value in objects.get_object().values():
        target = value.get_object()
        if target.get("/Subtype") == "/Form":
            found += _beyond("form", target, FORM_KEYS) + _resources(target.get("/Resources"), depth + 1)
        else:
            found += _beyond("image", target, IMAGE_KEYS)
            mask = target.get("/SMask")
            found += _beyond("mask", mask.get_object(), IMAGE_KEYS) if mask is not None else []
    return found


def _reached(reader: PdfReader) -> Iterator[str]:
    """Yield every string and name, and the words of every stream, from the trailer down and by object number."""
    stack: list[Any] = [reader.trailer]
    stack += [IndirectObject(number, 0, reader) for number in range(1, int(reader.trailer.get("/Size", 0)))]
    seen: set[tuple[int, int]] = set()
    while stack:
        item = stack.pop()
        if isinstance(item, IndirectObject):
            if (item.idnum, item.generation) in seen:
                continue
            seen.add((item.idnum, item.generation))
            item = _object(reader, item)
        if isinstance(item, DictionaryObject):
            stack.extend(item.values())
            yield from (text for key in item for text in _unknown(str(key)[1:]))
            if isinstance(item, StreamObject):
                yield from _stream_words(item)
        elif isinstance(item, ArrayObject):
            stack.extend(item)
        elif isinstance(item, ByteStringObject):
            yield bytes(item).decode("latin-1")
        elif isinstance(item, NameObject):
            yield from _unknown(str(item)[1:])
        elif isinstance(item, TextStringObject):
            yield str(item)


def _object(reader: PdfReader, item: IndirectObject) -> Any:
    try:
        return reader.get_object(item)
    except (PyPdfError, KeyError, ValueError):
        return None


def _stream_words(stream: StreamObject) -> Iterator[str]:
    """Yield the words of a stream: as they stand, in two-byte letters, and from the strings of text operators.

    Of pixels and outlines only runs of letters long enough to be a name are taken for words.
    """
    try:
        data = stream.get_data()
    except (PyPdfError, ValueError, NotImplementedError):
        data = b""
    plain = (len(data) - len(data.translate(None, _BINARY))) * 20 < len(data)
    if plain:
        yield from _shown(data)
        data = _HEX.sub(b" ", data)
    for word in (_WORDS if plain else _LONG_WORDS).findall(data):
        yield from _unknown(word.decode("latin-1"))
    for codec, pattern in (("utf-16-le", _WIDE_LOW), ("utf-16-be", _WIDE_HIGH)):
        yield from (word.decode(codec) for word in pattern.findall(data))


def _unknown(text: str) -> Iterator[str]:
    """Yield the text unless all of its words are those of every PDF."""
    if any(word not in VOCABULARY for word in _LETTERS.findall(text)):
        yield text


def _shown(data: bytes) -> Iterator[str]:
    """Yield what the hexadecimal strings of a content stream hold, those of one operator joined."""
    for array in _SHOWN.findall(data):
        codes = b"".join(bytes.fromhex((part + b"0" * (len(part) % 2)).decode()) for part in _HEX.findall(array))
        yield codes.decode("latin-1")
        yield codes.decode("utf-16-be", "replace")
