"""A submission as the pipeline leaves it for reviewers: sealed, verified and really consented to.

The rows are written directly, so these tests need neither the engine nor, without previews, the store.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping, Sequence

from django.utils import timezone

from consent import services as consent
from consent.models import ConsentRecord
from intake import quarantine
from intake.models import Artifact, Original, Programme, ReviewTask, Revision, Submission, User
from intake.services import review
from intake.services.contribute.signing import terms
from intake.states import ArtifactState, SubmissionState
from redaction.entities import Block, Kind
from redaction.models import RecordedFinding, RedactionRun, Verification
from tests import factories

FILES: Mapping[str, Sequence[Block]] = {
    "request.txt": [Block("p1", "Write a handover note for [PERSON_1].")],
    "handover.md": [
        Block("p1", "Please call [PERSON_1] or write to person_1@example.invalid before the audit."),
        Block("t1r1c1", "Shelf", Kind.CELL),
        Block("t1r1c2", "Boxes", Kind.CELL),
        Block("t1r2c1", "North", Kind.CELL),
        Block("t1r2c2", "[ORGANIZATION_1]", Kind.CELL),
    ],
}
YES = dict.fromkeys(review.CHECKLIST, "yes")


def in_review(
    user: User,
    programme: Programme | None = None,
    *,
    previews: bool = False,
    verdict: str = "CLEAN",
    is_sealed: bool = True,
) -> ReviewTask:
    """The first task of a fresh submission of ``user``. ``previews``: ask for the ``s3`` fixture as well.

    ``verdict`` and ``is_sealed`` tell what is wrong with the files, for tests of the gate.
    """
    submission = factories.attested(user, programme)
    now = timezone.now()
    run = RedactionRun.objects.create(
        scope_id=submission.pk,
        policy_name="standard",
        policy_version="1",
        policy_sha256="0" * 64,
        fingerprint="test",
        verdict="CLEAN",
        counts={"PERSON": 2, "EMAIL_ADDRESS": 1, "ORGANIZATION": 1},
        started_at=now,
    )
    for position, name in enumerate(FILES):
        revision = _file(submission, run, position, name, previews=previews, is_sealed=is_sealed)
        Verification.objects.create(
            run=run,
            source_id=revision.artifact_id,
            output_sha256=revision.sha256,
            verdict=verdict,
            checks={f"V{number}": "pass" for number in range(1, 8)},
        )
    record = _consent(submission, user)
    Submission.objects.filter(pk=submission.pk).update(
        state=SubmissionState.IN_REVIEW, consent_record=record, signed_at=now
    )
    return ReviewTask.objects.create(
        submission=submission,
        stage=submission.programme.review_stages[0]["name"],
        contributor=user,
        digests=consent.signed_digests(record),
    )


def _file(
    submission: Submission, run: RedactionRun, position: int, name: str, *, previews: bool, is_sealed: bool
) -> Revision:
    data = f"{submission.pk} {name}".encode()
    artifact = Artifact.objects.create(
        submission=submission,
        position=position,
        role="request" if position == 0 else "deliverable",
        rights_basis="self_owned",
    )
    Original.objects.create(artifact=artifact, sealed_name=b"sealed", wrapped_key=b"wrapped", key_id="test")
    digest = hashlib.sha256(data).hexdigest()
    revision_id = uuid.uuid4()
    staged, preview, wrapped = "staged", "preview", b""
    if previews:
        staged, preview, wrapped = quarantine.stage(artifact, revision_id, data, FILES[name])
    revision = Revision.objects.create(
        id=revision_id,
        artifact=artifact,
        number=1,
        run=run,
        sha256=digest,
        size=len(data),
        media_type="text/plain",
        name=name,
        verdict="CLEAN",
        staging_key=staged,
        preview_key=preview,
        wrapped_key=wrapped,
        opened_at=timezone.now(),
        sealed_at=timezone.now() if is_sealed else None,
        vault_key=f"{artifact.pk}/{digest}" if is_sealed else "",
    )
    Artifact.objects.filter(pk=artifact.pk).update(state=ArtifactState.READY, revision=revision)
    for anchor, entity_type, token in (
        ("p1", "PERSON", "PERSON_1"),
        ("p1", "EMAIL_ADDRESS", "PERSON_1"),
        ("t1r2c2", "ORGANIZATION", "ORGANIZATION_1"),
    )[: 1 if position == 0 else 3]:
        RecordedFinding.objects.create(
            run=run,
            source_id=artifact.pk,
            anchor=anchor,
            carrier="text",
            entity_type=entity_type,
            token=token,
            score=0.62,
            source="ner",
        )
    return revision


def _consent(submission: Submission, user: User) -> ConsentRecord:
    files = [
        consent.FileRef(
            artifact_id=artifact.pk,
            redacted_sha256=artifact.revision.sha256,
            original_commitment="hmac-sha256:" + "0" * 64,
            role=artifact.role,
            kind="plain",
            media_type="text/plain",
            size=artifact.revision.size,
            basis=artifact.rights_basis,
        )
        for artifact in submission.artifacts.select_related("revision")
        if artifact.revision is not None
    ]
    choices = dict.fromkeys(submission.programme.purposes, "given")
    factories.understand(submission.pk, terms(submission), choices, factories.NO_SECRETS)
    documents = consent.prepare(
        submission_id=submission.pk,
        principal=consent.principal(submission.pk, user.pk),
        terms=terms(submission),
        files=files,
        choices=choices,
        attestation=submission.attestation,
        third_party=factories.NO_SECRETS,
    )
    return consent.give(documents, typed_name="Alice Example", code=consent.new_code(documents))


def claimed(task: ReviewTask, reviewer: User) -> ReviewTask:
    """Claimed, and every file opened."""
    review.claim(task, actor=reviewer)
    for artifact in review.files_of(task):
        review.mark_seen(task, artifact, actor=reviewer)
    return ReviewTask.objects.get(pk=task.pk)


def lapse(task: ReviewTask) -> None:
    """Let the claim run out."""
    ReviewTask.objects.filter(pk=task.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
