"""What ops people do with batches: see what can go, freeze it, have a second person approve it, give it up.

A batch is a query, never ticked files. Freezing turns it into a list of digests; the worker builds and seals exactly
that list (``pipeline.batch``), or nothing.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from consent.errors import SENTENCES as CONSENT_SENTENCES
from intake.errors import GuardError, LostRaceError, NotAllowedError
from intake.export.bag import canonical
from intake.export.eligibility import SENTENCES, Excluded, Judge, Order, Refusal, candidates
from intake.hints import hint
from intake.models import Artifact, Batch, BatchItem, Programme, Recipient, User

NUMBER_TRIES = 5
# Reasons of gate C, where no date is at hand.
REFUSALS = SENTENCES | {
    "region_blocked": "No transfer basis covers the recipient's region.",
    "consent_expired": "The consent has ended.",
    "cooling_off": "The contributor can still undo.",
    "not_approved": "Nobody but the builder approved this batch.",
    "own_work": "Somebody would decide about their own work.",
    "type": "A file is of a type that cannot be exported.",
    "manifest": "The bag is not the one that was sealed.",
    "storage_conflict": "The store already holds something else under a name of this batch.",
}


@dataclass(frozen=True)
class Selection:
    """What can go now, and what is left out and why, in the order in which the questions are asked."""

    items: list[Artifact]
    excluded: list[Excluded]

    @property
    def left_out(self) -> int:
        return sum(row.count for row in self.excluded)

    @property
    def size(self) -> int:
        return sum(artifact.revision.size for artifact in self.items if artifact.revision)

    @property
    def submissions(self) -> int:
        return len({artifact.submission_id for artifact in self.items})


def select(programme: Programme, recipient: Recipient, purpose: str, now: dt.datetime) -> Selection:
    """Judge every reviewed file of a programme for one recipient and one purpose. Changes nothing.

    Raises GuardError: ``purpose``, ``recipient``, ``agreement``: this recipient can get nothing of the kind at all.
    """
    _check_recipient(programme, recipient, purpose, now)
    judge = Judge(Order(recipient, purpose, now))
    items: list[Artifact] = []
    refused: dict[str, list[Refusal]] = {}
    for artifact, refusal in judge.judge(candidates(programme)):
        if refusal is None:
            items.append(artifact)
        else:
            refused.setdefault(refusal.code, []).append(refusal)
    excluded = [
        Excluded(code, judge.sentence(refused[code]), len(refused[code])) for code in SENTENCES if code in refused
    ]
    return Selection(items, excluded)


def _check_recipient(programme: Programme, recipient: Recipient, purpose: str, now: dt.datetime) -> None:
    if purpose not in programme.purposes or purpose not in recipient.purposes:
        raise GuardError("purpose", "This purpose is not agreed with this programme and this recipient.")
    if not recipient.is_active:
        raise GuardError("recipient", "Nothing is sent to this recipient any more.")
    if recipient.agreement_until is not None and recipient.agreement_until < now.date():
        raise GuardError("agreement", "The agreement with this recipient has ended.")


def new_batch(*, actor: User, programme: Programme, recipient: Recipient, purpose: str) -> Batch:
    """Freeze everything that can go now into a new batch that waits for a second person.

    Raises:
        NotAllowedError: ``permission``; ``own_work``, the builder contributed one of the files.
        GuardError: ``nothing`` eligible; and the codes of ``select``.
    """
    _require(actor, "build_batch", "You may not build batches.")
    with transaction.atomic():
        now = timezone.now()
        selection = select(programme, recipient, purpose, now)
        if not selection.items:
            raise GuardError("nothing", "No file can go to this recipient for this purpose now.")
        _refuse_own_work(actor, selection.items)
        batch = _draft(actor, programme, recipient, purpose, now)
        BatchItem.objects.bulk_create(_items(batch, selection.items), batch_size=500)
        batch.move(
            "freeze",
            frozen_at=now.replace(microsecond=0),  # documents say times in seconds
            excluded=[row.to_json() for row in selection.excluded],
            total=len(selection.items),
            prefix=f"{recipient.pk}/{batch.pk}",
        )
    return batch


def _draft(actor: User, programme: Programme, recipient: Recipient, purpose: str, now: dt.datetime) -> Batch:
    """A batch with the next number of its month; two people may ask for the same one, so the second tries again."""
    for _ in range(NUMBER_TRIES):
        try:
            with transaction.atomic():
                return Batch.objects.create(
                    number=_next_number(now), programme=programme, recipient=recipient, purpose=purpose, builder=actor
                )
        except IntegrityError:
            continue
    raise LostRaceError


def _next_number(now: dt.datetime) -> str:
    month = f"B-{now:%Y-%m}-"
    taken = Batch.objects.filter(number__startswith=month).values_list("number", flat=True)
    last = max((int(number.removeprefix(month)) for number in taken), default=0)
    return f"{month}{last + 1:04d}"


def _items(batch: Batch, artifacts: list[Artifact]) -> list[BatchItem]:
    """The frozen list. Ids are keyed by a key that is thrown away: nobody can join two batches by them."""
    key = secrets.token_bytes(32)
    items = []
    for artifact in artifacts:
        submission, revision = artifact.submission, artifact.revision
        if revision is None or submission.consent_record is None:
            raise GuardError("digest_mismatch", SENTENCES["digest_mismatch"])
        items.append(
            BatchItem(
                batch=batch,
                submission=submission,
                artifact=artifact,
                revision=revision,
                sha256=revision.sha256,
                record_sha256=submission.consent_record.record_sha256,
                pseudonym=_pseudonym(key, batch, submission.contributor_id),
                task_id=_task_id(key, batch, submission.pk),
            )
        )
    return items


def _keyed(key: bytes, batch: Batch, kind: str, subject: uuid.UUID) -> bytes:
    return hmac.digest(key, f"{kind}/{batch.recipient_id}/{batch.pk}/{subject}".encode(), "sha256")[:16]


def _pseudonym(key: bytes, batch: Batch, contributor_id: uuid.UUID) -> str:
    return "c_" + base64.b32encode(_keyed(key, batch, "contributor", contributor_id)).decode().rstrip("=").lower()


def _task_id(key: bytes, batch: Batch, submission_id: uuid.UUID) -> uuid.UUID:
    return uuid.UUID(bytes=_keyed(key, batch, "task", submission_id), version=4)


def list_digest(batch: Batch) -> str:
    """Names the frozen list: what a second person approves, so that the approval is bound to what they saw."""
    items = batch.items.order_by("artifact_id").values_list("artifact_id", "sha256", "record_sha256")
    return hashlib.sha256(canonical([[str(pk), sha256, record] for pk, sha256, record in items])).hexdigest()


def describe(batch: Batch) -> dict[str, Any]:
    """A batch as the commands print it. Ids, counts and digests; no name but the recipient's."""
    items = batch.items.order_by()
    return {
        "schema_version": 1,
        "batch_id": str(batch.pk),
        "number": batch.number,
        "state": batch.state,
        "purpose": batch.purpose,
        "recipient": batch.recipient.name,
        "counts": {
            "submissions": items.values("submission_id").distinct().count(),
            "artifacts": items.count(),
            "bytes": items.aggregate(size=Sum("revision__size"))["size"] or 0,
        },
        "excluded": batch.excluded,
        "files": batch.done,
        "refusal": batch.refusal or None,
        "manifest_sha256": batch.manifest_sha256 or None,
        "uri": f"s3://{settings.ENV.s3_bucket_exports}/{batch.prefix}/" if batch.manifest_sha256 else None,
    }


