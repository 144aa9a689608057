"""International bank account numbers (ISO 13616): length of the country and the mod-97 check decide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaction.recognizers.rules import Hit

ENTITIES: Final = ("IBAN_CODE",)

LENGTHS: Final = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26,
    "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25,
    "RO": 24, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TR": 26, "UA": 29,
}  # fmt: skip
_CANDIDATE: Final = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ \u00a0-]?[A-Z0-9]){11,30}", re.IGNORECASE)


def find(text: str) -> Iterator[Hit]:
    """Yield every number with the right length and check digits; a word right after it is left out."""
    for match in _CANDIDATE.finditer(text):
        country = match.group()[:2].upper()
        end = _end(text, match.start(), match.end(), LENGTHS.get(country, 0))
        if end and (end == len(text) or not text[end].isalnum()) and _checks(text[match.start() : end]):
            yield Hit(match.start(), end, "IBAN_CODE", 1.0)


def _end(text: str, start: int, limit: int, length: int) -> int:
    """Where the ``length``-th letter or digit after ``start`` ends; 0 when there are fewer."""
    seen = 0
    for index in range(start, limit):
        seen += text[index].isalnum()
        if seen == length:
            return index + 1
    return 0


def _checks(candidate: str) -> bool:
    compact = "".join(filter(str.isalnum, candidate)).upper()
    digits = "".join(str(int(character, 36)) for character in compact[4:] + compact[:4])
    return int(digits) % 97 == 1
