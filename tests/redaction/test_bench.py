from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from redaction import __main__ as command
from redaction import bench, bench_parts, letters, policy
from redaction.errors import DetectionIncompleteError


def run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    return bench.main(arguments, out), out.getvalue()


def test_throughput_is_judged_by_ratios_and_says_on_which_machine() -> None:
    status, out = run("--json", "--only", "throughput", "--chars", "4000")
    result = json.loads(out)
    figures = result["parts"]["throughput"]
    assert status == bench.OK
    assert figures["ratio_1"] > 1
    assert figures["ours_1"]["best"] >= figures["ours_1"]["median"] > 0
    assert set(figures["stages"]) == {"model", "analyzer", "detection", "all"}
    assert result["texts"]["characters"] == 4000
    assert result["machine"]["cores"] == os.cpu_count()
    assert len(result["machine"]["load_before"]) == len(result["machine"]["load_after"]) == 3


def test_every_profile_of_policies_can_be_measured(fixed: dict[str, Any]) -> None:
    for profile in policy.PROFILES:
        status, out = run("--json", "--profile", profile)
        assert (status, json.loads(out)["profile"]) == (bench.OK, profile)
    task = bench_parts.Task(["a"], [1], 3, "full")
    assert task.rules.profile == "full"
    assert task.rules.treatments == policy.load("standard").treatments


def test_two_processes_are_compared_with_two_and_with_presidios_own_batches() -> None:
    _, out = run("--json", "--only", "throughput", "--chars", "4000", "--processes", "2")
    figures = json.loads(out)["parts"]["throughput"]
    assert figures["ratio_2"] > 0
    assert figures["batch_ratio_2"] > 0


def test_the_small_parts_give_their_figures() -> None:
    status, out = run("--json", "--only", "identity", "--only", "propagation")
    parts = json.loads(out)["parts"]
    assert status == bench.OK
    assert parts["identity"]["same"] == 1
    assert parts["identity"]["entities"] > 300
    assert parts["propagation"]["names"] == 10_000
    assert parts["propagation"]["found"] > 1000


def test_the_memory_of_a_fork_is_measured() -> None:
    assert bench_parts._in_child(lambda: (1.5, bench_parts._own_megabytes()))[0] == 1.5


@pytest.fixture
def fixed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """One part with a known figure, in place of all."""
    figures: dict[str, Any] = {"ratio_1": 3.0, "noisy": False}
    monkeypatch.setattr(bench, "PARTS", {"throughput": lambda _task: figures})
    return figures


def test_a_floor_that_is_missed_shows_in_the_status(fixed: dict[str, Any]) -> None:
    assert run("--min", "throughput.ratio_1=3")[0] == bench.OK
    status, out = run("--min", "throughput.ratio_1=3.5")
    assert status == bench.MISSED
    assert "missed: throughput.ratio_1" in out


def test_a_busy_machine_gives_no_verdict(fixed: dict[str, Any]) -> None:
    fixed["noisy"] = True
    status, out = run("--json", "--min", "throughput.ratio_1=3.5")
    assert status == bench.OK
    assert json.loads(out)["noisy"] is True
    assert json.loads(out)["verdict"].startswith("none")


def test_rounds_that_differ_by_more_than_a_fifth_are_noisy() -> None:
    assert not bench_parts._noisy([1.0, 1.1, 1.19])
    assert bench_parts._noisy([1.0, 1.1, 1.21])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--min", "throughput.ratio_1"],
        ["--min", "throughput.ratio_1=fast"],
        ["--min", "throughput.nothing=1"],
        ["--gold", "/nowhere/gold.jsonl"],
    ],
)
def test_what_cannot_be_measured_is_a_usage_error(fixed: dict[str, Any], arguments: list[str]) -> None:
    assert run(*arguments)[0] == bench.USAGE


@pytest.mark.parametrize(
    "arguments",
    [["--only", "weather"], ["--processes", "0"], ["--processes", "two"], ["--rounds", "1"], ["--chars", "1"]],
)
def test_arguments_out_of_range_are_usage_errors(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run(*arguments)
    assert caught.value.code == bench.USAGE


@pytest.mark.parametrize("line", ["Jane", '"Jane"', '{"words": 1}', '{"text": 1}', ""])
def test_a_bad_file_of_texts_is_told_without_its_words(
    fixed: dict[str, Any], line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold = tmp_path / "jane.jsonl"
    gold.write_text(line + "\n", encoding="utf-8")
    assert run("--gold", str(gold))[0] == bench.USAGE
    assert "jane" not in capsys.readouterr().err.casefold()


def test_the_texts_of_a_file_are_measured(fixed: dict[str, Any], tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"text": "One."}\n\n{"text": "Two two."}\n', encoding="utf-8")
    assert json.loads(run("--json", "--gold", str(gold))[1])["texts"] == {"documents": 2, "characters": 12}


def test_incomplete_detection_has_a_status_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_task: object) -> dict[str, Any]:
        raise DetectionIncompleteError(detail="planted")

    monkeypatch.setattr(bench, "PARTS", {"throughput": fail})
    assert run()[0] == bench.INCOMPLETE


def test_the_command_line_knows_bench(fixed: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["bench", "--chars", "1000"]) == bench.OK
    assert "throughput.ratio_1" in capsys.readouterr().out


def test_the_texts_are_the_same_for_the_same_seed_and_of_the_length_asked_for() -> None:
    assert letters.documents(12_345, 1) == letters.documents(12_345, 1) != letters.documents(12_345, 2)
    assert sum(map(len, letters.documents(12_345, 1))) == 12_345
    assert len(set(letters.names(500, 1))) == 500


OFFLINE = """
import sys

def refuse(event, arguments):
    if event.startswith("socket."):
        opened.append(event)
        raise PermissionError(event)

opened = []
sys.addaudithook(refuse)
from redaction.bench_parts import extracted, search
from redaction import analyzer, policy
file = extracted("Jane Fairweather of Hollis Logistics Ltd wrote to jane@acme.co.uk, see www.acme.co.uk and 10.0.0.7.")
search(file, policy.load("standard"))
assert any(file.spans), "nothing was found"
analyzer.fingerprint()
assert not opened, opened
import socket
try:
    socket.socket()
except PermissionError:
    print("offline")
"""


def test_import_load_and_search_open_no_socket() -> None:
    """In a process of its own, so that nothing is loaded yet; that a socket would have been refused is shown last."""
    done = subprocess.run([sys.executable, "-c", OFFLINE], capture_output=True, text=True, timeout=200, check=False)
    assert (done.returncode, done.stdout) == (0, "offline\n"), done.stderr[-2000:]
