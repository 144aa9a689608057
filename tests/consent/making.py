"""Makes good bundles and, from them, each kind of bad one; needs no database.

Every statement is signed by a real key, so that a mutation breaks exactly the rule it is about: ``Made`` holds the
parts before they are signed, and ``build`` signs whatever they have become.
"""

from __future__ import annotations

import base64
import copy
import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from consent import bundle, comprehension, documents, log, merkle, notice, passkey, statement
from consent import envelope as dsse
from consent import keys as public_keys
from consent import record as rec
from consent.documents import FileRef, Terms
from consent.record import Json, canonical, sha256_hex
from consent.signing import NewKeys, NotePrivateKey, Site

SUBMISSION = uuid.UUID("5d0f3b6e-0000-4000-8000-000000000001")
PROGRAMME = uuid.UUID("5d0f3b6e-0000-4000-8000-000000000002")
MEMO = uuid.UUID("5d0f3b6e-0000-4000-8000-000000000003")
TABLE = uuid.UUID("5d0f3b6e-0000-4000-8000-000000000004")
CONTENT = b"Memo by [PERSON_1] about the audit of [ORGANISATION_1]\n"
FILE_SHA256 = hashlib.sha256(CONTENT).hexdigest()
OTHER_SHA256 = hashlib.sha256(b"something else").hexdigest()

FILES = (
    FileRef(MEMO, FILE_SHA256, f"hmac-sha256:{'a' * 64}", "deliverable", "plain", "text/plain", 55, "self_owned"),
    FileRef(TABLE, OTHER_SHA256, f"hmac-sha256:{'b' * 64}", "reference", "csv", "text/csv", 14, "public"),
)
TERMS = Terms(
    programme_id=PROGRAMME,
    purposes=("evaluation", "training"),
    recipient_classes=("ai-developer",),
    notice_version="2026-12",
    language="en",
    pay_amount="120.00",
    pay_currency="EUR",
    term_days=730,
    original_days=14,
    withdraw_url="https://vouchsafe.example/s/1/withdraw/",
)
THIRD_PARTY = {"others_named": True, "confidential_marked": False, "special_category": False, "secrecy_duty": False}
CHOICES = {"evaluation": "given", "training": "refused"}
PRINCIPAL, REVIEWER = "p_" + "a" * 26, "r_" + "b" * 26

KEYS_MADE = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
SIGNED = dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC)
SITE = Site("https://vouchsafe.example")
SEALED, RELEASED = SIGNED + dt.timedelta(minutes=2), SIGNED + dt.timedelta(days=1)
NOT_BEFORE = RELEASED + dt.timedelta(days=7)
NOW = NOT_BEFORE + dt.timedelta(days=1)
SEEN_AT = {"consent": SIGNED, "seal": SEALED, "release": RELEASED}
# Where each statement stands in the log of these tests, whose other leaves are about something else.
PLACES = {"consent": 3, "seal": 5, "release": 7}


@dataclass
class Made:
    """The parts of a bundle, to be changed before ``build`` signs them."""

    root: NotePrivateKey
    signers: dict[str, Any]
    log_key: NotePrivateKey
    cosigner: NotePrivateKey
    # When each statement was seen in the log.
    seen_at: dict[str, dt.datetime] = field(default_factory=lambda: dict(SEEN_AT))
    record: Json = field(default_factory=dict)
    rights: Json | None = None
    third_party: Json | None = None
    notice: str = ""
    evidence: dict[str, Json] = field(default_factory=dict)
    consent: Json = field(default_factory=dict)
    seal: Json = field(default_factory=dict)
    release: Json | None = field(default_factory=dict)
    keyset: Json = field(default_factory=dict)
    seal_subjects: dict[str, str] = field(default_factory=lambda: {"memo": FILE_SHA256})
    release_subjects: dict[str, str] = field(default_factory=lambda: {"memo": FILE_SHA256})
    # The contributor's passkey, and per document what is wrong with the assertion made with it.
    passkey: Any = None
    assertions: dict[str, Json] = field(default_factory=dict)
    unsigned: set[str] = field(default_factory=set)  # subjects that the consent statement leaves out
    # What a mutation does to the finished JSON, and to its bytes.
    after: list[Callable[[Json], None]] = field(default_factory=list)
    rewrite: Callable[[bytes], bytes] = bytes
    # How one verifies it.
    file_sha256: str = FILE_SHA256
    asked: dict[str, Any] = field(default_factory=dict)
    now: dt.datetime = NOW
    retractions: Json | None = None
    retraction_kind: str = "retractions"
    retraction_signer: str = "retraction"

    @property
    def trust(self) -> str:
        return self.root.keyid


