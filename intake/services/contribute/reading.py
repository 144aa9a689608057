"""What a contributor reads before signing: the notice in their language, what is new in it, and three questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consent import services as consent
from consent.comprehension import Question, Quiz
from consent.models import ConsentRecord, Notice
from consent.notice import NoticeText
from consent.notice_changes import Change
from intake.errors import GuardError, LostRaceError
from intake.models import Contributor, Submission, User
from intake.services.contribute.signing import awaits_signature, renews, terms


@dataclass(frozen=True)
class Since:
    """What the notice of a programme says otherwise than the one somebody signed last."""

    signed: Notice
    signed_on: ConsentRecord
    newest: NoticeText
    changes: Sequence[Change]

    @property
    def title(self) -> str:
        return str(self.newest.words["changed_since_signed"].format(self.signed.version))


def speak(submission: Submission, *, actor: User, language: str) -> None:
    """Remember in which of the notice's languages this person reads. Raises GuardError for one that it is not in."""
    if submission.contributor.user_id != actor.pk:
        raise LostRaceError
    if language not in consent.languages(submission.programme.notice_version):
        raise GuardError("language", "The notice cannot be read in that language. Choose one that is shown.")
    Contributor.objects.filter(pk=submission.contributor_id).update(language=language)


def recipient_name(notice: NoticeText, recipient_class: str) -> str:
    """Return what the notice calls a class of recipients."""
    return str(notice.recipients.get(recipient_class, recipient_class.replace("-", " ")))


def changes_for(submission: Submission) -> Since | None:
    """What is new for this person: since the notice they signed last, for this submission or for another one.

    None: they signed none yet, or the newest.
    """
    mine = Submission.objects.filter(contributor=submission.contributor).values("pk")
    records = ConsentRecord.objects.filter(submission_id__in=mine).exclude(state="withdrawn")
    last = records.select_related("notice").order_by("-at").first()
    return None if last is None else _since(submission, last)


def renewal(submission: Submission) -> Since | None:
    """What asks for a renewal: sealed files, agreed to under a notice that has a newer version.

    Until it is renewed, the old agreement binds as it was signed.
    """
    record = submission.consent_record
    return _since(submission, record) if record is not None and renews(submission) else None


def _since(submission: Submission, record: ConsentRecord) -> Since | None:
    newest = consent.reading(submission.programme.notice_version, submission.contributor.language)
    if not consent.is_newer(newest.version, record.notice):
        return None
    signed = consent.find_notice(record.notice_id)
    if signed is None:
        return None
    return Since(record.notice, record, newest, consent.changes_since(signed, newest))


def quiz(submission: Submission, choices: Mapping[str, str], third_party: Mapping[str, bool]) -> Quiz:
    """The three questions about these choices, in the language in which they were made."""
    return consent.quiz(terms(submission), choices=choices, third_party=third_party)


def answer_quiz(submission: Submission, *, actor: User, asked: Quiz, answers: Mapping[str, int]) -> list[Question]:
    """Keep the attempt and return the questions missed; none missed opens the sign page."""
    if submission.contributor.user_id != actor.pk or not awaits_signature(submission):
        raise LostRaceError
    return consent.answer(submission.pk, asked, answers)
