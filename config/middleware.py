"""What every answer carries and what every request must bring (design: reliability 7.3 and 7.5)."""

from __future__ import annotations

import time
from collections.abc import Callable

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from intake.views.demo import DEMO_SESSION_KEY

GetResponse = Callable[[HttpRequest], HttpResponse]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
PERMISSIONS_POLICY = ", ".join(
    [f"{feature}=()" for feature in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")]
    + [f"publickey-credentials-{verb}=(self)" for verb in ("get", "create")]
)
SEEN_EVERY_SECONDS = 60


class SecurityHeadersMiddleware:
    """Outermost, so that errors, redirects and static files carry the headers too."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._refusal(request) or self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        # Before the body is read: another site's form never reaches a parser.
        if request.method in SAFE_METHODS or request.headers.get("Sec-Fetch-Site") != "cross-site":
            return None
        return HttpResponse("Forms of another site are not accepted here.\n", status=403, content_type="text/plain")


class SignedInMiddleware:
    """Pages of a person stay out of caches; sessions end; signing out clears what the browser kept."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and self._is_over(request):
            logout(request)
        was_signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if was_signed_in or request.user.is_authenticated:
            response.headers["Cache-Control"] = "no-store, private"
        if was_signed_in and not request.user.is_authenticated:
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def _is_over(self, request: HttpRequest) -> bool:
        now = int(time.time())
        started = request.session.setdefault("started_at", now)
        # Writing the session moves its idle end; once a minute is enough and spares the database.
        if now - request.session.get("seen_at", 0) >= SEEN_EVERY_SECONDS:
            request.session["seen_at"] = now
        is_staff = getattr(request.user, "is_staff", False)
        limit = settings.SESSION_ABSOLUTE_SECONDS_STAFF if is_staff else settings.SESSION_ABSOLUTE_SECONDS
        return bool(now - started > limit)


class StaffSecondFactorMiddleware:
    """No page of the admin for anybody who is not staff, nor for staff without a second factor in this very session."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(reverse("admin:index")) or not request.user.is_authenticated:
            return self.get_response(request)
        if not getattr(request.user, "is_staff", False):
            return render(request, "403.html", status=403)
        if not has_second_factor(request):
            return self._send_to_factor(request)
        return self.get_response(request)

    def _send_to_factor(self, request: HttpRequest) -> HttpResponse:
        if request.method not in SAFE_METHODS:
            return render(request, "403.html", status=403)
        if is_mfa_enabled(request.user):
            # The factor exists but was not used in this session: sign in again, with it.
            logout(request)
            return redirect_to_login(request.get_full_path())
        return redirect("mfa_activate_totp")


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this session was opened with a second factor (or by the demo's button, in the embedded default)."""
    if settings.EMBEDDED and request.session.get(DEMO_SESSION_KEY) is True:
        return True
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))
