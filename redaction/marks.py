"""Confidentiality marks: what a file says of itself where such things are said — in a header, a footer, a watermark,
a title, a subject, a stamp, a file name or a label of its properties.

A mark stops a file until somebody with the right to do so lifts the stop; so the rules prefer silence to alarm. The
same words in running text or in the disclaimer of a mail are no mark: ``mentions`` lists them, for a report alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from redaction.entities import Kind, Segment
from redaction.view import plain

PLACES: Final = frozenset({"header", "footer", "title", "watermark", "subject", "stamp"})
_MOST_WORDS: Final = 8
_LINES_AT_EDGE: Final = 2

# Confidential things that are no marks: a technique, a kind of work, a helpline.
_OTHER_THINGS: Final = (
    r"(?![ -]?(?:computing|vms?|containers?|ledger|ballots?|hotlines?|helplines?|counsell?ing"
    r"|reporting|survey|informants?"
    r"|transactions?|clients?|employee|employees|advice|support|processes|settlements?|sources?|enquir"
    r"|inquir|items? (?:list|policy)))"
)
_NOT: Final = r"(?<!non)(?<!non-)(?<!non )(?<!not )(?<!nicht )(?<!non\u2011)(?<!no longer )(?<!un)"
# In a place for marks these count wherever they stand in it.
_PHRASES: Final = (
    (
        rf"{_NOT}(?:strictly |highly |most |company |commercial(?:ly)?[ -]?(?:in )?|private (?:and |& ?"
        rf"|/ ?))?confidential\b{_OTHER_THINGS}"
    ),
    r"commercial[ -]in[ -]confidence",
    r"in strict(?:est)? confidence\b",
    rf"{_NOT}(?:for |company )?internal use(?: only)?\b(?! cases?)",
    r"(?:strictly |company |for )?internal[ -]only\b|internal distribution only\b",
    r"strictly private\b",
    (
        r"(?:legally )?privileged (?:and|&) confidential\b|legally privileged\b"
        r"|attorney[ -]client(?: privileged?|$)|attorney work product\b"
    ),
    (
        r"(?:under|subject to(?: an?| the)?|covered by(?: an?| the)?|protected by(?: an?| the)?) (?:nda"
        r"|non[ -]disclosure(?: agreement)?)\b"
    ),
    r"(?:nda|non[ -]disclosure) (?:required|material|only)\b",
    r"export[ -]controlled\b|(?:itar|ear)[ -](?:controlled|restricted|data)\b|subject to (?:the )?(?:itar|ear)\b",
    r"(?:confidential (?:and|&|/) ?)proprietary\b|proprietary (?:and|&|/) ?confidential\b|proprietary information\b",
    r"contains? (?:proprietary|trade secrets?)\b",
    (
        r"(?:do not|not for) (?:distribute|distribution|circulate|circulation|copy or distribute"
        r"|public release|publication|release)\b"
    ),
    r"\btlp ?: ?(?:red|amber(?:\+strict)?)\b",
    (
        r"(?:data |document |information |security )?(?:classification|sensitivity|klassifizierung"
        r"|classificação|clasificación)"
        r" ?[:=/\\|-] ?(?:strictly |highly |company )?(?:confidential|internal(?: use)?|restricted|secret"
        r"|top secret|proprietary|vertraulich|intern)\b"
    ),
    r"(?:highly )?confidential ?[\\/] ?(?:all employees|anyone|recipients only|trusted people|internal|external)\b",
    r"\btop secret\b|\b(?:for )?(?:your )?eyes only\b",
    # German, French, Spanish, Italian, Portuguese, Dutch, Polish
    (
        r"(?<!nicht )\b(?:streng )?vertraulich\b|nur f(?:ü|ue)r (?:den )?(?:internen gebrauch"
        r"|dienstgebrauch)\b|\bvs[ -]nfd\b"
        r"|\b(?:betriebs|geschäfts)geheimnis\b|\bfirmenintern\b|\bnur intern\b|streng geheim\b"
    ),
    (
        rf"{_NOT}\b(?:strictement )?confidentiel(?:le)?s?\b|\b(?:à )?usage (?:strictement )?interne\b"
        rf"|\bdiffusion (?:restreinte|interdite|limitée)\b"
        r"|\bsecret des affaires\b"
    ),
    (
        r"(?<!no )\b(?:estrictamente |estritamente )?confidencial\b|\b(?:s[oó]lo "
        r"|somente )?(?:para )?uso interno\b|\bsecreto (?:comercial|industrial)\b"
    ),
    (
        r"(?<!non )\b(?:strettamente )?(?:riservato|confidenziale)\b|\b(?:strikt )?vertrouwelijk\b"
        r"|\b(?:alleen )?voor intern gebruik\b|\b(?:ściśle )?poufne\b"
    ),
    "社外秘|極秘|機密|机密|保密|内部资料|対外秘|대외비",
)
# These are marks only where nothing else stands: elsewhere they are ordinary words.
_ALONE: Final = (
    r"proprietary|trade secrets?|restricted|internal|secret|classified|nda|itar|privileged|sensitive|business use only"
    r"|restricted (?:distribution|circulation|use)|company (?:internal|private|restricted)|intern"
    r"|interne|interno|vertraulich"
)
_PHRASE: Final = re.compile("|".join(f"(?:{phrase})" for phrase in _PHRASES), re.IGNORECASE)
_MARK: Final = "|".join((*(f"(?:{phrase})" for phrase in _PHRASES), _ALONE))
_EDGE: Final = r"[\W_]*+"
# "Acme – CONFIDENTIAL – 12 May 2025 – Page 3 of 7": what may stand around a mark that stands for itself. No piece ends
# within a word or a number, and none is given back: a long row of digits can be read in one way only.
_AROUND: Final = (
    r"(?>(?:page|seite|pagina|página|p\.?|s\.?|of|von|de|sur|draft|entwurf|version|v|rev|final"
    r"|copy(?: no\.?)?|kopie|\d[\d./:-]*|[ivx]+"
    r"|jan\w*|feb\w*|mar\w*|apr\w*|may|jun\w*|jul\w*|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*)"
    r"(?!(?<=[^\W\d_])[^\W\d_]|(?<=\d)\d))"
)
_NOTHING_ELSE: Final = re.compile(
    rf"{_EDGE}(?:{_AROUND}{_EDGE}){{0,6}}+(?:{_MARK})(?:{_EDGE}(?:and |und |et |y )?(?:{_MARK}|{_AROUND}))*+{_EDGE}",
    re.IGNORECASE,
)
_COPYRIGHT: Final = re.compile(
    r"(?:©|\(c\)|\bcopyright\b)[ ]{0,3}(?:©|\(c\))?[ ]{0,3}(?:(?:19|20)\d\d(?:[ ]?[-–,][ ]?(?:(?:19"
    r"|20)\d\d|present))?)?[ ,]{0,3}(?:by )?"
    r"(?P<owner>[^\n.|]{2,60})",
    re.IGNORECASE,
)
_LEGAL_FORM: Final = re.compile(
    r"\b(?:Inc|Corp|Corporation|Ltd|Limited|LLC|LLP|PLC|plc|GmbH|AG|KG|SE|S\.A|SAS|SARL|S\.p\.A|B\.V"
    r"|BV|N\.V|AB|A/S|Oy|Pty|Group|Holdings?)\b"
)
_RESERVED: Final = re.compile(
    r"all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos", re.IGNORECASE
)
_OPEN: Final = re.compile(
    r"\b(?:CC[ -]BY|creative commons|MIT|apache|BSD|GPL|public domain|licensed under)\b", re.IGNORECASE
)
_VENDORS: Final = re.compile(
    r"\b(?:microsoft|google|adobe|apple|esri|openstreetmap|getty|shutterstock|istock)\b", re.IGNORECASE
)
_PAGE: Final = re.compile(r"(?:page|slide)\d+(?=/)")
_LABEL_HEADER: Final = re.compile(r"sensitivity|classification|msip|label", re.IGNORECASE)
_JOINTS: Final = re.compile(r"[_.+\s-]+|(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")


def find(segments: Sequence[Segment], properties: Sequence[str] = (), employers: Iterable[str] = ()) -> list[str]:
    """The anchors at which a file says that it is confidential, in order, each once.

    ``properties``: its old property values (labels are among them); their anchors are ``property0`` … ``employers``:
    names whose copyright line is a mark wherever one may stand.
    """
    names = [name.casefold() for name in employers if name.strip()]
    edges = set(_edges(segments))
    found = [
        segment.anchor
        for index, segment in enumerate(segments)
        if segment.text.strip() and _is_mark(segment, index in edges, names)
    ]
    labels = (f"property{index}" for index, value in enumerate(properties) if _says_nothing_else(value))
    return list(dict.fromkeys([*found, *labels]))


def mentions(segments: Sequence[Segment]) -> list[str]:
    """The anchors of running text that speaks of confidentiality: disclaimers and the like. To be reported, no stop."""
    marked = set(find(segments))
    return [
        segment.anchor
        for segment in segments
        if segment.anchor not in marked and segment.kind is not Kind.CODE and _PHRASE.search(_seen(segment.text))
    ]


def _is_mark(segment: Segment, edge: bool, employers: Sequence[str]) -> bool:
    text = _seen(segment.text)
    if segment.kind is Kind.NAME:
        return bool(_PHRASE.search(_JOINTS.sub(" ", text)))
    if segment.kind is Kind.CODE:
        return False
    place = segment.hints.get("place", "subject" if segment.anchor == "header:subject" else "")
    if place in PLACES:
        return any(_in_place(line, employers) for line in text.splitlines())
    if segment.kind is Kind.HEADER:
        return bool(_LABEL_HEADER.search(segment.anchor)) and bool(_PHRASE.search(text) or _says_nothing_else(text))
    lines = [line for line in text.splitlines() if line.strip()]
    short = [line for line in lines if len(line.split()) <= _MOST_WORDS]
    if any(_says_nothing_else(line) for line in short):
        return True
    return edge and len(lines) == len(short) == 1 and (_stands_out(lines[0]) or _copyright(lines[0], employers))


def _seen(text: str) -> str:
    return text if text.isascii() else plain(text).text


def _in_place(line: str, employers: Sequence[str]) -> bool:
    """In a header and the like the phrase may stand among others, but not in whole sentences."""
    if _says_nothing_else(line) or _copyright(line, employers):
        return True
    return bool(_PHRASE.search(line)) and len(line.split()) <= 4 * _MOST_WORDS


def _says_nothing_else(line: str) -> bool:
    return len(line) <= 120 and bool(_NOTHING_ELSE.fullmatch(line.strip()))


def _stands_out(line: str) -> bool:
    """At the edge of a page: the phrase with a capital, and around it names and numbers, no sentence."""
    match = _PHRASE.search(line)
    if match is None or not match.group().lstrip()[:1].isupper() or line.rstrip().endswith((".", "?", ":", ";", ",")):
        return False
    rest = re.findall(r"[^\W\d_]{3,}", line[: match.start()] + " " + line[match.end() :])
    return all(word[0].isupper() or word in ("and", "for", "page", "von", "the") for word in rest)


def _copyright(line: str, employers: Sequence[str]) -> bool:
    """A copyright line of a company; not one of an open licence or of whoever made the template."""
    match = _COPYRIGHT.search(line)
    if match is None or _OPEN.search(line) or len(line.split()) > 2 * _MOST_WORDS:
        return False
    owner = match.group("owner").casefold()
    if any(name in owner for name in employers):
        return True
    return not _VENDORS.search(owner) and bool(_RESERVED.search(line) or _LEGAL_FORM.search(match.group("owner")))


def _edges(segments: Sequence[Segment]) -> Iterator[int]:
    """The first and last lines of every page, or of the file where there are no pages."""
    pages: dict[str, list[int]] = {}
    for index, segment in enumerate(segments):
        if segment.kind in (Kind.PROSE, Kind.LABEL) and segment.text.strip():
            match = _PAGE.match(segment.anchor)
            pages.setdefault(match.group() if match else "", []).append(index)
    for lines in pages.values():
        yield from lines[:_LINES_AT_EDGE]
        yield from lines[-_LINES_AT_EDGE:]
