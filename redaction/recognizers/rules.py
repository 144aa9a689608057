"""How a rule of ours becomes a Presidio recognizer: a function that yields hits, wrapped once for all kinds.

Every rule keeps two promises. Its patterns repeat within stated bounds, so time grows with the length of the text and
not faster; and it looks at one piece of text alone, so that it can be tested by a table of texts and spans.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from presidio_analyzer import LocalRecognizer, RecognizerResult


@dataclass(frozen=True)
class Hit:
    """Characters [start, end) of the text are an identifier of this type, with this certainty (0 to 1)."""

    start: int
    end: int
    entity_type: str
    score: float


Find = Callable[[str], Iterable[Hit]]


class RuleRecognizer(LocalRecognizer):
    """A Presidio recognizer around one ``find`` function."""

    def __init__(self, name: str, entity_types: Sequence[str], find: Find) -> None:
        self._find = find
        self.name: str = name
        super().__init__(supported_entities=list(entity_types), name=name, supported_language="en")

    def load(self) -> None:
        """Nothing to load: rules are code."""

    def analyze(self, text: str, entities: Sequence[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:  # noqa: ARG002
        """The hits of the rule, as Presidio wants them."""
        return [
            RecognizerResult(
                hit.entity_type,
                hit.start,
                hit.end,
                hit.score,
                recognition_metadata={
                    RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                    RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
                },
            )
            for hit in self._find(text)
            if hit.entity_type in entities
        ]


def folded(text: str) -> str:
    """``text`` in small letters, such that whatever a pattern without regard to case takes for a letter is that letter:
    long s, the Kelvin sign, and I with and without its dot."""
    if text.isascii():
        return text.lower()
    return text.casefold().replace("\u0307", "").replace("\u0131", "i")


def lowered(text: str) -> str:
    """The same, each character in its place: for looking up where a word may stand before a pattern is tried there."""
    return text.lower() if text.isascii() else text.translate(_LETTERS).lower()


def places(small: str, heads: Iterable[str]) -> list[int]:
    """Where ``heads`` stand in a text of small letters, in order: to look words up is much faster than a pattern."""
    found: set[int] = set()
    for head in heads:
        at = small.find(head)
        while at >= 0:
            found.add(at)
            at = small.find(head, at + 1)
    return sorted(found)


def matches_at(pattern: re.Pattern[str], text: str, starts: Iterable[int]) -> Iterator[re.Match[str]]:
    """The matches of ``pattern`` that begin at ``starts`` (ascending); none overlaps the one before."""
    end = 0
    for start in starts:
        match = pattern.match(text, start) if start >= end else None
        if match:
            end = match.end()
            yield match


# Without these every character has one small letter; İ has two characters.
_LETTERS: Final = {0x0130: "i", 0x0131: "i", 0x017F: "s", 0x212A: "k"}


def trimmed(text: str, start: int, end: int, strip: str = " \t,;:.") -> tuple[int, int]:
    """The range without the characters of ``strip`` at its edges."""
    while start < end and text[start] in strip:
        start += 1
    while end > start and text[end - 1] in strip:
        end -= 1
    return start, end


def lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line with its offset, without its line end."""
    offset = 0
    for line in text.splitlines(keepends=True):
        yield offset, line.rstrip("\r\n")
        offset += len(line)
