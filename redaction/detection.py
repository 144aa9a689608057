"""Detection in one file: its segments in chunks through the analyzer, once as they are and once as a reader sees them.

Added to that: what the header of a column says of its cells. What comes out are plausible spans in offsets of each
segment; overlaps are settled later, when the mentions of all files are known.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from typing import Final

from redaction import partner, weights
from redaction.analyzer import analyzer
from redaction.chunks import Chunk, chunks
from redaction.coverage import check_pieces
from redaction.entities import Kind, Segment, Span
from redaction.errors import DetectionIncompleteError
from redaction.names import FURNITURE, looks_like_name, ordinary
from redaction.policy import FULL, Policy
from redaction.spans import COLUMN, MODELS, NER, PARTNER, plausible
from redaction.view import SeenWords, cut_unseen, plain, squeeze

# The last words of a column header → what its cells hold. "Product name" or "file name" are none of these.
_COLUMNS: Final = (
    ("EMAIL_ADDRESS", re.compile(r"\b(?:e-?mail|mail address)s?\b", re.IGNORECASE)),
    ("PHONE_NUMBER", re.compile(r"\b(?:phone|telephone|tel|mobile|cell|fax)\b", re.IGNORECASE)),
    ("DATE_OF_BIRTH", re.compile(r"\b(?:date of birth|birth ?date|dob|born)\b", re.IGNORECASE)),
    ("IBAN_CODE", re.compile(r"\biban\b", re.IGNORECASE)),
    ("ACCOUNT_NUMBER", re.compile(r"\b(?:account|acct)(?: no\.?| number| nr\.?| #)|\bbank account\b", re.IGNORECASE)),
    ("EMPLOYEE_ID", re.compile(r"\b(?:employee|staff|payroll|badge)[ _](?:id|no\.?|number|nr\.?)", re.IGNORECASE)),
    ("CUSTOMER_ID", re.compile(r"\b(?:customer|client|member|supplier|vendor|user)[ _](?:id|no\.?|number"
        r"|nr\.?)", re.IGNORECASE)),
    ("TICKET_NUMBER", re.compile(r"\b(?:ticket|incident|case)[ _]?(?:id|no\.?|number|nr\.?|ref)?$", re.IGNORECASE)),
    ("INVOICE_NUMBER", re.compile(r"\b(?:invoice|order|po)[ _](?:id|no\.?|number|nr\.?|ref)|^invoice$", re.IGNORECASE)),
    ("ADDRESS", re.compile(r"^(?:(?:street|postal|home|billing|delivery|shipping|mailing) )?address$"
        r"|^street$", re.IGNORECASE)),
    ("ORGANIZATION", re.compile(r"^(?:company|employer|organi[sz]ation|vendor|supplier|firm|customer|client"
        r"|account)(?: name)?$", re.IGNORECASE)),
    ("LOCATION", re.compile(r"^(?:city|town|place|county|state|region|country|location|site)$", re.IGNORECASE)),
    ("PASSWORD", re.compile(r"\b(?:password|passwd|pwd|pin)$", re.IGNORECASE)),
    ("PERSON", re.compile(
        r"^(?:(?:full|first|last|given|family|employee|staff|contact|customer|client"
            r"|patient|candidate|manager|owner|person|line manager|account manager|sur)[ _]?)?name$"
        r"|^(?:surname|employee|contact|contact person|person|owner|manager|assignee"
            r"|reporter|author|approver|reviewer|lead|responsible|consultant|attendee"
            r"|participant|speaker|requester|requestor|buyer|account manager|project manager"
            r"|line manager|assigned to|reported by|approved by|prepared by|sponsor|signatory"
            r"|cardholder|patient|candidate|engineer|analyst|sales ?(?:person|rep)|agent"
            r"|technician|driver|tenant)$",
        re.IGNORECASE)),
)  # fmt: skip
_MINIMUM_DIGITS: Final = {
    "PHONE_NUMBER": 6,
    "ACCOUNT_NUMBER": 3,
    "EMPLOYEE_ID": 2,
    "CUSTOMER_ID": 2,
    "TICKET_NUMBER": 2,
    "INVOICE_NUMBER": 3,
    "DATE_OF_BIRTH": 4,
    "IBAN_CODE": 6,
}
_EMPTY: Final = frozenset(
    {"na", "none", "tbd", "tbc", "various", "total", "unknown", "open", "vacant", "internal", "external"}
)


def detect(segments: Sequence[Segment], policy: Policy, floor: float) -> list[list[Span]]:
    """The plausible spans of each segment with a score of at least ``floor``.

    Raises:
        DetectionIncompleteError: some text was not searched by some recognizer.
    """
    pieces = chunks(segments, policy.chunk_chars)
    check_pieces(segments, pieces)
    found: list[list[Span]] = [[] for _ in segments]
    seen: list[list[Span]] = [[] for _ in segments]
    for index, span in _read(pieces, policy, floor):
        found[index].append(span)
    for index, span in _read_as_seen(pieces, policy, floor):
        seen[index].append(span)
    for index, segment in enumerate(segments):
        found[index].extend(_by_column(segment))
        likely = [span for candidate in found[index] for span in plausible(candidate, segment.text)]
        if likely and cut_unseen(segment.text):
            likely = list(_in_whole_words(likely, segment.text))
        found[index] = [
            span for span in (*likely, *seen[index]) if span.start < span.end and _wanted(span, segment, policy)
        ]
    return found


def _read(pieces: Sequence[Chunk], policy: Policy, floor: float) -> Iterator[tuple[int, Span]]:
    for piece, spans in zip(pieces, _look(pieces, policy, floor), strict=True):
        for span in spans:
            yield from _located(piece, span, span.start, span.end)


def _read_as_seen(pieces: Sequence[Chunk], policy: Policy, floor: float) -> Iterator[tuple[int, Span]]:
    """A second reading of the chunks in which something is invisible, moved, a lookalike, full-width or hyphenated.

    What can be an identifier is decided by what is seen: the spans that come out are plausible.
    """
    views = [(piece, plain(piece.text)) for piece in pieces]
    differing = [(piece, view) for piece, view in views if view.text != piece.text and view.text.strip()]
    shown = [Chunk(view.text, (), piece.column) for piece, view in differing]
    for (piece, view), spans in zip(differing, _look(shown, policy, floor), strict=True):
        for span in (good for candidate in spans for good in plausible(candidate, view.text)):
            if span.start < span.end:
                yield from _located(piece, span, *view.source_span(span.start, span.end))


def _in_whole_words(spans: Sequence[Span], text: str) -> Iterator[Span]:
    """What was found in a text as it is stored, grown to words as they are seen."""
    words = SeenWords(text)
    for span in spans:
        start, end = words.grown(span.start, span.end)
        yield dataclasses.replace(span, start=start, end=end)


def _look(pieces: Sequence[Chunk], policy: Policy, floor: float) -> list[list[Span]]:
    """What every source says of each piece: the rules, the model, and the partner if the policy wants it."""
    rules = analyzer(policy.model)
    if not policy.off <= rules.names | {PARTNER, COLUMN}:
        raise DetectionIncompleteError(detail="the policy switches off a recognizer that nobody knows")
    # At the lower floor, whichever is asked for: the second look at a copy finds most of its pieces remembered.
    everything = rules.find(
        pieces,
        floor=min(floor, policy.floor, policy.verify_floor),
        deadline_s_per_100k=policy.deadline_s_per_100k,
        context=policy.context,
    )
    found = [[span for span in spans if span.score >= floor] for spans in everything]
    sure = policy.partner_floor if floor >= policy.floor else floor
    for name, model in _sources(policy):
        added = partner.look(
            partner.source(model),
            [piece.text for piece in pieces],
            name=name,
            floor=sure,
            deadline_s_per_100k=policy.deadline_s_per_100k,
        )
        found = [[*before, *more] for before, more in zip(found, added, strict=True)]
    return found


def _sources(policy: Policy) -> list[tuple[str, str]]:
    """Name of the source and model: what stands in for spaCy's model, and the partner."""
    stead = [] if weights.spacy_model(policy.model) else [(NER, policy.model)]
    return [*stead, (PARTNER, weights.PARTNER)] if policy.profile == FULL else stead


