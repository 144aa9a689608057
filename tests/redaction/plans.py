"""A plan for tests: given words are replaced wherever they stand in the extracted text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from redaction.entities import Block, Extraction, Plan, Replacement


def plan_for(extraction: Extraction, words: Mapping[str, str], names: Sequence[str] = ()) -> Plan:
    """Replace ``words`` (old → new) in every segment, whatever their case and whatever blanks stand between letters."""
    replacements: dict[str, list[Replacement]] = {}
    for segment in extraction.segments:
        found: list[Replacement] = []
        for old, new in sorted(words.items(), key=lambda item: -len(item[0])):
            found.extend(Replacement(*match.span(), new) for match in _loose(old).finditer(segment.text))
        taken: list[Replacement] = []
        for item in found:
            if all(item.end <= other.start or item.start >= other.end for other in taken):
                taken.append(item)
        if taken:
            replacements[segment.anchor] = sorted(taken, key=lambda item: item.start)
    return Plan(replacements, "out", tuple(names))


def _loose(word: str) -> re.Pattern[str]:
    letters = [re.escape(char) for char in word if not char.isspace()]
    return re.compile("[\\s\u00ad\u200b]*".join(letters), re.IGNORECASE)


def squeezed(texts: Sequence[str]) -> str:
    """Join texts without blanks, hyphens and case, so that a word is found however it is cut."""
    return re.sub("[\\s\u00ad\u200b\u0002\ufffe-]+", "", "".join(texts)).casefold()


def text_of(blocks: Sequence[Block]) -> str:
    """Join what a reader saw."""
    return "\n".join(block.text for block in blocks)
