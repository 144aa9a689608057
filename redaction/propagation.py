"""Every mention over the whole submission: the registry's matcher runs over all files and all file names.

Segments are joined by line ends before they are searched, so that a name which runs over two lines of a page, two runs
or two cells of a row is found; the hit is then given back in pieces, one for each segment.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Final

from redaction.chunks import Chunk, Part
from redaction.entities import Kind, Segment, Span
from redaction.names import TITLES, WORD, ordinary
from redaction.registry import Registry
from redaction.spans import Owned
from redaction.tokens import HOST, WRITTEN, word


def joined(segments: Sequence[Segment]) -> Chunk:
    """All segments of a file as one text, with the way back."""
    parts: list[Part] = []
    at = 0
    for index, segment in enumerate(segments):
        parts.append(Part(at, index, 0, len(segment.text)))
        at += len(segment.text) + 1
    return Chunk("\n".join(segment.text for segment in segments), tuple(parts))


def propagate(segments: Sequence[Segment], registry: Registry) -> list[list[Owned]]:
    """For each segment the spans of known entities in it, each with the number of its entity."""
    whole = joined(segments)
    found: list[list[Owned]] = [[] for _ in segments]
    written = [match.span() for match in WRITTEN.finditer(whole.text)]
    for match in registry.matcher.find(whole.text):
        if _touches(written, match.start, match.end):
            continue
        pieces = list(whole.locate(match.start, match.end))
        if len(pieces) > 1 and not _may_run_over(segments, [index for index, _, _ in pieces]):
            continue
        entity_type = _mention_type(registry, match.owner, match.needle.text)
        for index, start, end in pieces:
            span = Span(start, end, entity_type, 1.0, registry.source(match.owner))
            found[index].append((span, match.owner))
    return found


_BEFORE: Final = re.compile(rf"(?:(?<=\s)|(?<=[(\"'<>,;:|])|^)(?:{WORD}[ \u00a0]|[A-Z]\.?[ \u00a0]){{1,2}}$")
_AFTER: Final = re.compile(rf"(?:[ \u00a0][A-Z]\.)?[ \u00a0]{WORD}(?![\w@])")


def grown(text: str, span: Span) -> Span | None:
    """The span with the words of the name around it that nobody found: "Judith L. [Perdomo]", "[Judith] Perdomo".

    Only capitalised words on the same line that are no common English count. None when there is nothing to add.
    """
    start, end = span.start, span.end
    before = _BEFORE.search(text, max(0, start - 40), start)
    if before:
        for word in reversed(list(re.finditer(r"\S+", before.group()))):
            if not _unknown(word.group()):
                break
            start = before.start() + word.start()
    if " " not in text[start:end]:
        after = _AFTER.match(text, end)
        if after and _unknown(after.group().split()[-1]):
            end = after.end() - after.group().endswith(".")
    return dataclasses.replace(span, start=start, end=end) if (start, end) != (span.start, span.end) else None


def _unknown(word: str) -> bool:
    """A capitalised word which is no common one: between it and a name nothing else is likely."""
    if len(word.rstrip(".")) == 1:
        return word[0].isupper() and word not in ("I", "A")
    return word[0].isupper() and not ordinary(word) and not word.isupper() and word.casefold() not in TITLES


def _touches(written: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    return any(low < end and start < high for low, high in written)


def _may_run_over(segments: Sequence[Segment], indexes: Sequence[int]) -> bool:
    """File names, sheet names and code stand alone; text and cells may run on."""
    return not any(segments[index].kind in (Kind.NAME, Kind.CODE) for index in indexes)


def _mention_type(registry: Registry, owner: int, spelling: str) -> str:
    entity_type = registry.records[owner].entity_type
    if entity_type == "PERSON" and "@" in spelling.strip("@"):
        return "EMAIL_ADDRESS"
    if word(entity_type) == HOST:
        return "URL" if "://" in spelling else "HOSTNAME"
    return entity_type
