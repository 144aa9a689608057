"""Each unsafe setup is named by the system checks, with what to do; the safe one beside it is not."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connection

from config.env import Env
from intake import checks
from intake.models import Programme

SAFE: dict[str, Any] = {
    "vouchsafe_profile": "production",
    "public_url": "https://vouchsafe.example.org",
    "django_secret_key": secrets.token_urlsafe(50),
    "database_url": "postgresql://vouchsafe:pw@db.example.org/vouchsafe",
    "celery_broker_url": "rediss://:pw@broker.example.org:6379/0",
    "email_url": "smtp+tls://user:pw@mail.example.org:587",
}
Told = Callable[..., list[str]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Gives a function: the ids that the checks report for these settings."""

    def ids(**changes: str) -> list[str]:
        monkeypatch.setattr(checks, "env", lambda: Env(_env_file=None, **(SAFE | changes)))
        found = [message for message in run_checks() if (message.id or "").startswith("intake.")]
        assert all(message.hint for message in found)
        return [message.id or "" for message in found]

    return ids


def test_a_safe_production_setup_passes(told: Told) -> None:
    assert told() == []


def test_the_embedded_default_passes(told: Told) -> None:
    assert told(vouchsafe_profile="embedded", public_url="http://localhost:8000", database_url="sqlite:///x") == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("django_secret_key", "", "intake.E004"),
        ("django_secret_key", "short", "intake.E004"),
        ("django_secret_key", "a" * 60, "intake.E004"),
        ("django_secret_key", f"django-insecure-{secrets.token_urlsafe(50)}", "intake.E004"),
        ("database_url", "sqlite:///vouchsafe.sqlite3", "intake.E005"),
        ("celery_broker_url", "rediss://broker.example.org:6379/0", "intake.E006"),
        ("celery_broker_url", "redis://:pw@broker.example.org:6379/0", "intake.E007"),
        ("celery_broker_url", "redis://:pw@broker:6379/0", "intake.W001"),
        ("public_url", "http://vouchsafe.example.org", "intake.E008"),
        ("email_url", "file://mail", "intake.E009"),
    ],
)
def test_production_refuses(told: Told, name: str, value: str, expected: str) -> None:
    assert told(**{name: value}) == [expected]


def test_production_refuses_a_key_made_up_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DJANGO_SECRET_KEY")
    without = {name: value for name, value in SAFE.items() if name != "django_secret_key"}
    monkeypatch.setattr(checks, "env", lambda: Env(_env_file=None, **without))
    assert [message.id for message in checks.check_profile()] == ["intake.E004"]


def test_demo_sign_in_stays_on_this_machine(told: Told) -> None:
    assert told(vouchsafe_profile="embedded") == ["intake.E003"]


@pytest.mark.parametrize(
    ("system", "profile", "expected"),
    [
        ("darwin", "embedded", []),
        ("linux", "embedded", ["intake.E012"]),
        ("darwin", "production", ["intake.E012"]),
        ("linux", "production", ["intake.E012"]),
    ],
)
def test_only_the_embedded_default_of_a_system_without_a_cage_does_without(
    monkeypatch: pytest.MonkeyPatch, system: str, profile: str, expected: list[str]
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    told = {**SAFE, "vouchsafe_profile": profile}
    monkeypatch.setattr(checks, "env", lambda: Env(_env_file=None, **told))
    assert checks.check_cage() == []
    monkeypatch.setattr(checks, "env", lambda: Env(_env_file=None, **told, allow_unsandboxed=True))
    assert [message.id for message in checks.check_cage()] == expected


def test_sqlite_must_lock_when_a_transaction_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "sqlite")
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"transaction_mode": "IMMEDIATE"})
    assert checks.check_locks() == []
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"transaction_mode": "DEFERRED"})
    assert [message.id for message in checks.check_locks()] == ["intake.E001"]


def test_an_upload_never_reaches_the_disk_in_clear(settings: Any) -> None:
    assert checks.check_uploads() == []
    settings.FILE_UPLOAD_HANDLERS = [
        checks.QUARANTINE_HANDLER,
        "django.core.files.uploadhandler.TemporaryFileUploadHandler",
    ]
    assert [message.id for message in checks.check_uploads()] == ["intake.E002"]


@pytest.mark.django_db
def test_no_cooling_off_is_for_the_demo_only(monkeypatch: pytest.MonkeyPatch) -> None:
    Programme.objects.create(title="Hasty", summary="No time to think.", contact="p@example.org", cooling_off_days=0)
    assert checks.check_cooling_off(databases=["default"]) == []
    monkeypatch.setattr(checks, "env", lambda: Env(_env_file=None, **SAFE))
    assert [message.id for message in checks.check_cooling_off(databases=["default"])] == ["intake.E010"]
    Programme.objects.update(cooling_off_days=7)
    assert checks.check_cooling_off(databases=["default"]) == []


@pytest.mark.parametrize(
    ("name", "version", "is_too_old"),
    [
        ("python", "3.11.13", True),
        ("python", "3.11.14", False),
        ("python", "3.13.0", False),
        ("kombu", "5.6.9", True),
        ("pillow", "13.0.0", False),
        ("lxml", "6.0.2", True),
    ],
)
def test_versions_with_known_faults_are_named(name: str, version: str, is_too_old: bool) -> None:
    assert bool(checks.too_old({name: version})) is is_too_old


def test_nothing_we_installed_is_too_old() -> None:
    assert [message for message in checks.check_versions() if "python 3" not in message.msg.lower()] == []


def test_signing_keys_of_another_address_are_named(settings: Any) -> None:
    def found() -> list[str | None]:
        return [message.id for message in checks.check_passkeys()]

    assert found() == []
    settings.ENV = settings.ENV.model_copy(update={"public_url": "https://vouchsafe.example.org"})
    assert found() == ["intake.W002"]
    settings.ENV = settings.ENV.model_copy(update={"signing_key_uri": "file:/nowhere"})
    assert found() == []
