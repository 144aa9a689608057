"""Document properties: the old ones become needles that must not survive, the new ones are ours and say nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from redaction.formats.ooxml.names import local
from redaction.formats.ooxml.package import Source
from redaction.formats.ooxml.parts import APP, CORE, CUSTOM
from redaction.formats.ooxml.tree import Element, parse

CORE_XML: Final = (
    b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
    b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)
APP_XML: Final = (
    b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    b"<Application>Vouchsafe</Application></Properties>"
)

# Properties that name a person, an organisation or a place on a disk. A title or a subject is prose that may rightly
# stand in the text as well; it is dropped, but is no needle.
_TELLING: Final = frozenset({"creator", "lastModifiedBy", "Company", "Manager", "HyperlinkBase"})
_GENERIC_WORDS: Final = (
    "user|windows user|microsoft office user|microsoft|administrator|admin|author|owner|unknown|none|python-docx|"
    "python-pptx|openpyxl|xlsxwriter|apache poi|libreoffice|vouchsafe|guest|root|default|normal|office"
    "|true|false|yes|no"
)
_GENERIC: Final = frozenset(_GENERIC_WORDS.split("|"))
_TRACKED_PEOPLE: Final = frozenset({"author", "displayName", "userId", "name", "initials", "userName"})
_ROSTERS: Final = ("people", "person", "commentAuthors", "authors", "comments", "threadedComment")


def needles(values: Iterable[str]) -> list[str]:
    """Values worth looking for: at least four characters with a letter or a digit, no generic ones, each once."""
    found: dict[str, None] = {}
    for value in values:
        text = value.strip()
        if len(text) >= 4 and re.search(r"\w", text) and text.casefold() not in _GENERIC:
            found[text] = None
    return list(found)


def old_values(source: Source) -> list[str]:
    """Telling values of the old properties, in file order."""
    values: list[str] = []
    for reference in source.references("/").values():
        if reference.external or source.data(reference.target) is None:
            continue
        if reference.kind in (CORE, APP):
            values += _texts(parse(source.data(reference.target) or b"", source.limits.xml_depth), _TELLING)
        elif reference.kind == CUSTOM:
            root = parse(source.data(reference.target) or b"", source.limits.xml_depth)
            values += [element.text for element in root.iter() if element.text and _is_custom_needle(element.text)]
    return values


def _texts(root: Element, names: frozenset[str]) -> list[str]:
    return [element.text for element in root.iter() if element.text and local(element.tag) in names]


def _is_custom_needle(text: str) -> bool:
    """Ids, paths, addresses and names of two words; a plain word or a number may rightly stand in the text."""
    return bool(re.search(r"[@\\/]|\d{5}|[0-9a-fA-F]{8}-|[A-Z]\w+ [A-Z]\w+", text))


def people(source: Source, part_name: str) -> list[str]:
    """Authors of comments and changes, as rosters beside a part name them."""
    found: list[str] = []
    for reference in source.references(part_name).values():
        kind = reference.kind.rpartition("/")[2]
        if reference.external or kind not in _ROSTERS:
            continue
        data = source.data(reference.target)
        if data is None:
            continue
        for element in parse(data, source.limits.xml_depth).iter():
            found += [value for name, value in element.attrib.items() if local(name) in _TRACKED_PEOPLE]
            if local(element.tag) == "author" and element.text:
                found.append(element.text)
    return found


def tracked_authors(root: Element, attribute: str) -> list[str]:
    """Authors of tracked changes inside a part."""
    return [element.get(attribute) for element in root.iter() if element.get(attribute)]
