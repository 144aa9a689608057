"""Tables as csv text: each cell is a piece, so the gold knows where it lies; cells with commas stand in quotes."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from tests.corpus.gold.document import Page, Piece
from tests.corpus.gold.names import Part
from tests.corpus.gold.scene import PEOPLE, Scene


@dataclass(frozen=True)
class Column:
    """A header, and what its cells hold: a field of the scene (``{p}`` stands for the person of the row)."""

    header: str
    name: str
    form: str = ""


_TABLES: dict[Part, tuple[tuple[Column, ...], ...]] = {
    "dev": (
        (
            Column("Name", "p", "row"), Column("E-mail", "p", "mail"), Column("Phone", "phone"),
            Column("Employee ID", "employee"), Column("Start", "day"),
        ),
        (
            Column("Customer No", "customer"), Column("Contact", "p", "last_first"), Column("City", "town"),
            Column("IBAN", "iban"), Column("Product", "decoy", "product"), Column("Part", "decoy", "partnumber"),
        ),
        (
            Column("Surname", "p", "family"), Column("First name", "p", "given"), Column("Date of birth", "birth"),
            Column("Address", "address"), Column("Day", "decoy", "weekday"),
        ),
        (
            Column("Invoice", "invoice"), Column("Company", "org1", "full"), Column("Approved by", "p", "initial"),
            Column("Amount", "amount"), Column("Account", "account"), Column("Version", "decoy", "version"),
        ),
    ),
    "test": (
        (
            Column("Staff member", "p", "full"), Column("Staff No", "employee"), Column("Mail", "p", "mail"),
            Column("Mobile", "phone"), Column("Shift", "decoy", "weekday"),
        ),
        (
            Column("Client ID", "customer"), Column("Account manager", "p", "row"), Column("Branch", "town"),
            Column("Card", "card"), Column("Article", "decoy", "partnumber"), Column("Item", "decoy", "product"),
        ),
        (
            Column("Given name", "p", "given"), Column("Family name", "p", "family"), Column("Born", "birth"),
            Column("Number plate", "plate"), Column("Home address", "address"),
        ),
        (
            Column("Bill", "invoice"), Column("Vendor", "org2", "full"), Column("Requested by", "p", "initials"),
            Column("Total", "amount"), Column("Bank account", "iban"), Column("Build", "decoy", "version"),
        ),
    ),
}  # fmt: skip


def table(scene: Scene, rng: random.Random, part: Part) -> Page:
    """A table with a header and four to nine rows."""
    columns = rng.choice(_TABLES[part])
    separator = rng.choice((",", ",", ";"))
    page = Page(separator.join(column.header for column in columns) + "\n")
    for row in range(rng.randrange(4, 10)):
        for number, column in enumerate(columns):
            if number:
                page.write(separator)
            name = f"p{row % PEOPLE + 1}" if column.name == "p" else column.name
            page.write(_cell(scene.piece(name, column.form)))
        page.write("\n")
    return page


def headers(part: Part) -> set[str]:
    """Every column header of a part."""
    return {column.header for columns in _TABLES[part] for column in columns}


def _cell(piece: Piece) -> Piece:
    if any(letter in piece.text for letter in ',;"\n'):
        return replace(piece, before='"', after='"')
    return piece
