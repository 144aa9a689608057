"""A passkey in memory: registers as ``navigator.credentials.create`` does, and answers as ``get`` does.

Browser tests use Chromium's own virtual authenticator; this one can also answer wrongly.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from fido2.cose import CoseKey
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from intake.models import User
from tests.consent.making import assertion_bytes

RP_ID, ORIGIN = "localhost", "http://localhost:8000"
FLAGS = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
PRIVATE_KEYS: dict[str, Callable[[], Any]] = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
    "RS256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
}
COSE = {"ES256": -7, "Ed25519": -8, "RS256": -257}


def text(data: bytes) -> str:
    """base64url without padding, as WebAuthn writes bytes."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class VirtualPasskey:
    """One key pair with its credential id."""

    def __init__(self, kind: str = "ES256") -> None:
        self.private: Any = PRIVATE_KEYS[kind]()
        self.credential_id = secrets.token_bytes(32)
        make: Any = CoseKey.for_alg(COSE[kind]).from_cryptography_key  # fido2 leaves it without a type
        self._cose = make(self.private.public_key())

    def registration(self, challenge: str, flags: AuthenticatorData.FLAG = FLAGS) -> dict[str, Any]:
        """The answer to the page that adds a passkey."""
        credential = AttestedCredentialData.create(Aaguid.NONE, self.credential_id, self._cose)
        data = AuthenticatorData.create(hashlib.sha256(RP_ID.encode()).digest(), flags, 0, credential)
        client = CollectedClientData(
            json.dumps({"type": "webauthn.create", "challenge": challenge, "origin": ORIGIN}).encode()
        )
        return {
            "id": text(self.credential_id),
            "rawId": text(self.credential_id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": text(bytes(client)),
                "attestationObject": text(bytes(AttestationObject.create("none", data, {}))),
                "transports": ["internal"],
            },
        }

    def kept_for(self, user: User, name: str = "Laptop") -> Authenticator:
        """The row that adding it leaves behind."""
        data = {"name": name, "credential": self.registration(text(b"0" * 32))}
        return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)

    def signatures(self, challenges: list[dict[str, str]], **wrong: Any) -> dict[str, dict[str, str]]:
        """What the sign page posts, with what is ``wrong`` in place of the truth."""
        here = {"rp_id": RP_ID, "client": {"origin": ORIGIN}} | wrong
        made = {
            one["kind"]: assertion_bytes(self.private, base64.urlsafe_b64decode(one["challenge"] + "="), here)
            for one in challenges
        }
        return {kind: {part: text(data) for part, data in parts.items()} for kind, parts in made.items()}

    def sign_in(self, user: User, challenge: str, **wrong: Any) -> dict[str, Any]:
        """The answer to a page that asks who is there."""
        (parts,) = self.signatures([{"kind": "sign-in", "challenge": challenge}], **wrong).values()
        handle = text(user_pk_to_url_str(user).encode())
        response = {
            "clientDataJSON": parts["client_data"],
            "authenticatorData": parts["authenticator_data"],
            "signature": parts["signature"],
            "userHandle": handle,
        }
        credential_id = text(self.credential_id)
        return {"id": credential_id, "rawId": credential_id, "type": "public-key", "response": response}
