"""What a cell says: its text in three spellings, and numbers that are really ids or telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from redaction.entities import Replacement
from redaction.formats.ooxml.slots import Slot, spliced

_MANY_DIGITS: Final = 7
_TELLING_DIGITS: Final = 3
_ID_COLUMN: Final = re.compile(
    r"\b(?:id|no|nr|num|number|phone|tel|telephone|mobile|cell|fax|ssn|sin|nino|iban|account|acct|employee|staff|"
    r"personnel|passport|licen[cs]e|tax|vat|customer|client|patient|case|ticket|zip|postcode|postal|pin|badge|born|"
    r"birth|dob)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def is_telling(header: str) -> bool:
    """Whether a column of this header holds ids or numbers that reach a person."""
    return _ID_COLUMN.search(header) is not None


def telling_number(value: str, header: str) -> str:
    """The digits of a number that looks like an id or a telephone number, else an empty string.

    An amount stays a number: only whole numbers count, of seven digits and more, or of three under a telling header.
    """
    enough = _TELLING_DIGITS if is_telling(header) else _MANY_DIGITS
    if len(value) < enough:
        return ""
    if value.isdigit() and value[0] != "0" and len(value) < _MANY_DIGITS:
        return value if enough == _TELLING_DIGITS else ""
    try:
        number = Decimal(value.strip())
        whole = number == number.to_integral_value() and abs(number) < Decimal(10) ** 20
    except (InvalidOperation, ValueError):
        return ""
    digits = f"{number:.0f}" if whole else ""
    return digits if len(digits.lstrip("-")) >= enough else ""


Changes = dict[str, Sequence[Replacement]]


@dataclass(eq=False)
class CellSlot(Slot):
    """The text of a cell, or of a literal in its formula. Cells are written later: it only says what is to change."""

    changes: Changes = field(default_factory=dict)

    def write(self, replacements: Sequence[Replacement]) -> None:
        spliced(self.text, replacements)  # checks that they fit
        self.changes[self.anchor] = replacements
