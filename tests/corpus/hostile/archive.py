"""Hostile archives, written byte by byte: a name in every place of a zip, and zips that can be read in two ways."""

from __future__ import annotations

import base64
import contextlib
import io
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import docx

from redaction.entities import Output, Plan
from redaction.formats import Limits, Switches, archive_walk
from redaction.formats.archive import ArchiveHandler
from tests.corpus.hostile import NEEDLE, Case, Mutant

TEXT = f"Ask {NEEDLE} about the plan.\n".encode()
OTHER = b"The plan is ready.\n"
_LINK = 0o120777 << 16
_DEVICE = 0o020600 << 16


@dataclass(frozen=True)
class Member:
    """One member, with room for each lie. ``told``: what the header before it says instead of the truth."""

    name: bytes
    data: bytes = OTHER
    method: int = zipfile.ZIP_DEFLATED
    flags: int = 0x0800
    extra: bytes = b""
    local_extra: bytes = b""
    comment: bytes = b""
    attributes: int = 0
    descriptor: bool = False
    local_name: bytes | None = None
    told: dict[str, int] = field(default_factory=dict)
    size: int | None = None  # what the directory and the header say


def zipped(members: Sequence[Member], *, comment: bytes = b"", before: bytes = b"", between: bytes = b"") -> bytes:
    """A zip of these members. ``before`` and ``between`` stand where nothing should."""
    out = bytearray(before)
    rows = bytearray()
    for number, member in enumerate(members):
        out += between if number else b""
        offset = len(out)
        packed = _packed(member)
        size = len(member.data) if member.size is None else member.size
        flags = member.flags | (0x0008 if member.descriptor else 0)
        crc = zlib.crc32(member.data)
        here = (0, 0, 0) if member.descriptor else (crc, len(packed), size)
        crc_here, packed_here, size_here = (
            member.told.get(key, value) for key, value in zip(("crc", "packed", "size"), here, strict=True)
        )
        name = member.name if member.local_name is None else member.local_name
        method = member.told.get("method", member.method)
        out += struct.pack(
            "<4s5H3L2H", b"PK\x03\x04", 20, flags, method, 0, 0x21, crc_here, packed_here, size_here, len(name),
            len(member.local_extra),
        )  # fmt: skip
        out += name + member.local_extra + packed
        out += struct.pack("<4s3L", b"PK\x07\x08", crc, len(packed), size) if member.descriptor else b""
        rows += struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 0x0314, 20, flags, member.method, 0, 0x21, crc, len(packed), size,
            len(member.name), len(member.extra), len(member.comment), 0, 0, member.attributes,
            member.told.get("offset", offset),
        )  # fmt: skip
        rows += member.name + member.extra + member.comment
    start = len(out)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(members), len(members), len(rows), start, len(comment))
    return bytes(out + rows + end + comment)


def _packed(member: Member) -> bytes:
    if member.method != zipfile.ZIP_DEFLATED:
        return member.data
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflater.compress(member.data) + deflater.flush()


def extra(kind: int, body: bytes) -> bytes:
    """One extra field."""
    return struct.pack("<HH", kind, len(body)) + body


def _document() -> bytes:
    document = docx.Document()
    document.add_paragraph(f"Ask {NEEDLE} about the plan.")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _mail() -> bytes:
    body = base64.encodebytes(TEXT)
    head = b"From: a@example.com\nSubject: Plan\nMIME-Version: 1.0\nContent-Type: text/plain\n"
    return head + b"Content-Transfer-Encoding: base64\n\n" + body


# Each place ---------------------------------------------------------------------------------------------------------

_NAMES = {
    "plain": f"{NEEDLE} notes.txt",
    "folder": f"clients/{NEEDLE}/notes.txt",
    "capitals": f"{NEEDLE.upper()}/notes.txt",
    "slug": f"jane_{NEEDLE.lower()}-notes.txt",
    "camel case": f"Jane{NEEDLE}Notes.txt",
    "possessive": f"{NEEDLE}'s plan.txt",
    "hyphenated": "Fair-weather.txt",
    "decomposed": unicodedata.normalize("NFD", "Fáirwéather.txt"),
    "full-width": "Ｆａｉｒｗｅａｔｈｅｒ.txt",
    "soft hyphen": "Fair\u00adweather.txt",
    "zero width": "Fair\u200bweather.txt",
    "joined": "Fair\u2060weather.txt",
    "right to left mark": "Fair\u200fweather.txt",
    "lookalikes": "F\u0430irweather.txt",
    "no extension": NEEDLE,
    "extension": f"notes.{NEEDLE.lower()}",
    "hidden": f".{NEEDLE.lower()}rc",
    "code folder": f"src/[{NEEDLE.lower()}]/page.txt",
    "scope": f"packages/@{NEEDLE.lower()}/index.txt",
    "deep": "/".join(["a"] * 20 + [NEEDLE, "notes.txt"]),
}


