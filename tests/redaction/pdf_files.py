"""PDF files for tests, made with reportlab and by surgery on objects."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pikepdf
import reportlab
from pikepdf import Array, Dictionary, Name, Pdf
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

VERA = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
FILLER = [f"Line {number}: the quarterly figures are in order, see table {number + 1}." for number in range(30)]


def with_content(*contents: bytes, fonts: dict[str, Any] | None = None, pdf: Pdf | None = None) -> Pdf:
    """Return a document with a page for each content stream; ``/F1`` is Helvetica, ``/F2`` Courier."""
    pdf = pdf or pikepdf.new()
    for content in contents:
        page = pdf.add_blank_page(page_size=(612, 792))
        page.obj.Resources = Dictionary(Font=Dictionary(F1=core_font("Helvetica"), F2=core_font("Courier")))
        for name, font in (fonts or {}).items():
            page.obj.Resources.Font[name] = font
        page.obj.Contents = pdf.make_stream(content)
    return pdf


def core_font(name: str) -> Dictionary:
    return Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name("/" + name), Encoding=Name.WinAnsiEncoding)


def saved(pdf: Pdf, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pdf.save(buffer, **options)
    return buffer.getvalue()


def document(lines: list[str], *, font: str = "Helvetica", size: float = 11) -> bytes:
    """Return a document of these lines, 50 to a page, written by reportlab."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    if font == "Vera":
        pdfmetrics.registerFont(TTFont("Vera", str(VERA)))
    for start in range(0, len(lines), 50):
        canvas.setFont(font, size)
        for row, line in enumerate(lines[start : start + 50]):
            canvas.drawString(72, 740 - row * 1.3 * size, line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def composite_font(pdf: Pdf, text: str) -> tuple[Dictionary, bytes]:
    """Return a Type0 font over Vera with arbitrary glyph numbers, and ``text`` in its codes."""
    letters = sorted(set(text))
    codes = {letter: 0x0200 + index for index, letter in enumerate(letters)}
    glyphs = bytearray(2 * 0x0300)
    face = TTFont("Vera-codes", str(VERA)).face
    for letter, code in codes.items():
        glyphs[2 * code : 2 * code + 2] = face.charToGlyph.get(ord(letter), 0).to_bytes(2, "big")
    entries = "".join(f"<{code:04x}> <{ord(letter):04x}>\n" for letter, code in codes.items())
    cmap = f"1 begincodespacerange <0000> <ffff> endcodespacerange {len(codes)} beginbfchar\n{entries}endbfchar"
    widths = [item for letter, code in codes.items() for item in (code, Array([face.charWidths.get(ord(letter), 600)]))]
    descriptor = Dictionary(
        Type=Name.FontDescriptor, FontName=Name("/XYZABC+Fairweather"), Flags=4, Ascent=900, Descent=-200,
        CapHeight=700, ItalicAngle=0, StemV=80, FontBBox=Array([-200, -300, 1300, 1000]),
        FontFile2=pdf.make_stream(VERA.read_bytes()),
    )  # fmt: skip
    inner = Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name("/XYZABC+Fairweather"), DW=600, W=Array(widths),
        CIDSystemInfo=Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
        CIDToGIDMap=pdf.make_stream(bytes(glyphs)), FontDescriptor=pdf.make_indirect(descriptor),
    )  # fmt: skip
    font = Dictionary(
        Type=Name.Font, Subtype=Name.Type0, BaseFont=Name("/XYZABC+Fairweather"), Encoding=Name("/Identity-H"),
        DescendantFonts=Array([pdf.make_indirect(inner)]), ToUnicode=pdf.make_stream(cmap.encode()),
    )  # fmt: skip
    return font, b"".join(codes[letter].to_bytes(2, "big") for letter in text)


def layer(pdf: Pdf, name: str, *, off: bool) -> Dictionary:
    """Add an optional content group and return it."""
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=pikepdf.String(name)))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(OFF=Array([group] if off else [])))
    return group
