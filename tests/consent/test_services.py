from __future__ import annotations

import base64
import datetime as dt
import json
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from consent import bundle, services
from consent.documents import Documents
from consent.errors import (
    BindingError,
    ChoiceError,
    CodeExpiredError,
    CodeWrongError,
    KeysMissingError,
    NoticeError,
    StateError,
    TypedNameError,
    VerificationError,
)
from consent.models import ConsentEvent, ConsentGrant, ConsentRecord, Evidence, Notice, SigningCode, Statement
from tests.consent.conftest import Give, Prepare
from tests.consent.making import FILE_SHA256, FILES, MEMO, OTHER_SHA256, SUBMISSION, TABLE, TERMS

REDACTION = {"tool": "engine", "policy": "standard 1", "policy_sha256": "0" * 64, "entities": {"PERSON": 2}}
ACCOUNT = uuid.UUID(int=7)


def seal(record: ConsentRecord, artifact_id: uuid.UUID = MEMO, sha256: str = FILE_SHA256) -> bytes:
    return services.issue_bundle(
        record,
        artifact_id=artifact_id,
        redacted_sha256=sha256,
        redaction=REDACTION,
        verification={"verdict": "CLEAN", "at": timezone.now(), "checks": {"V1": "pass"}},
        sealed_at=timezone.now(),
    )


def release(record: ConsentRecord, reviewer: str | None = None) -> Statement:
    reviewer = reviewer or services.reviewer_pseudonym(SUBMISSION, uuid.UUID(int=8))
    now = timezone.now()
    review = {"stage": "general", "decision": "approved", "reviewer": reviewer, "at": now}
    return services.release(record, artifact_id=MEMO, reviews=[review], not_before=None, released_at=now)


def test_a_signed_file_verifies_offline_when_sealed_and_when_released(give: Give) -> None:
    record = give()

    sealed = bundle.verify(FILE_SHA256, seal(record), trust=services.trust_fingerprint())
    release(record)
    released = bundle.verify(
        FILE_SHA256,
        services.released_bundle(MEMO, FILE_SHA256),
        trust=services.trust_fingerprint(),
        purpose="evaluation",
        recipient="ai-developer",
    )

    assert (sealed.stage, released.stage) == ("sealed", "released")
    assert released.record_id == str(record.pk)
    assert released.purposes == ("evaluation",)


def test_asking_again_gives_the_same_bytes(give: Give) -> None:
    record = give()
    first = seal(record)
    first_release = release(record)

    assert seal(record) == first
    assert release(record) == first_release
    assert services.released_bundle(MEMO, FILE_SHA256) == services.released_bundle(MEMO, FILE_SHA256)
    assert Statement.objects.count() == 2


def test_what_was_refused_grants_nothing(give: Give) -> None:
    give()

    states = dict(ConsentGrant.objects.values_list("purpose", "state"))

    assert states == {"evaluation": "given", "training": "refused"}
    assert [grant.purpose for grant in services.live_grants(timezone.now())] == ["evaluation"]
    assert not services.live_grants(timezone.now() + dt.timedelta(days=TERMS.term_days + 1)).exists()


def test_refusing_everything_is_a_signed_refusal_without_declarations(give: Give) -> None:
    record = give(choices={"evaluation": "refused", "training": "refused"})

    assert record.state == "refused"
    assert (record.rights, record.third_party) == ("", "")
    assert not services.is_given(record)
    with pytest.raises(VerificationError, match="consent_state"):
        seal(record)
    assert not Statement.objects.exists()


def test_withdrawing_ends_every_grant_at_once(give: Give) -> None:
    record = give()

    withdrawn = services.withdraw(record)

    assert withdrawn.state == "withdrawn"
    assert withdrawn.previous == record
    assert json.loads(withdrawn.record)["withdraws"] == {
        "record_id": str(record.pk),
        "artifacts": "all",
        "purposes": "all",
    }
    assert not services.is_given(record)
    assert list(ConsentEvent.objects.exclude(record=None).values_list("event", flat=True)) == ["given", "withdrawn"]


def test_a_withdrawal_is_a_statement_that_verifies(give: Give) -> None:
    withdrawn = services.withdraw(give())
    row = Statement.objects.get(kind="withdrawal")

    said = bundle.verify_statement(
        row.envelope, kind="withdrawal", keyset=services.keyset(), trust=services.trust_fingerprint()
    )

    assert said["subject"] == [{"name": "record", "digest": {"sha256": withdrawn.record_sha256}}]


