"""Empty documents and decks of our own: nothing in them comes from a program, a template or a person."""

from __future__ import annotations

from typing import Final

from redaction.formats.ooxml.names import NAMESPACES

_W: Final = f'xmlns:w="{NAMESPACES["w"]}"'
_P: Final = f'xmlns:p="{NAMESPACES["p"]}" xmlns:a="{NAMESPACES["a"]}" xmlns:r="{NAMESPACES["r"]}"'
_GROUP: Final = (
    '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm><a:off x="0"'
    ' y="0"/><a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/><a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>'
)

DOCUMENT: Final = (
    f'<w:document {_W}><w:body>{{}}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1440"'
    ' w:bottom="1440" w:left="1440" w:header="720" w:footer="720" w:gutter="0"/></w:sectPr></w:body></w:document>'
)


def _heading(style_id: str, name: str, size: int) -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{style_id}"><w:name w:val="{name}"/><w:basedOn w:val="Normal"/>'
        f'<w:next w:val="Normal"/><w:pPr><w:keepNext/></w:pPr><w:rPr><w:b/><w:sz w:val="{size}"/></w:rPr></w:style>'
    )


_EDGE: Final = ' w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
_EDGES: Final = "".join(f"<w:{side}{_EDGE}" for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
STYLES: Final = (
    f'<w:styles {_W}><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    + _heading("Title", "Title", 40)
    + "".join(_heading(f"Heading{level}", f"heading {level}", 36 - 4 * level) for level in (1, 2, 3))
    + '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/></w:style>'
    '<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/>'
    f"<w:tblPr><w:tblBorders>{_EDGES}</w:tblBorders></w:tblPr></w:style></w:styles>"
)

PRESENTATION: Final = (
    f'<p:presentation {_P}><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst>{{}}'
    '<p:sldSz cx="12192000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>'
)


def _holder(number: int, name: str, kind: str, place: str, text: str) -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr>'
        f"<p:ph {kind}/></p:nvPr></p:nvSpPr><p:spPr>{place}</p:spPr><p:txBody><a:bodyPr/><a:lstStyle/>{text}</p:txBody>"
        "</p:sp>"
    )


def _at(top: int, high: int) -> str:
    return (
        f'<a:xfrm><a:off x="600000" y="{top}"/><a:ext cx="10992000" cy="{high}"/></a:xfrm><a:prstGeom prst="rect">'
        "<a:avLst/></a:prstGeom>"
    )


def _tree(head: str, body: str, *, placed: bool) -> str:
    return (
        f"<p:cSld><p:spTree>{_GROUP}"
        + _holder(2, "Title 1", 'type="title"', _at(300_000, 1_100_000) if placed else "", head)
        + _holder(3, "Text Placeholder 2", 'type="body" idx="1"', _at(1_500_000, 4_900_000) if placed else "", body)
        + "</p:spTree></p:cSld>"
    )


_COLOURS: Final = (
    ("dk1", "000000"), ("lt1", "FFFFFF"), ("dk2", "333333"), ("lt2", "EEEEEE"), ("accent1", "1F4E79"),
    ("accent2", "C55A11"), ("accent3", "7F7F7F"), ("accent4", "BF9000"), ("accent5", "2E75B6"), ("accent6", "548235"),
    ("hlink", "0563C1"), ("folHlink", "954F72"),
)  # fmt: skip
_FONT: Final = '<a:latin typeface="Arial"/><a:ea typeface=""/><a:cs typeface=""/>'
_FILL: Final = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
_LINE: Final = f'<a:ln w="9525">{_FILL}</a:ln>'
_EFFECT: Final = "<a:effectStyle><a:effectLst/></a:effectStyle>"
THEME: Final = (
    f'<a:theme xmlns:a="{NAMESPACES["a"]}" name="Theme"><a:themeElements><a:clrScheme name="Theme">'
    + "".join(f'<a:{name}><a:srgbClr val="{value}"/></a:{name}>' for name, value in _COLOURS)
    + f'</a:clrScheme><a:fontScheme name="Theme"><a:majorFont>{_FONT}</a:majorFont><a:minorFont>{_FONT}</a:minorFont>'
    f'</a:fontScheme><a:fmtScheme name="Theme"><a:fillStyleLst>{_FILL * 3}</a:fillStyleLst><a:lnStyleLst>{_LINE * 3}'
    f"</a:lnStyleLst><a:effectStyleLst>{_EFFECT * 3}</a:effectStyleLst><a:bgFillStyleLst>{_FILL * 3}</a:bgFillStyleLst>"
    "</a:fmtScheme></a:themeElements></a:theme>"
)
MASTER: Final = (
    f"<p:sldMaster {_P}>{_tree('<a:p/>', '<a:p/>', placed=True)}"
    '<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3"'
    ' accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/><p:sldLayoutIdLst>'
    '<p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst></p:sldMaster>'
)
LAYOUT: Final = (
    f'<p:sldLayout {_P} type="tx">{_tree("<a:p/>", "<a:p/>", placed=False)}<p:clrMapOvr><a:masterClrMapping/>'
    "</p:clrMapOvr></p:sldLayout>"
)
SLIDE: Final = f"<p:sld {_P}>{_tree('{}', '{}', placed=False)}<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sld>"
