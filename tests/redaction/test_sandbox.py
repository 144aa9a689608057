from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from redaction import sandbox, wire
from redaction.entities import Block, Child, Extraction, Kind, Output, Plan, Replacement, Segment, Tier
from redaction.errors import RedactionError, RefusedError
from redaction.formats import Limits
from redaction.sandbox import Sandbox

ROOT = str(Path(sandbox.__file__).parent.parent)

# What a child may do once it is confined; each ends with the status that says it was stopped (7) or not (0).
ATTEMPTS = {
    "write a file": "os.write(os.open(os.devnull + '/../shm/vouchsafe-cage', os.O_CREAT | os.O_WRONLY), b'x')",
    "open many files": "keep = [open('/dev/null') for _ in range(100)]",
    "take much memory": "bytearray(3 * 1024**3)",
    "raise its limits": "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))",
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_a_confined_process_cannot(attempt: str) -> None:
    code = (
        f"import os, resource, sys; sys.path.insert(0, {ROOT!r})\n"
        "from redaction.cage import confine\n"
        "confine()\n"
        f"try:\n    {attempt}\nexcept (OSError, MemoryError, ValueError):\n    os._exit(7)\n"
    )
    if "setrlimit" in attempt:
        # Root may raise limits; the cage relies on it only where workers run as root.
        code = code.replace("confine()\n", "confine()\nos.setuid(65534)\n") if os.geteuid() == 0 else code
    done = subprocess.run([sys.executable, "-I", "-c", code], check=False, cwd="/", timeout=60)
    assert done.returncode == 7


def test_the_child_gets_no_environment_and_no_descriptors() -> None:
    with Sandbox(Limits()) as cage:
        cage.sniff("a.txt", b"text")
        child = cage._child
        assert child is not None
        assert Path(f"/proc/{child.pid}/environ").read_bytes().strip(b"\0") in (b"", b"LC_CTYPE=C.UTF-8")
        assert len(list(Path(f"/proc/{child.pid}/fd").iterdir())) <= 6
        assert os.getsid(child.pid) == child.pid


def test_a_file_is_read_rewritten_and_read_again() -> None:
    with Sandbox(Limits()) as cage:
        data = b"Jane\n\nwrote\n"
        extraction = cage.extract("text/plain", data)
        assert [(one.anchor, one.text) for one in extraction.segments] == [("l1", "Jane"), ("l3", "wrote")]
        output = cage.rewrite("text/plain", data, Plan({"l1": [Replacement(0, 4, "X")]}, "a.txt"))
        assert output.data == b"X\n\nwrote\n"
        assert cage.read("text/plain", output.data) == [[Block("l1", "X"), Block("l3", "wrote")]]
        assert cage.undeclared("text/plain", output.data) == []


def test_a_refusal_keeps_its_reason() -> None:
    with Sandbox(Limits(characters=10)) as cage, pytest.raises(RefusedError) as caught:
        cage.extract("text/plain", b"more than ten characters")
    assert caught.value.code == "limit"


def test_a_parser_that_hangs_is_killed_and_the_next_file_is_taken() -> None:
    with Sandbox(Limits(), seconds=0.5) as cage:
        cage.sniff("a.txt", b"text")
        assert cage._child is not None
        os.kill(cage._child.pid, 19)  # SIGSTOP: it will not answer
        started = time.monotonic()
        with pytest.raises(RefusedError) as caught:
            cage.extract("text/plain", b"text")
        assert caught.value.code == "parse-failed"
        assert time.monotonic() - started < 5
        assert cage.sniff("a.txt", b"text") == "text/plain"


def test_a_parser_that_dies_refuses_its_file_alone() -> None:
    with Sandbox(Limits()) as cage:
        cage.sniff("a.txt", b"text")
        assert cage._child is not None
        cage._child.kill()
        cage._child.wait()
        assert cage.sniff("a.txt", b"text") == "text/plain"


def test_a_writer_that_fails_lets_nothing_leave() -> None:
    with Sandbox(Limits()) as cage, pytest.raises(RedactionError):
        cage.rewrite("application/pdf", b"%PDF-1.7 broken", Plan({}, "a.pdf"))


def test_leaving_the_context_ends_the_child() -> None:
    with Sandbox(Limits()) as cage:
        cage.sniff("a.txt", b"text")
        child = cage._child
        assert child is not None
    assert child.poll() is not None


def test_a_child_that_worked_long_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "RETIRE_SECONDS", 0.0)
    with Sandbox(Limits()) as cage:
        cage.sniff("a.txt", b"text")
        first = cage._child
        cage.sniff("b.txt", b"text")
        assert first is not None
        assert cage._child is not first
        assert first.poll() is not None


