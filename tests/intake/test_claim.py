"""Claiming a review task: one person at a time, and an honest account of the queue."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone

from intake.errors import GuardError, LostLeaseError, LostRaceError, NotAllowedError
from intake.models import Artifact, ReviewTask, User
from intake.services import review
from tests import factories
from tests.conftest import make_person
from tests.intake.in_review import YES, claimed, in_review, lapse


@pytest.fixture
def task(alice: User) -> ReviewTask:
    return in_review(alice)


@pytest.fixture
def rolf(db: None) -> User:
    return make_person("rolf", "reviewer")


def test_a_claim_lasts_twenty_minutes_and_raises_the_fencing_number(task: ReviewTask, rita: User) -> None:
    mine = review.claim(task, actor=rita)
    assert (mine.state, mine.claimant, mine.fencing) == ("claimed", rita, task.fencing + 1)
    assert mine.lease_until is not None
    assert dt.timedelta(minutes=19) < mine.lease_until - timezone.now() <= dt.timedelta(minutes=20)


def test_a_second_reviewer_cannot_claim_what_is_held(task: ReviewTask, rita: User, rolf: User) -> None:
    review.claim(task, actor=rita)
    with pytest.raises(LostRaceError):
        review.claim(task, actor=rolf)


def test_a_lapsed_claim_passes_to_the_next_reviewer_who_starts_unseen(task: ReviewTask, rita: User, rolf: User) -> None:
    first = claimed(task, rita)
    lapse(task)
    second = review.claim(task, actor=rolf)
    assert second.fencing == first.fencing + 1
    assert second.seen == []


def test_claiming_again_lengthens_the_claim_and_keeps_its_number(task: ReviewTask, rita: User) -> None:
    first = review.claim(task, actor=rita)
    ReviewTask.objects.filter(pk=task.pk).update(lease_until=timezone.now() + dt.timedelta(minutes=1))
    again = review.claim(task, actor=rita)
    assert again.fencing == first.fencing
    assert again.lease_until is not None
    assert again.lease_until > timezone.now() + dt.timedelta(minutes=19)


def test_opening_a_file_lengthens_the_claim(task: ReviewTask, rita: User) -> None:
    review.claim(task, actor=rita)
    ReviewTask.objects.filter(pk=task.pk).update(lease_until=timezone.now() + dt.timedelta(minutes=1))
    artifact = review.files_of(task)[0]
    review.mark_seen(task, artifact, actor=rita)
    task.refresh_from_db()
    assert task.seen == [str(artifact.pk)]
    assert task.lease_until is not None
    assert task.lease_until > timezone.now() + dt.timedelta(minutes=19)


def test_a_file_of_another_submission_is_not_part_of_the_review(task: ReviewTask, alice: User, rita: User) -> None:
    stranger = Artifact.objects.create(submission=factories.attested(alice))
    review.claim(task, actor=rita)
    with pytest.raises(GuardError, match="not_in_task"):
        review.mark_seen(task, stranger, actor=rita)


def test_a_released_task_is_free_at_once(task: ReviewTask, rita: User, rolf: User) -> None:
    review.claim(task, actor=rita)
    review.unclaim(task, actor=rita)
    assert review.claim(task, actor=rolf).claimant == rolf


def test_nobody_releases_the_claim_of_another(task: ReviewTask, rita: User, rolf: User) -> None:
    review.claim(task, actor=rita)
    with pytest.raises(LostLeaseError):
        review.unclaim(task, actor=rolf)


def test_who_is_no_reviewer_claims_nothing(task: ReviewTask, omar: User, mallory: User) -> None:
    for person in (omar, mallory):
        with pytest.raises(NotAllowedError, match="not_reviewer"):
            review.claim(task, actor=person)


def test_nobody_claims_their_own_work(rita: User) -> None:
    alice_reviews = make_person("alice.reviews", "contributor", "reviewer")
    task = in_review(alice_reviews)
    with pytest.raises(NotAllowedError, match="own_work"):
        review.claim(task, actor=alice_reviews)
    assert review.queue_for(alice_reviews).free == []
    assert [t.pk for t in review.queue_for(rita).free] == [task.pk]


def test_the_second_approval_of_the_same_bytes_needs_another_person(alice: User, rita: User, rolf: User) -> None:
    programme = factories.programme(review_stages=[{"name": "general", "approvals": 2}])
    task = claimed(in_review(alice, programme), rita)
    review.approve(task, actor=rita, fencing=task.fencing, digests=task.digests, checklist=YES)
    second = ReviewTask.objects.open().get()
    assert second.stage == "general"
    with pytest.raises(NotAllowedError, match="decided_before"):
        review.claim(second, actor=rita)
    assert review.claim(second, actor=rolf).claimant == rolf


def test_the_queue_says_who_holds_what_and_never_calls_itself_empty(
    task: ReviewTask, alice: User, rita: User, rolf: User
) -> None:
    review.claim(task, actor=rolf)
    queue = review.queue_for(rita)
    assert (list(queue.free), queue.with_others) == ([], 1)
    assert queue.first_frees_at is not None
    assert queue.sentences == [
        "Nothing is free now.",
        f"1 submission is with others; the first frees at {queue.first_frees_at:%H:%M} UTC.",
    ]
    own = review.queue_for(alice)
    assert own.sentences == ["Nothing is free now.", "1 submission cannot be offered to you."]


def test_the_queue_says_that_a_second_reviewer_is_needed(alice: User, rita: User) -> None:
    programme = factories.programme(review_stages=[{"name": "general", "approvals": 2}])
    task = claimed(in_review(alice, programme), rita)
    review.approve(task, actor=rita, fencing=task.fencing, digests=task.digests, checklist=YES)
    assert "1 submission needs a second reviewer who is not you." in review.queue_for(rita).sentences


def test_the_oldest_free_task_comes_first(task: ReviewTask, alice: User, rita: User) -> None:
    younger = in_review(alice)
    assert [t.pk for t in review.queue_for(rita).free] == [task.pk, younger.pk]
    assert review.queue_for(rita).oldest == task


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Do all deeds at the same moment, each on a connection of its own; return results and errors."""
    barrier = threading.Barrier(len(deeds))
    results: list[object] = [None] * len(deeds)

    def run(position: int, deed: Callable[[], object]) -> None:
        try:
            barrier.wait()
            results[position] = deed()
        except Exception as error:  # noqa: BLE001 - the test judges them
            results[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_of_many_reviewers_who_claim_at_once_exactly_one_wins() -> None:
    task = in_review(make_person("alice", "contributor"))
    reviewers = [make_person(f"reviewer{number}", "reviewer") for number in range(6)]
    results = at_once(*(lambda person=person: review.claim(task, actor=person) for person in reviewers))
    winners = [result for result in results if isinstance(result, ReviewTask)]
    assert len(winners) == 1, results
    assert all(isinstance(result, ReviewTask | LostRaceError) for result in results), results
    task.refresh_from_db()
    assert (task.claimant, task.fencing) == (winners[0].claimant, 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_posted_at_once_exactly_one_counts() -> None:
    rita = make_person("rita", "reviewer")
    task = claimed(in_review(make_person("alice", "contributor")), rita)
    claim = {"actor": rita, "fencing": task.fencing, "digests": task.digests}
    results = at_once(
        lambda: review.approve(task, checklist=YES, **claim),
        lambda: review.reject(task, codes=["duplicate"], **claim),
    )
    assert task.decisions.count() == 1, results
    assert sum(isinstance(result, Exception) for result in results) == 1
    task.submission.refresh_from_db()
    expected = {"approve": "approved", "reject": "rejected"}[task.decisions.get().outcome]
    assert task.submission.state == expected