def made() -> Made:
    """Return the parts of a good released bundle for the memo."""
    fresh = NewKeys.make()
    parts = Made(fresh.root, dict(fresh.signers), fresh.log, fresh.cosigner)
    parts.keyset = fresh.keyset(KEYS_MADE, SITE)
    text = notice.load(TERMS.notice_version, TERMS.language)
    parts.notice = text.source
    quiz = comprehension.draw(text, TERMS, choices=CHOICES, third_party=THIRD_PARTY)
    signed = documents.sign(
        documents.draft(
            submission_id=SUBMISSION,
            principal=PRINCIPAL,
            terms=TERMS,
            notice=text,
            files=FILES,
            choices=CHOICES,
            attestation={"owner": "me", "nda": "no"},
            third_party=THIRD_PARTY,
            comprehension=comprehension.passed(quiz, attempts=2),
            previous_sha256=None,
            layers_opened=("what",),
            now=SIGNED - dt.timedelta(minutes=1),
        ),
        at=SIGNED,
        signatures={kind: documents.typed(sha256_hex(kind.encode())) for kind in documents.KINDS},
    )
    parts.record, parts.rights, parts.third_party = (signed.parsed(kind) for kind in documents.KINDS)
    parts.consent = {
        "record_id": parts.record["record_id"],
        "submission_id": str(SUBMISSION),
        "received_at": rec.to_text(SIGNED),
    }
    parts.seal = {
        "artifact_id": str(MEMO),
        "original": {"commitment": FILES[0].original_commitment},
        "consent": {"record_id": parts.record["record_id"]},
        "redaction": {
            "tool": "vouchsafe 0.1.0",
            "policy": "standard 1",
            "policy_sha256": sha256_hex(b"policy"),
            "entities": {"PERSON": 1, "ORGANISATION": 1},
        },
        "verification": {"verdict": "CLEAN", "at": rec.to_text(SIGNED - dt.timedelta(hours=1))},
        "sealed_at": rec.to_text(SEALED),
    }
    parts.release = {
        "artifact_id": str(MEMO),
        "record_id": parts.record["record_id"],
        "review": [
            {"stage": "general", "decision": "approved", "reviewer": REVIEWER, "at": rec.to_text(RELEASED)},
        ],
        "purposes": ["evaluation"],
        "released_at": rec.to_text(RELEASED),
        "not_before": rec.to_text(NOT_BEFORE),
        "retraction_sequence": 3,
    }
    return parts


