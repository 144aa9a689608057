"""Hop 3: redact all files of one submission together and store what came out, under a lease.

Files are redacted together because they share one registry: a name found in the seventh file must leave the first.
A worker may die anywhere here. Staged objects carry fresh ids and the rows are written in one transaction at the end,
so a second run simply does it again and the first one's objects are purged as strangers.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from config.env import env
from intake import leases, quarantine
from intake.errors import (
    DecryptionError,
    LostLeaseError,
    LostRaceError,
    MoveNotAllowedError,
    OnHoldError,
    StorageUnavailableError,
)
from intake.filetypes import refusal
from intake.models import Artifact, Hold, Outbox, Revision, Submission
from intake.states import ArtifactState, SubmissionState
from redaction import engine, policy
from redaction.entities import DenyTerm, Entity, Override, RedactedFile, Redaction, SourceFile, Verdict
from redaction.errors import RedactionError
from redaction.models import Edit, RecordedEntity, RecordedFinding, RedactionRun, Verification

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
RETRY_SECONDS = 30
RIGHTS = "rights"  # the role of questions that a contributor cannot answer
WORKING = (ArtifactState.RECEIVED, ArtifactState.PROCESSING)


@dataclass(frozen=True)
class Staged:
    """A redacted file whose bytes already lie in staging."""

    file: RedactedFile
    revision_id: uuid.UUID
    copy_key: str
    preview_key: str
    wrapped_key: bytes


def process_submission(submission_id: uuid.UUID) -> str:
    """Redact one submission if it is due and free; return the outcome for the log."""
    submission = Submission.objects.select_related("programme").get(pk=submission_id)
    fencing = leases.claim(submission, seconds=env().lease_seconds, where=Q(state=SubmissionState.PROCESSING), hints=0)
    if fencing is None:
        return "not_due"
    submission.refresh_from_db()
    try:
        with leases.keep(submission, fencing, seconds=env().lease_seconds) as lease:
            outcome = _work(submission, lease)
    except LostLeaseError:
        outcome = "lost_lease"
    except (LostRaceError, MoveNotAllowedError, OnHoldError):
        outcome = "moved_on"
    except StorageUnavailableError as error:
        # Nobody's fault here: the attempt does not count, and the next one waits until the store may be back.
        outcome = error.code
        submission.artifacts.filter(state__in=WORKING, attempts__gt=0).update(attempts=F("attempts") - 1)
        leases.release(submission, fencing, due_at=leases.after(RETRY_SECONDS))
    leases.release(submission, fencing)
    log.info("processed: submission=%s outcome=%s", submission_id, outcome)
    return outcome


def _work(submission: Submission, lease: leases.Lease) -> str:
    artifacts = {str(a.pk): a for a in _start(submission)}
    sources = list(_sources(artifacts.values()))
    if not sources:
        return _hold_all(submission, lease, (), "unreadable")
    started_at = timezone.now()
    edits = _edits(submission)
    try:
        result = engine.redact(
            sources,
            policy.load(submission.programme.policy),
            deny=[DenyTerm(term) for term in submission.programme.deny_terms],
            overrides=_overrides(submission, edits),
            key=quarantine.redaction_key(submission),
            progress=lambda ref, stage: _show(lease, ref, stage),
        )
    except RedactionError as error:
        log.warning("redaction failed: submission=%s code=%s", submission.pk, error.code)
        return _hold_all(submission, lease, artifacts.values(), error.code)
    staged = [_stage(submission, artifacts, file) for file in result.files if file.data is not None]
    return _commit(submission, lease, artifacts, result, staged, edits, started_at)


def _start(submission: Submission) -> list[Artifact]:
    """Count the attempt before the work, so that a crash counts; hold what has used up its attempts."""
    started = []
    for artifact in submission.artifacts.filter(parent=None, state__in=WORKING).select_related("original"):
        if artifact.state == ArtifactState.RECEIVED:
            artifact.move("process", role="worker")
        if artifact.attempts >= MAX_ATTEMPTS:
            artifact.move("hold", role="worker", reason_code="attempts", stage="")
            continue
        Artifact.objects.filter(pk=artifact.pk).update(attempts=F("attempts") + 1, stage="reading")
        started.append(artifact)
    return started


def _sources(artifacts: Iterable[Artifact]) -> Iterable[SourceFile]:
    for artifact in artifacts:
        try:
            data = quarantine.read_original(artifact.original)
            name = quarantine.original_name(artifact.original)
        except (DecryptionError, FileNotFoundError):
            artifact.move("hold", role="worker", reason_code="unreadable", stage="")
            continue
        yield SourceFile(ref=str(artifact.pk), untrusted_name=name, data=data)


def _edits(submission: Submission) -> list[Edit]:
    return list(Edit.objects.filter(scope_id=submission.pk, undone_at=None).order_by("created_at"))


def _overrides(submission: Submission, edits: Iterable[Edit]) -> list[Override]:
    return [
        Override(edit.action, quarantine.unseal_for(submission, edit.sealed, "edit").decode(), edit.entity_type)
        for edit in edits
    ]


def _show(lease: leases.Lease, ref: str, stage: str) -> None:
    """Tell the contributor's page where a file is, and stop early when the lease is gone."""
    lease.check()
    Artifact.objects.filter(pk=ref.split("/")[0], state=ArtifactState.PROCESSING).update(stage=stage)


