"""A parser that was taken over tries to get out, to stay, or to hurt the worker: no attempt succeeds.

Each attempt is code that runs inside the cage in place of a parser. It must end as its row says, the worker must have
its answer within the deadline and two seconds, and the next file must be read as if nothing had happened. The same code
without walls succeeds wherever that is harmless: so it is the cage that stops it, not a mistake in the attempt.
"""

from __future__ import annotations

import os
import platform
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from redaction import zygote
from redaction.errors import RedactionError
from redaction.formats import Limits
from redaction.sandbox import Sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no cage")

SECONDS = 1.0
GRACE = 2.0

# Loaded by the zygote of these tests: the operation "extract" then runs whatever code it is sent.
EVIL = """
import sys; sys.path.insert(0, sys.argv[1])
import ctypes, fcntl, json, mmap, os, resource, signal, socket, struct, subprocess, threading, time
from redaction import cage, confinement
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    if libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)) < 0:
        raise OSError(ctypes.get_errno(), "refused")
def say(raw):
    while raw:
        raw = raw[os.write(4, raw):]
def frame(text, length=None, data=b""):
    return struct.pack(">IQ", len(text) if length is None else length, len(data)) + text + data
"x".encode("idna")  # loaded when needed, which an ordinary user could not do in a folder of root
X86 = os.uname().machine == "x86_64"
def evil(message, data):
    scope = {**globals(), "given": message["given"]}
    exec(data, scope)
    return scope.get("found", True), b""
cage.OPERATIONS["extract"] = evil
cage.ocr.warm = lambda: None  # no picture is read here
"""
SERVE = "cage.serve()\n"
NO_WALLS = "cage.confine = lambda: confinement.Walls()\n"
ORDINARY = "os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)\n"

REFUSED = {"PermissionError", "OSError", "FileNotFoundError", "gaierror", "BlockingIOError", "ProcessLookupError"}
DEAD = {"the child did not answer"}
LATE = {"out of time"}


@dataclass(frozen=True)
class Attempt:
    """Code that is evil, how it must end, and whether it may be run without walls to see that it works."""

    code: str
    ends: set[str]
    harmless: bool = True


