"""Cleans the parts of a workbook: hidden sheets stay behind unless the policy keeps them, and sheets keep what is
listed here only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import unescape

from redaction.errors import RefusedError
from redaction.formats.ooxml import comments, pivots
from redaction.formats.ooxml.names import NAMESPACES, XML, local, namespace, tag, tags
from redaction.formats.ooxml.office import PartCleaner
from redaction.formats.ooxml.package import Part, Reference, Source
from redaction.formats.ooxml.parts import MAIN, XLSX_RULES
from redaction.formats.ooxml.rows import Rows, joined, split
from redaction.formats.ooxml.tree import Element, keep_attributes, keep_children, remove
from redaction.vocabulary import is_common_font

_WORKBOOK: Final = tags("x:workbookPr x:bookViews x:sheets x:definedNames x:calcPr x:pivotCaches")
_SHEET: Final = tags(
    "x:sheetPr x:dimension x:sheetViews x:sheetFormatPr x:cols x:sheetData x:autoFilter x:sortState x:mergeCells"
    " x:conditionalFormatting x:dataValidations x:hyperlinks x:printOptions x:pageMargins x:pageSetup x:headerFooter"
    " x:rowBreaks x:colBreaks x:ignoredErrors x:drawing x:tableParts"
)
_STYLES: Final = tags(
    "x:numFmts x:fonts x:fills x:borders x:cellStyleXfs x:cellXfs x:cellStyles x:dxfs x:tableStyles x:colors"
)
_SHOWN: Final = tags("xdr:sp xdr:grpSp xdr:graphicFrame xdr:cxnSp xdr:pic mc:AlternateContent")
_TABLE: Final = tags("x:autoFilter x:sortState x:tableColumns x:tableStyleInfo")
_TABLE_ATTRIBUTES: Final = frozenset(
    {"id", "name", "displayName", "ref", "headerRowCount", "totalsRowCount", "totalsRowShown", "insertRow", "published"}
    | {"headerRowDxfId", "dataDxfId", "totalsRowDxfId", "headerRowBorderDxfId", "tableBorderDxfId"}
)
_COLUMN_ATTRIBUTES: Final = frozenset(
    {"id", "name", "totalsRowFunction", "totalsRowLabel", "headerRowDxfId", "dataDxfId", "totalsRowDxfId"}
)
_PATH: Final = re.compile(rb"absPath\b[^<>]*?\burl\s*=\s*[\"']([^<>\"']*)")  # where the file lay on its author's disk
_SHEETS: Final = ("worksheet", "chartsheet")
_STRING_ATTRIBUTES: Final = frozenset(
    {"val", "rgb", "theme", "tint", "indexed", "sb", "eb", "fontId", "type", "alignment", f"{{{XML}}}space"}
)
_RELATION: Final = f"{{{NAMESPACES['r']}}}id"
# Which carrier a dropped child of a worksheet counts for; the others count as form controls and the like.
_LEFT: Final = {"scenarios": "X8", "protectedRanges": "X8", "customSheetViews": "X14", "cellWatches": "X14"}


@dataclass(eq=False)
class SheetBody:
    """The rows of one sheet, and what the walk that collects them leaves for the one that writes them.

    ``values_only``: neither formulas nor looks are written.
    """

    rows: Rows
    write: Callable[[], Iterator[str]] = iter(()).__iter__
    values_only: bool = False
    away: set[str] = field(default_factory=set)  # shared formulas that lead to what is dropped

    def __call__(self, shell: bytes) -> bytes:
        return joined(shell, self.write())


class SheetCleaner(PartCleaner):
    """Cleans one workbook's parts."""

    def __init__(self, source: Source, dropped: Counter[str], metadata: list[str]) -> None:
        super().__init__(source, dropped, metadata)
        self._kept_sheets: dict[str, int] = {}  # relationship id → place among the sheets that stay
        self._rows: dict[str, Rows] = {}
        self._main = ""
        self._shown = 0
        self._pivot_caches: set[str] = set()  # relationship ids of the workbook
        self._types = {rule.relationship: rule.content_type for rule in XLSX_RULES}
        main = next((item for item in source.references("/").values() if item.kind == MAIN and not item.external), None)
        if main is not None and source.data(main.target) is not None:
            self._main = main.target
            self._choose_sheets(main.target)

    def _choose_sheets(self, workbook: str) -> None:
        references = self.source.references(workbook)
        names: set[str] = set()
        for sheet in self.source.root(workbook).iter(tag("x:sheet")):
            reference = references.get(sheet.get(_RELATION) or "")
            if reference is None or reference.external:
                continue
            hidden = sheet.get("state", "visible") != "visible"
            if hidden:
                self.notices["hidden-content"] = None
            if hidden and not self.source.switches.hidden:
                self.refused.add(reference.target.casefold())
            elif self.source.content_type(reference.target) == self._types.get(reference.kind):
                self._kept_sheets[reference.id] = len(self._kept_sheets)
                self._shown += not hidden
                self._take_rows(reference)
                names.add(sheet.get("name", "").casefold())
        if not self._shown:
            raise RefusedError("parse-failed", "no sheet to show")
        self._choose_pivots(workbook, names)
        self._leave_comments()

    def _choose_pivots(self, workbook: str, sheets: set[str]) -> None:
        """Pivot tables stay where their records can be made anew from a sheet that stays."""
        references = self.source.references(workbook)
        made = {
            one.target.casefold()
            for one in references.values()
            if one.kind.endswith("/pivotCacheDefinition")
            and self.source.data(one.target) is not None
            and pivots.can_be_made_anew(self.source.root(one.target), sheets)
        }
        used: set[str] = set()
        for owner in self._rows:
            for table in self._of_kind(owner, "pivotTable"):
                caches = [one.target.casefold() for one in self._of_kind(table.target, "pivotCacheDefinition")]
                if len(caches) == 1 and caches[0] in made:
                    used.add(caches[0])
                else:
                    self._refuse(table, "X6")
        for reference in references.values():
            if reference.kind.endswith("/pivotCacheDefinition"):
                if reference.target.casefold() in used:
                    self._pivot_caches.add(reference.id)
                else:
                    self._refuse(reference, "X6")

    def _leave_comments(self) -> None:
        """A comment's text may stay under a policy; who wrote it never does."""
        for owner in self._rows:
            found = self._of_kind(owner, "comments")
            if found and not self.source.switches.comments:
                for reference in found:
                    self._refuse(reference, "X5")

    def _of_kind(self, owner: str, kind: str) -> list[Reference]:
        found = self.source.references(owner).values()
        return [one for one in found if one.kind.endswith("/" + kind) and not one.external]

    def _refuse(self, reference: Reference, carrier: str) -> None:
        if reference.target.casefold() not in self.refused:
            self.refused.add(reference.target.casefold())
            self.dropped[carrier] += 1

    def _take_rows(self, sheet: Reference) -> None:
        data = self.source.data(sheet.target)
        name = sheet.target.casefold()
        if data is not None and name not in self._rows and sheet.kind.endswith("/worksheet"):
            self._rows[name] = Rows(data)
            self.source.replace(name, split(data))

    def clean_format(self, part: Part) -> None:
        root = part.root
        if local(root.tag) == "wsDr":
            for anchor in [anchor for anchor in root if not any(child.tag in _SHOWN for child in anchor)]:
                root.remove(anchor)  # what it held is gone, and an empty anchor damages the sheet
        if namespace(root.tag) != NAMESPACES["x"]:
            return
        kind = local(root.tag)
        root.attrib.pop("conformance", None)
        rows = self._rows.get(part.old_name.casefold())
        if rows is not None:
            part.body = SheetBody(rows)
        if kind == "workbook":
            self._clean_workbook(root)
        elif kind in _SHEETS:
            for child in [child for child in root if child.tag not in _SHEET]:
                if not any(_RELATION in element.attrib for element in child.iter()):  # else its target is counted
                    self.dropped[_LEFT.get(local(child.tag), "X13")] += 1
                root.remove(child)
            for view in root.iter(tag("x:sheetView")):
                view.attrib.pop("tabSelected", None)
        elif kind == "styleSheet":
            keep_children(root, _STYLES)
            for number, style in enumerate(root.iter(tag("x:cellStyle")), 1):
                if not style.get("name"):  # Excel forgives it, other programs do not
                    style.set("name", f"Style {number}")
        elif kind == "sst":
            clean_strings(root)
        elif kind == "comments":
            comments.clean(root)
        elif kind == "pivotTableDefinition":
            pivots.clean_table(root)
        elif kind == "pivotCacheDefinition":
            self.metadata += [root.get("refreshedBy")] if root.get("refreshedBy") else []
            pivots.clean_cache(root)
        elif kind == "table":
            keep_children(root, _TABLE)
            keep_attributes(root, _TABLE_ATTRIBUTES)
            for column in root.iter(tag("x:tableColumn")):
                keep_attributes(column, _COLUMN_ATTRIBUTES)

    def _clean_workbook(self, root: Element) -> None:
        self.metadata += [user for item in root.iter(tag("x:fileSharing")) if (user := item.get("userName"))]
        for path in _PATH.findall(self.source.data(self._main) or b""):
            self.dropped["X11"] += 1
            self.metadata.append(unescape(path.decode("utf-8", "replace")))
        self.dropped["X14"] += keep_children(root, _WORKBOOK)
        old_places: list[int | None] = []
        first_shown: int | None = None
        for sheet in list(root.iter(tag("x:sheet"))):
            place = self._kept_sheets.get(sheet.get(_RELATION) or "")
            old_places.append(place)
            if place is None:
                self.dropped["X4"] += 1
                remove(sheet)
                continue
            if sheet.get("state", "visible") not in ("visible", "hidden", "veryHidden"):
                sheet.set("state", "hidden")
            first_shown = place if first_shown is None and sheet.get("state", "visible") == "visible" else first_shown
        for cache in list(root.iter(tag("x:pivotCache"))):
            if cache.get(_RELATION) not in self._pivot_caches:
                remove(cache)
        for caches in list(root.iter(tag("x:pivotCaches"))):
            if not len(caches):
                remove(caches)
        for name in list(root.iter(tag("x:definedName"))):
            self._move_name(name, old_places)
        for names in list(root.iter(tag("x:definedNames"))):
            if not len(names):
                remove(names)
        for view in root.iter(tag("x:workbookView")):
            keep_attributes(view, frozenset({"xWindow", "yWindow", "windowWidth", "windowHeight", "tabRatio"}))
            if first_shown:
                view.set("activeTab", str(first_shown))
        for properties in root.iter(tag("x:workbookPr")):
            keep_attributes(properties, frozenset({"date1904", "defaultThemeVersion"}))
        for settings in root.iter(tag("x:calcPr")):
            keep_attributes(
                settings, frozenset({"calcMode", "iterate", "iterateCount", "iterateDelta", "fullPrecision"})
            )

    def _move_name(self, name: Element, old_places: list[int | None]) -> None:
        """A name of one sheet follows it to its new place, or goes with it."""
        local_sheet = name.get("localSheetId")
        if local_sheet is None:
            return
        known = local_sheet.isdigit() and int(local_sheet) < len(old_places)
        place = old_places[int(local_sheet)] if known else None
        if place is None:
            self.dropped["X3"] += 1
            remove(name)
        else:
            name.set("localSheetId", str(place))


def clean_strings(root: Element) -> None:
    """Strings keep their runs and looks; a font that no system has bears a name somebody chose."""
    for element in list(root.iter()):
        if element.keys():
            keep_attributes(element, _STRING_ATTRIBUTES)
        if element.tag == tag("x:rFont") and not is_common_font(element.get("val", "")):
            remove(element)
