"""Tables as text: headers, cells and JSON in cells are read and written, everything else about the table stays."""

from __future__ import annotations

import base64
import csv
import dataclasses
import io
import json

import pytest

from redaction.entities import Plan, Tier
from redaction.errors import RedactionError, RefusedError
from redaction.formats import Limits
from redaction.formats.csv_ import TableHandler
from redaction.media import CSV, TEXT, TSV
from redaction.readers.csv_ import cells
from tests.redaction.plans import plan_for

HANDLER = TableHandler()
WORDS = {"Jane Fairweather": "[PERSON_1]", "Fairweather": "[PERSON_1]"}


def redacted(source: bytes, tier: Tier = Tier.A) -> str:
    plan = dataclasses.replace(plan_for(HANDLER.extract(source, Limits()), WORDS), tier=tier)
    return HANDLER.rewrite(source, plan, Limits()).data.decode()


def hints(source: bytes) -> dict[str, str]:
    return {one.anchor: one.hints.get("column", "") for one in HANDLER.extract(source, Limits()).segments}


def test_cells_and_headers_are_rewritten_and_the_rest_stays() -> None:
    assert redacted(b'Task,Fairweather\r\n"Ask Jane Fairweather, please",12.5\r\n') == (
        'Task,[PERSON_1]\n"Ask [PERSON_1], please",12.5\n'
    )


@pytest.mark.parametrize(
    ("source", "anchor", "header"),
    [
        (b"Name,Phone 1\nJane,12\n", "r2c2", "Phone 1"),
        (b"Name,Phone\n,\nJane,12\n", "r3c2", "Phone"),
        (b"Plan of the year,,\nName,E-mail,Phone\nJane,j@acme.example,12\n", "r3c2", "E-mail"),
        (b"12,13\n14,15\n", "r2c1", ""),
        (b"jane@acme.example,Jane\njoe@acme.example,Joe\n", "r2c1", ""),
    ],
)
def test_a_cell_knows_its_header(source: bytes, anchor: str, header: str) -> None:
    assert hints(source)[anchor] == header


def test_json_in_a_cell_is_read_by_keys_and_stays_json() -> None:
    value = {"owner": "Jane Fairweather", "hours": 12, "Fairweather": [1.50, None, "é"]}
    row = io.StringIO()
    csv.writer(row).writerow(["x", json.dumps(value)])
    source = b"Task,Data\n" + row.getvalue().encode()
    segments = {one.anchor: one for one in HANDLER.extract(source, Limits()).segments}
    assert segments["r2c2/j/0"].hints == {"column": "owner"}
    assert {one.carrier for anchor, one in segments.items() if "/j" in anchor} == {"T2"}
    written = list(csv.reader(io.StringIO(redacted(source))))[1][1]
    assert json.loads(written) == {"owner": "[PERSON_1]", "hours": 12, "[PERSON_1]": [1.50, None, "é"]}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_stays(delimiter: str) -> None:
    source = delimiter.join(["Task", "Note", "Hours"]) + "\n" + delimiter.join(['"a,b;c"', "Fairweather", "1"]) + "\n"
    rows = list(csv.reader(io.StringIO(redacted(source.encode())), delimiter=delimiter))
    assert rows == [["Task", "Note", "Hours"], ["a,b;c", "[PERSON_1]", "1"]]
    media_type = HANDLER.rewrite(source.encode(), Plan({}, "out"), Limits()).media_type
    assert media_type == (TSV if delimiter == "\t" else CSV)


def test_a_declared_delimiter_is_believed() -> None:
    assert redacted(b"sep=;\r\na,b;Fairweather\r\n") == '"a,b";[PERSON_1]\n'.replace('"', "")


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-x", "@SUM(A1)"])
def test_what_a_spreadsheet_would_run_is_text(cell: str) -> None:
    assert redacted(f"a,{cell}\nb,c\n".encode()) == f"a,'{cell}\nb,c\n"


@pytest.mark.parametrize("number", ["-12", "+1.5", "-1,234", "-5%"])
def test_numbers_stay_numbers(number: str) -> None:
    assert next(csv.reader(io.StringIO(redacted(f'a,"{number}"\nb,c\n'.encode()))))[1] == number


def test_the_simpler_form_is_plain_text() -> None:
    source = b'Task,Owner\n"over\ntwo lines",Jane Fairweather\n'
    plan = dataclasses.replace(plan_for(HANDLER.extract(source, Limits()), WORDS), tier=Tier.B)
    output = HANDLER.rewrite(source, plan, Limits())
    assert (output.media_type, output.tier) == (TEXT, Tier.B)
    assert output.data == b"Task\tOwner\nover two lines\t[PERSON_1]\n"


def test_a_second_run_changes_nothing() -> None:
    first = redacted(b"\xff\xfe" + 'Task;Note\r\n=1;"Fairweather;x"\r\n'.encode("utf-16-le")).encode()
    assert HANDLER.rewrite(first, Plan({}, "out"), Limits()).data == first


def test_a_plan_of_another_file_is_not_written() -> None:
    plan = plan_for(HANDLER.extract(b"Task,Note\na,Fairweather\n", Limits()), WORDS)
    with pytest.raises(RedactionError):
        HANDLER.rewrite(b"Task\na\n", plan, Limits())


def test_too_many_cells_are_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        HANDLER.extract(b"a,b\nc,d\n", Limits(cells=3))
    assert refused.value.code == "limit"


def test_the_reader_sees_every_cell() -> None:
    seen = {block.anchor: block.text for block in cells(b'a,"b ""c"", d"\n"over\ntwo",\n')}
    assert seen == {"r1c1": "a", "r1c2": 'b "c", d', "r2c1": "over\ntwo"}


def test_files_inside_of_cells_go() -> None:
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(90)).decode()
    output = HANDLER.rewrite(f"Task,Picture\na,{picture}\n".encode(), Plan({}, "out"), Limits())
    assert output.data == b"Task,Picture\na,\n"
    assert output.carriers["H5"]["dropped"] == 1
