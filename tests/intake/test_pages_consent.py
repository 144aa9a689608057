"""The pages from the check to the withdrawal, over files that the real engine redacted."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from intake.models import Submission, User
from intake.pipeline import process
from intake.services import contribute
from intake.states import SubmissionState
from tests import factories
from tests.conftest import SignIn

S3 = Callable[..., object]
ABOUT_OTHERS = {"others_named": "yes", "confidential_marked": "no", "special_category": "no", "secrecy_duty": "no"}


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


def page_of(client: Client, name: str, submission: Submission, *more: object) -> str:
    return text(client.get(reverse(name, args=[submission.pk, *more])))


def chosen(client: Client, submission: Submission, decision: str = "given") -> None:
    choices = dict.fromkeys(submission.programme.purposes, decision)
    uses = {f"purpose_{name}": answer for name, answer in choices.items()}
    answer = client.post(reverse("choose", args=[submission.pk]), uses | ABOUT_OTHERS)
    if decision == "given":
        assert answer.headers["Location"] == reverse("understand", args=[submission.pk])
        asked = contribute.quiz(submission, choices, {name: value == "yes" for name, value in ABOUT_OTHERS.items()})
        right = {question.place: question.right for question in asked.questions}
        answer = client.post(reverse("understand", args=[submission.pk]), right)
    assert answer.headers["Location"] == reverse("sign", args=[submission.pk])


@pytest.fixture
def submission(s3: S3, alice: User) -> Submission:
    return factories.checked(alice)


@pytest.fixture
def client(alice: User, sign_in: SignIn) -> Client:
    return sign_in(alice)


def test_a_copy_shows_the_result_and_beside_it_what_was_hidden(submission: Submission, client: Client) -> None:
    file = submission.artifacts.get(role="deliverable")
    page = page_of(client, "check_file", submission, file.pk)
    assert "+44 20 7946 0958" in page  # the owner's list
    result = page[page.index('id="result-title"') : page.index("<aside")]
    assert "+44 20 7946 0958" not in result
    assert re.search(r'<mark class="token">\[PHONE_1\]</mark>', result)


def test_the_copy_can_be_downloaded_and_is_the_bytes_that_would_be_signed(
    submission: Submission, client: Client
) -> None:
    file = submission.artifacts.select_related("revision").get(role="deliverable")
    answer = client.get(reverse("copy", args=[submission.pk, file.pk]))
    assert file.revision is not None
    assert len(answer.content) == file.revision.size
    assert b"7946 0958" not in answer.content
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_more_words_are_hidden_with_the_next_copy(submission: Submission, client: Client) -> None:
    client.post(reverse("hide", args=[submission.pk]), {"words": "night shift\naudit"})
    assert "2 changes not applied yet" in page_of(client, "check", submission)

    assert client.post(reverse("make_copy", args=[submission.pk])).headers["Location"].endswith("/progress/")
    assert "Your files are being checked" in page_of(client, "progress", submission)
    process.process_submission(submission.pk)
    file = submission.artifacts.get(role="deliverable")
    page = page_of(client, "check_file", submission, file.pk)
    assert "audit" not in page[page.index('id="result-title"') : page.index("<aside")]


def test_a_wish_can_be_taken_back(submission: Submission, client: Client) -> None:
    client.post(reverse("hide", args=[submission.pk]), {"words": "audit"})
    undo = re.search(r'action="(/s/[^"]+/edits/[^"]+/undo/)"', page_of(client, "check", submission))
    assert undo
    client.post(undo[1])
    assert "not applied yet" not in page_of(client, "check", submission)


def test_nothing_to_hide_is_said(submission: Submission, client: Client) -> None:
    answer = client.post(reverse("hide", args=[submission.pk]), {"words": " \n "}, follow=True)
    assert "Write at least one word to hide." in text(answer)


def test_a_file_is_left_out_and_put_back(submission: Submission, client: Client) -> None:
    file = submission.artifacts.get(role="deliverable")
    client.post(reverse("leave_out", args=[submission.pk, file.pk]))
    page = page_of(client, "check", submission)
    assert "Left out" in page
    assert "At least one file that you made must be ready." in page
    client.post(reverse("put_back", args=[submission.pk, file.pk]))
    assert "1 change not applied yet" in page_of(client, "check", submission)


def test_no_answer_is_ticked_beforehand_and_each_is_needed(submission: Submission, client: Client) -> None:
    assert not re.search(r"<input[^>]*\schecked", page_of(client, "choose", submission))
    answer = client.post(reverse("choose", args=[submission.pk]), ABOUT_OTHERS)
    assert answer.status_code == 422
    assert "Testing AI systems: Choose one answer." in text(answer)


def test_the_sign_page_names_files_uses_pay_and_signs_with_the_mailed_code(
    submission: Submission, client: Client
) -> None:
    chosen(client, submission)
    page = page_of(client, "sign", submission)
    for file in submission.artifacts.leaving().select_related("revision"):
        assert file.revision is not None
        assert file.revision.sha256[:16] in page
    assert "40.00 EUR" in page

    wrong = client.post(reverse("sign", args=[submission.pk]), {"typed_name": "Alice Example", "code": "WRONGONE"})
    assert wrong.status_code == 422
    assert "id_code_error" in text(wrong)

    signed = {"typed_name": "Alice Example", "code": factories.last_code()}
    assert client.post(reverse("sign", args=[submission.pk]), signed).headers["Location"].endswith("/sent/")
    submission.refresh_from_db()
    assert submission.signed_at is not None
    receipt = page_of(client, "receipt", submission)
    assert submission.consent_record is not None
    assert submission.consent_record.record_sha256 in receipt
    data = client.get(reverse("receipt_json", args=[submission.pk])).json()
    assert data["documents"]["record"] == submission.consent_record.record
    assert "Alice Example" not in str(data)


def test_a_code_is_tried_only_a_few_times(submission: Submission, client: Client) -> None:
    chosen(client, submission)
    code = factories.last_code()
    for _ in range(5):
        client.post(reverse("sign", args=[submission.pk]), {"typed_name": "Alice Example", "code": "WRONGONE"})
    client.post(reverse("sign", args=[submission.pk]), {"typed_name": "Alice Example", "code": code})
    submission.refresh_from_db()
    assert submission.signed_at is None


def test_a_new_code_replaces_the_one_before(submission: Submission, client: Client) -> None:
    chosen(client, submission)
    old = factories.last_code()
    client.post(reverse("new_code", args=[submission.pk]))
    answer = client.post(reverse("sign", args=[submission.pk]), {"typed_name": "Alice Example", "code": old})
    assert answer.status_code == 422


def test_refusing_every_use_sends_nothing(submission: Submission, client: Client) -> None:
    chosen(client, submission, "refused")
    assert "Sign the refusal" in page_of(client, "sign", submission)
    signed = {"typed_name": "Alice Example", "code": factories.last_code()}
    answer = client.post(reverse("sign", args=[submission.pk]), signed, follow=True)
    submission.refresh_from_db()
    assert submission.state == SubmissionState.WITHDRAWN
    assert "Your refusal is recorded" in text(answer)


def test_signing_without_having_chosen_leads_to_the_choice(submission: Submission, client: Client) -> None:
    answer = client.get(reverse("sign", args=[submission.pk]))
    assert answer.headers["Location"] == reverse("choose", args=[submission.pk])


def test_withdrawing_takes_two_clicks_and_can_be_undone_for_a_day(submission: Submission, client: Client) -> None:
    address = reverse("withdraw", args=[submission.pk])
    assert address in page_of(client, "submission", submission)
    client.post(address)
    submission.refresh_from_db()
    assert submission.state == SubmissionState.WITHDRAWN

    client.post(reverse("start_again", args=[submission.pk]))
    submission.refresh_from_db()
    assert submission.state == SubmissionState.DRAFT


def test_erasing_at_once_works_right_after_signing_in(submission: Submission, client: Client) -> None:
    client.post(reverse("withdraw", args=[submission.pk]), {"erase_now": "yes"})
    submission.refresh_from_db()
    assert submission.state == SubmissionState.WITHDRAWN
    assert submission.erase_due_at is not None
    assert submission.withdrawn_at == submission.erase_due_at


def test_erasing_at_once_needs_a_fresh_code(submission: Submission, client: Client) -> None:
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    answer = client.post(reverse("withdraw", args=[submission.pk]), {"erase_now": "yes"}, follow=True)
    assert "sign in with a new code" in text(answer)
    submission.refresh_from_db()
    assert submission.state == SubmissionState.CHECKING


def test_the_timeline_tells_every_step_without_a_name(submission: Submission, client: Client, alice: User) -> None:
    page = page_of(client, "timeline", submission)
    assert "You accepted the invitation" in page
    assert "The copies are ready" in page
    assert alice.email not in page


def test_a_page_of_a_person_is_stored_nowhere(submission: Submission, client: Client) -> None:
    answer = client.get(reverse("submission", args=[submission.pk]))
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert client.post(reverse("account_logout")).headers["Clear-Site-Data"] == '"cache", "storage"'
