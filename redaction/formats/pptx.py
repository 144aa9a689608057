"""PowerPoint presentations: rebuilt part by part; see ``redaction/formats/ooxml`` for the engine."""

from __future__ import annotations

from redaction.entities import Action, Tier
from redaction.formats import Carrier, Switches
from redaction.formats.ooxml import simple
from redaction.formats.ooxml.office import COMMON_CARRIERS, OfficeHandler, Opened
from redaction.formats.ooxml.package import Package
from redaction.formats.ooxml.parts import PPTX_COMMENTS, PPTX_MAIN, PPTX_NOTES, PPTX_RULES, PartRule
from redaction.formats.ooxml.slides import SlideCleaner, SlideCollector, slide_size


class PptxHandler(OfficeHandler):
    """``application/vnd.openxmlformats-officedocument.presentationml.presentation``."""

    media_types: tuple[str, ...] = ("application/vnd.openxmlformats-officedocument.presentationml.presentation",)
    extensions: tuple[str, ...] = ("pptx",)
    carriers = (
        *COMMON_CARRIERS,
        Carrier("P1", "slides; hidden ones are dropped", Action.REWRITE),
        Carrier("P2", "notes, their master, handout master", Action.REWRITE),
        Carrier("P3", "masters and layouts; unused ones are dropped", Action.REWRITE),
        Carrier("P4", "comments, their authors, who changed what", Action.DROP),
        Carrier("P5", "tags, custom shows, sections", Action.DROP),
        Carrier("P6", "workbooks of charts", Action.RECURSE),
        Carrier("P7", "sound and film", Action.DROP),
        Carrier("P8", "tables and groups", Action.REWRITE),
        Carrier("P9", "what is cropped off pictures", Action.DROP),
        Carrier("P10", "thumbnail", Action.DROP),
    )
    tiers: tuple[Tier, ...] = (Tier.A, Tier.B)
    family = "ppt"
    main_rule = PPTX_MAIN
    rules = PPTX_RULES
    cleaner = SlideCleaner
    collector = SlideCollector

    def rules_for(self, switches: Switches) -> tuple[PartRule, ...]:
        kept = self.rules if switches.notes else tuple(rule for rule in self.rules if rule not in PPTX_NOTES)
        return (*kept, *PPTX_COMMENTS) if switches.comments else kept

    def page_size(self, package: Package) -> tuple[int, int]:
        return slide_size(package.main.root)

    def simple(self, opened: Opened, lines: list[simple.Line]) -> Package:
        return simple.deck(opened.package.parts, lines)
