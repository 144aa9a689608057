"""What travels between the worker and the cage: frames of JSON and bytes, never pickled objects.

A frame is 4 bytes length of the JSON, 8 bytes length of the bytes (both big-endian), the JSON, the bytes. Answers come
from a process that has read a hostile file, so each is checked as if it were hostile too: types, lengths, ranges.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from redaction.entities import Block, Child, Extraction, Kind, Output, Plan, Replacement, Segment, Tier
from redaction.errors import SENTENCES
from redaction.limits import Limits
from redaction.media import EXTENSIONS

_HEAD: Final = struct.Struct(">IQ")
MAXIMUM_JSON: Final = 256 * 1024 * 1024
MAXIMUM_BYTES: Final = 600 * 1024 * 1024
# Values in one frame: two million cells of a table, with all that is said about each. JSON of brackets and commas alone
# would take twenty times its length in memory.
MAXIMUM_VALUES: Final = 24_000_000
_ANCHOR_CHARACTERS: Final = 200


class WireError(Exception):
    """A frame is cut short, too long, or does not say what it must."""


class Stream(Protocol):
    """What frames are written to and read from: a file, or the worker's ends of a pipe."""

    def write(self, data: bytes, /) -> object: ...

    def flush(self) -> None: ...

    def read(self, length: int, /) -> bytes: ...


def send(stream: Stream, message: Mapping[str, Any], data: bytes = b"") -> None:
    """Write one frame and flush."""
    text = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    stream.write(_HEAD.pack(len(text), len(data)))
    stream.write(text)
    stream.write(data)
    stream.flush()


def receive(
    stream: Stream, json_bytes: int = MAXIMUM_JSON, data_bytes: int = MAXIMUM_BYTES
) -> tuple[dict[str, Any], bytes] | None:
    """Read one frame of at most these lengths; None at the end of the stream.

    Raises:
        WireError: the frame is cut short, too long or no JSON object.
    """
    head = _exactly(stream, _HEAD.size, at_start=True)
    if not head:
        return None
    json_length, data_length = _HEAD.unpack(head)
    if json_length > json_bytes or data_length > data_bytes:
        raise WireError("too long")
    text, data = _exactly(stream, json_length), _exactly(stream, data_length)
    if len(text) - len(text.translate(None, b"[{,")) > MAXIMUM_VALUES:
        raise WireError("too many values")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WireError("no JSON") from error
    if not isinstance(message, dict):
        raise WireError("no object")
    return message, data


def _exactly(stream: Stream, length: int, *, at_start: bool = False) -> bytes:
    data = stream.read(length)
    if len(data) != length and not (at_start and not data):
        raise WireError("cut short")
    return data


# Extraction ---------------------------------------------------------------------------------------------------------


def from_extraction(extraction: Extraction) -> tuple[dict[str, Any], bytes]:
    """An extraction as a frame; the bytes of its children follow each other, the memo is last."""
    segments = [[one.anchor, one.text, one.carrier, one.kind.value, dict(one.hints)] for one in extraction.segments]
    children = [[one.ordinal, one.untrusted_name, len(one.data), one.embedded] for one in extraction.children]
    message = {
        "segments": segments,
        "children": children,
        "metadata": list(extraction.metadata),
        "opaque": list(extraction.opaque),
        "counts": dict(extraction.counts),
        "areas": dict(extraction.areas),
        "notices": list(extraction.notices),
    }
    return message, b"".join([*(one.data for one in extraction.children), extraction.memo])


def to_extraction(message: Mapping[str, Any], data: bytes, limits: Limits) -> Extraction:
    """The extraction that a cage answered with.

    Raises:
        WireError: it is malformed, or holds more characters than the limits allow.
    """
    segments = [
        Segment(_anchor(anchor), _text(text), _anchor(carrier), _kind(kind), _texts_by_name(hints))
        for anchor, text, carrier, kind, hints in _rows(message, "segments", 5)
    ]
    if sum(len(segment.text) for segment in segments) > limits.characters:
        raise WireError("too many characters")
    if len({segment.anchor for segment in segments}) != len(segments):
        raise WireError("an anchor stands twice")
    children = []
    at = 0
    for ordinal, name, length, embedded in _rows(message, "children", 4):
        size = _count(length)
        children.append(Child(_count(ordinal), _text(name), data[at : at + size], embedded is True))
        at += size
    if at > len(data) or len({child.ordinal for child in children}) != len(children):
        raise WireError("children do not add up")
    return Extraction(
        segments=segments,
        children=children,
        metadata=[_text(value) for value in _list(message, "metadata")],
        opaque=[_anchor(value) for value in _list(message, "opaque")],
        counts=_counts(message.get("counts")),
        areas=_counts(message.get("areas")),
        notices=[_reason(value) for value in _list(message, "notices")],
        memo=data[at:],
    )


