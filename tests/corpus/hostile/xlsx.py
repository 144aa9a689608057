"""Hostile workbooks: a name in every place of a workbook, in cells in every form in which people write it."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

from redaction.entities import Plan
from redaction.errors import RefusedError
from redaction.formats import table as table_of_handlers
from redaction.formats.xlsx import XlsxHandler
from redaction.media import XLSX
from tests.corpus.hostile import Case, Mutant
from tests.redaction.packages import cut_in, members, packed, with_members, with_part

_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_MICROSOFT: Final = "http://schemas.microsoft.com/office/"
_MAIN: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATION: Final = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_SHEET: Final = "xl/worksheets/sheet1.xml"
_BOOK: Final = "xl/workbook.xml"
_NAME: Final = "plan.xlsx"

Fill = Callable[[Any, Any], None]


def cases() -> Iterator[Case]:
    """One case for each place and form."""
    for (channel, form), build in CASES.items():
        yield Case(channel, form, _NAME, build())
    for (channel, form), build in CONTEXT.items():
        yield Case(channel, form, _NAME, build(), policy="context")
    binary = members(_cell("Fairweather"))["[Content_Types].xml"].replace(b"sheet.main+xml", b"sheet.binary")
    yield Case("X15", "by name", "plan.xlsb", _cell("Fairweather"), refused="unsupported")
    changed = with_members(_cell("Fairweather"), {"[Content_Types].xml": binary})
    yield Case("X15", "by content", _NAME, changed, refused="unsupported")


# Building -----------------------------------------------------------------------------------------------------------


def _book(fill: Fill) -> bytes:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["Task", "Hours"])
    sheet.append(["Review the estimate", 12.5])
    fill(book, sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _cell(value: object, at: str = "A3") -> bytes:
    def fill(_: Any, sheet: Any) -> None:
        sheet[at] = value

    return _book(fill)


def _row(cells: str) -> bytes:
    """A workbook with one more row, written by hand."""
    return cut_in(_cell("x"), _SHEET, b"</sheetData>", f'<row r="9">{cells}</row>'.encode())


def _part(kind: str, name: str, content: str, content_type: str, data: bytes = b"", owner: str = _BOOK) -> bytes:
    base = kind if kind.startswith("http") else _OFFICE + kind
    return with_part(data or _cell("x"), owner, base, name, content.encode(), content_type)


def _strings(items: str, encoding: str = "utf-8", shown: int = 0) -> bytes:
    """A workbook whose cell A9 shows one of these shared strings."""
    declared = f'<?xml version="1.0" encoding="{encoding}"?><sst {_MAIN}>{items}</sst>'
    data = _row(f'<c r="A9" t="s"><v>{shown}</v></c>')
    data = _part("sharedStrings", "xl/sharedStrings.xml", "", _TYPE + "sharedStrings+xml", data)
    return with_members(data, {"xl/sharedStrings.xml": declared.encode(encoding)})


def _string(text: str) -> bytes:
    return _strings(f'<si><t xml:space="preserve">{text}</t></si>')


# Places -------------------------------------------------------------------------------------------------------------


def _sheet_named(title: str, formula: str) -> bytes:
    def fill(book: Any, sheet: Any) -> None:
        book.create_sheet(title)["A1"] = 5
        sheet["C1"] = formula

    return _book(fill)


def _defined(_: Any, sheet: Any, *, hidden: bool = False, text: str = "Sheet!$A$1") -> None:
    name = DefinedName("Fairweather_Rate", attr_text=text, hidden=hidden or None, comment="Ask Fairweather")
    sheet.parent.defined_names["Fairweather_Rate"] = name
    sheet["C2"] = "=Fairweather_Rate+1"


def _print_titles(_: Any, sheet: Any) -> None:
    sheet.title = "Fairweather"
    sheet.print_title_rows = "1:1"
    sheet.print_area = "A1:B2"


def _hidden_sheet(book: Any, sheet: Any, state: str = "veryHidden") -> None:
    other = book.create_sheet("Staff")
    other["A1"] = "Jane Fairweather"
    other.sheet_state = state
    sheet["C1"] = "=Staff!A1"


def _hidden_row(_: Any, sheet: Any) -> None:
    sheet["A4"] = "Jane Fairweather"
    sheet.row_dimensions[4].hidden = True


def _hidden_column(_: Any, sheet: Any) -> None:
    sheet["F2"] = "Jane Fairweather"
    sheet.column_dimensions["F"].hidden = True


def _number_format(_: Any, sheet: Any, code: str = '"Fairweather "0.00') -> None:
    sheet["B2"].number_format = code


def _unseen(_: Any, sheet: Any) -> None:
    sheet["A4"] = "Jane Fairweather"
    sheet["A4"].number_format = ";;;"


def _comment(_: Any, sheet: Any) -> None:
    sheet["A2"].comment = Comment("Ask Fairweather about this", "Jane Fairweather")


def _threaded() -> bytes:
    persons = (
        f'<personList xmlns="{_MICROSOFT}spreadsheetml/2018/threadedcomments"><person displayName="Jane Fairweather"'
        ' id="{00000000-0000-0000-0000-000000000001}" userId="jane.fairweather@acme.example" providerId="AD"/>'
        "</personList>"
    )
    threaded = (
        f'<ThreadedComments xmlns="{_MICROSOFT}spreadsheetml/2018/threadedcomments"><threadedComment ref="A2"'
        ' personId="{00000000-0000-0000-0000-000000000001}" id="{00000000-0000-0000-0000-000000000002}">'
        "<text>Ask Fairweather</text></threadedComment></ThreadedComments>"
    )
    kind = _MICROSOFT + "2017/10/relationships/"
    data = _part(kind + "person", "xl/persons/person.xml", persons, "application/vnd.ms-excel.person+xml")
    name = "xl/threadedComments/threadedComment1.xml"
    return _part(
        kind + "threadedComment", name, threaded, "application/vnd.ms-excel.threadedcomments+xml", data, _SHEET
    )


def _pivot(field: str = "Owner", item: str = "Jane Fairweather", *, source: str = 'sheet="Sheet" ref="A1:B2"') -> bytes:
    """A pivot table over the first sheet, with its items and records."""
    cache = (
        f'<pivotCacheDefinition {_MAIN} {_RELATION} r:id="rIdNeedle" refreshedBy="Jane Fairweather" recordCount="1">'
        f'<cacheSource type="worksheet"><worksheetSource {source}/></cacheSource><cacheFields count="2">'
        f'<cacheField name="{field}" numFmtId="0"><sharedItems count="1"><s v="{item}"/></sharedItems></cacheField>'
        '<cacheField name="Hours" numFmtId="0"><sharedItems containsSemiMixedTypes="0" containsString="0"'
        ' containsNumber="1" minValue="1" maxValue="9"/></cacheField></cacheFields></pivotCacheDefinition>'
    )
    records = f'<pivotCacheRecords {_MAIN} count="1"><r><s v="Jane Fairweather"/><n v="9"/></r></pivotCacheRecords>'
    table = (
        f'<pivotTableDefinition {_MAIN} name="PivotTable1" cacheId="1" dataCaption="Values" rowHeaderCaption="{field}">'
        '<location ref="E1:F3" firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/><pivotFields count="2">'
        '<pivotField axis="axisRow" showAll="0"><items count="2"><item x="0"/><item t="default"/></items></pivotField>'
        '<pivotField dataField="1" showAll="0"/></pivotFields><rowFields count="1"><field x="0"/></rowFields>'
        '<rowItems count="2"><i><x/></i><i t="grand"><x/></i></rowItems><colItems count="1"><i/></colItems>'
        f'<dataFields count="1"><dataField name="Hours of {item}" fld="1"/></dataFields></pivotTableDefinition>'
    )
    data = _book(lambda _, sheet: sheet.cell(1, 1, field))
    data = _part(
        "pivotCacheDefinition",
        "xl/pivotCache/pivotCacheDefinition1.xml",
        cache,
        _TYPE + "pivotCacheDefinition+xml",
        data,
    )
    rows = f'<pivotCaches><pivotCache cacheId="1" r:id="rIdNeedle" {_RELATION}/></pivotCaches></workbook>'.encode()
    data = with_members(data, {_BOOK: members(data)[_BOOK].replace(b"</workbook>", rows)})
    definition = "xl/pivotCache/pivotCacheDefinition1.xml"
    data = _part(
        "pivotCacheRecords",
        "xl/pivotCache/pivotCacheRecords1.xml",
        records,
        _TYPE + "pivotCacheRecords+xml",
        data,
        definition,
    )
    data = _part("pivotTable", "xl/pivotTables/pivotTable1.xml", table, _TYPE + "pivotTable+xml", data, _SHEET)
    relationship = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}pivotCacheDefinition" Target="/{definition}"/></Relationships>'
    )
    return with_members(data, {"xl/pivotTables/_rels/pivotTable1.xml.rels": relationship.encode()})


def _slicer() -> bytes:
    content = (
        f'<slicerCacheDefinition xmlns="{_MICROSOFT}spreadsheetml/2009/9/main" name="Slicer_Fairweather"'
        ' sourceName="Fairweather"/>'
    )
    kind = _MICROSOFT + "2007/relationships/slicerCache"
    return _part(
        kind, "xl/slicerCaches/slicerCache1.xml", content, "application/vnd.ms-excel.slicerCache+xml", _pivot()
    )


def _external() -> bytes:
    content = (
        f'<externalLink {_MAIN}><externalBook><sheetNames><sheetName val="Fairweather"/></sheetNames><sheetDataSet>'
        '<sheetData sheetId="0"><row r="1"><cell r="A1" t="str"><v>Jane Fairweather</v></cell></row></sheetData>'
        "</sheetDataSet></externalBook></externalLink>"
    )
    data = _row('<c r="C9"><f>[1]Fairweather!A1</f><v>7</v></c>')
    return _part("externalLink", "xl/externalLinks/externalLink1.xml", content, _TYPE + "externalLink+xml", data)


def _connection() -> bytes:
    content = (
        f'<connections {_MAIN}><connection id="1" name="Fairweather" type="1">'
        '<dbPr connection="Server=db.acme.example;User=fairweather;Password=example"/></connection></connections>'
    )
    return _part("connections", "xl/connections.xml", content, _TYPE + "connections+xml")


def _query() -> bytes:
    content = f'<queryTable {_MAIN} name="Fairweather" connectionId="1"/>'
    return _part("queryTable", "xl/queryTables/queryTable1.xml", content, _TYPE + "queryTable+xml", owner=_SHEET)


def _validation(_: Any, sheet: Any, **texts: str) -> None:
    settings: Any = {"formula1": '"Low,High"', **texts}
    rule = DataValidation(type="list", **settings)
    rule.add("B2")
    sheet.add_data_validation(rule)


def _conditional(_: Any, sheet: Any) -> None:
    sheet.conditional_formatting.add("A1:A9", Rule("cellIs", operator="equal", formula=['"Fairweather"']))


def _conditional_text(_: Any, sheet: Any) -> None:
    rule = Rule("containsText", operator="containsText", text="Fairweather", formula=['NOT(ISERROR(SEARCH("x",A1)))'])
    sheet.conditional_formatting.add("A1:A9", rule)


def _table(_: Any, sheet: Any, column: str = "Fairweather", name: str = "Plan") -> None:
    sheet["A1"] = column
    sheet.add_table(Table(displayName=name, ref="A1:B2"))
    sheet["D1"] = f"=SUM({name}[{column}])"


def _filter(_: Any, sheet: Any) -> None:
    sheet.auto_filter.ref = "A1:B2"
    sheet.auto_filter.add_filter_column(0, ["Jane Fairweather"])


def _scenario() -> bytes:
    content = b'<scenarios><scenario name="Fairweather" user="Jane Fairweather"/></scenarios>'
    return cut_in(_cell("x"), _SHEET, b"<pageMargins", content)


def _edge(text: str, place: str = "oddFooter") -> bytes:
    edges = f"<headerFooter><{place}>{text}</{place}></headerFooter></worksheet>".encode()
    data = _cell("x")
    return with_members(data, {_SHEET: members(data)[_SHEET].replace(b"</worksheet>", edges)})


def _path() -> bytes:
    content = (
        b'<x15ac:absPath xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac"'
        b' url="C:\\Users\\fairweather\\"/>'
    )
    return cut_in(_cell("x"), _BOOK, b"<bookViews", content)


def _revisions() -> bytes:
    content = (
        f'<headers {_MAIN} guid="{{00000000-0000-0000-0000-000000000001}}"><header userName="Jane Fairweather"'
        ' dateTime="2026-01-01T00:00:00Z" maxSheetId="2"/></headers>'
    )
    data = _part("revisionHeaders", "xl/revisions/revisionHeaders.xml", content, _TYPE + "revisionHeaders+xml")
    users = f'<users {_MAIN} count="1"><userInfo name="Jane Fairweather" id="-1"/></users>'
    data = with_members(data, {"xl/revisions/userNames.xml": users.encode()})
    return cut_in(
        data,
        "xl/_rels/workbook.xml.rels",
        b"</Relationships>",
        f'<Relationship Id="rIdUsers" Type="{_OFFICE}usernames" Target="/xl/revisions/userNames.xml"/>'.encode(),
    )


def _text_box(text: str = "<a:r><a:t>Jane Fair</a:t></a:r><a:r><a:t>weather</a:t></a:r>") -> bytes:
    def fill(_: Any, sheet: Any) -> None:
        bars = BarChart()
        bars.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2), titles_from_data=True)
        sheet.add_chart(bars, "E1")

    drawing = "http://schemas.openxmlformats.org/drawingml/2006/main"
    place = "".join(f"<xdr:{name}>1</xdr:{name}>" for name in ("col", "colOff", "row", "rowOff"))
    box = (
        '<xdr:twoCellAnchor xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">'
        f"<xdr:from>{place}</xdr:from><xdr:to>{place}</xdr:to><xdr:sp><xdr:nvSpPr>"
        '<xdr:cNvPr id="9" name="Note" descr="Ask Fairweather"/><xdr:cNvSpPr txBox="1"/></xdr:nvSpPr>'
        f'<xdr:spPr/><xdr:txBody xmlns:a="{drawing}"><a:bodyPr/><a:p>{text}</a:p></xdr:txBody></xdr:sp>'
        "<xdr:clientData/></xdr:twoCellAnchor>"
    )
    data = _book(fill)
    content = members(data)["xl/drawings/drawing1.xml"]
    end = re.findall(rb"</(?:\w+:)?wsDr>", content)[-1]
    return with_members(data, {"xl/drawings/drawing1.xml": content.replace(end, box.encode() + end)})


def _control() -> bytes:
    content = '<formControlPr xmlns="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" objectType="List">'
    content += '<itemLst><item val="Fairweather"/></itemLst></formControlPr>'
    name = "xl/ctrlProps/ctrlProp1.xml"
    return _part("ctrlProp", name, content, "application/vnd.ms-excel.controlproperties+xml", owner=_SHEET)


def _views() -> bytes:
    content = (
        b'<customSheetViews><customSheetView guid="{00000000-0000-0000-0000-000000000001}"><headerFooter>'
        b"<oddHeader>Jane Fairweather</oddHeader></headerFooter></customSheetView></customSheetViews>"
    )
    return cut_in(_cell("x"), _SHEET, b"<pageMargins", content)


def _rich_data() -> bytes:
    content = f'<metadata {_MAIN}><metadataStrings count="1"><s v="Jane Fairweather"/></metadataStrings></metadata>'
    return _part("sheetMetadata", "xl/metadata.xml", content, _TYPE + "sheetMetadata+xml")


def _strict() -> bytes:
    """The same workbook in the names of ISO/IEC 29500 Strict."""
    old = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    new = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
    data = _row('<c r="A9" t="inlineStr"><is><r><t>Jane Fair</t></r><r><t>weather</t></r></is></c>')
    return packed({name: content.replace(old, new) for name, content in members(data).items()})


def _custom(book: Any, sheet: Any) -> None:
    sheet["A3"] = "Jane Fairweather"
    book.custom_doc_props.append(StringProperty(name="Owner", value="Jane Fairweather"))


_NFD: Final = unicodedata.normalize("NFD", "Jåne Fairweather")
_FULL_WIDTH: Final = "".join(chr(ord(letter) + 0xFEE0) for letter in "Fairweather")

CASES: Final[Mapping[tuple[str, str], Callable[[], bytes]]] = {
    ("X1", "plain"): partial(_string, "Dear Jane Fairweather"),
    ("X1", "split over runs"): partial(
        _strings, "<si><r><t>Jane Fair</t></r><r><rPr><b/></rPr><t>weather</t></r></si>"
    ),
    ("X1", "letter by letter"): partial(
        _strings, "<si>" + "".join(f"<r><t>{letter}</t></r>" for letter in "Fairweather") + "</si>"
    ),
    ("X1", "phonetic"): partial(_strings, '<si><t>J</t><rPh sb="0" eb="1"><t>Fairweather</t></rPh></si>'),
    ("X1", "unreferenced"): partial(_strings, "<si><t>x</t></si><si><t>Jane Fairweather</t></si>"),
    ("X1", "out of order"): partial(_strings, "<si><t>Jane Fairweather</t></si><si><t>Fairweather</t></si>", shown=1),
    ("X1", "entities"): partial(_string, "&#70;air&#x77;eather"),
    ("X1", "cdata"): partial(_strings, "<si><t><![CDATA[Jane Fairweather]]></t></si>"),
    ("X1", "utf-16"): partial(_strings, "<si><t>Jane Fairweather</t></si>", encoding="utf-16"),
    ("X1", "remark inside"): partial(_strings, "<si><t>Fair<!-- -->weather</t></si>"),
    ("X1", "nfd"): partial(_string, _NFD),
    ("X1", "full-width"): partial(_string, f"Ask {_FULL_WIDTH}"),
    ("X1", "soft hyphen"): partial(_string, "Jane Fair\u00adweather"),
    ("X1", "zero width"): partial(_string, "Jane Fair\u200bwea\u200dther"),
    ("X1", "hyphenated"): partial(_string, "Jane Fair-\nweather"),
    ("X1", "no-break space"): partial(_string, "Jane\u00a0Fairweather"),
    ("X1", "capitals"): partial(_string, "JANE FAIRWEATHER"),
    ("X1", "possessive"): partial(_string, "the Fairweathers\u2019 plan, Fairweather's plan"),
    ("X1", "local part"): partial(_string, "jane.fairweather@acme.example"),
    ("X1", "in an address"): partial(_string, "https://acme.example/jane%20fairweather/"),
    ("X2", "inline"): partial(_row, '<c r="A9" t="inlineStr"><is><t>Jane Fairweather</t></is></c>'),
    ("X2", "inline in runs"): partial(
        _row, '<c r="A9" t="inlineStr"><is><r><t>Jane Fair</t></r><r><t>weather</t></r></is></c>'
    ),
    ("X2", "stored result"): partial(_row, '<c r="A9" t="str"><f>A1</f><v>Jane Fairweather</v></c>'),
    ("X2", "result without a formula"): partial(_row, '<c r="A9" t="str"><v>Jane Fairweather</v></c>'),
    ("X2", "text called a number"): partial(_row, '<c r="A9"><v>Fairweather</v></c>'),
    ("X2", "text called an error"): partial(_row, '<c r="A9" t="e"><v>#Fairweather</v></c>'),
    ("X2", "text called a truth"): partial(_row, '<c r="A9" t="b"><v>Fairweather</v></c>'),
    ("X2", "one place twice"): partial(
        _row,
        '<c r="A9" t="inlineStr"><is><t>Jane</t></is></c><c r="A9" t="inlineStr"><is><t>Ask Fairweather</t></is></c>',
    ),
    ("X2", "an attribute of the cell"): partial(
        _row, '<c r="A9" t="inlineStr" label="Fairweather"><is><t>Fairweather</t></is></c>'
    ),
    ("X2", "strict names"): _strict,
    ("X2", "rows out of order"): partial(
        cut_in,
        _cell("x"),
        _SHEET,
        b"</sheetData>",
        b'<row r="9"><c r="A9" t="inlineStr"><is><t>Fairweather</t></is></c></row>'
        b'<row r="9"><c r="A9" t="inlineStr"><is><t>Jane Fairweather</t></is></c></row>',
    ),
    ("X3", "literal"): partial(_cell, '=IF(B2>1,"Jane Fairweather","said ""Fairweather""")', "C1"),
    ("X3", "array"): partial(_row, '<c r="C9"><f t="array" ref="C9">SUM(IF(A1:A2="Fairweather",1,0))</f><v>0</v></c>'),
    ("X3", "variable"): partial(
        _row, '<c r="C9"><f>_xlfn.LET(_xlpm.Fairweather,B2,_xlpm.Fairweather*2)</f><v>25</v></c>'
    ),
    ("X3", "function of an add-in"): partial(_row, '<c r="C9"><f>Fairweather(B2)</f><v>25</v></c>'),
    ("X3", "defined name"): partial(_book, _defined),
    ("X3", "hidden name"): partial(_book, partial(_defined, hidden=True)),
    ("X3", "name of a constant"): partial(_book, partial(_defined, text='"Jane Fairweather"')),
    ("X4", "hidden sheet"): partial(_book, partial(_hidden_sheet, state="hidden")),
    ("X4", "very hidden sheet"): partial(_book, _hidden_sheet),
    ("X4", "hidden row"): partial(_book, _hidden_row),
    ("X4", "hidden column"): partial(_book, _hidden_column),
    ("X4", "number format"): partial(_book, _number_format),
    ("X4", "number format letter by letter"): partial(
        _book, partial(_number_format, code=r"\F\a\i\r\w\e\a\t\h\e\r 0.00")
    ),
    ("X4", "format that shows nothing"): partial(_book, _unseen),
    ("X5", "comment and its author"): partial(_book, _comment),
    ("X5", "threaded comment and person"): _threaded,
    ("X6", "item"): _pivot,
    ("X6", "field"): partial(_pivot, "Fairweather", "North"),
    ("X6", "source elsewhere"): partial(_pivot, source='sheet="Gone" ref="A1:B2"'),
    ("X6", "slicer"): _slicer,
    ("X7", "another workbook"): _external,
    ("X7", "connection"): _connection,
    ("X7", "query"): _query,
    ("X8", "validation list"): partial(_book, partial(_validation, formula1='"Fairweather,Other"')),
    ("X8", "validation prompt"): partial(
        _book, partial(_validation, promptTitle="Fairweather", prompt="Ask Fairweather")
    ),
    ("X8", "conditional format"): partial(_book, _conditional),
    ("X8", "text of a conditional format"): partial(_book, _conditional_text),
    ("X8", "column of a table"): partial(_book, _table),
    ("X8", "name of a table"): partial(_book, partial(_table, column="Task", name="Fairweather")),
    ("X8", "filter"): partial(_book, _filter),
    ("X8", "scenario"): _scenario,
    ("X9", "header"): partial(_edge, "&amp;LJane Fairweather", "oddHeader"),
    ("X9", "footer of the first page"): partial(
        _edge, "&amp;C&amp;&quot;Arial,Bold&quot;&amp;12Fairweather", "firstFooter"
    ),
    ("X9", "split over codes"): partial(_edge, "&amp;LFair&amp;Bweather &amp;P"),
    ("X10", "sheet name in a formula"): partial(_sheet_named, "Jane Fairweather", "='Jane Fairweather'!A1*2"),
    ("X10", "sheet name without quotes"): partial(_sheet_named, "Fairweather", "=SUM(Fairweather!A1:A2)"),
    ("X10", "print titles"): partial(_book, _print_titles),
    ("X11", "path"): _path,
    ("X12", "history"): _revisions,
    ("X13", "text box in runs"): _text_box,
    ("X13", "list of a control"): _control,
    ("X14", "custom view"): _views,
    ("X14", "rich data"): _rich_data,
}
CONTEXT: Final[Mapping[tuple[str, str], Callable[[], bytes]]] = {
    ("X4", "hidden sheet kept"): partial(_book, _hidden_sheet),
    ("X5", "comment kept"): partial(_book, _comment),
    ("X5", "threaded comment kept"): _threaded,
}


