"""What anybody may read: a notice as it was signed, the list of keys, and the page that checks a file.

None of it says anything of a person. The page is given words, schemas and a fingerprint; what it checks stays in the
browser, so this server learns neither the file nor the answer.
"""

from __future__ import annotations

from csp.constants import NONE
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from consent import notice, schemas, services
from consent.advice import NEXT_STEPS, STEP_TITLES
from consent.errors import SENTENCES, KeysMissingError
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


@require_safe
@csp_replace({"connect-src": [NONE], "form-action": [NONE]})
def verify(request: HttpRequest) -> HttpResponse:
    """Show the page on which a browser checks a file and its bundle by itself."""
    words = {"sentences": SENTENCES, "next": NEXT_STEPS, "steps": STEP_TITLES, "schemas": schemas.documents()}
    return render(request, "consent/verify.html", {"words": words, "trust": _own_fingerprint()})


def _own_fingerprint() -> str:
    # Bundles of others can be checked where nothing was ever signed.
    try:
        return services.trust_fingerprint()
    except KeysMissingError:
        return ""
