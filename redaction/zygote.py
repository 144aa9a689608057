"""The worker's handle on a zygote: a process that has loaded all parsers, never saw a file, and forks the cages.

Each request gets a child of its own, at the cost of a fork, so nothing of one file reaches another. The worker speaks
to the child through two pipes whose other ends the zygote merely hands on; with the zygote it exchanges single bytes:
fork, end the child. When the worker is gone, its end of that line closes and everything here ends.

A zygote that nobody uses is kept for the next who needs one, because loading the parsers takes a second.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from redaction import bubblewrap
from redaction.confinement import ALLOWED_BY

START_SECONDS: Final = 60.0
# To fork, and to end a child of a few GiB; more than this and the zygote itself is in trouble.
_REPLY_SECONDS: Final = 10.0
_STOP_SECONDS: Final = 0.5
READY, FORK, END = b"R", b"F", b"E"
START: Final = "import sys; sys.path.insert(0, sys.argv[1]); from redaction.cage import serve; serve()"
_ROOT: Final = str(Path(__file__).resolve().parent.parent)
_CHUNK: Final = 1024 * 1024


class ZygoteError(OSError):
    """The zygote did not start, or did not do as it was told."""


class Line:
    """The worker's ends of a child's two pipes. Whatever is written and read here must be done by one moment."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self.theirs: tuple[int, int]
        requests, self._to = os.pipe()
        self._from, answers = os.pipe()
        self.theirs = (requests, answers)
        for ours in (self._to, self._from):
            os.set_blocking(ours, False)

    def close(self) -> None:
        self.close_theirs()
        for descriptor in (self._to, self._from):
            os.close(descriptor)

    def close_theirs(self) -> None:
        """What the child holds must not stay open here, or its end would never be noticed."""
        for descriptor in self.theirs:
            os.close(descriptor)
        self.theirs = ()  # type: ignore[assignment]

    def write(self, data: bytes) -> None:
        """Write all of it.

        Raises:
            TimeoutError: the child does not read.
            OSError: the child is gone.
        """
        rest = memoryview(data)
        while rest:
            self._wait(self._to, select.POLLOUT)
            with contextlib.suppress(BlockingIOError):
                rest = rest[os.write(self._to, rest[:_CHUNK]) :]

    def flush(self) -> None:
        """Nothing is held back."""

    def read(self, length: int) -> bytes:
        """So many bytes, or fewer when the child ends before.

        Raises:
            TimeoutError: the child is silent.
        """
        data = bytearray()
        while len(data) < length:
            self._wait(self._from, select.POLLIN)
            with contextlib.suppress(BlockingIOError):
                chunk = os.read(self._from, min(length - len(data), _CHUNK))
                if not chunk:
                    break
                data += chunk
        return bytes(data)

    def _wait(self, descriptor: int, event: int) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        left = self._end - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise TimeoutError("the child took too long")


class Zygote:
    """A running zygote, of one user at a time."""

    walled_off: bool | None = None  # whether bubblewrap works here; not known before the first start

    def __init__(self, start: str = START) -> None:
        self.start = start
        self._process, self._control = self._started()

    def _started(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        # One thread each: libraries for OCR would start one per core, which no cage allows.
        environment = {"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1"}
        if ALLOWED_BY in os.environ:
            environment[ALLOWED_BY] = os.environ[ALLOWED_BY]
        wall = bubblewrap.prefix(environment) if Zygote.walled_off is not False else []
        try:
            started = _started([*wall, *_python(self.start)], environment)
        except ZygoteError:
            if not wall:
                raise
            started = _started(_python(self.start), environment)
            Zygote.walled_off = False
        else:
            Zygote.walled_off = bool(wall)
        return started

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    @contextlib.contextmanager
    def child(self, seconds: float) -> Iterator[Line]:
        """A fresh cage for one request; it is gone when the context is left.

        Raises:
            ZygoteError: the zygote is gone, too, or does not answer. Stop it.
        """
        line = Line(seconds)
        try:
            try:
                socket.send_fds(self._control, [FORK], line.theirs)
                self._expect(FORK)
            except OSError as error:
                raise ZygoteError("no child") from error
            line.close_theirs()
            yield line
        finally:
            line.close()
            self._end_child()

    def _end_child(self) -> None:
        try:
            self._control.sendall(END)
            self._expect(END)
        except OSError:
            self.stop()

    def _expect(self, reply: bytes) -> None:
        if self._control.recv(1) != reply:
            raise ZygoteError("unexpected reply")

    def stop(self) -> None:
        """End it and its child: by closing the line, which it hears at once, or else by force."""
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
            return
        _kill(self._process)

    def forget(self) -> None:
        """In a fork of the worker: it belongs to the one who started it."""
        self._control.close()
        self._process.returncode = 0


def _python(start: str) -> list[str]:
    # -I: no user site, no PYTHON variables, no current directory; -B: writes no compiled files.
    return [sys.executable, "-I", "-B", "-c", start, _ROOT]


def _started(command: list[str], environment: dict[str, str]) -> tuple[subprocess.Popen[bytes], socket.socket]:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            command,
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd="/",
            close_fds=True,
            start_new_session=True,
        )
    try:
        ours.settimeout(START_SECONDS)
        if ours.recv(1) != READY:
            raise ZygoteError("the zygote did not start")
        ours.settimeout(_REPLY_SECONDS)
    except OSError as error:
        ours.close()
        _kill(process)
        raise ZygoteError("the zygote did not start") from error
    return process, ours


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and all of its session; the kernel ends its children with it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


# Kept zygotes ------------------------------------------------------------------------------------------------------

_idle: list[Zygote] = []
_lock = threading.Lock()


def taken(start: str = START) -> Zygote:
    """A zygote that nobody else uses.

    Raises:
        ZygoteError: none can be started.
    """
    while True:
        with _lock:
            kept = next((one for one in _idle if one.start == start), None)
            if kept is None:
                break
            _idle.remove(kept)
        if kept.is_alive:
            return kept
        kept.stop()
    return Zygote(start)


def given_back(zygote: Zygote) -> None:
    """Keep one for the next; end what is too many."""
    with _lock:
        keep = zygote.is_alive and not any(one.start == zygote.start for one in _idle)
        if keep:
            _idle.append(zygote)
    if not keep:
        zygote.stop()


def stop_idle() -> None:
    """End the zygotes that nobody uses."""
    with _lock:
        stopped, _idle[:] = list(_idle), []
    for zygote in stopped:
        zygote.stop()


def _forget_idle() -> None:
    for zygote in _idle:
        zygote.forget()
    _idle.clear()


atexit.register(stop_idle)
os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release)
os.register_at_fork(after_in_child=_lock.release)
os.register_at_fork(after_in_child=_forget_idle)
