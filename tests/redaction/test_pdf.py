"""PDF: each place a name can hide in, proven to hold it before and proven empty after."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageOps
from reportlab.pdfbase.ttfonts import TTFont, TTFontParser

from redaction.entities import Block, Extraction, Output, Plan, Replacement, Tier
from redaction.errors import RedactionError, RefusedError
from redaction.formats import Limits, Switches, pdf_images, pixels
from redaction.formats.pdf import PdfHandler
from redaction.readers import pdf as readers
from tests.redaction import pdf_files
from tests.redaction.plans import plan_for, squeezed, text_of

HANDLER = PdfHandler()
WORDS = {"Jane Fairweather": "[PERSON_1]", "Fair-weather": "[PERSON_1]", "Fairweather": "[PERSON_1]"}
NEEDLE = "fairweather"


def redact(source: bytes) -> tuple[Extraction, Output]:
    extraction = HANDLER.extract(source, Limits())
    plan = replace(plan_for(extraction, WORDS), memo=extraction.memo)
    return extraction, HANDLER.rewrite(source, plan, Limits())


def raw(data: bytes) -> str:
    """All that is in a file, read by yet another program: every object and decoded stream, strings decoded."""
    found: list[str] = []
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for item in [*pdf.objects, pdf.trailer]:
            found.append(item.unparse(resolved=True).decode("latin-1"))
            if isinstance(item, pikepdf.Stream):
                content = item.read_bytes() if item.get("/Subtype") != Name.Image else item.read_raw_bytes()
                found += [content.decode("latin-1"), content.decode("utf-16-be", "ignore")]
    return squeezed(found)


def shown(data: bytes) -> str:
    return text_of(readers.read_pdfium(data))


def places(data: bytes) -> list[str]:
    """What each reader sees, and what is in the bytes."""
    return [
        *(squeezed([text_of(reader(data))]) for reader in readers.READERS),
        raw(data),
        squeezed([data.decode("latin-1")]),
    ]


def assert_gone(source: bytes, output: Output, needle: str = NEEDLE) -> None:
    assert any(needle in place for place in places(source)), "never was there"
    assert [number for number, place in enumerate(places(output.data)) if needle in place] == []
    assert readers.undeclared(output.data) == []


def test_it_works() -> None:
    source = pdf_files.document([*pdf_files.FILLER, "Signed by Jane Fairweather, who manages it."])
    extraction, output = redact(source)
    assert_gone(source, output)
    assert output.media_type == "application/pdf"
    assert "Signed by [PERSON_1], who manages it." in shown(output.data)
    assert all(line in shown(output.data) for line in pdf_files.FILLER)
    assert extraction.segments[0].anchor == "page1/b1"
    assert output.carriers["F1"]["rewritten"] == 1


def test_the_same_input_gives_the_same_bytes() -> None:
    source = pdf_files.document([*pdf_files.FILLER, "Jane Fairweather"], font="Vera")
    assert redact(source)[1].data == redact(source)[1].data


def test_pages_keep_their_order_size_and_rotation() -> None:
    pdf = pdf_files.with_content(b"BT /F1 12 Tf 72 700 Td (first) Tj ET", b"BT /F1 12 Tf 72 700 Td (second) Tj ET")
    pdf.pages[1].obj.MediaBox = Array([0, 0, 400, 300])
    pdf.pages[1].obj.Rotate = 90
    _, output = redact(pdf_files.saved(pdf))
    assert shown(output.data).split() == ["first", "second"]
    with pikepdf.open(io.BytesIO(output.data)) as new:
        assert [float(value) for value in new.pages[1].mediabox] == [0, 0, 400, 300]
        assert new.pages[1].obj.Rotate == 90


# Text of pages: what is drawn, and what reads as Jane Fairweather or Fairweather in it.
SHOWN: dict[str, bytes] = {
    "one string": b"BT /F1 12 Tf 72 700 Td (By Jane Fairweather today) Tj ET",
    "hexadecimal": b"BT /F1 12 Tf 72 700 Td <466169727765617468 6572> Tj ET",
    "escaped": b"BT /F1 12 Tf 72 700 Td (Fair\\167eat\\\nher) Tj ET",
    "kerned": b"BT /F1 12 Tf 72 700 Td [(By Ja) 20 (n) -15 (e Fa) 80 (ir) 30 (weat) 5 (her, today)] TJ ET",
    "split over operators": b"BT /F1 12 Tf 72 700 Td (Jane Fair) Tj (wea) Tj (ther) Tj ET",
    "split over text objects": b"BT /F1 12 Tf 72 700 Td (Fair) Tj ET BT /F1 12 Tf 94.01 700 Td (weather) Tj ET",
    "split over fonts": b"BT /F1 12 Tf 72 700 Td (Fair) Tj /F2 12 Tf (weather) Tj ET",
    "drawn backwards": b"BT /F1 12 Tf 94.01 700 Td (weather) Tj -22.01 0 Td (Fair) Tj ET",
    "apostrophe operator": b"BT /F1 12 Tf 14 TL 72 700 Td (Hello) Tj (Jane Fairweather) ' ET",
    "quotation operator": b'BT /F1 12 Tf 14 TL 72 700 Td (Hello) Tj 1 0.5 (Jane Fairweather) " ET',
    "hyphenated": b"BT /F1 12 Tf 14 TL 72 700 Td (written by Fair-) Tj T* (weather today) Tj ET",
    "two lines": b"BT /F1 12 Tf 14 TL 72 700 Td (written by Jane) Tj T* (Fairweather today) Tj ET",
    "wide spacing": b"BT /F1 12 Tf 4 Tc 72 700 Td (Fairweather) Tj ET",
    "scaled": b"BT /F1 1 Tf 60 Tz 12 0 0 12 72 700 Tm (Jane Fairweather) Tj ET",
    "turned": b"BT /F1 12 Tf 0 1 -1 0 300 300 Tm (Jane Fair) Tj (weather) Tj ET",
    "invisible": b"BT /F1 12 Tf 3 Tr 72 700 Td (Jane Fairweather) Tj ET",
    "white": b"1 g BT /F1 12 Tf 72 700 Td (Jane Fairweather) Tj ET",
    "under a box": b"BT /F1 12 Tf 72 700 Td (Jane Fairweather) Tj ET 0 g 60 690 300 30 re f",
    "clipped away": b"q 0 0 1 1 re W n BT /F1 12 Tf 72 700 Td (Jane Fairweather) Tj ET Q",
    "outside the page": b"BT /F1 12 Tf -900 700 Td (Jane Fairweather) Tj ET",
    "tiny": b"BT /F1 0.1 Tf 72 700 Td (Jane Fairweather) Tj ET",
    "raised": b"BT /F1 12 Tf 72 700 Td (Fair) Tj 3 Ts (weather) Tj ET",
    "twice for boldness": b"BT /F1 12 Tf 72 700 Td (Fairweather) Tj ET BT /F1 12 Tf 72.3 700 Td (Fairweather) Tj ET",
    "ActualText": b"BT /F1 12 Tf 72 700 Td /Span <</ActualText (Jane Fairweather)>> BDC (her) Tj EMC ET",
    "a string where none belongs": b"(Fairweather) /Fairweather MP BT /F1 12 Tf 72 700 Td (her) Tj ET",
    "an operator nobody knows": b"(Fairweather) frobnicate BT /F1 12 Tf 72 700 Td (her) Tj ET",
    "a comment": b"% Jane Fairweather\nBT /F1 12 Tf 72 700 Td (her) Tj ET",
}  # fmt: skip


@pytest.mark.parametrize("how", SHOWN)
def test_a_name_is_gone_however_it_is_drawn(how: str) -> None:
    source = pdf_files.saved(pdf_files.with_content(SHOWN[how]))
    assert_gone(source, redact(source)[1])


def test_a_name_placed_glyph_by_glyph_is_found() -> None:
    place = 72.0
    content = b"BT /F2 10 Tf "
    for letter in "Jane Fairweather wrote":
        if letter != " ":
            content += f"1 0 0 1 {place:.2f} 700 Tm ({letter}) Tj ".encode()
        place += 6.0
    source = pdf_files.saved(pdf_files.with_content(content + b"ET"))
    extraction, output = redact(source)
    assert extraction.segments[0].text == "Jane Fairweather wrote"
    assert_gone(source, output)


def test_the_token_has_its_own_width_and_the_rest_moves() -> None:
    source = pdf_files.saved(
        pdf_files.with_content(b"BT /F1 12 Tf 72 700 Td (Jane Fairweather, Regional Office) Tj ET")
    )
    _, output = redact(source)
    assert shown(output.data) == "[PERSON_1], Regional Office"
    with pikepdf.open(io.BytesIO(output.data)) as new:
        content = new.pages[0].Contents.read_bytes()
    # No number of the new page tells how wide the name was: nothing but the place and size of the first letter.
    assert content.split(b"\n")[2:] == [
        b"72 700 Td",
        b"/Token 12 Tf",
        b"<" + b"[PERSON_1]".hex().encode() + b"> Tj",
        b"/F1 12 Tf",
        b"[<" + b", Regional Office".hex().encode() + b">] TJ",
        b"ET",
    ]


def test_what_a_ligature_shows_beside_the_name_stays() -> None:
    encoding = Dictionary(Type=Name.Encoding, BaseEncoding=Name.WinAnsiEncoding, Differences=Array([1, Name.ffi]))
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=encoding)
    source = pdf_files.saved(
        pdf_files.with_content(b"BT /F3 12 Tf 72 700 Td (o\x01ce Fairweather) Tj ET", fonts={"/F3": font})
    )
    extraction = HANDLER.extract(source, Limits())
    assert extraction.segments[0].text == "office Fairweather"
    output = HANDLER.rewrite(source, Plan({"page1/b1": [Replacement(0, 2, "X")]}, "out"), Limits())
    assert shown(output.data) == "Xfice Fairweather"


def test_two_names_that_share_a_ligature_are_both_gone() -> None:
    encoding = Dictionary(Type=Name.Encoding, BaseEncoding=Name.WinAnsiEncoding, Differences=Array([1, Name.ffi]))
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=encoding)
    source = pdf_files.saved(pdf_files.with_content(b"BT /F3 12 Tf 72 700 Td (o\x01ce) Tj ET", fonts={"/F3": font}))
    plan = Plan({"page1/b1": [Replacement(0, 2, "A"), Replacement(2, 4, "B")]}, "out")
    assert shown(HANDLER.rewrite(source, plan, Limits()).data) == "ABce"


def test_a_replacement_that_starts_with_a_blank_nobody_drew_is_written() -> None:
    content = b"BT /F1 12 Tf 72 700 Td (by) Tj 20 0 Td (Jane) Tj ET"
    source = pdf_files.saved(pdf_files.with_content(content))
    assert HANDLER.extract(source, Limits()).segments[0].text == "by Jane"
    output = HANDLER.rewrite(source, Plan({"page1/b1": [Replacement(2, 7, "[A]")]}, "out"), Limits())
    assert shown(output.data) == "by [A]"


def test_words_from_right_to_left_are_read_as_they_are_spoken() -> None:
    pdf = pikepdf.new()
    font, codes = pdf_files.composite_font(pdf, "to םולש now")
    content = b"BT /F3 12 Tf 72 700 Td <" + codes.hex().encode() + b"> Tj ET"
    source = pdf_files.saved(pdf_files.with_content(content, fonts={"/F3": font}, pdf=pdf))
    assert HANDLER.extract(source, Limits()).segments[0].text == "to שלום now"


def test_a_name_in_nested_forms_is_gone() -> None:
    pdf = pdf_files.with_content(b"BT /F1 12 Tf 72 700 Td (By Jane Fair) Tj ET /Fairweather Do", b"/Fairweather Do")
    fonts = Dictionary(F1=pdf_files.core_font("Helvetica"))
    inner = pdf.make_stream(b"BT /F1 12 Tf 0 0 Td (weather) Tj ET BT /F1 12 Tf 0 -50 Td (Fairweather) Tj ET")
    inner.stream_dict = Dictionary(
        Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, -100, 600, 100]), Resources=Dictionary(Font=fonts),
        PieceInfo=Dictionary(Own=String("Fairweather")),
    )  # fmt: skip
    outer = pdf.make_stream(b"q 1 0 0 1 40 0 cm /Inner Do Q")
    outer.stream_dict = Dictionary(
        Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 612, 792]), Matrix=Array([1, 0, 0, 1, 100.36, 700]),
        Resources=Dictionary(XObject=Dictionary(Inner=inner)),
    )  # fmt: skip
    for page in pdf.pages:
        page.obj.Resources.XObject = Dictionary(Fairweather=outer)
    source = pdf_files.saved(pdf)
    _, output = redact(source)
    assert_gone(source, output)
    # On the second page the same form says "weather" alone: an ordinary word there.
    assert shown(output.data).split().count("weather") == 1


def test_a_page_of_forms_in_forms_without_end_is_a_picture() -> None:
    pdf = pdf_files.with_content(b"/Me Do")
    form = pdf.make_stream(b"/Me Do")
    form.stream_dict = Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
    form.Resources = Dictionary(XObject=Dictionary(Me=form))
    pdf.pages[0].obj.Resources.XObject = Dictionary(Me=form)
    extraction, output = redact(pdf_files.saved(pdf))
    assert extraction.opaque == ("page1/picture",)
    assert output.tier is Tier.B
    assert readers.undeclared(output.data) == []


def _info(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Author"] = "Jane Fairweather"


def _xmp(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata() as metadata:
        metadata["dc:creator"] = ["Jane Fairweather"]


def _annotation(pdf: pikepdf.Pdf) -> None:
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.Text, Rect=Array([9, 9, 30, 30]), Contents="ask Fairweather", T="Jane Fairweather"
    )
    link = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=Array([9, 9, 30, 30]),
        A=Dictionary(S=Name.URI, URI="mailto:fairweather@x.example"),
    )
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note), pdf.make_indirect(link)])


def _field(pdf: pikepdf.Pdf) -> None:
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="name", V="Fairweather", Rect=Array([9, 9, 90, 30]),
            DA="/Helv 12 Tf 0 g",
        )
    )  # fmt: skip
    pdf.pages[0].obj.Annots = Array([field])
    fonts = Dictionary(Helv=pdf_files.core_font("Helvetica"))
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), DR=Dictionary(Font=fonts))


def _attachment(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["fairweather.xyz"] = b"by Jane Fairweather"


def _outline(pdf: pikepdf.Pdf) -> None:
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("About Fairweather", 0))


def _structure(pdf: pikepdf.Pdf) -> None:
    element = Dictionary(Type=Name.StructElem, S=Name.P, Alt="Fairweather", ActualText="Fairweather")
    pdf.Root.StructTreeRoot = Dictionary(Type=Name.StructTreeRoot, K=pdf.make_indirect(element))


def _script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert('Fairweather')")


def _private(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.PieceInfo = Dictionary(App=Dictionary(Private=String("Fairweather")))


def _labels(pdf: pikepdf.Pdf) -> None:
    pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(P=String("Fairweather "))]))


def _undrawn_form(pdf: pikepdf.Pdf) -> None:
    form = pdf.make_stream(b"BT /F1 12 Tf (Fairweather) Tj ET")
    form.stream_dict = Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
    pdf.pages[0].obj.Resources.XObject = Dictionary(X=form)


def _trailer(pdf: pikepdf.Pdf) -> None:
    pdf.trailer.Own = String("Fairweather")


def _font_name(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Resources.Font.F1.BaseFont = Name("/FairweatherSans")


def _layer_name(pdf: pikepdf.Pdf) -> None:
    pdf_files.layer(pdf, "Fairweather", off=False)


HIDDEN: dict[str, Callable[[pikepdf.Pdf], None]] = {
    "properties": _info,
    "XMP": _xmp,
    "annotations": _annotation,
    "an attachment": _attachment,
    "an outline": _outline,
    "the structure tree": _structure,
    "a script": _script,
    "private data": _private,
    "page labels": _labels,
    "a form nobody draws": _undrawn_form,
    "the trailer": _trailer,
    "a font's name": _font_name,
    "a layer's name": _layer_name,
}


@pytest.mark.parametrize("where", HIDDEN)
def test_a_name_beside_the_pages_is_gone(where: str) -> None:
    pdf = pdf_files.with_content(b"BT /F1 12 Tf 72 700 Td (An ordinary line) Tj ET")
    HIDDEN[where](pdf)
    source = pdf_files.saved(pdf)
    _, output = redact(source)
    assert_gone(source, output)
    assert shown(output.data) == "An ordinary line"


def test_names_in_properties_become_needles() -> None:
    pdf = pdf_files.with_content(b"")
    for where in (_info, _xmp, _annotation, _attachment):
        where(pdf)
    pdf.docinfo["/Title"] = "Plan of the year"
    found = HANDLER.extract(pdf_files.saved(pdf), Limits()).metadata
    assert set(found) == {"Jane Fairweather", "fairweather.xyz"}


def test_an_older_revision_is_gone() -> None:
    old = pdf_files.saved(
        pdf_files.with_content(b"BT /F1 12 Tf 72 700 Td (Jane Fairweather) Tj ET"),
        object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False,
    )  # fmt: skip
    with pikepdf.open(io.BytesIO(old)) as pdf:
        number = pdf.pages[0].Contents.objgen[0]
        size = int(pdf.trailer.Size)
        root = pdf.Root.objgen[0]
    content = b"BT /F1 12 Tf 72 700 Td (Nobody) Tj ET"
    start = old.rindex(b"startxref") + 9
    update = f"{number} 0 obj\n<</Length {len(content)}>>\nstream\n".encode() + content + b"\nendstream\nendobj\n"
    table = f"xref\n{number} 1\n{len(old):010d} 00000 n \n"
    trailer = f"trailer\n<</Size {size}/Root {root} 0 R/Prev {int(old[start:].split()[0])}>>\n"
    source = old + update + (table + trailer).encode() + f"startxref\n{len(old) + len(update)}\n%%EOF\n".encode()
    assert squeezed(["Fairweather"]) in squeezed([source.decode("latin-1")])
    extraction, output = redact(source)
    assert [segment.text for segment in extraction.segments] == ["Nobody"]
    assert extraction.counts["F12"] == 1
    assert [place for place in places(output.data) if NEEDLE in place] == []
    assert readers.undeclared(output.data) == []


LAYERED = b"/OC /L BDC BT /F1 12 Tf 72 700 Td (Fairweather) Tj ET 0 0 9 9 re f EMC BT /F1 12 Tf 72 600 Td (after) Tj ET"


def test_a_hidden_layer_is_cut_and_reported() -> None:
    pdf = pdf_files.with_content(LAYERED)
    pdf.pages[0].obj.Resources.Properties = Dictionary(L=pdf_files.layer(pdf, "Draft", off=True))
    source = pdf_files.saved(pdf)
    extraction, output = redact(source)
    assert [segment.text for segment in extraction.segments] == ["after"]
    assert extraction.counts["F11-hidden"] == 1
    assert extraction.notices == ("hidden-content",)
    assert_gone(source, output)
    assert shown(output.data) == "after"


def test_a_visible_layer_is_read_like_all_text() -> None:
    pdf = pdf_files.with_content(LAYERED)
    pdf.pages[0].obj.Resources.Properties = Dictionary(L=pdf_files.layer(pdf, "Draft", off=False))
    source = pdf_files.saved(pdf)
    extraction, output = redact(source)
    assert "Fairweather" in "".join(segment.text for segment in extraction.segments)
    assert_gone(source, output)


def test_a_layer_nobody_knows_counts_as_hidden() -> None:
    pdf = pdf_files.with_content(LAYERED)
    pdf_files.layer(pdf, "Draft", off=False)
    extraction = HANDLER.extract(pdf_files.saved(pdf), Limits())
    assert [segment.text for segment in extraction.segments] == ["after"]


@pytest.mark.parametrize(("off", "policy", "seen"), [(True, "/AnyOn", 1), (False, "/AnyOn", 2), (False, "/AllOff", 1)])
def test_a_group_of_layers_is_shown_only_when_all_of_them_are(off: bool, policy: str, seen: int) -> None:
    pdf = pdf_files.with_content(LAYERED)
    members = Array([pdf_files.layer(pdf, "Draft", off=off)])
    pdf.pages[0].obj.Resources.Properties = Dictionary(L=Dictionary(Type=Name.OCMD, OCGs=members, P=Name(policy)))
    extraction = HANDLER.extract(pdf_files.saved(pdf), Limits())
    assert len(extraction.segments) == seen


def test_where_there_are_no_layers_nothing_is_hidden() -> None:
    source = pdf_files.saved(pdf_files.with_content(LAYERED))
    extraction, output = redact(source)
    assert len(extraction.segments) == 2
    assert_gone(source, output)


def test_a_subset_font_keeps_what_is_still_shown_and_no_more() -> None:
    source = pdf_files.document([*pdf_files.FILLER, "Jane Fairweather quizzed Zoë."], font="Vera")
    _, output = redact(source)
    assert_gone(source, output)
    assert all(line in shown(output.data) for line in pdf_files.FILLER)
    with pikepdf.open(io.BytesIO(output.data)) as new:
        maps = b"".join(
            item.ToUnicode.read_bytes() for item in new.objects if isinstance(item, Dictionary) and "/ToUnicode" in item
        )
    assert b"<0071>" in maps  # q
    assert b"<004a>" not in maps  # J, of Jane alone


def test_a_composite_font_is_read_by_its_map() -> None:
    pdf = pikepdf.new()
    font, codes = pdf_files.composite_font(pdf, "Ask Jane Fairweather, please")
    content = b"BT /F3 12 Tf 72 700 Td <" + codes.hex().encode() + b"> Tj ET"
    source = pdf_files.saved(pdf_files.with_content(content, fonts={"/F3": font}, pdf=pdf))
    extraction, output = redact(source)
    assert extraction.segments[0].text == "Ask Jane Fairweather, please"
    assert_gone(source, output)
    assert shown(output.data) == "Ask [PERSON_1], please"
    assert readers.page_count(output.data) == 1


def outlines(data: bytes) -> dict[int, bytes]:
    """Glyph number → outline of the one TrueType program in a file, read by reportlab."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        programs = [
            item.FontFile2.read_bytes() for item in pdf.objects if isinstance(item, Dictionary) and "/FontFile2" in item
        ]
    parser = TTFontParser(io.BytesIO(programs[0]))
    wide = struct.unpack_from(">h", parser.get_table("head"), 50)[0]
    loca, glyphs = parser.get_table("loca"), parser.get_table("glyf")
    places = [item[0] * (1 if wide else 2) for item in struct.iter_unpack(">I" if wide else ">H", loca)]
    return {number: glyphs[start:end] for number, (start, end) in enumerate(pairwise(places))}


