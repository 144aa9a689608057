"""CFF programs: outlines in use stay; words, and outlines out of use, are overwritten in place.

Lengths and offsets are kept, so nothing has to be moved. Source: Adobe technical notes 5176 (CFF) and 5177 (Type 2
charstrings).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from redaction.errors import RedactionError
from redaction.formats.pdf_encodings import glyph_text, standard_names

Operator = tuple[int, ...]
Place = tuple[int, int]
# Operators whose last operand is the number of a string: version … Weight, Copyright, PostScript, base font, font name.
_WORDS: frozenset[Operator] = frozenset({(0,), (1,), (2,), (3,), (4,), (12, 0), (12, 21), (12, 22), (12, 38)})
_CHARSET, _CHARSTRINGS, _ROS = (15,), (17,), (12, 30)
_STRINGS = 391  # standard strings come before a program's own
_ENDCHAR = 14
_MORE_NAMES = (
    "onesuperior logicalnot mu trademark Eth onehalf plusminus Thorn onequarter divide brokenbar degree thorn "
    "threequarters twosuperior registered minus eth multiply threesuperior copyright Aacute Acircumflex Adieresis "
    "Agrave Aring Atilde Ccedilla Eacute Ecircumflex Edieresis Egrave Iacute Icircumflex Idieresis Igrave Ntilde "
    "Oacute Ocircumflex Odieresis Ograve Otilde Scaron Uacute Ucircumflex Udieresis Ugrave Yacute Ydieresis Zcaron "
    "aacute acircumflex adieresis agrave aring atilde ccedilla eacute ecircumflex edieresis egrave iacute icircumflex "
    "idieresis igrave ntilde oacute ocircumflex odieresis ograve otilde scaron uacute ucircumflex udieresis ugrave "
    "yacute ydieresis zcaron"
)


@dataclass(frozen=True)
class _Program:
    names: Sequence[Place]
    top: Mapping[Operator, Sequence[int]]
    strings: Sequence[Place]
    glyphs: Sequence[Place]
    charset: Sequence[int]  # for each glyph: the number of its name, or its CID


def pruned(data: bytes, *, texts: Set[str] | None, cids: Set[int] | None) -> bytes:
    """Return the program without its words and without outlines out of use.

    ``cids``: the glyph numbers still shown, of a program drawn by numbers. Else letters whose names stand for none of
    ``texts`` go; a glyph whose name says nothing stays, and where nobody knows the texts (None) all do.

    Raises:
        RedactionError: ``unread-font`` when it is no CFF program.
    """
    try:
        program = _read(data)
        result = bytearray(data)
        for start, end in [*program.names, *_words(program)]:
            result[start:end] = b"F" * (end - start)
        unused = [] if _composed(data, program) else _unused(data, program, texts, cids)
        for start, end in unused:
            result[start:end] = bytes([_ENDCHAR]) * (end - start)
    except (IndexError, ValueError):
        raise RedactionError("unread-font") from None
    return bytes(result)


def _read(data: bytes) -> _Program:
    names, position = _index(data, data[2])
    tops, position = _index(data, position)
    strings, _ = _index(data, position)
    if len(tops) != 1:
        raise ValueError("one font is expected")
    top = _dictionary(data[slice(*tops[0])])
    glyphs, _ = _index(data, top[_CHARSTRINGS][-1]) if _CHARSTRINGS in top else ([], 0)
    offset = top.get(_CHARSET, (0,))[-1]
    return _Program(names, top, strings, glyphs, _charset(data, offset, len(glyphs)))


def _words(program: _Program) -> list[Place]:
    numbers = [operands[-1] - _STRINGS for operator, operands in program.top.items() if operator in _WORDS and operands]
    return [program.strings[number] for number in numbers if 0 <= number < len(program.strings)]


def _unused(data: bytes, program: _Program, texts: Set[str] | None, cids: Set[int] | None) -> list[Place]:
    if cids is not None:
        numbers = program.charset if _ROS in program.top else range(len(program.glyphs))
        return [place for place, number in zip(program.glyphs, numbers, strict=True) if number and number not in cids]
    if _ROS in program.top or texts is None:
        return []
    shown = {unicodedata.normalize("NFKC", text) for text in texts}
    unused: list[Place] = []
    for place, number in zip(program.glyphs, program.charset, strict=True):
        text = glyph_text(_name(data, program, number))
        if text is not None and unicodedata.normalize("NFKC", text) not in shown:
            unused.append(place)
    return unused


def _name(data: bytes, program: _Program, number: int) -> str:
    """Return a glyph's name; an empty one for the expert letters, which are kept."""
    if number >= _STRINGS:
        return data[slice(*program.strings[number - _STRINGS])].decode("latin-1")
    names = [".notdef", *standard_names(), *_MORE_NAMES.split()]
    return names[number] if 0 < number < len(names) else ""


