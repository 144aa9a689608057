"""A newer notice: the page asks, the old agreement holds until then, and the renewed one carries the same files."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent import bundle
from consent import services as consent
from consent.models import ConsentRecord, Statement
from intake.errors import LostRaceError
from intake.models import Original, Outbox, Programme, Submission, User
from intake.pipeline import outbox
from intake.services import contribute
from tests import factories
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db(transaction=True)
S3 = Callable[..., object]
ABOUT_OTHERS = {"others_named": "yes", "confidential_marked": "no", "special_category": "no", "secrecy_duty": "no"}


@pytest.fixture
def submission(s3: S3, alice: User, rita: User) -> Submission:
    """Approved, signed under the notice of 2026-11, before the programme took the next one."""
    programme = factories.programme(notice_version="2026-11")
    approved = factories.approved(alice, rita, in_programme=programme)
    for row in Outbox.objects.filter(kind=Outbox.Kind.RELEASE):
        assert outbox.send(row.pk) == "sent"
    return approved


def newer_notice(submission: Submission) -> None:
    Programme.objects.filter(pk=submission.programme_id).update(notice_version="2026-12")
    submission.refresh_from_db()


@pytest.fixture
def client(alice: User, sign_in: SignIn) -> Client:
    return sign_in(alice)


def page_of(client: Client, submission: Submission) -> str:
    return client.get(reverse("submission", args=[submission.pk])).content.decode()


def sign_anew(client: Client, submission: Submission, decision: str) -> None:
    """From the button of the request to the signature, page by page."""
    uses = {f"purpose_{name}": decision for name in submission.programme.purposes}
    client.post(reverse("choose", args=[submission.pk]), uses | ABOUT_OTHERS)
    if decision == "given":
        about_others = {name: answer == "yes" for name, answer in ABOUT_OTHERS.items()}
        asked = contribute.quiz(submission, dict.fromkeys(submission.programme.purposes, decision), about_others)
        right = {question.place: question.right for question in asked.questions}
        client.post(reverse("understand", args=[submission.pk]), right)
    signed = {"typed_name": "Alice Example", "code": factories.last_code()}
    answer = client.post(reverse("sign", args=[submission.pk]), signed)
    assert answer.headers["Location"] == reverse("sent", args=[submission.pk])
    submission.refresh_from_db()


def test_a_renewal_is_asked_for_and_until_then_the_old_terms_hold(submission: Submission, client: Client) -> None:
    assert "The notice has changed" not in page_of(client, submission)
    first = submission.consent_record

    newer_notice(submission)

    page = page_of(client, submission)
    assert "The notice has changed" in page
    assert reverse("choose", args=[submission.pk]) in page
    assert "What changed since the version you signed (2026-11)" in page
    assert submission.consent_record == first
    assert first is not None
    assert consent.is_given(first)
    for artifact_id, digest in consent.signed_digests(first).items():
        packed = consent.released_bundle(uuid.UUID(artifact_id), digest)
        assert bundle.verify(digest, packed, trust=consent.trust_fingerprint(), now=timezone.now())


def test_what_was_renewed_is_sealed_and_released_under_the_new_record(submission: Submission, client: Client) -> None:
    first = submission.consent_record
    assert first is not None
    newer_notice(submission)

    sign_anew(client, submission, "given")

    renewed = submission.consent_record
    assert renewed is not None
    assert (renewed.state, renewed.previous, renewed.notice.version) == ("renewed", first, "2026-12")
    assert submission.state == "approved"
    assert not consent.is_given(first)
    assert consent.signed_digests(renewed) == consent.signed_digests(first)
    for artifact_id, digest in consent.signed_digests(renewed).items():
        packed = consent.released_bundle(uuid.UUID(artifact_id), digest)
        later = timezone.now() + dt.timedelta(seconds=2)
        said = bundle.verify(digest, packed, trust=consent.trust_fingerprint(), now=later, purpose="evaluation")
        assert said.record_id == str(renewed.pk)
    assert Statement.objects.filter(kind="release", record=first).exists()
    assert "The notice has changed" not in page_of(client, submission)


def test_a_renewal_between_the_approval_and_its_release(s3: S3, client: Client, alice: User, rita: User) -> None:
    waiting = factories.approved(alice, rita, in_programme=factories.programme(notice_version="2026-11"))
    newer_notice(waiting)
    sign_anew(client, waiting, "given")

    for row in Outbox.objects.filter(kind=Outbox.Kind.RELEASE):
        assert outbox.send(row.pk) == "sent"

    record = waiting.consent_record
    assert record is not None
    for artifact_id, digest in consent.signed_digests(record).items():
        packed = consent.released_bundle(uuid.UUID(artifact_id), digest)
        later = timezone.now() + dt.timedelta(seconds=2)
        assert bundle.verify(digest, packed, trust=consent.trust_fingerprint(), now=later, purpose="evaluation")


def test_the_originals_need_not_be_there_any_more(submission: Submission, client: Client) -> None:
    first = submission.consent_record
    assert first is not None
    Original.objects.filter(artifact__submission=submission).update(wrapped_key=None)
    newer_notice(submission)

    sign_anew(client, submission, "given")

    renewed = submission.consent_record
    assert renewed is not None
    assert consent.parsed(renewed)["artifacts"] == consent.parsed(first)["artifacts"]


def test_a_renewal_refused_ends_the_agreement(submission: Submission, client: Client) -> None:
    newer_notice(submission)

    sign_anew(client, submission, "refused")

    assert submission.state == "withdrawn"
    records = ConsentRecord.objects.filter(submission_id=submission.pk).order_by("at")
    assert [record.state for record in records] == ["given", "refused"]
    assert not consent.live_grants(timezone.now()).exists()


def test_nothing_is_signed_anew_while_the_notice_is_the_same(submission: Submission, alice: User) -> None:
    with pytest.raises(LostRaceError):
        contribute.prepare_signing(
            submission, actor=alice, choices={"evaluation": "given"}, third_party=factories.NO_SECRETS
        )


def test_the_choice_shows_what_changed_since_one_signed_last(
    submission: Submission, client: Client, alice: User
) -> None:
    """Also where it was for another piece of work."""
    newer_notice(submission)
    other = factories.checked(alice, in_programme=factories.programme())

    page = client.get(reverse("choose", args=[other.pk])).content.decode()

    assert "What changed since the version you signed (2026-11)" in page
    assert "<strong>Put in:</strong>" in page
    assert "<strong>Taken out:</strong>" in page
