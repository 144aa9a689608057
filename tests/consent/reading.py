"""How many years of school a text asks for, in the two languages of the notices.

English: the Flesch-Kincaid grade (Kincaid, Fishburne, Rogers and Chissom, 1975). German: the first Wiener
Sachtextformel (Bamberger and Vanecek, 1984), which answers in school grades, too. Both need syllables, counted as
groups of vowels: within a few per cent of a dictionary over a whole text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

NOT_PROSE = re.compile(r"https?://\S+|\S+@\S+|[*#]")
WORD = re.compile(r"[A-Za-zÄÖÜäöüß][A-Za-zÄÖÜäöüß'-]*")
END = re.compile(r"[.!?:]+(?:\s|$)")


@dataclass(frozen=True)
class Measure:
    """A readability measure: what it is called, how it counts, and the most that a notice may ask for."""

    name: str
    grade: Callable[[str], float]
    limit: float
    # One short section alone swings more than a whole text.
    section_limit: float


def words_and_sentences(text: str) -> tuple[list[str], int]:
    plain = NOT_PROSE.sub(" ", text)
    sentences = [part for part in END.split(plain) if WORD.search(part)]
    return WORD.findall(plain), len(sentences)


def english_syllables(word: str) -> int:
    """Groups of vowels, a silent e at the end aside."""
    groups = re.findall(r"[aeiouy]+", word.lower())
    silent = word.lower().endswith("e") and not word.lower().endswith("le") and len(groups) > 1
    return max(1, len(groups) - silent)


def german_syllables(word: str) -> int:
    """Diphthongs and long vowels count once, every other vowel by itself; no e is silent."""
    return max(1, len(re.findall(r"ie|ei|ai|au|eu|äu|aa|ee|oo|[aeiouyäöü]", word.lower())))


def flesch_kincaid(text: str) -> float:
    words, sentences = words_and_sentences(text)
    return 0.39 * len(words) / sentences + 11.8 * sum(map(english_syllables, words)) / len(words) - 15.59


def wiener_sachtextformel(text: str) -> float:
    words, sentences = words_and_sentences(text)
    counts = [german_syllables(word) for word in words]
    share = 100 / len(words)
    return (
        0.1935 * share * sum(count >= 3 for count in counts)
        + 0.1672 * len(words) / sentences
        + 0.1297 * share * sum(len(word) > 6 for word in words)
        - 0.0327 * share * counts.count(1)
        - 0.875
    )


MEASURES = {
    "en": Measure("Flesch-Kincaid grade", flesch_kincaid, limit=8, section_limit=9.5),
    "de": Measure("first Wiener Sachtextformel", wiener_sachtextformel, limit=8, section_limit=9.5),
}
