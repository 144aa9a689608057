"""Public keys: what they are called, who vouches for them, and for how long.

A key's id is the SHA-256 of its SubjectPublicKeyInfo, the same as ``openssl pkey -pubin -outform DER | sha256sum``.
Statements are signed with ECDSA P-256, one key per usage; the log and its cosigners sign with Ed25519. The list of
all keys (``keyset.dsse.json``) is signed by an Ed25519 root, whose id is the fingerprint that a recipient pins with
``--trust``. The private halves are in ``signing``.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from consent import envelope as dsse
from consent import schemas
from consent.errors import FormatError
from consent.log import LogKeys
from consent.record import Json, canonical, parse, parse_canonical, sha256_hex, to_moment

PAYLOAD_TYPE = "application/vnd.vouchsafe.keyset+json"
KEYSET_TYPE = "https://vouchsafe.example/keyset/v1"
USAGES = ("consent", "seal", "release", "withdrawal", "retraction", "batch", "erasure")


@dataclass(frozen=True)
class PublicKey:
    """A key of a keyset: who it is, what it may sign, and when."""

    keyid: str
    usages: tuple[str, ...]
    not_before: dt.datetime
    not_after: dt.datetime
    revoked_at: dt.datetime | None
    public: ec.EllipticCurvePublicKey

    def verifies(self, signature: bytes, data: bytes) -> bool:
        try:
            self.public.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True

    def holds_at(self, moment: dt.datetime) -> bool:
        """Say whether the key was good at ``moment``: rotation breaks no old signature."""
        return self.not_before <= moment < min(self.not_after, self.revoked_at or self.not_after)


@dataclass(frozen=True)
class NoteKey:
    """An Ed25519 key: the root's, the log's or a cosigner's."""

    public: ed25519.Ed25519PublicKey

    @property
    def raw(self) -> bytes:
        return self.public.public_bytes_raw()

    def verifies(self, signature: bytes, data: bytes) -> bool:
        try:
            self.public.verify(signature, data)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class RelyingParty:
    """The site that passkeys were made for: its id, and the origins whose pages may ask for them."""

    rp_id: str
    origins: tuple[str, ...]


@dataclass(frozen=True)
class Keyset:
    """A keyset whose root was the pinned one and whose signature held."""

    version: int
    fingerprint: str
    expires: dt.datetime
    keys: Mapping[str, PublicKey]
    log: LogKeys
    webauthn: RelyingParty
    time_policy: str


def key_id(public: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> str:
    return sha256_hex(spki(public))


def spki(public: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def open_keyset(untrusted: Json, trust: str, now: dt.datetime) -> Keyset:
    """Check a keyset envelope against the pinned root.

    Args:
        untrusted: the DSSE envelope as JSON. trust: hex SHA-256 of the root's SPKI. now: to judge its age.
    Raises:
        FormatError: ``payload_type``, ``keyset`` (another root, or keys that are not what they are called),
            ``signature``, ``key_type``, ``keyset_expired``, ``not_canonical``, ``encoding``, ``bundle_schema``.
    """
    keyset = _opened(canonical(untrusted), trust.lower())
    if now >= keyset.expires:
        raise FormatError("keyset_expired")
    return keyset


@functools.lru_cache(maxsize=16)
def _opened(untrusted: bytes, trust: str) -> Keyset:
    # Remembered by its bytes and the pin: the thousand bundles of a batch carry one and the same list.
    envelope = dsse.from_dict(parse(untrusted))
    if envelope.payload_type != PAYLOAD_TYPE:
        raise FormatError("payload_type")
    # The list names its own root, so it is read before it is trusted; the pin decides, then the signature.
    payload = parse_canonical(envelope.payload)
    if not schemas.accepts("keyset-1", payload):
        raise FormatError("keyset")
    root_spki = dsse.unbase64(payload["root_spki"])
    fingerprint = sha256_hex(root_spki)
    if fingerprint != trust:
        raise FormatError("keyset")
    root = _load_public(root_spki)
    if not isinstance(root, ed25519.Ed25519PublicKey):
        raise FormatError("key_type")
    if envelope.keyid != fingerprint:
        raise FormatError("signature")
    dsse.verify(envelope, NoteKey(root))
    keys = [_read_key(entry) for entry in payload["keys"]]
    if len({key.keyid for key in keys}) != len(keys):
        raise FormatError("keyset")
    return Keyset(
        payload["version"],
        fingerprint,
        to_moment(payload["expires"]),
        {key.keyid: key for key in keys},
        _read_log(payload["log"]),
        RelyingParty(payload["webauthn"]["rp_id"], tuple(payload["webauthn"]["origins"])),
        payload["time_policy"],
    )


def _read_log(entry: Json) -> LogKeys:
    cosigners = {one["name"]: _note_key(one["spki"]) for one in entry["cosigners"]}
    raw = {key.raw for key in cosigners.values()} | {_note_key(entry["spki"]).raw}
    # Cosigned messages do not say by whom, so two names may not share a key.
    if len(cosigners) != len(entry["cosigners"]) or len(raw) != len(cosigners) + 1:
        raise FormatError("keyset")
    return LogKeys(entry["origin"], _note_key(entry["spki"]), cosigners)


def _note_key(spki_text: str) -> NoteKey:
    public = _load_public(dsse.unbase64(spki_text))
    if not isinstance(public, ed25519.Ed25519PublicKey):
        raise FormatError("key_type")
    return NoteKey(public)


def _read_key(entry: Json) -> PublicKey:
    der = dsse.unbase64(entry["spki"])
    if sha256_hex(der) != entry["keyid"]:
        raise FormatError("keyset")
    public = _load_public(der)
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise FormatError("key_type")
    revoked_at = to_moment(entry["revoked_at"]) if "revoked_at" in entry else None
    not_before, not_after = to_moment(entry["not_before"]), to_moment(entry["not_after"])
    return PublicKey(entry["keyid"], tuple(entry["usage"]), not_before, not_after, revoked_at, public)


def _load_public(der: bytes) -> object:
    try:
        public = serialization.load_der_public_key(der)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise FormatError("key_type") from None
    # One spelling: P-256 points have a short form too, which not every library reads.
    if public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo) != der:
        raise FormatError("key_type")
    return public
