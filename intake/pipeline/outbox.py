"""What must happen because of a committed decision: mails, release statements, retractions. Sent at least once."""

from __future__ import annotations

import logging
import uuid

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.db.models.functions import Now
from django.template.loader import render_to_string

from consent import services as consent
from intake import leases
from intake.models import Outbox, ReviewDecision, Submission
from intake.models.review import Outcome
from intake.storages import storage

log = logging.getLogger(__name__)

LEASE_SECONDS = 60


def send(row_id: uuid.UUID) -> str:
    """Do what one row says, if it is due and free. Each kind is safe to repeat."""
    row = Outbox.objects.get(pk=row_id)
    fencing = leases.claim(row, seconds=LEASE_SECONDS, where=Q(sent_at=None))
    if fencing is None:
        return "not_due"
    {Outbox.Kind.MAIL: _mail, Outbox.Kind.RELEASE: _release, Outbox.Kind.RETRACT: _retract}[Outbox.Kind(row.kind)](row)
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
    """Sign the release statement of every file of an approved submission and tag its object."""
    submission = Submission.objects.select_related("consent_record").get(pk=row.subject_id)
    record = submission.consent_record
    if record is None or submission.approved_at is None:
        return
    decisions = ReviewDecision.objects.filter(
        task__submission=submission, outcome=Outcome.APPROVE, digests__isnull=False
    ).select_related("task")
    reviews = [
        {
            "stage": decision.task.stage,
            "decision": "approved",
            "reviewer": consent.reviewer_pseudonym(submission.pk, decision.reviewer_id),
            "at": decision.at,
        }
        for decision in decisions
        if decision.digests == _digests(submission)
    ]
    for artifact in submission.artifacts.leaving().select_related("revision"):
        consent.release(
            record,
            artifact_id=artifact.pk,
            reviews=reviews,
            not_before=submission.eligible_at,
            released_at=submission.approved_at,
        )
        if artifact.revision is not None:
            tags = {"consent-status": "active", "review-status": "approved"}
            storage("vault", as_="sealer").tag(artifact.revision.vault_key, tags)


def _digests(submission: Submission) -> dict[str, str]:
    files = submission.artifacts.leaving().select_related("revision")
    return {str(a.pk): a.revision.sha256 for a in files if a.revision is not None}


def _retract(row: Outbox) -> None:
    """Tag what lies in the vault as withdrawn, so that the bucket itself refuses to hand it out."""
    submission = Submission.objects.get(pk=row.subject_id)
    vault = storage("vault", as_="sealer")
    for stored in submission.objects_stored.filter(alias="vault", status="present"):
        vault.tag(stored.key, {"consent-status": "withdrawn"})
