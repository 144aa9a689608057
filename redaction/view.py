"""Views of a text that keep the way back: every character of a view knows the [start, end) it came from.

Two views exist. ``plain`` is what a reader would see (compatibility forms, invisible characters gone, hyphenated line
ends joined): detection reads it where it differs from the source. ``squeezed`` keeps letters and digits alone, folded:
the one form in which names are compared, in every format, in file names and in verification.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

# Letters of other scripts that look like Latin ones; folded only when comparing, never in what is written.
_LOOKALIKES: Final = str.maketrans(
    dict(
        zip(
            "аесорхуѕіјһԁԛԝᴀɑɩαορτυνκι",
            "aecopxysijhdqwaaiaoptuvki",
            strict=True,
        )
    )
    | {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "œ": "oe", "æ": "ae", "þ": "th"}
)
# PDF readers give these for a hyphen at a line end.
_LINE_END_HYPHENS: Final = frozenset("\u0002\ufffe")
_HYPHENS: Final = frozenset("-\u2010\u2011\u2012\u2013\u00ad") | _LINE_END_HYPHENS
_VARIATION_SELECTORS: Final = frozenset(chr(code) for code in range(0xFE00, 0xFE10))


@dataclass(frozen=True)
class View:
    """``text`` and, for each of its characters, where it came from in the source."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """The source range that covers view characters [start, end)."""
        return self.starts[start], self.ends[end - 1]


def invisible(character: str) -> bool:
    """True for characters a reader does not see: format characters, soft hyphens, selectors, stray controls."""
    if character in _VARIATION_SELECTORS or character in _LINE_END_HYPHENS or character == "\0":
        return True
    return ord(character) > 0x7E and unicodedata.category(character) == "Cf"


def squeeze(text: str) -> str:
    """Letters and digits of ``text`` alone, without accents and case, lookalikes folded."""
    if text.isascii():
        return "".join(filter(str.isalnum, text.casefold()))
    return "".join(_folded(character) for character in text)


def squeezed(text: str) -> View:
    """The squeezed view of ``text``. A character that folds to several (ﬁ → fi) is the source of each."""
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for index, character in enumerate(text):
        for letter in _folded(character):
            letters.append(letter)
            starts.append(index)
            ends.append(index + 1)
    return View("".join(letters), tuple(starts), tuple(ends))


def plain(text: str) -> View:
    """What a reader sees of ``text``: NFKC, invisible characters dropped, words hyphenated at a line end joined."""
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    index = 0
    while index < len(text):
        skip = _line_end_hyphen(text, index)
        if skip:
            index += skip
            continue
        if not invisible(text[index]):
            for letter in unicodedata.normalize("NFKC", text[index]):
                letters.append(letter)
                starts.append(index)
                ends.append(index + 1)
        index += 1
    return View("".join(letters), tuple(starts), tuple(ends))


def _line_end_hyphen(text: str, index: int) -> int:
    """How many characters a line-end hyphenation at ``index`` takes: letter, hyphen, line end, small letter."""
    if text[index] not in _HYPHENS or index == 0 or not text[index - 1].isalpha():
        return 0
    after = index + 1
    while after < len(text) and text[after] in "\r\n":
        after += 1
    broken = after > index + 1 or text[index] in _LINE_END_HYPHENS
    return after - index if broken and after < len(text) and text[after].islower() else 0


def _folded(character: str) -> str:
    if character.isascii():
        return character.casefold() if character.isalnum() else ""
    decomposed = unicodedata.normalize("NFKD", character).casefold()
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", decomposed.translate(_LOOKALIKES))))
