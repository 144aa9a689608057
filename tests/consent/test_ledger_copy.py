"""Copies of a log, with a row changed, removed, doubled or moved: the verifier has to name the row."""

from __future__ import annotations

import base64
import datetime as dt
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from consent import ledger_copy, log, merkle
from consent.errors import FormatError
from consent.ledger_copy import LogVerdict
from consent.record import canonical
from consent.signing import NewKeys, signed_keyset
from tests.consent.making import KEYS_MADE, NOW, SITE

ROWS = 40
PER_FILE = 16
DISCLOSED = (3, 17, ROWS - 1)


class Log:
    """A log whose rows are about numbered documents."""

    def __init__(self) -> None:
        self.keys = NewKeys.make()
        self.trust = self.keys.root.keyid
        self.rows: list[bytes] = []
        self._tree: dict[tuple[int, int], bytes] = {}

    @staticmethod
    def salt(index: int) -> bytes:
        return bytes([index % 256]) * log.SALT_BYTES

    def grow(self, about: str = "row") -> None:
        index = len(self.rows)
        kind = log.KINDS[index % len(log.KINDS)]
        hashed = merkle.leaf_hash(log.leaf(kind, self.salt(index), canonical({about: index})))
        for level, at, top in merkle.grown(index, hashed, lambda *node: self._tree[node]):
            self._tree[level, at] = top
        root = merkle.root(index + 1, lambda *node: self._tree[node])
        body = log.checkpoint_body(SITE.log_origin, index + 1, root)
        seen_at = KEYS_MADE + dt.timedelta(minutes=index)
        note = log.sign_checkpoint(body, SITE.log_origin, self.keys.log)
        note += log.cosignature(body, SITE.cosigner, self.keys.cosigner, seen_at)
        self.rows.append(ledger_copy.row(index, kind, hashed.hex(), note))

    def checkpoint(self, size: int) -> str:
        return str(json.loads(self.rows[size - 1])["checkpoint"])

    def write(self, folder: Path) -> None:
        (folder / "rows").mkdir(parents=True)
        (folder / "entries").mkdir()
        (folder / "keyset.dsse.json").write_bytes(signed_keyset(self.keys.keyset(KEYS_MADE, SITE), self.keys.root))
        for first in range(0, len(self.rows), PER_FILE):
            (folder / f"rows/{first:016}.jsonl").write_bytes(b"".join(self.rows[first : first + PER_FILE]))
        for index in DISCLOSED:
            entry = {"salt": base64.b64encode(self.salt(index)).decode(), "document": {"row": index}}
            (folder / f"entries/{index}.json").write_bytes(canonical(entry))

    def verify(self, folder: Path, **asked: object) -> LogVerdict:
        return ledger_copy.verify(folder, trust=self.trust, now=NOW, **asked)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def grown() -> Log:
    grown_log = Log()
    for _ in range(ROWS):
        grown_log.grow()
    return grown_log


@pytest.fixture
def copy(grown: Log, tmp_path: Path) -> Path:
    folder = tmp_path / "ledger"
    grown.write(folder)
    return folder


