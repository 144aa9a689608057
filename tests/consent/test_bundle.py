"""Every way we know to lie with a bundle, one row each: what is changed, and the code that must refuse it."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import json
import random
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from consent import bundle, keys
from consent import record as rec
from consent.errors import EXIT_NOT_FRESH, EXIT_RETRACTED, SENTENCES, VerificationError
from consent.keys import PrivateKey
from consent.record import Json, canonical, sha256_hex
from tests.consent.making import (
    FILE_SHA256,
    FILES,
    MEMO,
    NOW,
    OTHER_SHA256,
    RELEASED,
    SEALED,
    SIGNED,
    SUBMISSION,
    TABLE,
    Made,
    build,
    check,
    made,
    payload_of,
    retraction_file,
    sign,
    sign_keyset,
    sign_raw,
)

Mutation = Callable[[Made], object]
EVALUATION = {"purpose": "evaluation"}
LATER = rec.to_text(NOW + dt.timedelta(days=1))


def flipped(text: str) -> str:
    """The same base64 with one bit of its first byte changed."""
    data = bytearray(base64.b64decode(text))
    data[0] ^= 1
    return base64.b64encode(bytes(data)).decode()


def after(change: Callable[[Json], object]) -> Mutation:
    """Change the finished bundle, whose bytes are then canonical again."""

    def mutate(parts: Made) -> None:
        parts.after.append(lambda data: (change(data), None)[1])

    return mutate


def replace(old: bytes, new: bytes) -> Mutation:
    """Change the bytes of the finished bundle."""

    def rewrite(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return lambda parts: setattr(parts, "rewrite", rewrite)


def put(part: str, path: str, value: object) -> Mutation:
    """Set a member before signing; a path such as ``event.state`` or ``artifacts.0.size``."""

    def mutate(parts: Made) -> None:
        target = getattr(parts, part)
        *way, last = path.split(".")
        for step in way:
            target = target[int(step) if step.isdigit() else step]
        target[last] = value

    return mutate


def ask(**asked: Any) -> Mutation:
    return lambda parts: parts.asked.update(asked)


def at(moment: dt.datetime) -> Mutation:
    return lambda parts: setattr(parts, "now", moment)


def all_of(*mutations: Mutation) -> Mutation:
    def mutate(parts: Made) -> None:
        for mutation in mutations:
            mutation(parts)

    return mutate


def file(sha256: str) -> Mutation:
    return lambda parts: setattr(parts, "file_sha256", sha256)


def resign(member: str, **changes: Any) -> Mutation:
    """Sign another statement in the place of ``member``: with another signer, payload type or statement."""

    def mutate(parts: Made) -> None:
        def change(data: Json) -> None:
            said = payload_of(data[member]) | changes.get("said", {})
            signer = changes.get("signer", member)
            payload_type = changes.get("payload_type", data[member]["payloadType"])
            data[member] = sign_raw(parts, signer, said, payload_type)

        parts.after.append(change)

    return mutate


def new_signer(usage: str, *, claim: bool = False) -> Mutation:
    """Sign with a key that the keyset does not have; with ``claim`` under the trusted key's name."""

    def mutate(parts: Made) -> None:
        trusted = parts.signers[usage]
        evil = PrivateKey.of(ec.generate_private_key(ec.SECP256R1()))
        parts.signers[usage] = PrivateKey(evil.private, trusted.keyid) if claim else evil

    return mutate


def key_entry(usage: str, **changes: object) -> Mutation:
    def mutate(parts: Made) -> None:
        (entry,) = (entry for entry in parts.keyset["keys"] if entry["usage"] == [usage])
        entry.update(changes)

    return mutate


def public_key(usage: str, public: Any) -> Mutation:
    der = keys.spki(public)
    return key_entry(usage, spki=base64.b64encode(der).decode(), keyid=sha256_hex(der))


