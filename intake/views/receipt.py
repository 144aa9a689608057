"""The receipt: exactly what was signed, as a page and as JSON."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from consent import services as consent
from consent.models import ConsentRecord
from intake.models import Submission
from intake.services import contribute
from intake.views import READ, own_page, sentences


@own_page(*READ)
def receipt(request: HttpRequest, submission: Submission) -> HttpResponse:
    record = _record(submission)
    signed = consent.parsed(record)
    names = {str(pk): name for pk, name in contribute.names(submission).items()}
    files = [
        {**file, "name": names.get(file["artifact_id"], ""), "role": sentences.ROLES[file["role"]]}
        for file in signed["artifacts"]
    ]
    titles = consent.purposes(record.notice.version, record.notice.language)
    purposes = [{**purpose, "title": titles[purpose["purpose_id"]]["title"]} for purpose in signed["purposes"]]
    context = {
        "submission": submission,
        "record": record,
        "signed": signed,
        "files": files,
        "purposes": purposes,
        "is_given": consent.is_given(record),
        "signed_with": sentences.SIGNED_WITH.get(signed["signature"]["method"], ""),
        "trust": consent.trust_fingerprint(),
    }
    return render(request, "intake/receipt.html", context)


@own_page(*READ)
def receipt_json(request: HttpRequest, submission: Submission) -> HttpResponse:
    """The signed documents themselves, to keep: canonical bytes of each, our statement about them, and the keys."""
    del request
    record = _record(submission)
    answer = JsonResponse(
        {
            "receipt_id": str(consent.receipt_id(record)),
            "record_sha256": record.record_sha256,
            "documents": {"record": record.record, "rights": record.rights, "third_party": record.third_party},
            "evidence": record.evidence,
            "statement": record.envelope,
            "keyset": json.loads(consent.keyset()),
            "trust": consent.trust_fingerprint(),
        },
        json_dumps_params={"indent": 2},
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{submission.reference}-receipt.json"'
    return answer


def _record(submission: Submission) -> ConsentRecord:
    """The newest record of this submission, a refusal included. Raises Http404 before anything was signed."""
    records = ConsentRecord.objects.filter(submission_id=submission.pk).select_related("notice")
    record = submission.consent_record or records.exclude(state="withdrawn").order_by("-at").first()
    if record is None:
        raise Http404
    return record
