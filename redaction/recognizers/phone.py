"""Telephone numbers: a cheap candidate pattern, then the numbering plans of phonenumbers decide."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Final

import phonenumbers

from redaction.recognizers.rules import Hit

ENTITIES: Final = ("PHONE_NUMBER",)
REGIONS: Final = ("US", "GB", "DE", "FR", "ES", "IT", "NL")

_CANDIDATE: Final = re.compile(
    r"(?<![\w.,/-])(?:\+|00)?\(?\d{1,11}\)?(?:(?:[ \u00a0\u202f./–-]{1,2}"
    r"|(?<=\)))(?:\(0\))?\(?\d{1,8}\)?){1,7}(?=x\d{2,6}\b|(?!\w|-\d+[A-Z]))"
    r"|(?<![\w.,/-])\+?\d{9,14}(?=x\d{2,6}\b|(?!\w))"
)
_DATE: Final = re.compile(r"(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:19|20)?\d\d(?!\d)")
_FEWEST_OF_ROW: Final = 4  # so many groups of digits are no date
_LABEL: Final = re.compile(
    r"(?:tel|telephone|phone|ph|mobile|mob|cell|fax|call|ring|text|sms|whatsapp|direct|dial|office|line|desk|ext"
    r"|extension|reach(?:ed)?|contact|answering|connect|hotline|support|queries|number|home"
    r"|work)[\w. ]{0,14}[:.\s(\[=]{0,4}$",
    re.IGNORECASE,
)
# "0171 5550 0142-Fax", "0171 5550 0142 office"
_AFTER: Final = re.compile(
    r"(?:x\d{2,6})?[ ]?[-–(]?[ ]?(?:fax|office|mobile|cell|home|work|direct|desk)\b", re.IGNORECASE
)
_EXTENSION: Final = re.compile(r"(?:\b|(?<=\d))(?:ext|extension|x)\.?[ :]{0,2}(\d{2,6})\b", re.IGNORECASE)


def find(text: str) -> Iterator[Hit]:
    """Yield every number a telephone network would route, and candidates right after a word such as "phone"."""
    # A column of like numbers asks the numbering plans once; nothing is remembered from one text to the next.
    valid = functools.cache(_valid)
    for match in _CANDIDATE.finditer(text):
        score = _score(text, match, valid)
        if score:
            end = _with_extension(text, match.end())
            yield Hit(match.start(), end, "PHONE_NUMBER", score)


def _score(text: str, match: re.Match[str], valid: Callable[[str, str], bool]) -> float:
    candidate = match.group()
    digits = sum(character.isdigit() for character in candidate)
    if not 7 <= digits <= 15 or (_DATE.match(candidate) and len(re.findall(r"\d+", candidate)) < _FEWEST_OF_ROW):
        return 0.0
    before = _LABEL.search(text, max(0, match.start() - 30), match.start())
    labelled = bool(before) or _AFTER.match(text, match.end()) is not None
    if candidate.startswith(("+", "00")):
        return 0.95 if _possible(candidate, None) or digits >= 9 else 0.0
    if candidate.isdigit() and not labelled:
        # A bare run of digits is more often an order or a part number than a telephone number.
        return 0.6 if digits in (10, 11) and candidate[0] == "0" and valid(candidate, "GB") else 0.0
    if labelled:
        return 0.7
    # National numbers open with a zero or a bracket; other rows of digits are amounts and years.
    if candidate[0] in "0(" and any(valid(candidate, region) for region in REGIONS):
        return 0.75
    return 0.5 if _SHAPES.fullmatch(candidate) else 0.0


def _possible(candidate: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(candidate, region))
    except phonenumbers.NumberParseException:
        return False


def _valid(candidate: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(candidate, region))
    except phonenumbers.NumberParseException:
        return False


# Numbers kept for fiction (555-01xx, 020 7946 0xxx) and old ones are shaped like telephone numbers but not in service.
_SHAPES: Final = re.compile(
    r"\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}|\d{3}-\d{4}|\(?0\d{2,4}\)?[ -]\d{3,4}[ -]\d{3,4}|\(?0\d{2,4}\)?[ -]\d{6,8}"
)


def _with_extension(text: str, end: int) -> int:
    extension = _EXTENSION.match(text, end + len(text[end : end + 2]) - len(text[end : end + 2].lstrip(" ,")))
    return extension.end() if extension else end
