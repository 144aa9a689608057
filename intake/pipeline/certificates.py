"""Say, signed and in the log, that a file is gone: which copies there were, and that a listing finds none of them."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.utils import timezone

from consent import services as consent
from consent.record import to_text
from intake.errors import ErasureIncompleteError
from intake.models import Artifact, BatchItem, Original, Revision
from intake.storages import storage

BACKUP_DAYS = 35
ALIASES = ("quarantine", "vault", "exports")


def certify(artifact: Artifact) -> None:
    """Certify the erasure of one file that was sealed. Called again, nothing is signed anew.

    Raises:
        ErasureIncompleteError: a listing still finds a version of some object, or a key or salt is still there.
        StorageUnavailableError: the store failed; the next run tries again.
    """
    objects = list(artifact.objects_stored.all())
    if _keys_left(artifact) or any(storage(row.alias, as_="purger").versions(row.key) for row in objects):
        raise ErasureIncompleteError
    now = timezone.now()
    deleted = Counter(row.alias for row in objects)
    facts = {
        "deleted": {alias: deleted[alias] for alias in ALIASES},
        "listing_empty_at": to_text(now),
        "backup_horizon": to_text(now + dt.timedelta(days=BACKUP_DAYS)),
        "recipients": [
            {
                "batch_id": str(item.batch_id),
                "recipient_id": str(item.batch.recipient_id),
                "notified_at": None,
                "acknowledged_at": None,
            }
            for item in BatchItem.objects.filter(artifact=artifact).select_related("batch")
        ],
        "legal_exceptions": [],
    }
    consent.certify_erasure(artifact.pk, facts, erased_at=now)


def _keys_left(artifact: Artifact) -> bool:
    """Whether anything is left that opens the original, its copies or its commitment."""
    original = Original.objects.filter(artifact=artifact)
    return (
        original.exclude(wrapped_key=None, commitment_salt=None, sealed_sha256=None).exists()
        or Revision.objects.filter(artifact=artifact).exclude(wrapped_key=None).exists()
    )
