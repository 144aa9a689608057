"""My submissions, and what is kept about the person who is signed in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from intake.models import Submission
from intake.services.contribute import passkeys_of
from intake.views import signed_in
from intake.views.invitation import pending_invitation


@login_required
@require_safe
def submissions(request: HttpRequest) -> HttpResponse:
    mine = Submission.objects.owned_by(request.user).select_related("programme")
    return render(request, "intake/submissions.html", {"submissions": mine, "invitation": pending_invitation(request)})


@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    mine = Submission.objects.owned_by(request.user)
    context = {"submissions_count": mine.count(), "passkeys": passkeys_of(signed_in(request))}
    return render(request, "intake/account.html", context)
