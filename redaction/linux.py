"""The few calls to the Linux kernel that Python does not offer, each an OSError when the kernel says no."""

from __future__ import annotations

import ctypes
import functools
import os
from typing import Final

PR_SET_PDEATHSIG: Final = 1
PR_SET_SECCOMP: Final = 22
PR_SET_NO_NEW_PRIVS: Final = 38
# Reading and searching folders whatever their mode says; all that root keeps, or it could not import from a folder
# that belongs to somebody else. Landlock says which folders those are.
_CAP_DAC_READ_SEARCH: Final = 1 << 2
_CAPABILITY_VERSION: Final = 0x20080522


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int, pointer: object = None) -> None:
    """``prctl(option, value, pointer)``."""
    _checked(_libc().prctl(ctypes.c_int(option), ctypes.c_ulong(value), pointer, ctypes.c_ulong(0), ctypes.c_ulong(0)))


def syscall(number: int, *arguments: object) -> int:
    """A system call by its number."""
    return _checked(_libc().syscall(ctypes.c_long(number), *arguments))


def drop_capabilities() -> None:
    """Leave nothing of what root may do, but reading folders of other users."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    held = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; then the same for the upper half
    _checked(_libc().capget(header, held))
    kept = held[1] & _CAP_DAC_READ_SEARCH
    _checked(_libc().capset(header, (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0)))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