def test_outlines_of_removed_letters_are_gone() -> None:
    pdf = pikepdf.new()
    font, codes = pdf_files.composite_font(pdf, "Ask Jane Fairweather, é")
    content = b"BT /F3 12 Tf 72 700 Td <" + codes.hex().encode() + b"> Tj ET"
    source = pdf_files.saved(pdf_files.with_content(content, fonts={"/F3": font}, pdf=pdf))
    _, output = redact(source)
    glyph = TTFont("Vera-glyphs", str(pdf_files.VERA)).face.charToGlyph
    before, after = outlines(source), outlines(output.data)
    assert len(before) == len(after)
    assert all(after[glyph[ord(letter)]] for letter in "Ask,é")
    assert all(before[glyph[ord(letter)]] and not after[glyph[ord(letter)]] for letter in "JnFrwth")
    # é is composed of the outline of e, which stays with it, and of an accent.
    assert after[glyph[ord("e")]].startswith(before[glyph[ord("e")]])


def test_outlines_of_removed_letters_are_gone_from_simple_fonts() -> None:
    source = pdf_files.document(["Ask Jane Fairweather"], font="Vera")
    _, output = redact(source)
    kept = [number for number, outline in outlines(output.data).items() if outline]
    assert len(kept) == 4  # A, s, k and the box for what is missing; the blank never had an outline
    assert len([number for number, outline in outlines(source).items() if outline]) > 10
    before, after = readers.render(source, 1, 4.0), readers.render(output.data, 1, 4.0)
    box = (280, 330, 364, 420)  # Ask
    assert Image.open(io.BytesIO(before)).crop(box).tobytes() == Image.open(io.BytesIO(after)).crop(box).tobytes()


