"""Answers when something is refused. None of them repeats what was asked for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without its token: an old tab, or blocked cookies. ``reason`` is for developers and not shown."""
    del reason
    return render(request, "intake/form_expired.html", status=403)
