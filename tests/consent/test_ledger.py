"""The log in the database: what is signed stands in it, and a row that was tampered with is found."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from consent import ledger, ledger_copy, log, services
from consent.errors import FormatError
from consent.models import ConsentRecord, LogEntry, LogHead, LogNode, LogPart, LogSalt, Statement
from consent.signing import SigningKeys
from tests.consent.conftest import Give

pytestmark = pytest.mark.usefixtures("installation")


def grow(rows: int, signing_keys: SigningKeys) -> list[LogEntry]:
    return [
        ledger.append("event", {"row": number}, subject_id=uuid.uuid4(), signers=signing_keys.log)
        for number in range(rows)
    ]


def copied(folder: Path) -> Path:
    """The log as a folder that anybody can check."""
    (folder / "rows").mkdir(parents=True)
    (folder / "rows/0.jsonl").write_bytes(ledger.rows(0, ledger.size()))
    (folder / "keyset.dsse.json").write_bytes(services.keyset())
    return folder


def test_what_is_signed_stands_in_the_log(give: Give, tmp_path: Path) -> None:
    record = give()
    withdrawn = services.withdraw(record)

    kinds = list(LogEntry.objects.values_list("kind", "subject_id"))

    statement = Statement.objects.get(kind="withdrawal")
    assert kinds == [("consent", record.pk), ("consent", withdrawn.pk), ("withdrawal", statement.pk)]
    assert ledger_copy.verify(copied(tmp_path / "copy"), trust=services.trust_fingerprint()).size == 3


def test_a_proof_is_the_same_text_however_long_the_log_has_become(signing_keys: SigningKeys) -> None:
    entries = grow(5, signing_keys)
    subject = entries[2].subject_id
    assert subject is not None
    first = ledger.proof("event", subject)

    grow(9, signing_keys)

    assert ledger.proof("event", subject) == first
    head, note = log.split_proof(first)
    assert log.parse_proof(head, 3).index == 2
    assert note == entries[2].checkpoint


def test_nothing_is_logged_of_what_was_not_written(give: Give) -> None:
    give()
    before = ledger.size()

    with transaction.atomic():
        give()
        assert ledger.size() > before
        transaction.set_rollback(True)

    assert ledger.size() == before == LogEntry.objects.count()


def test_without_its_salt_a_row_links_to_nothing_and_the_log_still_holds(
    signing_keys: SigningKeys, tmp_path: Path
) -> None:
    entries = grow(4, signing_keys)
    subject = entries[1].subject_id
    assert subject is not None

    assert ledger.forget({subject}) == 1

    with pytest.raises(LogSalt.DoesNotExist):
        ledger.proof("event", subject)
    assert ledger_copy.verify(copied(tmp_path / "copy"), trust=services.trust_fingerprint()).valid


@pytest.mark.parametrize("model", [LogEntry, LogNode])
def test_rows_are_neither_changed_nor_deleted(signing_keys: SigningKeys, model: type[LogEntry] | type[LogNode]) -> None:
    grow(2, signing_keys)

    for change in ('UPDATE {} SET "index" = 7', "DELETE FROM {}"):
        with (
            pytest.raises(IntegrityError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change.format(model._meta.db_table))


def publish() -> int:
    new = services.unpublished_rows()
    if new is None:
        return 0
    services.published_rows(*new)
    return new[1].count(b"\n")


def test_rows_are_copied_once_and_checked_each_time(signing_keys: SigningKeys) -> None:
    grow(3, signing_keys)

    assert publish() == 3
    assert publish() == 0
    grow(4, signing_keys)
    assert publish() == 4
    assert list(LogPart.objects.values_list("first", "end")) == [(0, 3), (3, 7)]


class Tampering:
    """The database with its triggers taken away, as somebody with all rights would."""

    def __init__(self, table: str) -> None:
        self.table = table

    def run(self, statement: str) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(f"ALTER TABLE {self.table} DISABLE TRIGGER USER")
            else:
                cursor.execute(f"DROP TRIGGER append_only_{self.table}_update")
                cursor.execute(f"DROP TRIGGER append_only_{self.table}_delete")
            cursor.execute(statement)


@pytest.mark.parametrize(
    ("table", "statement", "code"),
    [
        ("consent_logentry", "UPDATE consent_logentry SET leaf_hash = 'f00d' WHERE \"index\" = 5", "log_root"),
        ("consent_logentry", "UPDATE consent_logentry SET leaf_hash = 'f00d' WHERE \"index\" = 1", "log_forked"),
        ("consent_logentry", "UPDATE consent_logentry SET kind = 'seal' WHERE \"index\" = 1", "log_forked"),
        (
            "consent_logentry",
            "UPDATE consent_logentry SET checkpoint = replace(checkpoint, 'log', 'lag') WHERE \"index\" = 5",
            "checkpoint",
        ),
    ],
)
def test_a_row_that_was_tampered_with_is_found(
    signing_keys: SigningKeys, table: str, statement: str, code: str
) -> None:
    grow(3, signing_keys)
    publish()
    grow(4, signing_keys)

    Tampering(table).run(statement)

    with pytest.raises(FormatError) as found:
        services.unpublished_rows()
    assert found.value.code == code


def test_a_missing_row_is_found(signing_keys: SigningKeys) -> None:
    grow(3, signing_keys)
    LogSalt.objects.all().delete()

    Tampering("consent_logentry").run('DELETE FROM consent_logentry WHERE "index" = 1')

    with pytest.raises(FormatError, match="log_missing"):
        services.unpublished_rows()


@pytest.mark.django_db(transaction=True)
def test_rows_written_at_once_stand_one_after_the_other(signing_keys: SigningKeys, tmp_path: Path) -> None:
    def write() -> None:
        try:
            for _ in range(5):
                with transaction.atomic():
                    ledger.append("event", {"a": 1}, subject_id=None, signers=signing_keys.log)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert LogHead.objects.get().size == LogEntry.objects.count() == 20
    found = ledger_copy.verify(copied(tmp_path / "copy"), trust=services.trust_fingerprint())
    assert (found.code, found.size) == (None, 20)


def test_every_record_can_be_proven(give: Give) -> None:
    record = give()

    assert ConsentRecord.objects.count() == 1
    assert ledger.proof("consent", record.pk).startswith("c2sp.org/tlog-proof@v1\nextra ")