# Mutants ------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _kept(pattern: str) -> Iterator[None]:
    """Members of the input whose names match travel as they are."""
    plain = XlsxHandler.rewrite

    def rewrite(self: XlsxHandler, source: bytes, *args: Any) -> Any:
        output = plain(self, source, *args)
        found = {name: content for name, content in members(source).items() if re.fullmatch(pattern, name)}
        return type(output)(with_members(output.data, found), output.media_type, output.carriers, output.tier)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(XlsxHandler, "rewrite", rewrite)
        yield


@contextlib.contextmanager
def _binary_taken() -> Iterator[None]:
    """Binary workbooks are called workbooks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(table_of_handlers._BY_NAME, "xlsb", XLSX)
        patch.setattr(table_of_handlers, "_MAIN_PARTS", (*table_of_handlers._MAIN_PARTS, (XLSX, "sheet.binary")))
        yield


def _no_simpler_form(*_: object) -> None:
    raise RefusedError("unsupported")


@contextlib.contextmanager
def _unwritten(carrier: str) -> Iterator[None]:
    """Nothing is replaced in a carrier, and there is no simpler form that would leave it out."""
    plain = XlsxHandler.rewrite

    def rewrite(self: XlsxHandler, source: bytes, plan: Plan, *args: Any) -> Any:
        passed = {one.anchor for one in self.extract(source, *args).segments if one.carrier == carrier}
        kept = {anchor: changes for anchor, changes in plan.replacements.items() if anchor not in passed}
        return plain(self, source, dataclasses.replace(plan, replacements=kept), *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(XlsxHandler, "rewrite", rewrite)
        patch.setattr(XlsxHandler, "_simpler", _no_simpler_form)
        yield


MUTANTS: Final[Mapping[str, Mutant]] = {
    **{carrier: partial(_unwritten, carrier) for carrier in ("X3", "X4", "X6", "X8", "X9", "X13")},
    "X5": partial(_kept, r"xl/(?:comments|threadedComments|persons)/.*"),
    "X7": partial(_kept, r"xl/(?:externalLinks|queryTables)/.*|xl/connections\.xml"),
    "X11": partial(_kept, r"xl/workbook\.xml"),
    "X12": partial(_kept, r"xl/revisions/.*"),
    "X14": partial(_kept, r"xl/metadata\.xml|xl/worksheets/sheet1\.xml"),
    "X15": _binary_taken,
}
