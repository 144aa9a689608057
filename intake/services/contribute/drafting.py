"""The draft: accept the invitation, answer for the rights, describe the task, add files, start the check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone

from consent import services as consent
from intake import filetypes, quarantine
from intake.errors import FileRefusedError, GuardError, LostRaceError
from intake.hints import hint
from intake.models import Artifact, Contributor, Invitation, Submission, User
from intake.models.submission import ProvenanceClass, RightsBasis, Role
from intake.states import ArtifactState, SubmissionState

# The questions of the rights check, each with its closed answers. No answer names anybody.
RIGHTS_QUESTIONS: dict[str, dict[str, str]] = {
    "owner": {
        "me": "I do",
        "employer": "My employer",
        "client": "A client",
        "other": "Someone else",
        "unsure": "I am not sure",
    },
    "nda": {"no": "No", "yes": "Yes", "unsure": "I am not sure"},
    "permission": {
        "not_needed": "I need none: it is mine",
        "written": "Yes, in writing",
        "no": "No",
        "unsure": "I am not sure",
    },
    "others": {"no": "No", "yes": "Yes"},
    "confidential": {"no": "No", "yes": "Yes", "unsure": "I am not sure"},
}
RELEASED = {RightsBasis.EMPLOYER_RELEASE, RightsBasis.CLIENT_RELEASE}
REQUEST_NAME, RUBRIC_NAME = "task-request.md", "rubric.md"
EDITABLE = (SubmissionState.DRAFT, SubmissionState.RETURNED)


@dataclass(frozen=True)
class Missing:
    """Something that still stands in the way: a code, a sentence, and the page that mends it."""

    code: str
    sentence: str
    page: str


@transaction.atomic
def open_submission(user: User, invitation: Invitation) -> Submission:
    """Accept an invitation: the draft begins. Raises GuardError when it was used, has expired or is another's."""
    taken = Invitation.objects.usable().filter(pk=invitation.pk).update(used_at=timezone.now(), used_by=user)
    if taken != 1:
        raise GuardError("invitation", "This invitation was used or has expired. Ask for a new one.")
    if not invitation.programme.accepts:
        raise GuardError("programme_closed", "This programme no longer takes new work.")
    contributor, _ = Contributor.objects.get_or_create(user=user)
    submission = Submission(programme=invitation.programme, contributor=contributor, invitation=invitation)
    submission.wrapped_key = quarantine.new_key(submission.pk)[1]
    submission.save()
    submission.transitions.create(event="open", target=submission.state, actor=user, role="contributor")
    return submission


def decline(invitation: Invitation) -> None:
    """Say no thanks, once and without a reason."""
    Invitation.objects.usable().filter(pk=invitation.pk).update(expires_at=timezone.now())


def rights_result(answers: Mapping[str, str], basis: str) -> str:
    """``share``, ``ask_first`` or ``do_not_upload``, from the answers alone."""
    if answers["permission"] == "no" and answers["owner"] != "me":
        return "do_not_upload"
    if "unsure" in answers.values() or basis == RightsBasis.UNKNOWN:
        return "ask_first"
    needs_release = (
        answers["owner"] in {"employer", "client"} or answers["nda"] == "yes" or answers["confidential"] == "yes"
    )
    if needs_release and (answers["permission"] != "written" or basis == RightsBasis.SELF_OWNED):
        return "ask_first"
    return "share"


def attest(submission: Submission, *, actor: User, answers: Mapping[str, str], basis: str) -> str:
    """Answer the rights check. Only the result ``share`` opens the upload; the answers are kept either way.

    Raises GuardError: not a draft, or an answer that is not one of the closed ones.
    """
    _require(submission, actor)
    if set(answers) != set(RIGHTS_QUESTIONS) or any(answers[q] not in closed for q, closed in RIGHTS_QUESTIONS.items()):
        raise GuardError("answers", "Answer every question.")
    if basis not in RightsBasis.values:
        raise GuardError("basis", "Say why you may share this.")
    result = rights_result(answers, basis)
    with transaction.atomic():
        submission.attestation = dict(answers)
        submission.default_basis = basis
        submission.attested_at = timezone.now() if result == "share" else None
        submission.save(update_fields=["attestation", "default_basis", "attested_at"])
        submission.artifacts.filter(rights_basis=RightsBasis.UNKNOWN).update(rights_basis=basis)
        if submission.attested_at:
            consent.attest(submission.pk, dict(answers))
    return result


