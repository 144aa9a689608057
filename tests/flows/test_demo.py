"""The promise of the README, kept: ``up --demo --once`` on empty ground, then a look into everything it left behind."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config import embedded, stores
from config.processes import wait_until
from tests.corpus import samples
from tests.leaks import found
from tests.services import ROOT, stopping

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

PLANTED = sorted({planted.value for sample in samples() for planted in sample.planted})


@dataclass(frozen=True)
class Demo:
    """What one run of the demo left behind."""

    folder: Path
    output: str
    status: int

    @property
    def trust(self) -> str:
        """The fingerprint that the demo printed beside its commands."""
        return next(line.split()[-1] for line in self.output.splitlines() if "--trust" in line)

    @property
    def bag(self) -> Path:
        (bag,) = (self.folder / "exports").iterdir()
        return bag


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind((embedded.LOOPBACK, 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with tempfile.TemporaryDirectory(prefix="vouchsafe-demo-") as name:
        folder = Path(name)
        mine = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}}
        ran = subprocess.run(
            [sys.executable, "manage.py", "up", "--demo", "--once", "--port", str(free_port())],
            cwd=ROOT,
            env=mine | {"VOUCHSAFE_DATA_DIR": name},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=350,
            check=False,
        )
        yield Demo(folder, ran.stdout, ran.returncode)


@pytest.fixture(scope="module")
def buckets(demo: Demo) -> Iterator[Any]:
    """The store of the demo, started again on its data and read with plain boto3 as its administrator."""
    ports = embedded.kept_ports(demo.folder / "ports.json")
    config = demo.folder / "s3.json"
    admin = stores.kept_identities(config)["admin"]
    with stopping(embedded.start_s3(demo.folder / "s3", config, ports, demo.folder / "s3-again.log")) as child:
        wait_until(child, lambda: embedded.s3_is_ready(ports["s3"]))
        client = stores.s3_client(f"http://{embedded.LOOPBACK}:{ports['s3']}", admin)
        wait_until(child, lambda: stores.s3_lists(client))
        yield client


def objects(client: Any, bucket: str) -> Iterator[tuple[str, bytes, dict[str, str]]]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    for item in (item for page in pages for item in page.get("Contents", ())):
        answer = client.get_object(Bucket=bucket, Key=item["Key"])
        yield item["Key"], answer["Body"].read(), answer["Metadata"]


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def test_it_plays_to_the_end(demo: Demo) -> None:
    assert demo.status == 0, demo.output
    for words in ("alice", "rita", "omar", "paula", "verify"):
        assert words in demo.output


def test_at_least_120_identifiers_were_planted() -> None:
    assert sum(len(sample.planted) for sample in samples()) >= 120


@pytest.mark.parametrize("bucket", ["vault", "exports", "ledger", "quarantine"])
def test_no_planted_word_is_in_any_object_key_or_metadata(buckets: Any, bucket: str) -> None:
    seen = 0
    for key, data, metadata in objects(buckets, bucket):
        assert not found(PLANTED, data), key
        assert not found(PLANTED, (key + json.dumps(metadata)).encode()), key
        seen += 1
    assert seen or bucket == "ledger"


@pytest.mark.parametrize("place", ["broker", "logs", "exports"])
def test_no_planted_word_is_in_the_broker_the_logs_or_the_exported_copy(demo: Demo, place: str) -> None:
    files = [path for path in (demo.folder / place).rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert not found(PLANTED, path.read_bytes()), path.name
        assert not found(PLANTED, path.name.encode())


def test_no_planted_word_is_in_the_database_in_clear(demo: Demo) -> None:
    for path in (demo.folder / "db").iterdir():
        assert not found(PLANTED, path.read_bytes()), path.name


def test_every_vault_object_has_a_bundle_that_verifies(demo: Demo, buckets: Any, tmp_path: Path) -> None:
    stored = {key: data for key, data, _ in objects(buckets, "vault")}
    files = [key for key in stored if not key.endswith(".consent.json")]
    assert len(files) >= 8
    for key in files:
        (tmp_path / "file").write_bytes(stored[key])
        (tmp_path / "bundle").write_bytes(stored[key + ".consent.json"])
        command = (sys.executable, "-m", "consent", "verify", tmp_path / "file", "--bundle", tmp_path / "bundle")
        checked = run(*command, "--trust", demo.trust)
        assert checked.returncode == 0, checked.stdout + checked.stderr


def test_outside_tools_accept_the_batch(demo: Demo) -> None:
    bagit = Path(sys.executable).with_name("bagit.py")
    assert run(sys.executable, bagit, "--validate", demo.bag).returncode == 0
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        assert run("sha256sum", "-c", "--strict", "--quiet", manifest, cwd=demo.bag).returncode == 0


def test_the_batch_verifies_and_any_flipped_byte_is_named(demo: Demo, tmp_path: Path) -> None:
    good = run(sys.executable, "manage.py", "verify_batch", demo.bag, "--trust", demo.trust)
    assert good.returncode == 0, good.stdout + good.stderr
    files = sorted(path.relative_to(demo.bag) for path in demo.bag.rglob("*") if path.is_file())
    copy = tmp_path / demo.bag.name
    shutil.copytree(demo.bag, copy)
    # One of each kind here; tests/intake/test_verify_batch.py flips a byte of every file of a bag.
    kinds = {path.suffix: path for path in files}
    for name in kinds.values():
        whole = (copy / name).read_bytes()
        (copy / name).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        spoiled = run(sys.executable, "manage.py", "verify_batch", copy, "--trust", demo.trust)
        assert spoiled.returncode != 0, name
        assert str(name) in spoiled.stdout + spoiled.stderr
        (copy / name).write_bytes(whole)
