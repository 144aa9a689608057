"""What a contributor does: attest, read, agree by typed name or passkey, refuse, and take back."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, cast
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from consent import comprehension, documents, ledger, notice, passkey
from consent import record as rec
from consent.documents import Documents, FileRef, Terms
from consent.errors import (
    FormatError,
    PasskeyError,
    StateError,
    TypedNameError,
)
from consent.models import (
    ConsentEvent,
    ConsentGrant,
    ConsentRecord,
    Evidence,
    SigningCode,
)
from consent.record import Json, canonical, sha256_hex, to_text
from consent.services.codes import spend_code
from consent.services.comprehension import understood
from consent.services.evidence import typed_evidence
from consent.services.grants import is_given
from consent.services.installation import relying_party, signing_keys
from consent.services.notices import notice_row
from consent.services.statements import keep, sign_statement

NAME_LENGTH = (2, 200)
PASSKEY_MINUTES = 10


def attest(submission_id: UUID, answers: Mapping[str, str]) -> None:
    """Keep that the rights check was answered before the first byte came: an event with the answers' digest."""
    digest = sha256_hex(canonical(dict(answers)))
    ConsentEvent.objects.create(submission_id=submission_id, event="attested", method="web-form", text_sha256=digest)


def prepare(
    *,
    submission_id: UUID,
    principal: str,
    terms: Terms,
    files: Sequence[FileRef],
    choices: Mapping[str, str],
    attestation: Mapping[str, object],
    third_party: Mapping[str, bool],
    previous: ConsentRecord | None = None,
    layers_opened: Sequence[str] = (),
) -> Documents:
    """Write the documents of a sign page over the files as they are now; nothing is stored.

    Args:
        choices: purpose id → ``given`` or ``refused``, one for each offered purpose.
        attestation: the answers of the rights check; ``owner`` (me, employer, client, other) and ``nda`` (yes, no).
        third_party: others_named, confidential_marked, special_category, secrecy_duty.
        previous: the record this renews; found by itself when one of the submission is in force.
    Raises:
        ChoiceError, NoticeError, ComprehensionError.
    """
    renewed = previous or _in_force(submission_id)
    text = notice.load(terms.notice_version, terms.language)
    asked = comprehension.draw(text, terms, choices=choices, third_party=third_party)
    return documents.draft(
        submission_id=submission_id,
        principal=principal,
        terms=terms,
        notice=text,
        files=files,
        choices=choices,
        attestation=attestation,
        third_party=third_party,
        comprehension=understood(submission_id, asked),
        previous_sha256=renewed.record_sha256 if renewed is not None and is_given(renewed) else None,
        layers_opened=layers_opened,
        now=timezone.now(),
    )


def _in_force(submission_id: UUID) -> ConsentRecord | None:
    given = ConsentRecord.objects.filter(submission_id=submission_id, grants__state=ConsentGrant.State.GIVEN)
    return given.order_by("-at").first()


def give(documents: Documents, *, typed_name: str, code: str) -> ConsentRecord:
    """Sign the documents of the page with a typed name and the mailed code; a refusal of everything likewise.

    Raises:
        TypedNameError, CodeWrongError, CodeExpiredError. Inside a transaction, let them pass only after its commit:
            a rolled-back refusal would give the try back.
        StateError: the record that this renews was taken back meanwhile.
        FormatError: what was prepared cannot be signed.
    """
    now = timezone.now()
    name = " ".join(typed_name.split())
    if not NAME_LENGTH[0] <= len(name) <= NAME_LENGTH[1] or not name.isprintable():
        raise TypedNameError
    spent = spend_code(documents, code, now)
    with transaction.atomic():
        return _store_signed(documents, name, spent, now)


def _store_signed(prepared: Documents, name: str, code: SigningCode, now: dt.datetime) -> ConsentRecord:
    evidence = {kind: typed_evidence(kind, prepared, name, code, now) for kind in prepared.texts()}
    how = {kind: documents.typed(row.commitment) for kind, row in evidence.items()}
    signed = documents.sign(prepared, at=now, signatures=how)
    public = {
        kind: documents.evidence(kind, text, method=rec.TYPED_NAME, commitment=evidence[kind].commitment, at=now)
        for kind, text in signed.texts().items()
    }
    record = _store_given(signed, public, now)
    Evidence.objects.bulk_create(evidence.values())
    return record


def begin_passkey(prepared: Documents, spki: bytes) -> tuple[Documents, dict[str, bytes]]:
    """Complete the documents for a signature by the passkey with this public key; return them and their challenges.

    The challenges are 32 bytes each, by kind, in the order in which they are to be signed: the record last.

    Raises:
        FormatError: what was prepared cannot be signed.
    """
    how = documents.by_passkey(sha256_hex(spki))
    signatures = dict.fromkeys(documents.KINDS, how)
    signed = documents.sign(prepared, at=timezone.now().replace(microsecond=0), signatures=signatures)
    order = [kind for kind in ("rights", "third_party", "record") if kind in signed.texts()]
    return signed, {kind: passkey.challenge(kind, signed.texts()[kind].encode()) for kind in order}


