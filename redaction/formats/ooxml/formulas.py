"""Formulas: cut into what Excel reads and what a person reads, so that names change together and nothing else does.

The grammar is that of ECMA-376 part 1, 18.17, as far as needed to find string literals, sheet names, names and
structured references. Whatever is not one of those is passed through untouched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from openpyxl.utils import FORMULAE

from redaction.entities import Replacement
from redaction.formats.ooxml.slots import Slot, spliced

_TOKEN: Final = re.compile(
    r"""(?P<literal>"(?:[^"]|"")*")
      | (?P<quoted>'(?:[^']|'')*'!)
      | (?P<book>\[[^\[\]]*\](?=[^\W\d][\w.]*!|!))    # another workbook: [1]Sheet1!A1, [1]!Name
      | (?P<bracket>\[(?:[^\[\]]|\[[^\[\]]*\])*\])    # structured reference: [[#This Row],[Total]]
      | (?P<sheets>[^\W\d][\w.]*(?::[^\W\d][\w.]*)?!)
      | (?P<name>[^\W\d][\w.\\?]*+(?!\s*\())
      | (?P<other>[^\W\d][\w.]*|\d[\w.]*|.)""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN_SHEET: Final = re.compile(r"[^\W\d][\w.]*")
_CELL: Final = re.compile(r"\$?[A-Za-z]{1,3}\$?\d+|[Rr]\d*[Cc]\d*")
_COLUMN: Final = re.compile(r"[^\[\],:]+")
_WORD: Final = re.compile(r"[^\W\d_]{2}")
# Names too short to say anything, columns among them, and logical values.
_COLUMN_OR_VALUE: Final = re.compile(r"[A-Za-z]{1,2}|[A-Z]{3}|(?i:TRUE|FALSE)")
_NAME: Final = re.compile(r"[^\W\d][\w.\\?]*")
_TELLING: Final = frozenset({"quoted", "book", "bracket", "sheets"})
_DIGITS: Final = re.compile(r"[0-9]+")


@dataclass
class Token:
    """One piece of a formula. ``kind`` is a group of the grammar above."""

    kind: str
    text: str


class Formula:
    """One formula and the place it stands in; ``put`` writes it back there."""

    def __init__(self, text: str, put: Callable[[str], None]) -> None:
        self.tokens = [Token(found.lastgroup or "other", found[0]) for found in _TOKEN.finditer(text)]
        self._put = put

    def text(self) -> str:
        return "".join(token.text for token in self.tokens)

    def store(self) -> None:
        self._put(self.text())

    def telling(self) -> bool:
        """Whether there is more in it than cells, numbers and functions."""
        return any(token.kind in _TELLING for token in self.tokens) or next(self.readable(()), None) is not None

    def literals(self) -> Iterator[Token]:
        """String literals a person could read."""
        return (token for token in self.tokens if token.kind == "literal" and _WORD.search(token.text))

    def names(self, known: Collection[str]) -> Iterator[Token]:
        """Words that a person chose and nothing outside this formula defines: variables, functions of an add-in.

        ``known`` are the defined names and tables (in lower case), which have places of their own.
        """
        for token in self.tokens:
            if token.kind == "name":
                own = bool(_CELL.fullmatch(token.text) or _COLUMN_OR_VALUE.fullmatch(token.text))
            elif token.kind == "other" and len(token.text) > 1:
                own = _NAME.fullmatch(token.text) is None or _is_function(token.text)
            else:
                continue
            if not own and token.text.casefold() not in known:
                yield token

    def readable(self, known: Collection[str]) -> Iterator[tuple[str, Token]]:
        """Every literal and every such name, each with the end of its anchor."""
        for ordinal, token in enumerate(self.literals(), 1):
            yield str(ordinal), token
        for ordinal, token in enumerate(self.names(known), 1):
            yield f"n{ordinal}", token

    def leads_away(self, known_sheets: Collection[str]) -> bool:
        """Whether it refers to another workbook, or to a sheet that is not kept (names in lower case)."""
        return any(token.kind == "book" for token in self.tokens) or any(
            sheet.casefold() not in known_sheets for token in self.tokens for sheet in _sheets(token)
        )

    def rename(self, sheets: Mapping[str, str], names: Mapping[str, str], columns: Mapping[str, str]) -> None:
        """Put new names of sheets, defined names, tables and columns in (keys in lower case)."""
        for token in self.tokens:
            if token.kind in ("quoted", "sheets"):
                old = _sheets(token)
                if any(sheet.casefold() in sheets for sheet in old):
                    token.text = _reference([sheets.get(sheet.casefold(), sheet) for sheet in old])
            elif token.kind == "name" and not _CELL.fullmatch(token.text):
                token.text = names.get(token.text.casefold(), token.text)
            elif token.kind == "bracket":
                token.text = _COLUMN.sub(lambda found: _column(found[0], columns), token.text)


def _is_function(text: str) -> bool:
    """Whether Excel itself has a function of this name; later versions prefix theirs."""
    return text.startswith(("_xlfn.", "_xlws.")) or text.upper() in FORMULAE


def shape(text: str) -> str:
    """A formula with every number as 1: those of one column are alike, so one of them tells for all."""
    return _DIGITS.sub("1", text)


def _sheets(token: Token) -> Sequence[str]:
    """The sheet names before an exclamation mark; two for a reference through several sheets."""
    if token.kind == "quoted":
        return token.text[1:-2].replace("''", "'").split(":")
    return token.text[:-1].split(":") if token.kind == "sheets" else ()


def _reference(sheets: Sequence[str]) -> str:
    if all(_PLAIN_SHEET.fullmatch(sheet) and not _CELL.fullmatch(sheet) for sheet in sheets):
        return ":".join(sheets) + "!"
    return "'" + ":".join(sheets).replace("'", "''") + "'!"


def is_cell_reference(name: str) -> bool:
    """Whether Excel would take a name for a cell: A1, $B$2, R1C1."""
    return _CELL.fullmatch(name) is not None


def _column(text: str, columns: Mapping[str, str]) -> str:
    """One name inside a structured reference; ``@`` stands for this row, an apostrophe escapes."""
    at = "@" if text.startswith("@") else ""
    name = re.sub(r"'(.)", r"\1", text.removeprefix("@"))
    new = columns.get(name.casefold())
    return text if new is None else at + re.sub(r"(['#@\[\]])", r"'\1", new)


@dataclass(eq=False)
class TokenSlot(Slot):
    """A string literal of a formula, without its quotes, or a name somebody chose."""

    formula: Formula = field(default_factory=lambda: Formula("", lambda _: None))
    token: Token = field(default_factory=lambda: Token("literal", ""))

    def write(self, replacements: Sequence[Replacement]) -> None:
        self.token.text = changed(self.token, spliced(self.text, replacements))
        self.formula.store()


def said(token: Token) -> str:
    """What a literal or a name says."""
    return token.text[1:-1].replace('""', '"') if token.kind == "literal" else token.text


def changed(token: Token, text: str) -> str:
    """``text`` spelt like ``token``: in quotes, or as a name."""
    if token.kind == "literal":
        return '"' + text.replace('"', '""') + '"'
    return re.sub(r"[^\w.]", "_", text)
