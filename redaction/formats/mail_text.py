"""Plain text of a mail as people read it: lines that only a program broke are joined, blocks for programs are gone.

Sources: RFC 3676 (flowed text), RFC 9580 (armour of OpenPGP), RFC 7468 (keys and certificates), uuencode of POSIX.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

# Encoded, and full of names: a public key and a certificate say whose they are.
_ARMOUR: Final = re.compile(
    r"^[>| \t]*-----BEGIN (PGP SIGNATURE|PGP PUBLIC KEY BLOCK|CERTIFICATE|PKCS7|CMS)-----.*?-----END \1-----[^\n]*\n?",
    re.DOTALL | re.MULTILINE,
)
_SIGNED: Final = re.compile(
    r"^([>| \t]*)-----BEGIN PGP SIGNED MESSAGE-----[^\n]*\n"
    r"(?:[>| \t]*(?:Hash|Charset|NotDashEscaped):[^\n]*\n)*(?:[>| \t]*\n)?",
    re.MULTILINE,
)
_DASHED: Final = re.compile(r"^([>| \t]*)- (?=-)", re.MULTILINE)
_UUENCODED: Final = re.compile(r"^begin [0-7]{3,4} [^\n]+\n(?:[ -`]{1,90}\n){0,200000}end[ \t]*(?:\n|\Z)", re.MULTILINE)
_CUT_IN_QUOTE: Final = re.compile(r"(?<=[^\W\d_]-)\n([> \t]*>[> \t]*)([^\W\d_]+[^\s\w]*)[ \t]?")
_QUOTES: Final = re.compile(r">*")


@dataclass(frozen=True)
class Plain:
    """What is left of a text; how many blocks went, how many of them were files, and whether one was a signature."""

    text: str
    blocks: int = 0
    files: int = 0
    signed: bool = False


def without_blocks(text: str) -> Plain:
    """Take signatures, keys, certificates and files that were encoded into the text out of it."""
    if "-----BEGIN " not in text and "begin " not in text:
        return Plain(text)
    text, signatures = _SIGNED.subn("", text)
    if signatures:
        text = _DASHED.sub(r"\1", text)
    text, armours = _ARMOUR.subn("", text)
    text, files = _UUENCODED.subn("", text)
    return Plain(text, signatures + armours + files, files, signatures > 0)


def rejoined(text: str) -> str:
    """Words that a hyphen cuts at the end of a quoted line stand on that line: no reader of names reads over ">"."""
    return _CUT_IN_QUOTE.sub(r"\2\n\1", text) if ">" in text else text


def unflowed(text: str) -> str:
    """Join lines that end in a blank, which goes too: so may a word have been cut (RFC 3676, DelSp)."""
    joined: list[str] = []
    open_quotes: str | None = None
    for line in text.split("\n"):
        found = _QUOTES.match(line)
        quotes = found.group() if found else ""
        body = line[len(quotes) :].removeprefix(" ")
        flowing = line.endswith(" ") and body != "-- " and line != "-- "
        if open_quotes is not None and open_quotes == quotes:
            joined[-1] += body[:-1] if flowing else body
        else:
            joined.append(line[:-1] if flowing else line)
        open_quotes = quotes if flowing else None
    return "\n".join(joined)
