"""The ops desk: counts before anything runs, two people for every batch, and nobody else gets in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from intake.models import Batch, Programme, Recipient, Submission, User
from intake.pipeline import batch as pipeline
from intake.services import contribute, deliver
from tests import factories
from tests.conftest import SignIn
from tests.intake import shelf

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("s3")]

NEW = "/admin/intake/batch/add/"


@pytest.fixture
def programme() -> Programme:
    return factories.programme()


@pytest.fixture
def recipient() -> Recipient:
    return factories.recipient()


@pytest.fixture
def work(alice: User, rita: User, programme: Programme) -> Submission:
    return shelf.approved_work(alice, rita, programme)


@pytest.fixture
def query(work: Submission, programme: Programme, recipient: Recipient) -> dict[str, str]:
    return {"programme": str(programme.pk), "recipient": str(recipient.pk), "purpose": "evaluation"}


@pytest.fixture
def batch(work: Submission, programme: Programme, recipient: Recipient, omar: User) -> Batch:
    return shelf.frozen(omar, programme, recipient)


def address(name: str, batch: Batch) -> str:
    return reverse(f"admin:intake_batch_{name}", args=[batch.pk])


def text(answer: Any) -> str:
    """The words of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_counts_come_before_anything_is_frozen(query: dict[str, str], omar: User, sign_in: SignIn) -> None:
    page = sign_in(omar).get(NEW, query)
    assert page.status_code == 200
    assert "3 can go" in text(page)
    assert "Freeze 3" in text(page)
    assert not Batch.objects.exists()


def test_what_is_left_out_is_told_with_its_reason(
    query: dict[str, str], alice: User, rita: User, programme: Programme, omar: User, sign_in: SignIn
) -> None:
    contribute.withdraw(shelf.approved_work(alice, rita, programme), actor=alice)
    page = text(sign_in(omar).get(NEW, query))
    assert "3 can go, 3 are left out" in page
    assert "The contributor withdrew this file or this use." in page


def test_a_purpose_without_an_agreement_is_explained(query: dict[str, str], omar: User, sign_in: SignIn) -> None:
    page = sign_in(omar).get(NEW, query | {"purpose": "training"})
    assert page.status_code == 200
    assert "This purpose is not agreed with this programme and this recipient." in text(page)


def test_two_people_take_a_batch_from_the_query_to_the_sealed_bag(
    query: dict[str, str], omar: User, paula: User, sign_in: SignIn
) -> None:
    builder, second = sign_in(omar), sign_in(paula)
    answer = builder.post(NEW, query, follow=True)
    batch = Batch.objects.get()
    assert (batch.state, batch.builder) == ("frozen", omar)
    assert "Somebody else has to look at it and approve it." in text(answer)
    page = second.get(address("change", batch))
    assert f"Approve {batch.number}" in text(page)
    second.post(address("approve", batch), {"list_digest": deliver.list_digest(batch)})
    batch.refresh_from_db()
    assert (batch.state, batch.approver) == ("approved", paula)
    waiting = second.get(address("change", batch))
    assert waiting.headers["Refresh"] == "5"
    assert "Refresh" not in second.get(address("change", batch) + "?still").headers
    assert pipeline.build_and_seal(batch.pk) == "sealed"
    batch.refresh_from_db()
    done = text(builder.get(address("change", batch)))
    assert batch.manifest_sha256 in done
    assert "python -m consent verify-batch . --trust" in done
    assert list(LogEntry.objects.order_by("pk").values_list("user", flat=True)) == [omar.pk, paula.pk]


def test_the_builder_has_no_approve_button_and_no_way_round_it(batch: Batch, omar: User, sign_in: SignIn) -> None:
    desk = sign_in(omar)
    assert f"Approve {batch.number}" not in text(desk.get(address("change", batch)))
    answer = desk.post(address("approve", batch), {"list_digest": deliver.list_digest(batch)}, follow=True)
    assert "You built this batch, so somebody else has to approve it." in text(answer)
    batch.refresh_from_db()
    assert batch.state == "frozen"


