"""The registry: every entity of one submission, all its spellings, its token, and who may override what.

Built once from what was found in all files, before any is rewritten, so that a name first seen in the last file also
leaves the first one and every file name. Numbers are given in the order in which entities first appear.
"""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from rapidfuzz import fuzz, process

from redaction import tokens, variants
from redaction.entities import DenyTerm, Entity, Override
from redaction.matching import MINIMUM, Matcher, Needle
from redaction.names import FURNITURE, GIVEN, parse
from redaction.people import Part, People, plain_word, transliterated
from redaction.spans import CONTRIBUTOR, DENY, PROPAGATION
from redaction.view import squeeze
from redaction.words import words

_SECRET_WORDS: Final = frozenset(map(tokens.word, tokens.SECRETS))
_DEPARTMENTS: Final = FURNITURE | words("jargon")
PUBLIC_MAIL: Final = words("mail_providers")
# Kinds whose values are told apart by their letters alone and may be looked for everywhere.
_SHORTEST: Final[Mapping[str, int]] = {"LOCATION": 3, "ORGANIZATION": 3}
_SHORTEST_OTHER: Final = 5
_NEVER_ELSEWHERE: Final = frozenset({"DATE_TIME", "NRP", "POST_CODE", "SORT_CODE"})
_ORGANISATION: Final = tokens.word("ORGANIZATION")
_SHORTEST_HEAD: Final = 3  # a company may go by the beginning of its name, if that is longer
_NEAR: Final = 92  # of 100: below that two names are two
_WORDS: Final = re.compile(r"[^\W_]+")
# "Fairweather, JR": whoever is written so is called so.
_INITIALS: Final = re.compile(r",[ \u00a0]([A-Z]{2})$")
_HOSTS: Final = re.compile(r"\b(?:[\w-]{1,63}\.){1,5}[a-z]{2,24}\b")
_CAPITALISED: Final = re.compile(
    r"[A-ZÀ-ÖØ-Þ][\w'’&-]{0,40}(?:[ \u00a0](?:[A-ZÀ-ÖØ-Þ][\w'’&-]{0,40}|of|and|the|&)){0,7}"
)
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


