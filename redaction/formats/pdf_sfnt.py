"""TrueType and OpenType programs: which glyph shows which letter, and the program without what nobody shows any more.

Glyph numbers are kept: a glyph that is out of use keeps its number and loses its outline and its width, so codes
and widths elsewhere stay right. Source: OpenType 1.9 (tables cmap, glyf, head, hmtx, loca, post).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import pairwise

from redaction.errors import RedactionError

# What an embedded program is drawn by (ISO 32000-1, 9.9); not ``name``, ``DSIG``, ``meta`` …
NEEDED = frozenset({b"head", b"hhea", b"hmtx", b"maxp", b"cvt ", b"fpgm", b"prep", b"glyf", b"loca", b"cmap"})
OTHER = frozenset({b"OS/2", b"post", b"CFF "})
_COMPONENTS_FOLLOW, _WORDS, _SCALE, _TWO_SCALES, _MATRIX = 0x20, 0x01, 0x08, 0x40, 0x80
_GLYPH_LIMIT = 0x10000

Subtable = dict[int, int]  # code → glyph number


def tables(data: bytes) -> dict[bytes, bytes]:
    """Return the tables of a program.

    Raises:
        RedactionError: ``unread-font`` when it is none.
    """
    if data[:4] not in {b"\0\1\0\0", b"true", b"OTTO"} or len(data) < 12:
        raise RedactionError("unread-font")
    found: dict[bytes, bytes] = {}
    for index in range(struct.unpack_from(">H", data, 4)[0]):
        if 28 + 16 * index > len(data):
            raise RedactionError("unread-font")
        tag, _, offset, length = struct.unpack_from(">4sIII", data, 12 + 16 * index)
        found[tag] = data[offset : offset + length]
    return found


def letters(data: bytes) -> dict[int, str]:
    """Return glyph number → text by the program's Unicode map; empty where it has none."""
    result: dict[int, str] = {}
    for (platform, encoding), subtable in _maps(tables(data).get(b"cmap", b"")).items():
        if platform == 0 or (platform == 3 and encoding in {1, 10}):
            for code, glyph in subtable.items():
                if glyph and 32 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xF8FF:
                    result.setdefault(glyph, chr(code))
    return result


def glyphs_of(data: bytes, codes: Mapping[int, Set[str]]) -> set[int] | None:
    """Return the glyphs that one-byte codes with these texts may be drawn by (ISO 32000-1, 9.6.6.4), whichever way.

    None: a code has no glyph on any of the ways, so nobody knows what is in use.
    """
    maps = _maps(tables(data).get(b"cmap", b""))
    found: set[int] = set()
    for code, texts in codes.items():
        glyphs = {glyph for subtable in maps.values() for glyph in _ways(subtable, code, texts)}
        if not glyphs and any(text.strip() for text in texts):
            return None
        found |= glyphs
    return found


def _ways(subtable: Subtable, code: int, texts: Set[str]) -> Iterator[int]:
    keys = {code, 0xF000 + code, 0xF100 + code, 0xF200 + code, *(ord(char) for text in texts for char in text)}
    yield from (subtable[key] for key in keys if subtable.get(key))


def pruned(data: bytes, used: Set[int] | None, *, by_glyph: bool) -> bytes:
    """Write a program again with the tables it is drawn by.

    ``used``: the glyphs still shown; None keeps all outlines. ``by_glyph``: it is drawn by glyph numbers, so it needs
    no map from letters.

    Raises:
        RedactionError: ``unread-font`` for a program that is damaged.
    """
    kept = {tag: table for tag, table in tables(data).items() if tag in NEEDED | OTHER}
    if by_glyph:
        kept.pop(b"cmap", None)
    if b"post" in kept:
        kept[b"post"] = b"\0\3\0\0" + kept[b"post"][4:32].ljust(28, b"\0") if by_glyph or used else kept[b"post"]
    if b"OS/2" in kept and len(kept[b"OS/2"]) >= 62:
        kept[b"OS/2"] = kept[b"OS/2"][:58] + b"NONE" + kept[b"OS/2"][62:]  # the vendor's mark
    try:
        if used is not None and b"glyf" in kept:
            _prune(kept, used)
    except (KeyError, IndexError, struct.error):
        raise RedactionError("unread-font") from None
    return _written(data[:4], kept)


