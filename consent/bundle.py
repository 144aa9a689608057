"""The bundle that travels beside a file, and the proof that a contributor agreed to exactly that file.

A bundle is one canonical JSON object of at most 1 MiB. Its documents and evidence are JSON strings holding the exact
text that was signed, so ``jq -j .documents.record FILE.consent.json | sha256sum`` gives the digest others name.

The rules this follows are:

* The file is hashed and never parsed; the bundle is read strictly; nothing is fetched.
* Whoever verifies brings one thing from elsewhere: the fingerprint of the root key. Everything else must hang on it.
* A statement is read only from bytes whose signature held, and only once.
* The seal names the file and the consent; the consent names the documents, the notice and the evidence of the
  contributor's signatures; the record names this file by id, digest and commitment. Each link is compared.
* The stage ``sealed`` says: the contributor agreed and we kept it. Only ``released``, after the reviews, lets a purpose
  or a recipient be asked for.
* What one person refused, or did not answer, no statement of ours can add.
* A key is judged at the time of what it signed, T. Until statements stand in a log with trusted time, T is the
  statement's own ``received_at``, ``sealed_at`` or ``released_at``: our word, which a stolen key could back-date.
  The members for the log are null and the steps about it, 2 and 11, do not exist yet.
* A refusal has one code and the number of its step. Whatever no rule foresaw is refused as ``malformed``.

For example, for ``memo.docx`` with the digest d, and with what must hold on the right::

    seal      subject d, consent envelope e              key with usage seal, good at sealed_at
    consent   subjects record r, notice n, evidence …    SHA-256(envelope) = e, key with usage consent
    record r  artifacts [{redacted_sha256: d}]           purposes: evaluation given, training refused
    release   subject d, seal s, purposes [evaluation]   key with usage release, reviews approved, none by the author

    verify(d, bundle, trust=root, purpose="evaluation")  → Verified
    verify(d, bundle, trust=root, purpose="training")    → VerificationError purpose_not_permitted at step 10
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from consent import envelope as dsse
from consent import keys, schemas, statement
from consent import record as rec
from consent.envelope import Envelope
from consent.errors import FormatError, VerificationError
from consent.keys import Keyset
from consent.record import Json, canonical, parse_canonical, sha256_hex, to_moment

BUNDLE_TYPE = "https://vouchsafe.example/bundle/v1"
LIMIT = 1024 * 1024
CLOCK_SKEW = dt.timedelta(minutes=5)
DOCUMENTS = ("record", "rights", "third_party")


@dataclass(frozen=True)
class Verified:
    """What a file and its bundle were found to say."""

    stage: str
    artifact_id: str
    sha256: str
    record_id: str
    submission_id: str
    purposes: tuple[str, ...]
    recipients: tuple[str, ...]
    valid_until: str
    method: str
    strength: str
    time: str
    time_source: str
    retraction_status: str
    retraction_sequence: int | None
    keyset_version: int
    signers: tuple[str, ...]


def compose(
    *,
    documents: Mapping[str, str | None],
    evidence: Mapping[str, str],
    consent: Json,
    seal: Json,
    release: Json | None,
    keyset: Json,
) -> bytes:
    """Return the bytes of a bundle; the stage follows from whether there is a release.

    Raises:
        FormatError: ``bundle_schema`` or ``too_large``.
    """
    bundle = {
        "_type": BUNDLE_TYPE,
        "stage": "sealed" if release is None else "released",
        "documents": dict(documents),
        "evidence": dict(evidence),
        "consent": consent,
        "seal": seal,
        "release": release,
        "log": None,
        "keyset": keyset,
    }
    if not schemas.accepts("bundle-1", bundle):
        raise FormatError("bundle_schema")
    data = canonical(bundle)
    if len(data) > LIMIT:
        raise FormatError("too_large")
    return data


@dataclass
class _Check:
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
    seal: Json = field(default_factory=dict)
    release: Json | None = None
    retraction_sequence: int | None = None

    @property
    def record(self) -> Json:
        return self.documents["record"]

    def text(self, name: str) -> bytes:
        return str(self.bundle["documents"][name]).encode()


def verify(
    file_sha256: str,
    bundle: bytes,
    *,
    trust: str,
    purpose: str | None = None,
    recipient: str | None = None,
    retractions: bytes | None = None,
    now: dt.datetime | None = None,
) -> Verified:
    """Check that a contributor agreed to exactly this file, and to this purpose and recipient if asked.

    Args:
        file_sha256: hex digest of the file at hand, taken by the caller.
        bundle: the bytes of the ``.consent.json``, untrusted.
        trust: hex fingerprint of the root key, from a source the caller trusts.
        purpose: id of a purpose (``evaluation`` …) that must be permitted. recipient: a recipient class or party id.
        retractions: the bytes of a published retraction file; without one nothing is said about retraction.
        now: aware moment to judge expiry by; default the clock.
    Raises:
        VerificationError: the code, the step and its sentence.
    """
    check = _Check(file_sha256, bundle, trust, purpose, recipient, retractions, now or dt.datetime.now(dt.UTC))
    for number, step in STEPS:
        try:
            step(check)
        except FormatError as error:
            raise VerificationError(error.code, number) from None
        except Exception as error:  # untrusted input: what no rule foresaw is refused, never a crash
            raise VerificationError("malformed", number) from error
    return _verified(check)


def _refuse_unless(holds: bool, code: str) -> None:
    if not holds:
        raise FormatError(code)


def _step_0_form(check: _Check) -> None:
    """Read the bundle and the documents in it: size, UTF-8, strict JSON, schema, canonical bytes and base64."""
    _refuse_unless(len(check.raw) <= LIMIT, "too_large")
    bundle = rec.parse(check.raw)
    _refuse_unless(schemas.accepts("bundle-1", bundle), "bundle_schema")
    _refuse_unless(canonical(bundle) == check.raw, "not_canonical")
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


def _step_1_keyset(check: _Check) -> None:
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


def _step_3_seal(check: _Check) -> None:
    """Open the seal: payload type, signature by a seal key good when it was made, canonical payload."""
    check.seal = statement.open_statement(check.envelopes["seal"], "seal", check.keyset)


def _step_4_file(check: _Check) -> None:
    """The seal is about exactly one thing, and that is the file at hand."""
    digests = list(statement.subjects(check.seal).values())
    _refuse_unless(len(digests) == 1, "subject")
    _refuse_unless(digests[0] == check.file_sha256, "artifact_digest")


def _step_5_consent(check: _Check) -> None:
    """The seal's consent is the one here, and each of its subjects is the document here."""
    envelope = check.envelopes["consent"]
    said = check.seal["predicate"]["consent"]
    _refuse_unless(envelope.sha256 == said["envelope"]["sha256"], "consent_binding")
    opened = statement.open_statement(envelope, "consent", check.keyset)
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


