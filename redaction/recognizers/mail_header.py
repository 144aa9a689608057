"""Names after a label: mail headers (quoted ones too), memo heads, forms; names before ``<address>`` or "wrote:".

"Last, First" is one name, "A. Smith, B. Jones" are two. Addresses and what stands in brackets are blanked first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from redaction.names import GIVEN, SURNAMES, WORD, looks_like_name, ordinary
from redaction.recognizers.rules import Hit, lines, trimmed
from redaction.view import squeeze

ENTITIES: Final = ("PERSON",)

_LABEL: Final = re.compile(
    r"[\s>|*_#-]{0,12}(?:\*\*|__)?"
    r"(?:x-)?(?P<label>from|to|cc|bcc|sent by|sender|recipients?|attendees?|attending"
    r"|present|apologies|absent|participants?"
    r"|prepared (?:by|for)|written by|authors?|by|drafted by|owners?|contacts?"
    r"|contact person|(?:account|project|line|case)?[ ]?manager"
    r"|(?:approved|reviewed|assigned|reported|requested|signed|checked|submitted"
    r"|raised|opened|closed|resolved|handled|taken|led|chaired|compiled|created"
    r"|edited|presented)[ ](?:by|to|off by)"
    r"|assignee|reporter|requester|requestor|approver|reviewers?|chair(?:person)?"
    r"|minutes|note ?taker|facilitator|(?:project|team|technical)?[ ]?lead"
    r"|(?:full|first|last|given|family|customer|client|employee|contact|patient"
    r"|tenant)?[ ]?name|surname|signed|signature|attn\.?|attention|fao|f\.a\.o\.?"
    r"|customer|client|employee|patient|candidate|visitor|witness|agent|guest|caller|to whom|interviewer|speaker"
    r"|presenter"
    r"|consultant|engineer|analyst|supervisor|sponsor|c/o)"
    r"(?:\*\*|__)?[ \t]{0,4}(?:\((?:s|es)\))?[ \t]{0,4}[:|][ \t*_|]{0,6}",
    re.IGNORECASE,
)
# What ends a label, which is at most so long.
_SIGN: Final = re.compile("[:|]")
_LONGEST_LABEL: Final = 100
_ADDRESS: Final = re.compile(
    r"<[^<>\n]{0,254}>|(?:/[\w .-]{1,40}){1,5}@[\w@.-]{1,80}|\([^()\n]{0,120}\)"
    r"|\[[^\[\]\n]{0,254}\]|[^\s/]{1,64}@\S{1,254}"
)
_NAME: Final = rf"(?:{WORD}[ \u00a0]){{0,4}}{WORD}"
# Who says a line of a chat: "[10:02] Jane: …", and values of such fields in logs.
_SPEAKER: Final = re.compile(
    rf"^[ \t>]{{0,4}}(?:\[?\d{{1,2}}:\d\d(?::\d\d)?(?:[ ]?[AaPp][Mm])?\]?[ -]{{1,3}})({_NAME}):[ ]", re.MULTILINE
)
_PLAIN_SPEAKER: Final = re.compile(rf"^({WORD}(?:[ ]{WORD}){{0,2}}):[ ](?=\S)", re.MULTILINE)
_FIELD: Final = re.compile(
    r"[\"'](?:actor|user|name|author|owner|assignee|customer|contact|requester|full_?name|first_?name|last_?name"
    r"|employee)[\"']"
    r"[ ]?[:=][ ]?[\"']([^\"'\n]{2,60})[\"']",
    re.IGNORECASE,
)
# "Fairweather, Jane" wherever it stands, when lists of names know both.
_REVERSED: Final = re.compile(rf"(?<![\w,][ ])(?<![\w-])({WORD}), ({WORD})(?:[ ][A-Z]\.)?(?![\w,])")
_FEWEST_LINES: Final = 2
_BEFORE_ADDRESS: Final = re.compile(
    rf"(?<![\w@.])(\"?)((?:{WORD},[ ])?{_NAME})\1[ ]{{0,2}}[<\[(](?:mailto:)?[^\s@<>]{{1,64}}@"
)
_WROTE: Final = re.compile(
    rf"(?:,|\d|at|[AP]M)[ ]{{1,2}}((?:{WORD},[ ])?{_NAME})[ ]{{0,2}}(?:<[^<>]{{0,254}}>)?[ ]?(?:\n[> ]{{0,6}})?(?:wrote"
    rf"|schrieb|a écrit|escribió|skrev)[ ]?:"
)
_AT: Final = re.compile(r"[<\[(](?:mailto:)?[^\s@<>]{1,64}@")
_WROTE_ENDS: Final = re.compile("(?:wrote|schrieb|écrit|escribió|skrev) ?:")
_FAMILY: Final = re.compile(rf"{WORD}(?: (?:Jr|Sr|II|III|IV)\.?)?", re.IGNORECASE)
_SEPARATOR: Final = re.compile(r"[;/|]|,|\s(?:and|und|et|&)\s")


def find(text: str) -> Iterator[Hit]:
    """Yield names in labelled lines, before addresses and before "wrote:"."""
    for offset, line in lines(text):
        label = _LABEL.match(line) if _SIGN.search(line, 0, _LONGEST_LABEL) else None
        if label:
            yield from _values(line, label.end(), offset)
    yield from _speakers(text)
    for match in _FIELD.finditer(text):
        if looks_like_name(match.group(1).replace(",", " "), announced=True):
            yield Hit(match.start(1), match.end(1), "PERSON", 0.7)
    for match in _REVERSED.finditer(text):
        if (
            squeeze(match.group(1)) in SURNAMES
            and squeeze(match.group(2)) in GIVEN
            and looks_like_name(match.group(0).replace(",", " "))
        ):
            yield Hit(*trimmed(text, *match.span(), "."), "PERSON", 0.6)
    # Six words, an address and what stands between take less than the numbers given.
    for match in _ending_at(_BEFORE_ADDRESS, text, _ends(_AT, text), 400):
        if hit := _last_words(match.group(2), match.start(2)):
            yield hit
    for match in _ending_at(_WROTE, text, _ends(_WROTE_ENDS, text), 640):
        if hit := _last_words(match.group(1), match.start(1)):
            yield hit


def _speakers(text: str) -> Iterator[Hit]:
    """Who speaks in a chat. Without times, names count when two lines at least begin so."""
    for match in _SPEAKER.finditer(text):
        yield Hit(match.start(1), match.end(1), "PERSON", 0.8)
    plain = [match for match in _PLAIN_SPEAKER.finditer(text) if _speaks(match.group(1))]
    if len(plain) >= _FEWEST_LINES:
        for match in plain:
            yield Hit(match.start(1), match.end(1), "PERSON", 0.5)


def _speaks(name: str) -> bool:
    """A name, and no label: neither "X-To" nor "Return-Path"."""
    return looks_like_name(name) and all(len(part) > 1 and not ordinary(part) for part in re.split(r"[- ]", name))


def _ends(pattern: re.Pattern[str], text: str) -> Iterator[int]:
    return (match.end() for match in pattern.finditer(text))


def _ending_at(pattern: re.Pattern[str], text: str, ends: Iterable[int], longest: int) -> Iterator[re.Match[str]]:
    """The matches of a pattern that always ends at one of ``ends`` (ascending) and takes at most ``longest``
    characters, looked for before each of them alone: they are rare, and any word may begin a name."""
    start = last = 0
    for end in ends:
        # Ends that stand close together are one stretch, so that matches are found in the order of the text.
        if end - longest > last:
            yield from pattern.finditer(text, start, last)
            start = end - longest
        last = end
    yield from pattern.finditer(text, start, last)


def _values(line: str, start: int, offset: int) -> Iterator[Hit]:
    blanked = line[:start] + _ADDRESS.sub(lambda match: ";" * len(match.group()), line[start:])
    for low, high in _split(blanked, start):
        if looks_like_name(blanked[low:high].replace(",", " "), announced=True):
            yield Hit(offset + low, offset + high, "PERSON", 0.9)


def _split(line: str, start: int) -> Iterator[tuple[int, int]]:
    cuts = [(match.start(), match.end()) for match in _SEPARATOR.finditer(line, start)]
    edges = [start, *(edge for cut in cuts for edge in cut), len(line)]
    ranges = [trimmed(line, edges[i], edges[i + 1], " \t\"'*_,.") for i in range(0, len(edges), 2)]
    ranges = [(low, high) for low, high in ranges if low < high]
    index = 0
    while index < len(ranges):
        low, high = ranges[index]
        if index + 1 < len(ranges) and _is_reversed(line, ranges[index], ranges[index + 1]):
            index += 1
            high = ranges[index][1]
        yield low, high
        index += 1


def _is_reversed(line: str, first: tuple[int, int], second: tuple[int, int]) -> bool:
    """ "Fairweather, Jane": two single words around a comma."""
    between = line[first[1] : second[0]]
    head, tail = line[slice(*first)], line[slice(*second)]
    if between.strip("\"'.") not in (", ", ",") or not _FAMILY.fullmatch(head) or tail.count(" ") > 1:
        return False
    return looks_like_name(f"{tail} {head}", announced=True) and (
        looks_like_name(tail) or tail.isupper() or squeeze(tail) in GIVEN
    )


def _last_words(text: str, start: int) -> Hit | None:
    """The longest tail of ``text`` that looks like a name: words of the sentence may stand before it."""
    words = list(re.finditer(r"\S+", text))
    for word in words:
        if looks_like_name(text[word.start() :].replace(",", "")):
            return Hit(start + word.start(), start + len(text), "PERSON", 0.9)
    return None
