"""Hostile PDF files: each place of a page, font, picture, form and of the objects around them where a name can be."""

from __future__ import annotations

import contextlib
import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pikepdf
import pytest
import zxingcpp
from fontTools.pens.basePen import BasePen  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image, ImageDraw, ImageFont

from redaction.entities import Output, Plan
from redaction.formats import Limits, Switches, pdf_layers, pixels
from redaction.formats.pdf import PdfHandler
from tests.corpus.hostile import NEEDLE, Case, Mutant
from tests.redaction import pdf_files

PLAIN = b"BT /F1 12 Tf 72 700 Td (An ordinary line of text) Tj ET"


def _case(channel: str, form: str, data: bytes, needle: str = NEEDLE, refused: str = "") -> Case:
    return Case(channel, form, "report.pdf", data, needle, refused)


def cases() -> Iterator[Case]:
    """Return all cases."""
    for channel, forms in SHOWN.items():
        for form, content in forms.items():
            yield _case(channel, form, _page(content))
    for form, text in SPELLED.items():
        yield _case("F1", form, _spelled(text))
    yield _case("F1", "ligature", _spelled("Signed by Fair\ufb01eldson today"), "Fairfieldson")
    for channel, form, build in BUILT:
        yield _case(channel, form, build())
    for channel, places in BESIDE.items():
        for form, hide in places.items():
            pdf = pdf_files.with_content(PLAIN)
            hide(pdf)
            yield _case(channel, form, pdf_files.saved(pdf))
    plain = _page(PLAIN)
    yield _case("F12", "bytes behind the end", plain + b"Fairweather", refused="parse-failed")
    yield _case("F12", "bytes before the header", b"Fairweather" + plain, refused="parse-failed")
    yield _case("F12", "an older revision", _revised())


def _page(*contents: bytes) -> bytes:
    return pdf_files.saved(pdf_files.with_content(*contents))


# Text of pages ------------------------------------------------------------------------------------------------------

SHOWN: dict[str, dict[str, bytes]] = {
    "F1": {
        "plain": b"BT /F1 12 Tf 72 700 Td (By Jane Fairweather today) Tj ET",
        "hexadecimal": b"BT /F1 12 Tf 72 700 Td <4661697277656174686572> Tj ET",
        "escaped": b"BT /F1 12 Tf 72 700 Td (Fair\\167eat\\\nher) Tj ET",
        "kerned": b"BT /F1 12 Tf 72 700 Td [(By Ja) 20 (ne Fa) 80 (ir) 30 (weat) 5 (her, today)] TJ ET",
        "split over operators": b"BT /F1 12 Tf 72 700 Td (Jane Fair) Tj (wea) Tj (ther) Tj ET",
        "split over fonts": b"BT /F1 12 Tf 72 700 Td (Fair) Tj /F2 12 Tf (weather) Tj ET",
        "capitals": b"BT /F1 12 Tf 72 700 Td (JANE FAIRWEATHER) Tj ET",
        "possessive": b"BT /F1 12 Tf 72 700 Td (Fairweather's plan) Tj ET",
        "local part": b"BT /F1 12 Tf 72 700 Td (jane.fairweather@acme.example) Tj ET",
        "apostrophe operator": b"BT /F1 12 Tf 14 TL 72 700 Td (Hello) Tj (Jane Fairweather) ' ET",
        "slug": b"BT /F1 12 Tf 72 700 Td (notes/jane-fairweather-2024) Tj ET",
    },
    "F3": {
        "glyph by glyph": b"BT /F2 10 Tf "
        + b"".join(b"1 0 0 1 %d 700 Tm (%c) Tj " % (72 + 6 * i, c) for i, c in enumerate(b"Fairweather"))
        + b"ET",
        "hyphenated": b"BT /F1 12 Tf 14 TL 72 700 Td (written by Fair-) Tj T* (weather today) Tj ET",
        "drawn backwards": b"BT /F1 12 Tf 94.01 700 Td (weather) Tj -22.01 0 Td (Fair) Tj ET",
        "wide spacing": b"BT /F1 12 Tf 4 Tc 72 700 Td (Fairweather) Tj ET",
        "turned": b"BT /F1 12 Tf 0 1 -1 0 300 300 Tm (Jane Fair) Tj (weather) Tj ET",
    },
    "F4": {
        "invisible": b"BT /F1 12 Tf 3 Tr 72 700 Td (Jane Fairweather) Tj ET",
        "white": b"1 g BT /F1 12 Tf 72 700 Td (Jane Fairweather) Tj ET",
        "under a box": b"BT /F1 12 Tf 72 700 Td (Jane Fairweather) Tj ET 0 g 60 690 300 30 re f",
        "clipped away": b"q 0 0 1 1 re W n BT /F1 12 Tf 72 700 Td (Jane Fairweather) Tj ET Q",
        "outside the page": b"BT /F1 12 Tf -900 700 Td (Jane Fairweather) Tj ET",
        "tiny": b"BT /F1 0.1 Tf 72 700 Td (Jane Fairweather) Tj ET",
    },
    "F11": {
        "ActualText": b"BT /F1 12 Tf 72 700 Td /Span <</ActualText (Jane Fairweather)>> BDC (her) Tj EMC ET",
        "marked point": b"/Note <</By (Fairweather)>> DP " + PLAIN,
    },
    "F12": {
        "a comment": b"% Jane Fairweather\n" + PLAIN,
        "an operator nobody knows": b"(Fairweather) frobnicate " + PLAIN,
    },
    "F14": {"tail that moves": b"BT /F1 12 Tf 72 700 Td (Jane Fairweather, Regional Office) Tj ET"},
}

