"""Spans: which candidates are no identifiers after all, and what counts where several overlap.

The mask is the union: no rule uncovers a character that another accepted span covers. Where spans overlap, the
stronger one names the entity, and what is left of the weaker one stays covered as a mention of its own.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from typing import Final

from redaction.entities import Span
from redaction.names import (
    AMBIGUOUS,
    FURNITURE,
    GIVEN,
    NOT_PEOPLE,
    PARTICLES,
    SURNAMES,
    TITLES,
    looks_like_name,
    ordinary,
)
from redaction.recognizers.birth_date import DATE
from redaction.tokens import WRITTEN
from redaction.view import squeeze
from redaction.words import words

# A span and the number of its entity in the registry (``UNOWNED`` before there is one).
Owned = tuple[Span, int]
UNOWNED: Final = -1

DENY: Final = "denylist"
CONTRIBUTOR: Final = "contributor"
PROPAGATION: Final = "propagation"
COLUMN: Final = "column"
NER: Final = "ner"
PARTNER: Final = "rampart"
MODELS: Final = frozenset({NER, PARTNER})  # what they say is a guess

# Of two overlapping spans of the first group the stronger wins; below them stand names, where the longer one does.
_HARD: Final = {
    DENY: 100, CONTRIBUTOR: 99, "secrets": 90, "iban": 80, "credit_card": 80, "email": 75, "web": 70, COLUMN: 65,
    "phone": 60, "address": 58, "birth_date": 57, "us_ssn": 56, "ip": 55, "mac": 55, "ids": 50,
}  # fmt: skip
_SOFT: Final = {"mail_header": 9, "greeting": 8, "company": 7, PROPAGATION: 6, NER: 5, PARTNER: 5}

# Capitalised words and acronyms which the model takes for organisations or places, and which name nobody.
_JARGON: Final = words("jargon")
# Makers of tools, which are words of forms elsewhere: organisations where the model says so.
_BRANDS: Final = frozenset({"google", "microsoft", "amazon", "apple", "oracle", "github", "gitlab", "linkedin"})
_SHORT_COUNTRIES: Final = frozenset({"us", "usa", "uk", "uae"})
# "Sooooo", "Nooo": no name has a letter three times in a row.
_DRAWN_OUT: Final = re.compile(r"([^\W\d_])\1\1", re.IGNORECASE)
_SMALL: Final = "|".join(sorted(PARTICLES))
_CUT: Final = re.compile(r"[\r\n\t|]")
_CUT_PEOPLE: Final = re.compile(
    rf"[\r\n\t|]|(?<=\s)(?!(?:{_SMALL})[\s-]|\w{{1,3}}['’-][A-ZÀ-ÖØ-Þ])[a-zà-öø-ÿ][\w'’-]*(?=\s|$)"
)
_FULL_DATE: Final = re.compile(rf"{DATE}|\b(?:19|20)\d\d\b", re.IGNORECASE)
_EDGE: Final = " \t\r\n.,;:!?()[]{}<>\"“”„'’`´*_|/\\–—-#&=+~>•·"


def plausible(span: Span, text: str) -> Iterable[Span]:
    """The span cut to what can be an identifier: nothing, one span, or one for each line that it runs over."""
    if WRITTEN.search(text, max(0, span.start - 2), min(len(text), span.end + 2)) and span.source not in (
        DENY,
        CONTRIBUTOR,
    ):
        return _around_tokens(span, text)
    if span.source == NER:
        return [good for piece in _pieces(span, text) if (good := _from_model(piece, text))]
    if span.source in ("greeting", "mail_header"):
        return [_shrunk(span, text, ' \t\r\n,;:"')]
    return [span]


def _around_tokens(span: Span, text: str) -> Iterable[Span]:
    """A token that is already there is no finding; a rule's finding beside one stays, a model's guess does not."""
    if span.source in (NER, PARTNER, "company", "greeting", "mail_header", "address"):
        return []
    inside = any(
        match.start() <= span.start < match.end() or match.start() < span.end <= match.end()
        for match in WRITTEN.finditer(text, max(0, span.start - 60), min(len(text), span.end + 60))
    )
    return [] if inside else [span]


def _pieces(span: Span, text: str) -> Iterable[Span]:
    """One span for each line and cell it runs over; people also end where words in small letters begin."""
    start = span.start
    cut = _CUT_PEOPLE if span.entity_type == "PERSON" else _CUT
    for piece in cut.split(text[span.start : span.end]):
        at = text.index(piece, start, span.end)
        start = at + len(piece)
        if piece.strip():
            yield dataclasses.replace(span, start=at, end=start)


def _from_model(span: Span, text: str) -> Span | None:
    """What the model alone says: not furniture, not numbers, without the words at its edges that are none of it."""
    span = _shrunk(_without_possessive(_shrunk(span, text, _EDGE), text), text, _EDGE)
    if span.entity_type == "DATE_TIME":
        return span if _FULL_DATE.search(text[span.start : span.end]) else None
    words = list(re.finditer(r"\S+", text[span.start : span.end]))
    if all(_is_furniture(word.group()) for word in words) and not _known_by(span.entity_type, words):
        return None
    # Companies and places have such words as parts of their names; people do not.
    while span.entity_type == "PERSON" and _is_furniture(words[0].group()):
        words.pop(0)
    while span.entity_type == "PERSON" and _is_furniture(words[-1].group()) and not _after_given(words):
        words.pop()
    start, end = span.start + words[0].start(), span.start + words[-1].end()
    span = _shrunk(dataclasses.replace(span, start=start, end=end), text, _EDGE)
    return span if _can_be(span.entity_type, text[span.start : span.end]) else None


def _known_by(entity_type: str, words: Sequence[re.Match[str]]) -> bool:
    """Words of forms that are names together ("West Bank"), or the name of a maker ("Google")."""
    if entity_type == "LOCATION":
        return len(words) > 1 and all(word.group()[0].isupper() for word in words)
    return entity_type == "ORGANIZATION" and len(words) == 1 and squeeze(words[0].group()) in _BRANDS


def _after_given(words: Sequence[re.Match[str]]) -> bool:
    """ "John Key", "Deb Price": a word of forms after a given name which is nothing else is a surname."""
    return len(words) == 2 and squeeze(words[0].group()) in GIVEN and squeeze(words[1].group()) in SURNAMES


def _can_be(entity_type: str, found: str) -> bool:
    letters = squeeze(found)
    if entity_type == "LOCATION" and letters in _SHORT_COUNTRIES:
        return found.replace(".", "").isupper()
    if entity_type == "ORGANIZATION" and letters in _BRANDS:
        return found[0].isupper()
    if len(letters) < 2 or letters in _JARGON or letters in FURNITURE:
        return False
    if entity_type == "PERSON":
        return _can_be_person(found)
    if letters in AMBIGUOUS:
        return False
    # Companies and places do call themselves by common words, but by more than one of them, and with capitals.
    if ordinary(found):
        return " " in found and _capital(found) and entity_type in ("ORGANIZATION", "LOCATION")
    if entity_type in ("ORGANIZATION", "LOCATION"):
        digits = sum(character.isdigit() for character in found)
        return digits <= len(letters) // 3 and not re.search(r"[=<>{}@]|\w_\w", found)
    return True


def _can_be_person(found: str) -> bool:
    if any(character in "_@/\\=0123456789" for character in found) or _DRAWN_OUT.search(found):
        return False
    words = [squeeze(word) for word in found.split()]
    if all(word in NOT_PEOPLE for word in words):
        return False
    if not _capital(found):
        return any(word in GIVEN for word in words) and not ordinary(found)
    # "Bin Laden": a particle with a capital opens a name, whatever follows.
    return not ordinary(found) or (len(words) > 1 and words[0] in PARTICLES and found[0].isupper())


def _capital(found: str) -> bool:
    return any(word[:1].isupper() for word in found.split())


def _is_furniture(word: str) -> bool:
    letters = squeeze(word)
    if letters in PARTICLES or not letters:
        return not letters
    return letters in FURNITURE or letters in TITLES or letters.isdigit()


def _without_possessive(span: Span, text: str) -> Span:
    found = text[span.start : span.end]
    match = re.search(r"['’`´]s?$", found)
    return dataclasses.replace(span, end=span.end - len(match.group())) if match else span


def _shrunk(span: Span, text: str, edge: str) -> Span:
    start, end = span.start, span.end
    while start < end and text[start] in edge:
        start += 1
    while end > start and text[end - 1] in edge:
        end -= 1
    return span if (start, end) == (span.start, span.end) else dataclasses.replace(span, start=start, end=end)


def strength(span: Span) -> tuple[int, int, float]:
    """The order of spans that overlap: hard sources by kind, then the longer, then the surer."""
    hard = _HARD.get(span.source, 0)
    return (hard, span.end - span.start, _SOFT.get(span.source, 4) + span.score)


def resolve(spans: Sequence[Owned], text: str) -> list[Owned]:
    """Disjoint spans that cover all that ``spans`` cover (edges of signs aside), sorted, each with its owner."""
    if len(spans) <= 1:
        return [one for one in spans if one[0].start < one[0].end]
    taken: list[Owned] = []
    for span, owner in sorted(spans, key=_order):
        for start, end in _free(span, taken):
            whole = (start, end) == (span.start, span.end)
            piece = span if whole else _shrunk(dataclasses.replace(span, start=start, end=end), text, _EDGE)
            if piece.start < piece.end and (whole or squeeze(text[piece.start : piece.end])):
                taken.append((piece, owner))
    return sorted(taken, key=lambda one: one[0].start)


def joined(mentions: Sequence[Owned], text: str) -> list[Owned]:
    """Neighbouring mentions of one entity with nothing but blanks between them are one mention."""
    out: list[Owned] = []
    for span, owner in mentions:
        if out and out[-1][1] == owner and out[-1][0].entity_type == span.entity_type:
            before = out[-1][0]
            if not text[before.end : span.start].strip(" \u00a0"):
                both = before.continued and span.continued
                score = max(before.score, span.score)
                out[-1] = (dataclasses.replace(before, end=span.end, score=score, continued=both), owner)
                continue
        out.append((span, owner))
    return out


def _order(one: Owned) -> tuple[float | str, ...]:
    span = one[0]
    hard, length, sure = strength(span)
    return (-hard, -length, -sure, span.start, span.end, not span.continued, span.entity_type)


def _free(span: Span, taken: Sequence[Owned]) -> list[tuple[int, int]]:
    """The parts of ``span`` that no taken span covers."""
    free = [(span.start, span.end)]
    for other, _ in taken:
        parts: list[tuple[int, int]] = []
        for start, end in free:
            if other.end <= start or end <= other.start:
                parts.append((start, end))
                continue
            if start < other.start:
                parts.append((start, other.start))
            if other.end < end:
                parts.append((other.end, end))
        free = parts
    return free


def certain(span: Span, text: str) -> bool:
    """True for findings that a second look at the copy may not overlook: by rule, or a whole name."""
    if span.source in MODELS:
        return span.entity_type == "PERSON" and looks_like_name(text[span.start : span.end], single=False)
    return span.score >= 0.5
