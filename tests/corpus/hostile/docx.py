"""Hostile Word documents: a name in every place where one can hide, in the forms that each place allows."""

# ruff: noqa: E501, S608 - markup is easier to check in one piece than in cut lines
from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import openpyxl
from docx import Document
from docx.shared import Pt, RGBColor

from tests.corpus.hostile import NEEDLE, Case, Mutant
from tests.corpus.hostile.packages import (
    COMMON_MUTANTS,
    FORMS,
    OFFICE,
    OTHER_FORMS,
    XLSX_TYPE,
    R,
    W,
    attributes_kept,
    elements_kept,
    members_kept,
    photograph,
    picture,
    sealed,
    written_in_grey,
)
from tests.redaction.packages import cut_in, members, with_members, with_part

BODY = "word/document.xml"
SETTINGS = "word/settings.xml"
TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml."
FULL = f"Jane {NEEDLE}"
FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{}</w:instrText></w:r>'
    '<w:r><w:instrText>{}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    '<w:r><w:t>{}</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
VML = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
Build = Callable[[], bytes]


def saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


def memo(*paragraphs: str) -> bytes:
    document = Document()
    for text in paragraphs or ("A plain paragraph about the garden.",):
        document.add_paragraph(text)
    return saved(document)


def body(xml: str) -> bytes:
    """A document that begins with this markup."""
    return cut_in(memo(), BODY, b"<w:p>", xml.encode())


def line(inner: str) -> bytes:
    return body(f"<w:p>{inner}</w:p>")


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def noted(kind: str, xml: str, reference: str = "") -> bytes:
    """A document with a part of notes or comments."""
    base = line(reference or run("text"))
    part = f"<w:{kind} {W}>{xml}</w:{kind}>".encode()
    return with_part(base, BODY, OFFICE + kind, f"word/{kind}1.xml", part, f"{TYPE}{kind}+xml")


# Office, common -----------------------------------------------------------------------------------------------------


def properties() -> bytes:
    document = Document()
    document.add_paragraph("Body")
    document.core_properties.author = FULL
    document.core_properties.last_modified_by = "jane.fairweather@acme.example"
    document.core_properties.title = f"Plan of {FULL}"
    return saved(document)


def company() -> bytes:
    return with_members(
        memo(),
        {
            "docProps/app.xml": b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-'
            b'properties"><Company>Fairweather Gardens</Company><Manager>Jane Fairweather</Manager></Properties>'
        },
    )


def custom_property() -> bytes:
    xml = (
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="http://'
        'schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"><property fmtid="{0}" pid="2" name="Client">'
        f"<vt:lpwstr>{FULL}</vt:lpwstr></property></Properties>"
    )
    kind = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
    return with_part(memo(), "", OFFICE + "custom-properties", "docProps/custom.xml", xml.encode(), kind)


def zip_comment() -> bytes:
    return sealed(members(memo()), f"packed by {FULL}".encode())


def extra_field() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members(memo()).items():
            info = zipfile.ZipInfo(name)
            info.extra = b"\x01\x99" + len(NEEDLE).to_bytes(2, "little") + NEEDLE.encode()
            info.comment = NEEDLE.encode()
            archive.writestr(info, content)
    return buffer.getvalue()


def hyperlink(target: str) -> Build:
    def build() -> bytes:
        document = Document()
        relationship = document.part.relate_to(target, OFFICE + "hyperlink", is_external=True)
        inner = f'<w:p><w:hyperlink {R} r:id="{relationship}">{run("her page")}</w:hyperlink></w:p>'
        return cut_in(saved(document), BODY, b"<w:sectPr", inner.encode())

    return build


def attached_template() -> bytes:
    base = memo()
    rows = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"'
        f' Type="{OFFICE}attachedTemplate" Target="file:///C:/Users/{NEEDLE}/plan.dotx" TargetMode="External"/>'
        "</Relationships>"
    )
    return with_members(base, {"word/_rels/settings.xml.rels": rows.encode()})


def with_picture(data: bytes, crop: str = "") -> bytes:
    document = Document()
    document.add_picture(io.BytesIO(data))
    source = saved(document)
    if crop:
        content = members(source)[BODY]
        source = with_members(
            source, {BODY: content.replace(b"<a:stretch>", f"<a:srcRect {crop}/><a:stretch>".encode())}
        )
    return source


