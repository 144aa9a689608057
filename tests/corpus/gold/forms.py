"""The ways a name is written: each form gives one piece, whose text is the name and nothing but the name."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.corpus.gold.document import Piece
from tests.corpus.gold.names import part_of
from tests.corpus.gold.people import Person

NICKNAMES = {
    "Alexander": "Alex", "Alexandra": "Sandra", "Amanda": "Mandy", "Andrew": "Andy", "Anthony": "Tony",
    "Barbara": "Barb", "Benjamin": "Ben", "Catherine": "Cathy", "Charles": "Charlie", "Christina": "Tina",
    "Christopher": "Chris", "Daniel": "Danny", "David": "Dave", "Deborah": "Debbie", "Donald": "Don",
    "Edward": "Eddie", "Elizabeth": "Liz", "Eugene": "Gene", "Franziska": "Franzi", "Gregory": "Greg",
    "Jacqueline": "Jackie", "James": "Jim", "Jeffrey": "Jeff", "Jennifer": "Jenny", "Jessica": "Jess",
    "Johannes": "Hannes", "John": "Johnny", "Jonathan": "Jon", "Joseph": "Joe", "Joshua": "Josh", "Katherine": "Kate",
    "Kathleen": "Kathy", "Kenneth": "Kenny", "Kimberly": "Kim", "Lawrence": "Larry", "Margaret": "Maggie",
    "Matthew": "Matt", "Michael": "Mike", "Michelle": "Shelly", "Nicholas": "Nicky", "Nicole": "Nikki",
    "Pamela": "Pam", "Patricia": "Trish", "Patrick": "Paddy", "Peter": "Pete", "Philip": "Phil", "Raymond": "Ray",
    "Rebecca": "Becky", "Richard": "Dick", "Robert": "Bob", "Ronald": "Ron", "Samantha": "Sam", "Samuel": "Sammy",
    "Sebastian": "Basti", "Stephanie": "Steph", "Stephen": "Steve", "Susan": "Susie", "Theodore": "Ted",
    "Thomas": "Tom", "Timothy": "Tim", "Victoria": "Vicky", "Vincent": "Vinny", "Walter": "Wally", "William": "Billy",
}  # fmt: skip
_SCANNED = (("m", "rn"), ("l", "1"), ("o", "0"), ("e", "c"), ("i", "l"), ("O", "0"), ("B", "8"), ("S", "5"), ("g", "q"))


def full(who: Person, _: random.Random) -> str:
    return who.full


def given(who: Person, _: random.Random) -> str:
    """The given name; where a given name never stands alone, the whole one."""
    return who.full if len(who.given) == 1 else who.given


def family(who: Person, _: random.Random) -> str:
    return who.full if len(who.family) == 1 else who.family


def last_first(who: Person, rng: random.Random) -> str:
    if who.family_first:
        return who.full
    return f"{who.family}, {who.given}" + (f" {who.middle}." if who.middle and rng.random() < 0.3 else "")


def middle(who: Person, _: random.Random) -> str:
    return f"{who.given} {who.middle}. {who.family}" if who.middle else who.full


def initial(who: Person, _: random.Random) -> str:
    return who.full if who.native else f"{who.given[0]}. {who.family}"


def initials(who: Person, rng: random.Random) -> str:
    """Initials in place of the given names: ``Doe, TK`` or ``T.K. Doe``."""
    if who.native:
        return who.full
    return rng.choice((f"{who.family}, {who.given[0]}{who.middle}", f"{who.given[0]}.{who.middle}. {who.family}"))


def nickname(who: Person, rng: random.Random) -> str:
    """The pet form of the given name where there is one of the same part, else the given name."""
    pet = NICKNAMES.get(who.given)
    return pet if pet and part_of(pet) == part_of(who.given) else given(who, rng)


def lower(who: Person, _: random.Random) -> str:
    return who.full.lower()


def lower_given(who: Person, rng: random.Random) -> str:
    return given(who, rng).lower()


def capitals(who: Person, _: random.Random) -> str:
    return who.full.upper()


def wrapped(who: Person, _: random.Random) -> str:
    """The name over a line end."""
    return who.full if who.family_first else f"{who.given}\n{who.family}"


def misspelt(who: Person, rng: random.Random) -> str:
    """The name with two letters swapped, one lost or one doubled; names under four letters stay."""
    name = who.family
    if who.native or len(name) < 4:
        return who.full
    at = rng.randrange(1, len(name) - 2)
    wrong = rng.choice(
        (
            name[:at] + name[at + 1] + name[at] + name[at + 2 :],
            name[:at] + name[at + 1 :],
            name[:at] + name[at] + name[at:],
        )
    )
    return f"{who.given} {wrong}"


def scanned(who: Person, rng: random.Random) -> str:
    """The name as a poor scan gives it: one letter read as another sign."""
    name = who.full
    possible = [(good, bad) for good, bad in _SCANNED if good in name[1:]]
    if who.native or not possible:
        return name
    good, bad = rng.choice(possible)
    return name[0] + name[1:].replace(good, bad, 1)


FORMS: dict[str, Callable[[Person, random.Random], str]] = {
    "full": full, "given": given, "family": family, "last_first": last_first, "middle": middle, "initial": initial,
    "initials": initials, "nickname": nickname, "lower": lower, "lower_given": lower_given, "capitals": capitals,
    "wrapped": wrapped, "misspelt": misspelt, "scanned": scanned,
}  # fmt: skip

# What a writer picks from where the template leaves it open, with weights.
STYLES: dict[str, dict[str, int]] = {
    "prose": {
        "full": 30, "given": 30, "family": 6, "initial": 5, "middle": 3, "nickname": 5, "wrapped": 3, "misspelt": 3,
        "scanned": 2,
    },
    "casual": {"given": 40, "nickname": 15, "lower_given": 15, "full": 12, "lower": 5, "misspelt": 3},
    "header": {"full": 50, "last_first": 22, "initials": 6, "middle": 8, "capitals": 4, "lower": 2, "initial": 4},
    "row": {"full": 40, "last_first": 25, "initial": 8, "capitals": 8, "lower": 6, "middle": 6, "initials": 5},
}  # fmt: skip


def spelled(who: Person, form: str, rng: random.Random, *, familiar: bool = False) -> Piece:
    """The person as ``form`` writes the name: one of ``FORMS``, or a style of ``STYLES`` to draw one from.

    Where everybody is on first-name terms (``familiar``), running text has given names only.
    """
    if form in STYLES:
        style = STYLES[form]
        form = rng.choices(list(style), list(style.values()))[0]
        if familiar:
            form = rng.choice(("given", "given", "given", "nickname", "lower_given"))
    return Piece(FORMS[form](who, rng), "PERSON", who.group)