SPELLED = {
    "decomposed": "Signed by Fai\u0301rweather today",
    "full-width": "Signed by \uff26\uff41\uff49\uff52\uff57\uff45\uff41\uff54\uff48\uff45\uff52 today",
    "soft hyphen": "Signed by Fair\u00adweather today",
    "zero-width space": "Signed by Fair\u200bweather today",
    "zero-width joiner": "Signed by Fair\u200dweather today",
    "no-break space": "Signed by Jane\u00a0Fairweather today",
}


def _spelled(text: str) -> bytes:
    """A line in a composite font whose map says exactly these characters."""
    pdf = pikepdf.new()
    font, codes = pdf_files.composite_font(pdf, text)
    content = b"BT /F3 12 Tf 72 700 Td <" + codes.hex().encode() + b"> Tj ET"
    return pdf_files.saved(pdf_files.with_content(content, fonts={"/F3": font}, pdf=pdf))


# Fonts, forms and pictures ------------------------------------------------------------------------------------------


def _without_map() -> bytes:
    """Letters that neither a map nor the program of the font explains."""
    pdf = pikepdf.new()
    font, codes = pdf_files.composite_font(pdf, "Ask Jane Fairweather today")
    del font.ToUnicode
    program = font.DescendantFonts[0].FontDescriptor.FontFile2
    program.write(program.read_bytes().replace(b"cmap", b"none", 1))
    content = b"BT /F3 30 Tf 72 700 Td <" + codes.hex().encode() + b"> Tj ET"
    return pdf_files.saved(pdf_files.with_content(content, fonts={"/F3": font}, pdf=pdf))


def _vertical() -> bytes:
    """A font that nobody here can follow, with text that PDFium knows, and which is what the page shows."""
    pdf = pikepdf.new()
    font, codes = pdf_files.composite_font(pdf, "Ask Jane Fairweather today")
    own = b"/CIDInit /ProcSet findresource begin /Identity-H usecmap begincmap endcmap"
    font.Encoding = pdf.make_stream(own, Type=Name.CMap, UseCMap=Name("/Identity-H"), CMapName=Name.Own)
    content = b"BT /F3 30 Tf 72 700 Td <" + codes.hex().encode() + b"> Tj ET"
    return pdf_files.saved(pdf_files.with_content(content, fonts={"/F3": font}, pdf=pdf))


def _forms(depth: int) -> bytes:
    """The name in a form in a form …, each drawn by the one around it."""
    pdf = pdf_files.with_content(b"/X Do " + PLAIN)
    content = b"BT /F1 24 Tf 72 600 Td (Jane Fair) Tj (weather) Tj ET"
    resources = Dictionary(Font=Dictionary(F1=pdf_files.core_font("Helvetica")))
    for _ in range(depth):
        box = Array([0, 0, 612, 792])
        form = pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=box, Resources=resources)
        content, resources = b"/X Do", Dictionary(XObject=Dictionary(X=form))
    pdf.pages[0].obj.Resources.XObject = resources.XObject
    return pdf_files.saved(pdf)