def _step_6_record(check: _Check) -> None:
    """The documents have their form and keep their rules; the notice is the one the record names."""
    rec.check_documents(check.record, check.documents.get("rights"), check.documents.get("third_party"))
    _refuse_unless(check.record["notice"]["sha256"] == sha256_hex(check.text("notice")), "notice_digest")


def _step_7_signatures(check: _Check) -> None:
    """The contributor signed each document: its evidence names it, and the commitment that it names."""
    for name in check.documents:
        evidence = parse_canonical(check.bundle["evidence"][name].encode())
        _refuse_unless(schemas.accepts("evidence-1", evidence), "signature_missing")
        signature = check.documents[name]["signature"]
        _refuse_unless(
            evidence["document"] == name
            and evidence["document_sha256"] == sha256_hex(check.text(name))
            and evidence["method"] == signature["method"]
            and evidence["commitment"] == signature.get("evidence_commitment"),
            "signature_missing",
        )


def _step_8_artifact(check: _Check) -> None:
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


def _step_9_release(check: _Check) -> None:
    """A purpose or recipient asked for needs a release: of this seal, approved, and not by the contributor."""
    envelope = check.envelopes.get("release")
    if envelope is None:
        _refuse_unless(check.purpose is None and check.recipient is None, "not_released")
        return
    check.release = statement.open_statement(envelope, "release", check.keyset)
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


def _step_10_scope(check: _Check) -> None:
    """State, order of times, term, purposes and recipients."""
    event = check.record["event"]
    _refuse_unless(event["state"] in rec.LIVE_STATES, "consent_state")
    _check_times(check)
    _refuse_unless(check.now < to_moment(event["valid_until"]), "consent_expired")
    given = _given(check.record)
    usable = given
    if check.release is not None:
        _refuse_unless(set(check.release["predicate"]["purposes"]) <= set(given), "purpose_exceeds_consent")
        usable = {name: given[name] for name in check.release["predicate"]["purposes"]}
    if check.purpose is not None:
        _refuse_unless(check.purpose in usable, "purpose_not_permitted")
        usable = {check.purpose: usable[check.purpose]}
    if check.recipient is not None:
        # Without a purpose the recipient has to be allowed for all of them.
        _refuse_unless(all(check.recipient in names for names in usable.values()), "recipient_not_permitted")