def as_picture(font: Dictionary, pdf: pikepdf.Pdf | None = None, codes: bytes = b"(abc)") -> None:
    """The page leaves as a picture, and a person must look at it."""
    content = b"BT /F3 40 Tf 72 700 Td " + codes + b" Tj ET"
    source = pdf_files.saved(pdf_files.with_content(content, fonts={"/F3": font}, pdf=pdf))
    extraction, output = redact(source)
    assert extraction.opaque == ("page1/picture",)
    assert output.tier is Tier.B
    assert readers.undeclared(output.data) == []
    with pikepdf.open(io.BytesIO(output.data)) as new:
        assert [key for key in new.pages[0].Resources.get("/Font", {}) if key != "/Layer"] == []


def test_letters_without_a_meaning_make_a_picture() -> None:
    names = Array([97, Name("/g1"), Name("/g2"), Name("/g3")])
    encoding = Dictionary(Type=Name.Encoding, Differences=names)
    as_picture(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Own, Encoding=encoding))


def test_a_composite_font_without_a_map_is_read_by_its_program() -> None:
    pdf = pikepdf.new()
    font, codes = pdf_files.composite_font(pdf, "By Jane Fairweather")
    del font.ToUnicode
    content = b"BT /F3 12 Tf 72 700 Td <" + codes.hex().encode() + b"> Tj ET"
    source = pdf_files.saved(pdf_files.with_content(content, fonts={"/F3": font}, pdf=pdf))
    extraction, output = redact(source)
    assert extraction.segments[0].text == "By Jane Fairweather"
    assert shown(output.data) == "By [PERSON_1]"


