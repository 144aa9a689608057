"""Hostile presentations: a name in every place where one can hide, in the forms that each place allows."""

# ruff: noqa: E501 - markup is easier to check in one piece than in cut lines
from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import openpyxl
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from tests.corpus.hostile import NEEDLE, Case, Mutant
from tests.corpus.hostile.packages import (
    COMMON_MUTANTS,
    FORMS,
    OFFICE,
    OTHER_FORMS,
    R,
    attributes_kept,
    elements_kept,
    members_kept,
    photograph,
    picture,
    sealed,
    written_in_grey,
)
from tests.redaction.packages import cut_in, members, with_members, with_part

SLIDE = "ppt/slides/slide1.xml"
DECK = "ppt/presentation.xml"
TYPE = "application/vnd.openxmlformats-officedocument.presentationml."
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MICROSOFT = "http://schemas.microsoft.com/office/"
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
BOX = (Inches(1), Inches(1), Inches(4), Inches(2))
FULL = f"Jane {NEEDLE}"
Build = Callable[[], bytes]


def saved(deck: Any) -> bytes:
    buffer = io.BytesIO()
    deck.save(buffer)
    return buffer.getvalue()


def deck(fill: Callable[[Any], None] = lambda _: None, slides: int = 1) -> bytes:
    """A deck whose first slide is filled by ``fill``."""
    made = Presentation()
    for _ in range(slides):
        made.slides.add_slide(made.slide_layouts[5])
    made.slides[0].shapes.title.text = "Results of the year"
    fill(made.slides[0])
    return saved(made)


def boxed(text: str) -> bytes:
    return deck(lambda slide: setattr(slide.shapes.add_textbox(*BOX).text_frame, "text", text))


def shape(inner: str, attributes: str = 'id="9" name="TextBox 8"', place: str = 'x="0" y="0"') -> bytes:
    """A deck with one more shape, built by hand."""
    xml = (
        f"<p:sp><p:nvSpPr><p:cNvPr {attributes}/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off {place}/>"
        f'<a:ext cx="900000" cy="900000"/></a:xfrm></p:spPr><p:txBody><a:bodyPr/><a:p>{inner}</a:p></p:txBody></p:sp>'
    )
    return cut_in(deck(), SLIDE, b"</p:spTree>", xml.encode())


def run(text: str) -> str:
    return f"<a:r><a:t>{text}</a:t></a:r>"


def split_runs(slide: Any) -> None:
    line = slide.shapes.add_textbox(*BOX).text_frame.paragraphs[0]
    for number, piece in enumerate(("By Jane Fa", "irwea", "ther.")):
        part = line.add_run()
        part.text = piece
        part.font.bold = number == 1


def table(slide: Any) -> None:
    slide.shapes.add_table(2, 2, *BOX).table.cell(1, 1).text = FULL


def group(slide: Any) -> None:
    slide.shapes.add_group_shape().shapes.add_textbox(*BOX).text_frame.text = f"Made by {FULL}"


def notes(slide: Any) -> None:
    slide.notes_slide.notes_text_frame.text = f"Ask {FULL}"


def chart(slide: Any) -> None:
    data: Any = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = [FULL, "Others"]
    data.add_series("Sales", (1.5, 2.5))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *BOX, data)


def workbook_of_chart() -> bytes:
    """A chart whose workbook alone has the name, in a cell that the chart does not show."""

    def fill(slide: Any) -> None:
        data: Any = CategoryChartData()  # type: ignore[no-untyped-call]
        data.categories = ["Ours", "Others"]
        data.add_series("Sales", (1.5, 2.5))
        made = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *BOX, data).chart
        book = openpyxl.load_workbook(io.BytesIO(made.part.chart_workbook.xlsx_part.blob))
        sheet: Any = book.active
        sheet["F9"] = f"Owner {FULL}"
        buffer = io.BytesIO()
        book.save(buffer)
        made.part.chart_workbook.xlsx_part._blob = buffer.getvalue()

    return deck(fill)


def with_picture(data: bytes, **crop: float) -> bytes:
    def fill(slide: Any) -> None:
        shown = slide.shapes.add_picture(io.BytesIO(data), *BOX[:2])
        for side, share in crop.items():
            setattr(shown, f"crop_{side}", share)

    return deck(fill)


def described() -> bytes:
    def fill(slide: Any) -> None:
        shown = slide.shapes.add_picture(io.BytesIO(picture()), *BOX[:2])
        shown.name = f"{NEEDLE}.png"
        shown._element.nvPicPr.cNvPr.set("descr", f"{FULL} on the left")

    return deck(fill)


def hidden_slide() -> bytes:
    made = deck(lambda slide: slide.shapes.add_textbox(*BOX).text_frame.__setattr__("text", FULL), slides=2)
    content = members(made)[SLIDE]
    return with_members(made, {SLIDE: content.replace(b"<p:sld ", b'<p:sld show="0" ', 1)})


