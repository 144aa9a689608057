"""Invented business mails and sentences, the same ones for the same seed: what speed is measured on.

Every name, company, address and number is made up from the lists below; hosts and telephone numbers are the ones kept
for examples.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

_GIVEN: Final = (
    "Amina", "Bastian", "Carla", "Deepak", "Elif", "Fiona", "Goran", "Hana", "Imogen", "Jaromir", "Katya", "Lars",
    "Marisol", "Noor", "Oisin", "Priya", "Quentin", "Ruth", "Stefan", "Tomoko", "Ursula", "Viktor", "Wanda", "Yusuf",
)  # fmt: skip
_FAMILY: Final = (
    "Abernathy", "Bauer", "Castellano", "Dvorak", "Eriksen", "Fairweather", "Gupta", "Hollis", "Ivanova", "Janssen",
    "Kowalski", "Lindqvist", "Marchetti", "Nakamura", "Okafor", "Perdue", "Quigley", "Rasmussen", "Silva", "Thornbury",
    "Ueda", "Vasquez", "Whitlock", "Yilmaz",
)  # fmt: skip
_PLACES: Final = (
    "Leeds", "Rotterdam", "Porto", "Gdansk", "Toronto", "Austin", "Nairobi", "Osaka", "Hamburg", "Lyon", "Cork",
    "Bergen", "South Africa", "New Jersey", "Bavaria", "Catalonia",
)  # fmt: skip
_COMPANIES: Final = (
    "Hollis Logistics Ltd", "Norrland Freight AB", "Brightwater Energy", "Castellano & Sons", "Pinehurst Analytics Inc",
    "Rheinbogen GmbH", "Okafor Partners LLP", "Meridian Cold Storage", "Tidewater Insurance Group", "Blackthorn Foods",
)  # fmt: skip
_THINGS: Final = (
    "the quarterly forecast", "the draft contract", "our delivery schedule", "the audit report", "a revised quote",
    "the migration plan", "the minutes of the last meeting", "the packing list", "the list of open defects",
    "last month's invoice", "the safety training", "the pilot in the second warehouse",
)  # fmt: skip
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "next week", "the end of the month")
_SENTENCES: Final = (
    "{given} {family} asked me to send {thing} to {company} before {day}.",
    "Could you check {thing} and tell {given} what is still missing?",
    "We met {given} {family} of {company} in {place} on {date}, and agreed to move {thing} to {day}.",
    "The total comes to ${amount}, which is {percent}% more than we had planned for {place}.",
    "As far as I can see nothing else has changed since we spoke, so please go ahead.",
    "If the numbers hold, the team in {place} can start with {thing} on {day}; otherwise we wait for {company}.",
    "You can reach {given} at {phone} or write to {mail}.",
    "I have put {thing} on the shared drive, together with two remarks of Mr {family}.",
    "Please book it under order {order} and copy accounts, because {company} pays within thirty days.",
    "There were some questions about how the rates were worked out; the short answer is that they follow the index.",
    "{family}, {given} is away until {day}, so {given2} {family2} will sign for the {place} office instead.",
    "Our driver left {place} at 06:40 and should be at {number} {family} Street by noon.",
    "Nobody had noticed that the second page was missing, which explains most of the difference.",
    "It would help to know whether {company} expects the goods in {place} or at the port.",
)
_OPENINGS: Final = ("Hi {given},", "Dear Ms {family},", "{given},", "Hello {given} and {given2},", "Dear all,")
_CLOSINGS: Final = ("Best regards,", "Thanks,", "Kind regards", "Many thanks,", "Cheers,")


def sentences(count: int, seed: int) -> list[str]:
    """``count`` short texts of one or two sentences."""
    chance = random.Random(seed)  # noqa: S311  # no secret: the same texts every time are the point
    return [
        " ".join(_filled(chance.choice(_SENTENCES), chance) for _ in range(chance.randint(1, 2))) for _ in range(count)
    ]


def mails(seed: int) -> Iterator[str]:
    """Mails without end, of about one to four thousand characters, some with a quoted one below."""
    chance = random.Random(seed)  # noqa: S311
    while True:
        mail = _mail(chance)
        if chance.random() < 0.4:
            quoted = "\n".join(f"> {line}" for line in _mail(chance).splitlines())
            mail += _filled("\n\nOn {date}, {given} {family} wrote:\n", chance) + quoted
        yield mail


def names(count: int, seed: int) -> list[str]:
    """``count`` different full names."""
    chance = random.Random(seed)  # noqa: S311
    found: dict[str, None] = {}
    while len(found) < count:
        family = chance.choice(_FAMILY)[:4] + chance.choice(_FAMILY)[-5:].lower()
        found.setdefault(f"{chance.choice(_GIVEN)} {chance.choice(_GIVEN)} {family}")
    return list(found)


def documents(characters: int, seed: int) -> list[str]:
    """Whole mails of together at least ``characters``, the last one cut there."""
    found: list[str] = []
    length = 0
    for mail in mails(seed):
        found.append(mail[: characters - length])
        length += len(found[-1])
        if length >= characters:
            return found
    raise AssertionError  # mails never end


def _mail(chance: random.Random) -> str:
    head = "From: {given} {family} <{mail}>\nTo: {given2} {family2} <{mail2}>\nDate: {date} 09:{minute} +0100\n"
    paragraphs = [
        " ".join(_filled(chance.choice(_SENTENCES), chance) for _ in range(chance.randint(2, 6)))
        for _ in range(chance.randint(2, 5))
    ]
    signature = "{closing}\n{given} {family}\n{company}\n{number} {family2} Road, {place}\nTel. {phone}\n"
    parts = (
        _filled(head + "Subject: Re: {thing}", chance),
        _filled(chance.choice(_OPENINGS), chance),
        *paragraphs,
        _filled(signature, chance),
    )
    return "\n\n".join(parts)


def _filled(template: str, chance: random.Random) -> str:
    given, family, given2, family2 = (chance.choice(names) for names in (_GIVEN, _FAMILY, _GIVEN, _FAMILY))
    return template.format(
        given=given,
        family=family,
        given2=given2,
        family2=family2,
        mail=f"{given}.{family}@example.com".lower(),
        mail2=f"{given2}.{family2}@example.org".lower(),
        company=chance.choice(_COMPANIES),
        place=chance.choice(_PLACES),
        thing=chance.choice(_THINGS),
        day=chance.choice(_DAYS),
        date=f"{chance.randint(1, 28)} {chance.choice(('March', 'May', 'October'))} {chance.randint(2019, 2026)}",
        minute=f"{chance.randint(10, 59)}",
        phone=f"({chance.randint(201, 989)}) 555-01{chance.randint(10, 99)}",
        amount=f"{chance.randint(2, 980)},{chance.randint(100, 999)}",
        percent=chance.randint(2, 40),
        order=f"PO-{chance.randint(10_000, 999_999)}",
        number=chance.randint(1, 400),
        closing=chance.choice(_CLOSINGS),
    )
