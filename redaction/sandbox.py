"""The worker's side of the cage: parsers run in a child process that has little to lose.

The child is a fresh Python with an empty environment, its own session and no inherited descriptors; ``cage.py`` says
what else it gives up. It is kept for the files of one run, because its parsers take a second to import, and replaced
once it has worked for a while, long before its processor time runs out. An answer that does not come in time, or is not
what it must be, ends the child: the file is refused, the run goes on with a new one.

What the cage does not have yet is a filter of system calls and rules on files and network: a parser that is taken over
could still read what this user may read, and open connections. ``cage.confine`` is where both belong.
"""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self, cast

from redaction import wire
from redaction.entities import Block, Extraction, Output, Plan
from redaction.errors import SENTENCES, RedactionError, RefusedError
from redaction.limits import Limits, Switches

WALL_SECONDS: Final = 60.0
START_SECONDS: Final = 60.0
# A child that has worked this long is replaced before its next file (``cage.CPU_SECONDS`` is the hard end).
RETIRE_SECONDS: Final = 15.0
_ROOT: Final = str(Path(__file__).resolve().parent.parent)
_START: Final = "import sys; sys.path.insert(0, sys.argv[1]); from redaction.cage import serve; serve()"


class CageError(RedactionError):
    """The child died, took too long or answered nonsense."""


