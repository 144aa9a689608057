"""Reads plain text and Markdown again: bytes to lines, by a decoder of its own that takes UTF-8 and nothing else."""

from __future__ import annotations

import codecs
import re
from typing import Final

from redaction.entities import Block
from redaction.readers import Reader

# Emphasis, deletion, program text; elements and comments of html.
_MARKS: Final = re.compile(r"(?<=[^\W\d_])(?:[*~`]|</?[A-Za-z]{1,10}[^<>]{0,40}>|<!--[^<>]{0,40}-->)+(?=[^\W\d_])")


def lines(data: bytes) -> list[Block]:
    """One block a line that is not blank, in order. Raises ValueError on bytes that are not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    text = decoder.decode(data, final=True)
    return [Block(f"l{number}", line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


_DATA: Final = re.compile(r"(?i)\bdata:[\w.+-]+/[\w.+-]+[^,\s]{0,200},[^\s\"'<>()\[\]`\\]{8}")
# How pictures, PDF files, archives and packed files begin when they are written as letters.
_BEGINNINGS: Final = ("iVBORw0KGgo", "/9j/", "R0lGOD", "JVBERi0", "UEsDB", "H4sI", "Qk0", "SUkqA", "TU0AK", "UklGR")
_LETTERS: Final = re.compile(r"[A-Za-z0-9+/]{80,}")


def undeclared(data: bytes) -> list[str]:
    """The number of each line that holds a file: text of ours is words alone."""
    return [f"line {number}" for number, line in enumerate(data.decode("utf-8").split("\n"), 1) if _holds_file(line)]


def _holds_file(line: str) -> bool:
    return _DATA.search(line) is not None or any(
        match.group().startswith(_BEGINNINGS) for match in _LETTERS.finditer(line)
    )


def unmarked(data: bytes) -> list[Block]:
    """The lines as a page shows them: without signs of Markdown and tags between two letters."""
    return [Block(block.anchor, _MARKS.sub("", block.text), block.kind) for block in lines(data)]


READERS: tuple[Reader, ...] = (lines, unmarked)
