"""What happened to a submission, in order, and what comes next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from intake.models import Submission
from intake.services import contribute
from intake.views import READ, own_page, sentences


@own_page(*READ)
def timeline(request: HttpRequest, submission: Submission) -> HttpResponse:
    events = [
        {
            "at": event.at,
            "by": sentences.actor(event.role),
            "title": event.title,
            "detail": event.detail,
            "next_step": event.next_step,
        }
        for event in reversed(contribute.timeline(submission))
    ]
    return render(request, "intake/timeline.html", {"submission": submission, "events": events})