def test_one_purpose_can_be_taken_back_alone(give: Give) -> None:
    record = give(choices={"evaluation": "given", "training": "given"})

    services.withdraw(record, purposes=["training"])

    assert [grant.purpose for grant in services.live_grants(timezone.now())] == ["evaluation"]
    seal(record)
    released = json.loads(base64.b64decode(release(record).envelope["payload"]))
    assert released["predicate"]["purposes"] == ["evaluation"]


def test_taking_back_one_file_leaves_the_grants_of_the_others(give: Give) -> None:
    record = give()

    services.withdraw(record, artifacts=[TABLE])

    assert services.is_given(record)


def test_nothing_can_be_taken_back_twice(give: Give) -> None:
    record = give()
    services.withdraw(record)

    with pytest.raises(StateError):
        services.withdraw(record)


def test_a_file_or_purpose_of_another_record_cannot_be_taken_back(give: Give) -> None:
    record = give()

    with pytest.raises(ChoiceError):
        services.withdraw(record, artifacts=[uuid.uuid4()])
    with pytest.raises(ChoiceError):
        services.withdraw(record, purposes=["resale"])
    assert services.is_given(record)


def test_signing_again_renews_and_supersedes(give: Give) -> None:
    first = give()

    second = give()

    assert (first.state, second.state) == ("given", "renewed")
    assert second.previous == first
    assert json.loads(second.record)["previous_event_sha256"] == first.record_sha256
    assert not services.is_given(first)
    assert services.is_given(second)


def test_what_was_withdrawn_meanwhile_is_not_renewed(give: Give, prepare: Prepare) -> None:
    first = give()
    documents = prepare()
    services.withdraw(first)

    with pytest.raises(StateError):
        services.give(documents, typed_name="Alice Example", code=services.new_code(documents))
    assert not services.live_grants(timezone.now()).exists()


def test_refusing_everything_anew_ends_what_was_given(give: Give) -> None:
    first = give()

    give(choices={"evaluation": "refused", "training": "refused"})

    assert not services.is_given(first)


def test_giving_again_after_a_withdrawal_starts_afresh(give: Give) -> None:
    services.withdraw(give())

    assert give().state == "given"


def test_a_wrong_code_costs_a_try_and_the_fifth_ends_it(prepare: Prepare) -> None:
    documents = prepare()
    code = services.new_code(documents)

    for _ in range(5):
        with pytest.raises(CodeWrongError):
            services.give(documents, typed_name="Alice Example", code="WRONGEST")
    with pytest.raises(CodeExpiredError):
        services.give(documents, typed_name="Alice Example", code=code)
    assert not ConsentRecord.objects.exists()


def test_a_code_works_once(prepare: Prepare) -> None:
    documents = prepare()
    code = services.new_code(documents)
    services.give(documents, typed_name="Alice Example", code=code)

    with pytest.raises(CodeExpiredError):
        services.give(documents, typed_name="Alice Example", code=code)


def test_a_code_is_read_in_small_letters_and_with_gaps(prepare: Prepare) -> None:
    documents = prepare()
    code = services.new_code(documents).lower()

    assert services.give(documents, typed_name="Alice Example", code=f" {code[:4]}-{code[4:]} ").state == "given"


def test_a_code_dies_after_ten_minutes(prepare: Prepare) -> None:
    documents = prepare()
    code = services.new_code(documents)
    SigningCode.objects.update(expires_at=timezone.now())

    with pytest.raises(CodeExpiredError):
        services.give(documents, typed_name="Alice Example", code=code)


def test_a_code_is_bound_to_the_documents_it_was_sent_for(prepare: Prepare) -> None:
    code = services.new_code(prepare())

    with pytest.raises(CodeExpiredError):
        services.give(prepare(files=FILES[:1]), typed_name="Alice Example", code=code)


def test_a_new_code_ends_the_one_before(prepare: Prepare) -> None:
    documents = prepare()
    first, second = services.new_code(documents), services.new_code(documents)

    assert first != second
    with pytest.raises(CodeWrongError):
        services.give(documents, typed_name="Alice Example", code=first)
    assert services.give(documents, typed_name="Alice Example", code=second).state == "given"


def test_the_code_is_not_stored(prepare: Prepare) -> None:
    code = services.new_code(prepare())

    assert code not in str(list(SigningCode.objects.values()))


