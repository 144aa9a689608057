"""Dates of birth: a date right after words such as "born" or "DOB". Other dates are DATE_TIME and stay by default."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaction.recognizers.rules import Hit, folded

ENTITIES: Final = ("DATE_OF_BIRTH",)

_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]{0,6}\.?"
DATE: Final = (
    rf"(?:\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{2,4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH},? ?\d{{2,4}}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
)
_BORN: Final = re.compile(
    r"\b(?:date of birth|birth ?date|birthday|d\.?o\.?b\.?|born)\b[ \t]{0,3}"
    r"(?:\(?[a-z/]{2,12}\)?[ \t]{0,2}){0,2}"
    rf"(?:is|was|on|:|=|\||-|–)?[ \t]{{0,3}}({DATE})(?!\w)",
    re.IGNORECASE,
)
_NEEDED: Final = ("birth", "born", "dob", "d.ob", "do.b", "d.o.b")


def find(text: str) -> Iterator[Hit]:
    """Yield the date after each such word."""
    small = folded(text)
    for match in _BORN.finditer(text) if any(one in small for one in _NEEDED) else ():
        yield Hit(match.start(1), match.end(1), "DATE_OF_BIRTH", 0.9)
