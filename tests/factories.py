"""Plain functions that bring a submission to a point of its road, through the same services that people use.

``checked``, ``sealed`` and ``approved`` run the real engine and need the real store: ask for the ``s3`` fixture.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone

from consent import services as consent
from intake.models import Artifact, Invitation, Programme, Recipient, Submission, User
from intake.models.submission import RightsBasis, Role
from intake.pipeline import process, seal
from intake.services import contribute, review
from intake.services.contribute.signing import terms
from intake.states import ArtifactState

OWN_WORK = {"owner": "me", "nda": "no", "permission": "not_needed", "others": "yes", "confidential": "no"}
NO_SECRETS = {"others_named": True, "confidential_marked": False, "special_category": False, "secrecy_duty": False}
NOTE = b"# Handover\n\nPlease call Ms Ingeborg Falkenrath at +44 20 7946 0958 before the audit.\n"
REQUEST = "Write a handover note for the night shift."


def programme(**changes: Any) -> Programme:
    """An open programme without waiting times, one purpose, one review stage."""
    facts: dict[str, Any] = {
        "title": "Everyday office work",
        "summary": "Real work, as you would hand it in.",
        "contact": "help@example.org",
        "purposes": ["evaluation"],
        "recipient_classes": ["ai-developer"],
        "pay_amount": "40.00",
        "cooling_off_days": 0,
        "review_undo_seconds": 0,
    }
    return Programme.objects.create(**(facts | changes))


def prove_address(user: User) -> None:
    """As after signing up: the code that was mailed to the address came back."""
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def invitation(for_programme: Programme, email: str = "alice@example.org") -> tuple[Invitation, str]:
    """An invitation and the token that only its mail carries."""
    token = Invitation.new_token()
    row = Invitation.objects.create(
        programme=for_programme,
        email=email,
        token_sha256=Invitation.digest(token),
        expires_at=timezone.now() + dt.timedelta(days=30),
    )
    return row, token


def opened(user: User, in_programme: Programme | None = None) -> Submission:
    """A fresh draft: the invitation was accepted, nothing else."""
    row, _ = invitation(in_programme or programme(), user.email)
    return contribute.open_submission(user, row)


def attested(user: User, in_programme: Programme | None = None, basis: str = RightsBasis.SELF_OWNED) -> Submission:
    submission = opened(user, in_programme)
    contribute.attest(submission, actor=user, answers=OWN_WORK, basis=basis)
    return submission


def add_file(submission: Submission, name: str, data: bytes, role: str = Role.DELIVERABLE) -> Artifact:
    receiving = contribute.begin_artifact(submission, actor=submission.contributor.user, role=role, untrusted_name=name)
    receiving.write(data)
    return receiving.finish()


def described(user: User, in_programme: Programme | None = None) -> Submission:
    """A draft that lacks only its files."""
    submission = attested(user, in_programme)
    contribute.describe(
        submission,
        actor=user,
        task_request=REQUEST,
        provenance_class="authentic",
        occupation="Office manager",
        sector="Health care",
        effort_hours=None,
    )
    return submission


def submitted(
    user: User, files: Mapping[str, bytes] | None = None, in_programme: Programme | None = None
) -> Submission:
    submission = described(user, in_programme)
    for name, data in (files or {"handover.md": NOTE}).items():
        add_file(submission, name, data)
    contribute.submit(submission, actor=user)
    submission.refresh_from_db()
    return submission


def checked(user: User, files: Mapping[str, bytes] | None = None, in_programme: Programme | None = None) -> Submission:
    """Redacted by the real engine and opened by its owner: ready to sign."""
    submission = submitted(user, files, in_programme)
    assert process.process_submission(submission.pk) == "finish"
    submission.refresh_from_db()
    look_at_everything(submission)
    return submission


def look_at_everything(submission: Submission) -> None:
    """Open every copy and answer its questions, as the check page does."""
    user = submission.contributor.user
    for artifact in submission.artifacts.filter(state=ArtifactState.READY):
        shown = contribute.open_file(artifact, actor=user)
        contribute.acknowledge(artifact, actor=user, ack_ids=[ack["id"] for ack in shown.revision.acks_wanted])


def last_code() -> str:
    """The signing code in the newest mail."""
    found = re.search(r"^ {4}(\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[1]


def signed(user: User, files: Mapping[str, bytes] | None = None, in_programme: Programme | None = None) -> Submission:
    submission = checked(user, files, in_programme)
    give_consent(submission)
    return submission


def understand(
    submission_id: uuid.UUID, terms: consent.Terms, choices: Mapping[str, str], third_party: Mapping[str, bool]
) -> None:
    """Answer the questions about these choices rightly at once."""
    asked = consent.quiz(terms, choices=choices, third_party=third_party)
    assert consent.answer(submission_id, asked, {question.place: question.right for question in asked.questions}) == []


def give_consent(submission: Submission, decision: str = "given") -> None:
    user = submission.contributor.user
    choices = dict.fromkeys(submission.programme.purposes, decision)
    understand(submission.pk, terms(submission), choices, NO_SECRETS)
    documents = contribute.prepare_signing(submission, actor=user, choices=choices, third_party=NO_SECRETS)
    contribute.sign(submission, actor=user, documents=documents, typed_name="Alice Example", code=last_code())
    submission.refresh_from_db()


def sealed(user: User, files: Mapping[str, bytes] | None = None, in_programme: Programme | None = None) -> Submission:
    """In the vault with its bundle, waiting for a reviewer."""
    submission = signed(user, files, in_programme)
    assert seal.seal_submission(submission.pk) == "sealed"
    submission.refresh_from_db()
    return submission


def approved(
    user: User, reviewer: User, files: Mapping[str, bytes] | None = None, in_programme: Programme | None = None
) -> Submission:
    """Approved by ``reviewer`` at the one stage of its programme."""
    submission = sealed(user, files, in_programme)
    task = review.claim(submission.review_tasks.get(state="queued"), actor=reviewer)
    for artifact in submission.artifacts.filter(state=ArtifactState.READY):
        review.mark_seen(task, artifact, actor=reviewer)
    task.refresh_from_db()
    review.approve(
        task,
        actor=reviewer,
        fencing=task.fencing,
        digests=task.digests,
        checklist=dict.fromkeys(review.CHECKLIST, "yes"),
    )
    submission.refresh_from_db()
    return submission


def recipient(**changes: Any) -> Recipient:
    facts: dict[str, Any] = {"name": "Northlight Research", "purposes": ["evaluation"], "agreement_version": "2026-1"}
    return Recipient.objects.create(**(facts | changes))
