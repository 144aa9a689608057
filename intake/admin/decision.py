"""The decision form: what was looked at, under which claim, and what follows from it."""

from __future__ import annotations

from typing import Any

from django import forms

from intake.errors import IntakeError
from intake.models import ReviewDecision, ReviewTask, User
from intake.models.review import Outcome, ReturnCode
from intake.services import review

ANSWERS = (("yes", "Yes"), ("no", "No"), ("undetermined", "Undetermined"))


class DecisionForm(forms.Form):
    """Carries the digests of the page it stands on, so that nobody approves bytes they did not look at."""

    template_name = "admin/intake/reviewtask/decision_form.html"

    fencing = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label="Your decision",
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what should happen."},
    )
    codes = forms.MultipleChoiceField(
        label="Reasons, for a return or a rejection",
        choices=ReturnCode.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, task: ReviewTask, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.task, self.actor = task, actor
        self.fields["fencing"].initial = task.fencing
        for artifact_id, digest in task.digests.items():
            self.fields[f"digest_{artifact_id}"] = forms.CharField(
                widget=forms.HiddenInput, initial=digest, max_length=64
            )
        for question, sentence in review.CHECKLIST.items():
            self.fields[f"check_{question}"] = forms.ChoiceField(
                label=sentence, choices=ANSWERS, required=False, widget=forms.RadioSelect
            )

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[f"check_{question}"] for question in review.CHECKLIST]

    @property
    def digests(self) -> dict[str, str]:
        return {artifact_id: self.cleaned_data[f"digest_{artifact_id}"] for artifact_id in self.task.digests}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.task.contributor_id == self.actor.pk:
            raise forms.ValidationError("Nobody reviews their own work.", code="own_work")
        if data.get("outcome") == Outcome.APPROVE:
            for question in review.CHECKLIST:
                if not data.get(f"check_{question}"):
                    self.add_error(f"check_{question}", "Answer this question.")
        elif data.get("outcome") and not data.get("codes"):
            self.add_error("codes", "Choose at least one reason.")
        return data

    def decide(self) -> ReviewDecision | None:
        """Hand the decision to the service; None, with the sentence in the form, when a condition is not met."""
        data = self.cleaned_data
        claim = {"actor": self.actor, "fencing": data["fencing"], "digests": self.digests}
        try:
            match data["outcome"]:
                case Outcome.APPROVE:
                    checklist = {question: data[f"check_{question}"] for question in review.CHECKLIST}
                    return review.approve(self.task, checklist=checklist, **claim)
                case Outcome.RETURN:
                    return review.return_(self.task, codes=data["codes"], **claim)
                case _:
                    return review.reject(self.task, codes=data["codes"], **claim)
        except IntakeError as error:
            self.add_error(None, forms.ValidationError(error.sentence, code=error.code))
            return None
