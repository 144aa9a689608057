"""A passkey in Chromium: added on the account page, used to sign in and to sign; the bundle then checked offline.

The authenticator is Chromium's own virtual one. Passkeys know a site by its name, so the pages are opened as
``localhost``, and the installation's keys are made for that very address.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from consent import signing
from consent.services import trust_fingerprint
from intake.models import Submission, User
from intake.pipeline import seal
from intake.services import contribute
from intake.states import ArtifactState, SubmissionState
from intake.storages import storage
from tests import factories
from tests.browser.audit import Audit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
ABOUT_OTHERS = {"others_named": "yes", "confidential_marked": "no", "special_category": "no", "secrecy_duty": "no"}


@pytest.fixture
def address(live_server: Any, settings: Any, tmp_path: Path) -> str:
    """The live server as ``http://localhost``, with keys that name it."""
    url = f"http://localhost:{urlsplit(live_server.url).port}"
    folder = tmp_path / "signing"
    signing.create(folder, site_url=url)
    settings.ENV = settings.ENV.model_copy(update={"signing_key_uri": f"file:{folder}", "public_url": url})
    return url


class Device:
    """A browser window with a built-in authenticator whose owner always agrees, until told otherwise."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.page: Page = browser.new_context(base_url=address).new_page()
        self._cdp: CDPSession = self.page.context.new_cdp_session(self.page)
        self._cdp.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        self._id = self._cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def owner_is(self, *, there: bool) -> None:
        self._cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": there})

    def demo_sign_in(self, name: str) -> None:
        self.page.goto("/")
        self.page.locator(f"form[action$='/demo/sign-in/{name}'] button").click()

    def add_passkey(self, name: str) -> None:
        self.page.goto("/account/")
        self.page.get_by_role("link", name=re.compile("^Add a")).click()
        self.page.fill("[name=name]", name)
        self.page.get_by_role("button", name="Add a passkey").click()
        expect(self.page.get_by_role("heading", name=name)).to_be_visible()

    def choose_the_uses(self, submission: Submission) -> None:
        self.page.goto(f"/s/{submission.pk}/choose/")
        uses = {f"purpose_{name}": "given" for name in submission.programme.purposes}
        for name, value in (uses | ABOUT_OTHERS).items():
            self.page.check(f"input[name='{name}'][value='{value}']")
        self.page.locator("form[action$='/choose/'] button[type=submit]").click()
        self.page.wait_for_url("**/understand/")
        choices = dict.fromkeys(submission.programme.purposes, "given")
        about_others = {name: answer == "yes" for name, answer in ABOUT_OTHERS.items()}
        for question in contribute.quiz(submission, choices, about_others).questions:
            self.page.check(f"input[name='{question.place}'][value='{question.right}']")
        self.page.locator("form[action$='/understand/'] button[type=submit]").click()
        self.page.wait_for_url("**/sign/")


def verified_offline(folder: Path, submission: Submission) -> list[subprocess.CompletedProcess[str]]:
    """``python -m consent verify`` for every sealed file, by a process that has the two files and a fingerprint."""
    found = []
    for artifact in submission.artifacts.filter(state=ArtifactState.READY).select_related("revision"):
        file, bundle = folder / str(artifact.pk), folder / f"{artifact.pk}.consent.json"
        assert artifact.revision is not None
        key, vault = artifact.revision.vault_key, storage("vault", as_="sealer")
        file.write_bytes(vault.read(key))
        bundle.write_bytes(vault.read(f"{key}.consent.json"))
        command = [sys.executable, "-m", "consent", "verify", str(file), "--bundle", str(bundle)]
        command += ["--trust", trust_fingerprint(), "--json"]
        without_settings = {"PATH": os.environ["PATH"]}
        found.append(
            subprocess.run(command, cwd=ROOT, env=without_settings, capture_output=True, text=True, check=False)
        )
    return found


def test_a_submission_signed_with_a_passkey_verifies_offline(
    browser: Browser, address: str, s3: Any, alice: User, tmp_path: Path
) -> None:
    submission = factories.checked(alice)
    device = Device(browser, address)
    page, audit = device.page, Audit(device.page, address, "passkey")
    device.demo_sign_in("alice")
    page.goto("/account/")
    audit.look("account without a passkey")
    page.goto("/accounts/2fa/webauthn/add/")
    audit.look("add a passkey")
    device.choose_the_uses(submission)
    audit.look("sign without a passkey")
    device.add_passkey("Laptop")
    audit.look("account with a passkey")

    page.goto(f"/s/{submission.pk}/sign/")
    expect(page.get_by_label("Your full name")).to_be_hidden()
    audit.look("sign with a passkey")
    device.owner_is(there=False)
    page.get_by_role("button", name=re.compile("with your passkey$")).click()
    expect(page.get_by_role("status").last).to_contain_text("Try again, or sign with your name")
    audit.look("passkey refused")
    device.owner_is(there=True)
    page.get_by_role("button", name=re.compile("with your passkey$")).click()
    page.wait_for_url("**/sent/")
    page.goto(f"/r/{submission.pk}/")
    expect(page.get_by_text("You signed this with your passkey")).to_be_visible()
    audit.look("receipt of a passkey")

    assert seal.seal_submission(submission.pk) == "sealed"
    answers = verified_offline(tmp_path, submission)
    assert len(answers) == submission.artifacts.filter(state=ArtifactState.READY).count() > 1
    for answer in answers:
        assert answer.returncode == 0, answer.stdout + answer.stderr
        assert '"strength":"passkey"' in answer.stdout.replace(" ", "")


def test_a_passkey_signs_in_and_is_removed(browser: Browser, address: str, alice: User) -> None:
    factories.prove_address(alice)
    device = Device(browser, address)
    page, audit = device.page, Audit(device.page, address, "passkey sign-in")
    device.demo_sign_in("alice")
    device.add_passkey("Phone")
    page.goto("/accounts/logout/")
    page.locator("main button[type=submit]").click()
    page.goto("/accounts/login/?next=/account/")
    audit.look("sign in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/account/")
    expect(page.get_by_text("last used")).to_be_visible()

    page.get_by_role("link", name="Rename Phone").click()
    audit.look("rename")
    page.goto("/account/")
    page.get_by_role("link", name="Remove Phone").click()
    audit.look("remove")
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("You have none yet.")).to_be_visible()


# The second time the page asks for a signature, its owner says no.
CANCEL_THE_SECOND = """() => {
  const real = navigator.credentials.get.bind(navigator.credentials);
  let count = 0;
  navigator.credentials.get = (options) => ++count === 2 ? Promise.reject(new DOMException("", "NotAllowedError"))
    : real(options);
}"""


def test_whoever_cancels_halfway_goes_on_where_they_stopped(
    browser: Browser, address: str, s3: Any, alice: User
) -> None:
    submission = factories.checked(alice)
    device = Device(browser, address)
    device.demo_sign_in("alice")
    device.add_passkey("Laptop")
    device.choose_the_uses(submission)
    page = device.page
    page.evaluate(CANCEL_THE_SECOND)
    page.get_by_role("button", name=re.compile("with your passkey$")).press("Enter")
    go_on = page.get_by_role("button", name="Go on with signature 2 of 3")
    expect(go_on).to_be_visible()
    expect(page.get_by_role("status").last).to_contain_text("You cancelled")
    expect(page.locator(".signatures .status-done")).to_have_count(1)
    Audit(page, address, "passkey halfway").look("cancelled at the second signature")
    go_on.press("Enter")
    page.wait_for_url("**/sent/")
    assert Submission.objects.get(pk=submission.pk).signed_at is not None


def test_whoever_was_signed_out_meanwhile_is_told(browser: Browser, address: str, s3: Any, alice: User) -> None:
    submission = factories.checked(alice)
    device = Device(browser, address)
    device.demo_sign_in("alice")
    device.add_passkey("Laptop")
    device.choose_the_uses(submission)
    device.page.context.clear_cookies(name="session")
    device.page.get_by_role("button", name=re.compile("with your passkey$")).click()
    expect(device.page.get_by_role("status").last).to_contain_text("sign in if you are asked to")
    assert Submission.objects.get(pk=submission.pk).signed_at is None


def test_a_refusal_is_signed_once(browser: Browser, address: str, s3: Any, alice: User) -> None:
    submission = factories.checked(alice)
    device = Device(browser, address)
    device.demo_sign_in("alice")
    device.add_passkey("Laptop")
    device.choose_the_uses(submission)
    device.page.get_by_role("link", name=re.compile("^Change the uses")).click()
    for name in submission.programme.purposes:
        device.page.check(f"input[name='purpose_{name}'][value='refused']")
    device.page.locator("form[action$='/choose/'] button[type=submit]").click()
    expect(device.page.locator(".signatures li")).to_have_count(1)
    device.page.get_by_role("button", name="Sign the refusal with your passkey").click()
    device.page.wait_for_url("**/sent/")
    expect(device.page.get_by_role("heading", level=1)).to_have_text("Your refusal is recorded")
    assert Submission.objects.get(pk=submission.pk).state == SubmissionState.WITHDRAWN