ATTEMPTS = {
    # Files
    "read a file of the user": Attempt("found = open(given['secret']).read()", REFUSED),
    "read /etc/passwd": Attempt("found = open('/etc/passwd').read()[:10]", REFUSED),
    "list the root": Attempt("os.listdir('/')", REFUSED),
    "list the files of another job": Attempt("os.listdir(given['folder'])", REFUSED),
    "write a file": Attempt("open(given['folder'] + '/new', 'w').write('x')", REFUSED),
    "write a compiled module": Attempt("open(cage.__file__ + 'c', 'w').write('x')", REFUSED, harmless=False),
    "append to a file": Attempt("os.write(os.open(given['victim'], os.O_WRONLY | os.O_APPEND), b'x')", REFUSED),
    "cut a file": Attempt("os.truncate(given['victim'], 1)", REFUSED),
    "delete a file": Attempt("os.unlink(given['victim'])", REFUSED),
    "move a file": Attempt("os.rename(given['victim'], given['victim'] + '2')", REFUSED),
    "open a file to everybody": Attempt("os.chmod(given['victim'], 0o777)", REFUSED),
    "date a file back": Attempt("os.utime(given['victim'], (1, 1))", REFUSED),
    "make a big sparse file": Attempt("os.ftruncate(os.open(given['folder'] + '/big', 66), 10 << 30)", REFUSED, False),
    "fill the shared memory": Attempt("os.open('/dev/shm/vouchsafe-evil', os.O_CREAT | os.O_RDWR)", REFUSED, False),
    "fill a memory file": Attempt("os.ftruncate(os.memfd_create('x'), 1 << 30)", REFUSED),
    "put a link where an output will be": Attempt("os.symlink(given['secret'], given['folder'] + '/link')", REFUSED),
    "put a second name on a file": Attempt("os.link(given['secret'], given['folder'] + '/name')", REFUSED),
    "swap links as fast as it can": Attempt(
        "for i in range(1000):\n"
        "    os.symlink(given['secret'], given['folder'] + '/race%d' % i)\n"
        "    os.rename(given['folder'] + '/race%d' % i, given['folder'] + '/out')\n",
        REFUSED,
    ),
    # The network
    "connect to a service": Attempt("socket.create_connection(('127.0.0.1', given['tcp']), 1).send(b'x')", REFUSED),
    "listen": Attempt("s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()", REFUSED),
    "ask the cloud for keys": Attempt("socket.create_connection(('169.254.169.254', 80), 1)", REFUSED, False),
    "send a datagram": Attempt(
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', given['udp']))", REFUSED
    ),
    "ask for a name": Attempt("socket.getaddrinfo('evil.example.org', 53)", REFUSED, harmless=False),
    "speak to a socket of the machine": Attempt("socket.socket(socket.AF_UNIX).connect(given['unix'])", REFUSED),
    "speak to an abstract socket": Attempt("socket.socket(socket.AF_UNIX).connect('\\0' + given['abstract'])", REFUSED),
    "listen to the wire": Attempt("socket.socket(socket.AF_PACKET, socket.SOCK_RAW)", REFUSED, harmless=False),
    # Other processes
    "read the environment of the worker": Attempt(
        "found = open('/proc/%d/environ' % given['worker'], 'rb').read()[:1].decode()", REFUSED
    ),
    "read the memory of the worker": Attempt("call(310 if X86 else 270, given['worker'], 0, 0, 0, 0, 0)", DEAD),
    "trace the worker": Attempt("call(101 if X86 else 117, 16, given['worker'], 0, 0)", DEAD, harmless=False),
    "trace its parent": Attempt("call(101 if X86 else 117, 16, os.getppid(), 0, 0)", DEAD, harmless=False),
    "signal the worker": Attempt("os.kill(given['worker'], 0)", REFUSED),
    "end its parent": Attempt("os.kill(os.getppid(), signal.SIGKILL)", REFUSED, harmless=False),
    "signal by a descriptor": Attempt("fcntl.fcntl(3, fcntl.F_SETOWN, os.getpid())", REFUSED),
    "speak for its parent": Attempt(
        "for descriptor in range(5, 1024):\n"
        "    try: os.write(descriptor, b'E')\n"
        "    except OSError: continue\n"
        "    break\n"
        "else: raise OSError('no line')",
        REFUSED,
        harmless=False,
    ),
    # More of itself
    "fork": Attempt("os.fork() or os._exit(0)", REFUSED),
    "fork for ever": Attempt("while True: os.fork()", REFUSED, harmless=False),
    "start threads": Attempt(
        "for _ in range(50): threading.Thread(target=time.sleep, args=(0.2,)).start()", {"RuntimeError"}
    ),
    "run a program": Attempt("subprocess.run(['/bin/true'], check=True)", REFUSED),
    "become a program": Attempt("os.execv('/bin/true', ['true'])", DEAD, harmless=False),
    # More memory, time, descriptors
    "take all memory": Attempt(
        "kept = []\nwhile True: kept.append(b'x' * (64 << 20))", {"MemoryError"} | LATE, harmless=False
    ),
    "take 4 GiB at once": Attempt("mmap.mmap(-1, 4 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)", REFUSED),
    "take memory that is shared": Attempt("mmap.mmap(-1, 1 << 20)", REFUSED),
    "open many files": Attempt("kept = [os.open('/dev/null', 0) for _ in range(500)]", REFUSED),
    "raise its limits": Attempt("resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))", {"ValueError", "PermissionError"}),
    "loop for ever": Attempt(
        "for number in range(1, 32):\n"
        "    if number not in (9, 19): signal.signal(number, signal.SIG_IGN)\n"
        "while True: pass",
        LATE,
        harmless=False,
    ),
    "never answer": Attempt("time.sleep(600)", LATE, harmless=False),
    # The kernel
    "use io_uring": Attempt("call(425, 1, ctypes.addressof(ctypes.create_string_buffer(200)))", DEAD, harmless=False),
    "make a user namespace": Attempt("call(272 if X86 else 97, 0x10000000)", DEAD),
    "mount": Attempt("libc.mount(b'none', b'/mnt', b'tmpfs', 0, None)", DEAD, harmless=False),
    "read keys": Attempt("call(250 if X86 else 219, 0, -3, 0)", DEAD, harmless=False),
    "load a program into the kernel": Attempt("call(321 if X86 else 280, 0, 0, 0)", DEAD, harmless=False),
    "catch page faults": Attempt("call(323 if X86 else 282, 0)", DEAD, harmless=False),
    "loosen the filter": Attempt("call(157 if X86 else 167, 22, 2, 0, 0, 0)", REFUSED, harmless=False),
    "take the other table of calls": Attempt(
        "call(0x40000000 | 39)", DEAD if platform.machine() == "x86_64" else REFUSED, harmless=False
    ),
    "become another user": Attempt("os.setuid(0)", REFUSED, harmless=False),
    "type into the terminal": Attempt("fcntl.ioctl(0, 0x5412, b'x')", REFUSED, harmless=False),
    # The answer
    "crash": Attempt("ctypes.string_at(0)", DEAD, harmless=False),
    "leave without an answer": Attempt("os._exit(0)", DEAD, harmless=False),
    "flood": Attempt("while True: say(b'x' * 65536)", DEAD, harmless=False),
    "answer for ever": Attempt(
        "say(frame(b'{}', 2)[:4] + b'\\0' * 7 + b'\\xff' + b'{}')\nwhile True: say(b'x' * 65536)",
        DEAD | LATE,
        harmless=False,
    ),
    "promise more than can be": Attempt("say(frame(b'{}', 0xFFFFFFFF)); time.sleep(600)", DEAD, harmless=False),
    "promise more than it gives": Attempt("say(frame(b'{}', 5)); os._exit(0)", DEAD, harmless=False),
    "promise more and wait": Attempt("say(frame(b'{}', 5)); time.sleep(600)", LATE, harmless=False),
    "answer nonsense": Attempt("say(frame(b'{\\xff}')); os._exit(0)", DEAD, harmless=False),
    "answer a list": Attempt("say(frame(b'[]')); os._exit(0)", DEAD, harmless=False),
    "answer as deep as it can": Attempt(
        "say(frame(b'{\"value\":' + b'[' * 1000000 + b']' * 1000000 + b'}')); os._exit(0)", DEAD, harmless=False
    ),
    "answer thirty million lists": Attempt(
        "text = b'{\"value\":[' + b'[],' * 30000000 + b'0]}'\nsay(frame(text)); os._exit(0)",
        DEAD | LATE,
        harmless=False,
    ),
    "answer twice": Attempt("say(frame(b'{\"value\":1}') * 2); os._exit(0)", DEAD, harmless=False),
    "answer and stay": Attempt("say(frame(b'{\"value\":1}')); time.sleep(600)", LATE, harmless=False),
}
if platform.machine() == "x86_64":
    # getpid through the gate for programs of 32 bits, whose numbers mean other calls.
    ATTEMPTS["take the calls of 32 bits"] = Attempt(
        "page = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)\n"
        "page.write(bytes.fromhex('b814000000cd80c3'))\n"
        "ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()",
        DEAD,
        harmless=False,
    )
