"""Pools of names: 25 locales of Faker, in Latin letters and in their own script, cut into two parts.

The part of a name follows from a digest of its folded spelling, so "Anna" lies in the same part whichever locale or
role (given, family) it comes from, and no name is in both.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tests.corpus.gold.romanised import (
    ARABIC_FAMILY,
    ARABIC_GIVEN,
    CHINESE_GIVEN,
    KOREAN_FAMILY,
    KOREAN_GIVEN,
    VIETNAMESE_FAMILY,
    romanised,
)

Part = Literal["dev", "test"]
PARTS: tuple[Part, ...] = ("dev", "test")

LATIN = (
    "en_US", "en_GB", "en_IN", "en_KE", "de_DE", "fr_FR", "es_MX", "pt_BR", "pl_PL", "tr_TR", "nl_NL", "cs_CZ", "vi_VN",
    "it_IT", "sv_SE", "hu_HU", "yo_NG", "id_ID",
)  # fmt: skip
OTHER_SCRIPTS = ("zh_CN", "ja_JP", "ko_KR", "ar_AA", "hi_IN", "ru_RU", "el_GR")
# English names make up about a third of a corpus of English texts; the others share the rest.
WEIGHTS = {"en_US": 9, "en_GB": 6, "en_IN": 3}

# Given and family names that a reader of English first takes for words.
WORDS_GIVEN = (
    "May", "Will", "Grace", "Mark", "Bill", "Rose", "Hope", "Faith", "Joy", "Dawn", "Summer", "Autumn", "Drew", "Chase",
    "Grant", "Frank", "Rich", "Art", "Pat", "Sue", "Rob", "Ivy", "Amber", "Crystal", "Ruby", "Pearl", "Daisy", "April",
    "June", "August", "Dean", "Miles", "Lance", "Victor", "Christian", "Guy", "Dale", "Cliff", "Heath", "Reed", "Gene",
    "Penny", "Ginger", "Olive", "Violet", "Iris", "Melody", "Charity", "Mercy", "Patience", "Jasmine", "Jack", "Nick",
    "Gail", "Carol", "Holly", "Jade", "Ray", "Wade",
)  # fmt: skip
WORDS_FAMILY = (
    "Baker", "Cook", "Young", "Long", "Short", "Brown", "White", "Black", "Green", "King", "Price", "Rice", "Field",
    "Woods", "Stone", "Banks", "Case", "Day", "Page", "Bond", "Cash", "Love", "Best", "Good", "Sharp", "Wise", "Strong",
    "Power", "Waters", "Rivers", "Hill", "Ford", "Bush", "Snow", "Winter", "Church", "Park", "Bird", "Fish", "Fox",
    "Lamb", "Bell", "Carpenter", "Fisher", "Hunter", "Mason", "Parker", "Porter", "Potter", "Singer", "Weaver",
    "Swift", "Read", "Major",
)  # fmt: skip


def folded(name: str) -> str:
    """The name without case and accents."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def part_of(name: str) -> Part:
    """The part that a name belongs to: that of its last word, so that "van Dijk" goes with "Dijk"."""
    last = folded(name).replace("'", "").split(" ")[-1]
    return PARTS[hashlib.sha256(last.encode()).digest()[0] % 2]


@dataclass(frozen=True)
class Pool:
    """The names of one origin, script and part. ``family_first``: written family name, then given name, unspaced."""

    group: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    native: bool = False
    family_first: bool = False

    @property
    def weight(self) -> int:
        return WEIGHTS.get(self.group, 1)


@functools.cache
def pools(part: Part) -> tuple[Pool, ...]:
    """Every pool of one part."""
    found = [_pool(part, locale, *_faker_names(locale)) for locale in LATIN]
    for locale in OTHER_SCRIPTS:
        given, family = _faker_names(locale)
        unspaced = locale in {"zh_CN", "ja_JP", "ko_KR"}
        found.append(_pool(part, f"{locale}/native", given, family, native=True, family_first=unspaced))
        if locale != "hi_IN":  # the Latin spellings of Indian names are those of en_IN
            found.append(_pool(part, f"{locale}/latin", *_latin_names(locale, given, family)))
    return tuple(found)


@functools.cache
def words(part: Part) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Given and family names of one part that are words too."""
    return _of(part, WORDS_GIVEN), _of(part, WORDS_FAMILY)


def _of(part: Part, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if part_of(name) == part}))


def _pool(
    part: Part,
    group: str,
    given: Iterable[str],
    family: Iterable[str],
    *,
    native: bool = False,
    family_first: bool = False,
) -> Pool:
    return Pool(group, _of(part, given), _of(part, family), native, family_first)


def _faker_names(locale: str) -> tuple[list[str], list[str]]:
    """Given names (of one word) and family names of a locale, as Faker's provider lists them."""
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    given = [*provider.first_names_male, *provider.first_names_female]
    lists = ("last_names_male", "last_names_female", "unisex_last_names", "last_names")
    family = next(list(getattr(provider, name)) for name in lists if getattr(provider, name, None))
    if locale == "vi_VN":
        family += VIETNAMESE_FAMILY
    apart = [name for name in given if " " not in name and not set("'.()") & set(name)]
    return apart, [name for name in family if not set(".()") & set(name)]


def _latin_names(locale: str, given: Iterable[str], family: Iterable[str]) -> tuple[Iterable[str], Iterable[str]]:
    if locale == "ko_KR":
        return KOREAN_GIVEN, KOREAN_FAMILY
    if locale == "ar_AA":
        return ARABIC_GIVEN, ARABIC_FAMILY
    if locale in {"ru_RU", "el_GR"}:
        return [romanised(name) for name in given], [romanised(name) for name in family]
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    more = CHINESE_GIVEN if locale == "zh_CN" else ()
    return [*provider.first_romanized_names, *more], list(provider.last_romanized_names)
