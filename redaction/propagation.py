"""Every mention over the whole submission: the registry's matcher runs over all files and all file names.

Segments are joined by line ends before they are searched, so that a name which runs over two lines of a page, two runs
or two cells of a row is found; the hit is then given back in pieces, one for each segment. The first piece takes the
token; the others are marked as its continuation, for which nothing is written. The last lines of a page are searched
once more together with the first ones of the next page, as numbers of pages and headings may stand between them.
"""

from __future__ import annotations

import bisect
import dataclasses
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Final

from redaction.chunks import Chunk, Part
from redaction.entities import Kind, Segment, Span
from redaction.names import TITLES, WORD, ordinary
from redaction.registry import Registry
from redaction.spans import Owned
from redaction.tokens import HAS_WRITTEN, HOST, WRITTEN, word

_PAGE: Final = re.compile(r"page\d+(?=/)")
_LINES_AT_PAGE_END: Final = 4
_WINDOW: Final = 200


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
    found: list[list[Owned]] = [[] for _ in segments]
    for index, span, owner in _mentions(joined(segments), segments, registry):
        found[index].append((span, owner))
    for window in _page_ends(segments):
        border = window.parts[1].at
        for index, span, owner in _mentions(window, segments, registry, across=border):
            found[index].append((span, owner))
    return found


def _mentions(
    whole: Chunk, segments: Sequence[Segment], registry: Registry, across: int = 0
) -> Iterator[tuple[int, Span, int]]:
    """Segment, span and entity of every piece of every hit; with ``across`` of those alone that run over that place."""
    # Most texts hold no token that is already there; a look for what all of them hold is faster than for them.
    written = [match.span() for match in WRITTEN.finditer(whole.text)] if HAS_WRITTEN.search(whole.text) else []
    for match in registry.matcher.find(whole.text):
        if written and _touches(written, match.start, match.end):
            continue
        if across and not match.start < across < match.end:
            continue
        pieces = list(whole.locate(match.start, match.end))
        if len(pieces) > 1 and any(segments[index].kind is Kind.NAME for index, _, _ in pieces):
            continue  # names of files and sheets stand alone; text, code and cells may run on
        entity_type = _mention_type(registry, match.owner, match.needle.text)
        cut = {index for at in match.cuts for index, _, _ in whole.locate(at, at + 1)} if match.cuts else ()
        for number, (index, start, end) in enumerate(pieces):
            # What begins a quoted or indented line is no part of the name.
            text = segments[index].text
            while number > 0 and start < end and not text[start].isalnum():
                start += 1
            if start == end:
                continue
            # A cell has its own token, so that none is left empty, unless it holds the rest of a word.
            rest = number > 0 and (segments[index].kind is not Kind.CELL or index in cut)
            yield (
                index,
                Span(start, end, entity_type, 1.0, registry.source(match.owner), continued=rest),
                match.owner,
            )


def _page_ends(segments: Sequence[Segment]) -> Iterator[Chunk]:
    """The last lines of each page before the first of the next: page numbers and headings may stand between them."""
    pages: list[list[int]] = []
    last = ""
    for index, segment in enumerate(segments):
        match = _PAGE.match(segment.anchor)
        if not match or segment.kind is Kind.NAME:
            continue
        if match.group() != last:
            pages.append([])
            last = match.group()
        pages[-1].append(index)
    for page, following in itertools.pairwise(pages):
        for tail, head in itertools.product(page[-_LINES_AT_PAGE_END:], following[:_LINES_AT_PAGE_END]):
            if head == tail + 1:
                continue
            before, after = segments[tail].text[-_WINDOW:], segments[head].text[:_WINDOW]
            offset = len(segments[tail].text) - len(before)
            parts = (Part(0, tail, offset, len(before)), Part(len(before) + 1, head, 0, len(after)))
            yield Chunk(f"{before}\n{after}", parts)


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
    """True when one of ``written`` (sorted, disjoint) overlaps [start, end)."""
    index = bisect.bisect_right(written, start, key=lambda one: one[1])
    return index < len(written) and written[index][0] < end


def _mention_type(registry: Registry, owner: int, spelling: str) -> str:
    entity_type = registry.records[owner].entity_type
    if entity_type == "PERSON" and "@" in spelling.strip("@"):
        return "EMAIL_ADDRESS"
    if word(entity_type) == HOST:
        return "URL" if "://" in spelling else "HOSTNAME"
    return entity_type