def build(parts: Made) -> bytes:
    """Sign the parts from the inside out and return the bundle, exactly as wrong as they are."""
    if parts.rights is not None:
        parts.record["rights_sha256"] = parts.record["rights_sha256"] and _digest(parts.rights)
    if parts.third_party is not None:
        parts.record["third_party_sha256"] = parts.record["third_party_sha256"] and _digest(parts.third_party)
    texts = {
        kind: canonical(document).decode()
        for kind, document in (("record", parts.record), ("rights", parts.rights), ("third_party", parts.third_party))
        if document is not None
    }
    evidence = {kind: canonical(_evidence(parts, kind, text)).decode() for kind, text in texts.items()}
    subjects = {kind: sha256_hex(text.encode()) for kind, text in texts.items()}
    subjects |= {"notice": sha256_hex(parts.notice.encode())}
    subjects |= {f"evidence/{kind}": sha256_hex(text.encode()) for kind, text in evidence.items()}
    named = {name: digest for name, digest in subjects.items() if name not in parts.unsigned}
    consent = sign(parts, "consent", named, parts.consent)
    binding = {"envelope": {"sha256": dsse.from_dict(consent).sha256}}
    seal = sign(parts, "seal", parts.seal_subjects, parts.seal | {"consent": binding | parts.seal["consent"]})
    release = None
    if parts.release is not None:
        bound = {"seal": {"envelope": {"sha256": dsse.from_dict(seal).sha256}}, **parts.release}
        release = sign(parts, "release", parts.release_subjects, bound)
    data = {
        "_type": bundle.BUNDLE_TYPE,
        "stage": "sealed" if release is None else "released",
        "documents": {kind: texts.get(kind) for kind in documents.KINDS} | {"notice": parts.notice},
        "evidence": evidence,
        "consent": consent,
        "seal": seal,
        "release": release,
        "log": logged(parts, {"consent": consent, "seal": seal, "release": release}),
        "keyset": sign_keyset(parts, parts.keyset),
    }
    for change in parts.after:
        change(data)
    return parts.rewrite(canonical(data))


def logged(parts: Made, envelopes: Mapping[str, Json | None]) -> Json:
    """Put the statements into a log, and return their proofs, each against a checkpoint of its time."""
    data = {place: canonical(envelopes[kind]) for kind, place in PLACES.items()}
    kinds = {place: kind for kind, place in PLACES.items()}
    tree: dict[tuple[int, int], bytes] = {}
    members: Json = {}
    for place in range(max(PLACES.values()) + 1):
        kind = kinds.get(place, "event")
        leaf = log.leaf(kind, salt(place), data.get(place, b"something else"))
        for level, index, top in merkle.grown(place, merkle.leaf_hash(leaf), lambda *at: tree[at]):
            tree[level, index] = top
        if kind != "event":
            proof = log.Proof(salt(place), place, tuple(merkle.inclusion(place, place + 1, lambda *at: tree[at])))
            note = checkpoint(parts, place + 1, merkle.root(place + 1, lambda *at: tree[at]), parts.seen_at[kind])
            missing = envelopes[kind] is None
            members[kind] = None if missing else {"proof": log.compose_proof(proof, note), "tsr": None}
    return members


def salt(place: int) -> bytes:
    return hashlib.sha256(b"salt %d" % place).digest()


def checkpoint(parts: Made, size: int, top: bytes, at: dt.datetime, origin: str = SITE.log_origin) -> str:
    body = log.checkpoint_body(origin, size, top)
    return log.sign_checkpoint(body, origin, parts.log_key) + log.cosignature(body, SITE.cosigner, parts.cosigner, at)


def _digest(document: Json) -> str:
    return sha256_hex(canonical(document))


def _evidence(parts: Made, kind: str, text: str) -> Json:
    document = {"record": parts.record, "rights": parts.rights, "third_party": parts.third_party}[kind]
    signature = (document or {})["signature"]
    made_evidence: Json = {
        "schema_version": rec.EVIDENCE_VERSION,
        "document": kind,
        "document_sha256": sha256_hex(text.encode()),
        "method": signature["method"],
        "at": rec.to_text(SIGNED),
    }
    if signature["method"] == passkey.METHOD:
        made_evidence |= assertion(
            parts.passkey, passkey.challenge(kind, text.encode()), parts.assertions.get(kind, {})
        )
    else:
        made_evidence |= {"commitment": signature.get("evidence_commitment"), "platform_attested": True}
    return made_evidence | parts.evidence.get(kind, {})


