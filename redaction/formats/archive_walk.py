"""A zip archive read strictly: what two programs could understand in two ways is refused before a byte is inflated.

The rules this follows are those of APPNOTE.TXT 6.3.10, read narrowly:

- the file is exactly one zip: members one after another from the first byte, then the directory, then the end record
- the header before each member says what the directory says of it, its name to the byte
- every name is a relative path of plain steps, occurs once, and is not a file here and a folder there
- links, devices, passwords and rare compressions are refused
- a member that is read must be exactly as long as it says, and have the checksum it says
"""

from __future__ import annotations

import re
import stat
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from redaction.errors import RefusedError
from redaction.formats import Limits

STORED: Final = 0
DEFLATED: Final = 8
_AES: Final = 99
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64: Final = struct.Struct("<4sLQL")
_ENCRYPTED_BITS: Final = 0x0001 | 0x0040 | 0x2000
_PATCH_BIT: Final = 0x0020
_DESCRIPTOR_BIT: Final = 0x0008
_UTF8_BIT: Final = 0x0800
_COMPARED_BITS: Final = _ENCRYPTED_BITS | _PATCH_BIT | _DESCRIPTOR_BIT | _UTF8_BIT
_ZIP64_EXTRA: Final = 0x0001
_UNICODE_PATH_EXTRA: Final = 0x7075
_FULL16: Final = 0xFFFF
_FULL32: Final = 0xFFFFFFFF
_FREE_RATIO_BYTES: Final = 1024 * 1024
# Members that are not read cost a row of the directory each, so there may be more of them than of those that are.
ENTRIES_PER_MEMBER: Final = 50
_LONGEST_NAME: Final = 1024
_LONGEST_PATH: Final = 64
_DRIVE: Final = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True)
class Member:
    """One file of the archive. ``ordinal`` is its place in the directory, counted from 1, folders included."""

    ordinal: int
    path: tuple[str, ...]
    start: int
    packed: int
    size: int
    crc: int
    method: int

    @property
    def name(self) -> str:
        return self.path[-1]


@dataclass(frozen=True)
class Walk:
    """The files of an archive in the order of its directory; what else was in it: comments, counts of the rest."""

    members: tuple[Member, ...]
    comments: tuple[str, ...]
    trimmings: int  # comments, extra fields and rows of folders


@dataclass(frozen=True)
class _Row:
    """A row of the directory."""

    flags: int
    method: int
    crc: int
    packed: int
    size: int
    attributes: int
    offset: int
    raw_name: bytes
    extra: bytes
    comment: bytes


def walk(source: bytes, limits: Limits) -> Walk:
    """The directory of an archive, checked against all that stands before it.

    Raises:
        RefusedError: ``empty``, ``limit``, ``encrypted``, ``unsupported`` (links, rare compressions) or
            ``parse-failed``.
    """
    if not source:
        raise RefusedError("empty")
    if len(source) > limits.file_bytes:
        raise RefusedError("limit", "file bytes")
    try:
        count, start, end, comment = _directory(source)
        if count > limits.members * ENTRIES_PER_MEMBER:
            raise RefusedError("limit", "members")
        rows = list(_rows(source, count, start, end))
        _check_layout(source, rows, start)
        members = tuple(_members(source, rows))
    except struct.error as error:
        raise RefusedError("parse-failed", "cut short") from error
    comments = tuple(text for raw in (comment, *(row.comment for row in rows)) if (text := _text(raw).strip()))
    trimmings = len(comments) + sum(bool(row.extra) for row in rows) + len(rows) - len(members)
    return Walk(members, comments, trimmings)


def check_sizes(members: list[Member], limits: Limits) -> None:
    """What is going to be inflated, before it is.

    Raises:
        RefusedError: ``limit``, when there are too many members, or one or all of them inflate to too much.
    """
    if len(members) > limits.members:
        raise RefusedError("limit", "members")
    if sum(member.size for member in members) > limits.inflated_bytes:
        raise RefusedError("limit", "inflated bytes")
    for member in members:
        if member.size > limits.member_bytes:
            raise RefusedError("limit", "member bytes")
        if member.size > _FREE_RATIO_BYTES and member.size > limits.ratio * max(member.packed, 1):
            raise RefusedError("limit", "ratio")


def inflate(source: bytes, member: Member) -> bytes:
    """The bytes of a member.

    Raises:
        RefusedError: ``parse-failed``, when they are not what the directory says.
    """
    packed = memoryview(source)[member.start : member.start + member.packed]
    if member.method == STORED:
        data = bytes(packed)
    else:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            # One byte more than promised, so that a longer one is seen.
            data = inflater.decompress(packed, member.size + 1)
        except zlib.error as error:
            raise RefusedError("parse-failed", "deflate") from error
        if not inflater.eof or inflater.unused_data:
            raise RefusedError("parse-failed", "length of a member")
    if len(data) != member.size or zlib.crc32(data) != member.crc:
        raise RefusedError("parse-failed", "member")
    return data


