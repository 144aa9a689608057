from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from consent import envelope as dsse
from consent import keys, statement
from consent.errors import FormatError
from consent.record import Json, canonical, parse
from consent.signing import NotePrivateKey, SigningKeys
from tests.consent.making import SEALED, Made, made, sign

NOW = dt.datetime.now(dt.UTC)


def keyset_of(signing_keys: SigningKeys) -> Json:
    return dict(parse(signing_keys.keyset))


def test_what_was_created_is_trusted_by_its_fingerprint(signing_keys: SigningKeys) -> None:
    keyset = keys.open_keyset(keyset_of(signing_keys), signing_keys.fingerprint, NOW)

    assert {usage for key in keyset.keys.values() for usage in key.usages} == set(keys.USAGES)
    for usage in keys.USAGES:
        assert keyset.keys[signing_keys.signer(usage).keyid].usages == (usage,)
    assert len({signer.keyid for signer in signing_keys.signers.values()}) == len(keys.USAGES)


def test_another_fingerprint_trusts_nothing(signing_keys: SigningKeys) -> None:
    with pytest.raises(FormatError, match="keyset"):
        keys.open_keyset(keyset_of(signing_keys), "0" * 64, NOW)


def test_a_key_is_judged_at_the_time_of_what_it_signed() -> None:
    parts = made()
    hour = dt.timedelta(hours=1)
    key = _opened(parts).keys[parts.signers["seal"].keyid]

    assert key.holds_at(key.not_before)
    assert not key.holds_at(key.not_before - hour)
    assert key.holds_at(key.not_after - hour)
    assert not key.holds_at(key.not_after)


def test_rotation_breaks_no_old_seal() -> None:
    parts = made()
    old = sign(parts, "seal", parts.seal_subjects, parts.seal | {"consent": _somewhere(parts)})
    (entry,) = (entry for entry in parts.keyset["keys"] if entry["usage"] == ["seal"])
    fresh = made()
    (next_entry,) = (entry for entry in fresh.keyset["keys"] if entry["usage"] == ["seal"])

    entry["not_after"] = next_entry["not_before"] = "2026-11-21T00:00:00Z"
    parts.keyset["keys"].append(next_entry)
    parts.keyset["version"] = 2
    keyset = _opened(parts)
    new_seal = parts.seal | {"consent": _somewhere(parts), "sealed_at": "2026-11-22T00:00:00Z"}
    late = sign(parts, "seal", parts.seal_subjects, new_seal)
    new = sign(fresh, "seal", parts.seal_subjects, new_seal)

    assert keyset.version == 2
    assert statement.open_statement(dsse.from_dict(old), "seal", keyset)
    assert statement.open_statement(dsse.from_dict(new), "seal", keyset)
    with pytest.raises(FormatError, match="signature"):
        statement.open_statement(dsse.from_dict(late), "seal", keyset)


def openssl(*arguments: str | Path) -> bytes:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    return subprocess.run([program, *arguments], check=True, capture_output=True).stdout


def test_a_key_is_named_as_openssl_would_name_it(key_folder: Path, signing_keys: SigningKeys) -> None:
    der = openssl("pkey", "-in", key_folder / "seal.pem", "-pubout", "-outform", "DER")

    assert hashlib.sha256(der).hexdigest() == signing_keys.signer("seal").keyid


def test_openssl_verifies_our_signature(key_folder: Path, signing_keys: SigningKeys, tmp_path: Path) -> None:
    envelope = dsse.sign("text/plain", b"hello", signing_keys.signer("seal"))
    pae, signature, public = tmp_path / "pae", tmp_path / "sig", tmp_path / "public.pem"
    pae.write_bytes(dsse.pae("text/plain", b"hello"))
    signature.write_bytes(envelope.signature)
    openssl("pkey", "-in", key_folder / "seal.pem", "-pubout", "-out", public)

    assert b"Verified OK" in openssl("dgst", "-sha256", "-verify", public, "-signature", signature, pae)


def test_a_root_of_another_kind_is_refused() -> None:
    parts = made()
    parts.keyset["root_spki"] = parts.keyset["keys"][0]["spki"]
    fingerprint = parts.keyset["keys"][0]["keyid"]
    envelope = dsse.to_dict(
        dsse.sign(keys.PAYLOAD_TYPE, canonical(parts.keyset), NotePrivateKey(ed25519.Ed25519PrivateKey.generate()))
    )

    with pytest.raises(FormatError, match="key_type"):
        keys.open_keyset(envelope, fingerprint, SEALED)


def _opened(parts: Made) -> keys.Keyset:
    signed = dsse.sign(keys.PAYLOAD_TYPE, canonical(parts.keyset), parts.root)
    return keys.open_keyset(dsse.to_dict(signed), parts.trust, SEALED)


def _somewhere(parts: Made) -> Json:
    return {"record_id": parts.record["record_id"], "envelope": {"sha256": "0" * 64}}
