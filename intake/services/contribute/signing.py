"""Consent: sign over exactly the checked bytes, and take it back as easily as it was given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from consent import services as consent
from consent.errors import ComprehensionError, ConsentError
from consent.models import ConsentRecord
from intake import quarantine
from intake.errors import GuardError, LostRaceError
from intake.hints import hint
from intake.models import Artifact, Outbox, ReviewTask, Submission, Transition, User
from intake.models.review import ReturnCode
from intake.services.contribute.checking import pending_edits
from intake.services.contribute.drafting import Missing
from intake.states import ArtifactState, SubmissionState

# Where the files lie sealed and a renewal changes nothing about them.
SEALED = (SubmissionState.IN_REVIEW, SubmissionState.APPROVED)


@dataclass(frozen=True)
class TimelineEvent:
    """One line of the timeline: what happened, by which role, and what comes next."""

    at: dt.datetime
    role: str
    title: str
    detail: str
    next_step: str


def sign_blockers(submission: Submission) -> list[Missing]:
    """What still stands between the check and the signature."""
    files = list(submission.artifacts.live().select_related("revision"))
    ready = [f for f in files if f.state == ArtifactState.READY and f.revision]
    found = []
    if submission.is_on_hold:
        sentence = "A person looks at the rights to one file. You can sign when that is done; you need not wait here."
        found.append(Missing("on_hold", sentence, "check"))
    if any(f.state in (ArtifactState.PROCESSING, ArtifactState.RECEIVING) for f in files):
        found.append(Missing("unfinished", "One file was not checked to its end. Have the new copy made.", "check"))
    if any(f.state == ArtifactState.HELD for f in files):
        found.append(Missing("held", "One file is stopped. Leave it out, or have it checked again.", "check"))
    if not any(f.role == "deliverable" for f in ready):
        found.append(Missing("deliverable", "At least one file that you made must be ready.", "check"))
    if not any(f.role == "request" for f in ready):
        found.append(Missing("request", "The task request must be ready.", "check"))
    if any(f.revision and f.revision.opened_at is None for f in ready):
        found.append(Missing("unopened", "Look at every file first.", "check"))
    if any(f.revision and f.revision.unacknowledged for f in ready):
        found.append(Missing("acknowledge", "A file asks you a question. Answer it on its page.", "check"))
    if any(f.state == ArtifactState.RECEIVED for f in files) or pending_edits(submission):
        found.append(Missing("changes", "You made changes. Have the new copy made first.", "check"))
    return found


def prepare_signing(
    submission: Submission, *, actor: User, choices: Mapping[str, str], third_party: Mapping[str, bool]
) -> consent.Documents:
    """Write the three documents over the files as they are now, and mail the code that signs them.

    Raises GuardError: something is missing, a purpose was not answered, or the questions were not passed.
    """
    _require(submission, actor)
    if blockers := sign_blockers(submission):
        raise GuardError(blockers[0].code, blockers[0].sentence)
    if set(choices) != set(submission.programme.purposes) or not set(choices.values()) <= {"given", "refused"}:
        raise GuardError("choices", "Answer yes or no for every purpose.")
    try:
        documents = consent.prepare(
            submission_id=submission.pk,
            principal=consent.principal(submission.pk, actor.pk),
            terms=terms(submission),
            files=_files(submission),
            choices=choices,
            attestation=submission.attestation,
            third_party=third_party,
        )
    except ComprehensionError as error:
        raise GuardError(error.code, error.sentence) from None
    code = consent.new_code(documents)
    text = render_to_string("intake/mail/signing_code.txt", {"code": code, "reference": submission.reference})
    subject, _, body = text.partition("\n\n")
    send_mail(subject.strip(), body, None, [actor.email])
    return documents


def terms(submission: Submission) -> consent.Terms:
    """The programme's terms, as consent needs them."""
    programme = submission.programme
    return consent.Terms(
        programme_id=programme.pk,
        purposes=tuple(programme.purposes),
        recipient_classes=tuple(programme.recipient_classes),
        notice_version=programme.notice_version,
        language=submission.contributor.language,
        pay_amount=str(programme.pay_amount),
        pay_currency=programme.pay_currency,
        term_days=programme.consent_term_days,
        original_days=programme.keep_original_days,
        withdraw_url=f"{settings.ENV.public_url}/s/{submission.pk}/withdraw/",
    )


def sign(
    submission: Submission, *, actor: User, documents: consent.Documents, typed_name: str, code: str
) -> ConsentRecord:
    """Sign the three documents with a typed name and the mailed code, and have the files sealed.

    When every purpose was refused the signed refusal is kept and the submission is withdrawn: nothing leaves.

    Raises: GuardError when the files are no longer the ones in the documents; ConsentError for name and code.
    """
    return sign_with(submission, actor, documents, lambda: consent.give(documents, typed_name=typed_name, code=code))


