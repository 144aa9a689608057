"""Styles: the names the programs give them are vocabulary, every other name was given by a person."""

from __future__ import annotations

import re
from typing import Final

from redaction.formats.ooxml.names import tag, tags
from redaction.formats.ooxml.tree import Element, remove

_STYLE_USERS: Final = tags(
    "w:pStyle w:rStyle w:tblStyle w:basedOn w:next w:link w:styleLink w:numStyleLink w:clickAndTypeStyle"
    " w:defaultTableStyle"
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


def is_word_style(name: str) -> bool:
    """Whether a paragraph, run or table style bears one of Word's own names (``Heading 1 Char`` included)."""
    return _WORD.fullmatch(re.sub(r"(?: char)+$", "", name, flags=re.IGNORECASE)) is not None


def is_cell_style(name: str) -> bool:
    """Whether a cell style bears one of Excel's own names."""
    return _CELL.fullmatch(name) is not None


def drop_foreign_exceptions(root: Element) -> None:
    """The list of latent styles names only styles every Word knows."""
    for exception in list(root.iter(tag("w:lsdException"))):
        if not is_word_style(exception.get(tag("w:name")) or ""):
            remove(exception)


def renumber(styles: Element, users: list[Element]) -> None:
    """Ids of styles Word does not know by name become counted ones: an id is made of its style's name."""
    new_ids: dict[str, str] = {}
    for style in styles.iter(tag("w:style")):
        name = style.find(tag("w:name"))
        old_id = style.get(tag("w:styleId"))
        if old_id and (name is None or not is_word_style(name.get(tag("w:val")) or "")):
            new_ids[old_id] = f"Style{len(new_ids) + 1}"
            style.set(tag("w:styleId"), new_ids[old_id])
    for root in users:
        for user in root.iter(*_STYLE_USERS):
            old_id = user.get(tag("w:val"))
            if old_id in new_ids:
                user.set(tag("w:val"), new_ids[old_id])
