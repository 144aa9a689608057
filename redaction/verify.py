"""A second look at every output, by code that did not write it.

The rules this follows:

- V1 No needle survives: every spelling of every entity, every deny term, every old metadata value, through each reader
  of the format and in the bytes themselves. One hit blocks.
- V2 The container holds declared parts only.
- V3 The detector reads the output again, at a lower threshold. What it is sure of blocks; the rest a person judges.
- V4 What OCR reads in its pictures, and on its pages where text and looks may differ, holds no needle either.
- V5 A second reader opens it, has as many pages, sheets or slides as the original less what the policy drops, and of
  the text that was to stay at least the policy's share.
- V6 No run of 64 bytes of a binary that was dropped (embedded programs, attachments, metadata) is in the output.
- V7 Every zone that no program can judge is listed, and asks a person.
- A check that could not run has failed: unavailable is not clean.

What is compared here are the readers' texts; the files themselves are opened in the cage alone.
"""

from __future__ import annotations

import bisect
import dataclasses
import itertools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from redaction.detection import detect
from redaction.entities import Ack, Block, Extraction, Output, Segment, Span, Tier, Verdict
from redaction.errors import RedactionError
from redaction.imperceptible import density
from redaction.matching import DISTINCTIVE, Match, Matcher, Needle
from redaction.names import generic
from redaction.overrides import without
from redaction.policy import Policy
from redaction.registry import Registry, Sighting
from redaction.sandbox import Sandbox
from redaction.spans import MODELS, certain
from redaction.tokens import blanked
from redaction.view import squeeze
from redaction.words import words

# Words of the formats themselves: in the bytes of a container they say nothing about a person.
_VOCABULARY: Final = words("vocabulary")
_WORD: Final = re.compile(r"\w+")
_REASON_ORDER: Final = (
    "reader-unavailable",
    "needle-found",
    "not-allowed-part",
    "new-finding",
    "opaque-zone",
    "hidden-content",
    "hidden-signs",
    "policy-asks",
    "signature-dropped",
    "confidentiality-mark",
    "simpler-form",
    "structure",
    "fidelity",
)
# Reasons that ask a person about the whole file.
_ASKED: Final = frozenset(
    {"hidden-content", "hidden-signs", "policy-asks", "signature-dropped", "simpler-form", "structure", "fidelity"}
)
_WHOLE: Final = 10_000  # the area of a zone that nobody measured
BLOCKING: Final = frozenset(
    {"limit", "reader-unavailable", "needle-found", "not-allowed-part", "new-finding", "internal"}
)


@dataclass(frozen=True)
class Expected:
    """One output, and what it was made from. ``texts``: the segments of the original after redaction.

    ``unwritten`` turns surrogates back into tokens. ``passages`` stay by a person's wish, each as often as it is
    listed; the bytes are not searched for ``spared``, the entities in them.
    """

    output: Output
    texts: Sequence[str]
    extraction: Extraction
    source: bytes
    media_type: str
    unwritten: Callable[[str], str] = str
    passages: Sequence[str] = ()
    spared: frozenset[int] = frozenset()
    marks: Sequence[str] = ()  # anchors at which the original says that it is confidential
    asked: bool = False  # it held a kind of finding that the policy wants a person to look at


@dataclass(frozen=True)
class Verified:
    """The result of the second look.

    ``found_again``: what V3 is sure of, for one more run with it in the registry. ``leaking``: anchors of the blocks in
    which something was found that must not be there, empty when it is nowhere a reader can name.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    checks: dict[str, str]
    blocks: tuple[Block, ...]
    acks: tuple[Ack, ...]
    fidelity_bp: int
    found_again: tuple[Sighting, ...] = ()
    leaking: tuple[str, ...] = ()

    @property
    def blocked(self) -> bool:
        return self.verdict is Verdict.BLOCKED


@dataclass(frozen=True)
class _Seen:
    """What the cage's readers say of an output."""

    readings: Sequence[Sequence[Block]]
    raw: Sequence[Block]
    looked: Sequence[Block]
    undeclared: Sequence[str]
    remains: int
    structure: str


