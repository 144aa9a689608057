"""Styles: the names the programs give them are vocabulary, every other name was given by a person."""

from __future__ import annotations

from typing import Final

from redaction.formats.ooxml.names import tag, tags
from redaction.formats.ooxml.tree import Element, remove
from redaction.vocabulary import is_word_style

_STYLE_USERS: Final = tags(
    "w:pStyle w:rStyle w:tblStyle w:basedOn w:next w:link w:styleLink w:numStyleLink w:clickAndTypeStyle"
    " w:defaultTableStyle"
)


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
