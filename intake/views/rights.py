"""The rights check, before the first byte: may this person share the work at all?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from intake.forms import RightsForm
from intake.models import Submission
from intake.services import contribute
from intake.views import FORM, own_page, signed_in

SHARE = "share"


@own_page(*FORM)
def rights(request: HttpRequest, submission: Submission) -> HttpResponse:
    answered = {**submission.attestation, "basis": submission.default_basis} if submission.attestation else None
    form = RightsForm(request.POST or None, initial=answered)
    if request.method == "POST" and form.is_valid():
        basis = form.cleaned_data["basis"]
        result = contribute.attest(submission, actor=signed_in(request), answers=form.answers(), basis=basis)
        if result == SHARE:
            return redirect("describe", submission.pk)
        context = {"submission": submission, "result": result, "answers": form.answers(), "basis": basis}
        return render(request, "intake/rights_result.html", context)
    status = 422 if form.errors else 200
    return render(request, "intake/rights.html", {"submission": submission, "form": form}, status=status)
