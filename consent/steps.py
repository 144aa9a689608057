"""The steps of ``bundle.verify``, numbered; each reads only what an earlier one has established."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from consent import envelope as dsse
from consent import keys, log, passkey, schemas, statement
from consent import record as rec
from consent.envelope import Envelope
from consent.errors import FormatError
from consent.keys import Keyset
from consent.log import Checkpoint
from consent.record import Json, canonical, parse_canonical, sha256_hex, to_moment

LIMIT = 1024 * 1024
CLOCK_SKEW = dt.timedelta(minutes=5)
DOCUMENTS = ("record", "rights", "third_party")
LOGGED = ("consent", "seal", "release")


@dataclass
class Check:
    """What the steps have established so far. A step reads only what an earlier one has set."""

    file_sha256: str
    raw: bytes
    trust: str
    purpose: str | None
    recipient: str | None
    raw_retractions: bytes | None
    now: dt.datetime

    bundle: Json = field(default_factory=dict)
    documents: dict[str, Json] = field(default_factory=dict)
    envelopes: dict[str, Envelope] = field(default_factory=dict)
    retraction_file: Json | None = None
    keyset: Keyset = field(init=False)
    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)
    seen_at: dict[str, dt.datetime] = field(default_factory=dict)
    seal: Json = field(default_factory=dict)
    release: Json | None = None
    retraction_sequence: int | None = None

    @property
    def record(self) -> Json:
        return self.documents["record"]

    def text(self, name: str) -> bytes:
        return str(self.bundle["documents"][name]).encode()


def _refuse_unless(holds: bool, code: str) -> None:
    if not holds:
        raise FormatError(code)


def _step_0_form(check: Check) -> None:
    """Read the bundle and the documents in it: size, UTF-8, strict JSON, schema, canonical bytes and base64."""
    _refuse_unless(len(check.raw) <= LIMIT, "too_large")
    bundle = rec.parse(check.raw)
    _refuse_unless(schemas.accepts("bundle-1", bundle), "bundle_schema")
    rec.check_canonical(bundle, check.raw)
    check.bundle = bundle
    for name in DOCUMENTS:
        if bundle["documents"][name] is not None:
            document = parse_canonical(check.text(name))
            _refuse_unless(isinstance(document, dict), "record_schema")
            check.documents[name] = document
    for name in ("consent", "seal", "release", "keyset"):
        if bundle[name] is not None:
            check.envelopes[name] = dsse.from_dict(bundle[name])
    if check.raw_retractions is not None:
        retraction_file = parse_canonical(check.raw_retractions)
        _refuse_unless(schemas.accepts("retraction-file-1", retraction_file), "retraction_type")
        check.retraction_file = retraction_file


def _step_1_keyset(check: Check) -> None:
    """The keyset hangs on the pinned root. Of two, the bundle's and the retraction file's, the newer one counts."""
    offered = [check.bundle["keyset"]]
    if check.retraction_file is not None:
        offered.append(check.retraction_file["keyset"])
    newest = max(offered, key=_claimed_version)
    check.keyset = keys.open_keyset(newest, check.trust, check.now)
    for other in offered:
        if other is not newest and other != newest:
            # An older list may be past its date, but it has to be ours.
            keys.open_keyset(other, check.trust, dt.datetime.min.replace(tzinfo=dt.UTC))


def _claimed_version(untrusted: Json) -> int:
    payload = rec.parse(dsse.from_dict(untrusted).payload)
    return payload["version"] if isinstance(payload, dict) and isinstance(payload.get("version"), int) else 0


def _step_2_checkpoints(check: Check) -> None:
    """The checkpoint under each statement is the log's own, and says when it was seen at the latest: T."""
    for name in LOGGED:
        if name in check.envelopes:
            _, note = log.split_proof(check.bundle["log"][name]["proof"])
            checkpoint = log.open_checkpoint(note, check.keyset.log)
            _refuse_unless(checkpoint.seen_at is not None, "time_untrusted")
            check.checkpoints[name] = checkpoint
            check.seen_at[name] = cast("dt.datetime", checkpoint.seen_at)


def _step_3_seal(check: Check) -> None:
    """Open the seal: payload type, signature by a seal key good at T, canonical payload."""
    check.seal = _opened(check, "seal")


def _opened(check: Check, name: str) -> Json:
    return statement.open_statement(check.envelopes[name], name, check.keyset, at=check.seen_at[name])


