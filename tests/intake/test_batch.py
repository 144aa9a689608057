"""Gate C: what was approved is what is sealed, or nothing is; and killed anywhere, the builder makes the same bag."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bagit
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from consent import batch as bags
from consent import services as consent
from intake.errors import GuardError, ItemRefusedError, StorageUnavailableError
from intake.export.bag import TAG_MANIFEST
from intake.models import Batch, Hold, Programme, Recipient, StoredObject, Submission, User
from intake.pipeline import batch as pipeline
from intake.pipeline import purge, reconcile
from intake.services import contribute, deliver
from intake.storages import CreateOnlyS3Storage, storage
from tests import factories
from tests.intake import shelf

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("s3")]


@pytest.fixture
def programme() -> Programme:
    return factories.programme()


@pytest.fixture
def recipient() -> Recipient:
    return factories.recipient()


@pytest.fixture
def work(alice: User, rita: User, programme: Programme) -> Submission:
    return shelf.approved_work(alice, rita, programme)


@pytest.fixture
def batch(work: Submission, programme: Programme, recipient: Recipient, omar: User, paula: User) -> Batch:
    """Approved by a second person, not built yet."""
    return shelf.approved(omar, paula, programme, recipient)


Fetched = Callable[[Batch], dict[str, bytes]]


@pytest.fixture
def fetched(s3: Any) -> Fetched:
    """Gives every object under a batch's prefix, by its path in the bag, as the store's owner sees it."""
    bucket = storage("exports", as_="exporter").bucket_name

    def fetch(batch: Batch) -> dict[str, bytes]:
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"{batch.prefix}/").get("Contents", ())
        keys = [item["Key"] for item in listed]
        return {
            key.removeprefix(f"{batch.prefix}/"): s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys
        }

    return fetch


def unpack(objects: dict[str, bytes], root: Path) -> Path:
    for path, data in objects.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def test_an_approved_batch_is_sealed_as_a_bag_in_the_exports_bucket(
    batch: Batch, tmp_path: Path, fetched: Fetched
) -> None:
    assert pipeline.build_and_seal(batch.pk) == "sealed"
    batch.refresh_from_db()
    assert (batch.state, batch.done, batch.total, batch.due_at, batch.refusal) == ("sealed", 3, 3, None, "")
    bag = unpack(fetched(batch), tmp_path)
    assert bagit.Bag(str(bag)).validate()
    report = bags.verify(bag, trust=consent.trust_fingerprint())
    assert (report.exit_status, report.bundles) == (0, 3)
    assert report.files["manifest-sha256.txt"].sha256 == batch.manifest_sha256


def test_the_sealed_files_leave_byte_for_byte(batch: Batch, fetched: Fetched) -> None:
    pipeline.build_and_seal(batch.pk)
    shipped = [data for path, data in fetched(batch).items() if path.startswith("data/files/")]
    assert sorted(shipped) == sorted(shelf.FILES.values())


def test_rows_carry_the_redacted_request_and_only_this_batch_s_ids(batch: Batch, alice: User, fetched: Fetched) -> None:
    pipeline.build_and_seal(batch.pk)
    rows = [json.loads(line) for line in fetched(batch)["data/records.jsonl"].splitlines()]
    assert {row["task_prompt"] for row in rows} == {"Write a handover note for [PERSON_1].\n"}
    assert {row["contributor"] for row in rows} == set(batch.items.values_list("pseudonym", flat=True))
    assert {row["task_id"] for row in rows} == {str(pk) for pk in batch.items.values_list("task_id", flat=True)}
    assert {row["sector"] for row in rows} == {"Government"}
    handover = next(row for row in rows if row["file_name"] == "handover.md")
    assert handover["redaction_counts"] == [{"entity_type": "PERSON", "count": 1}]


def test_words_that_were_typed_outside_every_file_do_not_leave(batch: Batch, fetched: Fetched) -> None:
    """The occupation was typed freely ("my job") and never redacted; only the closed list may stand in a row."""
    pipeline.build_and_seal(batch.pk)
    everything = b"".join(fetched(batch).values())
    assert b"my job" not in everything
    assert b"alice" not in everything.lower()


def test_the_copy_in_a_directory_is_the_same_bag(batch: Batch, tmp_path: Path, fetched: Fetched) -> None:
    pipeline.build_and_seal(batch.pk)
    batch.refresh_from_db()
    copy = pipeline.copy_to(batch, tmp_path)
    assert {str(path.relative_to(copy)): path.read_bytes() for path in copy.rglob("*") if path.is_file()} == fetched(
        batch
    )


def test_building_again_changes_nothing(batch: Batch, fetched: Fetched) -> None:
    pipeline.build_and_seal(batch.pk)
    first = fetched(batch)
    assert pipeline.build_and_seal(batch.pk) == "not_due"
    Batch.objects.filter(pk=batch.pk).update(due_at=timezone.now())
    assert pipeline.build_and_seal(batch.pk) == "sealed"
    assert fetched(batch) == first


def test_a_frozen_batch_is_not_built(
    work: Submission, programme: Programme, recipient: Recipient, omar: User, fetched: Fetched
) -> None:
    batch = shelf.frozen(omar, programme, recipient)
    assert pipeline.build_and_seal(batch.pk) == "not_due"
    assert fetched(batch) == {}


def test_a_batch_that_another_worker_holds_is_left_alone(batch: Batch) -> None:
    Batch.objects.filter(pk=batch.pk).update(lease_until=timezone.now() + dt.timedelta(minutes=1))
    assert pipeline.build_and_seal(batch.pk) == "not_due"


# ── between the approval and the seal ──────────────────────────────────────────────────────────────────────────────


def withdraw(work: Submission) -> None:
    contribute.withdraw(work, actor=work.contributor.user)


def hold(work: Submission) -> None:
    Hold.objects.create(submission=work, kind="claim", code="claim", placed_by=work.contributor.user)


def withdraw_the_purpose(work: Submission) -> None:
    assert work.consent_record is not None
    consent.withdraw(work.consent_record, purposes=["evaluation"])


def reopen(work: Submission) -> None:
    work.move("reopen", role="lead")


LOST: dict[str, tuple[Callable[[Submission], object], str]] = {
    "withdrawn": (withdraw, "withdrawn"),
    "withdrawn for this purpose": (withdraw_the_purpose, "withdrawn"),
    "put on hold": (hold, "on_hold"),
    "reopened": (reopen, "withdrawn"),
}


@pytest.mark.parametrize("event", LOST)
def test_an_item_that_lost_its_eligibility_sends_the_batch_back_to_draft(
    event: str, batch: Batch, work: Submission, fetched: Fetched
) -> None:
    change, code = LOST[event]
    change(work)
    assert pipeline.build_and_seal(batch.pk) == code
    batch.refresh_from_db()
    assert (batch.state, batch.approver, batch.manifest_sha256, batch.envelope) == ("draft", None, "", None)
    named, artifact_id = batch.refusal.split()
    assert named == code
    assert work.artifacts.filter(pk=artifact_id).exists()
    assert TAG_MANIFEST not in fetched(batch)


def test_what_was_written_for_a_refused_batch_is_due_for_deletion(batch: Batch, work: Submission) -> None:
    withdraw(work)
    pipeline.build_and_seal(batch.pk)
    rows = StoredObject.objects.filter(alias="exports", key__startswith=batch.prefix)
    assert rows.exists()
    assert not rows.filter(delete_due_at=None).exists()


def test_the_purger_deletes_what_was_written_for_a_refused_batch(
    batch: Batch, work: Submission, fetched: Fetched
) -> None:
    withdraw(work)
    pipeline.build_and_seal(batch.pk)
    assert fetched(batch) != {}
    purge.purge_due(timezone.now() + dt.timedelta(minutes=1))
    assert fetched(batch) == {}


def test_a_refused_batch_is_asked_for_again_without_the_item(
    batch: Batch, work: Submission, alice: User, rita: User, programme: Programme, omar: User, paula: User
) -> None:
    other = shelf.approved_work(alice, rita, programme)
    withdraw(work)
    pipeline.build_and_seal(batch.pk)
    batch.refresh_from_db()
    again = deliver.build_again(batch, actor=omar)
    assert set(again.items.values_list("submission_id", flat=True)) == {other.pk}
    deliver.approve_batch(again, actor=paula)
    assert pipeline.build_and_seal(again.pk) == "sealed"
    batch.refresh_from_db()
    assert batch.state == "abandoned"


class Interrupted(Exception):  # noqa: N818 - stands for a kill
    pass


@pytest.fixture
def just_before_the_gate(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Lets something happen when every object is written and the sealing transaction has not begun."""
    gate = pipeline._gate

    def arrange(happening: Callable[[], object]) -> None:
        def delayed(*arguments: Any) -> None:
            happening()
            gate(*arguments)

        monkeypatch.setattr(pipeline, "_gate", delayed)

    return arrange


