"""The one-time codes that are mailed to the person who signs, each bound to the documents of one page."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from consent.documents import Documents
from consent.errors import (
    CodeExpiredError,
    CodeWrongError,
)
from consent.models import SigningCode
from consent.services.installation import signing_keys

# No letter or digit that is easily taken for another.
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8
CODE_MINUTES = 10
CODE_TRIES = 5


def new_code(documents: Documents) -> str:
    """Make the one live code for this sign page and return it, for intake to mail. Earlier ones stop working."""
    now = timezone.now()
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    with transaction.atomic():
        earlier = SigningCode.objects.filter(submission_id=documents.submission_id, used_at=None)
        earlier.filter(expires_at__gt=now).update(expires_at=now)
        row = SigningCode(
            submission_id=documents.submission_id,
            documents_sha256=documents.digest,
            tries_left=CODE_TRIES,
            created_at=now,
            expires_at=now + dt.timedelta(minutes=CODE_MINUTES),
        )
        row.code_hash = _code_hash(row.pk, code)
        row.save()
    return code


def _code_hash(code_id: UUID, code: str) -> str:
    # Keyed: eight characters behind a plain hash could be found by trying them all.
    plain = "".join(code.upper().split()).replace("-", "")
    return hmac.new(signing_keys().derive("signing-code"), f"{code_id}:{plain}".encode(), hashlib.sha256).hexdigest()


def spend_code(documents: Documents, code: str, now: dt.datetime) -> SigningCode:
    """Count one try, compare, and mark the code used.

    The guarded UPDATE takes the try before the comparison, so that tries made at once cannot share one.
    """
    live = SigningCode.objects.filter(
        submission_id=documents.submission_id,
        documents_sha256=documents.digest,
        used_at=None,
        expires_at__gt=now,
        tries_left__gt=0,
    )
    row = live.order_by("-created_at").first()
    if row is None or not live.filter(pk=row.pk).update(tries_left=F("tries_left") - 1):
        raise CodeExpiredError
    if not hmac.compare_digest(row.code_hash, _code_hash(row.pk, code)):
        raise CodeWrongError
    if not SigningCode.objects.filter(pk=row.pk, used_at=None).update(used_at=now):
        raise CodeExpiredError
    return row
