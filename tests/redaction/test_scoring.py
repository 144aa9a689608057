"""The measures of detection, by hand-made readings; the command, by small files of its own."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest

from redaction import gold, policy, scorecard
from redaction.entities import Span
from redaction.gold import Document, GoldError, Mention
from redaction.scoring import Read, read_by, scores

TEXT = "Jane Fairweather of Hollis Ltd called on 3 May."
PERSON, COMPANY, DATE = Mention(0, 16, "PERSON"), Mention(20, 30, "ORGANIZATION"), Mention(41, 46, "DATE_TIME")


def one(*found: tuple[int, int, str], kept: tuple[tuple[int, int, str], ...] = ()) -> Read:
    return Read(Document("d", TEXT, (PERSON, COMPANY, DATE), "mail"), found, kept)


def test_a_mention_is_masked_when_every_letter_is_covered_whatever_it_is_called() -> None:
    assert one((0, 4, "PERSON"), (5, 16, "ORGANIZATION")).masked(PERSON)
    assert not one((0, 15, "PERSON")).masked(PERSON)


def test_what_a_policy_keeps_counts_for_its_own_kind_alone() -> None:
    assert one(kept=((41, 46, "DATE_TIME"),)).masked(DATE)
    assert not one(kept=((0, 16, "DATE_TIME"),)).masked(PERSON)


def test_half_of_the_characters_under_the_right_kind_make_it_typed() -> None:
    assert one((0, 8, "PERSON")).typed(PERSON)
    assert not one((0, 7, "PERSON")).typed(PERSON)
    assert not one((0, 16, "LOCATION")).typed(PERSON)


def test_rates_are_counted_by_label_and_over_all() -> None:
    result = scores([one((0, 16, "PERSON"), (31, 37, "PERSON")), one((20, 30, "ORGANIZATION"))])
    person = result["labels"]["PERSON"]
    assert (person["mentions"], person["masked_recall"], person["span_precision"]) == (2, 0.5, 0.5)
    assert result["labels"]["ORGANIZATION"]["masked_recall"] == 0.5
    overall = result["overall"]
    assert overall["masked_recall"] == pytest.approx(2 / 6, abs=1e-4)
    assert (overall["person_documents_no_leak"], overall["documents_no_leak"]) == (0.5, 0.0)
    assert overall["false_positives_per_1000_words"] == pytest.approx(1000 / 18, abs=0.01)
    assert list(result["genres"]) == ["mail"]


BAD = {
    "no JSON": "{",
    "no object": "[]",
    "no text": '{"spans": []}',
    "no spans": '{"text": "a"}',
    "a span of two": '{"text": "abc", "spans": [[0, 1]]}',
    "an end before its start": '{"text": "abc", "spans": [[2, 1, "PER"]]}',
    "an end outside": '{"text": "abc", "spans": [[0, 4, "PER"]]}',
    "a start that is no number": '{"text": "abc", "spans": [["0", 1, "PER"]]}',
    "a start that is a truth": '{"text": "abc", "spans": [[false, 1, "PER"]]}',
}


@pytest.mark.parametrize("line", BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_named_by_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"text": "fine", "spans": []}\n' + line + "\n")
    with pytest.raises(GoldError, match=re.compile("^line 2 ")):
        gold.read(path)


def test_labels_of_other_data_sets_become_ours(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"text": "Jane", "spans": [[0, 4, "PER"]]}\n')
    assert gold.read(path).documents[0].mentions == (Mention(0, 4, "PERSON"),)
    names = tmp_path / "map.toml"
    names.write_text('PER = "HANDLE"\n')
    assert gold.read(path, gold.map_of(names)).documents[0].mentions == (Mention(0, 4, "HANDLE"),)


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    text = "Hi Jane,\n\nplease call Tom Okafor at tom@example.com.\n\nRegards,\nPriya Raman\n"
    names = {"Jane": "PERSON", "Tom Okafor": "PERSON", "tom@example.com": "EMAIL", "Priya Raman": "PERSON"}
    spans = [[text.index(name), text.index(name) + len(name), label] for name, label in names.items()]
    table = 'Name,Phone\n"Okafor, Tom",020 7946 0123\n'
    cells = [[12, 23, "PERSON"], [25, 38, "PHONE"]]
    path = tmp_path / "gold.jsonl"
    documents = [{"text": text, "spans": spans, "genre": "mail"}, {"text": table, "spans": cells, "genre": "table"}]
    path.write_text("\n".join(map(json.dumps, documents)) + "\n")
    return path


def test_the_command_prints_figures_and_no_text(marked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scorecard.main([str(marked), "--json", "--min", "labels.PERSON.masked_recall=1"]) == scorecard.DONE
    captured = capsys.readouterr()
    result = json.loads(captured.out)
    assert result["labels"]["PERSON"]["mentions"] == 4
    assert set(result["genres"]) == {"mail", "table"}
    assert not re.search("Okafor|Priya|example", captured.out + captured.err)


def test_a_table_whose_cells_stand_otherwise_is_read_as_text(marked: Path) -> None:
    text = 'Name,Note\nTom Okafor,"a ""b"" c"\n'
    marked.write_text(json.dumps({"text": text, "spans": [[10, 20, "PERSON"]], "genre": "table"}) + "\n")
    assert scorecard.main([str(marked), "--min", "labels.PERSON.masked_recall=1"]) == scorecard.DONE


def test_a_figure_that_is_missed_and_one_that_is_none(marked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scorecard.main([str(marked), "--min", "overall.masked_recall=1.1"]) == scorecard.MISSED
    assert "missed" in capsys.readouterr().err
    assert scorecard.main([str(marked), "--min", "overall.nothing=1"]) == scorecard.USAGE


def test_what_was_missed_is_written_for_its_owner_alone(marked: Path, tmp_path: Path) -> None:
    document = {"text": "The word blue is marked.", "spans": [[9, 13, "PERSON"]]}
    marked.write_text(json.dumps(document) + "\n")
    errors = tmp_path / "errors.jsonl"
    assert scorecard.main([str(marked), "--errors", str(errors)]) == scorecard.DONE
    assert json.loads(errors.read_text())["missed"] == [["PERSON", "blue", 9]]
    assert stat.S_IMODE(errors.stat().st_mode) == 0o600


def test_a_file_for_what_was_missed_that_cannot_be_written_is_a_usage_error(
    marked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scorecard.main([str(marked), "--errors", str(tmp_path / "absent" / "errors.jsonl")]) == scorecard.USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("python -m redaction score: the file of --errors cannot be written: ")
    assert "absent" not in captured.err


def test_presidio_as_it_comes_stands_beside_ours(marked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scorecard.main([str(marked), str(marked), "--json", "--baseline"]) == scorecard.DONE
    result = json.loads(capsys.readouterr().out)
    for part in (result, *result["files"]):
        assert set(part["baseline"]) == {"labels", "overall", "genres"}
        assert part["baseline"]["labels"]["EMAIL_ADDRESS"]["masked_recall"] == 1
        assert part["baseline"]["overall"]["mentions"] == part["overall"]["mentions"]
    assert result["baseline"]["overall"]["mentions"] == 2 * result["files"][0]["baseline"]["overall"]["mentions"]
    assert result["baseline"]["overall"]["masked_recall"] < result["overall"]["masked_recall"]
    assert scorecard.main([str(marked), "--baseline", "--min", "baseline.labels.PERSON.masked_recall=0.1"]) == 0
    printed = capsys.readouterr().out
    assert "Presidio: masked" in printed
    assert not re.search("Okafor|Priya|example", printed)


def test_another_finder_is_measured_by_our_labels_and_by_what_the_policy_keeps() -> None:
    def find(text: str) -> list[Span]:
        assert text == TEXT
        return [Span(0, 16, "PER", 0.8, "other"), Span(20, 30, "DATE", 0.8, "other")]

    [reading] = read_by([one().document], policy.load("standard"), find)
    assert reading.found == ((0, 16, "PERSON"),)
    assert reading.kept == ((20, 30, "DATE_TIME"),)
    assert not reading.masked(COMPANY)


def test_usage(tmp_path: Path) -> None:
    assert scorecard.main([str(tmp_path / "absent.jsonl")]) == scorecard.USAGE
    (tmp_path / "bad.jsonl").write_text("{")
    assert scorecard.main([str(tmp_path / "bad.jsonl")]) == scorecard.USAGE
