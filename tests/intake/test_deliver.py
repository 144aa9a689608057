"""What may go to whom: each reason to leave a file out, the frozen list, and two people for every batch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from consent import services as consent
from intake.errors import GuardError, LostRaceError, MoveNotAllowedError, NotAllowedError
from intake.models import Artifact, Batch, Hold, Programme, Recipient, Revision, Submission, User
from intake.models.submission import RightsBasis
from intake.services import contribute, deliver
from intake.states import BATCH_MOVES
from tests import factories
from tests.conftest import make_person
from tests.intake import shelf

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("s3")]


@pytest.fixture
def programme() -> Programme:
    return factories.programme()


@pytest.fixture
def recipient() -> Recipient:
    return factories.recipient()


@pytest.fixture
def work(alice: User, rita: User, programme: Programme) -> Submission:
    """Three files that may go to the recipient."""
    return shelf.approved_work(alice, rita, programme)


def select(programme: Programme, recipient: Recipient) -> deliver.Selection:
    return deliver.select(programme, recipient, "evaluation", timezone.now())


def test_approved_and_consented_work_can_go(work: Submission, programme: Programme, recipient: Recipient) -> None:
    selection = select(programme, recipient)
    assert {item.pk for item in selection.items} == set(work.artifacts.values_list("pk", flat=True))
    assert (selection.excluded, selection.submissions) == ([], 1)
    assert selection.size == sum(len(data) for data in shelf.FILES.values())


def withdraw(work: Submission) -> None:
    contribute.withdraw(work, actor=work.contributor.user)


def withdraw_the_purpose(work: Submission) -> None:
    assert work.consent_record is not None
    consent.withdraw(work.consent_record, purposes=["evaluation"])


def expire(work: Submission) -> None:
    shelf.grants(work).update(valid_until=timezone.now() - dt.timedelta(minutes=1))


def cool_off(work: Submission) -> None:
    Submission.objects.filter(pk=work.pk).update(eligible_at=timezone.now() + dt.timedelta(days=3))


def hold(work: Submission) -> None:
    Hold.objects.create(submission=work, kind="claim", code="claim", placed_by=work.contributor.user)


def another_class(work: Submission) -> None:
    Recipient.objects.update(recipient_class="data-broker")


def another_region(work: Submission) -> None:
    shelf.grants(work).update(region="CH")


def another_digest(work: Submission) -> None:
    Revision.objects.filter(artifact__submission=work).update(sha256="0" * 64)


def unproven_basis(work: Submission) -> None:
    work.artifacts.update(rights_basis=RightsBasis.EMPLOYER_RELEASE)


def take_out(work: Submission) -> None:
    work.artifacts.update(state="excluded")


REASONS: dict[str, tuple[Callable[[Submission], Any], str]] = {
    "the contributor withdrew": (withdraw, "withdrawn"),
    "the contributor withdrew this purpose": (withdraw_the_purpose, "withdrawn"),
    "the contributor took the files out": (take_out, "withdrawn"),
    "the consent is over": (expire, "consent_expired"),
    "the contributor can still undo": (cool_off, "cooling_off"),
    "a hold stands": (hold, "on_hold"),
    "consent names another class of recipients": (another_class, "recipient_not_permitted"),
    "consent names another region": (another_region, "region_blocked"),
    "the bytes are not the signed ones": (another_digest, "digest_mismatch"),
    "nobody checked the employer's release": (unproven_basis, "basis_unverified"),
}


@pytest.mark.parametrize("reason", REASONS)
def test_a_file_is_left_out_when(reason: str, work: Submission, programme: Programme) -> None:
    recipient = factories.recipient()
    change, code = REASONS[reason]
    change(work)
    recipient.refresh_from_db()
    selection = select(programme, recipient)
    assert selection.items == []
    assert shelf.excluded(selection) == {code: 3}


def test_a_refused_purpose_is_left_out(alice: User, rita: User, recipient: Recipient) -> None:
    programme = factories.programme(purposes=["evaluation", "training"])
    shelf.approved_work(alice, rita, programme, decision="refused")
    assert shelf.excluded(select(programme, recipient)) == {"purpose_not_given": 3}


def test_a_file_whose_release_is_not_signed_yet_is_left_out(
    alice: User, rita: User, programme: Programme, recipient: Recipient
) -> None:
    work = shelf.approved_work(alice, rita, programme, released=False)
    assert shelf.excluded(select(programme, recipient)) == {"not_released": 3}
    shelf.release(work)
    assert len(select(programme, recipient).items) == 3


@pytest.mark.parametrize("answer", ["no", "undetermined"])
def test_a_self_declared_basis_counts_only_if_the_reviewer_said_yes(
    answer: str, alice: User, rita: User, programme: Programme, recipient: Recipient
) -> None:
    shelf.approved_work(alice, rita, programme, checklist={**shelf.ANSWERS, "rights": answer})
    assert shelf.excluded(select(programme, recipient)) == {"basis_unverified": 3}


def test_every_stage_must_have_approved_these_bytes(
    alice: User, rita: User, programme: Programme, recipient: Recipient
) -> None:
    shelf.approved_work(alice, rita, programme)
    programme.review_stages = [{"name": "general", "approvals": 1}, {"name": "final", "approvals": 1}]
    programme.save()
    assert shelf.excluded(select(programme, recipient)) == {"digest_mismatch": 3}


def test_work_that_no_reviewer_approved_does_not_exist_here(
    work: Submission, programme: Programme, recipient: Recipient
) -> None:
    Submission.objects.filter(pk=work.pk).update(state="in_review")
    selection = select(programme, recipient)
    assert (selection.items, selection.excluded) == ([], [])


def test_reasons_carry_their_sentence_and_date(work: Submission, programme: Programme, recipient: Recipient) -> None:
    Submission.objects.filter(pk=work.pk).update(eligible_at=dt.datetime(2031, 3, 9, tzinfo=dt.UTC))
    (row,) = select(programme, recipient).excluded
    assert row.sentence == "The contributor can still undo until 9 March 2031."


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"purposes": ["training"]}, "purpose"),
        ({"is_active": False}, "recipient"),
        ({"agreement_until": dt.date(2026, 1, 1)}, "agreement"),
    ],
)
def test_a_recipient_without_an_agreement_gets_nothing(
    changes: dict[str, Any], code: str, work: Submission, programme: Programme
) -> None:
    with pytest.raises(GuardError) as refused:
        select(programme, factories.recipient(**changes))
    assert refused.value.code == code


# ── freezing ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_freezing_fixes_the_list(work: Submission, programme: Programme, recipient: Recipient, omar: User) -> None:
    batch = shelf.frozen(omar, programme, recipient)
    batch.refresh_from_db()
    assert (batch.state, batch.builder, batch.total) == ("frozen", omar, 3)
    assert work.consent_record is not None
    for item in batch.items.select_related("revision"):
        assert item.sha256 == item.revision.sha256
        assert item.record_sha256 == work.consent_record.record_sha256
    before = deliver.list_digest(batch)
    withdraw(work)
    assert deliver.list_digest(batch) == before


def test_pseudonyms_and_task_ids_agree_inside_a_batch_and_differ_between_two(
    alice: User, rita: User, programme: Programme, omar: User
) -> None:
    for _ in range(2):
        shelf.approved_work(alice, rita, programme)
    first = shelf.frozen(omar, programme, factories.recipient(name="One"))
    second = shelf.frozen(omar, programme, factories.recipient(name="Two"))
    pseudonyms = [set(batch.items.values_list("pseudonym", flat=True)) for batch in (first, second)]
    tasks = [set(batch.items.values_list("task_id", flat=True)) for batch in (first, second)]
    assert [len(found) for found in pseudonyms] == [1, 1]
    assert [len(found) for found in tasks] == [2, 2]
    assert not pseudonyms[0] & pseudonyms[1]
    assert not tasks[0] & tasks[1]


def test_nothing_eligible_makes_no_batch(programme: Programme, recipient: Recipient, omar: User) -> None:
    with pytest.raises(GuardError) as refused:
        shelf.frozen(omar, programme, recipient)
    assert refused.value.code == "nothing"
    assert not Batch.objects.exists()


def test_what_waits_in_one_batch_is_not_offered_to_the_next(
    work: Submission, programme: Programme, recipient: Recipient, omar: User
) -> None:
    shelf.frozen(omar, programme, recipient)
    assert shelf.excluded(select(programme, recipient)) == {"in_open_batch": 3}
    assert len(select(programme, factories.recipient(name="Somebody else")).items) == 3


def test_what_was_delivered_is_not_delivered_again(
    work: Submission, programme: Programme, recipient: Recipient, omar: User, paula: User
) -> None:
    shelf.sealed(omar, paula, programme, recipient)
    assert shelf.excluded(select(programme, recipient)) == {"already_delivered": 3}


def test_a_withdrawn_submission_is_refused_at_the_next_batch(
    work: Submission, alice: User, rita: User, programme: Programme, recipient: Recipient, omar: User
) -> None:
    withdraw(work)
    other = shelf.approved_work(alice, rita, programme)
    batch = shelf.frozen(omar, programme, recipient)
    assert set(batch.items.values_list("submission_id", flat=True)) == {other.pk}
    assert [(row["reason"], row["count"]) for row in batch.excluded] == [("withdrawn", 3)]


def test_numbers_count_up_within_the_month(alice: User, rita: User, programme: Programme, omar: User) -> None:
    shelf.approved_work(alice, rita, programme)
    numbers = [shelf.frozen(omar, programme, factories.recipient(name=name)).number for name in ("One", "Two")]
    month = f"B-{timezone.now():%Y-%m}-"
    assert numbers == [f"{month}0001", f"{month}0002"]


@pytest.mark.parametrize("name", ["alice", "rita", "mallory"])
def test_only_ops_people_build(
    name: str, work: Submission, programme: Programme, recipient: Recipient, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(NotAllowedError) as refused:
        shelf.frozen(request.getfixturevalue(name), programme, recipient)
    assert refused.value.code == "permission"
    assert not Batch.objects.exists()


# ── the second person ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def batch(work: Submission, programme: Programme, recipient: Recipient, omar: User) -> Batch:
    return shelf.frozen(omar, programme, recipient)


def test_a_second_ops_person_approves(batch: Batch, paula: User) -> None:
    deliver.approve_batch(batch, actor=paula, seen=deliver.list_digest(batch))
    batch.refresh_from_db()
    assert (batch.state, batch.approver) == ("approved", paula)
    assert batch.due_at is not None


def test_the_builder_cannot_approve(batch: Batch, omar: User) -> None:
    with pytest.raises(NotAllowedError) as refused:
        deliver.approve_batch(batch, actor=omar)
    assert refused.value.code == "same_person"
    batch.refresh_from_db()
    assert batch.state == "frozen"


def test_the_database_refuses_the_builder_as_approver_too(batch: Batch, omar: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(state="approved", approver=omar)


@pytest.mark.parametrize("name", ["alice", "rita", "mallory"])
def test_only_ops_people_approve(name: str, batch: Batch, request: pytest.FixtureRequest) -> None:
    with pytest.raises(NotAllowedError) as refused:
        deliver.approve_batch(batch, actor=request.getfixturevalue(name))
    assert refused.value.code == "permission"


def test_nobody_builds_or_approves_their_own_work(
    rita: User, programme: Programme, recipient: Recipient, omar: User
) -> None:
    both = make_person("olga", "ops", "contributor")
    shelf.approved_work(both, rita, programme)
    with pytest.raises(NotAllowedError) as refused:
        shelf.frozen(both, programme, recipient)
    assert refused.value.code == "own_work"
    batch = shelf.frozen(omar, programme, recipient)
    with pytest.raises(NotAllowedError) as refused:
        deliver.approve_batch(batch, actor=both)
    assert refused.value.code == "own_work"


def test_an_approval_is_bound_to_the_list_that_was_seen(batch: Batch, paula: User) -> None:
    with pytest.raises(GuardError) as refused:
        deliver.approve_batch(batch, actor=paula, seen="0" * 64)
    assert refused.value.code == "list_changed"


def test_of_two_people_at_once_one_wins(batch: Batch, paula: User) -> None:
    stale = Batch.objects.get(pk=batch.pk)
    deliver.approve_batch(batch, actor=paula)
    with pytest.raises(LostRaceError):
        deliver.approve_batch(stale, actor=make_person("olga", "ops"))


def test_an_abandoned_batch_sets_its_files_free(
    batch: Batch, programme: Programme, recipient: Recipient, omar: User
) -> None:
    deliver.abandon(batch, actor=omar)
    assert len(select(programme, recipient).items) == 3


@pytest.mark.parametrize("event", ["freeze", "approve", "seal", "fall_back", "abandon"])
@pytest.mark.parametrize("state", Batch.State.values)
def test_every_other_move_is_refused(event: str, state: str, batch: Batch) -> None:
    batch.state = state
    if (event, state) in BATCH_MOVES:
        # Allowed by the table, but not the state the row really has: the guarded UPDATE finds nothing.
        Batch.objects.filter(pk=batch.pk).update(state="abandoned")
        with pytest.raises(LostRaceError):
            batch.move(event)
    else:
        with pytest.raises(MoveNotAllowedError):
            batch.move(event)


def test_artifacts_of_another_programme_are_not_touched(
    work: Submission, recipient: Recipient, programme: Programme
) -> None:
    assert select(factories.programme(title="Another"), recipient).items == []
    assert Artifact.objects.filter(submission=work).count() == len(select(programme, recipient).items)
