"""What the person typed to sign, encrypted, and known elsewhere by a salted commitment alone."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from consent import record as rec
from consent.documents import Documents
from consent.errors import (
    BindingError,
    StateError,
)
from consent.models import (
    Evidence,
    SigningCode,
)
from consent.record import Json, canonical, to_text
from consent.services.installation import signing_keys


def typed_evidence(kind: str, prepared: Documents, name: str, code: SigningCode, now: dt.datetime) -> Evidence:
    """Encrypt what was typed under a key of its own; the document will carry a salted commitment to it."""
    typed = {
        "document": kind,
        "typed_name": name,
        "code_id": str(code.pk),
        "documents_sha256": prepared.digest,
        "signed_at": to_text(now),
    }
    salt, key, nonce = secrets.token_bytes(32), AESGCM.generate_key(256), secrets.token_bytes(12)
    plain = canonical(typed)
    commitment = hmac.new(salt, plain, hashlib.sha256).hexdigest()
    return Evidence(
        record_id=prepared.record_id,
        commitment=commitment,
        sealed=nonce + AESGCM(key).encrypt(nonce, salt + plain, commitment.encode()),
        wrapped_key=aes_key_wrap(signing_keys().derive("evidence"), key),
    )


def open_evidence(row: Evidence) -> Json:
    """Decrypt the evidence of one signature and check it against its commitment; for a privacy officer.

    Raises:
        StateError: it was erased. BindingError: it is not what was committed to.
    """
    if row.sealed is None or row.wrapped_key is None:
        raise StateError("This evidence was erased.")
    sealed = bytes(row.sealed)
    try:
        key = aes_key_unwrap(signing_keys().derive("evidence"), bytes(row.wrapped_key))
        opened = AESGCM(key).decrypt(sealed[:12], sealed[12:], row.commitment.encode())
    except (InvalidUnwrap, InvalidTag):
        raise BindingError from None
    if hmac.new(opened[:32], opened[32:], hashlib.sha256).hexdigest() != row.commitment:
        raise BindingError
    return cast("Json", rec.parse(opened[32:]))
