"""What people type, checked. The words beside each field stand here; what follows from them is for the services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from consent.comprehension import Question, Quiz
from consent.documents import THIRD_PARTY_QUESTIONS
from consent.notice import NoticeText
from intake.models.submission import ProvenanceClass, RightsBasis, Role
from intake.services.contribute.drafting import RIGHTS_QUESTIONS

Choices = Sequence[tuple[str, str]]

CHOOSE = "Choose one answer."
REQUEST_CHARACTERS = 20_000
WORDS_AT_ONCE = 50

RIGHTS_WORDS: dict[str, tuple[str, str]] = {
    "owner": ("Who owns this work?", "Work done in paid hours mostly belongs to the employer, whatever you feel."),
    "nda": ("Did you sign an agreement to keep it secret?", "Many work contracts hold such a clause (NDA)."),
    "permission": ("Does the owner allow you to share it?", ""),
    "others": ("Does it say things about other people?", "Names, health, money, opinions, addresses."),
    "confidential": ("Is any of it marked confidential, secret or internal?", "Look at headers, footers and stamps."),
}
BASIS_LABELS: Choices = [(basis.value, str(basis.label)) for basis in RightsBasis]
SIGNABLE_BASES: Choices = [choice for choice in BASIS_LABELS if choice[0] != RightsBasis.UNKNOWN]
FILE_ROLES: Choices = [(Role.DELIVERABLE.value, "What I made"), (Role.REFERENCE.value, "What I started from")]


def _radio(label: str, choices: Choices, hint: str = "", needed: str = CHOOSE) -> forms.ChoiceField:
    """Radio buttons of which none is ticked beforehand."""
    return forms.ChoiceField(
        label=label, help_text=hint, choices=choices, widget=forms.RadioSelect, error_messages={"required": needed}
    )


class RightsForm(forms.Form):
    """The rights check: closed answers only, so nobody is named."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, answers in RIGHTS_QUESTIONS.items():
            label, hint = RIGHTS_WORDS[name]
            self.fields[name] = _radio(label, list(answers.items()), hint)
        self.fields["basis"] = _radio("Why may you share it?", BASIS_LABELS, "You can change this for a single file.")

    def answers(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in RIGHTS_QUESTIONS}


