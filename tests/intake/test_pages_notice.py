"""What the law wants of the page where one agrees: equal answers, no pressure, and no more clicks in than out."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from consent import notice
from consent import services as consent
from consent.models import ConsentEvent
from intake.models import Submission, User
from intake.services import contribute
from tests import factories
from tests.conftest import SignIn

S3 = Callable[..., object]
ABOUT_OTHERS = {"others_named": "yes", "confidential_marked": "no", "special_category": "no", "secrecy_duty": "no"}
PURPOSES = ["evaluation", "fine_tuning", "training"]
CHOICES = {"evaluation": "given", "fine_tuning": "refused", "training": "refused"}


class Controls(HTMLParser):
    """The controls of a page: radio buttons by group, ticked ones, check boxes, and buttons by the form they are in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.radios: dict[str, list[str]] = {}
        self.ticked: list[str] = []
        self.boxes: list[str] = []
        self.buttons: dict[str, int] = {}
        self.links: list[str] = []
        self._form = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = values["action"]
        elif tag == "a":
            self.links.append(values.get("href", ""))
        elif tag == "button":
            self.buttons[self._form] = self.buttons.get(self._form, 0) + 1
        elif tag == "input" and values.get("type") == "radio":
            self.radios.setdefault(values["name"], []).append(values["value"])
            self.ticked += [values["name"]] if "checked" in values else []
        elif tag == "input" and values.get("type") == "checkbox":
            self.boxes.append(values["name"])


@pytest.fixture
def submission(s3: S3, alice: User) -> Submission:
    return factories.checked(alice, in_programme=factories.programme(purposes=PURPOSES))


@pytest.fixture
def client(alice: User, sign_in: SignIn) -> Client:
    return sign_in(alice)


def address(submission: Submission, name: str = "choose") -> str:
    return reverse(name, args=[submission.pk])


def page_of(client: Client, submission: Submission, name: str = "choose") -> str:
    return client.get(address(submission, name)).content.decode()


def choose(client: Client, submission: Submission, choices: dict[str, str] | None = None) -> str:
    """Answer the page; return where it leads."""
    uses = {f"purpose_{name}": decision for name, decision in (choices or CHOICES).items()}
    return client.post(address(submission), uses | ABOUT_OTHERS).headers["Location"]


def right_answers(submission: Submission, choices: dict[str, str] | None = None) -> dict[str, int]:
    about_others = {name: answer == "yes" for name, answer in ABOUT_OTHERS.items()}
    asked = contribute.quiz(submission, choices or CHOICES, about_others)
    return {question.place: question.right for question in asked.questions}


# ── the choice ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_use_is_one_pair_of_equal_answers_of_which_none_is_ticked(submission: Submission, client: Client) -> None:
    controls = Controls(page_of(client, submission))

    uses = {name: answers for name, answers in controls.radios.items() if name.startswith("purpose_")}
    assert uses == {f"purpose_{name}": ["given", "refused"] for name in PURPOSES}
    assert controls.ticked == []
    # Nothing on the page answers for more than one use: no box, and one button, which only sends.
    assert controls.boxes == []
    assert controls.buttons[address(submission)] == 1


def test_both_answers_look_the_same(submission: Submission, client: Client) -> None:
    page = page_of(client, submission)

    pairs = re.findall(r'<label class="([^"]*)" for="id_purpose_\w+_([01])"', page)
    assert len(pairs) == 2 * len(PURPOSES)
    assert {style for style, _ in pairs} == {"choice"}


def test_a_use_refused_changes_nothing_else_on_the_page(submission: Submission, client: Client) -> None:
    """What one sees after refusing the optional uses is, but for the ticks, what one sees after allowing them."""

    def after(decision: str) -> str:
        choose(client, submission, {"evaluation": "given", "fine_tuning": decision, "training": decision})
        page = re.sub(r' checked(="")?', "", page_of(client, submission))
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)

    assert after("refused") == after("given")


def test_pay_is_shown_with_the_words_that_it_is_kept_before_the_first_question(
    submission: Submission, client: Client
) -> None:
    page = page_of(client, submission)

    pay = page.index("Your pay: 40.00 EUR. Kept if you withdraw.")
    assert pay < page.index('name="purpose_evaluation"')
    assert "It is the same whichever uses you allow." in page


def test_what_was_refused_costs_no_pay(submission: Submission, client: Client) -> None:
    choose(client, submission)
    client.post(address(submission, "understand"), right_answers(submission))

    assert "40.00 EUR" in page_of(client, submission, "sign")


# ── the languages ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_notice_is_read_and_signed_in_the_language_chosen(submission: Submission, client: Client) -> None:
    assert client.post(address(submission, "language"), {"language": "de"}).headers["Location"] == address(submission)

    page = page_of(client, submission)
    assert "KI-Systeme testen" in page
    assert "Ja, ich stimme zu" in page
    assert "Standen in Ihren eigenen Dateien andere Menschen?" in page
    assert "Testing AI systems" not in page
    assert consent.notice_html("2026-12", "de") in page

    choose(client, submission)
    assert "Drei Fragen vor der Unterschrift" in page_of(client, submission, "understand")
    client.post(address(submission, "understand"), right_answers(Submission.objects.get(pk=submission.pk)))
    sign = page_of(client, submission, "sign")
    assert "Ich darf diese Dateien teilen." in sign
    client.post(address(submission, "sign"), {"typed_name": "Alice Example", "code": factories.last_code()})
    submission.refresh_from_db()
    assert submission.consent_record is not None
    record = consent.parsed(submission.consent_record)
    assert (record["notice"]["language"], record["parties"][0]["name"]) == ("de", "Vouchsafe-Probeprogramm")


