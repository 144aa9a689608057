"""The worker's side of the cage: parsers run in a child process that has little to lose.

Each request gets a fresh child, forked from a process that has loaded the parsers and never saw a file (``zygote.py``).
``confinement.py`` says what the child gives up, ``cage.py`` what it does. An answer that does not come in time, or is
not what it must be, ends the child: the file is refused, the run goes on.
"""

from __future__ import annotations

import contextlib
import dataclasses
import sys
import time
from types import TracebackType
from typing import Any, Final, Self

from redaction import wire, zygote
from redaction.entities import Block, Extraction, Output, Plan
from redaction.errors import SENTENCES, RedactionError, RefusedError
from redaction.limits import Limits, Switches
from redaction.zygote import Line, Zygote

WALL_SECONDS: Final = 50.0
# What all requests of one file may take together.
FILE_SECONDS: Final = 50.0
_MARGIN: Final = 2.0  # of the time that is left, what is kept back to tell the result
# The longest answers: JSON, bytes. Children of an archive and pictures of pages are the bulk of the bytes.
_SHORT: Final = (1024 * 1024, 0)
_TEXT: Final = (wire.MAXIMUM_JSON, 0)
_ANSWERS: Final = {
    "sniff": _SHORT,
    "extract": (wire.MAXIMUM_JSON, wire.MAXIMUM_BYTES),
    "rewrite": (1024 * 1024, 256 * 1024 * 1024),
    "read": _TEXT,
    "raw": _TEXT,
    "look": _TEXT,
}


class CageError(RedactionError):
    """The child died, took too long or answered nonsense."""