def refuse_if_not_ready(submission: Submission, actor: User, documents: consent.Documents) -> None:
    """Raises GuardError: something is missing, or the files are no longer the ones in the documents."""
    _require(submission, actor)
    if blockers := sign_blockers(submission):
        raise GuardError(blockers[0].code, blockers[0].sentence)
    files = {
        str(a.pk): a.revision.sha256
        for a in submission.artifacts.leaving().select_related("revision")
        if a.revision is not None
    }
    if documents.digests != files:
        raise GuardError("changed", "The files changed since this page was opened. Look at them again, then sign.")


def sign_with(
    submission: Submission, actor: User, documents: consent.Documents, give: Callable[[], ConsentRecord]
) -> ConsentRecord:
    """Have ``give`` sign the documents, in one transaction with the move: a typed name or a passkey alike."""
    with transaction.atomic():
        current = Submission.objects.select_for_update().get(pk=submission.pk)
        refuse_if_not_ready(current, actor, documents)
        # A wrong code must count although nothing is signed, so the error leaves only after the commit.
        try:
            record = give()
        except ConsentError as error:
            refusal: ConsentError | None = error
        else:
            refusal = None
            _signed(current, actor, record)
    if refusal is not None:
        raise refusal
    return record


def renews(submission: Submission) -> bool:
    """Whether a renewal is asked for: sealed files, agreed to under an older notice than the programme shows now.

    Until it is signed, the old agreement binds as it stands; nothing ends by leaving it.
    """
    record = submission.consent_record
    if submission.state not in SEALED or record is None or not consent.is_given(record):
        return False
    return consent.is_newer(submission.programme.notice_version, record.notice)


def awaits_signature(submission: Submission) -> bool:
    """Whether something can be signed: the checked files, or a renewal."""
    return submission.state == SubmissionState.CHECKING or renews(submission)


def _signed(submission: Submission, actor: User, record: ConsentRecord) -> None:
    if record.state == "refused":
        _withdraw(submission, actor, erase_now=False)
        return
    now = timezone.now()
    if submission.state in SEALED:
        submission.move("renew", actor=actor, role="contributor", consent_record=record)
        consent.carry_over(record)
        return
    submission.move(
        "sign",
        actor=actor,
        role="contributor",
        consent_record=record,
        signed_at=now,
        due_at=now,
        lease_until=None,
        hints=0,
        seal_refusal="",
    )
    hint("seal", submission.pk)


def withdraw(submission: Submission, *, actor: User, erase_now: bool = False) -> None:
    """Stop all use now; erase after the undo time, or at once. Needs no reason and no passkey.

    It is one guarded UPDATE of the row that every gate locks: before a gate it closes it, after it the files are
    tagged and erased.
    """
    if submission.contributor.user_id != actor.pk:
        raise LostRaceError
    with transaction.atomic():
        _withdraw(Submission.objects.select_for_update().get(pk=submission.pk), actor, erase_now=erase_now)


def _withdraw(submission: Submission, actor: User, *, erase_now: bool) -> None:
    now = timezone.now()
    wait = dt.timedelta(hours=0 if erase_now else submission.programme.withdrawal_undo_hours)
    record = submission.consent_record
    submission.move("withdraw", actor=actor, role="contributor", withdrawn_at=now, erase_due_at=now + wait, due_at=None)
    if record is not None and consent.is_given(record):
        consent.withdraw(record)
    submission.review_tasks.open().update(state=ReviewTask.State.CANCELLED, lease_until=None)
    for kind in (Outbox.Kind.RETRACT, Outbox.Kind.MAIL):
        row = Outbox.objects.create(kind=kind, subject_id=submission.pk, template="withdrawn")
        hint("outbox", row.pk)


def start_again(submission: Submission, *, actor: User) -> None:
    """Within the undo time a withdrawn submission may become a draft again; everything must be signed anew."""
    if submission.contributor.user_id != actor.pk:
        raise LostRaceError
    if submission.erase_due_at is None or submission.erase_due_at <= timezone.now():
        raise GuardError("too_late", "The time to undo the withdrawal is over.")
    with transaction.atomic():
        submission.move(
            "start_again",
            actor=actor,
            role="contributor",
            withdrawn_at=None,
            erase_due_at=None,
            consent_record=None,
            signed_at=None,
            approved_at=None,
            eligible_at=None,
        )
        for artifact in submission.artifacts.filter(state=ArtifactState.READY, parent=None):
            artifact.move("process", role="system", stage="waiting", attempts=0)


