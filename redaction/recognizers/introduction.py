"""Names and places that the words before them announce: "my name is", "this is … speaking", "flew to", "based in"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaction.names import AMBIGUOUS, ENGLISH, FURNITURE, GIVEN, NAME_WORDS, SURNAMES, WORD, looks_like_name, ordinary
from redaction.recognizers.rules import Hit, folded
from redaction.view import squeeze

ENTITIES: Final = ("PERSON", "LOCATION", "ORGANIZATION")

_SHORTEST: Final = 3
_CAPITALISED: Final = r"[^\W\d_a-zß-öø-ÿ][\w'’-]{1,24}"
# What follows is a name whatever its letters: people type themselves in small letters.
_NAME_IS: Final = re.compile(
    rf"\b(?:my (?:full |first |last |given |maiden )?name(?:['’]s| is)|(?:he|she|they) (?:is|are) called|i am called"
    rf"|calls? me"
    rf"|name (?:on (?:the|my) (?:card|account) )?is|(?:name|cardholder"
    rf"|holder)[ ]{{0,8}}:)[ ]{{1,12}}((?:{WORD}[ ]){{0,3}}{WORD})"
    r"(?=[.,;!?)]?(?:\s|$)|<)",
    re.IGNORECASE,
)
_SPEAKING: Final = re.compile(
    rf"\b(?:[Tt]his is|[Ii]t['’]s|[Ii]['’]m|[Ii] am)[ ]((?:{_CAPITALISED}[ ]){{0,2}}{_CAPITALISED})(?=,? (?:from|here"
    rf"|speaking|at)\b|[.,!]?$)",
    re.MULTILINE,
)
# Whom one asks, tells, meets: a name, also in small letters when it is no word.
_WHOM: Final = re.compile(
    rf"\b(?:ask|ping|follow up with|followed up with|spoke (?:to|with)|spoken (?:to|with)|talked (?:to|with)"
    rf"|speak (?:to|with)|seen"
    rf"|don['’]?t tell|signed by|requested by|note for|met with|wait for|thanks to|sent by|on behalf of)[ ]"
    rf"({WORD}(?:[ ]{WORD}){{0,2}})",
    re.IGNORECASE,
)
_PLACE: Final = re.compile(
    r"\b(?:flew|fly|flying|flight|travel(?:l?ed|l?ing)?|drove|moved|moving|relocated|trip|visit"
    r"|headed)[ ](?:back[ ])?(?:to|from)[ ]"
    rf"((?:{_CAPITALISED}[ -]){{0,3}}{_CAPITALISED})"
    rf"|\b(?:based|born|raised|living|lives?|situated|offices?|[Ii] am"
    rf"|customers)[ ]in[ ]((?:{_CAPITALISED}[ -]){{0,3}}{_CAPITALISED})"
)
# "Marsh, Fowler and Lynch": a firm of three surnames, or three people.
_FIRM: Final = re.compile(rf"(?<![\w,] )\b({WORD}), ({WORD}),? (?:and|&) ({WORD})(?!\w)", re.IGNORECASE)
# What each of them needs in small letters; a text without it is not tried.
_NEEDED_BY_NAME: Final = ("name", "called", "call me", "calls me", "holder")
_NEEDED_BY_SPEAKING: Final = ("this is ", "it's ", "it’s ", "i'm ", "i’m ", "i am ")
_NEEDED_BY_WHOM: Final = (
    "ask ", "ping ", "up with ", "ed with ", "ke to ", "ke with ", "ken to ", "ken with ", "ed to ", "ak to ",
    "ak with ", "seen ", "tell ", "ed by ", "note for ", "met with ", "wait for ", "thanks to ", "sent by ",
    "behalf of ",
)  # fmt: skip
_NEEDED_BY_FIRM: Final = re.compile(r", [^ ,]{1,33},? (?:[Aa][Nn][Dd]|&) ")


def find(text: str) -> Iterator[Hit]:
    """Yield what stands after such words, and firms of surnames."""
    small = folded(text)
    for match in _NAME_IS.finditer(text) if any(one in small for one in _NEEDED_BY_NAME) else ():
        yield from _name(match)
    for match in _SPEAKING.finditer(text) if any(one in small for one in _NEEDED_BY_SPEAKING) else ():
        if looks_like_name(match.group(1)):
            yield Hit(match.start(1), match.end(1), "PERSON", 0.6)
    for match in _WHOM.finditer(text) if any(one in small for one in _NEEDED_BY_WHOM) else ():
        yield from _whom(match)
    for match in _PLACE.finditer(text):
        group = 1 if match.group(1) else 2
        if not ordinary(match.group(group)):
            yield Hit(match.start(group), match.end(group), "LOCATION", 0.5)
    for match in _FIRM.finditer(text) if _NEEDED_BY_FIRM.search(text) else ():
        if all(_surname(match.group(number)) for number in (1, 2, 3)):
            yield Hit(match.start(1), match.end(3), "ORGANIZATION", 0.5)


def _name(match: re.Match[str]) -> Iterator[Hit]:
    """The words up to the first common one in small letters: "my name is olga and" is one word."""
    end = match.start(1)
    for word in re.finditer(r"\S+", match.group(1)):
        letters = squeeze(word.group())
        first = word.start() == 0 and word.group()[0].isupper()
        small = word.group().islower() and (letters in ENGLISH or (len(letters) < _SHORTEST and letters not in GIVEN))
        if not first and (small or (letters in FURNITURE and len(letters) > 1)):
            break
        end = match.start(1) + word.end()
    if end > match.start(1):
        yield Hit(match.start(1), end, "PERSON", 0.7)


def _whom(match: re.Match[str]) -> Iterator[Hit]:
    """The words as long as each has a capital, or is no word of English."""
    end = match.start(1)
    for word in re.finditer(r"\S+", match.group(1)):
        letters = squeeze(word.group())
        known = letters in ENGLISH or letters in FURNITURE or letters in NAME_WORDS or len(letters) < _SHORTEST
        if known or (word.group().islower() and letters in AMBIGUOUS) or word.group().isupper():
            break
        end = match.start(1) + word.end()
    if end > match.start(1):
        yield Hit(match.start(1), end, "PERSON", 0.5)


def _surname(word: str) -> bool:
    letters = squeeze(word)
    return letters in SURNAMES and letters not in FURNITURE and (word[0].isupper() or letters not in ENGLISH)
