"""JSON and JSON lines: every key, string and number is a segment; blanks, order and doubled keys stay as they were.

A value's key names it, like the header of a column. A string that holds JSON itself is read as such. A number that is
replaced (an account, a telephone line) becomes a string. Two keys of one object that become the same are told apart by
a number, so that no value is lost.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from redaction.entities import Action, Extraction, Kind, Output, Plan, Replacement, Segment, Tier
from redaction.errors import RefusedError
from redaction.formats import Carrier, Limits, Switches
from redaction.formats.pieces import Writing, carrier_counts
from redaction.formats.text import decoded, without_payloads
from redaction.media import EXTENSIONS, JSON, JSON_LINES, TEXT
from redaction.view import typed

DEPTH: Final = 200
_NESTED_DEPTH: Final = 3
_ANCHOR: Final = 180
_PROSE: Final = 80
_STRING: Final = r'"(?:[^"\\\x00-\x1f]+|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+"'
_PLAIN_NUMBER: Final = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_LEXEME: Final = re.compile(
    rf"(?P<blank>[ \t\n\r]+)|(?P<string>{_STRING})|(?P<number>{_PLAIN_NUMBER}|-?Infinity|NaN)"
    r"|(?P<word>true|false|null)|(?P<sign>[\[\]{},:])"
)
# Halves of characters become one that says so; controls that no text needs are left out.
_HALVES: Final = re.compile(r"[\ud800-\udfff]")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass
class Lexeme:
    """One lexeme. ``anchor`` is empty for what is no segment; ``inner`` is the JSON that a string holds."""

    kind: str
    text: str  # as it stands in the file; the value of a string
    anchor: str = ""
    column: str = ""
    is_key: bool = False
    object_: int = 0
    inner: list[Lexeme] = field(default_factory=list)


class JsonHandler:
    """JSON, whole (``lines`` False) or one value a line."""

    tiers: tuple[Tier, ...] = (Tier.A, Tier.B)
    carriers: tuple[Carrier, ...] = (
        Carrier("T1", "keys, strings and numbers", Action.REWRITE),
        Carrier("T2", "JSON inside of strings", Action.REWRITE),
        Carrier("H5", "files in base64, such as pictures in data addresses", Action.DROP),
    )

    def __init__(self, *, lines: bool) -> None:
        self.media_types: tuple[str, ...] = (JSON_LINES if lines else JSON,)
        self.extensions: tuple[str, ...] = tuple(EXTENSIONS[one] for one in self.media_types)
        self._lines = lines

    def extract(self, source: bytes, limits: Limits, switches: Switches = Switches()) -> Extraction:
        """Every key and value.

        Raises:
            RefusedError: ``parse-failed`` for what is no JSON, ``limit`` for too much of it.
        """
        lexemes, payloads = self._read(source, limits)
        segments = [segment(one) for one in _all(lexemes) if one.anchor and one.text.strip() and not one.inner]
        return Extraction(segments, counts={**Counter(one.carrier for one in segments), "H5": payloads})

    def rewrite(self, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()) -> Output:
        """The same text with new keys and values; in tier B these alone, one a line."""
        lexemes, payloads = self._read(source, limits)
        writing = Writing(plan)
        found = [one for one in _all(lexemes) if one.anchor and not one.inner]
        kept = Counter(segment(one).carrier for one in found if one.anchor not in plan.replacements)
        if plan.tier is Tier.B:
            text = "\n".join(_written(one, writing) for one in found if one.text.strip()) + "\n"
        else:
            text = serialised(lexemes, writing)
        writing.close()
        counts = carrier_counts(writing.counts, {"H5": payloads}, kept)
        media_type = TEXT if plan.tier is Tier.B else self.media_types[0]
        return Output(text.encode("utf-8"), media_type, counts, plan.tier)

    def _read(self, source: bytes, limits: Limits) -> tuple[list[Lexeme], int]:
        text = decoded(source).replace("\r\n", "\n").replace("\r", "\n")
        if len(text) > limits.characters:
            raise RefusedError("limit", "characters")
        reading = Reading(limits)
        lexemes: list[Lexeme] = []
        for number, one in enumerate(_by_line(text) if self._lines else _by_value(text), 1):
            lexemes += reading.value(one, f"{number}") if one.strip() else [Lexeme("blank", one)]
        return lexemes, reading.payloads


class Reading:
    """Reads JSON texts of one file: counts what they hold together."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._cells = 0
        self._objects = 0
        self.payloads = 0

    def value(self, text: str, prefix: str, nested: int = 0) -> list[Lexeme]:
        """The lexemes of one JSON text, with anchors that begin with ``prefix``.

        Raises:
            RefusedError: ``parse-failed`` or ``limit``.
        """
        lexemes = list(_lexemes(text))
        _check(text)
        self._name(lexemes, prefix)
        for one in lexemes:
            if one.kind == "string":
                self._open(one, nested)
        return lexemes

    def _open(self, one: Lexeme, nested: int) -> None:
        one.text, payloads = without_payloads(_HALVES.sub("\ufffd", _CONTROLS.sub("", typed(one.text))))
        self.payloads += payloads
        inner = one.text.strip()
        if not one.is_key and inner[:1] in ("{", "[") and nested < _NESTED_DEPTH:
            try:
                one.inner = self.value(one.text, f"{one.anchor}/j", nested + 1)
            except RefusedError as error:
                if error.code == "limit":
                    raise
            if not any(lexeme.anchor for lexeme in _all(one.inner)):
                one.inner = []

    def _name(self, lexemes: Sequence[Lexeme], prefix: str) -> None:
        """Give every key and value its anchor: the ordinals of the members on the way to it."""
        stack: list[_Level] = []
        for one in lexemes:
            level = stack[-1] if stack else None
            if one.kind == "sign":
                if one.text in "{[":
                    self._objects += 1
                    path = f"{level.path}/{level.ordinal}" if level else prefix
                    stack.append(_Level(path, one.text == "{", self._objects, level.key if level else ""))
                elif one.text in "]}":
                    stack.pop()
                elif level and one.text == ",":
                    level.next()
                elif level:
                    level.behind_colon = True
            elif one.kind in ("string", "number"):
                self._count()
                self._place(one, level, prefix)

    def _place(self, one: Lexeme, level: _Level | None, prefix: str) -> None:
        if level is None:
            one.anchor = f"{prefix}/"
            return
        one.is_key = level.is_object and not level.behind_colon
        one.object_ = level.number
        one.anchor = f"{level.path}/{level.ordinal}{'k' if one.is_key else ''}"
        if one.is_key:
            level.key = one.text
        else:
            one.column = level.key
        if len(one.anchor) > _ANCHOR:
            one.anchor = f"n{self._cells}"

    def _count(self) -> None:
        self._cells += 1
        if self._cells > self._limits.cells:
            raise RefusedError("limit", "values")


