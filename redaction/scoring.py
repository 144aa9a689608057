"""How much of what people marked is found, and how much else: the measures of ``python -m redaction score``.

Each document is a submission of one text file and goes the whole way: detection, registry, propagation, resolution.
A mention is *masked* when every letter and digit of it lies under a span of a type that the policy removes, whatever
that type is, or under one of its own type: a date that a policy keeps counts as found, a name that was taken for a
date does not. Neither stream shows text; what was missed is written to the file of ``--errors`` alone.

Exit status: 0, 1 a ``--min`` was missed, 2 usage or a bad file, 4 detection incomplete.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from redaction.entities import Segment, Span
from redaction.errors import RefusedError
from redaction.formats.csv_ import TableHandler
from redaction.gold import LABELS, Document, Mention
from redaction.limits import Limits
from redaction.planning import spans_of
from redaction.policy import Policy

_Z: Final = 1.959964  # of a 95 % interval
TABLE: Final = "table"  # the genre of texts that are read as comma separated values
_GROUP: Final = frozenset({"PERSON", "LOCATION", "ORGANIZATION"})
# Types that say the same: where a street ends and a town begins is told apart differently everywhere.
_PLACES: Final = frozenset({"LOCATION", "ADDRESS", "ZIP_CODE"})
_SAME: Final[Mapping[str, str]] = {
    "POST_CODE": "ZIP_CODE", "HOSTNAME": "URL", "US_ITIN": "US_SSN", "DATE_OF_BIRTH": "DATE_TIME",
}  # fmt: skip

# A span with its type, after the map of types to labels.
Found = tuple[int, int, str]


@dataclass(frozen=True)
class Read:
    """One document and what was found in it. ``kept`` are spans of types which the policy leaves in place."""

    document: Document
    found: tuple[Found, ...]
    kept: tuple[Found, ...] = ()

    def masked(self, mention: Mention) -> bool:
        """True when every letter and digit of ``mention`` is covered."""
        spans = [*self.found, *(span for span in self.kept if compatible(span[2], mention.label))]
        return all(any(start <= at < end for start, end, _ in spans) for at in _letters(self.document.text, mention))

    def typed(self, mention: Mention) -> bool:
        """True when at least half of its characters lie under spans of its own kind."""
        spans = [span for span in (*self.found, *self.kept) if compatible(span[2], mention.label)]
        under = sum(any(start <= at < end for start, end, _ in spans) for at in range(mention.start, mention.end))
        return 2 * under >= mention.end - mention.start


def compatible(found: str, label: str) -> bool:
    """True when a span of type ``found`` says of a mention what ``label`` says."""
    found, label = _SAME.get(found, found), _SAME.get(label, label)
    return found == label or (found in _PLACES and label in _PLACES)


def read(documents: Iterable[Document], chosen: Policy) -> list[Read]:
    """Send every document through detection.

    Raises:
        DetectionIncompleteError: some text was not searched by some recognizer.
    """
    out = []
    for document in documents:
        segments, offsets = _segments(document)
        found, kept = spans_of(segments, chosen)
        out.append(Read(document, _found(found, offsets), _found(kept, offsets)))
    return out


def read_by(documents: Iterable[Document], chosen: Policy, find: Callable[[str], Sequence[Span]]) -> list[Read]:
    """The same for a finder that takes whole texts and gives labels of its own: they are brought to ours as those of
    the gold are, and what the policy keeps is no mask here either."""
    out = []
    for document in documents:
        every = [(one.start, one.end, LABELS.get(one.entity_type, one.entity_type)) for one in find(document.text)]
        kept = tuple(one for one in every if chosen.treatment(one[2]).operator == "keep")
        out.append(Read(document, tuple(one for one in every if one not in kept), kept))
    return out


def _segments(document: Document) -> tuple[list[Segment], list[int]]:
    """The segments of a document, and where each begins in its text: one, or the cells of a table."""
    if document.genre != TABLE:
        return [Segment("l1", document.text, "TX")], [0]
    try:
        segments = list(TableHandler().extract(document.text.encode(), Limits()).segments)
        offsets = []
        end = 0
        for segment in segments:
            offsets.append(document.text.index(segment.text, end))
            end = offsets[-1] + len(segment.text)
    except (RefusedError, ValueError):  # no such table, or cells that stand otherwise in the text (doubled quotes)
        return [Segment("l1", document.text, "TX")], [0]
    return segments, offsets


def _found(spans: Sequence[Sequence[Span]], offsets: Sequence[int]) -> tuple[Found, ...]:
    return tuple(
        (offset + span.start, offset + span.end, span.entity_type)
        for some, offset in zip(spans, offsets, strict=True)
        for span in some
    )


def scores(readings: Sequence[Read]) -> dict[str, Any]:
    """All measures of detection.md §5 over ``readings``: ``labels``, ``overall``, ``genres``."""
    genres = sorted({one.document.genre for one in readings if one.document.genre})
    return {
        "labels": _labels(readings),
        "overall": _overall(readings),
        "genres": {genre: _overall([one for one in readings if one.document.genre == genre]) for genre in genres},
    }


def _labels(readings: Sequence[Read]) -> dict[str, Any]:
    out = {}
    for label in sorted({mention.label for one in readings for mention in one.document.mentions}):
        pairs = [(one, mention) for one in readings for mention in one.document.mentions if mention.label == label]
        masked = sum(one.masked(mention) for one, mention in pairs)
        right, spans = _precision(readings, label)
        out[label] = {
            "mentions": len(pairs),
            "masked": masked,
            "masked_recall": _rate(masked, len(pairs)),
            "masked_interval": _interval(masked, len(pairs)),
            "typed_recall": _rate(sum(one.typed(mention) for one, mention in pairs), len(pairs)),
            "span_precision": _rate(right, spans),
            "span_precision_interval": _interval(right, spans),
            "spans": spans,
        }
    return out


def _overall(readings: Sequence[Read]) -> dict[str, Any]:
    pairs = [(one, mention) for one in readings for mention in one.document.mentions]
    group = [(one, mention) for one, mention in pairs if mention.label in _GROUP]
    people = [one for one in readings if any(mention.label == "PERSON" for mention in one.document.mentions)]
    names = [set(_names(one, masked=None)) for one in readings]
    leaked = [set(_names(one, masked=False)) for one in readings]
    hits, predicted, marked, wrong, words = _characters(readings)
    precision, recall = _rate(hits, predicted), _rate(hits, marked)
    masked = sum(one.masked(mention) for one, mention in pairs)
    return {
        "documents": len(readings),
        "mentions": len(pairs),
        "masked_recall": _rate(masked, len(pairs)),
        "masked_interval": _interval(masked, len(pairs)),
        "char_precision": precision,
        "char_recall": recall,
        "char_f2": round(5 * precision * recall / (4 * precision + recall), 4) if precision + recall else 0.0,
        "documents_no_leak": _rate(sum(all(map(one.masked, one.document.mentions)) for one in readings), len(readings)),
        "person_documents": len(people),
        "person_documents_no_leak": _rate(
            sum(all(one.masked(m) for m in one.document.mentions if m.label == "PERSON") for one in people), len(people)
        ),
        "names_never_leaked": _rate(
            sum(len(every - lost) for every, lost in zip(names, leaked, strict=True)), sum(map(len, names))
        ),
        "PER+LOC+ORG": _rate(sum(one.masked(mention) for one, mention in group), len(group)),
        "false_positives_per_1000_words": round(1000 * wrong / words, 2) if words else 0.0,
    }


def _names(one: Read, *, masked: bool | None) -> Iterator[str]:
    for mention in one.document.mentions:
        if mention.label == "PERSON" and (masked is None or one.masked(mention) is masked):
            yield one.document.text[mention.start : mention.end].casefold()


def _precision(readings: Sequence[Read], label: str) -> tuple[int, int]:
    """Of the merged spans of one kind, how many lie at least by half inside of marked text."""
    right = total = 0
    for one in readings:
        inside = covered((mention.start, mention.end) for mention in one.document.mentions)
        mine = [(start, end) for start, end, kind in _counted(one, {label}) if _same_kind(kind, label)]
        for start, end in merged(mine):
            total += 1
            right += 2 * sum(at in inside for at in range(start, end)) >= end - start
    return right, total


def _same_kind(kind: str, label: str) -> bool:
    return _SAME.get(kind, kind) == _SAME.get(label, label)


def _characters(readings: Sequence[Read]) -> tuple[int, int, int, int, int]:
    """Letters and digits: found and marked, found, marked; then merged spans that touch no mark, and words."""
    labels = {mention.label for one in readings for mention in one.document.mentions}
    hits = predicted = marked = wrong = words = 0
    for one in readings:
        text = one.document.text
        spans = _counted(one, labels)
        found = {at for at in covered((start, end) for start, end, _ in spans) if text[at].isalnum()}
        real = covered((mention.start, mention.end) for mention in one.document.mentions)
        letters = {at for at in real if text[at].isalnum()}
        hits, predicted, marked = hits + len(found & letters), predicted + len(found), marked + len(letters)
        wrong += sum(
            not any(at in real for at in range(start, end)) for start, end in merged([span[:2] for span in spans])
        )
        words += len(text.split())
    return hits, predicted, marked, wrong, words


def _counted(one: Read, labels: set[str]) -> list[Found]:
    """Spans of kinds that the gold marks at all: what it never marks can be neither right nor wrong."""
    return [span for span in (*one.found, *one.kept) if any(compatible(span[2], label) for label in labels)]


def _letters(text: str, mention: Mention) -> Iterator[int]:
    return (at for at in range(mention.start, mention.end) if text[at].isalnum())


def covered(ranges: Iterable[tuple[int, int]]) -> set[int]:
    return {at for start, end in ranges for at in range(start, end)}


def merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def _rate(hits: int, total: int) -> float:
    return round(hits / total, 4) if total else 1.0


def _interval(hits: int, total: int) -> list[float]:
    """The 95 % score interval of a rate (Wilson, JASA 22, 1927)."""
    if not total:
        return [0.0, 1.0]
    rate, square = hits / total, _Z**2
    centre = (rate + square / (2 * total)) / (1 + square / total)
    half = _Z / (1 + square / total) * math.sqrt(rate * (1 - rate) / total + square / (4 * total**2))
    return [round(max(0.0, centre - half), 4), round(min(1.0, centre + half), 4)]