class Sandbox:
    """One cage at a time, for one run. Use it as a context: leaving it ends the child.

    ``seconds`` is the longest that one request may take.
    """

    def __init__(self, limits: Limits, switches: Switches = Switches(), seconds: float = WALL_SECONDS) -> None:
        self._bound = {"limits": dataclasses.asdict(limits), "switches": dataclasses.asdict(switches)}
        self._bounds = limits
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._worked = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def sniff(self, untrusted_name: str, data: bytes) -> str:
        """The media type of a file.

        Raises:
            RefusedError: it is none that is taken, or not what its name says.
        """
        media_type, _ = self._ask({"operation": "sniff", "name": untrusted_name}, data, "parse-failed")
        if not isinstance(media_type, str):
            raise RefusedError("parse-failed")
        return media_type

    def extract(self, media_type: str, data: bytes) -> Extraction:
        """All text of a file.

        Raises:
            RefusedError: it is encrypted, damaged, too large …; also when its parser died or ran out of time.
        """
        request = {"operation": "extract", "media_type": media_type, **self._bound}
        value, blob = self._ask(request, data, "parse-failed")
        try:
            return wire.to_extraction(value, blob, self._bounds)
        except (wire.WireError, AttributeError, TypeError) as error:
            self._end()
            raise RefusedError("limit" if "characters" in str(error) else "parse-failed") from error

    def rewrite(self, media_type: str, data: bytes, plan: Plan) -> Output:
        """The new file.

        Raises:
            CageError: the handler failed; nothing may leave.
        """
        message, frame = wire.from_plan(plan, data)
        request = {"operation": "rewrite", "media_type": media_type, "plan": message, **self._bound}
        value, blob = self._ask(request, frame, None)
        try:
            return wire.to_output(value, blob)
        except (wire.WireError, AttributeError, TypeError) as error:
            raise CageError("internal", "malformed output") from error

    def read(self, media_type: str, data: bytes) -> list[list[Block] | None]:
        """What each reader sees of an output; None for a reader that failed.

        Raises:
            CageError: the child failed altogether.
        """
        value, _ = self._ask({"operation": "read", "media_type": media_type}, data, None)
        if not isinstance(value, list) or not value:
            raise CageError("reader-unavailable")
        return [None if seen is None else self._blocks(seen) for seen in value]

    def raw(self, media_type: str, data: bytes) -> list[Block]:
        """What is in the bytes of an output, without a parser of its format.

        Raises:
            CageError: the container cannot be walked.
        """
        value, _ = self._ask({"operation": "raw", "media_type": media_type}, data, None)
        return self._blocks(value)

    def undeclared(self, media_type: str, data: bytes) -> list[str]:
        """Names of parts of an output which nobody declared.

        Raises:
            CageError: the output cannot be listed.
        """
        value, _ = self._ask({"operation": "undeclared", "media_type": media_type, **self._bound}, data, None)
        try:
            return wire.strings(value)
        except wire.WireError as error:
            raise CageError("internal", "malformed list") from error

    def remains(self, media_type: str, source: bytes, output_type: str, output: bytes) -> int:
        """How many runs of bytes of the original's dropped binaries are in the output.

        Raises:
            CageError: one of the two cannot be walked.
        """
        value = self._both("remains", media_type, source, output_type, output)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise CageError("internal", "malformed count")
        return value

    def structure(self, media_type: str, source: bytes, output_type: str, output: bytes) -> str:
        """``same``, or ``fewer`` when the output lacks pages, sheets or slides, or nobody can count them.

        Raises:
            CageError: the child failed altogether.
        """
        value = self._both("structure", media_type, source, output_type, output)
        return "same" if value == "same" else "fewer"

    def _both(self, operation: str, media_type: str, source: bytes, output_type: str, output: bytes) -> object:
        request = {
            "operation": operation, "media_type": media_type, "output_type": output_type, "source": len(source),
            **self._bound,
        }  # fmt: skip
        value, _ = self._ask(request, source + output, None)
        return value

    def _blocks(self, value: object) -> list[Block]:
        try:
            return wire.to_blocks(value)
        except wire.WireError as error:
            raise CageError("internal", "malformed blocks") from error

    def _ask(self, request: dict[str, Any], data: bytes, refusal: str | None) -> tuple[Any, bytes]:
        """One request, one answer. ``refusal``: the reason to refuse the file with when its parser fails."""
        try:
            answer, blob = self._exchange(request, data)
        except (OSError, wire.WireError) as error:
            self._end()
            raise _failure(refusal, "the child did not answer") from error
        if answer.get("refused") in SENTENCES:
            raise RefusedError(answer["refused"])
        if "value" not in answer:
            raise _failure(refusal, str(answer.get("failed", ""))[:60])
        return answer["value"], blob

    def _exchange(self, request: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        child = self._ready()
        started = time.monotonic()
        with _Deadline(child, self._seconds):
            answer = self._talk(child, request, data)
        self._worked += time.monotonic() - started
        if answer is None:
            raise wire.WireError("the child has ended")
        return answer

    def _talk(
        self, child: subprocess.Popen[bytes], request: dict[str, Any] | None, data: bytes = b""
    ) -> tuple[dict[str, Any], bytes] | None:
        if child.stdin is None or child.stdout is None:
            raise wire.WireError("no pipes")
        if request is not None:
            wire.send(cast("BinaryIO", child.stdin), request, data)
        return wire.receive(cast("BinaryIO", child.stdout))

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._child is not None and (self._worked > RETIRE_SECONDS or self._child.poll() is not None):
            self._end()
        if self._child is None:
            self._child = _start()
            self._worked = 0.0
            with _Deadline(self._child, START_SECONDS):
                answer = self._talk(self._child, None)
            if answer is None or answer[0] != {"ready": True}:
                raise wire.WireError("the child did not start")
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        _kill(child)
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue  # bytes nobody will read


class _Deadline:
    """Kills a child that is not done in time; the read that waits for it then ends."""

    def __init__(self, child: subprocess.Popen[bytes], seconds: float) -> None:
        self._timer = threading.Timer(seconds, _kill, (child,))
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()


def _start() -> subprocess.Popen[bytes]:
    # -I: no user site, no PYTHON variables, no current directory; -B: writes no compiled files.
    return subprocess.Popen(
        [sys.executable, "-I", "-B", "-c", _START, _ROOT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        close_fds=True,
        start_new_session=True,
    )


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the child and all that it started: it leads a session of its own."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _failure(refusal: str | None, detail: str) -> RedactionError:
    return RefusedError(refusal, detail) if refusal else CageError("internal", detail)
