"""Understand and choose: the notice, each use on its own, and what the files say about other people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from consent import services as consent
from intake.forms import ChooseForm
from intake.models import Submission
from intake.services import contribute
from intake.views import FORM, own_page, signed_in
from intake.views.sign import ask_for_signature, choices_made

SESSION_KEY = "choosing"


@dataclass(frozen=True)
class Pending:
    """What was chosen and is not yet written into documents: the questions about it come first."""

    choices: Mapping[str, str]
    third_party: Mapping[str, bool]


def pending(request: HttpRequest, submission: Submission) -> Pending | None:
    """What this session chose for this submission and has not signed, if it did."""
    kept = request.session.get(SESSION_KEY)
    if not kept or kept["submission"] != str(submission.pk):
        return None
    return Pending(kept["choices"], kept["third_party"])


@own_page(*FORM)
def choose(request: HttpRequest, submission: Submission) -> HttpResponse:
    blockers = contribute.sign_blockers(submission)
    if blockers:
        return render(request, "intake/not_ready.html", {"submission": submission, "missing": blockers}, status=422)
    programme = submission.programme
    notice = consent.reading(programme.notice_version, submission.contributor.language)
    form = ChooseForm(
        request.POST or None, notice=notice, purposes=programme.purposes, initial=_initial(request, submission)
    )
    if request.method == "POST" and form.is_valid():
        return _go_on(request, submission, form)
    context = {
        "submission": submission,
        "form": form,
        "notice": notice,
        "words": notice.words,
        "pay": notice.words["pay"].format(f"{programme.pay_amount} {programme.pay_currency}"),
        "recipients": [contribute.recipient_name(notice, name) for name in programme.recipient_classes],
        "languages": consent.languages(programme.notice_version),
        "since": contribute.changes_for(submission),
    }
    return render(request, "intake/choose.html", context, status=422 if form.errors else 200)


@own_page("POST")
def language(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Show the notice in another language from now on; what is signed is what was shown."""
    contribute.speak(submission, actor=signed_in(request), language=request.POST.get("language", ""))
    return redirect("choose", submission.pk)


def _go_on(request: HttpRequest, submission: Submission, form: ChooseForm) -> HttpResponse:
    """To the questions about what was chosen; a refusal of everything needs none and goes straight to its signature."""
    choices, third_party = form.choices(), form.third_party()
    request.session[SESSION_KEY] = {
        "submission": str(submission.pk),
        "choices": choices,
        "third_party": third_party,
    }
    if "given" in choices.values():
        return redirect("understand", submission.pk)
    ask_for_signature(request, submission, choices, third_party)
    return redirect("sign", submission.pk)


def _initial(request: HttpRequest, submission: Submission) -> dict[str, str]:
    """What the same person chose a moment ago, when they come back to change it. The first time: nothing."""
    made = pending(request, submission) or choices_made(request, submission)
    if made is None:
        return {}
    answers = {name: "yes" if value else "no" for name, value in made.third_party.items()}
    return {f"purpose_{name}": value for name, value in made.choices.items()} | answers