def animation() -> bytes:
    timing = (
        f'<p:timing {P}><p:tnLst><p:par><p:cTn id="1" dur="indefinite" nodeType="tmRoot"><p:childTnLst><p:set><p:cBhvr>'
        '<p:cTn id="2" dur="1"/><p:tgtEl><p:sldTgt/></p:tgtEl><p:attrNameLst><p:attrName>style.visibility</p:attrName>'
        f'</p:attrNameLst></p:cBhvr><p:to><p:strVal val="{FULL} enters"/></p:to></p:set></p:childTnLst></p:cTn></p:par>'
        "</p:tnLst></p:timing>"
    )
    return cut_in(deck(), SLIDE, b"</p:sld>", timing.encode())


def property_deck() -> bytes:
    made = Presentation()
    made.slides.add_slide(made.slide_layouts[5])
    made.core_properties.author = FULL
    made.core_properties.last_modified_by = "jane.fairweather@acme.example"
    return saved(made)


def layout(used: int, named: int) -> Build:
    """A name on a layout: the one a slide uses, or another."""

    def build() -> bytes:
        made: Any = Presentation()
        made.slides.add_slide(made.slide_layouts[used])
        made.slide_layouts[named].placeholders[0].text_frame.text = f"Layout by {FULL}"
        return saved(made)

    return build


def master() -> bytes:
    made = Presentation()
    made.slides.add_slide(made.slide_layouts[5])
    made.slide_master.placeholders[0].text_frame.text = f"Master by {FULL}"
    return saved(made)


def comments() -> bytes:
    authors = (
        f'<p:cmAuthorLst {P}><p:cmAuthor id="0" name="{FULL}" initials="JF" lastIdx="1" clrIdx="0"/></p:cmAuthorLst>'
    )
    said = (
        f'<p:cmLst {P}><p:cm authorId="0" dt="2024-01-01T00:00:00.000" idx="1"><p:pos x="10" y="10"/>'
        f"<p:text>Ask {FULL} first</p:text></p:cm></p:cmLst>"
    )
    made = with_part(
        deck(), DECK, OFFICE + "commentAuthors", "ppt/commentAuthors.xml", authors.encode(), f"{TYPE}commentAuthors+xml"
    )
    return with_part(
        made, SLIDE, OFFICE + "comments", "ppt/comments/comment1.xml", said.encode(), f"{TYPE}comments+xml"
    )


def modern_comments() -> bytes:
    said = (
        '<p188:cmLst xmlns:p188="http://schemas.microsoft.com/office/powerpoint/2018/8/main"><p188:cm id="{0}">'
        f"<p188:txBody><a:p {A}>{run(f'Ask {FULL}')}</a:p></p188:txBody></p188:cm></p188:cmLst>"
    )
    kind = MICROSOFT + "2018/10/relationships/comments"
    return with_part(
        deck(),
        SLIDE,
        kind,
        "ppt/comments/modernComment1.xml",
        said.encode(),
        "application/vnd.ms-powerpoint.comments+xml",
    )


def changes() -> bytes:
    said = f'<pc:chgInfo xmlns:pc="{MICROSOFT}powerpoint/2013/main/command" name="{FULL}" userId="jane.fairweather@acme.example"/>'
    kind = MICROSOFT + "2016/11/relationships/changesInfo"
    return with_part(
        deck(),
        DECK,
        kind,
        "ppt/changesInfos/changesInfo1.xml",
        said.encode(),
        "application/vnd.ms-powerpoint.changesinfo+xml",
    )


def custom_show() -> bytes:
    shows = f'<p:custShowLst><p:custShow name="Show for {FULL}" id="0"><p:sldLst/></p:custShow></p:custShowLst>'
    return cut_in(deck(), DECK, b"<p:defaultTextStyle", shows.encode())


def tags() -> bytes:
    said = f'<p:tagLst {P}><p:tag name="OWNER" val="{FULL}"/></p:tagLst>'
    return with_part(deck(), SLIDE, OFFICE + "tags", "ppt/tags/tag1.xml", said.encode(), f"{TYPE}tags+xml")


def film() -> bytes:
    sound = b"RIFF" + bytes(40) + f"Narrated by {FULL}".encode() + bytes(range(200))
    return with_part(deck(), SLIDE, OFFICE + "audio", "ppt/media/media1.wav", sound, "audio/x-wav")


def thumbnail() -> bytes:
    kind = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail"
    files = members(deck())
    name = next((name for name in files if name.startswith("docProps/thumbnail")), "")
    return (
        with_members(deck(), {name: photograph()})
        if name
        else with_part(deck(), "", kind, "docProps/thumbnail.jpeg", photograph(), "image/jpeg")
    )


