"""Reads program text again: Python by the standard library's tokenizer, other languages by a walk of our own.

A block for the code of each line, with blanks for the dots and at signs of statements (``logger.info`` is no host), and
one for each comment without what delimits it. A second reader sees the bare lines.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from redaction.entities import Block, Kind
from redaction.media import PROGRAMS
from redaction.readers import Reader
from redaction.readers.text import lines
from redaction.words import words

_TAGS: Final = words("doc_tags")
_AT: Final = re.compile(r"@([\w-]+)(?![\w@.-])")
_MARKS: Final = re.compile(
    r"^\s*(?:/\*+!?|\*+(?!/)|//+!?|#+!?|--+(?:\[\[)?|\"\"\"|''')?\s*|\s*(?:\*+/|\]\]|\"\"\"|''')?\s*$"
)


@dataclass(frozen=True)
class _Marks:
    """What begins and ends comments and strings of a language."""

    line: tuple[str, ...]
    block: tuple[tuple[str, str], ...] = ()
    quotes: str = "\"'"
    signs: bool = False  # a single quote is one character
    triple: bool = False


_SLASHES: Final = _Marks(("//",), (("/*", "*/"),), "\"'`", triple=True)
_HASHES: Final = _Marks(("#",))
_BY_EXTENSION: Final = {
    **dict.fromkeys(("py", "pyi"), _Marks(("#",), triple=True)),
    **dict.fromkeys(("rb", "sh", "bash", "zsh", "ps1", "r", "pl", "pm"), _HASHES),
    **dict.fromkeys(("js", "mjs", "cjs", "jsx", "ts", "tsx", "groovy", "gradle", "dart", "scss", "less"), _SLASHES),
    "php": _Marks(("//", "#"), (("/*", "*/"),)),
    "sql": _Marks(("--",), (("/*", "*/"),)),
    "lua": _Marks(("--",), (("--[[", "]]"),)),
    "css": _Marks((), (("/*", "*/"),)),
}
_OTHERS: Final = _Marks(("//",), (("/*", "*/"),), "\"'`", signs=True, triple=True)
_BOUNDARY: Final = frozenset(" \t\n;(){}[],")


def blocks(extension: str, data: bytes) -> list[Block]:
    """Code and comments. Raises ValueError on bytes that are not UTF-8."""
    return program(extension, data.decode("utf-8"))


def program(extension: str, text: str) -> list[Block]:
    """Code and comments of program text; of all other text its lines."""
    if f"text/x-{extension}" not in PROGRAMS:
        return [Block(f"l{n}", line, Kind.CODE) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    stretches = list(_python(text) if extension in ("py", "pyi") else _walk(text, _marks(extension)))
    found: list[Block] = []
    code = ""
    line = 1
    for kind, stretch in stretches:
        if kind == "comment":
            shown = "\n".join(map(_shown, stretch.split("\n")))
            found.append(Block(f"l{line}/c{len(found)}", shown, Kind.PROSE))
            line += stretch.count("\n")
            continue
        first, *rest = stretch.split("\n")
        code += _plain(first, kind)
        for more in rest:
            found.append(Block(f"l{line}", code, Kind.CODE))
            line += 1
            code = _plain(more, kind)
    found.append(Block(f"l{line}", code, Kind.CODE))
    return [block for block in found if block.text.strip()]


def _marks(extension: str) -> _Marks:
    return _BY_EXTENSION.get(extension, _OTHERS)


def _plain(text: str, kind: str) -> str:
    if kind == "string":
        return text
    letters = list(text)
    for index, letter in enumerate(letters):
        number = text[index - 1 : index].isdigit() and text[index + 1 : index + 2].isdigit()
        if letter == "@" or (letter == "." and not number):
            letters[index] = " "
    return "".join(letters)


def _shown(line: str) -> str:
    bare = _MARKS.sub("", line)
    return _AT.sub(lambda match: match.group(1) if match.group(1).lower() in _TAGS else match.group(), bare)


def _python(text: str) -> Iterator[tuple[str, str]]:
    """Stretches of Python; by the walk where it is not Python after all (magic commands of a notebook)."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    found: list[tuple[str, int, int]] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in (tokenize.COMMENT, tokenize.STRING):
                start, end = (starts[row - 1] + column for row, column in (token.start, token.end))
                triple = token.string.endswith(('"""', "'''")) and len(token.string) > 5
                found.append(("comment" if token.type == tokenize.COMMENT or triple else "string", start, end))
    except (tokenize.TokenError, SyntaxError):
        yield from _walk(text, _marks("py"))
        return
    at = 0
    for kind, start, end in found:
        yield from ([("code", text[at:start])] if at < start else [])
        yield kind, text[start:end]
        at = end
    yield "code", text[at:]


def _walk(text: str, marks: _Marks) -> Iterator[tuple[str, str]]:
    at = begun = 0
    while at < len(text):
        kind, end = _opened(text, at, marks)
        if kind:
            yield from ([("code", text[begun:at])] if begun < at else [])
            yield kind, text[at:end]
            begun = end
        at = end
    yield "code", text[begun:]


def _opened(text: str, at: int, marks: _Marks) -> tuple[str, int]:
    """What begins at ``at``, and where it ends; nothing, and the next place, when nothing does."""
    for opening, closing in marks.block:
        if text.startswith(opening, at):
            return "comment", _behind(text, closing, at + len(opening))
    for mark in marks.line:
        if text.startswith(mark, at) and (mark != "#" or at == 0 or text[at - 1] in _BOUNDARY):
            end = text.find("\n", at)
            return "comment", end if end >= 0 else len(text)
    sign = text[at]
    if sign not in marks.quotes:
        return "", at + 1
    if marks.triple and text.startswith(sign * 3, at) and sign != "`":
        return "comment", _behind(text, sign * 3, at + 3)
    if sign == "'" and marks.signs:
        character = re.compile(r"'(?:\\[^'\n]{1,10}|[^'\\\n])'").match(text, at)
        return ("string", character.end()) if character else ("", at + 1)
    return "string", _string_end(text, at)


def _behind(text: str, closing: str, at: int) -> int:
    end = text.find(closing, at)
    while end > 0 and closing in ('"""', "'''") and text[end - 1] == "\\":
        end = text.find(closing, end + 1)
    return end + len(closing) if end >= 0 else len(text)


def _string_end(text: str, at: int) -> int:
    quote = text[at]
    at += 1
    while at < len(text) and text[at] != quote:
        if text[at] == "\n" and quote != "`":
            return at
        at += 2 if text[at] == "\\" else 1
    return min(at + 1, len(text))


def readers(extension: str) -> Sequence[Reader]:
    """The readers of one extension."""
    return (partial(blocks, extension), lines)