# Plan and output ----------------------------------------------------------------------------------------------------


def from_plan(plan: Plan, source: bytes) -> tuple[dict[str, Any], bytes]:
    """A plan and the file it is for, as a frame: the file, its embedded children, the memo."""
    message = {
        "replacements": {
            anchor: [[one.start, one.end, one.text] for one in ones] for anchor, ones in plan.replacements.items()
        },
        "name_out": plan.name_out,
        "child_names": list(plan.child_names),
        "children": [[ordinal, len(data)] for ordinal, data in plan.children.items()],
        "boxed": list(plan.boxed),
        "tier": plan.tier.value,
        "pages": list(plan.pages),
        "source": len(source),
    }
    return message, b"".join([source, *plan.children.values(), plan.memo])


def to_plan(message: Mapping[str, Any], data: bytes) -> tuple[Plan, bytes]:
    """The plan and the file that a worker asked with; workers are trusted, so only its shape is rebuilt."""
    replacements = {
        anchor: tuple(Replacement(start, end, text) for start, end, text in ones)
        for anchor, ones in message["replacements"].items()
    }
    at = message["source"]
    children: dict[int, bytes] = {}
    for ordinal, length in message["children"]:
        children[ordinal] = data[at : at + length]
        at += length
    plan = Plan(
        replacements=replacements,
        name_out=message["name_out"],
        child_names=tuple(message["child_names"]),
        children=children,
        boxed=tuple(message["boxed"]),
        tier=Tier(message["tier"]),
        pages=tuple(message["pages"]),
        memo=data[at:],
    )
    return plan, data[: message["source"]]


def from_output(output: Output) -> tuple[dict[str, Any], bytes]:
    """An output as a frame."""
    carriers = {name: dict(counts) for name, counts in output.carriers.items()}
    return {"media_type": output.media_type, "carriers": carriers, "tier": output.tier.value}, output.data


def to_output(message: Mapping[str, Any], data: bytes) -> Output:
    """The output that a cage answered with.

    Raises:
        WireError: it is malformed.
    """
    carriers = message.get("carriers")
    if message.get("media_type") not in EXTENSIONS or not isinstance(carriers, dict) or not data:
        raise WireError("no output")
    try:
        tier = Tier(_text(message.get("tier")))
    except ValueError as error:
        raise WireError("no tier") from error
    counts = {_anchor(name): _counts(count) for name, count in carriers.items()}
    return Output(data, message["media_type"], counts, tier)


# Blocks -------------------------------------------------------------------------------------------------------------


def from_blocks(blocks: Sequence[Block]) -> list[list[str]]:
    """What a reader saw, as JSON."""
    return [[one.anchor, one.text, one.kind.value] for one in blocks]


def to_blocks(value: object) -> list[Block]:
    """What a reader saw, from JSON.

    Raises:
        WireError: it is malformed.
    """
    return [Block(_anchor(a), _text(t), _kind(k)) for a, t, k in _rows({"blocks": value}, "blocks", 3)]


def strings(value: object) -> list[str]:
    """A list of short texts.

    Raises:
        WireError: it is none.
    """
    return [_anchor(one) for one in _list({"strings": value}, "strings")]


# Checks -------------------------------------------------------------------------------------------------------------


def _list(message: Mapping[str, Any], key: str) -> list[Any]:
    value = message.get(key)
    if not isinstance(value, list):
        raise WireError(f"{key} is no list")
    return value


def _rows(message: Mapping[str, Any], key: str, width: int) -> list[list[Any]]:
    rows = _list(message, key)
    if not all(isinstance(row, list) and len(row) == width for row in rows):
        raise WireError(f"{key} has a row of another shape")
    return rows


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise WireError("no text")
    # A lone surrogate is no character; UTF-8 cannot write it.
    return value.encode("utf-8", "replace").decode("utf-8")


def _anchor(value: object) -> str:
    text = _text(value)
    if len(text) > _ANCHOR_CHARACTERS:
        raise WireError("an anchor is too long")
    return text


def _kind(value: object) -> Kind:
    try:
        return Kind(_text(value))
    except ValueError as error:
        raise WireError("no kind") from error


def _reason(value: object) -> str:
    text = _text(value)
    if text not in SENTENCES:
        raise WireError("no reason")
    return text


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise WireError("no count")
    return value


def _counts(value: object) -> dict[str, int]:
    if not isinstance(value, dict):
        raise WireError("no counts")
    return {_anchor(name): _count(count) for name, count in value.items()}


def _texts_by_name(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise WireError("no hints")
    return {_anchor(name): _text(text) for name, text in value.items()}
