"""Pivot tables: the table and the list of its items stay, rewritten; the records behind it go.

A program that opens the workbook makes the records anew from the cells (``refreshOnLoad``), which are redacted. What
takes its data from elsewhere, or computes fields of its own, cannot be made anew like that: there the cells keep the
values they show, and the pivot table goes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from redaction.entities import Kind, Replacement
from redaction.formats.ooxml.cells import telling_number
from redaction.formats.ooxml.names import tag, tags
from redaction.formats.ooxml.package import Part
from redaction.formats.ooxml.slots import AttributeSlot, Slot, spliced
from redaction.formats.ooxml.tree import Element, keep_attributes, keep_children, remove_all

TABLE: Final = tag("x:pivotTableDefinition")
CACHE: Final = tag("x:pivotCacheDefinition")
_SOURCE: Final = tag("x:worksheetSource")
_FIELD: Final = tag("x:cacheField")
_STRING: Final = tag("x:s")
_ITEMS: Final = tags("x:sharedItems x:groupItems")
_VALUES: Final = tags("x:s x:n x:d x:b x:e x:m")
_RANGE: Final = re.compile(r"\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?")
_TABLE_CHILDREN: Final = tags(
    "x:location x:pivotFields x:rowFields x:rowItems x:colFields x:colItems x:pageFields x:dataFields x:formats"
    " x:pivotTableStyleInfo x:filters"
)
_CACHE_CHILDREN: Final = tags("x:cacheSource x:cacheFields")
_FIELD_CHILDREN: Final = tags("x:sharedItems x:fieldGroup")
_GROUP_CHILDREN: Final = tags("x:rangePr x:discretePr x:groupItems")
_CACHE_ATTRIBUTES: Final = frozenset({"optimizeMemory", "enableRefresh", "createdVersion", "minRefreshableVersion"})
_FIELD_ATTRIBUTES: Final = frozenset({"name", "caption", "numFmtId", "databaseField"})
_FLAGS: Final = (
    *("containsSemiMixedTypes", "containsNonDate", "containsDate", "containsString", "containsBlank"),
    *("containsMixedTypes", "containsNumber", "containsInteger"),
)
_ITEM_FLAGS: Final = frozenset({"count", "longText", *_FLAGS})
_DROPPED_ATTRIBUTES: Final = ("tag", "pageStyle", "pivotTableStyle", "vacatedStyle", "mdxSubqueries")
# Attributes of a pivot table that hold text.
_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    TABLE: (
        "dataCaption",
        "grandTotalCaption",
        "errorCaption",
        "missingCaption",
        "rowHeaderCaption",
        "colHeaderCaption",
    ),
    tag("x:pivotField"): ("name", "subtotalCaption"),
    tag("x:item"): ("n",),
    tag("x:pageField"): ("name", "cap"),
    tag("x:dataField"): ("name",),
    tag("x:filter"): ("name", "description", "stringValue1", "stringValue2"),
}


def can_be_made_anew(cache: Element, sheets: Collection[str]) -> bool:
    """Whether the records follow from cells of a sheet that stays (``sheets``, in lower case)."""
    source = cache.find(f"{tag('x:cacheSource')}/{_SOURCE}")
    if cache.tag != CACHE or source is None or any(name.startswith("{") for name in source.keys()):  # noqa: SIM118
        return False
    sheet, reference = source.get("sheet"), source.get("ref")
    if sheet is not None and sheet.casefold() not in sheets:
        return False
    if reference is not None and not _RANGE.fullmatch(reference):
        return False
    plain = all(child.tag in _CACHE_CHILDREN or child.tag == tag("x:extLst") for child in cache)
    return plain and not any(field.get("formula") for field in cache.iter(_FIELD))


def clean_cache(root: Element) -> None:
    """Keep fields and items; say that the records are to be made anew."""
    keep_children(root, _CACHE_CHILDREN)
    keep_attributes(root, _CACHE_ATTRIBUTES)
    root.set("saveData", "0")
    root.set("refreshOnLoad", "1")
    for source in root.iter(_SOURCE):
        keep_attributes(source, frozenset({"ref", "name", "sheet"}))
    for field in root.iter(_FIELD):
        keep_children(field, _FIELD_CHILDREN)
        keep_attributes(field, _FIELD_ATTRIBUTES)
    for group in root.iter(tag("x:fieldGroup")):
        keep_children(group, _GROUP_CHILDREN)
        keep_attributes(group, frozenset({"base", "par"}))
    for items in root.iter(*_ITEMS):
        keep_children(items, _VALUES)
        keep_attributes(items, _ITEM_FLAGS)  # not the least and the greatest value, which are values too
        for item in items:
            keep_children(item, frozenset())
            keep_attributes(item, frozenset({"v", "c", "u"}))


def clean_table(root: Element) -> None:
    """Keep what lays the table out."""
    keep_children(root, _TABLE_CHILDREN)
    for name in _DROPPED_ATTRIBUTES:
        root.attrib.pop(name, None)
    remove_all(root, [tag("x:extLst")])


@dataclass(eq=False)
class ItemSlot(Slot):
    """One item of a field. A number in which something is replaced becomes text."""

    element: Element = None

    def write(self, replacements: Sequence[Replacement]) -> None:
        self.element.tag = _STRING
        self.element.set("v", spliced(self.text, replacements))


def slots(part: Part, carrier: str) -> Iterator[Slot]:
    """The texts of a pivot table or of its cache, field by field, item by item."""
    ordinal = 0
    for element in part.root.iter():
        for name in _TEXTS.get(element.tag, ()):
            if element.get(name):
                ordinal += 1
                kind = Kind.NAME if element.tag == TABLE and name == "name" else Kind.LABEL
                yield AttributeSlot(f"{part.label}/v{ordinal}", element.get(name), carrier, kind, {}, element, name)
    for number, field in enumerate(part.root.iter(_FIELD), 1):
        title = field.get("name", "")
        for name in ("name", "caption"):
            if field.get(name):
                anchor = f"{part.label}/{name}{number}"
                yield AttributeSlot(anchor, field.get(name), carrier, Kind.CELL, {}, field, name)
        for place, item in enumerate((item for items in field.iter(*_ITEMS) for item in items), 1):
            yield from _item(item, f"{part.label}/i{number}.{place}", carrier, title)


def _item(item: Element, anchor: str, carrier: str, title: str) -> Iterator[Slot]:
    value = item.get("v", "")
    text = telling_number(value, title) if item.tag == tag("x:n") else value
    if text and item.tag not in (tag("x:b"), tag("x:m")):
        yield ItemSlot(anchor, text, carrier, Kind.CELL, {"column": title}, item)
    if item.get("c"):
        yield AttributeSlot(f"{anchor}c", item.get("c"), carrier, Kind.CELL, {"column": title}, item, "c")


def settle(root: Element, sheets: Mapping[str, str], names: Mapping[str, str]) -> None:
    """After writing: items and fields of one name get two, and the source is called what it is called now."""
    for source in root.iter(_SOURCE):
        for name, renamed in (("sheet", sheets), ("name", names)):
            old = source.get(name, "")
            if old.casefold() in renamed:
                source.set(name, renamed[old.casefold()])
    for items in root.iter(*_ITEMS):
        _make_unique([item for item in items if item.tag == _STRING], "v")
        if len(items) and items.tag == tag("x:sharedItems"):
            _describe(items)
    _make_unique(list(root.iter(_FIELD)), "name")
    _make_unique(list(root.iter(tag("x:dataField"))), "name")


def _describe(items: Element) -> None:
    """Say again of what kinds the items are: a number in which something was replaced is text now."""
    for name in _FLAGS:
        items.attrib.pop(name, None)
    kinds = {item.tag for item in items}
    text = bool(kinds & tags("x:s x:b x:e"))
    number, date, blank = (tag(name) in kinds for name in ("x:n", "x:d", "x:m"))
    if not text and not blank:
        items.set("containsSemiMixedTypes", "0")
    if not text:
        items.set("containsString", "0")
    if date:
        items.set("containsDate", "1")
        if not text and not number:
            items.set("containsNonDate", "0")
    if blank:
        items.set("containsBlank", "1")
    if text + number + date > 1:
        items.set("containsMixedTypes", "1")
    if number:
        items.set("containsNumber", "1")
        if all(item.get("v", "").lstrip("-").isdigit() for item in items if item.tag == tag("x:n")):
            items.set("containsInteger", "1")


def _make_unique(elements: Sequence[Element], name: str) -> None:
    taken: set[str] = set()
    for element in elements:
        text = element.get(name, "")
        unique, number = text, 1
        while unique.casefold() in taken:
            number += 1
            unique = f"{text} {number}"
        taken.add(unique.casefold())
        if unique != text:
            element.set(name, unique)
