"""What a PNG or JPEG file holds beside its pixels: counted, asked for names, and never written.

The walk is strict about one thing: the file must have its end where its own lengths say. What follows the end is no
part of the picture.
"""

from __future__ import annotations

import contextlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PIL import Image

from redaction.errors import RefusedError

PNG_HEAD: Final = b"\x89PNG\r\n\x1a\n"
JPEG_HEAD: Final = b"\xff\xd8\xff"

_PNG_PIXELS: Final = frozenset({"IHDR", "PLTE", "IDAT", "IEND", "tRNS"})
_PNG_FRAMES: Final = frozenset({"acTL", "fcTL", "fdAT"})
_PNG_TEXTS: Final = frozenset({"tEXt", "zTXt", "iTXt"})
_EXIF: Final = b"Exif\0\0"
_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
_IPTC_RECORD: Final = re.compile(rb"\x1c\x02([\x50\x55\x5a\x6e\x73\x74\x76\x78\x7a])(..)", re.DOTALL)
_XMP_NAMED: Final = re.compile(
    r"<(?:\w+:)?(creator|rights|title|description|OwnerName|CaptionWriter|Credit|Source|SerialNumber|PersonInImage)\b"
    r"[^>]*>(.{0,2000}?)</",
    re.DOTALL | re.IGNORECASE,
)
# DocumentName, ImageDescription, Artist, HostComputer, Copyright; the names and numbers that Windows and cameras write.
_EXIF_NAMED: Final = (269, 270, 315, 316, 33432, 40091, 40092, 40093, 40094, 40095)
_EXIF_PHOTO: Final = (37510, 42016, 42032, 42033, 42037)
_PHOTO_IFD: Final = 0x8769
_TEXT_NAMED: Final = frozenset({"author", "artist", "creator", "copyright", "owner", "title", "description", "comment"})
_LONGEST_VALUE: Final = 200
_MOST_VALUES: Final = 100
_LARGEST_TEXT: Final = 1024 * 1024


@dataclass(frozen=True)
class Part:
    """One chunk or segment that holds no pixels. ``kind`` is its name in the format: ``tEXt``, ``APP1``, ``COM``."""

    kind: str
    data: bytes


@dataclass(frozen=True)
class Parts:
    """Everything that is not pixels: metadata, further frames, and the bytes behind the end."""

    metadata: tuple[Part, ...]
    frames: int
    tail: bytes


def parts(source: bytes) -> Parts:
    """Walk through a PNG or JPEG file.

    Raises:
        RefusedError: ``parse-failed``, it ends before its end.
    """
    walk = _png(source) if source.startswith(PNG_HEAD) else _jpeg(source)
    found = []
    frames = 0
    tail = b""
    for part in walk:
        if part.kind == "":
            tail = part.data
        elif part.kind in _PNG_FRAMES:
            frames += part.kind == "fcTL"
        else:
            found.append(part)
    return Parts(tuple(found), frames, tail)


def values(found: Parts) -> list[str]:
    """What the metadata says of people: their names must not survive anywhere."""
    listed: dict[str, None] = {}
    for part in found.metadata:
        for value in _values(part):
            text = " ".join(value.replace("\0", " ").split())
            if any(character.isalnum() for character in text):
                listed.setdefault(text[:_LONGEST_VALUE])
    return list(listed)[:_MOST_VALUES]


# Walks --------------------------------------------------------------------------------------------------------------


def _png(source: bytes) -> Iterator[Part]:
    at = len(PNG_HEAD)
    while at + 12 <= len(source):
        length = int.from_bytes(source[at : at + 4], "big")
        kind = source[at + 4 : at + 8].decode("latin-1")
        data = source[at + 8 : at + 8 + length]
        at += 12 + length
        if at > len(source):
            break
        if kind not in _PNG_PIXELS:
            yield Part(kind, data)
        if kind == "IEND":
            yield Part("", source[at:])
            return
    raise RefusedError("parse-failed", "no end")


