"""Reads plain text and Markdown again: bytes to lines, by a decoder of its own that takes UTF-8 and nothing else."""

from __future__ import annotations

import codecs

from redaction.entities import Block
from redaction.readers import Reader


def lines(data: bytes) -> list[Block]:
    """One block a line that is not blank, in order. Raises ValueError on bytes that are not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    text = decoder.decode(data, final=True)
    return [Block(f"l{number}", line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


READERS: tuple[Reader, ...] = (lines,)
