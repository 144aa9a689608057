"""The log in the database: rows that are added under one lock, each with a checkpoint of the log as it then was.

A row commits to an envelope or event by a salted hash. The salt stands in a table of its own, the only one here that
loses rows: an erasure destroys it, and the row then links to nothing (EDPB Guidelines 02/2025 on blockchain).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from consent import ledger_copy, log, merkle
from consent.errors import FormatError
from consent.log import LogKeys
from consent.models import LogEntry, LogHead, LogNode, LogSalt
from consent.record import canonical
from consent.signing import LogSigners


def append(kind: str, document: object, *, subject_id: UUID | None, signers: LogSigners) -> LogEntry:
    """Add a leaf about ``document``, a JSON value, in the transaction that writes what it is about.

    Args:
        kind: one of ``log.KINDS``. subject_id: the row that ``proof`` will be asked by.
    Raises:
        ValueError: no such kind. FormatError: a value that has no canonical bytes.
    """
    salt = secrets.token_bytes(log.SALT_BYTES)
    hashed = merkle.leaf_hash(log.leaf(kind, salt, canonical(document)))
    with transaction.atomic():
        # Whoever holds this row writes the next one.
        head, _ = LogHead.objects.select_for_update().get_or_create(pk=1)
        index = head.size
        nodes = dict(_grown(index, hashed))
        LogNode.objects.bulk_create(LogNode(level=level, index=at, hash=top) for (level, at), top in nodes.items())
        top = merkle.root(index + 1, lambda level, at: nodes.get((level, at)) or _node(level, at))
        entry = LogEntry.objects.create(
            index=index,
            kind=kind,
            leaf_hash=hashed.hex(),
            checkpoint=_checkpoint(index + 1, top, signers),
            subject_id=subject_id,
        )
        LogSalt.objects.create(entry=entry, salt=salt)
        LogHead.objects.filter(pk=1).update(size=index + 1)
    return entry


def proof(kind: str, subject_id: UUID) -> str:
    """Return the text of the proof that what was logged about ``subject_id`` stands in the log; always the same text.

    Raises:
        LogEntry.DoesNotExist: nothing was logged about it. LogSalt.DoesNotExist: its salt was destroyed.
    """
    entry = LogEntry.objects.get(kind=kind, subject_id=subject_id)
    salt = bytes(LogSalt.objects.get(entry=entry).salt)
    path = merkle.inclusion(entry.index, entry.index + 1, _node)
    return log.compose_proof(log.Proof(salt, entry.index, tuple(path)), entry.checkpoint)


def forget(subject_ids: set[UUID]) -> int:
    """Destroy the salts of what was logged about these rows; return how many there were."""
    return LogSalt.objects.filter(entry__subject_id__in=subject_ids).delete()[0]


def _grown(size: int, hashed: bytes) -> Iterator[tuple[tuple[int, int], bytes]]:
    for level, index, top in merkle.grown(size, hashed, _node):
        yield (level, index), top


def _node(level: int, index: int) -> bytes:
    return bytes(LogNode.objects.get(level=level, index=index).hash)


def _checkpoint(size: int, top: bytes, signers: LogSigners) -> str:
    body = log.checkpoint_body(signers.origin, size, top)
    note = log.sign_checkpoint(body, signers.origin, signers.log)
    return note + log.cosignature(body, signers.cosigner_name, signers.cosigner, timezone.now())


def size() -> int:
    """Return how many rows the log has."""
    return LogHead.objects.filter(pk=1).values_list("size", flat=True).first() or 0


def rows(first: int, end: int) -> bytes:
    """Return the rows [first, end) as ``ledger_copy`` reads them. Raises FormatError ``log_missing``."""
    found = list(LogEntry.objects.filter(index__gte=first, index__lt=end))
    if [entry.index for entry in found] != list(range(first, end)):
        raise FormatError("log_missing")
    lines = (ledger_copy.row(entry.index, entry.kind, entry.leaf_hash, entry.checkpoint) for entry in found)
    return b"".join(lines)


def check(old: int, new: int, keys: LogKeys) -> None:
    """Check that the log of ``new`` rows continues the one of ``old``, and each checkpoint in between is its own.

    Raises:
        FormatError: ``log_root`` and the codes of ``log.open_checkpoint``.
    """
    before = merkle.root(old, _node)
    if old:
        kept = log.open_checkpoint(LogEntry.objects.get(index=old - 1).checkpoint, keys)
        if kept.root != before:
            raise FormatError("log_root")
    for entry in LogEntry.objects.filter(index__gte=old, index__lt=new):
        checkpoint = log.open_checkpoint(entry.checkpoint, keys)
        end = entry.index + 1
        top = merkle.root(end, _node)
        proof = merkle.consistency(old, end, _node) if old else []
        is_own = _node(0, entry.index).hex() == entry.leaf_hash and (checkpoint.size, checkpoint.root) == (end, top)
        if not is_own or not merkle.extends(old, before, end, top, proof):
            raise FormatError("log_root")
