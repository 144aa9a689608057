"""People of one submission: which mentions are the same person, and how else that person may be written.

Rules, in this order:
- whole names first: same surname and same given name are one person; a name that holds all words of another one, the
  first included, is the same person with a middle or second surname;
- then "J. Fairweather": the one person of that surname whose given name starts so;
- then single words: the one person of that surname, else the one of that given name;
- then e-mail local parts and handles; one that reads "first.last" makes a person by itself.
Where two people could be meant, the mention is masked under a token of its own: attribution may wait, masking never.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from redaction.names import AMBIGUOUS, ENGLISH, FURNITURE, NAME_WORDS, PARTICLES, PersonName, parse
from redaction.view import squeeze
from redaction.words import words

# Mailboxes of functions, not of people.
ROLES: Final = words("roles")
_LOCAL_WORDS: Final = re.compile(r"[^\W\d_]+")
_HYPHEN: Final = re.compile("[-\u2010\u2011]")
_SHORTEST_HALF: Final = 4
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


class Part(enum.Enum):
    """Which part of a name a spelling is."""

    WHOLE = "whole"
    SURNAME = "surname"
    GIVEN = "given"
    SEEN = "seen"  # one word, found as a name by itself


@dataclass
class Person:
    """One person, or one name that nobody could be matched with. ``seen`` are spellings found in the files."""

    names: list[PersonName] = field(default_factory=list)
    seen: dict[str, None] = field(default_factory=dict)
    shared: bool = False

    @property
    def givens(self) -> set[str]:
        """Given names, initials left out."""
        return {name.given[0] for name in self.names if name.full}

    @property
    def surnames(self) -> set[str]:
        """Surnames, of whole and of abbreviated names."""
        return {name.surname for name in self.names if name.given}

    def letters(self) -> list[tuple[str, ...]]:
        """The words of each whole name, in order."""
        return [(*name.given, name.surname) for name in self.names if name.full]


class People:
    """Collects mentions, then answers which person a spelling belongs to."""

    def __init__(self) -> None:
        self.people: list[Person] = []
        self._by_surname: dict[str, list[int]] = {}
        self._by_given: dict[str, list[int]] = {}
        self._by_word: dict[str, int] = {}  # of people known by one word alone
        self._by_mailbox: dict[str, list[int]] = {}
        self._parsed: dict[str, PersonName | None] = {}
        self._asked: dict[str, int | None] = {}  # what ``of`` said since somebody was added: each mention asks

    def add_all(self, spellings: Iterable[str], locals_: Iterable[str]) -> None:
        """Sort ``spellings`` (found as names) and ``locals_`` (e-mail local parts, handles) to people."""
        parsed = [(text, name) for text in dict.fromkeys(spellings) if (name := self._parse(text))]
        for text, name in parsed:
            if name.full:
                self._note(self._whole(name), text, name)
        mailboxes = list(dict.fromkeys(locals_))
        for local in mailboxes:
            if self.of_local(local) is None and (made := name_of_local(local)):
                self._note(self._whole(made), local, made)
        for text, name in parsed:
            if name.abbreviated:
                self._note(self._abbreviated(name), text, name)
        for text, name in parsed:
            if not name.given:
                self._note(self._single(name.surname), text, name)
        for local in mailboxes:
            owner = self.of_local(local)
            if owner is not None:
                self.people[owner].seen.setdefault(local)

    def of(self, text: str) -> int | None:
        """The person a spelling belongs to; None when ``text`` is no name."""
        if text not in self._asked:
            self._asked[text] = self._of(text)
        return self._asked[text]

    def _parse(self, text: str) -> PersonName | None:
        if text not in self._parsed:
            self._parsed[text] = parse(text)
        return self._parsed[text]

    def _of(self, text: str) -> int | None:
        name = self._parse(text)
        if name is None:
            return None
        if name.full:
            return self._find_whole(name)
        return self._candidates(name) if name.given else self._find_single(name.surname)

    def of_local(self, local: str) -> int | None:
        """The person whose mailbox ``local`` may be: exactly one fits one of the usual patterns."""
        letters = squeeze(re.sub(r"\d+", "", local))
        words = [squeeze(word) for word in _LOCAL_WORDS.findall(local)]
        if not letters or any(word in ROLES for word in words):
            return None
        fitting = self._by_mailbox.get(letters, [])
        if len(fitting) == 1:
            return fitting[0]
        if len(words) == 1 and not fitting:
            one = self._unique(self._by_surname, letters)
            return self._unique(self._by_given, letters) if one is None else one
        return None

    def _note(self, index: int, text: str, name: PersonName) -> None:
        self._asked.clear()
        person = self.people[index]
        person.seen.setdefault(text)
        if name not in person.names:
            person.names.append(name)
        if name.given:
            _join(self._by_surname, name.surname, index)
        else:
            self._by_word.setdefault(name.surname, index)
        if name.full:
            _join(self._by_given, name.given[0], index)
            for mailbox in _mailboxes((*name.given, name.surname)):
                _join(self._by_mailbox, mailbox, index)

    def _new(self, *, shared: bool = False) -> int:
        self._asked.clear()
        self.people.append(Person(shared=shared))
        return len(self.people) - 1

    def _whole(self, name: PersonName) -> int:
        found = self._find_whole(name)
        return self._new() if found is None else found

    def _find_whole(self, name: PersonName) -> int | None:
        words = (*name.given, name.surname)
        near = [*self._by_surname.get(name.surname, []), *self._by_given.get(name.given[0], [])]
        for index in dict.fromkeys(near):
            if any(_same(words, known) for known in self.people[index].letters()):
                return index
        # "Okafor Tom": the family name stands first.
        if len(words) == 2:
            for other in self._by_surname.get(name.given[0], ()):
                if name.surname in self.people[other].givens:
                    return other
        return None

    def _abbreviated(self, name: PersonName) -> int:
        found = self._candidates(name)
        return self._new() if found is None else found

    def _candidates(self, name: PersonName) -> int | None:
        owners: list[int] = self._by_surname.get(name.surname, [])
        exact = [index for index in owners if any(name == other for other in self.people[index].names)]
        fitting = [
            index for index in owners if any(given.startswith(name.given[0]) for given in self.people[index].givens)
        ]
        if len(fitting) == 1:
            return fitting[0]
        return exact[0] if exact else None

    def _single(self, word: str) -> int:
        found = self._find_single(word)
        if found is not None:
            return found
        ambiguous = len(self._by_surname.get(word, ())) + len(self._by_given.get(word, ())) > 1
        return self._new(shared=ambiguous)

    def _find_single(self, word: str) -> int | None:
        if word in self._by_word:
            return self._by_word[word]
        for table in (self._by_surname, self._by_given):
            owners = [index for index in table.get(word, ()) if not self.people[index].shared]
            if len(owners) == 1:
                return owners[0]
            if owners:
                return None
        return None

    def _unique(self, table: dict[str, list[int]], word: str) -> int | None:
        owners = table.get(word, [])
        return owners[0] if len(owners) == 1 else None

    def spellings(self) -> Iterator[tuple[int, str, Part]]:
        """(person, spelling, part of the name) for every way to write each of them.

        A word that two people share is given for neither: it has, or gets, an entity of its own (``shared_words``).
        """
        for index, person in enumerate(self.people):
            for text in person.seen:
                single = len(text.split()) == 1 and not re.search(r"[._-]", text)
                yield index, text, Part.SEEN if single else Part.WHOLE
                yield from ((index, half, Part.SURNAME) for half in self._halves(text))
            for name in person.names:
                yield from ((index, text, part) for text, part in self._written(name))

    def _written(self, name: PersonName) -> Iterator[tuple[str, Part]]:
        if not name.given:
            yield name.surname, Part.SEEN
            return
        given = name.given[0]
        yield f"{given[0]} {name.surname}", Part.WHOLE
        yield f"{name.surname} {given[0]}", Part.WHOLE
        if len(self._by_surname.get(name.surname, ())) == 1 and name.surname not in self._by_given:
            yield name.surname, Part.SURNAME
        if name.full:
            yield f"{given} {name.surname}", Part.WHOLE
            yield " ".join((*name.given, name.surname)), Part.WHOLE
            yield f"{name.surname} {' '.join(name.given)}", Part.WHOLE
            yield f"{name.surname} {given}", Part.WHOLE
            if len(self._by_given.get(given, ())) == 1 and given not in self._by_surname:
                yield given, Part.GIVEN

    def _halves(self, text: str) -> Iterator[str]:
        """The halves of "Fairweather-Jones", each of which its bearer may be called by; none that others bear."""
        for word in text.split():
            halves = [half for half in _HYPHEN.split(word.strip(",;")) if half.isalpha()]
            if len(halves) != 2 or squeeze("".join(halves)) not in self._by_surname:
                continue
            for half in map(squeeze, halves):
                if len(half) >= _SHORTEST_HALF and half not in self._by_surname and half not in self._by_given:
                    yield half

    def shared_words(self) -> Iterator[str]:
        """Words that stand for more than one person: masked under a token of their own."""
        for word in dict.fromkeys([*self._by_surname, *self._by_given]):
            owners = {*self._by_surname.get(word, ()), *self._by_given.get(word, ())}
            if len(owners) > 1 and self._find_single(word) is None:
                yield word


def name_of_local(local: str) -> PersonName | None:
    """ "jane.fairweather" reads as a name: two words of letters, neither of them the name of a function."""
    words = re.split(r"[._-]", re.sub(r"\d+$", "", local.casefold()))
    if not 2 <= len(words) <= 3 or not all(
        word.isalpha() and (len(word) > 1 or i == 0) for i, word in enumerate(words)
    ):
        return None
    if any(word in ROLES or word in FURNITURE for word in words) or len(words[-1]) < 3:
        return None
    return PersonName(tuple(squeeze(word) for word in words[:-1]), squeeze(words[-1]))


def plain_word(word: str) -> bool:
    """True for a word which as a part of a name may also be ordinary English."""
    return word in ENGLISH or word in AMBIGUOUS or word in NAME_WORDS or word in FURNITURE or word in PARTICLES


def transliterated(text: str) -> str:
    """``text`` as mailboxes write umlauts: ä → ae. Equal to ``text`` where there are none."""
    return text.casefold().translate(_UMLAUTS)


def _mailboxes(parts: tuple[str, ...]) -> set[str]:
    given, surname = parts[0], parts[-1]
    return {
        given + surname,
        surname + given,
        given[0] + surname,
        surname + given[0],
        given + surname[0],
        "".join(parts),
        "".join(part[0] for part in parts[:-1]) + surname,
    }


def _same(words: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Same first word, and one holds all words of the other in order; initials fit the words they abbreviate."""
    if words[0] != other[0]:
        return False
    short, long = sorted((words, other), key=len)
    position = 1
    for word in short[1:]:
        while position < len(long) and not _fits(word, long[position]):
            position += 1
        if position == len(long):
            # A middle initial in the shorter one that the longer lacks says nothing.
            return len(word) == 1 and short[-1] == long[-1]
        position += 1
    return True


def _fits(word: str, other: str) -> bool:
    return word == other or (1 in (len(word), len(other)) and word[0] == other[0])


def _join(table: dict[str, list[int]], word: str, index: int) -> None:
    owners = table.setdefault(word, [])
    if index not in owners:
        owners.append(index)