def _prune(kept: dict[bytes, bytes], used: Set[int]) -> None:
    wide = struct.unpack_from(">h", kept[b"head"], 50)[0] != 0
    count = struct.unpack_from(">H", kept[b"maxp"], 4)[0]
    offsets = _offsets(kept[b"loca"], count, wide=wide)
    outlines = [kept[b"glyf"][start:end] for start, end in pairwise(offsets)]
    alive = _with_parts({0, *used}, outlines)
    outlines = [outline if glyph in alive else b"" for glyph, outline in enumerate(outlines)]
    body, places = b"".join(outline + b"\0" * (-len(outline) % 4) for outline in outlines), [0]
    for outline in outlines:
        places.append(places[-1] + len(outline) + (-len(outline) % 4))
    kept[b"glyf"] = body
    kept[b"loca"] = struct.pack(f">{count + 1}I", *places)
    kept[b"head"] = kept[b"head"][:50] + b"\0\1" + kept[b"head"][52:]
    kept[b"hmtx"] = _widths(kept[b"hmtx"], struct.unpack_from(">H", kept[b"hhea"], 34)[0], alive)
    if b"cmap" in kept:
        kept[b"cmap"] = _map(_maps(kept[b"cmap"]), alive)


def _offsets(loca: bytes, count: int, *, wide: bool) -> list[int]:
    if wide:
        return list(struct.unpack_from(f">{count + 1}I", loca))
    return [2 * offset for offset in struct.unpack_from(f">{count + 1}H", loca)]


def _with_parts(used: set[int], outlines: list[bytes]) -> set[int]:
    """Add the glyphs that the used ones are composed of."""
    alive: set[int] = set()
    waiting = [glyph for glyph in used if glyph < len(outlines)]
    while waiting:
        glyph = waiting.pop()
        if glyph not in alive:
            alive.add(glyph)
            waiting.extend(part for part in _parts(outlines[glyph]) if part < len(outlines))
    return alive


def _parts(outline: bytes) -> Iterator[int]:
    if len(outline) < 10 or struct.unpack_from(">h", outline)[0] >= 0:
        return
    position, flags = 10, _COMPONENTS_FOLLOW
    while flags & _COMPONENTS_FOLLOW:
        flags, glyph = struct.unpack_from(">HH", outline, position)
        yield glyph
        position += 4 + (4 if flags & _WORDS else 2)
        position += 2 if flags & _SCALE else 4 if flags & _TWO_SCALES else 8 if flags & _MATRIX else 0


def _widths(hmtx: bytes, count: int, alive: set[int]) -> bytes:
    """Empty the metrics of glyphs out of use; the last width is shared by all glyphs behind it."""
    last = count - 1
    entries = [hmtx[4 * glyph : 4 * glyph + 4] for glyph in range(count)]
    entries = [entry if glyph in alive or glyph == last else bytes(4) for glyph, entry in enumerate(entries)]
    return b"".join(entries) + hmtx[4 * count :]


def _maps(cmap: bytes) -> dict[tuple[int, int], Subtable]:
    """Read the subtables of formats 0, 4, 6 and 12 by platform and encoding; what is damaged says nothing."""
    result: dict[tuple[int, int], Subtable] = {}
    try:
        for index in range(struct.unpack_from(">H", cmap, 2)[0]):
            platform, encoding, offset = struct.unpack_from(">HHI", cmap, 4 + 8 * index)
            result[platform, encoding] = dict(_entries(cmap[offset:]))
    except (struct.error, IndexError):
        return result
    return result


