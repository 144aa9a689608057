"""Plain text and Markdown: one segment a line, written back as UTF-8 with plain line ends.

Signs of Markdown inside of a word (``**Fair**weather``) are no part of a segment; they stay where they are.
"""

from __future__ import annotations

import re
from typing import Final

from redaction.entities import Action, Extraction, Output, Plan, Segment, Tier
from redaction.errors import RefusedError
from redaction.formats import Carrier, Limits, Switches
from redaction.formats.pieces import Writing, carrier_counts
from redaction.media import MARKDOWN, TEXT
from redaction.view import typed

_BYTE_ORDER_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# Controls that no text needs; U+0002 stays in the view of detection alone.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LINE_END: Final = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
# Files written as letters: what a data address carries, and what begins as pictures, PDF files and archives do.
_PAYLOAD: Final = re.compile(
    r"(?i:data:[\w.+-]{1,40}/[\w.+-]{1,80}(?:;[\w.+-]{1,40}(?:=[\w.+\"-]{1,80})?){0,8}),[^\s\"'<>()\[\]`\\]{8,}+"
    r"|(?<![A-Za-z0-9+/])(?:iVBORw0KGgo|/9j/|R0lGOD[dl]h|JVBERi0|UEsDB[BQ]|H4sI|Qk[0-3]|SUkqA|TU0AK|UklGR)"
    r"[A-Za-z0-9+/]{60,}+={0,2}"
)
# What Markdown may have between two letters of one word. The list is closed: nothing on it can hold a word itself.
_INSIDE_WORDS: Final = re.compile(
    r"((?<=[^\W\d_])(?:[*~`]{1,3}|</?(?:b|i|u|s|em|strong|span|sub|sup|code|mark|small|wbr)>|<!--[\s-]{0,9}-->)+"
    r"(?=[^\W\d_]))",
    re.IGNORECASE,
)
_NO_PAYLOAD: Final = "data:,"


class TextHandler:
    """Text that is its own container."""

    media_types: tuple[str, ...] = (TEXT, MARKDOWN)
    extensions: tuple[str, ...] = ("txt", "md")
    tiers: tuple[Tier, ...] = (Tier.A,)
    carriers: tuple[Carrier, ...] = (
        Carrier("T2", "encoding and byte order mark, written as UTF-8", Action.SKELETON),
        Carrier("TX", "lines", Action.REWRITE),
        Carrier("H5", "files in base64, such as pictures in data addresses", Action.DROP),
    )

    def extract(self, source: bytes, limits: Limits, switches: Switches = Switches()) -> Extraction:
        """Every line, blank ones included (they count for the anchors of those below).

        Raises:
            RefusedError: no text in a known encoding, or more characters than the limits allow.
        """
        lines, payloads = _read(source, limits)
        segments = [
            Segment(f"l{number}", "".join(_INSIDE_WORDS.split(line)[::2]), "TX")
            for number, line in enumerate(lines, 1)
            if line.strip()
        ]
        return Extraction(segments, counts={"TX": len(segments), "H5": payloads})

    def rewrite(self, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()) -> Output:
        """The same lines with the replacements of the plan."""
        lines, payloads = _read(source, limits)
        writing = Writing(plan)
        new = [_written(f"l{number}", line, writing) for number, line in enumerate(lines, 1)]
        writing.close()
        media_type = MARKDOWN if plan.name_out.endswith(".md") else TEXT
        carriers = carrier_counts(writing.counts, {"H5": payloads}, {"TX": len(lines) - len(plan.replacements)})
        return Output("\n".join(new).encode("utf-8"), media_type, carriers)


def _written(anchor: str, line: str, writing: Writing) -> str:
    """A line with its replacements; signs inside of a replaced word stay around what replaces it."""
    if not line.strip():
        return line
    pieces = _INSIDE_WORDS.split(line)
    pieces[::2] = writing.text(anchor, "TX", pieces[::2])
    return "".join(pieces)


def _read(source: bytes, limits: Limits) -> tuple[list[str], int]:
    lines, payloads = text_lines(source, limits), 0
    for number, line in enumerate(lines):
        lines[number], found = without_payloads(line)
        payloads += found
    return lines, payloads


def without_payloads(text: str) -> tuple[str, int]:
    """``text`` without the files that it holds as base64 or in data addresses, and how many there were.

    Their letters are no words, so no search would see what a picture shows.
    """
    return _PAYLOAD.subn(lambda match: _NO_PAYLOAD if match.group()[:5].lower() == "data:" else "", text)


def text_lines(source: bytes, limits: Limits) -> list[str]:
    """The lines of a text file, without controls, what those take back, and line ends.

    Raises:
        RefusedError: ``parse-failed`` for bytes that are no text, ``limit`` for too many characters.
    """
    text = decoded(source)
    if len(text) > limits.characters:
        raise RefusedError("limit")
    return [_CONTROLS.sub("", typed(line)) for line in _LINE_END.split(text)]


def decoded(source: bytes) -> str:
    """Bytes as text: byte order mark, then UTF-8, then Windows-1252, as most old files are.

    Raises:
        RefusedError: ``parse-failed``, when the bytes hold NULs or do not decode.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if source.startswith(mark):
            return _strict(source[len(mark) :], encoding)
    if b"\0" in source:
        raise RefusedError("parse-failed")
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError:
        return _strict(source, "cp1252")


def _strict(source: bytes, encoding: str) -> str:
    try:
        return source.decode(encoding)
    except UnicodeDecodeError as error:
        raise RefusedError("parse-failed") from error
