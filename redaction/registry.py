"""The registry: every entity of one submission, all its spellings, its token, and who may override what.

Built once from what was found in all files, before any is rewritten, so that a name first seen in the last file also
leaves the first one and every file name. Numbers are given in the order in which entities first appear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from redaction import tokens
from redaction.entities import DenyTerm, Entity, Override
from redaction.matching import MINIMUM, Matcher, Needle
from redaction.names import FURNITURE
from redaction.people import Part, People, plain_word, transliterated
from redaction.recognizers.company import SUFFIX
from redaction.spans import CONTRIBUTOR, DENY, PROPAGATION
from redaction.view import squeeze
from redaction.words import words

PUBLIC_MAIL: Final = words("mail_providers")
# Kinds whose values are told apart by their letters alone and may be looked for everywhere.
_SHORTEST: Final[Mapping[str, int]] = {"LOCATION": 3, "ORGANIZATION": 3}
_SHORTEST_OTHER: Final = 5
_NEVER_ELSEWHERE: Final = frozenset({"DATE_TIME", "NRP", "POST_CODE", "SORT_CODE"})
_LEGAL: Final = re.compile(rf",? {SUFFIX}\b\.?(?: (?:& Co\. KG|KG|Ltd))?$|^[Tt]he ")
_HOST: Final = re.compile(r"^(?:[a-z][a-z0-9+.:-]*://)?(?:[^/@\s]*@)?([^/:?#\s]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Sighting:
    """One found text, with its type and source, in the order of the submission."""

    text: str
    entity_type: str
    source: str


@dataclass
class Record:
    """One entity while the registry is built. ``spellings`` in the order they were met."""

    entity_type: str
    canonical: str
    spellings: dict[str, None] = field(default_factory=dict)
    token: str = ""
    kept: bool = False
    denied_by: str = ""


class Registry:
    """Entities, and the matcher over all their spellings.

    ``found_again``: what only the second look found; it is looked for everywhere, however short.
    """

    def __init__(
        self,
        sightings: Sequence[Sighting],
        *,
        deny: Sequence[DenyTerm] = (),
        overrides: Sequence[Override] = (),
        found_again: Sequence[Sighting] = (),
    ) -> None:
        self.records: list[Record] = []
        self._keys: dict[tuple[str, str], int] = {}
        self._people = People()
        self._person_records: dict[int, int] = {}
        self._needles: list[Needle] = []
        self._deny(deny, overrides)
        self._add_people((*sightings, *found_again))
        for sighting in (*sightings, *found_again):
            self.owner(sighting.text, sighting.entity_type)
            if sighting.entity_type == "EMAIL_ADDRESS":
                self._domain(sighting.text)
        self._keep(overrides)
        self._spell()
        for sighting in found_again:
            self._needles.append(Needle.of(sighting.text, self.owner(sighting.text, sighting.entity_type)))
        self.matcher = Matcher(self._needles)

    # Building ------------------------------------------------------------------------------------------------------

    def _deny(self, deny: Sequence[DenyTerm], overrides: Sequence[Override]) -> None:
        hidden = [DenyTerm(override.text, override.entity_type) for override in overrides if override.action == "hide"]
        for source, term in (*((DENY, term) for term in deny), *((CONTRIBUTOR, term) for term in hidden)):
            if not squeeze(term.text):
                continue
            index = self._record(term.entity_type, squeeze(term.text), term.text)
            self.records[index].denied_by = self.records[index].denied_by or source
            self._needles.append(Needle.of(term.text, index))

    def _add_people(self, sightings: Sequence[Sighting]) -> None:
        names = [one.text for one in sightings if one.entity_type == "PERSON"]
        boxes = [_local(one.text) for one in sightings if one.entity_type in ("EMAIL_ADDRESS", "HANDLE", "USER_PATH")]
        self._people.add_all(names, boxes)
        for word in list(self._people.shared_words()):
            self._people.add_all([word], ())

    def _record(self, entity_type: str, key: str, canonical: str) -> int:
        place = (tokens.word(entity_type), key)
        if place not in self._keys:
            self._keys[place] = len(self.records)
            self.records.append(Record(entity_type, canonical))
        record = self.records[self._keys[place]]
        record.spellings.setdefault(canonical)
        return self._keys[place]

    def owner(self, text: str, entity_type: str) -> int:
        """The number of the entity that ``text`` is a mention of; a new one when it is the first."""
        denied = self._keys.get((tokens.word(entity_type), squeeze(text)))
        if denied is not None:
            return denied
        if entity_type == "PERSON":
            person = self._people.of(text)
            if person is not None:
                return self._of_person(person)
        if entity_type in ("EMAIL_ADDRESS", "HANDLE", "USER_PATH"):
            person = self._people.of_local(_local(text))
            if person is not None:
                return self._address_of_person(person, text, entity_type)
        if entity_type == "ORGANIZATION":
            return self._organisation(text)
        index = self._record(entity_type, _key(text, entity_type), text)
        if tokens.word(entity_type) == tokens.HOST:
            self.records[index].spellings.setdefault(host_of(text))
        return index

    def _of_person(self, person: int) -> int:
        if person not in self._person_records:
            whole = self._people.people[person]
            canonical = max(whole.seen, key=lambda text: (" " in text, "," not in text, not text.isupper(), len(text)))
            self._person_records[person] = len(self.records)
            self.records.append(Record("PERSON", canonical, dict.fromkeys(whole.seen)))
        return self._person_records[person]

    def _address_of_person(self, person: int, text: str, entity_type: str) -> int:
        index = self._of_person(person)
        if entity_type != "USER_PATH":
            self.records[index].spellings.setdefault(text)
        return index

    def _organisation(self, text: str) -> int:
        short = _LEGAL.sub("", _LEGAL.sub("", text.strip()))
        key = squeeze(short) or squeeze(text)
        if (tokens.word("ORGANIZATION"), key) not in self._keys:
            longer = [name for word, name in self._keys if word == "ORG" and name.startswith(key) and len(key) > 3]
            key = longer[0] if len(longer) == 1 else key
        index = self._record("ORGANIZATION", key, text)
        if short:
            self.records[index].spellings.setdefault(short)
        return index

    def _domain(self, address: str) -> None:
        """The host of an address is an entity too, unless it is a mail provider that everybody uses."""
        host = host_of(address)
        if "." in host and host not in PUBLIC_MAIL:
            self._record("HOSTNAME", host, host)

    def _keep(self, overrides: Sequence[Override]) -> None:
        """A wish to keep covers the whole entity; deny terms and secrets are stronger."""
        wishes = {squeeze(override.text) for override in overrides if override.action == "keep"} - {""}
        for record in self.records:
            mine = {squeeze(record.canonical), *map(squeeze, record.spellings)}
            if wishes & mine and not record.denied_by and record.entity_type not in tokens.SECRETS:
                record.kept = True

    def _spell(self) -> None:
        """Turn every spelling of every entity into a needle."""
        for person, text, part in self._people.spellings():
            index = self._of_person(person)
            for spelling in {text, transliterated(text)}:
                self._needle_of_person(index, spelling, part)
        for index, record in enumerate(self.records):
            if record.entity_type == "PERSON":
                addresses = [text for text in record.spellings if "@" in text]
                self._needles.extend(Needle.of(text, index) for text in addresses)
            elif not record.denied_by and not record.kept and record.entity_type not in _NEVER_ELSEWHERE:
                self._needles.extend(self._needles_of(index, record))

    def _needle_of_person(self, index: int, text: str, part: Part) -> None:
        letters = squeeze(text)
        if len(letters) < MINIMUM or letters.isdigit() or self.records[index].kept:
            return
        # A surname that is a word too counts where it has a capital; a given name that is one, only where it was
        # found as a name by itself; words of forms never by themselves.
        plain = plain_word(letters)
        if (part is not Part.WHOLE and letters in FURNITURE) or (part is Part.GIVEN and plain):
            return
        cased = part is not Part.WHOLE and plain
        self._needles.append(Needle.of(text, index, cased=cased, inside=not cased))

    def _needles_of(self, index: int, record: Record) -> Iterator[Needle]:
        shortest = _SHORTEST.get(record.entity_type, _SHORTEST_OTHER)
        name = record.entity_type in _SHORTEST
        for text in record.spellings:
            letters = squeeze(text)
            if len(letters) < shortest or letters in FURNITURE:
                continue
            yield Needle.of(text, index, cased=name, inside=not name)

    # Answers -------------------------------------------------------------------------------------------------------

    def number(self, order: Iterable[int], reserved: Mapping[str, int]) -> None:
        """Give tokens to the entities of ``order``, the order in which they first appear; others get none."""
        last = dict(reserved)
        for index in order:
            record = self.records[index]
            if record.token:
                continue
            word = tokens.word(record.entity_type)
            last[word] = last.get(word, 0) + 1
            record.token = f"{word}_{last[word]}"

    def kept(self, index: int) -> bool:
        """True when a person asked to keep this entity, and may."""
        return self.records[index].kept

    def is_kept(self, text: str, entity_type: str) -> bool:
        """True when ``text`` belongs to an entity that a person asked to keep."""
        return any(record.kept for record in self.records) and self.kept(self.owner(text, entity_type))

    def source(self, index: int) -> str:
        """Where the matcher's hits of this entity come from."""
        return self.records[index].denied_by or PROPAGATION

    def entities(self) -> tuple[Entity, ...]:
        """The numbered entities. Secrets keep their token alone: their text is stored nowhere."""
        numbered = [record for record in self.records if record.token]
        return tuple(
            Entity(record.token, record.entity_type, "")
            if record.entity_type in tokens.SECRETS
            else Entity(record.token, record.entity_type, record.canonical, tuple(record.spellings))
            for record in numbered
        )


def host_of(text: str) -> str:
    """The host of a web address or an e-mail address, folded; without a leading "www."."""
    match = _HOST.match(text)
    host = match.group(1).casefold().rstrip(".") if match else text.casefold()
    return host.removeprefix("www.")


def _key(text: str, entity_type: str) -> str:
    if tokens.word(entity_type) == tokens.HOST:
        return host_of(text)
    letters = squeeze(text)
    if entity_type == "PHONE_NUMBER":
        # The same line with and without its country code.
        return "".join(filter(str.isdigit, letters))[-9:]
    return letters


def _local(text: str) -> str:
    return text.lstrip("@").split("@")[0]
