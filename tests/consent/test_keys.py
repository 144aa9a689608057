from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from consent import envelope as dsse
from consent import keys, statement
from consent.errors import FormatError, KeysMissingError
from consent.keys import SigningKeys
from consent.record import Json, canonical, parse
from tests.consent.making import SEALED, Made, made, sign

NOW = dt.datetime.now(dt.UTC)


def keyset_of(signing: SigningKeys) -> Json:
    return dict(parse(signing.keyset))


def test_what_was_created_is_trusted_by_its_fingerprint(signing: SigningKeys) -> None:
    keyset = keys.open_keyset(keyset_of(signing), signing.fingerprint, NOW)

    assert {usage for key in keyset.keys.values() for usage in key.usages} == set(keys.USAGES)
    for usage in keys.USAGES:
        assert keyset.key_for(signing.signer(usage).keyid, usage)
    assert len({signer.keyid for signer in signing.signers.values()}) == len(keys.USAGES)


def test_another_fingerprint_trusts_nothing(signing: SigningKeys) -> None:
    with pytest.raises(FormatError, match="keyset"):
        keys.open_keyset(keyset_of(signing), "0" * 64, NOW)


def test_creating_twice_keeps_the_first_keys(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "signing"

    first = keys.create(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    assert keys.create(folder) == first
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["signing"]


def test_nobody_else_can_read_the_keys(key_folder: Path) -> None:
    assert stat.S_IMODE(key_folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in key_folder.iterdir()} == {0o600}


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(KeysMissingError):
        keys.create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("name", ["keyset.dsse.json", "seal.pem", "secret.key"])
def test_a_folder_that_lacks_a_file_does_not_load(key_folder: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(key_folder, tmp_path / "signing")
    (folder / name).unlink()

    with pytest.raises(KeysMissingError):
        keys.load(f"file:{folder}")


def test_keys_of_another_installation_do_not_load(key_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(key_folder, tmp_path / "signing")
    keys.create(tmp_path / "other")
    shutil.copy(tmp_path / "other" / "seal.pem", folder / "seal.pem")

    with pytest.raises(KeysMissingError):
        keys.load(f"file:{folder}")


def test_a_running_service_does_without_the_root_key(key_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(key_folder, tmp_path / "signing")
    (folder / "root.pem").unlink()

    assert keys.load(f"file:{folder}").fingerprint == keys.load(f"file:{key_folder}").fingerprint


@pytest.mark.parametrize("uri", ["", "signing", "https://example.org/keys", "file:"])
def test_keys_come_from_a_folder_only(uri: str) -> None:
    with pytest.raises(KeysMissingError):
        keys.load(uri)


def test_the_secret_is_not_shown(signing: SigningKeys) -> None:
    assert "secret" not in repr(signing)


def test_each_purpose_has_a_key_of_its_own(signing: SigningKeys) -> None:
    assert signing.derive("evidence") == signing.derive("evidence")
    assert len({signing.derive("evidence"), signing.derive("signing-code"), signing.secret}) == 3


def test_a_key_is_judged_at_the_time_of_what_it_signed() -> None:
    parts = made()
    hour = dt.timedelta(hours=1)
    key = _opened(parts).key_for(parts.signers["seal"].keyid, "seal")

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


def test_a_key_is_named_as_openssl_would_name_it(key_folder: Path, signing: SigningKeys) -> None:
    der = openssl("pkey", "-in", key_folder / "seal.pem", "-pubout", "-outform", "DER")

    assert hashlib.sha256(der).hexdigest() == signing.signer("seal").keyid


def test_openssl_verifies_our_signature(key_folder: Path, signing: SigningKeys, tmp_path: Path) -> None:
    envelope = dsse.sign("text/plain", b"hello", signing.signer("seal"))
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
        dsse.sign(keys.PAYLOAD_TYPE, canonical(parts.keyset), keys.RootPrivateKey(ed25519.Ed25519PrivateKey.generate()))
    )

    with pytest.raises(FormatError, match="key_type"):
        keys.open_keyset(envelope, fingerprint, SEALED)


def _opened(parts: Made) -> keys.Keyset:
    signed = dsse.sign(keys.PAYLOAD_TYPE, canonical(parts.keyset), keys.RootPrivateKey(parts.root))
    return keys.open_keyset(dsse.to_dict(signed), parts.trust, SEALED)


def _somewhere(parts: Made) -> Json:
    return {"record_id": parts.record["record_id"], "envelope": {"sha256": "0" * 64}}
