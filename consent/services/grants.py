"""What was agreed to and may still be used: what gates and workers ask."""

from __future__ import annotations

import datetime as dt
import json
from typing import cast

from django.db.models import QuerySet
from django.utils import timezone

from consent import record as rec
from consent.models import (
    ConsentGrant,
    ConsentRecord,
)
from consent.record import Json


def is_given(record: ConsentRecord) -> bool:
    """Say whether the record still allows any use: given, not withdrawn or superseded, in term."""
    return live_grants(timezone.now()).filter(record=record).exists()


def live_grants(now: dt.datetime) -> QuerySet[ConsentGrant]:
    """Return what may be used at ``now``: given and in term."""
    return ConsentGrant.objects.filter(state=ConsentGrant.State.GIVEN, valid_until__gt=now)


def signed_digests(record: ConsentRecord) -> dict[str, str]:
    """Return artifact id → SHA-256 of the redacted copy, as signed."""
    return {file["artifact_id"]: file["redacted_sha256"] for file in parsed(record)["artifacts"]}


def signed_bases(record: ConsentRecord) -> dict[str, str]:
    """Artifact id → rights basis, as the signed rights declaration says. Empty for a refusal."""
    return {file["artifact_id"]: file["basis"] for file in json.loads(record.rights or '{"files": []}')["files"]}


def parsed(record: ConsentRecord) -> Json:
    """Return the record's document."""
    return cast("Json", rec.parse(record.record.encode()))
