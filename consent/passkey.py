"""A contributor's passkey signature over one document, checked from the document's bytes alone.

The authenticator signs a *challenge*; ours is a digest of the document under a domain of its own, so that an assertion
over one kind of document, or for signing in, is none over another. What is kept is what WebAuthn Level 3, section 7.2
needs to check it again: the client data, the authenticator data, the signature and the public key. Nothing says which
authenticator it was.

ES256 and Ed25519 keys are accepted. A passkey shows no text: that the person saw the document is the page's part, and
that the key is the person's is our word at enrolment.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from consent.envelope import unbase64
from consent.errors import FormatError
from consent.keys import RelyingParty
from consent.record import Json, sha256_hex

METHOD = "webauthn"
PARTS = ("spki", "client_data", "authenticator_data", "signature")
DOMAINS = {"record": b"vouchsafe-consent/1", "rights": b"vouchsafe-rights/1", "third_party": b"vouchsafe-third-party/1"}

_USER_PRESENT, _USER_VERIFIED = 0x01, 0x04
_DATA_BYTES = 37  # rpIdHash 32, flags 1, counter 4; extensions may follow


def challenge(kind: str, document: bytes) -> bytes:
    """Return the 32 bytes that the authenticator is asked to sign for a document of ``kind``."""
    return hashlib.sha256(DOMAINS[kind] + b"\x00" + document).digest()


def check(evidence: Json, kind: str, document: bytes, credential_sha256: str, site: RelyingParty) -> None:
    """Check the signature in ``evidence`` over ``document``.

    Args:
        evidence: ``spki``, ``client_data``, ``authenticator_data``, ``signature``, each in base64.
        credential_sha256: hex SHA-256 of the key's SPKI, as the document names it.
    Raises:
        FormatError: ``webauthn_credential`` another key, or of a kind not accepted; ``webauthn`` no assertion for this
            site with the person verified; ``webauthn_challenge`` over something else; ``webauthn_signature``;
            ``encoding``.
    """
    spki = unbase64(evidence["spki"])
    if sha256_hex(spki) != credential_sha256:
        raise FormatError("webauthn_credential")
    client_data, data = unbase64(evidence["client_data"]), unbase64(evidence["authenticator_data"])
    _check_client(client_data, challenge(kind, document), site)
    _check_authenticator(data, site)
    signed = data + hashlib.sha256(client_data).digest()
    if not _verifies(_load(spki), unbase64(evidence["signature"]), signed):
        raise FormatError("webauthn_signature")


def _check_client(client_data: bytes, wanted: bytes, site: RelyingParty) -> None:
    """The browser was asked for an assertion, by a page of the site, over this challenge."""
    try:
        said: Any = json.loads(client_data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise FormatError("webauthn") from None
    if not isinstance(said, dict) or said.get("type") != "webauthn.get":
        raise FormatError("webauthn")
    if said.get("origin") not in site.origins or said.get("crossOrigin", False) is not False:
        raise FormatError("webauthn")
    if said.get("challenge") != base64.urlsafe_b64encode(wanted).decode().rstrip("="):
        raise FormatError("webauthn_challenge")


def _check_authenticator(data: bytes, site: RelyingParty) -> None:
    """The authenticator was asked for this site, and the person was there and was verified."""
    if len(data) < _DATA_BYTES or data[:32] != hashlib.sha256(site.rp_id.encode()).digest():
        raise FormatError("webauthn")
    if not data[32] & _USER_PRESENT or not data[32] & _USER_VERIFIED:
        raise FormatError("webauthn")


def _load(spki: bytes) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey:
    try:
        key = serialization.load_der_public_key(spki)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise FormatError("webauthn_credential") from None
    # One spelling, as in ``keys``.
    if key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo) != spki:
        raise FormatError("webauthn_credential")
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise FormatError("webauthn_credential")


def _verifies(key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, signed)
        else:
            key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
