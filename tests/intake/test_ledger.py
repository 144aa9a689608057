"""The log's way into the ledger, whose objects nobody can change."""

from __future__ import annotations

import hashlib
import uuid

import pytest

from consent import ledger as consent_ledger
from consent import services as consent
from consent.models import LogPart
from consent.services import history
from intake.errors import LedgerBrokenError
from intake.pipeline import ledger
from intake.storages import storage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_keys(monkeypatch: pytest.MonkeyPatch, s3: object) -> str:
    """Keys in the ledger are for ever, and tests share one: each test writes under a name of its own."""
    prefix = f"test-{uuid.uuid4()}"
    monkeypatch.setattr(ledger, "_key", lambda first: f"{prefix}/{first:016}.jsonl")
    return prefix


def grow(rows: int) -> None:
    for number in range(rows):
        consent_ledger.append("event", {"row": number}, subject_id=None, signers=consent.signing_keys().log)


def test_new_rows_are_copied_and_old_ones_left(own_keys: str) -> None:
    grow(3)

    assert ledger.publish() == 3
    assert ledger.publish() == 0
    grow(2)
    assert ledger.publish() == 2

    bucket = storage("ledger", as_="exporter")
    assert bucket.read(f"{own_keys}/{0:016}.jsonl") == consent_ledger.rows(0, 3)
    assert bucket.read(f"{own_keys}/{3:016}.jsonl") == consent_ledger.rows(3, 5)


def test_a_run_that_died_after_writing_is_taken_up(own_keys: str) -> None:
    grow(3)
    storage("ledger", as_="exporter").put(f"{own_keys}/{0:016}.jsonl", consent_ledger.rows(0, 3))
    grow(2)

    assert ledger.publish() == 5
    assert list(LogPart.objects.values_list("first", "end")) == [(0, 3), (3, 5)]


def test_many_rows_go_in_parts(own_keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PART_ROWS", 2)
    grow(5)

    assert ledger.publish() == 5
    assert list(LogPart.objects.values_list("first", "end")) == [(0, 2), (2, 4), (4, 5)]


def test_another_history_in_the_ledger_stops_everything(own_keys: str, caplog: pytest.LogCaptureFixture) -> None:
    grow(3)
    storage("ledger", as_="exporter").put(f"{own_keys}/{0:016}.jsonl", b"{}\n")

    with pytest.raises(LedgerBrokenError) as broken:
        ledger.publish()
    assert broken.value.reason == "log_forked"
    assert "log_forked" in caplog.text
    assert LogPart.objects.count() == 0


def test_a_copy_that_went_away_is_noticed() -> None:
    grow(3)
    LogPart.objects.create(first=0, end=3, sha256=hashlib.sha256(consent_ledger.rows(0, 3)).hexdigest())

    with pytest.raises(LedgerBrokenError) as broken:
        ledger.publish()
    assert broken.value.reason == "log_missing"
