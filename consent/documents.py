"""From what the programme says and the contributor chose to the three documents of one sign page.

``draft`` writes them once, when the page is shown; ``digest`` is what the e-mailed code is bound to. ``sign`` adds
what only the signature knows: the moment, and the commitments to its evidence. Nothing else changes in between.
"""

from __future__ import annotations

import base64
import datetime as dt
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from consent import passkey
from consent import record as rec
from consent.errors import ChoiceError, ComprehensionError, FormatError
from consent.notice import NoticeText
from consent.record import Json, canonical, sha256_hex, to_moment, to_text

BASES = ("self_owned", "employer_release", "client_release", "public", "licensed", "fabricated")
OWNERS = ("me", "employer", "client", "other")
THIRD_PARTY_QUESTIONS = ("others_named", "confidential_marked", "special_category", "secrecy_duty")
KINDS = ("record", "rights", "third_party")


@dataclass(frozen=True)
class FileRef:
    """One file of the submission as it would leave. ``original_commitment`` is ``hmac-sha256:<hex>``."""

    artifact_id: UUID
    redacted_sha256: str
    original_commitment: str
    role: str
    kind: str
    media_type: str
    size: int
    basis: str


@dataclass(frozen=True)
class Terms:
    """What the programme says. Days are whole days; ``pay_amount`` is a decimal as text."""

    programme_id: UUID
    purposes: tuple[str, ...]
    recipient_classes: tuple[str, ...]
    notice_version: str
    language: str
    pay_amount: str
    pay_currency: str
    term_days: int
    original_days: int
    withdraw_url: str


@dataclass(frozen=True)
class Documents:
    """The documents of one sign page before the signature, as canonical JSON; a refusal has a record alone."""

    record: str
    rights: str
    third_party: str

    @property
    def digest(self) -> str:
        """Hex SHA-256 over all three: what the code is bound to."""
        digests = {kind: sha256_hex(text.encode()) for kind, text in self.texts().items()}
        return sha256_hex(canonical(digests))

    @property
    def record_id(self) -> UUID:
        return UUID(self.parsed("record")["record_id"])

    @property
    def submission_id(self) -> UUID:
        return UUID(self.parsed("record")["submission_id"])

    @property
    def state(self) -> str:
        return str(self.parsed("record")["event"]["state"])

    @property
    def digests(self) -> dict[str, str]:
        """Artifact id → SHA-256 of the redacted copy: what the page was about."""
        return {file["artifact_id"]: file["redacted_sha256"] for file in self.parsed("record")["artifacts"]}

    def texts(self) -> dict[str, str]:
        """Return the documents that there are, by kind."""
        return {kind: text for kind in KINDS if (text := getattr(self, kind))}

    def parsed(self, kind: str) -> Json:
        return cast("Json", rec.parse(getattr(self, kind).encode()))

    def to_json(self) -> str:
        return canonical({kind: getattr(self, kind) for kind in KINDS}).decode()

    @classmethod
    def from_json(cls, text: str) -> Documents:
        """Raises FormatError when the text is not what ``to_json`` wrote."""
        data = rec.parse_canonical(text.encode())
        if not isinstance(data, dict) or set(data) != set(KINDS) or not all(isinstance(v, str) for v in data.values()):
            raise FormatError("json")
        return cls(**data)


def new_nonce() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(24)).decode().rstrip("=")


