"""Postal addresses: number and street (either order), PO boxes; then unit, city, state and post code around them.

Parts are assembled while no more than three separators, or one line end, stand between them. A street alone is enough
with its number; a post code alone is a finding of its own, of lower certainty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaction.recognizers.rules import Hit, trimmed

ENTITIES: Final = ("ADDRESS", "POST_CODE")

_WORD: Final = r"[A-ZÀ-ÖØ-Þ][\w'’.-]{0,24}"
_STREET_TYPE: Final = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Av|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter|Close|Crescent|Cres|Way|Walk"
    r"|Boulevard|Blvd|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Gardens|Gdns|Grove|Mews|Row|Hill|Park|Quay|Wharf|Yard|Alley|Trail"
    r"|Turnpike|Parade|Rise|View|Green|Plaza|Loop|Run|Point|Broadway|Embankment|Gate)"
)
_UNIT: Final = (
    r"(?:(?:Flat|Unit|Suite|Ste|Apt|Apartment|Floor|Room|Rm|Building|Bldg|Block"
    r"|House)\.? ?#?\w{1,6}|#\d{1,5}|\d{1,2}(?:st|nd|rd|th) [Ff]loor)"
)
_ENGLISH: Final = (
    rf"\d{{1,5}}[A-Za-z]?(?:[-–/]\d{{1,5}}[A-Za-z]?)?,? (?:(?:N|S|E|W|NE|NW|SE"
    rf"|SW|North|South|East|West)\.? )?(?:{_WORD} ){{1,4}}{_STREET_TYPE}\b\.?"
)
_GERMAN: Final = (
    r"[A-ZÄÖÜ][\wäöüß.-]{1,30}(?:straße|strasse|str\.|weg|gasse|platz|allee|ring"
    r"|damm|ufer|straat|laan|gracht|plein|gatan|vägen|vej|gade)\s\d{1,4}[a-zA-Z]?\b"
)
_GERMAN_TWO: Final = (
    r"(?:[A-ZÄÖÜ][\wäöüß.-]{1,30} ){1,3}(?:Straße|Strasse|Str\.|Weg|Gasse|Platz"
    r"|Allee|Ring|Damm|Ufer)\s\d{1,4}[a-zA-Z]?\b"
)
_ROMANCE: Final = (
    r"(?:\d{1,4}(?: ?(?:bis|ter))?,? )?(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Pp]lace"
    r"|[Qq]uai|[Cc]hemin|[Ii]mpasse|Via|Viale|Piazza|Corso|Calle|Avenida|Plaza"
    r"|Paseo|Rua|ul\.|Ulica) (?:(?:de|du|des|de la|della|del|di|da|do|dos|das"
    r"|la|le|las|los|l'|d') ?)?(?:[A-ZÀ-ÖØ-Þ][\w'’.-]{1,24} ?){1,4}(?:,? \d{1,4})?"
)
_BOX: Final = r"(?:P\.? ?O\.? ?Box|Post Office Box|Postfach) \d{1,6}"
_STREET: Final = re.compile(rf"(?<![\w/-])(?:{_ENGLISH}|{_GERMAN_TWO}|{_GERMAN}|{_BOX})|(?<![\w/-])(?:{_ROMANCE})")
UK_POST_CODE: Final = (
    r"(?:GIR ?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKPS-UW]|[A-HK-Y]\d[ABEHMNPRV-Y]) ?\d[A-Z]{2})"
)
US_STATE: Final = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]"
    r"|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])"
)
_POST_CODE: Final = (
    rf"(?:{UK_POST_CODE}|{US_STATE},? \d{{5}}(?:-\d{{4}})?|(?:[A-Z]{{1,2}}-)?\d{{4,5}}(?: ?[A-Z]{{2}})?)"
)
_PLACE: Final = (
    r"(?:[A-ZÀ-ÖØ-Þ][\w'’.-]{1,24}(?:[ -](?:am|an der|on|upon|under|sur|de|la|[A-ZÀ-ÖØ-Þ][\w'’.-]{1,24})){0,3})"
)
_TAIL: Final = re.compile(
    rf"(?P<separator>(?:[ ]?,[ ]?|[ ]?\n[ >|]{{0,6}}|[ ]{{1,2}}|[ ]?[·|–-][ ]){{1,2}})(?P<part>{_UNIT}"
    rf"|{_POST_CODE}(?!\w)(?:[ ]{_PLACE})?|{_PLACE}(?:,? {US_STATE}\b)?)"
)
_HEAD: Final = re.compile(rf"(?:{_UNIT},? |c/o {_WORD}(?: {_WORD}){{0,2}},? )$")
_CODE: Final = re.compile(rf"(?<![\w-]){UK_POST_CODE}(?![\w-])|(?<![\w-]){US_STATE} \d{{5}}(?:-\d{{4}})?(?![\w-])")
_CODED: Final = re.compile(rf"{_POST_CODE}(?!\w)")
_DAY: Final = re.compile(r"\d{1,2}(?:st|nd|rd|th)? (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)")
_MAXIMUM_TAIL: Final = 5


def find(text: str) -> Iterator[Hit]:
    """Yield whole addresses around each street, and post codes that stand apart."""
    end = 0
    for match in _STREET.finditer(text):
        if match.start() < end or not re.search(r"\d", match.group()) or _DAY.match(match.group()):
            continue
        start = _start(text, match.start())
        end = _end(text, match.end())
        start, end = trimmed(text, start, end)
        yield Hit(start, end, "ADDRESS", 0.7)
    for match in _CODE.finditer(text):
        yield Hit(match.start(), match.end(), "POST_CODE", 0.4)


def _start(text: str, start: int) -> int:
    head = _HEAD.search(text, max(0, start - 60), start)
    return head.start() if head else start


def _end(text: str, end: int) -> int:
    """Grow over units, places and post codes; places count only when a post code or a state follows them."""
    sure = end
    for _ in range(_MAXIMUM_TAIL):
        tail = _TAIL.match(text, end)
        if not tail:
            break
        end = tail.end()
        # After the street and a comma one place is safe: nothing else is written there.
        if (
            _CODED.match(tail.group("part"))
            or re.match(_UNIT, tail.group("part"))
            or (tail.group("separator").strip() == "," and sure == tail.start())
        ):
            sure = end
    return sure
