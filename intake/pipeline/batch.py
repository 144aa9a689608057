"""Hop 7: write the bag of an approved batch and seal it. This is gate C.

The objects go out first, create-only, under intent rows, each read back; without their tag manifest they are no batch.
Then one short transaction locks every submission, asks every question again and moves the batch to *sealed*, or sends
it back to draft. Only after it a signature is made. A contributor who withdraws before that transaction is not in the
batch; one who withdraws after it gets a retraction.

Safe to call at any time and any number of times: killed anywhere and called again, it gives the same bag.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from config.env import env
from consent import services as consent
from consent.models import ConsentGrant
from intake import leases
from intake.errors import (
    GateClosedError,
    GuardError,
    ItemRefusedError,
    LostLeaseError,
    LostRaceError,
    StorageConflictError,
    StorageUnavailableError,
)
from intake.export import sinks
from intake.export.bag import Bag, DirectorySink, bundle_path
from intake.export.contents import Contents, Unsigned
from intake.export.eligibility import Judge, Order, with_facts
from intake.export.records import path_of
from intake.export.sinks import ExportsSink
from intake.models import Artifact, Batch, BatchItem, Recipient, Submission
from intake.storages import storage

log = logging.getLogger(__name__)


def due(now: dt.datetime) -> QuerySet[Batch]:
    """Batches that wait for a worker and that no live lease covers; a sealed one waits until its bag is closed."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return Batch.objects.filter(free, state__in=[Batch.State.APPROVED, Batch.State.SEALED], due_at__lte=now)


def build_and_seal(batch_id: uuid.UUID) -> str:
    """Build and seal one approved batch if it is due and free; return the outcome for the log."""
    batch = Batch.objects.get(pk=batch_id)
    waiting = Q(state__in=[Batch.State.APPROVED, Batch.State.SEALED])
    fencing = leases.claim(batch, seconds=env().lease_seconds, where=waiting)
    if fencing is None:
        return "not_due"
    batch = Batch.objects.select_related("recipient", "programme").get(pk=batch_id)
    try:
        with leases.keep(batch, fencing, seconds=env().lease_seconds) as lease:
            outcome = _build(batch, lease)
    except (GateClosedError, StorageConflictError) as error:
        outcome = error.code
        _fall_back(batch, fencing, error)
    except (LostLeaseError, LostRaceError, StorageUnavailableError) as error:
        outcome = error.code
    leases.release(batch, fencing)
    log.info("batch built: batch=%s outcome=%s", batch_id, outcome)
    return outcome


def _build(batch: Batch, lease: leases.Lease) -> str:
    contents = Contents(batch, storage("vault", as_="exporter"))
    bag = Bag(ExportsSink(storage("exports", as_="exporter"), batch.prefix, _owners(batch)))
    unsigned = contents.write_unsigned(bag, lambda done: _progress(lease, done=done))
    if batch.state == Batch.State.APPROVED:
        _gate(batch, lease, unsigned.manifest_sha256)
    if batch.manifest_sha256 != unsigned.manifest_sha256:
        raise GateClosedError("manifest", "The bag is not the one that was sealed.")
    contents.write_signed(bag, _envelope(batch, lease, unsigned))
    _progress(lease, done=batch.total, due_at=None, refusal="")
    return "sealed"


def _owners(batch: Batch) -> dict[str, Artifact]:
    """Path → file, for what holds a contributor's bytes: erasing the file then finds the copy in exports too."""
    owners: dict[str, Artifact] = {}
    for item in BatchItem.objects.filter(batch=batch).select_related("artifact", "revision"):
        owners[path_of(item.revision)] = owners[bundle_path(item.artifact_id)] = item.artifact
    return owners


def _progress(lease: leases.Lease, **changes: Any) -> None:
    """Write a fact into the row, if the lease is still ours."""
    lease.check()
    if Batch.objects.filter(pk=lease.row.pk, fencing=lease.fencing).update(**changes) != 1:
        raise LostLeaseError


def _gate(batch: Batch, lease: leases.Lease, manifest_sha256: str) -> None:
    """Gate C: every item is judged again under the rows' locks, and nothing here touches the network.

    A withdrawal, a hold and a new review all write or lock the submission's row, so they come wholly before or after.
    """
    with transaction.atomic():
        Batch.objects.select_for_update().get(pk=batch.pk)
        items = BatchItem.objects.filter(batch=batch)
        submissions = Submission.objects.filter(pk__in=items.values("submission_id")).order_by("pk")
        list(submissions.select_for_update().values_list("pk", flat=True))
        # A purpose alone is withdrawn in its grants, without touching the submission.
        grants = ConsentGrant.objects.filter(record__in=submissions.order_by().values("consent_record_id"))
        list(grants.order_by("pk").select_for_update().values_list("pk", flat=True))
        _check_recipient(batch)
        _check_people(batch, set(items.order_by().values_list("submission__contributor__user_id", flat=True)))
        _check_items(batch)
        batch.move("seal", fencing=lease.fencing, manifest_sha256=manifest_sha256, sealed_at=timezone.now(), refusal="")


