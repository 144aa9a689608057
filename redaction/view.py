"""Views of a text that keep the way back: every character of a view knows the [start, end) it came from.

Two views exist. ``plain`` is what a reader would see (compatibility forms, invisible characters gone, typed-over ones
too, everything where directions put it, lookalikes in Latin words as Latin letters, hyphenated line ends joined):
detection reads it where it differs from the source. ``squeezed`` keeps letters and digits alone, folded: the one form
in which names are compared, in every format, in file names and in verification.
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final

from redaction import bidi, lookalikes

# PDF readers give these for a hyphen at a line end.
_LINE_END_HYPHENS: Final = frozenset("\u0002\ufffe")
HYPHENS: Final = frozenset("-\u2010\u2011\u2012\u2013\u00ad") | _LINE_END_HYPHENS
_MAY_JOIN: Final = re.compile(rf"[{''.join(map(re.escape, sorted(HYPHENS)))}][\r\n]|[{''.join(_LINE_END_HYPHENS)}]")
# Letters, or nothing at all, by category, but always without ink.
_FILLERS: Final = frozenset("\u115f\u1160\u2065\u3164\uffa0")
_VISIBLE_CONTROLS: Final = frozenset("\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85")
# Backspace and delete take back the character before them, as on a terminal.
_TAKING_BACK: Final = "\b\x7f"
_MOVING: Final = re.compile(f"[{_TAKING_BACK}{bidi.CONTROLS}]")
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class View:
    """``text`` and, for each of its characters, where it came from in the source."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """The source range that covers view characters [start, end), in whatever order the view has them."""
        return min(self.starts[start:end]), max(self.ends[start:end])

    def of(self, source: View) -> View:
        """This view of ``source.text`` as a view of the text that ``source`` was made of."""
        if isinstance(source.starts, range):
            return self
        if isinstance(self.starts, range):
            return View(self.text, source.starts, source.ends)
        ranges = [source.source_span(start, end) for start, end in zip(self.starts, self.ends, strict=True)]
        return View(self.text, [start for start, _ in ranges], [end for _, end in ranges])


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


class _Shapes(dict[str, str]):
    """The Latin letter or the digit that a character is drawn like, or the character itself."""

    def __missing__(self, character: str) -> str:
        answer = self[character] = _shape(character)
        return answer


class _Scripts(dict[str, bool | None]):
    """True for letters of the Latin script, False for those of others, None for everything else."""

    def __missing__(self, character: str) -> bool | None:
        known = character.isascii() or unicodedata.name(character, "").startswith("LATIN ")
        answer = self[character] = known if character.isalpha() else None
        return answer


_INVISIBLE: Final = _Invisible()
_FOLDS: Final = _Folds(lookalikes.TABLE)
_OTHER_FOLDS: Final = _Folds(lookalikes.TABLE | lookalikes.AMBIGUOUS)
_DRAWN_FOLDS: Final = _Folds(lookalikes.TABLE)
_DRAWN_FOLDS.update({ord(letter): lookalikes.SHAPES[letter].lower() for letter in lookalikes.TWO_CASES})
_SHAPES: Final = _Shapes()
_UNSEEN_ASCII: Final = frozenset(filter(_is_invisible, map(chr, range(128))))
_LATIN: Final = _Scripts()


def of_another_script(character: str) -> bool:
    """True for letters that are not Latin ones."""
    return _LATIN[character] is False


def invisible(character: str) -> bool:
    """True for characters a reader does not see by themselves: format characters, soft hyphens, selectors, tags, stray
    controls, and marks on the letter before."""
    return _INVISIBLE[character]


def squeeze(text: str) -> str:
    """Letters and digits of ``text`` as it is shown, without accents and case, lookalikes folded."""
    if moved(text):
        text = shown(text).text
    if not text.isascii() and not lookalikes.TWO_CASES.isdisjoint(text):
        text = latin(text)
    return text.translate(_FOLDS)


def folded(text: str) -> str:
    """The same of ``text`` in the order in which it is stored: ``origins`` says where each letter comes from."""
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
    """``folded(text)`` with Greek letters read as the Latin ones that their other case looks like; same length."""
    return text.translate(_OTHER_FOLDS)


def drawn_reading(text: str) -> str:
    """``folded(text)`` with Greek letters read as they are drawn, capitals and small ones apart; same length."""
    return text.translate(_DRAWN_FOLDS)


def moved(text: str) -> bool:
    """True where controls take characters back or put them elsewhere than they are stored."""
    if text.isascii():
        return "\b" in text or "\x7f" in text
    return bool(_MOVING.search(text))


def shown(text: str) -> View:
    """``text`` as it is drawn: without what a backspace or a delete takes back, in the order in which it is seen.

    What is not drawn belongs to the characters on both sides of it.
    """
    if not moved(text):
        return _itself(text)
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for end in (*(match.end() for match in bidi.PARAGRAPH_ENDS.finditer(text)), len(text)):
        paragraph = text[at:end]
        if _MOVING.search(paragraph):
            kept = _typed(paragraph)
            drawn = list(bidi.shown("".join(paragraph[offset] for offset in kept)))
            letters += (letter for _, letter in drawn)
            offsets = [kept[index] for index, _ in drawn]
            stored = [-1, *sorted(offsets), len(paragraph)]
            place = {offset: index for index, offset in enumerate(stored)}
            starts += (at + stored[place[offset] - 1] + 1 for offset in offsets)
            ends += (at + stored[place[offset] + 1] for offset in offsets)
        else:
            letters.append(paragraph)
            starts += range(at, end)
            ends += range(at + 1, end + 1)
        at = end
    return View("".join(letters), starts, ends)


def typed(text: str) -> str:
    """``text`` without backspaces, deletes and what those take back."""
    return "".join(text[offset] for offset in _typed(text)) if "\b" in text or "\x7f" in text else text


def _typed(text: str) -> list[int]:
    """Offsets of what is left once every backspace and delete has taken a visible character of its line back."""
    kept: list[int] = []
    for index, character in enumerate(text):
        if character not in _TAKING_BACK:
            kept.append(index)
            continue
        while kept and not bidi.PARAGRAPH_ENDS.match(text[kept[-1]]):
            if not invisible(text[kept.pop()]):
                break
    return kept


def _itself(text: str) -> View:
    return View(text, range(len(text)), range(1, len(text) + 1))


def plain(text: str) -> View:
    """What a reader sees of ``text``: see above. Costs next to nothing where that is the text itself."""
    if _is_plain(text):
        return _itself(text)
    drawn = shown(text)
    # Twice: some lookalikes have compatibility forms that look otherwise, some Latin letters are compatibility forms.
    joined = _composed(latin(drawn.text)).of(drawn)
    return View(latin(joined.text), joined.starts, joined.ends)


class SeenWords:
    """The words of a text as they are seen, for spans that were found in it as it is stored.

    Such a span may end where something invisible cuts a word in two. What a reader takes for one word is one.
    """

    def __init__(self, text: str) -> None:
        self._view = plain(text)
        self._stored = sorted(range(len(self._view.text)), key=self._view.starts.__getitem__)
        self._starts = [self._view.starts[index] for index in self._stored]

    def grown(self, start: int, end: int) -> tuple[int, int]:
        """[start, end) and the rest of a word that is cut there by what nobody sees."""
        view = self._view
        inside = self._stored[bisect.bisect_left(self._starts, start) : bisect.bisect_left(self._starts, end)]
        if not inside:
            return start, end
        first, last = min(inside), max(inside) + 1
        if first and (view.starts[first], view.ends[first - 1]) != (start, start):
            while first and view.text[first - 1].isalnum() and view.text[first].isalnum():
                first -= 1
        if last < len(view.text) and (view.starts[last], view.ends[last - 1]) != (end, end):
            while last < len(view.text) and view.text[last - 1].isalnum() and view.text[last].isalnum():
                last += 1
        low, high = view.source_span(first, last)
        return min(start, low), max(end, high)


def cut_unseen(text: str) -> bool:
    """True where something that nobody sees may stand inside of a word."""
    return not _UNSEEN_ASCII.isdisjoint(text) if text.isascii() else any(map(invisible, set(text)))


def _composed(text: str) -> View:
    """NFKC, invisible characters dropped, words hyphenated at a line end joined."""
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
    if text.isascii():
        return _UNSEEN_ASCII.isdisjoint(text) and "-\n" not in text and "-\r" not in text
    if _MAY_JOIN.search(text):
        return False
    return unicodedata.is_normalized("NFKC", text) and not any(
        invisible(character) or is_mark(character) or _SHAPES[character] != character for character in set(text)
    )


def latin(text: str) -> str:
    """Lookalikes of other scripts as Latin letters, of the same length.

    In words that have Latin letters too; and in words of nothing but lookalikes, where the rest of the line, or else of
    the text, is more Latin than not. What is written in another script stays as it is.
    """
    if text.isascii() or all(_SHAPES[character] == character for character in set(text)):
        return text
    whole = _leaning(text)
    lines = (_latin_line(line, whole) for line in text.splitlines(keepends=True))
    return "".join(lines)


def _latin_line(line: str, whole: int) -> str:
    if line.isascii():
        return line
    leaning = _leaning(line)

    def read(match: re.Match[str]) -> str:
        word = match.group()
        shape = "".join(_SHAPES[character] for character in word)
        if shape == word or (not _mixed(word) and not (shape.isascii() and _among_latin(word))):
            return word
        return shape

    def _among_latin(word: str) -> bool:
        rest = leaning - _leaning(word)
        return rest > 0 or (rest == 0 and whole - _leaning(word) > 0)

    return _WORD.sub(read, line)


def _mixed(word: str) -> bool:
    return any(_LATIN[character] for character in word)


def _leaning(text: str) -> int:
    """Letters of the Latin script less letters of others."""
    return sum(1 if known else -1 for known in map(_LATIN.__getitem__, text) if known is not None)


def _shape(character: str) -> str:
    if character.isascii():
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    parts = unicodedata.normalize("NFD", character)
    letter = lookalikes.SHAPES.get(parts[0])
    if letter is None:
        return character
    shape = unicodedata.normalize("NFC", letter + parts[1:])
    return shape if len(shape) == 1 else letter


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
    # Decomposed before and after: folding may compose (ΐ), and a lookalike may carry an accent. The lookalike comes
    # first: the compatibility form of a lunate sigma, which is a c to a reader, is another sigma.
    drawn = character.casefold().translate(lookalike)
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", drawn).casefold())
    read = letters.translate(lookalike)
    return "".join(map(_digit, filter(str.isalnum, unicodedata.normalize("NFKD", read).casefold())))


def _digit(character: str) -> str:
    """Digits of every script are the same digits."""
    return str(unicodedata.decimal(character)) if character.isdecimal() else character
