"""Cleans the parts of a Word document: revisions accepted, comments and bindings gone, settings from an allow-list."""

from __future__ import annotations

from typing import Final

from lxml import etree

from redaction.formats.ooxml import fields, revisions
from redaction.formats.ooxml.names import NAMESPACES, local, namespace, tag, tags
from redaction.formats.ooxml.office import PartCleaner
from redaction.formats.ooxml.package import Package, Part
from redaction.formats.ooxml.properties import tracked_authors
from redaction.formats.ooxml.styles import drop_foreign_exceptions, renumber
from redaction.formats.ooxml.text import Collector
from redaction.formats.ooxml.tree import Element, keep_children, remove_all, unwrap

_SETTINGS: Final = tags(
    "w:zoom w:mirrorMargins w:bordersDoNotSurroundHeader w:bordersDoNotSurroundFooter w:gutterAtTop"
    " w:displayBackgroundShape w:defaultTabStop w:autoHyphenation w:consecutiveHyphenLimit w:hyphenationZone"
    " w:doNotHyphenateCaps w:evenAndOddHeaders w:bookFoldPrinting w:characterSpacingControl w:footnotePr w:endnotePr"
    " w:compat m:mathPr w:themeFontLang w:clrSchemeMapping w:decimalSymbol w:listSeparator w:noLineBreaksAfter"
    " w:noLineBreaksBefore w:drawingGridHorizontalSpacing w:drawingGridVerticalSpacing"
)
_DROPPED: Final[dict[str, frozenset[str]]] = {
    "D4": tags("w:commentRangeStart w:commentRangeEnd w:commentReference w:annotationRef"),
    "D10": tags("w:permStart w:permEnd"),
    "D11": tags("w:altChunk"),
    "D14": tags("o:signatureline o:ink w14:contentPart"),
    "D15": tags("w:proofErr"),
    "O5": tags("o:OLEObject w:objectEmbed w:objectLink w:movie"),
    "O7": tags("w:dataBinding w15:dataBinding w:placeholder w:docPartObj w:docPartList"),
    "O8": tags(
        "w:control w:embedRegular w:embedBold w:embedItalic w:embedBoldItalic w15:webExtensionLinked"
        " w15:webExtensionCreated"
    ),
    "O10": tags("w:nsid w:tmpl w:rsid"),
}
_BLOCKS: Final = tags("w:p w:tbl w:sdt")
_LAST_OF_CELL: Final = tags("w:p w:sdt")
_STORIES: Final = tags("w:tc w:hdr w:ftr w:footnote w:endnote w:txbxContent")
_HIDDEN: Final = tags("w:vanish w:webHidden w:specVanish")
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
        for carrier, names in _DROPPED.items():
            self.dropped[carrier] += remove_all(root, names)
        self.dropped["D5"] += revisions.accept(root)
        self.dropped["D7"] += fields.settle(root)
        for element in list(root.iter(*_UNWRAPPED)):
            self.dropped["D15"] += 1
            remove_all(element, tags("w:smartTagPr w:customXmlPr"))
            unwrap(element)
        drop_foreign_exceptions(root)
        _fill_empty(root)


def _fill_empty(root: Element) -> None:
    """Cells end with a paragraph and stories hold one; without it Word calls the file damaged."""
    for story in root.iter(*_STORIES):
        if story.tag == tag("w:tc"):
            short = not len(story) or story[-1].tag not in _LAST_OF_CELL
        else:
            short = not any(child.tag in _BLOCKS for child in story)
        if short:
            etree.SubElement(story, tag("w:p"))


class WordCollector(Collector):
    """Collects a document's slots, once its styles have ids that say nothing."""

    def collect_package(self, package: Package) -> None:
        trees = [part.root for part in package.parts if part.root is not None]
        for root in trees:
            if root.tag == tag("w:styles"):
                renumber(root, trees)
        super().collect_package(package)
        hidden = sum(
            vanish.getparent().getparent().tag == tag("w:r") for root in trees for vanish in root.iter(*_HIDDEN)
        )
        if hidden:
            self.seen["D8"] += hidden
