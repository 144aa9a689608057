"""Two things anybody may read: a notice as it was signed, and the list of keys. Neither says anything of a person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from consent import notice, services
from consent.models import Notice


@require_safe
def notice_page(request: HttpRequest, sha256: str) -> HttpResponse:
    """Show exactly the words that a record names by their digest."""
    row = get_object_or_404(Notice, sha256=sha256)
    text = notice.read(row.body, row.version, row.language)
    return render(request, "consent/notice.html", {"notice": row, "title": text.terms["title"], "html": text.html})


@require_safe
def notice_source(request: HttpRequest, sha256: str) -> HttpResponse:
    """Give the bytes whose SHA-256 is the notice's address."""
    del request
    row = get_object_or_404(Notice, sha256=sha256)
    return HttpResponse(row.body.encode(), content_type="text/markdown; charset=utf-8")


@require_safe
def keyset(request: HttpRequest) -> HttpResponse:
    """Give the signed list of keys, for recipients. Its fingerprint has to come to them by another way."""
    del request
    return HttpResponse(services.keyset(), content_type="application/json")
