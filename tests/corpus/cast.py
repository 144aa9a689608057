"""The people and companies of the stories: drawn by Faker from a fixed seed, with reserved values only.

Telephone numbers are those that Ofcom keeps for drama and the North American 555-01xx; addresses lie under
example.com and example.org; IBANs are the published examples of the IBAN registry; hosts are in 192.0.2.0/24.
"""

from __future__ import annotations

import random
import re
import unicodedata
from dataclasses import dataclass

from faker import Faker

# Faker knows these as names, but a reader of English knows them as words: a test could not tell a leak from prose.
WORDS = frozenset(
    {
        *(
            "Abril",
            "Agate",
            "Alba",
            "Amber",
            "April",
            "August",
            "Autumn",
            "Bill",
            "Blanca",
            "Chance",
            "Charity",
            "Chase",
        ),
        *("Christian", "Clara", "Crystal", "Dale", "Dawn", "Dean", "Drew", "Else", "Faith", "Felix", "Frank", "Grace"),
        *("Grant", "Harry", "Hope", "Iris", "Ivy", "Jade", "Joy", "June", "Lance", "Liana", "Luz", "Marina", "Marine"),
        *("Mark", "May", "Melody", "Miles", "Montenegro", "Norman", "Olive", "Page", "Pearl", "Pilar", "Plaza", "Ray"),
        *(
            "Renault",
            "Rich",
            "Rob",
            "Roman",
            "Rose",
            "Ruby",
            "Sally",
            "Sierra",
            "Star",
            "Sterling",
            "Summer",
            "Valencia",
        ),
        *("Violet", "Wade", "Will"),
    }
)
_NAME = re.compile(r"[A-Z][a-zà-öø-ÿ]{4,11}")

PHONES = (
    "+44 20 7946 0{n:03d}",
    "020 7946 0{n:03d}",
    "+44 161 496 0{n:03d}",
    "(0161) 496 0{n:03d}",
    "07700 900{n:03d}",
    "+44 7700 900 {n:03d}",
)
US_PHONES = ("+1 212 555 01{n:02d}", "(212) 555-01{n:02d}", "312-555-01{n:02d}", "+1-415-555-01{n:02d}")
IBANS = (
    "DE89 3704 0044 0532 0130 00",
    "GB29 NWBK 6016 1331 9268 19",
    "FR14 2004 1010 0505 0001 3M02 606",
    "NL91 ABNA 0417 1643 00",
    "BE68 5390 0754 7034",
    "ES91 2100 0418 4502 0005 1332",
)
STREETS = ("Street", "Road", "Lane", "Avenue", "Square")
TOWNS = (
    ("Leeds", "LS1 4ZZ"),
    ("Bristol", "BS1 6ZZ"),
    ("Albany", "NY 12203"),
    ("Norwich", "NR3 1ZZ"),
    ("Springfield", "IL 62704"),
)


@dataclass(frozen=True)
class Mention:
    """One identifier, ready to be put into a text. ``group`` joins the spellings of one person or organisation."""

    value: str
    entity_type: str
    group: str = ""

    def __str__(self) -> str:
        return self.value


def plain(name: str) -> str:
    """The name as a mailbox writes it: lower case, without accents."""
    folded = unicodedata.normalize("NFKD", name.replace("ø", "o").replace("ß", "ss"))
    return "".join(letter for letter in folded if letter.isascii()).lower()


@dataclass(frozen=True)
class Company:
    """A company: its legal name, and the short form people use."""

    name: str
    suffix: str
    domain: str

    @property
    def full(self) -> Mention:
        return Mention(f"{self.name} {self.suffix}", "ORGANIZATION", self.domain)

    @property
    def short(self) -> Mention:
        return Mention(self.name, "ORGANIZATION", self.domain)

    @property
    def site(self) -> Mention:
        return Mention(f"https://www.{self.domain}/services", "URL")


