"""Original bytes, encrypted chunk by chunk under a data key of their own; destroying the key is the deletion.

Each chunk of 4 MiB is AES-256-GCM with a fresh nonce, bound by its associated data to artifact, upload, position and
whether it is the last: chunks cannot be swapped, dropped or moved to another file. Data keys are wrapped by the
installation's key, again AES-256-GCM, bound to the row they belong to.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import uuid
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db.models.functions import Now
from django.utils import timezone

from config.env import env
from intake.errors import DecryptionError, StorageUnavailableError
from intake.models import Artifact, Original, Revision, StoredObject, Submission
from intake.storages import storage
from redaction.entities import Block, Kind

CHUNK_BYTES = 4 * 1024 * 1024
NONCE_BYTES = 12
KEY_BYTES = 32


@cache
def master_key() -> bytes:
    """The installation's key: 32 bytes, base64, in the file that ``DATA_KEY_URI`` names."""
    uri = env().data_key_uri
    path = Path(uri.removeprefix("file:")) if uri else env().vouchsafe_data_dir / "keys" / "data.key"
    key = b64decode(path.read_text().strip())
    if len(key) != KEY_BYTES:
        raise DecryptionError
    return key


def key_id() -> str:
    """Names the installation's key without telling it."""
    return hashlib.sha256(b"vouchsafe-key-id" + master_key()).hexdigest()[:16]


def seal(key: bytes, data: bytes, bound_to: str) -> bytes:
    """Encrypt: nonce ‖ ciphertext ‖ tag, bound to a place."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, bound_to.encode())


def unseal(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    """Decrypt. Raises DecryptionError: wrong key, wrong place or changed bytes."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError):
        raise DecryptionError from None


def new_key(owner: uuid.UUID) -> tuple[bytes, bytes]:
    """A fresh data key and the same wrapped for the row ``owner``."""
    key = os.urandom(KEY_BYTES)
    return key, seal(master_key(), key, f"data-key/{owner}")


def unwrap(wrapped: bytes | memoryview | None, owner: uuid.UUID) -> bytes:
    """Raises DecryptionError, also when the key was destroyed."""
    if not wrapped:
        raise DecryptionError
    return unseal(master_key(), bytes(wrapped), f"data-key/{owner}")


def put_intended(
    alias: str,
    key: str,
    data: bytes,
    *,
    as_: str,
    purpose: str,
    artifact: Artifact,
    metadata: dict[str, str] | None = None,
) -> StoredObject:
    """Write one object, its intent row first, so that a crash leaves nothing that nobody knows of.

    Called outside any transaction: the row must be committed before the first byte goes out.
    """
    facts = {"purpose": purpose, "submission_id": artifact.submission_id, "artifact": artifact, "size": len(data)}
    row, _ = StoredObject.objects.update_or_create(
        alias=alias,
        key=key,
        # A new intent begins its own day: an old date would let the purge take it for one that nobody kept.
        defaults={**facts, "status": StoredObject.Status.INTENT, "created_at": timezone.now()},
    )
    row.sha256 = storage(alias, as_=as_).put(key, data, metadata=metadata)
    row.status = StoredObject.Status.PRESENT
    row.save(update_fields=["sha256", "status"])
    return row


class QuarantineWriter:
    """Receives one upload: encrypts each chunk as it arrives and keeps at most one chunk in memory."""

    def __init__(self, artifact: Artifact, name: str) -> None:
        self.artifact = artifact
        original_id = uuid.uuid4()
        self._key, wrapped = new_key(original_id)
        self.original = Original.objects.create(
            id=original_id,
            artifact=artifact,
            sealed_name=seal(self._key, name.encode(), f"name/{artifact.pk}"),
            wrapped_key=wrapped,
            key_id=key_id(),
            commitment_salt=os.urandom(32),
        )
        self._buffer = bytearray()
        self._whole = hashlib.sha256()
        self._digests: list[str] = []
        self.size = 0

    def write(self, data: bytes) -> None:
        self.size += len(data)
        self._whole.update(data)
        self._buffer += data
        while len(self._buffer) > CHUNK_BYTES:  # one byte more than a chunk: the last one is never empty
            self._put(bytes(self._buffer[:CHUNK_BYTES]), last=False)
            del self._buffer[:CHUNK_BYTES]

    def finish(self, media_type: str) -> Original:
        """Store the last chunk and the facts about the whole."""
        self._put(bytes(self._buffer), last=True)
        original, digest = self.original, self._whole.digest()
        original.size = self.size
        original.part_digests = self._digests
        original.media_type = media_type
        original.sealed_sha256 = seal(self._key, digest, f"sha256/{self.artifact.pk}")
        original.keyed_digest = hmac.new(master_key(), b"duplicate" + digest, "sha256").hexdigest()
        original.save()
        return original

    def _put(self, chunk: bytes, *, last: bool) -> None:
        index = len(self._digests)
        sealed = seal(self._key, chunk, _chunk_place(self.original, index, last=last))
        row = put_intended(
            "quarantine", _part_key(self.original, index), sealed, as_="web", purpose="original", artifact=self.artifact
        )
        self._digests.append(row.sha256)


def _part_key(original: Original, index: int) -> str:
    return f"originals/{original.artifact_id}/{original.upload_id}/{index:05d}"


