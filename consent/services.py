"""What people do with consent, and what workers issue for it: the door through which intake comes in.

A contributor prepares, gives and withdraws; a worker seals and releases. Everything signed is also a row that the
database refuses to change, so repeating a call reads the first answer back instead of signing twice.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Literal, cast
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from consent import bundle, documents, keys, ledger, notice, signing, statement
from consent import envelope as dsse
from consent import record as rec
from consent.documents import Documents, FileRef, Terms
from consent.errors import (
    BindingError,
    CodeExpiredError,
    CodeWrongError,
    ConsentError,
    FormatError,
    StateError,
    TypedNameError,
)
from consent.models import (
    ConsentEvent,
    ConsentGrant,
    ConsentRecord,
    Evidence,
    LogPart,
    Notice,
    SigningCode,
    Statement,
)
from consent.record import Json, canonical, sha256_hex, to_text
from consent.signing import SigningKeys

__all__ = [
    "ConsentError",
    "Documents",
    "FileRef",
    "Terms",
    "attest",
    "give",
    "is_given",
    "issue_bundle",
    "keyset",
    "last_published",
    "live_grants",
    "new_code",
    "notice_html",
    "prepare",
    "principal",
    "published_rows",
    "purposes",
    "release",
    "released_bundle",
    "reviewer_pseudonym",
    "sign_statement",
    "signed_digests",
    "trust_fingerprint",
    "unpublished_rows",
    "withdraw",
]

# No letter or digit that is easily taken for another.
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8
CODE_MINUTES = 10
CODE_TRIES = 5
NAME_LENGTH = (2, 200)
PART_ROWS = 10_000


# Keys and pseudonyms


def signing_keys() -> SigningKeys:
    """Return the keys of this installation. Raises KeysMissingError."""
    env = settings.ENV
    return _load_keys(env.signing_key_uri or f"file:{env.vouchsafe_data_dir.resolve() / 'keys' / 'signing'}")


@cache
def _load_keys(uri: str) -> SigningKeys:
    return signing.load(uri)


def trust_fingerprint() -> str:
    """Return the fingerprint that a recipient pins: hex SHA-256 of the root key."""
    return signing_keys().fingerprint


def keyset() -> bytes:
    """Return ``keyset.dsse.json``."""
    return signing_keys().keyset


def principal(submission_id: UUID, account_id: UUID) -> str:
    """Return the contributor's pseudonym for one submission: ``p_`` and 26 characters."""
    return f"p_{_pseudonym(submission_id, account_id)}"


def reviewer_pseudonym(submission_id: UUID, account_id: UUID) -> str:
    """Return the reviewer's pseudonym; one person has the same characters in both, which shows self-review."""
    return f"r_{_pseudonym(submission_id, account_id)}"


def _pseudonym(submission_id: UUID, account_id: UUID) -> str:
    key = signing_keys().derive(f"pseudonym/{submission_id}")
    digest = hmac.digest(key, str(account_id).encode(), "sha256")
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()


# Notices


def notice_html(version: str, language: str) -> str:
    """Return the notice as an HTML fragment without a page heading. Raises NoticeError."""
    return notice.load(version, language).html


def purposes(version: str, language: str) -> dict[str, Mapping[str, Any]]:
    """Return purpose id → what the notice says about it; ``title`` and ``text`` are for the page."""
    return {purpose["purpose_id"]: purpose for purpose in notice.load(version, language).terms["purposes"]}


def declarations(version: str, language: str) -> dict[str, str]:
    """Return the words above each signature: ``rights``, ``third_party``, ``record``."""
    text = notice.load(version, language)
    return {kind: text.declaration(kind) for kind in documents.KINDS}


def _notice_row(text: notice.NoticeText) -> Notice:
    row, _ = Notice.objects.get_or_create(
        sha256=text.sha256,
        defaults={
            "notice_id": text.terms["notice_id"],
            "version": text.version,
            "language": text.language,
            "body": text.source,
        },
    )
    return row


