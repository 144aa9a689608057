"""Colours of a PDF, told in the three device spaces: names of inks, profiles and functions carry words, numbers do not.

Spaces that only a profile or a function could explain are approximated; text stays text in a slightly other grey.
Source: ISO 32000-1, 8.6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf

from redaction.formats.pdf_streams import Budget, dictionary, name_of, number, numbers, text_of

Colour = tuple[float, ...]  # one number: grey; three: RGB; four: CMYK
OPERATORS = {1: ("g", "G"), 3: ("rg", "RG"), 4: ("k", "K")}
PATTERN_GREY: Colour = (0.8,)
_DEVICE = {
    "/DeviceGray": 1,
    "/G": 1,
    "/CalGray": 1,
    "/DeviceRGB": 3,
    "/RGB": 3,
    "/CalRGB": 3,
    "/DeviceCMYK": 4,
    "/CMYK": 4,
}


@dataclass(frozen=True)
class Space:
    """A colour space: how many numbers it takes, what they are in a device space, where it starts."""

    components: int
    convert: Callable[[Sequence[float]], Colour]
    initial: Colour
    pattern: bool = False


def write(colour: Colour, *, stroke: bool) -> bytes:
    """Return the operator that sets a colour."""
    operator = OPERATORS[len(colour)][stroke]
    return (" ".join(text_of(min(1.0, max(0.0, value))) for value in colour) + f" {operator}").encode()


def device(components: int) -> Space:
    """Return DeviceGray, DeviceRGB or DeviceCMYK."""
    initial = {1: (0.0,), 3: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0, 1.0)}[components]
    return Space(components, tuple, initial)


def read(value: Any, resources: Any, budget: Budget, depth: int = 0) -> Space:
    """Return the space of a name or an array. Raises ValueError for what is none."""
    name = name_of(value)
    if name in _DEVICE:
        return device(_DEVICE[name])
    if name == "/Pattern":
        return Space(0, lambda _: PATTERN_GREY, PATTERN_GREY, pattern=True)
    if name:
        named = dictionary(dictionary(resources).get("/ColorSpace")).get(name)
        if named is None or depth > 4:
            raise ValueError("no such colour space")
        return read(named, resources, budget, depth + 1)
    if not isinstance(value, pikepdf.Array) or not len(value) or depth > 4:
        raise ValueError("no colour space")
    return _family(value, resources, budget, depth)


def _family(value: Any, resources: Any, budget: Budget, depth: int) -> Space:
    kind = name_of(value[0])
    if kind in _DEVICE:
        return device(_DEVICE[kind])
    if kind == "/ICCBased":
        return device(
            int(number(dictionary(value[1]).get("/N", 3))) if dictionary(value[1]).get("/N") in (1, 3, 4) else 3
        )
    if kind == "/Lab":
        return Space(3, lambda lab: (lab[0] / 100,), (0.0,))
    if kind == "/Indexed":
        return _indexed(value, resources, budget, depth)
    if kind == "/Separation":
        return _ink(value, 1, resources, budget, depth)
    if kind == "/DeviceN":
        return _ink(value, len(value[1]), resources, budget, depth)
    if kind == "/Pattern":
        return Space(len(value) - 1, lambda _: PATTERN_GREY, PATTERN_GREY, pattern=True)
    raise ValueError("unknown colour space")


def _indexed(value: Any, resources: Any, budget: Budget, depth: int) -> Space:
    base = read(value[1], resources, budget, depth + 1)
    table = budget.stream(value[3]) if isinstance(value[3], pikepdf.Stream) else bytes(value[3])

    def convert(index: Sequence[float]) -> Colour:
        start = int(index[0]) * base.components
        entry = table[start : start + base.components] if start >= 0 else b""
        return base.convert([byte / 255 for byte in entry]) if len(entry) == base.components else base.initial

    return Space(1, convert, convert([0.0]))


def _ink(value: Any, components: int, resources: Any, budget: Budget, depth: int) -> Space:
    """Inks: a tint that grows from C0 to C1 is computed; any other becomes the grey of its strongest ink."""
    other = read(value[2], resources, budget, depth + 1)
    function = dictionary(value[3])
    if components == 1 and function.get("/FunctionType") == 2:
        low = numbers(function.get("/C0", [0.0] * other.components), other.components)
        high = numbers(function.get("/C1", [1.0] * other.components), other.components)
        power = number(function.get("/N", 1))

        def mix(tint: Sequence[float]) -> Colour:
            share = max(0.0, min(1.0, tint[0])) ** max(power, 0.01)
            return other.convert([a + share * (b - a) for a, b in zip(low, high, strict=True)])

        return Space(1, mix, mix([1.0]))
    return Space(components, lambda tints: (1 - max(tints, default=1.0),), (0.0,))
