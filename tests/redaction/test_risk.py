"""What is left around a person is counted, and each thing that is put back raises the count and says why."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from redaction import engine, policy
from redaction.entities import Block, SourceFile
from redaction.risk import Risk, risks


def left(*texts: str) -> Mapping[str, Mapping[str, int]]:
    return {one.token: one.left for one in risks([[Block(f"p{n}", text) for n, text in enumerate(texts)]])}


BARE = "[PERSON_1] wrote to [PERSON_2] about it."


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (" She is the treasurer.", "position"),
        (" She is 61 years old.", "age"),
        (" That was on 14 March 2024.", "date"),
        (" She came from Estonia.", "place"),
        (" She was dismissed.", "event"),
    ],
)
def test_each_thing_put_back_raises_the_score_and_is_named(more: str, reason: str) -> None:
    before, after = (risks([[Block("p1", text)]])[0] for text in (BARE, BARE + more))

    assert before.left == {}
    assert after.left == {reason: 1}
    assert after.rank > before.rank


def test_a_mention_put_back_raises_the_score() -> None:
    once, twice = (risks([[Block("p1", text)]])[0] for text in ("[PERSON_1] left.", "[PERSON_1] left. [PERSON_1] sat."))

    assert twice.rank > once.rank


def test_all_files_count_together_and_the_easiest_to_know_comes_first() -> None:
    mail = [Block("p1", "[PERSON_2] is the mayor."), Block("p2", "[PERSON_1] answered.")]
    memo = [Block("p1", "[PERSON_2], 44 years old, came back from Malta on 3 May 2025.")]

    assert risks([mail, memo]) == [
        Risk("PERSON_2", 2, {"position": 1, "age": 1, "date": 1, "place": 1}),
        Risk("PERSON_1", 1, {}),
    ]


def test_what_stands_far_away_or_on_another_line_is_not_counted() -> None:
    far = "[PERSON_1] wrote. " + "Nothing of note was said. " * 12 + "The mayor left."

    assert left(far) == {"PERSON_1": {}}
    assert left("[PERSON_1] wrote.\nThe mayor left.") == {"PERSON_1": {}}
    assert left("The mayor left.", "[PERSON_1] wrote.") == {"PERSON_1": {}}


def test_one_thing_between_two_mentions_counts_once() -> None:
    assert left("[PERSON_1], a surgeon, is [PERSON_1].") == {"PERSON_1": {"position": 1}}


def test_the_report_of_a_run_lists_the_people_without_their_names() -> None:
    text = "Dear Ms Alice Miller,\n\nAlice Miller, the treasurer, resigned on 14 March 2024. Bob Carter agreed.\n"

    found = engine.redact([SourceFile("1", "note.txt", text.encode())], policy.load("standard"))

    first = found.report["people"][0]
    names = {entity.token: entity.canonical for entity in found.entities}
    assert "Miller" in names[first["token"]]
    assert {"position", "event", "date"} <= set(first["left"])
    assert "Miller" not in str(found.report)