def vector() -> bytes:
    emf = b"\x01\x00\x00\x00" + bytes(36) + b" EMF" + bytes(60) + f"says {FULL}".encode("utf-16-le") + bytes(20)
    return with_members(with_picture(picture()), {"word/media/image1.png": emf})


def embedded(name: str, data: bytes, kind: str, content_type: str, program: str) -> bytes:
    shape = (
        f'<w:r><w:object {VML} {R}><v:shape id="_x0000_i1025" style="width:100pt;height:50pt"/>'
        f'<o:OLEObject Type="Embed" ProgID="{program}" ShapeID="_x0000_i1025" DrawAspect="Icon" ObjectID="_1"'
        ' r:id="rIdNeedle"/></w:object></w:r>'
    )
    return with_part(line(shape), BODY, OFFICE + kind, f"word/embeddings/{name}", data, content_type)


def old_object() -> bytes:
    data = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(500)
        + f"C:\\Users\\{NEEDLE}\\a.xls".encode("utf-16-le")
        + bytes(range(256))
    )
    return embedded("oleObject1.bin", data, "oleObject", f"{TYPE}oleObject", "Package")


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet["A1"] = f"Owner {FULL}"
    return saved(book)


def sheet_in_document() -> bytes:
    return embedded("plan.xlsx", workbook(), "package", XLSX_TYPE, "Excel.Sheet.12")


def document_in_document() -> bytes:
    return embedded("note.docx", memo(f"Seen by {FULL}."), "package", f"{TYPE}document", "Word.Document.12")


def chart(xml: str) -> bytes:
    space = (
        '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:a="http://schemas.'
        f'openxmlformats.org/drawingml/2006/main"><c:chart><c:plotArea><c:layout/><c:barChart><c:ser>{xml}</c:ser>'
        "</c:barChart></c:plotArea></c:chart></c:chartSpace>"
    )
    drawing = (
        '<w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
        '<wp:extent cx="900000" cy="900000"/><wp:docPr id="9" name="Chart 9"/><a:graphic xmlns:a="http://schemas.'
        'openxmlformats.org/drawingml/2006/main"><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/'
        f'chart"><c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" {R} r:id="rIdNeedle"/>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
    kind = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
    return with_part(line(drawing), BODY, OFFICE + "chart", "word/charts/chart1.xml", space.encode(), kind)


def strict() -> bytes:
    files = {
        name: data.replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/"
        ).replace(
            b"http://schemas.openxmlformats.org/wordprocessingml/2006/", b"http://purl.oclc.org/ooxml/wordprocessingml/"
        )
        for name, data in members(memo(f"Dear {FULL}")).items()
    }
    return sealed(files)


def elsewhere() -> bytes:
    """The main part under another name."""
    files = members(memo(f"Dear {FULL}"))
    files["word/document2.xml"] = files.pop(BODY)
    files["word/_rels/document2.xml.rels"] = files.pop("word/_rels/document.xml.rels")
    for name in ("[Content_Types].xml", "_rels/.rels"):
        files[name] = files[name].replace(b"word/document.xml", b"word/document2.xml")
    return sealed(files)


def other_encoding() -> bytes:
    text = members(memo(f"Dear {FULL}"))[BODY].decode()
    head, _, rest = text.partition("?>")
    return with_members(memo(), {BODY: (head.replace("UTF-8", "UTF-16") + "?>" + rest).encode("utf-16")})


def definition() -> bytes:
    text = members(memo())[BODY].replace(
        b"<w:document", b'<!DOCTYPE w:document [<!ENTITY who "Fairweather">]><w:document'
    )
    return with_members(memo(), {BODY: text})


def template() -> bytes:
    listed = members(memo(FULL))["[Content_Types].xml"]
    return with_members(memo(FULL), {"[Content_Types].xml": listed.replace(b"document.main", b"template.main")})


