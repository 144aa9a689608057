"""What a reviewer does: claim a task, look at every redacted file, decide about exactly those bytes.

Reviewers see redacted bytes only and change none. A decision presents the fencing number of its claim and the digests
that were looked at; a withdrawal, a lapsed claim or a second reviewer may get here first, and then nothing changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from consent import services as consent
from intake import leases, quarantine
from intake.errors import GuardError, LostLeaseError, LostRaceError, NotAllowedError
from intake.hints import hint
from intake.models import Artifact, Original, Outbox, ReviewDecision, ReviewTask, Revision, Submission, User
from intake.models.review import Outcome, ReturnCode
from intake.states import MOVES, SubmissionState, find_move
from redaction.entities import Block
from redaction.models import RecordedFinding, Verification

PERMISSION = "intake.review_submission"
LEASE_SECONDS = 20 * 60
MAX_CODES = 4

# Question id → what the reviewer is asked. Export reads "rights": yes at the last stage verifies the stated basis.
CHECKLIST: dict[str, str] = {
    "rights": "Nothing in these files speaks against the contributor's right to share them.",
    "private": "No person, company or account can be recognised in what is shown.",
    "readable": "Every file can be read and is still useful.",
    "task": "The files fit the task request.",
}
ANSWERS = ("yes", "no", "undetermined")
MUST_BE_YES: dict[str, str] = {
    "rights": "Only work whose rights question is answered Yes can be approved. Return it, or reject it.",
    "private": "Work that still shows something private is returned, not approved.",
}


@dataclass(frozen=True)
class FindingGroup:
    """Replaced mentions of one entity in one file: never the text that stood there."""

    entity_type: str
    token: str
    count: int
    score: float
    sources: tuple[str, ...]
    anchors: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """One sealed file as an independent reader sees it, with what was replaced and how it was verified."""

    artifact: Artifact
    revision: Revision
    blocks: Sequence[Block]
    findings: Sequence[FindingGroup]
    checks: Mapping[str, str]
    verdict: str


@dataclass(frozen=True)
class Queue:
    """What one reviewer may take, and an honest account of the rest."""

    mine: Sequence[ReviewTask]
    free: Sequence[ReviewTask]
    with_others: int
    first_frees_at: dt.datetime | None
    second_reviewer: int
    not_offered: int
    returned: int

    @property
    def oldest(self) -> ReviewTask | None:
        return self.free[0] if self.free else None

    @property
    def sentences(self) -> list[str]:
        """Why nothing, or not more, is free. Never the reason why a task is not offered: it could name somebody."""
        said = [] if self.free else ["Nothing is free now."]
        if self.with_others and self.first_frees_at:
            verb = "is" if self.with_others == 1 else "are"
            said.append(
                f"{_count(self.with_others)} {verb} with others; the first frees at {self.first_frees_at:%H:%M} UTC."
            )
        if self.second_reviewer:
            verb = "needs" if self.second_reviewer == 1 else "need"
            said.append(f"{_count(self.second_reviewer)} {verb} a second reviewer who is not you.")
        if self.not_offered:
            said.append(f"{_count(self.not_offered)} cannot be offered to you.")
        return said


def _count(number: int) -> str:
    return f"{number} submission{'' if number == 1 else 's'}"


def queue_for(user: User) -> Queue:
    """The queue as this reviewer sees it, oldest first."""
    now = timezone.now()
    waiting = ReviewTask.objects.open().filter(submission__state=SubmissionState.IN_REVIEW).select_related("submission")
    held = Q(state=ReviewTask.State.CLAIMED, lease_until__gte=now)
    offered = waiting.offered_to(user)
    others = offered.filter(held).exclude(claimant=user)
    hidden = waiting.exclude(pk__in=offered.values("pk"))
    second = hidden.approved_by(user).exclude(contributor=user).count()
    first = others.order_by("lease_until").first()
    return Queue(
        mine=list(offered.filter(held, claimant=user)),
        free=list(offered.exclude(held)),
        with_others=others.count(),
        first_frees_at=first.lease_until if first else None,
        second_reviewer=second,
        not_offered=hidden.count() - second,
        returned=Submission.objects.filter(
            state=SubmissionState.RETURNED,
            review_tasks__decisions__reviewer=user,
            review_tasks__decisions__outcome=Outcome.RETURN,
        )
        .distinct()
        .count(),
    )


# ── the claim ──────────────────────────────────────────────────────────────────────────────────────────────────────


def claim(task: ReviewTask, *, actor: User) -> ReviewTask:
    """Take a task for 20 minutes, or lengthen one's own claim.

    Raises:
        NotAllowedError: no reviewer, one's own work, or bytes one has decided on before.
        LostRaceError: somebody else holds it, or it is no longer open.
    """
    _may_review(task, actor)
    if _renew(task, actor):
        return ReviewTask.objects.get(pk=task.pk)
    still_free = Q(state__in=[ReviewTask.State.QUEUED, ReviewTask.State.CLAIMED]) & ~Q(contributor=actor)
    fencing = leases.claim(
        task, seconds=LEASE_SECONDS, where=still_free, state=ReviewTask.State.CLAIMED, claimant=actor, seen=[]
    )
    if fencing is None:
        raise LostRaceError("Someone else has claimed this, or it is no longer waiting.")
    return ReviewTask.objects.get(pk=task.pk)


def unclaim(task: ReviewTask, *, actor: User) -> None:
    """Give a claim back, so that somebody else may take it at once. Raises LostLeaseError when it is not ours."""
    changed = _held(task, actor).update(state=ReviewTask.State.QUEUED, claimant=None, lease_until=None, seen=[])
    if changed != 1:
        raise LostLeaseError


def mark_seen(task: ReviewTask, artifact: Artifact, *, actor: User) -> None:
    """Note that the claimant has opened a file; the claim lives on for another 20 minutes."""
    with transaction.atomic():
        current = _held(task, actor).select_for_update().first()
        if current is None:
            raise LostLeaseError
        if str(artifact.pk) not in current.digests:
            raise GuardError("not_in_task", "This file is not part of the review.")
        seen = [*current.seen, *({str(artifact.pk)} - set(current.seen))]
        _held(task, actor).update(seen=seen, lease_until=leases.after(LEASE_SECONDS))


def _held(task: ReviewTask, actor: User) -> QuerySet[ReviewTask]:
    return ReviewTask.objects.filter(pk=task.pk, state=ReviewTask.State.CLAIMED, claimant=actor, lease_until__gte=Now())


def _renew(task: ReviewTask, actor: User) -> bool:
    return _held(task, actor).update(lease_until=leases.after(LEASE_SECONDS)) == 1


def _may_review(task: ReviewTask, actor: User) -> None:
    if not actor.has_perm(PERMISSION):
        raise NotAllowedError("not_reviewer", "Only reviewers may do this.")
    if task.contributor_id == actor.pk:
        raise NotAllowedError("own_work", "Nobody reviews their own work.")
    if not ReviewTask.objects.filter(pk=task.pk).offered_to(actor, only_open=False).exists():
        raise NotAllowedError("decided_before", "You have decided on this work before; somebody else looks at it now.")


# ── what the claimant sees ─────────────────────────────────────────────────────────────────────────────────────────


def files_of(task: ReviewTask) -> list[Artifact]:
    """The files under review, in their order."""
    return list(Artifact.objects.filter(pk__in=list(task.digests)).select_related("revision__run"))


def review_preview(task: ReviewTask, artifact: Artifact, *, actor: User) -> Preview:
    """The redacted copy of one file, for the person who holds the claim.

    Raises: LostLeaseError, NotAllowedError; GuardError when the copy is not the one under review.
    """
    _may_review(task, actor)
    if not _renew(task, actor):
        raise LostLeaseError
    revision = artifact.revision
    if revision is None or task.digests.get(str(artifact.pk)) != revision.sha256:
        raise GuardError("digest", "This file is no longer the one under review.")
    look = _verification(revision)
    return Preview(
        artifact=artifact,
        revision=revision,
        blocks=quarantine.read_preview(revision),
        findings=_findings(revision),
        checks=dict(look.checks) if look else {},
        verdict=look.verdict if look else "",
    )


def _verification(revision: Revision) -> Verification | None:
    return Verification.objects.filter(
        run=revision.run, source_id=revision.artifact_id, output_sha256=revision.sha256
    ).first()


def _findings(revision: Revision) -> list[FindingGroup]:
    groups: dict[tuple[str, str], list[RecordedFinding]] = {}
    for finding in RecordedFinding.objects.filter(run=revision.run, source_id=revision.artifact_id):
        groups.setdefault((finding.entity_type, finding.token), []).append(finding)
    return [
        FindingGroup(
            entity_type=entity_type,
            token=token,
            count=len(found),
            # The least certain mention is the one worth a second look.
            score=min(finding.score for finding in found),
            sources=tuple(sorted({finding.source for finding in found})),
            anchors=tuple(dict.fromkeys(finding.anchor for finding in found)),
        )
        for (entity_type, token), found in sorted(
            groups.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1])
        )
    ]


# ── decisions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def approve_blockers(task: ReviewTask) -> list[GuardError]:
    """What stands between this task and an approval, apart from the form itself."""
    found = []
    if unseen := set(task.digests) - set(task.seen):
        found.append(GuardError("unseen", f"{len(unseen)} of {len(task.digests)} files were not opened yet."))
    files = files_of(task)
    if _current(task.submission) != task.digests:
        found.append(GuardError("digest", "The files are no longer the ones under review."))
    if any(f.revision is None or f.revision.sealed_at is None or not f.revision.vault_key for f in files):
        found.append(GuardError("unsealed", "A file is not sealed."))
    looks = [_verification(f.revision) for f in files if f.revision]
    if any(look is None or look.verdict not in {"CLEAN", "NEEDS_ACK"} for look in looks):
        found.append(GuardError("unverified", "A file was not verified."))
    if not _consent_is_live(task):
        found.append(GuardError("consent", "The consent is no longer in force for exactly these files."))
    return found


def _current(submission: Submission) -> dict[str, str]:
    files = submission.artifacts.leaving().select_related("revision")
    return {str(a.pk): a.revision.sha256 for a in files if a.revision is not None}


def _consent_is_live(task: ReviewTask) -> bool:
    record = task.submission.consent_record
    if record is None or not consent.is_given(record) or consent.signed_digests(record) != task.digests:
        return False
    return consent.live_grants(timezone.now()).filter(record=record).exists()


def approve(
    task: ReviewTask, *, actor: User, fencing: int, digests: Mapping[str, str], checklist: Mapping[str, str]
) -> ReviewDecision:
    """Approve exactly the bytes named in ``digests`` (artifact id → SHA-256 of the sealed file).

    Raises: GuardError (its code names the condition), LostLeaseError, NotAllowedError, MoveNotAllowedError,
    OnHoldError, LostRaceError. Then nothing has changed.
    """
    _check_answers(checklist)
    with transaction.atomic():
        current = _lock(task, actor, fencing, digests, "approve")
        if blockers := approve_blockers(current):
            raise blockers[0]
        decision = _decide(current, actor, fencing, Outcome.APPROVE, checklist=dict(checklist))
        stage = _stage_after(current)
        if stage is None:
            _approved(current.submission, actor)
        else:
            current.submission.move("approve_stage", actor=actor, role="reviewer", reason=current.stage)
            ReviewTask.objects.create(
                submission=current.submission, stage=stage, contributor=current.contributor, digests=current.digests
            )
    return decision


def _check_answers(checklist: Mapping[str, str]) -> None:
    if set(checklist) != set(CHECKLIST) or not set(checklist.values()) <= set(ANSWERS):
        raise GuardError("checklist", "Answer every question of the checklist.")
    for question, sentence in MUST_BE_YES.items():
        if checklist[question] != "yes":
            raise GuardError(f"checklist_{question}", sentence)


def _stage_after(task: ReviewTask) -> str | None:
    """The stage that comes next: the same one while it lacks approvals of these bytes, None after the last."""
    stages: list[dict[str, Any]] = task.submission.programme.review_stages
    names = [stage["name"] for stage in stages]
    position = names.index(task.stage) if task.stage in names else len(names) - 1
    given = [
        decision
        for decision in ReviewDecision.objects.filter(
            task__submission=task.submission, task__stage=task.stage, outcome=Outcome.APPROVE
        )
        if decision.digests == task.digests
    ]
    if len(given) < int(stages[position].get("approvals", 1)):
        return task.stage
    return names[position + 1] if position + 1 < len(names) else None


def _approved(submission: Submission, actor: User) -> None:
    now, programme = timezone.now(), submission.programme
    submission.move(
        "approve",
        actor=actor,
        role="reviewer",
        approved_at=now,
        eligible_at=now + dt.timedelta(days=programme.cooling_off_days),
    )
    _shred_later(submission, now)
    _tell(submission, Outbox.Kind.RELEASE, "")
    _tell(submission, Outbox.Kind.MAIL, "approved")


def return_(
    task: ReviewTask, *, actor: User, fencing: int, digests: Mapping[str, str], codes: Sequence[str]
) -> ReviewDecision:
    """Send the work back with closed reasons. Raises as ``approve`` does."""
    return _refuse(task, actor, fencing, digests, codes, Outcome.RETURN)


def reject(
    task: ReviewTask, *, actor: User, fencing: int, digests: Mapping[str, str], codes: Sequence[str]
) -> ReviewDecision:
    """Refuse the work with closed reasons. Raises as ``approve`` does."""
    return _refuse(task, actor, fencing, digests, codes, Outcome.REJECT)


def _refuse(
    task: ReviewTask, actor: User, fencing: int, digests: Mapping[str, str], codes: Sequence[str], outcome: Outcome
) -> ReviewDecision:
    if not codes or not set(codes) <= set(ReturnCode.values):
        raise GuardError("codes", "Choose at least one reason from the list.")
    if len(set(codes)) > MAX_CODES:
        raise GuardError("codes", f"Choose at most {MAX_CODES} reasons: the ones that matter most.")
    event = "return" if outcome == Outcome.RETURN else "reject"
    reasons = list(dict.fromkeys(codes))
    with transaction.atomic():
        current = _lock(task, actor, fencing, digests, event)
        decision = _decide(current, actor, fencing, outcome, codes=reasons)
        current.submission.move(event, actor=actor, role="reviewer", reason=",".join(reasons))
        if outcome == Outcome.REJECT:
            _shred_later(current.submission, timezone.now())
        _tell(current.submission, Outbox.Kind.MAIL, "returned" if outcome == Outcome.RETURN else "rejected")
    return decision


def _lock(task: ReviewTask, actor: User, fencing: int, digests: Mapping[str, str], event: str) -> ReviewTask:
    """Read everything again under the submission's lock, in the order in which a withdrawal takes it."""
    submission = Submission.objects.select_for_update().select_related("programme").get(pk=task.submission_id)
    find_move(MOVES, event, submission.state)
    _may_review(task, actor)
    current = _held(task, actor).filter(fencing=fencing).select_for_update().first()
    if current is None:
        raise LostLeaseError
    current.submission = submission
    if dict(digests) != current.digests:
        raise GuardError("digest", "The files on this page are not the ones under review. Open it again.")
    return current


