"""Pictures with text in them, built here, for tests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from redaction import ocr

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
INK: Colour = (25, 25, 30)


def drawn(
    lines: Sequence[str],
    size: tuple[int, int] = (560, 200),
    *,
    letters: float = 18,
    ink: Colour = INK,
    paper: Colour = WHITE,
    at: tuple[int, int] = (20, 20),
) -> Image.Image:
    """Lines of text on paper."""
    picture = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(letters)
    for number, line in enumerate(lines):
        draw.text((at[0], at[1] + int(number * letters * 1.6)), line, fill=ink, font=font)
    return picture


def code(text: str, kind: Any = zxingcpp.BarcodeFormat.QRCode, scale: int = 3) -> Image.Image:
    """A QR or bar code."""
    pixels = numpy.array(zxingcpp.create_barcode(text, kind).to_image(scale=scale))
    return Image.fromarray(pixels).convert("RGB")


def png(picture: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", **options)
    return buffer.getvalue()


def jpeg(picture: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", **{"quality": 90, **options})
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def plain(picture: Image.Image) -> ocr.Picture:
    """What the engines take."""
    return ocr.Picture(picture.width, picture.height, picture.convert("RGB").tobytes())


def text_of(words: Sequence[ocr.Word]) -> str:
    return "\n".join(" ".join(word.text for word in line) for line in ocr.lines(words))