def test_what_was_chosen_in_one_language_is_signed_in_it(submission: Submission, client: Client) -> None:
    choose(client, submission)
    client.post(address(submission, "understand"), right_answers(submission))

    client.post(address(submission, "language"), {"language": "de"})

    assert "I may share these files." in page_of(client, submission, "sign")


def test_a_language_that_there_is_not_is_refused(submission: Submission, client: Client, alice: User) -> None:
    answer = client.post(address(submission, "language"), {"language": "xx"}, follow=True)

    assert "cannot be read in that language" in answer.content.decode()
    assert Submission.objects.get(pk=submission.pk).contributor.language == "en"


def test_a_notice_can_be_read_at_its_address_before_anybody_signed_it(submission: Submission, client: Client) -> None:
    text = notice.load("2026-12", "en")
    assert f"/notices/{text.sha256}/" in page_of(client, submission)

    page = Client().get(f"/notices/{text.sha256}/").content.decode()

    assert text.html in page
    german = notice.load("2026-12", "de")
    assert f'href="/notices/{german.sha256}/" lang="de"' in page
    assert "If the languages differ, English counts." in page


def test_the_page_of_a_notice_shows_what_changed(db: None) -> None:
    old, new = notice.load("2026-11", "en"), notice.load("2026-12", "de")
    plain = Client().get(f"/notices/{new.sha256}/").content.decode()
    assert f"?since={old.sha256}" in plain
    assert "<ins" not in plain

    page = Client().get(f"/notices/{new.sha256}/?since={old.sha256}").content.decode()

    # Told by words and elements: what changed in the language of the older one, the rest in that of the page.
    assert page.count("<strong>Neu:</strong>") == page.count('<ins lang="en">') > 0
    assert page.count("<strong>Weg:</strong>") == page.count('<del lang="en">') > 0
    assert Client().get(f"/notices/{new.sha256}/?since={'0' * 64}").status_code == 404


# ── the questions ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_questions_stand_between_the_choice_and_the_signature(submission: Submission, client: Client) -> None:
    assert client.get(address(submission, "understand")).headers["Location"] == address(submission)
    assert choose(client, submission) == address(submission, "understand")
    # Without them there is nothing to sign.
    assert client.get(address(submission, "sign")).headers["Location"] == address(submission)

    controls = Controls(page_of(client, submission, "understand"))

    assert {name: len(answers) for name, answers in controls.radios.items()} == {"use": 3, "way_out": 3, "others": 3}
    assert controls.ticked == []


def test_a_wrong_answer_is_explained_and_costs_nothing(submission: Submission, client: Client) -> None:
    choose(client, submission)
    right = right_answers(submission)
    for _ in range(7):
        answer = client.post(address(submission, "understand"), {**right, "others": 0})
        assert answer.status_code == 422
    page = answer.content.decode()
    assert "Not quite. No. Your yes counts for you alone." in page
    assert page.count('class="field-right"') == 2
    assert Controls(page).ticked == ["use", "way_out", "others"]

    assert client.post(address(submission, "understand"), right).headers["Location"] == address(submission, "sign")

    made = page_of(client, submission, "sign")
    assert "40.00 EUR" in made
    client.post(address(submission, "sign"), {"typed_name": "Alice Example", "code": factories.last_code()})
    submission.refresh_from_db()
    assert submission.consent_record is not None
    record = consent.parsed(submission.consent_record)
    assert record["comprehension"]["attempts"] == 8
    assert record["compensation"]["amount"] == "40.00"


def test_a_question_left_out_is_no_attempt(submission: Submission, client: Client) -> None:
    choose(client, submission)

    answer = client.post(address(submission, "understand"), {"use": 1})

    assert answer.status_code == 422
    assert "Choose one answer." in answer.content.decode()
    assert not ConsentEvent.objects.filter(event__startswith="quiz-").exists()


def test_other_choices_are_asked_about_anew(submission: Submission, client: Client) -> None:
    choose(client, submission)
    client.post(address(submission, "understand"), right_answers(submission))

    assert choose(client, submission, dict.fromkeys(PURPOSES, "given")) == address(submission, "understand")

    assert "You said yes to “Training AI systems”" in page_of(client, submission, "understand")


def test_a_refusal_of_every_use_needs_no_questions(submission: Submission, client: Client) -> None:
    assert choose(client, submission, dict.fromkeys(PURPOSES, "refused")) == address(submission, "sign")


# ── in and out ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_to_withdraw_takes_no_more_than_to_give(submission: Submission, client: Client) -> None:
    """Counted on the pages themselves, from the list of steps: every link, answer, field and button on the way."""
    home = Controls(page_of(client, submission, "submission"))
    assert address(submission) in home.links
    give = 1  # the link to the choice
    give += len(Controls(page_of(client, submission)).radios) + 1
    choose(client, submission)
    give += len(Controls(page_of(client, submission, "understand")).radios) + 1
    client.post(address(submission, "understand"), right_answers(submission))
    give += len({"typed_name", "code"}) + 1
    signed = {"typed_name": "Alice Example", "code": factories.last_code()}
    assert client.post(address(submission, "sign"), signed).headers["Location"] == address(submission, "sent")

    withdraw_page = address(submission, "withdraw")
    for name in ("submission", "receipt"):
        assert withdraw_page in Controls(page_of(client, submission, name)).links
    controls = Controls(page_of(client, submission, "withdraw"))
    assert controls.radios == {}
    assert controls.buttons[withdraw_page] == 1
    withdraw = 1 + 1  # the link, the button: no answer, no code, no reason
    client.post(withdraw_page)
    submission.refresh_from_db()
    assert submission.state == "withdrawn"
    assert submission.consent_record is not None
    assert not consent.is_given(submission.consent_record)
    assert withdraw <= give
    assert withdraw <= 2
