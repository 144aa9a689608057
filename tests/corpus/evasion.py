"""Edits that a reader does not see and a program trips over, placed inside the mentions of a gold text.

The four classes are those of Boucher, Shumailov, Anderson and Papernot, "Bad Characters: Imperceptible NLP Attacks"
(IEEE Symposium on Security and Privacy, 2022): invisible characters, homoglyphs, reorderings by bidirectional
controls, and characters that a control deletes again. The gold is carried along: a span of the result covers the
edited mention, controls included.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final, Literal

Kind = Literal["invisible", "homoglyph", "reordering", "deletion"]
KINDS: Final[tuple[Kind, ...]] = ("invisible", "homoglyph", "reordering", "deletion")

Mark = tuple[int, int, str]
Edit = tuple[int, int, str]  # characters [start, end) are replaced by this

INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u2062"
# Latin letters and the Cyrillic, Greek and Armenian ones that are drawn alike; digits as mathematical ones.
HOMOGLYPHS: Final = {
    "a": "аɑ", "c": "сϲ", "d": "ԁ", "e": "е", "g": "ɡ", "h": "һ", "i": "і", "j": "ј", "l": "ӏ", "n": "ո", "o": "оοօ",
    "p": "рρ", "q": "ԛ", "s": "ѕ", "u": "ս", "v": "ν", "w": "ԝ", "x": "х", "y": "у",
    "A": "АΑ", "B": "ВΒ", "C": "СϹ", "E": "ЕΕ", "H": "НΗ", "I": "ІΙ", "J": "Ј", "K": "КΚ", "M": "МΜ", "N": "Ν",
    "O": "ОΟ", "P": "РΡ", "S": "Ѕ", "T": "ТΤ", "X": "ХΧ", "Y": "ҮΥ", "Z": "Ζ",
    **{str(digit): chr(0x1D7F6 + digit) for digit in range(10)},
}  # fmt: skip
_LRO, _RLO, _PDF, _LRI, _PDI = "\u202d", "\u202e", "\u202c", "\u2066", "\u2069"
DELETING: Final = "\b\x7f"


def perturbed(
    text: str, spans: Sequence[Mark], kind: Kind, edits: int, rng: random.Random
) -> tuple[str, tuple[Mark, ...]]:
    """``text`` with ``edits`` edits of one class inside each mention, and the spans of the result.

    ``spans`` are ``(start, end, label)`` in characters, sorted and without overlap, else ``ValueError``. A mention
    gets fewer edits, or none, where there is no room: a single character, letters without a homoglyph, pairs that
    cannot be swapped (same letters, right-to-left script). Nothing outside a mention changes.
    """
    make = _MAKERS[kind]
    pieces: list[str] = []
    moved: list[Mark] = []
    at = length = 0
    for start, end, label in spans:
        if not at <= start < end <= len(text):
            raise ValueError("spans must be sorted, without overlap, and inside the text")
        mention = _edited(text[start:end], make(text[start:end], edits, rng))
        pieces += (text[at:start], mention)
        new_start = length + start - at
        length = new_start + len(mention)
        moved.append((new_start, length, label))
        at = end
    return "".join([*pieces, text[at:]]), tuple(moved)


def swapped(first: str, second: str) -> str:
    """Two characters stored in the other order, with controls that show them as ``first``, ``second``."""
    return f"{_LRO}{_LRI}{_RLO}{_LRI}{second}{_PDI}{_LRI}{first}{_PDI}{_PDF}{_PDI}{_PDF}"


def _edited(mention: str, edits: Sequence[Edit]) -> str:
    """The mention with its edits made, from the last to the first so that offsets stay true."""
    for start, end, new in sorted(edits, reverse=True):
        mention = mention[:start] + new + mention[end:]
    return mention


def _invisible(mention: str, edits: int, rng: random.Random) -> list[Edit]:
    return [(at, at, rng.choice(INVISIBLE)) for at in _gaps(mention, edits, rng)]


def _homoglyphs(mention: str, edits: int, rng: random.Random) -> list[Edit]:
    possible = [at for at, letter in enumerate(mention) if letter in HOMOGLYPHS]
    chosen = rng.sample(possible, min(edits, len(possible)))
    return [(at, at + 1, rng.choice(HOMOGLYPHS[mention[at]])) for at in chosen]


def _reorderings(mention: str, edits: int, rng: random.Random) -> list[Edit]:
    possible = [at for at in range(len(mention) - 1) if _swappable(mention[at], mention[at + 1])]
    rng.shuffle(possible)
    chosen: list[int] = []
    for at in possible:
        if len(chosen) < edits and all(abs(at - other) > 1 for other in chosen):
            chosen.append(at)
    return [(at, at + 2, swapped(mention[at], mention[at + 1])) for at in chosen]


def _deletions(mention: str, edits: int, rng: random.Random) -> list[Edit]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [(at, at, rng.choice(letters) + rng.choice(DELETING)) for at in _gaps(mention, edits, rng)]


def _gaps(mention: str, edits: int, rng: random.Random) -> list[int]:
    """Places between two characters of the mention; one place may be drawn twice."""
    return rng.choices(range(1, len(mention)), k=edits) if len(mention) > 1 else []


def _swappable(first: str, second: str) -> bool:
    return first != second and all(
        letter.isalnum() and unicodedata.bidirectional(letter) in {"L", "EN"} for letter in (first, second)
    )


_MAKERS: Final[dict[Kind, Callable[[str, int, random.Random], list[Edit]]]] = {
    "invisible": _invisible,
    "homoglyph": _homoglyphs,
    "reordering": _reorderings,
    "deletion": _deletions,
}
