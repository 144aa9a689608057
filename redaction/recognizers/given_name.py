"""Names by lists: a given name, alone or with the words of the name around it, in capitals or in small letters.

The lists are those of the United States census, so this completes what a model and headers find, for the names that are
on them; it decides nothing about names that are not. A given name that is a word of English as well ("Mark", "Rose")
counts only with a surname after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaction.names import AMBIGUOUS, BYNAMES, ENGLISH, FURNITURE, GIVEN, NAME_WORDS, NOT_PEOPLE, PARTICLES, SURNAMES
from redaction.recognizers.rules import Hit
from redaction.view import squeeze

ENTITIES: Final = ("PERSON",)

# Made once: to unite two sets of thousands at each word took longer than all other recognizers together.
_CANDIDATES: Final = (GIVEN | BYNAMES) - NOT_PEOPLE
_NOT_SMALL: Final = AMBIGUOUS | NAME_WORDS
_SHORTEST: Final = 3
_SHORTEST_SMALL: Final = 4  # in small letters
_WORD: Final = re.compile(r"(?<![\w@/\\.+-])[^\W\d_][^\W\d_'’-]{1,24}(?:[-'’][^\W\d_]{1,24})?(?![\w@/\\])(?!\.\w)")
# What may follow a given name: initials, then one or two words of a surname.
_NEXT: Final = re.compile(
    r"[ \u00a0]([^\W\d_]\.?(?![\w'’]))|[ \u00a0]([^\W\d_][^\W\d_'’-]{1,24}(?:[-'’][^\W\d_]{1,24})?)(?![\w@])"
)


def find(text: str) -> Iterator[Hit]:
    """Yield given names with what follows of the name."""
    end = 0
    for match in _WORD.finditer(text):
        if match.start() < end:
            continue
        word = match.group()
        letters = squeeze(word)
        if letters not in _CANDIDATES:
            continue
        stop, surname = _rest(text, match.end(), word)
        if _counts(word, letters) or surname:
            end = stop
            yield Hit(match.start(), end, "PERSON", 0.6 if surname else 0.5)


def _counts(word: str, letters: str) -> bool:
    """A given name by itself: no word of English; in small letters a longer one."""
    if letters in BYNAMES:
        return word[0].isupper()
    if letters in AMBIGUOUS or letters in ENGLISH or letters in FURNITURE or letters in NAME_WORDS:
        return False
    return len(letters) >= (_SHORTEST if word[0].isupper() else _SHORTEST_SMALL)


def _rest(text: str, end: int, given: str) -> tuple[int, bool]:
    """Where the name ends, and whether it has a surname."""
    stop, surname = end, False
    for _ in range(3):
        follows = _NEXT.match(text, end)
        if not follows:
            break
        end = follows.end()
        if follows.group(1):
            if given[0].isupper() != follows.group(1)[0].isupper():
                break
            continue
        if not _is_surname(follows.group(2), given):
            break
        stop, surname = end, True
    return stop, surname


def _is_surname(word: str, given: str) -> bool:
    letters = squeeze(word)
    if word.casefold() in PARTICLES:
        return False
    common = letters in ENGLISH or letters in FURNITURE
    if given[0].islower():
        return word[0].islower() and not common and letters not in _NOT_SMALL and letters in SURNAMES
    if not word[0].isupper() or (word.isupper() and not given.isupper()):
        return False
    # After a name which is nothing else, a surname may be a word as well ("Hope"); after "May" it may not.
    alone = _counts(given, squeeze(given))
    if common or letters in AMBIGUOUS:
        return alone and letters in SURNAMES
    return alone or letters in SURNAMES
