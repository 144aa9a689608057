from __future__ import annotations

import json
from dataclasses import replace

import pytest

from redaction.entities import Kind, Plan, Replacement, Segment, Tier
from redaction.errors import RefusedError
from redaction.formats import Limits, Switches
from redaction.formats.json_ import JsonHandler
from redaction.media import JSON, JSON_LINES, TEXT
from redaction.readers.json_ import by_line, strings, whole
from redaction.readers.table import undeclared_for
from tests.redaction.plans import plan_for

LIMITS = Limits()
WHOLE = JsonHandler(lines=False)
LINES = JsonHandler(lines=True)


def segments(text: str, handler: JsonHandler = WHOLE) -> list[Segment]:
    return list(handler.extract(text.encode(), LIMITS).segments)


def rewrite(text: str, words: dict[str, str], handler: JsonHandler = WHOLE) -> str:
    plan = plan_for(handler.extract(text.encode(), LIMITS), words)
    return handler.rewrite(text.encode(), plan, LIMITS).data.decode()


def test_it_works() -> None:
    text = '{\n  "owner": "Jane Fairweather",\n  "Fairweather": [1, 2.50, true, null]\n}\n'
    new = rewrite(text, {"Jane Fairweather": "[PERSON_1]", "Fairweather": "[PERSON_1]"})
    assert new == '{\n  "owner": "[PERSON_1]",\n  "[PERSON_1]": [1, 2.50, true, null]\n}\n'


def test_keys_are_labels_and_name_their_values() -> None:
    found = {one.text: one for one in segments('{"phones": ["020", {"home phone": 30}], "b": 4}')}
    assert found["phones"].kind is Kind.LABEL
    assert (found["020"].kind, found["020"].hints) == (Kind.CELL, {"column": "phones"})
    assert found["30"].hints == {"column": "home phone"}


def test_anchors_are_ordinals_and_never_names() -> None:
    anchors = [one.anchor for one in segments('{"jane": [5, {"tom": "x"}], "a": "b"}')]
    assert anchors == ["1/0k", "1/0/0", "1/0/1/0k", "1/0/1/0", "1/1k", "1/1"]
    assert len(set(anchors)) == len(anchors)


def test_long_strings_are_prose() -> None:
    [_, prose] = segments(json.dumps({"note": "This is a sentence. " * 6}))
    assert prose.kind is Kind.PROSE


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"b":[true,null]}',
        '{\n\t"a": 1\n}\n',
        "[1,\n 2 ,\n\n3]",
        '{"a": 1e400, "b": -0.0, "c": 123456789012345678901234567890, "d": NaN}',
        '{"a": 1, "a": 2, "": ""}',
        '"text"',
        "null\n",
        '{"a": 1}\n{"b": 2}\n',
        '{"a": "\\"\\\\ \\n é"}',
    ],
)
def test_what_nobody_replaces_stays_as_it_was(text: str) -> None:
    assert rewrite(text, {}) == text


def test_a_replaced_number_becomes_a_string() -> None:
    assert rewrite('{"phone": 2079460123, "n": 5}', {"2079460123": "PHONE_1"}) == '{"phone": "PHONE_1", "n": 5}'


def test_keys_that_become_the_same_are_told_apart() -> None:
    new = rewrite('{"Jane": 1, "Tom": 2, "X": 3}', {"Jane": "X", "Tom": "X"})
    assert json.loads(new) == {"X (2)": 1, "X (3)": 2, "X": 3}


def test_escapes_are_undone_before_anything_is_searched() -> None:
    assert rewrite('{"a": "\\u004aane \\ud83d\\ude00"}', {"Jane": "X"}) == '{"a": "X 😀"}'
    assert rewrite('{"a": "J\\u0007ane \\ud83d"}', {"Jane": "X"}) == '{"a": "X \ufffd"}'


def test_json_inside_of_a_string_is_read_as_such() -> None:
    text = json.dumps({"body": json.dumps({"name": "Jane", "more": json.dumps(["Jane"])})})
    found = [(one.text, one.carrier) for one in segments(text)]
    assert ("Jane", "T2") in found
    new = json.loads(json.loads(rewrite(text, {"Jane": 'X"Y'}))["body"])
    assert (new["name"], json.loads(new["more"])) == ('X"Y', ['X"Y'])