COMMON: tuple[tuple[str, str, Build], ...] = (
    ("O1", "core properties", properties),
    ("O1", "company and manager", company),
    ("O1", "custom properties", custom_property),
    ("O2", "remark of the zip", zip_comment),
    ("O2", "extra fields and remarks of members", extra_field),
    ("O3", "path of an address", hyperlink(f"https://acme.example/people/{NEEDLE}")),
    ("O3", "mail address", hyperlink("mailto:jane.fairweather@acme.example")),
    ("O3", "query of an address", hyperlink(f"https://acme.example/?who=Jane%20{NEEDLE}")),
    ("O3", "network path", hyperlink(f"file://server/home/{NEEDLE}/plan.docx")),
    ("O3", "attached template", attached_template),
    ("O4", "text chunk of a picture", lambda: with_picture(picture())),
    ("O4", "EXIF data and comment", lambda: with_picture(photograph())),
    ("O4", "cropped away", lambda: with_picture(written_in_grey(), 't="50000"')),
    ("O4", "records of a vector picture", vector),
    ("O4", "letters in a picture", lambda: with_picture(picture(FULL))),
    ("O5", "old object with a path", old_object),
    ("O5", "workbook in a document", sheet_in_document),
    ("O5", "document in a document", document_in_document),
    (
        "O6",
        "cache of a chart",
        lambda: chart(
            f'<c:cat><c:strRef><c:f>A1</c:f><c:strCache><c:pt idx="0"><c:v>{FULL}</c:v></c:pt></c:strCache></c:strRef></c:cat>'
        ),
    ),
    (
        "O6",
        "reference of a chart",
        lambda: chart(f"<c:tx><c:strRef><c:f>{NEEDLE}!$A$1</c:f></c:strRef></c:tx>"),
    ),
    (
        "O7",
        "custom XML",
        lambda: with_part(
            memo(),
            BODY,
            OFFICE + "customXml",
            "customXml/item9.xml",
            f"<note>{FULL}</note>".encode(),
            "application/xml",
        ),
    ),
    (
        "O8",
        "control of a program",
        lambda: with_part(
            memo(),
            BODY,
            OFFICE + "control",
            "word/activeX/activeX1.bin",
            f"Caption {FULL}".encode("utf-16-le") + bytes(80),
            "application/vnd.ms-office.activeX",
        ),
    ),
    (
        "O8",
        "web extension",
        lambda: with_part(
            memo(),
            "",
            "http://schemas.microsoft.com/office/2011/relationships/webextensiontaskpanes",
            "word/webextensions/taskpanes.xml",
            f"<pane of='{FULL}'/>".encode(),
            "application/xml",
        ),
    ),
    (
        "O9",
        "bookmark and link to it",
        lambda: body(
            f'<w:p><w:bookmarkStart w:id="7" w:name="Jane_{NEEDLE}"/><w:bookmarkEnd w:id="7"/></w:p>'
            f'<w:p><w:hyperlink w:anchor="Jane_{NEEDLE}">{run("there")}</w:hyperlink></w:p>'
        ),
    ),
    (
        "O9",
        "alternative text",
        lambda: with_members(
            with_picture(picture()),
            {
                BODY: members(with_picture(picture()))[BODY].replace(
                    b'name="Picture 1"', f'name="{NEEDLE}.png" descr="{FULL} left"'.encode(), 1
                )
            },
        ),
    ),
    (
        "O9",
        "letters of a watermark",
        lambda: line(
            f'<w:r><w:pict {VML}><v:shape id="s" style="width:9pt"><v:textpath string="Draft of {FULL}"/></v:shape></w:pict></w:r>'
        ),
    ),
    (
        "O9",
        "names of a content control",
        lambda: body(
            f'<w:sdt><w:sdtPr><w:alias w:val="{FULL}"/><w:tag w:val="{NEEDLE}"/><w:dropDownList><w:listItem'
            f' w:displayText="{FULL}" w:value="{NEEDLE}"/></w:dropDownList></w:sdtPr><w:sdtContent><w:p>{run("x")}</w:p>'
            "</w:sdtContent></w:sdt>"
        ),
    ),
    ("O10", "ids of a session", lambda: body(f'<w:p w:rsidR="{NEEDLE}" w:rsidP="{NEEDLE}">{run("x")}</w:p>')),
    ("O11", "Strict names", strict),
    ("O11", "main part elsewhere", elsewhere),
    ("O11", "UTF-16", other_encoding),
    (
        "unnamed",
        "a part nobody knows",
        lambda: with_part(
            memo(), BODY, "http://acme.example/x", "word/fairweather.bin", f"by {FULL}".encode(), "application/x"
        ),
    ),
)
REFUSED: tuple[tuple[str, str, str, Build], ...] = (
    ("O2", "bytes before the zip", "parse-failed", lambda: b"PK\x03\x04" + NEEDLE.encode() + memo()),
    ("O8", "macros", "macro", lambda: with_members(memo(), {"word/vbaProject.bin": NEEDLE.encode()})),
    ("O11", "document type definition", "parse-failed", definition),
    ("O11", "template", "unsupported", template),
    ("O11", "flat package", "parse-failed", lambda: f"<pkg:package><w:t>{FULL}</w:t></pkg:package>".encode()),
    (
        "O12",
        "password",
        "encrypted",
        lambda: (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le") + NEEDLE.encode()
        ),
    ),
)


