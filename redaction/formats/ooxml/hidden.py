"""Text of a document that its readers do not see: hidden, white on white, too small. It is read like all the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from redaction.formats.ooxml.names import tag, tags
from redaction.formats.ooxml.tree import Element

_HIDDEN: Final = tags("w:vanish w:webHidden w:specVanish")
_OFF: Final = ("0", "false", "off")
_TEXT: Final = tags("w:t w:sym w:instrText")
_WHITE: Final = ("FFFFFF", "FEFEFE", "FDFDFD")
_PAPER: Final = ("", "auto", *_WHITE)
_SMALLEST: Final = 2  # half-points
# White letters stand on something dark in these more often than not.
_GROUNDS: Final = tags("w:txbxContent")
_SHADED: Final = tags("w:p w:tc w:tbl")


def hidden_runs(trees: Sequence[Element]) -> frozenset[Element]:
    """The runs with text that nobody is meant to see."""
    by_style = {style.get(tag("w:styleId"), "") for root in trees for style in _hiding_styles(root)}
    runs = (run for root in trees for run in root.iter(tag("w:r")) if _says_something(run))
    return frozenset(run for run in runs if _is_hidden(run, by_style))


def _hiding_styles(root: Element) -> Iterator[Element]:
    for style in root.iter(tag("w:style")):
        properties = style.find(tag("w:rPr"))
        if properties is not None and _vanishes(properties):
            yield style


def _says_something(run: Element) -> bool:
    return any((child.text or "").strip() or child.tag == tag("w:sym") for child in run.iterchildren(*_TEXT))


def _is_hidden(run: Element, hiding_styles: set[str]) -> bool:
    properties = run.find(tag("w:rPr"))
    paragraph = next(run.iterancestors(tag("w:p")), None)
    style = None if paragraph is None else paragraph.find(f"{tag('w:pPr')}/{tag('w:pStyle')}")
    if style is not None and style.get(tag("w:val")) in hiding_styles:
        return True
    if properties is None:
        return False
    own = properties.find(tag("w:rStyle"))
    if _vanishes(properties) or (own is not None and own.get(tag("w:val")) in hiding_styles):
        return True
    return _is_tiny(properties) or _is_white_on_white(run, properties)


def _vanishes(properties: Element) -> bool:
    return any(mark.get(tag("w:val"), "1") not in _OFF for mark in properties.iterchildren(*_HIDDEN))


def _is_tiny(properties: Element) -> bool:
    size = properties.find(tag("w:sz"))
    value = "" if size is None else size.get(tag("w:val"), "")
    return value.isdecimal() and int(value) <= _SMALLEST


def _is_white_on_white(run: Element, properties: Element) -> bool:
    colour = properties.find(tag("w:color"))
    if colour is None or colour.get(tag("w:val"), "").upper() not in _WHITE:
        return False
    if properties.find(tag("w:highlight")) is not None or next(run.iterancestors(*_GROUNDS), None) is not None:
        return False
    grounds = [properties, *(one.find(f"{one.tag}Pr") for one in run.iterancestors(*_SHADED))]
    return not any(_is_dark(ground) for ground in grounds if ground is not None)


def _is_dark(properties: Element) -> bool:
    if properties.find(tag("w:tblStyle")) is not None:
        return True  # styles of tables colour their first row
    shade = properties.find(tag("w:shd"))
    return shade is not None and shade.get(tag("w:fill"), "").upper() not in (one.upper() for one in _PAPER)
