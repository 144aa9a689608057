"""A delivered bag: whatever is changed in it, verification refuses it and names the file."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bagit
import pytest
from django.core.management import CommandError, call_command
from pytest_django.plugin import DjangoDbBlocker

from consent import batch as bags
from consent import services as consent
from intake.export.bag import canonical
from intake.pipeline import batch as pipeline
from tests import factories
from tests.conftest import make_person
from tests.intake import shelf

# Makes the test database for the fixture below; what is tested opens none.
pytestmark = pytest.mark.django_db

# One of each kind of file; ids differ from run to run, so a kind is a pattern.
KINDS = (
    "README.md",
    "bag-info.txt",
    "bagit.txt",
    "batch.dsse.json",
    "batch.json",
    "consent/bundles/*.json",
    "consent/notices/*.md",
    "data/files/*/*.csv",
    "data/files/*/*.md",
    "data/records.jsonl",
    "manifest-sha256.txt",
    "tagmanifest-sha256.txt",
    "trust/keyset.dsse.json",
)


@pytest.fixture(scope="module")
def delivered(
    s3: Any, django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Path]]:
    """Two sealed batches, copied into directories. The tests get copies of these."""
    root = tmp_path_factory.mktemp("delivered")
    with django_db_blocker.unblock():
        alice, rita = make_person("alice", "contributor"), make_person("rita", "reviewer")
        omar, paula = make_person("omar", "ops"), make_person("paula", "ops")
        try:
            bags_made = []
            for _ in range(2):
                programme = factories.programme()
                shelf.approved_work(alice, rita, programme)
                batch = shelf.sealed(omar, paula, programme, factories.recipient())
                bags_made.append(pipeline.copy_to(batch, root))
            yield bags_made
        finally:
            call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def bag(delivered: list[Path], tmp_path: Path) -> Path:
    """A sealed batch of three files in a directory of its own."""
    return Path(shutil.copytree(delivered[0], tmp_path / "bag"))


def verify(bag: Path, *arguments: str) -> dict[str, Any]:
    """The command's JSON, with its exit status under ``exit``."""
    out = io.StringIO()
    try:
        call_command("verify_batch", str(bag), "--json", *arguments, stdout=out)
        status: object = 0
    except SystemExit as left:
        status = left.code
    document = json.loads(out.getvalue())
    assert document["exit"] == status
    return dict(document)


def codes(document: dict[str, Any]) -> set[str]:
    return {error["code"] for error in document["errors"]}


def paths(document: dict[str, Any]) -> set[str]:
    return {error["path"] for error in document["errors"]}


def files(bag: Path) -> list[str]:
    return sorted(str(path.relative_to(bag)) for path in bag.rglob("*") if path.is_file())


def one(bag: Path, pattern: str) -> Path:
    return sorted(bag.glob(pattern))[0]


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 0x01
    path.write_bytes(data)


def test_an_untouched_bag_is_valid(bag: Path) -> None:
    document = verify(bag)
    assert (document["valid"], document["exit"], document["errors"]) == (True, 0, [])
    assert document["checked"] == {"files": len(files(bag)), "bundles": 3, "rows": 3}


def test_the_verdict_is_said_in_words_too(bag: Path) -> None:
    out = io.StringIO()
    call_command("verify_batch", str(bag), stdout=out)
    assert out.getvalue().startswith("VALID: ")


