"""Presentations: names go from slides, notes, masters and everything beside them; the layout stays."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from typing import Any

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from redaction.entities import Plan, Tier
from redaction.errors import RefusedError
from redaction.formats import Limits, Switches
from redaction.formats.pptx import PptxHandler
from redaction.readers import pptx as readers
from redaction.readers.ooxml import scan
from redaction.readers.parts import undeclared
from tests.corpus.hostile import pptx as hostile
from tests.redaction.packages import NEEDLES, WORDS, cut_in, leaks, members, picture, redact, with_members, with_part
from tests.redaction.plans import plan_for, squeezed, text_of

HANDLER = PptxHandler()
SLIDE = "ppt/slides/slide1.xml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
SLIDES_TYPE = "application/vnd.openxmlformats-officedocument.presentationml."
BOX = (Inches(1), Inches(1), Inches(4), Inches(2))


def saved(deck: Any) -> bytes:
    buffer = io.BytesIO()
    deck.save(buffer)
    return buffer.getvalue()


def deck(fill: Callable[[Any], None], slides: int = 1) -> bytes:
    """A deck whose first slide is filled by ``fill``."""
    presentation = Presentation()
    for _ in range(slides):
        presentation.slides.add_slide(presentation.slide_layouts[5])
    presentation.slides[0].shapes.title.text = "Results"
    fill(presentation.slides[0])
    return saved(presentation)


def nothing(_: Any) -> None:
    """Leave the slide as it is."""


def title(slide: Any) -> None:
    slide.shapes.title.text = "Jane Fairweather on Bluebird"


def split_runs(slide: Any) -> None:
    line = slide.shapes.add_textbox(*BOX).text_frame.paragraphs[0]
    for text in ("By Jane Fa", "irwea", "ther."):
        line.add_run().text = text
    line.runs[1].font.bold = True


def group(slide: Any) -> None:
    slide.shapes.add_group_shape().shapes.add_textbox(*BOX).text_frame.text = "Jane Fairweather"


def table(slide: Any) -> None:
    slide.shapes.add_table(2, 2, *BOX).table.cell(1, 1).text = "Bluebird"


def notes(slide: Any) -> None:
    slide.notes_slide.notes_text_frame.text = "Ask Jane Fairweather"


def image(slide: Any) -> None:
    shape = slide.shapes.add_picture(io.BytesIO(picture((80, 50))), *BOX[:2])
    shape.name = "fairweather.png"
    shape._element.nvPicPr.cNvPr.set("descr", "The Bluebird team")


def chart(slide: Any) -> None:
    data: Any = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = ["Jane Fairweather", "Others"]
    data.add_series("Bluebird", (1, 2))
    slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *BOX, data)


def link(slide: Any) -> None:
    run = slide.shapes.add_textbox(*BOX).text_frame.paragraphs[0].add_run()
    run.text = "her page"
    run.hyperlink.address = "https://acme.example/fairweather"


def hidden() -> bytes:
    presentation = Presentation()
    for text in ("Shown", "Jane Fairweather"):
        presentation.slides.add_slide(presentation.slide_layouts[5]).shapes.title.text = text
    presentation.slides[1]._element.set("show", "0")
    return saved(presentation)


def properties() -> bytes:
    presentation = Presentation()
    presentation.core_properties.author = "Jane Fairweather"
    presentation.core_properties.subject = "Bluebird"
    return saved(presentation)


def smart_art() -> bytes:
    point = (
        '<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
        ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><dgm:ptLst><dgm:pt modelId="1"><dgm:t>'
        "<a:bodyPr/><a:p><a:r><a:t>Jane Fairweather</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>"
    )
    frame = (
        "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id='9' name='Diagram 1'/><p:cNvGraphicFramePr/><p:nvPr/>"
        "</p:nvGraphicFramePr><p:xfrm><a:off x='0' y='0'/><a:ext cx='9' cy='9'/></p:xfrm><a:graphic><a:graphicData"
        " uri='http://schemas.openxmlformats.org/drawingml/2006/diagram'><dgm:relIds"
        " xmlns:dgm='http://schemas.openxmlformats.org/drawingml/2006/diagram' r:dm='rIdNeedle'/></a:graphicData>"
        "</a:graphic></p:graphicFrame>"
    )
    source = deck(nothing)
    content = members(source)[SLIDE].replace(b"</p:spTree>", frame.encode() + b"</p:spTree>")
    return with_part(
        with_members(source, {SLIDE: content}),
        SLIDE,
        OFFICE + "diagramData",
        "ppt/diagrams/data9.xml",
        point.encode(),
        "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml",
    )


AUTHORS = (
    b'<p:cmAuthorLst xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main">'
    b'<p:cmAuthor id="0" name="Jane Fairweather" initials="JF" lastIdx="1" clrIdx="0"/></p:cmAuthorLst>'
)
TAGS = (
    b'<p:tagLst xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main">'
    b'<p:tag name="OWNER" val="Fairweather"/></p:tagLst>'
)

PLACES: dict[str, Callable[[], bytes]] = {
    "title": lambda: deck(title),
    "runs that split the name": lambda: deck(split_runs),
    "group": lambda: deck(group),
    "table": lambda: deck(table),
    "notes": lambda: deck(notes),
    "picture name and alternative text": lambda: deck(image),
    "chart, its cache and its workbook": lambda: deck(chart),
    "hyperlink": lambda: deck(link),
    "hidden slide": hidden,
    "properties": properties,
    "SmartArt": smart_art,
    "layout that is used": lambda: cut_in(
        deck(nothing),
        "ppt/slideLayouts/slideLayout6.xml",
        b"</p:spTree>",
        b"<p:sp><p:nvSpPr><p:cNvPr id='99' name='Bluebird'/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/><p:txBody>"
        b"<a:bodyPr/><a:p><a:r><a:t>Jane Fairweather</a:t></a:r></a:p></p:txBody></p:sp>",
    ),
    "layout nobody uses": lambda: with_members(
        deck(nothing),
        {
            "ppt/slideLayouts/slideLayout1.xml": members(deck(nothing))["ppt/slideLayouts/slideLayout1.xml"].replace(
                b'<p:cSld name="', b'<p:cSld name="Fairweather '
            )
        },
    ),
    "comment authors": lambda: with_part(
        deck(nothing),
        "ppt/presentation.xml",
        OFFICE + "commentAuthors",
        "ppt/commentAuthors.xml",
        AUTHORS,
        SLIDES_TYPE + "commentAuthors+xml",
    ),
    "tags": lambda: with_part(
        cut_in(deck(nothing), SLIDE, b"</p:cSld>", b"<p:custDataLst><p:tags r:id='rIdNeedle'/></p:custDataLst>"),
        SLIDE,
        OFFICE + "tags",
        "ppt/tags/tag1.xml",
        TAGS,
        SLIDES_TYPE + "tags+xml",
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_name_does_not_survive_in(place: str) -> None:
    source = PLACES[place]()
    before = b"".join(members(source).values()).lower() + squeezed([text_of(scan(source))]).encode()
    assert any(needle.encode() in before for needle in NEEDLES), "the case plants nothing"

    _, output = redact(HANDLER, source)

    assert leaks(output.data) == []
    for reader in readers.READERS:
        seen = squeezed([text_of(reader(output.data))])
        assert not [needle for needle in NEEDLES if needle in seen]
    assert set(output.carriers) <= {carrier.id for carrier in HANDLER.carriers}
    assert redact(HANDLER, source)[1].data == output.data


@pytest.mark.parametrize("place", ["title", "runs that split the name", "group", "notes", "SmartArt"])
def test_what_a_person_reads_holds_the_token_instead(place: str) -> None:
    assert "[PERSON_1]" in text_of(readers.read(redact(HANDLER, PLACES[place]())[1].data))


def test_a_hidden_slide_is_dropped_and_counted() -> None:
    output = redact(HANDLER, hidden())[1]
    slides = Presentation(io.BytesIO(output.data)).slides
    assert [slide.shapes.title.text for slide in slides] == ["Shown"]
    assert output.carriers["P1"]["dropped"] == 1
    assert output.carriers["O10"]["dropped"] == 2  # view and show settings
    assert "unnamed" not in output.carriers


def test_only_the_layouts_in_use_travel() -> None:
    output = HANDLER.rewrite(deck(nothing), Plan({}, "out"), Limits())
    again = Presentation(io.BytesIO(output.data))
    assert [layout.name for layout in again.slide_layouts] == ["Title Only"]
    assert again.slides[0].slide_layout.name == "Title Only"


def test_layout_of_text_tables_and_charts_survives() -> None:
    def fill(slide: Any) -> None:
        split_runs(slide)
        table(slide)
        chart(slide)

    slide = Presentation(io.BytesIO(redact(HANDLER, deck(fill))[1].data)).slides[0]
    box, grid, graphic = (slide.shapes[index] for index in (1, 2, 3))
    assert [run.text for run in box.text_frame.paragraphs[0].runs] == ["By [PERSON_1]", "", "."]
    assert box.text_frame.paragraphs[0].runs[1].font.bold
    assert (box.left, box.top, box.width, box.height) == BOX
    assert grid.table.cell(1, 1).text == "[PRODUCT_1]"
    assert list(graphic.chart.plots[0].categories) == ["[PERSON_1]", "Others"]
    assert list(graphic.chart.plots[0].series[0].values) == [1.0, 2.0]


def test_a_picture_becomes_a_plain_one_of_its_size() -> None:
    extraction, output = redact(HANDLER, deck(image))
    shape = Presentation(io.BytesIO(output.data)).slides[0].shapes[1]
    assert shape.image.size == (80, 50)
    assert extraction.opaque == ["image1"]
    assert output.carriers["O4"]["dropped"] == 1


def test_every_relationship_leads_to_a_part_with_a_declared_type() -> None:
    files = members(redact(HANDLER, deck(chart))[1].data)
    assert not [name for name in files if name.endswith((".bin", ".xlsx")) or "printerSettings" in name]
    assert b"externalData" not in files["ppt/charts/chart1.xml"]


def test_a_deck_without_slides_keeps_one_master_with_one_layout() -> None:
    again = Presentation(io.BytesIO(HANDLER.rewrite(properties(), Plan({}, "out"), Limits()).data))
    assert len(again.slides) == 0
    assert len(again.slide_layouts) == 1


def test_a_second_run_changes_nothing() -> None:
    first = redact(HANDLER, deck(notes))[1].data
    assert HANDLER.rewrite(first, Plan({}, "out"), Limits()).data == first


BAD: dict[str, tuple[str, Callable[[], bytes]]] = {
    "nothing": ("empty", lambda: b""),
    "a show": (
        "unsupported",
        lambda: with_members(
            deck(nothing),
            {
                "[Content_Types].xml": members(deck(nothing))["[Content_Types].xml"].replace(
                    b"presentation.main", b"slideshow.main"
                )
            },
        ),
    ),
    "a macro project": ("macro", lambda: with_members(deck(nothing), {"ppt/vbaProject.bin": b"x"})),
    "broken XML": ("parse-failed", lambda: with_members(deck(nothing), {SLIDE: b"<p:sld"})),
    "password protected": (
        "encrypted",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
    ),
}


@pytest.mark.parametrize("fault", BAD)
def test_what_cannot_be_taken_is_refused(fault: str) -> None:
    code, build = BAD[fault]
    with pytest.raises(RefusedError) as refused:
        HANDLER.extract(build(), Limits())
    assert refused.value.code == code


# Files inside, hidden slides, comments, simpler form ------------------------------------------------------------------


def test_the_workbook_of_a_chart_goes_out_and_comes_back_as_it_is_given() -> None:
    source = deck(chart)
    [child] = HANDLER.extract(source, Limits()).children
    assert child.embedded
    files = members(HANDLER.rewrite(source, Plan({}, "out", children={child.ordinal: b"redacted"}), Limits()).data)
    assert files["ppt/embeddings/package1.xlsx"] == b"redacted"
    assert b"externalData" in files["ppt/charts/chart1.xml"]
    left_out = HANDLER.rewrite(source, Plan({}, "out"), Limits())
    assert left_out.carriers["P6"]["dropped"] == 1
    assert b"externalData" not in members(left_out.data)["ppt/charts/chart1.xml"]


def test_hidden_slides_stay_where_the_policy_says_so() -> None:
    source = hostile.hidden_slide()
    assert HANDLER.extract(source, Limits()).notices == ["hidden-content"]
    assert len(Presentation(io.BytesIO(HANDLER.rewrite(source, Plan({}, "out"), Limits()).data)).slides) == 1
    kept = Switches(hidden=True)
    assert HANDLER.extract(source, Limits(), kept).notices == ["hidden-content"]
    assert len(Presentation(io.BytesIO(HANDLER.rewrite(source, Plan({}, "out"), Limits(), kept).data)).slides) == 2


def test_comments_are_kept_where_the_policy_says_so_and_no_author_is_named() -> None:
    kept = Switches(comments=True)
    source = hostile.comments()
    extraction = HANDLER.extract(source, Limits(), kept)
    output = HANDLER.rewrite(source, Plan({}, "out", memo=extraction.memo), Limits(), kept)
    assert b'name="Author 1"' in members(output.data)["ppt/commentAuthors.xml"]
    assert b"dt=" not in members(output.data)["ppt/comments/comment1.xml"]


def test_notes_are_dropped_where_the_policy_says_so() -> None:
    without = HANDLER.rewrite(deck(notes), Plan({}, "out"), Limits(), Switches(notes=False))
    assert not [name for name in members(without.data) if "notes" in name]
    assert not Presentation(io.BytesIO(without.data)).slides[0].has_notes_slide


def test_slides_and_titles_stay_in_the_simpler_form() -> None:
    source = deck(title, slides=3)
    plan = plan_for(HANDLER.extract(source, Limits()), WORDS)
    output = HANDLER.rewrite(source, dataclasses.replace(plan, tier=Tier.B), Limits())
    assert output.tier is Tier.B
    assert leaks(output.data) == []
    assert undeclared(output.data) == []
    slides = Presentation(io.BytesIO(output.data)).slides
    assert len(slides) == 3
    assert slides[0].shapes.title.text == "[PERSON_1] on [PRODUCT_1]"


@pytest.mark.parametrize("fill", [nothing, notes, table, chart, image], ids=lambda fill: fill.__name__)
def test_a_second_run_with_a_memo_changes_nothing(fill: Callable[[Any], None]) -> None:
    def run(source: bytes) -> bytes:
        memo = HANDLER.extract(source, Limits()).memo
        return HANDLER.rewrite(source, Plan({}, "out", memo=memo), Limits()).data

    once = run(deck(fill))
    assert run(once) == once
