"""Excel workbooks: rebuilt part by part, formulas re-keyed; see ``redaction/formats/ooxml`` for the engine."""

from __future__ import annotations

from collections import Counter

from redaction.entities import Action, Output, Plan, Tier
from redaction.formats import Carrier, Switches
from redaction.formats.ooxml.office import COMMON_CARRIERS, OfficeHandler, Opened
from redaction.formats.ooxml.parts import XLSX_COMMENTS, XLSX_MAIN, XLSX_RULES, PartRule
from redaction.formats.ooxml.sheets import SheetCleaner
from redaction.formats.ooxml.slots import Slot
from redaction.formats.ooxml.values import LEFT, keep_values
from redaction.formats.ooxml.workbook import WorkbookCollector
from redaction.formats.ooxml.writer import write
from redaction.formats.pieces import carrier_counts


class XlsxHandler(OfficeHandler):
    """``application/vnd.openxmlformats-officedocument.spreadsheetml.sheet``."""

    media_types: tuple[str, ...] = ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",)
    extensions: tuple[str, ...] = ("xlsx",)
    carriers = (
        *COMMON_CARRIERS,
        Carrier("X1", "shared strings; those no cell shows are blanked", Action.REWRITE),
        Carrier("X2", "cells with text of their own, stored results, ids and telephone numbers", Action.REWRITE),
        Carrier("X3", "literals and names in formulas, defined names", Action.REWRITE),
        Carrier(
            "X4",
            "hidden sheets, dropped or kept as the policy says; hidden rows, columns, number formats",
            Action.REWRITE,
        ),
        Carrier("X5", "comments and the people who made them", Action.DROP),
        Carrier("X6", "pivot tables and their items; their records, slicers and timelines are dropped", Action.REWRITE),
        Carrier("X7", "other workbooks, queries, connections; their values stay", Action.DROP),
        Carrier("X8", "validation, conditional formats, filters, tables", Action.REWRITE),
        Carrier("X9", "edges of printed pages", Action.REWRITE),
        Carrier("X10", "names of sheets, also in formulas", Action.REWRITE),
        Carrier("X12", "history of a shared workbook", Action.DROP),
        Carrier("X13", "drawings and text boxes; form controls are dropped", Action.REWRITE),
        Carrier("X11", "path of the file", Action.DROP),
        Carrier("X14", "views, watches, calculation chain, rich data", Action.DROP),
        Carrier("X15", "binary workbooks", Action.REFUSE),
    )
    tiers: tuple[Tier, ...] = (Tier.A, Tier.B)
    family = "xl"
    main_rule = XLSX_MAIN
    rules = XLSX_RULES
    cleaner = SheetCleaner
    collector = WorkbookCollector

    def _simpler(self, opened: Opened, plan: Plan, written: list[Slot]) -> Output:
        """Values only, on our own skeletons: written as in the better form, then cut down."""
        for slot in written:
            slot.write(plan.replacements[slot.anchor])
        opened.collector.finish()
        keep_values(opened.package)
        rewritten = Counter(slot.carrier for slot in written if slot.carrier in LEFT)
        gone = Counter({carrier: count for carrier, count in opened.seen.items() if carrier not in LEFT})
        counts = carrier_counts(rewritten, opened.dropped + gone, opened.seen - gone - rewritten)
        return Output(write(opened.package), self.media_types[0], counts, Tier.B)

    def rules_for(self, switches: Switches) -> tuple[PartRule, ...]:
        """Comments stay where the policy keeps them."""
        return (*XLSX_RULES, *XLSX_COMMENTS) if switches.comments else XLSX_RULES