def test_a_withdrawal_after_the_last_byte_still_wins(
    batch: Batch, work: Submission, just_before_the_gate: Callable[[Callable[[], object]], None]
) -> None:
    just_before_the_gate(lambda: withdraw(work))
    assert pipeline.build_and_seal(batch.pk) == "withdrawn"
    batch.refresh_from_db()
    assert (batch.state, batch.envelope) == ("draft", None)


def test_a_changed_file_in_the_vault_is_never_shipped(
    batch: Batch, work: Submission, s3: Any, fetched: Fetched
) -> None:
    revision = work.artifacts.order_by("pk")[0].revision
    assert revision is not None
    vault = storage("vault", as_="sealer")
    s3.put_object(Bucket=vault.bucket_name, Key=revision.vault_key, Body=b"x" * revision.size)
    assert pipeline.build_and_seal(batch.pk) == "digest_mismatch"
    batch.refresh_from_db()
    assert batch.refusal == f"digest_mismatch {revision.artifact_id}"
    assert not any(data.startswith(b"xxx") for data in fetched(batch).values())


# ── kills ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def kill_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Makes the n-th write into the bucket from now on die after its object was stored."""
    put = CreateOnlyS3Storage.put
    with monkeypatch.context() as patch:

        def arm(number: int) -> None:
            left = [number]

            def dying(self: CreateOnlyS3Storage, *arguments: Any, **named: Any) -> str:
                digest = put(self, *arguments, **named)
                left[0] -= 1
                if left[0] == 0:
                    raise Interrupted
                return digest

            patch.setattr(CreateOnlyS3Storage, "put", dying)

        yield arm


