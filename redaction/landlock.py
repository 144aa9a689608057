"""Landlock: the kernel's rules on files, TCP and signals that a process gives itself, and cannot take back."""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from redaction import linux

# The same on every architecture.
_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_VERSION: Final = 1
_PATH_BENEATH: Final = 1

_READ_FILE: Final = 1 << 2
_READ_DIR: Final = 1 << 3
# How many of the rights to files each version knows: executing to making links; moving; truncating; devices.
_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NETWORK: Final = 0b11  # bind and connect TCP, from version 4
_SCOPES: Final = 0b11  # abstract sockets and signals to the outside, from version 6


def version() -> int:
    """The version of Landlock that this kernel offers; 0 when there is none."""
    try:
        return linux.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    except OSError:
        return 0


def restrict(readable: Sequence[Path]) -> int:
    """Let this process read what lies in or under these paths, and nothing else of the file system.

    No file can be written, made, removed or executed, and where the kernel knows how, no TCP port be bound or reached,
    no abstract socket, no process outside. Paths that are not there are left out. Returns the version.

    Raises:
        OSError: the kernel has no Landlock, or does not let this process use it.
    """
    offered = linux.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    rules = struct.pack(
        "=QQQ",
        (1 << _RIGHTS[min(offered, max(_RIGHTS))]) - 1,
        _NETWORK if offered >= 4 else 0,
        _SCOPES if offered >= 6 else 0,
    )
    # A kernel takes no more of the structure than it knows, unless the rest is zero: it is.
    ruleset = linux.syscall(_CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), ctypes.c_uint32(0))
    try:
        for path in readable:
            _allow(ruleset, path)
        linux.syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
    return offered


def _allow(ruleset: int, path: Path) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        rights = _READ_FILE | (_READ_DIR if stat.S_ISDIR(os.fstat(place).st_mode) else 0)
        rule = struct.pack("=Qi", rights, place)
        linux.syscall(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint32(0))
    finally:
        os.close(place)
