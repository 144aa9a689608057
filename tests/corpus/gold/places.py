"""Towns, countries, streets and companies, other ones in each part. Companies are invented; none is looked up."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.corpus.gold.names import Part
from tests.corpus.gold.values import digits, letters

TOWNS: dict[Part, tuple[str, ...]] = {
    "dev": (
        "Leeds", "Norwich", "Albany", "Springfield", "Hamburg", "Lyon", "Puebla", "Recife", "Poznań", "Izmir",
        "Utrecht", "Brno", "Da Nang", "Chengdu", "Osaka", "Busan", "Amman", "Pune", "Kazan", "Turin", "Gothenburg",
        "Tucson", "Exeter", "Boise", "Kisumu",
    ),
    "test": (
        "Bristol", "Dundee", "Savannah", "Omaha", "Bremen", "Nantes", "Oaxaca", "Curitiba", "Gdańsk", "Bursa",
        "Eindhoven", "Ostrava", "Hue", "Wuhan", "Sapporo", "Incheon", "Muscat", "Nagpur", "Samara", "Bologna",
        "Malmö", "El Paso", "Swansea", "Fresno", "Nakuru",
    ),
}  # fmt: skip
COUNTRIES: dict[Part, tuple[str, ...]] = {
    "dev": ("Germany", "Mexico", "Turkey", "Vietnam", "Japan", "Jordan", "India", "Kenya", "Ohio", "Bavaria", "Kent"),
    "test": ("France", "Brazil", "Poland", "China", "Oman", "Italy", "Sweden", "Ghana", "Idaho", "Saxony", "Devon"),
}
_STREETS: dict[Part, tuple[str, ...]] = {
    "dev": ("Maple", "Orchard", "Station", "Mill", "Granary", "Foundry", "Chestnut", "Harbour", "Juniper", "Abbey"),
    "test": ("Willow", "Quarry", "Market", "Bridge", "Tannery", "Beacon", "Sycamore", "Canal", "Priory", "Larch"),
}
_FOREIGN: dict[Part, tuple[str, ...]] = {
    "dev": ("Lindenstraße {n}, 2{d} Hamburg", "{n} rue des Tanneurs, 69003 Lyon", "Kanaalweg {n}, 3{e} AB Utrecht"),
    "test": ("Gartenweg {n}, 28{e} Bremen", "{n} avenue du Moulin, 44000 Nantes", "Via dei Fabbri {n}, 40121 Bologna"),
}
_COINED: dict[Part, tuple[str, ...]] = {
    "dev": (
        "Brightwater", "Norvane", "Quellbach", "Tarnfield", "Ostermoor", "Halvex", "Pinegrid", "Corvidane", "Melloway",
        "Stratholm", "Zephyrine", "Bluecairn", "Ferrowick", "Lumaris", "Oakhelm",
    ),
    "test": (
        "Silverfen", "Dravonic", "Aldermere", "Windholt", "Kestrelex", "Marrowgate", "Velaris", "Thornbury Vale",
        "Optiquay", "Grauwald", "Peregrinia", "Copperlea", "Irisvane", "Nordquell", "Saltmarsh",
    ),
}  # fmt: skip
_SECTORS: dict[Part, tuple[str, ...]] = {
    "dev": ("Logistics", "Foods", "Medical", "Partners", "Software", "Energy", "Capital"),
    "test": ("Freight", "Diagnostics", "Holdings", "Systems", "Textiles", "Consulting", "Insurance"),
}
_SUFFIXES: dict[Part, tuple[str, ...]] = {
    "dev": ("Ltd", "Inc.", "GmbH", "LLC", "B.V.", "S.A."),
    "test": ("PLC", "Corp.", "AG", "LLP", "N.V.", "S.r.l."),
}


class Company:
    """An invented company: ``full`` legal name, the ``short`` one, its initials, and its domain under .example."""

    def __init__(self, rng: random.Random, part: Part) -> None:
        self.short = rng.choice(_COINED[part])
        sector = rng.choice(_SECTORS[part])
        self.full = f"{self.short} {sector} {rng.choice(_SUFFIXES[part])}"
        self.acronym = "".join(word[0] for word in f"{self.short} {sector} Group".split())
        self.domain = self.short.lower().replace(" ", "-") + ".example"


def town(rng: random.Random, part: Part) -> str:
    return rng.choice(TOWNS[part])


def country(rng: random.Random, part: Part) -> str:
    return rng.choice(COUNTRIES[part])


def address(rng: random.Random, part: Part) -> str:
    """An address on one line. British post codes end in ZZ, which none does."""
    street, number = rng.choice(_STREETS[part]), rng.randrange(1, 400)
    forms: tuple[Callable[[], str], ...] = (
        lambda: f"{number} {street} Street, {town(rng, part)}, {rng.choice(('NY', 'OH', 'TX'))} {digits(rng, 5)}",
        lambda: f"{number} {street} Lane, {town(rng, part)} {letters(rng, 2)}{rng.randrange(1, 20)} 4ZZ",
        lambda: f"Suite {rng.randrange(100, 900)}, {number} {street} Avenue",
        lambda: f"PO Box {digits(rng, 4)}, {town(rng, part)}",
        lambda: rng.choice(_FOREIGN[part]).format(n=number, d=digits(rng, 3) + "1", e=digits(rng, 3)),
        lambda: f"Flat {rng.randrange(1, 40)}, {number} {street} Road, {town(rng, part)}",
    )
    return rng.choice(forms)()


def address_lines(rng: random.Random, part: Part) -> str:
    """An address over two or three lines, as on a letter."""
    return address(rng, part).replace(", ", "\n")
