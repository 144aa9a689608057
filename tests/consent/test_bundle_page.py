"""docs/consent-bundle.md says what the verifiers do, and the commands it prints work."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from consent.advice import NEXT_STEPS, STEP_TITLES
from consent.errors import EXIT_NOT_FRESH, EXIT_RETRACTED, SENTENCES, VerificationError
from tests.consent import vectors
from tests.consent.making import CONTENT, check, made
from tests.consent.mutations import MUTATIONS
from tests.consent.vectors import PUBLISHED

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/consent-bundle.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "templates/consent/openssl.txt").read_text(encoding="utf-8")
VECTOR = "valid/a-released-file.json"
PROGRAMS = ("sh", "openssl", "jq", "base64", "sha256sum")


def test_the_table_of_codes_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d) \| (.*) \|$", PAGE, re.MULTILINE)
    exits = {code: 2 if code in EXIT_RETRACTED else 3 if code in EXIT_NOT_FRESH else 1 for code in SENTENCES}

    assert rows == [(code, str(exits[code]), sentence) for code, sentence in SENTENCES.items()]


def test_every_refusal_has_a_next_step() -> None:
    assert list(NEXT_STEPS) == list(SENTENCES)


def sections() -> dict[int, str]:
    """Number of a step → what the page says about it, its heading first."""
    steps = PAGE.split("\n## Steps\n")[1].split("\n## Codes\n")[0]
    return {int(text.split(".")[0]): text for text in steps.split("\n### ")[1:]}


def test_the_steps_have_their_titles() -> None:
    titles = {number: text.split("\n")[0].split(". ", 1)[1] for number, text in sections().items()}

    assert titles == dict(enumerate(STEP_TITLES))


def codes_of(number: int) -> set[str]:
    """The codes that the page gives a step; it refers to another for those of a statement, the log and passkeys."""
    said = sections()[number]
    named = set(re.findall(r"`(\w+)`", said)) & set(SENTENCES)
    return named | (codes_of(3) if "codes of step 3" in said or "those of step 3" in said else set())


def test_every_refusal_is_described_at_its_step() -> None:
    missing = []
    for name, (mutate, code) in MUTATIONS.items():
        parts = made()
        mutate(parts)
        with pytest.raises(VerificationError) as refused:
            check(parts)
        if code not in codes_of(refused.value.step):
            missing.append((name, code, refused.value.step))
    assert missing == []


def shell(folder: Path, commands: str) -> subprocess.CompletedProcess[str]:
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if absent:
        pytest.skip(f"not installed here: {', '.join(absent)}")
    return subprocess.run(["sh", "-eu"], input=commands, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(PUBLISHED / VECTOR, tmp_path / "FILE.consent.json")
    (tmp_path / "FILE").write_bytes(CONTENT)
    return tmp_path


def test_the_page_prints_the_commands_of_the_other_page() -> None:
    assert f"```sh\n{COMMANDS}```\n" in PAGE


@pytest.mark.parametrize("name", ["consent", "seal", "release"])
def test_openssl_says_the_same_by_the_commands_as_they_are_printed(folder: Path, name: str) -> None:
    (entry,) = (entry for entry in vectors.read(PUBLISHED) if entry["bundle"] == VECTOR)

    result = shell(folder, COMMANDS.replace("NAME=seal\n", f"NAME={name}\n"))

    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "key.der: OK",
        "Verified OK",
        f"{entry['trust']}  root.der",
        "Signature Verified Successfully",
        entry["file_sha256"],
        f"{entry['file_sha256']}  FILE",
    ]


@pytest.mark.parametrize("name", ["seal", "keyset"])
def test_the_commands_refuse_a_flipped_signature(folder: Path, name: str) -> None:
    path = folder / "FILE.consent.json"
    text = path.read_text(encoding="utf-8")
    at = text.index('"sig":"', text.index(f'"{name}":{{"payload"')) + len('"sig":"') + 20
    path.write_text(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :], encoding="utf-8")

    assert shell(folder, COMMANDS).returncode != 0


def test_the_digest_of_a_document_is_taken_as_the_page_says(folder: Path) -> None:
    (command,) = re.findall(r"`(jq -j .documents.record [^`]*)`", PAGE)

    digest = shell(folder, command).stdout.split()[0]

    subjects = shell(folder, "jq -j .consent.payload FILE.consent.json | base64 -d | jq -c '.subject[]'").stdout
    assert f'{{"digest":{{"sha256":"{digest}"}},"name":"record"}}' in subjects.splitlines()
