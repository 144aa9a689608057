"""Views of a text that keep the way back: every character of a view knows the [start, end) it came from.

Two views exist. ``plain`` is what a reader would see (compatibility forms, invisible characters gone, hyphenated line
ends joined): detection reads it where it differs from the source. ``squeezed`` keeps letters and digits alone, folded:
the one form in which names are compared, in every format, in file names and in verification.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final

from redaction import lookalikes

# PDF readers give these for a hyphen at a line end.
_LINE_END_HYPHENS: Final = frozenset("\u0002\ufffe")
HYPHENS: Final = frozenset("-\u2010\u2011\u2012\u2013\u00ad") | _LINE_END_HYPHENS
_MAY_JOIN: Final = re.compile(rf"[{''.join(map(re.escape, sorted(HYPHENS)))}][\r\n]|[{''.join(_LINE_END_HYPHENS)}]")
# Letters, or nothing at all, by category, but always without ink.
_FILLERS: Final = frozenset("\u115f\u1160\u2065\u3164\uffa0")
_VISIBLE_CONTROLS: Final = frozenset("\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85")


@dataclass(frozen=True)
class View:
    """``text`` and, for each of its characters, where it came from in the source."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """The source range that covers view characters [start, end), also where the view runs the other way."""
        first, last = self.starts[start], self.starts[end - 1]
        return (first, self.ends[end - 1]) if first <= last else (last, self.ends[start])


def _is_invisible(character: str) -> bool:
    if character in _LINE_END_HYPHENS or character in _FILLERS:
        return True
    category = unicodedata.category(character)
    if category == "Cc":
        return character not in _VISIBLE_CONTROLS
    # Marks sit on the letter before them (variation selectors are marks too). Of the plane of tags and selectors,
    # what is not assigned today is invisible as well.
    return category in ("Cf", "Mn", "Me", "Mc") or 0xE0000 <= ord(character) <= 0xE0FFF


class _Invisible(dict[str, bool]):
    """Remembers what is asked: texts hold few different characters."""

    def __missing__(self, character: str) -> bool:
        answer = self[character] = _is_invisible(character)
        return answer


class _Folds(dict[int, str | None]):
    """Code point → the letters it counts as, None for none; for ``str.translate``."""

    def __init__(self, lookalike: dict[int, str]) -> None:
        super().__init__()
        self._lookalike = lookalike

    def __missing__(self, code: int) -> str | None:
        answer = self[code] = _folded(chr(code), self._lookalike) or None
        return answer


_INVISIBLE: Final = _Invisible()
_FOLDS: Final = _Folds(lookalikes.TABLE)
_OTHER_FOLDS: Final = _Folds(lookalikes.TABLE | lookalikes.AMBIGUOUS)


def invisible(character: str) -> bool:
    """True for characters a reader does not see by themselves: format characters, soft hyphens, selectors, tags, stray
    controls, and marks on the letter before."""
    return _INVISIBLE[character]


def squeeze(text: str) -> str:
    """Letters and digits of ``text`` alone, without accents and case, lookalikes folded."""
    return text.translate(_FOLDS)


def squeezed(text: str) -> View:
    """The squeezed view of ``text``. A character that folds to several (ﬁ → fi) is the source of each."""
    starts = origins(text)
    return View(text.translate(_FOLDS), starts, [start + 1 for start in starts])


def origins(text: str) -> list[int]:
    """For each letter of ``squeeze(text)`` the offset of its character."""
    if text.isascii():
        return list(compress(range(len(text)), map(str.isalnum, text)))
    folds = {character: range(len(_FOLDS[ord(character)] or "")) for character in set(text)}
    return [index for index, character in enumerate(text) for _ in folds[character]]


def other_reading(text: str) -> str:
    """``squeeze(text)`` with Greek letters read as the Latin ones that their other case looks like; same length."""
    return text.translate(_OTHER_FOLDS)


def plain(text: str) -> View:
    """What a reader sees of ``text``: NFKC, invisible characters dropped, words hyphenated at a line end joined."""
    if _is_plain(text):
        return View(text, range(len(text)), range(1, len(text) + 1))
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    index = 0
    while index < len(text):
        skip = _line_end_hyphen(text, index)
        if skip:
            index += skip
            continue
        end = index + 1
        if is_mark(text[index]) or not invisible(text[index]):
            while end < len(text) and is_mark(text[end]):
                end += 1
            for letter in unicodedata.normalize("NFKC", text[index:end]):
                letters.append(letter)
                starts.append(index)
                ends.append(end)
        index = end
    return View("".join(letters), starts, ends)


def _is_plain(text: str) -> bool:
    """True for texts that read as they stand: most do, and a look at their different characters is enough to know."""
    return (
        not _MAY_JOIN.search(text)
        and (text.isascii() or unicodedata.is_normalized("NFKC", text))
        and not any(invisible(character) or is_mark(character) for character in set(text))
    )


def is_mark(character: str) -> bool:
    """An accent or a vowel sign; selectors of a glyph's form are none."""
    return (
        not character.isascii()
        and unicodedata.category(character) in ("Mn", "Me", "Mc")
        and character != "\u034f"
        and not (0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF)
    )


def _line_end_hyphen(text: str, index: int) -> int:
    """How many characters a line-end hyphenation at ``index`` takes: letter, hyphen, line end, small letter."""
    if text[index] not in HYPHENS or index == 0 or not text[index - 1].isalpha():
        return 0
    after = index + 1
    while after < len(text) and text[after] in "\r\n":
        after += 1
    broken = after > index + 1 or text[index] in _LINE_END_HYPHENS
    return after - index if broken and after < len(text) and text[after].islower() else 0


def _folded(character: str, lookalike: dict[int, str]) -> str:
    if character.isascii():
        return character.casefold() if character.isalnum() else ""
    if character in _FILLERS:
        return ""
    # Decomposed before and after: folding may compose (ΐ), and a lookalike may carry an accent.
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    read = letters.translate(lookalike)
    return "".join(map(_digit, filter(str.isalnum, unicodedata.normalize("NFKD", read).casefold())))


def _digit(character: str) -> str:
    """Digits of every script are the same digits."""
    return str(unicodedata.decimal(character)) if character.isdecimal() else character
