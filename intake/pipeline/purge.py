"""Deletion when its time has come: the key first, then the objects, all versions. Every step may be repeated."""

from __future__ import annotations

import datetime as dt
import logging

from django.db.models import Q
from django.utils import timezone

from intake import quarantine
from intake.models import Original, Revision, StoredObject, Submission
from intake.states import ArtifactState, SubmissionState

log = logging.getLogger(__name__)

INTENT_HOURS = 24
REFUSED_HOURS = 24


def purge_due(now: dt.datetime | None = None) -> dict[str, int]:
    """Erase everything whose deadline has passed; return what was done, as counts."""
    now = now or timezone.now()
    figures = {
        "submissions": sum(_erase_submission(s) for s in _withdrawn(now)),
        "originals": sum(_shred(o) for o in _originals_due(now)),
        "objects": quarantine.erase_objects(_strangers(now)),
    }
    log.info("purged: %s", figures)
    return figures


def _withdrawn(now: dt.datetime) -> list[Submission]:
    due = Submission.objects.filter(state=SubmissionState.WITHDRAWN, erase_due_at__lte=now)
    return list(due.exclude(artifacts=None).filter(~Q(artifacts__state=ArtifactState.PURGED)).distinct())


def _erase_submission(submission: Submission) -> int:
    if submission.holds.filter(kind="legal", lifted_at=None).exists():
        return 0
    for artifact in submission.artifacts.exclude(state=ArtifactState.PURGED).select_related("original"):
        if hasattr(artifact, "original"):
            quarantine.shred(artifact.original)
        Revision.objects.filter(artifact=artifact).update(wrapped_key=None)
        artifact.move("purge", role="system")
    # The submission's key seals its registry and its edits: without it no found text can be read again.
    Submission.objects.filter(pk=submission.pk).update(wrapped_key=None)
    quarantine.erase_objects(submission.objects_stored.exclude(status=StoredObject.Status.DELETED))
    return 1


def _originals_due(now: dt.datetime) -> list[Original]:
    refused = Q(artifact__state=ArtifactState.REFUSED, created_at__lte=now - dt.timedelta(hours=REFUSED_HOURS))
    return list(
        Original.objects.filter(Q(shred_due_at__lte=now) | refused, shredded_at=None).select_related("artifact")
    )


def _shred(original: Original) -> int:
    legal = original.artifact.submission.holds.filter(kind="legal", lifted_at=None)
    if legal.exists():
        return 0
    quarantine.shred(original)
    quarantine.erase_objects(original.artifact.objects_stored.filter(purpose="original", status="present"))
    return 1


def _strangers(now: dt.datetime) -> list[StoredObject]:
    """Objects of erased files or past their own date, staged copies no revision names, intents left for a day."""
    gone = Q(artifact__state=ArtifactState.PURGED)
    old_intent = Q(status=StoredObject.Status.INTENT, created_at__lte=now - dt.timedelta(hours=INTENT_HOURS))
    rows = StoredObject.objects.exclude(status=StoredObject.Status.DELETED).filter(
        gone | old_intent | Q(delete_due_at__lte=now)
    )
    orphaned = StoredObject.objects.filter(
        purpose="staging", status=StoredObject.Status.PRESENT, created_at__lte=now - dt.timedelta(hours=INTENT_HOURS)
    )
    named = set(Revision.objects.values_list("staging_key", flat=True)) | set(
        Revision.objects.values_list("preview_key", flat=True)
    )
    return [*rows, *(row for row in orphaned if row.key not in named)]
