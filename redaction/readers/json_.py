"""Reads JSON again by the standard library's parser: keys and values, those of JSON inside of strings too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from redaction.entities import Block, Kind
from redaction.readers import Reader

_NESTED: Final = 4
_PROSE: Final = 80


def whole(data: bytes) -> list[Block]:
    """One block for each key, string and number. Raises ValueError on what is no JSON in UTF-8."""
    return _blocks(_parsed_all(data.decode("utf-8")))


def by_line(data: bytes) -> list[Block]:
    """The same of one value a line."""
    return _blocks([_parsed(line) for line in data.decode("utf-8").split("\n") if line.strip()])


def _parsed_all(text: str) -> list[object]:
    """One value, or several behind each other."""
    decoder = json.JSONDecoder(object_pairs_hook=tuple, parse_int=_Number, parse_float=_Number, parse_constant=_Number)
    values: list[object] = []
    at = 0
    while blank := re.compile(r"[ \t\r\n]*+(?=[^ \t\r\n])").match(text, at):
        value, at = decoder.raw_decode(text, blank.end())
        values.append(value)
    return values


def _blocks(values: list[object]) -> list[Block]:
    found = [one for value in values for one in _walk(value, Kind.CELL, 0)]
    return [Block(f"v{number}", text, kind) for number, (text, kind) in enumerate(found, 1) if text.strip()]


def _parsed(text: str) -> object:
    return json.loads(text, object_pairs_hook=tuple, parse_int=_Number, parse_float=_Number, parse_constant=_Number)


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


def _walk(value: object, kind: Kind, nested: int) -> Iterator[tuple[str, Kind]]:
    if isinstance(value, tuple):
        for key, inner in value:
            yield str(key), Kind.LABEL
            yield from _walk(inner, kind, nested)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, kind, nested)
    elif isinstance(value, str):
        yield from _string(value, kind, nested)


def _string(value: str, kind: Kind, nested: int) -> Iterator[tuple[str, Kind]]:
    if not isinstance(value, _Number) and value.lstrip()[:1] in ("{", "[") and nested < _NESTED:
        try:
            yield from _walk(_parsed(value), kind, nested + 1)
        except (ValueError, RecursionError):
            yield value, Kind.PROSE
    else:
        yield value, Kind.PROSE if len(value) > _PROSE and " " in value else kind


def strings(data: bytes) -> list[Block]:
    """What stands between quotes, escapes undone, and numbers: by a walk over the characters that knows no grammar."""
    text = data.decode("utf-8")
    found: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == '"':
            end = at + 1
            while text[end] != '"':
                end += 2 if text[end] == "\\" else 1
            found.append(_unescaped(text[at + 1 : end]))
            at = end + 1
            continue
        end = at + 1
        while end < len(text) and text[end] not in '"{}[],:\n':
            end += 1
        found.append(text[at:end].strip(" \t\r\n{}[],:"))
        at = end
    return [Block(f"s{number}", one, Kind.CELL) for number, one in enumerate(found, 1) if one.strip()]


def _unescaped(text: str) -> str:
    pieces = text.split("\\")
    out = [pieces[0]]
    index = 1
    while index < len(pieces):
        piece = pieces[index]
        if piece == "":  # an escaped backslash: what follows it is text
            out.append("\\" + (pieces[index + 1] if index + 1 < len(pieces) else ""))
            index += 2
            continue
        if piece[0] == "u":
            out.append(chr(int(piece[1:5], 16)) + piece[5:])
        else:
            out.append({"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}.get(piece[0], piece[0]) + piece[1:])
        index += 1
    return "".join(out)


READERS: tuple[Reader, ...] = (whole, strings)
LINE_READERS: tuple[Reader, ...] = (by_line, strings)