def rewrite(folder: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Change the rows of a copy, as lines, and write them into one file."""
    rows = folder / "rows"
    lines = b"".join(path.read_bytes() for path in sorted(rows.iterdir())).splitlines(keepends=True)
    replace(folder, change(lines))


def replace(folder: Path, lines: list[bytes]) -> None:
    rows = folder / "rows"
    shutil.rmtree(rows)
    rows.mkdir()
    (rows / f"{0:016}.jsonl").write_bytes(b"".join(lines))


def test_a_good_copy_is_valid(grown: Log, copy: Path) -> None:
    found = grown.verify(copy)

    assert found.valid
    assert (found.size, found.entries) == (ROWS, len(DISCLOSED))
    assert found.root == base64.b64decode(grown.checkpoint(ROWS).splitlines()[2]).hex()
    assert found.seen_at == KEYS_MADE + dt.timedelta(minutes=ROWS - 1)


def test_an_empty_log_is_valid(grown: Log, copy: Path) -> None:
    rewrite(copy, lambda _: [])
    shutil.rmtree(copy / "entries")

    assert grown.verify(copy).size == 0


def changed(lines: list[bytes], rng: random.Random) -> tuple[list[bytes], int]:
    """One byte of one row, anywhere but its line end."""
    at = rng.randrange(len(lines))
    line = bytearray(lines[at])
    line[rng.randrange(len(line) - 1)] ^= 1 << rng.randrange(7)
    return [*lines[:at], bytes(line), *lines[at + 1 :]], at


def rehashed(lines: list[bytes], rng: random.Random) -> tuple[list[bytes], int]:
    """A row about something else, in the right form."""
    at = rng.randrange(len(lines))
    said = json.loads(lines[at]) | {"leaf_hash": rng.randbytes(32).hex()}
    return [*lines[:at], canonical(said) + b"\n", *lines[at + 1 :]], at


def removed(lines: list[bytes], rng: random.Random) -> tuple[list[bytes], int]:
    at = rng.randrange(len(lines))
    return [*lines[:at], *lines[at + 1 :]], at


def renumbered(lines: list[bytes], rng: random.Random) -> tuple[list[bytes], int]:
    """A row removed, and those after it counted anew."""
    at = rng.randrange(len(lines) - 1)
    later = [canonical(json.loads(line) | {"index": at + n}) + b"\n" for n, line in enumerate(lines[at + 1 :])]
    return [*lines[:at], *later], at


def doubled(lines: list[bytes], rng: random.Random) -> tuple[list[bytes], int]:
    at = rng.randrange(len(lines))
    return [*lines[: at + 1], lines[at], *lines[at + 1 :]], at + 1


def swapped(lines: list[bytes], rng: random.Random) -> tuple[list[bytes], int]:
    first, second = sorted(rng.sample(range(len(lines)), 2))
    moved = list(lines)
    moved[first], moved[second] = moved[second], moved[first]
    return moved, first


def swapped_and_renumbered(lines: list[bytes], rng: random.Random) -> tuple[list[bytes], int]:
    moved, first = swapped(lines, rng)
    return [canonical(json.loads(line) | {"index": n}) + b"\n" for n, line in enumerate(moved)], first


WAYS = (changed, rehashed, removed, renumbered, doubled, swapped, swapped_and_renumbered)


def test_the_first_wrong_row_of_a_thousand_copies_is_named(grown: Log, copy: Path) -> None:
    rng = random.Random(6962)
    good = list(grown.rows)
    newest = grown.checkpoint(ROWS)
    shutil.rmtree(copy / "entries")
    for number in range(1000):
        way = WAYS[number % len(WAYS)]
        lines, expected = way(list(good), rng)
        replace(copy, lines)

        found = grown.verify(copy, known=newest)

        assert not found.valid, (way.__name__, expected)
        assert found.index == expected, (way.__name__, found.code)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda lines: [*lines[:5], b"{}\n", *lines[6:]], "log_row"),
        (lambda lines: [*lines[:5], b"\n", *lines[6:]], "json"),
        (lambda lines: [*lines[:5], lines[5].replace(b":", b": ", 1), *lines[6:]], "not_canonical"),
        (lambda lines: [*lines[:-1], lines[-1][:-1]], "log_row"),
        (lambda lines: [*lines[:5], *lines[6:]], "log_missing"),
        (lambda lines: [*lines[:5], lines[4], *lines[5:]], "log_order"),
        (lambda lines: lines[:-1], "log_missing"),
    ],
)
def test_each_refusal_has_its_code(
    grown: Log, copy: Path, change: Callable[[list[bytes]], list[bytes]], code: str
) -> None:
    rewrite(copy, change)

    assert grown.verify(copy, known=grown.checkpoint(ROWS)).code == code


def test_two_histories_are_told_apart_by_a_checkpoint_from_earlier(grown: Log, copy: Path) -> None:
    other = Log()
    other.keys = grown.keys
    for number in range(ROWS):
        other.grow("row" if number < 20 else "another row")

    assert grown.verify(copy, known=other.checkpoint(20)).valid
    found = grown.verify(copy, known=other.checkpoint(30))
    assert (found.code, found.index) == ("log_forked", 29)


def test_rows_that_were_checked_before_are_only_counted_and_hashed(grown: Log, copy: Path) -> None:
    def unsigned(lines: list[bytes]) -> list[bytes]:
        said = json.loads(lines[2])
        said["checkpoint"] = said["checkpoint"].replace("\u2014 ", "\u2014 x")
        return [*lines[:2], canonical(said) + b"\n", *lines[3:]]

    rewrite(copy, unsigned)

    assert grown.verify(copy, since=10).valid
    assert (grown.verify(copy, since=2).code, grown.verify(copy).index) == ("checkpoint", 2)


def test_a_checkpoint_older_than_the_one_before_is_refused(tmp_path: Path) -> None:
    backwards = Log()
    for _ in range(3):
        backwards.grow()
    backwards.write(tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy/entries")
    note = json.loads(backwards.rows[2])["checkpoint"]
    body = note.partition("\n\n")[0] + "\n"
    early = log.sign_checkpoint(body, SITE.log_origin, backwards.keys.log)
    early += log.cosignature(body, SITE.cosigner, backwards.keys.cosigner, KEYS_MADE - dt.timedelta(days=1))
    rewrite(
        tmp_path / "copy", lambda lines: [*lines[:2], canonical(json.loads(lines[2]) | {"checkpoint": early}) + b"\n"]
    )

    assert backwards.verify(tmp_path / "copy").code == "log_order"


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"document": {"row": 18}}, "log_inclusion"),
        ({"salt": base64.b64encode(b"x" * 32).decode()}, "log_inclusion"),
        ({"salt": "A" * 44}, "log_row"),
        ({"note": "more"}, "log_row"),
    ],
)
def test_what_a_row_is_about_has_to_be_what_it_commits_to(
    grown: Log, copy: Path, entry: dict[str, object], code: str
) -> None:
    path = copy / "entries/17.json"
    path.write_bytes(canonical(json.loads(path.read_bytes()) | entry))

    found = grown.verify(copy)

    assert (found.code, found.index) == (code, 17)


def test_an_entry_without_its_row_is_refused(grown: Log, copy: Path) -> None:
    (copy / "entries/17.json").rename(copy / "entries/400.json")

    assert (grown.verify(copy).code, grown.verify(copy).index) == ("log_missing", 400)


def test_another_root_is_refused(grown: Log, copy: Path) -> None:
    with pytest.raises(FormatError, match="keyset"):
        ledger_copy.verify(copy, trust="0" * 64, now=NOW)
