"""Inside the cage: the process in which a file is parsed. Started by ``zygote.py``, never imported by a worker.

The first process here, the zygote, loads the parsers and never sees a file. For each request it forks a child, hands it
the two pipes to the worker, and forgets them. The child gives up all that ``confinement.py`` names, reads one request,
answers it and ends, so nothing of one file is left for the next.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import gc
import mmap
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from redaction import ocr, wire
from redaction.confinement import DATA, ConfinementError, Walls, confine
from redaction.errors import RefusedError
from redaction.formats.table import handler_for, sniff
from redaction.limits import Limits, Switches
from redaction.readers import binaries, pictures, raw, structure
from redaction.readers.table import readers_for, undeclared_for
from redaction.zygote import END, FORK, READY

_REQUESTS: Final = 3
_ANSWERS: Final = 4
_MOST_DESCRIPTORS: Final = 65_536


def serve() -> None:
    """Load what parsers need, then fork a child for each one that the worker asks for, until the worker is gone."""
    with socket.socket(fileno=os.dup(0)) as control:
        # Libraries that print do not reach anybody.
        silence = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(silence, descriptor)
        os.close(silence)
        _be_the_first_to_go()
        ocr.warm()
        gc.collect()
        gc.freeze()  # what is loaded now stays shared: no child touches it to count references
        control.sendall(READY)
        _tend(control)
    os._exit(0)  # nothing here is worth tidying up


def _tend(control: socket.socket) -> None:
    child = 0
    while True:
        command, descriptors, _, _ = socket.recv_fds(control, 1, 2)
        child = _ended(child)
        if command == FORK and len(descriptors) == 2:
            zygote = os.getpid()
            child = os.fork()
            if child == 0:
                _live(zygote, *descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
        elif command != END:
            return
        control.sendall(command)


def _ended(child: int) -> int:
    """End the child, whatever it does, and wait until it is gone."""
    if child:
        for end in (os.kill, os.killpg):  # the group: where no filter keeps it from forking
            with contextlib.suppress(ProcessLookupError, PermissionError):
                end(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return 0


def _be_the_first_to_go() -> None:
    """When memory runs out, the kernel shall end a cage and not a worker."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


# The child ---------------------------------------------------------------------------------------------------------


def _live(zygote: int, requests: int, answers: int) -> None:
    """One request, one answer, the end. Never returns into the loop of the zygote."""
    try:
        with contextlib.suppress(OSError, wire.WireError):  # the worker is gone, or asks nothing
            os.setsid()
            _keep(requests, answers)
            _serve_one(zygote)
    finally:
        os._exit(0)


def _keep(requests: int, answers: int) -> None:
    """Close every descriptor but these two; above all the line between worker and zygote."""
    high = [fcntl.fcntl(one, fcntl.F_DUPFD, 10) for one in (requests, answers)]
    for descriptor, place in zip(high, (_REQUESTS, _ANSWERS), strict=True):
        os.dup2(descriptor, place)
    os.closerange(_ANSWERS + 1, _MOST_DESCRIPTORS)


def _serve_one(zygote: int) -> None:
    with os.fdopen(_REQUESTS, "rb") as requests, os.fdopen(_ANSWERS, "wb") as answers:
        try:
            walls = confine()
        except ConfinementError as error:
            wire.send(answers, {"unconfined": str(error)})
            return
        if os.getppid() != zygote:
            return  # it died before this process could ask to die with it
        request = wire.receive(requests)
        if request is not None:
            _answer(answers, walls, *request)


def _answer(answers: wire.Stream, walls: Walls, message: dict[str, Any], data: bytes) -> None:
    try:
        if message["operation"] == "walls":
            value, blob = _walls(walls), b""
        else:
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


def _look(message: dict[str, Any], data: bytes) -> tuple[Any, bytes]:
    every_page = _bounds(message)[1].every_page
    return wire.from_blocks(pictures.look(message["media_type"], data, message["budget"], every_page)), b""


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
    "look": _look,
    "remains": _remains,
    "structure": _structure,
}


# The self-test -----------------------------------------------------------------------------------------------------


def _walls(walls: Walls) -> dict[str, Any]:
    """What stands, and which attempts to get out succeeded: none may."""
    return {
        "limits": walls.limits,
        "no_new_privileges": walls.no_new_privileges,
        "seccomp": walls.seccomp,
        "landlock": walls.landlock,
        "escaped": [name for name, attempt in ESCAPES.items() if _succeeds(attempt)],
    }


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, MemoryError, ValueError):
        return False
    return True


def _read_a_file() -> None:
    """One of them is there under bubblewrap, too."""
    if not any(_succeeds(Path(place).read_bytes) for place in ("/etc/passwd", "/proc/version", sys.executable)):
        raise PermissionError


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _connect() -> None:
    """Succeeds also where nobody listens: the attempt itself must fail."""
    with socket.socket() as outside:
        if outside.connect_ex(("127.0.0.1", 9)) in (errno.EPERM, errno.EACCES):
            raise PermissionError


ESCAPES: Final[dict[str, Callable[[], object]]] = {
    "read a file": _read_a_file,
    "list a folder": lambda: os.listdir("/"),  # noqa: PTH208 - the plainest way
    "see a process": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
    "write a file": lambda: os.close(os.open(f"/tmp/cage-{os.getpid()}", os.O_CREAT | os.O_WRONLY)),  # noqa: S108
    "open a connection": _connect,
    "fork": _fork,
    "signal": lambda: os.kill(os.getppid(), 0),
    "take all memory": lambda: mmap.mmap(-1, DATA + 1, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS),
    "raise a limit": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096)),
}