@dataclass
class _Level:
    """An open object or list. ``key`` is the one before the value, or that of the list a value is in."""

    path: str
    is_object: bool
    number: int
    key: str
    ordinal: int = 0
    behind_colon: bool = False

    def next(self) -> None:
        self.ordinal += 1
        self.behind_colon = False


def _by_line(text: str) -> list[str]:
    return [piece for line in text.split("\n") for piece in (line, "\n")][:-1]


def _by_value(text: str) -> list[str]:
    """The values of a file: mostly one; some programs write several, one behind the other."""
    values: list[str] = []
    at = start = depth = 0
    while at < len(text):
        match = _match(text, at)
        at = match.end()
        depth = _depth(match, depth)
        if depth == 0 and match.lastgroup != "blank" and match.group() not in (",", ":"):
            values.append(text[start:at])
            start = at
    return [*values, text[start:]]


def _match(text: str, at: int) -> re.Match[str]:
    match = _LEXEME.match(text, at)
    if match is None:
        raise RefusedError("parse-failed", "JSON")
    return match


def _depth(match: re.Match[str], depth: int) -> int:
    """How deep the text behind a lexeme is. Counted before any parser goes down there."""
    if match.lastgroup == "sign":
        depth += (match.group() in "{[") - (match.group() in "}]")
    if depth > DEPTH:
        raise RefusedError("limit", "depth")
    return depth


def _lexemes(text: str) -> Iterator[Lexeme]:
    at = depth = 0
    while at < len(text):
        match = _match(text, at)
        depth = _depth(match, depth)
        kind, found = str(match.lastgroup), match.group()
        yield Lexeme(kind, str(json.loads(found)) if kind == "string" else found)
        at = match.end()


def _check(text: str) -> None:
    """Lexemes alone are no grammar: the standard library says whether this is JSON. Its numbers stay texts."""
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise RefusedError("parse-failed", "JSON") from error


def _all(lexemes: Sequence[Lexeme]) -> Iterator[Lexeme]:
    for one in lexemes:
        yield one
        yield from _all(one.inner)


def segment(one: Lexeme) -> Segment:
    """A lexeme as a segment: long strings are prose, short ones cells under their key."""
    carrier = "T2" if "/j" in one.anchor else "T1"
    if one.is_key:
        return Segment(one.anchor, one.text, carrier, Kind.LABEL)
    if len(one.text) > _PROSE and " " in one.text:
        return Segment(one.anchor, one.text, carrier, Kind.PROSE)
    return Segment(one.anchor, one.text, carrier, Kind.CELL, {"column": one.column} if one.column else {})


# Writing ------------------------------------------------------------------------------------------------------------


def serialised(lexemes: Sequence[Lexeme], writing: Writing) -> str:
    """The text of lexemes with the replacements of the plan."""
    taken = _keys(lexemes, writing.plan.replacements)
    out: list[str] = []
    for one in lexemes:
        if one.inner:
            out.append(quoted(serialised(one.inner, writing)))
        elif one.anchor:
            new = _written(one, writing)
            if one.is_key and new != one.text:
                new = _told_apart(new, taken.setdefault(one.object_, set()))
            out.append(quoted(new) if one.kind == "string" or new != one.text else new)
        else:
            out.append(one.text if one.kind != "string" else quoted(one.text))
    return "".join(out)


def _keys(lexemes: Sequence[Lexeme], replaced: Mapping[str, Sequence[Replacement]]) -> dict[int, set[str]]:
    """The keys of each object that stay as they are."""
    keys: dict[int, set[str]] = {}
    for one in lexemes:
        if one.is_key and not replaced.get(one.anchor):
            keys.setdefault(one.object_, set()).add(one.text)
    return keys


def _told_apart(key: str, taken: set[str]) -> str:
    candidate, number = key, 2
    while candidate in taken:
        candidate, number = f"{key} ({number})", number + 1
    taken.add(candidate)
    return candidate


def _written(one: Lexeme, writing: Writing) -> str:
    return "".join(writing.text(one.anchor, segment(one).carrier, [one.text]))


def quoted(text: str) -> str:
    """``text`` as a JSON string, letters as they are."""
    return json.dumps(text, ensure_ascii=False)
