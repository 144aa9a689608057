"""The squeezed matcher: one automaton over all needles, the same for the input, for file names and for verification.

Texts are compared as letters and digits alone (``view.squeezed``), so a name is found in capitals, with accents, broken
over lines, in a slug or with invisible characters in it. What stands between two letters of a hit decides then whether
it is one: "flaws on" holds the letters of Lawson, but with a blank where Lawson has none. The same is asked of what the
text says once its escapes are decoded, its mirrored lines are turned and its blobs are opened (``decoding``).
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import ahocorasick

from redaction import decoding
from redaction.lookalikes import TWO_CASES
from redaction.names import ENGLISH
from redaction.view import (
    HYPHENS,
    View,
    drawn_reading,
    folded,
    invisible,
    is_mark,
    moved,
    origins,
    other_reading,
    plain,
    shown,
    squeeze,
)

# Shorter needles match only between letter boundaries; distinctive ones also inside a longer word. Those of names that
# may begin or end a common word ("Porter" in "reporter") are left alone there, unless they are of this length.
DISTINCTIVE: Final = 6
INSIDE_WORDS: Final = 8
MINIMUM: Final = 3

_BLANKS: Final = frozenset(" \t\u00a0\u1680\u202f\u205f\u2800\u3000") | {chr(code) for code in range(0x2000, 0x200B)}
_LINE_ENDS: Final = frozenset("\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
_JOINTS: Final = _BLANKS | _LINE_ENDS | HYPHENS | frozenset("._+,;'’`´/\\|@:&()[]{}<>~*%=#?!$\"“”„«»·•–—")
# What stands between the halves of a word that a line end cuts, with the signs before a quoted or commented line.
_LINE_STARTS: Final = HYPHENS | _LINE_ENDS | _BLANKS | frozenset(">|#*/;%")
_NUMBER_GAPS: Final = _BLANKS | HYPHENS | frozenset("./()")
# Signs that join the parts of a word in addresses, slugs and names of programs.
_WORD_SIGNS: Final = frozenset("_.+")
_MAXIMUM_GAP: Final = 8
_MAXIMUM_INDENT: Final = 60
_MOST_LINE_ENDS: Final = 3
_PIECE: Final = 1024
_LONG_NUMBER: Final = 9
_OTHER_READING: Final = frozenset("ΗΝΥΓηνυγ")
_LONGEST_HOST: Final = 80
_HOST_SIGNS: Final = re.compile(
    r"@|://|\bwww\.|\.(?:com|net|org|io|co|eu|uk|us|de|at|ch|fr|es|it|nl|dev|ai|app|cloud|biz|info"
    r"|example|invalid|test|local|internal|intranet|corp|lan|home)\b",
    re.IGNORECASE,
)
# A blob of bytes holds short words by chance.
_SHORTEST_IN_TEXT: Final = 4


@dataclass(frozen=True)
class Needle:
    """One spelling to look for. ``owner`` is the caller's number of the entity.

    ``joints`` are the squeezed offsets before which the spelling itself has a blank or a sign. ``cased``: the first
    letter must be a capital, because the word is an ordinary one in small letters; ``upper``: all of them, as in an
    acronym. ``inside``: may lie inside a word. ``typed``: a person typed it, so it counts however short it is, and in
    the plural.
    """

    text: str
    letters: str
    joints: frozenset[int]
    owner: int
    cased: bool = False
    inside: bool = False
    upper: bool = False
    typed: bool = False

    @classmethod
    def of(
        cls,
        text: str,
        owner: int,
        *,
        cased: bool = False,
        inside: bool = True,
        upper: bool = False,
        typed: bool = False,
    ) -> Needle:
        """The needle of a spelling as people write it."""
        seen = text if text.isascii() and not moved(text) else plain(text).text
        letters = squeeze(seen)
        if len(letters) == len(seen):
            joints: frozenset[int] = frozenset()
        else:
            starts = origins(seen)
            joints = frozenset(index for index in range(1, len(starts)) if starts[index] > starts[index - 1] + 1)
        long = len(letters) >= DISTINCTIVE and (not letters.isdigit() if typed else letters.isalpha())
        return cls(text, letters, joints, owner, cased, inside and long, upper, typed)

    @property
    def distinctive(self) -> bool:
        """True when its letters hardly stand anywhere by chance."""
        return len(self.letters) >= DISTINCTIVE

    @property
    def weight(self) -> int:
        """How much its letters tell: ideographs and syllables stand for two each."""
        return len(self.letters) if self.letters.isascii() else len(self.letters) + sum(map(_syllabic, self.letters))


@dataclass(frozen=True)
class Match:
    """Characters [start, end) of the text are a spelling of entity ``owner``.

    ``cuts`` are offsets at which a word of the spelling is cut, at a line end say: a writer puts nothing after them.
    """

    start: int
    end: int
    owner: int
    needle: Needle
    cuts: tuple[int, ...] = field(default=(), compare=False)


class Matcher:
    """All needles of a submission in one automaton. Building it costs their length, searching that of the text."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        by_letters: dict[str, dict[Needle, None]] = {}
        for needle in needles:
            if needle.weight >= (1 if needle.typed else MINIMUM):
                by_letters.setdefault(needle.letters, {}).setdefault(needle)
        self._automaton = ahocorasick.Automaton()
        for letters, group in by_letters.items():
            self._automaton.add_word(letters, (len(letters), tuple(group)))
        self._reach = 2 * max(map(len, by_letters), default=0) + _MAXIMUM_GAP
        self._empty = not by_letters
        if by_letters:
            self._automaton.make_automaton()

    def find(self, text: str) -> Iterator[Match]:
        """Every accepted hit in ``text``, overlapping ones included; those inside a word are grown to it."""
        if self._empty or not text:
            return
        found = self._search(text)
        if moved(text):
            found = self._shown(text, list(found))
        yield from found
        yield from self._decoded(text, decoding.views(text, self._reach), decoding.DEPTH)
        yield from self._in_blobs(text)

    def _shown(self, text: str, stored: Sequence[Match]) -> Iterator[Match]:
        """Hits in ``text`` as it is stored, and those that it holds only where controls move or take back letters."""
        yield from stored
        view = shown(text)
        known = {(match.owner, match.start) for match in stored}
        for match in self._search(view.text):
            start, end = view.source_span(match.start, match.end)
            if not any((match.owner, view.starts[at]) in known for at in range(match.start, match.end)):
                yield Match(start, end, match.owner, match.needle)

    def _search(self, text: str) -> Iterator[Match]:
        yield from self._hits(text, folded)
        if not text.isascii():
            if not _OTHER_READING.isdisjoint(text):
                yield from self._hits(text, other_reading)
            if not TWO_CASES.isdisjoint(text):
                yield from self._hits(text, drawn_reading)

    def _hits(self, text: str, fold: Callable[[str], str]) -> Iterator[Match]:
        pieces = [fold(text[at : at + _PIECE]) for at in range(0, len(text), _PIECE)]
        places = _Places(text, pieces)
        for last, (length, group) in self._automaton.iter("".join(pieces)):
            starts, first = places.of(last - length + 1, last + 1)
            for needle in group:
                match = _accepted(text, starts, first, first + length, needle)
                if match:
                    yield match
                    break

    def _decoded(self, text: str, views: Iterator[View], depth: int) -> Iterator[Match]:
        """Hits in decoded text that hold something decoded; the others are found without."""
        for view in views:
            for match in self._search(view.text):
                start, end = view.source_span(match.start, match.end)
                if text[start:end] != view.text[match.start : match.end]:
                    yield Match(start, end, match.owner, match.needle)
            if depth > 1:
                yield from self._decoded(text, decoding.deepened(view, self._reach), depth - 1)

    def _in_blobs(self, text: str, depth: int = decoding.DEPTH) -> Iterator[Match]:
        for blob in decoding.blobs(text):
            found: dict[int, Needle] = {}
            inner = self._search(blob.text)
            if blob.readable:
                inner = _chain(
                    inner,
                    self._decoded(blob.text, decoding.views(blob.text, self._reach), 1),
                    self._in_blobs(blob.text, depth - 1) if depth > 1 else iter(()),
                )
            for match in inner:
                if len(match.needle.letters) >= (_SHORTEST_IN_TEXT if blob.readable else DISTINCTIVE):
                    found.setdefault(match.owner, match.needle)
            for owner, needle in found.items():
                yield Match(blob.start, blob.end, owner, needle)


