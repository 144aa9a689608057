"""The steps a page is drawn in, as far as they may be written again. Source: ISO 32000-1, 8.2, 8.4.5, 9.4."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pikepdf

from redaction.formats.pdf_fonts import Font
from redaction.formats.pdf_streams import name_of, number, text_of

Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def multiply(first: Matrix, second: Matrix) -> Matrix:
    """Return the matrix that does ``first``, then ``second``."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = second
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


@dataclass(slots=True, eq=False)
class Glyph:
    """One shown code. ``along`` and ``across`` are its place in the direction it is written in (page units).

    ``cut`` and ``token`` are set by a rewrite: the glyph goes, and this text is drawn where it was.
    """

    code: bytes
    text: str
    angle: int
    along: float
    across: float
    width: float
    size: float
    cut: bool = False
    token: str = ""


@dataclass(slots=True, eq=False)
class Show:
    """One text-showing step: glyphs, and the moves between them in thousandths."""

    items: list[Glyph | float]
    font: Font
    size: float
    spacing: float


@dataclass(slots=True)
class FontChoice:
    """``Tf``."""

    font: Font
    size: float


@dataclass(slots=True)
class StateChoice:
    """``gs``: entries of a graphics state that are numbers and known names."""

    entries: tuple[tuple[str, str], ...]


@dataclass(slots=True, eq=False)
class Image:
    """A picture's place. ``picture`` is what is drawn there, of ``pdf_images``; None for a grey area."""

    picture: Any = None


@dataclass(slots=True, eq=False)
class Drawing:
    """The steps of one content stream. ``box``, ``matrix`` and ``group`` are those of a form."""

    steps: list[bytes | Show | FontChoice | StateChoice | Image | Drawing] = field(default_factory=list)
    box: Sequence[float] = ()
    matrix: Matrix = IDENTITY
    group: tuple[str, ...] | None = None


_STATE_NUMBERS = frozenset({"/LW", "/LC", "/LJ", "/ML", "/CA", "/ca", "/OPM", "/FL", "/SM"})
_STATE_FLAGS = frozenset({"/OP", "/op", "/AIS", "/TK", "/SA"})
_BLENDS = frozenset(
    f"/{name}"
    for name in (
        *("Normal", "Compatible", "Multiply", "Screen", "Overlay", "Darken", "Lighten", "ColorDodge", "ColorBurn"),
        *("HardLight", "SoftLight", "Difference", "Exclusion", "Hue", "Saturation", "Color", "Luminosity"),
    )
)


def state_entries(source: Any) -> Iterable[tuple[str, str]]:
    """Return what may stay of a graphics state: numbers, flags, blend modes; no functions, masks, fonts."""
    for key, value in sorted(source.items()):
        if key in _STATE_NUMBERS:
            yield key, text_of(number(value))
        elif key in _STATE_FLAGS and isinstance(value, bool):
            yield key, str(value).lower()
        elif key == "/BM":
            name = name_of(value[0] if isinstance(value, pikepdf.Array) and len(value) else value)
            yield from [(key, name)] if name in _BLENDS else []
        elif key == "/SMask" and name_of(value) == "/None":
            yield key, "/None"