def _names() -> Iterator[Case]:
    for form, name in _NAMES.items():
        yield Case("Z1", form, "work.zip", zipped([Member(name.encode())]))
    yield Case("Z1", "of an empty file", "work.zip", zipped([Member(b"a.txt"), Member(TEXT[4:15] + b"/b.py", b"")]))
    yield Case("Z1", "without the sign of UTF-8", "work.zip", zipped([Member(f"é{NEEDLE}".encode(), flags=0)]))
    old = f"é {NEEDLE}.txt".encode("cp437")
    yield Case("Z1", "letters of old PCs", "work.zip", zipped([Member(old, flags=0)]))
    same = [Member(f"{NEEDLE}.txt".encode()), Member(f"{NEEDLE.upper()}.txt".encode())]
    yield Case("Z1", "two that become one", "work.zip", zipped(same))
    yield Case("Z1", "name of the archive", f"{NEEDLE}.zip", zipped([Member(b"a.txt")]))


def _trimmings() -> Iterator[Case]:
    plain = Member(b"a.txt")
    word = NEEDLE.encode()
    yield Case("Z1-trimmings", "comment", "work.zip", zipped([plain], comment=b"packed by " + word))
    yield Case("Z1-trimmings", "comment of a member", "work.zip", zipped([Member(b"a.txt", comment=word)]))
    yield Case("Z1-trimmings", "extra field", "work.zip", zipped([Member(b"a.txt", extra=extra(0x4343, word))]))
    local = Member(b"a.txt", local_extra=extra(0x4343, word))
    yield Case("Z1-trimmings", "extra field before a member", "work.zip", zipped([local]))
    unicode_comment = extra(0x6375, b"\x01" + b"\0" * 4 + word)
    yield Case("Z1-trimmings", "second comment", "work.zip", zipped([Member(b"a.txt", extra=unicode_comment)]))
    wide = extra(0x4343, NEEDLE.encode("utf-16-le"))
    yield Case("Z1-trimmings", "extra field in UTF-16", "work.zip", zipped([Member(b"a.txt", extra=wide)]))
    folder = Member(word + b"/", b"", attributes=0o040755 << 16)
    yield Case("Z1-trimmings", "empty folder", "work.zip", zipped([plain, folder]))


def _files() -> Iterator[Case]:
    texts = {
        "text": (b"a.txt", TEXT),
        "stored": (b"a.txt", TEXT),
        "UTF-16": (b"a.txt", b"\xff\xfe" + TEXT.decode().encode("utf-16-le")),
        "table": (b"a.csv", b"name,number\n" + NEEDLE.encode() + b",2\n"),
        "document": (b"a.docx", _document()),
        "mail": (b"a.eml", _mail()),
        "unknown text": (b"a.lock", TEXT),
        "no extension": (b"Makefile", b"# " + TEXT),
        "descriptor": (b"a.txt", TEXT),
    }
    for form, (name, data) in texts.items():
        method = zipfile.ZIP_STORED if form == "stored" else zipfile.ZIP_DEFLATED
        yield Case("Z1-files", form, "work.zip", zipped([Member(name, data, method, descriptor=form == "descriptor")]))


def _made() -> Iterator[Case]:
    word = NEEDLE.encode()
    wide = NEEDLE.encode("utf-16-be")
    made = {
        "compiled": (b"pkg/__pycache__/a.cpython-311.pyc", b"\xa7\r\r\n" + b"\0" * 12 + b"/home/" + word + b"/a.py"),
        "debug paths": (b"build/tool.o", b"\x7fELF" + b"\0" * 16 + b"/home/" + word + b"/tool.c\0"),
        "source map": (b"app.js.map", b'{"sourceRoot":"/home/' + word + b'"}'),
        "dependency": (b"node_modules/left-pad/package.json", b'{"author":"' + word + b'"}'),
        "environment": (b".venv/pyvenv.cfg", b"home = /home/" + word),
        "resource fork": (b"__MACOSX/._a.txt", b"\0\x05\x16\x07" + b"\0" * 16 + word),
        "folder view": (b".DS_Store", b"\0\0\0\x01Bud1" + wide),
        "thumbnails": (b"Thumbs.db", b"\xd0\xcf\x11\xe0" + b"\0" * 16 + NEEDLE.encode("utf-16-le")),
        "editor": (b".idea/workspace.xml", b"<user>" + word + b"</user>"),
        "built": (b"dist/app.txt", TEXT),
        "lock of an open file": (b"~$a.docx", b"\x0b" + word + b"\0" * 40),
        "database": (b"a.sqlite", b"SQLite format 3\0" + b"\0" * 16 + word),
        "vector picture": (b"a.svg", b"<svg><desc>" + word + b"</desc></svg>"),
        "contact card": (b"a.vcf", b"BEGIN:VCARD\nFN:" + word + b"\nEND:VCARD\n"),
        "rich text": (b"a.rtf", b"{\\rtf1 " + word + b"}"),
    }
    for form, (name, data) in made.items():
        yield Case("C4", form, "work.zip", zipped([Member(b"a.txt"), Member(name, data)]))


