"""Looks whether a binary that was to be dropped is in an output after all: not as text, but byte for byte.

What counts as dropped: in office files every member that is neither markup nor a picture (programs, old containers,
vectors, fonts, settings of printers); in PDF the streams of attachments, thumbnails and private data; in mail the
attachments that are no text; in pictures the segments of metadata and what follows their end.
"""

from __future__ import annotations

import email
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from redaction.media import MAIL, OFFICE, PDF

WINDOW: Final = 64
_DISTINCT: Final = 24  # so many different bytes in a window: one that says something
_WINDOWS: Final = 512  # of one binary, evenly over it
_RASTERS: Final = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_KEPT: Final = (".xml", ".rels", ".vml", ".xlsx", ".docx", ".pptx", ".pdf")
_STREAM: Final = re.compile(rb"<<((?:[^>]|>(?!>))*)>>\s*stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_DROPPED: Final = re.compile(rb"/(?:EmbeddedFile|Filespec|Metadata|Thumb|RichMedia|Sound|3D|XFA)\b")
# Tables of a picture inside (a thumbnail, say): the same in pictures of every camera, so they say nothing of this one.
_TABLES: Final = re.compile(rb"\xff[\xc4\xdb][\x00-\x02].(?:(?!\xff[\xc0-\xfe]).){16,600}", re.DOTALL)
_MAXIMUM: Final = 500 * 1024 * 1024


def remains(media_type: str, source: bytes, output_type: str, output: bytes) -> int:
    """How many windows of 64 bytes of the dropped binaries of ``source`` are in ``output``, packed or unpacked.

    Raises ValueError when the output cannot be unpacked; a source that cannot be has been refused before.
    """
    windows = {window for binary in _dropped(media_type, source) for window in _windows(binary)}
    if not windows:
        return 0
    whole = b"\0".join(_unpacked(output_type, output))
    return sum(window in whole for window in windows)


def _windows(binary: bytes) -> Iterator[bytes]:
    binary = _TABLES.sub(b"", binary)
    last = len(binary) - WINDOW
    if last < 0:
        return
    step = max(WINDOW, last // _WINDOWS)
    for start in range(0, last + 1, step):
        window = binary[start : start + WINDOW]
        if len(set(window)) >= _DISTINCT:
            yield window


def _dropped(media_type: str, source: bytes) -> Iterator[bytes]:
    if media_type in OFFICE:
        yield from _members(source)
    elif media_type == PDF:
        yield from _streams(source, dropped=True)
    elif media_type == MAIL:
        yield from _attachments(source)
    elif media_type == "image/png":
        yield from _png(source)
    elif media_type == "image/jpeg":
        yield from _jpeg(source)


def _members(source: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(source)) as archive:
        for member in archive.infolist():
            name = member.filename.casefold()
            if member.is_dir() or name.endswith(_KEPT):
                continue
            data = archive.read(member)
            if not data.startswith(_RASTERS):
                yield data


def _streams(source: bytes, *, dropped: bool) -> Iterator[bytes]:
    for match in _STREAM.finditer(source):
        if dropped and not _DROPPED.search(match.group(1)):
            continue
        body = match.group(2)
        try:
            yield zlib.decompressobj().decompress(body, _MAXIMUM)
        except zlib.error:
            yield body


def _attachments(source: bytes) -> Iterator[bytes]:
    for part in email.message_from_bytes(source).walk():
        if part.get_content_maintype() not in ("text", "multipart", "message"):
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield payload


def _png(source: bytes) -> Iterator[bytes]:
    at = 8
    while at + 8 <= len(source):
        length, kind = int.from_bytes(source[at : at + 4], "big"), source[at + 4 : at + 8]
        if kind not in (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS"):
            yield source[at + 8 : at + 8 + length]
        at += 12 + length
        if kind == b"IEND":
            yield source[at:]
            return


def _jpeg(source: bytes) -> Iterator[bytes]:
    at = 2
    while at + 4 <= len(source) and source[at] == 0xFF:
        marker, length = source[at + 1], int.from_bytes(source[at + 2 : at + 4], "big")
        if marker == 0xDA:
            break
        if 0xE1 <= marker <= 0xEF or marker == 0xFE:
            yield source[at + 4 : at + 2 + length]
        at += 2 + length
    yield source[source.rfind(b"\xff\xd9") + 2 :]


def _unpacked(output_type: str, output: bytes) -> Iterator[bytes]:
    yield output
    if output.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(output)) as archive:
            for member in archive.infolist():
                yield from _unpacked("", archive.read(member))
    elif output_type == PDF:
        yield from _streams(output, dropped=False)
    elif output_type == MAIL:
        yield from _attachments(output)