class DescribeForm(forms.Form):
    """The task: the request and the rubric become files, the rest are plain facts."""

    task_request = forms.CharField(
        label="What were you asked to do?",
        help_text="In your own words or as you got it. It is checked for private details like every file.",
        max_length=REQUEST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "Write what you were asked to do."},
    )
    provenance_class = _radio("What kind of work is it?", list(ProvenanceClass.choices))
    occupation = forms.CharField(
        label="Your occupation",
        help_text="For example: financial analyst. No employer, please.",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
        error_messages={"required": "Write your occupation."},
    )
    sector = forms.CharField(
        label="Sector",
        help_text="For example: insurance, public health, retail.",
        max_length=80,
        error_messages={"required": "Write the sector."},
    )
    effort_hours = forms.DecimalField(
        label="Hours it took",
        help_text="A rough number is fine.",
        min_value=0,
        max_value=2000,
        max_digits=5,
        decimal_places=1,
        required=False,
        widget=forms.NumberInput(attrs={"step": "0.5", "inputmode": "decimal", "class": "short"}),
    )
    rubric = forms.CharField(
        label="How would you judge the result?",
        help_text="What makes it good or bad, one point a line.",
        max_length=REQUEST_CHARACTERS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args: Any, has_request: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_request:
            # What was saved is encrypted at once and cannot be shown again in a form.
            self.fields["task_request"].required = False
            self.fields["task_request"].help_text = "Saved and encrypted. Write here only to replace it."
            self.fields["rubric"].help_text = "Write here only to add or replace it."


class FileForm(forms.Form):
    """One file of the draft: what it is, and why it may be shared."""

    role = forms.ChoiceField(label="What is it?", choices=FILE_ROLES)
    basis = forms.ChoiceField(label="Why may you share it?", choices=BASIS_LABELS)
    public_url = forms.URLField(label="Where it was published", required=False, max_length=200, assume_scheme="https")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("basis") == RightsBasis.PUBLIC and not cleaned.get("public_url"):
            self.add_error("public_url", "Give the address where it was published.")
        return cleaned


class HideForm(forms.Form):
    """More words to hide, one entry a line."""

    words = forms.CharField(
        label="Hide more words",
        help_text="One word or phrase a line. They are hidden in every file, in every spelling we can match.",
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Write at least one word to hide."},
    )

    def clean_words(self) -> list[str]:
        words = [line.strip() for line in self.cleaned_data["words"].splitlines() if line.strip()]
        if not words:
            raise forms.ValidationError("Write at least one word to hide.")
        if len(words) > WORDS_AT_ONCE:
            raise forms.ValidationError(f"Hide up to {WORDS_AT_ONCE} words at once; add the others after that.")
        return words


class ChooseForm(forms.Form):
    """Each use on its own, nothing ticked beforehand; then what the files say about others. The words are the notice's.

    Two radio buttons a use and no button for all of them: each answer is one person's own.
    """

    def __init__(self, *args: Any, notice: NoticeText, purposes: Sequence[str], **kwargs: Any) -> None:
        """``purposes``: ids of the uses that the programme offers."""
        super().__init__(*args, **kwargs)
        self.purposes = list(purposes)
        words, questions = notice.words, notice.questions
        uses = [("given", words["given"]), ("refused", words["refused"])]
        for purpose_id in purposes:
            purpose = notice.purpose(purpose_id)
            self.fields[f"purpose_{purpose_id}"] = _radio(purpose["title"], uses, purpose["text"], words["choose"])
        answers = [("yes", words["yes"]), ("no", words["no"])]
        for name in THIRD_PARTY_QUESTIONS:
            asked = questions[name]
            self.fields[name] = _radio(asked["label"], answers, asked["hint"], words["choose"])

    def purpose_fields(self) -> list[forms.BoundField]:
        return [self[f"purpose_{purpose_id}"] for purpose_id in self.purposes]

    def third_party_fields(self) -> list[forms.BoundField]:
        return [self[question] for question in THIRD_PARTY_QUESTIONS]

    def choices(self) -> dict[str, str]:
        return {purpose_id: self.cleaned_data[f"purpose_{purpose_id}"] for purpose_id in self.purposes}

    def third_party(self) -> dict[str, bool]:
        return {question: self.cleaned_data[question] == "yes" for question in THIRD_PARTY_QUESTIONS}


class QuizForm(forms.Form):
    """The questions about the choices. A wrong answer is an error of its field that explains; any number of tries."""

    def __init__(self, *args: Any, quiz: Quiz, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.quiz = quiz
        for question in quiz.questions:
            answers = [(str(place), words) for place, words in enumerate(question.answers)]
            self.fields[question.place] = _radio(question.text, answers, needed=quiz.words["choose"])

    def answers(self) -> dict[str, int]:
        return {place: int(answer) for place, answer in self.cleaned_data.items()}

    def explain(self, missed: Sequence[Question]) -> None:
        """Say beside each question that was missed why another answer is right."""
        for question in missed:
            self.add_error(question.place, f"{self.quiz.words['missed']} {question.because}")


class SignForm(forms.Form):
    """The signature: a typed name and the code from the mail."""

    typed_name = forms.CharField(
        label="Your full name",
        help_text="Typed here, it is your signature. It is kept encrypted and goes to no recipient.",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Type your full name."},
    )
    code = forms.CharField(
        label="Code from the mail",
        max_length=16,
        widget=forms.TextInput(
            attrs={
                "class": "code-field",
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": "Type the code from the mail we sent you."},
    )

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split())
