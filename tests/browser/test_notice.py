"""The pages of the notice in Chromium, in both languages: read, choose, be asked, see what changed; keyboard alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser

from consent import notice
from intake.models import Programme, Submission
from tests import factories
from tests.browser.test_staff_desk import open_as
from tests.conftest import SignIn, make_person
from tests.intake.in_review import in_review

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(300)]
ABOUT_OTHERS = ("others_named", "confidential_marked", "special_category", "secrecy_duty")


def page_of(submission: Submission, name: str) -> str:
    return reverse(name, args=[submission.pk])


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_pages_of_the_notice_have_no_violations(
    browser: Browser, live_server: Any, sign_in: SignIn, s3: Any, language: str
) -> None:
    alice = make_person("alice", "contributor")
    older = factories.programme(notice_version="2026-11")
    signed = in_review(alice, programme=older)
    Programme.objects.filter(pk=older.pk).update(notice_version="2026-12")
    submission = factories.checked(
        alice, in_programme=factories.programme(purposes=["evaluation", "fine_tuning", "training"])
    )
    page, audit = open_as(browser, live_server.url, sign_in(alice), f"notice-{language}")

    page.goto(page_of(signed.submission, "submission"))
    audit.look("a renewal is asked for")
    page.goto(page_of(submission, "choose"))
    page.locator(f"button[name=language][value={language}]").click()
    audit.look("choose")
    page.locator("form[action$='/choose/'] button[type=submit]").click()
    audit.look("choose, nothing answered")
    for name in ("evaluation", "fine_tuning", "training"):
        page.check(f"[name=purpose_{name}][value={'given' if name == 'evaluation' else 'refused'}]")
    for name in ABOUT_OTHERS:
        page.check(f"[name={name}][value={'yes' if name == 'others_named' else 'no'}]")
    page.locator("form[action$='/choose/'] button[type=submit]").click()
    page.wait_for_url("**/understand/")
    audit.look("three questions")
    for name in ("use", "way_out", "others"):
        page.check(f"[name={name}][value='0']")
    page.locator("form[action$='/understand/'] button[type=submit]").click()
    audit.look("three questions, two missed")
    text = notice.load("2026-12", language)
    page.goto(f"/notices/{text.sha256}/")
    audit.look("the notice")
    page.goto(f"/notices/{text.sha256}/?since={notice.load('2026-11', 'en').sha256}")
    audit.look("what changed")


def test_the_questions_need_no_mouse(browser: Browser, live_server: Any, sign_in: SignIn, s3: Any) -> None:
    alice = make_person("alice", "contributor")
    submission = factories.checked(alice)
    page, _ = open_as(browser, live_server.url, sign_in(alice), "keyboard")
    page.goto(page_of(submission, "choose"))
    for name in ("purpose_evaluation", *ABOUT_OTHERS):
        page.locator(f"[name={name}]").first.focus()
        page.keyboard.press("Space")
    page.locator("form[action$='/choose/'] button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/understand/")

    for name, steps in (("use", 2), ("way_out", 0), ("others", 2)):
        page.locator(f"[name={name}]").first.focus()
        page.keyboard.press("Space")
        for _ in range(steps):
            page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    page.wait_for_url("**/sign/")
