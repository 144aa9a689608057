"""What must happen because of a committed decision: mails, release statements, retractions. Sent at least once."""

from __future__ import annotations

import logging
import smtplib
import uuid
from collections.abc import Callable

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Q
from django.db.models.functions import Now
from django.template.loader import render_to_string

from consent import services as consent
from consent.errors import StateError
from intake import leases
from intake.errors import StorageUnavailableError
from intake.models import Outbox, ReviewDecision, Submission
from intake.models.review import Outcome
from intake.pipeline import tagging
from intake.states import SubmissionState

log = logging.getLogger(__name__)

LEASE_SECONDS = 60
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 15, 3600


def send(row_id: uuid.UUID) -> str:
    """Do what one row says, if it is due and free. Each kind is safe to repeat.

    What fails is tried again after 15 s, 30 s … one hour, for as long as it takes.
    """
    row = Outbox.objects.get(pk=row_id)
    fencing = leases.claim(row, seconds=LEASE_SECONDS, where=Q(sent_at=None), attempts=F("attempts") + 1)
    if fencing is None:
        return "not_due"
    try:
        KINDS[Outbox.Kind(row.kind)](row)
    except (OSError, smtplib.SMTPException, StorageUnavailableError) as error:
        wait = min(FIRST_WAIT_SECONDS * 2 ** min(row.attempts, 8), LONGEST_WAIT_SECONDS)
        leases.release(row, fencing, due_at=leases.after(wait))
        log.warning("not sent: outbox=%s kind=%s error=%s", row_id, row.kind, type(error).__name__)
        return "failed"
    leases.release(row, fencing, sent_at=Now())
    log.info("sent: outbox=%s kind=%s", row_id, row.kind)
    return "sent"


def _mail(row: Outbox) -> None:
    """A neutral mail: no file, employer or programme name in it, only that something waits and where."""
    submission = Submission.objects.select_related("contributor__user").get(pk=row.subject_id)
    context = {"reference": submission.reference, "address": f"{settings.ENV.public_url}/s/{submission.pk}/"}
    subject, _, body = render_to_string(f"intake/mail/{row.template}.txt", context).partition("\n\n")
    EmailMessage(
        subject=subject.strip(),
        body=body,
        to=[submission.contributor.user.email],
        headers={"Message-ID": f"<{row.pk}@vouchsafe.invalid>"},
    ).send()


def _release(row: Outbox) -> None:
    """Sign the release statement of every file of an approved submission and tag its objects.

    A submission that was withdrawn or reopened since is not released any more, and that is the end of it.
    """
    submission = Submission.objects.select_related("consent_record").get(pk=row.subject_id)
    record = submission.consent_record
    if record is None or submission.approved_at is None or submission.state != SubmissionState.APPROVED:
        return
    try:
        for artifact in submission.artifacts.leaving():
            consent.release(
                record,
                artifact_id=artifact.pk,
                reviews=_reviews(submission),
                not_before=submission.eligible_at,
                # Renewed between the approval and now, the files were sealed anew then.
                released_at=max(submission.approved_at, record.at),
            )
    except StateError:
        return
    tagging.tag_sealed(submission.pk)


def _reviews(submission: Submission) -> list[dict[str, object]]:
    """Every approval of exactly the bytes that are current."""
    files = submission.artifacts.leaving().select_related("revision")
    current = {str(a.pk): a.revision.sha256 for a in files if a.revision is not None}
    decisions = ReviewDecision.objects.filter(task__submission=submission, outcome=Outcome.APPROVE)
    return [
        {
            "stage": decision.task.stage,
            "decision": "approved",
            "reviewer": consent.reviewer_pseudonym(submission.pk, decision.reviewer_id),
            "at": decision.at,
        }
        for decision in decisions.select_related("task")
        if decision.digests == current
    ]


def _retract(row: Outbox) -> None:
    """Tag what lies in the vault as withdrawn, so that the bucket itself refuses to hand it out."""
    tagging.tag_sealed(row.subject_id)


KINDS: dict[Outbox.Kind, Callable[[Outbox], None]] = {
    Outbox.Kind.MAIL: _mail,
    Outbox.Kind.RELEASE: _release,
    Outbox.Kind.RETRACT: _retract,
}