def test_killed_after_any_write_and_run_again_it_is_the_same_bag(
    batch: Batch, kill_at: Callable[[int], None], tmp_path: Path, fetched: Fetched
) -> None:
    for number in range(1, 30):
        kill_at(number)
        Batch.objects.filter(pk=batch.pk).update(lease_until=None)
        try:
            outcome = pipeline.build_and_seal(batch.pk)
        except Interrupted:
            continue
        break
    assert outcome == "sealed"
    assert number > 5
    batch.refresh_from_db()
    copy = pipeline.copy_to(batch, tmp_path)
    written = {str(path.relative_to(copy)): path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    assert written == fetched(batch)
    assert bags.verify(copy, trust=consent.trust_fingerprint()).exit_status == 0


@pytest.mark.parametrize("last_write", [4, 12])
def test_a_batch_whose_builder_died_is_found_by_the_reconciler(
    last_write: int, batch: Batch, kill_at: Callable[[int], None]
) -> None:
    """Before the gate it is approved, after it it is sealed but not closed; both are work that waits."""
    kill_at(last_write)
    with pytest.raises(Interrupted):
        pipeline.build_and_seal(batch.pk)
    Batch.objects.filter(pk=batch.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert ("build_batch", batch.pk) in list(reconcile.forgotten())
    kill_at(99)
    assert pipeline.build_and_seal(batch.pk) == "sealed"
    assert ("build_batch", batch.pk) not in list(reconcile.forgotten())


def test_a_store_that_is_away_costs_time_only(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(self: CreateOnlyS3Storage, *arguments: Any, **named: Any) -> str:
        raise StorageUnavailableError

    with monkeypatch.context() as patch:
        patch.setattr(CreateOnlyS3Storage, "put", away)
        assert pipeline.build_and_seal(batch.pk) == "storage_unavailable"
    assert pipeline.build_and_seal(batch.pk) == "sealed"


def test_a_copy_is_refused_once_a_file_may_no_longer_go(batch: Batch, work: Submission, tmp_path: Path) -> None:
    pipeline.build_and_seal(batch.pk)
    batch.refresh_from_db()
    withdraw(work)
    with pytest.raises(ItemRefusedError) as refused:
        pipeline.copy_to(batch, tmp_path)
    assert refused.value.code == "withdrawn"
    assert list(tmp_path.iterdir()) == []


def test_an_unsealed_batch_cannot_be_copied(batch: Batch, tmp_path: Path) -> None:
    with pytest.raises(GuardError) as refused:
        pipeline.copy_to(batch, tmp_path)
    assert refused.value.code == "not_sealed"


# ── commands ───────────────────────────────────────────────────────────────────────────────────────────────────────


def run(*arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command(*arguments, "--json", stdout=out)
    return dict(json.loads(out.getvalue()))


def test_the_commands_carry_a_batch_from_query_to_directory(
    work: Submission, programme: Programme, recipient: Recipient, omar: User, paula: User, tmp_path: Path
) -> None:
    new = ("export_batch", "--new", "--purpose", "evaluation", "--recipient", recipient.name, "--as", omar.email)
    assert run(*new, "--dry-run")["counts"] == {"submissions": 1, "artifacts": 3, "bytes": 106}
    assert not Batch.objects.exists()
    frozen = run(*new)
    assert (frozen["state"], frozen["counts"]["artifacts"]) == ("frozen", 3)
    deliver.approve_batch(Batch.objects.get(), actor=paula)
    built = run("export_batch", frozen["number"], "--wait", "--to", str(tmp_path))
    assert built["state"] == "sealed"
    assert built["uri"] == f"s3://exports/{recipient.pk}/{built['batch_id']}/"
    assert run("verify_batch", built["path"])["valid"]
    assert run("export_batch", built["batch_id"])["manifest_sha256"] == built["manifest_sha256"]
    assert [row["number"] for row in run("list_batches", "--state", "sealed")["batches"]] == [frozen["number"]]
    assert run("list_batches", "--state", "frozen")["batches"] == []


@pytest.mark.parametrize(
    ("arguments", "status"),
    {
        ("--new",): 2,
        ("--new", "--purpose", "evaluation", "--recipient", "Nobody"): 2,
        ("--new", "--purpose", "evaluation", "--recipient", "Northlight Research"): 2,
        ("B-2026-11-9999",): 2,
        ("--new", "--purpose", "evaluation", "--recipient", "Northlight Research", "--as", "omar@example.org"): 3,
        ("--new", "--purpose", "training", "--recipient", "Northlight Research", "--as", "omar@example.org"): 4,
        ("--new", "--purpose", "evaluation", "--recipient", "Northlight Research", "--as", "rita@example.org"): 4,
    }.items(),
)
def test_each_refusal_has_its_exit_status(
    arguments: tuple[str, ...], status: int, programme: Programme, recipient: Recipient, omar: User, rita: User
) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("export_batch", *arguments)
    assert refused.value.returncode == status


def test_a_batch_that_nobody_approved_is_not_built_by_command(
    work: Submission, programme: Programme, recipient: Recipient, omar: User
) -> None:
    batch = shelf.frozen(omar, programme, recipient)
    with pytest.raises(CommandError) as refused:
        call_command("export_batch", batch.number)
    assert refused.value.returncode == 4


def test_a_refusal_of_the_gate_is_told_by_the_command(batch: Batch, work: Submission) -> None:
    withdraw(work)
    with pytest.raises(CommandError, match="The contributor withdrew this file") as refused:
        call_command("export_batch", batch.number)
    assert refused.value.returncode == 4
