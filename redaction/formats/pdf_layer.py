"""The invisible text of a page that leaves as a picture: it can be searched and copied, and draws nothing.

Its font has one empty glyph, and codes that are the letters themselves (UTF-16), so nothing but the text that stays is
in it. Each line is as wide as it was on the page, or as its new text is where something was replaced.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pikepdf
from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]
from pikepdf import Array, Dictionary, Name

from redaction.formats import pdf_cmap
from redaction.formats.pdf_streams import text_of

_EM = 1000
_WIDTH = 500


@dataclass(frozen=True)
class LayerLine:
    """One line of text, where its first letter stands, how high and wide it is (points, from the lower left)."""

    text: str
    x: float
    y: float
    height: float
    width: float
    upright: bool = True


def content(lines: Iterable[LayerLine], font: str) -> tuple[bytes, set[str]]:
    """Return the steps that write ``lines`` in ``font`` without drawing them, and the letters in use."""
    steps: list[bytes] = []
    used: set[str] = set()
    for line in lines:
        text = "".join(char for char in " ".join(line.text.split()) if ord(char) < 0x10000)
        if not text:
            continue
        used |= set(text)
        size = max(line.height, 1.0)
        scale = 100 * line.width / (len(text) * size * _WIDTH / _EM)
        turn = "1 0 0 1" if line.upright else "0 1 -1 0"
        steps.append(
            f"/{font} {text_of(size)} Tf {text_of(min(max(scale, 1.0), 1000.0))} Tz "
            f"{turn} {text_of(line.x)} {text_of(line.y)} Tm <{text.encode('utf-16-be').hex()}> Tj".encode()
        )
    return (b"BT 3 Tr\n" + b"\n".join(steps) + b"\nET" if steps else b""), used


def write(target: Dictionary, pdf: pikepdf.Pdf, used: set[str]) -> None:
    """Fill ``target`` with the font."""
    name = Name("/AAAAAA+NoGlyphs")
    program = _program()
    descriptor = Dictionary(
        Type=Name.FontDescriptor, FontName=name, Flags=4, ItalicAngle=0, Ascent=800, Descent=-200, CapHeight=700,
        StemV=80, FontBBox=Array([0, -200, _WIDTH, 800]), FontFile2=pdf.make_stream(program, Length1=len(program)),
    )  # fmt: skip
    inner = Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=name, DW=_WIDTH,
        FontDescriptor=pdf.make_indirect(descriptor),
        CIDSystemInfo=Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0),
        CIDToGIDMap=pdf.make_stream(bytes(2 * (max(map(ord, used), default=0) + 1))),
    )  # fmt: skip
    target.Type, target.Subtype, target.BaseFont = Name.Font, Name.Type0, name
    target.Encoding = Name("/Identity-H")
    target.DescendantFonts = Array([pdf.make_indirect(inner)])
    target.ToUnicode = pdf.make_stream(pdf_cmap.write({char.encode("utf-16-be"): char for char in used}))


@cache
def _program() -> bytes:
    """Return a TrueType program of one glyph without an outline."""
    builder = FontBuilder(_EM, isTTF=True)
    builder.setupGlyphOrder([".notdef"])
    builder.setupCharacterMap({})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph()})
    builder.setupHorizontalMetrics({".notdef": (_WIDTH, 0)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupMaxp()
    builder.setupPost(keepGlyphNames=False)
    font: Any = builder.font
    font["head"].created = font["head"].modified = 0
    font.recalcTimestamp = False
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()
