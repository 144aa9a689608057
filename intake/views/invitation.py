"""The invitation: what is asked, on which terms, and one click either way."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consent import services as consent
from intake.errors import IntakeError
from intake.models import Invitation, User
from intake.services import contribute
from intake.views import sentences, signed_in

SESSION_KEY = "invitation"


def pending_invitation(request: HttpRequest) -> Invitation | None:
    """The invitation this session said *Continue* to, while it can be used."""
    # The id and not the token: whoever reads a session must not be able to take the invitation.
    kept = request.session.get(SESSION_KEY)
    if not kept:
        return None
    return Invitation.objects.usable().filter(pk=kept).select_related("programme").first()


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Shows the terms; *Continue* goes on to signing in."""
    found = _usable(token)
    if found is None:
        return _over(request, token)
    if request.method == "POST":
        return _go_on(request, found)
    return render(request, "intake/invitation.html", {"token": token, "invitation": found, **_terms(found)})


@require_POST
def decline(request: HttpRequest, token: str) -> HttpResponse:
    found = _usable(token)
    if found is None:
        return _over(request, token)
    contribute.decline(found)
    request.session.pop(SESSION_KEY, None)
    return render(request, "intake/declined.html", {"programme": found.programme})


@login_required
@require_safe
def invitation_open(request: HttpRequest) -> HttpResponse:
    """Comes after signing in. The session proves that *Continue* was pressed, in a form of ours, in this browser."""
    found = pending_invitation(request)
    request.session.pop(SESSION_KEY, None)
    if found is None:
        return redirect("submissions")
    try:
        submission = contribute.open_submission(signed_in(request), found)
    except IntakeError as error:
        messages.error(request, error.sentence)
        return redirect("submissions")
    return redirect("submission", submission.pk)


def _usable(token: str) -> Invitation | None:
    found = Invitation.objects.usable().by_token(token).select_related("programme").first()
    return found if found and found.programme.accepts else None


def _over(request: HttpRequest, token: str) -> HttpResponse:
    known = Invitation.objects.by_token(token).select_related("programme").first()
    mine = known is not None and known.used_by_id is not None and known.used_by_id == request.user.pk
    context = {"invitation": known, "mine": mine}
    return render(request, "intake/invitation_over.html", context, status=410 if known else 404)


def _terms(found: Invitation) -> dict[str, object]:
    programme = found.programme
    words = consent.purposes(programme.notice_version, "en")
    return {
        "programme": programme,
        "purposes": [words[purpose_id] for purpose_id in programme.purposes],
        "recipients": [sentences.recipient(name) for name in programme.recipient_classes],
    }


def _go_on(request: HttpRequest, found: Invitation) -> HttpResponse:
    request.session[SESSION_KEY] = str(found.pk)
    onward = reverse("invitation_open")
    if request.user.is_authenticated:
        return redirect(onward)
    # Whoever holds the token holds the mailbox it was sent to, so saying whether it has an account tells nobody else.
    known = User.objects.filter(email__iexact=found.email).exists()
    address = reverse("account_login" if known else "account_signup")
    return redirect(f"{address}?{urlencode({'email': found.email, 'next': onward})}")