def _stage(submission: Submission, artifacts: dict[str, Artifact], file: RedactedFile) -> Staged:
    artifact = _artifact_for(submission, artifacts, file)
    revision_id = uuid.uuid4()
    copy, preview, wrapped = quarantine.stage(artifact, revision_id, file.data or b"", file.blocks)
    return Staged(file, revision_id, copy, preview, wrapped)


def _artifact_for(submission: Submission, artifacts: dict[str, Artifact], file: RedactedFile) -> Artifact:
    """The row of a file; a file found inside another one gets a row of its own, the same in every run."""
    if file.ref not in artifacts:
        parent_ref, _, ordinal = file.ref.rpartition("/")
        parent = artifacts[parent_ref]
        artifacts[file.ref], _ = Artifact.objects.get_or_create(
            submission=submission,
            parent=parent,
            position=int(ordinal),
            defaults={"role": parent.role, "rights_basis": parent.rights_basis, "state": ArtifactState.PROCESSING},
        )
    return artifacts[file.ref]


def _hold_all(submission: Submission, lease: leases.Lease, artifacts: Iterable[Artifact], code: str) -> str:
    with transaction.atomic():
        for artifact in artifacts:
            artifact.refresh_from_db()
            if artifact.state == ArtifactState.PROCESSING:
                artifact.move("hold", role="worker", reason_code=code, stage="")
        return _finish(submission, lease)


def _commit(
    submission: Submission,
    lease: leases.Lease,
    artifacts: dict[str, Artifact],
    result: Redaction,
    staged: Sequence[Staged],
    edits: Sequence[Edit],
    started_at: dt.datetime,
) -> str:
    by_ref = {item.file.ref: item for item in staged}
    for file in result.files:
        _artifact_for(submission, artifacts, file)
    with transaction.atomic():
        run = _record(submission, result, artifacts, started_at)
        for file in result.files:
            _settle(artifacts[file.ref], file, by_ref.get(file.ref), run)
        _drop_lost_children(submission, {artifacts[file.ref].pk for file in result.files})
        # Only the wishes this run was given: one that came meanwhile is in no copy yet.
        Edit.objects.filter(pk__in=[edit.pk for edit in edits], applied_in=None).update(applied_in=run)
        event = _finish(submission, lease)
        _stop_for_rights(submission, result)
        return event


def _stop_for_rights(submission: Submission, result: Redaction) -> None:
    """What a file says of itself (confidential, export controlled) is for a person who decides about rights.

    Once that person lifted the stop, another run over the same files does not place it again.
    """
    codes = {ack.kind for file in result.files for ack in file.acks if ack.role == RIGHTS}
    for code in sorted(codes - set(submission.holds.values_list("code", flat=True))):
        Hold.objects.create(submission=submission, kind=Hold.Kind.RIGHTS, code=code)