def _check_recipient(batch: Batch) -> None:
    recipient = Recipient.objects.get(pk=batch.recipient_id)
    if not recipient.is_active or batch.purpose not in recipient.purposes:
        raise GateClosedError("recipient", "Nothing is sent to this recipient, or not for this purpose, any more.")
    if recipient.agreement_until is not None and recipient.agreement_until < timezone.now().date():
        raise GateClosedError("agreement", "The agreement with this recipient has ended.")


def _check_people(batch: Batch, contributors: set[object]) -> None:
    if batch.approver_id is None or batch.approver_id == batch.builder_id:
        raise GateClosedError("not_approved", "Nobody but the builder approved this batch.")
    if contributors & {batch.builder_id, batch.approver_id}:
        raise GateClosedError("own_work", "Somebody would decide about their own work.")


def _check_items(batch: Batch) -> None:
    """Raise ItemRefusedError for the first file that lost what it had when the list was frozen."""
    frozen = {item.artifact_id: item for item in BatchItem.objects.filter(batch=batch)}
    judge = Judge(Order(batch.recipient, batch.purpose, timezone.now(), batch=batch.pk))
    checked = 0
    for artifact, refusal in judge.judge(with_facts(Artifact.objects.filter(batch_items__batch=batch))):
        if refusal is not None:
            raise ItemRefusedError(refusal.code, judge.sentence([refusal]), artifact.pk)
        item, record = frozen[artifact.pk], artifact.submission.consent_record
        same = artifact.revision_id == item.revision_id and record and record.record_sha256 == item.record_sha256
        if not same:
            raise ItemRefusedError("digest_mismatch", "The file or its consent changed.", artifact.pk)
        checked += 1
    if checked != len(frozen):
        raise GateClosedError("digest_mismatch", "A file of the frozen list is gone.")


def _envelope(batch: Batch, lease: leases.Lease, unsigned: Unsigned) -> dict[str, Any]:
    """The signed statement: made once, kept, and used again by every later writing."""
    if batch.envelope is None:
        predicate = {
            "batch_id": str(batch.pk),
            "recipient_id": str(batch.recipient_id),
            "recipient_class": batch.recipient.recipient_class,
            "purpose": batch.purpose,
            "counts": unsigned.counts,
            "sealed_at": f"{batch.sealed_at:%Y-%m-%dT%H:%M:%SZ}",
        }
        envelope = consent.sign_statement("batch", unsigned.subjects, predicate)
        _progress(lease, envelope=envelope)
        batch.envelope = envelope
    return dict(batch.envelope)


def _fall_back(batch: Batch, fencing: int, error: GateClosedError | StorageConflictError) -> None:
    """Back to draft, with the reason and the file; what was written is no batch and is due for deletion.

    A sealed batch cannot fall back: its reason is shown, and people decide.
    """
    named = f" {error.artifact_id}" if isinstance(error, ItemRefusedError) else ""
    changes: dict[str, Any] = {"refusal": error.code + named, "due_at": None}
    if batch.state == Batch.State.SEALED:
        Batch.objects.filter(pk=batch.pk, fencing=fencing).update(**changes)
        return
    with transaction.atomic():
        batch.move("fall_back", fencing=fencing, approver=None, approved_at=None, done=0, **changes)
        sinks.drop(batch.prefix)


def copy_to(batch: Batch, root: Path) -> Path:
    """Write a sealed batch into a directory of its number under ``root``: the same bag, byte for byte.

    Raises:
        GuardError: ``not_sealed``. ItemRefusedError: a file may no longer go, so no further copy is made.
    """
    if batch.state != Batch.State.SEALED or batch.envelope is None:
        raise GuardError("not_sealed", "Only a sealed batch can be copied.")
    _check_items(batch)
    contents, bag = Contents(batch, storage("vault", as_="exporter")), Bag(DirectorySink(root / batch.number))
    unsigned = contents.write_unsigned(bag, lambda _done: None)
    if unsigned.manifest_sha256 != batch.manifest_sha256:
        raise GateClosedError("manifest", "The bag is not the one that was sealed.")
    contents.write_signed(bag, batch.envelope)
    return root / batch.number