def verify(expected: Expected, registry: Registry, policy: Policy, cage: Sandbox) -> Verified:
    """Look again at one output.

    Raises:
        DetectionIncompleteError: the detector could not read all of it.
    """
    output = expected.output
    try:
        read = cage.read(output.media_type, output.data)
        readings = [blocks for blocks in read if blocks is not None]
        if len(readings) < len(read):
            return _blocked("reader-unavailable", {"V1": "unavailable", "V5": "unavailable"})
        seen = _Seen(
            readings,
            cage.raw(output.media_type, output.data),
            cage.look(output.media_type, output.data),
            cage.undeclared(output.media_type, output.data),
            cage.remains(expected.media_type, expected.source, output.media_type, output.data),
            cage.structure(expected.media_type, expected.source, output.media_type, output.data),
        )
    except RedactionError as error:
        reason = "limit" if error.code == "limit" else "reader-unavailable"
        return _blocked(reason, {f"V{number}": "unavailable" for number in (1, 2, 4, 5, 6)})
    return _judged(expected, registry, policy, seen)


def _judged(expected: Expected, registry: Registry, policy: Policy, seen: _Seen) -> Verified:
    extraction = expected.extraction
    matchers = (registry.matcher, Matcher(_metadata_needles(expected)))
    readings = [_known(expected, blocks) for blocks in seen.readings]
    leaking = [anchor for blocks in readings for matcher in matchers for anchor in _leaks(blocks, matcher)]
    shown = [anchor for matcher in matchers for anchor in _leaks(_known(expected, seen.looked), matcher)]
    raw = _known(expected, seen.raw)
    in_bytes = _leaks_in_bytes(raw, matchers[0], expected.spared) or _leaks_in_bytes(raw, matchers[1])
    sure, unsure = second_look(readings[0], registry, policy)
    fidelity = max(_fidelity(expected.texts, blocks) for blocks in seen.readings)
    small = policy.switches.small_zones_bp
    zones = [zone for zone in extraction.opaque if extraction.areas.get(zone, _WHOLE) >= small]
    failed = {
        "needle-found": bool(leaking) or bool(shown) or in_bytes,
        "not-allowed-part": bool(seen.undeclared) or seen.remains > 0,
        "new-finding": bool(sure),
        "opaque-zone": bool(zones),
        "hidden-signs": density([one.text for one in extraction.segments]) > policy.suspicious_per_1k,
        "policy-asks": expected.asked,
        "simpler-form": expected.output.tier is not Tier.A,
        "structure": seen.structure == "fewer",
        "fidelity": fidelity < policy.fidelity_floor_bp,
        "confidentiality-mark": bool(expected.marks),
        **dict.fromkeys(extraction.notices, True),
    }
    reasons = tuple(reason for reason in _REASON_ORDER if failed.get(reason))
    acks = [Ack("opaque-zone", zone) for zone in zones]
    acks += [Ack("second-look", anchor) for anchor in unsure]
    acks += [Ack(reason) for reason in reasons if reason in _ASKED]
    acks += [Ack("confidentiality-mark", anchor, "rights") for anchor in expected.marks]
    blocked = bool(BLOCKING & set(reasons))
    return Verified(
        verdict=Verdict.BLOCKED if blocked else Verdict.NEEDS_ACK if acks else Verdict.CLEAN,
        reasons=reasons,
        checks={
            "V1": _outcome(bool(leaking) or in_bytes),
            "V2": _outcome(bool(seen.undeclared)),
            "V3": "fail" if sure else "grey" if unsure else "pass",
            "V4": _outcome(bool(shown)),
            "V5": "grey" if failed["fidelity"] or failed["structure"] else "pass",
            "V6": _outcome(seen.remains > 0),
            "V7": "grey" if zones else "pass",
        },
        blocks=tuple(seen.readings[0]),
        acks=tuple(acks),
        fidelity_bp=fidelity,
        found_again=tuple(one for one, _ in sure),
        leaking=_places(leaking, shown, [anchor for _, anchor in sure]) if leaking or not in_bytes else (),
    )


