"""Child processes that never outlive their parent, each the leader of its own process group."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOG_LINES = 20

# Runs in the child before the program: gives up root where asked (the interpreter itself may lie where the other user
# cannot reach it), then asks Linux for a signal when the parent dies. That signal follows the *thread* that started the
# child, so children are started from the main thread alone. Elsewhere a small watcher stays between parent and program.
SHIM = """
import ctypes, os, pwd, signal, subprocess, sys, time
parent, death, user, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:]
if user:
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, death, 0, 0, 0)  # PR_SET_PDEATHSIG; changing the user would clear it
    if os.getppid() != parent:
        sys.exit(0)  # the parent died before prctl
    os.execvp(command[0], command)
child = subprocess.Popen(command)
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda number, frame: child.send_signal(number))
while child.poll() is None:
    if os.getppid() != parent:
        child.send_signal(death)
        child.wait()
    time.sleep(0.2)
sys.exit(child.returncode)
"""


class StartError(Exception):
    """A process did not become ready. The text says which one and repeats the end of its log."""


class StoppedError(Exception):
    """Somebody asked to stop while a process was starting."""


@dataclass(frozen=True)
class Child:
    """A running child: how it is asked to stop, and how long it may take."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path | None
    stop_signal: signal.Signals
    grace_seconds: float

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def log_end(self) -> str:
        """The last lines the child wrote."""
        if self.log is None:
            return ""
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-LOG_LINES:])
        return ""

    def stop(self) -> None:
        """Ask the child to stop, wait, then end its whole group. A child that is gone is no error."""
        if self.is_alive:
            self.process.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.grace_seconds)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path | None,
    environment: Mapping[str, str],
    stop_signal: signal.Signals = signal.SIGTERM,
    grace_seconds: float = 10,
    user: str | None = None,
    folder: Path | None = None,
) -> Child:
    """Start a program behind the shim, in a process group of its own; its output goes to ``log``, or to our own."""
    descriptor = None if log is None else os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-S",
                "-c",
                SHIM,
                str(os.getpid()),
                str(int(stop_signal)),
                user or "",
                *map(str, command),
            ],
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=None if log is None else subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,
            cwd=folder,
        )
    finally:
        if descriptor is not None:
            os.close(descriptor)
    return Child(name, process, log, stop_signal, grace_seconds)


def never() -> bool:
    return False


def wait_until(
    child: Child,
    ready: Callable[[], bool],
    *,
    seconds: float = 60,
    step: float = 0.05,
    stopped: Callable[[], bool] = never,
) -> None:
    """Wait until the probe says yes *and* the child lives: a stranger on its port would answer as well.

    Raises:
        StartError: the child died, or the time is over. StoppedError: ``stopped`` said yes first.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if stopped():
            raise StoppedError
        if not child.is_alive:
            raise StartError(f"The {child.name} stopped while it was starting.\n{child.log_end()}")
        if ready():
            return
        time.sleep(step)
    raise StartError(f"The {child.name} was not ready after {seconds:.0f} seconds.\n{child.log_end()}")


def finish(child: Child, *, seconds: float = 120, stopped: Callable[[], bool] = never) -> int:
    """Wait until a child that ends by itself has ended; return its exit status.

    Raises:
        StartError: it took too long, and was stopped. StoppedError: ``stopped`` said yes first; it was stopped too.
    """
    deadline = time.monotonic() + seconds
    try:
        while child.is_alive:
            if stopped():
                raise StoppedError
            if time.monotonic() > deadline:
                raise StartError(f"The {child.name} did not end within {seconds:.0f} seconds.\n{child.log_end()}")
            time.sleep(0.02)
        return child.process.returncode
    finally:
        child.stop()
