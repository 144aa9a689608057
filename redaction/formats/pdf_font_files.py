"""Type 1 and CFF font programs: outlines stay, words go (names, notices, licensees).

Lengths and offsets are kept, so nothing has to be moved. Sources: Adobe Type 1 Font Format; Adobe technical note 5176
(CFF).
"""

from __future__ import annotations

import re
import struct
from itertools import pairwise

from redaction.errors import RedactionError

_TYPE1_WORDS = re.compile(rb"/(?:version|Notice|FullName|FamilyName|Weight|Copyright)\s*\((?:\\.|[^()\\])*\)")
_TYPE1_NAME = re.compile(rb"(/FontName\s*/)([^\s/]+)")
_TYPE1_CODE = re.compile(rb"dup\s+(\d{1,3})\s*/(\S+)\s+put")
_TYPE1_COMMENT = re.compile(rb"%[^\r\n]*")
_CFF_WORDS = {(0,), (1,), (2,), (3,), (4,), (12, 0), (12, 21), (12, 22), (12, 38)}  # version … Weight, Copyright, names


def type1_encoding(data: bytes) -> dict[int, str] | None:
    """Return the built-in encoding of a Type 1 program: code → glyph name; None where it is StandardEncoding."""
    clear = data.split(b"eexec")[0]
    if re.search(rb"/Encoding\s+StandardEncoding", clear):
        return None
    return {int(code): name.decode("latin-1") for code, name in _TYPE1_CODE.findall(clear) if int(code) < 256}


def clean_type1(data: bytes) -> bytes:
    """Blank the words in the clear part of a Type 1 program; lengths stay as they are."""
    clear, mark, rest = data.partition(b"eexec")
    magic, clear = clear[:2], clear[2:]
    clear = _TYPE1_WORDS.sub(lambda found: _blanked(found[0]), clear)
    clear = _TYPE1_NAME.sub(lambda found: found[1] + b"F" * len(found[2]), clear)
    clear = _TYPE1_COMMENT.sub(lambda found: b"%" + b" " * (len(found[0]) - 1), clear)
    return magic + clear + mark + rest


def _blanked(words: bytes) -> bytes:
    start = words.index(b"(")
    return words[: start + 1] + b" " * (len(words) - start - 2) + b")"


def clean_cff(data: bytes) -> bytes:
    """Blank the font's name and the words of its top dictionary; offsets stay as they are.

    Raises:
        RedactionError: ``unread-font`` when it is no CFF program.
    """
    try:
        result = bytearray(data)
        names, position = _index(data, data[2])
        tops, position = _index(data, position)
        strings, _ = _index(data, position)
        for start, end in names:
            result[start:end] = b"F" * (end - start)
        for start, end in tops:
            for number in _word_numbers(data[start:end]):
                if 0 <= number - 391 < len(strings):  # 391 standard strings come first
                    first, last = strings[number - 391]
                    result[first:last] = b"F" * (last - first)
    except (IndexError, struct.error, ValueError):
        raise RedactionError("unread-font") from None
    return bytes(result)


def _index(data: bytes, position: int) -> tuple[list[tuple[int, int]], int]:
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


def _word_numbers(top: bytes) -> list[int]:
    """Return the string numbers of the words of a top dictionary (note 5176, 4 and 9)."""
    found: list[int] = []
    operands: list[int] = []
    position = 0
    while position < len(top):
        first = top[position]
        if first <= 21:
            operator = (12, top[position + 1]) if first == 12 else (first,)
            if operator in _CFF_WORDS and operands:
                found.append(operands[-1])
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