def _history() -> Iterator[Case]:
    word = NEEDLE.encode()
    commit = b"tree 0\nauthor " + word + b" <a@example.com>\n"
    parts = {
        "remote": (b".git/config", b"[remote]\n\turl = https://" + word + b":x@git.example.com/a\n"),
        "commit": (b".git/objects/ab/cdef", zlib.compress(b"commit %d\0" % len(commit) + commit)),
        "reflog": (b".git/logs/HEAD", b"0 0 " + word + b" <a@example.com> commit\n"),
        "tag": (b".git/packed-refs", b"0 refs/tags/" + word + b"\n"),
        "hook": (b".git/hooks/pre-commit", b"#!/bin/sh\n# " + word + b"\n"),
        "nested": (b"a/b/.git/config", b"[user]\n\tname = " + word + b"\n"),
        "bare": (b"a.git/config", b"[user]\n\tname = " + word + b"\n"),
        "work tree": (b".git", b"gitdir: /home/" + word + b"/a/.git\n"),
        "submodules": (b".gitmodules", b"[submodule]\n\turl = https://git.example.com/" + word + b"\n"),
        "pointer": (
            b"big.txt",
            b"version https://git-lfs.github.com/spec/v1\next-0-" + word + b" sha256:0\noid sha256:0\nsize 1\n",
        ),
        "other system": (b".hg/hgrc", b"[ui]\nusername = " + word + b"\n"),
    }
    for form, (name, data) in parts.items():
        yield Case("G1", form, "work.zip", zipped([Member(b"a.txt"), Member(name, data)]))


def _refused() -> Iterator[Case]:
    name = f"{NEEDLE}.txt".encode()
    good = Member(name)
    inner = zipped([good])
    large = b"\0" * (3 * 1024 * 1024)
    wrong: dict[str, tuple[bytes, str]] = {
        "password": (zipped([Member(name, flags=0x0801)]), "encrypted"),
        "strong password": (zipped([Member(name, flags=0x0841)]), "encrypted"),
        "AES": (zipped([Member(name, method=99)]), "encrypted"),
        "rare compression": (zipped([Member(name, method=12)]), "unsupported"),
        "link": (zipped([Member(b"a.txt", b"/home/" + name, attributes=_LINK)]), "unsupported"),
        "device": (zipped([Member(name, b"", attributes=_DEVICE)]), "unsupported"),
        "archive inside": (zipped([Member(b"inner.zip", inner)]), "unsupported"),
        "stored archive inside": (zipped([Member(b"inner.zip", inner, zipfile.ZIP_STORED)]), "unsupported"),
        "way out": (zipped([Member(b"../" + name)]), "parse-failed"),
        "way out in the middle": (zipped([Member(b"a/../../" + name)]), "parse-failed"),
        "root": (zipped([Member(b"/" + name)]), "parse-failed"),
        "backslash": (zipped([Member(b"..\\" + name)]), "parse-failed"),
        "drive": (zipped([Member(b"C:" + name)]), "parse-failed"),
        "nothing in a name": (zipped([Member(b"a.txt\0" + name)]), "parse-failed"),
        "line end in a name": (zipped([Member(b"a\n" + name)]), "parse-failed"),
        "no UTF-8": (zipped([Member(name + b"\xff")]), "parse-failed"),
        "twice": (zipped([good, good]), "parse-failed"),
        "file and folder": (zipped([good, Member(name + b"/a.txt")]), "parse-failed"),
        "another name before it": (zipped([Member(b"a.txt", local_name=name)]), "parse-failed"),
        "another name beside it": (
            zipped([Member(b"a.txt", extra=extra(0x7075, b"\x01" + b"\0" * 4 + name))]),
            "parse-failed",
        ),
        "another size before it": (zipped([Member(name, told={"size": 3})]), "parse-failed"),
        "another compression before it": (zipped([Member(name, told={"method": 0})]), "parse-failed"),
        "wrong checksum": (_spoilt(zipped([Member(name, TEXT, zipfile.ZIP_STORED)])), "parse-failed"),
        "longer than it says": (zipped([Member(name, TEXT, size=3)]), "parse-failed"),
        "shorter than it says": (zipped([Member(name, TEXT, size=300)]), "parse-failed"),
        "bytes before": (zipped([good], before=NEEDLE.encode()), "unsupported"),
        "program before": (zipped([good], before=b"MZ" + NEEDLE.encode()), "unsupported"),
        "bytes between": (zipped([Member(b"a.txt"), Member(b"b.txt")], between=NEEDLE.encode()), "parse-failed"),
        "bytes after": (zipped([good]) + NEEDLE.encode(), "parse-failed"),
        "overlapping": (zipped([good, Member(b"b.txt", told={"offset": 0})]), "parse-failed"),
        "odd extra field": (zipped([Member(name, extra=b"\x01")]), "parse-failed"),
        "bomb": (zipped([Member(name, large)]), "limit"),
        "many": (zipped([good, *(Member(b"%d.txt" % number) for number in range(1000))]), "limit"),
        "cut": (zipped([good])[:-30], "parse-failed"),
        "nothing but folders": (zipped([Member(name + b"/", b"")]), "empty"),
    }
    for form, (data, code) in wrong.items():
        yield Case("Z2", form, "work.zip", data, refused=code)


