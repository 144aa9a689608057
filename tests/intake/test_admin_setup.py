"""What staff set up: an invitation's link is in one mail and nowhere else, and nobody raises their own rights."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse

from intake.models import Invitation, User
from tests import factories
from tests.conftest import SignIn, make_person

# The migration's own group, whatever earlier tests left in the table.
pytestmark = pytest.mark.django_db


@pytest.fixture
def root(db: None) -> User:
    person = make_person("root", "ops")
    person.is_superuser = True
    person.save()
    return person


def test_an_invitation_is_mailed_and_only_its_digest_is_kept(root: User, sign_in: SignIn) -> None:
    programme = factories.programme()
    browser = sign_in(root)
    answer = browser.post(
        reverse("admin:intake_invitation_add"), {"programme": str(programme.pk), "email": "New.Person@Example.org"}
    )
    assert answer.status_code == 302
    [sent] = mail.outbox
    assert sent.to == ["new.person@example.org"]
    found = re.search(r"/i/(\S+)", str(sent.body))
    assert found
    invitation = Invitation.objects.by_token(found[1]).usable().get()
    assert invitation.programme == programme
    assert programme.title not in f"{sent.subject} {sent.body}"
    pages = [
        browser.get(reverse("admin:intake_invitation_changelist")).content,
        browser.get(reverse("admin:intake_invitation_change", args=[invitation.pk])).content,
        LogEntry.objects.get().get_change_message().encode(),
        LogEntry.objects.get().object_repr.encode(),
    ]
    for page in pages:
        assert found[1].encode() not in page
        assert b"new.person@example.org" not in page


def test_nobody_changes_their_own_account(root: User, alice: User, sign_in: SignIn) -> None:
    browser = sign_in(root)
    own = reverse("admin:intake_user_change", args=[root.pk])
    assert b'name="_save"' not in browser.get(own).content
    assert browser.post(own, {"email": root.email, "is_active": "on"}).status_code == 403
    assert b'name="_save"' in browser.get(reverse("admin:intake_user_change", args=[alice.pk])).content


def test_addresses_and_second_factors_of_others_have_no_page(root: User, sign_in: SignIn) -> None:
    page = sign_in(root).get(reverse("admin:index")).content
    assert b"/account/emailaddress/" not in page
    assert b"/mfa/authenticator/" not in page


@pytest.mark.parametrize("model", ["programme", "recipient", "user", "invitation"])
def test_what_other_rows_stand_on_is_never_deleted(root: User, alice: User, sign_in: SignIn, model: str) -> None:
    programme = factories.programme()
    rows: dict[str, Callable[[], Any]] = {
        "programme": lambda: programme,
        "recipient": factories.recipient,
        "user": lambda: alice,
        "invitation": lambda: factories.invitation(programme)[0],
    }
    url = reverse(f"admin:intake_{model}_delete", args=[rows[model]().pk])
    assert sign_in(root).post(url, {"post": "yes"}).status_code == 403


def test_the_groups_hold_what_their_people_do() -> None:
    held = {group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}
    assert held["contributor"] == set()
    assert "review_submission" in held["reviewer"]
    assert {"build_batch", "approve_batch", "add_invitation"} <= held["ops"]
    assert not held["reviewer"] & held["ops"]
