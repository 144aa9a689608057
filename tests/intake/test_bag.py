"""The bag writer: bytes are checked as they pass, the form is BagIt's, and writing twice gives the same bag."""

from __future__ import annotations

import hashlib
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import bagit
import pytest

from intake.errors import GateClosedError, StorageConflictError
from intake.export import bag as bags
from intake.export import taxonomy
from intake.export.bag import Bag, DirectorySink
from intake.export.contents import VERSION

FILES = {
    "data/files/0a/0a11.md": b"# A note\n",
    "data/files/ff/ff22.csv": b"a,b\n1,2\n",
    "data/records.jsonl": b"{}\n",
    "README.md": b"# Card\n",
}


def write(root: Path) -> Bag:
    bag = Bag(DirectorySink(root))
    bag.add_bytes("bagit.txt", bags.BAGIT_TXT)
    for path, data in FILES.items():
        bag.add_bytes(path, data)
    bag.add_bytes("bag-info.txt", bags.bag_info(Bagging_Date="2026-11-22", Payload_Oxum=bag.oxum))
    bag.add_manifest()
    bag.close()
    return bag


def everything(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_the_reference_validator_accepts_the_bag(tmp_path: Path) -> None:
    write(tmp_path)
    assert bagit.Bag(str(tmp_path)).validate()


@pytest.mark.parametrize("manifest", [bags.MANIFEST, bags.TAG_MANIFEST])
def test_coreutils_accepts_every_line(tmp_path: Path, manifest: str) -> None:
    write(tmp_path)
    done = subprocess.run(["sha256sum", "-c", "--strict", manifest], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_payload_stands_in_the_manifest_and_everything_else_in_the_tag_manifest(tmp_path: Path) -> None:
    write(tmp_path)
    listed = [line.split("  ")[1] for line in (tmp_path / bags.MANIFEST).read_text().splitlines()]
    tags = [line.split("  ")[1] for line in (tmp_path / bags.TAG_MANIFEST).read_text().splitlines()]
    assert listed == sorted(path for path in FILES if path.startswith("data/"))
    assert tags == ["README.md", "bag-info.txt", "bagit.txt", bags.MANIFEST]


def test_paths_are_sorted_as_bytes_not_as_words() -> None:
    entries = [bags.Entry(path, 0, "0" * 64) for path in ("data/é", "data/z", "data/Z", "data/a")]
    assert [line.split(b"  ")[1] for line in bags.manifest_lines(entries)] == [
        b"data/Z\n",
        b"data/a\n",
        b"data/z\n",
        "data/é\n".encode(),
    ]


def test_payload_oxum_counts_octets_and_files_of_the_payload_alone(tmp_path: Path) -> None:
    payload = [data for path, data in FILES.items() if path.startswith("data/")]
    assert write(tmp_path).oxum == f"{sum(map(len, payload))}.{len(payload)}"


def test_writing_again_gives_the_same_bag(tmp_path: Path) -> None:
    write(tmp_path)
    first = everything(tmp_path)
    write(tmp_path)
    assert everything(tmp_path) == first


def test_a_bag_left_half_written_is_completed_to_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path / "whole")
    half = Bag(DirectorySink(tmp_path / "half"))
    half.add_bytes("data/files/0a/0a11.md", FILES["data/files/0a/0a11.md"])
    assert not (tmp_path / "half" / bags.TAG_MANIFEST).exists()
    write(tmp_path / "half")
    assert everything(tmp_path / "half") == everything(tmp_path / "whole")


def test_other_bytes_under_the_same_name_are_never_replaced(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(StorageConflictError):
        DirectorySink(tmp_path).put("README.md", lambda: (b"# Another card\n",))
    assert (tmp_path / "README.md").read_bytes() == FILES["README.md"]


def test_a_path_stands_in_a_bag_once(tmp_path: Path) -> None:
    bag = Bag(DirectorySink(tmp_path))
    bag.add_bytes("README.md", b"one")
    with pytest.raises(StorageConflictError):
        bag.add_bytes("README.md", b"one")


def test_the_approved_bytes_pass_unchanged() -> None:
    chunks = [b"one ", b"", b"two ", b"three"]
    whole = b"".join(chunks)
    assert b"".join(bags.expecting(chunks, sha256=sha256(whole), size=len(whole))) == whole


def test_an_empty_file_passes() -> None:
    assert b"".join(bags.expecting([], sha256=sha256(b""), size=0)) == b""


@pytest.mark.parametrize(
    "chunks",
    [[b"one two thre", b"f"], [b"one two three", b"!"], [b"one two "], [], [b"one two ", b"three", b" four" * 9]],
    ids=["changed", "longer", "shorter", "empty", "much longer"],
)
def test_other_bytes_stop_before_the_last_of_them(tmp_path: Path, chunks: list[bytes]) -> None:
    approved = b"one two three"

    def source() -> Iterator[bytes]:
        return bags.expecting(chunks, sha256=sha256(approved), size=len(approved))

    with pytest.raises(GateClosedError) as refused:
        DirectorySink(tmp_path).put("data/files/0a/0a11.md", source)
    assert refused.value.code == "digest_mismatch"
    assert everything(tmp_path) == {}


def test_a_bag_names_the_version_that_wrote_it() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION


def test_words_outside_the_closed_list_do_not_stand_in_a_row() -> None:
    assert taxonomy.sector("Government") == "Government"
    assert taxonomy.occupation("Lawyers") == "Lawyers"
    assert taxonomy.sector("ACME Corp") is None
    assert taxonomy.occupation("Assistant to Ingeborg") is None
    assert (len(taxonomy.SECTORS), len(taxonomy.ALL_OCCUPATIONS)) == (9, 44)
