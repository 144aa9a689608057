"""Which attributes a person could read. The rest is vocabulary of the format and is left alone.

Three tests, in this order: named here as human; named here as machine; else judged by its value, so that prose in an
attribute nobody thought of becomes a segment too.
"""

from __future__ import annotations

import re
from typing import Final

from redaction.formats.ooxml.names import local, tag, tags
from redaction.formats.ooxml.styles import is_cell_style, is_word_style
from redaction.formats.ooxml.tree import Element

_ALWAYS_WORDS: Final = (
    "descr title alt tooltip display displayText prompt promptTitle error errorTitle caption comment description"
    " helpText help statusBar customMenu string nickname userName headerRowCaption rowHeaderCaption colHeaderCaption"
    " grandTotalCaption totalsRowLabel screenTip"
)
_ALWAYS: Final = frozenset(_ALWAYS_WORDS.split())
_NAME_IS_VOCABULARY: Final = tags(
    "a:gd w:lsdException w:compatSetting dgm:layoutNode dgm:forEach dgm:presOf dgm:styleLbl dgm:resizeHandles"
    " a:theme a:themeOverride a:clrScheme a:fontScheme a:fmtScheme"
)
_VALUES: Final = tags(  # elements whose ``val`` is text
    "w:alias w:tag w:aliases w:lvlText w:helpText w:statusText w:default w:listEntry w:name w:caption w:tblCaption"
    " w:tblDescription w:title w:entryMacro w:exitMacro x:filter x:customFilter dgm:title dgm:desc x:text w:calendar"
)
_LISTS: Final = tags("w:listItem")
_ANCHORS: Final = tags("w:hyperlink")
_SHAPES: Final = tags("v:shape v:rect v:oval v:line v:group v:roundrect v:shapetype v:image v:polyline v:arc v:curve")
_SHAPE_ID: Final = re.compile(r"_x0000_[a-z]{1,2}\d+|rect[_ ]?x?\d*|_x0000_[A-Za-z]{1,2}\d*(?:_\d+)*")
_FONT_HOLDERS: Final = tags("w:rFonts w:font w:altName a:latin a:ea a:cs a:sym a:buFont x:name x:rFont m:mathFont")
_FONT_ATTRIBUTES: Final = frozenset({"ascii", "hAnsi", "eastAsia", "cs", "name", "val", "typeface"})

# Fonts that come with common systems. Another one may bear a company's name, so it is read like text.
_FONTS_WORDS: Final = (
    "agency fb|aharoni|algerian|aptos|aptos display|aptos narrow|arial|arial black|arial narrow|arial unicode ms|"
    "avenir|avenir next|bahnschrift|baskerville|batang|book antiqua|bookman old style|calibri|calibri light|cambria|"
    "cambria math|candara|carlito|caladea|century|century gothic|century schoolbook|comic sans ms|consolas|"
    "constantia|corbel|courier|courier new|dejavu sans|dejavu sans mono|dejavu serif|dengxian|franklin gothic book|"
    "franklin gothic medium|fangsong|garamond|georgia|gill sans mt|gill sans|gulim|helvetica|helvetica neue|impact|"
    "liberation sans|liberation serif|liberation mono|lucida console|lucida grande|lucida sans|lucida sans unicode|"
    "malgun gothic|mangal|meiryo|menlo|microsoft sans serif|microsoft yahei|mincho|ms gothic|ms mincho|ms pgothic|"
    "ms pmincho|ms sans serif|ms shell dlg|monaco|montserrat|noto sans|noto serif|open sans|opensymbol|palatino|"
    "palatino linotype|perpetua|pmingliu|roboto|rockwell|segoe ui|segoe ui light|segoe ui semibold|segoe ui symbol|"
    "segoe print|segoe script|simhei|simsun|starsymbol|sylfaen|symbol|tahoma|times|times new roman|trebuchet ms|"
    "tw cen mt|verdana|webdings|wingdings|wingdings 2|wingdings 3|yu gothic|yu mincho|yu gothic light|lohit devanagari|"
    "droid sans fallback|ｍｓ 明朝|ｍｓ ゴシック|ｍｓ ｐゴシック|宋体|等线|맑은 고딕|游ゴシック|游明朝|新細明體|lato"
)
_FONTS: Final = frozenset(_FONTS_WORDS.split("|"))
_MACHINE_WORDS: Final = (
    "style path Requires Ignorable sqref ref spans coordsize coordorigin adj points formatCode uri fmla eqn v"
    " textpathok connectlocs connectangles textboxrect limo uniqueId panose1 pathConnect spidmax"
)
_MACHINE: Final = frozenset(_MACHINE_WORDS.split())
# What programs call shapes, layouts and table styles when nobody names them.
_OWN_NAMES: Final = re.compile(
    r"(?:Google Shape;)?(?:Picture|Chart|Text ?Box|Rectangle|Rounded Rectangle|Title|Subtitle|Text|Content|Table|Shape|"
    r"Image|Graphic|Group|Diagram|Object|Oval|Line|Date|Footer|Header|Slide Number|Slide Image|Notes|Freeform|Drawing|"
    r"Arrow|Vertical (?:Text|Title)|(?:Straight|Elbow|Curved) (?:Arrow )?Connector)(?: Placeholder)?(?: \d+)?|"
    r"Title Only|Title Slide|Title and (?:Content|Text|Vertical Text)|Two Content|Comparison|Section Header|Blank|"
    r"(?:Content|Picture) with Caption|Vertical Title and Text|(?:Table|Pivot)Style(?:Light|Medium|Dark)\d+|_xlnm\.\w+"
)
_CELL_STYLE: Final = tag("x:cellStyle")
_STYLE_NAME: Final = tag("w:name")
_WORD_STYLE: Final = tag("w:style")
_OURS: Final = re.compile(
    r"http://schemas\.(?:microsoft|openxmlformats)\.(?:com|org)/[\w./-]*|urn:schemas-microsoft-com:\S*"
)
_WORDS: Final = re.compile(r"[A-Za-z]{2,}[.,]?\s+[A-Za-z]")
_TELLING: Final = re.compile(r"[@\\]|://|[^\x00-\x7f]")


def is_human(element: Element, name: str, value: str) -> bool:
    """Whether a person could read this attribute of this element."""
    plain = local(name)
    if not value.strip() or (element.tag in _NAME_IS_VOCABULARY and plain == "name"):
        return False
    if element.tag in _FONT_HOLDERS and plain in _FONT_ATTRIBUTES:
        return not value.startswith("+") and value.strip().casefold() not in _FONTS
    if element.tag in _SHAPES and plain in ("id", "type", "spid"):
        return _SHAPE_ID.fullmatch(value.lstrip("#")) is None
    if plain in _ALWAYS:
        return True
    if plain == "name":
        return not (_OWN_NAMES.fullmatch(value) or (element.tag == _CELL_STYLE and is_cell_style(value)))
    if element.tag == _STYLE_NAME and element.getparent().tag == _WORD_STYLE:
        return not is_word_style(value)
    if plain == "val" and element.tag in _VALUES:
        return not (element.tag == tag("w:lvlText") and re.search(r"[^\W\d_]{2}", value) is None)
    if (plain == "value" and element.tag in _LISTS) or (plain == "anchor" and element.tag in _ANCHORS):
        return True
    return _reads_like_text(plain, value)


def _reads_like_text(plain: str, value: str) -> bool:
    if plain == "uri":
        return _OURS.fullmatch(value) is None
    if plain in _MACHINE:
        return False
    return bool(_WORDS.search(value) or (_TELLING.search(value) and re.search(r"[^\W\d_]{2}", value)))
