"""The words of the redaction core: frozen dataclasses that travel between its parts.

Nothing here knows a person, a database or a network. Offsets are code points within one segment, end exclusive.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from redaction.errors import REFUSALS


class Verdict(enum.StrEnum):
    """What verification says of one output; a submission's verdict is the worst of its files'."""

    CLEAN = "CLEAN"
    NEEDS_ACK = "NEEDS_ACK"
    BLOCKED = "BLOCKED"


class Tier(enum.StrEnum):
    """How much of the form of a file is kept when it is written."""

    A = "A"  # the format as it was
    B = "B"  # a simpler form: pages as pictures, values without formulas, plain text
    C = "C"  # nothing is written


class Action(enum.StrEnum):
    """What a handler does with one carrier of text."""

    REWRITE = "rewrite"
    SKELETON = "skeleton"  # replaced by our own, neutral content
    DROP = "drop"
    RECURSE = "recurse"  # handled as a file of its own
    REENCODE = "reencode"
    REFUSE = "refuse"


class Kind(enum.StrEnum):
    """What a segment of text is; detection treats these differently."""

    PROSE = "prose"
    CELL = "cell"
    LABEL = "label"
    CODE = "code"
    NAME = "name"  # file, sheet, author names
    HEADER = "header"  # mail headers


@dataclass(frozen=True)
class SourceFile:
    """One file of a submission as it comes in. ``ref`` is the caller's id for it and is never shown or logged here."""

    ref: str
    untrusted_name: str
    data: bytes


@dataclass(frozen=True)
class DenyTerm:
    """A word that must never leave. ``entity_type`` decides its token."""

    text: str
    entity_type: str = "CONFIDENTIAL"


@dataclass(frozen=True)
class Override:
    """A person's decision, applied when the run is made again from the original.

    ``action``: ``hide`` (``text`` as ``entity_type``), ``keep`` (``text`` stays visible; never stronger than a deny
    term or a secret), ``retype`` (the entity of ``text`` is an ``entity_type``), ``merge`` (the entities of ``text``
    and ``other`` are one), ``split`` (``text`` is an entity of its own), ``box`` (paint the picture zone ``anchor``
    over), ``hide_page`` (of ``anchor``), ``exclude`` (the file), ``acknowledge`` (the zone ``anchor``).

    ``ref`` and ``anchor`` say where: empty for the whole submission. With an anchor, characters [``start``, ``end``)
    of that segment are meant, and ``digest`` is what ``overrides.anchor_digest`` said of it when the person decided;
    when it no longer says so, the decision is stale. ``reason`` is why something may stay.
    """

    action: str
    text: str = ""
    entity_type: str = "CONFIDENTIAL"
    ref: str = ""
    anchor: str = ""
    start: int = 0
    end: int = 0
    digest: str = ""
    other: str = ""
    reason: str = ""

    @property
    def everywhere(self) -> bool:
        """True when it concerns the whole submission."""
        return not self.ref


@dataclass(frozen=True)
class Segment:
    """One run of text of a file, joined over formatting. Hidden text is a segment like visible text.

    ``anchor`` is stable and free of content (ordinals only): ``p17``, ``sheet3!C17``, ``slide4/sp12/p0``,
    ``page3/b2``, ``header:subject``, ``r17c3``.
    """

    anchor: str
    text: str
    carrier: str
    kind: Kind = Kind.PROSE
    hints: Mapping[str, str] = field(default_factory=dict)  # e.g. {"column": header text of a table cell}


@dataclass(frozen=True)
class Child:
    """A file found inside another one.

    ``embedded``: it is part of its parent and is put back into it (a member of an archive, the workbook of a chart);
    otherwise it goes on as a file of its own (a mail attachment).
    """

    ordinal: int
    untrusted_name: str
    data: bytes
    embedded: bool = False


@dataclass(frozen=True)
class Extraction:
    """All text of one file, and what could not be read as text.

    ``metadata`` are old values of properties (author, company …): they become needles that must not survive.
    ``opaque`` lists anchors of zones no reader can judge (pictures), ``areas`` how much of its page each covers, in
    basis points. ``notices`` are reasons, other than those zones, for a person to look (``hidden-content``,
    ``signature-dropped``). ``counts`` is carrier id → places seen. ``memo`` is what the handler wants to see again
    when it writes (what OCR read, say): nobody but the handler looks into it.
    """

    segments: Sequence[Segment]
    children: Sequence[Child] = ()
    metadata: Sequence[str] = ()
    opaque: Sequence[str] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    areas: Mapping[str, int] = field(default_factory=dict)
    notices: Sequence[str] = ()
    memo: bytes = b""


