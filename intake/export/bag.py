"""A BagIt 1.0 bag (RFC 8493), written as a stream: hashed on the way out, never held, never on a temporary disk.

Where it goes is a ``Sink``'s business: a directory, or a prefix of the exports bucket. The rules this follows are

- what is written is a pure function of what was frozen: members in byte order, JSON in RFC 8785 form, one time;
- an object's bytes are hashed as they pass, and the last of them is held back until they equal the sealed digest;
- ``Bag`` writes in the caller's order; only the tag manifest, written last by ``close``, makes a bag of the files.

Payload (``data/``) stands in ``manifest-sha256.txt``; everything else in ``tagmanifest-sha256.txt``, but for itself.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import rfc8785

from intake.errors import GateClosedError, StorageConflictError

MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
RECORDS = "data/records.jsonl"
STATEMENT = "batch.dsse.json"
BATCH = "batch.json"
KEYSET = "trust/keyset.dsse.json"
CARD = "README.md"
BAGIT_TXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

Source = Callable[[], Iterable[bytes]]


@dataclass(frozen=True)
class Entry:
    """One file of a bag as it was written. ``path`` is relative to the bag, with forward slashes."""

    path: str
    size: int
    sha256: str


class Sink(Protocol):
    """Where a bag is written to, file by file."""

    def put(self, path: str, source: Source) -> Entry:
        """Write one file, or recognise it as written already; ``source`` may then stay unread.

        Raises:
            StorageConflictError: other bytes are there already. Whatever ``source`` raises: nothing is left behind.
        """
        ...


def canonical(document: Any) -> bytes:
    """RFC 8785 bytes of a document of strings, integers, lists and objects."""
    return rfc8785.dumps(document)


def file_path(artifact_id: object, extension: str) -> str:
    """Where a redacted file lies in its bag. The first two digits spread a large batch over 256 folders."""
    return f"data/files/{str(artifact_id)[:2]}/{artifact_id}.{extension}"


def bundle_path(artifact_id: object) -> str:
    return f"consent/bundles/{artifact_id}.json"


def notice_path(sha256: str) -> str:
    return f"consent/notices/{sha256}.md"


def expecting(chunks: Iterable[bytes], *, sha256: str, size: int) -> Iterator[bytes]:
    """Pass a stream on, and stop before its last chunk unless size and digest are the sealed ones.

    Raises:
        GateClosedError: ``digest_mismatch``; the sink never sees the whole, so nothing wrong is ever complete.
    """
    whole, length, held = hashlib.sha256(), 0, b""
    for chunk in chunks:
        whole.update(chunk)
        length += len(chunk)
        if length > size:
            break
        if held:
            yield held
        held = chunk
    if length != size or whole.hexdigest() != sha256:
        raise GateClosedError("digest_mismatch", "The stored bytes are not the approved bytes.")
    yield held


def manifest_lines(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The lines of a manifest, sorted by the bytes of the path, as ``sha256sum`` writes and reads them."""
    for entry in sorted(entries, key=lambda entry: entry.path.encode()):
        yield f"{entry.sha256}  {entry.path}\n".encode()


@dataclass
class Bag:
    """One bag under way: remembers a line for each file, so that the manifests can be written."""

    sink: Sink
    entries: dict[str, Entry] = field(default_factory=dict)

    def add(self, path: str, source: Source) -> Entry:
        """Write one file and remember its line."""
        if path in self.entries:
            raise StorageConflictError("A bag holds each path once.")
        self.entries[path] = entry = self.sink.put(path, source)
        return entry

    def add_bytes(self, path: str, data: bytes) -> Entry:
        entry = self.add(path, lambda: (data,))
        if entry.sha256 != hashlib.sha256(data).hexdigest():
            raise StorageConflictError
        return entry

    @property
    def payload(self) -> list[Entry]:
        return [entry for path, entry in self.entries.items() if path.startswith("data/")]

    @property
    def oxum(self) -> str:
        """Payload-Oxum: octets, a full stop, number of payload files."""
        return f"{sum(entry.size for entry in self.payload)}.{len(self.payload)}"

    def add_manifest(self) -> Entry:
        """Write the payload manifest. Nothing may be added to ``data/`` after it."""
        return self.add(MANIFEST, lambda: manifest_lines(self.payload))

    def close(self) -> Entry:
        """Write the tag manifest, last of all: before it there is no batch."""
        tags = [entry for path, entry in self.entries.items() if not path.startswith("data/")]
        return self.sink.put(TAG_MANIFEST, lambda: manifest_lines(tags))


def bag_info(**fields: str) -> bytes:
    """``bag-info.txt``: names with hyphens for underscores, in the order given, one line each."""
    return "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items()).encode()


class DirectorySink:
    """Writes a bag into a directory of the local disk. A file is complete under its name, or not there."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, path: str, source: Source) -> Entry:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        try:
            entry = _write(part, path, source())
            if target.exists():
                if _digest(target) != entry.sha256:
                    raise StorageConflictError("The directory already holds another file under this name.")
            else:
                part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return entry


def _write(part: Path, path: str, chunks: Iterable[bytes]) -> Entry:
    whole, size = hashlib.sha256(), 0
    with part.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
            whole.update(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    return Entry(path, size, whole.hexdigest())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