def _pattern() -> bytes:
    pdf = pdf_files.with_content(b"/Pattern cs /P scn 0 500 600 200 re f " + PLAIN)
    pattern = pdf.make_stream(
        b"BT /F1 24 Tf 10 10 Td (Fairweather) Tj ET", PatternType=1, PaintType=1, TilingType=1,
        BBox=Array([0, 0, 300, 60]), XStep=300, YStep=60,
        Resources=Dictionary(Font=Dictionary(F1=pdf_files.core_font("Helvetica"))),
    )  # fmt: skip
    pdf.pages[0].obj.Resources.Pattern = Dictionary(P=pattern)
    return pdf_files.saved(pdf)


def _sign() -> Image.Image:
    picture = Image.new("RGB", (700, 120), "white")
    font = ImageFont.truetype(str(pdf_files.VERA), 40)
    ImageDraw.Draw(picture).text((20, 30), "Ask Jane Fairweather", fill="black", font=font)
    return picture


def _image(pdf: Pdf, picture: Image.Image, **entries: Any) -> Stream:
    space = Name.DeviceGray if picture.mode == "L" else Name.DeviceRGB
    return pdf.make_stream(
        picture.tobytes(), Type=Name.XObject, Subtype=Name.Image, Width=picture.width, Height=picture.height,
        ColorSpace=space, BitsPerComponent=8, **entries,
    )  # fmt: skip


def _drawn(pdf: Pdf, image: Any, before: bytes = b"") -> bytes:
    pdf_files.with_content(before + b"q 350 0 0 60 72 500 cm /Photo Do Q " + PLAIN, pdf=pdf)
    pdf.pages[0].obj.Resources.XObject = Dictionary(Photo=image)
    return pdf_files.saved(pdf)


def _picture() -> bytes:
    pdf = pikepdf.new()
    return _drawn(pdf, _image(pdf, _sign()))


def _soft_mask() -> bytes:
    pdf = pikepdf.new()
    mask = _image(pdf, Image.eval(_sign().convert("L"), lambda value: 255 - value))
    return _drawn(pdf, _image(pdf, Image.new("RGB", (700, 120), "navy"), SMask=mask))


def _stencil() -> bytes:
    pdf = pikepdf.new()
    data = _sign().convert("1", dither=Image.Dither.NONE)
    return _drawn(
        pdf,
        pdf.make_stream(
            data.tobytes(), Type=Name.XObject, Subtype=Name.Image, Width=700, Height=120, ImageMask=True,
            BitsPerComponent=1,
        ),
    )  # fmt: skip


def _jpeg(comment: bytes, picture: Image.Image) -> bytes:
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=95, comment=comment)
    pdf = pikepdf.new()
    stream = Stream(pdf, packed.getvalue())
    stream.stream_dict = Dictionary(
        Type=Name.XObject, Subtype=Name.Image, Width=picture.width, Height=picture.height, ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8, Filter=Name.DCTDecode,
    )  # fmt: skip
    return _drawn(pdf, pdf.make_indirect(stream))


def _inline() -> bytes:
    packed = zlib.compress(_sign().convert("L").tobytes())
    content = b"q 350 0 0 60 72 500 cm BI /W 700 /H 120 /CS /G /BPC 8 /F /Fl ID " + packed + b"\nEI Q "
    return _page(content + PLAIN)


def _strips() -> bytes:
    """A picture cut into strips that nobody could read one by one."""
    pdf = pikepdf.new()
    picture, content, photos = _sign(), b"", {}
    for row in range(60):
        photos[f"/P{row}"] = _image(pdf, picture.crop((0, 2 * row, 700, 2 * row + 2)))
        content += b"q 350 0 0 1 72 %d cm /P%d Do Q " % (560 - row, row)
    pdf_files.with_content(content, pdf=pdf)
    pdf.pages[0].obj.Resources.XObject = Dictionary(photos)
    return pdf_files.saved(pdf)


