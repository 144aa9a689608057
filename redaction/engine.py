"""The one door of the redaction core: bytes and a policy in, redacted bytes, findings and a verdict out.

The rules this follows:

- All files of a submission are extracted before any is rewritten: a name first seen in the last file also leaves the
  first one and every file name.
- Parsers run in the cage alone (``sandbox``); the language model sees strings alone.
- An output is written from the original and one plan, never patched. When the second look is sure of something new,
  everything is written once more with that in the registry; if it still finds something, the file is blocked.
- A failure of detection blocks every file: what was not found in one could stand in all.
- A blocked file has no output bytes. Nothing raised or logged here holds contents, names or file names.

Example: two files, "Jane Fairweather called." and "fairweather-notes.md", come out as "[PERSON_1] called." and
"PERSON_1-notes.md".
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from redaction import filenames, media, tokens
from redaction.analyzer import analyzer, fingerprint
from redaction.detection import detect
from redaction.entities import (
    DenyTerm,
    Extraction,
    Finding,
    Kind,
    Output,
    Override,
    Plan,
    RedactedFile,
    Redaction,
    Replacement,
    Segment,
    SourceFile,
    Span,
    Verdict,
)
from redaction.errors import DetectionIncompleteError, RedactionError, RefusedError
from redaction.formats import Limits
from redaction.policy import Policy
from redaction.propagation import grown, propagate
from redaction.registry import Registry, Sighting
from redaction.report import report
from redaction.sandbox import Sandbox
from redaction.spans import UNOWNED, Owned, joined, resolve
from redaction.treatment import Treated, applied, replacements
from redaction.verify import Expected, Verified, verify

Progress = Callable[[str, str], None]

logger = logging.getLogger(__name__)

_WORST: Final = (Verdict.CLEAN, Verdict.NEEDS_ACK, Verdict.BLOCKED)


@dataclass
class _File:
    """One file on its way through. The last of ``segments`` is its name."""

    source: SourceFile
    parent: str | None
    media_type: str = ""
    reason: str = ""
    extraction: Extraction | None = None
    children: list[_File] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    spans: list[list[Span]] = field(default_factory=list)
    mentions: list[list[Owned]] = field(default_factory=list)
    replaced: dict[str, tuple[Replacement, ...]] = field(default_factory=dict)
    name_out: str = ""
    output: Output | None = None
    verified: Verified | None = None

    @property
    def open(self) -> bool:
        """True while nothing stands in this file's way."""
        return not self.reason


def redact(
    files: Sequence[SourceFile],
    policy: Policy,
    *,
    deny: Sequence[DenyTerm] = (),
    overrides: Sequence[Override] = (),
    limits: Limits = Limits(),
    progress: Progress = lambda _ref, _stage: None,
) -> Redaction:
    """Redact all files of one submission together.

    Every file of ``files``, and every file found inside one, is in the result, in order, with a verdict of its own.
    Bad files never raise; they are BLOCKED with a reason. ``progress`` is told (ref, stage) as work goes on.
    """
    with Sandbox(limits, policy.switches) as cage:
        taken = list(_taken(files, cage, limits, progress))
        try:
            registry = _redacted(taken, policy, deny, overrides, cage, progress)
        except DetectionIncompleteError as error:
            logger.warning("detection incomplete: %s", error)
            registry = None
            for file in taken:
                file.reason = file.reason or error.code
    results = tuple(_result(file, registry) for file in taken)
    for result in results:
        progress(result.ref, "done")
    verdict = max((result.verdict for result in results), key=_WORST.index, default=Verdict.CLEAN)
    return Redaction(
        verdict=verdict,
        files=results,
        entities=registry.entities() if registry else (),
        report=report(results, policy, verdict.value, len(deny)),
        policy_name=policy.name,
        policy_version=policy.version,
        policy_sha256=policy.sha256,
        fingerprint=fingerprint(),
    )


def warm() -> None:
    """Load the language model now: a worker calls this once, before it forks or takes work."""
    analyzer()


# Reading ------------------------------------------------------------------------------------------------------------


def _taken(files: Sequence[SourceFile], cage: Sandbox, limits: Limits, progress: Progress) -> Iterator[_File]:
    """Every file and, right after it, the files found inside it."""
    for source in files:
        yield from _read(_File(source, None), cage, limits, progress, depth=0)


def _read(file: _File, cage: Sandbox, limits: Limits, progress: Progress, depth: int) -> Iterator[_File]:
    progress(file.source.ref, "reading")
    yield file
    try:
        if depth > limits.child_depth or len(file.source.data) > limits.file_bytes:
            raise RefusedError("limit")
        file.media_type = cage.sniff(file.source.untrusted_name, file.source.data)
        file.extraction = cage.extract(file.media_type, file.source.data)
    except RedactionError as error:
        file.reason = error.code
        return
    file.segments = [*file.extraction.segments, filenames.segment(file.source.untrusted_name)]
    for child in file.extraction.children:
        ref = f"{file.source.ref}/{child.ordinal}"
        inner = _File(SourceFile(ref, child.untrusted_name, child.data), file.source.ref)
        file.children.append(inner)
        yield from _read(inner, cage, limits, progress, depth + 1)


# Finding and writing ------------------------------------------------------------------------------------------------


