"""What anybody may read: a notice as it was signed, the list of keys, and the page that checks a file.

None of it says anything of a person. The page is given words, schemas and a fingerprint; what it checks stays in the
browser, so this server learns neither the file nor the answer.
"""

from __future__ import annotations

from csp.constants import NONE
from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consent import schemas, services
from consent.advice import NEXT_STEPS, STEP_TITLES
from consent.errors import SENTENCES, KeysMissingError
from consent.notice import NoticeText


@require_safe
def notice_page(request: HttpRequest, sha256: str) -> HttpResponse:
    """Show exactly the words that a record names by their digest; with ``?since=``, what an older notice said else."""
    text = _found(sha256)
    since = request.GET.get("since")
    older = None if since is None else _found(since)
    context = {
        "notice": text,
        "title": text.terms["title"],
        "html": text.html,
        "twins": services.twins(text),
        "governing": services.languages(text.version).get(text.terms["governing_language"], ""),
        "older_notices": [(each, _since(text, each)) for each in services.older_notices(text)],
        "older": older,
        "title_of_changes": "" if older is None else _since(text, older),
        "changes": [] if older is None else services.changes_since(older, text),
    }
    return render(request, "consent/notice.html", context)


@require_safe
def notice_source(request: HttpRequest, sha256: str) -> HttpResponse:
    """Give the bytes whose SHA-256 is the notice's address."""
    del request
    return HttpResponse(_found(sha256).source.encode(), content_type="text/markdown; charset=utf-8")


def _since(text: NoticeText, older: NoticeText) -> str:
    return str(text.words["changed_since"].format(older.version))


def _found(untrusted_sha256: str) -> NoticeText:
    text = services.find_notice(untrusted_sha256)
    if text is None:
        raise Http404
    return text


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
