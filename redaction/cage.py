"""Inside the cage: the child process in which files are parsed. Started by ``sandbox.py``, never imported by a worker.

It confines itself before it reads the first byte of a file: limits of the kernel on memory, processor time, files and
descriptors, no new privileges, death with its parent. A system-call filter and file rules belong into ``confine`` too,
after these. Then it answers one request after another until its input ends.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from typing import Any, BinaryIO, Final

from redaction import wire
from redaction.errors import RefusedError
from redaction.formats.table import handler_for, sniff
from redaction.limits import Limits, Switches
from redaction.readers import binaries, raw, structure
from redaction.readers.table import readers_for, undeclared_for

ADDRESS_SPACE: Final = 1024 * 1024 * 1024
CPU_SECONDS: Final = 45
DESCRIPTORS: Final = 32
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38


def confine() -> None:
    """Give up what parsing does not need. Nothing here can be undone by this process."""
    for limit, value in (
        (resource.RLIMIT_AS, ADDRESS_SPACE),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),  # no file is written: answers go through the pipe
        (resource.RLIMIT_NOFILE, DESCRIPTORS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        for option, value in ((_PR_SET_NO_NEW_PRIVS, 1), (_PR_SET_PDEATHSIG, signal.SIGKILL)):
            if libc.prctl(option, int(value), 0, 0, 0) != 0:
                raise OSError(ctypes.get_errno(), "the kernel refused to confine this process")


def serve() -> None:
    """Answer requests from standard input on standard output. Libraries that print do not reach the answers."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(silence, descriptor)
    confine()
    wire.send(answers, {"ready": True})
    while (request := wire.receive(requests)) is not None:
        _answer(answers, *request)


def _answer(answers: BinaryIO, message: dict[str, Any], data: bytes) -> None:
    try:
        value, blob = OPERATIONS[message["operation"]](message, data)
    except RefusedError as error:
        wire.send(answers, {"refused": error.code})
    except Exception as error:  # noqa: BLE001 - whatever a parser raises on a hostile file, the answer is: it failed
        wire.send(answers, {"failed": type(error).__name__})
    else:
        wire.send(answers, {"value": value}, blob)


def _sniff(message: dict[str, Any], data: bytes) -> tuple[Any, bytes]:
    return sniff(message["name"], data), b""


def _extract(message: dict[str, Any], data: bytes) -> tuple[Any, bytes]:
    return wire.from_extraction(_handler(message).extract(data, *_bounds(message)))


def _rewrite(message: dict[str, Any], data: bytes) -> tuple[Any, bytes]:
    plan, source = wire.to_plan(message["plan"], data)
    return wire.from_output(_handler(message).rewrite(source, plan, *_bounds(message)))


def _bounds(message: dict[str, Any]) -> tuple[Limits, Switches]:
    return Limits(**message["limits"]), Switches(**message["switches"])


def _handler(message: dict[str, Any]) -> Any:
    handler = handler_for(message["media_type"])
    if handler is None:
        raise RefusedError("unsupported")
    return handler


def _read(message: dict[str, Any], data: bytes) -> tuple[Any, bytes]:
    """What each reader sees; None for one that failed. At least one reader is promised by the table."""
    seen: list[Any] = []
    for reader in readers_for(message["media_type"]):
        try:
            seen.append(wire.from_blocks(reader(data)))
        except Exception:  # noqa: BLE001 - a reader that fails is reported as one that could not read
            seen.append(None)
    return seen, b""


def _raw(message: dict[str, Any], data: bytes) -> tuple[Any, bytes]:
    return wire.from_blocks(raw.texts(message["media_type"], data)), b""


def _undeclared(message: dict[str, Any], data: bytes) -> tuple[Any, bytes]:
    return [name[:100] for name in undeclared_for(message["media_type"], _bounds(message)[1])(data)], b""


def _remains(message: dict[str, Any], data: bytes) -> tuple[Any, bytes]:
    source, output = data[: message["source"]], data[message["source"] :]
    return binaries.remains(message["media_type"], source, message["output_type"], output), b""


def _structure(message: dict[str, Any], data: bytes) -> tuple[Any, bytes]:
    source, output = data[: message["source"]], data[message["source"] :]
    hidden = bool(message["switches"]["hidden"])
    same = structure.kept(message["media_type"], source, message["output_type"], output, hidden=hidden)
    return "same" if same else "fewer", b""


OPERATIONS: Final = {
    "sniff": _sniff,
    "extract": _extract,
    "rewrite": _rewrite,
    "read": _read,
    "raw": _raw,
    "undeclared": _undeclared,
    "remains": _remains,
    "structure": _structure,
}