@pytest.mark.parametrize("name", ["", "   ", "A", "A" * 201, "Alice\x00Example"])
def test_a_name_has_to_be_a_name(prepare: Prepare, name: str) -> None:
    documents = prepare()
    code = services.new_code(documents)

    with pytest.raises(TypedNameError):
        services.give(documents, typed_name=name, code=code)
    assert services.give(documents, typed_name="Alice Example", code=code).state == "given"


def test_the_typed_name_is_readable_only_with_the_key(give: Give) -> None:
    record = give()

    rows = list(Evidence.objects.filter(record_id=record.pk))

    assert len(rows) == 3
    assert {services.open_evidence(row)["typed_name"] for row in rows} == {"Alice Example"}
    stored = [bytes(row.sealed or b"") for row in rows]
    assert not any(b"Alice" in sealed for sealed in stored)
    assert "Alice" not in f"{record.record}{record.rights}{record.third_party}{record.evidence}{record.envelope}"


def test_evidence_that_was_swapped_does_not_open(give: Give) -> None:
    first, second, _ = Evidence.objects.filter(record_id=give().pk)
    first.sealed, first.wrapped_key = second.sealed, second.wrapped_key

    with pytest.raises(BindingError):
        services.open_evidence(first)


def test_the_session_gives_back_the_same_documents(prepare: Prepare) -> None:
    documents = prepare()

    again = Documents.from_json(documents.to_json())

    assert again == documents
    assert again.digest == documents.digest
    assert again.digests == {str(MEMO): FILE_SHA256, str(TABLE): OTHER_SHA256}


@pytest.mark.parametrize(
    "choices",
    [{"evaluation": "given"}, {"evaluation": "given", "training": "maybe"}, {"evaluation": "given", "resale": "given"}],
)
def test_every_offered_purpose_has_to_be_answered(prepare: Prepare, choices: dict[str, str]) -> None:
    with pytest.raises(ChoiceError):
        prepare(choices=choices)


def test_a_notice_that_was_never_released_cannot_be_signed(prepare: Prepare) -> None:
    with pytest.raises(NoticeError):
        services.notice_html("2019-01", "en")
    with pytest.raises(NoticeError):
        services.notice_html("../../etc", "passwd")


def test_the_contributor_never_counts_as_reviewer(give: Give) -> None:
    record = give()
    seal(record)

    with pytest.raises(BindingError):
        release(record, reviewer=services.reviewer_pseudonym(SUBMISSION, ACCOUNT))


def test_only_a_listed_digest_is_sealed_and_only_a_sealed_file_released(give: Give) -> None:
    record = give()

    with pytest.raises(BindingError):
        seal(record, sha256=OTHER_SHA256)
    with pytest.raises(BindingError):
        release(record)
    with pytest.raises(BindingError):
        services.released_bundle(MEMO, FILE_SHA256)


def test_nothing_is_released_after_a_withdrawal(give: Give) -> None:
    record = give()
    seal(record)
    services.withdraw(record)

    with pytest.raises(StateError):
        release(record)


def test_pseudonyms_differ_by_submission_and_agree_by_person(installation: None) -> None:
    other = uuid.uuid4()

    assert services.principal(SUBMISSION, ACCOUNT)[2:] == services.reviewer_pseudonym(SUBMISSION, ACCOUNT)[2:]
    assert services.principal(SUBMISSION, ACCOUNT) != services.principal(other, ACCOUNT)


def test_a_missing_folder_of_keys_says_so(installation: None, settings: Settings) -> None:
    settings.ENV = settings.ENV.model_copy(update={"signing_key_uri": "file:/nowhere"})

    with pytest.raises(KeysMissingError):
        services.trust_fingerprint()


def test_an_attestation_leaves_the_digest_of_the_answers(installation: None) -> None:
    services.attest(SUBMISSION, {"owner": "me", "nda": "no"})

    event = ConsentEvent.objects.get()
    assert (event.event, len(event.text_sha256)) == ("attested", 64)


@pytest.mark.parametrize("model", [Notice, ConsentRecord, ConsentEvent, Statement])
def test_the_database_refuses_to_change_or_delete(
    give: Give, model: type[Notice | ConsentRecord | ConsentEvent | Statement]
) -> None:
    seal(give())
    rows = model._default_manager.all()

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rows[0].save(force_update=True)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rows._raw_delete(rows.db)
    assert rows.exists()
