"""Keys: what they are called, who vouches for them, and for how long.

A key's id is the SHA-256 of its SubjectPublicKeyInfo, the same as ``openssl pkey -pubin -outform DER | sha256sum``.
Statements are signed with ECDSA P-256, one key per usage. The list of keys (``keyset.dsse.json``) is signed by an
Ed25519 root, whose id is the fingerprint that a recipient pins with ``--trust``. After ``create`` the root's private
key, ``root.pem``, is needed for nothing but the next keyset, so it belongs offline.

The folder also holds ``secret.key``, 32 random bytes from which pseudonyms and the keys around evidence are derived.
"""

from __future__ import annotations

import base64
import datetime as dt
import functools
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consent import envelope as dsse
from consent import schemas
from consent.errors import FormatError, KeysMissingError
from consent.record import Json, canonical, parse, parse_canonical, sha256_hex, to_moment, to_text

PAYLOAD_TYPE = "application/vnd.vouchsafe.keyset+json"
KEYSET_TYPE = "https://vouchsafe.example/keyset/v1"
USAGES = ("consent", "seal", "release", "withdrawal", "retraction", "batch", "erasure")
LIFETIME = dt.timedelta(days=3650)

KEYSET_FILE, ROOT_FILE, SECRET_FILE = "keyset.dsse.json", "root.pem", "secret.key"


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
class RootKey:
    public: ed25519.Ed25519PublicKey

    def verifies(self, signature: bytes, data: bytes) -> bool:
        try:
            self.public.verify(signature, data)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Keyset:
    """A keyset whose root was the pinned one and whose signature held."""

    version: int
    fingerprint: str
    expires: dt.datetime
    keys: Mapping[str, PublicKey]

    def key_for(self, keyid: str, usage: str) -> PublicKey:
        """Raises FormatError ``signature`` when no key of that name may sign for ``usage``."""
        key = self.keys.get(keyid)
        if key is None or usage not in key.usages:
            raise FormatError("signature")
        return key


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
    dsse.verify(envelope, RootKey(root))
    keys = [_read_key(entry) for entry in payload["keys"]]
    if len({key.keyid for key in keys}) != len(keys):
        raise FormatError("keyset")
    return Keyset(payload["version"], fingerprint, to_moment(payload["expires"]), {key.keyid: key for key in keys})


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
        return serialization.load_der_public_key(der)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise FormatError("key_type") from None


@dataclass(frozen=True)
class PrivateKey:
    """A P-256 key in memory."""

    private: ec.EllipticCurvePrivateKey
    keyid: str

    @classmethod
    def of(cls, private: ec.EllipticCurvePrivateKey) -> PrivateKey:
        return cls(private, key_id(private.public_key()))

    def sign(self, data: bytes) -> bytes:
        return self.private.sign(data, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True)
class RootPrivateKey:
    """The Ed25519 root, while a keyset is made."""

    private: ed25519.Ed25519PrivateKey

    @property
    def keyid(self) -> str:
        return key_id(self.private.public_key())

    def sign(self, data: bytes) -> bytes:
        return self.private.sign(data)


