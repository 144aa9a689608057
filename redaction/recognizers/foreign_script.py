"""Names in a script of their own: a few words of Han, Hangul, Kana, Arabic, Greek, Cyrillic … in a Latin text.

The model reads English. In an English text such words are nearly always somebody's name, more rarely a place or a
company: all of them are told as people. A text that is mostly in another script is none of this rule's business.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from redaction.recognizers.rules import Hit

ENTITIES: Final = ("PERSON",)

# Letters beyond Latin, with their marks; joined by a blank, a middle dot, a hyphen or an apostrophe.
_LETTER: Final = (
    r"[\u0370-\u052f\u0530-\u10ff\u1100-\u11ff\u1f00-\u1fff\u3040-\u30ff\u3400-\u9fff"
    r"\uac00-\ud7af\uf900-\ufaff\ufb50-\ufdff\ufe70-\ufeff]"
)
_MARK: Final = r"[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0903\u093a-\u094f\u200c\u200d]"
_RUN: Final = re.compile(rf"{_LETTER}(?:{_LETTER}|{_MARK}|[ \u00a0·・.'’,-]{{1,2}}(?={_LETTER})){{0,60}}")
_LONGEST: Final = 45
_MOST_WORDS: Final = 5
_MOST_OF_TEXT: Final = 0.3
_SHORTEST: Final = 2


def find(text: str) -> Iterator[Hit]:
    """Yield runs of up to five words, unless most of the text is like them."""
    if text.isascii():
        return
    runs = [match for match in _RUN.finditer(text) if sum(map(str.isalpha, match.group())) >= _SHORTEST]
    letters = sum(map(str.isalpha, text))
    if not runs or sum(len(match.group()) for match in runs) > _MOST_OF_TEXT * letters:
        runs = [match for match in runs if letters < _LONGEST]
    for match in runs:
        if len(match.group()) <= _LONGEST and len(match.group().split()) <= _MOST_WORDS and not _sign(match.group()):
            yield Hit(match.start(), match.end(), "PERSON", 0.5)


def _sign(run: str) -> bool:
    """Greek letters by themselves are signs of mathematics: "Δt", "α β"."""
    short = all(len(word) <= _SHORTEST for word in run.split())
    return short and all(unicodedata.name(letter, "").startswith("GREEK") for letter in run if letter.isalpha())
