"""The handler all three formats share: open, collect slots, then either tell them or write to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from redaction.entities import Action, Extraction, Output, Plan, Tier
from redaction.errors import RedactionError, RefusedError
from redaction.formats import Carrier, Limits, Switches
from redaction.formats.ooxml import cleaning
from redaction.formats.ooxml.archive import read_members
from redaction.formats.ooxml.package import Loader, Package, Part, Source
from redaction.formats.ooxml.parts import IMAGE, UNNAMED, PartRule
from redaction.formats.ooxml.properties import needles, old_values, people
from redaction.formats.ooxml.slots import Slot
from redaction.formats.ooxml.text import Collector
from redaction.formats.ooxml.writer import write

COMMON_CARRIERS: tuple[Carrier, ...] = (
    Carrier("O1", "properties of the document, thumbnail", Action.SKELETON),
    Carrier("O2", "names, order, dates and remarks of the zip", Action.SKELETON),
    Carrier("O3", "addresses in relationships", Action.REWRITE),
    Carrier("O4", "pictures", Action.DROP),
    Carrier("O5", "embedded files", Action.DROP),
    Carrier("O6", "charts: titles and caches; their workbooks are dropped", Action.REWRITE),
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
    dropped: Counter[str] = field(default_factory=Counter)
    metadata: list[str] = field(default_factory=list)


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

    def extract(self, source: bytes, limits: Limits, switches: Switches = Switches()) -> Extraction:
        """Read a file.

        Raises:
            RefusedError: encrypted, parse-failed, limit, macro, mismatch, unsupported, empty.
        """
        opened = self._open(source, limits)
        segments = [slot.segment() for slot in opened.collector.slots]
        if sum(len(segment.text) for segment in segments) > limits.characters:
            raise RefusedError("limit", "characters")
        pictures = [part.label for part in opened.package.parts if part.rule.relationship == IMAGE]
        return Extraction(
            segments,
            metadata=needles(opened.metadata),
            opaque=pictures,
            counts=dict(sorted((opened.collector.seen + opened.dropped).items())),
        )

    def rewrite(self, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()) -> Output:
        """Write a new file with the plan's replacements made.

        Raises:
            RedactionError: ``internal`` when the plan names a place this file does not have.
        """
        opened = self._open(source, limits)
        slots = {slot.anchor: slot for slot in opened.collector.slots}
        if any(anchor not in slots for anchor in plan.replacements):
            raise RedactionError("internal", "the plan was made for another file")
        for anchor, changes in plan.replacements.items():
            if changes:
                slots[anchor].write(changes)
        opened.collector.finish()
        written = [slots[anchor] for anchor, changes in plan.replacements.items() if changes]
        return Output(write(opened.package), self.media_types[0], _counts(opened, written))

    def _open(self, source: bytes, limits: Limits) -> Opened:
        try:
            return self._read(source, limits)
        except RecursionError as error:
            raise RefusedError("parse-failed", "nesting") from error

    def _read(self, data: bytes, limits: Limits) -> Opened:
        source = Source(read_members(data, limits), limits)
        dropped: Counter[str] = Counter()
        metadata = old_values(source)
        cleaner = self.cleaner(source, dropped, metadata)
        package = Loader(source, self.family, self.rules, cleaner.clean_part, cleaner.refused).load(self.main_rule)
        collector = self.collector(package.main, limits)
        collector.collect_package(package)
        pictures = sum(part.rule.relationship == IMAGE for part in package.parts)
        dropped += package.dropped + collector.dropped
        dropped += Counter({"O4": pictures}) if pictures else Counter()
        declared = {carrier.id for carrier in self.carriers}
        for carrier in [carrier for carrier in dropped if carrier not in declared]:
            dropped[UNNAMED] += dropped.pop(carrier)  # a relationship that has no business in this format
        return Opened(source, package, collector, dropped, metadata)


class PartCleaner:
    """Cleans the parts of one input as they are loaded. Formats add what only they have."""

    def __init__(self, source: Source, dropped: Counter[str], metadata: list[str]) -> None:
        self.source = source
        self.dropped = dropped
        self.metadata = metadata
        self.refused: set[str] = set()  # names, in lower case, of parts that may not travel for what they hold
        self._identifiers = cleaning.Identifiers()

    def clean_format(self, part: Part) -> None:
        """What only this format has."""

    def clean_part(self, part: Part, source: Source) -> None:
        """Clean one part in place, before its relationships are followed."""
        self.metadata += people(source, part.old_name)
        self.clean_format(part)
        cleaning.clean(part.root)
        self._identifiers.renumber(part.root)


def _counts(opened: Opened, written: Sequence[Slot]) -> dict[str, dict[str, int]]:
    """Carrier id → how many of its places were rewritten, dropped and kept as they were."""
    rewritten = Counter(slot.carrier for slot in written)
    seen = opened.collector.seen
    return {
        carrier: {
            "rewritten": rewritten[carrier],
            "dropped": opened.dropped[carrier],
            "kept": seen[carrier] - rewritten[carrier],
        }
        for carrier in sorted({*seen, *opened.dropped})
    }
