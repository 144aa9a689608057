from __future__ import annotations

from typing import Any

import pytest

from intake import filetypes
from intake.errors import FileRefusedError, GuardError, LostRaceError
from intake.models import Submission, User
from intake.models.submission import RightsBasis
from intake.services import contribute
from intake.services.contribute.drafting import rights_result
from intake.states import SubmissionState
from intake.views.sentences import REASONS
from redaction import media
from tests.factories import NOTE, OWN_WORK, add_file, attested, described, invitation, opened, programme, submitted

pytestmark = pytest.mark.django_db

PDF_BYTES = b"%PDF-1.7\n" + b"x" * 32


def refusal(submission: Submission, name: str, data: bytes) -> str:
    """The code with which a file is refused; it must leave nothing behind that could be submitted."""
    receiving = None
    with pytest.raises(FileRefusedError) as caught:  # noqa: PT012 - either call may refuse
        receiving = contribute.begin_artifact(
            submission, actor=submission.contributor.user, role="deliverable", untrusted_name=name
        )
        receiving.write(data)
        receiving.finish()
    if receiving is not None:
        receiving.abort()
    assert not submission.artifacts.live().exists()
    assert caught.value.sentence.endswith(".")
    return caught.value.code


class TestInvitation:
    def test_it_opens_one_draft(self, alice: User) -> None:
        assert opened(alice).state == SubmissionState.DRAFT

    def test_it_works_once(self, alice: User) -> None:
        row, _ = invitation(programme())
        contribute.open_submission(alice, row)
        with pytest.raises(GuardError):
            contribute.open_submission(alice, row)

    def test_it_does_not_work_after_no_thanks(self, alice: User) -> None:
        row, _ = invitation(programme())
        contribute.decline(row)
        with pytest.raises(GuardError):
            contribute.open_submission(alice, row)

    def test_a_closed_programme_takes_nobody(self, alice: User) -> None:
        row, _ = invitation(programme(is_open=False))
        with pytest.raises(GuardError):
            contribute.open_submission(alice, row)