def _code() -> bytes:
    barcode = zxingcpp.create_barcode("mailto:jane.fairweather@acme.example", zxingcpp.BarcodeFormat.QRCode)
    picture = Image.fromarray(zxingcpp.write_barcode_to_image(barcode, scale=6)).convert("L")
    pdf = pikepdf.new()
    pdf_files.with_content(b"q 200 0 0 200 72 300 cm /Photo Do Q " + PLAIN, pdf=pdf)
    pdf.pages[0].obj.Resources.XObject = Dictionary(Photo=_image(pdf, picture))
    return pdf_files.saved(pdf)


class _Lines(BasePen):  # type: ignore[misc]
    """Writes the outline of a letter as steps of a content stream."""

    def __init__(self, glyphs: Any) -> None:
        super().__init__(glyphs)
        self.steps: list[str] = []

    def _moveTo(self, point: Any) -> None:  # noqa: N802 – a name of the base class
        self.steps.append(f"{point[0]} {point[1]} m")

    def _lineTo(self, point: Any) -> None:  # noqa: N802 – a name of the base class
        self.steps.append(f"{point[0]} {point[1]} l")

    def _curveToOne(self, one: Any, two: Any, three: Any) -> None:  # noqa: N802 – a name of the base class
        self.steps.append(f"{one[0]:.1f} {one[1]:.1f} {two[0]:.1f} {two[1]:.1f} {three[0]} {three[1]} c")

    def _closePath(self) -> None:  # noqa: N802 – a name of the base class
        self.steps.append("h")


def _outlines() -> bytes:
    """Letters drawn as lines: no text, no font, no picture."""
    font = TTFont(pdf_files.VERA)
    glyphs, names = font.getGlyphSet(), font.getBestCmap()
    steps, place = ["q 0.02 0 0 0.02 72 600 cm"], 0
    for letter in "Ask Jane Fairweather":
        pen = _Lines(glyphs)
        glyphs[names[ord(letter)]].draw(pen)
        steps += [f"q 1 0 0 1 {place} 0 cm", *pen.steps, "f Q"]
        place += font["hmtx"][names[ord(letter)]][0]
    return _page(" ".join([*steps, "Q"]).encode() + b" " + PLAIN)


def _font_words() -> bytes:
    """A font whose own map can say the name, with a code that nobody shows."""
    pdf = pikepdf.new()
    font, codes = pdf_files.composite_font(pdf, "Nobody is named")
    name = "Fairweather".encode("utf-16-be").hex()
    font.ToUnicode.write(font.ToUnicode.read_bytes() + f"\n1 beginbfchar <0280> <{name}> endbfchar".encode())
    content = b"BT /F3 12 Tf 72 700 Td <" + codes.hex().encode() + b"> Tj ET"
    return pdf_files.saved(pdf_files.with_content(content, fonts={"/F3": font}, pdf=pdf))


def _font_name() -> bytes:
    pdf = pdf_files.with_content(PLAIN)
    pdf.pages[0].obj.Resources.Font.F1.BaseFont = Name("/FairweatherSans")
    return pdf_files.saved(pdf)


def _layer(off: bool, member: bool = False) -> bytes:
    content = b"/OC /L BDC BT /F1 12 Tf 72 600 Td (Fairweather) Tj ET EMC " + PLAIN
    pdf = pdf_files.with_content(content)
    layer = pdf_files.layer(pdf, "Draft", off=off)
    pdf.pages[0].obj.Resources.Properties = Dictionary(
        L=Dictionary(Type=Name.OCMD, OCGs=Array([layer]), P=Name.AllOn) if member else layer
    )
    return pdf_files.saved(pdf)


def _revised() -> bytes:
    """The name was on the page, and an update wrote over it."""
    old = pdf_files.saved(
        pdf_files.with_content(b"BT /F1 12 Tf 72 700 Td (Jane Fairweather) Tj ET"),
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
    )
    with pikepdf.open(io.BytesIO(old)) as pdf:
        number, size, root = pdf.pages[0].Contents.objgen[0], int(pdf.trailer.Size), pdf.Root.objgen[0]
    start = int(old[old.rindex(b"startxref") + 9 :].split()[0])
    update = b"%d 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (number, len(PLAIN), PLAIN)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, len(old))
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\n" % (size, root, start)
    return old + update + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (len(old) + len(update))