def test_a_composite_font_whose_map_contradicts_its_program_makes_a_picture() -> None:
    pdf = pikepdf.new()
    font, codes = pdf_files.composite_font(pdf, "Jane")
    font.ToUnicode = pdf.make_stream(b"1 beginbfrange <0200> <0203> <0077> endbfrange")
    as_picture(font, pdf, b"<" + codes.hex().encode() + b">")


def test_a_composite_font_without_any_map_makes_a_picture() -> None:
    pdf = pikepdf.new()
    font, codes = pdf_files.composite_font(pdf, "Jane")
    del font.ToUnicode
    program = font.DescendantFonts[0].FontDescriptor.FontFile2
    program.write(program.read_bytes().replace(b"cmap", b"none", 1))
    as_picture(font, pdf, b"<" + codes.hex().encode() + b">")


def test_a_font_that_shows_one_letter_and_copies_another_makes_a_picture() -> None:
    pdf = pikepdf.new()
    cmap = pdf.make_stream(b"1 beginbfrange <61> <63> <0078> endbfrange")
    font = pdf_files.core_font("Helvetica")
    font.ToUnicode = cmap
    as_picture(font, pdf)


def test_letters_drawn_by_procedures_make_a_picture() -> None:
    pdf = pikepdf.new()
    font = Dictionary(
        Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([0, 0, 9, 9]), FontMatrix=Array([1, 0, 0, 1, 0, 0]),
        CharProcs=Dictionary(a=pdf.make_stream(b"0 0 9 9 re f")), FirstChar=97, LastChar=97, Widths=Array([9]),
        Encoding=Dictionary(Differences=Array([97, Name.a])),
    )  # fmt: skip
    as_picture(font, pdf)