@dataclass(frozen=True)
class Suggestion:
    """``alias`` may be a spelling of the entity: a person says so with a click; nothing is done without."""

    owner: int
    token: str
    alias: str
    rule: str


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
        self._organisations: list[str] = []  # the keys of those, sorted
        self._people = People()
        self._person_records: dict[int, int] = {}
        self._needles: list[Needle] = []
        self._same: dict[int, int] = {}
        self._apart: dict[str, int] = {}
        everywhere = [override for override in overrides if override.everywhere]
        self._deny(deny, everywhere)
        self._add_people((*sightings, *found_again))
        for sighting in (*sightings, *found_again):
            self.owner(sighting.text, sighting.entity_type)
            if sighting.entity_type == "EMAIL_ADDRESS":
                self._domain(sighting.text)
        self._decide(everywhere)
        self._keep(everywhere)
        self._spell()
        for sighting in found_again:
            self._needles.append(Needle.of(sighting.text, self.owner(sighting.text, sighting.entity_type)))
        self.matcher = Matcher(self._needles)

    # Building ------------------------------------------------------------------------------------------------------

    def _deny(self, deny: Sequence[DenyTerm], overrides: Sequence[Override]) -> None:
        """Deny terms with all their variants, and what a contributor hides as it stands."""
        hidden = [DenyTerm(override.text, override.entity_type) for override in overrides if override.action == "hide"]
        for source, term in (*((DENY, term) for term in deny), *((CONTRIBUTOR, term) for term in hidden)):
            if not squeeze(term.text):
                continue
            index = self._record(term.entity_type, squeeze(term.text), term.text)
            self.records[index].denied_by = self.records[index].denied_by or source
            self._needles.append(Needle.of(term.text, index, typed=True))
            if term.entity_type == "PERSON":
                self._people.add_all([term.text], ())
            elif source == DENY:
                for variant in variants.of_term(term.text):
                    needle = Needle.of(variant.text, index, cased=variant.cased, upper=variant.upper, typed=True)
                    self._needles.append(needle)

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
            if place[0] == _ORGANISATION:
                bisect.insort(self._organisations, key)
        record = self.records[self._keys[place]]
        record.spellings.setdefault(canonical)
        return self._keys[place]

    def owner(self, text: str, entity_type: str) -> int:
        """The number of the entity that ``text`` is a mention of; a new one when it is the first."""
        apart = self._apart.get(squeeze(text)) if self._apart else None
        if apart is not None and tokens.word(entity_type) not in _SECRET_WORDS:
            return apart
        return self._one(self._owner(text, entity_type))

    def _one(self, index: int) -> int:
        """The entity that stands for ``index`` after merging."""
        while index in self._same:
            index = self._same[index]
        return index

    def _owner(self, text: str, entity_type: str) -> int:
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
            denied = [self._keys[place] for text in whole.seen if (place := ("PERSON", squeeze(text))) in self._keys]
            if denied:
                self._person_records[person] = denied[0]
                for text in whole.seen:
                    self.records[denied[0]].spellings.setdefault(text)
                return denied[0]
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
        short = variants.without_legal_form(text)
        key = squeeze(short) or squeeze(text)
        if (_ORGANISATION, key) not in self._keys and len(key) > _SHORTEST_HEAD:
            at = bisect.bisect_left(self._organisations, key)
            longer = [name for name in self._organisations[at : at + 2] if name.startswith(key)]
            key = longer[0] if len(longer) == 1 else key
        index = self._record("ORGANIZATION", key, text)
        if short:
            self.records[index].spellings.setdefault(short)
            if (first := _telling_word(short)) and short != text:
                self.records[index].spellings.setdefault(first)
        return index

    def _domain(self, address: str) -> None:
        """The host of an address is an entity too, unless it is a mail provider that everybody uses."""
        host = host_of(address)
        if "." in host and host not in PUBLIC_MAIL:
            self._record("HOSTNAME", host, host)

    def _decide(self, overrides: Sequence[Override]) -> None:
        """What people said of entities: another type, two are one, one spelling is another. Secrets stay secrets."""
        for override in overrides:
            if override.action not in ("retype", "merge", "split"):
                continue
            found = self._known(override.text)
            if found is None or self.records[found].entity_type in tokens.SECRETS:
                continue
            if override.action == "retype" and override.entity_type not in tokens.SECRETS:
                self.records[found].entity_type = override.entity_type
            elif override.action == "merge":
                self._merge(found, self._known(override.other))
            elif override.action == "split":
                self._split(found, override.text)

    def _known(self, text: str) -> int | None:
        """The entity of which ``text`` is a spelling; None when nothing was found under it."""
        letters = squeeze(text)
        for index, record in enumerate(self.records):
            if letters and letters in map(squeeze, (record.canonical, *record.spellings)):
                return self._one(index)
        person = self._people.of(text)
        return None if person is None else self._one(self._of_person(person))

    def _merge(self, kept: int, gone: int | None) -> None:
        if gone is None or gone == kept or self.records[gone].entity_type in tokens.SECRETS:
            return
        # A term of the deny list stays one, whichever of the two it was.
        if self.records[gone].denied_by and not self.records[kept].denied_by:
            kept, gone = gone, kept
        for text in self.records[gone].spellings:
            self.records[kept].spellings.setdefault(text)
        self._same[gone] = kept

    def _split(self, whole: int, text: str) -> None:
        record = self.records[whole]
        self._apart[squeeze(text)] = len(self.records)
        # Whatever the whole was denied for, its part is denied for as well.
        self.records.append(
            Record(record.entity_type, text, {text: None}, kept=record.kept, denied_by=record.denied_by)
        )
        for spelling in [one for one in record.spellings if squeeze(one) == squeeze(text)]:
            del record.spellings[spelling]

    def _keep(self, overrides: Sequence[Override]) -> None:
        """A wish to keep covers the whole entity; deny terms and secrets are stronger."""
        wishes = {squeeze(override.text) for override in overrides if override.action == "keep"} - {""}
        for record in self.records:
            mine = {squeeze(record.canonical), *map(squeeze, record.spellings)}
            if wishes & mine and not record.denied_by and record.entity_type not in tokens.SECRETS:
                record.kept = True

    def _spell(self) -> None:
        """Turn every spelling of every entity into a needle."""
        for text_apart in self._apart.values():
            if not self.records[text_apart].kept:
                self._needles.insert(0, Needle.of(self.records[text_apart].canonical, text_apart, typed=True))
        spelled: set[tuple[int, str, bool, bool]] = set()
        for person, text, part in self._people.spellings():
            index = self._one(self._of_person(person))
            for spelling in {text: None, transliterated(text): None}:
                # Spellings that differ in capitals alone are the same letters, and are found the same.
                key = (index, spelling.casefold(), part is Part.WHOLE, part is Part.GIVEN)
                if key not in spelled:
                    self._needle_of_person(index, spelling, part)
                if spelling.isascii():
                    spelled.add(key)
            initials = _INITIALS.search(text)
            # "Okafor, IT" is somebody of a department: words of forms are nobody's initials.
            if initials and squeeze(initials.group(1)) not in _DEPARTMENTS and not self.records[index].kept:
                self._needles.append(Needle.of(initials.group(1), index, typed=True))
        for number, record in enumerate(self.records):
            index = self._one(number)
            if record.entity_type == "PERSON":
                addresses = [text for text in record.spellings if "@" in text]
                self._needles.extend(Needle.of(text, index) for text in addresses)
            elif not (record.denied_by or self.records[index].kept or record.entity_type in _NEVER_ELSEWHERE):
                self._needles.extend(self._needles_of(index, record))
        self._needles = (
            [
                needle if needle.letters not in self._apart else replace(needle, owner=self._apart[needle.letters])
                for needle in (replace(needle, owner=self._one(needle.owner)) for needle in self._needles)
            ]
            if self._same or self._apart
            else self._needles
        )

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
        return self._keeps_any and self.kept(self.owner(text, entity_type))

    @functools.cached_property
    def _keeps_any(self) -> bool:
        return any(record.kept for record in self.records)

    def givens(self, index: int) -> frozenset[str]:
        """The given names of a person, squeezed."""
        parsed = (parse(text) for text in self.records[index].spellings)
        return frozenset(name.given[0] for name in parsed if name is not None and name.full)

    def source(self, index: int) -> str:
        """Where the matcher's hits of this entity come from."""
        return self.records[index].denied_by or PROPAGATION

    def suggestions(self, texts: Iterable[str]) -> tuple[Suggestion, ...]:
        """Spellings that stand in ``texts`` and may belong to an entity with a token; nothing of this is applied."""
        seen = _Seen(texts)
        out: dict[tuple[int, str], Suggestion] = {}
        for index, record in enumerate(self.records):
            if not record.token or record.entity_type in tokens.SECRETS:
                continue
            known = {squeeze(record.canonical), *map(squeeze, record.spellings)}
            candidates = _of_people(record) if record.entity_type == "PERSON" else _of_names(record, seen)
            for alias, rule in candidates:
                if squeeze(alias) not in known and seen.holds(alias):
                    out.setdefault((index, squeeze(alias)), Suggestion(index, record.token, alias, rule))
        return tuple(out.values())

    def entities(self) -> tuple[Entity, ...]:
        """The numbered entities. Secrets keep their token alone: their text is stored nowhere."""
        numbered = [record for record in self.records if record.token]
        return tuple(
            Entity(record.token, record.entity_type, "")
            if record.entity_type in tokens.SECRETS
            else Entity(record.token, record.entity_type, record.canonical, tuple(record.spellings))
            for record in numbered
        )