def _redacted(
    files: Sequence[_File],
    policy: Policy,
    deny: Sequence[DenyTerm],
    overrides: Sequence[Override],
    cage: Sandbox,
    progress: Progress,
) -> Registry:
    """Find, write and look again; once more with what the second look is sure of."""
    # A file that cannot be taken is not written, but its name may still name people, and others may name it.
    for file in files:
        if file.open:
            progress(file.source.ref, "detecting")
            read = [*file.segments[:-1], filenames.readable(file.segments[-1])]
            file.spans = [*detect(read, policy, policy.floor), *detect(_properties(file), policy, policy.floor)]
    _grow(files, Registry(list(_sightings(files))))
    sightings = list(_sightings(files))
    found_again: tuple[Sighting, ...] = ()
    for _ in range(2):
        registry = Registry(sightings, deny=deny, overrides=overrides, found_again=found_again)
        _plan(files, registry, policy)
        for file in files:
            if file.open:
                _write(file, registry, policy, cage, progress)
        new = tuple(dict.fromkeys(one for file in files if file.verified for one in file.verified.found_again))
        if not new:
            break
        found_again = new
    return registry


def _grow(files: Sequence[_File], registry: Registry) -> None:
    """Add the unfound words of names around what was found, so that they leave the other files too."""
    for file in files:
        if not file.open:
            continue
        for segment, spans, mentions in zip(file.segments, file.spans, _mentions(file, registry), strict=False):
            people = (span for span, _ in mentions if span.entity_type == "PERSON" and segment.kind is not Kind.CODE)
            spans.extend(more for span in people if (more := grown(segment.text, span)))


def _properties(file: _File) -> list[Segment]:
    """Old metadata values: authors and companies become entities. They are searched, never written."""
    values = file.extraction.metadata if file.extraction else ()
    return [Segment(f"property{number}", value, "property", Kind.LABEL) for number, value in enumerate(values)]


def _texts(file: _File) -> list[str]:
    """The texts that ``file.spans`` lie in."""
    return [segment.text for segment in (*file.segments, *_properties(file))]


def _sightings(files: Sequence[_File]) -> Iterator[Sighting]:
    for file in files:
        for text, spans in zip(_texts(file), file.spans, strict=False):
            for span, _ in resolve([(span, UNOWNED) for span in spans], text):
                yield Sighting(text[span.start : span.end], span.entity_type, span.source)


def _plan(files: Sequence[_File], registry: Registry, policy: Policy) -> None:
    """Settle the mentions of every file, number their entities, and say what is written for each."""
    for file in files:
        if file.open:
            file.mentions = _mentions(file, registry)
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
            if (written := _written(segment, mentions, registry, policy))
        }
        name = file.segments[-1]
        extension = media.EXTENSIONS[file.media_type]
        file.name_out = filenames.rewritten(name, file.replaced.pop(filenames.ANCHOR, ()), extension, taken)


def _mentions(file: _File, registry: Registry) -> list[list[Owned]]:
    """For each segment: found spans and known spellings, overlaps settled, what a person keeps left out."""
    known = propagate(file.segments, registry)
    mentions: list[list[Owned]] = []
    for segment, spans, again in zip(file.segments, file.spans, known, strict=False):
        text = segment.text
        owned = [(span, registry.owner(text[span.start : span.end], span.entity_type)) for span in spans]
        settled = resolve([one for one in (*owned, *again) if not registry.kept(one[1])], text)
        mentions.append(joined(settled, text))
    return mentions


def _written(
    segment: Segment, mentions: Sequence[Owned], registry: Registry, policy: Policy
) -> tuple[Replacement, ...]:
    treated = [
        Treated(
            span.start,
            span.end,
            policy.treatment(span.entity_type).operator,
            tokens.written(registry.records[owner].token, span.entity_type, segment.kind),
        )
        for span, owner in mentions
    ]
    return replacements(segment.text, treated)


def _write(file: _File, registry: Registry, policy: Policy, cage: Sandbox, progress: Progress) -> None:
    """Write the new copy of one file and look at it again."""
    if file.extraction is None:
        return
    progress(file.source.ref, "copying")
    names = tuple(child.name_out for child in file.children)
    try:
        file.output = cage.rewrite(file.media_type, file.source.data, Plan(file.replaced, file.name_out, names))
    except RedactionError as error:
        file.reason = error.code
        return
    progress(file.source.ref, "verifying")
    texts = [applied(segment.text, file.replaced.get(segment.anchor, ())) for segment in file.segments[:-1]]
    expected = Expected(file.output, texts, file.extraction.opaque, file.extraction.metadata)
    file.verified = verify(expected, registry, policy, cage)


# Result -------------------------------------------------------------------------------------------------------------


def _result(file: _File, registry: Registry | None) -> RedactedFile:
    """What the caller gets of one file. A blocked one has findings and checks, but no bytes and no text."""
    verified, output = file.verified, file.output
    if file.reason or verified is None or output is None or registry is None:
        return RedactedFile(
            file.source.ref, file.parent, Verdict.BLOCKED, (file.reason or "internal",), file.media_type, fidelity_bp=0
        )
    blocked = verified.verdict is Verdict.BLOCKED
    return RedactedFile(
        ref=file.source.ref,
        parent=file.parent,
        verdict=verified.verdict,
        reasons=verified.reasons,
        media_type_in=file.media_type,
        media_type_out="" if blocked else output.media_type,
        name_out="" if blocked else file.name_out,
        data=None if blocked else output.data,
        sha256="" if blocked else hashlib.sha256(output.data).hexdigest(),
        findings=tuple(_findings(file, registry)),
        blocks=() if blocked else verified.blocks,
        carriers=output.carriers,
        checks=verified.checks,
        acks=verified.acks,
        fidelity_bp=verified.fidelity_bp,
    )


def _findings(file: _File, registry: Registry) -> Iterator[Finding]:
    for segment, mentions in zip(file.segments, file.mentions, strict=True):
        for span, owner in mentions:
            token = registry.records[owner].token
            yield Finding(segment.anchor, segment.carrier, span.entity_type, token, span.score, span.source)
