"""What PDFium draws and reads of a page: pixels, and each character with its place among them.

It is asked where a page cannot be read for sure, and for the pixels of pictures, whatever they are packed with. It is
given a copy written anew from what was read here, so that both see the same objects.
"""

from __future__ import annotations

import ctypes
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
from pikepdf import Array, Dictionary, Name
from PIL import Image

from redaction.errors import RefusedError

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels
DPI: Final = 200
LOW_DPI: Final = 150
# Pages larger than this at 200 dpi are drawn at 150, and never larger than the second number.
LARGE_PIXELS: Final = 6_000_000
MOST_PIXELS: Final = 20_000_000
# One picture drawn for reading is at most this large; a larger one is drawn smaller.
PICTURE_PIXELS: Final = 12_000_000
_SHOWS: Final = frozenset({"Tj", "TJ", "'", '"'})
_HYPHEN_AT_LINE_END: Final = frozenset("\u0002\ufffe")


@dataclass(frozen=True)
class Character:
    """One character as PDFium reads it; no box: a blank or line end that nobody drew."""

    text: str
    box: Box | None


@dataclass(frozen=True)
class Drawn:
    """One page as PDFium sees it. ``scale``: pixels per point."""

    picture: Image.Image
    scale: float
    characters: Sequence[Character]

    @property
    def text(self) -> str:
        return "".join(character.text for character in self.characters)


