from __future__ import annotations

import ast
import tomllib
from dataclasses import replace

import pytest

from redaction.entities import Extraction, Kind, Plan, Replacement
from redaction.errors import RefusedError
from redaction.formats import Limits, Switches
from redaction.formats.code import CodeHandler, identifier
from redaction.formats.table import handler_for, sniff
from redaction.media import EXTENSIONS, SOURCES
from redaction.readers.code import program
from redaction.readers.table import readers_for, undeclared_for
from tests.redaction.plans import plan_for, text_of

LIMITS = Limits()

PROGRAM = '''#!/usr/bin/env python
# Author: Jane Fair-
# weather, Acme
"""Sums for Mr Okafor.

@author Jane Fairweather
"""
import logging.handlers


@property
def ask_fairweather(sum: float = 1.5, host="db.acme.example") -> str:  # TODO(jane): why?
    logger.info(f"{sum} for Fairweather", 10.5)
    return "Okafor"
'''


def extract(text: str, extension: str = "py") -> Extraction:
    return CodeHandler(f"text/x-{extension}").extract(text.encode(), LIMITS)


def rewrite(text: str, words: dict[str, str], extension: str = "py") -> str:
    handler = CodeHandler(f"text/x-{extension}")
    plan = plan_for(handler.extract(text.encode(), LIMITS), words)
    return handler.rewrite(text.encode(), plan, LIMITS).data.decode()


def test_it_works() -> None:
    words = {"Fair-weather": "PERSON_1", "Fairweather": "PERSON_1", "Okafor": "PERSON_2", "jane": "PERSON_1"}
    new = rewrite(PROGRAM, words)
    assert ast.parse(new)
    assert "air" not in new
    assert "weather" not in new
    assert "def ask_PERSON_1(sum" in new
    assert "TODO(PERSON_1): why?" in new
    assert new.count("\n") == PROGRAM.count("\n")
    assert "@property\n" in new


def test_what_nobody_replaces_stays_as_it_was() -> None:
    assert rewrite(PROGRAM, {}) == PROGRAM


def test_statements_are_segments_of_code_and_comments_are_prose() -> None:
    kinds = {segment.text: (segment.kind, segment.carrier) for segment in extract(PROGRAM).segments}
    assert kinds["TODO(jane): why?"] == (Kind.PROSE, "C1")
    assert kinds["import logging handlers"] == (Kind.CODE, "C2")
    assert kinds[" property"] == (Kind.CODE, "C2")
    assert kinds['    logger info(f"{sum} for Fairweather", 10.5)'] == (Kind.CODE, "C2")


def test_comments_of_neighbouring_lines_are_one_segment_without_their_delimiters() -> None:
    [comment] = [segment.text for segment in extract(PROGRAM).segments if "Author" in segment.text]
    assert "Author: Jane Fair-\nweather, Acme\nSums for Mr Okafor." in comment
    assert "\nauthor Jane Fairweather" in comment


@pytest.mark.parametrize(
    ("extension", "text"),
    [
        ("js", "/**\n * By Jane Fair-\n * weather.\n */\nlet a = `it's`; // it's\n"),
        ("sql", "-- By Jane Fair-\n-- weather.\nSELECT 'it''s' FROM a;\n"),
        ("lua", "--[[ By Jane Fair-\nweather. ]]\nlocal a = [[x]]\n"),
        ("rs", "// By Jane Fair-\n// weather.\nfn f<'a>(x: &'a str) -> char { 'x' }\n"),
        ("sh", '# By Jane Fair-\n# weather.\necho ${a#b} "it\'s"\n'),
        ("php", "<?php\n# By Jane Fair-\n// weather.\n$a = 'b';\n"),
    ],
)
def test_each_family_of_languages_has_its_comments(extension: str, text: str) -> None:
    comments = [segment for segment in extract(text, extension).segments if segment.kind is Kind.PROSE]
    assert "By Jane Fair-\nweather." in comments[0].text
    new = rewrite(text, {"Fair-weather": "[PERSON_1]"}, extension)
    assert "By Jane [PERSON_1]" in new
    assert "weather" not in new


@pytest.mark.parametrize("extension", sorted(SOURCES.values()))
def test_every_kind_of_source_is_sniffed_read_and_written(extension: str) -> None:
    text = "<a>x</a>\n" if extension in ("xml", "xsd", "xsl") else "first = second\n"
    media_type = sniff(f"tool.{extension}", text.encode())
    assert EXTENSIONS[media_type] == extension
    handler = handler_for(media_type)
    assert handler is not None
    output = handler.rewrite(text.encode(), Plan({}, f"tool.{extension}"), LIMITS)
    assert (output.data.decode(), output.media_type) == (text, media_type)
    assert all(text_of(reader(output.data)) for reader in readers_for(media_type))


NAMES = {
    "Dockerfile": "docker",
    "Makefile": "mk",
    "CODEOWNERS": "codeowners",
    ".env": "env",
    ".env.local": "env",
    ".mailmap": "mailmap",
    "src/.gitignore": "gitignore",
    "LICENSE": "txt",
}


@pytest.mark.parametrize(("name", "extension"), NAMES.items())
def test_files_of_a_repository_are_known_by_their_whole_name(name: str, extension: str) -> None:
    assert EXTENSIONS[sniff(name, b"x = 1\n")] == extension


# The copy parses ----------------------------------------------------------------------------------------------------