BUILT: list[tuple[str, str, Callable[[], bytes]]] = [
    ("F2", "letters without a meaning", _without_map),
    ("F2", "a map nobody can follow", _vertical),
    ("F5", "nested forms", lambda: _forms(3)),
    ("F5", "forms too deep to follow", lambda: _forms(12)),
    ("F5", "a pattern", _pattern),
    ("F6", "a picture", _picture),
    ("F6", "a soft mask", _soft_mask),
    ("F6", "a stencil", _stencil),
    ("F6", "an inline picture", _inline),
    ("F6", "a comment of a JPEG", lambda: _jpeg(b"by Jane Fairweather", Image.linear_gradient("L").convert("RGB"))),
    ("F6", "pixels of a JPEG", lambda: _jpeg(b"", _sign())),
    ("F6", "strips", _strips),
    ("F7", "a code", _code),
    ("F7", "letters drawn as lines", _outlines),
    ("F11-hidden", "a hidden layer", lambda: _layer(off=True)),
    ("F11-hidden", "a membership that hides", lambda: _layer(off=True, member=True)),
    ("F1", "a visible layer", lambda: _layer(off=False)),
    ("F3", "over the end of a page", lambda: _page(
        b"BT /F1 12 Tf 72 100 Td (this was written by Fair-) Tj ET",
        b"BT /F1 12 Tf 72 700 Td (weather and others) Tj ET"
    )),
    ("F13", "the name of a font", _font_name),
    ("F13", "a code nobody shows", _font_words),
]  # fmt: skip


# Beside the pages ---------------------------------------------------------------------------------------------------


def _annotation(**entries: Any) -> Callable[[Pdf], None]:
    def hide(pdf: Pdf) -> None:
        entry = Dictionary(Type=Name.Annot, Rect=Array([72, 500, 300, 530]), **entries)
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(entry)])

    return hide


def _field(**entries: Any) -> Callable[[Pdf], None]:
    def hide(pdf: Pdf) -> None:
        field = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, T="name", Rect=Array([72, 500, 300, 530]), DA="/Helv 12 Tf 0 g",
            **entries,
        )  # fmt: skip
        fields = Array([pdf.make_indirect(field)])
        pdf.pages[0].obj.Annots = fields
        fonts = Dictionary(Helv=pdf_files.core_font("Helvetica"))
        pdf.Root.AcroForm = Dictionary(Fields=fields, DR=Dictionary(Font=fonts))

    return hide


def _root(key: str, value: Any) -> Callable[[Pdf], None]:
    return lambda pdf: pdf.Root.__setitem__(key, value)


def _info(pdf: Pdf) -> None:
    pdf.docinfo["/Author"] = "Jane Fairweather"


def _own_property(pdf: Pdf) -> None:
    pdf.docinfo["/ClientContact"] = String("Jane Fairweather")


def _xmp(pdf: Pdf) -> None:
    with pdf.open_metadata() as metadata:
        metadata["dc:creator"] = ["Jane Fairweather"]


def _trailer(pdf: Pdf) -> None:
    pdf.trailer.Own = String("Fairweather")


def _private(pdf: Pdf) -> None:
    pdf.pages[0].obj.PieceInfo = Dictionary(App=Dictionary(Private=String("Fairweather")))


def _attachment(pdf: Pdf) -> None:
    pdf.attachments["fairweather.xyz"] = b"by Jane Fairweather and nobody else, as far as anybody can tell from this"


def _known_attachment(pdf: Pdf) -> None:
    pdf.attachments["notes.txt"] = b"by Jane Fairweather"


def _outline(pdf: Pdf) -> None:
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("About Fairweather", 0))


def _labels(pdf: Pdf) -> None:
    pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(P=String("Fairweather "))]))


def _structure(pdf: Pdf) -> None:
    element = Dictionary(Type=Name.StructElem, S=Name.P, Alt="Fairweather", ActualText="Fairweather", E="Fairweather")
    pdf.Root.StructTreeRoot = Dictionary(Type=Name.StructTreeRoot, K=pdf.make_indirect(element))


