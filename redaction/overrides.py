"""Decisions of people, applied again to the original: where each of them stands in the files as they are read now.

A decision about one place names the file, the anchor, the characters, and a digest of the text there and around it,
made with the key of the submission so that nobody can guess contents from it. When the place no longer says the same,
the decision is stale, and its file stays here until somebody decides anew: a wish to hide must never hide the wrong
words in silence. Decisions about the whole submission are the registry's business.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from redaction.entities import Override, Segment, Span
from redaction.matching import Matcher, Needle
from redaction.registry import Registry
from redaction.spans import CONTRIBUTOR, DENY, Owned
from redaction.tokens import SECRETS

ACTIONS: Final = frozenset({"hide", "keep", "retype", "merge", "split", "box", "hide_page", "exclude", "acknowledge"})
_PAGE: Final = re.compile(r"(?:page|slide)(\d+)(?=$|/)")
_AROUND: Final = 24

# A file and a segment of it.
Place = tuple[str, str]


@dataclass(frozen=True)
class Reading:
    """One file as it is read now: its segments in order, and the anchors of its picture zones."""

    ref: str
    segments: Sequence[Segment]
    zones: Sequence[str] = ()


@dataclass(frozen=True)
class Resolved:
    """What the decisions come to. ``stale``: files with a decision that fits nothing any more."""

    hidden: Mapping[Place, tuple[Span, ...]] = field(default_factory=dict)
    kept: Mapping[Place, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    boxed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pages: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    acknowledged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excluded: frozenset[str] = frozenset()
    stale: frozenset[str] = frozenset()


def anchor_digest(segment: Segment, neighbours: tuple[str, str], key: bytes) -> str:
    """What a decision remembers of a place: its position, its text, and the texts before and after it."""
    parts = (segment.anchor, segment.text, *neighbours)
    message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def digests(reading: Reading, key: bytes) -> dict[str, str]:
    """The digest of every segment and zone of a file, by anchor: what an editor stores with a decision."""
    texts = ["", *(segment.text for segment in reading.segments), ""]
    made = {
        segment.anchor: anchor_digest(segment, (texts[index], texts[index + 2]), key)
        for index, segment in enumerate(reading.segments)
    }
    zones = ["", *reading.zones, ""]
    for index, zone in enumerate(reading.zones):
        made.setdefault(zone, anchor_digest(Segment(zone, "", "zone"), (zones[index], zones[index + 2]), key))
    return made


def resolve(overrides: Iterable[Override], readings: Sequence[Reading], key: bytes) -> Resolved:
    """Find the place of every decision that is about one. Files it cannot be found in are stale."""
    files = {reading.ref: _File(reading, key) for reading in readings}
    lost: set[str] = set()
    for override in overrides:
        if override.everywhere:
            continue
        file = files.get(override.ref)
        if file is None:
            lost.add(override.ref)
        elif override.action not in ACTIONS or not file.apply(override):
            file.stale = True
    return Resolved(
        hidden={(ref, anchor): tuple(spans) for ref, file in files.items() for anchor, spans in file.hidden.items()},
        kept={(ref, anchor): tuple(spans) for ref, file in files.items() for anchor, spans in file.kept.items()},
        boxed={ref: tuple(file.boxed) for ref, file in files.items() if file.boxed},
        pages={ref: tuple(sorted(file.pages)) for ref, file in files.items() if file.pages},
        acknowledged={ref: tuple(file.acknowledged) for ref, file in files.items() if file.acknowledged},
        excluded=frozenset(ref for ref, file in files.items() if file.excluded),
        stale=frozenset(ref for ref, file in files.items() if file.stale and not file.excluded) | lost,
    )


class _File:
    """The decisions about one file while they are resolved."""

    def __init__(self, reading: Reading, key: bytes) -> None:
        self._reading = reading
        self._digests = digests(reading, key)
        self._segments = {segment.anchor: segment for segment in reading.segments}
        self.hidden: dict[str, list[Span]] = {}
        self.kept: dict[str, list[tuple[int, int]]] = {}
        self.boxed: dict[str, None] = {}
        self.pages: dict[int, None] = {}
        self.acknowledged: dict[str, None] = {}
        self.excluded = self.stale = False

    def apply(self, override: Override) -> bool:
        """Note what ``override`` comes to; False when its place is not what it was."""
        if override.action == "exclude":
            self.excluded = True
            return True
        if override.action == "hide_page":
            return self._hide_page(override)
        if override.action in ("box", "acknowledge"):
            chosen = self.boxed if override.action == "box" else self.acknowledged
            chosen.setdefault(override.anchor)
            return override.anchor in self._reading.zones and self._fits(override)
        if override.action in ("retype", "merge", "split"):
            return True  # about an entity, wherever the person saw it
        places = self._places(override)
        for anchor, start, end in places:
            if override.action == "hide":
                span = Span(start, end, override.entity_type, 1.0, CONTRIBUTOR)
                self.hidden.setdefault(anchor, []).append(span)
            else:
                self.kept.setdefault(anchor, []).append((start, end))
        return bool(places)

    def _fits(self, override: Override) -> bool:
        return hmac.compare_digest(override.digest.encode(), self._digests.get(override.anchor, "").encode())

    def _places(self, override: Override) -> list[tuple[str, int, int]]:
        """The characters that are meant: those it names, or all of the file that say ``text``."""
        if override.anchor:
            segment = self._segments.get(override.anchor)
            if segment is None or not 0 <= override.start < override.end <= len(segment.text):
                return []
            return [(override.anchor, override.start, override.end)] if self._fits(override) else []
        matcher = Matcher([Needle.of(override.text, 0, typed=True)])
        return [
            (segment.anchor, match.start, match.end)
            for segment in self._reading.segments
            for match in matcher.find(segment.text)
        ]

    def _hide_page(self, override: Override) -> bool:
        """Everything on the page: its text under one token, its pictures painted over."""
        page = _PAGE.match(override.anchor)
        if page is None:
            return False
        texts = [one for one in self._reading.segments if one.text.strip() and _on(page.group(), one.anchor)]
        zones = [zone for zone in self._reading.zones if _on(page.group(), zone)]
        for index, one in enumerate(texts):
            span = Span(0, len(one.text), override.entity_type, 1.0, CONTRIBUTOR, continued=index > 0)
            self.hidden.setdefault(one.anchor, []).append(span)
        self.boxed.update(dict.fromkeys(zones))
        self.pages[int(page.group(1))] = None
        return bool(texts or zones) and (not override.digest or self._fits(override))


def _on(page: str, anchor: str) -> bool:
    return anchor == page or anchor.startswith(f"{page}/")


def spared(mention: Owned, kept: Sequence[tuple[int, int]], registry: Registry) -> bool:
    """True when a person keeps this mention here, and may: no term of the deny list, no secret."""
    span, owner = mention
    denied = span.source == DENY or registry.records[owner].denied_by == DENY
    if denied or span.entity_type in SECRETS or registry.records[owner].entity_type in SECRETS:
        return False
    return any(start <= span.start and span.end <= end for start, end in kept)


def contexts(text: str, kept: Iterable[tuple[int, int]], replaced: Iterable[tuple[int, int]]) -> list[str]:
    """What stays visible by a person's wish, with the words around it as far as nothing there is replaced.

    Verification takes these passages, and no others, for known: the same name elsewhere is still a leak.
    """
    ranges = sorted(replaced)
    found: list[str] = []
    for start, end in kept:
        low = max([start - _AROUND, 0, *(stop for _, stop in ranges if stop <= start)])
        high = min([end + _AROUND, len(text), *(begin for begin, _ in ranges if begin >= end)])
        found.append(text[low:high])
    return found


def without(text: str, passages: Iterable[str]) -> str:
    """``text`` with each of ``passages`` blanked, every one as often as it is listed and no more."""
    for passage in passages:
        text = text.replace(passage, "\n" * len(passage), 1)
    return text