def test_a_page_with_text_in_a_pattern_is_a_picture() -> None:
    pdf = pdf_files.with_content(b"/Pattern cs /P scn 0 0 99 99 re f")
    pattern = pdf.make_stream(b"BT /F1 12 Tf (Fairweather) Tj ET")
    pattern.stream_dict = Dictionary(
        PatternType=1, PaintType=1, TilingType=1, BBox=Array([0, 0, 9, 9]), XStep=9, YStep=9
    )
    pdf.pages[0].obj.Resources.Pattern = Dictionary(P=pattern)
    source = pdf_files.saved(pdf)
    extraction, output = redact(source)
    assert extraction.opaque == ("page1/picture",)
    assert [place for place in places(output.data) if NEEDLE in place] == []


def picture_of(words: str) -> Image.Image:
    """Black words on white, large enough for OCR."""
    picture = Image.new("RGB", (900, 200), "white")
    ImageDraw.Draw(picture).text((30, 60), words, fill="black", font=ImageFont.truetype(str(pdf_files.VERA), 48))
    return picture


def image_object(pdf: pikepdf.Pdf, picture: Image.Image, **entries: object) -> pikepdf.Stream:
    space = Name.DeviceGray if picture.mode == "L" else Name.DeviceRGB
    return pdf.make_stream(
        picture.tobytes(), Type=Name.XObject, Subtype=Name.Image, Width=picture.width, Height=picture.height,
        ColorSpace=space, BitsPerComponent=8, **entries,
    )  # fmt: skip


PLACED = b"q 450 0 0 100 72 500 cm /Photo Do Q BT /F1 9 Tf 72 400 Td (text) Tj ET"


def with_picture(photo: pikepdf.Stream, pdf: pikepdf.Pdf, *contents: bytes) -> bytes:
    pdf_files.with_content(*(contents or (PLACED,)), pdf=pdf)
    for page in pdf.pages:
        page.obj.Resources.XObject = Dictionary(Photo=photo)
    return pdf_files.saved(pdf)


def seen_in(data: bytes) -> str:
    """What OCR reads on the first page."""
    picture = Image.open(io.BytesIO(readers.render(data, 1, 3.0)))
    return " ".join(pixels.read(pdf_images.png(picture), Limits()).texts)


def test_a_name_in_a_picture_is_painted_over_and_a_person_must_look() -> None:
    pdf = pikepdf.new()
    source = with_picture(image_object(pdf, picture_of("Ask Jane Fairweather today")), pdf)
    extraction, output = redact(source)
    assert extraction.opaque == ("page1/img1",)
    assert extraction.areas["page1/img1"] == round(450 * 100 / (612 * 792) * 10_000)
    assert [segment.anchor for segment in extraction.segments if segment.carrier == "F6"] == ["page1/img1/t1"]
    assert NEEDLE in squeezed([seen_in(source)])
    assert NEEDLE not in squeezed([seen_in(output.data)])
    assert "Ask" in seen_in(output.data)
    assert output.carriers["F6"]["rewritten"] == 1
    assert readers.undeclared(output.data) == []


def test_a_picture_drawn_often_is_read_and_written_once() -> None:
    pdf = pikepdf.new()
    source = with_picture(image_object(pdf, picture_of("Jane Fairweather")), pdf, PLACED, PLACED + b" " + PLACED)
    extraction, output = redact(source)
    assert extraction.opaque == ("page1/img1",)
    with pikepdf.open(io.BytesIO(output.data)) as new:
        assert sum(item.get("/Subtype") == Name.Image for item in new.objects if isinstance(item, pikepdf.Stream)) == 1