def _spoilt(data: bytes) -> bytes:
    return data.replace(TEXT, TEXT.replace(b"plan", b"clan"), 1)


def cases() -> Iterator[Case]:
    """One archive for each place and form."""
    for of_channel in (_names, _trimmings, _files, _made, _history, _refused):
        yield from of_channel()


# Carriers switched off ----------------------------------------------------------------------------------------------

_Change = Callable[[bytes, Plan, bytes], bytes]


@contextlib.contextmanager
def _changed(change: _Change) -> Iterator[None]:
    """``change`` gets the upload, the plan and the new archive, and gives another new archive."""
    real = ArchiveHandler.rewrite

    def rewrite(
        self: ArchiveHandler, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()
    ) -> Output:
        output = real(self, source, plan, limits, switches)
        return Output(change(source, plan, output.data), output.media_type, output.carriers, output.tier)

    ArchiveHandler.rewrite = rewrite  # type: ignore[method-assign]
    try:
        yield
    finally:
        ArchiveHandler.rewrite = real  # type: ignore[method-assign]


def _with_members(source: bytes, output: bytes, wanted: Callable[[str], bool]) -> bytes:
    buffer = io.BytesIO(output)
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(buffer, "a") as new:
        for member in old.infolist():
            if wanted(member.filename):
                new.writestr(member.filename, old.read(member))
    return buffer.getvalue()


def _dropped_too(source: bytes, plan: Plan, output: bytes) -> bytes:
    """Everything that did not come back as a file goes in as it was."""
    old = archive_walk.walk(source, Limits())
    kept = {"/".join(member.path) for member in old.members if member.ordinal not in plan.children}
    return _with_members(source, output, lambda name: name in kept)


def _untouched_files(source: bytes, plan: Plan, output: bytes) -> bytes:
    old = {member.ordinal: member for member in archive_walk.walk(source, Limits()).members}
    first = archive_walk.inflate(source, old[min(plan.children)])
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(output)) as archive, zipfile.ZipFile(buffer, "w") as new:
        for name in archive.namelist():
            new.writestr(name, first)
    return buffer.getvalue()


def _old_trimmings(source: bytes, plan: Plan, output: bytes) -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(source)) as old,
        zipfile.ZipFile(io.BytesIO(output)) as archive,
        zipfile.ZipFile(buffer, "w") as new,
    ):
        new.comment = old.comment
        for before in old.infolist():
            if before.is_dir():
                new.writestr(before.filename, b"")
        for name, before in zip(archive.namelist(), old.infolist(), strict=False):
            info = zipfile.ZipInfo(name)
            info.comment, info.extra = before.comment, before.extra
            new.writestr(info, archive.read(name))
        # What stands before a member alone goes into a comment here: any place will do.
        new.comment += source[:80]
    return buffer.getvalue()


@contextlib.contextmanager
def _links_taken() -> Iterator[None]:
    real = archive_walk._check_kind
    archive_walk._check_kind = lambda *_: None
    try:
        yield
    finally:
        archive_walk._check_kind = real


MUTANTS: dict[str, Mutant] = {
    "Z1-trimmings": lambda: _changed(_old_trimmings),
    "Z1-files": lambda: _changed(_untouched_files),
    "Z2": _links_taken,
    "C4": lambda: _changed(_dropped_too),
    "G1": lambda: _changed(_dropped_too),
}
