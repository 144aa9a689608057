"""Passkeys on the pages: adding, signing in, removing, and signing consent with one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse
from fido2.webauthn import AuthenticatorData

from consent import services as consent
from consent.models import ConsentRecord
from intake.models import Submission, User
from intake.services import contribute
from intake.services.contribute.passkeys import spki_of
from intake.states import SubmissionState
from tests import factories
from tests.conftest import SignIn
from tests.intake.authenticator import VirtualPasskey
from tests.intake.test_pages_consent import chosen, page_of, text

S3 = Callable[..., object]
ADD = "/accounts/2fa/webauthn/add/"
HALF_AN_HOUR = 1800


@pytest.fixture
def client(alice: User, sign_in: SignIn) -> Client:
    return sign_in(alice)


def options_on(page: str) -> Any:
    found = re.search(r'<script id="passkey-options" type="application/json">(.*?)</script>', page)
    assert found
    return json.loads(found[1])["publicKey"]


def add(client: Client, passkey: VirtualPasskey, name: str = "Laptop", **more: Any) -> Any:
    challenge = options_on(text(client.get(ADD)))["challenge"]
    return client.post(ADD, {"name": name, "credential": json.dumps(passkey.registration(challenge, **more))})


def long_ago(client: Client) -> None:
    """As if the last sign-in of this session lay half an hour back."""
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= HALF_AN_HOUR
    session.save()


# Adding and removing


def test_a_passkey_is_asked_for_as_this_site_signs_with_it(client: Client) -> None:
    options = options_on(text(client.get(ADD)))
    assert options["rp"] == {"name": "Vouchsafe", "id": consent.relying_party().rp_id}
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert [one["alg"] for one in options["pubKeyCredParams"]] == [-7, -8, -257]
    assert options.get("attestation", "none") == "none"


def test_an_added_passkey_stands_on_the_account_page_and_can_be_renamed_and_removed(
    client: Client, alice: User
) -> None:
    answer = add(client, VirtualPasskey())
    assert answer.headers["Location"] == "/account/#passkeys-title"
    page = text(client.get("/account/"))
    assert "Laptop" in page
    assert "not used yet" in page
    assert mail.outbox[-1].to == [alice.email]

    row = Authenticator.objects.get()
    client.post(reverse("mfa_edit_webauthn", args=[row.pk]), {"name": "Old laptop"})
    assert "Old laptop" in text(client.get("/account/"))
    client.post(reverse("mfa_remove_webauthn", args=[row.pk]))
    assert not Authenticator.objects.exists()


def test_adding_leads_back_to_where_it_was_wanted_and_nowhere_else(client: Client) -> None:
    assert 'name="next" value="/s/"' in text(client.get(f"{ADD}?next=/s/"))
    assert "elsewhere.example" not in text(client.get(f"{ADD}?next=https://elsewhere.example/"))


def test_a_passkey_that_did_not_check_its_owner_is_not_taken(client: Client) -> None:
    answer = add(client, VirtualPasskey(), flags=AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT)
    assert "That did not match." in text(answer)
    assert not Authenticator.objects.exists()


def test_a_borrowed_browser_adds_no_passkey(client: Client) -> None:
    long_ago(client)
    assert "sign in with a new code" in text(client.get(ADD, follow=True))


def test_whoever_has_a_passkey_shows_it_before_the_next_is_added_or_this_one_removed(
    client: Client, alice: User
) -> None:
    passkey = VirtualPasskey()
    row = passkey.kept_for(alice)
    long_ago(client)
    remove = reverse("mfa_remove_webauthn", args=[row.pk])
    for address in (ADD, remove):
        assert client.get(address).headers["Location"].startswith("/accounts/2fa/webauthn/reauthenticate/")
    asks = client.get(remove).headers["Location"]
    challenge = options_on(text(client.get(asks)))["challenge"]
    client.post(asks, {"credential": json.dumps(passkey.sign_in(alice, challenge)), "next": remove})
    assert client.get(remove).status_code == 200


def test_anothers_passkey_can_be_neither_renamed_nor_removed(client: Client, mallory: User) -> None:
    row = VirtualPasskey().kept_for(mallory)
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert client.post(reverse(name, args=[row.pk]), {"name": "Mine"}).status_code == 404


# Signing in


@pytest.fixture
def addresses(alice: User, mallory: User, rita: User) -> None:
    """Everybody proved their address when they signed up."""
    for user in (alice, mallory, rita):
        factories.prove_address(user)


def sign_in_with(passkey: VirtualPasskey, user: User, **wrong: Any) -> Client:
    client = Client()
    address = reverse("mfa_login_webauthn")
    options = client.get(address, headers={"Accept": "application/json"}).json()["request_options"]["publicKey"]
    assert options["userVerification"] == "required"
    credential = passkey.sign_in(user, options["challenge"], **wrong)
    client.post(address, {"credential": json.dumps(credential)})
    return client


def test_a_passkey_signs_in_alone(addresses: None, alice: User) -> None:
    passkey = VirtualPasskey()
    passkey.kept_for(alice)
    assert sign_in_with(passkey, alice).get("/account/").status_code == 200


def test_a_passkey_signs_in_nobody_it_was_not_added_for(addresses: None, alice: User, mallory: User) -> None:
    passkey, other = VirtualPasskey(), VirtualPasskey()
    passkey.kept_for(mallory)
    other.kept_for(alice)
    assert sign_in_with(passkey, alice).get("/account/").status_code == 302
    assert sign_in_with(other, alice, flags=0x01).get("/account/").status_code == 302


def test_staff_with_a_passkey_need_no_app(addresses: None, rita: User) -> None:
    passkey = VirtualPasskey()
    passkey.kept_for(rita)
    assert sign_in_with(passkey, rita).get("/admin/").status_code == 200


def sign_in_by_code(user: User) -> Any:
    client = Client()
    client.post(reverse("account_login"), {"login": user.email})
    code = re.search(r"^([A-Z0-9]{4}-[A-Z0-9]{4})$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code
    return client, client.post(reverse("account_confirm_login_code"), {"code": code[1]})


def test_the_code_from_the_mail_still_signs_a_contributor_in(addresses: None, alice: User) -> None:
    VirtualPasskey().kept_for(alice)
    client, _ = sign_in_by_code(alice)
    assert client.get("/account/").status_code == 200


def test_of_staff_the_passkey_is_asked_for_after_the_code(addresses: None, rita: User) -> None:
    passkey = VirtualPasskey()
    passkey.kept_for(rita)
    client, answer = sign_in_by_code(rita)
    assert answer.headers["Location"] == reverse("mfa_authenticate")
    challenge = options_on(text(client.get(reverse("mfa_authenticate"))))["challenge"]
    client.post(reverse("mfa_authenticate"), {"credential": json.dumps(passkey.sign_in(rita, challenge))})
    assert client.get("/admin/").status_code == 200


# Signing consent


@pytest.fixture
def submission(s3: S3, alice: User) -> Submission:
    return factories.checked(alice)


def begin(client: Client, submission: Submission, row: Authenticator) -> Any:
    return client.post(reverse("sign_passkey", args=[submission.pk]), {"passkey": row.pk})


def finish(client: Client, submission: Submission, assertions: object) -> Any:
    return client.post(reverse("sign_passkey_finish", args=[submission.pk]), {"assertions": json.dumps(assertions)})


@pytest.mark.parametrize("kind", ["ES256", "Ed25519"])
def test_three_signatures_of_a_passkey_sign_the_page(
    kind: str, submission: Submission, client: Client, alice: User
) -> None:
    passkey = VirtualPasskey(kind)
    row = passkey.kept_for(alice)
    chosen(client, submission)
    assert re.search(r"Sign and send \d files with your passkey", page_of(client, "sign", submission))

    begun = begin(client, submission, row).json()
    assert [one["kind"] for one in begun["challenges"]] == ["rights", "third_party", "record"]
    assert (begun["rp_id"], begun["credential"]["transports"]) == ("localhost", ["internal"])
    answer = finish(client, submission, passkey.signatures(begun["challenges"]))

    assert answer.headers["Location"] == reverse("sent", args=[submission.pk])
    submission.refresh_from_db()
    assert submission.signed_at is not None
    assert submission.consent_record is not None
    assert consent.parsed(submission.consent_record)["signature"]["method"] == "webauthn"
    assert "You signed this with your passkey on" in page_of(client, "receipt", submission)
    assert "signed with your passkey" in page_of(client, "submission", submission)
    assert "last used" in text(client.get("/account/"))


def test_a_signature_by_name_is_told_apart(submission: Submission, client: Client) -> None:
    chosen(client, submission)
    client.post(reverse("sign", args=[submission.pk]), {"typed_name": "Alice Example", "code": factories.last_code()})
    assert "You signed this with your name and a code on" in page_of(client, "receipt", submission)


def test_a_refusal_takes_one_signature(submission: Submission, client: Client, alice: User) -> None:
    passkey = VirtualPasskey()
    row = passkey.kept_for(alice)
    chosen(client, submission, "refused")
    assert "Sign the refusal with your passkey" in page_of(client, "sign", submission)
    begun = begin(client, submission, row).json()
    assert [one["kind"] for one in begun["challenges"]] == ["record"]
    finish(client, submission, passkey.signatures(begun["challenges"]))
    submission.refresh_from_db()
    assert submission.state == SubmissionState.WITHDRAWN


WRONG: dict[str, Callable[[dict[str, Any]], object]] = {
    "one missing": lambda made: made.pop("rights"),
    "two swapped": lambda made: made.update(rights=made["record"]),
    "a part missing": lambda made: made["record"].pop("signature"),
    "not base64url": lambda made: made["record"].update(signature="a b"),
    "padded": lambda made: made["record"].update(signature=made["record"]["signature"] + "=" * 4),
    "no text": lambda made: made["record"].update(signature=7),
    "no mapping": lambda made: made.update(record=[]),
    "another document kind": lambda made: made.update(more=made["record"]),
    "far too long": lambda made: made["record"].update(client_data="A" * 30_000),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_what_does_not_hold_signs_nothing_and_says_how_to_go_on(
    change: Callable[[dict[str, Any]], object], drafted: Submission, client: Client, alice: User
) -> None:
    passkey = VirtualPasskey()
    begun = begin(client, drafted, passkey.kept_for(alice)).json()
    made = passkey.signatures(begun["challenges"])
    change(made)
    answer = finish(client, drafted, made)
    assert answer.status_code == 422
    assert "Your passkey did not sign this page. Try again, or sign with your name" in text(answer)
    assert not ConsentRecord.objects.exists()
    # A challenge works once: even the right answer comes too late now.
    assert finish(client, drafted, passkey.signatures(begun["challenges"])).status_code == 422


@pytest.fixture
def drafted(submission: Submission, client: Client) -> Submission:
    """The uses are chosen; only the signature is missing."""
    chosen(client, submission)
    return submission


def test_another_passkey_of_mine_does_not_sign_for_the_one_named(
    drafted: Submission, client: Client, alice: User
) -> None:
    named, other = VirtualPasskey(), VirtualPasskey()
    other.kept_for(alice, "Phone")
    begun = begin(client, drafted, named.kept_for(alice)).json()
    assert finish(client, drafted, other.signatures(begun["challenges"])).status_code == 422


def test_files_that_changed_meanwhile_are_not_signed(drafted: Submission, client: Client, alice: User) -> None:
    passkey = VirtualPasskey()
    row = passkey.kept_for(alice)
    begun = begin(client, drafted, row).json()
    revision = drafted.artifacts.get(role="deliverable").revision
    assert revision is not None
    type(revision).objects.filter(pk=revision.pk).update(sha256="0" * 64)

    answer = finish(client, drafted, passkey.signatures(begun["challenges"]))
    assert answer.status_code == 422
    assert "The files changed since this page was opened." in text(answer)
    assert "The files changed" in begin(client, drafted, row).json()["sentence"]
    assert not ConsentRecord.objects.exists()


def test_a_wish_that_waits_blocks_the_passkey_too(drafted: Submission, client: Client, alice: User) -> None:
    row = VirtualPasskey().kept_for(alice)
    contribute.hide(drafted, actor=alice, words=["audit"])
    answer = begin(client, drafted, row)
    assert (answer.status_code, answer.json()["sentence"]) == (
        422,
        "You made changes. Have the new copy made first.",
    )


def test_only_ones_own_passkey_signs_and_only_ones_own_page(
    drafted: Submission, client: Client, mallory: User, sign_in: SignIn
) -> None:
    stranger = VirtualPasskey()
    row = stranger.kept_for(mallory)
    assert begin(client, drafted, row).status_code == 422
    theirs = sign_in(mallory)
    assert begin(theirs, drafted, row).status_code == 404
    assert finish(theirs, drafted, {}).status_code == 404


def test_a_passkey_removed_meanwhile_does_not_sign(drafted: Submission, client: Client, alice: User) -> None:
    passkey = VirtualPasskey()
    row = passkey.kept_for(alice)
    begun = begin(client, drafted, row).json()
    row.delete()
    answer = finish(client, drafted, passkey.signatures(begun["challenges"]))
    assert "not in your account any more" in text(answer)
    assert not ConsentRecord.objects.exists()


def test_without_having_chosen_nothing_begins(submission: Submission, client: Client, alice: User) -> None:
    row = VirtualPasskey().kept_for(alice)
    assert begin(client, submission, row).status_code == 422
    assert finish(client, submission, {}).headers["Location"] == reverse("choose", args=[submission.pk])


def test_without_a_passkey_the_page_offers_one_and_asks_for_name_and_code(drafted: Submission, client: Client) -> None:
    page = page_of(client, "sign", drafted)
    assert "with your passkey" not in page
    assert f"{ADD}?next=/s/{drafted.pk}/sign/" in page


def test_a_passkey_that_cannot_sign_files_is_named_as_such(drafted: Submission, client: Client, alice: User) -> None:
    row = VirtualPasskey("RS256").kept_for(alice)
    page = page_of(client, "sign", drafted)
    assert "RS256" in page
    assert "passkey-form" not in page
    assert begin(client, drafted, row).status_code == 422


def test_of_several_passkeys_one_is_chosen(drafted: Submission, client: Client, alice: User) -> None:
    for name in ("Laptop", "Phone"):
        VirtualPasskey().kept_for(alice, name)
    page = page_of(client, "sign", drafted)
    assert re.search(r'<select name="passkey"[^>]*>.*Laptop.*</select>', page, re.DOTALL)


def test_without_javascript_name_and_code_stand_open_and_the_passkey_is_hidden(
    drafted: Submission, client: Client, alice: User
) -> None:
    VirtualPasskey().kept_for(alice)
    page = page_of(client, "sign", drafted)
    assert re.search(r'<form id="passkey-form"[^>]* hidden>', page)
    assert re.search(r'<details id="by-name"[^>]* open>', page)


def test_a_point_off_the_curve_is_no_key() -> None:
    assert spki_of({1: 2, 3: -7, -1: 1, -2: b"\x01" * 32, -3: b"\x01" * 32}) is None
    assert spki_of({1: 1, 3: -8, -1: 6, -2: b"short"}) is None
    assert spki_of({}) is None


def test_at_an_address_that_the_keys_do_not_name_no_passkey_is_offered(
    drafted: Submission, client: Client, alice: User, settings: Any
) -> None:
    VirtualPasskey().kept_for(alice)
    settings.ENV = settings.ENV.model_copy(update={"public_url": "http://localhost:9000"})
    page = page_of(client, "sign", drafted)
    assert "passkey" not in page
    assert "Your full name" in page
