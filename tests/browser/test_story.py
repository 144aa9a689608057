"""One submission, played in Chromium by everybody who has a part in it; and once more without JavaScript.

Every page on the way is looked at in light and dark, narrow and wide. Pictures land under ``test-output/``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Browser, FilePayload, Page, expect

from intake.management.demo import seed
from intake.models import Batch, Outbox, Programme, ReviewTask, Submission
from intake.states import ArtifactState
from tests.browser.audit import Audit
from tests.corpus import samples

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(600)]

WAIT_MS = 120_000


class Visit:
    """One person's browser window with the audit that goes along."""

    def __init__(self, browser: Browser, address: str, name: str, *, javascript: bool = True) -> None:
        context = browser.new_context(java_script_enabled=javascript, base_url=address)
        context.set_default_timeout(20_000)
        self.page: Page = context.new_page()
        folder = name if javascript else f"{name}-without-javascript"
        twin = None if javascript else browser.new_context(base_url=address).new_page()
        self.audit = Audit(self.page, address, folder, twin=twin)
        self.page.goto("/")
        self.page.locator(f"form[action$='/demo/sign-in/{name}'] button").click()

    def look(self, name: str) -> None:
        self.audit.look(name)

    def choose(self, answers: dict[str, str]) -> None:
        for name, value in answers.items():
            self.page.check(f"input[name='{name}'][value='{value}']")


RIGHTS = {
    "owner": "me",
    "nda": "no",
    "permission": "not_needed",
    "others": "yes",
    "confidential": "no",
    "basis": "self_owned",
}
ABOUT_OTHERS = {
    "others_named": "yes",
    "confidential_marked": "no",
    "special_category": "no",
    "secrecy_duty": "no",
}


