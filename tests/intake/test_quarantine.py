from __future__ import annotations

import os
import uuid
from typing import Any

import pytest

from intake import quarantine
from intake.errors import DecryptionError
from intake.models import Artifact, Original, User
from intake.pipeline import purge
from intake.services import contribute
from intake.storages import storage
from tests.factories import NOTE, add_file, attested

pytestmark = pytest.mark.django_db


@pytest.fixture
def artifact(alice: User, s3: Any) -> Artifact:
    return add_file(attested(alice), "handover.md", NOTE)


def part_key(artifact: Artifact, index: int = 0) -> str:
    return f"originals/{artifact.pk}/{artifact.original.upload_id}/{index:05d}"


def test_what_was_uploaded_is_what_the_worker_reads(artifact: Artifact) -> None:
    assert quarantine.read_original(artifact.original) == NOTE
    assert quarantine.original_name(artifact.original) == "handover.md"


def test_nothing_of_it_lies_in_the_store_in_clear(artifact: Artifact, s3: Any) -> None:
    stored = s3.get_object(Bucket="quarantine", Key=part_key(artifact))
    assert b"Falkenrath" not in stored["Body"].read()
    assert "handover" not in str(stored["Metadata"])
    assert b"handover" not in bytes(artifact.original.sealed_name)


def test_a_file_of_several_chunks_comes_back_whole(alice: User, s3: Any) -> None:
    data = b"Name;City\n" + os.urandom(16).hex().encode() * (quarantine.CHUNK_BYTES // 32 * 2 + 3)
    artifact = add_file(attested(alice), "long.csv", data)
    assert len(artifact.original.part_digests) == 3
    assert quarantine.read_original(artifact.original) == data


def test_a_chunk_that_ends_on_the_boundary_is_the_last(alice: User, s3: Any) -> None:
    artifact = add_file(attested(alice), "even.txt", b"x" * quarantine.CHUNK_BYTES)
    assert len(artifact.original.part_digests) == 1
    assert quarantine.read_original(artifact.original) == b"x" * quarantine.CHUNK_BYTES


@pytest.mark.parametrize(
    "place", ["chunk/other/upload/0/last", "chunk/{artifact}/{upload}/1/last", "chunk/{artifact}/{upload}/0/more"]
)
def test_a_chunk_in_another_place_does_not_open(artifact: Artifact, place: str) -> None:
    original = artifact.original
    key = quarantine.unwrap(original.wrapped_key, original.pk)
    sealed = storage("quarantine", as_="worker").read(part_key(artifact))
    with pytest.raises(DecryptionError):
        quarantine.unseal(key, sealed, place.format(artifact=artifact.pk, upload=original.upload_id))


def test_a_data_key_opens_only_for_its_own_row(artifact: Artifact) -> None:
    with pytest.raises(DecryptionError):
        quarantine.unwrap(artifact.original.wrapped_key, uuid.uuid4())


def test_parts_that_are_missing_or_changed_are_noticed(artifact: Artifact) -> None:
    original = artifact.original
    Original.objects.filter(pk=original.pk).update(part_digests=["0" * 64])
    original.refresh_from_db()
    with pytest.raises(DecryptionError):
        quarantine.read_original(original)


def test_a_shredded_original_can_never_be_read_again(artifact: Artifact) -> None:
    quarantine.shred(artifact.original)
    artifact.original.refresh_from_db()
    with pytest.raises(DecryptionError):
        quarantine.read_original(artifact.original)
    with pytest.raises(DecryptionError):
        quarantine.original_name(artifact.original)


def test_a_removed_file_is_erased_with_all_its_objects(artifact: Artifact, alice: User, s3: Any) -> None:
    contribute.remove_artifact(artifact, actor=alice)
    purge.purge_due()
    left = s3.list_object_versions(Bucket="quarantine", Prefix=f"originals/{artifact.pk}/")
    assert not left.get("Versions")
    assert artifact.objects_stored.get().status == "deleted"
