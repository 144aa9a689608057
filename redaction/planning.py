"""What is found in all files, who it belongs to, and what is written in its place."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from redaction import filenames, media, tokens
from redaction.detection import detect
from redaction.entities import DenyTerm, Extraction, Kind, Override, Replacement, Segment, SourceFile, Span
from redaction.files import File, Progress
from redaction.names import generic
from redaction.overrides import Resolved, spared
from redaction.policy import Policy
from redaction.propagation import grown, propagate
from redaction.registry import Registry, Sighting
from redaction.spans import UNOWNED, Owned, joined, resolve
from redaction.treatment import Writer, replacements


@dataclass(frozen=True)
class Found:
    """What was seen in all files.

    ``settled``: the registry of just that, if every open file holds the mentions that were settled with it.
    """

    sightings: Sequence[Sighting]
    settled: Registry | None = None

    def registry(
        self,
        *,
        deny: Sequence[DenyTerm] = (),
        overrides: Sequence[Override] = (),
        found_again: Sequence[Sighting] = (),
    ) -> Registry:
        """The registry of what was seen, with what people said of it and what a second look added."""
        if self.settled and not (deny or overrides or found_again):
            return self.settled
        return Registry(self.sightings, deny=deny, overrides=overrides, found_again=found_again)


def find(files: Sequence[File], policy: Policy, progress: Progress) -> Found:
    """Search every file that could be read, and complete the names that were found by halves.

    Raises:
        DetectionIncompleteError: some text was not searched by some recognizer.
    """
    # A file that cannot be taken is not written, but its name may still name people, and others may name it.
    for file in files:
        if file.open:
            progress(file.source.ref, "detecting")
            read = [filenames.readable(one) if one.carrier in filenames.CARRIERS else one for one in file.segments]
            file.spans = [*detect(read, policy, policy.floor), *detect(_properties(file), policy, policy.floor)]
    return _completed(files)


def spans_of(segments: Sequence[Segment], policy: Policy) -> tuple[list[list[Span]], list[list[Span]]]:
    """What is found in one text by itself, for each of its segments: the mentions that ``policy`` removes, and the
    findings that it keeps.

    The same steps as for the files of a submission, without reading and writing: quality and speed are measured here.

    Raises:
        DetectionIncompleteError: some text was not searched by some recognizer.
    """
    named = [*segments, filenames.segment("text")]
    file = File(SourceFile("1", "text", b""), extraction=Extraction(segments), segments=named)
    keeping = {name for name, treatment in policy.treatments.items() if treatment.operator == "keep"}
    removing = {
        name: dataclasses.replace(treatment, operator="drop") if name in keeping else treatment
        for name, treatment in policy.treatments.items()
    }
    found = detect(named, dataclasses.replace(policy, treatments=removing), policy.floor)
    file.spans = [[span for span in spans if span.entity_type not in keeping] for spans in found]
    completed = _completed([file])
    _settle([file], completed.registry(), Resolved(), completed)
    mentions = [[span for span, _ in some] for some in file.mentions]
    return mentions[:-1], [[span for span in spans if span.entity_type in keeping] for spans in found[:-1]]


def _completed(files: Sequence[File]) -> Found:
    """All sightings, after the names that were found by halves are completed: mostly none was."""
    sightings = list(_sightings(files))
    registry = Registry(sightings)
    if _grow(files, registry):
        return Found(list(_sightings(files)))
    return Found(sightings, registry)


def plan(files: Sequence[File], registry: Registry, writer: Writer, decided: Resolved, found: Found) -> None:
    """Settle the mentions of every file, number their entities, and say what is written for each."""
    _settle(files, registry, decided, found)
    order = [owner for file in files for mentions in file.mentions for _, owner in mentions]
    registry.number(order, tokens.reserved(segment.text for file in files for segment in file.segments))
    taken: set[str] = set()
    for file in files:
        if not file.open:
            file.name_out = filenames.rewritten(filenames.segment("file"), (), "removed", taken)
            continue
        file.replaced = {
            segment.anchor: written
            for segment, mentions in zip(file.segments, file.mentions, strict=True)
            if (written := _written(segment, mentions, writer))
        }
        name = file.segments[-1]
        extension = media.EXTENSIONS[file.media_type]
        file.name_out = filenames.rewritten(name, file.replaced.pop(filenames.ANCHOR, ()), extension, taken)


def _settle(files: Sequence[File], registry: Registry, decided: Resolved, found: Found) -> None:
    """The mentions of every file, with its decisions; those that ``find`` settled with this registry stay."""
    if registry is found.settled and not (decided.hidden or decided.kept):
        return
    for file in files:
        if file.open:
            file.kept = {}
            file.mentions = _mentions(file, registry, decided)


def _grow(files: Sequence[File], registry: Registry) -> bool:
    """Add the unfound words of names around what was found, so that they leave the other files too.

    True when there were any. When there were none, the files hold the mentions that are left to number.
    """
    grew = False
    for file in files:
        if not file.open:
            continue
        file.kept = {}
        file.mentions = _mentions(file, registry, Resolved())
        for segment, spans, mentions in zip(file.segments, file.spans, file.mentions, strict=False):
            people = (span for span, _ in mentions if span.entity_type == "PERSON" and segment.kind is not Kind.CODE)
            more = [whole for span in people if (whole := grown(segment.text, span))]
            spans.extend(more)
            grew = grew or bool(more)
    return grew


def _properties(file: File) -> list[Segment]:
    """Old metadata values: authors and companies become entities. They are searched, never written."""
    values = [value for value in file.extraction.metadata if not generic(value)] if file.extraction else []
    return [Segment(f"property{number}", value, "property", Kind.LABEL) for number, value in enumerate(values)]


def _texts(file: File) -> list[str]:
    """The texts that ``file.spans`` lie in."""
    return [segment.text for segment in (*file.segments, *_properties(file))]


def _sightings(files: Sequence[File]) -> Iterator[Sighting]:
    for file in files:
        for text, spans in zip(_texts(file), file.spans, strict=False):
            for span, _ in resolve([(span, UNOWNED) for span in spans], text):
                yield Sighting(text[span.start : span.end], span.entity_type, span.source)


def _mentions(file: File, registry: Registry, decided: Resolved) -> list[list[Owned]]:
    """For each segment: found spans and known spellings, overlaps settled, what a person keeps left out."""
    known = propagate(file.segments, registry)
    mentions: list[list[Owned]] = []
    for segment, spans, again in zip(file.segments, file.spans, known, strict=False):
        text = segment.text
        place = (file.source.ref, segment.anchor)
        hidden = decided.hidden.get(place, ())
        owned = [(span, registry.owner(text[span.start : span.end], span.entity_type)) for span in (*spans, *hidden)]
        settled = resolve([one for one in (*owned, *again) if not registry.kept(one[1])], text)
        mine = joined(settled, text)
        kept = [one for one in mine if spared(one, decided.kept.get(place, ()), registry)]
        if kept:
            file.kept[segment.anchor] = kept
        mentions.append([one for one in mine if one not in kept])
    return mentions


def _written(segment: Segment, mentions: Sequence[Owned], writer: Writer) -> tuple[Replacement, ...]:
    treated = [writer.treated(mention, segment.text, segment.kind) for mention in mentions]
    return replacements(segment.text, treated)
