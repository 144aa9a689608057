"""Stops: a file that says it is confidential waits for a person who decides about rights."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from intake.errors import GuardError, NotAllowedError
from intake.models import Hold, Submission, User
from intake.pipeline import process
from intake.services import contribute, holds
from redaction.entities import Ack, RedactedFile, Redaction, Verdict
from tests.conftest import SignIn
from tests.factories import checked, look_at_everything

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/intake/hold/"


@pytest.fixture
def stopped(alice: User, s3: Any) -> Submission:
    submission = checked(alice)
    file = RedactedFile(
        "a", None, Verdict.NEEDS_ACK, (), "text/plain", acks=(Ack("confidentiality-mark", "l1", "rights"),)
    )
    result = Redaction(Verdict.NEEDS_ACK, (file,), (), {}, "standard", "1", "0", "x")
    process._stop_for_rights(submission, result)
    process._stop_for_rights(submission, result)
    return submission


def test_it_works(stopped: Submission, alice: User, paula: User, sign_in: SignIn) -> None:
    [hold] = stopped.holds.all()
    assert (hold.kind, hold.code, hold.placed_by) == ("rights", "confidentiality-mark", None)
    look_at_everything(stopped)
    assert [missing.code for missing in contribute.sign_blockers(stopped)] == ["on_hold"]
    desk: Client = sign_in(paula)
    assert b"confidential" in desk.get(LIST).content
    desk.post(LIST, {"action": "lift", "_selected_action": [str(hold.pk)]})
    hold.refresh_from_db()
    assert hold.lifted_by == paula
    assert contribute.sign_blockers(stopped) == []


def test_nothing_is_signed_while_it_stands(stopped: Submission, alice: User) -> None:
    look_at_everything(stopped)
    with pytest.raises(GuardError):
        contribute.prepare_signing(stopped, actor=alice, choices={}, third_party={})


def test_a_lifted_stop_is_not_placed_again_by_the_next_run(stopped: Submission, paula: User) -> None:
    assert holds.lift(stopped.holds.get(), actor=paula)
    assert not holds.lift(stopped.holds.get(), actor=paula)
    assert stopped.holds.count() == 1


def test_others_may_not(stopped: Submission, rita: User, omar: User, alice: User, sign_in: SignIn) -> None:
    hold = Hold.objects.get()
    for person in (rita, omar, alice):
        with pytest.raises(NotAllowedError):
            holds.lift(hold, actor=person)
    for person in (rita, omar):
        assert sign_in(person).post(LIST, {"action": "lift", "_selected_action": [str(hold.pk)]}).status_code == 403
    hold.refresh_from_db()
    assert hold.lifted_at is None
