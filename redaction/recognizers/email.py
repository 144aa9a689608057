"""E-mail addresses (RFC 5321 sizes: local part ≤ 64, label ≤ 63), also behind ``mailto:`` and in angle brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaction.recognizers.rules import Hit

ENTITIES: Final = ("EMAIL_ADDRESS",)

# The search is anchored at the @, which is rare; the local part is then read backwards, so no text makes it retry.
_DOMAIN: Final = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_][\w-]{0,61}[^\W_]")
_LOCAL: Final = frozenset("!#$%&'*+-/=?^_`{|}~.")


def find(text: str) -> Iterator[Hit]:
    """Yield every address of ``text``."""
    at = text.find("@")
    while at >= 0:
        domain = _DOMAIN.match(text, at + 1, at + 254)
        start = _local_start(text, at)
        if domain and start < at:
            yield Hit(start, domain.end(), "EMAIL_ADDRESS", 1.0)
        at = text.find("@", at + 1)


def _local_start(text: str, at: int) -> int:
    start = at
    while start > 0 and at - start < 64 and (text[start - 1].isalnum() or text[start - 1] in _LOCAL):
        start -= 1
    # Quotes, slashes and the like before the first letter belong to the sentence.
    while start < at and not (text[start].isalnum() or text[start] == "_"):
        start += 1
    return start