@dataclass(frozen=True)
class Span:
    """A found identifier inside one segment, before it has a token.

    ``continued``: it is the rest of one that begins in a segment before; the token stands there, and nothing here.
    """

    start: int
    end: int
    entity_type: str
    score: float
    source: str  # recognizer name, "denylist", "contributor", "propagation"
    continued: bool = False


@dataclass(frozen=True)
class Replacement:
    """What a handler writes: characters [start, end) of the segment ``anchor`` become ``text``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Plan:
    """All replacements of one file, by anchor, sorted and disjoint; what became of its children; how to write.

    ``child_names`` are the new names of the children, in order. ``children`` holds, by ordinal, the new bytes of the
    embedded ones; one that is missing was blocked and stays out. ``boxed`` are anchors of picture zones to paint over
    altogether. ``pages`` are the pages that tier B concerns, counted from 1; empty for all. ``memo`` as in Extraction.
    """

    replacements: Mapping[str, Sequence[Replacement]]
    name_out: str
    child_names: Sequence[str] = ()
    children: Mapping[int, bytes] = field(default_factory=dict)
    boxed: Sequence[str] = ()
    tier: Tier = Tier.A
    pages: Sequence[int] = ()
    memo: bytes = b""


@dataclass(frozen=True)
class Output:
    """A new file made by a handler. ``carriers``: carrier id → {"rewritten": n, "dropped": n, "kept": n}.

    ``tier``: B as soon as a part of it was written in the simpler form.
    """

    data: bytes
    media_type: str
    carriers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    tier: Tier = Tier.A


@dataclass(frozen=True)
class Block:
    """One piece of text as an independent reader sees it in the *output*: what previews show and verification reads."""

    anchor: str
    text: str
    kind: Kind = Kind.PROSE


@dataclass(frozen=True)
class Finding:
    """One replaced mention. Holds no found text: the registry does."""

    anchor: str
    carrier: str
    entity_type: str
    token: str
    score: float
    source: str


@dataclass(frozen=True)
class Entity:
    """All mentions of one person, organisation … in one submission."""

    token: str  # PERSON_1
    entity_type: str
    canonical: str
    aliases: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "token": self.token,
            "entity_type": self.entity_type,
            "canonical": self.canonical,
            "aliases": list(self.aliases),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Entity:
        return cls(value["token"], value["entity_type"], value["canonical"], tuple(value["aliases"]))


@dataclass(frozen=True)
class Ack:
    """A question only a person can answer before the file may leave. ``zone`` is an anchor, or empty for the file."""

    kind: str
    zone: str = ""
    role: str = "contributor"

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.zone}"


@dataclass(frozen=True)
class RedactedFile:
    """The result for one file. ``data`` is None when nothing may leave (BLOCKED).

    ``reasons`` are codes of ``errors.SENTENCES``; ``parent`` is the ``ref`` of the file it was found in and
    ``ref`` of a child is ``<parent ref>/<ordinal>``.
    """

    ref: str
    parent: str | None
    verdict: Verdict
    reasons: tuple[str, ...]
    media_type_in: str
    media_type_out: str = ""
    name_out: str = ""
    data: bytes | None = None
    sha256: str = ""
    findings: tuple[Finding, ...] = ()
    blocks: tuple[Block, ...] = ()
    carriers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    checks: Mapping[str, str] = field(default_factory=dict)  # V1 … V7 → pass | fail | grey | unavailable
    acks: tuple[Ack, ...] = ()
    fidelity_bp: int = 10_000  # of the text that should stay, how much did, in basis points
    tier: Tier = Tier.A
    areas: Mapping[str, int] = field(default_factory=dict)  # zone → share of its page, in basis points
    embedded: bool = False  # put back into its parent, and told there

    @property
    def refused(self) -> bool:
        """True when the file itself cannot be taken (as opposed to: a person must look)."""
        return any(reason in REFUSALS for reason in self.reasons)


@dataclass(frozen=True)
class Redaction:
    """The result for a submission."""

    verdict: Verdict
    files: tuple[RedactedFile, ...]
    entities: tuple[Entity, ...]
    report: Mapping[str, Any]  # JSON-ready, no personal data
    policy_name: str
    policy_version: str
    policy_sha256: str
    fingerprint: str  # models and versions
