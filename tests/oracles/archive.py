"""What an outsider finds in an archive: by the zipfile module, and by looking for headers anywhere in the bytes."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from tests.leaks import views
from tests.oracles import Oracle

# Letters of Cyrillic that look like Latin ones: a person reads them as those.
_LOOKALIKES = str.maketrans("аеорсух", "aeopcyx")


def by_directory(data: bytes) -> str:
    """Names, comments, extra fields and contents of all members, as the directory lists them."""
    found: list[str] = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found.append(archive.comment.decode("utf-8", "replace"))
        for member in archive.infolist():
            found += [member.filename, member.orig_filename, member.comment.decode("utf-8", "replace")]
            found += _any(member.extra)
            if not member.flag_bits & 1:
                found += views(archive.read(member))
    return _read("\n".join(found))


def by_headers(data: bytes) -> str:
    """All bytes as text, and each member that a header anywhere announces, inflated as far as it goes."""
    return _read("\n".join([*_any(data), *_members(data)]))


def _members(data: bytes) -> Iterator[str]:
    at = data.find(b"PK\x03\x04")
    while 0 <= at <= len(data) - 30:
        name, extra = struct.unpack_from("<2H", data, at + 26)
        start = at + 30 + name + extra
        yield data[at + 30 : at + 30 + name].decode("utf-8", "replace")
        try:
            yield from _any(zlib.decompressobj(-15).decompress(data[start:], 50 * 1024 * 1024))
        except zlib.error:
            yield ""
        at = data.find(b"PK\x03\x04", at + 4)


def _any(data: bytes) -> list[str]:
    found = [data.decode(encoding, "ignore") for encoding in ("utf-8", "latin-1", "utf-16-le", "utf-16-be")]
    # Two bytes a letter may begin at an odd place.
    found += [data[1:].decode(encoding, "ignore") for encoding in ("utf-16-le", "utf-16-be")]
    if data[:1] == b"\x78":
        try:
            found.append(zlib.decompressobj().decompress(data, 1024 * 1024).decode("utf-8", "ignore"))
        except zlib.error:
            found.append("")
    return found


def _read(text: str) -> str:
    return f"{text}\n{text.translate(_LOOKALIKES)}"


EXTENSIONS = ("zip",)
ORACLES: dict[str, Oracle] = {"directory": by_directory, "headers": by_headers}
