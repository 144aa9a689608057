"""Lies in files, envelopes, statements, documents and lists: what is changed, and the code that must refuse it."""

from __future__ import annotations

import datetime as dt
import json
import uuid

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from consent import record as rec
from consent import steps
from consent.record import sha256_hex
from tests.consent.making import (
    FILE_SHA256,
    FILES,
    MEMO,
    NOW,
    OTHER_SHA256,
    RELEASED,
    SEALED,
    SIGNED,
    TABLE,
)
from tests.consent.mutations.edits import (
    EVALUATION,
    LATER,
    Mutation,
    after,
    all_of,
    ask,
    at,
    documents,
    file,
    flipped,
    forged_list,
    key_entry,
    list_by,
    list_for_seal,
    longer,
    new_signer,
    off_curve_spki,
    other_record,
    other_root,
    own_root,
    public_key,
    public_key_bytes,
    put,
    replace,
    resign,
    retract,
    root_of_another_kind,
    rsa_key,
    seal_as_list,
    short_spki,
    signature_in_der,
    strange_older_keyset,
    withdrawn_record,
    without_declaration,
    without_declarations,
    without_release,
)

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
    "a root of another kind": (root_of_another_kind, "key_type"),
    "a keyset with a field too many": (put("keyset", "note", "trust me"), "keyset"),
    "a keyset with one key twice": (lambda p: p.keyset["keys"].append(p.keyset["keys"][0]), "keyset"),
    "an RSA key": (lambda p: public_key("seal", rsa_key())(p), "key_type"),
    "a P-384 key": (lambda p: public_key("seal", ec.generate_private_key(ec.SECP384R1()).public_key())(p), "key_type"),
    "a key with its point in the short form": (
        lambda p: public_key_bytes("seal", short_spki(p.signers["seal"].private.public_key()))(p),
        "key_type",
    ),
    "a key that is no point of the curve": (
        lambda p: public_key_bytes("seal", off_curve_spki(p.signers["seal"].private.public_key()))(p),
        "key_type",
    ),
    "an Ed25519 signing key": (
        lambda p: public_key("seal", ed25519.Ed25519PrivateKey.generate().public_key())(p),
        "key_type",
    ),
    "a payload cut short": (after(lambda d: d["seal"].update(payload=d["seal"]["payload"][:-4])), "signature"),
    "a signature cut short": (after(lambda d: d["seal"]["signatures"][0].update(sig="MEUCIQ==")), "signature"),
    "a signature with zeros that nothing needs": (
        signature_in_der("seal", lambda number: number.to_bytes(34, "big")),
        "signature",
    ),
    "a signature of something else than numbers": (
        signature_in_der("seal", lambda number: number.to_bytes(33, "big").lstrip(b"\x00"), tag=3),
        "signature",
    ),
    "a signature with negative numbers": (
        signature_in_der("seal", lambda number: (number | 1 << 255).to_bytes(32, "big")),
        "signature",
    ),
    "a signature with numbers too long": (
        signature_in_der("seal", lambda number: (number | 1 << 256).to_bytes(33, "big")),
        "signature",
    ),
    "a signature with something behind it": (
        after(lambda d: d["seal"]["signatures"][0].update(sig=longer(d["seal"]["signatures"][0]["sig"]))),
        "signature",
    ),
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
    "a list in the place of a statement": (list_for_seal, "predicate_type"),
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
    "the bundle written with other spaces": (replace(b'"tsr":null', b'"tsr": null'), "not_canonical"),
    "the bundle's members in another order": (lambda p: setattr(p, "rewrite", _reordered), "not_canonical"),
    "a member twice": (replace(b'"tsr":null', b'"tsr":null,"tsr":null'), "dup_key"),
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
    "an agreement without the questions passed": (put("record", "comprehension", None), "record_rules"),
    "a renewal of nothing": (put("record", "event.state", "renewed"), "record_rules"),
    "an agreement without a rights declaration": (without_declaration("rights"), "record_rules"),
    "an agreement without a third-party statement": (without_declaration("third_party"), "record_rules"),
    "one party twice": (lambda p: p.record["parties"].append(p.record["parties"][0]), "record_rules"),
    "one artifact twice": (lambda p: p.record["artifacts"].append(p.record["artifacts"][0]), "record_rules"),
    "one file with two bases": (put("rights", "files", [*GIVEN, GIVEN[0]]), "record_rules"),
    "a declaration that was only sent while signed in": (
        put("rights", "signature", {"method": rec.SIGNED_IN}),
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
    "an agreement that also takes something back": (
        put("record", "withdraws", {"record_id": str(uuid.uuid4()), "artifacts": "all", "purposes": "all"}),
        "record_rules",
    ),
    "a first agreement that names one before it": (
        put("record", "previous_event_sha256", OTHER_SHA256),
        "record_rules",
    ),
    "an agreement without its declarations": (without_declarations, "record_rules"),
    "an agreement to nothing": (put("record", "purposes.0.decision", "refused"), "record_rules"),
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
    "a release of two files": (lambda p: p.release_subjects.update(other=OTHER_SHA256), "seal_binding"),
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
    "not UTF-8": (replace(b'"tsr":null', b'"tsr":"\xff"'), "json"),
    "half a bundle": (lambda p: setattr(p, "rewrite", lambda data: data[: len(data) // 2]), "json"),
    "nothing": (lambda p: setattr(p, "rewrite", lambda _: b""), "json"),
    "half a character": (replace(b'"tsr":null', b'"tsr":"\\ud800"'), "bundle_schema"),
    "half a character in the id of a key": (replace(b'"keyid":"', b'"keyid":"\\ud800'), "bundle_schema"),
    "half a character as a member": (replace(b'"tsr":null', b'"\\ud800":1,"tsr":null'), "bundle_schema"),
    "half a character in a document": (
        lambda p: setattr(p, "rewrite", lambda data: data.replace(b'"notice":"+', b'"notice":"\\ud800+', 1)),
        "json",
    ),
    "something behind the bundle": (lambda p: setattr(p, "rewrite", lambda data: data + b"{}"), "json"),
    "a thousand brackets": (lambda p: setattr(p, "rewrite", lambda _: b"[" * 100_000), "json"),
    "too large": (lambda p: setattr(p, "rewrite", lambda data: data + b" " * steps.LIMIT), "too_large"),
    "NaN": (replace(b'"tsr":null', b'"tsr":NaN'), "number"),
    "a fraction": (replace(b'"tsr":null', b'"tsr":0.5'), "number"),
    "a number beyond 2^53": (replace(b'"tsr":null', b'"tsr":9007199254740993'), "number"),
    "a very long number": (replace(b'"tsr":null', b'"tsr":' + b"9" * 5000), "number"),
    "another kind of document": (lambda p: setattr(p, "rewrite", lambda _: b"{}"), "bundle_schema"),
    "a list": (lambda p: setattr(p, "rewrite", lambda _: b"[]"), "bundle_schema"),
}


def _reordered(data: bytes) -> bytes:
    return json.dumps(dict(reversed(json.loads(data).items())), separators=(",", ":"), ensure_ascii=False).encode()
