from __future__ import annotations

import itertools

import pytest
from django.db import IntegrityError, transaction

from intake.errors import LostRaceError, MoveNotAllowedError, OnHoldError
from intake.models import Artifact, Submission, User
from intake.states import ALLOWED_ON_HOLD, ARTIFACT_MOVES, MOVES, ArtifactState, SubmissionState, find_move
from tests.factories import opened

pytestmark = pytest.mark.django_db

EVENTS = sorted({event for event, _ in MOVES})
ARTIFACT_EVENTS = sorted({event for event, _ in ARTIFACT_MOVES})


def put_in(submission: Submission, state: str) -> Submission:
    """Bring a submission into any state, past its road: only what a move may do from there is under test."""
    Submission.objects.filter(pk=submission.pk).update(state=state)
    submission.refresh_from_db()
    return submission


@pytest.mark.parametrize(("event", "state"), list(itertools.product(EVENTS, SubmissionState.values)))
def test_every_pair_of_event_and_state_moves_or_raises(alice: User, event: str, state: str) -> None:
    submission = put_in(opened(alice), state)
    before = submission.transitions.count()
    if (event, state) in MOVES:
        submission.move(event, role="test")
        assert Submission.objects.get(pk=submission.pk).state == MOVES[(event, state)].target
        assert submission.transitions.latest("id").event == event
    else:
        with pytest.raises(MoveNotAllowedError):
            submission.move(event, role="test")
        assert Submission.objects.get(pk=submission.pk).state == state
        assert submission.transitions.count() == before


@pytest.mark.parametrize(("event", "state"), list(itertools.product(ARTIFACT_EVENTS, ArtifactState.values)))
def test_every_pair_for_a_file_moves_or_raises(event: str, state: str) -> None:
    if (event, state) in ARTIFACT_MOVES:
        assert find_move(ARTIFACT_MOVES, event, state).target in ArtifactState.values
    else:
        with pytest.raises(MoveNotAllowedError):
            find_move(ARTIFACT_MOVES, event, state)


def test_final_states_have_no_way_out() -> None:
    assert not [pair for pair in MOVES if pair[1] == SubmissionState.EXPIRED]
    assert not [pair for pair in ARTIFACT_MOVES if pair[1] == ArtifactState.PURGED]


def test_every_state_but_the_first_can_be_reached() -> None:
    assert {move.target for move in MOVES.values()} == set(SubmissionState.values)
    assert {move.target for move in ARTIFACT_MOVES.values()} | {"receiving"} == set(ArtifactState.values)


def test_a_move_from_an_old_copy_of_the_row_loses(alice: User) -> None:
    submission = opened(alice)
    stale = Submission.objects.get(pk=submission.pk)
    submission.move("withdraw", role="contributor")
    with pytest.raises(LostRaceError):
        stale.move("submit", role="contributor")
    assert Submission.objects.get(pk=submission.pk).state == SubmissionState.WITHDRAWN


def test_a_move_with_an_old_fencing_number_changes_nothing(alice: User) -> None:
    submission = put_in(opened(alice), SubmissionState.PROCESSING)
    Submission.objects.filter(pk=submission.pk).update(fencing=7)
    with pytest.raises(LostRaceError):
        submission.move("finish", role="system", fencing=6)
    submission.move("finish", role="system", fencing=7)
    assert submission.state == SubmissionState.CHECKING


@pytest.mark.parametrize("event", EVENTS)
def test_a_hold_stops_every_move_but_two(alice: User, event: str) -> None:
    source = next(state for moved, state in MOVES if moved == event)
    submission = put_in(opened(alice), source)
    submission.holds.create(kind="rights", code="rights", placed_by=alice)
    if event in ALLOWED_ON_HOLD:
        submission.move(event, role="test")
    else:
        with pytest.raises(OnHoldError):
            submission.move(event, role="test")


def test_the_database_refuses_a_state_that_nobody_knows(alice: User) -> None:
    submission = opened(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.filter(pk=submission.pk).update(state="lost")


def test_the_database_refuses_a_ready_file_without_a_revision(alice: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Artifact.objects.create(submission=opened(alice), state=ArtifactState.READY)
