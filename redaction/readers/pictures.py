"""What the second engine reads in every picture of an output, and on the pages whose text nobody should just believe.

Handlers painted over what they read with both engines; here one engine reads the saved copy, at another scale. The
rules this follows:

- Every picture in the file is read as it is stored, so also what is cropped or covered on its page, and masks.
- Pages of a PDF are drawn and read where pictures or outlines may show more than the text says, or where there is no
  text. Of text pages each font is proven once: what is read must be what the text says, else every page with that font
  is read. After that one page in ten, at least one.
- A picture that cannot be read, or time that runs out, is an error: unread is not clean.
"""

from __future__ import annotations

import binascii
import email
import hashlib
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pypdfium2
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import IndirectObject, StreamObject

from redaction import ocr
from redaction.entities import Block, Kind
from redaction.errors import RefusedError
from redaction.media import MAIL, OFFICE, PDF, PICTURES, ZIP
from redaction.readers import image

_MEDIA: Final = re.compile(r"(?:word|xl|ppt)/media/[^/]+")
_DATA_URI: Final = re.compile(r"data:image/(?:png|jpe?g);base64,([A-Za-z0-9+/=\s%]{40,})", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W_]{4,}")
# Nothing can be read in a picture that is lower or narrower than this.
_SMALLEST: Final = 6
_PAGE_DPI: Final = 150
_PAGE_PIXELS: Final = 5_000_000
_OUTLINES: Final = 1_500  # pieces of paths on a page: letters may be among them
_PROVEN: Final = 0.7
_ONE_IN: Final = 10
_DEPTH: Final = 12


def look(media_type: str, data: bytes, budget_s: float, every_page: bool = False) -> list[Block]:
    """What is read in the pictures and on the pages of an output, by anchor: ``page3``, ``page3/img1``, ``m4``.

    Raises:
        ValueError: a picture cannot be read, no engine is there, or ``budget_s`` seconds are not enough.
    """
    if not ocr.engines():
        raise ValueError("no engine")
    seeing = _Seeing(ocr.Budget(seconds=budget_s))
    try:
        for anchor, picture in _pictures(media_type, data):
            seeing.read(anchor, picture)
        if media_type == PDF:
            _read_pages(data, seeing, every_page=every_page)
    except RefusedError as error:
        raise ValueError("out of time") from error
    except (OSError, SyntaxError, zipfile.BadZipFile, pypdfium2.PdfiumError) as error:
        raise ValueError("a picture that cannot be read") from error
    return seeing.blocks


class _Seeing:
    """What was read so far. A picture that stands in several places is read once."""

    def __init__(self, budget: ocr.Budget) -> None:
        self.budget = budget
        self.blocks: list[Block] = []
        self._known: dict[bytes, str] = {}

    def read(self, anchor: str, picture: Image.Image) -> str:
        self.budget.check()
        if min(picture.size) < _SMALLEST:
            return ""
        if picture.width * picture.height > image.MAXIMUM_PIXELS:
            raise ValueError("too large")
        digest = hashlib.sha256(b"%d:%d:" % picture.size + picture.tobytes()).digest()
        if digest not in self._known:
            plain = picture.getcolors(1) is not None
            lines = [] if plain else self._lines(picture)
            self._known[digest] = "\n".join(lines)
        text = self._known[digest]
        if text:
            self.blocks.append(Block(anchor, text, Kind.LABEL))
        return text

    def _lines(self, picture: Image.Image) -> list[str]:
        lines = image.text_lines(picture, self.budget)
        others = [line for line in image.other_lines(picture, self.budget) if line not in lines]
        return [*lines, *others, *image.said(picture)]


# Pictures -----------------------------------------------------------------------------------------------------------


def _pictures(media_type: str, data: bytes) -> Iterator[tuple[str, Image.Image]]:
    if media_type in PICTURES:
        yield "img1", image.opened(data)
    elif media_type in OFFICE:
        yield from _of_package(data)
    elif media_type == PDF:
        yield from _of_pdf(data)
    elif media_type == MAIL:
        yield from _of_mail(data)
    elif media_type != ZIP:  # the members of an archive are files of their own
        yield from _of_text(data.decode("utf-8"), "m")


