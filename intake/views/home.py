"""Pages for everybody: the landing page and the ones linked in the footer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from intake import filetypes


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "intake/home.html", {"kinds": filetypes.KINDS, "limits": filetypes.LIMITS_TEXT})


@require_safe
def help_(request: HttpRequest) -> HttpResponse:
    return render(request, "intake/help.html", {"kinds": filetypes.KINDS, "limits": filetypes.LIMITS_TEXT})


@require_safe
def rights_of_people(request: HttpRequest) -> HttpResponse:
    return render(request, "intake/your_rights.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "intake/privacy.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "intake/accessibility.html")


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    return render(request, "intake/contact.html")
