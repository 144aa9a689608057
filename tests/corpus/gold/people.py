"""People: a given name, a family name, where the names come from, and what an employer hands out to a person."""

from __future__ import annotations

import random
import string
import unicodedata
from dataclasses import dataclass

from tests.corpus.gold.names import Part, Pool, pools, words

_ASCII = str.maketrans({"ł": "l", "ø": "o", "ı": "i", "đ": "d", "ß": "ss", "æ": "ae", "'": "", " ": ""})


@dataclass(frozen=True)
class Person:
    """One person. ``word``: the name is a common word of English as well."""

    given: str
    family: str
    group: str
    native: bool
    family_first: bool
    middle: str
    mailbox: str
    word: bool = False

    @property
    def full(self) -> str:
        """The whole name as it stands in running text."""
        return f"{self.family}{self.given}" if self.family_first else f"{self.given} {self.family}"


def person(rng: random.Random, part: Part) -> Person:
    """Draw somebody. Of the names of England and the United States one in five is a common word as well."""
    available = pools(part)
    pool = rng.choices(available, [pool.weight for pool in available])[0]
    given, family = rng.choice(pool.given), _family(rng, pool)
    word = pool.group in {"en_US", "en_GB"} and rng.random() < 0.2
    if word:
        first, last = words(part)
        given, family = (rng.choice(first), family) if rng.random() < 0.7 else (given, rng.choice(last))
    middle = "" if pool.native else rng.choice(string.ascii_uppercase.replace("Q", "").replace("X", ""))
    return Person(given, family, pool.group, pool.native, pool.family_first, middle, _mailbox(rng, given, family), word)


def _family(rng: random.Random, pool: Pool) -> str:
    family = rng.choice(pool.family)
    if pool.group == "es_MX" and rng.random() < 0.5:
        return f"{family} {rng.choice(pool.family)}"
    if pool.group in {"en_GB", "en_US", "de_DE", "fr_FR"} and rng.random() < 0.08:
        return f"{family}-{rng.choice(pool.family)}"
    return family


def _mailbox(rng: random.Random, given: str, family: str) -> str:
    """The local part of the person's address; somebody whose name has no Latin letters gets a number."""
    first, last = plain(given), plain(family)
    if not first or not last:
        return f"user{rng.randrange(100, 999)}"
    return rng.choice(
        (f"{first}.{last}", f"{first[0]}{last}", f"{first}_{last}", f"{first}{last[0]}", f"{last}.{first[0]}")
    )


def plain(name: str) -> str:
    """The name in lower-case ASCII letters and hyphens."""
    letters = unicodedata.normalize("NFKD", name.lower().translate(_ASCII))
    return "".join(letter for letter in letters if letter in string.ascii_lowercase)