# What a contributor does


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
        ChoiceError, NoticeError.
    """
    renewed = previous or _in_force(submission_id)
    return documents.draft(
        submission_id=submission_id,
        principal=principal,
        terms=terms,
        notice=notice.load(terms.notice_version, terms.language),
        files=files,
        choices=choices,
        attestation=attestation,
        third_party=third_party,
        previous_sha256=renewed.record_sha256 if renewed is not None and is_given(renewed) else None,
        layers_opened=layers_opened,
        now=timezone.now(),
    )


def _in_force(submission_id: UUID) -> ConsentRecord | None:
    given = ConsentRecord.objects.filter(submission_id=submission_id, grants__state=ConsentGrant.State.GIVEN)
    return given.order_by("-at").first()


def new_code(documents: Documents) -> str:
    """Make the one live code for this sign page and return it, for intake to mail. Earlier ones stop working."""
    now = timezone.now()
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    with transaction.atomic():
        earlier = SigningCode.objects.filter(submission_id=documents.submission_id, used_at=None)
        earlier.filter(expires_at__gt=now).update(expires_at=now)
        row = SigningCode(
            submission_id=documents.submission_id,
            documents_sha256=documents.digest,
            tries_left=CODE_TRIES,
            created_at=now,
            expires_at=now + dt.timedelta(minutes=CODE_MINUTES),
        )
        row.code_hash = _code_hash(row.pk, code)
        row.save()
    return code


def _code_hash(code_id: UUID, code: str) -> str:
    # Keyed: eight characters behind a plain hash could be found by trying them all.
    plain = "".join(code.upper().split()).replace("-", "")
    return hmac.new(signing_keys().derive("signing-code"), f"{code_id}:{plain}".encode(), hashlib.sha256).hexdigest()


def _spend_code(documents: Documents, code: str, now: dt.datetime) -> SigningCode:
    """Count one try, compare, and mark the code used.

    The guarded UPDATE takes the try before the comparison, so that tries made at once cannot share one.
    """
    live = SigningCode.objects.filter(
        submission_id=documents.submission_id,
        documents_sha256=documents.digest,
        used_at=None,
        expires_at__gt=now,
        tries_left__gt=0,
    )
    row = live.order_by("-created_at").first()
    if row is None or not live.filter(pk=row.pk).update(tries_left=F("tries_left") - 1):
        raise CodeExpiredError
    if not hmac.compare_digest(row.code_hash, _code_hash(row.pk, code)):
        raise CodeWrongError
    if not SigningCode.objects.filter(pk=row.pk, used_at=None).update(used_at=now):
        raise CodeExpiredError
    return row


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
    spent = _spend_code(documents, code, now)
    with transaction.atomic():
        return _store_signed(documents, name, spent, now)


def _store_signed(prepared: Documents, name: str, code: SigningCode, now: dt.datetime) -> ConsentRecord:
    evidence = {kind: _private_evidence(kind, prepared, name, code, now) for kind in prepared.texts()}
    signed = documents.sign(prepared, at=now, commitments={kind: row.commitment for kind, row in evidence.items()})
    public = {
        kind: documents.evidence(kind, text, method=rec.TYPED_NAME, commitment=evidence[kind].commitment, at=now)
        for kind, text in signed.texts().items()
    }
    record = _store(signed, public, now, previous=_previous(signed))
    Evidence.objects.bulk_create(evidence.values())
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


def _private_evidence(kind: str, prepared: Documents, name: str, code: SigningCode, now: dt.datetime) -> Evidence:
    """Encrypt what was typed under a key of its own; the document will carry a salted commitment to it."""
    typed = {
        "document": kind,
        "typed_name": name,
        "code_id": str(code.pk),
        "documents_sha256": prepared.digest,
        "signed_at": to_text(now),
    }
    salt, key, nonce = secrets.token_bytes(32), AESGCM.generate_key(256), secrets.token_bytes(12)
    plain = canonical(typed)
    commitment = hmac.new(salt, plain, hashlib.sha256).hexdigest()
    return Evidence(
        record_id=prepared.record_id,
        commitment=commitment,
        sealed=nonce + AESGCM(key).encrypt(nonce, salt + plain, commitment.encode()),
        wrapped_key=aes_key_wrap(signing_keys().derive("evidence"), key),
    )


def open_evidence(row: Evidence) -> Json:
    """Decrypt the evidence of one signature and check it against its commitment; for a privacy officer.

    Raises:
        StateError: it was erased. BindingError: it is not what was committed to.
    """
    if row.sealed is None or row.wrapped_key is None:
        raise StateError("This evidence was erased.")
    sealed = bytes(row.sealed)
    try:
        key = aes_key_unwrap(signing_keys().derive("evidence"), bytes(row.wrapped_key))
        opened = AESGCM(key).decrypt(sealed[:12], sealed[12:], row.commitment.encode())
    except (InvalidUnwrap, InvalidTag):
        raise BindingError from None
    if hmac.new(opened[:32], opened[32:], hashlib.sha256).hexdigest() != row.commitment:
        raise BindingError
    return cast("Json", rec.parse(opened[32:]))


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
        notice=_notice_row(text),
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
    _keep("withdrawal", row, artifact_id=None, subject=row.record_sha256, said=said, at=now)


# What workers and gates ask


def is_given(record: ConsentRecord) -> bool:
    """Say whether the record still allows any use: given, not withdrawn or superseded, in term."""
    return live_grants(timezone.now()).filter(record=record).exists()


def live_grants(now: dt.datetime) -> QuerySet[ConsentGrant]:
    """Return what may be used at ``now``: given and in term."""
    return ConsentGrant.objects.filter(state=ConsentGrant.State.GIVEN, valid_until__gt=now)


def signed_digests(record: ConsentRecord) -> dict[str, str]:
    """Return artifact id → SHA-256 of the redacted copy, as signed."""
    return {file["artifact_id"]: file["redacted_sha256"] for file in parsed(record)["artifacts"]}


def signed_bases(record: ConsentRecord) -> dict[str, str]:
    """Artifact id → rights basis, as the signed rights declaration says. Empty for a refusal."""
    return {file["artifact_id"]: file["basis"] for file in json.loads(record.rights or '{"files": []}')["files"]}


def parsed(record: ConsentRecord) -> Json:
    """Return the record's document."""
    return cast("Json", rec.parse(record.record.encode()))


