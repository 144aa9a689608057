"""The page that checks a file, in Chromium: what it says of good and of bad bundles, and that it asks nobody."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from consent import schemas
from consent.errors import SENTENCES
from consent.record import canonical
from tests.browser.audit import Audit
from tests.consent import vectors
from tests.consent.making import CONTENT, MEMO, Made, build, made, with_passkey
from tests.consent.mutations.edits import retract, without_release
from tests.consent.vectors import PUBLISHED

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def page(browser: Browser, live_server: Any) -> Page:
    return browser.new_context(base_url=live_server.url).new_page()


def open_at(page: Page, parts: Made) -> None:
    """Open the page as somebody who trusts the root of ``parts``, at the moment by which they are good."""
    page.clock.set_fixed_time(parts.now)
    page.goto("/verify/")
    page.get_by_label("Fingerprint to trust").fill(parts.trust)


def choose(page: Page, parts: Made, *, content: bytes = CONTENT, change: Callable[[bytes], bytes] = bytes) -> None:
    page.get_by_label("The file").set_input_files(FilePayload(name="memo.txt", mimeType="text/plain", buffer=content))
    data = change(build(parts))
    page.get_by_label("Its bundle").set_input_files(
        FilePayload(name="memo.txt.consent.json", mimeType="application/json", buffer=data)
    )


def check(page: Page) -> None:
    page.get_by_role("button", name="Check").click()


def verdict(page: Page) -> Any:
    return page.locator("#verify-result").get_by_role("heading", level=2)


def steps(page: Page) -> list[str]:
    """What is said of each step, by its number."""
    return page.locator("#verdict-steps .muted").all_inner_texts()


def test_a_good_bundle_is_valid_and_nobody_is_asked(page: Page, live_server: Any) -> None:
    audit = Audit(page, live_server.url, "verify")
    parts = made()
    with_passkey(parts)
    retract()(parts)
    open_at(page, parts)
    audit.look("nothing chosen")
    choose(page, parts)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.context.set_offline(True)

    check(page)

    expect(verdict(page)).to_have_text("Valid")
    expect(verdict(page)).to_be_focused()
    expect(page.locator("#verdict-next")).to_contain_text("add the newest retraction list")
    assert steps(page) == ["holds"] * 12 + ["not looked at"]
    expect(page.locator("#verdict-facts")).to_contain_text("19 November 2028 at 10:00 UTC")
    expect(page.locator("#verdict-facts")).to_contain_text("With a passkey")
    page.get_by_text("Ask for a purpose").click()
    page.get_by_label("Purpose").fill("evaluation")
    expect(page.locator("#verify-result")).to_be_hidden()
    page.get_by_label("Recipient").fill("ai-developer")
    retractions = canonical(parts.retractions)
    page.get_by_label("Retraction list").set_input_files(
        FilePayload(name="latest.json", mimeType="application/json", buffer=retractions)
    )
    page.get_by_label("Recipient").press("Enter")
    expect(verdict(page)).to_have_text("Valid")
    assert steps(page) == ["holds"] * 13
    expect(page.get_by_role("status")).to_have_text("Valid. The contributor agreed to exactly this file.")
    assert requests == []
    page.context.set_offline(False)
    audit.look("valid")


def test_the_page_may_connect_to_nobody(page: Page) -> None:
    page.goto("/verify/")

    refused = page.evaluate("fetch('/verify/').then(() => false, () => true)")

    assert refused


def test_a_changed_bundle_is_refused_with_its_step(page: Page, live_server: Any) -> None:
    audit = Audit(page, live_server.url, "verify")
    parts = made()
    open_at(page, parts)
    refused, given = (f'\\"decision\\":\\"{word}\\"'.encode() for word in ("refused", "given"))
    choose(page, parts, change=lambda data: data.replace(refused, given, 1))

    check(page)

    expect(verdict(page)).to_have_text("Not valid")
    expect(page.locator("#verdict-sentence")).to_have_text(SENTENCES["record_digest"])
    assert steps(page) == ["holds"] * 5 + ["does not hold"] + ["not looked at"] * 7
    expect(page.locator("#verdict-steps [aria-current=step]")).to_contain_text("5. The consent")
    audit.look("refused")


def test_another_file_is_refused(page: Page) -> None:
    parts = made()
    open_at(page, parts)
    choose(page, parts, content=CONTENT + b" ")

    check(page)

    expect(page.locator("#verdict-sentence")).to_have_text(SENTENCES["artifact_digest"])
    expect(page.locator("#verdict-next")).to_contain_text("Choose the file that belongs to this bundle")


def test_a_file_taken_back_and_one_not_released(page: Page, live_server: Any) -> None:
    audit = Audit(page, live_server.url, "verify")
    parts = made()
    retract({"artifact_id": str(MEMO)})(parts)
    open_at(page, parts)
    choose(page, parts)
    page.get_by_text("Ask for a purpose").click()
    page.get_by_label("Retraction list").set_input_files(
        FilePayload(name="latest.json", mimeType="application/json", buffer=canonical(parts.retractions))
    )
    check(page)
    expect(verdict(page)).to_have_text("Taken back")
    audit.look("taken back")

    sealed = made()
    without_release(sealed)
    open_at(page, sealed)
    choose(page, sealed)
    check(page)
    expect(verdict(page)).to_have_text("Valid, but not released")
    audit.look("not released")


def test_what_is_missing_or_wrong_is_said_where_it_is(page: Page, live_server: Any) -> None:
    audit = Audit(page, live_server.url, "verify")
    parts = made()
    open_at(page, parts)
    page.get_by_label("Fingerprint to trust").fill("44a71")
    check(page)
    problems = page.get_by_role("alert")
    expect(problems).to_be_focused()
    expect(problems.get_by_role("link")).to_have_count(3)
    expect(page.get_by_label("The file")).to_have_attribute("aria-invalid", "true")
    audit.look("something is missing")

    page.get_by_label("Fingerprint to trust").fill(" ".join(parts.trust.upper()[at : at + 8] for at in range(0, 64, 8)))
    choose(page, parts, change=lambda _: b"not JSON")
    check(page)
    expect(problems).to_be_hidden()
    expect(page.locator("#verdict-sentence")).to_have_text(SENTENCES["json"])

    bundle, memo = "memo.txt.consent.json", "memo.txt"
    page.get_by_label("The file").set_input_files(FilePayload(name=bundle, mimeType="", buffer=build(parts)))
    page.get_by_label("Its bundle").set_input_files(FilePayload(name=memo, mimeType="", buffer=CONTENT))
    check(page)
    expect(problems).to_contain_text("swapped")


DROP = """([files]) => {
  const transfer = new DataTransfer();
  for (const [name, text] of files) transfer.items.add(new File([text], name));
  document.querySelector("main").dispatchEvent(
    new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer }));
}"""


def test_both_files_can_be_dropped_at_once(page: Page) -> None:
    parts = made()
    open_at(page, parts)

    page.evaluate(DROP, [[["memo.txt.consent.json", build(parts).decode()], ["memo.txt", CONTENT.decode()]]])
    expect(page.get_by_role("status")).to_have_text("memo.txt.consent.json, memo.txt: taken")
    check(page)

    expect(verdict(page)).to_have_text("Valid")


def test_without_javascript_the_commands_are_there(browser: Browser, live_server: Any) -> None:
    page = browser.new_context(base_url=live_server.url, java_script_enabled=False).new_page()
    page.goto("/verify/")

    expect(page.get_by_text("The check on this page needs JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Check")).to_be_hidden()
    expect(page.get_by_text("python -m consent verify FILE")).to_be_visible()


RUN = """async ({ vectors, schemas }) => {
  const { verify } = await import("/static/js/verify/bundle.js");
  const answers = [];
  for (const { entry, data } of vectors) {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const retractions = entry.retractions === null ? null : new TextEncoder().encode(entry.retractions);
    answers.push(await verify(entry.file_sha256, bytes, { ...entry, schemas, retractions, now: new Date(entry.now) }));
  }
  return answers;
}"""


def test_chromium_says_of_the_published_bundles_what_python_says(page: Page) -> None:
    """Its WebCrypto is another library than that of Node."""
    page.goto("/verify/")
    entries = vectors.read(PUBLISHED)
    data = [base64.b64encode((PUBLISHED / entry["bundle"]).read_bytes()).decode() for entry in entries]
    pairs = [{"entry": entry, "data": text} for entry, text in zip(entries, data, strict=True)]

    theirs = page.evaluate(RUN, {"vectors": pairs, "schemas": schemas.documents()})

    ours = [vectors.answer(PUBLISHED, entry) for entry in entries]
    for answer in ours:
        del answer["sentence"]
    assert theirs == ours