def _of_package(data: bytes) -> Iterator[tuple[str, Image.Image]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for number, member in enumerate(archive.infolist(), 1):
            if _MEDIA.fullmatch(member.filename):
                yield f"m{number}", image.opened(archive.read(member))


def _of_mail(data: bytes) -> Iterator[tuple[str, Image.Image]]:
    for number, part in enumerate(email.message_from_bytes(data).walk(), 1):
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        if part.get_content_type() in PICTURES:
            yield f"part{number}", image.opened(payload)
        elif part.get_content_type() == "text/html":
            yield from _of_text(payload.decode("utf-8", "replace"), f"part{number}/m")


def _of_text(text: str, prefix: str) -> Iterator[tuple[str, Image.Image]]:
    """Pictures that are written out in text: as addresses of data, and in the outputs of notebooks."""
    found = [match.group(1) for match in _DATA_URI.finditer(text)]
    if text.lstrip()[:1] in ("{", "["):
        found += _of_notebook(text)
    for number, written in enumerate(found, 1):
        try:
            data = binascii.a2b_base64(re.sub(r"%[0-9A-Fa-f]{2}|\s", _unescaped, written))
        except binascii.Error as error:
            raise ValueError("a picture that cannot be read") from error
        yield f"{prefix}{number}", image.opened(data)


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match.group()[1:], 16)) if match.group().startswith("%") else ""


def _of_notebook(text: str) -> list[str]:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return []
    found: list[str] = []
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            for key, value in node.items():
                if key in PICTURES and isinstance(value, str | list):
                    found.append("".join(map(str, value)) if isinstance(value, list) else value)
                else:
                    left.append(value)
        elif isinstance(node, list):
            left += node
    return found


# Pictures in PDF ----------------------------------------------------------------------------------------------------


def _of_pdf(data: bytes) -> Iterator[tuple[str, Image.Image]]:
    """Every picture that a page can reach, and the masks of these, as stored."""
    reader = PdfReader(io.BytesIO(data), strict=False)
    known: set[tuple[int, int]] = set()
    for number, page in enumerate(reader.pages, 1):
        for ordinal, stream in enumerate(_images(page.get("/Resources"), known, 0), 1):
            yield f"page{number}/img{ordinal}", _stored(stream)


def _images(resources: Any, known: set[tuple[int, int]], depth: int) -> Iterator[StreamObject]:
    resources = _resolved(resources)
    objects = _resolved(resources.get("/XObject")) if resources else None
    for value in (objects or {}).values():
        if isinstance(value, IndirectObject):
            if (value.idnum, value.generation) in known:
                continue
            known.add((value.idnum, value.generation))
        stream = _resolved(value)
        if not isinstance(stream, StreamObject):
            continue
        if stream.get("/Subtype") == "/Image":
            yield stream
            for mask in (_resolved(stream.get("/SMask")), _resolved(stream.get("/Mask"))):
                if isinstance(mask, StreamObject):
                    yield mask
        elif depth < _DEPTH:
            yield from _images(stream.get("/Resources"), known, depth + 1)
        else:
            raise ValueError("nested too deep")


def _resolved(value: Any) -> Any:
    return value.get_object() if isinstance(value, IndirectObject) else value


def _stored(stream: StreamObject) -> Image.Image:
    """A picture as we write them: grey or RGB of 8 bits, or JPEG. Anything else is not ours, and an error."""
    size = int(_resolved(stream["/Width"])), int(_resolved(stream["/Height"]))
    if size[0] * size[1] > image.MAXIMUM_PIXELS or min(size) < 1:
        raise ValueError("too large")
    filters = _resolved(stream.get("/Filter"))
    names = [str(name) for name in (filters if isinstance(filters, list) else [filters])]
    if names[-1:] == ["/DCTDecode"] and len(names) == 1:
        return image.opened(stream._data)  # the file as stored, not as pypdf would decode it
    space, bits = str(_resolved(stream.get("/ColorSpace"))), int(_resolved(stream.get("/BitsPerComponent", 1)))
    mode = {"/DeviceGray": "L", "/DeviceRGB": "RGB", "/DeviceCMYK": "CMYK"}.get(space)
    if bits != 8 or mode is None:
        if bits == 1 and (mode == "L" or stream.get("/ImageMask")):
            return Image.frombytes("1", size, stream.get_data()).convert("RGB")
        raise ValueError("a picture of another kind")
    return Image.frombytes(mode, size, stream.get_data()).convert("RGB")