class _Places:
    """Where letters come from. That costs more than finding them, so it is asked only where there is something."""

    def __init__(self, text: str, pieces: Sequence[str]) -> None:
        self._text = text
        self._firsts = [0, *itertools.accumulate(map(len, pieces))]
        self._known: dict[int, list[int]] = {}

    def of(self, first: int, last: int) -> tuple[list[int], int]:
        """The offsets of the letters around [first, last), and which of them is that of the first."""
        low = bisect.bisect_right(self._firsts, first) - 1
        high = bisect.bisect_left(self._firsts, last)
        if high - low == 1:
            return self._piece(low), first - self._firsts[low]
        return [offset for piece in range(low, high) for offset in self._piece(piece)], first - self._firsts[low]

    def _piece(self, number: int) -> list[int]:
        if number not in self._known:
            at = number * _PIECE
            self._known[number] = [at + offset for offset in origins(self._text[at : at + _PIECE])]
        return self._known[number]


def _chain(*parts: Iterator[Match]) -> Iterator[Match]:
    for part in parts:
        yield from part


def _accepted(text: str, starts: list[int], first: int, last: int, needle: Needle) -> Match | None:
    start, end = starts[first], starts[last - 1] + 1
    if needle.cased and not text[start].isupper():
        return None
    if needle.upper and not _in_capitals(text[start:end]):
        return None
    if needle.typed and needle.weight < MINIMUM:
        return _as_typed(text, start, end, needle)
    if needle.joints and not needle.typed and _small_initial(text, starts, first, last, needle):
        return None
    cuts: list[int] = []
    if end - start != last - first and not _gaps_fit(text, starts, first, last, needle, cuts):
        return None
    while end < len(text) and is_mark(text[end]):
        end += 1
    left, right = _boundary_before(text, start), _boundary_after(text, end)
    if cuts and not (left and right):
        return None
    if not right and needle.typed and left:
        plural = _plural(text, end)
        end, right = (plural, True) if plural else (end, right)
    if not (left and right):
        if needle.typed and left and len(needle.letters) > MINIMUM and _in_host(text, start, end):
            return Match(start, _grown(text, start, end)[1], needle.owner, needle)
        if not needle.inside or not _LINE_ENDS.isdisjoint(text[start:end]):
            return None
        # "Fairweather, J" is no part of "Fairweather, January": an initial stands alone.
        if needle.joints and (
            (not left and min(needle.joints) < MINIMUM)
            or (not right and len(needle.letters) - max(needle.joints) < MINIMUM)
        ):
            return None
        low, high = _grown(text, start, end)
        if not needle.typed and len(needle.letters) < INSIDE_WORDS and squeeze(text[low:high]) in ENGLISH:
            return None
        start, end = low, high
    return Match(start, end, needle.owner, needle, tuple(cuts))


