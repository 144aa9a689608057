"""Copy the log's new rows to the ledger, whose objects nobody can change, and say so when the two disagree."""

from __future__ import annotations

import hashlib
import logging

from consent import services as consent
from consent.errors import FormatError
from intake.errors import LedgerBrokenError, StorageConflictError
from intake.storages import storage

log = logging.getLogger(__name__)


def publish() -> int:
    """Check the log and write the rows that are new, part by part; return how many.

    Each part is kept when it is written, so a run that is stopped loses nothing, and the next one goes on there.

    Raises:
        LedgerBrokenError: the database and the ledger do not hold one history. Nothing is written any more until
            somebody has looked. StorageUnavailableError: the store failed; the next run tries again.
    """
    count = 0
    try:
        while written := _publish_part():
            count += written
    except FormatError as error:
        log.error("the log and its copy disagree: %s", error.code)
        raise LedgerBrokenError(error.code) from None
    log.info("published: rows=%d", count)
    return count


def _publish_part() -> int:
    _check_last(consent.last_published())
    new = consent.unpublished_rows()
    if new is None:
        return 0
    first, data = new
    data = _written(first, data)
    consent.published_rows(first, data)
    return data.count(b"\n")


def _check_last(last: tuple[int, str] | None) -> None:
    if last is None:
        return
    first, sha256 = last
    try:
        kept = storage("ledger", as_="exporter").read(_key(first))
    except FileNotFoundError:
        raise FormatError("log_missing") from None
    if hashlib.sha256(kept).hexdigest() != sha256:
        raise FormatError("log_forked")


def _written(first: int, data: bytes) -> bytes:
    """Write the rows and return them; where a run before this one died after writing, return what that one wrote."""
    ledger = storage("ledger", as_="exporter")
    try:
        ledger.put(_key(first), data)
    except StorageConflictError:
        kept = ledger.read(_key(first))
        if not data.startswith(kept) or not kept.endswith(b"\n"):
            raise FormatError("log_forked") from None
        return kept
    return data


def _key(first: int) -> str:
    return f"log/rows/{first:016}.jsonl"
