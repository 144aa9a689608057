"""Other ways to write a term that must not leave, and ways to write an entity that a person may confirm.

A slug, CamelCase, a label of a domain and an address need no variant: the matcher compares letters, and what stands
between words may be any sign or none. What is left are the forms that have other letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from redaction.names import AMBIGUOUS, ENGLISH, FURNITURE, PARTICLES
from redaction.recognizers.company import SUFFIX
from redaction.view import squeeze
from redaction.words import words

JARGON: Final = words("jargon")
LEGAL: Final = re.compile(rf",? {SUFFIX}\b\.?(?: (?:& Co\. KG|KG|Ltd))?$|^[Tt]he ")
_SMALL: Final = PARTICLES | frozenset(
    {"of", "the", "and", "for", "in", "on", "und", "et", "y", "e", "der", "des", "für"}
)
_DOMAIN: Final = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}://)?(?:[\w-]{1,63}\.){0,5}?([\w-]{2,63})\.([a-z]{2,24})(?:/\S*)?", re.IGNORECASE
)
_SHORTEST_LABEL: Final = 6
_SHORTEST_NAME: Final = 4
_SHORTEST_ACRONYM: Final = 3


@dataclass(frozen=True)
class Variant:
    """One form. ``cased`` and ``upper`` as in ``matching.Needle``."""

    text: str
    rule: str
    cased: bool = False
    upper: bool = False


def of_term(term: str) -> Iterator[Variant]:
    """The forms under which a deny term is looked for besides its own."""
    short = without_legal_form(term)
    if short != term.strip() and len(squeeze(short)) >= _SHORTEST_NAME:
        yield Variant(short, "legal-form", cased=common(short))
    for acronym in acronyms(short):
        yield Variant(acronym, "acronym", upper=True)
    domain = _DOMAIN.fullmatch(term.strip())
    if domain and len(squeeze(domain.group(1))) >= _SHORTEST_LABEL and not common(domain.group(1)):
        yield Variant(domain.group(1), "domain")


def without_legal_form(name: str) -> str:
    """ "The Hollis Logistics GmbH & Co. KG" without article and legal form."""
    return LEGAL.sub("", LEGAL.sub("", name.strip()))


def acronyms(name: str) -> list[str]:
    """The first letters of the words of ``name``, with and without its small words; none that is a word itself."""
    parts = [part for part in re.split(r"[\s_/&-]+", name) if part[:1].isalpha()]
    if len(parts) < 2 or not any(part[0].isupper() for part in parts):
        return []
    large = [part for part in parts if part.casefold() not in _SMALL]
    made = ["".join(part[0] for part in chosen).upper() for chosen in (large, parts)]
    return [
        acronym
        for acronym in dict.fromkeys(made)
        if len(acronym) >= _SHORTEST_ACRONYM and acronym.isalpha() and not common(acronym)
    ]


def plural(name: str) -> str:
    """ "Hollis Logistic" → "Hollis Logistics"; "Acme" → "Acmes"."""
    return name + ("es" if name.endswith(("s", "x", "ch", "sh")) else "s")


def common(text: str) -> bool:
    """True for words of English, of forms and of business: small letters do not make a name of them."""
    letters = squeeze(text)
    return any(letters in known for known in (ENGLISH, FURNITURE, JARGON, AMBIGUOUS))
