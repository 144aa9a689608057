"""While the computer works: where each file is, in words. The page loads itself again until told to stop."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from intake.models import Artifact, Submission
from intake.services import contribute
from intake.states import ArtifactState, SubmissionState
from intake.views import READ, own_page, sentences

REFRESH_SECONDS = 5
USUAL_SECONDS = 120


@own_page(*READ)
def progress(request: HttpRequest, submission: Submission) -> HttpResponse:
    if submission.state == SubmissionState.CHECKING and not submission.signed_at:
        return redirect("check", submission.pk)
    sealing = submission.state == SubmissionState.CHECKING
    if submission.state != SubmissionState.PROCESSING and not sealing:
        return redirect("submission", submission.pk)
    names = contribute.names(submission)
    files = submission.artifacts.live().filter(parent=None)
    started = submission.signed_at if sealing else submission.last_activity_at
    context = {
        "submission": submission,
        "sealing": sealing,
        "rows": [{"name": names[file.pk], **_where(file)} for file in files],
        "refresh": None if "still" in request.GET else REFRESH_SECONDS,
        "is_late": started is not None and (timezone.now() - started).total_seconds() > 2 * USUAL_SECONDS,
    }
    answer = render(request, "intake/progress.html", context)
    if context["refresh"]:
        # The header and not the element: it does the same, and leaves nothing in the page for a reader to stumble on.
        answer.headers["Refresh"] = str(REFRESH_SECONDS)
    return answer


def _where(file: Artifact) -> dict[str, object]:
    """How far one file is: the words of its stage, and the steps behind it out of all."""
    if file.state in (ArtifactState.HELD, ArtifactState.REFUSED):
        return {"word": "Stopped", "reason": sentences.reason(file), "step": 0, "steps": len(sentences.STEPS)}
    ready = file.state == ArtifactState.READY
    stage = "done" if ready else file.stage or "waiting"
    step = sentences.STEPS.index(stage) + 1 if stage in sentences.STEPS else 1
    word = sentences.STAGES.get(stage, sentences.STAGES[""])
    return {"word": word, "reason": "", "step": step, "steps": len(sentences.STEPS)}
