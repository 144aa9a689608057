from __future__ import annotations

import hashlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from intake.errors import StorageConflictError, StorageUnavailableError
from intake.storages import METADATA_BYTES, PART_BYTES, CreateOnlyS3Storage, storage


@pytest.fixture
def vault(s3: Any) -> CreateOnlyS3Storage:
    return storage("vault", as_="sealer")


def key() -> str:
    return f"te/{uuid.uuid4()}"


def test_what_was_put_is_read_back(vault: CreateOnlyS3Storage) -> None:
    name = key()
    assert vault.put(name, b"sealed") == hashlib.sha256(b"sealed").hexdigest()
    assert vault.read(name) == b"sealed"


def test_the_same_bytes_twice_are_no_error(vault: CreateOnlyS3Storage) -> None:
    name = key()
    vault.put(name, b"sealed")
    vault.put(name, b"sealed")


def test_other_bytes_under_a_taken_key_are_refused_and_change_nothing(vault: CreateOnlyS3Storage) -> None:
    name = key()
    vault.put(name, b"first")
    with pytest.raises(StorageConflictError):
        vault.put(name, b"second")
    with pytest.raises(StorageConflictError):
        vault.put(name, iter([b"third"]))
    assert vault.read(name) == b"first"


def test_of_eight_writers_at_once_exactly_one_wins(vault: CreateOnlyS3Storage) -> None:
    name = key()

    def write(number: int) -> bool:
        try:
            vault.put(name, b"writer %d" % number)
        except StorageConflictError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(write, range(8))) == 1


def test_a_stream_larger_than_a_part_arrives_whole(vault: CreateOnlyS3Storage) -> None:
    piece = bytes(range(256)) * 4096
    name = key()
    digest = vault.put(name, (piece for _ in range(PART_BYTES // len(piece) + 2)))
    assert vault.digest(name) == digest


def test_an_absent_object_is_a_missing_file(vault: CreateOnlyS3Storage) -> None:
    with pytest.raises(FileNotFoundError):
        vault.read(key())


def test_erasing_leaves_no_version(vault: CreateOnlyS3Storage, s3: Any) -> None:
    name = key()
    vault.put(name, b"sealed")
    assert storage("vault", as_="purger").erase(name) >= 1
    with pytest.raises(FileNotFoundError):
        vault.read(name)
    left = s3.list_object_versions(Bucket="vault", Prefix=name)
    assert not left.get("Versions")
    assert not left.get("DeleteMarkers")


@pytest.mark.parametrize("metadata", [{"name": "Jürgen"}, {"long": "x" * METADATA_BYTES}])
def test_metadata_that_is_long_or_not_ascii_is_refused(vault: CreateOnlyS3Storage, metadata: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="short ASCII"):
        vault.put(key(), b"sealed", metadata=metadata)


def test_the_web_may_write_originals_and_read_none(s3: Any) -> None:
    web = storage("quarantine", as_="web")
    name = f"originals/{uuid.uuid4()}/part"
    web.put(name, b"ciphertext")
    with pytest.raises((StorageUnavailableError, FileNotFoundError)):
        web.read(name)
    with pytest.raises((StorageUnavailableError, FileNotFoundError)):
        storage("vault", as_="web").read("anything")
