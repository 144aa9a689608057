"""Word documents: every place a name can hide is read, rewritten or dropped, and the layout survives."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from typing import Any

import pytest
from docx import Document
from docx.shared import RGBColor
from PIL import Image

from redaction.entities import Plan, Replacement, Tier
from redaction.errors import RedactionError, RefusedError
from redaction.formats import Limits, Switches
from redaction.formats.docx import DocxHandler
from redaction.readers import docx as readers
from redaction.readers.ooxml import scan
from redaction.readers.parts import undeclared
from tests.corpus.hostile import docx as hostile
from tests.corpus.hostile.packages import written_in_grey
from tests.redaction.packages import (
    NEEDLES,
    WORDS,
    cut_in,
    leaks,
    members,
    packed,
    picture,
    redact,
    with_members,
    with_part,
)
from tests.redaction.plans import plan_for, squeezed, text_of

HANDLER = DocxHandler()
BODY = "word/document.xml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml."
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


def memo(*paragraphs: str) -> bytes:
    document = Document()
    for paragraph in paragraphs or ("A plain paragraph.",):
        document.add_paragraph(paragraph)
    return saved(document)


def with_body(xml: str) -> bytes:
    """A document whose body begins with this markup."""
    return cut_in(memo(), BODY, b"<w:p>", xml.encode())


def paragraph(inner: str) -> str:
    return f"<w:p>{inner}</w:p>"


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def split_runs() -> bytes:
    document = Document()
    line = document.add_paragraph("Dear ")
    line.add_run("Ja").bold = True
    line.add_run("ne Fair").italic = True
    line.add_run("weather")
    line.add_run(", hello")
    return saved(document)


def header_and_footer() -> bytes:
    document = Document()
    document.add_paragraph("Body")
    section = document.sections[0]
    section.header.paragraphs[0].text = "Jane Fairweather, confidential"
    section.footer.paragraphs[0].text = "Project Bluebird"
    section.different_first_page_header_footer = True
    section.first_page_header.paragraphs[0].text = "First page by Fairweather"
    return saved(document)


def table() -> bytes:
    document = Document()
    grid = document.add_table(2, 2)
    grid.cell(0, 1).text = "Jane Fairweather"
    inner = grid.cell(1, 0).add_table(1, 1)
    inner.cell(0, 0).text = "Bluebird inside"
    return saved(document)


def alternative_text() -> bytes:
    document = Document()
    document.add_picture(io.BytesIO(picture()))
    data = saved(document)
    content = members(data)[BODY].replace(b'name="Picture 1"', b'name="jane-fairweather.png" descr="Bluebird team"', 1)
    return with_members(data, {BODY: content})


def properties() -> bytes:
    document = Document()
    document.add_paragraph("Body")
    document.core_properties.author = "Jane Fairweather"
    document.core_properties.last_modified_by = "jane.fairweather@acme.example"
    document.core_properties.title = "Bluebird plan"
    return saved(document)


def hyperlink() -> bytes:
    document = Document()
    target = "https://acme.example/people/jane-fairweather?token=bluebird"
    relationship = document.part.relate_to(target, OFFICE + "hyperlink", is_external=True)
    data = saved(document)
    inner = f'<w:p><w:hyperlink {R} r:id="{relationship}">{run("her page")}</w:hyperlink></w:p>'
    return cut_in(data, BODY, b"<w:sectPr", inner.encode())


TEXT_BOX = (
    '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">'
    '<mc:Choice Requires="wps"><w:drawing><wps:wsp><wps:txbx><w:txbxContent><w:p><w:r><w:t>Jane Fairweather</w:t></w:r>'
    "</w:p></w:txbxContent></wps:txbx></wps:wsp></w:drawing></mc:Choice>"
    '<mc:Fallback><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml" alt="Bluebird" style="width:10pt">'
    "<v:textbox><w:txbxContent><w:p><w:r><w:t>Jane Fairweather</w:t></w:r></w:p></w:txbxContent></v:textbox>"
    '<v:textpath string="Bluebird draft"/></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>'
)
FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{}</w:instrText></w:r>'
    '<w:r><w:instrText>{}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    '<w:r><w:t>{}</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
COMMENTS = (
    f'<w:comments {W}><w:comment w:id="0" w:author="Jane Fairweather" w:initials="JF">'
    "<w:p><w:r><w:t>Ask Bluebird</w:t></w:r></w:p></w:comment></w:comments>"
)
NOTES = (
    f'<w:footnotes {W}><w:footnote w:id="2"><w:p><w:r><w:t>Jane Fairweather wrote</w:t></w:r></w:p></w:footnote>'
    "</w:footnotes>"
)
CUSTOM = (
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"'
    ' xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"><property fmtid="{0}" pid="2"'
    ' name="Client"><vt:lpwstr>Bluebird Fairweather</vt:lpwstr></property></Properties>'
)

PLACES: dict[str, Callable[[], bytes]] = {
    "body": lambda: memo("Dear Jane Fairweather, about Bluebird."),
    "runs that split the name": split_runs,
    "a name with a hard hyphen": lambda: with_body(
        paragraph("<w:r><w:t>Jane Fair</w:t><w:noBreakHyphen/><w:t>weather</w:t></w:r>" + run(" and Fairweather"))
    ),
    "a name written in symbols": lambda: with_body(
        paragraph(run("Fairweathe") + '<w:r><w:sym w:font="Arial" w:char="0072"/></w:r>' + run(" Bluebird"))
    ),
    "headers and footers": header_and_footer,
    "table in a table": table,
    "text box, both copies": lambda: with_body(paragraph(TEXT_BOX)),
    "hidden text": lambda: with_body(paragraph("<w:r><w:rPr><w:vanish/></w:rPr><w:t>Jane Fairweather</w:t></w:r>")),
    "tracked deletion": lambda: with_body(
        paragraph('<w:del w:id="1" w:author="Jane Fairweather"><w:r><w:delText>Bluebird</w:delText></w:r></w:del>')
    ),
    "tracked insertion": lambda: with_body(
        paragraph(
            f'<w:ins w:id="1" w:author="Jane Fairweather" w:date="2024-01-01T00:00:00Z">{run("Bluebird")}</w:ins>'
        )
    ),
    "field code split over runs": lambda: with_body(
        paragraph(FIELD.format("HYPERLINK &quot;mailto:jane.fair", "weather@acme.example&quot;", "Bluebird"))
    ),
    "author field": lambda: with_body(paragraph(FIELD.format("AUT", "HOR", "Jane Fairweather"))),
    "simple field": lambda: with_body(
        paragraph(f'<w:fldSimple w:instr=" MERGEFIELD Fairweather ">{run("Bluebird")}</w:fldSimple>')
    ),
    "bookmark": lambda: with_body(
        paragraph('<w:bookmarkStart w:id="7" w:name="Jane_Fairweather"/><w:bookmarkEnd w:id="7"/>')
        + paragraph(f'<w:hyperlink w:anchor="Jane_Fairweather">{run("there")}</w:hyperlink>')
    ),
    "content control": lambda: with_body(
        '<w:sdt><w:sdtPr><w:alias w:val="Jane Fairweather"/><w:tag w:val="bluebird"/>'
        '<w:dataBinding w:xpath="/fairweather" w:storeItemID="{0}"/><w:dropDownList>'
        '<w:listItem w:displayText="Fairweather" w:value="Bluebird"/></w:dropDownList></w:sdtPr>'
        f"<w:sdtContent>{paragraph(run('Jane Fairweather'))}</w:sdtContent></w:sdt>"
    ),
    "smart tag": lambda: with_body(
        paragraph(
            f'<w:smartTag w:uri="urn:acme.example" w:element="Fairweather">{run("Jane Fairweather")}</w:smartTag>'
        )
    ),
    "alternative text and picture name": alternative_text,
    "properties": properties,
    "custom properties": lambda: with_part(
        memo(), "", OFFICE + "custom-properties", "docProps/custom.xml", CUSTOM.encode(), "application/xml"
    ),
    "custom XML": lambda: with_part(
        memo(), BODY, OFFICE + "customXml", "customXml/item9.xml", b"<note>Jane Fairweather</note>", "application/xml"
    ),
    "comments": lambda: with_part(
        with_body(paragraph('<w:commentRangeStart w:id="0"/>' + run("text") + '<w:commentRangeEnd w:id="0"/>')),
        BODY,
        OFFICE + "comments",
        "word/remarks.xml",
        COMMENTS.encode(),
        WORD_TYPE + "comments+xml",
    ),
    "footnotes": lambda: with_part(
        with_body(paragraph('<w:r><w:footnoteReference w:id="2"/></w:r>')),
        BODY,
        OFFICE + "footnotes",
        "word/footnotes.xml",
        NOTES.encode(),
        WORD_TYPE + "footnotes+xml",
    ),
    "hyperlink address": hyperlink,
    "a part nobody knows, named after her": lambda: with_part(
        memo(), BODY, "http://acme.example/secret", "word/fairweather.bin", b"Bluebird", "application/bluebird"
    ),
    "a schema of one's own": lambda: with_body('<a:p xmlns:a="http://acme.example/"><a:t>Jane Fairweather</a:t></a:p>'),
    "a prefix that spells the name": lambda: with_body(
        '<fairweather:p xmlns:fairweather="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<fairweather:r><fairweather:t>Bluebird</fairweather:t></fairweather:r></fairweather:p>"
    ),
    "an XML comment": lambda: with_body("<!-- Jane Fairweather -->" + paragraph(run("Blue<!-- x -->bird"))),
    "settings": lambda: cut_in(
        memo(),
        "word/settings.xml",
        b"<w:decimalSymbol",
        b'<w:docVars><w:docVar w:name="a" w:val="Fairweather"/></w:docVars>',
    ),
    "a style of her own": lambda: cut_in(
        cut_in(
            memo(),
            "word/styles.xml",
            b"</w:styles>",
            b'<w:style w:type="paragraph" w:customStyle="1" w:styleId="FairweatherText">'
            b'<w:name w:val="Fairweather Text"/></w:style>',
        ),
        BODY,
        b"<w:p>",
        b'<w:p><w:pPr><w:pStyle w:val="FairweatherText"/></w:pPr></w:p>',
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
    assert Document(io.BytesIO(output.data)).element.body is not None


@pytest.mark.parametrize("place", ["body", "runs that split the name", "headers and footers", "table in a table"])
def test_what_a_person_reads_holds_the_token_instead(place: str) -> None:
    _, output = redact(HANDLER, PLACES[place]())
    assert "[PERSON_1]" in text_of(readers.read(output.data))


def test_the_first_run_takes_the_token_and_every_run_keeps_its_looks() -> None:
    _, output = redact(HANDLER, split_runs())
    runs = [item for line in Document(io.BytesIO(output.data)).paragraphs for item in line.runs]
    assert [item.text for item in runs] == ["Dear ", "[PERSON_1]", "", "", ", hello"]
    assert runs[1].bold
    assert runs[2].italic


def test_ordinary_text_and_layout_survive_without_a_plan() -> None:
    document = Document()
    document.add_heading("Results", 1)
    document.add_paragraph("First", style="List Bullet")
    document.add_paragraph("Second").runs[0].font.color.rgb = RGBColor(1, 2, 3)
    document.add_table(2, 3, style="Light Grid Accent 1").cell(1, 2).text = "42"
    output = HANDLER.rewrite(saved(document), Plan({}, "out"), Limits())
    again: Any = Document(io.BytesIO(output.data))
    assert [line.text for line in again.paragraphs] == ["Results", "First", "Second"]
    assert [line.style and line.style.name for line in again.paragraphs] == ["Heading 1", "List Bullet", "Normal"]
    assert again.paragraphs[2].runs[0].font.color.rgb == RGBColor(1, 2, 3)
    assert again.tables[0].style is not None
    assert again.tables[0].style.name == "Light Grid Accent 1"
    assert again.tables[0].cell(1, 2).text == "42"


def test_a_deleted_paragraph_mark_merges_the_paragraphs_and_nothing_else() -> None:
    source = with_body(
        '<w:p><w:pPr><w:rPr><w:del w:id="1" w:author="x"/></w:rPr></w:pPr><w:r><w:t>one </w:t></w:r></w:p>'
        '<w:p><w:r><w:t>two</w:t></w:r><w:del w:id="2" w:author="x"><w:r><w:delText> gone</w:delText></w:r></w:del>'
        "</w:p>"
    )
    output = HANDLER.rewrite(source, Plan({}, "out"), Limits())
    assert [line.text for line in Document(io.BytesIO(output.data)).paragraphs][:2] == ["one two", "A plain paragraph."]


def test_a_cell_that_held_nothing_but_a_foreign_chunk_keeps_a_paragraph() -> None:
    source = with_body(f'<w:tbl><w:tblGrid/><w:tr><w:tc><w:altChunk {R} r:id="rId77"/></w:tc></w:tr></w:tbl>')
    again = Document(io.BytesIO(HANDLER.rewrite(source, Plan({}, "out"), Limits()).data))
    assert [line.text for line in again.tables[0].cell(0, 0).paragraphs] == [""]


def test_old_authors_become_needles_and_generic_ones_do_not() -> None:
    assert "Jane Fairweather" in HANDLER.extract(properties(), Limits()).metadata
    assert "python-docx" not in HANDLER.extract(memo(), Limits()).metadata
    assert "Jane Fairweather" in HANDLER.extract(PLACES["comments"](), Limits()).metadata
    assert "Jane Fairweather" in HANDLER.extract(PLACES["tracked deletion"](), Limits()).metadata


def test_a_picture_becomes_a_plain_one_of_its_size_and_is_listed_as_opaque() -> None:
    source = alternative_text()
    extraction, output = redact(HANDLER, source)
    assert extraction.opaque == ["image1"]
    document = Document(io.BytesIO(output.data))
    image = document.part.related_parts[document.inline_shapes[0]._inline.graphic.graphicData.pic.blipFill.blip.embed]
    assert (image.image.px_width, image.image.px_height) == (60, 40)
    assert image.blob not in members(source).values()
    assert output.carriers["O4"]["dropped"] == 1


def test_a_link_keeps_its_text_and_leads_nowhere() -> None:
    _, output = redact(HANDLER, hyperlink())
    relationships = members(output.data)["word/_rels/document.xml.rels"]
    assert b'Target="about:blank"' in relationships
    assert "her page" in text_of(readers.read(output.data))


def test_a_harmless_link_keeps_its_address_without_query() -> None:
    source = hyperlink()
    content = members(source)["word/_rels/document.xml.rels"]
    harmless = content.replace(
        b"https://acme.example/people/jane-fairweather?token=bluebird", b"https://w3.org/TR/?x=1"
    )
    output = redact(HANDLER, with_members(source, {"word/_rels/document.xml.rels": harmless}))[1]
    assert b'Target="https://w3.org/TR/"' in members(output.data)["word/_rels/document.xml.rels"]


def test_the_same_plan_gives_the_same_bytes_and_a_second_run_changes_nothing() -> None:
    source = PLACES["text box, both copies"]()
    first = redact(HANDLER, source)[1].data
    assert redact(HANDLER, source)[1].data == first
    assert HANDLER.rewrite(first, Plan({}, "out"), Limits()).data == first


def test_the_new_zip_has_one_date_sorted_names_and_only_declared_parts() -> None:
    output = redact(HANDLER, PLACES["a part nobody knows, named after her"]())[1]
    names = list(members(output.data))
    assert names[0] == "[Content_Types].xml"
    assert names[1:] == sorted(names[1:])
    assert set(output.carriers) <= {carrier.id for carrier in HANDLER.carriers}


def test_a_main_part_under_another_name_is_found() -> None:
    files = members(memo("Dear Jane Fairweather"))
    moved = {name.replace("word/document.xml", "word/document2.xml"): content for name, content in files.items()}
    moved["word/_rels/document2.xml.rels"] = moved.pop("word/_rels/document.xml.rels")
    for name in ("_rels/.rels", "[Content_Types].xml"):
        moved[name] = moved[name].replace(b"document.xml", b"document2.xml")
    extraction, output = redact(HANDLER, packed(moved))
    assert "Dear Jane Fairweather" in [segment.text for segment in extraction.segments]
    assert leaks(output.data) == []


def test_a_strict_document_is_read_and_comes_out_transitional() -> None:
    strict = {
        name: content.replace(
            b"http://schemas.openxmlformats.org/wordprocessingml/2006/", b"http://purl.oclc.org/ooxml/wordprocessingml/"
        ).replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/"
        )
        for name, content in members(memo("Dear Jane Fairweather")).items()
    }
    extraction, output = redact(HANDLER, packed(strict))
    assert "Dear Jane Fairweather" in [segment.text for segment in extraction.segments]
    assert Document(io.BytesIO(output.data)).paragraphs[0].text == "Dear [PERSON_1]"


def test_a_plan_for_another_file_is_not_carried_out() -> None:
    with pytest.raises(RedactionError):
        HANDLER.rewrite(memo(), Plan({"p99": [Replacement(0, 1, "x")]}, "out"), Limits())
    with pytest.raises(RedactionError):
        HANDLER.rewrite(memo(), Plan({"p1": [Replacement(0, 999, "x")]}, "out"), Limits())


def flagged_encrypted() -> bytes:
    data = bytearray(memo())
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        data[at + 8] |= 1
        at += 4
    return bytes(data)


def renamed_in_directory() -> bytes:
    data = memo()
    directory = data.rfind(b"PK\x01\x02")
    return data[:directory] + data[directory:].replace(b"thumbnail", b"fumbnails", 1)


BAD: dict[str, tuple[str, Callable[[], bytes]]] = {
    "nothing": ("empty", lambda: b""),
    "text with the wrong name": ("parse-failed", lambda: b"Dear all, this is no document."),
    "password protected": (
        "encrypted",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
    ),
    "a document of 1997": ("unsupported", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    "encrypted members": ("encrypted", flagged_encrypted),
    "cut off": ("parse-failed", lambda: memo()[:-100]),
    "bytes in front": ("parse-failed", lambda: b"MZ" + memo()),
    "bytes behind": ("parse-failed", lambda: memo() + b"PK"),
    "a member under two names": ("parse-failed", renamed_in_directory),
    "names that differ in case only": ("parse-failed", lambda: with_members(memo(), {"WORD/document.xml": b"<a/>"})),
    "a name that leaves the package": ("parse-failed", lambda: with_members(memo(), {"../../etc/passwd": b""})),
    "no content types": ("parse-failed", lambda: packed({"word/document.xml": b"<a/>"})),
    "broken XML": ("parse-failed", lambda: with_members(memo(), {BODY: b"<w:document>"})),
    "a DTD": (
        "parse-failed",
        lambda: with_members(
            memo(), {BODY: b'<!DOCTYPE a [<!ENTITY b "c">]>' + members(memo())[BODY].partition(b"?>")[2].strip()}
        ),
    ),
    "a macro project": ("macro", lambda: with_members(memo(), {"word/vbaProject.bin": b"x"})),
    "a macro document": (
        "macro",
        lambda: with_members(
            memo(),
            {
                "[Content_Types].xml": members(memo())["[Content_Types].xml"].replace(
                    (WORD_TYPE + "document.main+xml").encode(),
                    b"application/vnd.ms-word.document.macroEnabled.main+xml",
                )
            },
        ),
    ),
    "a template": (
        "unsupported",
        lambda: with_members(
            memo(),
            {"[Content_Types].xml": members(memo())["[Content_Types].xml"].replace(b"document.main", b"template.main")},
        ),
    ),
    "a workbook": (
        "mismatch",
        lambda: with_members(
            memo(),
            {
                "[Content_Types].xml": members(memo())["[Content_Types].xml"].replace(
                    b"wordprocessingml.document.main", b"spreadsheetml.sheet.main"
                )
            },
        ),
    ),
    "a bomb": ("limit", lambda: with_members(memo(), {"word/big.bin": bytes(9_000_000)})),
    "too many members": ("limit", lambda: with_members(memo(), {f"x/{number}": b"" for number in range(1000)})),
}


@pytest.mark.parametrize("fault", BAD)
def test_what_cannot_be_taken_is_refused(fault: str) -> None:
    code, build = BAD[fault]
    with pytest.raises(RefusedError) as refused:
        HANDLER.extract(build(), Limits())
    assert refused.value.code == code


def test_a_file_over_a_limit_is_refused() -> None:
    for limits in (Limits(file_bytes=1000), Limits(inflated_bytes=1000), Limits(characters=5), Limits(xml_depth=2)):
        with pytest.raises(RefusedError) as refused:
            HANDLER.extract(memo(), limits)
        assert refused.value.code == "limit"


@pytest.mark.parametrize("cut", range(0, 4000, 173))
def test_a_damaged_file_never_raises_anything_else(cut: int) -> None:
    data = bytearray(memo("Dear Jane Fairweather"))
    at = cut * len(data) // 4000
    data[at : at + 16] = bytes(byte ^ 0x5A for byte in data[at : at + 16])
    try:
        extraction = HANDLER.extract(bytes(data), Limits())
    except RefusedError:
        return
    HANDLER.rewrite(bytes(data), plan_for(extraction, {}), Limits())


# Files inside, crops, comments, simpler form -------------------------------------------------------------------------


def test_an_embedded_workbook_goes_out_and_comes_back_as_it_is_given() -> None:
    source = hostile.sheet_in_document()
    extraction = HANDLER.extract(source, Limits())
    [child] = extraction.children
    assert (child.ordinal, child.untrusted_name, child.embedded) == (1, "package1.xlsx", True)
    output = HANDLER.rewrite(source, Plan({}, "out", children={1: b"redacted"}, memo=extraction.memo), Limits())
    files = members(output.data)
    assert files["word/embeddings/package1.xlsx"] == b"redacted"
    assert b'Target="embeddings/package1.xlsx"' in files["word/_rels/document.xml.rels"]
    assert output.carriers["O5"]["rewritten"] == 1


def test_an_embedded_workbook_that_may_not_leave_is_left_out_with_its_reference() -> None:
    source = hostile.sheet_in_document()
    output = HANDLER.rewrite(source, Plan({}, "out"), Limits())
    files = members(output.data)
    assert not [name for name in files if "embeddings" in name]
    assert b"OLEObject" not in files[BODY]
    assert output.carriers["O5"]["dropped"] == 1


def test_what_was_cropped_away_is_not_in_the_new_picture() -> None:
    source = hostile.with_picture(written_in_grey((120, 60)), 't="50000" r="25000"')
    extraction = HANDLER.extract(source, Limits())
    files = members(HANDLER.rewrite(source, Plan({}, "out", memo=extraction.memo), Limits()).data)
    with Image.open(io.BytesIO(files["word/media/image1.png"])) as cut:
        assert cut.size == (90, 30)
        assert cut.convert("L").getextrema() == (200, 200)
    assert b"srcRect" not in files[BODY]


def test_comments_are_kept_where_the_policy_says_so_and_no_author_is_named() -> None:
    source = PLACES["comments"]()
    kept = Switches(comments=True)
    extraction = HANDLER.extract(source, Limits(), kept)
    assert "hidden-content" in extraction.notices
    output = HANDLER.rewrite(source, plan_for(extraction, {"Bluebird": "[PRODUCT_1]"}), Limits(), kept)
    comments = members(output.data)["word/comments.xml"]
    assert b"[PRODUCT_1]" in comments
    assert b'w:author="Author 1"' in comments
    assert leaks(output.data) == []
    assert "word/comments.xml" not in members(HANDLER.rewrite(source, Plan({}, "out"), Limits()).data)


@pytest.mark.parametrize(
    ("xml", "notices"),
    [
        ("<w:rPr><w:vanish/></w:rPr>", ["hidden-content"]),
        ('<w:rPr><w:vanish w:val="0"/></w:rPr>', []),
        ('<w:rPr><w:color w:val="FFFFFF"/></w:rPr>', ["hidden-content"]),
        ('<w:rPr><w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="1F3864"/></w:rPr>', []),
        ('<w:rPr><w:sz w:val="2"/></w:rPr>', ["hidden-content"]),
        ('<w:rPr><w:sz w:val="22"/></w:rPr>', []),
    ],
)
def test_text_nobody_should_see_is_told(xml: str, notices: list[str]) -> None:
    assert HANDLER.extract(with_body(paragraph(f"<w:r>{xml}<w:t>text</w:t></w:r>")), Limits()).notices == notices


def test_headings_and_tables_stay_in_the_simpler_form() -> None:
    document = Document()
    document.add_heading("Plan of Jane Fairweather", 1)
    document.add_paragraph("Dear Bluebird")
    document.add_table(2, 2).cell(1, 1).text = "Fairweather again"
    source = saved(document)
    plan = plan_for(HANDLER.extract(source, Limits()), WORDS)
    output = HANDLER.rewrite(source, dataclasses.replace(plan, tier=Tier.B), Limits())
    assert output.tier is Tier.B
    assert leaks(output.data) == []
    assert undeclared(output.data) == []
    again = Document(io.BytesIO(output.data))
    assert [(line.text, line.style.name if line.style else "") for line in again.paragraphs if line.text] == [
        ("Plan of [PERSON_1]", "Heading 1"),
        ("Dear [PRODUCT_1]", "Normal"),
    ]
    assert [cell.text for row in again.tables[0].rows for cell in row.cells] == ["[PERSON_1] again"]


def test_places_of_marks_are_told() -> None:
    places = {segment.hints.get("place", "") for segment in HANDLER.extract(header_and_footer(), Limits()).segments}
    assert places == {"", "header", "footer"}
