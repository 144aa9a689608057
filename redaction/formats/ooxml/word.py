"""Cleans the parts of a Word document: revisions accepted, comments and bindings gone, settings from an allow-list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lxml import etree

from redaction.formats.ooxml import fields, revisions
from redaction.formats.ooxml.hidden import hidden_runs
from redaction.formats.ooxml.names import NAMESPACES, local, namespace, tag, tags
from redaction.formats.ooxml.office import PartCleaner
from redaction.formats.ooxml.package import Package, Part
from redaction.formats.ooxml.parts import EMBEDDED, PACKAGE
from redaction.formats.ooxml.properties import tracked_authors
from redaction.formats.ooxml.slots import Atom
from redaction.formats.ooxml.styles import drop_foreign_exceptions, renumber
from redaction.formats.ooxml.text import Collector
from redaction.formats.ooxml.tree import Element, keep_attributes, keep_children, remove, remove_all, unwrap

_SETTINGS: Final = tags(
    "w:zoom w:mirrorMargins w:bordersDoNotSurroundHeader w:bordersDoNotSurroundFooter w:gutterAtTop"
    " w:displayBackgroundShape w:defaultTabStop w:autoHyphenation w:consecutiveHyphenLimit w:hyphenationZone"
    " w:doNotHyphenateCaps w:evenAndOddHeaders w:bookFoldPrinting w:characterSpacingControl w:footnotePr w:endnotePr"
    " w:compat m:mathPr w:themeFontLang w:clrSchemeMapping w:decimalSymbol w:listSeparator w:noLineBreaksAfter"
    " w:noLineBreaksBefore w:drawingGridHorizontalSpacing w:drawingGridVerticalSpacing"
)
_DROPPED: Final[dict[str, frozenset[str]]] = {
    "D10": tags("w:permStart w:permEnd"),
    "D15": tags("w:proofErr"),
    "O5": tags("w:objectEmbed w:objectLink w:movie o:LinkType o:LockedField o:FieldCodes"),
    "O7": tags("w:dataBinding w15:dataBinding w:placeholder w:docPartObj w:docPartList"),
    "O8": tags(
        "w:control w:embedRegular w:embedBold w:embedItalic w:embedBoldItalic w15:webExtensionLinked"
        " w15:webExtensionCreated"
    ),
    "O10": tags("w:nsid w:tmpl w:rsid"),
}
_COMMENTS: Final = tags("w:commentRangeStart w:commentRangeEnd w:commentReference w:annotationRef")
# What is dropped although a reader saw it: a person says whether it is missed.
_ZONES: Final = (("D11", "chunk", tags("w:altChunk")), ("D14", "ink", tags("o:signatureline o:ink w14:contentPart")))
_OBJECT: Final = tag("o:OLEObject")
_PROGRAMS: Final = {"xlsx": "Excel.Sheet.12", "docx": "Word.Document.12", "pptx": "PowerPoint.Show.12"}
_RELATION: Final = f"{{{NAMESPACES['r']}}}id"
_OBJECT_ATTRIBUTES: Final = frozenset({"Type", "ShapeID", "DrawAspect", _RELATION})
_RUBY: Final = tag("w:rt")
_FORMS: Final = tags("m:t w:sym w:noBreakHyphen")
_TWIP: Final = 635
_BLOCKS: Final = tags("w:p w:tbl w:sdt")
_LAST_OF_CELL: Final = tags("w:p w:sdt")
_STORIES: Final = tags("w:tc w:hdr w:ftr w:footnote w:endnote w:txbxContent")
_UNWRAPPED: Final = tags("w:smartTag w:customXml")


class WordCleaner(PartCleaner):
    """Cleans one document's parts."""

    def clean_format(self, part: Part) -> None:
        root = part.root
        if namespace(root.tag) != NAMESPACES["w"]:
            return
        root.attrib.pop(tag("w:conformance"), None)
        self.metadata += tracked_authors(root, tag("w:author"))
        if local(root.tag) == "settings":
            self.dropped["D10"] += keep_children(root, _SETTINGS)
        if not self.source.switches.comments:
            self.dropped["D4"] += remove_all(root, _COMMENTS)
        elif local(root.tag) == "comments" and len(root):
            self.notices["hidden-content"] = None
        for carrier, names in _DROPPED.items():
            self.dropped[carrier] += remove_all(root, names)
        for carrier, zone, names in _ZONES:
            for _ in range(remove_all(root, names)):
                self.dropped[carrier] += 1
                self.zones.append(f"{zone}{sum(one.startswith(zone) for one in self.zones) + 1}")
        self._choose_objects(part)
        self.dropped["D5"] += revisions.accept(root)
        self.dropped["D7"] += fields.settle(root)
        for element in list(root.iter(*_UNWRAPPED)):
            self.dropped["D15"] += 1
            remove_all(element, tags("w:smartTagPr w:customXmlPr"))
            unwrap(element)
        drop_foreign_exceptions(root)
        _fill_empty(root)

    def _choose_objects(self, part: Part) -> None:
        """Embedded documents of known kinds stay where they are, under what we say of them; other objects go."""
        references = self.source.references(part.old_name)
        for number, shown in enumerate(list(part.root.iter(_OBJECT)), 1):
            reference = references.get(shown.get(_RELATION, ""))
            inner = reference is not None and reference.kind == PACKAGE and not reference.external
            kind = EMBEDDED.get(self.source.content_type(reference.target), "") if inner and reference else ""
            if kind in _PROGRAMS and shown.get("Type") == "Embed":
                keep_attributes(shown, _OBJECT_ATTRIBUTES)
                shown.set("ProgID", _PROGRAMS[kind])
                shown.set("ObjectID", f"_{number}")
            else:
                self.dropped["O5"] += 1
                remove(shown)


