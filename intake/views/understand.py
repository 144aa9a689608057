"""Three questions about what was just chosen, between the choice and the signature; as many tries as one likes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from consent.comprehension import Quiz
from intake.forms import QuizForm
from intake.models import Submission
from intake.services import contribute
from intake.views import FORM, own_page, signed_in
from intake.views.choose import pending
from intake.views.sign import ask_for_signature


@own_page(*FORM)
def understand(request: HttpRequest, submission: Submission) -> HttpResponse:
    chosen = pending(request, submission)
    if chosen is None or "given" not in chosen.choices.values():
        return redirect("choose", submission.pk)
    quiz = contribute.quiz(submission, chosen.choices, chosen.third_party)
    form = QuizForm(request.POST or None, quiz=quiz)
    if request.method == "POST" and form.is_valid():
        missed = contribute.answer_quiz(submission, actor=signed_in(request), asked=quiz, answers=form.answers())
        if not missed:
            ask_for_signature(request, submission, chosen.choices, chosen.third_party)
            return redirect("sign", submission.pk)
        form.explain(missed)
    context = {"submission": submission, "form": form, "quiz": quiz, "code_goes_to": _code_goes_to(request, quiz)}
    return render(request, "intake/understand.html", context, status=422 if form.errors else 200)


def _code_goes_to(request: HttpRequest, quiz: Quiz) -> str:
    return quiz.words["code"].format(signed_in(request).email)