def _small_initial(text: str, starts: list[int], first: int, last: int, needle: Needle) -> bool:
    """An article where an initial is due: beside a capital, "a" abbreviates nothing ("Fairweather, a …")."""
    length = len(needle.letters)
    if max(needle.joints) == length - 1:
        return text[starts[first]].isupper() and text[starts[last - 1]].islower()
    return min(needle.joints) == 1 and text[starts[first]].islower() and text[starts[first + 1]].isupper()


def _in_capitals(found: str) -> bool:
    """All capitals; of more than three letters one may be small ("BoE" is "BOE", "PhD" is not searched for)."""
    small = sum(character.islower() for character in found)
    return found[0].isupper() and small <= (1 if len(found) > 2 else 0)


def _as_typed(text: str, start: int, end: int, needle: Needle) -> Match | None:
    """Initials and the like: as they were typed, capitals included, and alone."""
    if text[start:end] != needle.text.strip():
        return None
    alone = (start == 0 or not text[start - 1].isalnum()) and (end == len(text) or not text[end].isalnum())
    return Match(start, end, needle.owner, needle) if alone else None


def _plural(text: str, end: int) -> int:
    """Where the plural or the genitive of the word that ends at ``end`` ends; 0 when it is something else."""
    for ending in ("s", "S", "es", "ES"):
        if text.startswith(ending, end) and _boundary_after(text, end + len(ending)):
            return end + len(ending)
    return 0


