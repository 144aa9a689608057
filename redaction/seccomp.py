"""The filter of system calls: what a parser may ask the kernel for. Everything else fails.

It is an allow-list. A call that is not on it fails with EPERM, so that a library which only tries gets by without.
Calls that no parser ever makes end the process at once: whoever makes one has taken it over. No process, thread,
socket, signal or name in the file system is made, changed or removed; files are opened for reading only.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from redaction import linux

_MODE_FILTER: Final = 2
_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000  # the whole process
_ERRNO: Final = 0x00050000
_LOAD: Final = 0x20
_AND: Final = 0x54
_EQUAL: Final = 0x15
_AT_LEAST: Final = 0x35
_RETURN: Final = 0x06
_NUMBER_AT: Final = 0
_ARCHITECTURE_AT: Final = 4
_ARGUMENTS_AT: Final = 16
_X32: Final = 0x40000000  # the second table of calls on x86_64, by which a filter could be passed
_WHOLE: Final = 0xFFFFFFFF
# O_WRONLY, O_RDWR, O_CREAT, O_TRUNC and the bit of O_TMPFILE: alike on both architectures.
_WRITING: Final = 0o3 | 0o100 | 0o1000 | 0o20000000
_SHARED_WITHOUT_FILE: Final = 0x1 | 0x20  # MAP_SHARED | MAP_ANONYMOUS: memory that RLIMIT_DATA does not count


@dataclass(frozen=True)
class Test:
    """``(argument & mask) in values``; ``upper`` looks at the upper half of the argument."""

    argument: int
    mask: int
    values: Sequence[int]
    upper: bool = False


@dataclass(frozen=True)
class Architecture:
    """Numbers of the calls named below; a call that an architecture does not have is not in its table."""

    audit: int
    calls: dict[str, int]


# Frequent ones first: the kernel walks the list.
ALLOWED: Final = (
    "read", "write", "brk", "munmap", "futex", "mprotect", "mremap", "madvise", "close", "fstat", "lseek", "newfstatat",
    "stat", "lstat", "statx", "pread64", "readv", "writev", "getdents64", "access", "faccessat", "faccessat2", "getcwd",
    "dup", "getrandom", "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time",
    "times", "getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getrlimit", "getrusage",
    "getcpu", "uname", "sysinfo", "sched_yield", "sched_getaffinity", "membarrier", "rt_sigaction", "rt_sigprocmask",
    "rt_sigreturn", "sigaltstack", "restart_syscall", "exit", "exit_group",
)  # fmt: skip
CHECKED: Final = {
    "openat": (Test(2, _WRITING, (0,)),),
    "open": (Test(1, _WRITING, (0,)),),
    "mmap": (Test(3, _SHARED_WITHOUT_FILE, (0, 0x1, 0x20)),),
    # Copies and flags of descriptors. Not F_SETOWN and F_SETSIG, by which a descriptor sends signals.
    "fcntl": (Test(1, _WHOLE, (0, 1, 2, 3, 4, 1030)),),
    "ioctl": (Test(1, _WHOLE, (0x5401, 0x5450, 0x5451)),),  # is this a terminal, close on exec
    # Its own limits may be read, none set.
    "prlimit64": (Test(0, _WHOLE, (0,)), Test(2, _WHOLE, (0,)), Test(2, _WHOLE, (0,), upper=True)),
}
DEADLY: Final = (
    "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "bpf", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "userfaultfd", "mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "keyctl",
    "add_key", "request_key", "kexec_load", "init_module", "finit_module", "delete_module", "perf_event_open",
    "open_by_handle_at", "pidfd_getfd",
)  # fmt: skip
# clone3 hides its flags behind a pointer; told that it does not exist, libraries use clone, which is refused as well.
ABSENT: Final = ("clone3",)

ARCHITECTURES: Final = {
    "x86_64": Architecture(
        0xC000003E,
        {
            "read": 0, "write": 1, "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "lseek": 8, "mmap": 9,
            "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15,
            "ioctl": 16, "pread64": 17, "readv": 19, "writev": 20, "access": 21, "sched_yield": 24, "mremap": 25,
            "madvise": 28, "dup": 32, "nanosleep": 35, "getpid": 39, "execve": 59, "exit": 60, "uname": 63,
            "fcntl": 72, "getcwd": 79, "gettimeofday": 96, "getrlimit": 97, "getrusage": 98, "sysinfo": 99,
            "times": 100, "ptrace": 101, "getuid": 102, "getgid": 104, "geteuid": 107, "getegid": 108, "getppid": 110,
            "sigaltstack": 131, "pivot_root": 155, "chroot": 161, "mount": 165, "umount2": 166, "init_module": 175,
            "delete_module": 176, "gettid": 186, "time": 201, "futex": 202, "sched_getaffinity": 204,
            "getdents64": 217, "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229,
            "clock_nanosleep": 230, "exit_group": 231, "kexec_load": 246, "add_key": 248, "request_key": 249,
            "keyctl": 250, "openat": 257, "newfstatat": 262, "faccessat": 269, "unshare": 272,
            "perf_event_open": 298, "prlimit64": 302, "open_by_handle_at": 304, "setns": 308, "getcpu": 309,
            "process_vm_readv": 310, "process_vm_writev": 311, "finit_module": 313, "getrandom": 318, "bpf": 321,
            "execveat": 322, "userfaultfd": 323, "membarrier": 324, "statx": 332, "io_uring_setup": 425,
            "io_uring_enter": 426, "io_uring_register": 427, "clone3": 435, "pidfd_getfd": 438, "faccessat2": 439,
        },
    ),
    "aarch64": Architecture(
        0xC00000B7,
        {
            "getcwd": 17, "dup": 23, "fcntl": 25, "ioctl": 29, "umount2": 39, "mount": 40, "pivot_root": 41,
            "faccessat": 48, "chroot": 51, "openat": 56, "close": 57, "getdents64": 61, "lseek": 62, "read": 63,
            "write": 64, "readv": 65, "writev": 66, "pread64": 67, "newfstatat": 79, "fstat": 80, "exit": 93,
            "exit_group": 94, "unshare": 97, "futex": 98, "nanosleep": 101, "kexec_load": 104, "init_module": 105,
            "delete_module": 106, "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "ptrace": 117,
            "sched_getaffinity": 123, "sched_yield": 124, "restart_syscall": 128, "sigaltstack": 132,
            "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "times": 153, "uname": 160,
            "getrlimit": 163, "getrusage": 165, "getcpu": 168, "gettimeofday": 169, "getpid": 172, "getppid": 173,
            "getuid": 174, "geteuid": 175, "getgid": 176, "getegid": 177, "gettid": 178, "sysinfo": 179, "brk": 214,
            "munmap": 215, "mremap": 216, "add_key": 217, "request_key": 218, "keyctl": 219, "execve": 221,
            "mmap": 222, "mprotect": 226, "madvise": 233, "perf_event_open": 241, "prlimit64": 261,
            "open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271,
            "finit_module": 273, "getrandom": 278, "bpf": 280, "execveat": 281, "userfaultfd": 282,
            "membarrier": 283, "statx": 291, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
            "clone3": 435, "pidfd_getfd": 438, "faccessat2": 439,
        },
    ),
}  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def install() -> None:
    """Filter all system calls of this process from now on. It must have given up new privileges before.

    Raises:
        OSError: the kernel has no filters, or this architecture is not known here.
    """
    architecture = ARCHITECTURES.get(platform.machine())
    if architecture is None:
        raise OSError(errno.ENOSYS, "no filter of system calls for this architecture")
    code = b"".join(assembled(architecture))
    linux.prctl(linux.PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(_Program(len(code) // 8, code)))


def assembled(architecture: Architecture) -> Iterator[bytes]:
    """The filter, one instruction of the kernel's packet filter at a time."""
    calls = architecture.calls
    yield _step(_LOAD, _ARCHITECTURE_AT)
    yield _step(_EQUAL, architecture.audit, 1, 0)
    yield _step(_RETURN, _KILL)
    yield _step(_LOAD, _NUMBER_AT)
    yield _step(_AT_LEAST, _X32, 0, 1)
    yield _step(_RETURN, _KILL)
    for names, verdict in ((ALLOWED, _ALLOW), (DEADLY, _KILL), (ABSENT, _ERRNO | errno.ENOSYS)):
        for name in names:
            if name in calls:
                yield _step(_EQUAL, calls[name], 0, 1)
                yield _step(_RETURN, verdict)
    for name, tests in CHECKED.items():
        if name in calls:
            body = [step for test in tests for step in _tested(test)]
            yield _step(_EQUAL, calls[name], 0, len(body) + 1)
            yield from body
            yield _step(_RETURN, _ALLOW)
    yield _step(_RETURN, _ERRNO | errno.EPERM)


def _tested(test: Test) -> Iterator[bytes]:
    """Go on behind these steps when the test holds, else refuse the call."""
    count = len(test.values)
    yield _step(_LOAD, _ARGUMENTS_AT + 8 * test.argument + (4 if test.upper else 0))
    yield _step(_AND, test.mask)
    for index, value in enumerate(test.values):
        yield _step(_EQUAL, value, count - index, 0)
    yield _step(_RETURN, _ERRNO | errno.EPERM)


def _step(code: int, operand: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("<HBBI", code, then, otherwise, operand)
