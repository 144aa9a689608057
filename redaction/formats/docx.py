"""Word documents: rebuilt part by part; see ``redaction/formats/ooxml`` for the engine."""

from __future__ import annotations

from redaction.entities import Action, Tier
from redaction.formats import Carrier, Switches
from redaction.formats.ooxml import simple
from redaction.formats.ooxml.office import COMMON_CARRIERS, OfficeHandler, Opened
from redaction.formats.ooxml.package import Package
from redaction.formats.ooxml.parts import DOCX_COMMENTS, DOCX_MAIN, DOCX_RULES, PartRule
from redaction.formats.ooxml.word import WordCleaner, WordCollector, page_size


class DocxHandler(OfficeHandler):
    """``application/vnd.openxmlformats-officedocument.wordprocessingml.document``."""

    media_types: tuple[str, ...] = ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",)
    extensions: tuple[str, ...] = ("docx",)
    carriers = (
        *COMMON_CARRIERS,
        Carrier("D1", "body, tables, content controls", Action.REWRITE),
        Carrier("D2", "headers and footers; unreferenced ones are dropped", Action.REWRITE),
        Carrier("D3", "footnotes and endnotes", Action.REWRITE),
        Carrier("D4", "comments and the people who made them", Action.DROP),
        Carrier("D5", "tracked changes, accepted; their authors", Action.DROP),
        Carrier("D6", "text boxes, both copies", Action.REWRITE),
        Carrier("D7", "field codes; fields of properties are unwrapped", Action.REWRITE),
        Carrier("D8", "hidden text", Action.REWRITE),
        Carrier("D9", "glossary document", Action.DROP),
        Carrier("D10", "document variables, mail merge, protection, editing ranges", Action.DROP),
        Carrier("D11", "imported chunks", Action.DROP),
        Carrier("D12", "formulas, ruby, symbols, fixed hyphens", Action.REWRITE),
        Carrier("D13", "names of styles and lists", Action.REWRITE),
        Carrier("D14", "ink and signature lines", Action.DROP),
        Carrier("D15", "proofing marks, smart tags", Action.DROP),
    )
    tiers: tuple[Tier, ...] = (Tier.A, Tier.B)
    family = "word"
    main_rule = DOCX_MAIN
    rules = DOCX_RULES
    cleaner = WordCleaner
    collector = WordCollector

    def rules_for(self, switches: Switches) -> tuple[PartRule, ...]:
        return (*self.rules, *DOCX_COMMENTS) if switches.comments else self.rules

    def page_size(self, package: Package) -> tuple[int, int]:
        return page_size(package.main.root)

    def simple(self, opened: Opened, lines: list[simple.Line]) -> Package:
        return simple.document(lines)