def draft(
    *,
    submission_id: UUID,
    principal: str,
    terms: Terms,
    notice: NoticeText,
    files: Sequence[FileRef],
    choices: Mapping[str, str],
    attestation: Mapping[str, object],
    third_party: Mapping[str, bool],
    comprehension: Json | None,
    previous_sha256: str | None,
    layers_opened: Sequence[str],
    now: dt.datetime,
) -> Documents:
    """Write the documents of one sign page. ``previous_sha256`` names the record this one renews.

    ``comprehension`` says how the questions about the notice were passed; a refusal needs none and carries none.

    Raises:
        ChoiceError: a purpose without an answer, a file without a basis, a question not answered.
        ComprehensionError: something is given, and the questions about the notice were not passed.
        NoticeError: the notice does not explain an offered purpose.
    """
    _check_answers(terms, files, choices, third_party)
    given = "given" in choices.values()
    if given and comprehension is None:
        raise ComprehensionError
    state = "refused" if not given else "renewed" if previous_sha256 else "given"
    record = {
        "schema_version": rec.SCHEMA_VERSION,
        "record_id": str(uuid.uuid4()),
        "pii_principal_id": principal,
        "submission_id": str(submission_id),
        "programme_id": str(terms.programme_id),
        "previous_event_sha256": previous_sha256 if state == "renewed" else None,
        "notice": _notice_part(notice, layers_opened, now),
        "purposes": [_purpose(notice, name, choices[name], terms, third_party) for name in terms.purposes],
        "pii_information": _pii(notice, third_party),
        **{name: notice.terms[name] for name in _FROM_NOTICE},
        "retention": {
            "original": f"P{terms.original_days}D",
            "artifacts": f"P{terms.term_days}D",
            "evidence_after_withdrawal": notice.terms["evidence_after_withdrawal"],
        },
        "withdrawal_method": terms.withdraw_url,
        "artifacts": [_artifact(file) for file in files],
        "rights_sha256": None,
        "third_party_sha256": None,
        "compensation": {
            "amount": terms.pay_amount,
            "currency": terms.pay_currency,
            "kept_on_withdrawal": True,
            "conditional_on": [name for name in terms.purposes if notice.purpose(name)["required_for_payment"]],
        },
        "comprehension": comprehension if given else None,
        "withdraws": None,
        "event": {
            "type": "explicit",
            "state": state,
            "time": to_text(now),
            "valid_until": to_text(now + dt.timedelta(days=terms.term_days)) if given else rec.NO_END,
            "entity_id": principal,
            "method": "web-form",
        },
        "signature": {"method": rec.TYPED_NAME},
        "nonce": new_nonce(),
    }
    if not given:
        return Documents(canonical(record).decode(), "", "")
    rights = _rights(submission_id, notice, files, attestation, now)
    others = _third_party(submission_id, notice, third_party, now)
    return Documents(canonical(record).decode(), canonical(rights).decode(), canonical(others).decode())


_FROM_NOTICE = ("controllers", "authority_party", "parties", "jurisdictions", "geographic_restrictions", "rights")


def _check_answers(
    terms: Terms, files: Sequence[FileRef], choices: Mapping[str, str], third_party: Mapping[str, bool]
) -> None:
    if set(choices) != set(terms.purposes) or not set(choices.values()) <= {"given", "refused"}:
        raise ChoiceError
    if not terms.recipient_classes:
        raise ChoiceError("This programme names nobody who may receive files, so nothing can be signed.")
    if not files or any(file.basis not in BASES for file in files):
        raise ChoiceError("Say for each file why you may share it.")
    if set(third_party) != set(THIRD_PARTY_QUESTIONS):
        raise ChoiceError


def _notice_part(notice: NoticeText, layers_opened: Sequence[str], now: dt.datetime) -> Json:
    return {
        "notice_id": notice.terms["notice_id"],
        "version": notice.version,
        "language": notice.language,
        "sha256": notice.sha256,
        "media_type": "text/markdown",
        "rendered_sha256": notice.rendered_sha256,
        "shown_at": to_text(now),
        "layers_opened": list(layers_opened),
    }


def _purpose(notice: NoticeText, purpose_id: str, decision: str, terms: Terms, third_party: Mapping[str, bool]) -> Json:
    purpose = notice.purpose(purpose_id)
    purpose.pop("title")
    if third_party["special_category"]:
        purpose["lawful_basis"] = [*purpose["lawful_basis"], rec.SPECIAL_CATEGORY_BASIS]
    purpose.setdefault("transfer", None)
    recipients = [{"class": name, "region": "any", "party_ids": []} for name in terms.recipient_classes]
    return {**purpose, "decision": decision, "recipients": recipients}


def _pii(notice: NoticeText, third_party: Mapping[str, bool]) -> list[Json]:
    items: list[Json] = list(notice.terms["pii_information"])
    if third_party["special_category"]:
        special = {"pii_type": "https://w3id.org/dpv#SpecialCategoryPersonalData", "subject": "third_party"}
        items.append({**special, "optional": True, "special_category": True})
    return items


def _artifact(file: FileRef) -> Json:
    return {
        "artifact_id": str(file.artifact_id),
        "redacted_sha256": file.redacted_sha256,
        "original_commitment": file.original_commitment,
        "role": file.role,
        "kind": file.kind,
        "media_type": file.media_type,
        "size": file.size,
    }


def _declaration(version: str, submission_id: UUID, text: str, now: dt.datetime) -> Json:
    return {
        "schema_version": version,
        "statement_id": str(uuid.uuid4()),
        "submission_id": str(submission_id),
        "text_sha256": sha256_hex(text.encode()),
        "time": to_text(now),
        "signature": {"method": rec.TYPED_NAME},
        "nonce": new_nonce(),
    }


def _rights(
    submission_id: UUID,
    notice: NoticeText,
    files: Sequence[FileRef],
    attestation: Mapping[str, object],
    now: dt.datetime,
) -> Json:
    owner, nda = attestation.get("owner"), attestation.get("nda")
    if owner not in OWNERS or nda not in ("yes", "no"):
        raise ChoiceError
    return {
        **_declaration(rec.RIGHTS_VERSION, submission_id, notice.declaration("rights"), now),
        "files": [{"artifact_id": str(file.artifact_id), "basis": file.basis} for file in files],
        "employer_relation": owner,
        "nda_declared": nda == "yes",
    }


