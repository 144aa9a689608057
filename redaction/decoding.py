"""What a text says once somebody decodes it: escapes of URLs, HTML, programs and mail, base64, hexadecimal, mirrored
lines.

Each view knows its way back to the text it was made of. Only the surroundings of an escape are decoded, as far as a
needle may reach, so that a text with few of them costs little more than one without. Blobs are another matter: nothing
can be cut out of one, so a hit in it is a hit of the whole.
"""

from __future__ import annotations

import binascii
import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from redaction.view import View

# Decoded text may hold escapes again ("%2541"); deeper than this nobody nests by accident.
DEPTH: Final = 3
SHORTEST_BLOB: Final = 24
# Beyond this a blob is a picture or an archive, which starts where it starts.
_LONGEST_SHIFTED: Final = 4096

_TAG_FIRST, _TAG_LAST = 0xE0020, 0xE007E
_ESCAPE_SIGNS: Final = ("%", "&", "\\", "xn--", "XN--")
# Each way begins with a letter of its own, which lets the search skip all others.
_ESCAPE: Final = re.compile(
    r"%u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2}){0,400}"
    r"|&#(?:[xX][0-9A-Fa-f]{1,6}|[0-9]{1,7});?|&[A-Za-z][A-Za-z0-9]{1,30};"
    r"|\\u[0-9A-Fa-f]{4}(?:\\u[0-9A-Fa-f]{4}){0,400}|\\u\{[0-9A-Fa-f]{1,6}\}|\\U[0-9A-Fa-f]{8}"
    r"|\\(?:x[0-9A-Fa-f]{2}|[0-3][0-7]{2})(?:\\x[0-9A-Fa-f]{2}|\\[0-3][0-7]{2}){0,400}"
    r"|xn--[A-Za-z0-9-]{2,60}|XN--[A-Za-z0-9-]{2,60}"
)
_TAGS: Final = re.compile(f"[{chr(_TAG_FIRST)}-{chr(_TAG_LAST)}]{{1,400}}")
_QUOTED: Final = re.compile(r"=(?:[0-9A-Fa-f]{2}(?:=[0-9A-Fa-f]{2}){0,400}|[ \t]{0,8}\r?\n)")
_ENCODED_WORD: Final = re.compile(r"=\?([\w-]{1,40})(?:\*[\w-]{1,20})?\?([BbQq])\?([^?\s]{0,400})\?=")
_MIRRORED: Final = re.compile("[\u0590-\u08ff\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufefc]")
_BASE64: Final = re.compile(
    r"(?<![A-Za-z0-9+/_-])(?:(?<=base64,)[A-Za-z0-9+/_-]{6,}|[A-Za-z0-9+/_-]{24,})"
    r"(?:[ \t]{0,4}\r?\n[> \t]{0,8}[A-Za-z0-9+/_-]{4,}(?![^\s=]))*={0,2}"
)
_HEX: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:[0-9A-Fa-f]{2}){8,}|(?:(?:0x)?[0-9A-Fa-f]{2}[ :,]{1,2}){7,}(?:0x)?[0-9A-Fa-f]{2})"
    r"(?![0-9A-Za-z])"
)
_ODD: Final = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]")
_NOT_HEX: Final = re.compile(r"0x|[ :,]")
_BLANKS: Final = re.compile(r"[\s>]+")


@dataclass(frozen=True)
class Blob:
    """Characters [start, end) decode to ``text``. ``readable``: it is text, not bytes that happen to hold letters."""

    start: int
    end: int
    text: str
    readable: bool


def views(text: str, reach: int) -> Iterator[View]:
    """The decoded surroundings of every escape, ``reach`` characters to both sides."""
    if any(sign in text for sign in _ESCAPE_SIGNS):
        yield from _windows(text, _ESCAPE, _escape, reach)
    if "=" in text:
        yield from _windows(text, _QUOTED, _quoted, reach)
        if "=?" in text:
            yield from _windows(text, _ENCODED_WORD, _encoded_word, reach)
    if not text.isascii():
        yield from _windows(text, _TAGS, _tag, reach)
        yield from _mirrored(text)


def deepened(view: View, reach: int) -> Iterator[View]:
    """The views of what a view says, with the way back to the source of that view."""
    for inner in views(view.text, reach):
        yield View(
            inner.text,
            [view.starts[start] for start in inner.starts],
            [view.ends[end - 1] for end in inner.ends],
        )


def blobs(text: str) -> Iterator[Blob]:
    """Every run of base64 or hexadecimal digits that is long enough to hold a name, decoded."""
    for match in _BASE64.finditer(text):
        digits = _BLANKS.sub("", match.group()).rstrip("=").translate(_STANDARD)
        # A path or a key in front belongs to the alphabet too; then the blob starts at one of the next three digits.
        shifts = range(4) if len(digits) <= _LONGEST_SHIFTED else range(1)
        for shift in shifts:
            decoded = _base64(digits[shift:])
            yield from _texts(match.start(), match.end(), decoded)
    for match in _HEX.finditer(text):
        digits = _NOT_HEX.sub("", match.group())
        yield from _texts(match.start(), match.end(), bytes.fromhex(digits))


_STANDARD: Final = str.maketrans("-_", "+/")


