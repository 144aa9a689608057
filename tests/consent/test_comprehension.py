from __future__ import annotations

import itertools
import tomllib
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from consent import comprehension, documents, notice, services
from consent.comprehension import Quiz
from consent.errors import ComprehensionError, NoticeError
from consent.models import ConsentEvent
from consent.record import sha256_hex
from tests.consent.conftest import Give, Prepare
from tests.consent.making import CHOICES, FILES, SIGNED, SUBMISSION, TERMS, THIRD_PARTY
from tests.consent.reading import MEASURES

QUIZZES = [name for name in notice.released() if name.startswith("quiz/")]
SITUATIONS = list(itertools.product(("given", "refused"), ("40.00", "0"), (True, False), ("en", "de")))


def draw(training: str = "refused", pay: str = "40.00", named: bool = True, language: str = "en") -> Quiz:
    terms = replace(TERMS, pay_amount=pay, language=language)
    return comprehension.draw(
        notice.load(TERMS.notice_version, language),
        terms,
        choices={"evaluation": "given", "training": training},
        third_party={**THIRD_PARTY, "others_named": named},
    )


def right(quiz: Quiz) -> dict[str, int]:
    return {question.place: question.right for question in quiz.questions}


@pytest.mark.parametrize(("training", "pay", "named", "language"), SITUATIONS)
def test_three_questions_fit_every_situation(training: str, pay: str, named: bool, language: str) -> None:
    quiz = draw(training, pay, named, language)

    assert [question.place for question in quiz.questions] == ["use", "way_out", "others"]
    assert quiz.language == language
    for question in quiz.questions:
        assert len(set(question.answers)) == 3
        assert question.right in range(3)
        assert question.because
        assert "{" not in question.text
    assert quiz.missed(right(quiz)) == []


def test_the_questions_are_about_the_persons_own_answers() -> None:
    refused, given = draw("refused").questions[0], draw("given").questions[0]
    assert refused.text.startswith("You said no to “Training AI systems”.")
    assert given.text.startswith("You said yes to “Training AI systems”.")
    assert "40.00 EUR" in draw().questions[1].text
    assert "EUR" not in draw(pay="0.00").questions[1].text
    assert "name other people" in draw(named=True).questions[2].text
    assert "name nobody else" in draw(named=False).questions[2].text


def test_every_wrong_answer_is_missed_and_so_is_none_at_all() -> None:
    quiz = draw()
    for question in quiz.questions:
        for wrong in {0, 1, 2, 3} - {question.right}:
            assert quiz.missed({**right(quiz), question.place: wrong}) == [question]
    assert quiz.missed({}) == list(quiz.questions)


def test_other_questions_have_another_digest() -> None:
    digests = {draw(*situation).sha256 for situation in SITUATIONS}

    assert len(digests) == len(SITUATIONS)


@pytest.mark.parametrize("name", QUIZZES)
def test_released_questions_were_never_edited(name: str) -> None:
    path = notice.FOLDER / f"{name}.toml"

    assert sha256_hex(path.read_bytes()) == notice.released()[name]


def test_the_languages_ask_the_same() -> None:
    english, german = (
        tomllib.loads((notice.FOLDER / f"quiz/2026-12/{code}.toml").read_text()) for code in ("en", "de")
    )

    assert (english["quiz_id"], english["version"]) == (german["quiz_id"], german["version"])
    assert set(english["words"]) == set(german["words"])
    same = [
        [(q["place"], q["when"], q["right"], len(q["answers"])) for q in each["questions"]]
        for each in (english, german)
    ]
    assert same[0] == same[1]


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_questions_read_easily(language: str) -> None:
    source = comprehension.load("2026-12", language)
    shown = [f"{question['text']} {question['because']}" for question in source["questions"]]

    assert MEASURES[language].grade(" ".join([*shown, source["words"]["lead"]])) <= MEASURES[language].limit


def test_edited_questions_are_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "quiz" / "2026-12"
    folder.mkdir(parents=True)
    good = (notice.FOLDER / "quiz/2026-12/en.toml").read_text()
    (folder / "en.toml").write_text(good.replace("right = 1", "right = 0", 1))
    monkeypatch.setattr(notice, "FOLDER", tmp_path)
    comprehension.load.cache_clear()

    with pytest.raises(NoticeError):
        comprehension.load("2026-12", "en")


def test_attempts_are_counted_until_the_first_that_passed(installation: None) -> None:
    quiz = draw()
    assert services.understood(SUBMISSION, quiz) is None

    missed = services.answer(SUBMISSION, quiz, {**right(quiz), "others": 0})
    assert [question.place for question in missed] == ["others"]
    assert services.understood(SUBMISSION, quiz) is None
    for _ in range(2):
        assert services.answer(SUBMISSION, quiz, right(quiz)) == []

    said = services.understood(SUBMISSION, quiz)
    assert said == {"quiz_id": "contributor-quiz", "version": "2026-12", "passed": True, "attempts": 2}
    assert services.understood(uuid.uuid4(), quiz) is None
    assert services.understood(SUBMISSION, draw("given")) is None


def test_what_was_answered_is_not_kept(installation: None) -> None:
    quiz = draw()
    services.answer(SUBMISSION, quiz, {**right(quiz), "use": 0})

    event = ConsentEvent.objects.get()
    assert (event.event, event.method, event.text_sha256) == ("quiz-missed", "web-form", quiz.sha256)


def test_the_record_says_how_it_was_understood(give: Give) -> None:
    said = services.parsed(give())["comprehension"]

    assert said == {"quiz_id": "contributor-quiz", "version": "2026-12", "passed": True, "attempts": 1}


def test_a_renewal_asks_again(give: Give) -> None:
    give()
    quiz = services.quiz(TERMS, choices=CHOICES, third_party=THIRD_PARTY)

    assert services.understood(SUBMISSION, quiz) is None


def test_nothing_is_prepared_before_the_questions_were_passed(installation: None) -> None:
    with pytest.raises(ComprehensionError):
        services.prepare(
            submission_id=SUBMISSION,
            principal=services.principal(SUBMISSION, uuid.UUID(int=7)),
            terms=TERMS,
            files=FILES,
            choices=CHOICES,
            attestation={"owner": "me", "nda": "no"},
            third_party=THIRD_PARTY,
        )


def test_a_refusal_needs_no_questions_and_carries_none(prepare: Prepare) -> None:
    refusal = documents.draft(
        submission_id=SUBMISSION,
        principal="p_" + "a" * 26,
        terms=TERMS,
        notice=notice.load(TERMS.notice_version, "en"),
        files=FILES,
        choices=dict.fromkeys(CHOICES, "refused"),
        attestation={"owner": "me", "nda": "no"},
        third_party=THIRD_PARTY,
        comprehension=None,
        previous_sha256=None,
        layers_opened=(),
        now=SIGNED,
    )
    assert refusal.parsed("record")["comprehension"] is None

    asked = prepare(choices=dict.fromkeys(CHOICES, "refused"))
    assert asked.parsed("record")["comprehension"] is None