def _step_4_file(check: Check) -> None:
    """The seal is about exactly one thing, and that is the file at hand."""
    digests = list(statement.subjects(check.seal).values())
    _refuse_unless(len(digests) == 1, "subject")
    _refuse_unless(digests[0] == check.file_sha256, "artifact_digest")


def _step_5_consent(check: Check) -> None:
    """The seal's consent is the one here, and each of its subjects is the document here."""
    envelope = check.envelopes["consent"]
    said = check.seal["predicate"]["consent"]
    _refuse_unless(envelope.sha256 == said["envelope"]["sha256"], "consent_binding")
    opened = _opened(check, "consent")
    subjects = statement.subjects(opened)
    signed = {*check.documents, "notice", *(f"evidence/{name}" for name in check.documents)}
    _refuse_unless(set(subjects) == signed, "consent_binding")
    texts = {**check.bundle["documents"], **{f"evidence/{k}": v for k, v in check.bundle["evidence"].items()}}
    for name, digest in subjects.items():
        _refuse_unless(name in texts, "signature_missing")
        _refuse_unless(sha256_hex(texts[name].encode()) == digest, _SUBJECT_CODES[name])
    claims = opened["predicate"]
    _refuse_unless(claims["record_id"] == check.record.get("record_id"), "consent_binding")
    _refuse_unless(claims["submission_id"] == check.record.get("submission_id"), "consent_binding")


# Every subject of the consent statement, and the code when the text here is not the one that was signed.
_SUBJECT_CODES = {
    "record": "record_digest",
    "rights": "statement_digest",
    "third_party": "statement_digest",
    "notice": "notice_digest",
    "evidence/record": "evidence_digest",
    "evidence/rights": "evidence_digest",
    "evidence/third_party": "evidence_digest",
}


def _step_6_record(check: Check) -> None:
    """The documents have their form and keep their rules; the notice is the one the record names."""
    rec.check_documents(check.record, check.documents.get("rights"), check.documents.get("third_party"))
    _refuse_unless(check.record["notice"]["sha256"] == sha256_hex(check.text("notice")), "notice_digest")


def _step_7_signatures(check: Check) -> None:
    """The contributor signed each document: with the passkey it names, or as the evidence it commits to says."""
    for name, document in check.documents.items():
        evidence = parse_canonical(check.bundle["evidence"][name].encode())
        _refuse_unless(schemas.accepts("evidence-1", evidence), "signature_missing")
        signature = document["signature"]
        _refuse_unless(
            evidence["document"] == name
            and evidence["document_sha256"] == sha256_hex(check.text(name))
            and evidence["method"] == signature["method"],
            "signature_missing",
        )
        if evidence["method"] == passkey.METHOD:
            credential = signature["credential_spki_sha256"]
            passkey.check(evidence, name, check.text(name), credential, check.keyset.webauthn)
        else:
            _refuse_unless(evidence["commitment"] == signature.get("evidence_commitment"), "signature_missing")


def _step_8_artifact(check: Check) -> None:
    """The record lists this file by id, redacted digest and commitment; somebody stated the right to share it."""
    said = check.seal["predicate"]
    _refuse_unless(said["consent"]["record_id"] == check.record["record_id"], "record_binding")
    wanted = (said["artifact_id"], check.file_sha256, said["original"]["commitment"])
    listed = {(a["artifact_id"], a["redacted_sha256"], a["original_commitment"]) for a in check.record["artifacts"]}
    _refuse_unless(wanted in listed, "artifact_not_consented")
    # A refusal or withdrawal has no declarations (record_rules); step 10 refuses it by its state.
    if "rights" in check.documents:
        bases = {entry["artifact_id"] for entry in check.documents["rights"]["files"]}
        _refuse_unless(said["artifact_id"] in bases, "rights_basis")


def _step_9_release(check: Check) -> None:
    """A purpose or recipient asked for needs a release: of this seal, approved, and not by the contributor."""
    if "release" not in check.envelopes:
        _refuse_unless(check.purpose is None and check.recipient is None, "not_released")
        return
    check.release = _opened(check, "release")
    said = check.release["predicate"]
    _refuse_unless(
        list(statement.subjects(check.release).values()) == [check.file_sha256]
        and said["seal"]["envelope"]["sha256"] == check.envelopes["seal"].sha256
        and said["artifact_id"] == check.seal["predicate"]["artifact_id"]
        and said["record_id"] == check.record["record_id"],
        "seal_binding",
    )
    contributor = check.record["pii_principal_id"].removeprefix("p_")
    _refuse_unless(bool(said["review"]), "review")
    for review in said["review"]:
        _refuse_unless(review["decision"] == "approved", "review")
        _refuse_unless(review["reviewer"].removeprefix("r_") != contributor, "review")


