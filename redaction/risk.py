"""What is left around each person in the copies: reasons why somebody who knows a little might know who is meant.

A name that is gone does not make a person unknown. Position, age, place, date and a rare event, left beside a token,
add up (Sweeney, "Simple Demographics Often Identify People Uniquely", 2000; Morris et al., RAT-Bench,
arXiv 2602.12806). This counts them for each person's token, over all files together, so that review begins with those
of whom most is left. It promises nothing: nothing found is no proof that nothing is there.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from redaction import words as lists
from redaction.entities import Block
from redaction.recognizers import age, date
from redaction.words import words

REACH: Final = 160  # characters to each side, on the same line
REASONS: Final = ("position", "age", "date", "place", "event")

_TOKEN: Final = re.compile(r"\bPERSON_(\d{1,6})\b")
_WORD: Final = re.compile(r"[^\W\d_]+")
_POSITIONS: Final = words("positions")
_EVENTS: Final = tuple(sorted(words("events")))
_PLACE: Final = re.compile(
    r"\b(?:{})\b".format(
        "|".join(
            re.escape(line)
            for line in Path(lists.__file__).with_name("countries.txt").read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")
        )
    )
)


@dataclass(frozen=True)
class Risk:
    """What is left about one person: ``left`` counts, for each reason, the different places beside the token."""

    token: str
    mentions: int
    left: Mapping[str, int]

    @property
    def rank(self) -> tuple[int, int, int]:
        """Larger for whoever is easier to know again: kinds of reasons first, then how many, then mentions."""
        return len(self.left), sum(self.left.values()), self.mentions


def risks(files: Iterable[Sequence[Block]]) -> list[Risk]:
    """Every person of a submission, the one of whom most is left first.

    Args:
        files: for each file the text of its copy, as an independent reader sees it.
    """
    mentions: Counter[str] = Counter()
    left: dict[str, dict[str, set[tuple[int, int, int]]]] = defaultdict(lambda: defaultdict(set))
    blocks = enumerate(itertools.chain.from_iterable(files))
    for number, line in ((number, match) for number, block in blocks for match in re.finditer(r".+", block.text)):
        text = line.group()
        people = list(_TOKEN.finditer(text))
        if not people:
            continue
        found = [(*place, reason) for reason in REASONS for place in _FINDERS[reason](text)]
        for person in people:
            mentions[person.group()] += 1
            for start, end, reason in found:
                if start < person.end() + REACH and end > person.start() - REACH:
                    left[person.group()][reason].add((number, line.start() + start, end))
    listed = [
        Risk(token, count, {reason: len(left[token][reason]) for reason in REASONS if left[token][reason]})
        for token, count in mentions.items()
    ]
    return sorted(listed, key=lambda one: (*(-part for part in one.rank), one.token))


Place = tuple[int, int]


def _positions(text: str) -> Iterator[Place]:
    for match in _WORD.finditer(text):
        word = match.group().casefold()
        if word in _POSITIONS or word.removesuffix("s") in _POSITIONS:
            yield match.span()


def _events(text: str) -> Iterator[Place]:
    for match in _WORD.finditer(text):
        if match.group().casefold().startswith(_EVENTS):
            yield match.span()


def _ages(text: str) -> Iterator[Place]:
    return ((hit.start, hit.end) for hit in age.find(text))


def _dates(text: str) -> Iterator[Place]:
    return ((hit.start, hit.end) for hit in date.find(text))


def _places(text: str) -> Iterator[Place]:
    return (match.span() for match in _PLACE.finditer(text))


_FINDERS: Final = {"position": _positions, "age": _ages, "date": _dates, "place": _places, "event": _events}
