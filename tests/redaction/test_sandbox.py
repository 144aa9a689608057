"""The worker's side of the cage, the frames between the two, and what stands around it on this machine."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from redaction import landlock, seccomp, wire, zygote
from redaction.entities import Block, Child, Extraction, Kind, Output, Plan, Replacement, Segment, Tier
from redaction.errors import RedactionError, RefusedError
from redaction.formats import Limits
from redaction.sandbox import CageError, Probe, Sandbox, probe

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no cage")
# A zygote for which the kernel lacks something, or whose sniffing takes its time.
PATCHED = """
import sys; sys.path.insert(0, sys.argv[1])
import time
from redaction import cage, confinement
def missing(*_):
    raise OSError(38, "not there")
def slow(message, data):
    time.sleep(float(data))
    return "text/plain", b""
cage.ocr.warm = lambda: None
%s
cage.serve()
"""
SLOW = PATCHED % "cage.OPERATIONS['sniff'] = cage.OPERATIONS['raw'] = slow"
WITHOUT = {
    "Landlock": PATCHED % "confinement.landlock.restrict = missing",
    "seccomp": PATCHED % "confinement.seccomp.install = missing",
    "no_new_privs": PATCHED % "confinement.linux.prctl = missing",
}


@pytest.fixture(autouse=True)
def _leave_none_running() -> Iterator[None]:
    yield
    for kept in [one for one in zygote._idle if one.start != zygote.START]:
        zygote._idle.remove(kept)
        kept.stop()


class Slow(Sandbox):
    """Takes as long to look at a file as the file says."""

    start = SLOW


@LINUX
def test_the_zygote_gets_no_environment_and_no_descriptors() -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(zygote.Zygote, "walled_off", False)
        started = zygote.Zygote()
    names = {pair.partition(b"=")[0] for pair in Path(f"/proc/{started.pid}/environ").read_bytes().split(b"\0")}
    assert names <= {b"", b"LC_CTYPE", b"OMP_NUM_THREADS", b"OMP_THREAD_LIMIT", b"OPENBLAS_NUM_THREADS"}
    assert len(list(Path(f"/proc/{started.pid}/fd").iterdir())) == 4  # silence, and the line to the worker
    assert len(list(Path(f"/proc/{started.pid}/task").iterdir())) == 1  # a fork takes one thread along
    assert os.getsid(started.pid) == started.pid
    started.stop()


def test_a_file_is_read_rewritten_and_read_again() -> None:
    with Sandbox(Limits()) as cage:
        data = b"Jane\n\nwrote\n"
        extraction = cage.extract("text/plain", data)
        assert [(one.anchor, one.text) for one in extraction.segments] == [("l1", "Jane"), ("l3", "wrote")]
        output = cage.rewrite("text/plain", data, Plan({"l1": [Replacement(0, 4, "X")]}, "a.txt"))
        assert output.data == b"X\n\nwrote\n"
        seen = cage.read("text/plain", output.data)
        assert seen
        assert all(blocks == [Block("l1", "X"), Block("l3", "wrote")] for blocks in seen)
        assert cage.undeclared("text/plain", output.data) == []


def test_a_refusal_keeps_its_reason() -> None:
    with Sandbox(Limits(characters=10)) as cage, pytest.raises(RefusedError) as caught:
        cage.extract("text/plain", b"more than ten characters")
    assert caught.value.code == "limit"


def test_a_parser_that_hangs_is_killed_and_the_next_file_is_taken() -> None:
    with Slow(Limits(), seconds=0.5) as cage:
        cage._ready()
        started = time.monotonic()
        with pytest.raises(RefusedError) as caught:
            cage.sniff("a.txt", b"60")
        assert caught.value.code == "limit"
        assert time.monotonic() - started < 2.5
        assert cage.sniff("a.txt", b"0") == "text/plain"


def test_a_file_has_one_time_for_all_its_requests() -> None:
    with Slow(Limits(), seconds=60, file_seconds=1.0) as cage:
        cage._ready()
        cage.account("1")
        started = time.monotonic()
        cage.sniff("a.txt", b"0.6")
        with pytest.raises(RefusedError) as caught:
            cage.sniff("a.txt", b"60")
        assert caught.value.code == "limit"
        assert time.monotonic() - started < 3
        with pytest.raises(RefusedError) as caught:
            cage.extract("text/plain", b"text")
        assert caught.value.code == "limit"
        with pytest.raises(CageError) as failed:
            cage.raw("text/plain", b"0")
        assert failed.value.code == "limit"
        cage.account("2")
        assert cage.sniff("b.txt", b"0") == "text/plain"
        cage.account("1")
        with pytest.raises(CageError):
            cage.rewrite("text/plain", b"text", Plan({}, "a.txt"))
        cage.account(None)
        assert cage.sniff("c.txt", b"0") == "text/plain"


def test_a_zygote_that_dies_is_replaced() -> None:
    with Sandbox(Limits()) as cage:
        cage.sniff("a.txt", b"text")
        first = cage._zygote
        assert first is not None
        os.kill(first.pid, signal.SIGKILL)
        first._process.wait()
        assert cage.sniff("a.txt", b"text") == "text/plain"
        assert cage._zygote is not first


def test_a_zygote_that_stops_answering_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zygote.Zygote, "walled_off", False)
    with Slow(Limits()) as cage:
        cage.sniff("a.txt", b"0")
        first = cage._zygote
        assert first is not None
        first._control.settimeout(0.2)
        os.kill(first.pid, signal.SIGSTOP)
        with pytest.raises(RedactionError):
            cage.sniff("a.txt", b"0")
        assert not first.is_alive
        assert cage.sniff("a.txt", b"0") == "text/plain"


def test_a_writer_that_fails_lets_nothing_leave() -> None:
    with Sandbox(Limits()) as cage, pytest.raises(RedactionError):
        cage.rewrite("application/pdf", b"%PDF-1.7 broken", Plan({}, "a.pdf"))


def test_the_next_run_finds_the_zygote_of_the_last_one() -> None:
    with Sandbox(Limits()) as cage:
        cage.sniff("a.txt", b"text")
        first = cage._zygote
    with Sandbox(Limits()) as cage:
        cage.sniff("a.txt", b"text")
        assert cage._zygote is first
        with Sandbox(Limits()) as other:
            other.sniff("a.txt", b"text")
            assert other._zygote is not first
    assert first is not None
    zygote.stop_idle()
    assert not first.is_alive


def test_two_threads_have_a_zygote_each() -> None:
    seen: list[str] = []

    def run() -> None:
        with Sandbox(Limits()) as cage:
            seen.extend(cage.sniff("a.txt", b"text") for _ in range(5))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["text/plain"] * 15
    assert len(zygote._idle) == 1


WORKER = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from redaction.formats import Limits
from redaction.sandbox import Sandbox
with Sandbox(Limits()) as cage:
    cage.sniff("a.txt", b"text")
    os.write(1, str(cage._ready().pid).encode())
    os.kill(os.getpid(), signal.SIGKILL)
"""