class Renderer:
    """PDFium's copy of the file, opened when the first page needs it."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._document: pypdfium2.PdfDocument | None = None

    def page(self, number: int) -> Drawn:
        """Draw page ``number`` (from 1) and read its characters, visible or not; annotations are left out.

        Raises:
            RefusedError: ``parse-failed`` when PDFium cannot open it; ``limit`` when it is too large to draw.
        """
        try:
            page = self._opened()[number - 1]
            width, height = page.get_size()
            scale = _scale(width, height)
            picture = page.render(scale=scale, may_draw_forms=False, draw_annots=False).to_pil().convert("RGB")
            text_page = page.get_textpage()
            characters = _characters(page, text_page, picture.size)
            text_page.close()
            page.close()
        except (pypdfium2.PdfiumError, OSError, MemoryError):
            raise RefusedError("parse-failed", "page") from None
        return Drawn(picture, scale, characters)

    def drawing(self, number: int) -> Image.Image:
        """Draw of a page what is neither text nor picture: lines and areas, which may be letters too.

        Raises:
            RefusedError: as ``page``.
        """
        with pikepdf.new() as alone:
            alone.pages.append(self._pdf.pages[number - 1])
            for item in alone.objects:
                if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == Name.Form:
                    item.write(_without_text(item))
            page = alone.pages[0]
            page.obj.Contents = alone.make_stream(_without_text(page))
            renderer = Renderer(alone)
            try:
                return renderer.page(1).picture
            finally:
                renderer.close()

    def close(self) -> None:
        if self._document is not None:
            self._document.close()

    def _opened(self) -> pypdfium2.PdfDocument:
        if self._document is None:
            buffer = io.BytesIO()
            self._pdf.save(buffer, compress_streams=False, static_id=True)
            self._document = pypdfium2.PdfDocument(buffer.getvalue())
        return self._document


def _without_text(source: Any) -> bytes:
    """Return a content stream without what shows letters and pictures. An unknown ``Do`` is no harm: it draws less."""
    images = _images_of(source.get("/Resources") if isinstance(source, pikepdf.Object) else source.resources)
    kept = [
        step
        for step in pikepdf.parse_content_stream(source)
        if not isinstance(step, pikepdf.ContentStreamInlineImage)
        and str(step.operator) not in _SHOWS
        and not (str(step.operator) == "Do" and str(step.operands[0]) in images)
    ]
    return pikepdf.unparse_content_stream(kept)


def _images_of(resources: Any) -> frozenset[str]:
    objects = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
    found = objects.items() if isinstance(objects, pikepdf.Dictionary) else ()
    return frozenset(key for key, value in found if value.get("/Subtype") == Name.Image)


def _scale(width: float, height: float) -> float:
    scale = DPI / 72
    if width * height * scale * scale > LARGE_PIXELS:
        scale = LOW_DPI / 72
    if width * height * scale * scale > MOST_PIXELS:
        scale = math.sqrt(MOST_PIXELS / max(width * height, 1.0))
    if min(width, height) * scale < 1 or scale < 0.1:
        raise RefusedError("limit", "page size")
    return scale


def _characters(page: Any, text_page: Any, size: tuple[int, int]) -> list[Character]:
    found: list[Character] = []
    for index in range(pdfium.FPDFText_CountChars(text_page)):
        text = _text(pdfium.FPDFText_GetUnicode(text_page, index))
        box = None if pdfium.FPDFText_IsGenerated(text_page, index) == 1 else _box(page, text_page, index, size)
        if text in _HYPHEN_AT_LINE_END:
            found += [Character("-", box), Character("\n", None)]
        elif text == "\n" and found and found[-1].text == "\n":
            continue
        elif text != "\r":
            found.append(Character(text, box))
    return found


def _text(code: int) -> str:
    return chr(code) if 0 < code < 0xD800 or 0xDFFF < code <= 0x10FFFF else "\ufffd"


def _box(page: Any, text_page: Any, index: int, size: tuple[int, int]) -> Box | None:
    rectangle = pdfium.FS_RECTF()
    if not pdfium.FPDFText_GetLooseCharBox(text_page, index, rectangle):
        return None
    corners = [
        _pixel(page, size, x, y) for x in (rectangle.left, rectangle.right) for y in (rectangle.bottom, rectangle.top)
    ]
    across, down = [x for x, _ in corners], [y for _, y in corners]
    return min(across), min(down), max(across), max(down)


def _pixel(page: Any, size: tuple[int, int], x: float, y: float) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
    return across.value, down.value


def pixels_of(image: Any, mask: bool = False) -> Image.Image:
    """Return the pixels of an image object, as they are drawn; without its soft mask, which is a picture of its own.

    ``mask``: it is a stencil; what it lets through is black.

    Raises:
        RefusedError: ``parse-failed`` when it cannot be drawn.
    """
    width, height = int(image.Width), int(image.Height)
    if width < 1 or height < 1 or width > 100_000 or height > 100_000:
        raise RefusedError("parse-failed", "picture size")
    scale = min(1.0, math.sqrt(PICTURE_PIXELS / (width * height)))
    with pikepdf.new() as pdf:
        copy = pdf.copy_foreign(image) if image.is_indirect else image
        for key in ("/SMask", "/OC", "/Alternates", "/Metadata", "/OPI", "/SMaskInData"):
            if key in copy:
                del copy[key]
        # A page has at most 14400 points; pixels are points here as long as they fit.
        side = min(1.0, 14_000 / max(width, height))
        page = pdf.add_blank_page(page_size=(max(width * side, 3), max(height * side, 3)))
        page.obj.Resources = Dictionary(XObject=Dictionary(I=copy))
        page.obj.Contents = pdf.make_stream(f"{width * side:.5f} 0 0 {height * side:.5f} 0 0 cm /I Do".encode())
        page.obj.MediaBox = Array(
            [
                0,
                0,
                pikepdf.Object.parse(f"{width * side:.5f}".encode()),
                pikepdf.Object.parse(f"{height * side:.5f}".encode()),
            ]
        )
        buffer = io.BytesIO()
        pdf.save(buffer, compress_streams=False, static_id=True)
    try:
        document = pypdfium2.PdfDocument(buffer.getvalue())
        drawn: Image.Image = document[0].render(scale=scale / side, may_draw_forms=False, draw_annots=False).to_pil()
        document.close()
    except (pypdfium2.PdfiumError, OSError, MemoryError):
        raise RefusedError("parse-failed", "picture") from None
    grey = mask or _is_grey(image)
    return drawn.convert("L" if grey else "RGB")


def _is_grey(image: Any) -> bool:
    return image.get("/ColorSpace") in (Name.DeviceGray, Name.CalGray, Name.G)