def _jpeg(source: bytes) -> Iterator[Part]:
    at = 2
    while at + 2 <= len(source):
        if source[at] != 0xFF:
            raise RefusedError("parse-failed", "no marker")
        marker = source[at + 1]
        if marker == 0xFF:  # a byte of filling
            at += 1
            continue
        if marker == 0xD9:
            yield Part("", source[at + 2 :])
            return
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            at += 2
            continue
        length = int.from_bytes(source[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(source):
            break
        data = source[at + 4 : at + 2 + length]
        if marker == 0xFE:
            yield Part("COM", data)
        elif 0xE0 <= marker <= 0xEF and not (marker == 0xE0 and data.startswith(b"JFIF\0") and len(data) == 14):
            yield Part(f"APP{marker - 0xE0}", data)
        at += 2 + length
        if marker == 0xDA:
            at = _behind_scan(source, at)
    raise RefusedError("parse-failed", "no end")


def _behind_scan(source: bytes, at: int) -> int:
    """Where the next marker stands after compressed pixels."""
    while (at := source.find(b"\xff", at)) >= 0 and at + 1 < len(source):
        if source[at + 1] not in (0x00, 0xFF) and not 0xD0 <= source[at + 1] <= 0xD7:
            return at
        at += 1 if source[at + 1] == 0xFF else 2
    raise RefusedError("parse-failed", "no end")


# Values -------------------------------------------------------------------------------------------------------------


def _values(part: Part) -> Iterator[str]:
    if part.kind == "COM":
        yield part.data.decode("utf-8", "replace")
    elif part.kind in _PNG_TEXTS:
        yield from _png_text(part)
    elif part.kind == "eXIf":
        yield from _exif(_EXIF + part.data)
    elif part.kind == "APP1" and part.data.startswith(_EXIF):
        yield from _exif(part.data)
    elif part.kind == "APP1" and part.data.startswith(_XMP):
        yield from _xmp(part.data[len(_XMP) :].decode("utf-8", "replace"))
    elif part.kind == "APP13":
        for match in _IPTC_RECORD.finditer(part.data):
            length = int.from_bytes(match.group(2), "big")
            yield part.data[match.end() : match.end() + length].decode("utf-8", "replace")


def _exif(data: bytes) -> Iterator[str]:
    """Values of the tags that name people. What cannot be read is dropped like the rest."""
    with contextlib.suppress(Exception):
        exif = Image.Exif()
        exif.load(data)
        photo = exif.get_ifd(_PHOTO_IFD)
        for value in [*(exif.get(tag) for tag in _EXIF_NAMED), *(photo.get(tag) for tag in _EXIF_PHOTO)]:
            if isinstance(value, str):
                yield value
            elif isinstance(value, bytes):
                yield value[8:].decode("utf-8", "replace") if value[:5] in (b"ASCII", b"UNICO") else _wide(value)
            elif isinstance(value, tuple) and all(isinstance(one, int) and 0 <= one < 256 for one in value):
                yield _wide(bytes(value))


def _wide(value: bytes) -> str:
    """Bytes of Windows' properties are UTF-16; those of others hardly have zeros."""
    return value.decode("utf-16-le", "replace") if b"\0" in value else value.decode("utf-8", "replace")


def _xmp(text: str) -> Iterator[str]:
    for match in _XMP_NAMED.finditer(text):
        yield re.sub(r"<[^>]*>", " ", match.group(2))


def _png_text(part: Part) -> Iterator[str]:
    key, _, rest = part.data.partition(b"\0")
    name = key.decode("latin-1").casefold()
    if part.kind == "zTXt":
        rest = _inflated(rest[1:])
    elif part.kind == "iTXt":
        packed, rest = rest[:1] == b"\x01", rest[2:]
        rest = rest.partition(b"\0")[2].partition(b"\0")[2]
        rest = _inflated(rest) if packed else rest
    text = rest.decode("utf-8", "replace")
    if name.startswith("xml"):
        yield from _xmp(text)
    elif name in _TEXT_NAMED:
        yield text


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _LARGEST_TEXT)
    except zlib.error:
        return b""
