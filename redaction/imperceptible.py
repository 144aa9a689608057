"""Signs that a reader does not see: how many a text has, and copies without them.

A copy holds no format characters (Unicode's category Cf: zero widths, soft hyphens, controls of direction, tags) but
the joiner inside of an emoji. Where controls of direction move letters, the copy has them where they are seen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from redaction import bidi
from redaction.entities import Replacement
from redaction.view import latin, of_another_script, shown

_JOINER: Final = "\u200d"
_JOINERS: Final = frozenset({_JOINER, "\u200c"})  # of letters, in scripts that need them
_TAKING_BACK: Final = "\b\x7f"
_SOFT_HYPHEN: Final = "\u00ad"
_SELECTOR: Final = "\ufe0f"
_ARROWS: Final = "\u2194\u2195"  # the only parts of an emoji that are mathematical signs
_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_DIRECTIONS: Final = re.compile(f"[{bidi.CONTROLS}\u200e\u200f\u061c]")
_OPENING: Final = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
_FEWEST: Final = 1000


def density(texts: Sequence[str]) -> float:
    """Suspicious signs in 1,000 characters of ``texts``; a shorter text counts as one of 1,000."""
    return 1000 * sum(map(suspicious, texts)) / max(_FEWEST, sum(map(len, texts)))


def suspicious(text: str) -> int:
    """How many characters of ``text`` a reader does not see, or takes for Latin letters which they are not.

    Soft hyphens, joiners of scripts that need them and of emoji, and directions beside letters that run to the left
    are what honest programs write: none of these counts.
    """
    if text.isascii():
        return sum(map(text.count, _TAKING_BACK))
    directed = bool(_RIGHT_TO_LEFT.search(text))
    odd = {one for one in set(text) if one in _TAKING_BACK or unicodedata.category(one) == "Cf"} - {_SOFT_HYPHEN}
    unseen = sum(
        text[at] in odd
        and not (text[at] in _JOINERS and _needed(text, at))
        and not (directed and _DIRECTIONS.match(text[at]))
        for at in range(len(text))
    )
    lookalikes = sum(
        character != read and of_another_script(character) for character, read in zip(text, latin(text), strict=True)
    )
    return unseen + lookalikes


def cleaned(text: str, replaced: Sequence[Replacement] = ()) -> tuple[Replacement, ...]:
    """``replaced`` (sorted, disjoint, of ``text``), and beside them what takes the format characters out."""
    formats = "" if text.isascii() else "".join(one for one in set(text) if unicodedata.category(one) == "Cf")
    if not formats:
        return tuple(replaced)
    pattern = re.compile(f"[{re.escape(formats)}]+")
    out: list[Replacement] = []
    at = 0
    for one in (*replaced, Replacement(len(text), len(text), "")):
        out += _between(text, at, one.start, pattern)
        out.append(one)
        at = one.end
    return tuple(out[:-1])


def _between(text: str, start: int, end: int, pattern: re.Pattern[str]) -> Iterator[Replacement]:
    """What takes the format characters out of [start, end) of ``text``."""
    at = start
    for low, high in _moved(text, start, end):
        yield from _dropped(text, at, low, pattern)
        yield Replacement(low, high, pattern.sub("", "".join(shown(text[low:high]).text)))
        at = high
    yield from _dropped(text, at, end, pattern)


def _dropped(text: str, start: int, end: int, pattern: re.Pattern[str]) -> Iterator[Replacement]:
    for match in pattern.finditer(text, start, end):
        if not (match.group() == _JOINER and _in_emoji(text, match.start())):
            yield Replacement(match.start(), match.end(), "")


def _moved(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Stretches from an outermost control of direction to its end, without letters that run to the left themselves."""
    depth, low = 0, start
    for match in _DIRECTIONS.finditer(text, start, end):
        if match.group() in _OPENING:
            low = low if depth else match.start()
            depth += 1
        elif match.group() in "\u202c\u2069" and depth:
            depth -= 1
            if not depth and not _RIGHT_TO_LEFT.search(text, low, match.end()):
                yield low, match.end()


def _needed(text: str, at: int) -> bool:
    """A joiner between letters of a script that is not Latin, or inside of an emoji."""
    return (at > 0 and of_another_script(text[at - 1])) or _in_emoji(text, at)


def _in_emoji(text: str, at: int) -> bool:
    before = at - 1
    while before > 0 and (text[before] == _SELECTOR or "\U0001f3fb" <= text[before] <= "\U0001f3ff"):
        before -= 1
    return before >= 0 and at + 1 < len(text) and _pictured(text[before]) and _pictured(text[at + 1])


def _pictured(character: str) -> bool:
    return unicodedata.category(character) == "So" or character in _ARROWS
