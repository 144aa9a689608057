"""Which files may go to one recipient for one purpose now, and the one reason why each other file may not.

The same judgement is made twice: when a batch is frozen (``services.deliver``), and again under row locks in the
transaction that seals it (``pipeline.batch``). Each question is answered from rows; what cannot be answered is a no.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from consent.models import ConsentGrant, ConsentRecord, Statement
from intake.models import Artifact, Batch, BatchItem, Hold, Programme, Recipient, ReviewDecision, Submission
from intake.models.review import Outcome
from intake.models.submission import RightsBasis
from intake.states import ArtifactState, SubmissionState

# In the order in which they are asked: the first that applies is the one shown.
SENTENCES = {
    "withdrawn": "The contributor withdrew this file or this use.",
    "purpose_not_given": "The contributor did not agree to this purpose.",
    "recipient_not_permitted": "This recipient is not named in the consent.",
    "region_blocked": "No transfer basis covers {region}.",
    "consent_expired": "The consent ended on {date}.",
    "on_hold": "A privacy officer is looking at this file.",
    "digest_mismatch": "The stored bytes are not the approved bytes.",
    "basis_unverified": "The right to share has not been checked.",
    "cooling_off": "The contributor can still undo until {date}.",
    "not_released": "The release of this file is not signed yet.",
    "already_delivered": "This recipient already has this file for this purpose.",
    "in_open_batch": "Another batch that is not sealed yet holds this file for this recipient.",
}

# Self-declared bases count once the last stage answered the checklist's rights question Yes. The others need a Release
# that a person with ``verify_rights`` accepted; without one they stay unverified.
SELF_DECLARED = frozenset({RightsBasis.SELF_OWNED, RightsBasis.PUBLIC, RightsBasis.FABRICATED})
RIGHTS_QUESTION = "rights"
GRANTED = ConsentGrant.State.GIVEN
GROUP = 500  # files whose facts are read with one query each
ENDED = frozenset({ConsentGrant.State.WITHDRAWN, ConsentGrant.State.REVOKED})


@dataclass(frozen=True)
class Excluded:
    """How many files one reason leaves out, with its sentence as a person reads it."""

    code: str
    sentence: str
    count: int

    def to_json(self) -> dict[str, Any]:
        return {"reason": self.code, "sentence": self.sentence, "count": self.count}


@dataclass(frozen=True)
class Refusal:
    """Why one file may not go. ``until`` is the date in the sentence, where it has one."""

    code: str
    until: dt.datetime | None = None


@dataclass(frozen=True)
class Order:
    """What is asked for: by whom to whom, for what, at which moment. ``batch`` is the one being sealed, if any."""

    recipient: Recipient
    purpose: str
    now: dt.datetime
    batch: uuid.UUID | None = None


def candidates(programme: Programme) -> QuerySet[Artifact]:
    """Files that were sealed and whose submission came through review, whatever happened since."""
    return with_facts(
        Artifact.objects.filter(
            submission__programme=programme,
            submission__state__in=[SubmissionState.APPROVED, SubmissionState.WITHDRAWN],
            revision__sealed_at__isnull=False,
        )
    )


def with_facts(artifacts: QuerySet[Artifact]) -> QuerySet[Artifact]:
    """The same files in a fixed order, with every row the judgement reads."""
    return (
        artifacts.select_related(
            "revision", "submission__programme", "submission__contributor", "submission__consent_record"
        )
        .prefetch_related(
            Prefetch("submission__holds", Hold.objects.filter(lifted_at=None)),
            "submission__consent_record__grants",
            "submission__review_tasks__decisions",
        )
        .order_by("submission_id", "id")
    )


class Judge:
    """Judges files for one order; reads once what is the same for all of them."""

    def __init__(self, order: Order) -> None:
        self.order = order
        others = BatchItem.objects.filter(batch__recipient=order.recipient, batch__purpose=order.purpose)
        if order.batch is not None:
            others = others.exclude(batch_id=order.batch)
        self._delivered = set(others.filter(batch__state=Batch.State.SEALED).values_list("artifact_id", flat=True))
        waiting = others.filter(batch__state__in=[Batch.State.FROZEN, Batch.State.APPROVED])
        self._waiting = set(waiting.values_list("artifact_id", flat=True))

    def judge(self, artifacts: QuerySet[Artifact]) -> Iterator[tuple[Artifact, Refusal | None]]:
        """Each file of ``with_facts`` with the reason why it may not go, or None; a group at a time."""
        group: list[Artifact] = []
        for artifact in artifacts.iterator(chunk_size=GROUP):
            group.append(artifact)
            if len(group) == GROUP:
                yield from self._group(group)
                group = []
        yield from self._group(group)

    def _group(self, group: list[Artifact]) -> Iterator[tuple[Artifact, Refusal | None]]:
        releases = Statement.objects.filter(kind="release", artifact_id__in=[artifact.pk for artifact in group])
        released = set(releases.values_list("record_id", "artifact_id", "subject_sha256"))
        for artifact in group:
            refusal = self._refusal(artifact)
            if refusal is None and _release_key(artifact) not in released:
                refusal = Refusal("not_released")
            yield artifact, refusal

    def _refusal(self, artifact: Artifact) -> Refusal | None:
        submission = artifact.submission
        return (
            self._withdrawn(artifact)
            or self._consent(submission)
            or _held(artifact)
            or _bytes(artifact)
            or _basis(artifact)
            or self._cooling_off(submission)
            or self._elsewhere(artifact)
        )

    def _withdrawn(self, artifact: Artifact) -> Refusal | None:
        gone = artifact.state in (ArtifactState.EXCLUDED, ArtifactState.PURGED)
        if gone or artifact.submission.state != SubmissionState.APPROVED:
            return Refusal("withdrawn")
        return None

    def _consent(self, submission: Submission) -> Refusal | None:
        """The grants of the record that is in force, narrowed question by question."""
        record = submission.consent_record
        grants = [grant for grant in record.grants.all() if grant.purpose == self.order.purpose] if record else []
        if grants and all(grant.state in ENDED for grant in grants):
            return Refusal("withdrawn")
        grants = [grant for grant in grants if grant.state == GRANTED]
        if not grants:
            return Refusal("purpose_not_given")
        grants = [grant for grant in grants if grant.recipient_class == self.order.recipient.recipient_class]
        if not grants:
            return Refusal("recipient_not_permitted")
        grants = [grant for grant in grants if grant.region in ("any", self.order.recipient.region)]
        if not grants:
            return Refusal("region_blocked")
        until = max(grant.valid_until for grant in grants)
        return Refusal("consent_expired", until) if until <= self.order.now else None

    def _cooling_off(self, submission: Submission) -> Refusal | None:
        if submission.eligible_at is None or submission.eligible_at > self.order.now:
            return Refusal("cooling_off", submission.eligible_at)
        return None

    def _elsewhere(self, artifact: Artifact) -> Refusal | None:
        if artifact.pk in self._delivered:
            return Refusal("already_delivered")
        # A batch about to be sealed gives way to none that merely waits: whichever is sealed first has the file.
        if artifact.pk in self._waiting and self.order.batch is None:
            return Refusal("in_open_batch")
        return None

    def sentence(self, refusals: Iterable[Refusal]) -> str:
        """The sentence for refusals of one code; of several dates the last is told."""
        refusals = list(refusals)
        dates = [refusal.until for refusal in refusals if refusal.until is not None]
        date = f"{max(dates):%-d %B %Y}" if dates else "a date not set yet"
        return SENTENCES[refusals[0].code].format(date=date, region=self.order.recipient.region)


def _release_key(artifact: Artifact) -> tuple[object, object, object]:
    sha256 = artifact.revision.sha256 if artifact.revision else None
    return artifact.submission.consent_record_id, artifact.pk, sha256


def _held(artifact: Artifact) -> Refusal | None:
    held = artifact.state == ArtifactState.HELD or bool(artifact.submission.holds.all())
    return Refusal("on_hold") if held else None


def _bytes(artifact: Artifact) -> Refusal | None:
    """The sealed digest must be the one that was signed, and the one that every stage approved."""
    revision, record = artifact.revision, artifact.submission.consent_record
    if revision is None or record is None or artifact.state != ArtifactState.READY:
        return Refusal("digest_mismatch")
    signed = signed_artifact(record, artifact.pk)
    if signed is None or signed["redacted_sha256"] != revision.sha256:
        return Refusal("digest_mismatch")
    if not stages_approved(artifact, revision.sha256):
        return Refusal("digest_mismatch")
    return None


def stages_approved(artifact: Artifact, sha256: str) -> bool:
    """Whether every stage the programme asks for approved exactly these bytes."""
    decisions = list(approvals(artifact.submission, artifact.pk, sha256))
    for stage in artifact.submission.programme.review_stages:
        people = {decision.reviewer_id for name, decision in decisions if name == stage["name"]}
        if len(people) < int(stage.get("approvals", 1)):
            return False
    return True


def approvals(submission: Submission, artifact_id: uuid.UUID, sha256: str) -> Iterator[tuple[str, ReviewDecision]]:
    """Stage and decision of every approval of exactly these bytes of one file, oldest first."""
    found = [
        (decision.at, task.stage, decision)
        for task in submission.review_tasks.all()
        for decision in task.decisions.all()
        if decision.outcome == Outcome.APPROVE and decision.digests.get(str(artifact_id)) == sha256
    ]
    for _, stage, decision in sorted(found, key=lambda row: row[0]):
        yield stage, decision


def _basis(artifact: Artifact) -> Refusal | None:
    if artifact.rights_basis not in SELF_DECLARED or artifact.revision is None:
        return Refusal("basis_unverified")
    stages = artifact.submission.programme.review_stages
    found = approvals(artifact.submission, artifact.pk, artifact.revision.sha256)
    last = [decision for stage, decision in found if stages and stage == stages[-1]["name"]]
    answered = bool(last) and last[-1].checklist.get(RIGHTS_QUESTION) == "yes"
    return None if answered else Refusal("basis_unverified")


def signed_artifact(record: ConsentRecord, artifact_id: uuid.UUID) -> dict[str, Any] | None:
    """What the signed record says of one file: digest, commitment, role, kind, media type, size."""
    for row in json.loads(record.record)["artifacts"]:
        if row["artifact_id"] == str(artifact_id):
            return dict(row)
    return None
