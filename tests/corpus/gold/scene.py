"""Who and what a submission is about: the same people, companies and numbers in each of its files."""

from __future__ import annotations

import random

from tests.corpus.gold import places
from tests.corpus.gold.decoys import decoy
from tests.corpus.gold.document import Piece
from tests.corpus.gold.forms import spelled
from tests.corpus.gold.names import Part
from tests.corpus.gold.people import Person, person, plain
from tests.corpus.gold.places import Company
from tests.corpus.gold.values import FILLINGS, VALUES

_DOMAINS = ("example.com", "example.org", "example.net")
_HOSTS = ("db01", "vpn", "mail2", "build-3", "files", "wiki", "gw-north")
_PAGES = ("orders", "portal/login", "docs/2041", "files?id=77", "profile", "reports/q3")
PEOPLE = 6


class Scene:
    """Resolves the fields of templates to pieces.

    ``{p1:form}`` to ``{p6:form}`` are people (forms: those of ``forms``, or ``mail``, ``handle``, ``path``, ``login``);
    ``{org1:form}`` and ``{org2:form}`` companies; a value whose name ends in a digit (``{ticket1}``) stays the same in
    the whole scene, any other is drawn anew.
    """

    def __init__(self, rng: random.Random, part: Part) -> None:
        self._rng = rng
        self._part: Part = part
        self.people: tuple[Person, ...] = tuple(person(rng, part) for _ in range(PEOPLE))
        self._companies = (Company(rng, part), Company(rng, part))
        self._kept: dict[str, Piece] = {}
        self.familiar = False

    def piece(self, name: str, form: str) -> Piece:
        """The piece for ``{name:form}``. Raises ``KeyError`` for a name or form that does not exist."""
        if name == "decoy":
            return decoy(form, self._rng, self._part)
        if name[-1].isdigit():
            stem, number = name.rstrip("0123456789"), int(name[-1]) - 1
            if stem == "p":
                return self._of_person(self.people[number], form or "prose")
            if stem == "org":
                return self._of_company(self._companies[number], form or "full")
            if name not in self._kept:
                self._kept[name] = self._drawn(stem, form)
            return self._kept[name]
        return self._drawn(name, form)

    def _of_person(self, who: Person, form: str) -> Piece:
        domain = self._companies[0].domain
        if form == "mail":
            return Piece(f"{who.mailbox}@{domain}", "EMAIL_ADDRESS")
        if form == "private":
            return Piece(f"{who.mailbox}{len(who.family)}@{_DOMAINS[len(who.given) % 3]}", "EMAIL_ADDRESS")
        if form == "handle":
            return Piece("@" + who.mailbox, "HANDLE")
        if form == "path":
            login = plain(who.family)[:7] or who.mailbox
            before, after = self._rng.choice((("/home/", "/work"), ("C:\\Users\\", "\\Desktop"), ("/Users/", "/notes")))
            return Piece(login if len(login) > 1 else who.mailbox, "USER_PATH", before=before, after=after)
        return spelled(who, form, self._rng, familiar=self.familiar)

    def _of_company(self, company: Company, form: str) -> Piece:
        if form == "site":
            return Piece(f"https://www.{company.domain}/{self._rng.choice(_PAGES)}", "URL")
        return Piece({"full": company.full, "short": company.short, "acronym": company.acronym}[form], "ORGANIZATION")

    def _drawn(self, name: str, form: str) -> Piece:
        rng, part = self._rng, self._part
        if name in VALUES:
            label, draw = VALUES[name]
            return Piece(draw(rng), label)
        if name in FILLINGS:
            return Piece(FILLINGS[name](rng))
        if name == "town":
            return Piece(places.town(rng, part), "LOCATION")
        if name == "country":
            return Piece(places.country(rng, part), "LOCATION")
        if name == "address":
            lines = form == "lines"
            return Piece(places.address_lines(rng, part) if lines else places.address(rng, part), "ADDRESS")
        domain = self._companies[0].domain
        if name == "host":
            return Piece(f"{rng.choice(_HOSTS)}.{domain}", "HOSTNAME")
        if name == "url":
            return Piece(f"https://{rng.choice(('app.', 'intranet.', ''))}{domain}/{rng.choice(_PAGES)}", "URL")
        raise KeyError(name)