def until(happened: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def payloads(role: str) -> list[FilePayload]:
    files = [file for file in samples()[0].files if file.role == role]
    return [FilePayload(name=file.name, mimeType=file.media_type, buffer=file.data) for file in files]


def last_code() -> str:
    code = re.search(r"^ {4}(\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code
    return code[1]


def contributor_part(alice: Visit, programme: Programme) -> Submission:
    """From the invitation to the signature."""
    page, sample = alice.page, samples()[0]
    alice.look("my submissions")
    page.goto(seed.invite(programme, "alice"))
    alice.look("invitation")
    page.get_by_role("button", name="Continue").click()
    alice.look("steps of a draft")
    submission = Submission.objects.latest("created_at")

    page.goto(f"/s/{submission.pk}/rights/")
    alice.look("rights check")
    alice.choose(RIGHTS)
    page.locator("main form button[type=submit]").first.click()
    alice.look("rights result")

    page.goto(f"/s/{submission.pk}/task/")
    page.fill("[name=task_request]", sample.task_request.text)
    alice.choose({"provenance_class": sample.provenance_class})
    page.fill("[name=occupation]", sample.occupation)
    page.fill("[name=sector]", sample.sector)
    alice.look("describe the task")
    page.locator("main form button[type=submit]").first.click()

    page.goto(f"/s/{submission.pk}/files/")
    alice.look("add files")
    for role in ("deliverable", "reference"):
        page.set_input_files(f"[name={role}]", payloads(role))
        if (button := page.get_by_role("button", name="Upload", exact=True)).is_visible():
            button.click()
        wanted = submission.artifacts.filter(role=role, state=ArtifactState.RECEIVED)
        until(lambda rows=wanted, n=len(payloads(role)): rows.count() == n)  # type: ignore[misc]
    page.goto(f"/s/{submission.pk}/files/")
    alice.look("files added")
    page.get_by_role("button", name="Start the check").click()
    page.goto(f"/s/{submission.pk}/progress/?still")  # without the refresh, which would come in between
    alice.look("progress")
    until(lambda: Submission.objects.get(pk=submission.pk).state == "checking")

    page.goto(f"/s/{submission.pk}/check/")
    alice.look("check what was removed")
    for artifact in submission.artifacts.filter(state=ArtifactState.READY):
        page.goto(f"/s/{submission.pk}/f/{artifact.pk}/")
        while (button := page.get_by_role("button", name="I have looked")).count():
            button.first.click()
    alice.look("one file")

    page.goto(f"/s/{submission.pk}/choose/")
    alice.look("choose the uses")
    alice.choose({f"purpose_{p}": "given" if p == "evaluation" else "refused" for p in programme.purposes})
    alice.choose(ABOUT_OTHERS)
    page.locator("form[action$='/choose/'] button[type=submit]").click()
    page.wait_for_url("**/understand/")
    alice.look("three questions")
    alice.choose({"use": "0", "way_out": "0", "others": "2"})  # the first of them is wrong
    page.locator("form[action$='/understand/'] button[type=submit]").click()
    alice.look("three questions, one missed")
    alice.choose({"use": "1"})
    page.locator("form[action$='/understand/'] button[type=submit]").click()
    page.wait_for_url("**/sign/")
    page.fill("[name=typed_name]", "Alice Example")
    page.fill("[name=code]", last_code())
    alice.look("sign")
    page.get_by_role("button", name=re.compile("^Sign and send")).click()
    alice.look("signed")
    until(lambda: Submission.objects.get(pk=submission.pk).state == "in_review")
    page.goto(f"/s/{submission.pk}/")
    alice.look("steps after signing")
    page.goto(f"/s/{submission.pk}/timeline/")
    alice.look("timeline")
    page.goto(f"/r/{submission.pk}/")
    alice.look("receipt")
    return submission


@pytest.fixture
def programme(db: None) -> Programme:
    return seed.seed()


def test_the_story_in_chromium(browser: Browser, live_server: Any, worker: Any, programme: Programme) -> None:
    address = live_server.url
    submission = contributor_part(Visit(browser, address, "alice"), programme)

    rita = Visit(browser, address, "rita")
    rita.page.goto("/admin/")
    rita.look("desk")
    rita.page.goto("/admin/intake/reviewtask/")
    rita.look("queue")
    task = ReviewTask.objects.get(submission=submission)
    rita.page.goto(f"/admin/intake/reviewtask/{task.pk}/review/")
    rita.page.get_by_role("button", name="Claim").click()
    rita.look("review screen")
    for artifact_id in task.digests:
        rita.page.goto(f"/admin/intake/reviewtask/{task.pk}/review/?file={artifact_id}")
    for name in rita.page.locator("input[name^=check_][value=yes]").all():
        name.check()
    rita.choose({"outcome": "approve"})
    rita.page.get_by_role("button", name="Decide", exact=True).click()
    expect(rita.page.get_by_text("is approved")).to_be_visible()
    rita.look("queue after the decision")
    until(lambda: not Outbox.objects.filter(kind=Outbox.Kind.RELEASE, sent_at=None).exists())

    omar = Visit(browser, address, "omar")
    omar.page.goto("/admin/intake/batch/")
    omar.look("batches")
    omar.page.goto("/admin/intake/batch/add/")
    omar.look("new batch")
    omar.page.select_option("[name=programme]", str(programme.pk))
    omar.page.select_option("[name=recipient]", label=seed.RECIPIENT)
    omar.page.select_option("[name=purpose]", "evaluation")
    omar.page.get_by_role("button", name="Show what can go").click()
    omar.look("what can go")
    omar.page.get_by_role("button", name=re.compile("^Freeze")).click()
    omar.look("frozen batch")
    batch = Batch.objects.get()

    paula = Visit(browser, address, "paula")
    paula.page.goto(f"/admin/intake/batch/{batch.pk}/change/")
    paula.look("batch to approve")
    paula.page.get_by_role("button", name=re.compile("^Approve")).click()
    until(lambda: Batch.objects.get().state == Batch.State.SEALED)
    paula.page.goto(f"/admin/intake/batch/{batch.pk}/change/")
    paula.look("sealed batch")

    alice = Visit(browser, address, "alice")
    alice.page.goto(f"/s/{submission.pk}/withdraw/")
    alice.look("withdraw")
    alice.page.get_by_role("button", name=re.compile("^Withdraw")).first.click()
    alice.look("withdrawn")
    assert Submission.objects.get(pk=submission.pk).state == "withdrawn"


def test_the_contributors_part_without_javascript(
    browser: Browser, live_server: Any, worker: Any, programme: Programme
) -> None:
    visit = Visit(browser, live_server.url, "alice", javascript=False)
    submission = contributor_part(visit, programme)
    assert submission.artifacts.filter(state=ArtifactState.READY).count() >= 8