def describe(
    submission: Submission,
    *,
    actor: User,
    task_request: str,
    provenance_class: str,
    occupation: str,
    sector: str,
    effort_hours: Decimal | None,
    rubric: str = "",
) -> None:
    """Say what was asked for. The request and the rubric are files like every other: encrypted, redacted, signed."""
    _require(submission, actor)
    if provenance_class not in ProvenanceClass.values:
        raise GuardError("provenance", "Say whether this is real work.")
    submission.provenance_class, submission.occupation, submission.sector = provenance_class, occupation, sector
    submission.effort_hours = effort_hours
    submission.save(update_fields=["provenance_class", "occupation", "sector", "effort_hours"])
    for role, name, text in ((Role.REQUEST, REQUEST_NAME, task_request), (Role.RUBRIC, RUBRIC_NAME, rubric)):
        if text.strip():
            _replace_text(submission, actor, role, name, text)


def _replace_text(submission: Submission, actor: User, role: str, name: str, text: str) -> None:
    """Put a typed text in as a file. One that was saved before cannot be shown again, only replaced.

    The old one goes only when the new one is in; the very same text again changes nothing.
    """
    before = list(submission.artifacts.live().filter(role=role))
    receiving = begin_artifact(submission, actor=actor, role=role, untrusted_name=name)
    try:
        receiving.write(text.replace("\r\n", "\n").encode())
        receiving.finish()
    except FileRefusedError as error:
        receiving.abort()
        if error.code != "duplicate":
            raise
        return
    for old in before:
        _take_out(old, actor)


class Receiving:
    """One file on its way in. ``write`` each piece, then ``finish``; ``abort`` leaves nothing behind."""

    def __init__(self, submission: Submission, actor: User, role: str, untrusted_name: str) -> None:
        self._actor = actor
        self._kind = filetypes.check_name(name := filetypes.safe_name(untrusted_name))
        self._room = filetypes.SUBMISSION_BYTES - _bytes_used(submission)
        self._leading = b""
        self.artifact = Artifact.objects.create(
            submission=submission,
            role=role,
            position=(submission.artifacts.aggregate(last=Max("position"))["last"] or 0) + 1,
            rights_basis=submission.default_basis,
        )
        self._writer = quarantine.QuarantineWriter(self.artifact, name)

    def write(self, data: bytes) -> None:
        """Raises FileRefusedError (size, total, mismatch); the caller then aborts."""
        if len(self._leading) < 16:
            self._leading += data[:16]
            if len(self._leading) >= 8:
                filetypes.check_leading(self._kind, self._leading)
        if self._writer.size + len(data) > filetypes.FILE_BYTES:
            raise filetypes.refused("size")
        if self._writer.size + len(data) > self._room:
            raise filetypes.refused("total")
        self._writer.write(data)

    def finish(self) -> Artifact:
        """Raises FileRefusedError (empty, mismatch, duplicate)."""
        if not self._writer.size:
            raise filetypes.refused("empty")
        filetypes.check_leading(self._kind, self._leading)
        original = self._writer.finish(self._kind.media_type)
        twin = Artifact.objects.live().filter(
            submission_id=self.artifact.submission_id, original__keyed_digest=original.keyed_digest
        )
        if twin.exclude(pk=self.artifact.pk).exists():
            raise filetypes.refused("duplicate")
        self.artifact.move("received", actor=self._actor, role="contributor")
        return self.artifact

    def abort(self) -> None:
        """Destroy the key at once; the objects follow with the purge."""
        _take_out(self.artifact, self._actor)


def begin_artifact(submission: Submission, *, actor: User, role: str, untrusted_name: str) -> Receiving:
    """Start to receive one file.

    Raises:
        FileRefusedError: attestation, closed, count, name, type, legacy, form, macros.
    """
    if submission.state not in EDITABLE:
        raise filetypes.refused("closed")
    if submission.attested_at is None:
        raise filetypes.refused("attestation")
    if submission.artifacts.live().count() >= filetypes.SUBMISSION_FILES:
        raise filetypes.refused("count")
    return Receiving(submission, actor, role, untrusted_name)