@dataclass(frozen=True)
class SigningKeys:
    """Everything the folder gives a running service: signers by usage, the public keyset, the secret."""

    keyset: bytes
    fingerprint: str
    signers: Mapping[str, PrivateKey]
    secret: bytes = field(repr=False)

    def signer(self, usage: str) -> PrivateKey:
        try:
            return self.signers[usage]
        except KeyError:
            raise KeysMissingError from None

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes for one purpose; no two purposes share a key (RFC 5869)."""
        return HKDF(hashes.SHA256(), 32, salt=None, info=f"vouchsafe/{purpose}".encode()).derive(self.secret)


def keyset_payload(
    root: ed25519.Ed25519PublicKey, keys: Mapping[str, ec.EllipticCurvePublicKey], now: dt.datetime, version: int = 1
) -> Json:
    """Return the payload of a keyset; members of the log, passkeys and time-stamping are empty while there are none."""
    until = to_text(now + LIFETIME)
    return {
        "_type": KEYSET_TYPE,
        "version": version,
        "issued_at": to_text(now),
        "expires": until,
        "root_spki": base64.b64encode(spki(root)).decode(),
        "log": None,
        "webauthn": None,
        "tsa": [],
        "time_policy": "statement",
        "keys": [
            {
                "keyid": key_id(public),
                "spki": base64.b64encode(spki(public)).decode(),
                "usage": [usage],
                "not_before": to_text(now),
                "not_after": until,
            }
            for usage, public in sorted(keys.items())
        ],
    }


def create(folder: Path, now: dt.datetime | None = None) -> str:
    """Make root, signing keys, secret and keyset once; return the fingerprint to pin.

    A folder that already has a keyset is left as it is. The keys are made beside it and moved into place in one
    step, so a crash leaves no half of a set. Files are 0600, the folder 0700.

    Raises:
        KeysMissingError: the folder exists, is not empty, and holds no complete set.
    """
    if (folder / KEYSET_FILE).exists():
        return load(f"file:{folder.resolve()}").fingerprint
    if folder.exists() and any(folder.iterdir()):
        raise KeysMissingError("The folder for signing keys is in use and holds no keyset.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = folder.with_name(f".{folder.name}-{secrets.token_hex(8)}")
    making.mkdir(mode=0o700)
    try:
        fingerprint = _fill(making, now or dt.datetime.now(dt.UTC))
        making.replace(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return fingerprint


def _fill(folder: Path, now: dt.datetime) -> str:
    root = ed25519.Ed25519PrivateKey.generate()
    keys = {usage: ec.generate_private_key(ec.SECP256R1()) for usage in USAGES}
    _write(folder / ROOT_FILE, _pem(root))
    for usage, private in keys.items():
        _write(folder / f"{usage}.pem", _pem(private))
    _write(folder / SECRET_FILE, secrets.token_bytes(32))
    payload = keyset_payload(root.public_key(), {usage: key.public_key() for usage, key in keys.items()}, now)
    signed = dsse.sign(PAYLOAD_TYPE, canonical(payload), RootPrivateKey(root))
    _write(folder / KEYSET_FILE, canonical(dsse.to_dict(signed)))
    return signed.keyid


def _pem(private: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def folder_of(uri: str) -> Path:
    """Return the folder of a ``file:`` URI. Raises KeysMissingError for any other kind."""
    parts = urlsplit(uri)
    if parts.scheme != "file" or not parts.path:
        raise KeysMissingError("Signing keys are given as file:/path/to/folder.")
    return Path(unquote(parts.path))


def load(uri: str) -> SigningKeys:
    """Read the keys of ``file:/path/to/folder``. The root's private key is not needed and not read.

    Raises:
        KeysMissingError: a file is missing or unreadable, or a key is not in the keyset.
    """
    folder = folder_of(uri)
    try:
        keyset = (folder / KEYSET_FILE).read_bytes()
        payload = parse_canonical(dsse.from_dict(parse_canonical(keyset)).payload)
        signers = {usage: _read_private(folder / f"{usage}.pem") for usage in USAGES}
        secret = (folder / SECRET_FILE).read_bytes()
    except (OSError, ValueError, TypeError, FormatError):
        raise KeysMissingError from None
    if {key.keyid for key in signers.values()} - {entry["keyid"] for entry in payload["keys"]} or len(secret) != 32:
        raise KeysMissingError("The signing keys and their keyset do not belong together.")
    return SigningKeys(keyset, sha256_hex(base64.b64decode(payload["root_spki"])), signers, secret)


def _read_private(path: Path) -> PrivateKey:
    private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise TypeError("not an elliptic curve key")
    return PrivateKey.of(private)
