"""The vocabulary of office programs: names and words they write themselves, which say nothing about anybody.

Handlers do not offer these words for redaction and readers do not report them, or every name that is also such a word
("Page", "Georgia") would hold a clean file for nothing. The lists are narrow on purpose: a value counts only if the
whole of it is one of these names.
"""

from __future__ import annotations

import re
from typing import Final

# Fonts that come with common systems. Another one may bear a company's name, so it is read like text.
_FONT_NAMES: Final = (
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
_FONTS: Final = frozenset(_FONT_NAMES.split("|"))
# What programs call shapes, layouts and table styles when nobody names them.
_OWN_NAMES: Final = re.compile(
    r"Google Shape;\d+;[pg]\d+|"
    r"(?:Picture|Chart|Text ?Box|Rectangle|Rounded Rectangle|Title|Subtitle|Text|Content|Table|Shape|"
    r"Image|Graphic|Group|Diagram|Object|Oval|Line|Date|Footer|Header|Slide Number|Slide Image|Notes|Freeform|Drawing|"
    r"Arrow|Vertical (?:Text|Title)|(?:Straight|Elbow|Curved) (?:Arrow )?Connector)(?: Placeholder)?(?: \d+)?|"
    r"Title Only|Title Slide|Title and (?:Content|Text|Vertical Text)|Two Content|Comparison|Section Header|Blank|"
    r"(?:Content|Picture) with Caption|Vertical Title and Text|(?:Table|Pivot)Style(?:Light|Medium|Dark)\d+|"
    r"(?:Light|Medium|Dark|Themed) Style \d(?: - Accent \d)?|No Style, (?:No|Table) Grid|_xlnm\.\w+"
)
_SCHEMA: Final = re.compile(
    r"http://schemas\.(?:microsoft|openxmlformats)\.(?:com|org)/[\w./-]*|urn:schemas-microsoft-com:\S*"
)
_WORD: Final = re.compile(
    r"default|default paragraph font|normal(?: \(web\)| table| indent)?|no list|no spacing|heading \d|title|subtitle|"
    r"(?:toc|index) (?:\d|heading)|list(?: bullet| number| continue)?(?: \d)?|list paragraph|caption|header|footer|"
    r"(?:list|grid) table \d(?: light| colorful| dark)?(?: -)?(?: accent \d)?|plain table \d|"
    r"(?:grid )?table (?:grid )?light|"
    r"(?:light|medium|dark|colorful) (?:shading|list|grid)(?: \d)?(?: -)?(?: accent \d)?|"
    r"body text(?: indent| first indent)?(?: \d)?|page number|line number|macro(?: text)?|plain text|balloon text|"
    r"(?:footnote|endnote|annotation|comment) (?:text|reference|subject)|table of (?:figures|authorities)|"
    r"toa heading|toc heading|hyperlink|followedhyperlink|(?:intense |subtle )?(?:emphasis|quote|reference)|strong|"
    r"book title|bibliography|placeholder text|revision|unresolved mention|mention|smart hyperlink|hashtag|smart link|"
    r"table (?:grid|normal|theme|professional|elegant|contemporary|simple|classic|colorful|columns|list|web|subtle|"
    r"3d effects)(?: \d)?|document map|envelope (?:address|return)|message header|salutation|date|signature|closing|"
    r"note heading|block text|html (?:acronym|address|bottom of form|top of form|cite|code|definition|keyboard|"
    r"preformatted|sample|typewriter|variable)|outline list \d|article / section|1 / 1\.1 / 1\.1\.1|1 / a / i|"
    r"e-mail signature|z-(?:top|bottom) of form",
    re.IGNORECASE,
)
_CELL: Final = re.compile(
    r"normal|comma|currency|percent|comma ?\[0\]|currency ?\[0\]|hyperlink|followed hyperlink|good|bad|neutral|"
    r"calculation|check cell|explanatory text|input|linked cell|note|output|warning text|heading \d|title|total|"
    r"(?:[246]0% - )?accent\d",
    re.IGNORECASE,
)
_BOOKMARK: Final = re.compile(r"_(?:Toc|Ref|Hlk|Hlt|PictureBullets)\d*|_GoBack|OLE_LINK\d+")
_CODE: Final = re.compile(
    r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES|SEQ (?:Figure|Table|Equation)|(?:PAGEREF|REF|NOTEREF) _(?:Toc|Ref)\d+)"
    r"(?:\s+\\[*#@hprw]\s*(?:MERGEFORMAT|ARABIC|ROMAN|roman|Arabic)?)*\s*"
)
# Cells of a sheet that bears the name it was born with.
_REFERENCE: Final = re.compile(r"'?Sheet ?\d*'?!\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?")


def is_own_reference(formula: str) -> bool:
    """Whether a formula is a reference to cells of a sheet that nobody named."""
    return _REFERENCE.fullmatch(formula) is not None


def is_own_bookmark(name: str) -> bool:
    """Whether Word made this bookmark for itself."""
    return _BOOKMARK.fullmatch(name) is not None


def is_own_code(code: str) -> bool:
    """Whether a field counts or refers to what Word itself numbered."""
    return _CODE.fullmatch(code) is not None


def is_word_style(name: str) -> bool:
    """Whether a paragraph, run or table style bears one of Word's own names (``Heading 1 Char`` included)."""
    return _WORD.fullmatch(re.sub(r"(?: char)+$", "", name, flags=re.IGNORECASE)) is not None


def is_cell_style(name: str) -> bool:
    """Whether a cell style bears one of Excel's own names."""
    return _CELL.fullmatch(name) is not None


def is_own_name(name: str) -> bool:
    """Whether a program gave a shape, a layout or a table style this name."""
    return _OWN_NAMES.fullmatch(name) is not None


def is_common_font(name: str) -> bool:
    """Whether a font comes with common systems, or is a place in a theme."""
    return name.startswith("+") or name.strip().casefold() in _FONTS


def is_schema(address: str) -> bool:
    """Whether an address names a schema of the formats themselves."""
    return _SCHEMA.fullmatch(address) is not None
