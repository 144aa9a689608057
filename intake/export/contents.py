"""What goes into the bag of a batch, in the order it is written: the same for the bucket and for a directory.

Payload, bundles, notices, rows, keyset, card, manifest, ``batch.json``; then gate C; then the signed statement and the
tag manifest. Everything is read from what was frozen, so a second writing gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from consent import bundle as consent_bundle
from consent import services as consent
from consent.errors import ConsentError
from consent.models import Notice
from intake.errors import GateClosedError, ItemRefusedError
from intake.export import bag as bags
from intake.export import cards, records
from intake.export.bag import Bag
from intake.models import Batch, BatchItem, Revision
from intake.storages import CreateOnlyS3Storage

VERSION = "0.1.0"
OnFile = Callable[[int], None]


@dataclass(frozen=True)
class Unsigned:
    """A bag that lacks its signature: the digests that the statement will be about, and what it counts."""

    manifest_sha256: str
    batch_sha256: str
    counts: dict[str, int]

    @property
    def subjects(self) -> dict[str, str]:
        return {bags.MANIFEST: self.manifest_sha256, bags.BATCH: self.batch_sha256}


class Contents:
    """Writes one batch into a bag, streaming each file from the vault."""

    def __init__(self, batch: Batch, vault: CreateOnlyS3Storage) -> None:
        self.batch = batch
        self.vault = vault
        self.trust = consent.trust_fingerprint()

    def write_unsigned(self, bag: Bag, on_file: OnFile) -> Unsigned:
        """Write everything that comes before gate C. ``on_file`` is told how many files are done.

        Raises:
            GateClosedError: a stored file or its bundle is not what was approved. StorageConflictError: other bytes
            lie there already. StorageUnavailableError: the store failed.
        """
        for number, item in enumerate(self._items(), start=1):
            self._file(bag, item)
            on_file(number)
        self._notices(bag)
        signed = {
            bags.RECORDS: bag.add(bags.RECORDS, self._records),
            bags.KEYSET: bag.add_bytes(bags.KEYSET, consent.keyset()),
            "bagit.txt": bag.add_bytes("bagit.txt", bags.BAGIT_TXT),
        }
        facts = self._facts()
        signed[bags.CARD] = bag.add_bytes(bags.CARD, cards.readme(facts))
        manifest = bag.add_manifest()
        signed["bag-info.txt"] = bag.add_bytes("bag-info.txt", cards.bag_info(facts, bag.oxum))
        files = {path: entry.sha256 for path, entry in signed.items()}
        document = cards.batch_json(facts, manifest_sha256=manifest.sha256, files=files)
        batch = bag.add_bytes(bags.BATCH, document)
        return Unsigned(manifest.sha256, batch.sha256, facts.counts)

    def write_signed(self, bag: Bag, envelope: dict[str, Any]) -> None:
        """Write the statement, and the tag manifest that makes a batch of the files."""
        bag.add_bytes(bags.STATEMENT, bags.canonical(envelope))
        bag.close()

    def _items(self) -> Iterator[BatchItem]:
        items = BatchItem.objects.filter(batch=self.batch).select_related("revision", "artifact")
        return items.order_by("artifact_id").iterator(chunk_size=records.GROUP)

    def _file(self, bag: Bag, item: BatchItem) -> None:
        """A redacted file, and beside it the bundle that proves it for this purpose and this recipient."""
        bag.add(records.path_of(item.revision), lambda: self._sealed(item.revision, item.sha256))
        try:
            bundle = consent.released_bundle(item.artifact_id, item.sha256)
            consent_bundle.verify(
                item.sha256,
                bundle,
                trust=self.trust,
                purpose=self.batch.purpose,
                recipient=self.batch.recipient.recipient_class,
            )
        except ConsentError as error:
            raise ItemRefusedError(error.code, error.sentence, item.artifact_id) from error
        bag.add_bytes(bags.bundle_path(item.artifact_id), bundle)

    def _sealed(self, revision: Revision, sha256: str) -> Iterator[bytes]:
        """The bytes of the vault, stopped before their end unless they are the approved ones."""
        try:
            yield from bags.expecting(self.vault.open_stream(revision.vault_key), sha256=sha256, size=revision.size)
        except FileNotFoundError:
            raise _mismatch(revision) from None
        except GateClosedError as error:
            raise ItemRefusedError(error.code, error.sentence, revision.artifact_id) from error

    def _notices(self, bag: Bag) -> None:
        shown = Notice.objects.filter(records__pk__in=self._record_ids()).distinct().order_by("sha256")
        for notice in shown:
            entry = bag.add_bytes(bags.notice_path(notice.sha256), notice.body.encode())
            if entry.sha256 != notice.sha256:
                raise GateClosedError("notice_digest", "A notice is not the one that was released.")

    def _record_ids(self) -> list[Any]:
        items = BatchItem.objects.filter(batch=self.batch)
        return list(items.order_by().values_list("submission__consent_record_id", flat=True).distinct())

    def _records(self) -> Iterator[bytes]:
        for row in records.rows(self.batch, self._read_text):
            yield records.line(row)

    def _read_text(self, revision: Revision) -> str:
        return b"".join(self._sealed(revision, revision.sha256)).decode()

    def _facts(self) -> cards.BatchFacts:
        batch, recipient = self.batch, self.batch.recipient
        items = BatchItem.objects.filter(batch=batch).order_by()
        if batch.approver_id is None or batch.frozen_at is None:
            raise GateClosedError("not_approved", "Nobody approved this batch.")
        runs = items.values_list(
            "revision__run__policy_name", "revision__run__policy_version", "revision__run__policy_sha256"
        ).distinct()
        return cards.BatchFacts(
            batch_id=str(batch.pk),
            number=batch.number,
            programme={"programme_id": str(batch.programme_id), "title": batch.programme.title},
            recipient={
                "recipient_id": str(recipient.pk),
                "name": recipient.name,
                "recipient_class": recipient.recipient_class,
                "region": recipient.region,
            },
            purpose=batch.purpose,
            frozen_at=f"{batch.frozen_at:%Y-%m-%dT%H:%M:%SZ}",
            built_by=consent.reviewer_pseudonym(batch.pk, batch.builder_id),
            approved_by=consent.reviewer_pseudonym(batch.pk, batch.approver_id),
            submissions=items.values("submission_id").distinct().count(),
            artifacts=items.count(),
            size=items.aggregate(size=Sum("revision__size"))["size"] or 0,
            policies=[{"policy": name, "version": version, "sha256": sha} for name, version, sha in sorted(runs)],
            trust=self.trust,
            software={"vouchsafe": VERSION},
        )


def _mismatch(revision: Revision) -> ItemRefusedError:
    return ItemRefusedError("digest_mismatch", "The stored bytes are not the approved bytes.", revision.artifact_id)