def _fill_empty(root: Element) -> None:
    """Cells end with a paragraph and stories hold one; without it Word calls the file damaged."""
    for story in root.iter(*_STORIES):
        if story.tag == tag("w:tc"):
            short = not len(story) or story[-1].tag not in _LAST_OF_CELL
        else:
            short = not any(child.tag in _BLOCKS for child in story)
        if short:
            etree.SubElement(story, tag("w:p"))


def page_size(root: Element) -> tuple[int, int]:
    """The smallest page of a document, in English metric units."""
    sizes = [(page.get(tag("w:w"), ""), page.get(tag("w:h"), "")) for page in root.iter(tag("w:pgSz"))]
    known = [(int(wide) * _TWIP, int(high) * _TWIP) for wide, high in sizes if wide.isdecimal() and high.isdecimal()]
    return min(known, key=lambda size: size[0] * size[1], default=(0, 0))


class WordCollector(Collector):
    """Collects a document's slots, once its styles have ids that say nothing."""

    attribute_carriers = {"D4": "D4", "D13": "D13"}
    _hidden: frozenset[Element] = frozenset()

    def collect_package(self, package: Package) -> None:
        trees = [part.root for part in package.parts if part.root is not None]
        for root in trees:
            if root.tag == tag("w:styles"):
                renumber(root, trees)
        self._hidden = hidden_runs(trees)
        if self._hidden:
            self.notices["hidden-content"] = None
        super().collect_package(package)

    def carrier(self, part: Part, paragraph: Element, atoms: Sequence[Atom]) -> str:
        if any(atom.element.getparent() in self._hidden for atom in atoms):
            return "D8"
        if paragraph.tag == _RUBY or any(atom.element.tag in _FORMS for atom in atoms):
            return "D12"
        return part.rule.carrier

    def place(self, part: Part, paragraph: Element) -> str:
        kind = local(part.root.tag)
        if kind in ("hdr", "ftr"):
            return "header" if kind == "hdr" else "footer"
        style = paragraph.find(f"{tag('w:pPr')}/{tag('w:pStyle')}")
        return "title" if style is not None and style.get(tag("w:val")) == "Title" else ""
