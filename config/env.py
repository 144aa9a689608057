"""Every setting, typed and explained. Variables win over the launcher's ``.vouchsafe/run.env``, which lies below them.

A process that is told its profile is told everything: it does not read ``run.env``, so production never takes a value
from it, and neither does a test beside a running demo. The file serves a second terminal.

Nothing has to be set: the embedded launcher (``manage.py up``) exports what it starts. ``intake/checks.py`` says what
is unsafe; the import never fails for a missing variable.
"""

from __future__ import annotations

import functools
import os
import secrets
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = BASE_DIR / ".vouchsafe"
SECRETS_DIR = Path("/run/secrets")


class Env(BaseSettings):
    """One field per variable; the variable is the field's name in capitals."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    vouchsafe_profile: Literal["embedded", "production"] = Field(
        "production",
        description="`embedded`: the one-machine default with demo sign-in. `production`: everything else.",
    )
    vouchsafe_data_dir: Path = Field(DATA_DIR, description="Where the embedded default keeps its data.")
    public_url: str = Field("http://localhost:8000", description="Address of the site; gives allowed hosts and links.")
    django_secret_key: str = Field(
        default_factory=lambda: secrets.token_urlsafe(50),
        description="Signs sessions and codes. Without it a random one is made at each start.",
    )
    database_url: str = Field(
        "sqlite:///.vouchsafe/db/vouchsafe.sqlite3", description="`sqlite:///…` or `postgresql://…`."
    )
    celery_broker_url: str = Field(
        "redis://127.0.0.1:6379/0", description="Redis or Valkey, password and TLS in production."
    )
    celery_visibility_timeout: int = Field(600, description="Seconds until an unacknowledged message is given again.")
    celery_restore_interval: int = Field(10, description="Seconds between two looks for such messages.")
    aws_s3_endpoint_url: str = Field("", description="The S3 server; empty means AWS.")
    aws_access_key_id: str = Field("", description="Key pair of this process; empty means roles.")
    aws_secret_access_key: str = Field("", description="Secret of that pair.")
    s3_identities: dict[str, tuple[str, str]] = Field(
        default_factory=dict,
        description="JSON: storage identity → [access key, secret], where one process acts as several.",
    )
    s3_bucket_quarantine: str = Field("quarantine", description="Bucket of encrypted originals and staged copies.")
    s3_bucket_vault: str = Field("vault", description="Bucket of sealed files with their consent bundles.")
    s3_bucket_exports: str = Field("exports", description="Bucket of sealed batches.")
    s3_bucket_ledger: str = Field("ledger", description="Bucket of notices and signed statements.")
    s3_sse: str = Field("", description="Server-side encryption to ask for: `AES256`, `aws:kms`, or nothing.")
    data_key_uri: str = Field(
        "", description="`file:…` of the key that wraps data keys; default in the data directory."
    )
    signing_key_uri: str = Field(
        "", description="`file:…` of the folder with the signing keys; default in the data directory."
    )
    email_url: str = Field(
        "file://mail", description="`file://…` writes mails to a folder, `smtp://host:port` sends them."
    )
    email_from: str = Field("Vouchsafe <no-reply@localhost>", description="Sender of every mail.")
    ledger_lock_days: int = Field(1, description="Days for which the ledger's objects cannot be deleted (GOVERNANCE).")
    lease_seconds: int = Field(120, description="How long a worker's claim on a submission lasts without a heartbeat.")
    allow_unsandboxed: bool = Field(
        False,
        description="Parse files without a cage where the system has none. `manage.py up` sets it on macOS; "
        "an error in production, and not listened to on Linux.",
    )
    reconcile_seconds: int = Field(15, description="How often forgotten work is looked for.")


@functools.cache
def env() -> Env:
    """The settings of this process, read once."""
    told = "VOUCHSAFE_PROFILE" in os.environ
    # A file there stands for the variable of the same name, below the environment: containers mount secrets so.
    mounted = SECRETS_DIR if SECRETS_DIR.is_dir() else None
    return Env(_env_file=None if told else DATA_DIR / "run.env", _secrets_dir=mounted)