@dataclass(frozen=True)
class Person:
    """A person, and the ways in which people write them."""

    first: str
    last: str
    company: Company
    telephone: str
    number: str

    def _mention(self, value: str) -> Mention:
        return Mention(value, "PERSON", f"{self.first} {self.last}")

    @property
    def full(self) -> Mention:
        return self._mention(f"{self.first} {self.last}")

    @property
    def last_first(self) -> Mention:
        return self._mention(f"{self.last}, {self.first}")

    @property
    def initial(self) -> Mention:
        return self._mention(f"{self.first[0]}. {self.last}")

    @property
    def given(self) -> Mention:
        return self._mention(self.first)

    @property
    def surname(self) -> Mention:
        return self._mention(self.last)

    @property
    def caps(self) -> Mention:
        return self._mention(f"{self.first} {self.last}".upper())

    @property
    def local(self) -> Mention:
        return self._mention(f"{plain(self.first)}.{plain(self.last)}")

    @property
    def email(self) -> Mention:
        return Mention(f"{self.local}@{self.company.domain}", "EMAIL_ADDRESS", f"{self.first} {self.last}")

    @property
    def phone(self) -> Mention:
        return Mention(self.telephone, "PHONE_NUMBER")

    @property
    def employee(self) -> Mention:
        return Mention(self.number, "EMPLOYEE_ID")


class Casting:
    """Draws people, companies and numbers; the same seed draws the same ones, and nothing is drawn twice."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._seed = seed
        self._fakers: dict[str, Faker] = {}
        self._taken: set[str] = set()

    def _faker(self, locale: str) -> Faker:
        if locale not in self._fakers:
            self._fakers[locale] = Faker(locale)
            self._fakers[locale].seed_instance(self._seed)
        return self._fakers[locale]

    def _name(self, locale: str, kind: str) -> str:
        while True:
            name: str = getattr(self._faker(locale), kind)()
            if _NAME.fullmatch(name) and name not in WORDS and name not in self._taken:
                self._taken.add(name)
                return name

    def company(self, locale: str, trade: str, suffix: str) -> Company:
        founder = self._name(locale, "last_name")
        return Company(f"{founder} {trade}", suffix, f"{plain(founder)}.example.com")

    def woman(self, locale: str, company: Company) -> Person:
        return self._person(locale, company, "first_name_female")

    def man(self, locale: str, company: Company) -> Person:
        return self._person(locale, company, "first_name_male")

    def _person(self, locale: str, company: Company, first_name: str) -> Person:
        american = company.suffix in {"Inc.", "LLC"}
        phone = self._random.choice(US_PHONES if american else PHONES)
        return Person(
            self._name(locale, first_name),
            self._name(locale, "last_name"),
            company,
            phone.format(n=self._random.randrange(10, 100) if american else self._random.randrange(100, 1000)),
            f"E-{self._random.randrange(10_000, 99_999)}",
        )

    def address(self, locale: str = "de_DE") -> Mention:
        town, code = self._random.choice(TOWNS)
        street = f"{self._random.randrange(4, 190)} {self._name(locale, 'last_name')} {self._random.choice(STREETS)}"
        return Mention(f"{street}, {town}, {code}", "ADDRESS")

    def iban(self, index: int) -> Mention:
        return Mention(IBANS[index], "IBAN_CODE")

    def account(self) -> Mention:
        return Mention(f"{self._random.randrange(10_000_000, 99_999_999)}", "ACCOUNT_NUMBER")

    def ticket(self) -> Mention:
        return Mention(f"INC{self._random.randrange(100_000, 999_999):07d}", "TICKET_NUMBER")

    def invoice(self) -> Mention:
        return Mention(f"{self._random.randrange(100_000, 999_999)}", "INVOICE_NUMBER")

    def host(self, name: str) -> Mention:
        return Mention(f"{name}.example.org", "HOSTNAME")

    def ip(self) -> Mention:
        return Mention(f"192.0.2.{self._random.randrange(10, 250)}", "IP_ADDRESS")

    def link(self, path: str) -> Mention:
        return Mention(f"https://intranet.example.org/{path}/{self._random.randrange(1000, 9999)}", "URL")