# The end of the file ------------------------------------------------------------------------------------------------


def _directory(source: bytes) -> tuple[int, int, int, bytes]:
    """Number of rows, start and end of the directory, and the archive's comment."""
    at = source.rfind(b"PK\x05\x06")
    if at < 0:
        raise RefusedError("parse-failed", "no end record")
    _, disk, first_disk, here, count, size, offset, length = _END.unpack_from(source, at)
    if at + _END.size + length != len(source):
        raise RefusedError("parse-failed", "bytes after the end record")
    end = at
    if at >= _LOCATOR64.size and source[at - _LOCATOR64.size : at - _LOCATOR64.size + 4] == b"PK\x06\x07":
        old = (disk, first_disk, here, count, size, offset)
        end, new = _directory64(source, at)
        # Where the old record is not full it has to say the same.
        full = (_FULL16, _FULL16, _FULL16, _FULL16, _FULL32, _FULL32)
        if any(a not in (b, limit) for a, b, limit in zip(old, new, full, strict=True)):
            raise RefusedError("parse-failed", "two end records")
        disk, first_disk, here, count, size, offset = new
    if disk or first_disk or here != count:
        raise RefusedError("unsupported", "several disks")
    if offset + size != end:
        raise RefusedError("parse-failed", "bytes around the directory")
    return count, offset, end, source[at + _END.size :]


def _directory64(source: bytes, at: int) -> tuple[int, tuple[int, int, int, int, int, int]]:
    _, locator_disk, offset64, disks = _LOCATOR64.unpack_from(source, at - _LOCATOR64.size)
    mark, length, _, _, disk, first_disk, here, count, size, offset = _END64.unpack_from(source, offset64)
    at_its_place = offset64 + _END64.size + _LOCATOR64.size == at
    if mark != b"PK\x06\x06" or length != _END64.size - 12 or not at_its_place or locator_disk or disks > 1:
        raise RefusedError("parse-failed", "zip64 end record")
    return offset64, (disk, first_disk, here, count, size, offset)


# The directory ------------------------------------------------------------------------------------------------------


def _rows(source: bytes, count: int, at: int, end: int) -> Iterator[_Row]:
    for _ in range(count):
        fields = _CENTRAL.unpack_from(source, at)
        mark, _, _, flags, method, _, _, crc, packed, size, name, extra, comment, disk, _, attributes, offset = fields
        if mark != b"PK\x01\x02" or disk not in (0, _FULL16):
            raise RefusedError("parse-failed", "directory")
        at += _CENTRAL.size
        raw_name, raw_extra = source[at : at + name], source[at + name : at + name + extra]
        raw_comment = source[at + name + extra : at + name + extra + comment]
        at += name + extra + comment
        if at > end or not raw_name or name > _LONGEST_NAME:
            raise RefusedError("parse-failed", "directory")
        size, packed, offset = _wide(_extras(raw_extra), raw_name, [size, packed, offset])
        _check_flags(flags, method, packed, size)
        yield _Row(flags, method, crc, packed, size, attributes, offset, raw_name, raw_extra, raw_comment)
    if at != end:
        raise RefusedError("parse-failed", "directory")


