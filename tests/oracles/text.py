"""Readers of text that know no format: what an editor shows, and what a patient stranger makes of the bytes."""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import quopri
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

from tests.oracles import Oracle

EXTENSIONS = ("txt", "md", "markdown", "text", "log")

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_LOOKALIKES = str.maketrans("аесорхуѕіјԁһԛԝɑɩαορτυνκι", "aecopxysijdhqwaiaoptuvki")
_OVERRIDE = re.compile("[\u202e\u202b\u2067]([^\u202c\u2069\n]*)")
_BLOB = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_ESCAPE = re.compile(r"\\u\{?([0-9A-Fa-f]{4,6})\}?|\\x([0-9A-Fa-f]{2})|\\U([0-9A-Fa-f]{8})")


def decoded(data: bytes) -> str:
    """The text as an editor opens it."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def shown(text: str) -> str:
    """The text without what nobody sees, lookalikes as the letters they look like, turned text turned back."""
    visible = "".join(sign for sign in text if unicodedata.category(sign) != "Cf" and sign not in "\u0002\ufffe")
    turned = "\n".join(match.group(1)[::-1] for match in _OVERRIDE.finditer(text))
    return f"{visible}\n{turned}".translate(_LOOKALIKES)


def views(text: str) -> Iterator[str]:
    """The text, and what stands in it in other writings."""
    yield shown(text)
    yield shown(re.sub(r"[*~`]|<[^<>]{0,80}>", "", text))
    yield shown(unquote(text))
    yield shown(html.unescape(text))
    yield shown(_ESCAPE.sub(lambda match: chr(int(next(filter(None, match.groups())), 16)), text))
    yield shown(quopri.decodestring(text.encode("utf-8")).decode("utf-8", "replace"))
    for match in _BLOB.finditer(text):
        blob = match.group().replace("-", "+").replace("_", "/").rstrip("=")
        try:
            found = base64.b64decode(blob[: len(blob) - (len(blob) % 4 == 1)] + "=" * (-len(blob) % 4))
            if found.startswith(b"\x1f\x8b"):
                found = gzip.decompress(found)
        except (binascii.Error, OSError, EOFError):
            continue
        yield shown(found.decode("utf-8", "ignore"))
        yield shown(found.decode("utf-16-le", "ignore"))


def editor(data: bytes) -> str:
    """What an editor shows."""
    return shown(decoded(data))


def stranger(data: bytes) -> str:
    """The bytes in all common encodings, escapes undone."""
    texts = [decoded(data), data.decode("latin-1")]
    if b"\0" in data:
        texts += [data.decode(encoding, "ignore") for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")]
    return "\n".join(view for text in texts for view in views(text))


ORACLES: dict[str, Oracle] = {"editor": editor, "stranger": stranger}