def ole_object(data: bytes, kind: str, name: str, content_type: str) -> bytes:
    frame = (
        f'<p:graphicFrame {R}><p:nvGraphicFramePr><p:cNvPr id="9" name="Object 8"/><p:cNvGraphicFramePr/><p:nvPr/>'
        '</p:nvGraphicFramePr><p:xfrm><a:off x="0" y="0"/><a:ext cx="900000" cy="900000"/></p:xfrm><a:graphic>'
        '<a:graphicData uri="http://schemas.openxmlformats.org/presentationml/2006/ole"><p:oleObj name="Worksheet"'
        ' r:id="rIdNeedle" imgW="90" imgH="90" progId="Excel.Sheet.12"><p:embed/><p:pic><p:nvPicPr><p:cNvPr id="0" name=""/>'
        '<p:cNvPicPr/><p:nvPr/></p:nvPicPr><p:blipFill><a:blip r:embed=""/><a:stretch><a:fillRect/></a:stretch>'
        '</p:blipFill><p:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="9" cy="9"/></a:xfrm><a:prstGeom prst="rect">'
        "<a:avLst/></a:prstGeom></p:spPr></p:pic></p:oleObj></a:graphicData></a:graphic></p:graphicFrame>"
    )
    made = cut_in(deck(), SLIDE, b"</p:spTree>", frame.encode())
    return with_part(made, SLIDE, OFFICE + kind, f"ppt/embeddings/{name}", data, content_type)


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet["A1"] = f"Owner {FULL}"
    return saved(book)


def zip_comment() -> bytes:
    return sealed(members(deck()), f"packed by {FULL}".encode())


def link(target: str) -> Build:
    def fill(slide: Any) -> None:
        part = slide.shapes.add_textbox(*BOX).text_frame.paragraphs[0].add_run()
        part.text = "there"
        part.hyperlink.address = target

    return lambda: deck(fill)


def smart_art() -> bytes:
    drawing = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
    frame = (
        f'<p:graphicFrame {R}><p:nvGraphicFramePr><p:cNvPr id="9" name="Diagram 8"/><p:cNvGraphicFramePr/><p:nvPr/>'
        '</p:nvGraphicFramePr><p:xfrm><a:off x="0" y="0"/><a:ext cx="9" cy="9"/></p:xfrm><a:graphic><a:graphicData'
        f' uri="{drawing}"><dgm:relIds xmlns:dgm="{drawing}" r:dm="rIdNeedle"/></a:graphicData></a:graphic>'
        "</p:graphicFrame>"
    )
    data = (
        f'<dgm:dataModel xmlns:dgm="{drawing}" {A}><dgm:ptLst><dgm:pt modelId="1"><dgm:t><a:bodyPr/><a:p>'
        f"{run('Jane Fair')}{run('weather')}</a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>"
    )
    made = cut_in(deck(), SLIDE, b"</p:spTree>", frame.encode())
    kind = "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml"
    return with_part(made, SLIDE, OFFICE + "diagramData", "ppt/diagrams/data1.xml", data.encode(), kind)


def definition() -> bytes:
    text = members(deck())[SLIDE].replace(b"<p:sld ", b'<!DOCTYPE p:sld [<!ENTITY who "Fairweather">]><p:sld ', 1)
    return with_members(deck(), {SLIDE: text})