def _decide(task: ReviewTask, actor: User, fencing: int, outcome: Outcome, **facts: Any) -> ReviewDecision:
    """Close the task and keep the decision. Two tabs may post at once: only the first UPDATE still finds the claim."""
    changed = (
        _held(task, actor)
        .filter(fencing=fencing)
        .update(state=ReviewTask.State.DECIDED, lease_until=None, fencing=F("fencing") + 1)
    )
    if changed != 1:
        raise LostLeaseError
    try:
        with transaction.atomic():
            return ReviewDecision.objects.create(
                task=task,
                reviewer=actor,
                contributor_id=task.submission.contributor.user_id,
                outcome=outcome,
                digests=task.digests,
                **facts,
            )
    except IntegrityError:
        # The database repeats the rules: reviewer ≠ contributor, one decision for each task.
        raise NotAllowedError("refused_by_database", "You may not decide on this.") from None


def _shred_later(submission: Submission, now: dt.datetime) -> None:
    due = now + dt.timedelta(days=submission.programme.keep_original_days)
    Original.objects.filter(artifact__submission=submission, shred_due_at=None).update(shred_due_at=due)


def _tell(submission: Submission, kind: Outbox.Kind, template: str) -> None:
    row = Outbox.objects.create(kind=kind, subject_id=submission.pk, template=template)
    hint("outbox", row.pk)
