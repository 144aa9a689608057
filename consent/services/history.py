"""The log of this installation, as it is copied to where nobody can change it."""

from __future__ import annotations

from typing import cast

from django.utils import timezone

from consent import keys, ledger
from consent import record as rec
from consent.errors import FormatError
from consent.models import LogPart
from consent.record import Json, sha256_hex
from consent.services.installation import keyset, trust_fingerprint

# Each row costs some sixty small queries when it is checked: a part takes seconds.
PART_ROWS = 500


def unpublished_rows() -> tuple[int, bytes] | None:
    """Return where the rows that were not copied out yet begin, and their bytes; None when there are none.

    What was copied last is checked against the database, and the new rows against it, before anything is returned.

    Raises:
        FormatError: the code of what is wrong with the log in this database.
    """
    last = LogPart.objects.last()
    first = 0 if last is None else last.end
    if last is not None and sha256_hex(ledger.rows(last.first, last.end)) != last.sha256:
        raise FormatError("log_forked")
    end = min(ledger.size(), first + PART_ROWS)
    opened = keys.open_keyset(cast("Json", rec.parse(keyset())), trust_fingerprint(), timezone.now())
    ledger.check(first, end, opened.log)
    return (first, ledger.rows(first, end)) if end > first else None


def published_rows(first: int, data: bytes) -> None:
    """Keep that ``data``, the rows from ``first`` on, lies where nobody can change it."""
    LogPart.objects.get_or_create(first=first, defaults={"end": first + data.count(b"\n"), "sha256": sha256_hex(data)})


def last_published() -> tuple[int, str] | None:
    """Return the first row and the SHA-256 of the newest part that was copied out."""
    last = LogPart.objects.last()
    return None if last is None else (last.first, last.sha256)
