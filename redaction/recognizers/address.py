"""Postal addresses: a street, a box or a unit opens one; units, places, codes and countries around it are taken in.

Parts are assembled over commas, blanks and line ends, also in quoted mails. A street with its number is enough; a place
alone is none. Where words say that an address follows ("lives at", "our address:"), a capitalised word with a number
is a street of whatever language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaction.recognizers.address_parts import (
    CAPITALISED,
    COUNTRY,
    MILITARY,
    NUMBER,
    OWN_UNIT,
    PLACE,
    POST_CODE,
    ROMANCE,
    SMALL,
    STREETS,
    UK_POST_CODE,
    UNIT,
    US_STATE,
)
from redaction.recognizers.rules import Hit, folded, trimmed

ENTITIES: Final = ("ADDRESS", "POST_CODE")

_STREET: Final = re.compile(rf"(?<![\w/-])(?:{STREETS})|(?<![\w/-])(?:{ROMANCE})")
_MILITARY: Final = re.compile(rf"(?<!\w){MILITARY}(?!\w)", re.IGNORECASE)
# A unit that says by itself what it is, with the street before it on its line: "3482 Long Acre 71 Suite 838".
_UNIT_LINE: Final = re.compile(rf"(?<![\w/-])(?:\d{{1,6}}[ ](?:[\w.'’/-]{{1,24}}[ ]){{1,6}})?{OWN_UNIT}", re.IGNORECASE)
# Words in capitals between two numbers on a line of their own, or before a unit: a street wherever it may be.
_BETWEEN_NUMBERS: Final = re.compile(
    rf"^[ \t>?|]{{0,12}}(\d{{1,6}}[ ](?:{NUMBER}[ ])?(?:{CAPITALISED}[ ]){{1,4}}\d{{1,5}}[a-zA-Z]?\.?)[ \t]{{0,4}}$",
    re.MULTILINE,
)
# What an address is announced by.
_ANNOUNCED: Final = re.compile(
    r"(?:\baddress(?:es)?(?:[ ](?:is|are))?[ ]{0,2}[:=]?|\b(?:address|street)[ ](?:is|to the same:)|\blocated[ ](?:at"
    r"|on)|\bliv(?:e|es|ed|ing)[ ](?:at|on|in)"
    r"|\boffices?[ ](?:at|on|in)|\b(?:sent|send|ship|shipped|deliver|delivered|return|mail|post|taxi|moved?"
    r"|moving)(?:[ ]\w{1,10}){0,2}[ ]to"
    r"|\b(?:meet|pick)(?:[ ]\w{1,6}){0,2}[ ](?:up[ ])?at|\boff[ ]at|\bside[ ]of|\b(?:it is|it'?s) (?:in|at)?"
    r"|\bhere they are:"
    r"|\bthe following\?|\btitle refers to|\bstatement to)[ \n]{1,3}"
    rf"((?:\d{{1,6}},?[ ])?(?:\d{{1,5}}[ ])?(?:{CAPITALISED}[ ]"
    rf"(?:{SMALL}[ ]){{0,2}}){{1,5}}\d{{1,5}}[a-zA-Z]?\b)(?=[ ]?(?:[,.;?!\n]|$|{UNIT}|street\b|{CAPITALISED}))"
)
_CORNER: Final = re.compile(
    rf"(?:the[ ])?corner[ ]of[ ]((?:{NUMBER}[ ])?(?:{CAPITALISED}|str)(?:[ ](?:{CAPITALISED}|{NUMBER}\.?"
    rf"|str\.?)){{0,4}})[ ]and[ ]"
    rf"((?:\w{{1,9}}[ ])?{CAPITALISED}(?:[ ](?:{CAPITALISED}|{NUMBER})){{0,3}})"
)
_GAP: Final = r"(?:[ ]?,[ ]?(?:\n[ >?|]{0,8}(?:,[ ])?)?|[ ]?\n{1,2}[ >?|]{0,8}(?:,[ ])?|[ ]{1,2}|[ ]?[·|–-][ ])"
_TAIL: Final = re.compile(
    rf"(?P<gap>{_GAP})(?:(?P<unit>{UNIT})|(?P<country>{COUNTRY}(?:[ ]\([A-Z][a-z]{{2,12}}\))?(?:[ ]\d{{3,6}})?(?!\w))"
    rf"|(?P<code>(?:(?:[A-Z]{{2,3}}|nan)[ ])?{POST_CODE}(?!\w)(?:[ ]{PLACE})?)|(?P<state>(?:{US_STATE}|[A-Z]{{2,3}}"
    rf"|nan)(?![\w.]))"
    rf"|(?P<place>{PLACE}(?:,? {US_STATE}\b)?))"
)
_HEAD: Final = re.compile(rf"(?:(?:{UNIT}|c/o {CAPITALISED}(?: {CAPITALISED}){{0,2}}),?[ ])?(?:\d{{1,6}},?[ ])?$")
_CODE: Final = re.compile(rf"(?<![\w-]){UK_POST_CODE}(?![\w-])|(?<![\w-]){US_STATE} \d{{5}}(?:-\d{{4}})?(?![\w-])")
_NAMED_CODE: Final = re.compile(
    rf"\b(?:zip|post(?:al)?)[ -]?codes?(?:[ ]is)?[ ]?[:=]?[ ]({POST_CODE})(?!\w)|\bzip[ ]?[:=][ ]?({POST_CODE})(?!\w)",
    re.IGNORECASE,
)
_DAY: Final = re.compile(
    r"(?<!\d)\d{1,2}(?:st|nd|rd|th)? (?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b"
)
# What some of these need; a text without is not tried.
_DIGIT: Final = re.compile(r"\d")
_CODED: Final = re.compile(r"[A-Z]\d|GIR|[A-Z][A-Z] \d")
_POSTS: Final = ("apo", "fpo", "dpo")
_UNITS: Final = ("suite", "ste.", "apt", "apartment")
_MAXIMUM_TAIL: Final = 8
_STREET_WORD: Final = re.compile(r"[ ](?:street|str\.?)\b", re.IGNORECASE)


def find(text: str) -> Iterator[Hit]:
    """Yield whole addresses around each opening part, and post codes that stand apart."""
    end = 0
    for start, stop in sorted(_openings(text)):
        if stop <= end:
            continue
        start, stop = trimmed(text, max(end, _start(text, start)), _end(text, stop), " \t\n\r,;:.>?|")
        if start < stop:
            end = stop
            yield Hit(start, stop, "ADDRESS", 0.7)
    for match in _CODE.finditer(text) if _CODED.search(text) else ():
        yield Hit(match.start(), match.end(), "POST_CODE", 0.4)
    small = folded(text)
    for match in _NAMED_CODE.finditer(text) if "code" in small or "zip" in small else ():
        group = 1 if match.group(1) else 2
        yield Hit(match.start(group), match.end(group), "POST_CODE", 0.6)


def _openings(text: str) -> Iterator[tuple[int, int]]:
    if "corner of " in text:
        yield from (match.span() for match in _CORNER.finditer(text))
    if not _DIGIT.search(text):
        return
    small = folded(text)
    for match in _STREET.finditer(text):
        if re.search(r"\d", match.group()) and not _DAY.match(match.group()):
            yield match.span()
    for pattern, needed in ((_MILITARY, _POSTS), (_UNIT_LINE, _UNITS)):
        if any(one in small for one in needed):
            yield from (match.span() for match in pattern.finditer(text))
    for pattern in (_BETWEEN_NUMBERS, _ANNOUNCED):
        for match in pattern.finditer(text):
            if not _DAY.search(match.group(1)):
                yield match.span(1)


def _start(text: str, start: int) -> int:
    """Units, "c/o" and numbers before the street."""
    head = _HEAD.search(text, max(0, start - 60, text.rfind("\n", 0, start) + 1), start)
    return head.start() if head else start


def _end(text: str, end: int) -> int:
    """Grow over units, places, states, post codes and countries; places count when something sure follows them."""
    word = _STREET_WORD.match(text, end)
    sure = end = word.end() if word else end
    for _ in range(_MAXIMUM_TAIL):
        tail = _TAIL.match(text, end)
        if not tail:
            break
        gap, end = tail.group("gap"), tail.end()
        # After the street and a comma one place is safe: nothing else is written there.
        if (
            tail.group("unit")
            or tail.group("code")
            or tail.group("country")
            or (gap.strip() == "," and sure == tail.start())
        ):
            sure = end
        if tail.group("country"):
            break
    return sure
