from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from django.urls import reverse

from consent import bundle
from consent import services as consent
from consent.bundle import verify_statement
from consent.errors import ConsentError
from consent.models import LogSalt, Statement
from consent.record import canonical
from intake.errors import ErasureIncompleteError, GuardError, LostRaceError, NotAllowedError
from intake.models import Original, Outbox, Revision, StoredObject, Submission, User
from intake.pipeline import certificates, outbox, process, purge, seal
from intake.services import contribute, review
from intake.services.contribute.signing import terms
from intake.states import ArtifactState, SubmissionState
from intake.storages import CreateOnlyS3Storage, storage
from tests.conftest import SignIn
from tests.factories import (
    NO_SECRETS,
    add_file,
    checked,
    described,
    give_consent,
    last_code,
    look_at_everything,
    programme,
    sealed,
    signed,
    understand,
)

pytestmark = pytest.mark.django_db(transaction=True)


class TestSign:
    def test_it_works(self, alice: User, s3: Any) -> None:
        submission = signed(alice)
        assert submission.state == SubmissionState.CHECKING
        record = submission.consent_record
        assert record is not None
        digests = {str(a.pk): a.revision.sha256 for a in submission.artifacts.leaving() if a.revision}
        assert consent.signed_digests(record) == digests

    def test_a_wrong_code_counts_although_nothing_is_signed(self, alice: User, s3: Any) -> None:
        submission = checked(alice)
        choices = {"evaluation": "given"}
        understand(submission.pk, terms(submission), choices, NO_SECRETS)
        documents = contribute.prepare_signing(submission, actor=alice, choices=choices, third_party=NO_SECRETS)
        code = last_code()
        for _ in range(5):
            with pytest.raises(ConsentError):
                contribute.sign(submission, actor=alice, documents=documents, typed_name="Alice", code="00000000")
        with pytest.raises(ConsentError):
            contribute.sign(submission, actor=alice, documents=documents, typed_name="Alice", code=code)
        submission.refresh_from_db()
        assert submission.signed_at is None

    def test_files_that_changed_since_the_page_was_opened_are_not_signed(self, alice: User, s3: Any) -> None:
        submission = checked(alice, {"a.md": b"# One\n\nMs Falkenrath agrees.\n", "b.md": b"# Two\n"})
        understand(submission.pk, terms(submission), {"evaluation": "given"}, NO_SECRETS)
        documents = contribute.prepare_signing(
            submission, actor=alice, choices={"evaluation": "given"}, third_party=NO_SECRETS
        )
        out = submission.artifacts.filter(role="deliverable").first()
        assert out is not None
        contribute.exclude(out, actor=alice)
        with pytest.raises(GuardError) as caught:
            contribute.sign(submission, actor=alice, documents=documents, typed_name="Alice", code=last_code())
        assert caught.value.code == "changed"

    def test_refusing_every_use_withdraws(self, alice: User, s3: Any) -> None:
        submission = checked(alice)
        give_consent(submission, "refused")
        assert submission.state == SubmissionState.WITHDRAWN
        assert not StoredObject.objects.filter(alias="vault").exists()

    def test_nobody_signs_for_another(self, alice: User, mallory: User, s3: Any) -> None:
        submission = checked(alice)
        with pytest.raises(LostRaceError):
            contribute.prepare_signing(
                submission, actor=mallory, choices={"evaluation": "given"}, third_party=NO_SECRETS
            )