def _layer_name(pdf: Pdf) -> None:
    pdf_files.layer(pdf, "Fairweather", off=False)


def _destination(pdf: Pdf) -> None:
    pdf.Root.Dests = Dictionary({"/Fairweather": Array([pdf.pages[0].obj, Name.Fit])})


def _undrawn(pdf: Pdf) -> None:
    form = pdf.make_stream(
        b"BT /F1 12 Tf (Fairweather) Tj ET", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9])
    )
    pdf.pages[0].obj.Resources.XObject = Dictionary(X=form)


def _named_script(pdf: Pdf) -> None:
    script = Dictionary(S=Name.JavaScript, JS="app.alert('Fairweather')")
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("x"), pdf.make_indirect(script)])))


def _shown_text(pdf: Pdf) -> None:
    look = pdf.make_stream(
        b"BT /F1 12 Tf 2 9 Td (Fairweather) Tj ET", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 228, 30]),
        Resources=Dictionary(Font=Dictionary(F1=pdf_files.core_font("Helvetica"))),
    )  # fmt: skip
    _annotation(Subtype=Name.FreeText, Contents="Fairweather", AP=Dictionary(N=look), F=4)(pdf)


_SCRIPT = {"/S": Name.JavaScript, "/JS": "app.alert('Fairweather')"}
BESIDE: dict[str, dict[str, Callable[[Pdf], None]]] = {
    "F8": {"author": _info, "own property": _own_property, "XMP": _xmp, "trailer": _trailer, "private data": _private},
    "F9": {
        "note": _annotation(Subtype=Name.Text, Contents="ask Fairweather", T="Jane Fairweather"),
        "link": _annotation(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI="mailto:fairweather@acme.example")),
        "free text": _shown_text,
        "rich text": _annotation(Subtype=Name.Text, RC="<p>Fairweather</p>"),
        "redaction not applied": _annotation(Subtype=Name.Redact, OverlayText="Fairweather"),
        "field value": _field(FT=Name.Tx, V="Jane Fairweather"),
        "hidden field": _field(FT=Name.Tx, V="Jane Fairweather", F=2),
        "tooltip and default": _field(FT=Name.Tx, V="yes", TU="ask Fairweather", DV="Fairweather"),
        "options": _field(FT=Name.Ch, Ff=1 << 17, V="no", Opt=Array([String("no"), String("Fairweather")])),
        "XFA": lambda pdf: pdf.Root.__setitem__(
            "/AcroForm", Dictionary(Fields=Array([]), XFA=pdf.make_stream(b"<xdp>Jane Fairweather</xdp>"))
        ),
    },
    "F9-signature": {
        "signature": _field(FT=Name.Sig, V=Dictionary(Type=Name.Sig, Name="Jane Fairweather", Reason="Fairweather"))
    },
    "F10": {"attachment": _attachment, "attachment of a known kind": _known_attachment},
    "F11": {
        "outline": _outline, "page labels": _labels, "structure": _structure, "name of a layer": _layer_name,
        "destination": _destination, "language": _root("/Lang", String("Fairweather")),
    },
    "F12": {"a form nobody draws": _undrawn},
    "F15": {
        "script at opening": _root("/OpenAction", Dictionary(_SCRIPT)),
        "script of a page": lambda pdf: pdf.pages[0].obj.__setitem__("/AA", Dictionary(O=Dictionary(_SCRIPT))),
        "named script": _named_script,
        "launch": _root("/OpenAction", Dictionary(S=Name.Launch, F="C:\\Users\\fairweather\\a.exe")),
    },
}  # fmt: skip


# Mutants ------------------------------------------------------------------------------------------------------------

Graft = Callable[[Pdf, Pdf], None]


@contextlib.contextmanager
def _rewriting(
    changed: Callable[[Callable[..., Output], PdfHandler, bytes, Plan, Limits, Switches], Output],
) -> Iterator[None]:
    plain = PdfHandler.rewrite

    def rewrite(self: PdfHandler, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()) -> Output:
        return changed(plain, self, source, plan, limits, switches)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PdfHandler, "rewrite", rewrite)
        yield


