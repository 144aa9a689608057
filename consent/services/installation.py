"""The keys of this installation, and the pseudonyms made with them."""

from __future__ import annotations

import base64
import hmac
from functools import cache
from typing import cast
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from consent import keys, signing
from consent import record as rec
from consent.record import Json
from consent.signing import SigningKeys


def signing_keys() -> SigningKeys:
    """Return the keys of this installation. Raises KeysMissingError."""
    env = settings.ENV
    return _load_keys(env.signing_key_uri or f"file:{env.vouchsafe_data_dir.resolve() / 'keys' / 'signing'}")


@cache
def _load_keys(uri: str) -> SigningKeys:
    return signing.load(uri)


def trust_fingerprint() -> str:
    """Return the fingerprint that a recipient pins: hex SHA-256 of the root key."""
    return signing_keys().fingerprint


def keyset() -> bytes:
    """Return ``keyset.dsse.json``."""
    return signing_keys().keyset


def principal(submission_id: UUID, account_id: UUID) -> str:
    """Return the contributor's pseudonym for one submission: ``p_`` and 26 characters."""
    return f"p_{_pseudonym(submission_id, account_id)}"


def reviewer_pseudonym(submission_id: UUID, account_id: UUID) -> str:
    """Return the reviewer's pseudonym; one person has the same characters in both, which shows self-review."""
    return f"r_{_pseudonym(submission_id, account_id)}"


def _pseudonym(submission_id: UUID, account_id: UUID) -> str:
    key = signing_keys().derive(f"pseudonym/{submission_id}")
    digest = hmac.digest(key, str(account_id).encode(), "sha256")
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()


def relying_party() -> keys.RelyingParty:
    """Return the site that passkeys are made for here, as the keyset names it."""
    opened = keys.open_keyset(cast("Json", rec.parse(keyset())), trust_fingerprint(), timezone.now())
    return opened.webauthn
