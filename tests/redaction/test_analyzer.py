from __future__ import annotations

import logging
import socket
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from redaction import policy, weights
from redaction.analyzer import analyzer, fingerprint
from redaction.chunks import Chunk, chunks
from redaction.detection import column_type, detect
from redaction.entities import Kind, Segment, Span
from redaction.errors import DetectionIncompleteError
from redaction.gemm import Entity
from redaction.recognizers.rules import RuleRecognizer

STANDARD = policy.load("standard")
TEXT = "Jane Fairweather of Hollis Logistics Ltd met Tom in Leeds on 3 March 2025."


def found(text: str, kind: Kind = Kind.PROSE, **hints: str) -> set[tuple[str, str]]:
    [spans] = detect([Segment("l1", text, "TX", kind, hints)], STANDARD, STANDARD.floor)
    return {(text[span.start : span.end], span.entity_type) for span in spans}


def test_people_companies_and_places_are_found_and_dates_stay() -> None:
    assert found(TEXT) >= {
        ("Jane Fairweather", "PERSON"),
        ("Hollis Logistics Ltd", "ORGANIZATION"),
        ("Leeds", "LOCATION"),
    }
    assert not any(kind == "DATE_TIME" for _, kind in found(TEXT))


def test_the_strict_policy_finds_dates_too() -> None:
    strict = policy.load("strict")
    [spans] = detect([Segment("l1", TEXT, "TX")], strict, strict.floor)
    assert "3 March 2025" in {TEXT[span.start : span.end] for span in spans}


@pytest.mark.parametrize(
    "text",
    [
        "Consolidate at the south site.",
        "Handover notes: warehouse move",
        "KPI and ROI for Q3, in EUR.",
        "Regards",
        "Minor Finding",
        "[PERSON_1] wrote to person_2@example.invalid about host-1.example.invalid.",
    ],
)
def test_ordinary_capitals_and_tokens_are_no_findings(text: str) -> None:
    assert found(text) == set()


def test_invisible_characters_do_not_hide_an_address() -> None:
    text = "Write to ja\u200bne@exam\u00adple.com now."
    assert ("ja\u200bne@exam\u00adple.com", "EMAIL_ADDRESS") in found(text)


def test_the_header_of_a_column_says_what_its_cells_hold() -> None:
    assert found("Fairweather", Kind.CELL, column="Surname") == {("Fairweather", "PERSON")}
    assert ("4471", "EMPLOYEE_ID") in found("4471", Kind.CELL, column="Employee ID")
    assert found("4471", Kind.CELL, column="Amount") == set()
    assert found("Total", Kind.CELL, column="Name") == set()


@pytest.mark.parametrize("header", ["Product name", "File name", "Phone costs (EUR)?", "Project", "Email volume"])
def test_headers_of_things_name_no_people(header: str) -> None:
    assert column_type(header) != "PERSON"


def test_the_model_is_loaded_only_with_the_expected_bytes(tmp_path: Path) -> None:
    expected = weights.weights()
    weights.check(weights.model_folder(), expected)
    with pytest.raises(DetectionIncompleteError):
        weights.check(weights.model_folder(), replace(expected, sha256={"ner/model": "0" * 64}))
    with pytest.raises(DetectionIncompleteError):
        weights.check(tmp_path, expected)


def test_the_fingerprint_names_model_and_libraries() -> None:
    assert "en_core_web_md" in fingerprint()
    assert "presidio-analyzer" in fingerprint()


def look() -> None:
    analyzer().find([Chunk(TEXT, ())], floor=0.3, deadline_s_per_100k=30)


@pytest.fixture
def engine() -> Iterator[Any]:
    """The engine of the analyzer, with its recognizers put back afterwards."""
    registry = analyzer()._engine.registry
    before = list(registry.recognizers)
    yield registry
    registry.recognizers = before


def _fail(text: str) -> list[Any]:
    raise ValueError(text)


def _warn(text: str) -> list[Any]:
    logging.getLogger("presidio-analyzer").warning("skipping a pattern")
    return []


