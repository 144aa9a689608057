"""The squeezed matcher: one automaton over all needles, the same for the input, for file names and for verification.

Texts are compared as letters and digits alone (``view.squeezed``), so a name is found in capitals, with accents, broken
over lines, in a slug or with invisible characters in it. What stands between two letters of a hit decides then whether
it is one: "flaws on" holds the letters of Lawson, but with a blank where Lawson has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import ahocorasick

from redaction.view import View, invisible, squeeze, squeezed

# Shorter needles match only between letter boundaries; distinctive ones also inside a longer word.
DISTINCTIVE: Final = 6
INSIDE_WORDS: Final = 8
MINIMUM: Final = 3

_BLANKS: Final = frozenset(" \t\u00a0\u2007\u2009\u202f")
_LINE_ENDS: Final = frozenset("\r\n\x0b\x0c\u2028\u2029")
_HYPHENS: Final = frozenset("-‐‑‒–\u00ad\u0002\ufffe")
_JOINTS: Final = _BLANKS | _LINE_ENDS | _HYPHENS | frozenset("._+,'’`´/@:&()>~%=#?\"“”")
_NUMBER_GAPS: Final = _BLANKS | _HYPHENS | frozenset("./()")
_MAXIMUM_GAP: Final = 8


@dataclass(frozen=True)
class Needle:
    """One spelling to look for. ``owner`` is the caller's number of the entity.

    ``joints`` are the squeezed offsets before which the spelling itself has a blank or a sign. ``cased``: the first
    letter must be a capital, because the word is an ordinary one in small letters. ``inside``: may lie inside a word.
    """

    text: str
    letters: str
    joints: frozenset[int]
    owner: int
    cased: bool = False
    inside: bool = False

    @classmethod
    def of(cls, text: str, owner: int, *, cased: bool = False, inside: bool = True) -> Needle:
        """The needle of a spelling as people write it."""
        view = squeezed(text)
        joints = frozenset(index for index in range(1, len(view.text)) if view.starts[index] > view.ends[index - 1])
        letters = view.text
        long = len(letters) >= INSIDE_WORDS and letters.isalpha()
        return cls(text, letters, joints, owner, cased, inside and long)


@dataclass(frozen=True)
class Match:
    """Characters [start, end) of the text are a spelling of entity ``owner``."""

    start: int
    end: int
    owner: int
    needle: Needle


class Matcher:
    """All needles of a submission in one automaton. Building it costs their length, searching that of the text."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        by_letters: dict[str, list[Needle]] = {}
        for needle in needles:
            if len(needle.letters) >= MINIMUM:
                by_letters.setdefault(needle.letters, []).append(needle)
        self._automaton = ahocorasick.Automaton()
        for letters, group in by_letters.items():
            self._automaton.add_word(letters, (len(letters), group))
        self._empty = not by_letters
        if by_letters:
            self._automaton.make_automaton()

    def find(self, text: str) -> Iterator[Match]:
        """Every accepted hit in ``text``, overlapping ones included; those inside a word are grown to it."""
        if self._empty or not text:
            return
        view = squeezed(text)
        for last, (length, group) in self._automaton.iter(view.text):
            first = last - length + 1
            for needle in group:
                match = _accepted(text, view, first, last + 1, needle)
                if match:
                    yield match
                    break


def _accepted(text: str, view: View, first: int, last: int, needle: Needle) -> Match | None:
    start, end = view.source_span(first, last)
    if needle.cased and not text[start].isupper():
        return None
    if not _gaps_fit(text, view, first, last, needle):
        return None
    left, right = _boundary_before(text, start), _boundary_after(text, end)
    if not (left and right):
        if not needle.inside or "\n" in text[start:end]:
            return None
        start, end = _grown(text, start, end)
    return Match(start, end, needle.owner, needle)


def _gaps_fit(text: str, view: View, first: int, last: int, needle: Needle) -> bool:
    """What stands between the letters is what may stand there."""
    spaced = 0
    for index in range(first, last - 1):
        gap = text[view.ends[index] : view.starts[index + 1]]
        if not gap or all(map(invisible, gap)):
            continue
        if len(gap) > _MAXIMUM_GAP:
            return False
        if index + 1 - first in needle.joints:
            if not all(character in _JOINTS or invisible(character) for character in gap):
                return False
        elif needle.letters[index - first].isdigit() or needle.letters[index - first + 1].isdigit():
            if len(needle.letters) < 9 or not all(character in _NUMBER_GAPS for character in gap):
                return False
        elif gap[0] in _HYPHENS or _broken_line(gap):
            continue
        elif all(character in _BLANKS for character in gap):
            spaced += 1
        else:
            return False
    # Letters set apart ("F a i r w e a t h e r") are set apart throughout; one blank alone makes two words.
    return spaced == 0 or spaced >= len(needle.letters) - 1 - len(needle.joints)


def _broken_line(gap: str) -> bool:
    return any(character in _HYPHENS for character in gap) and all(
        character in _HYPHENS or character in _LINE_ENDS or character in _BLANKS for character in gap
    )


def _boundary_before(text: str, start: int) -> bool:
    index = start - 1
    while index >= 0 and invisible(text[index]):
        index -= 1
    if index < 0:
        return True
    before, first = text[index], text[start]
    if first.isdigit():
        return not before.isdigit()
    return not before.isalpha() or (before.islower() and first.isupper())


def _boundary_after(text: str, end: int) -> bool:
    index = end
    while index < len(text) and invisible(text[index]):
        index += 1
    if index >= len(text):
        return True
    last, after = text[end - 1], text[index]
    if last.isdigit():
        return not after.isdigit()
    return not after.isalpha() or (last.islower() and after.isupper())


def _grown(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1].isalpha():
        start -= 1
    while end < len(text) and text[end].isalpha():
        end += 1
    return start, end


def needle_length(text: str) -> int:
    """How many letters and digits ``text`` has: what the limits of this module count."""
    return len(squeeze(text))