class TestRights:
    @pytest.mark.parametrize(
        ("changes", "basis", "result"),
        [
            ({}, RightsBasis.SELF_OWNED, "share"),
            ({"owner": "employer", "permission": "written"}, RightsBasis.EMPLOYER_RELEASE, "share"),
            ({"owner": "employer", "permission": "written"}, RightsBasis.SELF_OWNED, "ask_first"),
            ({"owner": "employer", "permission": "not_needed"}, RightsBasis.EMPLOYER_RELEASE, "ask_first"),
            ({"owner": "employer", "permission": "no"}, RightsBasis.EMPLOYER_RELEASE, "do_not_upload"),
            ({"nda": "unsure"}, RightsBasis.SELF_OWNED, "ask_first"),
            ({"confidential": "yes"}, RightsBasis.SELF_OWNED, "ask_first"),
            ({}, RightsBasis.UNKNOWN, "ask_first"),
        ],
    )
    def test_the_answers_decide(self, changes: dict[str, str], basis: str, result: str) -> None:
        assert rights_result(OWN_WORK | changes, basis) == result

    def test_without_it_no_byte_comes_in(self, alice: User) -> None:
        assert refusal(opened(alice), "handover.md", NOTE) == "attestation"

    def test_an_answer_nobody_offered_is_refused(self, alice: User) -> None:
        with pytest.raises(GuardError):
            contribute.attest(
                opened(alice), actor=alice, answers=OWN_WORK | {"owner": "my cousin"}, basis=RightsBasis.SELF_OWNED
            )

    def test_an_answer_that_is_not_share_closes_the_upload_again(self, alice: User) -> None:
        submission = attested(alice)
        contribute.attest(submission, actor=alice, answers=OWN_WORK | {"nda": "unsure"}, basis=RightsBasis.SELF_OWNED)
        assert refusal(submission, "handover.md", NOTE) == "attestation"

    def test_nobody_answers_for_another(self, alice: User, mallory: User) -> None:
        with pytest.raises(LostRaceError):
            contribute.attest(opened(alice), actor=mallory, answers=OWN_WORK, basis=RightsBasis.SELF_OWNED)


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "data", "code"),
        [
            ("report.doc", b"\xd0\xcf\x11\xe0" + b"x" * 32, "legacy"),
            ("report.docm", b"PK\x03\x04" + b"x" * 32, "macros"),
            ("film.mp4", b"x" * 32, "type"),
            ("work.tar.gz", b"\x1f\x8b" + b"x" * 32, "form"),
            ("work.7z", b"7z\xbc\xaf" + b"x" * 32, "form"),
            ("mail.msg", b"\xd0\xcf\x11\xe0" + b"x" * 32, "form"),
            ("screen.heic", b"x" * 32, "form"),
            ("work.zip", b"Rar!" + b"x" * 32, "mismatch"),
            ("work.zip", b"MZ" + b"x" * 32, "mismatch"),
            ("screen.png", b"\xff\xd8\xff" + b"x" * 32, "mismatch"),
            ("screen.jpeg", b"\x89PNG" + b"x" * 32, "mismatch"),
            ("tool.py", b"\x7fELF" + b"x" * 32, "mismatch"),
            ("data.json", b"PK\x03\x04" + b"x" * 32, "mismatch"),
            ("archive.pdf.exe", PDF_BYTES, "type"),
            ("report.pdf", b"<!doctype html><p>hello", "mismatch"),
            ("memo.txt", PDF_BYTES, "mismatch"),
            ("memo.docx", b"\xd0\xcf\x11\xe0" + b"x" * 32, "password"),
            ("memo.md", b"", "empty"),
            ("\x00..", b"x", "name"),
        ],
    )
    def test_each_refusal_has_its_own_code(self, alice: User, s3: Any, name: str, data: bytes, code: str) -> None:
        assert refusal(attested(alice), name, data) == code

    @pytest.mark.parametrize(
        ("name", "data", "media_type"),
        [
            ("work.zip", b"PK\x03\x04" + b"x" * 32, "application/zip"),
            ("screen.PNG", b"\x89PNG\r\n\x1a\n" + b"x" * 32, "image/png"),
            ("photo.jpg", b"\xff\xd8\xff\xe0" + b"x" * 32, "image/jpeg"),
            ("page.htm", b"<p>Hello</p>", "text/html"),
            ("data.jsonl", b"{}\n", "application/x-ndjson"),
            ("study.ipynb", b"{}", "application/x-ipynb+json"),
            ("tool.py", b"print()\n", "text/x-py"),
            ("ci.yml", b"on: push\n", "text/x-yml"),
        ],
    )
    def test_each_kind_comes_in_under_its_media_type(
        self, alice: User, s3: Any, name: str, data: bytes, media_type: str
    ) -> None:
        assert add_file(attested(alice), name, data).original.media_type == media_type

    def test_each_other_form_is_told_which_one_to_save_as(self) -> None:
        for extension, (what, better) in filetypes.OTHER_FORMS.items():
            with pytest.raises(FileRefusedError) as caught:
                filetypes.check_name(f"file{extension}")
            assert (what in caught.value.sentence, better in caught.value.sentence) == (True, True)
        assert not set(filetypes.OTHER_FORMS) & (set(filetypes.BY_EXTENSION) | set(filetypes.LEGACY))

    def test_each_kind_is_one_that_the_redaction_core_takes(self) -> None:
        assert {kind.media_type for kind in filetypes.ACCEPTED} <= set(media.EXTENSIONS)

    def test_each_kind_is_one_that_the_page_names(self) -> None:
        assert set(filetypes.ACCEPT.split(",")) == set(filetypes.BY_EXTENSION)
        for extension in ("DOCX", "XLSX", "PPTX", "PDF", "EML", "CSV", "JSON", "HTML", "IPYNB", "PNG", "JPEG", "ZIP"):
            assert extension in filetypes.KINDS

    @pytest.mark.parametrize(
        ("reason", "media_type", "code"),
        [
            ("limit", "application/zip", "archive"),
            ("limit", "application/pdf", "limit"),
            ("encrypted", "application/zip", "password"),
            ("parse-failed", "application/zip", "damaged"),
            ("something new", "", "damaged"),
        ],
    )
    def test_a_refusal_of_the_check_has_a_code_of_the_page(self, reason: str, media_type: str, code: str) -> None:
        assert filetypes.refusal(reason, media_type) == code
        assert code in REASONS

    def test_a_file_over_the_limit_is_refused_and_one_at_the_limit_is_not(
        self, alice: User, s3: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(filetypes, "FILE_BYTES", 64)
        submission = attested(alice)
        assert refusal(submission, "memo.md", b"x" * 65) == "size"
        assert add_file(submission, "memo.md", b"x" * 64).original.size == 64

    def test_the_sum_and_the_number_of_files_have_limits(
        self, alice: User, s3: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(filetypes, "SUBMISSION_BYTES", 100)
        assert refusal(attested(alice), "memo.md", b"x" * 101) == "total"
        monkeypatch.setattr(filetypes, "SUBMISSION_FILES", 0)
        assert refusal(attested(alice), "memo.md", b"x") == "count"

    def test_the_same_file_twice_is_noticed(self, alice: User, s3: Any) -> None:
        submission = attested(alice)
        add_file(submission, "memo.md", NOTE)
        receiving = contribute.begin_artifact(submission, actor=alice, role="deliverable", untrusted_name="copy.md")
        receiving.write(NOTE)
        with pytest.raises(FileRefusedError) as caught:
            receiving.finish()
        assert caught.value.code == "duplicate"

    @pytest.mark.parametrize(
        ("untrusted", "safe"),
        [
            ("../../etc/passwd.md", "passwd.md"),
            ("C:\\Users\\jane\\memo.md", "memo.md"),
            ("me\u202emo\n.md", "memo.md"),
            ("e\u0301te\u0301.md", "\u00e9t\u00e9.md"),
            ("x" * 300 + ".md", "x" * (filetypes.NAME_CHARACTERS - 3) + ".md"),
        ],
    )
    def test_names_are_made_safe(self, untrusted: str, safe: str) -> None:
        assert filetypes.safe_name(untrusted) == safe


class TestSubmit:
    def test_it_works(self, alice: User, s3: Any) -> None:
        submission = submitted(alice)
        assert submission.state == SubmissionState.PROCESSING
        assert submission.due_at is not None

    def test_what_is_missing_is_listed_in_the_order_of_the_pages(self, alice: User) -> None:
        assert [gap.code for gap in contribute.missing(opened(alice))] == ["attestation", "request", "deliverable"]

    def test_it_refuses_with_the_first_thing_that_is_missing(self, alice: User, s3: Any) -> None:
        with pytest.raises(GuardError) as caught:
            contribute.submit(described(alice), actor=alice)
        assert caught.value.code == "deliverable"

    def test_employed_work_without_a_release_does_not_go(self, alice: User, s3: Any) -> None:
        submission = described(alice)
        answers = OWN_WORK | {"owner": "employer", "permission": "written"}
        contribute.attest(submission, actor=alice, answers=answers, basis=RightsBasis.EMPLOYER_RELEASE)
        artifact = add_file(submission, "memo.md", NOTE)
        contribute.set_basis(artifact, actor=alice, basis=RightsBasis.SELF_OWNED)
        assert "release" in [gap.code for gap in contribute.missing(submission)]

    def test_it_works_once(self, alice: User, s3: Any) -> None:
        submission = submitted(alice)
        stale = Submission.objects.get(pk=submission.pk)
        stale.state = SubmissionState.DRAFT
        with pytest.raises(LostRaceError):
            contribute.submit(stale, actor=alice)
