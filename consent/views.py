"""Two things anybody may read: a notice as it was signed, and the list of keys. Neither says anything of a person."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consent import services
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