@LINUX
def test_the_zygote_ends_with_its_worker() -> None:
    """Also when the worker is killed: its end of the line closes."""
    root = Path(zygote.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", WORKER, root], check=False, capture_output=True, timeout=60)
    assert done.returncode == -signal.SIGKILL
    left = Path(f"/proc/{int(done.stdout)}")
    end = time.monotonic() + 10
    while left.exists() and "State:\tZ" not in (left / "status").read_text():
        assert time.monotonic() < end, "it runs on"
        time.sleep(0.05)


# What stands ----------------------------------------------------------------------------------------------------------


@LINUX
def test_the_cage_stands_here() -> None:
    found = probe()
    assert found.stands, found.sentence
    assert found.usable
    assert found.landlock == landlock.version()
    assert f"Landlock {found.landlock}, seccomp" in found.sentence


@LINUX
@pytest.mark.parametrize("wall", WITHOUT)
def test_without_a_wall_nothing_is_parsed(wall: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Walless(Sandbox):
        start = WITHOUT[wall]

    # Linux has the walls, so nobody may do without.
    monkeypatch.setenv("ALLOW_UNSANDBOXED", "1")
    found = probe(WITHOUT[wall])
    assert not found.stands
    assert not found.usable
    assert found.sentence.startswith("The kernel ")
    with Walless(Limits()) as cage, pytest.raises(CageError) as caught:
        cage.extract("text/plain", b"text")
    assert caught.value.code == "internal"


@LINUX
def test_a_wall_with_a_hole_is_noticed() -> None:
    found = probe(PATCHED % "confinement.landlock.restrict = lambda readable: 7")
    assert not found.stands
    assert "read a file" in found.escaped
    assert "could still read a file" in found.sentence


def test_a_cage_that_does_not_start_is_no_cage() -> None:
    found = probe("raise SystemExit(1)")
    assert not found.usable
    assert found.sentence == "The cage for parsers does not start."


def test_where_there_are_no_walls_a_person_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    limits_alone = Probe(limits=True)
    assert not limits_alone.stands
    assert limits_alone.usable is (sys.platform != "linux")
    code = PATCHED % "confinement.sys.platform = 'darwin'"
    monkeypatch.setenv("ALLOW_UNSANDBOXED", "1")
    allowed = probe(code)
    assert (allowed.limits, allowed.seccomp, allowed.landlock) == (True, False, 0)
    monkeypatch.delenv("ALLOW_UNSANDBOXED")
    zygote.stop_idle()
    assert "Run the worker on Linux" in probe(code).trouble


HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_the_numbers_of_calls_are_those_of_the_kernel(name: str) -> None:
    if not HEADERS[name].exists():
        pytest.skip("the kernel's headers are not installed here")
    text = HEADERS[name].read_text()
    numbers = {call: int(number) for call, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)}
    numbers.setdefault("newfstatat", numbers.get("fstatat", -1))
    calls = seccomp.ARCHITECTURES[name].calls
    assert {call: numbers.get(call) for call in calls} == calls


@pytest.mark.parametrize("name", HEADERS)
def test_the_filter_names_no_call_twice_and_knows_every_one(name: str) -> None:
    listed = [*seccomp.ALLOWED, *seccomp.CHECKED, *seccomp.DEADLY, *seccomp.ABSENT]
    calls = seccomp.ARCHITECTURES[name].calls
    assert len(listed) == len(set(listed))
    assert set(calls) <= set(listed)
    # Calls that an architecture lacks are old ones which a newer call stands for.
    assert set(listed) - set(calls) <= {"stat", "lstat", "access", "time", "open"}
    assert len(list(seccomp.assembled(seccomp.ARCHITECTURES[name]))) < 4096


# Frames ---------------------------------------------------------------------------------------------------------------


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


def test_a_frame_of_too_many_values_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    wire.send(stream, {"value": [[], [], []]})
    monkeypatch.setattr(wire, "MAXIMUM_VALUES", 6)
    stream.seek(0)
    with pytest.raises(wire.WireError):
        wire.receive(stream)
