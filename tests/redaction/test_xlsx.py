"""Workbooks: names go from cells, formulas, sheet names and everything beside them; numbers and formulas stay."""

from __future__ import annotations

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

from redaction.entities import Plan
from redaction.errors import RefusedError
from redaction.formats import Limits
from redaction.formats.ooxml.formulas import Formula
from redaction.formats.xlsx import XlsxHandler
from redaction.readers import xlsx as readers
from redaction.readers.ooxml import scan
from tests.redaction.packages import NEEDLES, cut_in, leaks, members, redact, with_members, with_part
from tests.redaction.plans import squeezed, text_of

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
