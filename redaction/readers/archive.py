"""Two readings of an archive that share no code with its writer, and all that stands in its bytes.

The first walks the headers before the members and the directory behind them by itself, inflates each member and
compares; the second is the zipfile module. Both give the names alone: what the members hold was read as files of their
own. ``strings`` looks into the members all the same, up to a bound, without knowing what they are.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from redaction.entities import Block, Kind
from redaction.readers import mail

MAXIMUM_BYTES: Final = 500 * 1024 * 1024
MAXIMUM_MEMBERS: Final = 1_000
# Of the members' own text so much is looked at once more; each of them was read in full before it went in here.
MAXIMUM_TEXT: Final = 4 * 1024 * 1024
_DEPTH: Final = 2
_DATE: Final = 0x0021  # 1 January 1980, as MS-DOS writes it
_PLAIN_FILE: Final = 0x20  # of the attributes the one that says nothing
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_ROW: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_UTF8: Final = 0x0800
_RUNS: Final = re.compile(rb"[\x20-\x7e\xa0-\xff]{6,}")
_WIDE_RUNS: Final = (
    (re.compile(rb"(?:[\x20-\x7e]\x00){6,}"), "utf-16-le"),
    (re.compile(rb"(?:\x00[\x20-\x7e]){6,}"), "utf-16-be"),
)


@dataclass(frozen=True)
class _Entry:
    """A header before a member: what it says, and the member's bytes."""

    name: bytes
    flags: int
    method: int
    time: int
    date: int
    crc: int
    size: int
    extra: int
    data: bytes


def read_headers(data: bytes) -> list[Block]:
    """Names from the headers before the members; each member is inflated, and the directory must say the same."""
    entries = list(_entries(data))
    rows = list(_rows(data))
    if [entry.name for entry in entries] != [row[0] for row in rows]:
        raise ValueError("members and directory differ")
    for entry in entries:
        if len(entry.data) != entry.size or zlib.crc32(entry.data) != entry.crc:
            raise ValueError("a member is not what its header says")
    return _blocks([entry.name.decode("utf-8") for entry in entries])


def read_zipfile(data: bytes) -> list[Block]:
    """Names from the directory; every member is opened and its checksum compared."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(member.file_size for member in archive.infolist()) > MAXIMUM_BYTES or archive.testzip():
            raise ValueError("a member is damaged, or all are too large")
        return _blocks(archive.namelist())


READERS: Final = (read_headers, read_zipfile)


def undeclared(data: bytes) -> list[str]:
    """What the archive holds beyond names and contents; members by their ordinal, never by their name."""
    entries, rows = list(_entries(data)), list(_rows(data))
    names = [entry.name for entry in entries]
    found = ["a member twice"] if len({name.lower() for name in names}) != len(names) else []
    found += ["another order"] if names != sorted(names) else []
    found += ["a comment"] if _end(data)[1] or any(row[3] for row in rows) else []
    found += ["extra fields"] if any(entry.extra for entry in entries) or any(row[2] for row in rows) else []
    found += ["a date"] if any((one.time, one.date) != (0, _DATE) for one in entries) else []
    found += ["attributes"] if any(row[1] != _PLAIN_FILE for row in rows) else []
    for ordinal, name in enumerate(names, 1):
        steps = name.split(b"/")
        if name.endswith(b"/") or any(step in (b"", b".", b"..") for step in steps) or b"\\" in name or b"\0" in name:
            found.append(f"member {ordinal}")
        if b".git" in steps or b"__MACOSX" in steps:
            found.append(f"member {ordinal}")
    return found


def strings(data: bytes) -> Iterator[str]:
    """Every name, and the runs of text in the members: as they are, in two bytes a letter, and in zips inside."""
    yield "\n".join(entry.name.decode("utf-8", "replace") for entry in _entries(data))
    yield _end(data)[1].decode("latin-1")
    left = MAXIMUM_TEXT
    for text in _inside(data, 0):
        yield text[:left]
        left -= len(text)
        if left <= 0:
            return


def _inside(data: bytes, depth: int) -> Iterator[str]:
    for entry in _entries(data):
        if entry.data.startswith(b"PK\x03\x04") and depth < _DEPTH:
            yield from _inside(entry.data, depth + 1)
        else:
            yield from _texts(entry.data)


def _texts(content: bytes) -> Iterator[str]:
    try:
        yield mail.without_structure(content).decode("utf-8")
    except UnicodeDecodeError:
        yield "\n".join(match.group().decode("latin-1") for match in _RUNS.finditer(content))
    for pattern, encoding in _WIDE_RUNS:
        yield "\n".join(match.group().decode(encoding) for match in pattern.finditer(content))


def _blocks(names: list[str]) -> list[Block]:
    """A block for each folder when it is first met, and one for each member, its last step alone."""
    blocks: list[Block] = []
    folders: set[str] = set()
    for ordinal, name in enumerate(names, 1):
        *above, base = name.split("/")
        for length in range(1, len(above) + 1):
            path = "/".join(above[:length])
            if path not in folders:
                folders.add(path)
                blocks.append(Block(f"d{len(folders)}", above[length - 1], Kind.NAME))
        blocks.append(Block(f"m{ordinal}", base, Kind.NAME))
    return blocks


# Headers ------------------------------------------------------------------------------------------------------------


def _entries(data: bytes) -> Iterator[_Entry]:
    """Walk from the first byte: header, member, header … up to the directory. Raises on anything else."""
    at, count, inflated = 0, 0, 0
    while data[at : at + 4] == b"PK\x03\x04":
        _, _, flags, method, time, date, crc, packed, size, name, extra = _LOCAL.unpack_from(data, at)
        at += _LOCAL.size
        body = at + name + extra
        count, inflated = count + 1, inflated + size
        if flags & ~_UTF8 or method not in (0, 8) or count > MAXIMUM_MEMBERS or inflated > MAXIMUM_BYTES:
            raise ValueError("a member of another form")
        content = data[body : body + packed]
        if method == 8:
            inflater = zlib.decompressobj(-15)
            content = inflater.decompress(content, size + 1)
            if not inflater.eof or inflater.unused_data:
                raise ValueError("a member of another length")
        yield _Entry(data[at : at + name], flags, method, time, date, crc, size, extra, content)
        at = body + packed
    if at != _end(data)[0]:
        raise ValueError("bytes between members")


def _rows(data: bytes) -> Iterator[tuple[bytes, int, int, bytes]]:
    """The directory: name, attributes, length of the extra fields, comment."""
    at, end = _end(data)[0], len(data) - _END.size - len(_end(data)[1])
    while at < end:
        fields = _ROW.unpack_from(data, at)
        name, extra, comment, attributes = fields[10], fields[11], fields[12], fields[15]
        if fields[0] != b"PK\x01\x02":
            raise ValueError("no directory")
        at += _ROW.size
        yield data[at : at + name], attributes, extra, data[at + name + extra : at + name + extra + comment]
        at += name + extra + comment
    if at != end:
        raise ValueError("bytes behind the directory")


def _end(data: bytes) -> tuple[int, bytes]:
    """Where the directory begins, and the comment of the archive."""
    at = data.rfind(b"PK\x05\x06")
    if at < 0:
        raise ValueError("no end record")
    _, _, _, _, _, _, offset, length = _END.unpack_from(data, at)
    if at + _END.size + length != len(data):
        raise ValueError("bytes behind the end record")
    return offset, data[at + _END.size :]