def test_extractions_plans_and_outputs_survive_the_wire() -> None:
    extraction = Extraction(
        [Segment("r1c1", "ü\ud800x", "T1", Kind.CELL, {"column": "Name"})],
        [Child(1, "a.txt", b"one"), Child(2, "b.txt", b"", embedded=True)],
        ["author"],
        ["page1/img1"],
        {"T1": 1},
        {"page1/img1": 120},
        ["hidden-content"],
        b"memo",
    )
    message, data = wire.from_extraction(extraction)
    back = wire.to_extraction(message, data, Limits())
    assert back.segments[0].text == "ü?x"
    assert (back.children, back.metadata, back.opaque) == (extraction.children, ["author"], ["page1/img1"])
    assert (back.areas, back.notices, back.memo) == ({"page1/img1": 120}, ["hidden-content"], b"memo")
    plan = Plan({"a": (Replacement(0, 1, "b"),)}, "n", ("m",), {2: b"two"}, ("img1",), Tier.B, (3,), b"memo")
    assert wire.to_plan(*wire.from_plan(plan, b"source")) == (plan, b"source")
    output = Output(b"x", "text/plain", {"TX": {"kept": 1}}, Tier.B)
    assert wire.to_output(*wire.from_output(output)) == output


GOOD, _ = wire.from_extraction(Extraction([Segment("a", "b", "c")]))
MALFORMED = {
    "no segments": {**GOOD, "segments": None},
    "a segment too short": {**GOOD, "segments": [["a", "b"]]},
    "a text that is a number": {**GOOD, "segments": [["a", 1, "c", "prose", {}]]},
    "a kind nobody knows": {**GOOD, "segments": [["a", "b", "c", "verse", {}]]},
    "an anchor twice": {**GOOD, "segments": GOOD["segments"] * 2},
    "an anchor as long as a book": {**GOOD, "segments": [["a" * 5000, "b", "c", "prose", {}]]},
    "a child longer than the bytes": {**GOOD, "children": [[1, "x", 10, False]]},
    "a negative length": {**GOOD, "children": [[1, "x", -1, False]]},
    "a reason nobody knows": {**GOOD, "notices": ["because"]},
    "counts that are texts": {**GOOD, "counts": {"T1": "many"}},
}


@pytest.mark.parametrize("message", MALFORMED.values(), ids=MALFORMED.keys())
def test_an_answer_of_the_wrong_shape_is_not_believed(message: dict[str, object]) -> None:
    with pytest.raises(wire.WireError):
        wire.to_extraction(message, b"", Limits())


FRAMES = {
    "cut short": b"\0\0\0\5\0\0\0\0\0\0\0\0{",
    "too long": b"\xff\xff\xff\xff\0\0\0\0\0\0\0\0",
    "no JSON": b"\0\0\0\1\0\0\0\0\0\0\0\0{",
    "no object": b"\0\0\0\2\0\0\0\0\0\0\0\0[]",
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES.keys())
def test_a_malformed_frame_is_an_error(frame: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.receive(io.BytesIO(frame))


def test_the_end_of_the_stream_is_no_frame() -> None:
    assert wire.receive(io.BytesIO()) is None