def _entries(data: bytes) -> Iterator[tuple[int, int]]:
    kind = struct.unpack_from(">H", data)[0]
    if kind == 0:
        yield from enumerate(data[6:262])
    elif kind == 6:
        first, count = struct.unpack_from(">HH", data, 6)
        yield from enumerate(struct.unpack_from(f">{count}H", data, 10), first)
    elif kind == 4:
        yield from _segments(data)
    elif kind == 12:
        for group in range(min(struct.unpack_from(">I", data, 12)[0], _GLYPH_LIMIT)):
            first, last, glyph = struct.unpack_from(">III", data, 16 + 12 * group)
            yield from zip(range(first, min(last, first + _GLYPH_LIMIT) + 1), range(glyph, 1 << 32), strict=False)


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    count = struct.unpack_from(">H", data, 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", data, 14)
    starts = struct.unpack_from(f">{count}H", data, 16 + 2 * count)
    deltas = struct.unpack_from(f">{count}H", data, 16 + 4 * count)
    for index in range(count):
        place = 16 + 6 * count + 2 * index
        shift = struct.unpack_from(">H", data, place)[0]
        for code in range(starts[index], min(ends[index], 0xFFFE) + 1):
            glyph = code
            if shift:
                glyph = struct.unpack_from(">H", data, place + shift + 2 * (code - starts[index]))[0]
            if glyph or not shift:
                yield code, (glyph + deltas[index]) & 0xFFFF


def _map(maps: Mapping[tuple[int, int], Subtable], alive: set[int]) -> bytes:
    """Write the subtables again, of glyphs in use alone: format 6 for one-byte codes, 4 for longer ones."""
    bodies: list[tuple[int, int, bytes]] = []
    for (platform, encoding), subtable in sorted(maps.items()):
        left = {code: glyph for code, glyph in sorted(subtable.items()) if glyph and glyph in alive}
        bodies.append((platform, encoding, _short(left) if max(left, default=0) < 256 else _long(left.items())))
    head = struct.pack(">HH", 0, len(bodies))
    offset = 4 + 8 * len(bodies)
    for platform, encoding, body in bodies:
        head += struct.pack(">HHI", platform, encoding, offset)
        offset += len(body)
    return head + b"".join(body for _, _, body in bodies)


def _short(entries: Mapping[int, int]) -> bytes:
    first, last = min(entries, default=0), max(entries, default=-1)
    glyphs = [entries.get(code, 0) for code in range(first, last + 1)]
    return struct.pack(f">HHHHH{len(glyphs)}H", 6, 10 + 2 * len(glyphs), 0, first, len(glyphs), *glyphs)


def _long(entries: Iterable[tuple[int, int]]) -> bytes:
    """Write format 4, a segment for each code; its last segment is the one that every reader expects."""
    pairs = [(code, glyph) for code, glyph in entries if code < 0xFFFF]
    codes = [code for code, _ in pairs] + [0xFFFF]
    deltas = [(glyph - code) & 0xFFFF for code, glyph in pairs] + [1]
    count = len(codes)
    power = count.bit_length() - 1
    search = 2 << power
    head = struct.pack(">HHHH", 2 * count, search, power, 2 * count - search)
    body = struct.pack(f">{count}HH{count}H{count}H{count}H", *codes, 0, *codes, *deltas, *[0] * count)
    return struct.pack(">HHH", 4, 6 + len(head) + len(body), 0) + head + body


def _written(version: bytes, kept: Mapping[bytes, bytes]) -> bytes:
    count = len(kept)
    power = max(count, 1).bit_length() - 1
    head = version + struct.pack(">HHHH", count, 16 << power, power, (count - (1 << power)) * 16)
    offset = 12 + 16 * count
    entries, bodies = b"", b""
    for tag, table in sorted(kept.items()):
        entries += struct.pack(">4sIII", tag, _checksum(table), offset + len(bodies), len(table))
        bodies += table + b"\0" * (-len(table) % 4)
    return head + entries + bodies


def _checksum(table: bytes) -> int:
    padded = table + b"\0" * (-len(table) % 4)
    total: int = sum(struct.unpack(f">{len(padded) // 4}I", padded))
    return total & 0xFFFFFFFF