# Documents ----------------------------------------------------------------------------------------------------------


def split_runs() -> bytes:
    document = Document()
    paragraph = document.add_paragraph("Dear ")
    for number, piece in enumerate(("Ja", "ne Fa", "irwe", "ather", ", hello")):
        paragraph.add_run(piece).bold = number % 2 == 0
    return saved(document)


def edges() -> bytes:
    document = Document()
    document.add_paragraph("Body")
    section = document.sections[0]
    section.header.paragraphs[0].text = f"{FULL}, confidential"
    section.footer.paragraphs[0].text = f"Page of {NEEDLE}"
    section.different_first_page_header_footer = True
    section.first_page_header.paragraphs[0].text = f"First page by {NEEDLE}"
    document.settings.odd_and_even_pages_header_footer = True
    section.even_page_footer.paragraphs[0].text = f"Even page by {NEEDLE}"
    return saved(document)


def unreferenced_header() -> bytes:
    xml = f"<w:hdr {W}><w:p>{run(FULL)}</w:p></w:hdr>"
    return with_part(edges(), BODY, OFFICE + "header", "word/header9.xml", xml.encode(), f"{TYPE}header+xml")


def nested_tables() -> bytes:
    document = Document()
    outer = document.add_table(2, 2)
    outer.cell(0, 1).text = FULL
    outer.cell(1, 0).add_table(1, 1).cell(0, 0).text = f"inside {NEEDLE}"
    return saved(document)


def barely_seen(change: Callable[[object], None]) -> Build:
    def build() -> bytes:
        document = Document()
        change(document.add_paragraph("Seen. ").add_run(f"Ask {FULL}.").font)
        return saved(document)

    return build


def own_style() -> bytes:
    style = f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{NEEDLE}Text"><w:name w:val="{NEEDLE} Text"/></w:style>'
    base = cut_in(memo(), "word/styles.xml", b"</w:styles>", style.encode())
    return cut_in(base, BODY, b"<w:p>", f'<w:p><w:pPr><w:pStyle w:val="{NEEDLE}Text"/></w:pPr></w:p>'.encode())