def _composed(data: bytes, program: _Program) -> bool:
    """Tell whether a letter is composed of two others: four or five numbers and nothing but ``endchar``."""
    return any(
        re.fullmatch(rb"(?:[\x20-\xf6]|[\xf7-\xfe].|\x1c..){4,5}\x0e", data[a:b], re.DOTALL) for a, b in program.glyphs
    )


def _charset(data: bytes, offset: int, count: int) -> list[int]:
    """Read formats 0, 1 and 2; a predefined charset (offset 0 to 2) is that of the standard strings."""
    if offset <= 2:
        return list(range(count))
    kind, position, result = data[offset], offset + 1, [0]
    while len(result) < count:
        first = int.from_bytes(data[position : position + 2], "big")
        size = min(kind, 2)
        more = int.from_bytes(data[position + 2 : position + 2 + size], "big")
        position += 2 + size
        if position > len(data):
            raise ValueError("charset")
        result.extend(range(first, first + more + 1))
    return result[:count]


def _index(data: bytes, position: int) -> tuple[list[Place], int]:
    """Read an INDEX: the places of its items, and where it ends."""
    count = int.from_bytes(data[position : position + 2], "big")
    if count == 0:
        return [], position + 2
    size = data[position + 2]
    base = position + 3 + (count + 1) * size - 1
    if not 1 <= size <= 4 or base > len(data):
        raise ValueError("index")
    table = data[position + 3 : base + 1]
    offsets = [base + int.from_bytes(table[i * size : (i + 1) * size], "big") for i in range(count + 1)]
    if sorted(offsets) != offsets or offsets[-1] > len(data):
        raise ValueError("index")
    return list(pairwise(offsets)), offsets[-1]


def _dictionary(top: bytes) -> dict[Operator, list[int]]:
    """Read a dictionary: operator → operands (note 5176, 4)."""
    found: dict[Operator, list[int]] = {}
    operands: list[int] = []
    position = 0
    while position < len(top):
        first = top[position]
        if first <= 21:
            operator = (12, top[position + 1]) if first == 12 else (first,)
            found[operator] = operands
            operands = []
            position += len(operator)
        else:
            value, size = _operand(top, position, first)
            operands.append(value)
            position += size
    return found


def _operand(top: bytes, position: int, first: int) -> tuple[int, int]:
    if first == 28:
        return int.from_bytes(top[position + 1 : position + 3], "big", signed=True), 3
    if first == 29:
        return int.from_bytes(top[position + 1 : position + 5], "big", signed=True), 5
    if first == 30:  # a real number: half bytes until 0xF
        end = position + 1
        while top[end] & 0x0F != 0x0F and top[end] >> 4 != 0x0F:
            end += 1
        return 0, end - position + 1
    if first <= 246:
        return first - 139, 1
    if first <= 250:
        return (first - 247) * 256 + top[position + 1] + 108, 2
    return -(first - 251) * 256 - top[position + 1] - 108, 2
