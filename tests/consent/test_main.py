"""The command as a recipient runs it: another process, no Django, no settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from consent.record import Json, canonical, to_text
from tests.consent.making import CONTENT, FILE_SHA256, MEMO, NOW, Made, build, made, retraction_file
from tests.consent.test_ledger_copy import Log

ROOT = Path(__file__).parents[2]


class Delivery:
    """A file, its bundle and the fingerprint, as they lie at a recipient's."""

    def __init__(self, folder: Path, parts: Made) -> None:
        self.folder, self.parts = folder, parts
        self.file, self.bundle = folder / "memo.txt", folder / "memo.txt.consent.json"
        self.file.write_bytes(CONTENT)
        self.bundle.write_bytes(build(parts))

    def run(self, *arguments: object, now: str = to_text(NOW)) -> subprocess.CompletedProcess[str]:
        return verify(self.file, "--bundle", self.bundle, "--trust", self.parts.trust, "--now", now, *arguments)

    def retractions(self, *entries: Json, **changes: object) -> Path:
        path = self.folder / "retractions.json"
        path.write_bytes(canonical(retraction_file(self.parts, list(entries), **changes)))
        return path


def verify(*arguments: object) -> subprocess.CompletedProcess[str]:
    return command("verify", *arguments)


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    line = [sys.executable, "-m", "consent", *(str(argument) for argument in arguments)]
    return subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    return Delivery(tmp_path, made())


def test_a_good_file_is_valid(delivery: Delivery) -> None:
    done = delivery.run("--purpose", "evaluation", "--recipient", "ai-developer")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("VALID: The contributor agreed to exactly this file.")
    assert FILE_SHA256 in done.stdout


def test_json_says_everything_that_was_found(delivery: Delivery) -> None:
    report = json.loads(delivery.run("--json").stdout)

    assert set(report) == {
        *("schema_version", "valid", "exit", "code", "step", "sentence", "stage", "artifact_id", "sha256"),
        *("record_id", "purposes", "recipients", "valid_until", "signed_by", "time", "retraction"),
        *("keyset_version", "signers"),
    }
    assert (report["valid"], report["exit"], report["stage"]) == (True, 0, "released")
    assert report["signed_by"] == {"method": "typed-name+email-code", "strength": "platform_attested"}
    assert report["time"]["source"] == "cosignature"
    assert report["retraction"] == {"status": "unknown", "sequence": None}


def test_a_changed_file_is_invalid(delivery: Delivery) -> None:
    delivery.file.write_bytes(CONTENT + b"x")

    done = delivery.run("--json")

    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert (report["valid"], report["code"], report["step"]) == (False, "artifact_digest", 4)


def test_a_refusal_is_one_plain_sentence(delivery: Delivery) -> None:
    done = delivery.run("--purpose", "training")

    assert done.returncode == 1
    assert done.stdout == (
        "NOT VALID (purpose_not_permitted, step 10): The contributor did not agree to this purpose.\n"
    )


def test_a_retracted_file_has_its_own_exit_status(delivery: Delivery) -> None:
    entry = {"artifact_id": str(MEMO), "purposes": None, "reason": "withdrawn", "at": to_text(NOW)}

    done = delivery.run("--json", "--retractions", delivery.retractions(entry))

    assert done.returncode == 2
    assert json.loads(done.stdout)["retraction"]["status"] == "retracted"
    assert delivery.run("--retractions", delivery.retractions()).returncode == 0


@pytest.mark.parametrize("changes", [{"next_update": to_text(NOW)}, {"sequence": 0}])
def test_what_is_not_fresh_has_its_own_exit_status(delivery: Delivery, changes: dict[str, object]) -> None:
    assert delivery.run("--retractions", delivery.retractions(**changes)).returncode == 3


def test_an_old_keyset_is_not_fresh(delivery: Delivery) -> None:
    assert delivery.run(now="2040-01-01").returncode == 3


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("memo.txt",),
        ("--help-me",),
        ("memo.txt", "--bundle", "b", "--trust", "abc"),
        ("memo.txt", "--bundle", "b", "--trust", "0" * 64, "--now", "yesterday"),
        ("memo.txt", "--bundle", "b", "--trust", "0" * 64, "--colour"),
    ],
)
def test_wrong_usage_never_reads_as_retracted(arguments: tuple[str, ...]) -> None:
    done = verify(*arguments)

    assert done.returncode == 64
    assert done.stdout == ""
    assert "usage: python -m consent" in done.stderr


@pytest.mark.parametrize("missing", ["file", "bundle", "retractions"])
def test_a_file_that_cannot_be_read_is_said_to_be(delivery: Delivery, missing: str) -> None:
    arguments: list[object] = []
    if missing == "retractions":
        arguments = ["--retractions", delivery.folder / "nowhere.json"]
    else:
        getattr(delivery, missing).unlink()

    done = delivery.run(*arguments)

    assert done.returncode == 66
    assert "cannot read" in done.stderr


def test_a_folder_that_is_no_batch_is_not_valid(delivery: Delivery) -> None:
    done = command("verify-batch", delivery.folder, "--trust", delivery.parts.trust, "--json")

    report = json.loads(done.stdout)
    assert (done.returncode, report["valid"], report["exit"]) == (1, False, 1)
    assert report["errors"]


def test_a_batch_that_is_not_there_cannot_be_read(delivery: Delivery) -> None:
    assert command("verify-batch", delivery.folder / "nowhere", "--trust", "0" * 64).returncode == 66
    assert command("verify-batch", delivery.folder).returncode == 64
    assert command("verify-everything").returncode == 64


def test_the_verifier_never_imports_django() -> None:
    program = (
        "import sys; from consent.__main__ import main\n"
        "try: main(['verify', 'missing', '--bundle', 'missing', '--trust', '0' * 64])\n"
        "finally: print(sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    loaded = done.stdout
    assert "'consent'" in loaded
    for name in ("django", "celery", "boto3", "storages", "markdown_it", "intake", "redaction"):
        assert f"'{name}'" not in loaded


def test_a_copy_of_the_log_is_checked_row_by_row(tmp_path: Path) -> None:
    kept = Log()
    for _ in range(40):
        kept.grow()
    kept.write(tmp_path / "ledger")
    line = (tmp_path / "ledger", "--trust", kept.trust, "--now", to_text(NOW), "--json")
    (tmp_path / "checkpoint").write_text(kept.checkpoint(7), encoding="utf-8")

    good = command("verify-log", *line, "--known", tmp_path / "checkpoint", "--since", 7)

    report = json.loads(good.stdout)
    assert (good.returncode, report["valid"], report["size"], report["entries"]) == (0, True, 40, 3)
    rows = tmp_path / "ledger/rows" / f"{16:016}.jsonl"
    rows.write_bytes(b"".join(rows.read_bytes().splitlines(keepends=True)[1:]))
    bad = command("verify-log", *line)
    report = json.loads(bad.stdout)
    assert (bad.returncode, report["code"], report["index"]) == (1, "log_missing", 16)
    assert "row 16" in command("verify-log", *line[:-1]).stdout
    assert command("verify-log", tmp_path / "nowhere", "--trust", kept.trust).returncode == 66
    assert command("verify-log", *line, "--since", "-1").returncode == 64
    assert command("verify-log", line[0], "--trust", "0" * 64).returncode == 1
