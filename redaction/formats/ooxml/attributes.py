"""Which attributes a person could read. The rest is vocabulary of the format and is left alone.

Three tests, in this order: named here as human; named here as machine; else judged by its value, so that prose in an
attribute nobody thought of becomes a segment too.
"""

from __future__ import annotations

import re
from typing import Final

from redaction.formats.ooxml.names import local, tag, tags
from redaction.formats.ooxml.tree import Element
from redaction.vocabulary import is_cell_style, is_common_font, is_own_name, is_schema, is_word_style

_ALWAYS_WORDS: Final = (
    "descr title alt tooltip display displayText prompt promptTitle error errorTitle caption comment description"
    " helpText help statusBar customMenu string nickname userName headerRowCaption rowHeaderCaption colHeaderCaption"
    " grandTotalCaption totalsRowLabel screenTip author"
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
_FONT_HOLDERS: Final = tags(
    "w:rFonts w:font w:altName a:latin a:ea a:cs a:sym a:buFont x:name x:rFont m:mathFont w:sym w14:checkedState"
    " w14:uncheckedState"
)
_FONT_ATTRIBUTES: Final = frozenset({"ascii", "hAnsi", "eastAsia", "cs", "name", "val", "typeface", "font"})
_CELL_STYLE: Final = tag("x:cellStyle")
_STYLE_NAME: Final = tag("w:name")
_WORD_STYLE: Final = tag("w:style")
_MACHINE_WORDS: Final = (
    "style path Requires Ignorable sqref ref spans coordsize coordorigin adj points formatCode fmla eqn v"
    " textpathok connectlocs connectangles textboxrect limo uniqueId panose1 pathConnect spidmax mods axis ptType"
)
_MACHINE: Final = frozenset(_MACHINE_WORDS.split())
_PROSE: Final = re.compile(r"[A-Za-z]{2,}[.,]?\s+[A-Za-z]")
_TELLING: Final = re.compile(r"[@\\]|://|[^\x00-\x7f]")
_WORD: Final = re.compile(r"[^\W\d_]{2}")


def is_human(element: Element, name: str, value: str) -> bool:
    """Whether a person could read this attribute of this element."""
    plain = local(name)
    if not value.strip() or (element.tag in _NAME_IS_VOCABULARY and plain == "name"):
        return False
    if element.tag in _FONT_HOLDERS and plain in _FONT_ATTRIBUTES:
        return not is_common_font(value)
    if plain in _ALWAYS:
        return True
    if plain in ("name", "styleName"):
        return not (is_own_name(value) or (element.tag == _CELL_STYLE and is_cell_style(value)))
    if element.tag == _STYLE_NAME and element.getparent().tag == _WORD_STYLE:
        return not is_word_style(value)
    if plain == "val" and element.tag in _VALUES:
        return not (element.tag == tag("w:lvlText") and _WORD.search(value) is None)
    if (plain == "value" and element.tag in _LISTS) or (plain == "anchor" and element.tag in _ANCHORS):
        return True
    return _reads_like_text(plain, value)


def _reads_like_text(plain: str, value: str) -> bool:
    if value.isascii() and value.isalnum():
        return False
    if plain in _MACHINE or is_schema(value):
        return False
    return bool(_PROSE.search(value) or (_TELLING.search(value) and _WORD.search(value)))
