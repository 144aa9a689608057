"""The word of each document that must not leave: drawn from what an outsider reads in it, the same in every run."""

from __future__ import annotations

import functools
import io
import random
import re
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence, Set
from typing import Final

_BEFORE: Final = r"(?<![^\W\d_])"
_AFTER: Final = r"(?![^\W\d_])"
_WORD: Final = re.compile(rf"{_BEFORE}[^\W\d_]{{6,20}}{_AFTER}")  # longer ones are words that run together
# What may stand between the letters of a word that a reader still sees as one.
_BETWEEN: Final = r"[\s\u00ad\u200b-\u200f\u2010\u2060\ufeff\u0002\ufffe-]{0,3}"
# Letters that readers and programs agree upon: others may be drawn by fonts in ways that no reader tells apart.
_PLAIN: Final = re.compile(r"[A-Za-zÀ-ÿ]+")
_LEAST_READERS: Final = 2  # what one alone sees, or readers of bytes alone, may be no text
# Words of the formats and of our own tokens: they may stand in a copy without having been in the text.
_LISTED: Final = """
alternative object subtitle master placeholder rectangle picture textbox shape group connector freeform person
organization location handle example invalid https element document content header footer application version encoding
default schema openxmlformats officedocument microsoft powerpoint office relationships package drawing drawingml
wordprocessingml
spreadsheetml presentationml worksheet workbook slide sheet normal heading theme colour colors accent hyperlink
hlinkhover hlinkclick paragraph character styles settings table string number boolean general charset content transfer
encoding multipart markup compatibility ignorable subject boundary attachments adobe acrobat helvetica courier symbol
endobj stream endstream trailer startxref language python source metadata kernelspec display google standalone
preserve outputs markdown cells script function return import confidential employee account customer calibri cambria
arial windows printer private public
address username password passport licence vehicle secret withheld surname ticket website hostname nationality
contents resources mediabox cropbox parent extgstate procset filter flatedecode length encoding differences subtype
basefont descendantfonts tounicode widths fontdescriptor winansiencoding xobject colorspace devicergb devicegray
"""
_MEMBER: Final = 20_000_000  # bytes; larger members hold the names that smaller ones hold
_MARKUP: Final = re.compile(r"</?[\w:.-]+|[\w:.-]+=[\"']|[A-Z][A-Z0-9.]+\(")
VOCABULARY: Final = frozenset(_LISTED.split())


def words(text: str) -> list[str]:
    """The words of a text in small letters, letters only, six or more."""
    return [word.casefold() for word in _WORD.findall(unicodedata.normalize("NFC", text))]


def holds(text: str, word: str) -> bool:
    """Whether ``word`` stands in a text as a word, whatever its case, also in pieces: broken at a line, set apart."""
    return word in words(text) or re.search(_in_pieces(word), text, re.IGNORECASE) is not None


@functools.cache
def _in_pieces(word: str) -> str:
    return _BEFORE + _BETWEEN.join(word) + _AFTER


def chosen(texts: Sequence[str], seed: str, markup: Set[str] = frozenset()) -> str:
    """A word that as many readers as any see, half of them and two at least, drawn by ``seed``; empty without one.

    None whose letters other words make up as well, and none of ``markup``: what is left of those is no leak.
    """
    least = max(min(_LEAST_READERS, len(texts)), len(texts) // 2)
    seen = Counter(word for text in texts for word in set(words(text)))
    most = max(seen.values(), default=0)
    fit = sorted(word for word, count in seen.items() if count == most >= least and _fits(word) and word not in markup)
    random.Random(seed).shuffle(fit)
    return next((word for word in fit if not any(_stands_apart(text, word) for text in texts)), "")


def of_markup(data: bytes) -> set[str]:
    """The names of elements and attributes, and the functions of formulas, in the members of a package."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [archive.read(one) for one in archive.infolist() if one.file_size < _MEMBER]
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, zlib.error):
        return set()
    text = "\n".join(member.decode("utf-8", "replace") for member in members)
    return {word for name in _MARKUP.findall(text) for word in words(name)}


def _stands_apart(text: str, word: str) -> bool:
    """Whether two other words of the text, one after the other, have its letters ("less than" of "lessthan")."""
    return any(" " in match.group() for match in re.finditer(_in_pieces(word), text, re.IGNORECASE))


def _fits(word: str) -> bool:
    return bool(_PLAIN.fullmatch(word)) and word not in VOCABULARY and len(set(word)) > 3