def _gaps_fit(text: str, starts: list[int], first: int, last: int, needle: Needle, cuts: list[int]) -> bool:
    """What stands between the letters is what may stand there. Offsets after a line end in a word go to ``cuts``."""
    apart = blanks = 0
    distinctive = needle.distinctive
    for index in range(first, last - 1):
        low, high = starts[index] + 1, starts[index + 1]
        if low >= high:
            continue
        gap = text[low:high]
        if all(map(invisible, gap)):
            continue
        gap = "".join(character for character in gap if not invisible(character) or character in HYPHENS)
        if len(gap) > _MAXIMUM_GAP and not _near_lines(gap):
            return False
        place = index + 1 - first
        if place in needle.joints:
            if not _JOINTS.issuperset(gap):
                return False
        elif needle.letters[place - 1].isdigit() or needle.letters[place].isdigit():
            if len(needle.letters) < _LONG_NUMBER or not (_NUMBER_GAPS | _LINE_ENDS).issuperset(gap):
                return False
        elif _broken_line(gap):
            cuts.append(high)
        elif gap[0] in _LINE_ENDS and _LINE_STARTS.issuperset(gap):
            if not distinctive or cuts or not _cut_by_line_end(text[starts[first]], needle, place):
                return False
            cuts.append(high)
        elif (gap[0] in HYPHENS and HYPHENS.issuperset(gap)) or _two_capitals(text, starts[first], high, gap, needle):
            continue
        elif _BLANKS.issuperset(gap):
            blanks += 1
            apart += 1
        elif _WORD_SIGNS.issuperset(gap):
            apart += 1
        else:
            return False
    # Letters set apart ("F a i r w e a t h e r") are set apart throughout; one blank alone makes two words.
    throughout = apart >= len(needle.letters) - 1 - len(needle.joints)
    return apart == 0 or throughout or (distinctive and not blanks)


def _cut_by_line_end(first: str, needle: Needle, place: int) -> bool:
    """A word cut by a line end alone: not two common words in small letters that happen to stand so."""
    halves = needle.letters[:place], needle.letters[place:]
    return needle.typed or first.isupper() or not ENGLISH.issuperset(halves)


def _two_capitals(text: str, start: int, second: int, gap: str, needle: Needle) -> bool:
    """ "Blue Bird" for Bluebird: two words, both with a capital. For what a person typed alone."""
    capitals = text[start].isupper() and text[second].isupper() and text[second - 2].islower()
    return needle.typed and len(needle.letters) >= INSIDE_WORDS and gap in (" ", "\u00a0") and capitals


def _broken_line(gap: str) -> bool:
    return not HYPHENS.isdisjoint(gap) and not _LINE_ENDS.isdisjoint(gap) and _LINE_STARTS.issuperset(gap)


def _near_lines(gap: str) -> bool:
    """A line end or two, and how the next line begins: indented, quoted, as a comment."""
    ends = sum(character in _LINE_ENDS and character != "\r" for character in gap)
    return 0 < ends <= _MOST_LINE_ENDS and len(gap) <= _MAXIMUM_INDENT


def _syllabic(character: str) -> bool:
    """True for scripts that set no blanks between words and say much with one character."""
    code = ord(character)
    return 0x2E80 <= code <= 0xA4CF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x3FFFF


def _boundary_before(text: str, start: int) -> bool:
    index = start - 1
    while index >= 0 and invisible(text[index]):
        index -= 1
    if index < 0:
        return True
    before, first = text[index], text[start]
    if first.isdigit():
        return not before.isdigit()
    return not before.isalpha() or (before.islower() and first.isupper()) or _syllabic(first)


def _boundary_after(text: str, end: int) -> bool:
    index = end
    while index < len(text) and invisible(text[index]):
        index += 1
    if index >= len(text):
        return True
    while invisible(text[end - 1]):
        end -= 1
    last, after = text[end - 1], text[index]
    if last.isdigit():
        return not after.isdigit()
    return not after.isalpha() or (last.islower() and after.isupper()) or _syllabic(last)


def _in_host(text: str, start: int, end: int) -> bool:
    """True inside an address or the name of a host: there words are joined without a sign ("acmecorp.example")."""
    low, high = start, end
    while low > 0 and start - low < _LONGEST_HOST and (text[low - 1].isalnum() or text[low - 1] in "-_.@:/"):
        low -= 1
    while high < len(text) and high - end < _LONGEST_HOST and (text[high].isalnum() or text[high] in "-_.@"):
        high += 1
    return bool(_HOST_SIGNS.search(text, low, high))


def _grown(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1].isalpha():
        start -= 1
    while end < len(text) and text[end].isalpha():
        end += 1
    return start, end


def needle_length(text: str) -> int:
    """How many letters and digits ``text`` has: what the limits of this module count."""
    return len(squeeze(text))
