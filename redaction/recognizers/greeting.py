"""Names that a greeting, a sign-off or a title gives away: "Hi Jane,", "Jane,", "Regards,⏎Jane", "Dr Okafor"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaction.names import FURNITURE, TITLES, WORD, looks_like_name
from redaction.recognizers.rules import Hit, lines, trimmed
from redaction.view import squeeze
from redaction.words import words

ENTITIES: Final = ("PERSON",)

_NO_INITIALS: Final = words("jargon")

_GREETING: Final = re.compile(
    rf"(?:^|(?<=[.!?,>\n] ))[ \t>*]{{0,8}}(?:dear|hi|hello|hey|good morning|good afternoon"
    rf"|good evening|morning|afternoon|thanks|thank you|many thanks|cheers|welcome"
    rf"|congratulations|sorry|liebe[r]?|hallo|bonjour|hola|ciao)[ ](?:all and "
    rf"|both |again,? )?((?:{WORD}[ ]){{0,3}}{WORD})(?=[ ]{{0,2}}(?:[,!.:;–—-]"
    rf"|$|and\b|&))",
    re.IGNORECASE | re.MULTILINE,
)
_TITLE: Final = re.compile(
    rf"(?<!\w)(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Dame|Herr|Frau|Mme|Monsieur"
    rf"|Madame|Señora?)\.?[ \u00a0]((?:(?:van|von|de|der|den|la|al|bin)[ ]){{0,2}}"
    rf"(?:[^\W\d_]\.[ ]?){{0,2}}{WORD}(?:[ \u00a0]{WORD}){{0,2}})"
)
_SIGN_OFF: Final = re.compile(
    r"[\s>*]{0,8}(?:(?:kind(?:est)?|best|warm(?:est)?|many|with kind|with best|thanks (?:and|&)"
    r"|thank you and)?[ ]?(?:regards?"
    r"|wishes)|sincerely|yours (?:sincerely|faithfully|truly)"
    r"|cheers|many thanks|thanks(?: again| very much| so much| in advance)?|thank you"
    r"|all the best|best|br|kr|rgds|talk soon|speak soon"
    r"|respectfully|love|hugs|kisses|mit freundlichen grüßen|viele grüße|cordialement|saludos)"
    r"[ ]{0,2}[,.!–—-]{0,2}[ ]{0,2}(?P<rest>.{0,60})",
    re.IGNORECASE,
)
# How it begins, and how long it is at most.
_CLOSES: Final = re.compile(r"[\s>*]{0,8}[ ]?(?:[bcklmrstvwy]|all|hugs)", re.IGNORECASE)
_LONGEST_CLOSING: Final = 160
_VOCATIVE: Final = re.compile(rf"[ \t>]{{0,8}}((?:{WORD}[ ])?{WORD}),[ \t]*$", re.MULTILINE)
# Initials alone on the last line of a message, before whatever it answers.
_INITIALED: Final = re.compile(
    r"^[ \t>*–—-]{0,6}([A-Z]{2,3})[ \t]{0,4}$(?=\s{0,6}(?:\Z|[-_ ]{0,12}Original Message|[-_]{8}|(?:> ?)?From:"
    r"|On .{6,80} wrote:))",
    re.MULTILINE,
)
_ALONE: Final = re.compile(r"[\s>*_–—-]{0,8}(?P<name>[^\s>*_–—-].{0,60}?)[\s*_,.]{0,4}")
_NOT_ALONE: Final = FURNITURE | _NO_INITIALS


def find(text: str) -> Iterator[Hit]:
    """Yield the name in each greeting, after each title, and in the first line of a signature."""
    for match in _GREETING.finditer(text):
        yield from _names(text, *match.span(1), 0.88)
    for match in _TITLE.finditer(text):
        yield from _names(text, *match.span(1), 0.88)
    for offset, line in lines(text):
        if line.rstrip(" \t").endswith(",") and (vocative := _VOCATIVE.fullmatch(line)):
            yield from _names(text, offset + vocative.start(1), offset + vocative.end(1), 0.6)
    yield from _signatures(text)
    for match in _INITIALED.finditer(text):
        if squeeze(match.group(1)) not in _NOT_ALONE:
            yield Hit(match.start(1), match.end(1), "PERSON", 0.55)


def _names(text: str, start: int, end: int, score: float) -> Iterator[Hit]:
    """The longest head of the range that looks like a name: "Jane and Tom" are two, "Jane please" is one."""
    for part in re.finditer(r"(?:(?!\s(?:and|&)\s).)+", text[start:end]):
        low, high = trimmed(text, start + part.start(), start + part.end(), " ,.!&")
        words = list(re.finditer(r"\S+", text[low:high]))
        while words and (words[0].group() == "and" or words[0].group().casefold().rstrip(".") in TITLES):
            low += words[1].start() if len(words) > 1 else words[0].end()
            words = list(re.finditer(r"\S+", text[low:high]))
        for word in reversed(words):
            if looks_like_name(text[low : low + word.end()]):
                yield Hit(low, low + word.end(), "PERSON", score)
                break


def _signatures(text: str) -> Iterator[Hit]:
    """After a closing: the name on its line, or alone on the next line that is not blank."""
    waiting = 0
    for offset, line in lines(text):
        closing = _SIGN_OFF.fullmatch(line) if len(line) <= _LONGEST_CLOSING and _CLOSES.match(line) else None
        if closing:
            rest = closing.group("rest").strip(" *_,.")
            if rest and looks_like_name(rest):
                start = offset + line.index(rest, closing.start("rest"))
                yield Hit(start, start + len(rest), "PERSON", 0.75)
            waiting = 0 if rest else 3
        elif waiting and line.strip(" >*"):
            alone = _ALONE.fullmatch(line)
            name = re.split(r"\s*(?:[,|(/]|\s[–—-]\s)", alone.group("name"))[0] if alone else ""
            if alone and name and looks_like_name(name):
                yield Hit(offset + alone.start("name"), offset + alone.start("name") + len(name), "PERSON", 0.75)
            waiting = 0
        elif waiting:
            waiting -= 1