def _check_times(check: _Check) -> None:
    latest = check.now + CLOCK_SKEW
    order = [check.record["event"]["time"], check.seal["predicate"]["sealed_at"]]
    if check.release is not None:
        order.append(check.release["predicate"]["released_at"])
    moments = [to_moment(text) for text in order]
    _refuse_unless(moments == sorted(moments) and moments[-1] <= latest, "time_order")
    if check.release is not None:
        _refuse_unless(to_moment(check.release["predicate"]["not_before"]) <= check.now, "not_yet")


def _given(record: Json) -> dict[str, set[str]]:
    """Return purpose → the recipient classes and parties it was given for."""
    return {
        purpose["purpose_id"]: {
            name for recipient in purpose["recipients"] for name in (recipient["class"], *recipient["party_ids"])
        }
        for purpose in record["purposes"]
        if purpose["decision"] == "given"
    }


def _step_12_retraction(check: _Check) -> None:
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


def _retracts(entry: Json, check: _Check) -> bool:
    names_file = entry["artifact_id"] == check.seal["predicate"]["artifact_id"]
    names_record = entry["artifact_id"] is None and entry.get("record_id") == check.record["record_id"]
    if not (names_file or names_record):
        return False
    # An entry with purposes takes back only those; it counts for whoever asks for one of them or for none.
    return entry["purposes"] is None or check.purpose is None or check.purpose in entry["purposes"]


STEPS: tuple[tuple[int, Callable[[_Check], None]], ...] = (
    (0, _step_0_form),
    (1, _step_1_keyset),
    (3, _step_3_seal),
    (4, _step_4_file),
    (5, _step_5_consent),
    (6, _step_6_record),
    (7, _step_7_signatures),
    (8, _step_8_artifact),
    (9, _step_9_release),
    (10, _step_10_scope),
    (12, _step_12_retraction),
)


def _verified(check: _Check) -> Verified:
    said = check.seal["predicate"]
    given = _given(check.record)
    purposes = tuple(sorted(given if check.release is None else check.release["predicate"]["purposes"]))
    recipients = sorted({name for purpose in purposes for name in given[purpose]})
    envelopes = [check.envelopes[name] for name in ("consent", "seal", "release") if name in check.envelopes]
    time = said["sealed_at"] if check.release is None else check.release["predicate"]["released_at"]
    return Verified(
        stage=check.bundle["stage"],
        artifact_id=said["artifact_id"],
        sha256=check.file_sha256,
        record_id=check.record["record_id"],
        submission_id=check.record["submission_id"],
        purposes=purposes,
        recipients=tuple(recipients),
        valid_until=check.record["event"]["valid_until"],
        method=check.record["signature"]["method"],
        strength="platform_attested",
        time=time,
        time_source="statement",
        retraction_status="unknown" if check.retraction_file is None else "clean",
        retraction_sequence=check.retraction_sequence,
        keyset_version=check.keyset.version,
        signers=tuple(envelope.keyid for envelope in envelopes),
    )


def verify_statement(
    envelope: Json, *, kind: str, keyset: bytes, trust: str, now: dt.datetime | None = None
) -> dict[str, Any]:
    """Check one statement outside a bundle, such as ``batch/v1`` of an export, and return it.

    Args:
        envelope: DSSE as JSON, untrusted. kind: ``batch``, ``withdrawal`` … keyset: bytes of ``keyset.dsse.json``.
    Raises:
        VerificationError: step 1 for the keyset, step 3 for the statement.
    """
    moment = now or dt.datetime.now(dt.UTC)
    number = 1
    try:
        opened = keys.open_keyset(parse_canonical(keyset), trust, moment)
        number = 3
        return statement.open_statement(dsse.from_dict(envelope), kind, opened, now=moment)
    except FormatError as error:
        raise VerificationError(error.code, number) from None
    except Exception as error:  # untrusted input, as in verify
        raise VerificationError("malformed", number) from error
