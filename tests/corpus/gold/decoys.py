"""Hard negatives: what looks like a name, a number or an address and names nobody."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.corpus.gold.document import Piece
from tests.corpus.gold.names import Part
from tests.corpus.gold.values import MONTHS, WEEKDAYS, digits, letters

_WORDS: dict[str, dict[Part, tuple[str, ...]]] = {
    "product": {
        "dev": (
            "Jenkins",
            "Bunsen burner",
            "Allen key",
            "FileMaker Pro",
            "Watson dashboard",
            "Latitude 5420",
            "Ada 95",
        ),
        "test": (
            "Ansible Tower",
            "Petri dish",
            "Phillips screw",
            "Lightroom",
            "Kafka topic",
            "Stirling engine",
            "Pascal",
        ),
    },
    "code": {
        "dev": (
            "getUserName",
            "MAX_RETRY_COUNT",
            "will_retry",
            "mark_done()",
            "Bill.total",
            "frank_rate",
            "self.grace",
        ),
        "test": ("fetchAllRows", "MIN_AGE_DAYS", "may_fail", "rose_chart()", "Grant.scope", "art_id", "cls.faith"),
    },
    "term": {
        "dev": ("the Borrower", "the Supplier", "the Effective Date", "the Licensee", "the Receiving Party"),
        "test": ("the Lender", "the Contractor", "the Closing Date", "the Tenant", "the Disclosing Party"),
    },
    "role": {
        "dev": ("Head of Procurement", "Shift Lead", "Internal Audit", "Night Desk", "Quality Board"),
        "test": ("Director of Sales", "Site Manager", "Works Council", "Front Office", "Change Board"),
    },
    "word": {
        "dev": (
            "May we be clear",
            "Will the van run",
            "Grace period over",
            "Mark all of it",
            "Bill of materials",
            "Hope this helps",
        ),
        "test": ("Rose by a tenth", "Frank talk", "Grant scheme", "Dawn shift", "Joy at the gate", "Art work"),
    },
    "verb": {
        "dev": ("will ship", "may ship", "mark it down", "bill it", "hope to ship"),
        "test": ("drew it up", "grant it", "rose early", "chase it", "frankly refuse"),
    },
}
_DRAWN: dict[str, Callable[[random.Random], str]] = {
    "weekday": lambda rng: rng.choice(WEEKDAYS),
    "month": lambda rng: rng.choice(MONTHS),
    "partnumber": lambda rng: rng.choice(
        (
            f"{digits(rng, 3)}-{digits(rng, 4)}-{digits(rng, 2)}{letters(rng, 1)}",
            f"PN {digits(rng, 4)}-{digits(rng, 3)}-{letters(rng, 1)}{digits(rng, 3)}",
            f"{letters(rng, 2)}-{digits(rng, 3)}.{digits(rng, 2)}",
        )
    ),
    "version": lambda rng: (
        f"{rng.choice(('v', 'version ', 'build '))}{rng.randrange(1, 20)}."
        f"{rng.randrange(20)}.{rng.randrange(20)}.{rng.randrange(1, 10)}"
    ),
    "clause": lambda rng: f"Section {rng.randrange(1, 20)}.{rng.randrange(1, 9)}",
    "quantity": lambda rng: f"{digits(rng, 2)} {digits(rng, 3)} units",
}
KINDS = (*_WORDS, *_DRAWN)


def decoy(kind: str, rng: random.Random, part: Part) -> Piece:
    """One hard negative of a kind of ``KINDS``. Weekdays and months are the same in both parts."""
    text = _DRAWN[kind](rng) if kind in _DRAWN else rng.choice(_WORDS[kind][part])
    return Piece(text, decoy=kind)
