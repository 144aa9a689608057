"""Hop 5: write the redacted file and its consent bundle into the vault, both or neither. This is gate A.

Objects go out first, under intent rows and create-only; then one short transaction reads everything again and lets the
submission pass. A withdrawal that commits before it closes the gate; one that commits after finds the objects and
erases them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import uuid
from pathlib import PurePosixPath

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from config.env import env
from consent import services as consent
from consent.errors import ConsentError
from consent.models import ConsentRecord
from intake import leases, quarantine
from intake.errors import (
    DecryptionError,
    GateClosedError,
    LostLeaseError,
    LostRaceError,
    MoveNotAllowedError,
    OnHoldError,
    StorageConflictError,
    StorageUnavailableError,
)
from intake.models import Artifact, ReviewTask, Revision, Submission
from intake.pipeline import tagging
from intake.states import ArtifactState, SubmissionState
from intake.storages import storage
from redaction.models import Edit, Verification

log = logging.getLogger(__name__)

RETRY_SECONDS = 30


def seal_submission(submission_id: uuid.UUID) -> str:
    """Seal one signed submission if it is due and free; return the outcome for the log."""
    submission = Submission.objects.get(pk=submission_id)
    signed = Q(state=SubmissionState.CHECKING, signed_at__isnull=False)
    fencing = leases.claim(submission, seconds=env().lease_seconds, where=signed, hints=0)
    if fencing is None:
        return "not_due"
    submission.refresh_from_db()
    try:
        with leases.keep(submission, fencing, seconds=env().lease_seconds) as lease:
            outcome = _seal(submission, lease)
    except GateClosedError as error:
        outcome = error.code
        _refuse(submission, fencing, error.code)
    except (ConsentError, DecryptionError, FileNotFoundError) as error:
        outcome = getattr(error, "code", "staged_copy")
        _refuse(submission, fencing, outcome)
    except StorageUnavailableError as error:
        outcome = error.code
        leases.release(submission, fencing, due_at=leases.after(RETRY_SECONDS))
    except (LostLeaseError, LostRaceError, MoveNotAllowedError, OnHoldError) as error:
        outcome = error.code
    else:
        tagging.tag_sealed(submission_id)
    leases.release(submission, fencing)
    log.info("sealed: submission=%s outcome=%s", submission_id, outcome)
    return outcome


def _refuse(submission: Submission, fencing: int, code: str) -> None:
    """Give the page back to the contributor with the reason; a new signature starts anew.

    Only while it is still the signature we worked on: asked for again meanwhile, the row belongs to the next worker.
    """
    still_ours = Submission.objects.filter(
        pk=submission.pk, fencing=fencing, state=SubmissionState.CHECKING, signed_at=submission.signed_at
    )
    still_ours.update(seal_refusal=code[:40], due_at=None, signed_at=None, lease_until=None)


def _seal(submission: Submission, lease: leases.Lease) -> str:
    record = submission.consent_record
    if record is None:
        raise GateClosedError("no_record", "There is no signed consent.")
    keys: dict[uuid.UUID, str] = {}
    sealed_at = timezone.now().replace(microsecond=0)
    for artifact in submission.artifacts.leaving().select_related("revision__run", "parent"):
        lease.check()
        keys[artifact.pk] = _write_pair(artifact, record, sealed_at)
    return _gate(submission, lease, record, keys, sealed_at)


def _write_pair(artifact: Artifact, record: ConsentRecord, sealed_at: dt.datetime) -> str:
    """File and bundle, create-only, read back whole. Returns the vault key of the file."""
    revision = _revision(artifact)
    data = quarantine.read_staged(revision, as_="sealer")
    if hashlib.sha256(data).hexdigest() != revision.sha256:
        raise GateClosedError("staged_digest", "The staged copy is not the one that was checked.")
    bundle = consent.issue_bundle(
        record,
        artifact_id=artifact.pk,
        redacted_sha256=revision.sha256,
        redaction=_redaction_facts(revision),
        verification=_verification_facts(revision),
        sealed_at=sealed_at,
    )
    suffix = PurePosixPath(revision.name).suffix or ".bin"
    key = f"{str(artifact.pk)[:2]}/{artifact.pk}/{revision.sha256}{suffix}"
    metadata = {
        "artifact-id": str(artifact.pk),
        "consent-record": str(record.pk),
        "consent-bundle-sha256": hashlib.sha256(bundle).hexdigest(),
        "redaction-policy": revision.run.policy_sha256,
    }
    vault = storage("vault", as_="sealer")
    # The same bytes may have been sealed under an earlier consent, before a return or a new start: that pair goes.
    wanted = [revision.sha256, hashlib.sha256(bundle).hexdigest()]
    for old in artifact.objects_stored.filter(alias="vault", status="present").exclude(sha256__in=wanted):
        quarantine.erase_object(old)
    try:
        for name, content, purpose in ((key, data, "sealed"), (key + ".consent.json", bundle, "bundle")):
            quarantine.put_intended(
                "vault",
                name,
                content,
                as_="sealer",
                purpose=purpose,
                artifact=artifact,
                metadata=metadata if purpose == "sealed" else {"artifact-id": str(artifact.pk)},
            )
            if vault.digest(name) != hashlib.sha256(content).hexdigest():
                raise GateClosedError("read_back", "The vault gave back other bytes than were written.")
    except StorageConflictError:
        raise GateClosedError("vault_conflict", "The vault already holds other bytes under this key.") from None
    return key


def _redaction_facts(revision: Revision) -> dict[str, object]:
    run = revision.run
    counts: dict[str, int] = {}
    for entity_type in run.findings.filter(source_id=revision.artifact_id).values_list("entity_type", flat=True):
        counts[entity_type] = counts.get(entity_type, 0) + 1
    return {
        "tool": run.fingerprint,
        "policy": f"{run.policy_name} {run.policy_version}",
        "policy_sha256": run.policy_sha256,
        "entities": counts,
    }


def _verification_facts(revision: Revision) -> dict[str, object]:
    look = Verification.objects.get(run=revision.run, source_id=revision.artifact_id)
    return {"verdict": look.verdict, "at": look.at, "checks": look.checks}


def _gate(
    submission: Submission,
    lease: leases.Lease,
    record: ConsentRecord,
    keys: dict[uuid.UUID, str],
    sealed_at: dt.datetime,
) -> str:
    """Gate A: everything is read again under the row's lock, and nothing here touches the network."""
    with transaction.atomic():
        current = Submission.objects.select_for_update().get(pk=submission.pk)
        files = list(current.artifacts.select_related("revision").live())
        signed = consent.signed_digests(record)
        if current.consent_record_id != record.pk or not consent.is_given(record):
            raise GateClosedError("consent", "The consent is no longer the one that was signed.")
        if any(a.state == ArtifactState.HELD for a in files):
            raise GateClosedError("held", "A file is held.")
        if Edit.objects.filter(scope_id=current.pk, applied_in=None, undone_at=None).exists():
            raise GateClosedError("changes", "A change was asked for that is in no copy yet.")
        leaving = {str(a.pk): _revision(a).sha256 for a in files if a.state == ArtifactState.READY}
        if leaving != signed or set(leaving) != {str(pk) for pk in keys}:
            raise GateClosedError("digest", "The files are not exactly the ones that were signed.")
        for artifact in files:
            revision = _revision(artifact)
            look = Verification.objects.filter(
                run=revision.run, source_id=artifact.pk, output_sha256=revision.sha256
            ).first()
            if look is None or look.verdict == "BLOCKED" or revision.unacknowledged:
                raise GateClosedError("unverified", "A file was not verified, or a question about it is open.")
            Revision.objects.filter(pk=revision.pk).update(vault_key=keys[artifact.pk], sealed_at=sealed_at)
        current.move("seal", role="worker", fencing=lease.fencing, due_at=None, seal_refusal="")
        ReviewTask.objects.create(
            submission=current,
            stage=current.programme.review_stages[0]["name"],
            contributor=current.contributor.user,
            digests=leaving,
        )
    return "sealed"


def _revision(artifact: Artifact) -> Revision:
    if artifact.revision is None:
        raise GateClosedError("no_revision", "A file has no redacted copy.")
    return artifact.revision
