"""How people's names are written: words, particles, titles, order, and which capitalised words are no names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from redaction.view import squeeze
from redaction.words import words

WORD: Final = r"[^\W\d_](?:[^\W\d_]|['’.-](?=[^\W\d_])){0,30}\.?"
PARTICLES: Final = words("particles")
TITLES: Final = words("titles")
# Capitalised words of mails, memos, tables and calendars which no name consists of. A word that is also a given name
# or a surname (May, Mark, Grace …) is not listed: there the text around it decides.
FURNITURE: Final = words("furniture")
# Words which are names of people and words of English: as part of a known name they count only where it stands whole.
AMBIGUOUS: Final = words("ambiguous")

# Common words of English, none of them a name; a capital alone makes none of them one.
ENGLISH: Final = words("english")

# Of the United States census: given names, and the 20,000 most frequent surnames.
GIVEN: Final = words("given_names")
SURNAMES: Final = words("surnames")
# Those of them which are words of English beside AMBIGUOUS and ENGLISH.
NAME_WORDS: Final = words("name_words")
BYNAMES: Final = words("bynames")
# Nationalities, peoples, faiths and planets: no name of one person.
NOT_PEOPLE: Final = words("not_people")

# What programs write where an author, a company or a user is due.
GENERIC: Final = words("generic_values")

_SPLIT: Final = re.compile(r"[\s\u00a0]+")
_SUFFIXES: Final = frozenset(
    {"jr", "sr", "ii", "iii", "iv", "phd", "mba", "md", "esq", "cpa", "bsc", "msc", "obe", "mbe"}
)


@dataclass(frozen=True)
class PersonName:
    """A name in squeezed words. ``given`` may be initials; ``surname`` includes its particles as one string.

    ``given`` empty: a single word of which nobody can say which half it is.
    """

    given: tuple[str, ...]
    surname: str

    @property
    def full(self) -> bool:
        """True when a given name of more than one letter and a surname are known."""
        return bool(self.given) and len(self.given[0]) > 1

    @property
    def abbreviated(self) -> bool:
        """True for "J. Fairweather"."""
        return bool(self.given) and len(self.given[0]) == 1


def parse(text: str) -> PersonName | None:
    """Read ``text`` as a name: titles, suffixes and possessives away, "Last, First" turned round; None when no name."""
    text = re.sub(r"['’`´]s?\s*$", "", text.strip(' \t\r\n.,;:()[]<>"“”*_|')).strip()
    head, comma, tail = text.partition(",")
    if comma and squeeze(tail) and squeeze(tail) not in _SUFFIXES:
        return _from_words([*_words(tail), *_words(head)], surname_words=len(_words(head)))
    return _from_words(_words(head), surname_words=0)


def _words(text: str) -> list[str]:
    words = [word for word in _SPLIT.split(text.replace("_", " ")) if squeeze(word)]
    while words and words[0].casefold().rstrip(".") in TITLES and len(words) > 1:
        words = words[1:]
    while words and squeeze(words[-1]) in _SUFFIXES and len(words) > 1:
        words = words[:-1]
    return _split_initials(words)


def _split_initials(words: list[str]) -> list[str]:
    """ "J.R. Fairweather" has two initials; "JR" in capitals may be two as well, but stays one word."""
    out: list[str] = []
    for word in words:
        parts = [part for part in word.split(".") if squeeze(part)]
        out.extend(parts if len(parts) > 1 and all(len(part) == 1 for part in parts) else [word])
    return out


def _from_words(words: list[str], surname_words: int) -> PersonName | None:
    folded = [squeeze(word) for word in words]
    if not folded or any(any(character.isdigit() for character in word) for word in folded):
        return None
    if len(folded) == 1:
        return PersonName((), folded[0])
    if not surname_words:
        # "Fairweather J": the initial stands last.
        if len(folded) == 2 and len(folded[1]) == 1 and len(folded[0]) > 1:
            return PersonName((folded[1],), folded[0])
        surname_words = 1
        while surname_words < len(folded) - 1 and words[-surname_words - 1].casefold() in PARTICLES:
            surname_words += 1
    return PersonName(tuple(folded[:-surname_words]), "".join(folded[-surname_words:]))


def ordinary(text: str) -> bool:
    """True when all words of ``text`` are common English or words of forms: capitals alone do not make a name."""
    return all(letters in ENGLISH or letters in FURNITURE for word in _SPLIT.split(text) if (letters := squeeze(word)))


def generic(value: str) -> bool:
    """True for a property value that names nobody: "User", "Administrator", the name of a program."""
    return not squeeze(value) or re.sub(r"\d+$", "", squeeze(value)) in GENERIC


_NAME_WORD: Final = re.compile(WORD)


def looks_like_name(text: str, *, single: bool = True, announced: bool = False) -> bool:
    """True when ``text`` may be a person's name: one to five capitalised words (particles aside), none of furniture.

    ``announced``: it stands where a name is due ("From: …"), so one word of furniture may be part of it.
    """
    words = [word for word in _SPLIT.split(text.strip()) if word]
    if not (1 if single else 2) <= len(words) <= 5:
        return False
    bare = [word.strip(",").rstrip(".").casefold() for word in words]
    core = [word for word, folded in zip(words, bare, strict=True) if folded not in PARTICLES and folded not in TITLES]
    if not core or ordinary(" ".join(core)):
        return False
    if not announced and any(squeeze(word) in FURNITURE and len(word.rstrip(".")) > 1 for word in core):
        return False
    if len(core) == 1 and (len(squeeze(core[0])) < 2 or (core[0].isupper() and len(core[0]) <= 4)):
        return False
    # Scripts without capitals have none to ask for.
    return all(not word[0].islower() and _NAME_WORD.fullmatch(word.strip(",")) for word in core)
