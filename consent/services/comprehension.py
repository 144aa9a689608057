"""Whether the notice was understood: the questions, every attempt at them, and what the record says about it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from consent import comprehension, notice
from consent.comprehension import Question, Quiz
from consent.documents import Terms
from consent.models import ConsentEvent, ConsentRecord
from consent.record import Json

PASSED, MISSED = "quiz-passed", "quiz-missed"


def quiz(terms: Terms, *, choices: Mapping[str, str], third_party: Mapping[str, bool]) -> Quiz:
    """Return the three questions that fit what was chosen. Raises NoticeError."""
    text = notice.load(terms.notice_version, terms.language)
    return comprehension.draw(text, terms, choices=choices, third_party=third_party)


def answer(submission_id: UUID, asked: Quiz, answers: Mapping[str, int]) -> list[Question]:
    """Keep that somebody tried, and return the questions missed. None missed means passed.

    Kept is an event with the digest of what was asked: whether it was passed, never what was answered.
    """
    missed = asked.missed(answers)
    event = MISSED if missed else PASSED
    ConsentEvent.objects.create(submission_id=submission_id, event=event, method="web-form", text_sha256=asked.sha256)
    return missed


def understood(submission_id: UUID, asked: Quiz) -> Json | None:
    """Return the record's ``comprehension``, or None: these very questions were not passed since the last record."""
    tries = ConsentEvent.objects.filter(
        submission_id=submission_id, event__in=(PASSED, MISSED), text_sha256=asked.sha256
    )
    last = ConsentRecord.objects.filter(submission_id=submission_id).order_by("-at").first()
    if last is not None:
        tries = tries.filter(pk__gt=_last_event(last))
    # Tries after the first that passed are somebody looking again; they do not count.
    first = tries.filter(event=PASSED).order_by("pk").first()
    if first is None:
        return None
    return comprehension.passed(asked, tries.filter(pk__lte=first.pk).count())


def _last_event(record: ConsentRecord) -> int:
    """The event that was written with this record: what was tried before it belongs to an older decision."""
    return ConsentEvent.objects.filter(record=record).latest("pk").pk