CHANNELS: tuple[tuple[str, str, Build], ...] = (
    ("O1", "core properties", property_deck),
    ("O2", "remark of the zip", zip_comment),
    ("O3", "path of an address", link(f"https://acme.example/people/{NEEDLE}")),
    ("O3", "mail address", link("mailto:jane.fairweather@acme.example")),
    ("O4", "text chunk of a picture", lambda: with_picture(picture())),
    ("O4", "EXIF data and comment", lambda: with_picture(photograph())),
    ("O5", "workbook on a slide", lambda: ole_object(workbook(), "package", "a.xlsx", SHEET)),
    ("O5", "old object with a path", lambda: ole_object(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + f"C:\\Users\\{NEEDLE}".encode("utf-16-le") + bytes(range(256)),
        "oleObject", "oleObject1.bin", "application/vnd.openxmlformats-officedocument.oleObject",
    )),
    ("O6", "categories of a chart", lambda: deck(chart)),
    ("O7", "custom XML", lambda: with_part(
        deck(), DECK, OFFICE + "customXml", "customXml/item1.xml", f"<note>{FULL}</note>".encode(), "application/xml"
    )),
    ("O8", "settings of a printer", lambda: with_part(
        deck(), DECK, OFFICE + "printerSettings", "ppt/printerSettings/printerSettings2.bin",
        f"Printer of {FULL}".encode("utf-16-le") + bytes(range(200)), "application/x-printer",
    )),
    ("O9", "name and description of a picture", described),
    ("O9", "SmartArt, split over runs", smart_art),
    ("O10", "id of a creation", lambda: shape(run("x"), f'id="9" name="TextBox 8" macro="{NEEDLE}"')),
    ("unnamed", "a part nobody knows", lambda: with_part(
        deck(), DECK, "http://acme.example/x", "ppt/fairweather.bin", f"by {FULL}".encode(), "application/x"
    )),
    ("P1", "title", lambda: deck(lambda slide: setattr(slide.shapes.title, "text", f"{FULL} on gardens"))),
    ("P1", "split over runs", lambda: deck(split_runs)),
    ("P1", "broken line", lambda: shape(run("Jane Fair-") + "<a:br/>" + run("weather"))),
    ("P1", "field", lambda: shape(f'<a:fld id="{{00000000-1111-4222-8333-444444444444}}" type="datetime1"><a:t>{FULL}</a:t></a:fld>')),
    ("P1", "beside the slide", lambda: shape(run(FULL), place='x="-9900000" y="-9900000"')),
    ("P1", "hidden shape", lambda: shape(run(FULL), 'id="9" name="TextBox 8" hidden="1"')),
    ("P1", "hidden slide", hidden_slide),
    ("P1", "animation", animation),
    ("P2", "notes", lambda: deck(notes)),
    ("P3", "layout in use", layout(5, 5)),
    ("P3", "layout not in use", layout(5, 0)),
    ("P3", "master", master),
    ("P4", "comment and its author", comments),
    ("P4", "comment of the new kind", modern_comments),
    ("P4", "who changed what", changes),
    ("P5", "custom show", custom_show),
    ("P5", "tags", tags),
    ("P6", "workbook of a chart", workbook_of_chart),
    ("P7", "narration", film),
    ("P8", "table", lambda: deck(table)),
    ("P8", "group", lambda: deck(group)),
    ("P9", "cropped away", lambda: with_picture(written_in_grey(), top=0.5)),
    ("P9", "text chunk of a cropped picture", lambda: with_picture(picture(), left=0.25, right=0.25)),
    ("P10", "thumbnail", thumbnail),
)  # fmt: skip
KEPT: tuple[tuple[str, str, Build], ...] = (
    ("P1", "kept hidden slide", hidden_slide),
    ("P4", "kept comment and its author", comments),
)
DROPPED: tuple[tuple[str, str, Build], ...] = (("P2", "dropped notes", lambda: deck(notes)),)
REFUSED: tuple[tuple[str, str, str, Build], ...] = (
    ("O8", "macros", "macro", lambda: with_members(deck(), {"ppt/vbaProject.bin": NEEDLE.encode()})),
    ("O11", "document type definition", "parse-failed", definition),
    ("O11", "flat package", "parse-failed", lambda: f"<pkg:package><a:t>{FULL}</a:t></pkg:package>".encode()),
    ("O12", "password", "encrypted", lambda: (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le") + NEEDLE.encode()
    )),
)  # fmt: skip


def cases() -> Iterator[Case]:
    """All cases of this format."""
    for form, text in FORMS.items():
        yield Case("P1", form, "deck.pptx", shape(run(text)))
    for form, (text, needle) in OTHER_FORMS.items():
        yield Case("P1", form, "deck.pptx", shape(run(text)), needle)
    for channel, form, build in CHANNELS:
        yield Case(channel, form, "deck.pptx", build())
    for channel, form, build in KEPT:
        yield Case(channel, form, "deck.pptx", build(), policy="context")
    for channel, form, build in DROPPED:
        yield Case(channel, form, "deck.pptx", build(), policy="strict")
    for channel, form, reason, build in REFUSED:
        yield Case(channel, form, "deck.pptx", build(), refused=reason)


MUTANTS: Mapping[str, Mutant] = {
    **COMMON_MUTANTS,
    "O10": attributes_kept(SLIDE, "macro"),
    "P4": members_kept(r"ppt/(?:comments|changesInfos)/.*|ppt/commentAuthors\.xml"),
    "P5": members_kept(r"ppt/tags/.*"),
    "P6": members_kept(r"ppt/embeddings/.*"),
    "P7": members_kept(r"ppt/media/media.*"),
    "P9": members_kept(r"ppt/media/.*"),
    "P10": members_kept(r"docProps/thumbnail.*"),
    # The simpler form has none of these, so it would cure what was merely not rewritten.
    "O3": members_kept(r"ppt/slides/_rels/.*"),
    "O6": members_kept(r"ppt/charts/.*"),
    "O9": elements_kept(SLIDE, "cNvPr"),
    "P3": members_kept(r"ppt/(?:slideLayouts|slideMasters)/.*"),
}
