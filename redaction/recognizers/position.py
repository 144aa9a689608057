"""Geographic positions: latitude and longitude in degrees, with four decimals or more, or in degrees and minutes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaction.recognizers.rules import Hit

ENTITIES: Final = ("GEO_COORDINATES",)

_DECIMAL: Final = re.compile(
    r"(?<![\w.])([-+]?\d{1,2}\.\d{4,12})°?[ ]?[NS]?[,;/ ][ ]{0,2}([-+]?\d{1,3}\.\d{4,12})°?(?:[ ]?[EW])?(?![\w.])"
)
_SEXAGESIMAL: Final = re.compile(
    r"(?<!\w)\d{1,2}[°º][ ]?\d{1,2}['′’][ ]?(?:\d{1,2}(?:\.\d{1,6})?[\"″”])?[ ]?[NS][,; ]{1,3}"
    r"\d{1,3}[°º][ ]?\d{1,2}['′’][ ]?(?:\d{1,2}(?:\.\d{1,6})?[\"″”])?[ ]?[EW](?!\w)"
)
_FINE: Final = re.compile(r"\d\.\d{4}")
_POLE: Final = 90
_DATE_LINE: Final = 180


def find(text: str) -> Iterator[Hit]:
    """Yield pairs that lie on the globe."""
    for match in _DECIMAL.finditer(text) if _FINE.search(text) else ():
        if abs(float(match.group(1))) <= _POLE and abs(float(match.group(2))) <= _DATE_LINE:
            yield Hit(match.start(), match.end(), "GEO_COORDINATES", 0.7)
    for match in _SEXAGESIMAL.finditer(text) if "°" in text or "º" in text else ():
        yield Hit(match.start(), match.end(), "GEO_COORDINATES", 0.8)