def _step_10_scope(check: Check) -> None:
    """State, order of times, term, purposes and recipients."""
    event = check.record["event"]
    _refuse_unless(event["state"] in rec.LIVE_STATES, "consent_state")
    _check_times(check)
    _refuse_unless(check.now < to_moment(event["valid_until"]), "consent_expired")
    agreed = given(check.record)
    usable = agreed
    if check.release is not None:
        _refuse_unless(set(check.release["predicate"]["purposes"]) <= set(agreed), "purpose_exceeds_consent")
        usable = {name: agreed[name] for name in check.release["predicate"]["purposes"]}
    if check.purpose is not None:
        _refuse_unless(check.purpose in usable, "purpose_not_permitted")
        usable = {check.purpose: usable[check.purpose]}
    if check.recipient is not None:
        # Without a purpose the recipient has to be allowed for all of them.
        _refuse_unless(all(check.recipient in names for names in usable.values()), "recipient_not_permitted")


def _check_times(check: Check) -> None:
    """What is said to have happened did so in order, and nothing before it was seen in the log, give or take."""
    said = {"consent": check.record["event"]["time"], "seal": check.seal["predicate"]["sealed_at"]}
    if check.release is not None:
        said["release"] = check.release["predicate"]["released_at"]
    moments = [to_moment(text) for text in said.values()]
    seen = [check.seen_at[name] for name in said]
    in_order = moments == sorted(moments) and seen == sorted(seen) and seen[-1] <= check.now + CLOCK_SKEW
    not_ahead = all(moment <= at + CLOCK_SKEW for moment, at in zip(moments, seen, strict=True))
    _refuse_unless(in_order and not_ahead, "time_order")
    if check.release is not None:
        _refuse_unless(to_moment(check.release["predicate"]["not_before"]) <= check.now, "not_yet")


def given(record: Json) -> dict[str, set[str]]:
    """Return purpose → the recipient classes and parties it was given for."""
    return {
        purpose["purpose_id"]: {
            name for recipient in purpose["recipients"] for name in (recipient["class"], *recipient["party_ids"])
        }
        for purpose in record["purposes"]
        if purpose["decision"] == "given"
    }


def _step_11_log(check: Check) -> None:
    """Each statement is a leaf of the tree under its checkpoint."""
    for name, checkpoint in check.checkpoints.items():
        head, _ = log.split_proof(check.bundle["log"][name]["proof"])
        proof = log.parse_proof(head, checkpoint.size)
        log.check_proof(proof, name, canonical(dsse.to_dict(check.envelopes[name])), checkpoint)


def _step_12_retraction(check: Check) -> None:
    """The list handed in is ours, fresh, not older than the release, and names neither this file nor its record."""
    if check.retraction_file is None:
        return
    envelope = dsse.from_dict(check.retraction_file["list"])
    try:
        said = statement.open_statement(envelope, "retractions", check.keyset)["predicate"]
    except FormatError as error:
        wrong_type = error.code in ("payload_type", "predicate_type", "subject", "malformed")
        raise FormatError("retraction_type" if wrong_type else error.code) from None
    check.retraction_sequence = said["sequence"]
    known = 0 if check.release is None else check.release["predicate"]["retraction_sequence"]
    _refuse_unless(said["sequence"] >= known, "retraction_rollback")
    _refuse_unless(check.now < to_moment(said["next_update"]), "retraction_stale")
    _refuse_unless(not any(_retracts(entry, check) for entry in said["entries"]), "retracted")


def _retracts(entry: Json, check: Check) -> bool:
    names_file = entry["artifact_id"] == check.seal["predicate"]["artifact_id"]
    names_record = entry["artifact_id"] is None and entry.get("record_id") == check.record["record_id"]
    if not (names_file or names_record):
        return False
    # An entry with purposes takes back only those; it counts for whoever asks for one of them or for none.
    return entry["purposes"] is None or check.purpose is None or check.purpose in entry["purposes"]


STEPS: tuple[tuple[int, Callable[[Check], None]], ...] = (
    (0, _step_0_form),
    (1, _step_1_keyset),
    (2, _step_2_checkpoints),
    (3, _step_3_seal),
    (4, _step_4_file),
    (5, _step_5_consent),
    (6, _step_6_record),
    (7, _step_7_signatures),
    (8, _step_8_artifact),
    (9, _step_9_release),
    (10, _step_10_scope),
    (11, _step_11_log),
    (12, _step_12_retraction),
)
