"""The pages of a draft: invitation, rights check, task, files. What is wrong is said in a sentence with a way on."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from intake import filetypes
from intake.models import Invitation, Submission, User
from intake.states import ArtifactState
from intake.views.upload import QuarantineUploadHandler
from tests import factories
from tests.conftest import SignIn

Rights = dict[str, str]
OWN_WORK: Rights = factories.OWN_WORK | {"basis": "self_owned"}


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


class TestInvitation:
    def test_it_says_what_is_paid_and_what_for(self, client: Client, db: None) -> None:
        _, token = factories.invitation(factories.programme(pay_amount="40.00"))
        page = text(client.get(reverse("invitation", args=[token])))
        assert "40.00 EUR" in page
        assert "Testing AI systems" in page

    def test_going_on_leads_a_newcomer_to_an_account_and_then_into_the_draft(self, client: Client, db: None) -> None:
        _, token = factories.invitation(factories.programme(), "new@example.org")
        answer = client.post(reverse("invitation", args=[token]))
        assert answer.headers["Location"] == "/accounts/signup/?email=new%40example.org&next=%2Finvited%2F"
        assert client.get(answer.headers["Location"]).status_code == 200

    def test_somebody_with_an_account_is_led_to_sign_in(self, client: Client, alice: User) -> None:
        _, token = factories.invitation(factories.programme(), alice.email)
        assert client.post(reverse("invitation", args=[token])).headers["Location"].startswith("/accounts/login/?")

    def test_the_draft_opens_only_after_continue_was_pressed(self, alice: User, sign_in: SignIn) -> None:
        client = sign_in(alice)
        _, token = factories.invitation(factories.programme(), alice.email)
        client.get(reverse("invitation", args=[token]))
        client.get(reverse("invitation_open"))
        assert not Submission.objects.exists()

        answer = client.post(reverse("invitation", args=[token]), follow=True)
        assert answer.redirect_chain[-1][0] == reverse("submission", args=[Submission.objects.get().pk])

    def test_no_thanks_ends_it(self, client: Client, db: None) -> None:
        row, token = factories.invitation(factories.programme())
        assert client.post(reverse("decline", args=[token])).status_code == 200
        assert not Invitation.objects.usable().filter(pk=row.pk).exists()
        assert client.get(reverse("invitation", args=[token])).status_code == 410

    @pytest.mark.parametrize("change", [{"used_at": timezone.now()}, {"expires_at": timezone.now() - dt.timedelta(1)}])
    def test_one_that_is_over_says_how_to_get_a_new_one(
        self, client: Client, db: None, change: dict[str, dt.datetime]
    ) -> None:
        row, token = factories.invitation(factories.programme(contact="ask@example.org"))
        Invitation.objects.filter(pk=row.pk).update(**change)
        answer = client.get(reverse("invitation", args=[token]))
        assert answer.status_code == 410
        assert "ask@example.org" in text(answer)

    def test_nobody_makes_an_account_without_one(self, client: Client, db: None) -> None:
        assert "You need an invitation" in text(client.get(reverse("account_signup")))
        client.post(reverse("account_signup"), {"email": "stranger@example.org"})
        assert not User.objects.filter(email="stranger@example.org").exists()


class TestRights:
    def test_every_question_has_to_be_answered(self, alice: User, sign_in: SignIn) -> None:
        submission = factories.opened(alice)
        answer = sign_in(alice).post(reverse("rights", args=[submission.pk]), OWN_WORK | {"nda": ""})
        assert answer.status_code == 422
        assert "Did you sign an agreement to keep it secret?: Choose one answer." in text(answer)

    @pytest.mark.parametrize(
        ("answers", "heading"),
        [
            ({"nda": "unsure"}, "Ask first"),
            ({"owner": "employer", "permission": "unsure"}, "Ask first"),
            ({"owner": "employer", "permission": "no"}, "Please do not upload this"),
        ],
    )
    def test_without_a_clear_right_the_upload_stays_closed(
        self, alice: User, sign_in: SignIn, answers: Rights, heading: str
    ) -> None:
        client, submission = sign_in(alice), factories.opened(alice)
        assert heading in text(client.post(reverse("rights", args=[submission.pk]), OWN_WORK | answers))

        file = SimpleUploadedFile("memo.md", b"hello")
        assert client.post(reverse("upload", args=[submission.pk]), {"deliverable": file}).status_code == 403
        assert not submission.artifacts.exists()

    def test_a_clear_right_leads_to_the_task(self, alice: User, sign_in: SignIn) -> None:
        submission = factories.opened(alice)
        answer = sign_in(alice).post(reverse("rights", args=[submission.pk]), OWN_WORK)
        assert answer.headers["Location"] == reverse("describe", args=[submission.pk])


class TestTask:
    def test_the_request_is_needed(self, alice: User, sign_in: SignIn) -> None:
        submission = factories.attested(alice)
        answer = sign_in(alice).post(reverse("describe", args=[submission.pk]), {"task_request": ""})
        assert answer.status_code == 422
        assert "Write what you were asked to do." in text(answer)

    def test_it_is_saved_once_and_its_facts_can_change_without_typing_it_again(
        self, s3: Callable[..., object], alice: User, sign_in: SignIn
    ) -> None:
        client, submission = sign_in(alice), factories.described(alice)
        facts = {"provenance_class": "authentic", "occupation": "Buyer", "sector": "Retail", "task_request": ""}
        assert client.post(reverse("describe", args=[submission.pk]), facts).status_code == 302
        submission.refresh_from_db()
        assert submission.occupation == "Buyer"
        assert submission.artifacts.live().filter(role="request").count() == 1
        assert factories.REQUEST not in text(client.get(reverse("describe", args=[submission.pk])))


class TestFiles:
    def send(self, client: Client, submission: Submission, *files: SimpleUploadedFile, **headers: str) -> HttpResponse:
        return client.post(  # type: ignore[return-value]  # the test client's answer is one
            reverse("upload", args=[submission.pk]), {"deliverable": list(files)}, headers=headers or None
        )

    def test_a_bad_file_never_drops_the_good_ones(
        self, s3: Callable[..., object], alice: User, sign_in: SignIn
    ) -> None:
        submission = factories.attested(alice)
        files = [
            SimpleUploadedFile("good.md", b"# A note"),
            SimpleUploadedFile("old.doc", b"\xd0\xcf\x11\xe0 old"),
            SimpleUploadedFile("rates.csv", b"a,b\n1,2\n"),
            SimpleUploadedFile("page.pdf", b"<html>not a pdf</html>"),
        ]
        answer = self.send(sign_in(alice), submission, *files)
        page = text(answer)
        assert answer.status_code == 422
        assert "This is an older Word file. Save it as .docx and add it again." in page
        assert "<bdi>page.pdf</bdi>: The name says PDF" in page
        assert "2 other files arrived safely." in page
        assert submission.artifacts.filter(state=ArtifactState.RECEIVED).count() == 2

    @pytest.mark.parametrize(("code", "last"), [("duplicate", b"# again"), ("empty", b"")])
    def test_twins_and_empty_files_are_refused_with_a_sentence(
        self, s3: Callable[..., object], alice: User, sign_in: SignIn, code: str, last: bytes
    ) -> None:
        client, submission = sign_in(alice), factories.attested(alice)
        self.send(client, submission, SimpleUploadedFile("one.md", b"# again"))
        answer = self.send(client, submission, SimpleUploadedFile("two.md", last))
        assert filetypes.SENTENCES[code] in text(answer)
        assert submission.artifacts.filter(state=ArtifactState.RECEIVED).count() == 1

    def test_a_script_gets_the_same_answer_as_json(
        self, s3: Callable[..., object], alice: User, sign_in: SignIn
    ) -> None:
        client, submission = sign_in(alice), factories.attested(alice)
        good = self.send(client, submission, SimpleUploadedFile("a.md", b"# a"), accept="application/json")
        bad = self.send(client, submission, SimpleUploadedFile("a.exe", b"MZ"), accept="application/json")
        assert json.loads(good.content) == {"added": 1, "refused": []}
        assert [row["code"] for row in json.loads(bad.content)["refused"]] == ["type"]

    def test_no_file_at_all_is_said(self, alice: User, sign_in: SignIn) -> None:
        submission = factories.attested(alice)
        assert filetypes.SENTENCES["none"] in text(self.send(sign_in(alice), submission))

    def test_more_than_the_limit_is_refused_before_it_is_read(self, alice: User, sign_in: SignIn) -> None:
        submission = factories.attested(alice)
        answer = sign_in(alice).generic(
            "POST",
            reverse("upload", args=[submission.pk]),
            b"",
            content_type="multipart/form-data; boundary=x",
            CONTENT_LENGTH=str(filetypes.SUBMISSION_BYTES * 2),
        )
        assert answer.status_code == 413
        assert filetypes.SENTENCES["total"] in text(answer)

    def test_without_the_token_of_our_form_nothing_is_kept(
        self, s3: Callable[..., object], alice: User, sign_in: SignIn
    ) -> None:
        """The files are read before the token is: what arrived has to be destroyed again."""
        submission = factories.attested(alice)
        client = sign_in(alice)
        client.handler.enforce_csrf_checks = True
        client.get(reverse("upload", args=[submission.pk]))
        form = {"csrfmiddlewaretoken": "x" * 64, "deliverable": SimpleUploadedFile("a.md", b"# a")}
        answer = client.post(reverse("upload", args=[submission.pk]), form)
        assert answer.status_code == 403
        assert set(submission.artifacts.values_list("state", flat=True)) == {ArtifactState.PURGED}
        assert not any(a.original.wrapped_key for a in submission.artifacts.select_related("original"))

    def test_the_limits_on_the_page_are_the_servers(self, alice: User, sign_in: SignIn) -> None:
        page = text(sign_in(alice).get(reverse("upload", args=[factories.attested(alice).pk])))
        assert filetypes.LIMITS_TEXT in page
        assert f'accept="{filetypes.ACCEPT}"' in page
        assert f'data-file-bytes="{filetypes.FILE_BYTES}"' in page

    def test_a_file_can_change_its_role_and_its_basis_and_be_removed(
        self, s3: Callable[..., object], alice: User, sign_in: SignIn
    ) -> None:
        client, submission = sign_in(alice), factories.attested(alice)
        file = factories.add_file(submission, "a.md", b"# a")
        prefix = f"f{str(file.pk)[:8]}"
        change = {f"{prefix}-role": "reference", f"{prefix}-basis": "public", f"{prefix}-public_url": ""}

        client.post(reverse("change_file", args=[submission.pk, file.pk]), change)
        file.refresh_from_db()
        assert file.role == "deliverable"

        change[f"{prefix}-public_url"] = "https://example.org/report"
        client.post(reverse("change_file", args=[submission.pk, file.pk]), change)
        file.refresh_from_db()
        assert (file.role, file.rights_basis, file.public_url) == (
            "reference",
            "public",
            "https://example.org/report",
        )

        client.post(reverse("remove_file", args=[submission.pk, file.pk]))
        file.refresh_from_db()
        assert file.state == ArtifactState.PURGED

    def test_the_start_button_says_everything_that_is_missing(self, alice: User, sign_in: SignIn) -> None:
        submission = factories.opened(alice)
        answer = sign_in(alice).post(reverse("start", args=[submission.pk]))
        page = text(answer)
        assert answer.status_code == 422
        assert "Answer the questions about your rights." in page
        assert "Add at least one file that you made." in page


def test_a_handler_nobody_armed_refuses_every_file(alice: User, db: None) -> None:
    """As it stands in the settings, for every other form of the site."""
    request = RequestFactory().post("/", {"deliverable": SimpleUploadedFile("a.md", b"# a"), "word": "kept"})
    request.upload_handlers = [QuarantineUploadHandler(request)]
    assert request.POST["word"] == "kept"
    assert not request.FILES
