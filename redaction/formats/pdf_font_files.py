"""Font programs inside a PDF: outlines stay, words go (names, notices, licensees).

Lengths and offsets are kept wherever a program is not taken apart, so nothing has to be moved. Sources: OpenType
1.9 (sfnt), Adobe technical note 5176 (CFF), Adobe Type 1 Font Format.
"""

from __future__ import annotations

import re
import struct
from itertools import pairwise

from redaction.errors import RedactionError

# What an embedded TrueType program needs to be drawn (ISO 32000-1, 9.9); not ``name``, ``DSIG``, ``meta`` …
SFNT_TABLES = frozenset({b"head", b"hhea", b"hmtx", b"maxp", b"cvt ", b"fpgm", b"prep", b"glyf", b"loca", b"cmap"})
SFNT_OTHER = frozenset({b"OS/2", b"post", b"CFF "})
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


def clean_sfnt(data: bytes) -> bytes:
    """Write a TrueType or OpenType program again with the tables it is drawn by.

    Raises:
        RedactionError: ``unread-font`` when it is no such program.
    """
    tables = {tag: table for tag, table in _sfnt_tables(data).items() if tag in SFNT_TABLES | SFNT_OTHER}
    if b"CFF " in tables:
        tables[b"CFF "] = clean_cff(tables[b"CFF "])
    if b"OS/2" in tables and len(tables[b"OS/2"]) >= 62:
        tables[b"OS/2"] = tables[b"OS/2"][:58] + b"NONE" + tables[b"OS/2"][62:]  # the vendor's mark
    count = len(tables)
    power = max(count, 1).bit_length() - 1
    head = data[:4] + struct.pack(">HHHH", count, 16 << power, power, (count - (1 << power)) * 16)
    offset = 12 + 16 * count
    entries, bodies = b"", b""
    for tag, table in sorted(tables.items()):
        entries += struct.pack(">4sIII", tag, _checksum(table), offset + len(bodies), len(table))
        bodies += table + b"\0" * (-len(table) % 4)
    return head + entries + bodies


def _sfnt_tables(data: bytes) -> dict[bytes, bytes]:
    if data[:4] not in {b"\0\1\0\0", b"true", b"OTTO"} or len(data) < 12:
        raise RedactionError("unread-font")
    tables: dict[bytes, bytes] = {}
    for index in range(struct.unpack_from(">H", data, 4)[0]):
        if 28 + 16 * index > len(data):
            raise RedactionError("unread-font")
        tag, _, offset, length = struct.unpack_from(">4sIII", data, 12 + 16 * index)
        tables[tag] = data[offset : offset + length]
    return tables


def _checksum(table: bytes) -> int:
    padded = table + b"\0" * (-len(table) % 4)
    total: int = sum(struct.unpack(f">{len(padded) // 4}I", padded))
    return total & 0xFFFFFFFF


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
