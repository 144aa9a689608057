"""Word fields that would put properties of a person or a machine back: their last result stays as plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from redaction.entities import Replacement
from redaction.formats.ooxml.links import rewritten_target, safe_target
from redaction.formats.ooxml.names import tag, tags
from redaction.formats.ooxml.slots import RunSlot, set_text, spliced
from redaction.formats.ooxml.tree import Element, remove, remove_all, unwrap

_PROPERTIES_WORDS: Final = (
    "AUTHOR LASTSAVEDBY FILENAME USERNAME USERINITIALS USERADDRESS DOCPROPERTY DOCVARIABLE INFO TITLE SUBJECT KEYWORDS"
    " COMMENTS TEMPLATE FILESIZE CREATEDATE SAVEDATE PRINTDATE EDITTIME REVNUM MERGEFIELD MERGEREC MERGESEQ NEXT NEXTIF"
    " ADDRESSBLOCK GREETINGLINE DATABASE INCLUDETEXT INCLUDEPICTURE LINK DDE DDEAUTO EMBED CONTROL MACROBUTTON PRIVATE"
    " ADDIN SKIPIF ASK FILLIN SET AUTOTEXT AUTOTEXTLIST BARCODE DISPLAYBARCODE MERGEBARCODE IMPORT INCLUDE HTMLACTIVEX"
    " RD BIBLIOGRAPHY CITATION"
)
_PROPERTIES: Final = frozenset(_PROPERTIES_WORDS.split())
_EVENTS: Final = tags("w:fldChar w:instrText")
_LINK: Final = re.compile(r'(\s*HYPERLINK\s+)("[^"]*"|[^\s\\"]\S*)', re.IGNORECASE)


def settle(root: Element) -> int:
    """Unwrap property fields, make link fields lead nowhere private; return how many fields were unwrapped."""
    remove_all(root, tags("w:fldData"))
    return _settle_simple(root) + _settle_complex(root)


def _name(code: str) -> str:
    words = code.split(None, 1)
    return words[0].upper() if words else ""


def _safe_code(code: str) -> str:
    """The address of a HYPERLINK field without what could tell a person."""
    return _LINK.sub(lambda found: f'{found[1]}"{safe_target(found[2].strip(chr(34)))}"', code)


def _settle_simple(root: Element) -> int:
    count = 0
    for element in list(root.iter(tag("w:fldSimple"))):
        code = element.get(tag("w:instr")) or ""
        if _name(code) in _PROPERTIES or not code.strip():
            count += 1
            unwrap(element)
        else:
            element.set(tag("w:instr"), _safe_code(code))
    return count


def _settle_complex(root: Element) -> int:
    count = 0
    open_fields: list[tuple[list[Element], list[Element]]] = []  # characters, code texts
    for element in list(root.iter(*_EVENTS)):
        if element.tag == tag("w:instrText"):
            if open_fields:
                open_fields[-1][1].append(element)
            continue
        kind = element.get(tag("w:fldCharType"))
        if kind == "begin":
            open_fields.append(([element], []))
        elif open_fields:
            open_fields[-1][0].append(element)
            if kind == "end":
                count += _settle_field(*open_fields.pop())
    return count


def _settle_field(characters: list[Element], texts: list[Element]) -> int:
    code = "".join(text.text or "" for text in texts)
    if _name(code) in _PROPERTIES:
        for element in [*characters, *texts]:
            remove(element)
        return 1
    safe = _safe_code(code)
    if safe != code:
        texts[0].text = safe
        for text in texts[1:]:
            remove(text)
    return 0


def safe_link(code: str) -> str:
    """A link field whose address was rewritten leads to the token of its host, or nowhere."""
    if _name(code) != "HYPERLINK":
        return code
    return _LINK.sub(lambda found: f'{found[1]}"{rewritten_target(found[2].strip(chr(34)))}"', code)


@dataclass(eq=False)
class CodeSlot(RunSlot):
    """A field code, joined over its runs."""

    def write(self, replacements: Sequence[Replacement]) -> None:
        first, *others = self.atoms
        set_text(first.element, safe_link(spliced(self.text, replacements)))
        for atom in others:
            set_text(atom.element, "")