def test_coreutils_and_the_reference_validator_accept_the_bag(bag: Path) -> None:
    manifests = ["manifest-sha256.txt", "tagmanifest-sha256.txt"]
    done = subprocess.run(["sha256sum", "-c", "--strict", *manifests], cwd=bag, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert bagit.Bag(str(bag)).validate()


def test_every_kind_of_file_is_tried_below(bag: Path) -> None:
    found = {str(path.relative_to(bag)) for pattern in KINDS for path in bag.glob(pattern)}
    assert found == set(files(bag))


@pytest.mark.parametrize("pattern", KINDS)
def test_one_flipped_byte_anywhere_is_refused_and_its_file_named(bag: Path, pattern: str) -> None:
    for path in sorted(bag.glob(pattern)):
        name, good = str(path.relative_to(bag)), path.read_bytes()
        for position in (0, len(good) // 3, len(good) // 2, len(good) - 1):
            flip(path, position)
            document = verify(bag)
            assert document["exit"] == 5, f"{name} at {position}"
            assert name in paths(document), f"{name} at {position}: {document['errors']}"
            path.write_bytes(good)
    assert verify(bag)["exit"] == 0


@pytest.mark.parametrize("pattern", KINDS)
def test_a_missing_file_is_refused_and_named(bag: Path, pattern: str) -> None:
    path = one(bag, pattern)
    path.unlink()
    document = verify(bag)
    assert document["exit"] == 5
    assert str(path.relative_to(bag)) in paths(document)


@pytest.mark.parametrize("pattern", KINDS)
def test_a_truncated_file_is_refused_and_named(bag: Path, pattern: str) -> None:
    path = one(bag, pattern)
    path.write_bytes(path.read_bytes()[:-7])
    document = verify(bag)
    assert document["exit"] == 5
    assert str(path.relative_to(bag)) in paths(document)


@pytest.mark.parametrize("pattern", KINDS)
def test_a_renamed_file_is_refused_and_both_names_told(bag: Path, pattern: str) -> None:
    path = one(bag, pattern)
    path.rename(other := path.with_name("other" + path.suffix))
    document = verify(bag)
    assert document["exit"] == 5
    assert {str(path.relative_to(bag)), str(other.relative_to(bag))} <= paths(document)


@pytest.mark.parametrize(
    ("name", "code"),
    {
        "data/files/aa/11111111-2222-4333-8444-555555555555.md": "bag_extra",
        "data/notes.txt": "bag_extra",
        "NOTES.md": "bag_extra",
        "consent/bundles/11111111-2222-4333-8444-555555555555.json": "bundle_extra",
        ".hidden": "name_unsafe",
        "data/files/aux.md": "name_unsafe",
        "data/files/a b.md": "name_unsafe",
        "readme.MD": "name_collision",
    }.items(),
)
def test_an_extra_file_is_refused_and_named(bag: Path, name: str, code: str) -> None:
    (bag / name).parent.mkdir(exist_ok=True)
    (bag / name).write_bytes(b"extra")
    document = verify(bag)
    assert document["exit"] == 5
    assert {"code": code, "path": name} in [{"code": e["code"], "path": e["path"]} for e in document["errors"]]


def test_an_empty_directory_is_refused(bag: Path) -> None:
    (bag / "data" / "empty").mkdir()
    assert (verify(bag)["exit"], codes(verify(bag))) == (5, {"bag_extra"})


def test_a_link_is_refused_without_being_followed(bag: Path, tmp_path: Path) -> None:
    path = one(bag, "data/files/*/*.csv")
    path.rename(tmp_path / "moved.csv")
    path.symlink_to(tmp_path / "moved.csv")
    document = verify(bag)
    assert document["exit"] == 5
    assert "name_unsafe" in codes(document)


# ── changes by somebody who knows the format: digests and manifests are put right again, only the signatures are not ──


def repack(bag: Path) -> None:
    """Write both manifests, Payload-Oxum, and the digests in batch.json anew, as a forger would."""
    payload = [name for name in files(bag) if name.startswith("data/")]
    size = sum((bag / name).stat().st_size for name in payload)
    info = (bag / "bag-info.txt").read_text().splitlines()
    kept = [line for line in info if not line.startswith("Payload-Oxum")]
    (bag / "bag-info.txt").write_text("\n".join([*kept, f"Payload-Oxum: {size}.{len(payload)}", ""]))
    _manifest(bag, "manifest-sha256.txt", payload)
    batch = json.loads((bag / "batch.json").read_bytes())
    batch["manifest_sha256"] = sha256(bag / "manifest-sha256.txt")
    batch["files"] = {name: sha256(bag / name) for name in batch["files"]}
    (bag / "batch.json").write_bytes(canonical(batch))
    tags = [name for name in files(bag) if not name.startswith("data/") and name != "tagmanifest-sha256.txt"]
    _manifest(bag, "tagmanifest-sha256.txt", tags)
    assert bagit.Bag(str(bag)).validate()


def _manifest(bag: Path, name: str, listed: list[str]) -> None:
    lines = [f"{sha256(bag / path)}  {path}\n" for path in sorted(listed, key=str.encode)]
    (bag / name).write_text("".join(lines))


def sha256(path: Path) -> str:
    return bags._hash(path).sha256


def edit_batch(bag: Path, change: Callable[[dict[str, Any]], object]) -> None:
    batch = json.loads((bag / "batch.json").read_bytes())
    change(batch)
    (bag / "batch.json").write_bytes(canonical(batch))


def edit_rows(bag: Path, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    rows = [json.loads(line) for line in (bag / "data/records.jsonl").read_bytes().splitlines()]
    (bag / "data/records.jsonl").write_bytes(b"".join(canonical(row) + b"\n" for row in change(rows)))


def swap(bag: Path) -> None:
    one_file, other = sorted(bag.glob("data/files/*/*.md"))
    first, second = one_file.read_bytes(), other.read_bytes()
    one_file.write_bytes(second)
    other.write_bytes(first)


def swap_bundles(bag: Path) -> None:
    one_file, other = sorted(bag.glob("consent/bundles/*.json"))[:2]
    first, second = one_file.read_bytes(), other.read_bytes()
    one_file.write_bytes(second)
    other.write_bytes(first)


def drop_a_file(bag: Path) -> None:
    """A file with everything that speaks of it."""
    path = one(bag, "data/files/*/*.csv")
    artifact_id = path.stem
    path.unlink()
    path.parent.rmdir() if not any(path.parent.iterdir()) else None
    (bag / f"consent/bundles/{artifact_id}.json").unlink()
    edit_rows(bag, lambda rows: [row for row in rows if row["artifact_id"] != artifact_id])


def stay_sealed(bag: Path) -> None:
    """A bundle as it lies in the vault, before any review released it."""
    path = one(bag, "consent/bundles/*.json")
    bundle = json.loads(path.read_bytes())
    log = {**bundle["log"], "release": None}
    path.write_bytes(canonical({**bundle, "stage": "sealed", "release": None, "log": log}))


FORGERIES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a changed text": (lambda bag: one(bag, "data/files/*/*.md").write_bytes(b"# Other\n"), "artifact_digest"),
    "two files swapped": (swap, "bundle_invalid(artifact_digest)"),
    "two bundles swapped": (swap_bundles, "bundle_invalid(artifact_digest)"),
    "a file left out altogether": (drop_a_file, "batch_statement"),
    "a bundle of a file that was not released": (stay_sealed, "bundle_invalid(not_released)"),
    "a kinder card": (lambda bag: (bag / "README.md").write_text("# Do what you like\n"), "batch_statement"),
    "another purpose": (
        lambda bag: edit_batch(bag, lambda batch: batch.update(purpose="training")),
        "bundle_invalid(purpose_not_permitted)",
    ),
    "another recipient": (
        lambda bag: edit_batch(bag, lambda batch: batch["recipient"].update(recipient_class="data-broker")),
        "bundle_invalid(recipient_not_permitted)",
    ),
    "another number of tasks": (
        lambda bag: edit_batch(bag, lambda batch: batch["counts"].update(submissions=9)),
        "batch_counts",
    ),
    "another number of files": (
        lambda bag: edit_batch(bag, lambda batch: batch["counts"].update(artifacts=9)),
        "batch_counts",
    ),
    "built and approved by one person": (
        lambda bag: edit_batch(bag, lambda batch: batch.update(approved_by=batch["built_by"])),
        "batch_approval",
    ),
    "a field that no version has": (lambda bag: edit_batch(bag, lambda batch: batch.update(note="x")), "bag_format"),
    "a row for another purpose": (
        lambda bag: edit_rows(bag, lambda rows: [{**rows[0], "purposes": ["training"]}, *rows[1:]]),
        "row_mismatch",
    ),
    "a row with another digest": (
        lambda bag: edit_rows(bag, lambda rows: [{**rows[0], "sha256": "0" * 64}, *rows[1:]]),
        "row_mismatch",
    ),
    "a row with one more field": (
        lambda bag: edit_rows(bag, lambda rows: [{**rows[0], "note": "x"}, *rows[1:]]),
        "row_mismatch",
    ),
    "a row twice": (lambda bag: edit_rows(bag, lambda rows: [*rows, rows[0]]), "row_duplicate"),
    "a row too few": (lambda bag: edit_rows(bag, lambda rows: rows[1:]), "row_missing"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_repacked_forgery_is_refused(bag: Path, forgery: str) -> None:
    change, code = FORGERIES[forgery]
    change(bag)
    repack(bag)
    document = verify(bag)
    assert document["exit"] == 5
    assert any(code in found for found in codes(document)), document["errors"]


def lines_of(bag: Path, name: str, change: Callable[[list[str]], list[str]]) -> None:
    (bag / name).write_text("".join(change((bag / name).read_text().splitlines(keepends=True))))


MANIFESTS: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "a line removed": (lambda lines: lines[1:], "bag_extra"),
    "a line twice": (lambda lines: [lines[0], *lines], "bag_duplicate"),
    "a digest in capitals": (lambda lines: [lines[0][:64].upper() + lines[0][64:], *lines[1:]], "bag_format"),
    "lines in another order": (lambda lines: lines[::-1], "bag_format"),
    "a path that leaves the bag": (lambda lines: [f"{'0' * 64}  ../outside\n", *lines], "bag_format"),
    "an absolute path": (lambda lines: [f"{'0' * 64}  /etc/passwd\n", *lines], "bag_format"),
    "a file that is not there": (lambda lines: [f"{'0' * 64}  a\n", *lines], "bag_missing"),
}


@pytest.mark.parametrize("name", ["manifest-sha256.txt", "tagmanifest-sha256.txt"])
@pytest.mark.parametrize("change", MANIFESTS)
def test_a_changed_manifest_is_refused(bag: Path, name: str, change: str) -> None:
    how, code = MANIFESTS[change]
    lines_of(bag, name, how)
    document = verify(bag)
    assert document["exit"] == 5
    assert code in codes(document), document["errors"]


def test_payload_oxum_must_be_that_of_the_payload(bag: Path) -> None:
    info = (bag / "bag-info.txt").read_text()
    (bag / "bag-info.txt").write_text(info.replace("Payload-Oxum: ", "Payload-Oxum: 9"))
    assert {"code": "bag_oxum", "path": "bag-info.txt"}.items() <= {
        key: value for error in verify(bag)["errors"] if error["code"] == "bag_oxum" for key, value in error.items()
    }.items()


def test_another_root_is_refused(bag: Path) -> None:
    document = verify(bag, "--trust", "0" * 64)
    assert document["exit"] == 5
    assert {"keyset", "bundle_invalid(keyset)"} <= codes(document)


def test_a_statement_of_another_batch_is_refused(bag: Path, delivered: list[Path]) -> None:
    shutil.copy(delivered[1] / "batch.dsse.json", bag / "batch.dsse.json")
    repack(bag)
    document = verify(bag)
    assert document["exit"] == 5
    assert "batch_statement" in codes(document)


def test_a_path_that_is_no_directory_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("verify_batch", str(tmp_path / "nothing"))
    assert refused.value.returncode == 2


def test_no_database_is_opened(bag: Path, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.block():
        assert verify(bag)["exit"] == 0


def test_the_core_needs_no_django(bag: Path, tmp_path: Path) -> None:
    program = (
        "import pathlib, sys\n"
        "from consent import batch\n"
        "report = batch.verify(pathlib.Path(sys.argv[1]), trust=sys.argv[2])\n"
        "assert 'django' not in sys.modules\n"
        "sys.exit(report.exit_status)\n"
    )
    trust = consent.trust_fingerprint()
    done = subprocess.run([sys.executable, "-c", program, str(bag), trust], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