class TestSeal:
    def test_it_writes_file_and_bundle_and_the_bundle_verifies(self, alice: User, s3: Any) -> None:
        submission = sealed(alice)
        assert submission.state == SubmissionState.IN_REVIEW
        for artifact in submission.artifacts.leaving().select_related("revision"):
            revision = artifact.revision
            assert revision is not None
            vault = storage("vault", as_="sealer")
            assert vault.digest(revision.vault_key) == revision.sha256
            packed = vault.read(revision.vault_key + ".consent.json")
            assert bundle.verify(revision.sha256, packed, trust=consent.trust_fingerprint())
            metadata = s3.head_object(Bucket="vault", Key=revision.vault_key)["Metadata"]
            assert metadata["consent-bundle-sha256"] == hashlib.sha256(packed).hexdigest()

    def test_a_second_seal_does_nothing(self, alice: User, s3: Any) -> None:
        submission = sealed(alice)
        before = StoredObject.objects.count()
        assert seal.seal_submission(submission.pk) == "not_due"
        assert StoredObject.objects.count() == before

    def test_a_seal_that_died_halfway_is_finished_with_the_same_bundle(
        self, alice: User, s3: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        submission = signed(alice)

        def die(*_: Any) -> str:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(seal, "_gate", die)
            with pytest.raises(KeyboardInterrupt):
                seal.seal_submission(submission.pk)
        first = {row.key: row.sha256 for row in StoredObject.objects.filter(alias="vault")}
        Submission.objects.filter(pk=submission.pk).update(lease_until=None)
        assert seal.seal_submission(submission.pk) == "sealed"
        assert {row.key: row.sha256 for row in StoredObject.objects.filter(alias="vault")} == first

    def test_one_changed_byte_in_staging_closes_the_gate(self, alice: User, s3: Any) -> None:
        submission = signed(alice)
        Revision.objects.update(sha256="0" * 64)
        assert seal.seal_submission(submission.pk) == "staged_digest"
        submission.refresh_from_db()
        assert (submission.state, submission.seal_refusal) == (SubmissionState.CHECKING, "staged_digest")
        assert not StoredObject.objects.filter(alias="vault").exists()

    def test_an_open_question_closes_the_gate(self, alice: User, s3: Any) -> None:
        submission = signed(alice)
        Revision.objects.update(acks_wanted=[{"id": "opaque-zone:", "kind": "opaque-zone", "role": "contributor"}])
        assert seal.seal_submission(submission.pk) == "unverified"

    def test_a_hold_closes_the_gate(self, alice: User, rita: User, s3: Any) -> None:
        submission = signed(alice)
        submission.holds.create(kind="rights", code="rights", placed_by=rita)
        assert seal.seal_submission(submission.pk) == "on_hold"
        submission.refresh_from_db()
        assert submission.state == SubmissionState.CHECKING

    def test_a_withdrawal_between_put_and_commit_wins(
        self, alice: User, s3: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        submission = signed(alice)
        real = seal._gate

        def withdraw_first(*args: Any) -> str:
            contribute.withdraw(Submission.objects.get(pk=submission.pk), actor=alice, erase_now=True)
            return real(*args)

        monkeypatch.setattr(seal, "_gate", withdraw_first)
        assert seal.seal_submission(submission.pk) in {"consent", "lost_race", "move_not_allowed"}
        submission.refresh_from_db()
        assert submission.state == SubmissionState.WITHDRAWN
        purge.purge_due()
        for key in StoredObject.objects.values_list("key", flat=True):
            assert not s3.list_object_versions(Bucket="vault", Prefix=key).get("Versions")


class TestReturn:
    def test_the_same_bytes_are_sealed_again_under_the_new_consent(self, alice: User, rita: User, s3: Any) -> None:
        submission = sealed(alice, {"a.md": b"# One\n", "b.md": b"# Two\n"})
        task = review.claim(submission.review_tasks.get(), actor=rita)
        review.return_(task, actor=rita, fencing=task.fencing, digests=task.digests, codes=["wrong_file"])
        submission.refresh_from_db()
        assert submission.state == SubmissionState.RETURNED
        out = submission.artifacts.filter(role="deliverable").first()
        assert out is not None
        contribute.exclude(out, actor=alice)
        contribute.submit(submission, actor=alice)
        process.process_submission(submission.pk)
        submission.refresh_from_db()
        look_at_everything(submission)
        give_consent(submission)
        assert seal.seal_submission(submission.pk) == "sealed"
        for artifact in submission.artifacts.leaving().select_related("revision"):
            assert artifact.revision is not None
            packed = storage("vault", as_="sealer").read(artifact.revision.vault_key + ".consent.json")
            record = json.loads(json.loads(packed)["documents"]["record"])
            assert record["record_id"] == str(submission.consent_record_id)

    def test_nobody_reviews_their_own_work(self, alice: User, s3: Any) -> None:
        submission = sealed(alice)
        with pytest.raises(NotAllowedError):
            review.claim(submission.review_tasks.get(), actor=alice)


class TestWithdraw:
    @pytest.mark.parametrize("stage", [checked, signed, sealed])
    def test_it_ends_all_use_at_once(self, alice: User, s3: Any, stage: Any) -> None:
        submission = stage(alice)
        contribute.withdraw(submission, actor=alice)
        submission.refresh_from_db()
        assert submission.state == SubmissionState.WITHDRAWN
        assert not submission.review_tasks.open().exists()
        if submission.consent_record:
            assert not consent.is_given(submission.consent_record)

    def test_erase_now_leaves_no_byte_and_no_key(self, alice: User, s3: Any) -> None:
        submission = sealed(alice)
        contribute.withdraw(submission, actor=alice, erase_now=True)
        purge.purge_due()
        submission.refresh_from_db()
        assert submission.wrapped_key is None
        assert set(submission.artifacts.values_list("state", flat=True)) == {ArtifactState.PURGED}
        for alias, key in StoredObject.objects.values_list("alias", "key"):
            assert not s3.list_object_versions(Bucket=alias, Prefix=key).get("Versions"), key

    def test_an_erasure_is_certified_once_and_in_the_log(self, alice: User, s3: Any) -> None:
        submission = sealed(alice)
        artifacts = [a.pk for a in submission.artifacts.leaving()]
        assert consent.erasure_certificates(artifacts) == []
        contribute.withdraw(submission, actor=alice, erase_now=True)

        assert purge.purge_due()["certificates"] == len(artifacts)
        assert purge.purge_due()["certificates"] == 0
        for artifact in submission.artifacts.filter(pk__in=artifacts):
            certificates.certify(artifact)

        found = consent.erasure_certificates(artifacts)
        assert len(found) == len(artifacts) == Statement.objects.filter(kind="erasure").count()
        for one in found:
            keyset = canonical(one["keyset"])
            said = verify_statement(one["statement"], kind="erasure", keyset=keyset, trust=consent.trust_fingerprint())
            predicate = said["predicate"]
            assert predicate["deleted"] == {"quarantine": 3, "vault": 2, "exports": 0}
            assert (predicate["log_salts_destroyed"], predicate["recipients"]) == (1, [])
            assert one["proof"].startswith("c2sp.org/tlog-proof@v1\n")
        sealed_rows = Statement.objects.filter(kind="seal").values_list("pk", flat=True)
        assert not LogSalt.objects.filter(entry__subject_id__in=list(sealed_rows)).exists()

    def test_nothing_is_certified_while_a_version_is_listed_and_all_of_it_later(
        self, alice: User, s3: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        submission = sealed(alice)
        contribute.withdraw(submission, actor=alice, erase_now=True)
        versions = CreateOnlyS3Storage.versions
        with monkeypatch.context() as patch:
            patch.setattr(CreateOnlyS3Storage, "versions", lambda *_: [{"VersionId": "left"}])
            patch.setattr(CreateOnlyS3Storage, "erase", lambda *_: 0)
            assert purge.purge_due()["failed"] > 0
        assert not Statement.objects.filter(kind="erasure").exists()
        assert CreateOnlyS3Storage.versions is versions

        StoredObject.objects.filter(submission=submission).update(status=StoredObject.Status.PRESENT)
        assert purge.purge_due()["failed"] == 0
        assert Statement.objects.filter(kind="erasure").exists()

    @pytest.mark.parametrize("left", ["commitment_salt", "wrapped_key"])
    def test_nothing_is_certified_while_a_key_or_salt_is_left(self, alice: User, s3: Any, left: str) -> None:
        submission = sealed(alice)
        contribute.withdraw(submission, actor=alice, erase_now=True)
        purge.purge_due()
        artifact = submission.artifacts.filter(objects_stored__purpose="sealed").first()
        assert artifact is not None
        Original.objects.filter(artifact=artifact).update(**{left: b"still here"})

        with pytest.raises(ErasureIncompleteError):
            certificates.certify(artifact)

    def test_what_was_never_sealed_is_erased_without_a_certificate(self, alice: User, s3: Any) -> None:
        submission = checked(alice)
        contribute.withdraw(submission, actor=alice, erase_now=True)

        purge.purge_due()

        submission.refresh_from_db()
        assert submission.wrapped_key is None
        assert not Statement.objects.filter(kind="erasure").exists()

    def test_the_certificate_is_a_page_and_a_file(self, alice: User, s3: Any, sign_in: SignIn) -> None:
        submission = sealed(alice)
        client = sign_in(alice)
        page, file = (reverse(name, args=[submission.pk]) for name in ("certificate", "certificate_json"))
        assert client.get(page).status_code == 404
        contribute.withdraw(submission, actor=alice, erase_now=True)
        purge.purge_due()

        assert page in client.get(reverse("submission", args=[submission.pk])).content.decode()
        assert "Certificate of erasure" in client.get(page).content.decode()
        assert len(client.get(file).json()["certificates"]) == Statement.objects.filter(kind="erasure").count() > 0

    def test_within_the_undo_time_one_may_start_again(self, alice: User, s3: Any) -> None:
        submission = sealed(alice, in_programme=programme(title="Undo"))
        contribute.withdraw(submission, actor=alice)
        submission.refresh_from_db()
        contribute.start_again(submission, actor=alice)
        submission.refresh_from_db()
        contribute.submit(submission, actor=alice)
        process.process_submission(submission.pk)
        submission.refresh_from_db()
        look_at_everything(submission)
        give_consent(submission)
        assert seal.seal_submission(submission.pk) == "sealed"

    def test_after_erase_now_nobody_starts_again(self, alice: User, s3: Any) -> None:
        submission = checked(alice)
        contribute.withdraw(submission, actor=alice, erase_now=True)
        submission.refresh_from_db()
        with pytest.raises(GuardError):
            contribute.start_again(submission, actor=alice)

    def test_what_lies_in_the_vault_is_tagged(self, alice: User, s3: Any) -> None:
        submission = sealed(alice)
        contribute.withdraw(submission, actor=alice)
        row = submission.objects_stored.filter(alias="vault").first()
        assert row is not None
        for pk in Outbox.objects.filter(subject_id=submission.pk, sent_at=None).values_list("pk", flat=True):
            assert outbox.send(pk) == "sent"
        tags = s3.get_object_tagging(Bucket="vault", Key=row.key)["TagSet"]
        assert {"Key": "consent-status", "Value": "withdrawn"} in tags


class TestRefusal:
    def test_a_refused_seal_gives_the_page_back_with_the_reason(self, alice: User, s3: Any) -> None:
        submission = signed(alice)
        Revision.objects.update(sha256="0" * 64)
        seal.seal_submission(submission.pk)
        submission.refresh_from_db()
        assert submission.seal_refusal == "staged_digest"
        assert submission.signed_at is None

    def test_new_copies_asked_for_meanwhile_are_not_forgotten(
        self, alice: User, s3: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        submission = signed(alice)
        real = seal._gate

        def change_first(*args: Any) -> str:
            Submission.objects.filter(pk=submission.pk).update(signed_at=None)
            contribute.make_copy(Submission.objects.get(pk=submission.pk), actor=alice)
            return real(*args)

        monkeypatch.setattr(seal, "_gate", change_first)
        seal.seal_submission(submission.pk)
        submission.refresh_from_db()
        assert submission.state == SubmissionState.PROCESSING
        assert submission.due_at is not None

    def test_a_wish_after_the_signature_is_refused_and_not_lost(self, alice: User, s3: Any) -> None:
        submission = signed(alice)
        with pytest.raises(LostRaceError):
            contribute.hide(submission, actor=alice, words=["audit"])

    def test_a_wish_that_no_copy_holds_closes_the_gate(self, alice: User, s3: Any) -> None:
        submission = signed(alice)
        Submission.objects.filter(pk=submission.pk).update(signed_at=None)
        contribute.hide(Submission.objects.get(pk=submission.pk), actor=alice, words=["audit"])
        Submission.objects.filter(pk=submission.pk).update(signed_at=submission.signed_at)
        assert seal.seal_submission(submission.pk) == "changes"


class TestErasure:
    def test_a_submission_with_a_removed_file_is_erased_too(self, alice: User, s3: Any) -> None:
        submission = described(alice)
        contribute.remove_artifact(add_file(submission, "first.md", b"# First try\n"), actor=alice)
        artifact = add_file(submission, "second.md", b"# Second try\n")
        contribute.withdraw(submission, actor=alice, erase_now=True)
        assert purge.purge_due()["failed"] == 0
        artifact.original.refresh_from_db()
        submission.refresh_from_db()
        assert artifact.original.shredded_at is not None
        assert submission.wrapped_key is None
        assert not StoredObject.objects.exclude(status="deleted").exists()

    def test_a_legal_hold_stops_it(self, alice: User, rita: User, s3: Any) -> None:
        submission = signed(alice)
        submission.holds.create(kind="legal", code="court", placed_by=rita)
        contribute.withdraw(submission, actor=alice, erase_now=True)
        purge.purge_due()
        submission.refresh_from_db()
        assert submission.wrapped_key is not None

    def test_copies_before_the_current_one_can_no_longer_be_opened(self, alice: User, s3: Any) -> None:
        submission = checked(alice)
        contribute.make_copy(submission, actor=alice)
        process.process_submission(submission.pk)
        artifact = submission.artifacts.get(role="deliverable")
        first, second = artifact.revisions.all()
        assert first.wrapped_key is None
        assert second.wrapped_key is not None