def other_root(parts: Made) -> None:
    """A keyset that names the pinned root but is signed by another."""

    def change(data: Json) -> None:
        data["keyset"] = sign_keyset(Made(), parts.keyset)

    parts.after.append(change)


def own_root(parts: Made) -> None:
    """A keyset that brings its own root along."""
    stranger = Made()

    def change(data: Json) -> None:
        root = base64.b64encode(keys.spki(stranger.root.public_key())).decode()
        data["keyset"] = sign_keyset(stranger, parts.keyset | {"root_spki": root})

    parts.after.append(change)


def other_record(parts: Made) -> None:
    """The consent of another record beside this seal."""

    def change(data: Json) -> None:
        data["consent"] = sign(parts, "consent", {"record": OTHER_SHA256}, parts.consent)

    parts.after.append(change)


def documents(kind: str, change: Callable[[Json], object]) -> Mutation:
    """Change a signed document in the finished bundle, in canonical form."""

    def mutate(data: Json) -> None:
        document = json.loads(data["documents"][kind])
        change(document)
        data["documents"][kind] = canonical(document).decode()

    return after(mutate)


def retract(*entries: Json, **changes: object) -> Mutation:
    def mutate(parts: Made) -> None:
        record_id = parts.record["record_id"]
        listed = [{"purposes": None, "reason": "withdrawn", "at": rec.to_text(NOW), **entry} for entry in entries]
        for entry in listed:
            if entry.get("record_id") == "this":
                entry["record_id"] = record_id
        parts.retractions = retraction_file(parts, listed, **changes)

    return mutate


def forged_list(parts: Made) -> None:
    retract()(parts)
    assert parts.retractions is not None
    parts.retractions["list"]["signatures"][0]["sig"] = flipped(parts.retractions["list"]["signatures"][0]["sig"])


def seal_as_list(parts: Made) -> None:
    retract()(parts)
    assert parts.retractions is not None
    parts.retractions["list"] = sign(parts, "seal", parts.seal_subjects, parts.seal)


def list_by(signer: str) -> Mutation:
    def mutate(parts: Made) -> None:
        retract()(parts)
        assert parts.retractions is not None
        parts.retractions["list"] = sign_raw(parts, signer, payload_of(parts.retractions["list"]))

    return mutate


def strange_older_keyset(parts: Made) -> None:
    """A retraction file whose own keyset, never the newest, is a stranger's."""
    retract()(parts)
    assert parts.retractions is not None
    stranger = made()
    parts.keyset["version"] = 2
    parts.retractions["keyset"] = sign_keyset(stranger, stranger.keyset)


def withdrawn_record(parts: Made) -> None:
    """A seal over a withdrawal, as if it were an agreement."""
    parts.record.update(
        previous_event_sha256=OTHER_SHA256,
        rights_sha256=None,
        third_party_sha256=None,
        withdraws={"record_id": str(uuid.uuid4()), "artifacts": "all", "purposes": "all"},
        signature={"method": rec.SIGNED_IN},
    )
    parts.record["event"].update(state="withdrawn", valid_until=rec.NO_END)
    parts.rights = parts.third_party = None


def rsa_key() -> Any:
    return rsa.generate_private_key(65537, 2048).public_key()


def without_release(parts: Made) -> None:
    parts.release = None


def sibling_retracted() -> Mutation:
    return retract({"artifact_id": str(TABLE)})


GIVEN = [{"artifact_id": str(file.artifact_id), "basis": file.basis} for file in FILES]

