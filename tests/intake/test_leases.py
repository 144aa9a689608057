from __future__ import annotations

import datetime as dt
import time

import pytest
from django.db import OperationalError
from django.db.models import Q
from django.utils import timezone

from intake import leases
from intake.errors import LostLeaseError
from intake.models import Submission, User
from tests.factories import opened

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def due(alice: User) -> Submission:
    submission = opened(alice)
    Submission.objects.filter(pk=submission.pk).update(due_at=timezone.now() - dt.timedelta(seconds=1))
    return submission


def test_a_claim_raises_the_fencing_number_and_excludes_others(due: Submission) -> None:
    assert leases.claim(due, seconds=60) == 1
    assert leases.claim(due, seconds=60) is None


def test_a_row_that_is_not_due_or_has_moved_on_is_not_claimed(due: Submission) -> None:
    assert leases.claim(due, seconds=60, where=Q(state="processing")) is None
    Submission.objects.filter(pk=due.pk).update(due_at=timezone.now() + dt.timedelta(hours=1))
    assert leases.claim(due, seconds=60) is None
    Submission.objects.filter(pk=due.pk).update(due_at=None)
    assert leases.claim(due, seconds=60) is None


def test_a_lapsed_lease_is_taken_and_the_sleeper_changes_nothing(due: Submission) -> None:
    first = leases.claim(due, seconds=0)
    time.sleep(0.01)
    second = leases.claim(due, seconds=60)
    assert (first, second) == (1, 2)
    assert first is not None
    assert not leases.renew(due, first, seconds=60)
    leases.release(due, first)
    assert Submission.objects.get(pk=due.pk).lease_until is not None


def test_a_kept_lease_outlives_its_first_term(due: Submission) -> None:
    fencing = leases.claim(due, seconds=0.3)
    assert fencing is not None
    with leases.keep(due, fencing, seconds=0.3) as lease:
        time.sleep(0.8)
        assert leases.claim(due, seconds=60) is None
        lease.check()


def test_the_holder_notices_that_the_lease_was_taken(due: Submission) -> None:
    fencing = leases.claim(due, seconds=60)
    assert fencing is not None
    with leases.keep(due, fencing, seconds=60) as lease:
        Submission.objects.filter(pk=due.pk).update(fencing=fencing + 1)
        with pytest.raises(LostLeaseError):
            lease.check()


def test_a_database_that_is_busy_for_one_beat_costs_no_lease(due: Submission, monkeypatch: pytest.MonkeyPatch) -> None:
    fencing = leases.claim(due, seconds=0.6)
    assert fencing is not None
    renew, asked = leases.renew, []

    def busy_at_first(row: Submission, number: int, *, seconds: float) -> bool:
        asked.append(number)
        if len(asked) == 1:
            raise OperationalError("database is locked")
        return renew(row, number, seconds=seconds)

    monkeypatch.setattr(leases, "renew", busy_at_first)
    with leases.keep(due, fencing, seconds=0.6) as lease:
        time.sleep(1)
        assert leases.claim(due, seconds=60) is None
        lease.check()
    assert len(asked) > 1
