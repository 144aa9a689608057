"""The exports bucket as a place for a bag: create-only objects under intent rows, read back before a row says so."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models.functions import Now

from intake.errors import StorageConflictError
from intake.export.bag import Entry, Source
from intake.models import Artifact, StoredObject
from intake.storages import CreateOnlyS3Storage

PURPOSE = "batch"


class ExportsSink:
    """Writes a bag under a prefix of a bucket. An object whose row says *present* is not written again."""

    def __init__(self, exports: CreateOnlyS3Storage, prefix: str, owners: dict[str, Artifact] | None = None) -> None:
        self.exports = exports
        self.prefix = prefix
        self.owners = owners if owners is not None else {}

    def put(self, path: str, source: Source) -> Entry:
        row = self._intent(path)
        if row.status == StoredObject.Status.PRESENT:
            return Entry(path, row.size, row.sha256)
        counted = _Counted(source)
        written = self.exports.put(row.key, counted)
        if self.exports.digest(row.key) != written:
            raise StorageConflictError("The store gave back other bytes than were written.")
        row.size, row.sha256, row.status = counted.size, written, StoredObject.Status.PRESENT
        row.save(update_fields=["size", "sha256", "status"])
        return Entry(path, counted.size, written)

    def _intent(self, path: str) -> StoredObject:
        """The row of this object, committed before the first byte goes out.

        A row of a file names its artifact: erasing the artifact then finds this copy too.
        """
        artifact = self.owners.get(path)
        with transaction.atomic():
            row, _ = StoredObject.objects.get_or_create(
                alias="exports",
                key=f"{self.prefix}/{path}",
                defaults={
                    "purpose": PURPOSE,
                    "artifact": artifact,
                    "submission_id": artifact.submission_id if artifact else None,
                },
            )
            if row.status == StoredObject.Status.DELETED:
                row.status = StoredObject.Status.INTENT
                row.save(update_fields=["status"])
        return row


class _Counted:
    """A stream that counts the bytes that passed."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.source():
            self.size += len(chunk)
            yield chunk


def drop(prefix: str) -> int:
    """Mark every object of a bag that will not be for deletion; the purger does it. Returns how many."""
    rows = StoredObject.objects.filter(alias="exports", key__startswith=f"{prefix}/")
    return rows.exclude(status=StoredObject.Status.DELETED).update(delete_due_at=Now())