def _extras(extra: bytes) -> dict[int, bytes]:
    """Extra fields by their id; one of odd length or one that comes twice can be read in two ways."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        body = extra[at + 4 : at + 4 + length]
        if len(body) != length or kind in found:
            raise RefusedError("parse-failed", "extra field")
        found[kind] = body
        at += 4 + length
    return found


def _wide(extras: dict[int, bytes], raw_name: bytes, values: list[int]) -> list[int]:
    """Put the 64-bit numbers where the 32-bit ones are full, and see that no extra field has another name."""
    body = extras.get(_ZIP64_EXTRA, b"")
    full = [index for index, value in enumerate(values) if value == _FULL32]
    if len(body) not in (8 * len(full), 8 * len(full) + 4):
        # Some writers give both sizes although they would fit; then they must say the same.
        same = len(body) == 16 and not full and struct.unpack("<2Q", body) == tuple(values[:2])
        if not same:
            raise RefusedError("parse-failed", "zip64 extra field")
        full = []
    for index, (value,) in zip(full, struct.iter_unpack("<Q", body[: 8 * len(full)]), strict=True):
        values[index] = value
    other_name = extras.get(_UNICODE_PATH_EXTRA)
    if other_name is not None and other_name[5:] != raw_name:
        raise RefusedError("parse-failed", "a second name")
    return values


def _check_flags(flags: int, method: int, packed: int, size: int) -> None:
    if flags & _ENCRYPTED_BITS or method == _AES:
        raise RefusedError("encrypted", "member")
    if flags & _PATCH_BIT or method not in (STORED, DEFLATED):
        raise RefusedError("unsupported", "compression")
    if method == STORED and packed != size:
        raise RefusedError("parse-failed", "stored member")


# What stands before it ----------------------------------------------------------------------------------------------


def _check_layout(source: bytes, rows: list[_Row], directory: int) -> None:
    """Members follow each other without gaps and overlaps, each behind a header that agrees."""
    at = 0
    for row in sorted(rows, key=lambda row: row.offset):
        if row.offset != at:
            raise RefusedError("parse-failed", "bytes between members")
        at = _after_local(source, row)
        if at > directory:
            raise RefusedError("parse-failed", "members overlap the directory")
    if at != directory:
        raise RefusedError("parse-failed", "bytes before the directory")


def _data_start(source: bytes, offset: int) -> int:
    name, extra = struct.unpack_from("<2H", source, offset + 26)
    return offset + _LOCAL.size + int(name) + int(extra)


def _after_local(source: bytes, row: _Row) -> int:
    mark, _, flags, method, _, _, crc, packed, size, name, extra = _LOCAL.unpack_from(source, row.offset)
    start = row.offset + _LOCAL.size
    raw_name, raw_extra = source[start : start + name], source[start + name : start + name + extra]
    if mark != b"PK\x03\x04" or raw_name != row.raw_name or method != row.method:
        raise RefusedError("parse-failed", "two headers of a member")
    if (flags ^ row.flags) & _COMPARED_BITS:
        raise RefusedError("parse-failed", "two headers of a member")
    wide = _ZIP64_EXTRA in (extras := _extras(raw_extra))
    size, packed = _wide(extras, raw_name, [size, packed])
    told, here = (row.crc, row.packed, row.size), (crc, packed, size)
    end = start + int(name) + int(extra) + row.packed
    if not flags & _DESCRIPTOR_BIT:
        if here != told:
            raise RefusedError("parse-failed", "two headers of a member")
        return end
    if any(value not in (0, true) for value, true in zip(here, told, strict=True)):
        raise RefusedError("parse-failed", "two headers of a member")
    return _after_descriptor(source, end, told, wide)


def _after_descriptor(source: bytes, at: int, told: tuple[int, int, int], wide: bool) -> int:
    """The numbers once more, behind the data: with or without a mark before them."""
    form = struct.Struct("<L2Q" if wide else "<3L")
    if source[at : at + 4] == b"PK\x07\x08":
        at += 4
    if form.unpack_from(source, at) != told:
        raise RefusedError("parse-failed", "numbers behind a member")
    return int(at + form.size)


# Names --------------------------------------------------------------------------------------------------------------


def _members(source: bytes, rows: list[_Row]) -> list[Member]:
    files: set[tuple[str, ...]] = set()
    folders: set[tuple[str, ...]] = set()
    found: list[Member] = []
    for ordinal, row in enumerate(rows, 1):
        name = _name(row)
        folder = name.endswith("/")
        path = _steps(name)
        _check_kind(row, folder)
        if path in files or (folder and row.size):
            raise RefusedError("parse-failed", "two members of one name")
        folders.update(path[:length] for length in range(1, len(path) + folder))
        if not folder:
            files.add(path)
            start = _data_start(source, row.offset)
            found.append(Member(ordinal, path, start, row.packed, row.size, row.crc, row.method))
    if files & folders:
        raise RefusedError("parse-failed", "a file and a folder of one name")
    return found


def _check_kind(row: _Row, folder: bool) -> None:
    """A mode of Unix in the attributes must be that of a file or folder; what wrote it does not matter."""
    kind = stat.S_IFMT(row.attributes >> 16)
    if kind not in (0, stat.S_IFDIR if folder else stat.S_IFREG):
        raise RefusedError("unsupported", "link or device")


def _name(row: _Row) -> str:
    if row.flags & _UTF8_BIT or row.raw_name.isascii():
        try:
            return row.raw_name.decode("utf-8")
        except UnicodeDecodeError as error:
            raise RefusedError("parse-failed", "member name") from error
    return _text(row.raw_name)


def _text(raw: bytes) -> str:
    """UTF-8 where it is that, else the letters of the first PCs, as zip has it."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp437")


def _steps(name: str) -> tuple[str, ...]:
    steps = tuple(unicodedata.normalize("NFC", step) for step in name.removesuffix("/").split("/"))
    bad = "\\" in name or _DRIVE.match(name) or any(unicodedata.category(letter) == "Cc" for letter in name)
    if bad or len(steps) > _LONGEST_PATH or any(step.strip(" ") in ("", ".", "..") for step in steps):
        raise RefusedError("parse-failed", "member name")
    return steps