def issue_bundle(
    record: ConsentRecord,
    *,
    artifact_id: UUID,
    redacted_sha256: str,
    redaction: Mapping[str, Any],
    verification: Mapping[str, Any],
    sealed_at: dt.datetime,
) -> bytes:
    """Sign the seal of one file and return its bundle, stage ``sealed``; called again, the same bytes.

    Args:
        redaction: tool, policy, policy_sha256, entities (type → count); model, report_sha256, residual_risk if known.
        verification: verdict (CLEAN or NEEDS_ACK), at; checks (name → result) if known.
    Raises:
        BindingError: the record does not list this file with this digest.
        VerificationError: the bundle would not verify, so it is not issued.
        FormatError ``malformed``: redaction or verification have another form.
    """
    with transaction.atomic():
        kept = _kept("seal", record, artifact_id, redacted_sha256)
        if kept is not None:
            return _compose(record, kept)
        said = {
            "artifact_id": str(artifact_id),
            "original": {"commitment": _listed(record, artifact_id, redacted_sha256)["original_commitment"]},
            "consent": {"record_id": str(record.pk), "envelope": {"sha256": dsse.from_dict(record.envelope).sha256}},
            "redaction": dict(redaction),
            "verification": {**verification, "at": _time_text(verification["at"])},
            "sealed_at": to_text(sealed_at),
        }
        sealed = _keep("seal", record, artifact_id=artifact_id, subject=redacted_sha256, said=said, at=sealed_at)
        data = _compose(record, sealed)
        bundle.verify(redacted_sha256, data, trust=trust_fingerprint(), now=timezone.now())
    return data


def release(
    record: ConsentRecord,
    *,
    artifact_id: UUID,
    reviews: Sequence[Mapping[str, Any]],
    not_before: dt.datetime | None,
    released_at: dt.datetime,
) -> Statement:
    """Sign the release of a sealed file for the purposes given; called again, the first release.

    Args:
        reviews: stage, decision (``approved``), reviewer (``r_…``), at. not_before: end of the cooling-off time.
    Raises:
        BindingError: the file was not sealed under this record, or a review is missing, did not approve, or is the
            contributor's own. StateError: nothing is given any more.
    """
    with transaction.atomic():
        digest = signed_digests(record).get(str(artifact_id), "")
        sealed = _kept("seal", record, artifact_id, digest)
        if sealed is None:
            raise BindingError
        if (released := _kept("release", record, artifact_id, digest)) is not None:
            return released
        given = live_grants(timezone.now()).filter(record=record).values_list("purpose", flat=True)
        if not given:
            raise StateError
        own = f"r_{record.principal.removeprefix('p_')}"
        if not reviews or any(r["decision"] != "approved" or r["reviewer"] == own for r in reviews):
            raise BindingError("The reviews do not allow a release.")
        said = {
            "artifact_id": str(artifact_id),
            "seal": {"envelope": {"sha256": sealed.envelope_sha256}},
            "record_id": str(record.pk),
            "review": [{**review, "at": _time_text(review["at"])} for review in reviews],
            "purposes": sorted(set(given)),
            "released_at": to_text(released_at),
            "not_before": to_text(not_before or released_at),
            # Until lists are published, none can be older than a release.
            "retraction_sequence": 0,
        }
        return _keep("release", record, artifact_id=artifact_id, subject=digest, said=said, at=released_at)


