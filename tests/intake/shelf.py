"""Approved work on the shelf for export: signed, sealed and released by the real consent services, in the real vault.

Only the redaction run is a plain row, so that a test of export needs no language model and can have many files. The
whole road, run included, is walked in tests/flows.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from consent import services as consent
from consent.models import ConsentRecord
from intake import filetypes
from intake.models import Artifact, Batch, Outbox, Programme, Recipient, ReviewDecision, Revision, Submission, User
from intake.models.review import Outcome
from intake.models.submission import RightsBasis, Role
from intake.pipeline import batch as pipeline
from intake.pipeline import outbox
from intake.services import deliver
from intake.storages import storage
from redaction.models import RecordedFinding, RedactionRun
from tests.factories import understand

FILES = {
    "task-request.md": b"Write a handover note for [PERSON_1].\n",
    "handover.md": b"# Handover\n\nCall [PERSON_1] before the audit.\n",
    "figures.csv": b"month,total\n1,20\n2,22\n",
}
ANSWERS = {"rights": "yes", "private": "yes", "readable": "yes", "task": "yes"}
NO_SECRETS = {"others_named": True, "confidential_marked": False, "special_category": False, "secrecy_duty": False}


def approved_work(
    owner: User,
    reviewer: User,
    programme: Programme,
    files: Mapping[str, bytes] | None = None,
    *,
    decision: str = "given",
    basis: str = RightsBasis.SELF_OWNED,
    checklist: Mapping[str, str] | None = None,
    released: bool = True,
) -> Submission:
    """A submission that came through review: every file signed, in the vault, approved by ``reviewer`` and released."""
    submission = Submission.objects.create(
        programme=programme, contributor=owner.contributor, state="checking", sector="Government", occupation="my job"
    )
    artifacts = [_file(submission, name, data, basis) for name, data in (files or FILES).items()]
    record = _signed(submission, artifacts, decision)
    for artifact in artifacts:
        _sealed(artifact, record)
    _approved(submission, reviewer, record, dict(checklist or ANSWERS))
    if released:
        release(submission)
    submission.refresh_from_db()
    return submission


def _file(submission: Submission, name: str, data: bytes, basis: str) -> Artifact:
    role = Role.REQUEST if name == "task-request.md" else Role.DELIVERABLE
    artifact = Artifact.objects.create(submission=submission, role=role, rights_basis=basis, state="processing")
    run = RedactionRun.objects.create(
        scope_id=submission.pk,
        policy_name="standard",
        policy_version="2025.1",
        policy_sha256="5" * 64,
        fingerprint="vouchsafe-redaction/test",
        verdict="CLEAN",
        started_at=timezone.now(),
    )
    for _ in range(data.count(b"[PERSON_1]")):
        RecordedFinding.objects.create(
            run=run,
            source_id=artifact.pk,
            anchor="p0",
            carrier="body",
            entity_type="PERSON",
            token="PERSON_1",
            score=1.0,
            source="auto",
        )
    extension = "." + name.rpartition(".")[2]
    sha256 = hashlib.sha256(data).hexdigest()
    revision = Revision.objects.create(
        artifact=artifact,
        number=1,
        run=run,
        sha256=sha256,
        size=len(data),
        media_type=filetypes.BY_EXTENSION[extension].media_type,
        name=name,
        verdict="CLEAN",
        staging_key=f"staging/{artifact.pk}/none",
        preview_key=f"staging/{artifact.pk}/none.preview",
        vault_key=f"{str(artifact.pk)[:2]}/{artifact.pk}/{sha256}{extension}",
    )
    storage("vault", as_="sealer").put(revision.vault_key, data)
    Artifact.objects.filter(pk=artifact.pk).update(state="ready", revision=revision)
    artifact.refresh_from_db()
    return artifact


def _revision(artifact: Artifact) -> Revision:
    assert artifact.revision is not None
    return artifact.revision


def _signed(submission: Submission, artifacts: list[Artifact], decision: str) -> ConsentRecord:
    programme = submission.programme
    terms = consent.Terms(
        programme_id=programme.pk,
        purposes=tuple(programme.purposes),
        recipient_classes=tuple(programme.recipient_classes),
        notice_version=programme.notice_version,
        language="en",
        pay_amount=str(programme.pay_amount),
        pay_currency=programme.pay_currency,
        term_days=programme.consent_term_days,
        original_days=programme.keep_original_days,
        withdraw_url="https://vouchsafe.example/withdraw/",
    )
    choices = {purpose: decision if purpose == "evaluation" else "given" for purpose in programme.purposes}
    understand(submission.pk, terms, choices, NO_SECRETS)
    documents = consent.prepare(
        submission_id=submission.pk,
        principal=consent.principal(submission.pk, submission.contributor.user_id),
        terms=terms,
        files=[
            consent.FileRef(
                artifact_id=artifact.pk,
                redacted_sha256=_revision(artifact).sha256,
                original_commitment=f"hmac-sha256:{hashlib.sha256(artifact.pk.bytes).hexdigest()}",
                role=artifact.role,
                kind=_revision(artifact).media_type.rpartition("/")[2],
                media_type=_revision(artifact).media_type,
                size=_revision(artifact).size,
                basis=RightsBasis.SELF_OWNED,
            )
            for artifact in artifacts
        ],
        choices=choices,
        attestation={"owner": "me", "nda": "no"},
        third_party=NO_SECRETS,
    )
    record = consent.give(documents, typed_name="Alice Example", code=consent.new_code(documents))
    Submission.objects.filter(pk=submission.pk).update(consent_record=record, signed_at=record.at)
    return record


def _sealed(artifact: Artifact, record: ConsentRecord) -> None:
    revision, sealed_at = _revision(artifact), record.at.replace(microsecond=0)
    consent.issue_bundle(
        record,
        artifact_id=artifact.pk,
        redacted_sha256=revision.sha256,
        redaction={
            "tool": revision.run.fingerprint,
            "policy": "standard 2025.1",
            "policy_sha256": revision.run.policy_sha256,
            "entities": {},
        },
        verification={"verdict": "CLEAN", "at": sealed_at},
        sealed_at=sealed_at,
    )
    Revision.objects.filter(pk=revision.pk).update(sealed_at=sealed_at)


def _approved(submission: Submission, reviewer: User, record: ConsentRecord, checklist: dict[str, str]) -> None:
    owner, digests = submission.contributor.user, consent.signed_digests(record)
    approved_at = record.at
    for stage in submission.programme.review_stages:
        task = submission.review_tasks.create(stage=stage["name"], contributor=owner, digests=digests, state="decided")
        ReviewDecision.objects.create(
            task=task,
            reviewer=reviewer,
            contributor=owner,
            outcome=Outcome.APPROVE,
            checklist=checklist,
            digests=digests,
            at=approved_at,
        )
    eligible_at = approved_at + dt.timedelta(days=submission.programme.cooling_off_days)
    Submission.objects.filter(pk=submission.pk).update(
        state="approved", approved_at=approved_at, eligible_at=eligible_at
    )


def release(submission: Submission) -> None:
    """Sign the release statements, as the outbox does after the last approval."""
    row = Outbox.objects.create(kind=Outbox.Kind.RELEASE, subject_id=submission.pk)
    assert outbox.send(row.pk) == "sent"


def frozen(builder: User, programme: Programme, recipient: Recipient, purpose: str = "evaluation") -> Batch:
    return deliver.new_batch(actor=builder, programme=programme, recipient=recipient, purpose=purpose)


def approved(builder: User, approver: User, programme: Programme, recipient: Recipient) -> Batch:
    batch = frozen(builder, programme, recipient)
    deliver.approve_batch(batch, actor=approver)
    return batch


def sealed(builder: User, approver: User, programme: Programme, recipient: Recipient) -> Batch:
    """Built into the exports bucket, sealed and signed."""
    batch = approved(builder, approver, programme, recipient)
    assert pipeline.build_and_seal(batch.pk) == "sealed"
    batch.refresh_from_db()
    return batch


def excluded(selection: deliver.Selection) -> dict[str, int]:
    return {row.code: row.count for row in selection.excluded}


def some_id() -> uuid.UUID:
    return uuid.uuid4()


def grants(submission: Submission) -> Any:
    assert submission.consent_record is not None
    return submission.consent_record.grants
