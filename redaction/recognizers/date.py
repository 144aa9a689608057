"""Dates and times written in full. Most policies keep them; a birth date is another kind (``birth_date``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaction.recognizers.birth_date import DATE
from redaction.recognizers.rules import Hit

ENTITIES: Final = ("DATE_TIME",)

_DATE: Final = re.compile(
    rf"(?<![\w./-]){DATE}(?:[ T,]{{1,2}}\d{{1,2}}:\d\d(?::\d\d)?(?:[ ]?[ap]\.?m\.?)?)?(?![\w]|[./-]\d)", re.IGNORECASE
)


_NUMBERS: Final = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})")
_MONTHS: Final = 12
_DAYS: Final = 31


def find(text: str) -> Iterator[Hit]:
    """Yield each date, with the time of day after it."""
    for match in _DATE.finditer(text):
        if not _in_a_calendar(match.group()):
            continue
        yield Hit(match.start(), match.end(), "DATE_TIME", 0.6)


def _in_a_calendar(date: str) -> bool:
    """False for three numbers of which none can be the month, or none the day."""
    match = _NUMBERS.match(date)
    if not match:
        return True
    first, second, third = map(int, match.groups())
    small = [number for number in (first, second, third) if number <= _DAYS]
    return second <= _DAYS and min(small) <= _MONTHS and len(small) > 1
