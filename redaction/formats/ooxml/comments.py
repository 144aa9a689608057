"""Comments of a workbook, where a policy keeps them: their text stays, rewritten; who wrote them goes.

Excel shows a comment only where a drawing of 1998 (VML) has a box for it, so each sheet gets one of our own.
"""

from __future__ import annotations

import re
from typing import Final

from redaction.formats.ooxml.names import NAMESPACES, tag, tags
from redaction.formats.ooxml.package import Package, Part, Relationship
from redaction.formats.ooxml.parts import PartRule
from redaction.formats.ooxml.rows import column_number
from redaction.formats.ooxml.tree import Element, keep_attributes, keep_children

_KIND: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/vmlDrawing"
_RULE: Final = PartRule(
    _KIND, "application/vnd.openxmlformats-officedocument.vmlDrawing", "xl/drawings/vmlDrawing{}.vml", "X5"
)
_PLACE: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_AFTER: Final = tags("x:legacyDrawingHF x:picture x:oleObjects x:controls x:webPublishItems x:tableParts x:extLst")
_HEAD: Final = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit">'
    '<o:idmap v:ext="edit" data="1"/></o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600"'
    ' o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_BOX: Final = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;margin-left:60pt;margin-top:2pt;'
    'width:120pt;height:60pt;z-index:{order};visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
    '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"/><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_FIRST_SHAPE: Final = 1025


def clean(root: Element) -> None:
    """Keep place and text of each comment, under one author without a name."""
    keep_children(root, tags("x:authors x:commentList"))
    for authors in root.iter(tag("x:authors")):
        for author in list(authors)[1:]:
            authors.remove(author)
        for author in authors:
            author.text = "Author"
    for comment in root.iter(tag("x:comment")):
        keep_children(comment, tags("x:text"))
        keep_attributes(comment, frozenset({"ref"}))
        comment.set("authorId", "0")


def add_boxes(package: Package) -> None:
    """Give every sheet with comments the drawing in which they are shown."""
    drawings: list[Part] = []
    for sheet in package.parts:
        for link in sheet.relationships:
            if link.part is not None and link.part.rule.carrier == "X5" and sheet.root is not None:
                drawings.append(_drawing(link.part.root, len(drawings) + 1))
                _connect(sheet, drawings[-1])
                break
    package.parts += drawings


def _drawing(comments: Element, number: int) -> Part:
    boxes = [
        _BOX.format(number=_FIRST_SHAPE + order, order=order + 1, row=int(found[2]) - 1, column=_column(found[1]))
        for order, comment in enumerate(comments.iter(tag("x:comment")))
        if (found := _PLACE.fullmatch(comment.get("ref", ""))) is not None
    ]
    return Part(_RULE, _RULE.name.format(number), "", data=f"{_HEAD}{''.join(boxes)}</xml>".encode())


def _column(letters: str) -> int:
    return column_number(letters) - 1


def _connect(sheet: Part, drawing: Part) -> None:
    link = Relationship(f"rId{len(sheet.relationships) + 1}", _KIND, drawing)
    sheet.relationships.append(link)
    element = sheet.root.makeelement(tag("x:legacyDrawing"), {f"{{{NAMESPACES['r']}}}id": link.id})
    following = next((child for child in sheet.root if child.tag in _AFTER), None)
    if following is None:
        sheet.root.append(element)
    else:
        following.addprevious(element)