def set_basis(artifact: Artifact, *, actor: User, basis: str, public_url: str = "") -> None:
    _require(artifact.submission, actor)
    if basis not in RightsBasis.values:
        raise GuardError("basis", "Say why you may share this.")
    artifact.rights_basis, artifact.public_url = basis, public_url
    artifact.save(update_fields=["rights_basis", "public_url"])


def set_role(artifact: Artifact, *, actor: User, role: str) -> None:
    _require(artifact.submission, actor)
    if role not in (Role.REFERENCE, Role.DELIVERABLE):
        raise GuardError("role", "Say whether you made this or started from it.")
    artifact.role = role
    artifact.save(update_fields=["role"])


def remove_artifact(artifact: Artifact, *, actor: User) -> None:
    """Take a file out of the draft: its key is destroyed now."""
    _require(artifact.submission, actor)
    _take_out(artifact, actor)


def missing(submission: Submission) -> list[Missing]:
    """What still stands between the draft and the check, in the order of the pages."""
    found = []
    files = list(submission.artifacts.live().filter(parent=None))
    if submission.attested_at is None:
        found.append(Missing("attestation", "Answer the questions about your rights.", "rights"))
    if not any(f.role == Role.REQUEST for f in files):
        found.append(Missing("request", "Describe the task you were given.", "describe"))
    if not any(f.role == Role.DELIVERABLE for f in files):
        found.append(Missing("deliverable", "Add at least one file that you made.", "upload"))
    if any(f.state == ArtifactState.RECEIVING for f in files):
        found.append(Missing("receiving", "Wait until every file has arrived, or remove it.", "upload"))
    if any(f.rights_basis == RightsBasis.UNKNOWN for f in files):
        found.append(Missing("basis", "Say for every file why you may share it.", "upload"))
    owner = submission.attestation.get("owner")
    if owner in {"employer", "client"} and any(
        f.rights_basis == RightsBasis.SELF_OWNED for f in files if f.role != Role.REQUEST
    ):
        found.append(Missing("release", "Work that an employer or client owns needs written permission.", "upload"))
    return found


def submit(submission: Submission, *, actor: User) -> None:
    """Start the check. Raises GuardError with the first thing that is missing; LostRaceError when pressed twice."""
    if gaps := missing(submission):
        raise GuardError(gaps[0].code, gaps[0].sentence)
    event = "resubmit" if submission.state == SubmissionState.RETURNED else "submit"
    with transaction.atomic():
        if event == "resubmit" and not requeue(submission):
            raise GuardError("unchanged", "Change something first: add, leave out or hide.")
        submission.move(event, actor=actor, role="contributor", due_at=timezone.now(), lease_until=None, hints=0)
        hint("process", submission.pk)


def requeue(submission: Submission) -> int:
    """Put every file that is still in back to the worker; return how many there are."""
    again = submission.artifacts.filter(parent=None, state__in=[ArtifactState.READY, ArtifactState.HELD])
    for artifact in again:
        artifact.move("process", role="worker", stage="waiting", attempts=0)
    return submission.artifacts.filter(state__in=[ArtifactState.RECEIVED, ArtifactState.PROCESSING]).count()


def _require(submission: Submission, actor: User) -> None:
    if submission.state not in EDITABLE or submission.contributor.user_id != actor.pk:
        raise LostRaceError


def _bytes_used(submission: Submission) -> int:
    return submission.artifacts.live().aggregate(total=Sum("original__size"))["total"] or 0


def _take_out(artifact: Artifact, actor: User) -> None:
    """Erase one file with all that was found inside it: every key now, the objects with the next purge."""
    with transaction.atomic():
        for one in (artifact, *artifact.children.exclude(state=ArtifactState.PURGED)):
            one.move("purge", actor=actor, role="contributor")
            one.revisions.update(wrapped_key=None)
        quarantine.shred(artifact.original)
