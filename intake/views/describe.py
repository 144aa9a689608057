"""The task: what was asked for, in which occupation, how long it took, how one would judge it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from intake.errors import FileRefusedError
from intake.forms import DescribeForm
from intake.models import Submission
from intake.models.submission import Role
from intake.services import contribute
from intake.views import FORM, own_page, signed_in

FACTS = ("provenance_class", "occupation", "sector", "effort_hours")


@own_page(*FORM)
def describe(request: HttpRequest, submission: Submission) -> HttpResponse:
    if submission.attested_at is None:
        messages.error(request, "Answer the questions about your rights first.")
        return redirect("rights", submission.pk)
    has_request = submission.artifacts.live().filter(role=Role.REQUEST).exists()
    form = DescribeForm(request.POST or None, initial=_known(submission, has_request), has_request=has_request)
    if request.method == "POST" and form.is_valid():
        try:
            contribute.describe(submission, actor=signed_in(request), **form.cleaned_data)
        except FileRefusedError as error:
            form.add_error("task_request", error.sentence)
        else:
            return redirect("upload", submission.pk)
    status = 422 if form.errors else 200
    context = {"submission": submission, "form": form, "has_request": has_request}
    return render(request, "intake/describe.html", context, status=status)


def _known(submission: Submission, has_request: bool) -> dict[str, object]:
    """What this draft says already; for a new one, what the same person said last time (not asked for twice)."""
    if has_request:
        return {name: getattr(submission, name) for name in FACTS}
    earlier = Submission.objects.filter(contributor=submission.contributor).exclude(occupation="")
    last = earlier.exclude(pk=submission.pk).order_by("-created_at").first()
    return {"occupation": last.occupation, "sector": last.sector} if last else {}