class _Seen:
    """The words of a submission, as far as suggestions ask for them."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.words: dict[str, None] = {}
        self.names: dict[int, dict[str, None]] = {}
        self.hosts: dict[str, None] = {}
        for text in texts:
            self.words.update(dict.fromkeys(_WORDS.findall(text)))
            self.hosts.update(dict.fromkeys(host_of(found) for found in _HOSTS.findall(text)))
            for match in _CAPITALISED.finditer(text):
                parts = match.group().split()
                for length in range(1, 6):
                    for at in range(len(parts) - length + 1):
                        self.names.setdefault(length, {}).setdefault(" ".join(parts[at : at + length]))

    def holds(self, alias: str) -> bool:
        parts = alias.split()
        return alias in self.words or alias in self.hosts or alias in self.names.get(len(parts), {})


def _of_people(record: Record) -> Iterator[tuple[str, str]]:
    for text in record.spellings:
        name = parse(text)
        if name is None or not name.full:
            continue
        yield name.given[0].capitalize(), "given-name"
        yield "".join(part[0] for part in (*name.given, name.surname)).upper(), "initials"


def _of_names(record: Record, seen: _Seen) -> Iterator[tuple[str, str]]:
    """What may be meant by an organisation, a product, a project … in other words."""
    for text in record.spellings:
        short = variants.without_legal_form(text)
        letters = squeeze(short)
        if len(letters) < 3:
            continue
        yield from ((acronym, "acronym") for acronym in variants.acronyms(short))
        yield variants.plural(short), "plural"
        yield short, "legal-form"
        for host in seen.hosts:
            if fuzz.ratio(squeeze(host.rsplit(".", 1)[0].rsplit(".", 1)[-1]), letters) >= _NEAR:
                yield host, "domain"
        near = process.extract_iter(
            letters,
            list(seen.names.get(len(short.split()), {})),
            scorer=fuzz.ratio,
            processor=squeeze,
            score_cutoff=_NEAR,
        )
        yield from ((name, "near") for name, _, _ in near)


def _telling_word(company: str) -> str:
    """The first word of the name of a company, which it goes by, when that is no word of English and no given name."""
    first, *others = company.split()
    letters = squeeze(first)
    telling = others and len(letters) >= _SHORTEST_OTHER and first[0].isupper() and letters not in GIVEN
    return first if telling and not plain_word(letters) else ""


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
