"""One-click sign-in as a person of the demo. Exists in the embedded default alone."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from intake.models import User
from intake.views.shell import DEMO_PEOPLE

# Counts as a second factor, in the embedded default alone (config/middleware.py).
DEMO_SESSION_KEY = "demo_sign_in"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_POST
def demo_sign_in(request: HttpRequest, name: str) -> HttpResponse:
    person = next((person for person in DEMO_PEOPLE if person.name == name), None)
    if not settings.EMBEDDED or person is None:
        raise Http404
    user = get_object_or_404(User, email=person.email, is_active=True)
    request.session.flush()
    login(request, user, backend=BACKEND)
    request.session[DEMO_SESSION_KEY] = True
    return redirect("admin:index" if user.is_staff else "submissions")
