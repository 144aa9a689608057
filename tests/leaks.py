"""Looks for planted words in any bytes, as somebody would who wants to find them.

Shares no code with the product: opens zips inside zips, inflates PDF streams and reads their text, decodes mail, base64
and quoted-printable, strips tags, and compares without regard to case, accents, blanks and invisible characters.
"""

from __future__ import annotations

import base64
import binascii
import email
import email.policy
import html
import io
import quopri
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator

import pypdf

DISTINCTIVE = 7  # squeezed characters from which a word is looked for anywhere, not only between word boundaries
DEPTH = 6


def squeeze(text: str) -> str:
    """Letters and digits alone, without case or accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed.casefold() if c.isalnum())


def views(data: bytes, depth: int = 0) -> Iterator[str]:
    """Every text that these bytes hold in any way a reader might unpack."""
    if depth > DEPTH:
        return
    for encoding in ("utf-8", "latin-1", "utf-16-le", "utf-16-be"):
        text = data.decode(encoding, "ignore")
        yield text
        if encoding == "utf-8" and "<" in text:
            yield html.unescape(re.sub(r"<[^>]*>", "", text))
            yield html.unescape(re.sub(r"<[^>]*>", " ", text))
    yield quopri.decodestring(data).decode("utf-8", "ignore")
    yield from _base64(data, depth)
    if data[:4] == b"PK\x03\x04":
        yield from _zip(data, depth)
    elif data[:5] == b"%PDF-":
        yield from _pdf(data, depth)
    elif re.match(rb"[A-Za-z-]{2,30}: ", data):
        yield from _mail(data, depth)


def _base64(data: bytes, depth: int) -> Iterator[str]:
    for blob in re.findall(rb"[A-Za-z0-9+/\r\n]{24,}={0,2}", data):
        try:
            decoded = base64.b64decode(blob + b"=" * (-len(blob) % 4))
        except binascii.Error:
            continue
        yield from views(decoded, depth + 1) if depth < 2 else ()


def _zip(data: bytes, depth: int) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            yield member.filename + " " + member.comment.decode("utf-8", "ignore")
            yield from views(archive.read(member), depth + 1)


def _pdf(data: bytes, depth: int) -> Iterator[str]:
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        try:
            yield from views(zlib.decompress(stream), depth + 1)
        except zlib.error:
            continue
    reader = pypdf.PdfReader(io.BytesIO(data))
    yield " ".join(page.extract_text() for page in reader.pages)
    yield str(reader.metadata)


def _mail(data: bytes, depth: int) -> Iterator[str]:
    message = email.message_from_bytes(data, policy=email.policy.default)
    yield "\n".join(f"{name}: {value}" for name, value in message.items())
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield part.get_filename() or ""
            yield from views(payload, depth + 1)


def found(words: Iterable[str], data: bytes) -> set[str]:
    """Which of these words the bytes give away."""
    wanted = set(words)
    hits: set[str] = set()
    for text in views(data):
        squeezed = squeeze(text)
        folded = unicodedata.normalize("NFKC", text).casefold()
        for word in wanted - hits:
            if len(needle := squeeze(word)) >= DISTINCTIVE:
                if needle in squeezed:
                    hits.add(word)
            elif re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", folded):
                hits.add(word)
        if hits == wanted:
            break
    return hits
