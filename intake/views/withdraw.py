"""Withdraw: two clicks, no reason, what we can undo beside what we cannot."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from intake.models import BatchItem, Submission
from intake.services import contribute
from intake.states import SubmissionState
from intake.views import FORM, own_page, signed_in
from intake.views.freshness import signed_in_lately

OVER = (SubmissionState.WITHDRAWN, SubmissionState.EXPIRED)


@own_page(*FORM)
def withdraw(request: HttpRequest, submission: Submission) -> HttpResponse:
    if submission.state in OVER:
        return redirect("submission", submission.pk)
    fresh = signed_in_lately(request)
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
