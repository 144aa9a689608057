"""The order in which a reader sees the characters of a paragraph that holds explicit controls of direction.

This is the Unicode Bidirectional Algorithm (UAX #9) for a paragraph that runs from left to right: explicit embeddings,
overrides and isolates (X1 – X10), weak and neutral types (W1 – W7, N1 – N2), levels (I1 – I2), line order (L1 – L4).
Paired brackets (N0) count as neutrals. Text without explicit controls is never asked for: what is written from right
to left by itself is searched in the order in which it is stored, which is the order in which it is read.

Every step is linear in the length of the paragraph, however deep the controls are nested.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

# The controls that move text: LRE, RLE, PDF, LRO, RLO, LRI, RLI, FSI, PDI.
CONTROLS: Final = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
PARAGRAPH_ENDS: Final = re.compile("[\n\r\x1c\x1d\x1e\x85\u2029]")

_DEEPEST: Final = 125
_EMBEDDINGS: Final = {"LRE": (0, ""), "RLE": (1, ""), "LRO": (0, "L"), "RLO": (1, "R")}
_ISOLATES: Final = frozenset({"LRI", "RLI", "FSI"})
_REMOVED: Final = frozenset({*_EMBEDDINGS, "PDF", "BN"})
_NEUTRAL: Final = frozenset({"B", "S", "WS", "ON", "PDI", *_ISOLATES})
_MIRRORED: Final = str.maketrans("()[]{}<>«»‹›≤≥", ")(][}{><»«›‹≥≤")
_BASE: Final = 0


def shown(paragraph: str) -> Iterator[tuple[int, str]]:
    """Offset and character of everything but controls, in the order in which it is seen from left to right."""
    kinds = [unicodedata.bidirectional(character) or "L" for character in paragraph]
    initiators = _initiators(kinds)
    levels, types = _explicit(kinds, initiators)
    for sequence in _sequences(kinds, levels, initiators):
        _resolve(sequence, kinds, levels, types)
    _reset(kinds, levels)
    places = [at for at, kind in enumerate(kinds) if kind not in _REMOVED]
    for at in _ordered(places, levels, kinds):
        if kinds[at] not in _ISOLATES and kinds[at] != "PDI":
            yield at, paragraph[at].translate(_MIRRORED) if levels[at] % 2 else paragraph[at]


def _explicit(kinds: Sequence[str], initiators: Mapping[int, int]) -> tuple[list[int], list[str]]:
    """X1 – X8: the level of every character, and its type where an override gives it another."""
    levels, types = [_BASE] * len(kinds), list(kinds)
    stack: list[tuple[int, str, bool]] = [(_BASE, "", False)]
    lost_isolates = lost_embeddings = isolates = 0
    strong = _first_strong(kinds, initiators)
    for at, kind in enumerate(kinds):
        level, override, _ = stack[-1]
        levels[at] = level
        if kind in _EMBEDDINGS:
            odd, direction = _EMBEDDINGS[kind]
            deeper = _above(level, odd)
            if deeper <= _DEEPEST and not lost_isolates and not lost_embeddings:
                stack.append((deeper, direction, False))
            elif not lost_isolates:
                lost_embeddings += 1
        elif kind in _ISOLATES:
            types[at] = override or kind
            deeper = _above(level, int(kind == "RLI" or (kind == "FSI" and strong[at] in ("R", "AL"))))
            if deeper <= _DEEPEST and not lost_isolates and not lost_embeddings:
                isolates += 1
                stack.append((deeper, "", True))
            else:
                lost_isolates += 1
        elif kind == "PDI":
            if lost_isolates:
                lost_isolates -= 1
            elif isolates:
                lost_embeddings = 0
                while not stack.pop()[2]:
                    pass
                isolates -= 1
            levels[at], override, _ = stack[-1]
            types[at] = override or kind
        elif kind == "PDF":
            if lost_isolates:
                continue
            if lost_embeddings:
                lost_embeddings -= 1
            elif len(stack) > 1 and not stack[-1][2]:
                stack.pop()
        elif kind != "BN" and override:
            types[at] = override
    return levels, types


def _above(level: int, odd: int) -> int:
    return level + 1 if (level + 1) % 2 == odd else level + 2


def _first_strong(kinds: Sequence[str], initiators: Mapping[int, int]) -> dict[int, str]:
    """For each initiator the type of the first letter in its isolate, inner isolates aside: what an FSI goes by."""
    out: dict[int, str] = {}
    outer: list[str] = []
    first = ""
    for at in range(len(kinds) - 1, -1, -1):
        if at in initiators:
            outer.append(first)
            first = ""
        elif kinds[at] in _ISOLATES:
            out[at] = first
            first = outer.pop() if outer else ""
        elif kinds[at] in ("L", "R", "AL"):
            first = kinds[at]
    return out


def _initiators(kinds: Sequence[str]) -> dict[int, int]:
    """BD9: for each PDI that ends an isolate, where that isolate begins."""
    opened: list[int] = []
    found: dict[int, int] = {}
    for at, kind in enumerate(kinds):
        if kind in _ISOLATES:
            opened.append(at)
        elif kind == "PDI" and opened:
            found[at] = opened.pop()
    return found


@dataclass
class _Sequence:
    """Characters of one level that belong together, whatever is isolated between them (BD13)."""

    level: int
    places: list[int]
    before: int  # the levels of what stands around it
    after: int


def _sequences(kinds: Sequence[str], levels: Sequence[int], initiators: Mapping[int, int]) -> list[_Sequence]:
    """X10: level runs, joined over isolates."""
    matched = set(initiators.values())
    places = [at for at, kind in enumerate(kinds) if kind not in _REMOVED]
    sequences: list[_Sequence] = []
    waiting: dict[int, _Sequence] = {}
    first = 0
    while first < len(places):
        level, last = levels[places[first]], first
        while last + 1 < len(places) and levels[places[last + 1]] == level and kinds[places[last]] not in _ISOLATES:
            last += 1
        run = places[first : last + 1]
        after = levels[places[last + 1]] if last + 1 < len(places) else _BASE
        sequence = waiting.pop(initiators.get(run[0], -1), None)
        if sequence is None or sequence.level != level:
            sequence = _Sequence(level, [], levels[places[first - 1]] if first else _BASE, _BASE)
            sequences.append(sequence)
        sequence.places += run
        sequence.after = _BASE if kinds[run[-1]] in _ISOLATES and run[-1] not in matched else after
        if run[-1] in matched:
            waiting[run[-1]] = sequence
        first = last + 1
    return sequences


def _resolve(sequence: _Sequence, kinds: Sequence[str], levels: list[int], types: Sequence[str]) -> None:
    """W1 – W7, N1 – N2 and I1 – I2 for one sequence; its levels are changed in place."""
    level = sequence.level
    begin, end = ("R" if max(level, other) % 2 else "L" for other in (sequence.before, sequence.after))
    found = _weak([types[at] for at in sequence.places], [kinds[at] for at in sequence.places], begin)
    _neutral(found, begin, end, "R" if level % 2 else "L")
    for at, kind in zip(sequence.places, found, strict=True):
        if level % 2:
            levels[at] = level + (kind != "R")
        else:
            levels[at] = level + {"L": 0, "R": 1}.get(kind, 2)


def _weak(types: list[str], kinds: Sequence[str], begin: str) -> list[str]:
    before, strong = begin, begin
    for at, kind in enumerate(types):  # W1 – W3
        now = kind
        if kind == "NSM":
            now = "ON" if at and (kinds[at - 1] in _ISOLATES or kinds[at - 1] == "PDI") else before
        before = now
        if now in ("L", "R", "AL"):
            strong = now
        types[at] = "AN" if now == "EN" and strong == "AL" else now
    types = ["R" if kind == "AL" else kind for kind in types]
    for at in range(1, len(types) - 1):  # W4
        left, right = types[at - 1], types[at + 1]
        if left == right and ((types[at] == "ES" and left == "EN") or (types[at] == "CS" and left in ("EN", "AN"))):
            types[at] = left
    at = 0
    while at < len(types):  # W5, W6
        if types[at] == "ET":
            stop = at
            while stop < len(types) and types[stop] == "ET":
                stop += 1
            number = (at > 0 and types[at - 1] == "EN") or (stop < len(types) and types[stop] == "EN")
            types[at:stop] = ["EN" if number else "ON"] * (stop - at)
            at = stop
        else:
            types[at] = "ON" if types[at] in ("ES", "CS") else types[at]
            at += 1
    strong = begin
    for at, kind in enumerate(types):  # W7
        if kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            types[at] = "L"
    return types


def _neutral(types: list[str], begin: str, end: str, embedding: str) -> None:
    at = 0
    while at < len(types):
        if types[at] not in _NEUTRAL:
            at += 1
            continue
        stop = at
        while stop < len(types) and types[stop] in _NEUTRAL:
            stop += 1
        left = begin if at == 0 else _direction(types[at - 1])
        right = end if stop == len(types) else _direction(types[stop])
        types[at:stop] = [left if left == right else embedding] * (stop - at)
        at = stop


def _direction(kind: str) -> str:
    return "L" if kind == "L" else "R"


def _reset(kinds: Sequence[str], levels: list[int]) -> None:
    """L1: tabs, the blanks before them and those at the end stand where the paragraph has them."""
    trailing = True
    for at in range(len(kinds) - 1, -1, -1):
        trailing = kinds[at] in ("S", "B") or (
            trailing and (kinds[at] in ("WS", "PDI") or kinds[at] in _REMOVED or kinds[at] in _ISOLATES)
        )
        if trailing:
            levels[at] = _BASE


@dataclass
class _Stretch:
    """Neighbours of at least ``level``, in order: places and deeper stretches. Turned round ``turns`` times (L2)."""

    level: int
    turns: int = 0
    parts: list[int | _Stretch] = field(default_factory=list)


def _ordered(places: Sequence[int], levels: Sequence[int], kinds: Sequence[str]) -> Iterator[int]:
    """L2 and L3: the places as they are seen; marks stay behind their letter."""
    stack = [_Stretch(_BASE)]
    for at in places:
        level = levels[at]
        deeper: _Stretch | None = None
        while stack[-1].level > level:
            deeper = stack.pop()
        top = stack[-1]
        if top.level < level:
            stretch = _Stretch(level, level - top.level)
            if deeper:
                deeper.turns = deeper.level - level
                stretch.parts.append(top.parts.pop())
            top.parts.append(stretch)
            stack.append(stretch)
        stack[-1].parts.append(at)
    marks: list[int] = []
    for at, turned in _read(stack[0]):
        if turned and kinds[at] == "NSM":
            marks.append(at)
            continue
        yield at
        yield from reversed(marks)
        marks.clear()
    yield from reversed(marks)


def _read(whole: _Stretch) -> Iterator[tuple[int, bool]]:
    """Every place, and whether what it lies in is turned round."""
    reading = [(iter(whole.parts), False)]
    while reading:
        parts, turned = reading[-1]
        part = next(parts, None)
        if part is None:
            reading.pop()
        elif isinstance(part, _Stretch):
            turned ^= bool(part.turns % 2)
            reading.append((reversed(part.parts) if turned else iter(part.parts), turned))
        else:
            yield part, turned