def models(policy: Policy) -> tuple[str, ...]:
    """The models that a run under ``policy`` searches with."""
    return (policy.model, weights.PARTNER) if policy.profile == FULL else (policy.model,)


def _located(piece: Chunk, span: Span, start: int, end: int) -> Iterator[tuple[int, Span]]:
    for index, low, high in piece.locate(start, end):
        yield index, Span(low, high, span.entity_type, span.score, span.source)


def _wanted(span: Span, segment: Segment, policy: Policy) -> bool:
    treatment = policy.treatment(span.entity_type)
    if treatment.operator == "keep" or not policy.uses(span.source):
        return False
    # In program text and in names of files and sheets every word is capitalised: places and companies are guesses.
    guess = span.source in MODELS and segment.kind in (Kind.CODE, Kind.NAME)
    if guess and (
        span.entity_type != "PERSON"
        or not looks_like_name(plain(segment.text[span.start : span.end]).text, single=False)
    ):
        return False
    return bool(squeeze(segment.text[span.start : span.end]))


def column_type(header: str) -> str:
    """What the cells under ``header`` hold; empty when it does not say."""
    header = re.sub(r"[\s_]+", " ", header).strip(" :*")
    for entity_type, pattern in _COLUMNS:
        if pattern.search(header):
            return entity_type
    return ""


def _by_column(segment: Segment) -> Iterator[Span]:
    entity_type = column_type(plain(segment.hints.get("column", "")).text) if segment.kind is Kind.CELL else ""
    view = plain(segment.text)
    text = view.text.strip()
    if not entity_type or not text or squeeze(text) in _EMPTY or text == segment.hints.get("column", "").strip():
        return
    if entity_type == "ORGANIZATION" and not any(map(str.isalpha, text)):
        entity_type = "ACCOUNT_NUMBER"  # "Account", "Customer": their names, or their numbers
    if not _fits(entity_type, text):
        return
    start = view.text.index(text)
    yield Span(*view.source_span(start, start + len(text)), entity_type, 0.8, COLUMN)


def _fits(entity_type: str, text: str) -> bool:
    digits = sum(character.isdigit() for character in text)
    if entity_type in _MINIMUM_DIGITS:
        return digits >= _MINIMUM_DIGITS[entity_type] and len(text) <= 60
    if entity_type == "EMAIL_ADDRESS":
        return "@" in text and " " not in text
    if entity_type == "PERSON":
        # People are typed in small letters too where a column asks for them.
        return digits == 0 and looks_like_name(text.replace(",", "").title())
    if entity_type == "LOCATION":  # "State" and "Place" head columns of progress and of ranks as well
        return digits == 0 and len(text) <= 80 and not ordinary(text)
    if entity_type == "ORGANIZATION":
        return len(text) <= 80 and any(word[0].isupper() and squeeze(word) not in FURNITURE for word in text.split())
    return len(text) <= 200
