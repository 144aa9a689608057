"""The simpler form of a workbook: the values of its cells under the names of its sheets, and nothing beside them."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from redaction.formats.ooxml.names import NAMESPACES, tag
from redaction.formats.ooxml.package import Package, Part
from redaction.formats.ooxml.sheets import SheetBody
from redaction.formats.ooxml.slots import set_text
from redaction.formats.ooxml.text import text_atoms
from redaction.formats.ooxml.tree import Element

LEFT: Final = frozenset({"X1", "X2", "X10"})
_RELATION: Final = f"{{{NAMESPACES['r']}}}id"
_MAP: Final[Any] = {None: NAMESPACES["x"], "r": NAMESPACES["r"]}  # lxml-stubs know no default namespace


def keep_values(package: Package) -> None:
    """Cut a package that is about to be written down to the values of its cells."""
    sheets = [part for part in package.parts if isinstance(part.body, SheetBody)]
    strings = [part for part in package.parts if part.rule.carrier == "X1"]
    package.main.relationships = [link for link in package.main.relationships if link.part in (*sheets, *strings)]
    package.main.root = _workbook(package.main)
    for sheet in sheets:
        sheet.relationships = []
        sheet.root = etree.Element(tag("x:worksheet"), nsmap=_MAP)
        etree.SubElement(sheet.root, tag("x:sheetData"))
        if isinstance(sheet.body, SheetBody):
            sheet.body.values_only = True
    for part in strings:
        part.relationships = []
        part.root = _plain_strings(part.root)
    package.parts[:] = [package.main, *sheets, *strings]


def _workbook(main: Part) -> Element:
    """The list of sheets; charts on sheets of their own are gone."""
    ids = {link.id for link in main.relationships}
    root = etree.Element(main.root.tag, nsmap=_MAP)
    sheets = etree.SubElement(root, tag("x:sheets"))
    for number, sheet in enumerate((one for one in main.root.iter(tag("x:sheet")) if one.get(_RELATION) in ids), 1):
        attributes = {"name": sheet.get("name", ""), "sheetId": str(number), _RELATION: sheet.get(_RELATION)}
        etree.SubElement(sheets, tag("x:sheet"), attributes)
    return root


def _plain_strings(root: Element) -> Element:
    """Strings without runs; each stays at its place, since cells count them."""
    plain = etree.Element(root.tag, nsmap=_MAP)
    for item in root.iterchildren(tag("x:si")):
        text = "".join(atom.text for atom in text_atoms(item))
        set_text(etree.SubElement(etree.SubElement(plain, item.tag), tag("x:t")), text)
    return plain
