"""Workbooks: names go from cells, formulas, sheet names and everything beside them; numbers and formulas stay."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

from redaction.entities import Plan, Replacement, Tier
from redaction.errors import RefusedError
from redaction.formats import Limits, Switches
from redaction.formats.ooxml.formulas import Formula
from redaction.formats.xlsx import XlsxHandler
from redaction.readers import parts
from redaction.readers import xlsx as readers
from redaction.readers.ooxml import scan
from tests.corpus.hostile.xlsx import CASES as HOSTILE
from tests.redaction.packages import NEEDLES, WORDS, cut_in, leaks, members, redact, with_members, with_part
from tests.redaction.plans import plan_for, squeezed, text_of

HANDLER = XlsxHandler()
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
SHEET = "xl/worksheets/sheet1.xml"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."


def saved(workbook: Any) -> bytes:
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def book(fill: Callable[[Any, Any], None]) -> bytes:
    """A workbook with one sheet, filled by ``fill(workbook, sheet)``."""
    workbook = Workbook()
    sheet: Any = workbook.active
    sheet.append(["Name", "Amount"])
    sheet.append(["Somebody", 12.5])
    fill(workbook, sheet)
    return saved(workbook)


def cell(value: object, at: str = "A3") -> bytes:
    def fill(_: Any, sheet: Any) -> None:
        sheet[at] = value

    return book(fill)


def sheet_in_formulas(workbook: Any, sheet: Any) -> None:
    other = workbook.create_sheet("Jane Fairweather")
    other["A1"] = 5
    sheet["C1"] = "='Jane Fairweather'!A1*2"
    workbook.defined_names["Bluebird_Total"] = DefinedName("Bluebird_Total", attr_text="'Jane Fairweather'!$A$1")
    sheet["C2"] = "=Bluebird_Total+1"


def hidden_sheet(workbook: Any, sheet: Any) -> None:
    other = workbook.create_sheet("Secret")
    other["A1"] = "Jane Fairweather"
    other.sheet_state = "veryHidden"
    sheet["C1"] = "=Secret!A1"


def validation(_: Any, sheet: Any) -> None:
    rule = DataValidation(
        type="list", formula1='"Fairweather,Bluebird"', promptTitle="Fairweather", prompt="Ask Bluebird"
    )
    rule.add("B2")
    sheet.add_data_validation(rule)


def conditional_format(_: Any, sheet: Any) -> None:
    sheet.conditional_formatting.add("A1:A9", Rule("cellIs", operator="equal", formula=['"Fairweather"']))


def edges(_: Any, sheet: Any) -> None:
    sheet.oddHeader.left.text = "Jane Fairweather"
    sheet.oddFooter.center.text = "Bluebird &P"


def comment(_: Any, sheet: Any) -> None:
    sheet["A1"].comment = Comment("Ask Bluebird", "Jane Fairweather")


def number_format(_: Any, sheet: Any) -> None:
    sheet["B2"].number_format = '"Fairweather "0.00'


def link(_: Any, sheet: Any) -> None:
    sheet["A2"].hyperlink = "mailto:jane.fairweather@acme.example"
    sheet["A2"].hyperlink.tooltip = "Bluebird"


def table(_: Any, sheet: Any) -> None:
    sheet["A1"], sheet["B1"] = "Fairweather", "Amount"
    sheet.add_table(Table(displayName="Bluebird", ref="A1:B2"))
    sheet["D1"] = "=SUM(Bluebird[Fairweather])"


def chart(_: Any, sheet: Any) -> None:
    sheet["B1"] = "Fairweather"
    bars = BarChart()
    bars.title = "Bluebird"
    bars.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2), titles_from_data=True)
    sheet.add_chart(bars, "E1")


def people(workbook: Any, _: Any) -> None:
    workbook.properties.creator = "Jane Fairweather"
    workbook.properties.keywords = "Bluebird"


def chart_with_cache() -> bytes:
    cache = b'<strCache><ptCount val="1"/><pt idx="0"><v>Jane Fairweather</v></pt></strCache>'
    return cut_in(book(chart), "xl/charts/chart1.xml", b"</strRef>", cache)


def shared(items: str) -> bytes:
    """A workbook whose cell A9 shows the first of these shared strings."""
    table = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{items}</sst>'
    row = b'<row r="9"><c r="A9" t="s"><v>0</v></c></row>'
    return with_part(
        cut_in(cell("x"), SHEET, b"</sheetData>", row),
        "xl/workbook.xml",
        OFFICE + "sharedStrings",
        "xl/sharedStrings.xml",
        table.encode(),
        SHEET_TYPE + "sharedStrings+xml",
    )


EXTERNAL = (
    b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><externalBook>'
    b'<sheetNames><sheetName val="Fairweather"/></sheetNames></externalBook></externalLink>'
)
CONNECTIONS = (
    b'<connections xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<connection id="1" name="Bluebird" type="1"><dbPr connection="user=fairweather"/></connection></connections>'
)

PLACES: dict[str, Callable[[], bytes]] = {
    "a cell": lambda: cell("Dear Jane Fairweather"),
    "a literal in a formula": lambda: cell('=IF(B2>1,"Jane Fairweather","said ""Bluebird""")', "C1"),
    "a sheet name used in formulas": lambda: book(sheet_in_formulas),
    "a hidden sheet": lambda: book(hidden_sheet),
    "validation": lambda: book(validation),
    "conditional format": lambda: book(conditional_format),
    "header and footer": lambda: book(edges),
    "comment": lambda: book(comment),
    "number format": lambda: book(number_format),
    "hyperlink": lambda: book(link),
    "table, its column and a reference to it": lambda: book(table),
    "chart": lambda: book(chart),
    "chart cache": chart_with_cache,
    "properties": lambda: book(people),
    "inline string in runs": lambda: cut_in(
        cell("x"),
        SHEET,
        b"</sheetData>",
        b'<row r="9"><c r="A9" t="inlineStr"><is><r><t>Jane Fair</t></r><r><t>weather</t></r></is></c></row>',
    ),
    "stored result of a formula": lambda: cut_in(
        cell("x"),
        SHEET,
        b"</sheetData>",
        b'<row r="9"><c r="A9" t="str"><f>A1</f><v>Jane Fairweather</v></c></row>',
    ),
    "a shared string": lambda: shared("<si><r><t>Jane Fair</t></r><r><t>weather</t></r></si>"),
    "a shared string no cell shows": lambda: shared("<si><t>x</t></si><si><t>Jane Fairweather</t></si>"),
    "path of the file": lambda: cut_in(
        cell("x"),
        "xl/workbook.xml",
        b"<bookViews",
        b'<x15ac:absPath xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac"'
        b' url="C:\\Users\\fairweather\\"/>',
    ),
    "another workbook": lambda: with_part(
        cell("=[1]Fairweather!A1", "C1"),
        "xl/workbook.xml",
        OFFICE + "externalLink",
        "xl/externalLinks/link1.xml",
        EXTERNAL,
        SHEET_TYPE + "externalLink+xml",
    ),
    "connections": lambda: with_part(
        cell("x"),
        "xl/workbook.xml",
        OFFICE + "connections",
        "xl/connections.xml",
        CONNECTIONS,
        SHEET_TYPE + "connections+xml",
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


def redacted(source: bytes) -> Any:
    return load_workbook(io.BytesIO(redact(HANDLER, source)[1].data))


def test_a_renamed_sheet_is_renamed_in_formulas_and_names() -> None:
    workbook = redacted(book(sheet_in_formulas))
    assert workbook.sheetnames == ["Sheet", "PERSON_1"]
    assert workbook["Sheet"]["C1"].value == "=PERSON_1!A1*2"
    assert workbook["Sheet"]["C2"].value == "=PRODUCT_1__Total+1"
    assert workbook.defined_names["PRODUCT_1__Total"].attr_text == "PERSON_1!$A$1"


def test_a_table_its_columns_and_references_agree() -> None:
    sheet = redacted(book(table)).active
    (name,) = sheet.tables
    assert name == "PRODUCT_1"
    assert [column.name for column in sheet.tables[name].tableColumns] == ["[PERSON_1]", "Amount"]
    assert sheet["A1"].value == "[PERSON_1]"
    assert sheet["D1"].value == "=SUM(PRODUCT_1['[PERSON_1']])"


def test_a_formula_that_led_to_a_hidden_sheet_keeps_its_value_only() -> None:
    source = book(hidden_sheet)
    content = re.sub(rb"(Secret!A1</f>)<v ?/?>(?:</v>)?", rb"\1<v>7</v>", members(source)[SHEET])
    assert b"<v>7</v>" in content
    workbook = redacted(with_members(source, {SHEET: content}))
    assert workbook.sheetnames == ["Sheet"]
    assert workbook.active["C1"].value == 7


def test_formulas_numbers_and_formats_stay() -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet["B3"] = "=SUM(B2:B2)*1.2"
        sheet["B2"].number_format = "#,##0.00"
        sheet["B2"].font = Font(bold=True, name="Arial")
        sheet["B4"] = 1234567.25
        sheet.column_dimensions["A"].width = 33

    sheet: Any = load_workbook(io.BytesIO(HANDLER.rewrite(book(fill), Plan({}, "out"), Limits()).data)).active
    assert sheet["B2"].value == 12.5
    assert sheet["B2"].number_format == "#,##0.00"
    assert sheet["B2"].font.bold
    assert sheet["B3"].value == "=SUM(B2:B2)*1.2"
    assert sheet["B4"].value == 1234567.25
    assert sheet.column_dimensions["A"].width == 33


def test_a_telephone_number_kept_as_a_number_is_a_segment_with_its_column() -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet["A1"], sheet["C1"], sheet["D1"] = "Name", "Mobile", "Employee id"
        sheet["C2"], sheet["D2"] = 15550123456, 4711

    segments = {segment.anchor: segment for segment in HANDLER.extract(book(fill), Limits()).segments}
    assert segments["sheet1!C2"].text == "15550123456"
    assert segments["sheet1!C2"].hints == {"column": "Mobile"}
    assert segments["sheet1!D2"].text == "4711"
    assert "sheet1!B2" not in segments


def test_two_sheets_of_one_person_get_two_names() -> None:
    def fill(workbook: Any, sheet: Any) -> None:
        workbook.create_sheet("Fairweather")
        workbook.create_sheet("Jane Fairweather")
        sheet["C1"] = "=Fairweather!A1+'Jane Fairweather'!A1"

    workbook = redacted(book(fill))
    assert workbook.sheetnames == ["Sheet", "PERSON_1", "PERSON_1_2"]
    assert workbook["Sheet"]["C1"].value == "=PERSON_1!A1+PERSON_1_2!A1"


@pytest.mark.parametrize(
    ("formula", "renamed"),
    [
        ("Jane!A1+'Jane Doe'!B2", "'P 1'!A1+'P 2'!B2"),
        ("SUM(Jane:Last!A1)", "SUM('P 1:Last'!A1)"),
        ('IF(A1="Jane!A1",Rate,RATE(1))', 'IF(A1="Jane!A1",NEW,RATE(1))'),
        ("T[[#This Row],[Col]]*T[@Col]", "T[[#This Row],[Neu]]*T[@Neu]"),
        ('A1:B$2&"x""y"', 'A1:B$2&"x""y"'),
        ("_xlfn.XLOOKUP(Rates!A:A,B1)", "_xlfn.XLOOKUP(Rates!A:A,B1)"),
    ],
)
def test_a_formula_changes_only_where_a_name_stands(formula: str, renamed: str) -> None:
    written: list[str] = []
    parsed = Formula(formula, written.append)
    parsed.rename({"jane": "P 1", "jane doe": "P 2"}, {"rate": "NEW"}, {"col": "Neu"})
    parsed.store()
    assert written == [renamed]


BAD: dict[str, tuple[str, Callable[[], bytes]]] = {
    "nothing": ("empty", lambda: b""),
    "a binary workbook": (
        "unsupported",
        lambda: with_members(
            cell("x"),
            {"[Content_Types].xml": members(cell("x"))["[Content_Types].xml"].replace(b"sheet.main", b"sheet.binary")},
        ),
    ),
    "a macro sheet book": (
        "macro",
        lambda: with_members(
            cell("x"),
            {
                "[Content_Types].xml": members(cell("x"))["[Content_Types].xml"].replace(
                    (SHEET_TYPE + "sheet.main+xml").encode(), b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
                )
            },
        ),
    ),
    "broken XML": ("parse-failed", lambda: with_members(cell("x"), {SHEET: b"<worksheet"})),
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


def test_too_many_cells_are_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        HANDLER.extract(cell("x"), Limits(cells=3))
    assert refused.value.code == "limit"


def test_a_shared_string_is_one_segment_at_its_first_cell() -> None:
    segments = HANDLER.extract(PLACES["a shared string"](), Limits()).segments
    assert [segment.anchor for segment in segments if segment.text == "Jane Fairweather"] == ["sheet1!A9"]


def test_a_second_run_changes_nothing() -> None:
    first = redact(HANDLER, book(sheet_in_formulas))[1].data
    assert HANDLER.rewrite(first, Plan({}, "out"), Limits()).data == first


# Rows ---------------------------------------------------------------------------------------------------------------


def with_row(cells: str) -> bytes:
    return cut_in(cell("x"), SHEET, b"</sheetData>", f'<row r="9">{cells}</row>'.encode())


def sheet_of(data: bytes) -> str:
    return members(data)[SHEET].decode()


def test_a_cell_keeps_only_what_is_listed() -> None:
    source = with_row(
        '<c r="A9" s="0" t="n" cm="1" vm="2" label="Bluebird"><v>5</v><extLst><ext uri="x"/></extLst></c>'
    )
    assert '<c r="A9" s="0"><v>5</v></c>' in sheet_of(HANDLER.rewrite(source, Plan({}, "out"), Limits()).data)


@pytest.mark.parametrize("kind", ["n", "b", "e", "something"])
def test_text_that_calls_itself_something_else_is_text(kind: str) -> None:
    source = with_row(f'<c r="A9" t="{kind}"><v>Ask Bluebird</v></c>')
    assert "<is><t>Ask [PRODUCT_1]</t></is>" in sheet_of(redact(HANDLER, source)[1].data)


@pytest.mark.parametrize("value", ["1", "-1.5", "1E+20", ".5", "12345678901234567890"])
def test_numbers_stay_as_they_are_written(value: str) -> None:
    source = with_row(f'<c r="A9"><v>{value}</v></c>')
    assert f'<c r="A9"><v>{value}</v></c>' in sheet_of(HANDLER.rewrite(source, Plan({}, "out"), Limits()).data)


def test_cells_without_references_follow_each_other() -> None:
    source = cut_in(cell("x"), SHEET, b"</sheetData>", b"<row><c><v>1</v></c><c><v>2</v></c></row>")
    written = sheet_of(HANDLER.rewrite(source, Plan({}, "out"), Limits()).data)
    assert '<row r="4"><c r="A4"><v>1</v></c><c r="B4"><v>2</v></c></row>' in written


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_rows_are_found_again_whatever_the_prefix(prefix: str) -> None:
    content = members(with_row('<c r="A9"><v>5</v></c>'))[SHEET].decode()
    if prefix:
        content = re.sub(r"<(/?)(?=\w)", rf"<\1{prefix}", content).replace("xmlns=", "xmlns:x=")
    first = HANDLER.rewrite(with_members(cell("x"), {SHEET: content.encode()}), Plan({}, "out"), Limits()).data
    second = HANDLER.rewrite(first, Plan({}, "out"), Limits()).data
    assert first == second
    sheet: Any = load_workbook(io.BytesIO(second)).active
    assert sheet["A9"].value == 5


def test_broken_rows_are_refused() -> None:
    content = members(cell("x"))[SHEET].replace(b"</row>", b"</c>", 1)
    with pytest.raises(RefusedError) as refused:
        HANDLER.extract(with_members(cell("x"), {SHEET: content}), Limits())
    assert refused.value.code == "parse-failed"


def test_a_shared_formula_that_leads_away_goes_with_those_that_share_it() -> None:
    source = with_row(
        '<c r="A9"><f t="shared" ref="A9:B9" si="0">[1]Plan!A1</f><v>7</v></c>'
        '<c r="B9"><f t="shared" si="0"/><v>8</v></c><c r="C9"><f>A9+B9</f><v>15</v></c>'
    )
    written = sheet_of(HANDLER.rewrite(source, Plan({}, "out"), Limits()).data)
    assert '<c r="A9"><v>7</v></c><c r="B9"><v>8</v></c><c r="C9"><f>A9+B9</f><v>15</v></c>' in written


def test_a_telephone_number_becomes_text_where_it_is_replaced() -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet["C1"], sheet["C2"] = "Mobile", 15550123456

    plan = Plan({"sheet1!C2": [Replacement(0, 11, "[PHONE_1]")]}, "out")
    written: Any = load_workbook(io.BytesIO(HANDLER.rewrite(book(fill), plan, Limits()).data)).active
    assert written["C2"].value == "[PHONE_1]"
    assert written["B2"].value == 12.5


# What a policy keeps ------------------------------------------------------------------------------------------------

KEEPING = Switches(comments=True, hidden=True)


def kept(source: bytes) -> tuple[Any, bytes]:
    extraction = HANDLER.extract(source, Limits(), KEEPING)
    data = HANDLER.rewrite(source, plan_for(extraction, WORDS), Limits(), KEEPING).data
    assert leaks(data) == []
    assert parts.undeclared(data) == []
    return load_workbook(io.BytesIO(data)), data


def test_hidden_sheets_stay_hidden_where_the_policy_keeps_them() -> None:
    workbook, _ = kept(book(hidden_sheet))
    assert workbook["Secret"].sheet_state == "veryHidden"
    assert workbook["Secret"]["A1"].value == "[PERSON_1]"
    assert workbook["Sheet"]["C1"].value == "=Secret!A1"


@pytest.mark.parametrize("switches", [KEEPING, Switches()])
def test_hidden_sheets_ask_a_person(switches: Switches) -> None:
    assert list(HANDLER.extract(book(hidden_sheet), Limits(), switches).notices) == ["hidden-content"]


@pytest.mark.parametrize("place", ["row", "column", "format"])
def test_hidden_places_ask_a_person(place: str) -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet["D4"] = "x"
        if place == "row":
            sheet.row_dimensions[4].hidden = True
        elif place == "column":
            sheet.column_dimensions["D"].hidden = True
        else:
            sheet["D4"].number_format = ";;;"

    assert list(HANDLER.extract(book(fill), Limits()).notices) == ["hidden-content"]
    assert list(HANDLER.extract(cell("x"), Limits()).notices) == []


def test_comments_stay_without_their_authors_where_the_policy_keeps_them() -> None:
    workbook, data = kept(book(comment))
    assert workbook.active["A1"].comment.text == "Ask [PRODUCT_1]"
    assert workbook.active["A1"].comment.author == "Author"
    boxes = members(data)["xl/drawings/vmlDrawing1.vml"]
    assert b"<x:Row>0</x:Row><x:Column>0</x:Column>" in boxes


def test_edges_of_pages_are_read_over_their_codes() -> None:
    edge = b"<headerFooter><oddHeader>&amp;LFair&amp;Bweather &amp;P&amp;RR&amp;&amp;D</oddHeader></headerFooter>"
    source = with_members(
        cell("x"), {SHEET: members(cell("x"))[SHEET].replace(b"</worksheet>", edge + b"</worksheet>")}
    )
    segments = [one for one in HANDLER.extract(source, Limits()).segments if one.carrier == "X9"]
    assert [(one.text, one.hints["place"]) for one in segments] == [("Fairweather ", "header"), ("R&D", "header")]
    written = sheet_of(redact(HANDLER, source)[1].data)
    assert "<oddHeader>&amp;L[PERSON_1]&amp;B &amp;P&amp;RR&amp;&amp;D</oddHeader>" in written


# Pivot tables and the simpler form ----------------------------------------------------------------------------------


def test_a_pivot_table_stays_without_its_records() -> None:
    source = HOSTILE[("X6", "field")]()
    workbook = redacted(source)
    (pivot,) = workbook.active._pivots
    assert pivot.cache.refreshOnLoad
    assert pivot.cache.records is None
    assert [field.name for field in pivot.cache.cacheFields] == ["[PERSON_1]", "Hours"]
    assert workbook.active["A1"].value == "[PERSON_1]"
    assert pivot.cache.cacheSource.worksheetSource.sheet == "Sheet"
    assert not {name for name in members(redact(HANDLER, source)[1].data) if "Records" in name}


def test_a_pivot_table_over_a_sheet_that_goes_is_frozen() -> None:
    assert redacted(HOSTILE[("X6", "source elsewhere")]()).active._pivots == []


def test_the_simpler_form_holds_values_only() -> None:
    def fill(workbook: Any, sheet: Any) -> None:
        sheet_in_formulas(workbook, sheet)
        chart(workbook, sheet)
        comment(workbook, sheet)

    source = book(fill)
    plan = dataclasses.replace(plan_for(HANDLER.extract(source, Limits()), WORDS), tier=Tier.B)
    output = HANDLER.rewrite(source, plan, Limits())
    assert output.tier is Tier.B
    assert leaks(output.data) == []
    assert sorted(members(output.data)) == sorted(
        ["[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "docProps/core.xml", "xl/_rels/workbook.xml.rels"]
        + ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"]
        + [name for name in members(source) if name == "xl/sharedStrings.xml"]
    )
    workbook = load_workbook(io.BytesIO(output.data))
    assert workbook.sheetnames == ["Sheet", "PERSON_1"]
    assert [cell.value for cell in workbook["Sheet"][2]][:2] == ["Somebody", 12.5]
    assert not [cell for row in workbook["Sheet"].iter_rows() for cell in row if cell.data_type == "f"]


def test_a_large_workbook_is_read_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    source = book(sheet_in_formulas)
    whole = {block.anchor: block.text for block in readers.read(source)}
    monkeypatch.setattr(readers, "LARGE_BYTES", 0)
    rows = {block.anchor: block.text for block in readers.read(source)}
    assert rows["sheet1!A1"] == whole["sheet1!A1"]
    assert rows["sheet1!B2"] == whole["sheet1!B2"] == "12.5"
    assert rows["sheet2/name"] == "Jane Fairweather"


def test_names_in_formulas_are_read() -> None:
    source = with_row('<c r="C9"><f>_xlfn.LET(_xlpm.Fairweather,B2,_xlpm.Fairweather+SUM(B2))</f><v>25</v></c>')
    written = sheet_of(redact(HANDLER, source)[1].data)
    assert "_xlfn.LET(_xlpm._PERSON_1_,B2,_xlpm._PERSON_1_+SUM(B2))" in written
