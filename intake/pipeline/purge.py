"""Deletion when its time has come: the key first, then the objects, all versions. Every step may be repeated.

One item that cannot be erased now must not keep the others: it is logged, counted and comes again with the next run.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from consent.models import Statement
from intake import quarantine
from intake.errors import IntakeError
from intake.models import Artifact, Hold, Original, Revision, StoredObject, Submission
from intake.pipeline import certificates
from intake.states import ArtifactState, SubmissionState

log = logging.getLogger(__name__)

INTENT_HOURS = 24
REFUSED_HOURS = 24
UPLOAD_HOURS = 24
REJECTED_DAYS = 14

Item = TypeVar("Item", Submission, Original, Artifact, StoredObject)


def purge_due(now: dt.datetime | None = None) -> dict[str, int]:
    """Erase everything whose deadline has passed; return what was done, and what failed, as counts."""
    now = now or timezone.now()
    steps: list[tuple[str, Callable[[], dict[str, int]]]] = [
        ("submissions", lambda: _each(_ended(now), _erase_submission)),
        ("uploads", lambda: _each(_stopped_uploads(now), _drop_upload)),
        ("originals", lambda: _each(_originals_due(now), _shred)),
        ("objects", lambda: _each(_strangers(now), quarantine.erase_object)),
        ("certificates", lambda: _each(_uncertified(), certificates.certify)),
    ]
    figures = {name: 0 for name, _ in steps} | {"failed": 0}
    for name, step in steps:
        done = step()
        figures[name] = done["done"]
        figures["failed"] += done["failed"]
    log.info("purged: %s", figures)
    return figures


def _each(items: Iterable[Item], erase: Callable[[Item], object]) -> dict[str, int]:
    counts = {"done": 0, "failed": 0}
    for item in items:
        try:
            erase(item)
        except IntakeError as error:
            counts["failed"] += 1
            log.warning("not erased: %s=%s code=%s", type(item).__name__.lower(), item.pk, error.code)
        else:
            counts["done"] += 1
    return counts


def _legal_hold(submission: str) -> Exists:
    """Whether a legal hold stands on the submission that this path leads to. It stops every erasure."""
    return Exists(Hold.objects.filter(submission=OuterRef(submission), kind=Hold.Kind.LEGAL, lifted_at=None))


def _ended(now: dt.datetime) -> list[Submission]:
    """Withdrawn past the undo time, or rejected past the appeal window, with anything left to erase."""
    over = Q(state=SubmissionState.WITHDRAWN, erase_due_at__lte=now) | Q(
        state=SubmissionState.REJECTED, last_activity_at__lte=now - dt.timedelta(days=REJECTED_DAYS)
    )
    stored = StoredObject.objects.filter(submission=OuterRef("pk")).exclude(status=StoredObject.Status.DELETED)
    unfinished = Q(wrapped_key__isnull=False) | Q(Exists(stored))
    return list(Submission.objects.filter(over, unfinished, ~_legal_hold("pk")))


def _erase_submission(submission: Submission) -> None:
    for artifact in submission.artifacts.exclude(state=ArtifactState.PURGED):
        Original.objects.filter(artifact=artifact, shredded_at=None).update(**quarantine.SHREDDED)
        Revision.objects.filter(artifact=artifact).update(wrapped_key=None)
        artifact.move("purge", role="system")
    for row in submission.objects_stored.exclude(status=StoredObject.Status.DELETED):
        quarantine.erase_object(row)
    # The submission's key seals its registry and its edits: without it no found text can be read again. It goes last,
    # because a submission that still has it is one that still has to be erased.
    Submission.objects.filter(pk=submission.pk).update(wrapped_key=None)


def _uncertified() -> list[Artifact]:
    """Files of ended submissions that were sealed and are erased, and of which no certificate says so yet.

    Asked of the rows and not of the run that erased them: a certificate that could not be given comes with a later run.
    """
    was_sealed = StoredObject.objects.filter(artifact=OuterRef("pk"), purpose="sealed")
    certified = Statement.objects.filter(kind="erasure", artifact_id=OuterRef("pk"))
    ended = (SubmissionState.WITHDRAWN, SubmissionState.REJECTED)
    erased = Artifact.objects.filter(state=ArtifactState.PURGED, submission__state__in=ended)
    return list(erased.filter(Exists(was_sealed), ~Exists(certified)))


def _stopped_uploads(now: dt.datetime) -> list[Artifact]:
    """Uploads that never ended: the browser went away, or the process died."""
    old = now - dt.timedelta(hours=UPLOAD_HOURS)
    return list(Artifact.objects.filter(state=ArtifactState.RECEIVING, created_at__lte=old))


def _drop_upload(artifact: Artifact) -> None:
    with transaction.atomic():
        artifact.move("purge", role="system")
        Original.objects.filter(artifact=artifact).update(**quarantine.SHREDDED)


def _originals_due(now: dt.datetime) -> list[Original]:
    refused = Q(artifact__state=ArtifactState.REFUSED, created_at__lte=now - dt.timedelta(hours=REFUSED_HOURS))
    free = ~_legal_hold("artifact__submission")
    due = Original.objects.filter(Q(shred_due_at__lte=now) | refused, free, shredded_at=None)
    return list(due.select_related("artifact__submission"))


def _shred(original: Original) -> None:
    """One original; with the last one of a submission its registry of found names becomes unreadable too."""
    quarantine.shred(original)
    submission_id = original.artifact.submission_id
    if not Original.objects.filter(artifact__submission_id=submission_id, shredded_at=None).exists():
        Submission.objects.filter(pk=submission_id).update(wrapped_key=None)
    for row in original.artifact.objects_stored.filter(purpose="original", status=StoredObject.Status.PRESENT):
        quarantine.erase_object(row)


def _strangers(now: dt.datetime) -> list[StoredObject]:
    """Objects of erased files or past their own date, staged copies no file names, intents left for a day."""
    gone = Q(artifact__state=ArtifactState.PURGED)
    day_old = now - dt.timedelta(hours=INTENT_HOURS)
    old_intent = Q(status=StoredObject.Status.INTENT, created_at__lte=day_old)
    current = Revision.objects.filter(current_of__isnull=False)
    orphaned = (
        Q(purpose="staging", status=StoredObject.Status.PRESENT, created_at__lte=day_old)
        & ~Q(key__in=current.values("staging_key"))
        & ~Q(key__in=current.values("preview_key"))
    )
    rows = StoredObject.objects.exclude(status=StoredObject.Status.DELETED)
    return list(rows.filter(gone | old_intent | orphaned | Q(delete_due_at__lte=now)))