def give_by_passkey(signed: Documents, assertions: Mapping[str, Mapping[str, bytes]]) -> ConsentRecord:
    """Keep the documents of the page with the passkey's signatures, each checked first.

    Args:
        signed: what ``begin_passkey`` returned. assertions: kind → ``passkey.PARTS``, as bytes.
    Raises:
        PasskeyError: a signature is missing or does not hold, or more than ten minutes passed.
        StateError: the record that this renews was taken back meanwhile.
    """
    now = timezone.now()
    at = rec.to_moment(signed.parsed("record")["event"]["time"])
    if set(assertions) != set(signed.texts()) or not at <= now < at + dt.timedelta(minutes=PASSKEY_MINUTES):
        raise PasskeyError
    public: dict[str, str] = {}
    site = relying_party()
    for kind, text in signed.texts().items():
        public[kind] = documents.passkey_evidence(kind, text, assertion=assertions[kind], at=now)
        named = signed.parsed(kind)["signature"].get("credential_spki_sha256", "")
        try:
            passkey.check(cast("Json", rec.parse(public[kind].encode())), kind, text.encode(), named, site)
        except FormatError as error:
            raise PasskeyError from error
    with transaction.atomic():
        return _store_given(signed, public, now)


def _store_given(signed: Documents, evidence: Mapping[str, str], now: dt.datetime) -> ConsentRecord:
    """Write the record and what it allows; what was in force before is so no more."""
    record = _store(signed, evidence, now, previous=_previous(signed))
    ConsentGrant.objects.filter(record__submission_id=record.submission_id, state=ConsentGrant.State.GIVEN).update(
        state=ConsentGrant.State.SUPERSEDED
    )
    ConsentGrant.objects.bulk_create(_grants(record, signed.parsed("record")))
    return record


def _previous(signed: Documents) -> ConsentRecord | None:
    """Return the record this one renews. Raises StateError when it was taken back while the page was open."""
    digest = signed.parsed("record")["previous_event_sha256"]
    if digest is None:
        return None
    previous = ConsentRecord.objects.get(record_sha256=digest)
    if not is_given(previous):
        raise StateError("What you agreed to before has changed since this page was opened. Open it again, then sign.")
    return previous


def _store(
    signed: Documents, evidence: Mapping[str, str], now: dt.datetime, previous: ConsentRecord | None
) -> ConsentRecord:
    """Write the row of a signed decision with our statement that we received it, and the event."""
    record = signed.parsed("record")
    text = notice.load(record["notice"]["version"], record["notice"]["language"])
    subjects = {kind: sha256_hex(body.encode()) for kind, body in signed.texts().items()}
    subjects["notice"] = text.sha256
    subjects.update({f"evidence/{kind}": sha256_hex(body.encode()) for kind, body in evidence.items()})
    received = {
        "record_id": record["record_id"],
        "submission_id": record["submission_id"],
        "received_at": to_text(now),
    }
    end = record["event"]["valid_until"]
    row = ConsentRecord.objects.create(
        pk=signed.record_id,
        submission_id=signed.submission_id,
        principal=record["pii_principal_id"],
        state=record["event"]["state"],
        notice=notice_row(text),
        previous=previous,
        record=signed.record,
        record_sha256=subjects["record"],
        rights=signed.rights,
        third_party=signed.third_party,
        evidence=dict(evidence),
        envelope=sign_statement("consent", subjects, received),
        at=rec.to_moment(record["event"]["time"]),
        valid_until=None if end == rec.NO_END else rec.to_moment(end),
    )
    ledger.append("consent", row.envelope, subject_id=row.pk, signers=signing_keys().log)
    method = record["signature"]["method"]
    ConsentEvent.objects.create(
        submission_id=row.submission_id, record=row, event=row.state, method=method, text_sha256=row.record_sha256
    )
    return row


def _grants(row: ConsentRecord, record: Json) -> Iterable[ConsentGrant]:
    end = row.valid_until or row.at
    for purpose in record["purposes"]:
        for recipient in purpose["recipients"]:
            yield ConsentGrant(
                record=row,
                purpose=purpose["purpose_id"],
                recipient_class=recipient["class"],
                region=recipient["region"],
                valid_until=end,
                state=purpose["decision"],
            )


def withdraw(
    record: ConsentRecord,
    *,
    artifacts: Literal["all"] | Sequence[UUID] = "all",
    purposes: Literal["all"] | Sequence[str] = "all",
) -> ConsentRecord:
    """Take back what ``record`` gave: wholly, or some files, or some purposes. Being signed in is enough.

    The grants of the purposes end in the same transaction. A withdrawal of single files leaves the grants of the
    others as they are; intake takes those files out.

    Raises:
        StateError: nothing is given any more. ChoiceError: a file or purpose that the record does not have.
    """
    now = timezone.now()
    with transaction.atomic():
        # Locked, so that of two withdrawals at once the second finds nothing left.
        ended = ConsentGrant.objects.select_for_update().filter(record=record, state=ConsentGrant.State.GIVEN)
        if not list(ended):
            raise StateError
        text = documents.withdrawal(
            record.record,
            previous_sha256=record.record_sha256,
            artifacts=None if artifacts == "all" else artifacts,
            purposes=None if purposes == "all" else purposes,
            at=now,
        )
        signed = Documents(text, "", "")
        evidence = documents.evidence("record", text, method=rec.SIGNED_IN, commitment=None, at=now)
        row = _store(signed, {"record": evidence}, now, previous=record)
        if artifacts == "all":
            scope = ended if purposes == "all" else ended.filter(purpose__in=purposes)
            scope.update(state=ConsentGrant.State.WITHDRAWN)
        _state_withdrawal(row, signed.parsed("record"), now)
    return row


def _state_withdrawal(row: ConsentRecord, record: Json, now: dt.datetime) -> None:
    scope = {name: record["withdraws"][name] for name in ("artifacts", "purposes")}
    said = {"record_id": record["withdraws"]["record_id"], "received_at": to_text(now), "scope": scope}
    keep("withdrawal", row, artifact_id=None, subject=row.record_sha256, said=said, at=now)


def receipt_id(record: ConsentRecord) -> UUID:
    """Return the receipt's own id; it follows from the record's."""
    return uuid.uuid5(record.pk, "receipt")