def replaced(text: str, extension: str, old: str, new: str) -> str:
    handler = CodeHandler(f"text/x-{extension}")
    segments = handler.extract(text.encode(), LIMITS).segments
    found = {
        segment.anchor: [Replacement(at, at + len(old), new)]
        for segment in segments
        if (at := segment.text.find(old)) >= 0
    }
    return handler.rewrite(text.encode(), Plan(found, f"x.{extension}"), LIMITS).data.decode()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("PERSON_1", "PERSON_1"),
        ("[PERSON_1]", "PERSON_1"),
        ("person_1@example.invalid", "PERSON_1"),
        ("https://host-2.example.invalid/", "HOST_2"),
        ("host-2.example.invalid", "HOST_2"),
        ("@handle_3", "HANDLE_3"),
        ("REDACTED_API_KEY_4", "REDACTED_API_KEY_4"),
        ("1980", "1980"),
        ("***", "REMOVED"),
    ],
)
def test_a_token_has_a_form_that_can_stand_in_a_statement(written: str, expected: str) -> None:
    assert identifier(written) == expected


def test_a_statement_gets_an_identifier_and_a_string_the_token_as_planned() -> None:
    assert replaced("acme_com.run()\n", "py", "acme_com", "host-1.example.invalid") == "HOST_1.run()\n"
    assert replaced("x = 'acme'\n", "py", "acme", "host-1.example.invalid") == "x = 'host-1.example.invalid'\n"


def test_a_replaced_number_of_settings_becomes_a_string() -> None:
    new = replaced("phone = 2079460123\n", "toml", "2079460123", "PHONE_1")
    assert tomllib.loads(new) == {"phone": "PHONE_1"}


def test_markup_stays_well_formed() -> None:
    text = "<a><owner>Jane</owner></a>\n"
    new = rewrite(text, {"owner": "PERSON_1"}, "xml")
    assert new == "<a><PERSON_1>Jane</PERSON_1></a>\n"


def test_a_copy_that_cannot_be_parsed_is_refused() -> None:
    handler = CodeHandler("text/x-py")
    text = "owner = 'Jane'\n"
    plan = Plan({"l1": [Replacement(8, 11, "PERSON_1")]}, "x.py")  # takes a quote with it
    with pytest.raises(RefusedError) as refused:
        handler.rewrite(text.encode(), plan, LIMITS)
    assert refused.value.code == "structure"


def test_what_could_not_be_parsed_before_may_stay_so() -> None:
    assert rewrite("%cd Fairweather (\n", {"Fairweather": "PERSON_1"}) == "%cd PERSON_1 (\n"


# What is left out, what is refused ----------------------------------------------------------------------------------


def test_source_maps_and_files_in_base64_stay_behind() -> None:
    blob = "iVBORw0KGgo" + "A" * 80
    text = f"const a = '{blob}';\nconst b = \"data:image/png;base64,{blob}\";\n//# sourceMappingURL=tool.js.map\n"
    extraction = extract(text, "js")
    new = rewrite(text, {}, "js")
    assert new == "const a = '';\nconst b = \"data:,\";\n\n"
    assert extraction.counts["C4"] == 3
    assert undeclared_for("text/x-js", Switches())(text.encode()) == ["line 1", "line 2"]
    assert undeclared_for("text/x-js", Switches())(new.encode()) == []


REFUSED = {
    "a program of one line": ("js", b"var a=1;" * 4000, "generated"),
    "a document type": ("xml", b'<!DOCTYPE a SYSTEM "b.dtd"><a/>', "unsupported"),
    "entities": ("xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "unsupported"),
    "a codec that is none": ("py", b"# coding: rot13\nx = 1\n", "parse-failed"),
    "an encoding with states": ("xml", b'<?xml version="1.0" encoding="utf-7"?><a/>', "parse-failed"),
    "bytes of a program": ("py", b"\xa7\r\r\n\0\0\0\0", "parse-failed"),
    "too many characters": ("py", b"x = 1\n" * 20, "limit"),
}


@pytest.mark.parametrize(("extension", "data", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_it_refuses(extension: str, data: bytes, code: str) -> None:
    limits = replace(LIMITS, characters=100) if code == "limit" else LIMITS
    with pytest.raises(RefusedError) as refused:
        CodeHandler(f"text/x-{extension}").extract(data, limits)
    assert refused.value.code == code


def test_another_kind_of_file_under_a_name_of_source_is_a_lie() -> None:
    with pytest.raises(RefusedError, match="mismatch"):
        sniff("tool.py", b"%PDF-1.7\n")
    with pytest.raises(RefusedError, match="mismatch"):
        sniff("site.xml", b"just words")


def test_the_encoding_that_a_file_names_is_that_of_the_copy() -> None:
    handler = CodeHandler("text/x-py")
    output = handler.rewrite("# -*- coding: latin-1 -*-\n# Größe\n".encode("latin-1"), Plan({}, "x.py"), LIMITS)
    assert output.data.decode() == "# -*- coding: utf-8 -*-\n# Größe\n"


# The second reader --------------------------------------------------------------------------------------------------


def test_the_reader_sees_the_same_words_as_the_handler() -> None:
    for extension, text in (("py", PROGRAM), ("js", "/* a */ let b = 'c.d'; // @param e\n"), ("yaml", "a.b: c\n")):
        written = {word for segment in extract(text, extension).segments for word in segment.text.split()}
        read = {word for block in program(extension, text) for word in block.text.split()}
        assert written == read


def test_two_runs_write_the_same_and_a_second_one_changes_nothing() -> None:
    words = {"Fair-weather": "PERSON_1", "Fairweather": "PERSON_1", "acme": "ORG_1"}
    new = rewrite(PROGRAM, words)
    assert new == rewrite(PROGRAM, words)
    assert rewrite(new, words) == new