def released_bundle(artifact_id: UUID, redacted_sha256: str) -> bytes:
    """Return the bundle that leaves with a released file, stage ``released``.

    Raises:
        BindingError: this file was never released.
    """
    released = (
        Statement.objects.filter(kind="release", artifact_id=artifact_id, subject_sha256=redacted_sha256)
        .select_related("record__notice")
        .order_by("-at")
        .first()
    )
    sealed = None if released is None else _kept("seal", released.record, artifact_id, redacted_sha256)
    if released is None or sealed is None:
        raise BindingError("This file has not been released.")
    return _compose(released.record, sealed, released)


def _compose(record: ConsentRecord, sealed: Statement, released: Statement | None = None) -> bytes:
    return bundle.compose(
        documents={
            "record": record.record,
            "rights": record.rights or None,
            "third_party": record.third_party or None,
            "notice": record.notice.body,
        },
        evidence=record.evidence,
        consent=record.envelope,
        seal=sealed.envelope,
        release=None if released is None else released.envelope,
        log=_proofs(record, sealed, released),
        keyset=(released or sealed).keyset,
    )


def _proofs(record: ConsentRecord, sealed: Statement, released: Statement | None) -> dict[str, str]:
    logged = {"consent": record.pk, "seal": sealed.pk} | ({"release": released.pk} if released else {})
    return {kind: ledger.proof(kind, subject_id) for kind, subject_id in logged.items()}


def _listed(record: ConsentRecord, artifact_id: UUID, redacted_sha256: str) -> Json:
    for file in parsed(record)["artifacts"]:
        if (file["artifact_id"], file["redacted_sha256"]) == (str(artifact_id), redacted_sha256):
            return cast("Json", file)
    raise BindingError


def _time_text(moment: dt.datetime | str) -> str:
    return moment if isinstance(moment, str) else to_text(moment)


def _kept(kind: str, record: ConsentRecord, artifact_id: UUID, subject: str) -> Statement | None:
    return Statement.objects.filter(kind=kind, record=record, artifact_id=artifact_id, subject_sha256=subject).first()


def _keep(
    kind: str, record: ConsentRecord, *, artifact_id: UUID | None, subject: str, said: Json, at: dt.datetime
) -> Statement:
    """Sign a statement about one thing and keep it; of two workers at once, both get the one that came first."""
    name = "record" if artifact_id is None else str(artifact_id)
    envelope = sign_statement(kind, {name: subject}, said)
    row, is_new = Statement.objects.get_or_create(
        kind=kind,
        record=record,
        artifact_id=artifact_id,
        subject_sha256=subject,
        defaults={
            "envelope": envelope,
            "envelope_sha256": dsse.from_dict(envelope).sha256,
            "keyset": rec.parse(keyset()),
            "at": at,
        },
    )
    if is_new:
        ledger.append(kind, row.envelope, subject_id=row.pk, signers=signing_keys().log)
    return row


def sign_statement(kind: str, subjects: Mapping[str, str], predicate: Mapping[str, Any]) -> Json:
    """Sign ``<kind>/v1`` about ``subjects`` (name → hex SHA-256) with the key for that; return the envelope.

    A batch's predicate says ``sealed_at``: the moment at which its key will be judged.

    Raises:
        FormatError ``malformed``, KeyError: nobody may say ``kind``. KeysMissingError.
    """
    signer = signing_keys().signer(statement.USAGE[kind])
    return dsse.to_dict(statement.sign(statement.build(kind, subjects, dict(predicate)), signer))


def receipt_id(record: ConsentRecord) -> UUID:
    """Return the receipt's own id; it follows from the record's."""
    return uuid.uuid5(record.pk, "receipt")


# The log, as it is copied out


def unpublished_rows() -> tuple[int, bytes] | None:
    """Return where the rows that were not copied out yet begin, and their bytes; None when there are none.

    What was copied last is checked against the database, and the new rows against it, before anything is returned.

    Raises:
        FormatError: the code of what is wrong with the log in this database.
    """
    last = LogPart.objects.last()
    first = 0 if last is None else last.end
    if last is not None and sha256_hex(ledger.rows(last.first, last.end)) != last.sha256:
        raise FormatError("log_forked")
    end = min(ledger.size(), first + PART_ROWS)
    opened = keys.open_keyset(cast("Json", rec.parse(keyset())), trust_fingerprint(), timezone.now())
    ledger.check(first, end, opened.log)
    return (first, ledger.rows(first, end)) if end > first else None


def published_rows(first: int, data: bytes) -> None:
    """Keep that ``data``, the rows from ``first`` on, lies where nobody can change it."""
    LogPart.objects.get_or_create(first=first, defaults={"end": first + data.count(b"\n"), "sha256": sha256_hex(data)})


def last_published() -> tuple[int, str] | None:
    """Return the first row and the SHA-256 of the newest part that was copied out."""
    last = LogPart.objects.last()
    return None if last is None else (last.first, last.sha256)
