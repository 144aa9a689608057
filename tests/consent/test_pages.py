from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from consent import models, schemas, services
from consent.advice import NEXT_STEPS, STEP_TITLES
from consent.errors import SENTENCES
from tests.consent.conftest import Give

READ_ONLY = [models.Notice, models.ConsentRecord, models.ConsentGrant, models.ConsentEvent, models.Statement]


def test_a_signed_notice_can_be_read_again_by_its_digest(give: Give, client: Client) -> None:
    sha256 = give().notice_id

    page = client.get(reverse("notice", args=[sha256]))
    source = client.get(reverse("notice_source", args=[sha256]))

    assert page.status_code == 200
    assert services.notice_html("2026-12", "en") in page.content.decode()
    assert hashlib.sha256(source.content).hexdigest() == sha256


def test_a_notice_that_nobody_signed_is_not_found(installation: None, client: Client) -> None:
    assert client.get(reverse("notice", args=["0" * 64])).status_code == 404
    assert client.get(reverse("notice_source", args=["0" * 64])).status_code == 404


def test_the_keyset_is_given_as_it_was_signed(installation: None, client: Client) -> None:
    assert client.get(reverse("keyset")).content == services.keyset()
    assert client.post(reverse("keyset")).status_code == 405


def test_the_page_that_checks_files_brings_all_it_needs_and_may_connect_to_nobody(
    installation: None, client: Client
) -> None:
    page = client.get(reverse("verify"))

    assert services.trust_fingerprint() in page.content.decode()
    found = re.search(r'<script id="verify-words" type="application/json">(.*?)</script>', page.content.decode())
    assert found
    words = json.loads(found[1])
    assert words["sentences"] == SENTENCES
    assert words["next"] == NEXT_STEPS
    assert words["steps"] == list(STEP_TITLES)
    assert set(words["schemas"]) == {path.stem for path in schemas.FOLDER.glob("*.json")}
    policy = page.headers["Content-Security-Policy"]
    assert "connect-src 'none'" in policy
    assert "form-action 'none'" in policy
    assert "script-src 'self'" in policy


def test_files_of_others_can_be_checked_where_nothing_is_signed(
    settings: Settings, tmp_path: Path, client: Client
) -> None:
    settings.ENV = settings.ENV.model_copy(update={"signing_key_uri": f"file:{tmp_path}/none"})

    page = client.get(reverse("verify"))

    assert page.status_code == 200
    assert "--trust FINGERPRINT" in page.content.decode()


@pytest.mark.parametrize("model", READ_ONLY)
def test_the_staff_desk_can_only_look(model: type[models.Notice]) -> None:
    page = admin.site.get_model_admin(model)
    request = RequestFactory().get("/")
    request.user = AnonymousUser()

    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)
    assert page.get_actions(request) == {}


@pytest.mark.parametrize("model", [models.Evidence, models.SigningCode])
def test_what_was_typed_is_not_in_the_staff_desk(model: type[models.Evidence | models.SigningCode]) -> None:
    assert not admin.site.is_registered(model)