# Pages of PDF -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Page:
    """One page: its text by PDFium, its fonts, and whether more may be seen on it than its text says."""

    number: int
    text: str
    fonts: frozenset[int]
    pictures: int
    shows_more: bool


def _read_pages(data: bytes, seeing: _Seeing, *, every_page: bool) -> None:
    pages = list(_pages(data))
    read: set[int] = set()
    unproven = {font for page in pages if page.text for font in page.fonts}

    def read_page(page: _Page) -> None:
        read.add(page.number)
        text = seeing.read(f"page{page.number}", _drawn(data, page.number))
        if page.text and _agrees(text, page.text):
            unproven.difference_update(page.fonts)

    for page in pages:
        if every_page or page.shows_more or (page.text and page.number % _ONE_IN == 1):
            read_page(page)
    for page in pages:
        if page.number not in read and page.text and page.fonts & unproven:
            read_page(page)


def _agrees(seen: str, text: str) -> bool:
    """Whether the words that were read are words of the text, a few are always misread; or there are no words."""
    words = Counter(word.casefold() for word in _WORD.findall(seen))
    known = {word.casefold() for word in _WORD.findall(text)}
    if not words:
        return not known
    return sum(count for word, count in words.items() if word in known) >= _PROVEN * words.total()


def _pages(data: bytes) -> Iterator[_Page]:
    reader = PdfReader(io.BytesIO(data), strict=False)
    document = pypdfium2.PdfDocument(data)
    try:
        if len(document) != len(reader.pages):
            raise ValueError("two readers count different pages")
        for number in range(1, len(document) + 1):
            page = document[number - 1]
            text_page = page.get_textpage()
            text = text_page.get_text_range()
            text_page.close()
            pictures, outlines, texts = _marks(page)
            page.close()
            fonts = frozenset(_fonts(reader.pages[number - 1].get("/Resources"), set(), 0))
            # A scan, one picture and nothing else, was read as stored; drawing it shows nothing new.
            lone = pictures == 1 and not texts and not outlines
            more = (pictures > 0 and not lone) or outlines > _OUTLINES or (not text.strip() and outlines > 0)
            yield _Page(number, text.strip(), fonts, pictures, more)
    finally:
        document.close()


def _marks(page: Any) -> tuple[int, int, int]:
    """How many pictures, pieces of paths and texts are drawn on a page."""
    raw = pypdfium2.raw
    pictures = outlines = texts = 0
    for mark in page.get_objects(max_depth=_DEPTH):
        if mark.type == raw.FPDF_PAGEOBJ_IMAGE:
            pictures += 1
        elif mark.type == raw.FPDF_PAGEOBJ_TEXT:
            texts += 1
        elif mark.type == raw.FPDF_PAGEOBJ_PATH:
            outlines += max(raw.FPDFPath_CountSegments(mark.raw), 0)
        elif mark.type == raw.FPDF_PAGEOBJ_SHADING:
            outlines += 1
    return pictures, outlines, texts


def _fonts(resources: Any, known: set[int], depth: int) -> Iterator[int]:
    """Numbers of the font objects that a page and its forms name."""
    resources = _resolved(resources)
    if not resources or depth > _DEPTH:
        return
    for value in (_resolved(resources.get("/Font")) or {}).values():
        if isinstance(value, IndirectObject):
            yield value.idnum
    for value in (_resolved(resources.get("/XObject")) or {}).values():
        if isinstance(value, IndirectObject) and value.idnum not in known:
            known.add(value.idnum)
            yield from _fonts(_resolved(value).get("/Resources"), known, depth + 1)


def _drawn(data: bytes, number: int) -> Image.Image:
    document = pypdfium2.PdfDocument(data)
    try:
        page = document[number - 1]
        width, height = page.get_size()
        scale = min(_PAGE_DPI / 72, (_PAGE_PIXELS / max(width * height, 1.0)) ** 0.5)
        picture: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
        page.close()
        return picture
    finally:
        document.close()
