"""A reviewer's decision: about exactly the sealed bytes, under a live claim, and by nobody but a stranger to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from consent import services as consent
from consent.models import ConsentGrant
from intake.errors import GuardError, IntakeError, LostLeaseError, MoveNotAllowedError, NotAllowedError, OnHoldError
from intake.models import Artifact, Hold, Outbox, ReviewDecision, ReviewTask, Revision, User
from intake.models.review import ReturnCode
from intake.services import contribute, review
from tests import factories
from tests.conftest import make_person
from tests.intake.in_review import YES, claimed, in_review, lapse


@pytest.fixture
def task(alice: User, rita: User) -> ReviewTask:
    """Claimed by rita, every file opened."""
    return claimed(in_review(alice), rita)


def approve(task: ReviewTask, rita: User, **changes: Any) -> ReviewDecision:
    facts: dict[str, Any] = {
        "fencing": task.fencing,
        "digests": task.digests,
        "checklist": YES,
        "actor": rita,
    } | changes
    return review.approve(task, **facts)


def nothing_changed(task: ReviewTask) -> bool:
    before = (task.state, task.fencing)
    task.refresh_from_db()
    task.submission.refresh_from_db()
    untouched = not ReviewDecision.objects.exists() and not Outbox.objects.exists()
    return untouched and before == (task.state, task.fencing) and task.submission.state == "in_review"


def test_an_approval_at_the_last_stage_approves_the_submission(task: ReviewTask, rita: User) -> None:
    programme = task.submission.programme
    programme.cooling_off_days = 7
    programme.save()
    decision = approve(task, rita)
    submission = task.submission
    submission.refresh_from_db()
    assert submission.state == "approved"
    assert submission.approved_at
    assert submission.eligible_at
    assert submission.eligible_at - submission.approved_at == dt.timedelta(days=7)
    assert (decision.outcome, decision.digests, decision.checklist) == ("approve", task.digests, YES)
    [shred] = set(Artifact.objects.values_list("original__shred_due_at", flat=True))
    assert shred is not None
    assert shred - submission.approved_at == dt.timedelta(days=programme.keep_original_days)
    assert {(row.kind, row.subject_id, row.template) for row in Outbox.objects.all()} == {
        ("release", submission.pk, ""),
        ("mail", submission.pk, "approved"),
    }
    task.refresh_from_db()
    assert (task.state, task.lease_until) == ("decided", None)


def test_an_approval_before_the_last_stage_opens_the_next(alice: User, rita: User) -> None:
    stages = [{"name": "general", "approvals": 1}, {"name": "final", "approvals": 1}]
    task = claimed(in_review(alice, factories.programme(review_stages=stages)), rita)
    approve(task, rita)
    task.submission.refresh_from_db()
    assert task.submission.state == "in_review"
    following = ReviewTask.objects.open().get()
    assert (following.stage, following.digests, following.contributor) == ("final", task.digests, alice)
    assert not Outbox.objects.exists()
    colleague = make_person("rolf", "reviewer")
    approve(claimed(following, colleague), colleague)
    task.submission.refresh_from_db()
    assert task.submission.state == "approved"


def test_a_return_closes_the_task_and_tells_the_contributor_the_closed_reasons(task: ReviewTask, rita: User) -> None:
    codes = ["leak_found", "unreadable"]
    decision = review.return_(task, actor=rita, fencing=task.fencing, digests=task.digests, codes=codes)
    task.submission.refresh_from_db()
    assert task.submission.state == "returned"
    assert decision.codes == codes
    assert Outbox.objects.get().template == "returned"
    assert "Something private is still visible" in contribute.timeline(task.submission)[-1].detail
    assert review.queue_for(rita).returned == 1


def test_a_rejection_sets_the_date_on_which_the_originals_go(task: ReviewTask, rita: User) -> None:
    review.reject(task, actor=rita, fencing=task.fencing, digests=task.digests, codes=["duplicate"])
    task.submission.refresh_from_db()
    assert task.submission.state == "rejected"
    assert not Artifact.objects.filter(original__shred_due_at=None).exists()
    assert Outbox.objects.get().template == "rejected"


@pytest.mark.parametrize("codes", [[], ["send_me_the_client_list"], list(ReturnCode.values)])
def test_reasons_are_closed_at_least_one_and_few(task: ReviewTask, rita: User, codes: list[str]) -> None:
    for deed in (review.return_, review.reject):
        with pytest.raises(GuardError, match="codes"):
            deed(task, actor=rita, fencing=task.fencing, digests=task.digests, codes=codes)
    assert nothing_changed(task)


def test_the_longest_reasons_fit_their_column(task: ReviewTask, rita: User) -> None:
    longest = sorted(ReturnCode.values, key=len)[-review.MAX_CODES :]
    review.return_(task, actor=rita, fencing=task.fencing, digests=task.digests, codes=longest)
    assert task.submission.transitions.latest("id").reason.split(",") == longest


def test_an_approval_needs_every_file_opened(alice: User, rita: User) -> None:
    task = review.claim(in_review(alice), actor=rita)
    review.mark_seen(task, review.files_of(task)[0], actor=rita)
    with pytest.raises(GuardError, match="1 of 2 files"):
        approve(task, rita)


@pytest.mark.parametrize(
    ("checklist", "code"),
    [
        pytest.param({}, "checklist", id="no answers"),
        pytest.param({**YES, "rights": "maybe"}, "checklist", id="an answer nobody offered"),
        pytest.param({k: v for k, v in YES.items() if k != "task"}, "checklist", id="one question left out"),
        pytest.param({**YES, "rights": "undetermined"}, "checklist_rights", id="rights undetermined"),
        pytest.param({**YES, "rights": "no"}, "checklist_rights", id="rights denied"),
        pytest.param({**YES, "private": "no"}, "checklist_private", id="something private is visible"),
    ],
)
def test_an_approval_needs_the_checklist(task: ReviewTask, rita: User, checklist: dict[str, str], code: str) -> None:
    with pytest.raises(GuardError) as caught:
        approve(task, rita, checklist=checklist)
    assert caught.value.code == code
    assert nothing_changed(task)


def test_undetermined_is_an_answer_to_the_other_questions(task: ReviewTask, rita: User) -> None:
    approve(task, rita, checklist={**YES, "task": "undetermined"})
    task.submission.refresh_from_db()
    assert task.submission.state == "approved"


def another_digest(task: ReviewTask) -> dict[str, str]:
    return {**task.digests, next(iter(task.digests)): "f" * 64}


@pytest.mark.parametrize(
    "digests",
    [
        pytest.param(another_digest, id="one changed"),
        pytest.param(lambda task: dict(list(task.digests.items())[:1]), id="one missing"),
        pytest.param(lambda task: {**task.digests, "0" * 36: "f" * 64}, id="one too many"),
    ],
)
def test_a_decision_about_other_bytes_is_refused(
    task: ReviewTask, rita: User, digests: Callable[[ReviewTask], dict[str, str]]
) -> None:
    other = digests(task)
    with pytest.raises(GuardError, match="digest"):
        approve(task, rita, digests=other)
    with pytest.raises(GuardError, match="digest"):
        review.return_(task, actor=rita, fencing=task.fencing, digests=other, codes=["duplicate"])
    assert nothing_changed(task)


def make_new_copy(task: ReviewTask) -> None:
    artifact = review.files_of(task)[0]
    old = artifact.revision
    assert old is not None
    facts = {"run": old.run, "size": 1, "media_type": "text/plain", "name": "new.txt", "verdict": "CLEAN"}
    artifact.revision = Revision.objects.create(artifact=artifact, number=2, sha256="f" * 64, **facts)
    artifact.save()


def end_grants(task: ReviewTask) -> None:
    ConsentGrant.objects.update(valid_until=timezone.now() - dt.timedelta(seconds=1))


def withdraw_record(task: ReviewTask) -> None:
    record = task.submission.consent_record
    assert record is not None
    consent.withdraw(record)


@pytest.mark.parametrize(
    ("break_it", "code"),
    [
        pytest.param(make_new_copy, "digest", id="the current copy is another"),
        pytest.param(end_grants, "consent", id="the consent has run out"),
        pytest.param(withdraw_record, "consent", id="the consent was withdrawn"),
    ],
)
def test_an_approval_reads_everything_again(
    task: ReviewTask, rita: User, break_it: Callable[[ReviewTask], None], code: str
) -> None:
    break_it(task)
    with pytest.raises(GuardError) as caught:
        approve(task, rita)
    assert caught.value.code == code
    assert nothing_changed(task)


@pytest.mark.parametrize("fault", [{"verdict": "BLOCKED"}, {"is_sealed": False}])
def test_unverified_and_unsealed_files_are_never_approved(alice: User, rita: User, fault: dict[str, Any]) -> None:
    task = claimed(in_review(alice, **fault), rita)
    with pytest.raises(GuardError, match=r"not verified|not sealed"):
        approve(task, rita)
    assert nothing_changed(task)


def test_a_lapsed_claim_decides_nothing(task: ReviewTask, rita: User) -> None:
    lapse(task)
    with pytest.raises(LostLeaseError):
        approve(task, rita)


def test_an_old_fencing_number_decides_nothing(task: ReviewTask, rita: User) -> None:
    with pytest.raises(LostLeaseError):
        approve(task, rita, fencing=task.fencing - 1)
    assert nothing_changed(task)


def test_a_colleague_does_not_decide_under_somebody_elses_claim(task: ReviewTask) -> None:
    with pytest.raises(LostLeaseError):
        approve(task, make_person("rolf", "reviewer"))
    assert nothing_changed(task)


def test_strangers_and_ops_decide_nothing(task: ReviewTask, mallory: User, omar: User) -> None:
    for person in (mallory, omar):
        with pytest.raises(NotAllowedError, match="not_reviewer"):
            approve(task, person)
    assert nothing_changed(task)


def test_nobody_decides_on_their_own_work(task: ReviewTask) -> None:
    contributor = task.contributor
    contributor.groups.add(*make_person("rolf", "reviewer").groups.all())
    with pytest.raises(NotAllowedError, match="own_work"):
        approve(task, User.objects.get(pk=contributor.pk))
    assert nothing_changed(task)


def test_the_database_refuses_self_review_too(task: ReviewTask, alice: User) -> None:
    for write in (
        lambda: ReviewTask.objects.filter(pk=task.pk).update(claimant=alice),
        lambda: ReviewDecision.objects.create(
            task=task, reviewer=alice, contributor=alice, outcome="approve", digests={}
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


def test_a_withdrawal_wins_against_an_approval_that_comes_later(task: ReviewTask, alice: User, rita: User) -> None:
    contribute.withdraw(task.submission, actor=alice)
    with pytest.raises(MoveNotAllowedError):
        approve(task, rita)
    task.refresh_from_db()
    assert task.state == "cancelled"
    assert not ReviewDecision.objects.exists()


def test_while_a_hold_stands_nothing_is_decided(task: ReviewTask, rita: User, paula: User) -> None:
    Hold.objects.create(submission=task.submission, kind="rights", code="claim", placed_by=paula)
    with pytest.raises(OnHoldError):
        approve(task, rita)
    assert nothing_changed(task)


def test_a_task_is_decided_once(task: ReviewTask, rita: User) -> None:
    approve(task, rita)
    with pytest.raises(IntakeError):
        approve(task, rita)
    assert ReviewDecision.objects.count() == 1


def test_work_that_one_sent_back_may_come_to_the_same_reviewer_again(task: ReviewTask, alice: User, rita: User) -> None:
    review.return_(task, actor=rita, fencing=task.fencing, digests=task.digests, codes=["rights_unclear"])
    task.submission.refresh_from_db()
    contribute.reply(task.submission, actor=alice)
    [again] = review.queue_for(rita).free
    assert again.digests == task.digests
    assert review.claim(again, actor=rita).claimant == rita


def test_an_appeal_goes_to_another_reviewer(task: ReviewTask, alice: User, rita: User) -> None:
    review.reject(task, actor=rita, fencing=task.fencing, digests=task.digests, codes=["duplicate"])
    task.submission.refresh_from_db()
    task.submission.move("appeal", actor=alice, role="contributor")
    ReviewTask.objects.create(submission=task.submission, stage="appeal", contributor=alice, digests=task.digests)
    assert review.queue_for(rita).free == []
    assert len(review.queue_for(make_person("rolf", "reviewer")).free) == 1
