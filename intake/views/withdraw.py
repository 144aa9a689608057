"""Withdraw: two clicks, no reason, what we can undo beside what we cannot."""

from __future__ import annotations

import time

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from intake.models import BatchItem, Submission
from intake.services import contribute
from intake.states import SubmissionState
from intake.views import FORM, own_page, signed_in
from intake.views.demo import DEMO_SESSION_KEY

OVER = (SubmissionState.WITHDRAWN, SubmissionState.EXPIRED)


@own_page(*FORM)
def withdraw(request: HttpRequest, submission: Submission) -> HttpResponse:
    if submission.state in OVER:
        return redirect("submission", submission.pk)
    fresh = _has_fresh_code(request)
    if request.method == "POST":
        erase_now = request.POST.get("erase_now") == "yes"
        if erase_now and not fresh:
            # A borrowed browser could otherwise take away the 24 hours in which the owner can still undo this.
            messages.error(request, "To erase at once, sign out, sign in with a new code, and come back here.")
            return redirect("withdraw", submission.pk)
        contribute.withdraw(submission, actor=signed_in(request), erase_now=erase_now)
        messages.success(request, "Withdrawn. From this moment nothing of it can be used.")
        return redirect("submission", submission.pk)
    delivered = BatchItem.objects.filter(submission=submission, batch__state="sealed").count()
    context = {
        "submission": submission,
        "is_fresh": fresh,
        "delivered": delivered,
        "hours": submission.programme.withdrawal_undo_hours,
    }
    return render(request, "intake/withdraw.html", context)


def _has_fresh_code(request: HttpRequest) -> bool:
    """Whether a code was entered within the last minutes (in the demo: its button was pressed)."""
    if settings.EMBEDDED and request.session.get(DEMO_SESSION_KEY) is True:
        return True
    oldest = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return any(record.get("at", 0) >= oldest for record in get_authentication_records(request))