@pytest.mark.parametrize("find", [_fail, _warn], ids=["raises", "warns"])
def test_a_recognizer_that_fails_or_warns_makes_the_search_incomplete(engine: Any, find: Any) -> None:
    engine.recognizers = [*engine.recognizers, RuleRecognizer("broken", ("EMAIL_ADDRESS",), find)]
    with pytest.raises(DetectionIncompleteError) as caught:
        look()
    assert "Fairweather" not in str(caught.value)


def test_a_deadline_that_has_passed_makes_the_search_incomplete(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(0, 100_000, 1000))
    monkeypatch.setattr("redaction.analyzer.time.monotonic", lambda: next(ticks))
    with pytest.raises(DetectionIncompleteError):
        look()


def test_detection_opens_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert found("See www.acme.co.uk and jane@acme.co.uk.")


def test_every_character_is_in_a_chunk_and_finds_its_way_back() -> None:
    segments = [
        Segment("l1", "short line", "TX"),
        Segment("l2", "word " * 2000, "TX"),
        Segment("l3", "x" * 5000, "TX"),
        Segment("r1c1", "cell", "T1", Kind.CELL, {"column": "Name"}),
    ]
    covered: set[tuple[int, int]] = set()
    for chunk in chunks(segments, 2000):
        assert len(chunk.text) <= 2200
        for index, start, end in chunk.locate(0, len(chunk.text)):
            covered |= {(index, at) for at in range(start, end)}
            assert segments[index].text[start:end] in chunk.text
    assert covered == {(index, at) for index, segment in enumerate(segments) for at in range(len(segment.text))}


def test_a_name_on_the_cut_of_a_long_line_is_found() -> None:
    text = "and so on " * 198 + "Jane Fairweather wrote " + "and so on " * 300
    assert ("Jane Fairweather", "PERSON") in found(text)


def test_a_doubtful_guess_of_the_model_hides_no_finding_of_a_rule() -> None:
    assert ("vitoria", "PERSON") in found("my name is vitoria")


@pytest.mark.parametrize(("header", "cell"), [("State", "In progress"), ("Place", "2"), ("Site", "Warehouse")])
def test_columns_of_progress_and_ranks_hold_no_places(header: str, cell: str) -> None:
    assert not found(cell, Kind.CELL, column=header)


def test_places_stand_under_their_headers() -> None:
    assert ("Trondheim", "LOCATION") in found("Trondheim", Kind.CELL, column="Site")


def test_what_was_read_once_is_remembered_until_the_end_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = analyzer()
    read: list[str] = []
    look = rules.read

    def counted(texts: Sequence[str]) -> list[list[Entity]]:
        read.extend(texts)
        return look(texts)

    monkeypatch.setattr(rules, "read", counted)
    mail, note = (Chunk(text, ()) for text in ("Dear Alice Miller,", "Ask Bob Carter."))

    def find(*chunks: Chunk, floor: float = 0.3) -> list[list[Span]]:
        return rules.find(chunks, floor=floor, deadline_s_per_100k=100)

    with rules.remembering():
        first = find(mail, note, mail)
        assert read == [mail.text, note.text]
        assert find(note, mail) == [first[1], first[0]]
        assert read == [mail.text, note.text]
        find(mail, floor=0.1)
        assert read == [mail.text, note.text, mail.text]
    find(mail)
    assert read == [mail.text, note.text, mail.text, mail.text]


def test_recognizers_are_asked_in_their_order() -> None:
    registry = analyzer()._engine.registry
    asked = registry.get_recognizers(language="en", entities=analyzer()._entities)

    assert asked == registry.recognizers


def test_cells_are_read_in_the_same_blocks_whatever_is_in_them() -> None:
    def column(first: str) -> list[Segment]:
        texts = [first, *(f"Cell number {number}" for number in range(130))]
        return [
            Segment(f"s1!A{row}", text, "X1", Kind.CELL, {"column": "Remarks"}) for row, text in enumerate(texts, 2)
        ]

    before, after = (chunks(column(first), 2000) for first in ("Alice Miller signed it", "[PERSON_1] signed it"))

    assert [len(chunk.parts) for chunk in before] == [48, 48, 35]
    assert [one.text for one in before[1:]] == [one.text for one in after[1:]]