def _places(*anchors: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(itertools.chain(*anchors)))


def _blocked(reason: str, checks: dict[str, str]) -> Verified:
    return Verified(Verdict.BLOCKED, (reason,), checks, (), (), 0)


def _outcome(failed: bool) -> str:
    return "fail" if failed else "pass"


# V1 -----------------------------------------------------------------------------------------------------------------


def _leaks(blocks: Sequence[Block], matcher: Matcher) -> list[str]:
    """The anchors of the blocks in which a needle stands, or over whose end it runs."""
    ends = list(itertools.accumulate(len(block.text) + 1 for block in blocks))
    text = blanked("\n".join(block.text for block in blocks))
    return [blocks[bisect.bisect_right(ends, match.start)].anchor for match in matcher.find(text)]


def _leaks_in_bytes(raw: Sequence[Block], matcher: Matcher, spared: frozenset[int] = frozenset()) -> bool:
    """The same in the bytes, for distinctive needles which are no words of a format."""
    found = (match for block in raw for match in matcher.find(blanked(block.text)))
    return any(_distinctive(match) and match.owner not in spared for match in found)


def _known(expected: Expected, blocks: Sequence[Block]) -> list[Block]:
    """The blocks without what is known to be there: surrogates are tokens, passages that a person keeps are gone."""
    left = list(expected.passages)
    known: list[Block] = []
    for block in blocks:
        text = expected.unwritten(block.text)
        here = [passage for passage in left if passage in text]
        for passage in here:
            left.remove(passage)
        known.append(dataclasses.replace(block, text=without(text, here)))
    return known


def _distinctive(match: Match) -> bool:
    letters = match.needle.letters
    return len(letters) >= DISTINCTIVE and letters not in _VOCABULARY


def _metadata_needles(expected: Expected) -> list[Needle]:
    """Old properties, unless the text that stays says the same: a title may well be the first line too."""
    stays = squeeze("".join(expected.texts))
    values = dict.fromkeys(value.strip() for value in expected.extraction.metadata)
    return [
        Needle.of(value, 0)
        for value in values
        if len(squeeze(value)) >= DISTINCTIVE
        and not generic(value)
        and squeeze(value) not in stays
        and squeeze(value) not in _VOCABULARY
    ]


# V3 -----------------------------------------------------------------------------------------------------------------


def second_look(
    blocks: Sequence[Block], registry: Registry, policy: Policy
) -> tuple[list[tuple[Sighting, str]], list[str]]:
    """What the detector finds in the output: sure findings and where they are, and the anchors of unsure ones."""
    segments = [Segment(block.anchor, block.text, "V3", block.kind) for block in blocks]
    sure: dict[Sighting, str] = {}
    unsure: dict[str, None] = {}
    for segment, spans in zip(segments, detect(segments, policy, policy.verify_floor), strict=True):
        for span in spans:
            text = segment.text[span.start : span.end]
            if registry.is_kept(text, span.entity_type):
                continue
            if span.score >= policy.treatment(span.entity_type).floor and certain(span, segment.text):
                sure.setdefault(Sighting(text, span.entity_type, span.source), segment.anchor)
            elif _worth_a_look(span):
                unsure.setdefault(segment.anchor)
    return list(sure.items()), list(unsure)


def _worth_a_look(span: Span) -> bool:
    """Places and companies that the model guesses between tokens are noise; people and numbers are not."""
    return span.source not in MODELS or span.entity_type == "PERSON"


# V5 -----------------------------------------------------------------------------------------------------------------


def _fidelity(texts: Sequence[str], blocks: Sequence[Block]) -> int:
    """Of the words that should be there, how many are, in basis points."""
    wanted = Counter(word.casefold() for text in texts for word in _WORD.findall(text))
    there = Counter(word.casefold() for block in blocks for word in _WORD.findall(block.text))
    total = wanted.total()
    return 10_000 * (wanted & there).total() // total if total else 10_000