def _record(
    submission: Submission, result: Redaction, artifacts: dict[str, Artifact], started_at: dt.datetime
) -> RedactionRun:
    counts = Counter(finding.entity_type for file in result.files for finding in file.findings)
    mentions = Counter(finding.token for file in result.files for finding in file.findings)
    run = RedactionRun.objects.create(
        scope_id=submission.pk,
        policy_name=result.policy_name,
        policy_version=result.policy_version,
        policy_sha256=result.policy_sha256,
        fingerprint=result.fingerprint,
        verdict=result.verdict,
        counts=dict(counts),
        report=dict(result.report),
        started_at=started_at,
    )
    RecordedFinding.objects.bulk_create(
        RecordedFinding(
            run=run,
            source_id=artifacts[file.ref].pk,
            anchor=f.anchor,
            carrier=f.carrier,
            entity_type=f.entity_type,
            token=f.token,
            score=f.score,
            source=f.source,
        )
        for file in result.files
        for f in file.findings
    )
    RecordedEntity.objects.bulk_create(
        RecordedEntity(
            run=run,
            token=entity.token,
            entity_type=entity.entity_type,
            mentions=mentions[entity.token],
            sealed=_seal_entity(submission, entity),
        )
        for entity in result.entities
    )
    Verification.objects.bulk_create(
        Verification(
            run=run,
            source_id=artifacts[file.ref].pk,
            output_sha256=file.sha256,
            checks=dict(file.checks),
            reasons=list(file.reasons),
            verdict=file.verdict,
        )
        for file in result.files
    )
    return run


def _seal_entity(submission: Submission, entity: Entity) -> bytes:
    return quarantine.seal_for(submission, json.dumps(entity.to_dict()).encode(), "entity")


def _settle(artifact: Artifact, file: RedactedFile, staged: Staged | None, run: RedactionRun) -> None:
    """Move one file to ready, held or refused. Whatever is not proven clean is held."""
    artifact.refresh_from_db()
    if artifact.state != ArtifactState.PROCESSING:
        if artifact.parent_id is None or artifact.state in (ArtifactState.EXCLUDED, ArtifactState.PURGED):
            return
        artifact.move("find_again" if artifact.state == ArtifactState.REFUSED else "process", role="worker")
    if staged is None or file.verdict == Verdict.BLOCKED:
        code = file.reasons[0] if file.reasons else "internal"
        if file.refused:
            artifact.move("refuse", role="worker", reason_code=refusal(code, file.media_type_in), stage="")
        else:
            artifact.move("hold", role="worker", reason_code=code, stage="")
        return
    if hashlib.sha256(file.data or b"").hexdigest() != file.sha256:
        artifact.move("hold", role="worker", reason_code="internal", stage="")
        return
    revision = Revision.objects.create(
        id=staged.revision_id,
        artifact=artifact,
        number=(artifact.revisions.aggregate(last=Max("number"))["last"] or 0) + 1,
        run=run,
        sha256=file.sha256,
        size=len(file.data or b""),
        media_type=file.media_type_out,
        name=file.name_out,
        verdict=file.verdict,
        staging_key=staged.copy_key,
        preview_key=staged.preview_key,
        wrapped_key=staged.wrapped_key,
        acks_wanted=[{"id": ack.id, "kind": ack.kind, "zone": ack.zone, "role": ack.role} for ack in file.acks],
    )
    artifact.move("ready", role="worker", revision=revision, attempts=0, stage="", reason_code="")
    # The copies before this one show what the contributor may have asked to hide: nobody can open them any more.
    artifact.revisions.exclude(pk=revision.pk).update(wrapped_key=None)


def _drop_lost_children(submission: Submission, returned: set[uuid.UUID]) -> None:
    """A file that was inside another one and that this run did not find must not leave on an older copy."""
    lost = submission.artifacts.filter(parent__isnull=False).exclude(pk__in=returned)
    for child in lost.exclude(state__in=[ArtifactState.PURGED, ArtifactState.EXCLUDED]):
        child.move("purge", role="worker")
        child.revisions.update(wrapped_key=None)


def _finish(submission: Submission, lease: leases.Lease) -> str:
    """The last write, still under the lease: a worker that lost it changes nothing."""
    usable = submission.artifacts.filter(role="deliverable", state__in=[ArtifactState.READY, ArtifactState.HELD])
    event = "finish" if usable.exists() else "nothing_ready"
    submission.move(event, role="system", fencing=lease.fencing, due_at=None, signed_at=None, consent_record=None)
    Outbox.objects.create(kind=Outbox.Kind.MAIL, subject_id=submission.pk, template=event)
    return event
