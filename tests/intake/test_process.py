from __future__ import annotations

from typing import Any

import pytest

from intake.models import Artifact, Revision, StoredObject, Submission, User
from intake.pipeline import process, reconcile
from intake.services import contribute
from intake.states import ArtifactState, SubmissionState
from redaction.models import Edit, RecordedEntity, RecordedFinding
from tests.factories import NOTE, add_file, checked, described, look_at_everything, submitted
from tests.leaks import found

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = {"Ingeborg Falkenrath", "+44 20 7946 0958"}


def copy_of(artifact: Artifact) -> str:
    return " ".join(block.text for block in contribute.preview(artifact).blocks)


def test_it_works(alice: User, s3: Any) -> None:
    submission = checked(alice)
    artifact = submission.artifacts.get(role="deliverable")
    assert submission.state == SubmissionState.CHECKING
    assert artifact.state == ArtifactState.READY
    text = copy_of(artifact)
    assert "[PERSON_1]" in text
    assert "before the audit" in text
    assert not found(NAMES, text.encode())


def test_one_person_has_one_token_in_all_files(alice: User, s3: Any) -> None:
    files = {"a.md": NOTE, "b.md": b"# Minutes\n\nFalkenrath, Ingeborg was excused. I. Falkenrath will call back.\n"}
    submission = checked(alice, files)
    person = RecordedEntity.objects.get(run__scope_id=submission.pk, entity_type="PERSON")
    for artifact in submission.artifacts.filter(role="deliverable"):
        assert person.token in copy_of(artifact)
        assert not found({"Falkenrath", "Ingeborg"}, copy_of(artifact).encode())


def test_rows_hold_no_found_text(alice: User, s3: Any) -> None:
    submission = checked(alice)
    kept = [
        *RecordedFinding.objects.values_list("token", "anchor", "source"),
        *Revision.objects.values_list("name", "staging_key"),
        *RecordedEntity.objects.values_list("token", "sealed"),
        *(str(report) for report in submission.artifacts.values_list("revision__run__report", flat=True)),
    ]
    assert not found(NAMES | {"Falkenrath"}, str(kept).encode())
    assert ("Ingeborg Falkenrath",) in [entity.texts[:1] for entity in contribute.removed(submission)]


def test_a_word_the_contributor_hides_is_gone_from_the_next_copy(alice: User, s3: Any) -> None:
    submission = checked(alice)
    contribute.hide(submission, actor=alice, words=["audit"])
    assert contribute.pending_edits(submission)[0][1] == "audit"
    contribute.make_copy(submission, actor=alice)
    assert process.process_submission(submission.pk) == "finish"
    submission.refresh_from_db()
    artifact = submission.artifacts.get(role="deliverable")
    assert not found({"audit"}, copy_of(artifact).encode())
    assert artifact.revision is not None
    assert artifact.revision.number == 2
    assert artifact.revision.opened_at is None
    assert not contribute.pending_edits(submission)
    assert b"audit" not in bytes(Edit.objects.get().sealed)


def test_a_file_left_out_is_in_no_copy_and_can_be_put_back(alice: User, s3: Any) -> None:
    submission = checked(alice, {"a.md": NOTE, "b.md": b"# Nothing private here\n"})
    out = submission.artifacts.filter(role="deliverable").first()
    assert out is not None
    contribute.exclude(out, actor=alice)
    assert out.pk not in {a.pk for a in submission.artifacts.leaving()}
    contribute.include(out, actor=alice)
    assert [gap.code for gap in contribute.sign_blockers(submission)] == ["changes"]
    contribute.make_copy(submission, actor=alice)
    process.process_submission(submission.pk)
    assert Artifact.objects.get(pk=out.pk).state == ArtifactState.READY


def test_a_damaged_file_is_refused_and_the_others_go_on(alice: User, s3: Any) -> None:
    submission = submitted(alice, {"a.md": NOTE, "broken.pdf": b"%PDF-1.7\n" + b"x" * 400})
    assert process.process_submission(submission.pk) == "finish"
    states = dict(submission.artifacts.filter(role="deliverable").values_list("state", "reason_code"))
    assert states == {"ready": "", "refused": "damaged"}


def test_nothing_usable_goes_back_with_a_code_per_file(alice: User, s3: Any) -> None:
    submission = submitted(alice, {"broken.pdf": b"%PDF-1.7\n" + b"x" * 400})
    assert process.process_submission(submission.pk) == "nothing_ready"
    submission.refresh_from_db()
    assert submission.state == SubmissionState.RETURNED


def test_an_original_that_is_not_what_was_sent_is_held(alice: User, s3: Any) -> None:
    submission = submitted(alice)
    artifact = submission.artifacts.get(role="deliverable")
    s3.put_object(Bucket="quarantine", Key=StoredObject.objects.get(artifact=artifact).key, Body=b"something else")
    process.process_submission(submission.pk)
    artifact.refresh_from_db()
    assert (artifact.state, artifact.reason_code) == (ArtifactState.HELD, "unreadable")
    assert submission.transitions.filter(artifact=artifact, event="hold").exists()


def test_a_file_that_used_up_its_attempts_is_held(alice: User, s3: Any) -> None:
    submission = submitted(alice)
    artifact = submission.artifacts.get(role="deliverable")
    Artifact.objects.filter(pk=artifact.pk).update(attempts=process.MAX_ATTEMPTS)
    process.process_submission(submission.pk)
    artifact.refresh_from_db()
    assert (artifact.state, artifact.reason_code) == (ArtifactState.HELD, "attempts")


def test_a_doubled_message_does_nothing(alice: User, s3: Any) -> None:
    submission = checked(alice)
    runs = RecordedFinding.objects.count()
    assert process.process_submission(submission.pk) == "not_due"
    assert RecordedFinding.objects.count() == runs


def test_a_withdrawal_during_the_work_wins(alice: User, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    submission = submitted(alice)
    real = process._show

    def withdraw_then_show(lease: Any, ref: str, stage: str) -> None:
        mine = Submission.objects.get(pk=submission.pk)
        if mine.state == SubmissionState.PROCESSING:
            contribute.withdraw(mine, actor=alice)
        real(lease, ref, stage)

    monkeypatch.setattr(process, "_show", withdraw_then_show)
    assert process.process_submission(submission.pk) == "moved_on"
    submission.refresh_from_db()
    assert submission.state == SubmissionState.WITHDRAWN
    assert not Revision.objects.exists()


def test_the_reconciler_finds_work_nobody_was_told_about(alice: User, s3: Any) -> None:
    submission = submitted(alice)
    assert list(reconcile.forgotten()) == [("process", submission.pk)]
    assert list(reconcile.forgotten()) == []  # hinted a moment ago: not again so soon


def test_an_unopened_copy_cannot_be_signed(alice: User, s3: Any) -> None:
    submission = described(alice)
    add_file(submission, "a.md", NOTE)
    contribute.submit(submission, actor=alice)
    process.process_submission(submission.pk)
    submission.refresh_from_db()
    assert [gap.code for gap in contribute.sign_blockers(submission)] == ["unopened"]
    look_at_everything(submission)
    assert contribute.sign_blockers(submission) == []
