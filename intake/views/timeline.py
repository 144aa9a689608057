"""What happened to a submission, in order, and what comes next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from intake.models import Submission
from intake.services import contribute
from intake.views import READ, own_page


@own_page(*READ)
def timeline(request: HttpRequest, submission: Submission) -> HttpResponse:
    events = contribute.timeline(submission)
    return render(request, "intake/timeline.html", {"submission": submission, "events": events})
