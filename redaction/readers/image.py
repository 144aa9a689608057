"""Two readings of a picture that share no code with its writer, and its segments against the list of those we write.

The first is the text that OCR reads in the saved pixels, by one engine and at another scale than the writer used. The
second looks at what is no text to OCR: codes, and words in segments that should not be there.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from typing import Final

import zxingcpp
from PIL import Image

from redaction import ocr
from redaction.entities import Block, Kind
from redaction.readers import Reader

MAXIMUM_PIXELS: Final = 40_000_000
# Not the scale that handlers read at: what is misread in one is read in the other.
SCALE: Final = 1.4
OTHER_SCALE: Final = 0.85
SMALL: Final = 700_000

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_CHUNKS: Final = frozenset({b"IHDR", b"IDAT", b"IEND"})
# SOI stands before the walk, EOI ends it: tables, frame headers, scans.
_SEGMENTS: Final = frozenset({0xC0, 0xC2, 0xC4, 0xDA, 0xDB})
_JFIF: Final = b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_WORDS: Final = re.compile(rb"[\x20-\x7e\xa0-\xff]{4,}")
_WIDE_WORDS: Final = re.compile(rb"(?:[\x20-\x7e]\x00){4,}")


def read_pixels(data: bytes) -> list[Block]:
    """What the second engine reads, line by line."""
    return [Block(f"img1/t{number}", text, Kind.LABEL) for number, text in enumerate(text_lines(opened(data)), 1)]


def read_segments(data: bytes) -> list[Block]:
    """What codes say, and words in any segment beside the pixels."""
    blocks = [Block(f"img1/code{number}", text, Kind.LABEL) for number, text in enumerate(said(opened(data)), 1)]
    for number, (name, content) in enumerate(_walk(data), 1):
        if name in _CHUNKS or name in _SEGMENTS or (name == 0xE0 and content == _JFIF):
            continue
        words = [match.group().decode("latin-1") for match in _WORDS.finditer(content)]
        words += [match.group().decode("utf-16-le") for match in _WIDE_WORDS.finditer(content)]
        if words:
            blocks.append(Block(f"segment{number}", "\n".join(words), Kind.CODE))
    return blocks


READERS: tuple[Reader, ...] = (read_pixels, read_segments)


def undeclared(data: bytes) -> list[str]:
    """Return what the file holds beyond our list: segments, bytes behind the end, colours of transparent pixels."""
    found = []
    for number, (name, content) in enumerate(_walk(data), 1):
        if name is None:
            found.append("bytes behind the end")
        elif name == 0xE0:
            found += [] if content == _JFIF else [f"segment {number}"]
        elif name not in _CHUNKS and name not in _SEGMENTS:
            found.append(f"segment {number}")
    with _image(data) as picture:
        if picture.mode == "RGBA" and _hidden_colours(picture):
            found.append("colours of transparent pixels")
    return found


def opened(data: bytes) -> Image.Image:
    """The pixels of a picture, on white where it is transparent.

    Raises:
        ValueError: it has more pixels than we write.
        OSError: it is damaged.
    """
    with _image(data) as picture:
        if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
            layered = picture.convert("RGBA")
            ground = Image.new("RGBA", layered.size, _ground(layered))
            return Image.alpha_composite(ground, layered).convert("RGB")
        return picture.convert("RGB")


def text_lines(picture: Image.Image, budget: ocr.Budget | None = None) -> list[str]:
    """What the second engine reads at its own scale; a picture with text on its side is turned by the engine."""
    engine = ocr.engines()[0] if ocr.engines() else ""
    words = ocr.read(
        ocr.Picture(picture.width, picture.height, picture.tobytes()), engine=engine, scale=SCALE, budget=budget
    )
    return [" ".join(word.text for word in line) for line in ocr.lines(words)]


def other_lines(picture: Image.Image, budget: ocr.Budget | None = None) -> list[str]:
    """What all engines read of a small picture at one more scale: where one has a letter wrong, another may not."""
    if picture.width * picture.height > SMALL:
        return []
    words = ocr.read(ocr.Picture(picture.width, picture.height, picture.tobytes()), scale=OTHER_SCALE, budget=budget)
    return [" ".join(word.text for word in line) for line in ocr.lines(words)]


def said(picture: Image.Image) -> list[str]:
    """What QR and bar codes in a picture say."""
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def _ground(picture: Image.Image) -> tuple[int, int, int, int]:
    """White, or black where what is seen is bright."""
    grey, alpha = picture.convert("L"), picture.getchannel("A")
    weights = alpha.histogram()
    if not sum(weights[1:]):
        return 255, 255, 255, 255
    shown = Image.new("L", picture.size)
    shown.paste(grey, mask=alpha.point(lambda value: 255 if value else 0))
    mean = sum(value * count for value, count in enumerate(shown.histogram())) / max(sum(weights[1:]), 1)
    return (0, 0, 0, 255) if mean > 128 else (255, 255, 255, 255)


def _image(data: bytes) -> Image.Image:
    for _ in _walk(data):  # Pillow is content with a file that ends too early
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # our own limit on pixels decides
        picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
    if picture.width * picture.height > MAXIMUM_PIXELS:
        raise ValueError("too large")
    picture.load()
    return picture


def _hidden_colours(picture: Image.Image) -> bool:
    """True when a pixel that nobody sees has a colour."""
    red, green, blue, alpha = picture.split()
    clear = alpha.point(lambda value: 0 if value else 255)
    for channel in (red, green, blue):
        hidden = Image.new("L", picture.size)
        hidden.paste(channel, mask=clear)
        if hidden.getbbox():
            return True
    return False


# Segments -----------------------------------------------------------------------------------------------------------


def _walk(data: bytes) -> Iterator[tuple[bytes | int | None, bytes]]:
    """Every chunk or segment with its name; None for what is behind the end. Raises ValueError on a broken one."""
    if data.startswith(_PNG):
        return _chunks(data)
    if data.startswith(_JPEG):
        return _segments(data)
    raise ValueError("no picture of ours")


def _chunks(data: bytes) -> Iterator[tuple[bytes | int | None, bytes]]:
    at = 8
    while True:
        try:
            length, name = struct.unpack_from(">I4s", data, at)
            (crc,) = struct.unpack_from(">I", data, at + 8 + length)
        except struct.error as error:
            raise ValueError("no end") from error
        content = data[at + 8 : at + 8 + length]
        if zlib.crc32(name + content) != crc:
            raise ValueError("a damaged chunk")
        yield name, content
        at += 12 + length
        if name == b"IEND":
            break
    if at < len(data):
        yield None, data[at:]


def _segments(data: bytes) -> Iterator[tuple[bytes | int | None, bytes]]:
    at = 2
    while data[at : at + 2] != b"\xff\xd9":
        if at + 4 > len(data) or data[at] != 0xFF:
            raise ValueError("no marker")
        marker, (length,) = data[at + 1], struct.unpack_from(">H", data, at + 2)
        yield marker, data[at + 4 : at + 2 + length]
        at += 2 + length
        if marker == 0xDA:
            end = re.compile(rb"\xff[^\x00\xd0-\xd7]", re.DOTALL).search(data, at)
            if end is None:
                raise ValueError("no end")
            at = end.start()
    if at + 2 < len(data):
        yield None, data[at + 2 :]
