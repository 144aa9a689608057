"""The staff desk in Chromium: every page of a reviewer and of an administrator, light and dark, narrow and wide."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page

from intake.models import ReviewTask
from tests.browser.audit import Audit
from tests.conftest import SignIn, make_person
from tests.intake.in_review import claimed, in_review

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(300)]


def open_as(browser: Browser, address: str, client: Client, name: str) -> tuple[Page, Audit]:
    """A window that carries the session of a test client."""
    context = browser.new_context(base_url=address)
    context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": address}])
    page = context.new_page()
    return page, Audit(page, address, name)


def test_the_reviewers_pages_have_no_violations(browser: Browser, live_server: Any, sign_in: SignIn, s3: Any) -> None:
    rita, alice = make_person("rita", "reviewer"), make_person("alice", "contributor")
    task = in_review(alice, previews=True)
    in_review(alice, previews=True)
    page, audit = open_as(browser, live_server.url, sign_in(rita), "staff")
    page.goto(reverse("admin:index"))
    audit.look("desk")
    page.goto(reverse("admin:intake_reviewtask_changelist"))
    audit.look("queue")
    page.goto(reverse("admin:intake_reviewtask_review", args=[task.pk]))
    audit.look("not claimed")
    page.get_by_role("button", name="Claim").click()
    audit.look("review")
    page.get_by_role("button", name="Decide", exact=True).click()
    audit.look("refused decision")
    page.goto(reverse("admin:intake_reviewtask_history", args=[task.pk]))
    audit.look("history")


def test_a_reviewer_needs_no_mouse(browser: Browser, live_server: Any, sign_in: SignIn, s3: Any) -> None:
    rita, alice = make_person("rita", "reviewer"), make_person("alice", "contributor")
    task = claimed(in_review(alice, previews=True), rita)
    page, _ = open_as(browser, live_server.url, sign_in(rita), "staff")
    page.goto(reverse("admin:intake_reviewtask_review", args=[task.pk]))
    page.locator("input[name='check_rights']").first.focus()
    for _ in range(4):
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
    page.keyboard.press("Space")  # approve, the first outcome
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('admin:intake_reviewtask_changelist')}")
    assert ReviewTask.objects.get(pk=task.pk).state == "decided"


def test_the_administrators_pages_have_no_violations(
    browser: Browser, live_server: Any, sign_in: SignIn, s3: Any
) -> None:
    root = make_person("root", "reviewer", "ops")
    root.is_superuser = True
    root.save()
    task = in_review(make_person("alice", "contributor"))
    page, audit = open_as(browser, live_server.url, sign_in(root), "admin")
    page.goto(reverse("admin:index"))
    audit.look("desk of an administrator")
    for model in ("submission", "artifact", "transition", "user"):
        page.goto(reverse(f"admin:intake_{model}_changelist"))
        audit.look(f"{model} list")
    for name, address in {
        "programme": reverse("admin:intake_programme_change", args=[task.submission.programme_id]),
        "submission": reverse("admin:intake_submission_change", args=[task.submission_id]),
        "new invitation": reverse("admin:intake_invitation_add"),
        "account": reverse("admin:intake_user_change", args=[task.contributor_id]),
    }.items():
        page.goto(address)
        audit.look(name)