def reply(submission: Submission, *, actor: User) -> None:
    """Answer a return without changing a byte: the same sealed files go back to a reviewer."""
    if submission.contributor.user_id != actor.pk:
        raise LostRaceError
    record = submission.consent_record
    if record is None or not consent.is_given(record):
        raise GuardError("consent", "Your consent is no longer in force. Check and sign again.")
    with transaction.atomic():
        submission = Submission.objects.select_for_update().get(pk=submission.pk)
        last = submission.review_tasks.latest("created_at")
        if _changed_since(submission, record, last):
            raise GuardError("changed", "You changed something. Start the check again instead.")
        submission.move("reply", actor=actor, role="contributor")
        ReviewTask.objects.create(submission=submission, stage=last.stage, contributor=actor, digests=last.digests)


def _changed_since(submission: Submission, record: ConsentRecord, task: ReviewTask) -> bool:
    """Whether files, wishes or bases are other than those that were signed and reviewed."""
    files = submission.artifacts.leaving().select_related("revision")
    digests = {str(a.pk): a.revision.sha256 for a in files if a.revision is not None}
    bases = {str(a.pk): a.rights_basis for a in files}
    waiting = submission.artifacts.filter(state=ArtifactState.RECEIVED).exists() or pending_edits(submission)
    return bool(waiting) or digests != task.digests or bases != consent.signed_bases(record)


TITLES: dict[str, tuple[str, str]] = {
    "open": ("You accepted the invitation", "Answer the questions about your rights, then add your files."),
    "submit": ("You started the check", "We look for personal details. This usually takes under two minutes."),
    "resubmit": ("You sent it in again", "We look for personal details again."),
    "finish": ("The copies are ready", "Look at every copy, then sign."),
    "nothing_ready": ("No file could be used", "Read the sentence beside each file and add it again."),
    "change": ("You asked for new copies", "We make them again from your files."),
    "sign": ("You signed", "We seal exactly the files you signed."),
    "renew": ("You renewed your agreement", "It goes on under the new notice, with the same files."),
    "seal": ("Your files are sealed", "A reviewer looks at them next, usually within three working days."),
    "return": ("A reviewer sent it back", "Read the reasons, change what is needed, or reply."),
    "reply": ("You replied", "Another look by a reviewer comes next."),
    "approve_stage": ("One stage of the review is done", "The next stage follows."),
    "approve": ("Approved", "Nothing leaves before the cooling-off time ends. You can withdraw at any time."),
    "reject": ("Not accepted", "Nothing leaves. The files are erased when the appeal window closes."),
    "appeal": ("You appealed", "Another reviewer looks at it."),
    "withdraw": ("You withdrew", "All use has stopped. Everything is erased on the date shown."),
    "start_again": ("You started again", "Everything must be checked and signed anew."),
    "lapse": ("The draft ran out", "It was erased because nothing happened for a long time."),
    "revoke": ("Stopped by us", "Nothing may be used any more."),
    "reopen": ("Opened again", "A reviewer looks at it again."),
    "term_end": ("The agreed time is over", "Nothing may be used any more."),
    "release_hold": ("A stop was lifted", "The check goes on."),
}


def timeline(submission: Submission) -> list[TimelineEvent]:
    """Every move of the submission, oldest first, in words."""
    rows = Transition.objects.filter(submission=submission, artifact=None)
    return [_event(row) for row in rows]


def _event(row: Transition) -> TimelineEvent:
    title, next_step = TITLES[row.event]
    reasons = [ReturnCode(code).label for code in row.reason.split(",") if code in ReturnCode.values]
    return TimelineEvent(row.at, row.role, title, "; ".join(reasons), next_step)


def _files(submission: Submission) -> list[consent.FileRef]:
    """The files as they would leave. A renewal repeats the commitments signed before: the originals may be erased."""
    record = submission.consent_record if renews(submission) else None
    before = {} if record is None else {file["artifact_id"]: file for file in consent.parsed(record)["artifacts"]}
    found = []
    for artifact in submission.artifacts.leaving().select_related("revision", "parent"):
        signed = before.get(str(artifact.pk))
        found.append(_file_ref(artifact, signed["original_commitment"] if signed else quarantine.commitment(artifact)))
    return found


def _file_ref(artifact: Artifact, commitment: str) -> consent.FileRef:
    revision = artifact.revision
    if revision is None:
        raise LostRaceError
    return consent.FileRef(
        artifact_id=artifact.pk,
        redacted_sha256=revision.sha256,
        original_commitment=commitment,
        role=artifact.role,
        kind=revision.media_type.rpartition("/")[2][:60],
        media_type=revision.media_type,
        size=revision.size,
        basis=artifact.rights_basis,
    )


def _require(submission: Submission, actor: User) -> None:
    if submission.contributor.user_id != actor.pk or not awaits_signature(submission):
        raise LostRaceError
