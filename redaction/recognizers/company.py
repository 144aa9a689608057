"""Companies by their legal suffix: up to five capitalised words and a suffix of a dozen countries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaction.names import FURNITURE
from redaction.recognizers.rules import Hit
from redaction.view import squeeze
from redaction.words import words

ENTITIES: Final = ("ORGANIZATION",)

SUFFIX: Final = (
    r"(?:Inc|Incorporated|Corp|Corporation|Ltd|Limited|LLC|L\.L\.C|LLP|PLC|plc|Plc|GmbH|AG|KG|UG|SE|e\.V|S\.A|SA|SAS"
    r"|SARL"
    r"|S\.r\.l|Srl|S\.p\.A|SpA|B\.V|BV|N\.V|NV|AB|AS|A/S|ApS|Oy|Oyj|Pty Ltd|Pte Ltd"
    r"|Co\. KG|Co|S\.L|SL|Kft|s\.r\.o|Lda|Ltda"
    r"|Sp\. z o\.o)"
)
_WORD: Final = r"[A-ZÀ-ÖØ-Þ][\w'’&-]{0,30}"
_COMPANY: Final = re.compile(
    rf"(?<![\w-])({_WORD}(?:(?:,? (?:&|and|und|et|y))? {_WORD}){{0,5}}),? ({SUFFIX})\b\.?(?: (?:& Co\. KG|KG|Ltd))?"
)
# Sentence openers that the pattern would otherwise take into the name.
_OPENERS: Final = words("openers")
# "SA", "AS", "CO" in capitals are words of headings as well; they count only after a name that is not all capitals.
_HEADING: Final = frozenset({"AS", "SE", "CO", "Co", "AB", "SA", "SL", "AG", "KG", "NV", "BV", "UG"})


def find(text: str) -> Iterator[Hit]:
    """Yield every company with a legal suffix, the suffix included."""
    for match in _COMPANY.finditer(text):
        start = match.start(1)
        words = match.group(1).split(" ")
        while len(words) > 1 and words[0] in _OPENERS:
            start += len(words[0]) + 1
            words = words[1:]
        if words[0] in _OPENERS or all(squeeze(word) in FURNITURE for word in words):
            continue
        if match.group(2) in _HEADING and match.group(1).isupper():
            continue
        yield Hit(start, match.end(), "ORGANIZATION", 0.95)
