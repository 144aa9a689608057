"""Every mention over the whole submission: the registry's matcher runs over all files and all file names.

Segments are joined by line ends before they are searched, so that a name which runs over two lines of a page, two runs
or two cells of a row is found; the hit is then given back in pieces, one for each segment.
"""

from __future__ import annotations

from collections.abc import Sequence

from redaction.chunks import Chunk, Part
from redaction.entities import Kind, Segment, Span
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
