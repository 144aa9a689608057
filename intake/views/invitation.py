"""The invitation: what is asked, on which terms, and one click either way."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from intake.models import Invitation, User

SESSION_KEY = "invitation"


def pending_invitation(request: HttpRequest) -> Invitation | None:
    """The invitation this session said *Continue* to, while it can be used."""
    token = request.session.get(SESSION_KEY)
    if not token:
        return None
    return Invitation.objects.usable().by_token(token).select_related("programme").first()


def _find(token: str) -> Invitation | None:
    return Invitation.objects.by_token(token).select_related("programme").first()


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Shows the terms; *Continue* goes on to signing in, *No thanks* ends the invitation."""
    found = _find(token)
    if found is None or found.used_at is not None or not Invitation.objects.usable().filter(pk=found.pk).exists():
        return render(request, "intake/invitation_over.html", {"invitation": found}, status=404 if not found else 410)
    if request.method == "POST":
        return _answer(request, found, token)
    return render(request, "intake/invitation.html", {"invitation": found, "programme": found.programme})


def _answer(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    request.session[SESSION_KEY] = token
    onward = reverse("invitation_open")
    if request.user.is_authenticated:
        return redirect(onward)
    # Whoever holds the token holds the mailbox it was sent to, so saying whether it has an account tells nobody else.
    known = User.objects.filter(email__iexact=found.email).exists()
    address = reverse("account_login" if known else "account_signup")
    return redirect(f"{address}?{urlencode({'email': found.email, 'next': onward})}")
