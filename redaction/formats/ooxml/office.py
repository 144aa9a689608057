"""The handler all three formats share: open, collect slots, then either tell them or write to them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from redaction.entities import Action, Extraction, Output, Plan, Tier
from redaction.errors import RedactionError, RefusedError
from redaction.formats import Carrier, Limits, Switches
from redaction.formats.ooxml import cleaning, embedded, simple
from redaction.formats.ooxml.archive import read_members
from redaction.formats.ooxml.package import Loader, Package, Part, Source
from redaction.formats.ooxml.parts import SIGNATURES, UNNAMED, PartRule
from redaction.formats.ooxml.pictures import Album, is_line
from redaction.formats.ooxml.properties import needles, old_values, people
from redaction.formats.ooxml.slots import Slot
from redaction.formats.ooxml.text import Collector
from redaction.formats.ooxml.writer import write

COMMON_CARRIERS: tuple[Carrier, ...] = (
    Carrier("O1", "properties of the document, thumbnail", Action.SKELETON),
    Carrier("O2", "names, order, dates and remarks of the zip", Action.SKELETON),
    Carrier("O3", "addresses in relationships", Action.REWRITE),
    Carrier("O4", "pictures, written anew from their pixels; vectors and ink become grey ones", Action.REENCODE),
    Carrier("O5", "embedded files; objects of other programs are dropped", Action.RECURSE),
    Carrier("O6", "charts: titles, caches and workbooks", Action.REWRITE),
    Carrier("O7", "custom XML and data bindings", Action.DROP),
    Carrier("O8", "macros, controls, printer settings, fonts, signatures", Action.DROP),
    Carrier("O9", "alternative text, names, bookmarks, SmartArt", Action.REWRITE),
    Carrier("O10", "session ids and GUIDs", Action.DROP),
    Carrier("O11", "Strict names, main part under another name", Action.REWRITE),
    Carrier("O12", "password or rights management", Action.REFUSE),
    Carrier(UNNAMED, "parts no rule names", Action.DROP),
)


@dataclass
class Opened:
    """One input, read and cleaned, with its slots. Made afresh by every call: nothing outlives it."""

    source: Source
    package: Package
    collector: Collector
    album: Album
    dropped: Counter[str] = field(default_factory=Counter)
    metadata: list[str] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)
    notices: dict[str, None] = field(default_factory=dict)

    @property
    def seen(self) -> Counter[str]:
        """Carrier id → places there are."""
        inner = Counter(part.rule.carrier for part in self.package.parts if part.is_embedded)
        return self.collector.seen + Counter({"O4": len(self.album.parts)}) + inner


class OfficeHandler:
    """What docx, xlsx and pptx do alike. Subclasses say which parts exist and clean them."""

    media_types: tuple[str, ...]
    extensions: tuple[str, ...]
    carriers: tuple[Carrier, ...]
    tiers: tuple[Tier, ...] = (Tier.A,)
    family: str
    main_rule: PartRule
    rules: tuple[PartRule, ...]
    cleaner: type[PartCleaner]
    collector: type[Collector] = Collector

    def rules_for(self, switches: Switches) -> tuple[PartRule, ...]:
        """The parts that are read under a policy."""
        return self.rules

    def page_size(self, package: Package) -> tuple[int, int]:
        """Width and height of a page in English metric units; nothing where a format has no pages."""
        return (0, 0)

    def extract(self, source: bytes, limits: Limits, switches: Switches = Switches()) -> Extraction:
        """Read a file.

        Raises:
            RefusedError: encrypted, parse-failed, limit, macro, mismatch, unsupported, empty.
        """
        opened = self._open(source, limits, switches)
        lines, memo = opened.album.read()
        segments = [*(slot.segment() for slot in opened.collector.slots), *lines]
        if sum(len(segment.text) for segment in segments) > limits.characters:
            raise RefusedError("limit", "characters")
        return Extraction(
            segments,
            children=embedded.children(opened.package),
            metadata=needles(opened.metadata),
            opaque=[*(part.label for part in opened.album.parts), *opened.zones],
            counts=dict(sorted((opened.seen + opened.dropped).items())),
            areas=opened.album.areas(self.page_size(opened.package)),
            notices=list(opened.notices),
            memo=memo,
        )

    def rewrite(self, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()) -> Output:
        """Write a new file with the plan's replacements made.

        Raises:
            RedactionError: ``internal`` when the plan names a place this file does not have.
        """
        opened = self._open(source, limits, switches)
        slots = {slot.anchor: slot for slot in opened.collector.slots}
        if any(anchor not in slots and not is_line(anchor) for anchor in plan.replacements):
            raise RedactionError("internal", "the plan was made for another file")
        written = [slots[anchor] for anchor, changes in plan.replacements.items() if changes and anchor in slots]
        if plan.tier == Tier.B:
            return self._simpler(opened, plan, written)
        for slot in written:
            slot.write(plan.replacements[slot.anchor])
        opened.collector.finish()
        grey = opened.album.write(plan.memo, plan.replacements, plan.boxed)
        opened.dropped += Counter({"O4": grey}) + embedded.put_back(opened.package, plan.children)
        kept = opened.seen - Counter({"O4": grey})
        painted = {anchor.partition("/")[0] for anchor, changes in plan.replacements.items() if changes} & {
            part.label for part in opened.album.parts
        }
        rewritten = Counter(slot.carrier for slot in written) + Counter({"O4": len(painted)})
        rewritten += Counter(part.rule.carrier for part in opened.package.parts if part.is_embedded)
        return Output(write(opened.package), self.media_types[0], _counts(kept, rewritten, opened.dropped))

    def simple(self, opened: Opened, lines: list[simple.Line]) -> Package:
        """The package in its simpler form."""
        raise RefusedError("unsupported", "no simpler form")

    def _simpler(self, opened: Opened, plan: Plan, written: list[Slot]) -> Output:
        """Lines of text on a skeleton of our own: what is no line of text is dropped."""
        package = self.simple(opened, simple.lines(opened.collector.slots, plan.replacements))
        left_out = Counter(part.rule.carrier for part in opened.package.parts if part.is_embedded or part.is_picture)
        rewritten = Counter(slot.carrier for slot in written)
        counts = _counts(opened.seen - left_out, rewritten, opened.dropped + left_out)
        return Output(write(package), self.media_types[0], counts, Tier.B)

    def _open(self, source: bytes, limits: Limits, switches: Switches) -> Opened:
        try:
            return self._read(source, limits, switches)
        except RecursionError as error:
            raise RefusedError("parse-failed", "nesting") from error

    def _read(self, data: bytes, limits: Limits, switches: Switches) -> Opened:
        source = Source(read_members(data, limits), limits, switches)
        dropped: Counter[str] = Counter()
        metadata = old_values(source)
        cleaner = self.cleaner(source, dropped, metadata)
        rules = self.rules_for(switches)
        package = Loader(source, self.family, rules, cleaner.clean_part, cleaner.refused).load(self.main_rule)
        collector = self.collector(package.main, limits)
        collector.collect_package(package)
        dropped += package.dropped + collector.dropped
        declared = {carrier.id for carrier in self.carriers}
        for carrier in [carrier for carrier in dropped if carrier not in declared]:
            dropped[UNNAMED] += dropped.pop(carrier)  # a relationship that has no business in this format
        if any(reference.kind == SIGNATURES for reference in source.references("/").values()):
            cleaner.notices["signature-dropped"] = None
        album = Album(package.parts, limits)
        notices = cleaner.notices | collector.notices
        return Opened(source, package, collector, album, dropped, metadata, cleaner.zones, notices)


class PartCleaner:
    """Cleans the parts of one input as they are loaded. Formats add what only they have."""

    def __init__(self, source: Source, dropped: Counter[str], metadata: list[str]) -> None:
        self.source = source
        self.dropped = dropped
        self.metadata = metadata
        self.refused: set[str] = set()  # names, in lower case, of parts that may not travel for what they hold
        self.zones: list[str] = []  # what was there and is dropped, and only a person can say whether it is missed
        self.notices: dict[str, None] = {}
        self._identifiers = cleaning.Identifiers()

    def clean_format(self, part: Part) -> None:
        """What only this format has."""

    def clean_part(self, part: Part, source: Source) -> None:
        """Clean one part in place, before its relationships are followed."""
        self.metadata += people(source, part.old_name)
        self.clean_format(part)
        cleaning.clean(part.root)
        self._identifiers.renumber(part.root)


def _counts(seen: Counter[str], rewritten: Counter[str], dropped: Counter[str]) -> dict[str, dict[str, int]]:
    """Carrier id → how many of its places were rewritten, dropped and kept as they were."""
    return {
        carrier: {
            "rewritten": rewritten[carrier],
            "dropped": dropped[carrier],
            "kept": max(seen[carrier] - rewritten[carrier], 0),
        }
        for carrier in sorted({*seen, *dropped})
    }
