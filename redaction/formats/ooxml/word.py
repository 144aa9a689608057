"""Cleans the parts of a Word document: revisions accepted, comments and bindings gone, settings from an allow-list."""

from __future__ import annotations

import re
from typing import Final

from redaction.formats.ooxml import fields, revisions
from redaction.formats.ooxml.names import NAMESPACES, local, namespace, tag, tags
from redaction.formats.ooxml.office import PartCleaner
from redaction.formats.ooxml.package import Part
from redaction.formats.ooxml.properties import tracked_authors
from redaction.formats.ooxml.tree import Element, keep_children, remove, remove_all, unwrap

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
_UNWRAPPED: Final = tags("w:smartTag w:customXml")
_STYLE_USERS: Final = tags(
    "w:pStyle w:rStyle w:tblStyle w:basedOn w:next w:link w:styleLink w:numStyleLink w:clickAndTypeStyle"
    " w:defaultTableStyle"
)
_BUILT_IN_STYLE: Final = re.compile(
    r"normal(?: \(web\)| table| indent)?|no list|no spacing|heading \d|(?:toc|index) (?:\d|heading)|title|subtitle|"
    r"(?:list|list bullet|list number|list continue)(?: \d)?|list paragraph|list table \d.*|grid table \d.*|"
    r"body text(?: indent| first indent)?(?: \d)?|header|footer|caption|footnote (?:text|reference)|hyperlink|"
    r"endnote (?:text|reference)|table of (?:figures|authorities)|toa heading|toc heading|page number|line number|"
    r"(?:intense |subtle )?(?:emphasis|quote|reference)|strong|book title|bibliography|plain text|balloon text|"
    r"macro(?: text)?|default paragraph font|"
    r"(?:light|medium|dark|colorful) (?:shading|list|grid)(?: \d)?(?: accent \d)?|"
    r"table (?:grid|normal|theme|professional|elegant|contemporary|web|simple|classic|colorful|columns|list|3d|subtle)"
    r".{0,20}|plain table \d|followedhyperlink|placeholder text|revision|unresolved mention|mention|smart hyperlink|"
    r"hashtag|smart link|annotation (?:text|subject|reference)|document map|envelope (?:address|return)|message header|"
    r"salutation|date|signature|closing|note heading|block text|html .{1,20}|outline list \d|article / section|"
    r"1 / 1.1 / 1.1.1|1 / a / i|e-mail signature|grid table light|table light|tab\w* grid light|"
    r"z-(?:top|bottom) of form|default|\w+ char|.*heading \d char",
    re.IGNORECASE,
)


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
        _drop_foreign_style_exceptions(root)


def _drop_foreign_style_exceptions(root: Element) -> None:
    for exception in list(root.iter(tag("w:lsdException"))):
        if not is_built_in(exception.get(tag("w:name")) or ""):
            remove(exception)


def is_built_in(style_name: str) -> bool:
    """Whether a style bears one of Word's own names."""
    return _BUILT_IN_STYLE.fullmatch(style_name) is not None


def renumber_styles(styles: Element, users: list[Element]) -> None:
    """Ids of styles Word does not know by name become counted ones: an id is made of its style's name."""
    new_ids: dict[str, str] = {}
    for style in styles.iter(tag("w:style")):
        name = style.find(tag("w:name"))
        old_id = style.get(tag("w:styleId"))
        if old_id and (name is None or not is_built_in(name.get(tag("w:val")) or "")):
            new_ids[old_id] = f"Style{len(new_ids) + 1}"
            style.set(tag("w:styleId"), new_ids[old_id])
    for root in users:
        for user in root.iter(*_STYLE_USERS):
            old_id = user.get(tag("w:val"))
            if old_id in new_ids:
                user.set(tag("w:val"), new_ids[old_id])
