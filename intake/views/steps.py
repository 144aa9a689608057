"""The list of steps of one submission: what is done, what comes next, and what cannot start yet."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from consent import services as consent
from intake.models import ReviewDecision, Submission
from intake.models.review import Outcome, ReturnCode
from intake.models.submission import Role
from intake.services import contribute
from intake.services.contribute import Missing
from intake.states import ArtifactState, SubmissionState
from intake.views import READ, own_page, sentences, signed_in
from intake.views.sign import choices_made

DONE, NOW, TODO, BLOCKED, PROBLEM = "done", "now", "todo", "blocked", "problem"
STATUS_WORDS = {
    DONE: "Completed",
    NOW: "In progress",
    TODO: "Not yet started",
    BLOCKED: "Cannot start yet",
    PROBLEM: "There is a problem",
}
DRAFTING = (SubmissionState.DRAFT, SubmissionState.RETURNED)
AFTER_SIGNING = (SubmissionState.IN_REVIEW, SubmissionState.APPROVED)


@dataclass(frozen=True)
class Step:
    """One line of the list. A step that cannot start has no address."""

    title: str
    status: str
    address: str = ""

    @property
    def word(self) -> str:
        return STATUS_WORDS[self.status]


@own_page(*READ)
def submission(request: HttpRequest, submission: Submission) -> HttpResponse:
    """The page a person comes back to."""
    steps = _steps(request, submission)
    context = {
        "submission": submission,
        "steps": steps,
        "done": sum(step.status == DONE for step in steps),
        "missing": contribute.missing(submission) if submission.state in DRAFTING else [],
        "signed_with": _signed_with(submission),
        "reasons": _return_reasons(submission),
        "renewal": contribute.renewal(submission),
        "may_start_again": _may_start_again(submission),
        "is_erased": _is_erased(submission),
        "can_withdraw": submission.state not in (SubmissionState.WITHDRAWN, SubmissionState.EXPIRED),
    }
    return render(request, "intake/submission.html", context)


@own_page("POST")
def start(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Start the check, or say everything that is missing: the button is never dead."""
    gaps = contribute.missing(submission)
    if gaps:
        return render(request, "intake/not_ready.html", {"submission": submission, "missing": gaps}, status=422)
    contribute.submit(submission, actor=signed_in(request))
    return redirect("progress", submission.pk)


@own_page("POST")
def start_again(request: HttpRequest, submission: Submission) -> HttpResponse:
    contribute.start_again(submission, actor=signed_in(request))
    messages.success(request, "This is a draft again. Everything must be checked and signed anew.")
    return redirect("submission", submission.pk)


@own_page("POST")
def reply(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Send the same signed files back to a reviewer, without a change."""
    contribute.reply(submission, actor=signed_in(request))
    messages.success(request, "Sent back to a reviewer as it is.")
    return redirect("submission", submission.pk)


def _steps(request: HttpRequest, submission: Submission) -> list[Step]:
    if submission.state in DRAFTING:
        # A submission that came back can be changed on the check page, too: hide more, leave a file out.
        has_copies = submission.artifacts.leaving().exists()
        check = _step(submission, "Check what we removed", NOW if has_copies else BLOCKED, "check")
        return [*_drafting_steps(submission), check, Step("Choose the uses", BLOCKED), Step("Sign", BLOCKED)]
    finished = [Step(title, DONE) for title in ("Check you may share", "Describe the task", "Add your files")]
    return [*finished, *_checking_steps(request, submission)]


def _drafting_steps(submission: Submission) -> list[Step]:
    gaps = {gap.page: gap for gap in contribute.missing(submission)}
    files = list(submission.artifacts.filter(parent=None).exclude(state=ArtifactState.PURGED))
    refused = any(f.state == ArtifactState.REFUSED for f in files)
    own = [f for f in files if f.role in (Role.DELIVERABLE, Role.REFERENCE) and f.state != ArtifactState.REFUSED]
    attested = submission.attested_at is not None
    rights = DONE if attested else PROBLEM if submission.attestation else TODO
    describe = BLOCKED if not attested else TODO if "describe" in gaps else DONE
    upload = BLOCKED if not attested else PROBLEM if refused else TODO if not own else NOW if "upload" in gaps else DONE
    rows = (("Check you may share", rights, "rights"), ("Describe the task", describe, "describe"))
    return [_step(submission, *row) for row in (*rows, ("Add your files", upload, "upload"))]


def _checking_steps(request: HttpRequest, submission: Submission) -> list[Step]:
    if submission.state == SubmissionState.PROCESSING:
        waiting = Step("Check what we removed", NOW, reverse("progress", args=[submission.pk]))
        return [waiting, Step("Choose the uses", BLOCKED), Step("Sign", BLOCKED)]
    if submission.state != SubmissionState.CHECKING or submission.signed_at:
        signed = DONE if submission.consent_record_id else BLOCKED
        return [Step("Check what we removed", DONE), Step("Choose the uses", signed), Step("Sign", signed)]
    blockers = contribute.sign_blockers(submission)
    check = DONE if not blockers else PROBLEM if _has_problem(blockers) else NOW
    chosen = choices_made(request, submission)
    choose = BLOCKED if blockers else DONE if chosen else TODO
    sign = TODO if chosen and not blockers else BLOCKED
    rows = (("Check what we removed", check, "check"), ("Choose the uses", choose, "choose"), ("Sign", sign, "sign"))
    return [_step(submission, *row) for row in rows]


def _has_problem(blockers: list[Missing]) -> bool:
    return any(blocker.code in {"held", "deliverable", "request"} for blocker in blockers)


def _step(submission: Submission, title: str, status: str, page: str) -> Step:
    return Step(title, status, "" if status == BLOCKED else reverse(page, args=[submission.pk]))


def _signed_with(submission: Submission) -> str:
    """How the record in force was signed, in words; empty before that."""
    record = submission.consent_record
    return sentences.SIGNED_WITH.get(consent.parsed(record)["signature"]["method"], "") if record else ""


def _return_reasons(submission: Submission) -> list[str]:
    """What the last reviewer named, as closed reasons."""
    if submission.state not in (SubmissionState.RETURNED, SubmissionState.REJECTED):
        return []
    decisions = ReviewDecision.objects.filter(task__submission=submission).exclude(outcome=Outcome.APPROVE)
    last = decisions.order_by("-at").first()
    codes = last.codes if last else []
    return [str(ReturnCode(code).label) for code in codes if code in ReturnCode.values]


def _may_start_again(submission: Submission) -> bool:
    due = submission.erase_due_at
    return submission.state == SubmissionState.WITHDRAWN and due is not None and due > timezone.now()


def _is_erased(submission: Submission) -> bool:
    """Whether there is a certificate to read."""
    if submission.state != SubmissionState.WITHDRAWN:
        return False
    return bool(consent.erasure_certificates(submission.artifacts.values_list("pk", flat=True)))