def test_text_in_a_soft_mask_is_painted_over() -> None:
    pdf = pikepdf.new()
    mask = image_object(pdf, ImageOps.invert(picture_of("Jane Fairweather").convert("L")))
    source = with_picture(image_object(pdf, Image.new("RGB", (900, 200), "navy"), SMask=mask), pdf)
    _, output = redact(source)
    assert NEEDLE in squeezed([seen_in(source)])
    assert NEEDLE not in squeezed([seen_in(output.data)])
    with pikepdf.open(io.BytesIO(output.data)) as new:
        assert "/SMask" in new.pages[0].Resources.XObject.I1
    assert readers.undeclared(output.data) == []


def test_text_in_a_stencil_is_painted_over() -> None:
    pdf = pikepdf.new()
    stencil = picture_of("By Jane Fairweather").convert("1")
    photo = pdf.make_stream(
        stencil.tobytes(), Type=Name.XObject, Subtype=Name.Image, Width=900, Height=200, ImageMask=True,
        BitsPerComponent=1,
    )  # fmt: skip
    source = with_picture(photo, pdf, b"0 0 1 rg " + PLACED)
    _, output = redact(source)
    assert NEEDLE in squeezed([seen_in(source)])
    assert NEEDLE not in squeezed([seen_in(output.data)])
    with pikepdf.open(io.BytesIO(output.data)) as new:
        assert "/ImageMask" in new.pages[0].Resources.XObject.I1


def test_what_a_person_boxes_is_black() -> None:
    pdf = pikepdf.new()
    source = with_picture(image_object(pdf, picture_of("An ordinary sign")), pdf)
    output = HANDLER.rewrite(source, Plan({}, "out", boxed=("page1/img1",)), Limits())
    assert seen_in(output.data).split() == ["text"]


def test_a_jpeg_leaves_without_its_comment_and_with_its_look() -> None:
    photo = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(photo, "JPEG", comment=b"Fairweather")
    pdf = pikepdf.new()
    stream = pikepdf.Stream(pdf, photo.getvalue())
    stream.stream_dict = Dictionary(
        Type=Name.XObject, Subtype=Name.Image, Width=256, Height=256, ColorSpace=Name.DeviceRGB, BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )  # fmt: skip
    source = with_picture(pdf.make_indirect(stream), pdf)
    _, output = redact(source)
    assert b"Fairweather" in source
    assert b"Fairweather" not in output.data
    before, after = (Image.open(io.BytesIO(readers.render(data, 1, 1.0))) for data in (source, output.data))
    assert max(ImageChops.difference(before, after).convert("L").tobytes()) < 16


def test_a_picture_that_cannot_be_decoded_becomes_a_grey_area() -> None:
    pdf = pikepdf.new()
    broken = pdf.make_stream(b"no pixels", Type=Name.XObject, Subtype=Name.Image, Width=Name.Wide, Height=9)
    extraction, output = redact(with_picture(broken, pdf))
    assert extraction.opaque == ("page1/img1",)
    picture = Image.open(io.BytesIO(readers.render(output.data, 1, 1.0)))
    assert picture.convert("L").getpixel((172, 792 - 550)) == 0xD9


def test_a_tiny_picture_asks_nobody() -> None:
    pdf = pikepdf.new()
    photo = image_object(pdf, Image.effect_noise((40, 40), 90))
    source = with_picture(photo, pdf, b"q 4 0 0 4 72 500 cm /Photo Do Q")
    assert HANDLER.extract(source, Limits()).opaque == ()


def test_inline_pictures_are_read_and_written_again() -> None:
    stencil = picture_of("Jane Fairweather").convert("L")
    content = (
        b"q 450 0 0 100 72 500 cm BI /W 900 /H 200 /CS /G /BPC 8 /F /Fl ID "
        + zlib.compress(stencil.tobytes()) + b"\nEI Q"
    )  # fmt: skip
    source = pdf_files.saved(pdf_files.with_content(content))
    extraction, output = redact(source)
    assert extraction.opaque == ("page1/img1",)
    assert NEEDLE in squeezed([seen_in(source)])
    assert NEEDLE not in squeezed([seen_in(output.data)])


def test_a_picture_that_nobody_had_time_to_read_becomes_a_grey_area(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_images, "READ_PIXELS", 100)
    pdf = pikepdf.new()
    extraction = HANDLER.extract(source := with_picture(image_object(pdf, picture_of("Much")), pdf), Limits())
    monkeypatch.undo()
    output = HANDLER.rewrite(source, Plan({}, "out", memo=extraction.memo), Limits())
    assert extraction.opaque == ("page1/img1",)
    picture = Image.open(io.BytesIO(readers.render(output.data, 1, 1.0)))
    assert picture.convert("L").getpixel((172, 792 - 550)) == 0xD9


def tiles() -> bytes:
    """A sign cut into strips that OCR could not read one by one."""
    pdf = pikepdf.new()
    picture = picture_of("Signed by Jane Fairweather")
    content = b""
    photos = {}
    for row in range(50):
        photos[f"/P{row}"] = image_object(pdf, picture.crop((0, 4 * row, 900, 4 * row + 4)))
        content += f"q 450 0 0 2 72 {600 - 2 * row} cm /P{row} Do Q ".encode()
    pdf_files.with_content(content, pdf=pdf)
    pdf.pages[0].obj.Resources.XObject = Dictionary(photos)
    return pdf_files.saved(pdf)


def test_a_page_of_strips_is_read_in_one_piece() -> None:
    source = tiles()
    extraction, output = redact(source)
    assert extraction.opaque == ("page1/picture",)
    assert NEEDLE in squeezed([seen_in(source)])
    assert NEEDLE not in squeezed([seen_in(output.data)])


def unknown_letters(text: str) -> bytes:
    """A font whose codes nobody can tell, and a line in a known one above it."""
    pdf = pikepdf.new()
    font, codes = pdf_files.composite_font(pdf, text)
    del font.ToUnicode
    program = font.DescendantFonts[0].FontDescriptor.FontFile2
    program.write(program.read_bytes().replace(b"cmap", b"none", 1))
    content = b"BT /F1 20 Tf 72 740 Td (A known line) Tj /F3 30 Tf 0 -60 Td <" + codes.hex().encode() + b"> Tj ET"
    return pdf_files.saved(pdf_files.with_content(content, fonts={"/F3": font}, pdf=pdf))


