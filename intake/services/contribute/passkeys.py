"""Consent by passkey: which of a person's passkeys can sign, and the signature over exactly the checked bytes.

The public key is the one that was kept when the passkey was added; the browser never names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from django.conf import settings
from django.db.models import QuerySet

from consent import services as consent
from consent.errors import PasskeyError
from consent.models import ConsentRecord
from intake.models import Submission, User
from intake.services.contribute.signing import refuse_if_not_ready, sign_with

# COSE (RFC 9053), registered for WebAuthn.
ALGORITHM, CURVE, X, Y = 3, -1, -2, -3
ES256, EDDSA = -7, -8
P256, ED25519 = 1, 6


@dataclass(frozen=True)
class Passkey:
    """A passkey that can sign consent: our row's id, its name, the credential's id, and its key as SPKI DER."""

    pk: int
    name: str
    credential_id: bytes
    spki: bytes
    transports: tuple[str, ...]


def passkeys_work_here() -> bool:
    """Whether the keyset names this site's address: a signature made at any other would never verify."""
    parts = urlsplit(settings.ENV.public_url)
    return f"{parts.scheme}://{parts.netloc}" in consent.relying_party().origins


def passkeys_of(user: User) -> QuerySet[Authenticator]:
    """Every passkey of the person, the one used last first."""
    mine = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return mine.order_by("-last_used_at", "-created_at")  # type: ignore[no-any-return]  # allauth has no types


def signing_passkeys(user: User) -> list[Passkey]:
    """Those that can sign consent: ES256 or Ed25519. Others (RS256) only sign in."""
    return [found for row in passkeys_of(user) if (found := _passkey(row)) is not None]


def _passkey(row: Authenticator) -> Passkey | None:
    made = row.wrap().authenticator_data.credential_data
    spki = spki_of(made.public_key) if made is not None else None
    if spki is None:
        return None
    said = row.data["credential"].get("response", {}).get("transports")
    transports = tuple(one for one in said if isinstance(one, str)) if isinstance(said, list) else ()
    return Passkey(row.pk, str(row), bytes(made.credential_id), spki, transports)


def spki_of(cose: Mapping[int, object]) -> bytes | None:
    """Return a COSE key (RFC 9053) as SPKI DER: P-256 for ES256, Ed25519 for EdDSA; None for any other."""
    kind, x, y = (cose.get(ALGORITHM), cose.get(CURVE)), cose.get(X), cose.get(Y)
    public: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
    try:
        if kind == (ES256, P256) and isinstance(x, bytes) and isinstance(y, bytes):
            numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1())
            public = numbers.public_key()
        elif kind == (EDDSA, ED25519) and isinstance(x, bytes):
            public = ed25519.Ed25519PublicKey.from_public_bytes(x)
        else:
            return None
    except ValueError:  # not a point of the curve
        return None
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def begin_passkey(
    submission: Submission, *, actor: User, documents: consent.Documents, passkey: Passkey
) -> tuple[consent.Documents, dict[str, bytes]]:
    """Complete the documents for this passkey; return them and the challenges by kind, in the order of signing.

    Raises GuardError: something is missing, or the files are no longer the ones in the documents.
    """
    refuse_if_not_ready(submission, actor, documents)
    return consent.begin_passkey(documents, passkey.spki)


def sign_by_passkey(
    submission: Submission,
    *,
    actor: User,
    documents: consent.Documents,
    passkey: Passkey,
    assertions: Mapping[str, Mapping[str, bytes]],
) -> ConsentRecord:
    """Keep the passkey's signatures over the documents, and have the files sealed. A refusal is kept likewise.

    Args:
        documents: what ``begin_passkey`` returned. assertions: kind → ``client_data``, ``authenticator_data``,
            ``signature``, as the browser gave them.
    Raises:
        PasskeyError: a signature does not hold. GuardError: the files are no longer the ones in the documents.
    """
    with_key = {kind: {**parts, "spki": passkey.spki} for kind, parts in assertions.items()}
    record = sign_with(submission, actor, documents, lambda: consent.give_by_passkey(documents, with_key))
    used = passkeys_of(actor).filter(pk=passkey.pk).first()
    if used is not None:
        used.record_usage()
    return record


def passkey_to_sign_with(actor: User, pk: object) -> Passkey:
    """The person's own passkey with this id. Raises PasskeyError: removed meanwhile, another's, or one that cannot."""
    for passkey in signing_passkeys(actor):
        if str(passkey.pk) == str(pk):
            return passkey
    raise PasskeyError("This passkey is not in your account any more. Choose another, or sign with your name.")
