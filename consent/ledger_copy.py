"""A copy of the log, checked from the outside: that it only ever grew, and which row is not what it was.

A copy is a folder with ``keyset.dsse.json`` and ``rows/*.jsonl``. Each line is one row in canonical JSON: ``index``,
``kind``, ``leaf_hash`` (hex) and ``checkpoint``, the signed note over the tree that ends with this row. Because every
row has a checkpoint, the first row that is wrong has a number. ``entries/<index>.json`` may hold what a row is about,
``salt`` (base64) and ``document``; the row must then commit to exactly that.

What is checked of row *n*: it stands at its place; its checkpoint is the log's, seen by a cosigner, not earlier than
the one before; the tree of the rows up to *n* has the root that the checkpoint signs. So two copies that end in the
same checkpoint hold the same rows, and a checkpoint kept from earlier, in a bundle say, shows whether the log it came
from is still the beginning of this one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consent import keys, log, merkle, schemas
from consent.envelope import unbase64
from consent.errors import FormatError
from consent.keys import Keyset
from consent.log import Checkpoint
from consent.record import Json, canonical, parse_canonical

KEYSET, ROWS, ENTRIES = "keyset.dsse.json", "rows", "entries"
_ENTRY = re.compile(r"(0|[1-9][0-9]{0,15})\.json")
_LARGEST = 1024 * 1024


@dataclass(frozen=True)
class LogVerdict:
    """What a copy of the log was found to be. ``index`` is the first row that is wrong, None for a good copy."""

    code: str | None
    index: int | None
    size: int
    root: str
    seen_at: dt.datetime | None
    entries: int

    @property
    def valid(self) -> bool:
        return self.code is None


def row(index: int, kind: str, leaf_hash: str, checkpoint: str) -> bytes:
    """Return the line of one row, with its line end."""
    return canonical({"index": index, "kind": kind, "leaf_hash": leaf_hash, "checkpoint": checkpoint}) + b"\n"


def verify(
    folder: Path,
    *,
    trust: str,
    since: int = 0,
    known: str | None = None,
    now: dt.datetime | None = None,
) -> LogVerdict:
    """Check a copy of the log.

    Args:
        folder: the copy, untrusted. trust: hex fingerprint of the root key.
        since: rows below this index were checked before: their checkpoints' signatures are not looked at again.
        known: a checkpoint note from earlier; its tree must be the beginning of this log.
    Raises:
        FormatError: the keyset is not of the trusted root, or ``known`` is no checkpoint of this log.
        OSError: a file cannot be read.
    """
    keyset = keys.open_keyset(parse_canonical((folder / KEYSET).read_bytes()), trust, now or dt.datetime.now(dt.UTC))
    wanted = None if known is None else log.open_checkpoint(known, keyset.log)
    return _Reading(keyset, since, wanted).read(folder)


class _Reading:
    """The rows read so far, as the peaks of their tree: the full subtrees that no larger one holds."""

    def __init__(self, keyset: Keyset, since: int, known: Checkpoint | None) -> None:
        self._keyset = keyset
        self._since = since
        self._known = known
        self._peaks: list[tuple[int, bytes]] = []
        self._size = 0
        self._seen_at: dt.datetime | None = None
        self._hashes: dict[int, tuple[str, bytes]] = {}

    def read(self, folder: Path) -> LogVerdict:
        disclosed = {int(path.stem): path for path in (folder / ENTRIES).glob("*.json") if _ENTRY.fullmatch(path.name)}
        try:
            for line in _lines(folder / ROWS):
                self._add(line, disclosed)
            if self._known is not None and self._known.size > self._size:
                raise FormatError("log_missing")
        except FormatError as error:
            return self._verdict(error.code, self._size, 0)
        for index in sorted(disclosed):
            try:
                self._check_entry(index, disclosed[index])
            except FormatError as error:
                return self._verdict(error.code, index, 0)
        return self._verdict(None, None, len(disclosed))

    def _verdict(self, code: str | None, index: int | None, entries: int) -> LogVerdict:
        return LogVerdict(code, index, self._size, self._root().hex(), self._seen_at, entries)

    def _add(self, line: bytes, disclosed: dict[int, Path]) -> None:
        said: Any = parse_canonical(line)
        if not schemas.accepts("log-row-1", said):
            raise FormatError("log_row")
        if said["index"] != self._size:
            raise FormatError("log_missing" if said["index"] > self._size else "log_order")
        leaf = bytes.fromhex(said["leaf_hash"])
        before = list(self._peaks)
        self._push(leaf)
        try:
            self._check_checkpoint(said["checkpoint"])
        except FormatError:
            self._peaks = before
            raise
        if self._size in disclosed:
            self._hashes[self._size] = (said["kind"], leaf)
        self._size += 1

    def _push(self, leaf: bytes) -> None:
        level, top = 0, leaf
        while self._peaks and self._peaks[-1][0] == level:
            top = merkle.node_hash(self._peaks.pop()[1], top)
            level += 1
        self._peaks.append((level, top))

    def _root(self) -> bytes:
        if not self._peaks:
            return merkle.EMPTY
        top = self._peaks[-1][1]
        for _, peak in reversed(self._peaks[:-1]):
            top = merkle.node_hash(peak, top)
        return top

    def _check_checkpoint(self, note: str) -> None:
        """The note is signed, over this very tree, and not older than the one before."""
        root = self._root()
        if self._size < self._since:
            if not note.startswith(log.checkpoint_body(self._keyset.log.origin, self._size + 1, root) + "\n"):
                raise FormatError("log_root")
            return
        checkpoint = log.open_checkpoint(note, self._keyset.log)
        if checkpoint.seen_at is None:
            raise FormatError("time_untrusted")
        if (checkpoint.size, checkpoint.root) != (self._size + 1, root):
            raise FormatError("log_root")
        if self._known is not None and self._known.size == checkpoint.size and self._known.root != root:
            raise FormatError("log_forked")
        if self._seen_at is not None and checkpoint.seen_at < self._seen_at:
            raise FormatError("log_order")
        self._seen_at = checkpoint.seen_at

    def _check_entry(self, index: int, path: Path) -> None:
        entry: Json = parse_canonical(_read(path))
        if not schemas.accepts("log-entry-1", entry):
            raise FormatError("log_row")
        if index not in self._hashes:
            raise FormatError("log_missing")
        kind, leaf = self._hashes[index]
        salt = unbase64(entry["salt"])
        if len(salt) != log.SALT_BYTES or kind not in log.KINDS:
            raise FormatError("log_row")
        if merkle.leaf_hash(log.leaf(kind, salt, canonical(entry["document"]))) != leaf:
            raise FormatError("log_inclusion")


def _lines(folder: Path) -> Iterator[bytes]:
    """The lines of all files, in the order of the files' names."""
    for path in sorted(folder.glob("*.jsonl")):
        with path.open("rb") as file:
            while line := file.readline(_LARGEST):
                if not line.endswith(b"\n"):
                    raise FormatError("log_row")
                yield line[:-1]


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LARGEST)
