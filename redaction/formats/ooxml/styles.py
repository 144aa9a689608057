"""Styles: the names the programs give them are vocabulary, every other name was given by a person."""

from __future__ import annotations

import re
from itertools import count
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


def _id_of(name: str) -> str:
    """The id that Word itself gives to a style of its own: ``heading 1`` → ``Heading1``."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", name))


def renumber(styles: Element, users: list[Element]) -> None:
    """Ids of styles Word does not know by name become counted ones: an id is made of its style's name.

    Those of its own styles become what they are in English: in other languages they would be taken for names.
    """
    new_ids: dict[str, str] = {}
    taken: set[str] = set()
    renamed: list[tuple[Element, str, str]] = []
    counted = (f"Style{number}" for number in count(1))
    for style in styles.iter(tag("w:style")):
        name = style.find(tag("w:name"))
        old_id = style.get(tag("w:styleId"))
        if not old_id:
            continue
        said = "" if name is None else name.get(tag("w:val")) or ""
        own = _id_of(said) if is_word_style(said) else ""
        if own and own.casefold() == old_id.casefold():
            taken.add(own.casefold())
        else:
            renamed.append((style, old_id, own))
    for style, old_id, own in renamed:
        free = own if own and own.casefold() not in taken else next(counted)
        taken.add(free.casefold())
        new_ids[old_id] = free
        style.set(tag("w:styleId"), free)
    for root in users:
        for user in root.iter(*_STYLE_USERS):
            old_id = user.get(tag("w:val"))
            if old_id in new_ids:
                user.set(tag("w:val"), new_ids[old_id])