BOX = (
    '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><mc:Choice Requires="wps"><w:drawing>'
    f"<wps:wsp><wps:txbx><w:txbxContent><w:p>{run(FULL)}</w:p></w:txbxContent></wps:txbx></wps:wsp></w:drawing></mc:Choice>"
    f'<mc:Fallback><w:pict {VML}><v:shape style="width:10pt"><v:textbox><w:txbxContent><w:p>{run(FULL)}</w:p>'
    "</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
)
COMMENT = f'<w:comment w:id="0" w:author="{FULL}" w:initials="JF" w:date="2024-01-01T00:00:00Z"><w:p>{run(f"Ask {FULL}")}</w:p></w:comment>'
MARKED = f'<w:commentRangeStart w:id="0"/>{run("text")}<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r>'
PEOPLE = (
    f'<w15:people xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"><w15:person w15:author="{FULL}">'
    '<w15:presenceInfo w15:providerId="AD" w15:userId="jane.fairweather@acme.example"/></w15:person></w15:people>'
)
OWN: tuple[tuple[str, str, Build], ...] = (
    ("D1", "split over runs", split_runs),
    ("D1", "tables in tables", nested_tables),
    ("D1", "broken at a line end", lambda: line("<w:r><w:t>Jane Fair-</w:t><w:br/><w:t>weather called</w:t></w:r>")),
    ("D1", "tab in the name", lambda: line(f"<w:r><w:t>Jane</w:t><w:tab/><w:t>{NEEDLE}</w:t></w:r>")),
    ("D1", "remark in the markup", lambda: line(f"<!-- {FULL} -->" + run("Fair<!-- x -->weather"))),
    ("D1", "marked section", lambda: line(f"<w:r><w:t><![CDATA[Jane {NEEDLE}]]></w:t></w:r>")),
    ("D1", "prefix of a namespace", lambda: body(
        f'<{NEEDLE}:p xmlns:{NEEDLE}="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><{NEEDLE}:r>'
        f"<{NEEDLE}:t>{FULL}</{NEEDLE}:t></{NEEDLE}:r></{NEEDLE}:p>"
    )),
    ("D2", "all kinds of headers and footers", edges),
    ("D2", "header nobody uses", unreferenced_header),
    ("D3", "footnote", lambda: noted(
        "footnotes", f'<w:footnote w:id="2"><w:p>{run(FULL)}</w:p></w:footnote>', '<w:r><w:footnoteReference w:id="2"/></w:r>'
    )),
    ("D3", "endnote, split", lambda: noted(
        "endnotes", f'<w:endnote w:id="2"><w:p>{run("Jane Fair")}{run("weather")}</w:p></w:endnote>', '<w:r><w:endnoteReference w:id="2"/></w:r>'
    )),
    ("D4", "comment and its author", lambda: noted("comments", COMMENT, MARKED)),
    ("D4", "people", lambda: with_part(
        memo(), BODY, "http://schemas.microsoft.com/office/2011/relationships/people", "word/people.xml", PEOPLE.encode(), f"{TYPE}people+xml"
    )),
    ("D5", "deleted text", lambda: line(f'<w:del w:id="1" w:author="A"><w:r><w:delText>{FULL}</w:delText></w:r></w:del>')),
    ("D5", "author of an insertion", lambda: line(f'<w:ins w:id="1" w:author="{FULL}" w:date="2024-01-01T00:00:00Z">{run("new")}</w:ins>')),
    ("D5", "moved away", lambda: line(f'<w:moveFrom w:id="1" w:author="{FULL}">{run(f"by {FULL}")}</w:moveFrom>')),
    ("D5", "former properties", lambda: line(f'<w:r><w:rPr><w:rPrChange w:id="3" w:author="{FULL}"><w:rPr/></w:rPrChange></w:rPr><w:t>x</w:t></w:r>')),
    ("D6", "text box, both copies", lambda: line(BOX)),
    ("D7", "code split over runs", lambda: line(FIELD.format("HYPERLINK &quot;https://acme.example/Fair", "weather&quot;", "there"))),
    ("D7", "index entry", lambda: line(FIELD.format(" XE &quot;Jane ", f"{NEEDLE}&quot; ", ""))),
    ("D7", "author field", lambda: line(FIELD.format("AUT", "HOR", FULL))),
    ("D7", "merge field", lambda: line(f'<w:fldSimple w:instr=" MERGEFIELD {NEEDLE} ">{run(FULL)}</w:fldSimple>')),
    ("D8", "hidden letters", lambda: line(f"<w:r><w:rPr><w:vanish/></w:rPr><w:t>{FULL}</w:t></w:r>")),
    ("D8", "white letters", barely_seen(lambda font: setattr(font.color, "rgb", RGBColor(255, 255, 255)))),  # type: ignore[attr-defined]
    ("D8", "letters of one point", barely_seen(lambda font: setattr(font, "size", Pt(1)))),
    ("D9", "glossary", lambda: with_part(
        memo(), BODY, OFFICE + "glossaryDocument", "word/glossary/document.xml",
        f"<w:glossaryDocument {W}><w:docParts><w:p>{run(FULL)}</w:p></w:docParts></w:glossaryDocument>".encode(), f"{TYPE}document.glossary+xml",
    )),
    ("D10", "variables", lambda: cut_in(
        memo(), SETTINGS, b"<w:decimalSymbol", f'<w:docVars><w:docVar w:name="who" w:val="{NEEDLE}"/></w:docVars>'.encode()
    )),
    ("D10", "source of a mail merge", lambda: cut_in(
        memo(), SETTINGS, b"<w:decimalSymbol", f'<w:mailMerge><w:query w:val="SELECT * FROM {NEEDLE}"/></w:mailMerge>'.encode()
    )),
    ("D11", "imported page", lambda: with_part(
        body(f'<w:altChunk {R} r:id="rIdNeedle"/>'), BODY, OFFICE + "aFChunk", "word/afchunk.htm", f"<p>{FULL}</p>".encode(), "text/html"
    )),
    ("D12", "formula", lambda: line(
        '<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:r><m:t>Fair</m:t></m:r><m:r><m:t>weather</m:t></m:r></m:oMath>'
    )),
    ("D12", "letter as a symbol", lambda: line(run("Fairweathe") + '<w:r><w:sym w:font="Arial" w:char="0072"/></w:r>' + run(f" and {NEEDLE}"))),
    ("D12", "fixed hyphen", lambda: line("<w:r><w:t>Jane Fair</w:t><w:noBreakHyphen/><w:t>weather</w:t></w:r>")),
    ("D12", "ruby", lambda: line(
        f"<w:r><w:ruby><w:rubyPr/><w:rt>{run(NEEDLE)}</w:rt><w:rubyBase>{run('x')}</w:rubyBase></w:ruby></w:r>"
    )),
    ("D13", "style of one's own", own_style),
    ("D14", "signature line", lambda: line(
        f'<w:r><w:pict {VML}><v:shape style="width:9pt"><o:signatureline issignatureline="t" suggestedsigner="{NEEDLE}"/></v:shape></w:pict></w:r>'
    )),
    ("D15", "smart tag", lambda: line(
        f'<w:smartTag w:uri="urn:x" w:element="{NEEDLE}"><w:smartTagPr><w:attr w:name="who" w:val="{NEEDLE}"/></w:smartTagPr>{run("x")}</w:smartTag>'
    )),
    ("D15", "marks of a spelling check", lambda: line(run("Fair") + '<w:proofErr w:type="spellStart"/>' + run("weather"))),
)  # fmt: skip
KEPT: tuple[tuple[str, str, Build], ...] = (
    ("D4", "kept comment and its author", lambda: noted("comments", COMMENT, MARKED)),
)