def with_passkey(parts: Made, private: Any = None) -> None:
    """Let the contributor sign all three documents with a passkey, of P-256 if none is given."""
    parts.passkey = private or ec.generate_private_key(ec.SECP256R1())
    named = sha256_hex(public_keys.spki(parts.passkey.public_key()))
    for document in (parts.record, parts.rights, parts.third_party):
        if document is not None:
            document["signature"] = {"method": passkey.METHOD, "credential_spki_sha256": named}


def assertion(private: Any, challenge: bytes, wrong: Mapping[str, Any]) -> Json:
    """What an authenticator answers, as evidence says it."""
    parts = assertion_bytes(private, challenge, wrong)
    return {name: base64.b64encode(part).decode() for name, part in parts.items()}


def assertion_bytes(private: Any, challenge: bytes, wrong: Mapping[str, Any]) -> dict[str, bytes]:
    """What an authenticator answers to ``navigator.credentials.get``, with what is ``wrong`` in place of the truth."""
    site = SITE.webauthn()
    client = {
        "type": "webauthn.get",
        "challenge": base64.urlsafe_b64encode(wrong.get("challenge", challenge)).decode().rstrip("="),
        "origin": site["origins"][0],
        "crossOrigin": False,
    } | wrong.get("client", {})
    client_data = wrong.get("client_data", json.dumps(client).encode())
    rp_id_hash = hashlib.sha256(wrong.get("rp_id", site["rp_id"]).encode()).digest()
    data = wrong.get("data", rp_id_hash + bytes([wrong.get("flags", 0x05)]) + bytes(4))
    signed = data + hashlib.sha256(client_data).digest()
    signer = wrong.get("signer", private)
    is_edwards = isinstance(signer, ed25519.Ed25519PrivateKey)
    signature = signer.sign(signed) if is_edwards else signer.sign(signed, ec.ECDSA(hashes.SHA256()))
    return {
        "spki": wrong.get("spki", public_keys.spki(private.public_key())),
        "client_data": client_data,
        "authenticator_data": data,
        "signature": wrong.get("signature", signature),
    }


def sign(parts: Made, kind: str, subjects: Mapping[str, str], predicate: Json, signer: str | None = None) -> Json:
    """Sign without looking at the form, which is what a mutation needs."""
    said = {
        "_type": statement.STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in sorted(subjects.items())],
        "predicateType": statement.predicate_type(kind),
        "predicate": copy.deepcopy(predicate),
    }
    return sign_raw(parts, signer or statement.USAGE[kind], said)


def sign_raw(parts: Made, signer: str, said: Json, payload_type: str = statement.PAYLOAD_TYPE) -> Json:
    return dsse.to_dict(dsse.sign(payload_type, canonical(said), parts.signers[signer]))


def sign_keyset(parts: Made, payload: Json) -> Json:
    return dsse.to_dict(dsse.sign(public_keys.PAYLOAD_TYPE, canonical(payload), parts.root))


def retraction_file(parts: Made, entries: list[Json], **changes: Any) -> Json:
    """Return a published retraction file with these entries."""
    said = {
        "sequence": 4,
        "issued_at": rec.to_text(NOW - dt.timedelta(hours=1)),
        "next_update": rec.to_text(NOW + dt.timedelta(hours=23)),
        "entries": entries,
    } | changes
    return {"list": sign(parts, "retractions", {}, said), "keyset": sign_keyset(parts, parts.keyset)}


def payload_of(envelope: Json) -> Json:
    return dict(rec.parse(base64.b64decode(envelope["payload"])))


def check(parts: Made) -> bundle.Verified:
    """Build and verify as the parts say."""
    data = build(parts)
    retractions = None if parts.retractions is None else canonical(parts.retractions)
    return bundle.verify(
        parts.file_sha256, data, trust=parts.trust, now=parts.now, retractions=retractions, **parts.asked
    )