MUTATIONS: dict[str, tuple[Mutation, str]] = {
    # File
    "one byte appended to the file": (file(sha256_hex(b"Memo x")), "artifact_digest"),
    "an empty file": (file(sha256_hex(b"")), "artifact_digest"),
    "the seal of a sibling file": (file(OTHER_SHA256), "artifact_digest"),
    # Envelope
    "payload of the seal flipped": (
        after(lambda d: d["seal"].update(payload=flipped(d["seal"]["payload"]))),
        "signature",
    ),
    "payload of the consent flipped": (
        # The seal names the consent's digest, so the link breaks before the signature is looked at.
        after(lambda d: d["consent"].update(payload=flipped(d["consent"]["payload"]))),
        "consent_binding",
    ),
    "payload of the release flipped": (
        after(lambda d: d["release"].update(payload=flipped(d["release"]["payload"]))),
        "signature",
    ),
    "signature of the seal flipped": (
        after(lambda d: d["seal"]["signatures"][0].update(sig=flipped(d["seal"]["signatures"][0]["sig"]))),
        "signature",
    ),
    "payload type swapped, signed again": (resign("seal", payload_type="text/plain"), "payload_type"),
    "payload type of the keyset swapped": (
        after(lambda d: d["keyset"].update(payloadType="application/json")),
        "payload_type",
    ),
    "no signatures": (after(lambda d: d["seal"].update(signatures=[])), "bundle_schema"),
    "two signatures": (
        after(lambda d: d["seal"].update(signatures=d["seal"]["signatures"] * 2)),
        "bundle_schema",
    ),
    "an unknown signer": (new_signer("seal"), "signature"),
    "an evil key that claims a trusted name": (new_signer("seal", claim=True), "signature"),
    "a key that had expired": (key_entry("seal", not_after=rec.to_text(SIGNED)), "signature"),
    "a key from the future": (key_entry("release", not_before=LATER), "signature"),
    "a key that was revoked before": (key_entry("consent", revoked_at=rec.to_text(SIGNED)), "signature"),
    "the key of another usage": (resign("seal", signer="consent"), "signature"),
    "the release key signs a seal": (resign("seal", signer="release"), "signature"),
    "a keyset past its date": (at(NOW + dt.timedelta(days=4000)), "keyset_expired"),
    "a keyset signed by another root": (other_root, "signature"),
    "a keyset that brings its own root": (own_root, "keyset"),
    "a keyset signed under another name": (
        after(lambda d: d["keyset"]["signatures"][0].update(keyid=OTHER_SHA256)),
        "signature",
    ),
    "a key under another name": (key_entry("seal", keyid=OTHER_SHA256), "keyset"),
    "a keyset with a field too many": (put("keyset", "note", "trust me"), "keyset"),
    "a keyset with one key twice": (lambda p: p.keyset["keys"].append(p.keyset["keys"][0]), "keyset"),
    "an RSA key": (lambda p: public_key("seal", rsa_key())(p), "key_type"),
    "a P-384 key": (lambda p: public_key("seal", ec.generate_private_key(ec.SECP384R1()).public_key())(p), "key_type"),
    "an Ed25519 signing key": (
        lambda p: public_key("seal", ed25519.Ed25519PrivateKey.generate().public_key())(p),
        "key_type",
    ),
    "a payload cut short": (after(lambda d: d["seal"].update(payload=d["seal"]["payload"][:-4])), "signature"),
    "a signature cut short": (after(lambda d: d["seal"]["signatures"][0].update(sig="MEUCIQ==")), "signature"),
    "spare bits set in base64": (after(lambda d: d["seal"]["signatures"][0].update(sig="MEUCIR==")), "encoding"),
    "base64 without its padding": (after(lambda d: d["seal"].update(payload="YQ")), "encoding"),
    "a newline in base64": (
        after(lambda d: d["seal"].update(payload=d["seal"]["payload"] + "\n")),
        "encoding",
    ),
    "base64 for addresses": (after(lambda d: d["keyset"].update(payload="-_-_")), "encoding"),
    "a field that nobody signed": (after(lambda d: d.update(time=rec.to_text(NOW))), "bundle_schema"),
    "a stage that does not fit": (after(lambda d: d.update(stage="sealed")), "bundle_schema"),
    "a document missing": (after(lambda d: d["documents"].pop("notice")), "bundle_schema"),
    # Statement
    "the consent in the seal's place": (after(lambda d: d.update(seal=d["consent"])), "predicate_type"),
    "the seal in the release's place": (after(lambda d: d.update(release=d["seal"])), "predicate_type"),
    "not a statement at all": (resign("seal", said={"_type": "https://example.org/Note"}), "predicate_type"),
    "a seal about two files": (lambda p: p.seal_subjects.update(other=OTHER_SHA256), "subject"),
    "a seal about nothing": (lambda p: p.seal_subjects.clear(), "subject"),
    "a seal with a weak digest only": (
        resign("seal", said={"subject": [{"name": "memo", "digest": {"md5": "0" * 32}}]}),
        "subject",
    ),
    "two subjects under one name": (
        resign("seal", said={"subject": [{"name": "memo", "digest": {"sha256": FILE_SHA256}}] * 2}),
        "subject",
    ),
    "a digest in capitals": (
        resign("seal", said={"subject": [{"name": "memo", "digest": {"sha256": FILE_SHA256.upper()}}]}),
        "subject",
    ),
    "a seal that says too much": (put("seal", "note", "fine"), "malformed"),
    # Binding
    "the consent of another record": (other_record, "consent_binding"),
    "a consent that leaves out one evidence": (lambda p: p.unsigned.add("evidence/rights"), "consent_binding"),
    "a consent that leaves out the notice": (lambda p: p.unsigned.add("notice"), "consent_binding"),
    "a consent that names another record": (put("consent", "record_id", str(uuid.uuid4())), "consent_binding"),
    "a consent that names another submission": (put("consent", "submission_id", str(uuid.uuid4())), "consent_binding"),
    "the record swapped": (documents("record", lambda r: r.update(record_id=str(uuid.uuid4()))), "record_digest"),
    "a refused purpose turned to given": (
        documents("record", lambda r: r["purposes"][1].update(decision="given")),
        "record_digest",
    ),
    "the rights declaration swapped": (documents("rights", lambda r: r.update(nda_declared=True)), "statement_digest"),
    "the third-party statement swapped": (
        documents("third_party", lambda r: r.update(others_named=False)),
        "statement_digest",
    ),
    "the record names another rights declaration": (
        all_of(lambda p: setattr(p, "rights", None), lambda p: p.record.update(rights_sha256=OTHER_SHA256)),
        "statement_digest",
    ),
    "the record written with other spaces": (
        after(lambda d: d["documents"].update(record=d["documents"]["record"].replace(":", ": ", 1))),
        "not_canonical",
    ),
    "the bundle written with other spaces": (replace(b'"log":null', b'"log": null'), "not_canonical"),
    "the bundle's members in another order": (lambda p: setattr(p, "rewrite", _reordered), "not_canonical"),
    "a member twice": (replace(b'"log":null', b'"log":null,"log":null'), "dup_key"),
    "a member twice inside a document": (
        after(lambda d: d["documents"].update(record='{"a":1,"a":2}')),
        "dup_key",
    ),
    "a document that is no object": (after(lambda d: d["documents"].update(record="[]")), "record_schema"),
    "the notice changed": (after(lambda d: d["documents"].update(notice="Just say yes.")), "notice_digest"),
    "the notice in the record is another": (put("record", "notice.sha256", OTHER_SHA256), "notice_digest"),
    "one evidence written anew": (
        after(lambda d: d["evidence"].update(rights=d["evidence"]["rights"] + " ")),
        "evidence_digest",
    ),
    "evidence taken away": (after(lambda d: d["evidence"].pop("rights")), "signature_missing"),
    "evidence of another document": (
        lambda p: p.evidence.update(rights={"document_sha256": OTHER_SHA256}),
        "signature_missing",
    ),
    "evidence of another kind of document": (
        lambda p: p.evidence.update(rights={"document": "record"}),
        "signature_missing",
    ),
    "evidence with another commitment": (
        lambda p: p.evidence.update(record={"commitment": OTHER_SHA256}),
        "signature_missing",
    ),
    "evidence by another method": (
        lambda p: p.evidence.update(record={"method": rec.SIGNED_IN}),
        "signature_missing",
    ),
    "evidence in another form": (lambda p: p.evidence.update(record={"note": "yes"}), "signature_missing"),
    "a seal that names another record": (put("seal", "consent.record_id", str(uuid.uuid4())), "record_binding"),
    # Record
    "an unknown field in the record": (put("record", "note", "and more"), "record_schema"),
    "a record without a way to withdraw": (lambda p: p.record.pop("withdrawal_method"), "record_schema"),
    "pay that is lost on withdrawal": (put("record", "compensation.kept_on_withdrawal", False), "record_schema"),
    "a date that does not exist": (put("record", "event.time", "2026-02-30T00:00:00Z"), "record_schema"),
    "an agreement that was only sent while signed in": (
        put("record", "signature", {"method": rec.SIGNED_IN}),
        "record_rules",
    ),
    "a withdrawal of nothing": (put("record", "event.state", "withdrawn"), "record_rules"),
    "a party that nobody describes": (put("record", "controllers", ["somebody"]), "record_rules"),
    "one purpose twice": (lambda p: p.record["purposes"].append(p.record["purposes"][0]), "record_rules"),
    "the notice shown after the decision": (
        put("record", "notice.shown_at", rec.to_text(SIGNED + dt.timedelta(hours=1))),
        "record_rules",
    ),
    "a special category without explicit consent": (
        put("record", "pii_information.0.special_category", True),
        "record_rules",
    ),
    "pay for a purpose that does not need it": (
        put("record", "compensation.conditional_on", ["evaluation"]),
        "record_rules",
    ),
    "declarations about another submission": (put("rights", "submission_id", str(uuid.uuid4())), "record_rules"),
    # Scope
    "another commitment in the seal": (
        put("seal", "original", {"commitment": f"hmac-sha256:{'f' * 64}"}),
        "artifact_not_consented",
    ),
    "a file that the record does not list": (
        put("seal", "artifact_id", str(uuid.uuid4())),
        "artifact_not_consented",
    ),
    "another redacted digest in the record": (
        put("record", "artifacts.0.redacted_sha256", sha256_hex(b"earlier copy")),
        "artifact_not_consented",
    ),
    "a file without a basis": (put("rights", "files", GIVEN[1:]), "rights_basis"),
    "a purpose asked before the release": (all_of(without_release, ask(**EVALUATION)), "not_released"),
    "a recipient asked before the release": (all_of(without_release, ask(recipient="ai-developer")), "not_released"),
    "a release of another seal": (
        put("release", "seal", {"envelope": {"sha256": OTHER_SHA256}}),
        "seal_binding",
    ),
    "a release of another file": (
        lambda p: p.release_subjects.update(memo=OTHER_SHA256),
        "seal_binding",
    ),
    "a release for another artifact": (put("release", "artifact_id", str(TABLE)), "seal_binding"),
    "a release under another record": (put("release", "record_id", str(uuid.uuid4())), "seal_binding"),
    "a review that did not approve": (put("release", "review.0.decision", "returned"), "review"),
    "a release without review": (put("release", "review", []), "review"),
    "a contributor who reviews their own work": (put("release", "review.0.reviewer", "r_" + "a" * 26), "review"),
    "a release for more than was given": (
        put("release", "purposes", ["evaluation", "training"]),
        "purpose_exceeds_consent",
    ),
    "a purpose that was refused": (ask(purpose="training"), "purpose_not_permitted"),
    "a purpose that nobody knows": (ask(purpose="resale"), "purpose_not_permitted"),
    "a purpose that was given but not released": (
        all_of(put("record", "purposes.1.decision", "given"), ask(purpose="training")),
        "purpose_not_permitted",
    ),
    "another recipient": (ask(purpose="evaluation", recipient="advertiser"), "recipient_not_permitted"),
    "another recipient, no purpose": (ask(recipient="advertiser"), "recipient_not_permitted"),
    "a withdrawn record": (withdrawn_record, "consent_state"),
    "consent that has run out": (at(SIGNED + dt.timedelta(days=730)), "consent_expired"),
    "sealed before the consent": (
        put("seal", "sealed_at", rec.to_text(SIGNED - dt.timedelta(seconds=1))),
        "time_order",
    ),
    "released before it was sealed": (
        put("release", "released_at", rec.to_text(SEALED - dt.timedelta(seconds=1))),
        "time_order",
    ),
    "released in the future": (
        put("release", "released_at", LATER),
        "time_order",
    ),
    "used before the cooling-off time ends": (at(RELEASED + dt.timedelta(days=1)), "not_yet"),
    # Retraction
    "the file on the list": (retract({"artifact_id": str(MEMO)}), "retracted"),
    "the record on the list": (retract({"artifact_id": None, "record_id": "this"}), "retracted"),
    "this purpose of the file on the list": (
        all_of(retract({"artifact_id": str(MEMO), "purposes": ["evaluation"]}), ask(**EVALUATION)),
        "retracted",
    ),
    "some purpose on the list and none asked": (
        retract({"artifact_id": str(MEMO), "purposes": ["training"]}),
        "retracted",
    ),
    "a forged list": (forged_list, "signature"),
    "a list signed by the seal's key": (list_by("seal"), "signature"),
    "a list beside a stranger's keyset": (strange_older_keyset, "keyset"),
    "a list past its date": (retract(next_update=rec.to_text(NOW)), "retraction_stale"),
    "a list from before the release": (retract(sequence=2), "retraction_rollback"),
    "a seal as list": (seal_as_list, "retraction_type"),
    "a list with a field too many": (retract(note="none"), "retraction_type"),
    "something else as retraction file": (lambda p: setattr(p, "retractions", {"list": []}), "retraction_type"),
    # Input
    "not UTF-8": (replace(b'"log":null', b'"log":"\xff"'), "json"),
    "half a bundle": (lambda p: setattr(p, "rewrite", lambda data: data[: len(data) // 2]), "json"),
    "nothing": (lambda p: setattr(p, "rewrite", lambda _: b""), "json"),
    "half a character": (replace(b'"log":null', b'"log":"\\ud800"'), "bundle_schema"),
    "half a character in a document": (
        lambda p: setattr(p, "rewrite", lambda data: data.replace(b'"notice":"+', b'"notice":"\\ud800+', 1)),
        "json",
    ),
    "a thousand brackets": (lambda p: setattr(p, "rewrite", lambda _: b"[" * 100_000), "json"),
    "too large": (lambda p: setattr(p, "rewrite", lambda data: data + b" " * bundle.LIMIT), "too_large"),
    "NaN": (replace(b'"log":null', b'"log":NaN'), "number"),
    "a fraction": (replace(b'"log":null', b'"log":0.5'), "number"),
    "a number beyond 2^53": (replace(b'"log":null', b'"log":9007199254740993'), "number"),
    "a very long number": (replace(b'"log":null', b'"log":' + b"9" * 5000), "number"),
    "another kind of document": (lambda p: setattr(p, "rewrite", lambda _: b"{}"), "bundle_schema"),
    "a list": (lambda p: setattr(p, "rewrite", lambda _: b"[]"), "bundle_schema"),
}


def _reordered(data: bytes) -> bytes:
    return json.dumps(dict(reversed(json.loads(data).items())), separators=(",", ":"), ensure_ascii=False).encode()


@pytest.mark.parametrize("name", MUTATIONS)
def test_it_refuses(name: str) -> None:
    mutate, code = MUTATIONS[name]
    parts = made()

    mutate(parts)

    with pytest.raises(VerificationError) as refused:
        check(parts)
    assert refused.value.code == code
    assert refused.value.sentence == SENTENCES[code]
    assert refused.value.exit_status == (2 if code in EXIT_RETRACTED else 3 if code in EXIT_NOT_FRESH else 1)


def test_every_code_is_the_answer_to_some_mutation() -> None:
    assert {code for _, code in MUTATIONS.values()} == set(SENTENCES)


def renewed(parts: Made) -> None:
    parts.record["event"]["state"] = "renewed"
    parts.record["previous_event_sha256"] = OTHER_SHA256


def special_category(parts: Made) -> None:
    parts.record["pii_information"][0]["special_category"] = True
    parts.record["purposes"][0]["lawful_basis"].append(rec.SPECIAL_CATEGORY_BASIS)


def newer_keyset(parts: Made) -> None:
    """The bundle's keyset is past its date; the retraction file brings the next one."""
    old = copy.deepcopy(parts.keyset)
    old["expires"] = rec.to_text(NOW - dt.timedelta(days=1))
    parts.keyset["version"] = 2
    retract()(parts)
    parts.keyset = old


GOOD: dict[str, Mutation] = {
    "a released file": ask(),
    "a sealed file": without_release,
    "a released file for its purpose and recipient": ask(purpose="evaluation", recipient="ai-developer"),
    "a renewed record": renewed,
    "a special category with explicit consent": special_category,
    "a key that has since expired": key_entry("seal", not_after=rec.to_text(SEALED + dt.timedelta(hours=1))),
    "a key that was revoked since": key_entry("seal", revoked_at=rec.to_text(SEALED + dt.timedelta(hours=1))),
    "a retraction list without the file": retract(),
    "a retraction list with a sibling": sibling_retracted(),
    "a retraction list with another purpose": all_of(
        retract({"artifact_id": str(MEMO), "purposes": ["training"]}), ask(**EVALUATION)
    ),
    "an expired keyset and a newer one with the list": newer_keyset,
    "the last second of the term": at(SIGNED + dt.timedelta(days=730) - dt.timedelta(seconds=1)),
}


@pytest.mark.parametrize("name", GOOD)
def test_it_accepts(name: str) -> None:
    parts = made()
    GOOD[name](parts)

    found = check(parts)

    assert (found.artifact_id, found.sha256, found.submission_id) == (str(MEMO), FILE_SHA256, str(SUBMISSION))
    assert found.purposes == ("evaluation",)
    assert found.recipients == ("ai-developer",)
    assert found.strength == "platform_attested"


def test_it_takes_a_fingerprint_in_capitals() -> None:
    parts = made()

    assert bundle.verify(FILE_SHA256, build(parts), trust=parts.trust.upper(), now=NOW).stage == "released"


def test_it_says_whether_retraction_was_looked_at() -> None:
    without, with_list = made(), made()
    retract()(with_list)

    assert (check(without).retraction_status, check(without).retraction_sequence) == ("unknown", None)
    assert (check(with_list).retraction_status, check(with_list).retraction_sequence) == ("clean", 4)


def test_openssl_would_name_a_key_by_the_same_id() -> None:
    public = made().signers["seal"].private.public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)

    assert keys.key_id(public) == digest.finalize().hex()


def refused(data: bytes, parts: Made) -> bool:
    try:
        bundle.verify(FILE_SHA256, data, trust=parts.trust, now=NOW)
    except VerificationError:
        return True
    return False


@pytest.mark.parametrize("mask", [0x01, 0x80])
def test_no_changed_byte_is_accepted(mask: int) -> None:
    """Every 23rd byte, from a place that moves with the seed of the run: all of them would take minutes."""
    parts = made()
    good = build(parts)
    assert not refused(good, parts)

    for place in range(random.randrange(23), len(good), 23):
        data = bytearray(good)
        data[place] ^= mask
        assert refused(bytes(data), parts), f"byte {place} of {len(good)}"


def test_no_missing_or_doubled_byte_is_accepted() -> None:
    parts = made()
    good = build(parts)

    for place in range(random.randrange(47), len(good), 47):
        assert refused(good[:place] + good[place + 1 :], parts), f"without byte {place}"
        assert refused(good[:place] + good[place : place + 1] + good[place:], parts), f"byte {place} twice"
