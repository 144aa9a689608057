"""Understand and choose: the notice, each use on its own, and what the files say about other people."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from consent import services as consent
from intake.forms import ChooseForm
from intake.models import Submission
from intake.services import contribute
from intake.views import FORM, own_page, sentences, signed_in
from intake.views.sign import ask_for_signature, choices_made


@own_page(*FORM)
def choose(request: HttpRequest, submission: Submission) -> HttpResponse:
    blockers = contribute.sign_blockers(submission)
    if blockers:
        return render(request, "intake/not_ready.html", {"submission": submission, "missing": blockers}, status=422)
    programme, language = submission.programme, submission.contributor.language
    words = consent.purposes(programme.notice_version, language)
    offered = [(name, words[name]["title"], words[name]["text"]) for name in programme.purposes]
    form = ChooseForm(request.POST or None, purposes=offered, initial=_initial(request, submission))
    if request.method == "POST" and form.is_valid():
        ask_for_signature(request, submission, form.choices(), form.third_party())
        return redirect("sign", submission.pk)
    context = {
        "submission": submission,
        "form": form,
        "notice": consent.notice_html(programme.notice_version, language),
        "recipients": [sentences.recipient(name) for name in programme.recipient_classes],
        "actor": signed_in(request),
    }
    return render(request, "intake/choose.html", context, status=422 if form.errors else 200)


def _initial(request: HttpRequest, submission: Submission) -> dict[str, str]:
    """What the same person chose a moment ago, when they come back to change it. The first time: nothing."""
    made = choices_made(request, submission)
    if made is None:
        return {}
    answers = {name: "yes" if value else "no" for name, value in made.third_party.items()}
    return {f"purpose_{name}": value for name, value in made.choices.items()} | answers