def test_letters_nobody_can_tell_are_read_by_ocr_and_painted_over() -> None:
    source = unknown_letters("Ask Jane Fairweather today")
    extraction, output = redact(source)
    assert extraction.opaque == ("page1/picture",)
    assert NEEDLE in squeezed([segment.text for segment in extraction.segments])
    assert NEEDLE in squeezed([seen_in(source)])
    assert NEEDLE not in squeezed([seen_in(output.data)])
    assert_layer(output.data, "today")


def assert_layer(data: bytes, word: str) -> None:
    assert [place for place in places(data) if NEEDLE in place] == []
    assert all(word in squeezed([text_of(reader(data))]) for reader in readers.READERS)
    assert readers.undeclared(data) == []


def test_the_simpler_form_is_a_picture_of_the_page_with_the_text_that_stays() -> None:
    source = pdf_files.document(["Ask Jane Fairweather, Regional Office", *pdf_files.FILLER[:3]], size=14)
    extraction = HANDLER.extract(source, Limits())
    plan = replace(plan_for(extraction, WORDS), tier=Tier.B, memo=extraction.memo)
    output = HANDLER.rewrite(source, plan, Limits())
    assert output.tier is Tier.B
    assert NEEDLE not in squeezed([seen_in(output.data)])
    assert "Regional" in seen_in(output.data)
    assert_layer(output.data, "regionaloffice")
    assert HANDLER.rewrite(source, plan, Limits()).data == output.data


def test_only_the_pages_concerned_become_pictures() -> None:
    source = pdf_files.document([f"Line {number}" for number in range(90)])
    output = HANDLER.rewrite(source, Plan({}, "out", tier=Tier.B, pages=(2,)), Limits())
    with pikepdf.open(io.BytesIO(output.data)) as new:
        assert ["/XObject" in page.obj.Resources for page in new.pages] == [False, True]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_page_is_covered_where_its_text_is_seen(turn: int) -> None:
    pdf = pdf_files.with_content(b"BT /F1 24 Tf 100 600 Td (Jane Fairweather) Tj 0 -200 Td (ordinary words) Tj ET")
    pdf.pages[0].obj.Rotate = turn
    pdf.pages[0].obj.CropBox = Array([50, 100, 560, 700])
    source = pdf_files.saved(pdf)
    extraction = HANDLER.extract(source, Limits())
    output = HANDLER.rewrite(source, replace(plan_for(extraction, WORDS), tier=Tier.B), Limits())
    upright = Image.open(io.BytesIO(readers.render(output.data, 1, 2.0))).rotate(turn, expand=True)
    seen = squeezed(pixels.read(pdf_images.png(upright), Limits()).texts)
    assert "ordinarywords" in seen
    assert NEEDLE not in seen


def test_visible_values_of_fields_stay_as_text_of_their_page() -> None:
    pdf = pdf_files.with_content(b"BT /F1 12 Tf 72 700 Td (An ordinary line) Tj ET")
    _field(pdf)
    source = pdf_files.saved(pdf)
    extraction, output = redact(source)
    assert_gone(source, output)
    assert shown(output.data).split() == ["An", "ordinary", "line", "[PERSON_1]"]
    assert (
        shown(HANDLER.rewrite(source, Plan({}, "o"), Limits(), Switches(form_values=False)).data).split()[-1] == "line"
    )
    assert HANDLER.extract(source, Limits(), Switches(form_values=False)).counts["F9"] == 2  # and the form itself
    assert len(extraction.segments) == 2


@pytest.mark.parametrize("flags", [1, 2, 32])
def test_hidden_fields_are_dropped(flags: int) -> None:
    pdf = pdf_files.with_content(b"BT /F1 12 Tf 72 700 Td (An ordinary line) Tj ET")
    _field(pdf)
    pdf.pages[0].obj.Annots[0].F = flags
    assert shown(redact(pdf_files.saved(pdf))[1].data) == "An ordinary line"


def test_signatures_are_dropped_and_reported() -> None:
    pdf = pdf_files.with_content(b"BT /F1 12 Tf 72 700 Td (An ordinary line) Tj ET")
    _field(pdf)
    pdf.pages[0].obj.Annots[0].FT = Name.Sig
    extraction, output = redact(pdf_files.saved(pdf))
    assert extraction.notices == ("signature-dropped",)
    assert shown(output.data) == "An ordinary line"


def test_attachments_of_known_kinds_go_on_as_files() -> None:
    pdf = pdf_files.with_content(b"")
    pdf.attachments["notes.txt"] = b"by Jane Fairweather"
    pdf.attachments["tool.exe"] = b"MZ Fairweather"
    source = pdf_files.saved(pdf)
    extraction, output = redact(source)
    assert [(child.untrusted_name, child.data, child.embedded) for child in extraction.children] == [
        ("notes.txt", b"by Jane Fairweather", False)
    ]
    assert extraction.counts["F10"] == 1
    assert NEEDLE not in raw(output.data)


def test_a_page_of_drawings_alone_is_for_a_person() -> None:
    source = pdf_files.saved(pdf_files.with_content(b"10 10 m 90 90 l S", b""))
    assert HANDLER.extract(source, Limits()).opaque == ("page1/drawing",)


def test_drawings_and_colours_stay() -> None:
    pdf = pdf_files.with_content(b"/Ink cs 1 scn 100 100 200 200 re f 0 0 1 RG 5 w 400 100 m 400 300 l S")
    tint = Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 1, 1]), C1=Array([1, 0, 0]), N=1)
    pdf.pages[0].obj.Resources.ColorSpace = Dictionary(
        Ink=Array([Name.Separation, Name("/Fairweather#20Red"), Name.DeviceRGB, tint])
    )
    source = pdf_files.saved(pdf)
    _, output = redact(source)
    assert_gone(source, output)
    picture = Image.open(io.BytesIO(readers.render(output.data, 1, 1.0))).convert("RGB")
    assert picture.getpixel((200, 792 - 200)) == (255, 0, 0)
    assert picture.getpixel((400, 792 - 200)) == (0, 0, 255)


def test_other_text_is_kept_and_can_be_selected() -> None:
    lines = [f"{number}. Ordinary words – “quoted”, 50 € and café; {number * 7} items." for number in range(120)]
    source = pdf_files.document([*lines, "Jane Fairweather"])
    _, output = redact(source)
    before, after = shown(source).split(), shown(output.data).split()
    kept = sum(word in after for word in before if word not in {"Jane", "Fairweather"})
    assert kept >= 0.98 * (len(before) - 2)
    assert readers.page_count(output.data) == 3


