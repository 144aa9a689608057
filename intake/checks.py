"""Setups that are unsafe, each with an id and what to do. Django runs these before every command that needs them."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's names
from django.db import DatabaseError, connection

from config.env import Env, env
from consent.errors import ConsentError
from intake.models import Programme
from intake.services.contribute.passkeys import passkeys_work_here

SECRET_LENGTH = 40
SAMPLE_WORDS = ("insecure", "change", "sample", "example")
QUARANTINE_HANDLER = "intake.views.upload.QuarantineUploadHandler"
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")

# Below these a known fault reaches us: archive reading in Python (CVE-2024-0450, -2025-4517, -8194, -8291), lost
# messages in kombu, document bombs in the parsers.
FLOORS = {
    "python": (3, 11, 14),
    "django": (5, 2, 19),
    "celery": (5, 6, 3),
    "kombu": (5, 7, 0),
    "pypdf": (7, 1, 0),
    "pillow": (12, 3, 0),
    "lxml": (6, 1, 0),
    "python-docx": (1, 2, 0),
    "defusedxml": (0, 7, 1),
}


@register(Tags.security)
def check_locks(**_: Any) -> list[CheckMessage]:
    """Django ignores select_for_update() on SQLite in silence: the writer lock must be taken at BEGIN."""
    options = connection.settings_dict["OPTIONS"]
    if connection.vendor != "sqlite" or options.get("transaction_mode") == "IMMEDIATE":
        return []
    hint = 'Set OPTIONS["transaction_mode"] to "IMMEDIATE".'
    return [Error("SQLite transactions take no lock when they begin.", hint=hint, id="intake.E001")]


@register(Tags.security)
def check_uploads(**_: Any) -> list[CheckMessage]:
    """Django's own handlers keep uploads in clear, in memory or in a temporary file."""
    if list(settings.FILE_UPLOAD_HANDLERS) == [QUARANTINE_HANDLER]:
        return []
    hint = f"Set FILE_UPLOAD_HANDLERS to {QUARANTINE_HANDLER} alone."
    return [Error("An upload could reach the disk in clear.", hint=hint, id="intake.E002")]


@register(Tags.security)
def check_profile(**_: Any) -> list[CheckMessage]:
    """What the profile of this process does not allow."""
    if env().vouchsafe_profile == "embedded":
        return list(_wrong_when_embedded(env()))
    return list(_wrong_in_production(env()))


def _wrong_when_embedded(told: Env) -> Iterator[CheckMessage]:
    if urlsplit(told.public_url).hostname not in LOCAL_HOSTS:
        yield Error(
            "The embedded default has one-click sign-in and would be open to other machines.",
            hint="Set VOUCHSAFE_PROFILE=production, or leave PUBLIC_URL on localhost.",
            id="intake.E003",
        )


def _wrong_in_production(told: Env) -> Iterator[CheckMessage]:
    if is_weak(told.django_secret_key) or "django_secret_key" not in told.model_fields_set:
        yield Error(
            "DJANGO_SECRET_KEY is missing, short or a sample.",
            hint=f"Give it {SECRET_LENGTH} or more random characters from your secret store.",
            id="intake.E004",
        )
    if urlsplit(told.database_url).scheme == "sqlite":
        yield Error(
            "SQLite holds one machine's data only.",
            hint="Set DATABASE_URL to postgresql://…",
            id="intake.E005",
        )
    yield from _wrong_broker(urlsplit(told.celery_broker_url))
    if urlsplit(told.public_url).scheme != "https" and urlsplit(told.public_url).hostname not in LOCAL_HOSTS:
        yield Error(
            "PUBLIC_URL is not https: sessions and codes would travel in clear.",
            hint="Put a proxy with TLS in front and set PUBLIC_URL to https://…",
            id="intake.E008",
        )
    if urlsplit(told.email_url).scheme == "file":
        yield Error(
            "Mails would be written to a folder: nobody would get a sign-in code.",
            hint="Set EMAIL_URL to smtp+tls://user:password@host:587.",
            id="intake.E009",
        )


def _wrong_broker(url: SplitResult) -> Iterator[CheckMessage]:
    if not url.password:
        yield Error(
            "The broker takes messages from anybody.",
            hint="Give it a password and repeat it in CELERY_BROKER_URL.",
            id="intake.E006",
        )
    if url.scheme == "rediss":
        return
    # A name without a dot is a neighbour in a private network of containers; anything else is a network we do not know.
    private = url.hostname in LOCAL_HOSTS or "." not in (url.hostname or ".")
    message = "The broker's password travels in clear."
    hint = "Use rediss:// and a certificate."
    yield (Warning(message, hint=hint, id="intake.W001") if private else Error(message, hint=hint, id="intake.E007"))


def is_weak(secret: str) -> bool:
    """Whether a secret is short, repeats few characters, or reads like one from a manual."""
    return len(secret) < SECRET_LENGTH or len(set(secret)) < 10 or any(word in secret.lower() for word in SAMPLE_WORDS)


@register(Tags.security)
def check_cage(**_: Any) -> list[CheckMessage]:
    """Only the one-machine default of a system without a cage may do without: a person sits before it and is told."""
    if not env().allow_unsandboxed or (env().vouchsafe_profile == "embedded" and sys.platform != "linux"):
        return []
    return [
        Error(
            "ALLOW_UNSANDBOXED lets parsers of strangers' files do what this user may.",
            hint="Unset it, and run the worker on Linux, where its parsers have a cage.",
            id="intake.E012",
        )
    ]


@register(Tags.security)
def check_passkeys(**_: Any) -> list[CheckMessage]:
    """Passkeys sign for one address for ever. Without keys yet there is nothing to compare."""
    try:
        if passkeys_work_here():
            return []
    except ConsentError:
        return []
    hint = "Set PUBLIC_URL to the address that the signing keys were made for. Until then people sign by name and code."
    return [Warning("The signing keys name another address, so passkeys sign nothing.", hint=hint, id="intake.W002")]


@register(Tags.database)
def check_cooling_off(**options: Any) -> list[CheckMessage]:
    """A contributor's time to change their mind may be zero in the demo only."""
    if env().vouchsafe_profile == "embedded" or not options.get("databases"):
        return []
    try:
        hasty = Programme.objects.filter(cooling_off_days=0).count()
    except DatabaseError:
        return []  # before the first migration there is no programme
    if not hasty:
        return []
    return [
        Error(
            f"{hasty} programmes give contributors no time to withdraw before files leave.",
            hint="Give each a cooling-off of a day or more.",
            id="intake.E010",
        )
    ]


@register(Tags.security, deploy=True)
def check_versions(**_: Any) -> list[CheckMessage]:
    """Installed versions with faults that reach us. A finding of ``check --deploy``, not a condition of installing."""
    installed = {name: version(name) for name in FLOORS if name != "python"}
    return too_old({"python": platform.python_version(), **installed})


def too_old(installed: Mapping[str, str]) -> list[CheckMessage]:
    """One error for each version below its floor."""
    return [
        Error(
            f"{name} {found} has known faults.",
            hint=f"Install {'.'.join(map(str, FLOORS[name]))} or newer.",
            id="intake.E011",
        )
        for name, found in installed.items()
        if _numbers(found) < FLOORS[name]
    ]


def _numbers(found: str) -> tuple[int, ...]:
    return tuple(int(part) for part in found.split(".")[:3] if part.isdecimal())