def _chunk_place(original: Original, index: int, *, last: bool) -> str:
    return f"chunk/{original.artifact_id}/{original.upload_id}/{index}/{'last' if last else 'more'}"


def read_original(original: Original) -> bytes:
    """The bytes as uploaded, for the worker. The digest of every part and of the whole must be what was sent.

    Raises: DecryptionError, FileNotFoundError, StorageUnavailableError.
    """
    key = unwrap(original.wrapped_key, original.pk)
    pieces = []
    for index, digest in enumerate(original.part_digests):
        sealed = storage("quarantine", as_="worker").read(_part_key(original, index))
        if hashlib.sha256(sealed).hexdigest() != digest:
            raise DecryptionError
        pieces.append(unseal(key, sealed, _chunk_place(original, index, last=index == len(original.part_digests) - 1)))
    data = b"".join(pieces)
    declared = unseal(key, bytes(original.sealed_sha256 or b""), f"sha256/{original.artifact_id}")
    if hashlib.sha256(data).digest() != declared:
        raise DecryptionError
    return data


def original_name(original: Original) -> str:
    """The file name as sent, for its owner and for redaction."""
    return unseal(
        unwrap(original.wrapped_key, original.pk), bytes(original.sealed_name), f"name/{original.artifact_id}"
    ).decode()


def commitment(artifact: Artifact) -> str:
    """A salted commitment to the original: it proves which file was meant, and nobody can confirm a guess with it.

    A file found inside another one commits to its parent's original and its place in it.
    """
    original = (artifact.parent or artifact).original
    key = unwrap(original.wrapped_key, original.pk)
    digest = unseal(key, bytes(original.sealed_sha256 or b""), f"sha256/{original.artifact_id}")
    place = f"/{artifact.position}".encode() if artifact.parent_id else b""
    return "hmac-sha256:" + hmac.new(bytes(original.commitment_salt or b""), digest + place, "sha256").hexdigest()


# ── staged copies: redacted, not yet signed ────────────────────────────────────────────────────────────────────────


def stage(artifact: Artifact, revision_id: uuid.UUID, data: bytes, blocks: Sequence[Block]) -> tuple[str, str, bytes]:
    """Store a redacted copy and its preview under a key of the revision; return both keys and the wrapped data key."""
    key, wrapped = new_key(revision_id)
    copy, preview = f"staging/{artifact.pk}/{revision_id}", f"staging/{artifact.pk}/{revision_id}.preview"
    packed = json.dumps([asdict(block) for block in blocks]).encode()
    for name, content, place in ((copy, data, "staged"), (preview, packed, "preview")):
        sealed = seal(key, content, f"{place}/{revision_id}")
        put_intended("quarantine", name, sealed, as_="worker", purpose="staging", artifact=artifact)
    return copy, preview, wrapped


def read_staged(revision: Revision, *, as_: str) -> bytes:
    """The redacted bytes before they are sealed."""
    sealed = storage("quarantine", as_=as_).read(revision.staging_key)
    return unseal(unwrap(revision.wrapped_key, revision.pk), sealed, f"staged/{revision.pk}")


def read_preview(revision: Revision) -> list[Block]:
    """What an independent reader sees in the redacted bytes, block by block."""
    sealed = storage("quarantine", as_="preview").read(revision.preview_key)
    packed = unseal(unwrap(revision.wrapped_key, revision.pk), sealed, f"preview/{revision.pk}")
    return [Block(anchor=b["anchor"], text=b["text"], kind=Kind(b["kind"])) for b in json.loads(packed)]


# ── the registry of a submission: its entities, under the submission's own key ─────────────────────────────────────


def seal_for(submission: Submission, data: bytes, place: str) -> bytes:
    return seal(unwrap(submission.wrapped_key, submission.pk), data, f"{place}/{submission.pk}")


def redaction_key(submission: Submission) -> bytes:
    """What a run derives surrogates, moved dates and the digests of decisions from; gone with the submission's key."""
    return hmac.digest(unwrap(submission.wrapped_key, submission.pk), b"redaction", "sha256")


def unseal_for(submission: Submission, sealed: bytes | memoryview, place: str) -> bytes:
    return unseal(unwrap(submission.wrapped_key, submission.pk), bytes(sealed), f"{place}/{submission.pk}")


# ── the end ────────────────────────────────────────────────────────────────────────────────────────────────────────


# What is left of an original's row: nothing that opens its bytes, name or commitment.
SHREDDED: dict[str, Any] = {
    "wrapped_key": None,
    "sealed_name": b"",
    "sealed_sha256": None,
    "commitment_salt": None,
    "keyed_digest": "",
    "shredded_at": Now(),
}


def shred(original: Original) -> None:
    """Destroy the data key, name and salt first: from here on nobody can read the bytes, wherever copies lie."""
    Original.objects.filter(pk=original.pk).update(**SHREDDED)


def erase_object(row: StoredObject) -> bool:
    """Delete one stored object, all versions, and say so in its row; safe to repeat.

    False when the row changed since it was read: somebody has just written the object anew.
    """
    mine = StoredObject.objects.filter(pk=row.pk, status=row.status, created_at=row.created_at)
    if not mine.update(status=StoredObject.Status.DELETED):
        return False
    try:
        storage(row.alias, as_="purger").erase(row.key)
    except StorageUnavailableError:
        StoredObject.objects.filter(pk=row.pk).update(status=row.status)
        raise
    return True
