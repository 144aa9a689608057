"""Reading what a PDF holds without trusting it: decoded streams under a budget, numbers, names, inherited keys."""

from __future__ import annotations

import math
import zlib
from decimal import Decimal
from typing import Any

import pikepdf

from redaction.errors import RefusedError
from redaction.formats import Limits

CHUNK = 1 << 20
CONTENT_BYTES = 24 << 20
_GROWING = frozenset({"/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"})


class TooComplexError(RefusedError):
    """A page whose drawing goes on for too long or too deep to be followed. It can still be looked at as a picture."""

    def __init__(self, detail: str) -> None:
        super().__init__("limit", detail)


class Budget:
    """How much one file may still unpack to, and how many drawing steps it may still take."""

    def __init__(self, limits: Limits, steps: int = 3_000_000) -> None:
        self.limits = limits
        self._bytes = limits.inflated_bytes
        self._steps = steps

    def stream(self, stream: Any) -> bytes:
        """Return the decoded bytes of a stream.

        Raises:
            RefusedError: ``limit`` when it unpacks to more than a member or the file may; ``parse-failed`` when
                it is no stream or cannot be unpacked.
        """
        if not isinstance(stream, pikepdf.Stream):
            raise RefusedError("parse-failed", "no stream")
        self._measure(stream)
        try:
            data = bytes(stream.read_bytes())
        except (pikepdf.PdfError, ValueError, NotImplementedError, RuntimeError):
            raise RefusedError("parse-failed", "stream") from None
        self._take(len(data))
        return data

    def content(self, stream: Any) -> None:
        """Measure a content stream before the parser unpacks it: its steps take far more memory than its bytes.

        Raises:
            RefusedError: as ``stream``; ``limit`` above CONTENT_BYTES.
        """
        if len(self.stream(stream)) > CONTENT_BYTES:
            raise RefusedError("limit", "content stream")

    def packed(self, stream: Any) -> None:
        """Measure a picture before others unpack it. What is no stream or is damaged is theirs to judge.

        Raises:
            RefusedError: ``limit`` when it unpacks to more than a member may.
        """
        filters: Any = stream.get("/Filter", [])
        names = [str(filters)] if isinstance(filters, pikepdf.Name) else [str(item) for item in filters]
        if names and names[0] in {"/FlateDecode", "/Fl"}:
            try:
                _inflate(bytes(stream.read_raw_bytes()), min(self._bytes, self.limits.member_bytes))
            except RefusedError as error:
                if error.code == "limit":
                    raise

    def step(self, count: int = 1) -> None:
        self._steps -= count
        if self._steps < 0:
            raise TooComplexError("drawing steps")

    def _take(self, size: int) -> None:
        self._bytes -= size
        if self._bytes < 0 or size > self.limits.member_bytes:
            raise RefusedError("limit", "unpacked size")

    def _measure(self, stream: pikepdf.Stream) -> None:
        """Unpack into nothing first: a small file must not fill the memory."""
        filters: Any = stream.get("/Filter", [])
        names = [str(filters)] if isinstance(filters, pikepdf.Name) else [str(item) for item in filters]
        growing = [name for name in names if name in _GROWING]
        if len(growing) > 1:
            raise RefusedError("limit", "packed twice")
        if not growing:
            return
        raw = bytes(stream.read_raw_bytes())
        if names[0] in {"/FlateDecode", "/Fl"}:
            _inflate(raw, min(self._bytes, self.limits.member_bytes))
        elif len(raw) * 1024 > self.limits.inflated_bytes:
            raise RefusedError("limit", "unpacked size")


def _inflate(raw: bytes, limit: int) -> None:
    unpacker = zlib.decompressobj()
    total = 0
    try:
        while raw and not unpacker.eof:
            total += len(unpacker.decompress(raw, CHUNK))
            raw = unpacker.unconsumed_tail
            if total > limit:
                raise RefusedError("limit", "unpacked size")
    except zlib.error:
        raise RefusedError("parse-failed", "stream") from None


def number(value: Any) -> float:
    """Return a PDF number. Raises ValueError for anything else, and for what no page can hold."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise ValueError("not a number")
    result = float(value)
    if not math.isfinite(result) or abs(result) > 1e9:
        raise ValueError("not a number of a page")
    return result


def numbers(values: Any, count: int | None = None) -> list[float]:
    """Return an array of numbers, of this length if one is given. Raises ValueError."""
    if not isinstance(values, (pikepdf.Array, list, tuple)):
        raise ValueError("not an array")
    result = [number(value) for value in values]
    if count is not None and len(result) != count:
        raise ValueError("wrong length")
    return result


def text_of(value: float) -> str:
    """Return a number as a content stream writes it."""
    text = f"{value:.5f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def name_of(value: Any) -> str:
    """Return a name such as ``/Type1``, or an empty string for anything else."""
    return str(value) if isinstance(value, pikepdf.Name) else ""


def dictionary(value: Any) -> Any:
    """Return ``value`` if it is a dictionary or a stream, else an empty dictionary."""
    return value if isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)) else pikepdf.Dictionary()


def inherited(page: Any, key: str) -> Any:
    """Return a page's own or inherited value, or None."""
    node = page
    for _ in range(64):
        if not isinstance(node, pikepdf.Dictionary):
            return None
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return None


def identity(value: Any) -> tuple[int, int] | bytes:
    """Return what tells two objects apart: the object number, or the text of a direct object."""
    return value.objgen if value.is_indirect else bytes(value.unparse())
