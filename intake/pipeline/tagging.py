"""The tags on sealed objects: a hint with which the bucket itself refuses to hand out what was withdrawn.

The submission's row is the authority. Two workers may tag at once, one with older news; so each reads the row again
after it has written, and writes again when the row has moved on.
"""

from __future__ import annotations

import uuid

from intake.models import StoredObject, Submission
from intake.states import SubmissionState
from intake.storages import storage

ENDED = (SubmissionState.WITHDRAWN, SubmissionState.REJECTED, SubmissionState.EXPIRED)


def tag_sealed(submission_id: uuid.UUID) -> None:
    """Make the tags of every sealed object of a submission say what its row says."""
    written: dict[str, str] = {}
    while (tags := _tags(submission_id)) != written:
        rows = StoredObject.objects.filter(
            submission_id=submission_id, alias="vault", status=StoredObject.Status.PRESENT
        )
        for key in rows.values_list("key", flat=True):
            storage("vault", as_="sealer").tag(key, tags)
        written = tags


def _tags(submission_id: uuid.UUID) -> dict[str, str]:
    submission = Submission.objects.get(pk=submission_id)
    if submission.state in ENDED:
        return {"consent-status": "withdrawn"}
    if submission.state == SubmissionState.APPROVED:
        return {"consent-status": "active", "review-status": "approved"}
    return {"consent-status": "active"}
