"""DSSE 1.0.2: a payload, its type, and one signature over both (github.com/secure-systems-lab/dsse).

The signature covers ``PAE(type, payload)``, so a payload of one type can never pass as another. An envelope here
carries exactly one signature: a second one would be bytes that nobody has to check. Base64 is accepted in its one
canonical spelling only, because Python's decoder skips what it does not know and ignores spare bits.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Protocol

from consent import schemas
from consent.errors import FormatError
from consent.record import Json, canonical, sha256_hex


class Signer(Protocol):
    """A private key that knows its own name."""

    @property
    def keyid(self) -> str: ...

    def sign(self, data: bytes) -> bytes: ...


class Verifier(Protocol):
    """A public key. ``verifies`` is False for a wrong signature and raises for nothing."""

    def verifies(self, signature: bytes, data: bytes) -> bool: ...


@dataclass(frozen=True)
class Envelope:
    """A signed payload. ``keyid`` is a hint from outside: the verifier looks it up, it proves nothing itself."""

    payload_type: str
    payload: bytes
    keyid: str
    signature: bytes

    @property
    def sha256(self) -> str:
        """The digest by which other statements name this envelope: over its canonical JSON."""
        return sha256_hex(canonical(to_dict(self)))


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the pre-authentication encoding: lengths in bytes, decimal, without leading zeros."""
    name = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(payload), payload)


def sign(payload_type: str, payload: bytes, signer: Signer) -> Envelope:
    return Envelope(payload_type, payload, signer.keyid, signer.sign(pae(payload_type, payload)))


def verify(envelope: Envelope, key: Verifier) -> None:
    """Raises FormatError ``signature`` unless ``key`` made this envelope's signature."""
    if not key.verifies(envelope.signature, pae(envelope.payload_type, envelope.payload)):
        raise FormatError("signature")


def to_dict(envelope: Envelope) -> Json:
    return {
        "payloadType": envelope.payload_type,
        "payload": base64.b64encode(envelope.payload).decode(),
        "signatures": [{"keyid": envelope.keyid, "sig": base64.b64encode(envelope.signature).decode()}],
    }


def from_dict(data: Json) -> Envelope:
    """Read an envelope.

    Raises:
        FormatError: ``bundle_schema`` for anything but the three members and one signature, ``encoding`` for base64
            that is not canonical.
    """
    if not schemas.accepts("envelope-1", data):
        raise FormatError("bundle_schema")
    (entry,) = data["signatures"]
    return Envelope(data["payloadType"], unbase64(data["payload"]), entry["keyid"], unbase64(entry["sig"]))


def unbase64(text: str) -> bytes:
    """Decode standard base64. Raises FormatError ``encoding`` unless ``text`` is the canonical spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise FormatError("encoding") from None
    if base64.b64encode(data).decode() != text:
        raise FormatError("encoding")
    return data
