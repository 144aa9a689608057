"""Say, signed and in the log, that a file is gone: which copies there were, and that a listing finds none of them."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.utils import timezone

from consent import services as consent
from intake.errors import ErasureIncompleteError
from intake.models import Artifact, BatchItem, Submission
from intake.storages import storage

BACKUP_DAYS = 35
ALIASES = ("quarantine", "vault", "exports")


def certify(submission: Submission) -> int:
    """Certify the erasure of every file of a submission that was once sealed; return how many certificates stand.

    Raises:
        ErasureIncompleteError: a listing still finds a version of some object. StorageUnavailableError.
    """
    certified = [_certify(artifact) for artifact in submission.artifacts.all()]
    return sum(certified)


def _certify(artifact: Artifact) -> bool:
    objects = list(artifact.objects_stored.all())
    for row in objects:
        if storage(row.alias, as_="purger").versions(row.key):
            raise ErasureIncompleteError
    now = timezone.now().replace(microsecond=0)
    deleted = Counter(row.alias for row in objects)
    facts = {
        "deleted": {alias: deleted[alias] for alias in ALIASES},
        "listing_empty_at": _text(now),
        "backup_horizon": _text(now + dt.timedelta(days=BACKUP_DAYS)),
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
    return consent.certify_erasure(artifact.pk, facts, erased_at=now) is not None


def _text(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
