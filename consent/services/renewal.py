"""A renewal under which the files stay as they are: what was sealed and released goes on under the new record."""

from __future__ import annotations

import base64
from typing import cast
from uuid import UUID

from django.db import transaction

from consent import record as rec
from consent.errors import BindingError
from consent.models import ConsentRecord, Statement
from consent.record import Json
from consent.services.statements import issue_bundle, release


def carry_over(renewed: ConsentRecord) -> int:
    """Seal and release the files of the record that ``renewed`` renews anew, under ``renewed``; return how many.

    The bytes, their checks and their reviews are those of before; the purposes are the ones given now, and the time is
    that of the renewal. What the older statements say stays true of the time before.

    Raises:
        BindingError: the renewal is about other files. VerificationError: a bundle would not verify.
    """
    at = renewed.at
    with transaction.atomic():
        older = Statement.objects.filter(record=renewed.previous).order_by("at")
        sealed = list(older.filter(kind="seal"))
        for row in sealed:
            said = _said(row)
            issue_bundle(
                renewed,
                artifact_id=_artifact(row),
                redacted_sha256=row.subject_sha256,
                redaction=said["redaction"],
                verification=said["verification"],
                sealed_at=at,
            )
        for row in older.filter(kind="release"):
            said = _said(row)
            release(
                renewed,
                artifact_id=_artifact(row),
                reviews=said["review"],
                not_before=max(at, rec.to_moment(said["not_before"])),
                released_at=at,
            )
    return len(sealed)


def _said(row: Statement) -> Json:
    """The predicate of a statement of ours, as its envelope carries it."""
    payload = cast("Json", rec.parse(base64.b64decode(row.envelope["payload"])))
    return cast("Json", payload["predicate"])


def _artifact(row: Statement) -> UUID:
    if row.artifact_id is None:
        raise BindingError
    return row.artifact_id
