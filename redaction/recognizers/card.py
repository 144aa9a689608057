"""Payment cards: 12 to 19 digits, in groups or not, whose check digit fits (ISO/IEC 7812-1, annex B: Luhn).

A number under the prefix of a card scheme is one by itself; others need a word such as "card" near them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaction.recognizers.rules import Hit

ENTITIES: Final = ("CREDIT_CARD",)

_CANDIDATE: Final = re.compile(r"(?<![\w.,/+-])\d(?:[ -]?\d){11,18}(?![\w/]|[.,-]\d)")
# The first digits of the networks: travel, Visa, Mastercard, and the others; of the long ones alone.
_SCHEME: Final = re.compile(r"[3-6]\d{12,18}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|(?:2131|1800)\d{11}")
_WORDS: Final = re.compile(
    r"\b(?:cards?|credit|debit|visa|master ?card|maestro|amex|american express|discover|diners|jcb|pan|payment)\b",
    re.IGNORECASE,
)
_NEAR: Final = 60


def find(text: str) -> Iterator[Hit]:
    """Yield numbers of cards."""
    for match in _CANDIDATE.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if not luhn(digits) or len(set(digits)) == 1:
            continue
        if _SCHEME.fullmatch(digits):
            yield Hit(match.start(), match.end(), "CREDIT_CARD", 1.0)
        elif _WORDS.search(text, max(0, match.start() - _NEAR), min(len(text), match.end() + _NEAR)):
            yield Hit(match.start(), match.end(), "CREDIT_CARD", 0.8)


def luhn(digits: str) -> bool:
    """True when the last digit is the check digit of the others."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # minus nine: the sum of its two digits
    return total % 10 == 0
