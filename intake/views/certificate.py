"""The certificate of an erasure: what was deleted, signed, for the person whose files they were."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from consent import services as consent
from consent.envelope import from_dict
from intake.models import Submission
from intake.views import READ, own_page


@own_page(*READ)
def certificate(request: HttpRequest, submission: Submission) -> HttpResponse:
    found = [json.loads(from_dict(one["statement"]).payload)["predicate"] for one in _certificates(submission)]
    context = {
        "submission": submission,
        "files": found,
        "recipients": sum(len(said["recipients"]) for said in found),
        "trust": consent.trust_fingerprint(),
    }
    return render(request, "intake/certificate.html", context)


@own_page(*READ)
def certificate_json(request: HttpRequest, submission: Submission) -> HttpResponse:
    """The signed statements with their proofs in the log, to keep."""
    del request
    answer = JsonResponse(
        {"certificates": _certificates(submission), "trust": consent.trust_fingerprint()},
        json_dumps_params={"indent": 2},
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{submission.reference}-erasure.json"'
    return answer


def _certificates(submission: Submission) -> list[dict[str, Any]]:
    """Raises Http404 while nothing of the submission is certified as erased."""
    found = consent.erasure_certificates(submission.artifacts.values_list("pk", flat=True))
    if not found:
        raise Http404
    return found