@pytest.mark.parametrize("list_digest", ["", "0" * 64])
def test_an_approval_of_another_list_is_refused(list_digest: str, batch: Batch, paula: User, sign_in: SignIn) -> None:
    sign_in(paula).post(address("approve", batch), {"list_digest": list_digest})
    batch.refresh_from_db()
    assert batch.state == "frozen"


def test_approving_asks_for_the_second_factor_again(batch: Batch, paula: User, sign_in: SignIn) -> None:
    Authenticator.objects.create(user=paula, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})
    answer = sign_in(paula).post(address("approve", batch), {"list_digest": deliver.list_digest(batch)})
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    batch.refresh_from_db()
    assert batch.state == "frozen"


def test_a_refused_batch_says_why_and_can_be_frozen_again(
    batch: Batch,
    work: Submission,
    alice: User,
    rita: User,
    programme: Programme,
    omar: User,
    paula: User,
    sign_in: SignIn,
) -> None:
    shelf.approved_work(alice, rita, programme)
    deliver.approve_batch(batch, actor=paula)
    contribute.withdraw(work, actor=alice)
    assert pipeline.build_and_seal(batch.pk) == "withdrawn"
    desk = sign_in(omar)
    page = text(desk.get(address("change", batch)))
    assert "It was not sealed, and nothing left. The contributor withdrew this file or this use. File " in page
    answer = desk.post(address("again", batch), follow=True)
    new = Batch.objects.exclude(pk=batch.pk).get()
    assert f"{new.number} is frozen in place of {batch.number}." in text(answer)


def test_an_abandoned_batch_is_out_of_the_way(batch: Batch, omar: User, sign_in: SignIn) -> None:
    sign_in(omar).post(address("abandon", batch))
    batch.refresh_from_db()
    assert batch.state == "abandoned"


def test_the_list_shows_state_and_counts(batch: Batch, omar: User, sign_in: SignIn) -> None:
    page = text(sign_in(omar).get(reverse("admin:intake_batch_changelist")))
    assert batch.number in page
    assert "Waiting for a second person" in page


def test_no_page_has_inline_script_or_style(batch: Batch, query: dict[str, str], paula: User, sign_in: SignIn) -> None:
    desk = sign_in(paula)
    for page in (desk.get(NEW, query), desk.get(address("change", batch)), desk.get("/admin/intake/batch/")):
        html = page.content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)(?![^>]*application/json)", html)


def test_ops_see_no_name_of_a_person(batch: Batch, alice: User, paula: User, sign_in: SignIn) -> None:
    desk = sign_in(paula)
    for page in (desk.get(address("change", batch)), desk.get("/admin/intake/batch/")):
        assert alice.email not in page.content.decode()
        assert "omar@" not in page.content.decode()


PAGES = ("change", "history")
DEEDS = ("approve", "abandon", "again")


@pytest.mark.parametrize("name", ["rita", "alice", "mallory"])
def test_nobody_but_ops_sees_or_does_anything(
    name: str, batch: Batch, query: dict[str, str], sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    stranger: Client = sign_in(request.getfixturevalue(name))
    answers = [stranger.get(address(page, batch)) for page in PAGES]
    answers += [stranger.post(address(deed, batch)) for deed in DEEDS]
    answers += [stranger.get(NEW, query), stranger.post(NEW, query), stranger.get("/admin/intake/batch/")]
    assert {answer.status_code for answer in answers} <= {302, 403}
    assert not any(batch.number in answer.content.decode() for answer in answers)
    batch.refresh_from_db()
    assert (batch.state, Batch.objects.count()) == ("frozen", 1)


def test_a_batch_is_never_edited_or_deleted_here(batch: Batch, omar: User, sign_in: SignIn) -> None:
    desk = sign_in(omar)
    desk.post(address("change", batch), {"state": "sealed"})
    assert desk.post(address("delete", batch), {"post": "yes"}).status_code == 403
    batch.refresh_from_db()
    assert batch.state == "frozen"


def test_an_unknown_batch_is_not_there(batch: Batch, omar: User, sign_in: SignIn) -> None:
    desk = sign_in(omar)
    assert desk.get(f"/admin/intake/batch/{shelf.some_id()}/change/").status_code == 404
    assert desk.get("/admin/intake/batch/nonsense/change/").status_code == 404
