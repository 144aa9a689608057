"""Sign the same page with a passkey: one request for the challenges, one that brings all signatures back.

What the passkey signs waits in the session and works once: a second try begins with new challenges.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from consent import services as consent
from consent.errors import FormatError, PasskeyError
from intake.errors import IntakeError
from intake.forms import SignForm
from intake.models import Submission
from intake.services import contribute
from intake.states import SubmissionState
from intake.views import own_page, signed_in
from intake.views.sign import SESSION_KEY, choices_made, sign_page

BEGUN_KEY = "signing_by_passkey"
PARTS = ("client_data", "authenticator_data", "signature")
ANSWER_CHARACTERS = 20_000
OUT_OF_DATE = "This page is out of date. Go back to the list of steps and choose the uses once more."


@own_page("POST")
def begin(request: HttpRequest, submission: Submission) -> HttpResponse:
    """What the browser asks the passkey for; as JSON, errors too."""
    request.session.pop(BEGUN_KEY, None)
    made, actor = choices_made(request, submission), signed_in(request)
    if made is None:
        return _refusal(OUT_OF_DATE)
    try:
        passkey = contribute.passkey_to_sign_with(actor, request.POST.get("passkey"))
        signed, challenges = contribute.begin_passkey(
            submission, actor=actor, documents=made.documents, passkey=passkey
        )
    except (IntakeError, consent.ConsentError) as error:
        return _refusal(error.sentence)
    request.session[BEGUN_KEY] = {
        "submission": str(submission.pk),
        "passkey": passkey.pk,
        "documents": signed.to_json(),
    }
    return JsonResponse(
        {
            "rp_id": consent.relying_party().rp_id,
            "credential": {"id": _text(passkey.credential_id), "transports": passkey.transports},
            "challenges": [{"kind": kind, "challenge": _text(value)} for kind, value in challenges.items()],
        }
    )


@own_page("POST")
def finish(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Check every signature and have the files sealed; or show the page again with what was wrong."""
    begun = request.session.pop(BEGUN_KEY, None)
    made, actor = choices_made(request, submission), signed_in(request)
    if submission.state != SubmissionState.CHECKING or submission.signed_at:
        return redirect("submission", submission.pk)
    if made is None:
        return redirect("choose", submission.pk)
    try:
        contribute.sign_by_passkey(
            submission,
            actor=actor,
            documents=_documents(begun, submission),
            passkey=contribute.passkey_to_sign_with(actor, begun["passkey"]),
            assertions=_assertions(request.POST.get("assertions", "")),
        )
    except (IntakeError, consent.ConsentError) as error:
        return sign_page(request, submission, made, SignForm(), passkey_refusal=error.sentence)
    del request.session[SESSION_KEY]
    return redirect("sent", submission.pk)


def _refusal(sentence: str) -> JsonResponse:
    return JsonResponse({"sentence": sentence}, status=422)


def _documents(begun: Any, submission: Submission) -> consent.Documents:
    """What this session began to sign here. Raises PasskeyError: nothing, or something else."""
    if not begun or begun["submission"] != str(submission.pk):
        raise PasskeyError
    try:
        return consent.Documents.from_json(begun["documents"])
    except FormatError:
        raise PasskeyError from None


def _assertions(text: str) -> dict[str, dict[str, bytes]]:
    """What the browser brought, as bytes. Raises PasskeyError when it has another shape."""
    if len(text) > ANSWER_CHARACTERS:
        raise PasskeyError
    try:
        brought = json.loads(text)
        return {str(kind): {part: _bytes(parts[part]) for part in PARTS} for kind, parts in brought.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise PasskeyError from None


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """Raises ValueError: not base64url in its one canonical spelling, without padding, as WebAuthn writes it."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _text(data) != text:
        raise ValueError("not canonical")
    return data