def test_a_second_run_finds_nothing_more() -> None:
    _, first = redact(pdf_files.document([*pdf_files.FILLER, "Jane Fairweather"], font="Vera"))
    extraction, second = redact(first.data)
    assert plan_for(extraction, WORDS).replacements == {}
    assert shown(second.data) == shown(first.data)


def refusal(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(RefusedError) as error:
        HANDLER.extract(data, limits or Limits())
    return error.value.code


GOOD = pdf_files.document(["An ordinary line"])


def encrypted(password: str) -> bytes:
    pdf = pdf_files.with_content(b"BT /F1 12 Tf (x) Tj ET")
    return pdf_files.saved(pdf, encryption=pikepdf.Encryption(user=password, owner="owner"))


MALFORMED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "zeros": (b"\0" * 100, "empty"),
    "text that calls itself PDF": (b"%PDF-1.7\nhello\n%%EOF", "parse-failed"),
    "cut in half": (GOOD[: len(GOOD) // 2], "parse-failed"),
    "end cut off": (GOOD[: GOOD.rindex(b"startxref")], "parse-failed"),
    "words before": (b"Fairweather" + GOOD, "parse-failed"),
    "words behind": (GOOD + b"Fairweather", "parse-failed"),
    "an archive behind": (GOOD + b"PK\x03\x04" + bytes(30), "parse-failed"),
    "an archive": (b"PK\x03\x04" + bytes(30), "parse-failed"),
    "broken table": (GOOD.replace(b"startxref\n", b"startxref\n9"), "parse-failed"),
    "broken content": (GOOD.replace(b"/FlateDecode", b"/FlateDecodX"), "parse-failed"),
    "more pages said than there are": (GOOD.replace(b"/Count 1", b"/Count 2"), "parse-failed"),
    "a password": (encrypted("secret"), "encrypted"),
    "rights alone": (encrypted(""), "encrypted"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", MALFORMED)
def test_refused(wrong: str) -> None:
    data, code = MALFORMED[wrong]
    assert refusal(data) == code


def test_too_many_pages_are_refused() -> None:
    assert refusal(pdf_files.saved(pdf_files.with_content(*[b""] * 4)), Limits(pages=3)) == "limit"


def test_too_many_characters_are_refused() -> None:
    assert refusal(pdf_files.document(pdf_files.FILLER), Limits(characters=100)) == "limit"


def test_a_stream_that_unpacks_to_too_much_is_refused() -> None:
    pdf = pdf_files.with_content(b" " * 3_000_000)
    assert refusal(pdf_files.saved(pdf), Limits(inflated_bytes=1_000_000)) == "limit"


def test_a_stream_packed_twice_is_refused() -> None:
    pdf = pdf_files.with_content(b"")
    packed = pikepdf.Stream(pdf, zlib.compress(zlib.compress(b" " * 1000)))
    packed.Filter = Array([Name.FlateDecode, Name.FlateDecode])
    pdf.pages[0].obj.Contents = pdf.make_indirect(packed)
    assert (
        refusal(pdf_files.saved(pdf, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none))
        == "limit"
    )


@pytest.mark.parametrize(
    "mangle",
    [
        lambda page: page.__setitem__("/CropBox", Array([0, 0, Name.a, 9])),
        lambda page: page.__setitem__(
            "/Resources", Dictionary(Font=Dictionary(F1=Dictionary(Subtype=Name.Type1, Widths=String("x"))))
        ),
        lambda page: page.__setitem__("/Contents", String("x")),
        lambda page: page.__setitem__("/Rotate", String("x")),
    ],
)
def test_objects_of_the_wrong_kind_are_refused(mangle: Callable[[Dictionary], None]) -> None:
    pdf = pdf_files.with_content(b"BT /F1 12 Tf (x) Tj ET")
    mangle(pdf.pages[0].obj)
    assert refusal(pdf_files.saved(pdf)) == "parse-failed"


@pytest.mark.parametrize("seed", range(25))
def test_damaged_bytes_are_read_or_refused_but_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    damaged = bytearray(plain_file())
    for _ in range(chance.randint(1, 12)):
        damaged[chance.randrange(9, len(damaged) - 6)] = chance.randrange(256)
    try:
        HANDLER.extract(bytes(damaged), Limits())
        HANDLER.rewrite(bytes(damaged), Plan({}, "out"), Limits())
    except RedactionError as error:
        assert error.code in {"parse-failed", "unread-font", "limit", "encrypted"}  # noqa: PT017 – either way is right


@cache
def plain_file() -> bytes:
    """A file with nothing packed, so that damage reaches every object."""
    with pikepdf.open(io.BytesIO(pdf_files.document(pdf_files.FILLER[:8], font="Vera"))) as pdf:
        return pdf_files.saved(
            pdf,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            compress_streams=False,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )


@pytest.mark.parametrize(
    ("anchor", "replacement"),
    [("page1/b1", Replacement(0, 99, "x")), ("page1/b7", Replacement(0, 1, "x")), ("page1/b1", Replacement(3, 2, "x"))],
)
def test_a_plan_that_does_not_fit_writes_nothing(anchor: str, replacement: Replacement) -> None:
    with pytest.raises(RedactionError):
        HANDLER.rewrite(GOOD, Plan({anchor: [replacement]}, "out"), Limits())


def test_readers_see_what_is_drawn_and_what_is_not() -> None:
    pdf = pdf_files.with_content(b"BT /F1 12 Tf 72 700 Td (Visible) Tj ET")
    pdf.Root.Own = String("Fairweather")
    blocks: list[Block] = readers.read_pypdf(pdf_files.saved(pdf))
    assert blocks[0].text == "Visible"
    assert "Fairweather" in blocks[-1].text
    assert readers.undeclared(pdf_files.saved(pdf)) == ["catalog /Own"]


def test_a_page_can_be_seen() -> None:
    picture = Image.open(io.BytesIO(readers.render(GOOD, 1, 0.5)))
    assert picture.size[0] > 200
    with pytest.raises(ValueError, match="no such page"):
        readers.render(GOOD, 2)
    with pytest.raises(ValueError, match="too large"):
        readers.render(GOOD, 1, 100)