def _third_party(submission_id: UUID, notice: NoticeText, answers: Mapping[str, bool], now: dt.datetime) -> Json:
    return {
        **_declaration(rec.THIRD_PARTY_VERSION, submission_id, notice.declaration("third_party"), now),
        **{question: bool(answers[question]) for question in THIRD_PARTY_QUESTIONS},
        "checked_result": True,
    }


def sign(documents: Documents, *, at: dt.datetime, signatures: Mapping[str, Json]) -> Documents:
    """Complete the documents with the moment of signing and how each is signed: ``typed`` or ``by_passkey``.

    Raises:
        FormatError: ``record_schema``, ``record_rules``: what was drafted cannot be signed.
    """
    signed: dict[str, Json] = {}
    for kind in ("rights", "third_party"):
        if getattr(documents, kind):
            signed[kind] = {**documents.parsed(kind), "time": to_text(at), "signature": signatures[kind]}
    record = documents.parsed("record")
    event = record["event"]
    if event["valid_until"] != rec.NO_END:
        term = to_moment(event["valid_until"]) - to_moment(event["time"])
        event["valid_until"] = to_text(at + term)
    event["time"] = to_text(at)
    record["signature"] = signatures["record"]
    for kind, document in signed.items():
        record[f"{kind}_sha256"] = sha256_hex(canonical(document))
    rec.check_documents(record, signed.get("rights"), signed.get("third_party"))
    texts = {kind: canonical(document).decode() for kind, document in signed.items()}
    return Documents(canonical(record).decode(), texts.get("rights", ""), texts.get("third_party", ""))


def typed(commitment: str) -> Json:
    """How a document says that it is signed by a typed name: with the commitment (hex) to the evidence."""
    return {"method": rec.TYPED_NAME, "evidence_commitment": commitment}


def by_passkey(spki_sha256: str) -> Json:
    """How a document says that it is signed by a passkey: with the digest (hex) of its public key."""
    return {"method": passkey.METHOD, "credential_spki_sha256": spki_sha256}


def withdrawal(
    given: str,
    *,
    previous_sha256: str,
    artifacts: Sequence[UUID] | None,
    purposes: Sequence[str] | None,
    at: dt.datetime,
) -> str:
    """Return the record that takes ``given`` back: wholly, or for some files or purposes (None means all).

    Raises:
        ChoiceError: a file or purpose that the record does not have.
    """
    record = cast("Json", rec.parse(given.encode()))
    scope = {
        "artifacts": _scope([str(a) for a in artifacts] if artifacts is not None else None, record, "artifact"),
        "purposes": _scope(purposes, record, "purpose"),
    }
    record.update(
        record_id=str(uuid.uuid4()),
        previous_event_sha256=previous_sha256,
        rights_sha256=None,
        third_party_sha256=None,
        comprehension=None,
        withdraws={"record_id": record["record_id"], **scope},
        signature={"method": rec.SIGNED_IN},
        nonce=new_nonce(),
    )
    record["event"].update(state="withdrawn", time=to_text(at), valid_until=rec.NO_END)
    rec.check_documents(record, None, None)
    return canonical(record).decode()


def _scope(chosen: Sequence[str] | None, record: Json, noun: str) -> str | list[str]:
    if chosen is None:
        return "all"
    known = {item[f"{noun}_id"] for item in record[f"{noun}s"]}
    if not chosen or not set(chosen) <= known:
        raise ChoiceError
    return sorted(set(chosen))


def evidence(kind: str, document: str, *, method: str, commitment: str | None, at: dt.datetime) -> str:
    """Return the evidence of one signature as canonical JSON: that we saw it, never what was typed."""
    said = {"method": method, "commitment": commitment, "platform_attested": True}
    return canonical({**_about(kind, document, at), **said}).decode()


def passkey_evidence(kind: str, document: str, *, assertion: Mapping[str, bytes], at: dt.datetime) -> str:
    """Return the evidence of a passkey signature as canonical JSON: everything that checking it again needs.

    Args:
        assertion: ``spki``, ``client_data``, ``authenticator_data``, ``signature``, as bytes.
    """
    parts = {name: base64.b64encode(assertion[name]).decode() for name in passkey.PARTS}
    return canonical({**_about(kind, document, at), "method": passkey.METHOD, **parts}).decode()


def _about(kind: str, document: str, at: dt.datetime) -> Json:
    return {
        "schema_version": rec.EVIDENCE_VERSION,
        "document": kind,
        "document_sha256": sha256_hex(document.encode()),
        "at": to_text(at),
    }
