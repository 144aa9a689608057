"""Surrogates: invented values that read like the real ones, where a policy asks for them instead of tokens.

All are drawn from the key of the submission and the entity, so that a run made again makes the same, and another
submission makes others. Addresses, hosts and numbers lie in spaces that nobody can own; names are checked against all
words of the submission and of its lists. Whatever has no such space keeps its token, and a secret always does. A
surrogate hides a name better among others than a token; it is a layer, and no guarantee.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from typing import Final

from faker import Faker

from redaction import tokens, variants
from redaction.entities import Kind
from redaction.names import parse
from redaction.registry import Record, Registry
from redaction.view import squeeze

_ATTEMPTS: Final = 60
_SHORTEST_WORD: Final = 3
_WORD: Final = re.compile(r"[^\W\d_]+")
_SIGN: Final = re.compile(r"(?<=[^\W\d_])[._-](?=[^\W\d_])")
_LINES: Final = 100  # of the telephone lines that are kept for films, 555-0100 to 555-0199
_HOSTS_V4: Final = 254


class Surrogates:
    """The surrogates of one submission. ``texts``: all it says; ``lexicon``: the terms that must not leave."""

    def __init__(self, registry: Registry, key: bytes, texts: Iterable[str], lexicon: Iterable[str] = ()) -> None:
        self._registry = registry
        self._key = key
        self._faker = Faker("en_US")
        self._words = {
            word.casefold()
            for text in (*texts, *lexicon)
            for word in _WORD.findall(text)
            if len(word) >= _SHORTEST_WORD
        }
        self._taken: dict[str, int] = {}
        self._made: dict[tuple[int, str], str | None] = {}
        self._written: dict[str, str] = {}

    def written(self, owner: int, mention_type: str, text: str, kind: Kind) -> str:
        """What is written for the mention ``text`` of entity ``owner``: a surrogate in the form of the mention."""
        token = tokens.written(self._registry.records[owner].token, mention_type, kind)
        record = self._registry.records[owner]
        if mention_type in tokens.SECRETS or record.entity_type in tokens.SECRETS:
            return token
        made = self._of(owner, record, mention_type, text)
        if made is None or squeeze(made) == squeeze(text):
            return token
        self._written[made] = token
        return made

    def unwritten(self, text: str) -> str:
        """``text`` with every surrogate turned back into its token: what verification reads."""
        if not self._written:
            return text
        pattern = "|".join(re.escape(made) for made in sorted(self._written, key=len, reverse=True))
        return re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", lambda match: self._written[match.group()], text)

    # Making --------------------------------------------------------------------------------------------------------

    def _of(self, owner: int, record: Record, mention_type: str, text: str) -> str | None:
        if record.entity_type == "PERSON" or mention_type == "PERSON":
            name = self._value(owner, "PERSON")
            return None if name is None else self._like(self._registry.givens(owner), name, mention_type, text)
        if mention_type == "EMAIL_ADDRESS":
            name = self._value(owner, "PERSON")
            return None if name is None else f"{_slug(name, '.')}@example.com"
        if mention_type in ("URL", "HOSTNAME"):
            host = self._value(owner, "HOSTNAME")
            if host is None:
                return None
            scheme = re.match(r"[a-z][a-z0-9+.-]*://", text, re.IGNORECASE)
            return f"{scheme.group().lower()}{host}/" if scheme else host
        if mention_type == "ORGANIZATION":
            name = self._value(owner, "ORGANIZATION")
            return None if name is None else _organisation_like(name, text)
        if mention_type in ("LOCATION", "PHONE_NUMBER", "MAC_ADDRESS", "ADDRESS"):
            made = self._value(owner, mention_type)
            return made if made is None else _cased_like(made, text)
        if mention_type == "IP_ADDRESS":
            return self._value(owner, "IP6" if ":" in text else "IP4")
        return None

    def _value(self, owner: int, sort: str) -> str | None:
        """The one value of this sort for this entity; None when none can be found that nobody else bears."""
        if (owner, sort) not in self._made:
            self._made[owner, sort] = next(iter(self._fresh(owner, sort)), None)
        return self._made[owner, sort]

    def _fresh(self, owner: int, sort: str) -> Iterator[str]:
        record = self._registry.records[owner]
        for attempt in range(_ATTEMPTS):
            name = f"{tokens.word(record.entity_type)}\0{squeeze(record.canonical)}\0{sort}\0{attempt}"
            seed = int.from_bytes(hmac.new(self._key, name.encode(), hashlib.sha256).digest(), "big")
            made = self._draw(sort, seed)
            if self._taken.get(squeeze(made), owner) == owner and self._is_new(made, sort):
                self._taken[squeeze(made)] = owner
                yield made

    def _is_new(self, made: str, sort: str) -> bool:
        """No word of it stands in the submission or in a list, and it holds no spelling of anybody in it."""
        if sort in ("PERSON", "ORGANIZATION", "LOCATION"):
            if any(word.casefold() in self._words for word in _WORD.findall(made) if len(word) >= _SHORTEST_WORD):
                return False
        elif squeeze(made) in self._words:
            return False
        return not any(True for _ in self._registry.matcher.find(made))

    def _draw(self, sort: str, seed: int) -> str:
        fake = self._faker
        fake.seed_instance(seed)
        if sort == "PERSON":
            return f"{fake.first_name()} {fake.last_name()}"
        if sort == "ORGANIZATION":
            return f"{fake.last_name()}{fake.random_element(('land', 'field', 'worth', 'mere', 'stead'))}"
        if sort == "LOCATION":
            return str(fake.city())
        if sort == "ADDRESS":
            return f"{fake.building_number()} {fake.street_name()}, {fake.city()}"
        if sort == "HOSTNAME":
            return f"{_slug(fake.last_name(), '-')}-{seed % 900 + 100}.example.com"
        if sort == "PHONE_NUMBER":
            return f"+1-555-01{seed % _LINES:02}"
        if sort == "IP4":
            return f"192.0.2.{seed % _HOSTS_V4 + 1}"
        if sort == "IP6":
            return f"2001:db8::{seed >> 16 & 0xFFFF:x}:{seed & 0xFFFF:x}"
        return f"00:00:5e:00:53:{seed % 256:02x}"

    def _like(self, givens: frozenset[str], name: str, mention_type: str, text: str) -> str:
        """The invented name as the mention writes the real one: order, initials, signs between words, capitals."""
        given, surname = name.split(" ", 1)
        if mention_type == "EMAIL_ADDRESS" or re.fullmatch(r"\S+@\S+\.\S+", text):
            return f"{_slug(name, '.')}@example.com"
        if mention_type in ("HANDLE", "USER_PATH"):
            return ("@" if text.startswith("@") else "") + _slug(name, "_")
        sign = _SIGN.search(text)
        if " " not in text and "," not in text and sign and text[sign.start() + 1].islower() == text[:1].islower():
            return _cased_like(f"{given}{sign.group()}{surname}", text)
        parsed = parse(text)
        if parsed is None or not parsed.given:
            single = given if parsed and parsed.surname in givens else surname
            return _cased_like(single, text)
        first = given if parsed.full else f"{given[0]}."
        made = f"{surname}, {first}" if "," in text else f"{first} {surname}"
        return _cased_like(made if " " in text or "\n" in text else made.replace(" ", ""), text)


def shift_of(key: bytes) -> int:
    """By how many days the dates of a submission are moved: a month to a year, to either side."""
    drawn = int.from_bytes(hmac.new(key, b"date_shift", hashlib.sha256).digest(), "big")
    return (drawn % 336 + 30) * (1 if drawn >> 128 & 1 else -1)


def _slug(name: str, sign: str) -> str:
    return sign.join(word.casefold() for word in _WORD.findall(name))


def _organisation_like(name: str, text: str) -> str:
    """With the legal form of the mention, which says nothing; an acronym is one of the new name."""
    short = variants.without_legal_form(text)
    form = text[text.find(short) + len(short) :] if short and short in text else ""
    return _cased_like(name, short) + form


def _cased_like(made: str, text: str) -> str:
    letters = [character for character in text if character.isalpha()]
    if len(letters) > 1 and all(character.isupper() for character in letters):
        return made.upper()
    return made.lower() if letters and all(character.islower() for character in letters) else made
