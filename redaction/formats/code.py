"""Program text: strings and statements line by line, comments as the prose they are, written back in their places.

In statements a dot and an at sign are no parts of hosts and handles (``logger.info``, ``@property``), so a segment
shows them as blanks; its offsets stay those of the line. What is written there is an identifier, so that a program that
could be parsed still can. Comments lose their delimiters, so that a name broken over two of their lines is found.
"""

from __future__ import annotations

import ast
import re
import tomllib
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from redaction.entities import Action, Extraction, Kind, Output, Plan, Replacement, Segment, Tier
from redaction.errors import RefusedError
from redaction.formats import Carrier, Limits, Switches
from redaction.formats.code_words import Found, Stretch, stretches
from redaction.formats.pieces import Writing, apply, carrier_counts
from redaction.formats.text import decoded, without_payloads
from redaction.media import PROGRAMS, SOURCES
from redaction.view import typed
from redaction.words import words

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_LINE_END: Final = re.compile(r"\r\n?")
# Nobody writes such lines: what has them was made from another file.
_LONGEST_LINE: Final = 5_000
_LONG_SHARE: Final = 0.5
# Tags of documentation: only their sign is left out of a segment, so that they are no handles.
_TAG: Final = re.compile(rf"@(?=(?:{'|'.join(sorted(words('doc_tags')))})(?![\w@.-]))", re.IGNORECASE)
_OPENING: Final = re.compile(r"\s*(?:/\*+!?|\*+(?!/)|/{2,}!?|#+!?|--+(?:\[\[)?|\"\"\"|''')?\s*")
_CLOSINGS: Final = ("*/", "]]", '"""', "'''")
_SIGNS: Final = re.compile(r"(?<!\d)\.|\.(?!\d)|@")
_TOKEN: Final = re.compile(r"([A-Za-z]+(?:[_-][A-Za-z]+)*)[_-](\d+)")
_NO_IDENTIFIER: Final = re.compile(r"\W+")
_ONE_LINE_END: Final = re.compile(r"[^\S\n]*\n[^\S\n]*")
_SECRET: Final = re.compile(
    r"(?i)(?:passw|pwd|secret|token|credential|api_?key|private_?key|access_?key)[\w.\"'\]-]*\s*[:=]"
)
_SOURCE_MAP: Final = re.compile(r"(?m)^[^\S\n]*(?://|/\*)[#@][^\S\n]*source(?:Mapping)?URL=[^\n]*$")
_COOKIE: Final = re.compile(r"\A((?:[^\n]*\n)?[ \t\f]*#[^\n]*?coding[:=][ \t]*)([-\w.]+)")
_DECLARATION: Final = re.compile(r"\A(\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"'])([\w.:-]+)")
_UNICODE: Final = frozenset({"utf-8", "utf8", "utf_8", "utf-8-sig", "utf-16", "ascii", "us-ascii"})
_LATIN: Final = frozenset({"latin-1", "latin1", "iso-8859-1", "iso-8859-15", "cp1252", "windows-1252"})
_DOCUMENT_TYPE: Final = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MARKUP: Final = frozenset({"xml", "xsd", "xsl"})
_PYTHON: Final = frozenset({"py", "pyi"})


@dataclass
class Unit:
    """One segment: ranges of the text, and what it shows of each. An empty range stands for a line end."""

    anchor: str
    kind: Kind
    ranges: list[tuple[int, int]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    statements: list[bool] = field(default_factory=list)

    def add(self, start: int, end: int, shown: str, *, statement: bool = False) -> None:
        """One more range, right behind the last one."""
        self.ranges.append((start, end))
        self.shown.append(shown)
        self.statements.append(statement)

    def is_statement(self, offset: int) -> bool:
        """Whether the character at ``offset`` of the segment stands outside of strings."""
        for shown, statement in zip(self.shown, self.statements, strict=True):
            if offset < len(shown):
                return statement
            offset -= len(shown)
        return False

    @property
    def text(self) -> str:
        return "".join(self.shown)

    @property
    def carrier(self) -> str:
        """The row of the table of leak channels that this text belongs to."""
        if self.kind is Kind.PROSE:
            return "C1"
        return "C3" if _SECRET.search(self.text) else "C2"


class CodeHandler:
    """Source files, settings and the small files of a repository; one handler for each extension."""

    tiers: tuple[Tier, ...] = (Tier.A,)
    carriers: tuple[Carrier, ...] = (
        Carrier("C1", "comments and docstrings: authors, tasks, licences", Action.REWRITE),
        Carrier("C2", "statements, strings and settings", Action.REWRITE),
        Carrier("C3", "lines that set a key, a token or a password", Action.REWRITE),
        Carrier("C4", "source maps and files in base64", Action.DROP),
        Carrier("T2", "encoding, byte order mark and line ends, written as UTF-8", Action.SKELETON),
    )

    def __init__(self, media_type: str) -> None:
        self.media_types: tuple[str, ...] = (media_type,)
        self.extensions: tuple[str, ...] = (SOURCES[media_type],)

    def extract(self, source: bytes, limits: Limits, switches: Switches = Switches()) -> Extraction:
        """Every line of code, every comment.

        Raises:
            RefusedError: no text, text that a program made, or markup with a document type.
        """
        text, dropped = self._read(source, limits)
        found = units(text, self.extensions[0])
        segments = [Segment(unit.anchor, unit.text, unit.carrier, unit.kind) for unit in found]
        return Extraction(segments, counts={**Counter(unit.carrier for unit in found), "C4": dropped})

    def rewrite(self, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()) -> Output:
        """The same text with the replacements of the plan.

        Raises:
            RefusedError: ``structure``, when the file could be parsed and its copy cannot.
        """
        text, dropped = self._read(source, limits)
        writing = Writing(plan)
        found = units(text, self.extensions[0])
        new = rewritten(text, found, writing, self.extensions[0])
        writing.close()
        kept = Counter(unit.carrier for unit in found if unit.anchor not in plan.replacements)
        return Output(new.encode("utf-8"), self.media_types[0], carrier_counts(writing.counts, {"C4": dropped}, kept))

    def _read(self, source: bytes, limits: Limits) -> tuple[str, int]:
        extension = self.extensions[0]
        text = _LINE_END.sub("\n", _decoded(source, extension))
        if len(text) > limits.characters:
            raise RefusedError("limit", "characters")
        text = _CONTROLS.sub("", typed(text))
        if self.media_types[0] in PROGRAMS and _is_generated(text):
            raise RefusedError("generated")
        if extension in _MARKUP and _DOCUMENT_TYPE.search(text):
            raise RefusedError("unsupported", "document type")
        text, maps = _SOURCE_MAP.subn("", text)
        text, payloads = without_payloads(text)
        return text, maps + payloads


def _decoded(source: bytes, extension: str) -> str:
    """Bytes as text, by the encoding that the file itself names, and with the name of ours in its place."""
    pattern = _COOKIE if extension in _PYTHON else _DECLARATION if extension in _MARKUP else None
    declared = pattern.match(source[:400].decode("latin-1")) if pattern else None
    if declared is None or pattern is None:
        return decoded(source)
    name = declared.group(2).lower()
    if name not in _UNICODE | _LATIN:
        raise RefusedError("parse-failed", "encoding")
    try:
        text = source.decode(name) if name in _LATIN else decoded(source)
    except UnicodeDecodeError as error:
        raise RefusedError("parse-failed", "encoding") from error
    return pattern.sub(lambda match: match.group(1) + "utf-8", text, count=1)


def _is_generated(text: str) -> bool:
    """Most of the text stands in lines that nobody writes."""
    long = sum(len(line) for line in text.split("\n") if len(line) > _LONGEST_LINE)
    return long > _LONG_SHARE * len(text)


# Reading ------------------------------------------------------------------------------------------------------------


def units(text: str, extension: str, prefix: str = "l") -> list[Unit]:
    """The segments of program text, in order; anchors begin with ``prefix`` and the number of the line."""
    if f"text/x-{extension}" not in PROGRAMS:
        return [unit for unit in _lines(text, prefix) if unit.text.strip()]
    found = _Units(text, prefix)
    for stretch in stretches(text, extension):
        found.add(stretch)
    return sorted((unit for unit in found.all if unit.text.strip()), key=lambda unit: unit.ranges[0])


def _lines(text: str, prefix: str) -> Iterator[Unit]:
    at = 0
    for number, line in enumerate(text.split("\n"), 1):
        unit = Unit(f"{prefix}{number}", Kind.CODE)
        unit.add(at, at + len(line), line)
        yield unit
        at += len(line) + 1


class _Units:
    """Gathers stretches: what belongs to one line of code, and what to one comment."""

    def __init__(self, text: str, prefix: str) -> None:
        self.text = text
        self.prefix = prefix
        self.all: list[Unit] = []
        self._line = 1
        self._code: Unit | None = None
        self._comment: Unit | None = None
        self._comment_end = -1
        self._comments = 0

    def add(self, stretch: Found) -> None:
        """One more stretch, right behind the last one."""
        if stretch.kind in (Stretch.COMMENT, Stretch.TEXT):
            self._add_prose(stretch)
        else:
            self._add_code(stretch)

    def _add_code(self, stretch: Found) -> None:
        at = stretch.start
        statement = stretch.kind is Stretch.STATEMENT
        for index, line in enumerate(self.text[stretch.start : stretch.end].split("\n")):
            if index:
                self._line += 1
                self._code = None
            if line.strip():
                if self._code is None:
                    self._code = Unit(f"{self.prefix}{self._line}", Kind.CODE)
                    self.all.append(self._code)
                self._code.add(at, at + len(line), _SIGNS.sub(" ", line) if statement else line, statement=statement)
            at += len(line) + 1

    def _add_prose(self, stretch: Found) -> None:
        goes_on = self._comment is not None and _ONE_LINE_END.fullmatch(self.text, self._comment_end, stretch.start)
        if not goes_on:
            self._comments += 1
            self._comment = Unit(f"{self.prefix}{self._line}/c{self._comments}", Kind.PROSE)
            self.all.append(self._comment)
        at = stretch.start
        lines = self.text[stretch.start : stretch.end].split("\n")
        for line in lines:
            self._add_line(at, line)
            at += len(line) + 1
        if len(lines) > 1:
            self._line += len(lines) - 1
            self._code = None
        self._comment_end = stretch.end

    def _add_line(self, at: int, line: str) -> None:
        unit = self._comment
        opening = _OPENING.match(line)
        if unit is None or opening is None:
            return
        start, end = opening.end(), len(line.rstrip())
        for closing in _CLOSINGS:
            if line.endswith(closing, start, end):
                end = start + len(line[start : end - len(closing)].rstrip(" \t*"))
        if unit.ranges:
            unit.add(at, at, "\n")
        for tag in _TAG.finditer(line, start, max(start, end)):
            unit.add(at + start, at + tag.start(), line[start : tag.start()])
            start = tag.end()
        if start < end:
            unit.add(at + start, at + end, line[start:end])


# Writing ------------------------------------------------------------------------------------------------------------

_Form = Callable[[Unit, Replacement], str]


def rewritten(text: str, found: Sequence[Unit], writing: Writing, extension: str) -> str:
    """``text`` with the replacements of the plan, in the first form in which it parses as the original did.

    Raises:
        RefusedError: ``structure``, when there is no such form.
    """
    for unit in found:
        writing.text(unit.anchor, unit.carrier, unit.shown)
    check = _CHECKS.get(extension)
    sound = check is not None and check(text)
    for form in (_in_its_place, _identifier_everywhere, _quoted):
        new = _written(text, found, writing.plan, form)
        if not sound or check is None or check(new):
            return new
    raise RefusedError("structure", "syntax")


def _written(text: str, found: Sequence[Unit], plan: Plan, form: _Form) -> str:
    out: list[str] = []
    ranges: list[tuple[int, int, str]] = []
    for unit in found:
        if replacements := plan.replacements.get(unit.anchor):
            formed = [Replacement(one.start, one.end, form(unit, one)) for one in replacements]
            old = [text[start:end] or shown for (start, end), shown in zip(unit.ranges, unit.shown, strict=True)]
            new = apply(old, formed)
            # What stands for a line end is never written: it is there already.
            ranges += [(*place, piece) for place, piece in zip(unit.ranges, new, strict=True) if place[0] < place[1]]
    at = 0
    for start, end, piece in sorted(ranges):
        out += [text[at:start], piece]
        at = end
    return "".join([*out, text[at:]])


def _in_its_place(unit: Unit, one: Replacement) -> str:
    """As planned in strings and comments; in a statement, where only an identifier can stand, as one."""
    return identifier(one.text) if unit.is_statement(one.start) else one.text


def _identifier_everywhere(unit: Unit, one: Replacement) -> str:  # noqa: ARG001 - one shape for all forms
    return identifier(one.text)


def _quoted(unit: Unit, one: Replacement) -> str:
    """A value of settings that was no string, such as a number, becomes one."""
    before = unit.text[: one.start]
    inside = before.count('"') % 2 or before.count("'") % 2
    return identifier(one.text) if inside else f'"{identifier(one.text)}"'


def identifier(written: str) -> str:
    """A token as it can stand in a statement: ``host-1.example.invalid`` → ``HOST_1``."""
    found = _TOKEN.search(written)
    if found:
        return f"{found.group(1).upper().replace('-', '_')}_{found.group(2)}"
    return _NO_IDENTIFIER.sub("_", written).strip("_") or "REMOVED"


# Checks -------------------------------------------------------------------------------------------------------------


def _is_python(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError):
        return False
    return True


def _is_xml(text: str) -> bool:
    try:
        expat.ParserCreate().Parse(text.encode("utf-8"), True)
    except expat.ExpatError:
        return False
    return True


_CHECKS: Final[dict[str, Callable[[str], bool]]] = {
    **dict.fromkeys(_PYTHON, _is_python),
    "toml": _is_toml,
    **dict.fromkeys(_MARKUP, _is_xml),
}