def preview(programme: Programme, recipient: Recipient, purpose: str, now: dt.datetime) -> dict[str, Any]:
    """What ``describe`` would say of a batch frozen now. Changes nothing; raises as ``select`` does."""
    selection = select(programme, recipient, purpose, now)
    return {
        "schema_version": 1,
        "batch_id": None,
        "state": None,
        "purpose": purpose,
        "recipient": recipient.name,
        "counts": {"submissions": selection.submissions, "artifacts": len(selection.items), "bytes": selection.size},
        "excluded": [row.to_json() for row in selection.excluded],
    }


def refusal_sentence(batch: Batch) -> str:
    """Why the last attempt to seal failed, as a sentence; empty if it did not."""
    code, _, artifact_id = batch.refusal.partition(" ")
    if not code:
        return ""
    sentence = REFUSALS.get(code) or CONSENT_SENTENCES.get(code) or f"It could not be sealed ({code})."
    return f"{sentence} File {artifact_id}." if artifact_id else sentence


def approve_batch(batch: Batch, *, actor: User, seen: str | None = None) -> None:
    """Let a frozen batch be built. ``seen``: the ``list_digest`` of the list this person looked at.

    Raises:
        NotAllowedError: ``permission``; ``same_person`` as the builder; ``own_work``. GuardError: ``list_changed``.
        MoveNotAllowedError, LostRaceError: the batch is not frozen any more.
    """
    _require(actor, "approve_batch", "You may not approve batches.")
    if actor.pk == batch.builder_id:
        raise NotAllowedError("same_person", "You built this batch, so somebody else has to approve it.")
    if seen is not None and seen != list_digest(batch):
        raise GuardError("list_changed", "This is not the list you looked at. Open the page again.")
    with transaction.atomic():
        _refuse_own_work(actor, [item.artifact for item in _with_people(batch)])
        now = timezone.now()
        batch.move("approve", approver=actor, approved_at=now, due_at=now, refusal="")
        hint("build_batch", batch.pk)


def _with_people(batch: Batch) -> list[BatchItem]:
    return list(batch.items.select_related("artifact__submission__contributor"))


def abandon(batch: Batch, *, actor: User) -> None:
    """Give up a batch that is not approved. Raises NotAllowedError, MoveNotAllowedError, LostRaceError."""
    _require(actor, "build_batch", "You may not give up batches.")
    batch.move("abandon", due_at=None)


def build_again(batch: Batch, *, actor: User) -> Batch:
    """Ask the same query again after a batch fell back to draft: a new batch stands in for the old one.

    Raises: what ``new_batch`` and ``abandon`` raise; then nothing has changed.
    """
    with transaction.atomic():
        abandon(batch, actor=actor)
        return new_batch(actor=actor, programme=batch.programme, recipient=batch.recipient, purpose=batch.purpose)


def _require(actor: User, permission: str, sentence: str) -> None:
    if not actor.has_perm(f"intake.{permission}"):
        raise NotAllowedError("permission", sentence)


def _refuse_own_work(actor: User, artifacts: list[Artifact]) -> None:
    if any(artifact.submission.contributor.user_id == actor.pk for artifact in artifacts):
        raise NotAllowedError("own_work", "One of these files is your own work, so somebody else has to do this.")
