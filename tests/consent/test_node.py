"""The verifier of the public page, run by Node, says of every bundle what the one in Python says."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.consent import vectors
from tests.consent.making import Made, build, made, with_passkey
from tests.consent.mutations import GOOD, MUTATIONS
from tests.consent.mutations.edits import retract
from tests.consent.vectors import PUBLISHED, Answer, Folder

ROOT = Path(__file__).resolve().parents[2]
RUNNER = Path(__file__).parent / "node/verify.mjs"
# The first that reads modules by their contents, so that browsers and Node can share them as they lie.
OLDEST = (20, 19)
CHANGES = 300


@pytest.fixture(scope="module")
def node() -> str:
    program = shutil.which("node") or shutil.which("nodejs")
    if program is None:
        pytest.skip("Node is not installed here (Debian: nodejs)")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    version = tuple(int(part) for part in said.strip().removeprefix("v").split(".")[:2])
    if version < OLDEST:
        pytest.skip(f"this Node is {said.strip()}; the verifier needs 20.19 or newer")
    return program


def answers(node: str, folder: Path) -> list[Answer]:
    result = subprocess.run(
        [node, RUNNER, folder], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120, env={"PATH": ""}
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return [json.loads(line) for line in result.stdout.splitlines()]


def disagreements(node: str, folder: Path) -> list[tuple[str, Answer, Answer]]:
    """Every bundle of which the two say different things. The module gives codes; whoever shows them has the words."""
    entries = vectors.read(folder)
    ours = [vectors.answer(folder, entry) for entry in entries]
    for answer in ours:
        del answer["sentence"]
    theirs = answers(node, folder)
    pairs = zip(entries, ours, theirs, strict=True)
    return [(entry["bundle"], mine, its) for entry, mine, its in pairs if mine != its]


def test_the_published_bundles(node: str) -> None:
    assert disagreements(node, PUBLISHED) == []


def test_every_lie_and_every_good_twin(node: str, tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    wanted: list[str | None] = []
    for name, (mutate, code) in ({name: (good, None) for name, good in GOOD.items()} | MUTATIONS).items():
        parts = made()
        mutate(parts)
        folder.build(name.replace(" ", "-").replace("/", "-"), parts)
        wanted.append(code)
    folder.write()

    assert [answer["code"] for answer in answers(node, tmp_path)] == wanted
    assert disagreements(node, tmp_path) == []


def signed_with_everything() -> Made:
    """A released bundle with passkeys and a list of retractions: as many bytes that mean something as there can be."""
    parts = made()
    with_passkey(parts)
    retract()(parts)
    return parts


def changed(data: bytes, chance: random.Random) -> bytes:
    """One byte changed, taken away or doubled."""
    place = chance.randrange(len(data))
    new = chance.choice(
        [bytes([data[place] ^ chance.randrange(1, 256)]), b"", data[place : place + 1] * 2, bytes([data[place] ^ 1])]
    )
    return data[:place] + new + data[place + 1 :]


def test_bundles_with_one_byte_changed(node: str, tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    chance, parts, folder = random.Random(seed), signed_with_everything(), Folder(tmp_path)
    good = build(parts)
    folder.add("good", good, parts)
    for number in range(CHANGES):
        folder.add(str(number), changed(good, chance), parts)
    folder.write()

    assert disagreements(node, tmp_path) == [], f"seed {seed}"


def test_retraction_lists_with_one_character_changed(node: str, tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    chance, parts, folder = random.Random(seed), signed_with_everything(), Folder(tmp_path)
    good = build(parts)
    text = folder.add("good", good, parts)["retractions"]
    for number in range(CHANGES // 3):
        place = chance.randrange(len(text))
        edited = text[:place] + chr(chance.randrange(0x20, 0x7F)) + text[place + 1 :]
        folder.add(str(number), good, parts, retractions=edited)
    folder.write()

    assert disagreements(node, tmp_path) == [], f"seed {seed}"


def test_a_capital_fingerprint_is_the_same(node: str, tmp_path: Path) -> None:
    folder, parts = Folder(tmp_path), made()
    folder.build("good", parts, trust=parts.trust.upper())
    folder.write()

    assert answers(node, tmp_path)[0]["valid"]
    assert disagreements(node, tmp_path) == []


COMPILE = """
import { compileSchema } from "./static/js/verify/schema.js";
try { compileSchema(JSON.parse(process.argv[1])); console.log("compiled"); } catch { console.log("refused"); }
"""


@pytest.mark.parametrize(
    ("schema", "answer"),
    [
        ({"type": "string", "maxLength": 3}, "compiled"),
        ({"type": "string", "format": "date"}, "refused"),
        ({"properties": {"a": {"items": {"not": {}}}}}, "refused"),
        ({"type": "number"}, "refused"),
        ({"constructor": {}}, "refused"),
        ({"$ref": "https://example.org/other.json"}, "refused"),
        ({"$defs": {"unused": {"contains": {}}}}, "refused"),
    ],
)
def test_a_schema_that_says_something_unknown_is_refused(node: str, schema: dict[str, Any], answer: str) -> None:
    result = subprocess.run(
        [node, "--input-type=module", "-e", COMPILE, json.dumps(schema)],
        cwd=ROOT, capture_output=True, text=True, check=True, env={"PATH": ""},
    )  # fmt: skip
    assert result.stdout.strip() == answer, result.stderr


def test_the_modules_ask_nobody() -> None:
    """They name nothing by which a page could send or keep anything."""
    modules = list((ROOT / "static/js/verify").glob("*.js"))
    words = ("fetch", "XMLHttpRequest", "WebSocket", "sendBeacon", "localStorage", "indexedDB", "document.", "import(")
    assert modules
    assert [(path.name, word) for path in modules for word in words if word in path.read_text(encoding="utf-8")] == []