def test_what_only_looks_like_json_is_a_string() -> None:
    assert [one.text for one in segments('["{name}", "[x", "{}"]')] == ["{name}", "[x", "{}"]


def test_files_in_base64_stay_behind() -> None:
    picture = "iVBORw0KGgo" + "A" * 80
    text = json.dumps({"a": picture, "b": f"data:image/png;base64,{picture}"})
    assert json.loads(rewrite(text, {})) == {"a": "", "b": "data:,"}
    assert undeclared_for(JSON, Switches())(text.encode()) == ["line 1"]


def test_lines_are_values_of_their_own() -> None:
    text = '{"a": "Jane"}\n\n["Jane"]\n'
    assert rewrite(text, {"Jane": "X"}, LINES) == '{"a": "X"}\n\n["X"]\n'
    assert [one.anchor for one in segments(text, LINES)] == ["1/0k", "1/0", "5/0"]
    assert LINES.rewrite(text.encode(), Plan({}, "x.jsonl"), LIMITS).media_type == JSON_LINES


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_other_encodings_become_utf_8(encoding: str) -> None:
    output = WHOLE.rewrite('{"a": "Größe"}'.encode(encoding), Plan({}, "x.json"), LIMITS)
    assert output.data == '{"a": "Größe"}'.encode()


def test_the_simpler_form_is_text() -> None:
    plan = replace(plan_for(WHOLE.extract(b'{"a": "Jane", "b": 5}', LIMITS), {"Jane": "X"}), tier=Tier.B)
    output = WHOLE.rewrite(b'{"a": "Jane", "b": 5}', plan, LIMITS)
    assert (output.data, output.media_type, output.tier) == (b"a\nX\nb\n5\n", TEXT, Tier.B)


def test_two_runs_write_the_same_and_a_second_one_changes_nothing() -> None:
    text = '{"Jane": {"a" :[1 ,"Jane"]},\r\n"\\u004aane":"x"}'
    new = rewrite(text, {"Jane": "X"})
    assert new == rewrite(text, {"Jane": "X"})
    assert rewrite(new, {"Jane": "X"}) == new


REFUSED = {
    "cut short": ('{"a": "b"', "parse-failed"),
    "a comma too many": ("[1, 2,]", "parse-failed"),
    "single quotes": ("{'a': 1}", "parse-failed"),
    "a comment": ("// a\n{}", "parse-failed"),
    "a bare word": ("{a: 1}", "parse-failed"),
    "a control in a string": ('{"a": "b\x01"}', "parse-failed"),
    "a number with a zero before it": ("[01]", "parse-failed"),
    "open and never closed": ("[" * 100_000, "limit"),
    "deep": ("[" * 201 + "]" * 201, "limit"),
    "deep inside of a string": (json.dumps(["[" * 201 + "]" * 201]), "limit"),
    "too many values": ("[" + "1," * 50 + "1]", "limit"),
}


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_it_refuses(text: str, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        WHOLE.extract(text.encode(), replace(LIMITS, cells=40))
    assert refused.value.code == code


def test_a_plan_for_another_file_is_an_error() -> None:
    with pytest.raises(Exception, match="not in this file"):
        WHOLE.rewrite(b'{"a": 1}', Plan({"1/7": [Replacement(0, 1, "x")]}, "x.json"), LIMITS)


def test_both_readers_see_every_key_and_value() -> None:
    text = json.dumps({"a\\n": "b\n\t\\u", "c": [1.5, {"d": 'e\u2028"'}], "é": '{"f": "g"}'}).encode()
    assert [block.text for block in whole(text)] == ["a\\n", "b\n\t\\u", "c", "1.5", "d", 'e\u2028"', "é", "f", "g"]
    assert [block.text for block in strings(text)][:8] == [
        "a\\n", "b\n\t\\u", "c", "1.5", "d", 'e\u2028"', "é", '{"f": "g"}',
    ]  # fmt: skip
    assert [block.text for block in by_line(b'"a"\n\n2\n')] == ["a", "2"]


@pytest.mark.parametrize("data", [b"{", b'{"a": 1', b"\xff\xfe[\0]\0"])
def test_a_reader_that_cannot_read_raises(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever: unread is not clean
        whole(data)