HARMLESS = {name: attempt for name, attempt in ATTEMPTS.items() if attempt.harmless}


class Evil(Sandbox):
    """A sandbox whose parsers are evil."""

    start = EVIL + SERVE

    def attempt(self, code: str, given: dict[str, Any]) -> Any:
        """Run code in the cage; what it found."""
        return self._ask({"operation": "extract", "given": given}, code.encode(), None)[0]


class Ordinary(Evil):
    """The same for an ordinary user."""

    start = EVIL + ORDINARY + SERVE


class Open(Evil):
    """The same without walls: here attempts succeed."""

    start = EVIL + NO_WALLS + SERVE


@pytest.fixture
def given(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What attempts are made on: files, listening sockets, and this process as the worker."""
    (tmp_path / "secret").write_text("canary")
    (tmp_path / "victim").write_text("victim")
    abstract = f"vouchsafe-{os.getpid()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(type=socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as unix,
        socket.socket(socket.AF_UNIX) as hidden,
    ):
        udp.bind(("127.0.0.1", 0))
        unix.bind(f"{tmp_path}/socket")
        unix.listen()
        hidden.bind(f"\0{abstract}")
        hidden.listen()
        yield {
            "secret": str(tmp_path / "secret"),
            "victim": str(tmp_path / "victim"),
            "folder": str(tmp_path),
            "tcp": tcp.getsockname()[1],
            "udp": udp.getsockname()[1],
            "unix": f"{tmp_path}/socket",
            "abstract": abstract,
            "worker": os.getpid(),
        }


TIERS = {"bare": (Evil, False), "bubblewrap": (Evil, True), "ordinary user": (Ordinary, False)}


@pytest.fixture(scope="module", params=list(TIERS.values()), ids=list(TIERS))
def tier(request: pytest.FixtureRequest) -> Iterator[type[Evil]]:
    """The cage without bubblewrap, with it, and for an ordinary user; each with a zygote of its own."""
    kind, walled_off = request.param
    if kind is Ordinary and os.geteuid() != 0:
        pytest.skip("only root can become another user; the other tiers are an ordinary user's already")
    zygote.stop_idle()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(zygote.Zygote, "walled_off", None if walled_off else False)
        with kind(Limits()) as cage:
            cage.sniff("a.txt", b"text")  # start the zygote outside all deadlines
        if zygote.Zygote.walled_off is not walled_off:
            pytest.skip("bubblewrap does not work here")
        yield kind
        zygote.stop_idle()


def _listed(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_no_attempt_succeeds(tier: type[Evil], attempt: Attempt, given: dict[str, Any]) -> None:
    descriptors, before = _listed("/proc/self/fd"), _listed(given["folder"])
    with tier(Limits(), seconds=SECONDS) as cage:
        started = time.monotonic()
        with pytest.raises(RedactionError) as caught:
            cage.attempt(attempt.code, given)
        assert str(caught.value).partition(": ")[2] in attempt.ends
        assert cage.sniff("a.txt", b"text") == "text/plain"
        assert time.monotonic() - started < SECONDS + GRACE
    assert len(_listed("/proc/self/fd")) <= len(descriptors)
    assert _listed(given["folder"]) == before
    assert Path(given["victim"]).read_text() == "victim"


@pytest.mark.parametrize("attempt", HARMLESS.values(), ids=HARMLESS.keys())
def test_without_walls_it_would_succeed(attempt: Attempt, given: dict[str, Any]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(zygote.Zygote, "walled_off", False)
        with Open(Limits()) as cage:
            assert cage.attempt(attempt.code, given)


@pytest.mark.parametrize(
    ("off", "still"),
    [
        (
            "confinement.seccomp.install = lambda: None",
            ("read a file of the user", "write a file", "connect to a service"),
        ),
        (
            "confinement.landlock.restrict = lambda readable: 1",
            ("write a file", "delete a file", "connect to a service", "send a datagram", "fork", "run a program"),
        ),
    ],
    ids=["Landlock alone", "the filter alone"],
)
def test_each_wall_stands_by_itself(off: str, still: tuple[str, ...], given: dict[str, Any]) -> None:
    class Half(Evil):
        start = f"{EVIL}{off}\n{SERVE}"

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(zygote.Zygote, "walled_off", False)
        with Half(Limits()) as cage:
            for name in still:
                with pytest.raises(RedactionError) as caught:
                    cage.attempt(ATTEMPTS[name].code, given)
                assert str(caught.value).partition(": ")[2] in REFUSED, name
        zygote.stop_idle()


def test_what_one_file_leaves_behind_the_next_does_not_see(tier: type[Evil], given: dict[str, Any]) -> None:
    with tier(Limits()) as cage:
        assert cage.attempt("cage.left = 1; os.environ['LEFT'] = '1'; found = hasattr(cage, 'left')", given)
        assert cage.attempt("found = [hasattr(cage, 'left'), 'LEFT' in os.environ]", given) == [False, False]


def test_nothing_of_it_runs_on_when_the_answer_is_late(tier: type[Evil], given: dict[str, Any]) -> None:
    with tier(Limits(), seconds=0.3) as cage:
        with pytest.raises(RedactionError):
            cage.attempt("while True: pass", given)
        assert cage._zygote is not None
        children = Path(f"/proc/{cage._zygote.pid}/task/{cage._zygote.pid}/children").read_text().split()
        # bubblewrap itself has one child, the zygote; the zygote has none.
        assert len(children) == (1 if zygote.Zygote.walled_off else 0)


def test_production_runs_no_code_that_it_is_sent(given: dict[str, Any]) -> None:
    with Sandbox(Limits()) as cage, pytest.raises(RedactionError) as caught:
        cage._ask({"operation": "extract", "given": given}, b"found = 1", None)
    assert "KeyError" in str(caught.value)