class Sandbox:
    """The cages of one run, one at a time. Use it as a context: leaving it ends what still runs.

    ``seconds`` is the longest that one request may take, ``file_seconds`` the longest that all requests of one file
    may, see ``account``.
    """

    start = zygote.START

    def __init__(
        self,
        limits: Limits,
        switches: Switches = Switches(),
        seconds: float = WALL_SECONDS,
        file_seconds: float = FILE_SECONDS,
    ) -> None:
        self._bound = {"limits": dataclasses.asdict(limits), "switches": dataclasses.asdict(switches)}
        self._bounds = limits
        self._seconds = seconds
        self._file_seconds = file_seconds
        self._account: str | None = None
        self._spent: dict[str, float] = {}
        self._zygote: Zygote | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._zygote is not None:
            zygote.given_back(self._zygote)
            self._zygote = None

    def account(self, ref: str | None) -> None:
        """Count the time of all following requests to this file, until another one is named; None: to no file.

        Once the requests of a file took ``file_seconds`` together, the running one is ended, and each further one
        fails without being tried: ``sniff`` and ``extract`` with RefusedError("limit"), the others with
        CageError("limit"). So whoever names each file before its requests gets an end to each: hostile files cannot
        take longer by being asked about more often. Coming back to a file goes on with what it has left; a file found
        inside another has its own ``ref``, and so its own time.
        """
        self._account = ref

    def left(self) -> float:
        """Seconds that the next request may take."""
        if self._account is None:
            return self._seconds
        return min(self._seconds, self._file_seconds - self._spent.get(self._account, 0.0))

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

    def look(self, media_type: str, data: bytes) -> list[Block]:
        """What OCR reads in the pictures of an output, and on the pages that need it.

        Raises:
            CageError: a picture cannot be read, or the time of this file is not enough.
        """
        request = {"operation": "look", "media_type": media_type, "budget": self.left() - _MARGIN, **self._bound}
        value, _ = self._ask(request, data, None)
        return self._blocks(value)

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
        except TimeoutError as error:
            raise _failure(refusal and "limit", "limit", "out of time") from error
        except (OSError, wire.WireError) as error:
            raise _failure(refusal, "internal", "the child did not answer") from error
        if "unconfined" in answer:
            # No file is at fault, and none may be parsed.
            raise CageError("internal", "no cage")
        if answer.get("refused") in SENTENCES:
            raise RefusedError(answer["refused"])
        if "value" not in answer:
            raise _failure(refusal, "internal", str(answer.get("failed", ""))[:60])
        return answer["value"], blob

    def _exchange(self, request: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        seconds = self.left()
        if seconds <= 0:
            raise TimeoutError("this file had its time")
        forker = self._ready()
        started = time.monotonic()
        try:
            with forker.child(seconds) as line:
                return _talk(line, request, data)
        finally:
            if self._account is not None:
                self._spent[self._account] = self._spent.get(self._account, 0.0) + time.monotonic() - started

    def _ready(self) -> Zygote:
        if self._zygote is not None and not self._zygote.is_alive:
            self._zygote.stop()
            self._zygote = None
        if self._zygote is None:
            self._zygote = zygote.taken(self.start)
        return self._zygote


def _talk(line: Line, request: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    with contextlib.suppress(BrokenPipeError):  # a child that has no walls says so and ends, without reading a word
        wire.send(line, request, data)
    answer = wire.receive(line, *_ANSWERS.get(request["operation"], _SHORT))
    if answer is None:
        raise wire.WireError("the child has ended")
    if line.read(1):
        raise wire.WireError("the child said more than its answer")
    return answer


def _failure(refusal: str | None, code: str, detail: str) -> RedactionError:
    return RefusedError(refusal, detail) if refusal else CageError(code, detail)


# Does the cage stand? ------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Probe:
    """What stands around a cage on this machine. ``trouble``: why nothing may be parsed here, in a sentence."""

    limits: bool = False
    no_new_privileges: bool = False
    seccomp: bool = False
    landlock: int = 0
    bubblewrap: bool = False
    escaped: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def stands(self) -> bool:
        """Whether foreign files may be parsed: every wall stands, and no attempt to get out succeeded.

        Where a person allowed it, on a system without such walls, this is False as well; see ``usable``.
        """
        return self.limits and self.no_new_privileges and self.seccomp and self.landlock > 0 and not self.escaped

    @property
    def usable(self) -> bool:
        """Whether a worker may start: the cage stands, or this is no Linux and a person takes the risk."""
        return not self.trouble and (self.stands or sys.platform != "linux")

    @property
    def sentence(self) -> str:
        """All of this for a person."""
        if self.trouble:
            return self.trouble
        if self.escaped:
            return f"A parser could still {', '.join(self.escaped)}."
        rules = f"Landlock {self.landlock}" if self.landlock else "no Landlock"
        names = (rules, "seccomp" if self.seccomp else "no seccomp", "limits", "bubblewrap" if self.bubblewrap else "")
        return ", ".join(name for name in names if name)


def probe(start: str = zygote.START) -> Probe:
    """Start a cage as for a file and let it try to get out. No file is involved.

    Its zygote is kept for the next run; a process that will have none calls ``zygote.stop_idle()``.
    """
    try:
        forker = zygote.taken(start)
        try:
            with forker.child(WALL_SECONDS) as line:
                answer, _ = _talk(line, {"operation": "walls"}, b"")
        finally:
            zygote.given_back(forker)
    except (OSError, wire.WireError):
        return Probe(trouble="The cage for parsers does not start.")
    if isinstance(reason := answer.get("unconfined"), str):
        return Probe(trouble=reason)
    try:
        seen = answer["value"]
        return Probe(
            limits=seen["limits"] is True,
            no_new_privileges=seen["no_new_privileges"] is True,
            seccomp=seen["seccomp"] is True,
            landlock=int(seen["landlock"]),
            bubblewrap=Zygote.walled_off is True,
            escaped=tuple(wire.strings(seen["escaped"])),
        )
    except (KeyError, TypeError, ValueError, wire.WireError):
        return Probe(trouble="The cage for parsers does not start.")
