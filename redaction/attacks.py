"""Strings made to keep patterns busy, and the check that none of the recognizers in use takes the bait.

A pattern that may split a run of letters in many ways, or that starts anew at each of its characters, takes seconds for
ten thousand of them; whoever uploads such a line stops a worker. Each recognizer must read each string within
``LIMIT`` seconds of processor time, as the fastest of several tries (a neighbour can only make one slower).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

LENGTH: Final = 10_000
LIMIT: Final = 0.05
_TRIES: Final = 5
_PIECES: Final[Mapping[str, str]] = {
    "letters": "a",
    "capitals": "A",
    "digits": "1",
    "letters and dots": "a.",
    "digits and dots": "1.",
    "digits and blanks": "12 ",
    "digits and hyphens": "123-",
    "groups of four digits": "4111 ",
    "brackets and digits": "(1) ",
    "plus and digits": "+1 ",
    "letters and hyphens": "a-",
    "hexadecimal and colons": "ab:",
    "colons": ":",
    "at signs": "a@",
    "at and dots": "a.b@c.",
    "slashes": "a/",
    "addresses without an end": "http://a.",
    "blanks": " ",
    "blanks and line ends": " \n",
    "line ends": "\n",
    "quoting": "> ",
    "capitalised words": "Aaaa ",
    "capitalised words and commas": "Aaaa, ",
    "capitalised words and ampersands": "Aa & ",
    "initials": "A. ",
    "words": "aaaa ",
    "labels": "from: ",
    "labels with names": "From: Aaa Bbb, ",
    "greetings": "Dear Aaaa ",
    "closings": "Regards\n",
    "streets": "12 Aaaa Aaaa St ",
    "numbers before words": "1 Aaaa ",
    "house numbers and commas": "1, Aaaa, ",
    "keywords": "account number ",
    "keywords and signs": "account: #",
    "passwords": "password ",
    "assignments": "token=",
    "quotes": "\"'",
    "quoted digits": '"a1b2c3d4e5f6a7b8c9d0e1f2"',
    "base64": "QUJD",
    "keys": "-----BEGIN PRIVATE KEY-----",
    "underscores": "a_",
    "equals": "=",
    "angle brackets": "<",
    "addresses in brackets": "<a@",
    "wide letters": "ﬁ",
    "accents": "e\u0301",
    "Greek": "αβγ ",
    "IBANs": "DE00 ",
    "months": "1 Jan ",
    "born": "born ",
    "shares": "\\\\a",
    "handles": "@a.",
    "companies": "Aa Bb Co ",
}
# What comes after the run, so that a match must fail at its end.
_ENDS: Final = ("", "!", "@", "\n")


def strings() -> dict[str, str]:
    """Strings of ``LENGTH`` characters, by what they are."""
    named = {
        (piece * (LENGTH // len(piece) + 1))[: LENGTH - len(end)] + end: f"{name}{f' and {end!r}' if end else ''}"
        for name, piece in _PIECES.items()
        for end in _ENDS
    }
    return {name: text for text, name in named.items()}


def seconds(find: Callable[[str], object], text: str, limit: float = LIMIT) -> float:
    """The processor time of the fastest try; no more tries once one is within the limit."""
    fastest = float("inf")
    for _ in range(_TRIES):
        started = time.process_time()
        find(text)
        fastest = min(fastest, time.process_time() - started)
        if fastest <= limit:
            break
    return fastest


def slowest(find: Callable[[str], object]) -> tuple[str, float]:
    """The string that takes ``find`` the longest, and its processor time in seconds."""
    taken = {name: seconds(find, text) for name, text in strings().items()}
    worst = max(taken, key=taken.__getitem__)
    return worst, taken[worst]


def finders(recognizers: list[Any]) -> dict[str, Callable[[str], object]]:
    """Name → what a recognizer does with one text. The model's own is left out: it is no pattern."""
    return {
        one.name: lambda text, one=one: one.analyze(text, one.supported_entities, None)  # type: ignore[misc]
        for one in recognizers
        if one.name != "ner"
    }
