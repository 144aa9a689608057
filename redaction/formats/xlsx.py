"""Excel workbooks: rebuilt part by part, formulas re-keyed; see ``redaction/formats/ooxml`` for the engine."""

from __future__ import annotations

from collections.abc import Collection

from redaction.entities import Action, Tier
from redaction.formats import Carrier, Switches
from redaction.formats.ooxml.office import COMMON_CARRIERS, OfficeHandler
from redaction.formats.ooxml.package import Package
from redaction.formats.ooxml.parts import XLSX_COMMENTS, XLSX_MAIN, XLSX_RULES, PartRule
from redaction.formats.ooxml.sheets import SheetCleaner
from redaction.formats.ooxml.values import LEFT, keep_values
from redaction.formats.ooxml.workbook import WorkbookCollector


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

    def simplify(self, package: Package) -> Collection[str]:
        """Values only, on our own skeletons."""
        keep_values(package)
        return LEFT

    def rules_for(self, switches: Switches) -> tuple[PartRule, ...]:
        """Comments stay where the policy keeps them."""
        return (*XLSX_RULES, *XLSX_COMMENTS) if switches.comments else XLSX_RULES