def cases() -> Iterator[Case]:
    """All cases of this format."""
    for form, text in FORMS.items():
        yield Case("D1", form, "memo.docx", line(run(text)))
    for form, (text, needle) in OTHER_FORMS.items():
        yield Case("D1", form, "memo.docx", line(run(text)), needle)
    for channel, form, build in (*COMMON, *OWN):
        yield Case(channel, form, "memo.docx", build())
    for channel, form, build in KEPT:
        yield Case(channel, form, "memo.docx", build(), policy="context")
    for channel, form, reason, build in REFUSED:
        yield Case(channel, form, "memo.docx", build(), refused=reason)


MUTANTS: Mapping[str, Mutant] = {
    **COMMON_MUTANTS,
    "O10": attributes_kept(BODY, "rsidR"),
    "D4": members_kept(r"word/(?:comments1|people)\.xml"),
    "D5": elements_kept(BODY, "del", "ins", "moveFrom", "rPrChange"),
    "D9": members_kept(r"word/glossary/.*"),
    "D10": elements_kept(SETTINGS, "docVars", "mailMerge"),
    "D11": members_kept(r"word/afchunk\.htm"),
    "D14": elements_kept(BODY, "signatureline"),
    "D15": elements_kept(BODY, "smartTag"),
    # The simpler form has none of these, so it would cure what was merely not rewritten.
    "O3": members_kept(r"word/_rels/document\.xml\.rels"),
    "O6": members_kept(r"word/charts/.*"),
    "O9": elements_kept(BODY, "bookmarkStart", "docPr", "textpath", "sdtPr"),
    "D7": elements_kept(BODY, "instrText", "fldSimple"),
    "D13": members_kept(r"word/styles\.xml"),
}
