"""Private keys: made once, read by a running service, rotated and revoked."""

from __future__ import annotations

import datetime as dt
import shutil
import stat
from pathlib import Path

import pytest

from consent import keys, signing
from consent.errors import KeysMissingError
from consent.keys import Keyset
from consent.record import parse
from consent.signing import SigningKeys
from tests.consent.test_main import command


def test_creating_twice_keeps_the_first_keys(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "signing"

    first = signing.create(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    assert signing.create(folder) == first
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["signing"]


def test_nobody_else_can_read_the_keys(key_folder: Path) -> None:
    assert stat.S_IMODE(key_folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in key_folder.iterdir()} == {0o600}


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(KeysMissingError):
        signing.create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("name", ["keyset.dsse.json", "seal.pem", "secret.key"])
def test_a_folder_that_lacks_a_file_does_not_load(key_folder: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(key_folder, tmp_path / "signing")
    (folder / name).unlink()

    with pytest.raises(KeysMissingError):
        signing.load(f"file:{folder}")


def test_keys_of_another_installation_do_not_load(key_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(key_folder, tmp_path / "signing")
    signing.create(tmp_path / "other")
    shutil.copy(tmp_path / "other" / "seal.pem", folder / "seal.pem")

    with pytest.raises(KeysMissingError):
        signing.load(f"file:{folder}")


def test_a_running_service_does_without_the_root_key(key_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(key_folder, tmp_path / "signing")
    (folder / "root.pem").unlink()

    assert signing.load(f"file:{folder}").fingerprint == signing.load(f"file:{key_folder}").fingerprint


@pytest.mark.parametrize("uri", ["", "signing", "https://example.org/keys", "file:"])
def test_keys_come_from_a_folder_only(uri: str) -> None:
    with pytest.raises(KeysMissingError):
        signing.load(uri)


def test_the_secret_is_not_shown(signing_keys: SigningKeys) -> None:
    assert "secret" not in repr(signing_keys)


def test_each_purpose_has_a_key_of_its_own(signing_keys: SigningKeys) -> None:
    assert signing_keys.derive("evidence") == signing_keys.derive("evidence")
    assert len({signing_keys.derive("evidence"), signing_keys.derive("signing-code"), signing_keys.secret}) == 3


def opened(folder: Path) -> Keyset:
    kept = signing.load(f"file:{folder}")
    return keys.open_keyset(parse(kept.keyset), kept.fingerprint, dt.datetime.now(dt.UTC))


@pytest.mark.parametrize("revoke", [False, True])
def test_a_rotated_key_signs_from_now_on_and_its_predecessor_no_more(
    key_folder: Path, tmp_path: Path, revoke: bool
) -> None:
    folder = shutil.copytree(key_folder, tmp_path / "signing")
    root = folder / "root.pem"
    shutil.move(root, tmp_path / "offline.pem")
    before = signing.load(f"file:{folder}")
    now = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(minutes=1)

    assert signing.rotate(folder, "seal", root=tmp_path / "offline.pem", revoke=revoke, now=now) == 2

    after, keyset = signing.load(f"file:{folder}"), opened(folder)
    old, new = before.signer("seal"), after.signer("seal")
    assert after.fingerprint == before.fingerprint
    assert old.keyid != new.keyid
    assert [keyset.keys[key.keyid].holds_at(now) for key in (old, new)] == [False, True]
    assert keyset.keys[old.keyid].holds_at(now - dt.timedelta(seconds=1))
    assert (keyset.keys[old.keyid].revoked_at is not None) is revoke
    assert after.signer("release").keyid == before.signer("release").keyid
    assert stat.S_IMODE((folder / "seal.pem").stat().st_mode) == 0o600


def test_only_the_root_rotates(key_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(key_folder, tmp_path / "signing")
    signing.create(tmp_path / "other")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    for wrong in (tmp_path / "other/root.pem", folder / "seal.pem", tmp_path / "nothing.pem"):
        with pytest.raises(KeysMissingError):
            signing.rotate(folder, "seal", root=wrong)
    with pytest.raises(KeysMissingError):
        signing.rotate(folder, "everything", root=folder / "root.pem")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_key_is_rotated_by_a_command(key_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(key_folder, tmp_path / "signing")

    done = command("rotate", folder, "release", "--root", folder / "root.pem", "--revoke")

    assert (done.returncode, done.stderr) == (0, "")
    assert "Keyset version 2" in done.stdout
    assert opened(folder).version == 2
    assert command("rotate", folder, "release", "--root", folder / "seal.pem").returncode == 66
    assert command("rotate", folder, "everything", "--root", folder / "root.pem").returncode == 64
