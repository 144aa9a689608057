"""The files of a mail: which go on as files of their own, under which name, and in which form.

What the table of formats takes goes on. Text of a kind nobody knows goes as plain text, an invitation too, with its
folded lines joined (RFC 5545, 3.1) and its attachments out. All else is left out: contact cards, winmail.dat, films.
"""

from __future__ import annotations

import re
import struct
from typing import Final

from redaction.errors import RefusedError
from redaction.formats import Sniff
from redaction.formats.archive_kinds import extension, plain_by_name
from redaction.media import EXTENSIONS

# What a reader of the message does not miss, so it is not named as left out.
SILENT_TYPES: Final = frozenset({"application/pgp-signature", "application/pkcs7-signature", "text/x-amp-html"})
CALENDAR: Final = "text/calendar"
_DROPPED_TYPES: Final = SILENT_TYPES | {
    "text/vcard", "text/x-vcard", "text/directory", "text/rtf", "application/rtf", "text/rfc822-headers",
    "message/delivery-status", "message/disposition-notification", "message/partial", "message/external-body",
    "application/ms-tnef", "application/vnd.ms-tnef", "application/pgp-keys", "application/pgp-encrypted",
}  # fmt: skip
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_FOLD: Final = re.compile(r"\r?\n[ \t]")
_ENCODED_LINE: Final = re.compile(r"^[^:\r\n]*;ENCODING=(?:B|BASE64)\b[^\r\n]*\r?\n?", re.IGNORECASE | re.MULTILINE)
# A picture of a few points says nothing to people: it counts who opens the mail, or is a rule.
SPECK: Final = 16
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def taken(kind: str, name: str, data: bytes, ordinal: int, sniff: Sniff) -> tuple[str, bytes] | None:
    """Name and bytes of an attachment that goes on; None when it is left out."""
    if kind in _DROPPED_TYPES or extension(name) == "vcf" or is_speck(data):
        return None
    name = name or f"attachment-{ordinal}"
    if kind == CALENDAR or extension(name) == "ics":
        return f"{name}.txt", calendar(data)
    for candidate in _candidates(kind, name):
        try:
            sniff(candidate, data)
        except RefusedError as error:
            if error.code == "unsupported" or (error.code == "mismatch" and candidate != name):
                continue
        return candidate, data
    return None


def _candidates(kind: str, name: str) -> tuple[str, ...]:
    """Names to try: its own, one that says what its type says, one for plain text."""
    typed = (f"{name}.{EXTENSIONS[kind]}",) if kind in EXTENSIONS and extension(name) != EXTENSIONS[kind] else ()
    plain = (f"{name}.txt",) if plain_by_name(name) and extension(name) else ()
    # A name without an extension promises nothing, so its type decides.
    return (*typed, name, *plain) if not extension(name) else (name, *typed, *plain)


def as_utf8(text: str) -> bytes:
    """Text with a mark that says how it is encoded; none where every program agrees anyway."""
    data = text.encode("utf-8", "replace")
    return data if data.isascii() else _BYTE_ORDER_MARK + data


def calendar(data: bytes) -> bytes:
    """An invitation with its folded lines joined, without files encoded into it."""
    text = _FOLD.sub("", data.decode("utf-8", "replace"))
    return _ENCODED_LINE.sub("", text).encode("utf-8")


def is_speck(data: bytes) -> bool:
    """True for a picture that is only a few points high or wide."""
    size = _png_size(data) or _jpeg_size(data) or _gif_size(data)
    return size is not None and min(size) < SPECK


def _png_size(data: bytes) -> tuple[int, int] | None:
    if not data.startswith(b"\x89PNG\r\n\x1a\n") or len(data) < 24:
        return None
    width, height = struct.unpack_from(">2L", data, 16)
    return width, height


def _gif_size(data: bytes) -> tuple[int, int] | None:
    if not data.startswith(b"GIF8") or len(data) < 10:
        return None
    width, height = struct.unpack_from("<2H", data, 6)
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    if not data.startswith(b"\xff\xd8"):
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        if data[at + 1] in _FRAMES:
            height, width = struct.unpack_from(">2H", data, at + 5)
            return width, height
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