def _kept(graft: Graft) -> Mutant:
    """What the handler drops is put back into the new document."""

    def changed(
        plain: Callable[..., Output], self: PdfHandler, source: bytes, plan: Plan, limits: Limits, switches: Switches
    ) -> Output:
        output = plain(self, source, plan, limits, switches)
        with pikepdf.open(io.BytesIO(source)) as old, pikepdf.open(io.BytesIO(output.data)) as new:
            graft(old, new)
            return replace(output, data=pdf_files.saved(new))

    return lambda: _rewriting(changed)


def _unchanged() -> contextlib.AbstractContextManager[None]:
    """No text is replaced, in no form."""

    def changed(
        plain: Callable[..., Output], self: PdfHandler, source: bytes, plan: Plan, limits: Limits, switches: Switches
    ) -> Output:
        return plain(self, source, replace(plan, replacements={}), limits, switches)

    return _rewriting(changed)


def _with_source() -> contextlib.AbstractContextManager[None]:
    """The bytes of the upload stay in front, as a revision."""

    def changed(
        plain: Callable[..., Output], self: PdfHandler, source: bytes, plan: Plan, limits: Limits, switches: Switches
    ) -> Output:
        output = plain(self, source, plan, limits, switches)
        return replace(output, data=output.data + b"\n" + source)

    return _rewriting(changed)


def _roots(*keys: str) -> Graft:
    def graft(old: Pdf, new: Pdf) -> None:
        for key in keys:
            if key in old.Root:
                value = old.Root[key]
                new.Root[key] = new.copy_foreign(old.make_indirect(value))

    return graft


def _properties(old: Pdf, new: Pdf) -> None:
    if "/Info" in old.trailer:
        new.trailer.Info = new.copy_foreign(old.trailer.Info)
    _roots("/Metadata")(old, new)


def _annotations(old: Pdf, new: Pdf) -> None:
    for before, after in zip(old.pages, new.pages, strict=True):
        if "/Annots" in before.obj:
            for item in before.obj.Annots:
                if "/P" in item:
                    del item["/P"]
            after.obj.Annots = new.copy_foreign(old.make_indirect(before.obj.Annots))


def _font_names(old: Pdf, new: Pdf) -> None:
    names = [item.BaseFont for item in old.objects if isinstance(item, Dictionary) and "/BaseFont" in item]
    names += [font.BaseFont for page in old.pages for font in page.obj.Resources.Font.values()]
    for item in new.objects:
        if isinstance(item, Dictionary) and item.get("/Type") == Name.Font:
            item.BaseFont = names[-1] if "Fair" not in str(names) else next(n for n in names if "Fair" in str(n))


@contextlib.contextmanager
def _layers_shown() -> Iterator[None]:
    """Hidden layers are taken over as they are."""

    def graft(old: Pdf, new: Pdf) -> None:
        for before, after in zip(old.pages, new.pages, strict=True):
            stream = new.make_stream(before.Contents.read_bytes().replace(b"/OC /L BDC", b"").replace(b"EMC", b""))
            after.obj.Contents = Array([after.obj.Contents, stream])
            fonts = Dictionary(F1=pdf_files.core_font("Helvetica"))
            after.obj.Resources = Dictionary(Font=fonts)

    with pytest.MonkeyPatch.context() as patch, _kept(graft)():
        patch.setattr(pdf_layers.Layers, "_is_off", lambda *_: True)
        yield


@contextlib.contextmanager
def _pixels_kept() -> Iterator[None]:
    """Pictures are taken over without paint."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pixels, "rewrite", lambda data, *_args, **_more: data)
        yield


MUTANTS: dict[str, Mutant] = {
    "F2": _unchanged,
    "F3": _unchanged,
    "F4": _unchanged,
    "F5": _unchanged,
    "F7": _pixels_kept,
    "F8": _kept(_properties),
    "F9": _kept(_annotations),
    "F9-signature": _kept(_annotations),
    "F10": _kept(_roots("/Names")),
    "F11": _kept(_roots("/Outlines", "/PageLabels", "/StructTreeRoot", "/OCProperties", "/Lang")),
    "F11-hidden": _layers_shown,
    "F12": _with_source,
    "F13": _kept(_font_names),
    "F14": _unchanged,
    "F15": _kept(_roots("/OpenAction")),
}
