"""The reviewer's pages: redacted bytes only, for the holder of the claim only, and without a script."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from intake.admin.marks import passages, pieces
from intake.models import ReviewDecision, ReviewTask, User
from intake.services import review
from redaction.entities import Block, Kind
from tests.conftest import SignIn, make_person
from tests.intake.in_review import claimed, in_review, lapse

QUEUE = "admin:intake_reviewtask_changelist"


def address(name: str, task: ReviewTask) -> str:
    return reverse(f"admin:intake_reviewtask_{name}", args=[task.pk])


@pytest.fixture
def task(alice: User, s3: Any) -> ReviewTask:
    return in_review(alice, previews=True)


@pytest.fixture
def desk(rita: User, sign_in: SignIn) -> Client:
    """Rita's browser."""
    return sign_in(rita)


def form_of(task: ReviewTask, outcome: str = "approve", **changes: Any) -> dict[str, Any]:
    """What the form of the review screen posts."""
    fields: dict[str, Any] = {"fencing": task.fencing, "outcome": outcome}
    fields |= {f"digest_{artifact_id}": digest for artifact_id, digest in task.digests.items()}
    fields |= {f"check_{question}": "yes" for question in review.CHECKLIST}
    return fields | changes


class Page(HTMLParser):
    """What a page holds, for assertions: its ids, attributes and placeholders."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def has(self, tag: str, **wanted: str) -> bool:
        return any(name == tag and wanted.items() <= attrs.items() for name, attrs in self.tags)


# ── the road of one review ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_reviewer_goes_from_the_desk_to_an_approval(task: ReviewTask, desk: Client, rita: User) -> None:
    assert b"Start reviewing" in desk.get(reverse("admin:index")).content
    started = desk.post(reverse("admin:intake_reviewtask_start"))
    assert started.headers["Location"] == address("review", task)
    first = desk.get(address("review", task))
    assert first.status_code == 200
    for artifact in review.files_of(task):
        assert desk.get(address("review", task), {"file": str(artifact.pk)}).status_code == 200
    task.refresh_from_db()
    answer = desk.post(address("review", task), form_of(task))
    assert answer.headers["Location"] == reverse(QUEUE)
    decision = ReviewDecision.objects.get()
    assert (decision.reviewer, decision.outcome, decision.digests) == (rita, "approve", task.digests)
    task.submission.refresh_from_db()
    assert task.submission.state == "approved"


def test_decide_and_take_the_next_claims_the_next(task: ReviewTask, alice: User, desk: Client, rita: User) -> None:
    following = in_review(alice)
    answer = desk.post(address("review", claimed(task, rita)), form_of(claimed(task, rita), next="1"))
    assert answer.headers["Location"] == address("review", following)
    following.refresh_from_db()
    assert following.claimant == rita


def test_a_return_carries_its_closed_reasons(task: ReviewTask, desk: Client, rita: User) -> None:
    mine = claimed(task, rita)
    desk.post(address("review", task), form_of(mine, "return", codes=["leak_found", "unreadable"]))
    assert ReviewDecision.objects.get().codes == ["leak_found", "unreadable"]


def test_the_history_holds_a_reference_and_an_outcome_and_nothing_else(
    task: ReviewTask, desk: Client, rita: User
) -> None:
    desk.post(address("review", task), form_of(claimed(task, rita), "reject", codes=["duplicate"]))
    entry = LogEntry.objects.get()
    assert entry.object_repr == f"{task.submission.reference} · general"
    assert entry.get_change_message() == "rejected (duplicate)"


# ── what the screen shows ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_screen_marks_placeholders_and_lists_findings_beside_them(
    task: ReviewTask, desk: Client, rita: User
) -> None:
    review.claim(task, actor=rita)
    shown = desk.get(address("review", task), {"file": str(review.files_of(task)[1].pk)})
    html = shown.content.decode()
    assert '<mark class="token token-person">[PERSON_1]</mark> or write to' in html
    assert '<mark class="token token-person">person_1@example.invalid</mark>' in html
    assert re.search(r'<td id="b5"><mark class="token token-organization">\[ORGANIZATION_1\]</mark>\s*</td>', html)
    assert "Organization</span> 1 place" in html
    assert html.count("passed</span>") == 7
    assert "Evaluation by ai-developer: given until" in html


def test_opening_a_file_marks_it_as_opened(task: ReviewTask, desk: Client, rita: User) -> None:
    review.claim(task, actor=rita)
    first, second = review.files_of(task)
    html = desk.get(address("review", task), {"file": str(second.pk)}).content.decode()
    task.refresh_from_db()
    assert task.seen == [str(second.pk)]
    assert f"Open {first.revision.name}" in html  # type: ignore[union-attr]


def test_without_a_claim_no_content_is_shown(task: ReviewTask, desk: Client) -> None:
    free = desk.get(address("review", task)).content
    assert b"Claim this to see" in free
    review.claim(task, actor=make_person("rolf", "reviewer"))
    held = desk.get(address("review", task)).content
    assert b"A colleague holds this until" in held
    for page in (free, held):
        assert b"PERSON_1" not in page
        assert b"handover.md" not in page


def test_a_lapsed_claim_shows_no_content_and_offers_a_new_one(task: ReviewTask, desk: Client, rita: User) -> None:
    claimed(task, rita)
    lapse(task)
    page = desk.get(address("review", task)).content
    assert b"Claim this to see" in page
    assert b"PERSON_1" not in page


def test_pages_name_no_person_but_the_viewer(task: ReviewTask, desk: Client, alice: User, rita: User) -> None:
    claimed(task, rita)
    for url in (reverse("admin:index"), reverse(QUEUE), address("review", task)):
        page = desk.get(url)
        assert page.status_code == 200
        assert alice.email.encode() not in page.content
        assert str(alice.pk).encode() not in page.content


def test_pages_hold_nothing_inline_and_stay_out_of_caches(task: ReviewTask, desk: Client, rita: User) -> None:
    claimed(task, rita)
    for url in (reverse("admin:index"), reverse(QUEUE), address("review", task)):
        page = desk.get(url)
        for tag, attributes in Page(page.content).tags:
            assert "style" not in attributes, tag
            assert not [name for name in attributes if name.startswith("on")], tag
            assert tag != "script" or attributes.get("src"), url
        assert "no-store" in page.headers["Cache-Control"]
        assert "unsafe-" not in page.headers["Content-Security-Policy"]


def test_the_queue_shows_age_state_and_holder(task: ReviewTask, desk: Client) -> None:
    html = desk.get(reverse(QUEUE)).content.decode()
    assert task.submission.reference in html
    assert '<span class="badge badge-new">new</span> under 1 h' in html
    assert Page(html.encode()).has("button", formaction=address("claim", task))
    review.claim(task, actor=make_person("rolf", "reviewer"))
    html = desk.get(reverse(QUEUE)).content.decode()
    assert "a colleague, until" in html
    assert "1 submission is with others" in html


def test_the_queue_filters(task: ReviewTask, desk: Client, rita: User) -> None:
    claimed(task, rita)
    found = {
        show: task.submission.reference.encode() in desk.get(reverse(QUEUE), {"show": show}).content
        for show in ("mine", "free", "late", "decided")
    }
    assert found == {"mine": True, "free": False, "late": False, "decided": False}


def test_the_queue_asks_the_database_no_more_for_more_rows(
    task: ReviewTask, alice: User, desk: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        in_review(alice)
    with django_assert_max_num_queries(24):
        desk.get(reverse(QUEUE))


# ── what is refused ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({"check_rights": ""}, "Answer this question.", id="a question left out"),
        pytest.param({"check_rights": "undetermined"}, "rights question is answered Yes", id="rights undetermined"),
        pytest.param({"outcome": ""}, "Choose what should happen.", id="no outcome"),
        pytest.param({"outcome": "return"}, "Choose at least one reason.", id="a return without a reason"),
        pytest.param({"fencing": 0}, "Your claim on this ran out.", id="an old claim"),
    ],
)
def test_a_decision_that_lacks_something_is_refused_with_its_sentence(
    task: ReviewTask, desk: Client, rita: User, changes: dict[str, Any], sentence: str
) -> None:
    answer = desk.post(address("review", task), form_of(claimed(task, rita), **changes))
    assert answer.status_code in {400, 409}
    assert sentence in answer.content.decode()
    assert not ReviewDecision.objects.exists()


def test_a_page_about_other_bytes_decides_nothing(task: ReviewTask, desk: Client, rita: User) -> None:
    mine = claimed(task, rita)
    changed = {f"digest_{artifact_id}": "f" * 64 for artifact_id in task.digests}
    answer = desk.post(address("review", task), form_of(mine, **changed))
    assert answer.status_code == 409
    assert not ReviewDecision.objects.exists()


def test_an_unopened_file_blocks_the_approval_and_is_linked(task: ReviewTask, desk: Client, rita: User) -> None:
    mine = review.claim(task, actor=rita)
    answer = desk.post(f"{address('review', task)}?file={review.files_of(task)[0].pk}", form_of(mine))
    assert answer.status_code == 409
    assert Page(answer.content).has("a", href=f"?file={review.files_of(task)[1].pk}")


NAMES = ("claim", "release", "review", "change", "history", "delete")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("person", ["mallory", "alice"])
def test_contributors_and_strangers_find_no_admin_page(
    task: ReviewTask, request: pytest.FixtureRequest, sign_in: SignIn, person: str, name: str
) -> None:
    browser = sign_in(request.getfixturevalue(person))
    for answer in (browser.get(address(name, task)), browser.post(address(name, task))):
        assert answer.status_code in {302, 403, 404, 405}
        assert answer.status_code != 302 or "/login/" in answer.headers["Location"]
        assert task.submission.reference.encode() not in answer.content


@pytest.mark.parametrize("name", NAMES)
def test_ops_may_not_see_review_pages(task: ReviewTask, omar: User, sign_in: SignIn, name: str) -> None:
    browser = sign_in(omar)
    for answer in (browser.get(address(name, task)), browser.post(address(name, task))):
        assert answer.status_code in {403, 404, 405}
    assert browser.get(reverse(QUEUE)).status_code == 403


@pytest.mark.parametrize("name", NAMES)
def test_ones_own_work_and_missing_work_give_the_same_404(db: None, s3: Any, sign_in: SignIn, name: str) -> None:
    person = make_person("carla", "contributor", "reviewer")
    browser, own = sign_in(person), in_review(person, previews=True)
    answers = []
    for key in (own.pk, "00000000-0000-4000-8000-000000000000"):
        url = reverse(f"admin:intake_reviewtask_{name}", args=[key])
        answer = browser.post(url) if name in {"claim", "release"} else browser.get(url)
        answers.append(answer.status_code)
    assert answers in ([404, 404], [403, 403])
    assert own.submission.reference.encode() not in browser.get(reverse(QUEUE)).content


def test_nothing_here_is_added_deleted_or_edited_in_bulk(task: ReviewTask, sign_in: SignIn) -> None:
    root = make_person("root", "reviewer")
    root.is_superuser = True
    root.save()
    browser = sign_in(root)
    for model in ("reviewtask", "reviewdecision", "submission", "artifact", "revision", "transition", "storedobject"):
        assert browser.get(reverse(f"admin:intake_{model}_add")).status_code == 403
        listed = browser.get(reverse(f"admin:intake_{model}_changelist"))
        assert listed.status_code == 200
        assert b"delete_selected" not in listed.content
    submission = task.submission
    assert browser.get(reverse("admin:intake_submission_delete", args=[submission.pk])).status_code == 403
    page = browser.get(reverse("admin:intake_submission_change", args=[submission.pk]))
    assert b'name="_save"' not in page.content


# ── the marks ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Dear [PERSON_1], thanks", ["PERSON_1"]),
        ("[PERSON_1][EMAIL_ADDRESS_12]", ["PERSON_1", "EMAIL_ADDRESS_12"]),
        ("to person_1@example.invalid.", ["PERSON_1"]),
        ("PERSON_1 without brackets, [sic], [1], [Person_1]", []),
        ("someone@example.invalid", []),
        ("", []),
    ],
)
def test_pieces_find_placeholders_and_join_to_the_text(text: str, tokens: list[str]) -> None:
    cut = pieces(text)
    assert "".join(piece.text for piece in cut) == text
    assert [piece.token for piece in cut if piece.token] == tokens


def test_cells_of_one_row_stand_in_one_row() -> None:
    blocks = [
        Block("p1", "Rates"),
        *(Block(f"sheet1!{column}{row}", f"{column}{row}", Kind.CELL) for row in (1, 2) for column in "AB"),
        *(Block(f"r{row}c{column}", f"{row}/{column}", Kind.CELL) for row in (1, 2) for column in (1, 2)),
        Block("p2", "End"),
    ]
    text = passages(blocks)
    assert [(p.is_table, [[cell.pieces[0].text for cell in row] for row in p.rows]) for p in text] == [
        (False, [["Rates"]]),
        (True, [["A1", "B1"], ["A2", "B2"], ["1/1", "1/2"], ["2/1", "2/2"]]),
        (False, [["End"]]),
    ]
