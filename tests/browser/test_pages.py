"""Every page a contributor can reach without files, looked at by axe in both schemes and both widths."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from intake.models import Submission, User
from tests import factories
from tests.browser.audit import Audit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PUBLIC = (
    "/",
    "/help/",
    "/your-rights/",
    "/privacy/",
    "/accessibility/",
    "/contact/",
    "/verify/",
    "/accounts/login/",
    "/no/page",
)
OWN = ("", "rights/", "task/", "files/", "check/", "timeline/", "withdraw/", "choose/")


@pytest.fixture
def page(browser: Browser, live_server: Any) -> Page:
    return browser.new_context(base_url=live_server.url).new_page()


def sign_in(page: Page, name: str) -> None:
    page.goto("/")
    page.locator(f"form[action$='/demo/sign-in/{name}'] button").click()


def test_pages_for_everybody(page: Page, live_server: Any) -> None:
    audit = Audit(page, live_server.url, "public")
    for address in PUBLIC:
        page.goto(address)
        audit.look(address.strip("/").replace("/", " ") or "landing")


def test_an_invitation_and_the_pages_of_a_draft(page: Page, live_server: Any, alice: User) -> None:
    audit = Audit(page, live_server.url, "draft")
    _, token = factories.invitation(factories.programme())
    page.goto("/i/not-a-token")
    audit.look("no such invitation")
    page.goto(f"/i/{token}")
    audit.look("invitation")
    sign_in(page, "alice")
    page.goto(f"/i/{token}")
    page.get_by_role("button", name="Continue").click()
    submission = Submission.objects.get()
    answer_for_the_rights(page, audit, submission)
    for path in OWN:
        page.goto(f"/s/{submission.pk}/{path}")
        audit.look(path.strip("/") or "steps")
    page.goto("/account/")
    audit.look("account")


def answer_for_the_rights(page: Page, audit: Audit, submission: Submission) -> None:
    """First nothing, then so that one should ask first, then so that the way is free."""
    page.goto(f"/s/{submission.pk}/rights/")
    page.get_by_role("button", name="Save and go on").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    audit.look("rights, nothing answered")
    for name, value in (factories.OWN_WORK | {"basis": "self_owned", "nda": "unsure"}).items():
        page.check(f"input[name='{name}'][value='{value}']")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ask first")
    audit.look("ask first")
    page.get_by_role("link", name="Answer again").click()
    page.check("input[name='nda'][value='no']")
    page.get_by_role("button", name="Save and go on").click()
    expect(page).to_have_url(re.compile("/task/$"))


def test_a_second_factor_is_set_up_before_the_staff_desk_opens(page: Page, live_server: Any, rita: User) -> None:
    audit = Audit(page, live_server.url, "second factor")
    sign_in(page, "rita")
    page.goto("/accounts/2fa/totp/activate/")
    audit.look("set up an authenticator app")


def test_the_skip_link_is_the_first_stop_and_is_seen(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to the content")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
