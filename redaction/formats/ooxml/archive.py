"""The zip around an office file, checked before a single byte of it is inflated.

The rules this follows are those of APPNOTE.TXT 6.3.10 and of OPC (ECMA-376 part 2), read narrowly:

- the file is exactly one zip: no bytes before the first member, none after the end record
- every name occurs once, also when case is folded, and none leaves the package
- local and central headers agree and members do not overlap
- sizes, ratio and number of members stay within ``Limits``; a member that lies about its size fails
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Final

from redaction.errors import RefusedError
from redaction.formats import Limits

_LOCAL_HEADER: Final = b"PK\x03\x04"
_END_RECORD: Final = b"PK\x05\x06"
_ZIP64_LOCATOR: Final = b"PK\x06\x07"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE: Final = "EncryptedPackage".encode("utf-16-le")
_FREE_RATIO_BYTES: Final = 1024 * 1024


def read_members(source: bytes, limits: Limits) -> dict[str, bytes]:
    """Return the members of the package by name.

    Raises:
        RefusedError: ``empty``, ``limit``, ``encrypted``, ``unsupported`` or ``parse-failed``.
    """
    _check_container(source, limits)
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as untrusted_archive:
            infos = [info for info in untrusted_archive.infolist() if not info.is_dir()]
            _check_directory(infos, source, limits)
            return {info.filename: untrusted_archive.read(info) for info in infos}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, struct.error, ValueError, OSError) as error:
        raise RefusedError("parse-failed", "zip") from error


def _check_container(source: bytes, limits: Limits) -> None:
    if not source:
        raise RefusedError("empty")
    if len(source) > limits.file_bytes:
        raise RefusedError("limit", "file bytes")
    if source.startswith(_OLE):
        # A password or rights management wraps the package in an OLE container; without it, it is a format of 1997.
        raise RefusedError("encrypted" if _ENCRYPTED_PACKAGE in source else "unsupported", "OLE container")
    if not source.startswith(_LOCAL_HEADER):
        raise RefusedError("parse-failed", "does not start as a zip")
    end = source.rfind(_END_RECORD)
    if end < 0 or len(source) < end + 22:
        raise RefusedError("parse-failed", "no end record")
    disks, size, offset, comment = struct.unpack_from("<HxxxxxxLLH", source, end + 4)
    if disks or end + 22 + comment != len(source):
        raise RefusedError("parse-failed", "bytes after the end record")
    # Zip64 puts two more records between the directory and the end record; zipfile reads those itself.
    zip64 = source[end - 20 : end - 16] == _ZIP64_LOCATOR
    if not zip64 and offset + size != end:
        raise RefusedError("parse-failed", "bytes around the directory")


def _check_directory(infos: list[zipfile.ZipInfo], source: bytes, limits: Limits) -> None:
    if len(infos) > limits.members:
        raise RefusedError("limit", "members")
    inflated = 0
    names: set[str] = set()
    previous_end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        _check_member(info, limits)
        inflated += info.file_size
        folded = info.filename.casefold()
        if folded in names:
            raise RefusedError("parse-failed", "two members of one name")
        names.add(folded)
        if info.header_offset < previous_end:
            raise RefusedError("parse-failed", "members overlap")
        name_size, extra_size = struct.unpack_from("<HH", source, info.header_offset + 26)
        previous_end = info.header_offset + 30 + name_size + extra_size + info.compress_size
    if inflated > limits.inflated_bytes:
        raise RefusedError("limit", "inflated bytes")


def _check_member(info: zipfile.ZipInfo, limits: Limits) -> None:
    if info.flag_bits & 0x1:
        raise RefusedError("encrypted", "encrypted member")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise RefusedError("parse-failed", "unknown compression")
    if info.file_size > limits.member_bytes:
        raise RefusedError("limit", "member bytes")
    if info.file_size > _FREE_RATIO_BYTES and info.file_size > limits.ratio * max(info.compress_size, 1):
        raise RefusedError("limit", "ratio")
    # zipfile cuts names at NUL and turns backslashes on some systems; the raw name decides.
    name = info.orig_filename
    if name.startswith("/") or "\\" in name or "\0" in name or any(step in ("", ".", "..") for step in name.split("/")):
        raise RefusedError("parse-failed", "member name")
