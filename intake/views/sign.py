"""Check and sign: exactly these files, these uses, this pay; then a typed name and the code from the mail.

Where the person has a passkey and the browser runs scripts, ``passkey_signing`` signs the same page instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from consent import services as consent
from consent.errors import FormatError, TypedNameError
from consent.models import ConsentRecord
from intake.errors import GuardError
from intake.forms import SignForm
from intake.models import Submission
from intake.services import contribute
from intake.states import SubmissionState
from intake.views import FORM, own_page, sentences, signed_in

SESSION_KEY = "signing"


@dataclass(frozen=True)
class Choices:
    """What was chosen on the page before, and the documents written from it. Holds ids and digests, no contents."""

    choices: Mapping[str, str]
    third_party: Mapping[str, bool]
    documents: consent.Documents


def choices_made(request: HttpRequest, submission: Submission) -> Choices | None:
    """What this session chose for this submission, if it did."""
    kept = request.session.get(SESSION_KEY)
    if not kept or kept.get("submission") != str(submission.pk):
        return None
    try:
        return Choices(kept["choices"], kept["third_party"], consent.Documents.from_json(kept["documents"]))
    except FormatError:
        return None


def ask_for_signature(
    request: HttpRequest, submission: Submission, choices: Mapping[str, str], third_party: Mapping[str, bool]
) -> None:
    """Have the documents written over the files as they are now, and a code mailed for exactly these."""
    documents = contribute.prepare_signing(
        submission, actor=signed_in(request), choices=choices, third_party=third_party
    )
    request.session[SESSION_KEY] = {
        "submission": str(submission.pk),
        "choices": dict(choices),
        "third_party": dict(third_party),
        "documents": documents.to_json(),
    }


@own_page(*FORM)
def sign(request: HttpRequest, submission: Submission) -> HttpResponse:
    made = choices_made(request, submission)
    being_sealed = submission.state == SubmissionState.CHECKING and submission.signed_at
    if being_sealed or not contribute.awaits_signature(submission):
        return redirect("submission", submission.pk)
    if made is None:
        return redirect("choose", submission.pk)
    form = SignForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _signed(request, submission, made, form):
        return redirect("sent", submission.pk)
    return sign_page(request, submission, made, form)


def sign_page(
    request: HttpRequest, submission: Submission, made: Choices, form: SignForm, passkey_refusal: str = ""
) -> HttpResponse:
    """The page with what was wrong on it, if something was. ``passkey_refusal``: why a passkey's signature was not."""
    actor = signed_in(request)
    work_here = contribute.passkeys_work_here()
    passkeys = contribute.signing_passkeys(actor) if work_here else []
    context = {
        "submission": submission,
        "form": form,
        "passkeys": passkeys,
        # One that signs in but cannot sign consent (RS256): the page says so, or it would look like a fault.
        "passkeys_work_here": work_here,
        "has_unfit_passkey": not passkeys and contribute.passkeys_of(actor).exists(),
        "passkey_refusal": passkey_refusal,
        **_summary(submission, made),
    }
    return render(request, "intake/sign.html", context, status=422 if form.errors or passkey_refusal else 200)


@own_page("POST")
def new_code(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Another code, over the files as they are now; the one before stops working."""
    made = choices_made(request, submission)
    if made is None:
        return redirect("choose", submission.pk)
    ask_for_signature(request, submission, made.choices, made.third_party)
    messages.success(request, "A new code is on its way. Earlier codes no longer work.")
    return redirect("sign", submission.pk)


@own_page("GET", "HEAD")
def sent(request: HttpRequest, submission: Submission) -> HttpResponse:
    """What happens next, right after signing; a refusal is a signature, too."""
    is_refusal = _is_refused(submission)
    if not is_refusal and (submission.consent_record is None or submission.state == SubmissionState.WITHDRAWN):
        return redirect("submission", submission.pk)
    return render(request, "intake/sent.html", {"submission": submission, "is_refusal": is_refusal})


def _is_refused(submission: Submission) -> bool:
    """Whether the last thing signed was a refusal of every use, and nothing was started again since."""
    records = ConsentRecord.objects.filter(submission_id=submission.pk).order_by("-at")
    last = records.first()
    return submission.state == SubmissionState.WITHDRAWN and last is not None and last.state == "refused"


def _signed(request: HttpRequest, submission: Submission, made: Choices, form: SignForm) -> bool:
    """Try to sign; what is wrong lands on the field it is about."""
    actor, typed = signed_in(request), form.cleaned_data
    try:
        contribute.sign(
            submission, actor=actor, documents=made.documents, typed_name=typed["typed_name"], code=typed["code"]
        )
    except TypedNameError as error:
        form.add_error("typed_name", error.sentence)
        return False
    except consent.ConsentError as error:
        form.add_error("code", error.sentence)
        return False
    except GuardError as error:
        form.add_error(None, error.sentence)
        return False
    del request.session[SESSION_KEY]
    return True


def _signatures(documents: consent.Documents) -> tuple[str, ...]:
    """What a passkey is asked to sign, in this order."""
    return ("refusal",) if documents.state == "refused" else ("rights", "third_party", "record")


def _summary(submission: Submission, made: Choices) -> dict[str, object]:
    """Everything the signature covers, read from the very documents that will be signed."""
    record = made.documents.parsed("record")
    names = {str(pk): name for pk, name in contribute.names(submission).items()}
    files = [
        {**file, "name": names.get(file["artifact_id"], ""), "role": sentences.ROLES[file["role"]]}
        for file in record["artifacts"]
    ]
    programme = submission.programme
    # The words of the language in which it was chosen, also when another one was switched to since.
    notice = consent.reading(record["notice"]["version"], record["notice"]["language"])
    return {
        "files": files,
        "purposes": [
            {**purpose, "title": notice.purpose(purpose["purpose_id"])["title"]} for purpose in record["purposes"]
        ],
        "answers": [(notice.questions[name]["label"], value) for name, value in made.third_party.items()],
        "pay": record["compensation"],
        "recipients": [contribute.recipient_name(notice, name) for name in programme.recipient_classes],
        "declarations": consent.declarations(notice.version, notice.language),
        "is_refusal": made.documents.state == "refused",
        "signatures": [sentences.SIGNATURES[kind] for kind in _signatures(made.documents)],
        "programme": programme,
    }