def _base64(digits: str) -> bytes:
    digits = digits[: len(digits) - (len(digits) % 4 == 1)]
    try:
        return binascii.a2b_base64(digits + "=" * (-len(digits) % 4))
    except binascii.Error:
        return b""


def _texts(start: int, end: int, data: bytes) -> Iterator[Blob]:
    """Bytes as text: UTF-16 by its mark, UTF-8 where they are that, else letter by letter.

    NULs are invisible to the matcher, so UTF-16 without a mark reads well enough letter by letter.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
    yield Blob(start, end, text, _readable(text))


def _readable(text: str) -> bool:
    start = text[:2000]
    return len(_ODD.findall(start)) * 20 <= len(start)


def _windows(
    text: str, pattern: re.Pattern[str], decode: Callable[[re.Match[str]], list[tuple[str, int, int]]], reach: int
) -> Iterator[View]:
    """Views of the surroundings of what ``pattern`` finds; near ones in one view."""
    group: list[re.Match[str]] = []
    for match in pattern.finditer(text):
        if group and match.start() > group[-1].end() + 2 * reach:
            yield _decoded(text, group, decode, reach)
            group = []
        group.append(match)
    if group:
        yield _decoded(text, group, decode, reach)


def _decoded(
    text: str,
    group: list[re.Match[str]],
    decode: Callable[[re.Match[str]], list[tuple[str, int, int]]],
    reach: int,
) -> View:
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = max(0, group[0].start() - reach)

    def literal(end: int) -> None:
        letters.append(text[at:end])
        starts.extend(range(at, end))
        ends.extend(range(at + 1, end + 1))

    for match in group:
        literal(match.start())
        for piece, start, end in decode(match):
            letters.append(piece)
            starts.extend([start] * len(piece))
            ends.extend([end] * len(piece))
        at = match.end()
    literal(min(len(text), at + reach))
    return View("".join(letters), starts, ends)


def _escape(match: re.Match[str]) -> list[tuple[str, int, int]]:
    found, start = match.group(), match.start()
    if found[0] == "&":
        return [(html.unescape(found), start, match.end())]
    if found[0] in "xX":
        try:
            return [(found[4:].encode("ascii").decode("punycode"), start, match.end())]
        except (UnicodeError, ValueError, OverflowError):
            return [(found, start, match.end())]
    if found[:2] == "%u" or found[:3] == "\\u{" or found[:2] == "\\U":
        return [(_character(int(found.strip("%\\uU{}"), 16)), start, match.end())]
    if found[:2] == "\\u":
        units = b"".join(int(found[i + 2 : i + 6], 16).to_bytes(2, "big") for i in range(0, len(found), 6))
        return _runs(units, "utf-16-be", [(start + i * 3, start + i * 3 + 3) for i in range(len(units))])
    width = 3 if found[0] == "%" else 4
    pieces = [found[i : i + width] for i in range(0, len(found), width)]
    data = bytes(int(one[1:], 8) if one[0] == "\\" and one[1] != "x" else int(one[-2:], 16) for one in pieces)
    return _runs(data, "utf-8", [(start + i * width, start + (i + 1) * width) for i in range(len(data))])


def _quoted(match: re.Match[str]) -> list[tuple[str, int, int]]:
    if "\n" in match.group():
        return []  # a soft line end: nothing stands there
    start, data = match.start(), bytes.fromhex(match.group().replace("=", ""))
    return _runs(data, "utf-8", [(start + 3 * i, start + 3 * i + 3) for i in range(len(data))])


def _encoded_word(match: re.Match[str]) -> list[tuple[str, int, int]]:
    charset, form, body = match.groups()
    data = binascii.a2b_qp(body.encode("ascii", "replace"), header=True) if form in "qQ" else b""
    if form in "bB":
        data = _base64("".join(character for character in body.translate(_STANDARD) if character.isascii()).rstrip("="))
    try:
        text = data.decode(charset)
    except (LookupError, UnicodeError):
        text = data.decode("latin-1")
    return [(text, match.start(), match.end())]


def _tag(match: re.Match[str]) -> list[tuple[str, int, int]]:
    """Tag characters are invisible copies of ASCII."""
    return [(chr(ord(one) - 0xE0000), match.start() + i, match.start() + i + 1) for i, one in enumerate(match.group())]


def _mirrored(text: str) -> Iterator[View]:
    """Lines with letters or signs that run to the left, read from their other end."""
    at = 0
    for match in _MIRRORED.finditer(text):
        if match.start() < at:
            continue
        start = max(text.rfind("\n", 0, match.start()) + 1, match.start() - 2000)
        line_end = text.find("\n", match.end())
        end = min(len(text) if line_end < 0 else line_end, match.end() + 2000)
        at = end
        yield View(text[start:end][::-1], range(end - 1, start - 1, -1), range(end, start, -1))


def _runs(data: bytes, encoding: str, places: list[tuple[int, int]]) -> list[tuple[str, int, int]]:
    """Each decoded character with the place of its bytes; bytes that are no such encoding letter by letter."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text, encoding = data.decode("latin-1"), "latin-1"
    out: list[tuple[str, int, int]] = []
    at = 0
    for character in text:
        width = len(character.encode(encoding))
        out.append((character, places[at][0], places[at + width - 1][1]))
        at += width
    return out


def _character(code: int) -> str:
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
