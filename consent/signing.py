"""Private keys: made once, kept in a folder of one installation, rotated and revoked by the root.

After ``create`` the root's private key, ``root.pem``, is needed for nothing but the next keyset, so it belongs
offline; ``rotate`` wants it back for a moment. The folder also holds ``secret.key``, 32 random bytes from which
pseudonyms and the keys around evidence are derived.
"""

from __future__ import annotations

import base64
import datetime as dt
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consent import envelope as dsse
from consent.errors import FormatError, KeysMissingError
from consent.keys import KEYSET_TYPE, PAYLOAD_TYPE, USAGES, key_id, spki
from consent.record import Json, canonical, parse_canonical, sha256_hex, to_text

LIFETIME = dt.timedelta(days=3650)
KEYSET_FILE, ROOT_FILE, SECRET_FILE = "keyset.dsse.json", "root.pem", "secret.key"
LOG_FILE, COSIGNER_FILE = "log.pem", "cosigner.pem"
LOCAL_SITE = "http://localhost:8000"


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
class NotePrivateKey:
    """An Ed25519 key in memory: the log's, a cosigner's, or the root's while a keyset is made."""

    private: ed25519.Ed25519PrivateKey

    @property
    def keyid(self) -> str:
        return key_id(self.private.public_key())

    @property
    def raw(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        return self.private.sign(data)


@dataclass(frozen=True)
class LogSigners:
    """Who signs checkpoints here: the log under its origin, and the one cosigner, which says when."""

    origin: str
    log: NotePrivateKey
    cosigner_name: str
    cosigner: NotePrivateKey


@dataclass(frozen=True)
class SigningKeys:
    """Everything the folder gives a running service: signers by usage, the log's, the public keyset, the secret."""

    keyset: bytes
    fingerprint: str
    signers: Mapping[str, PrivateKey]
    log: LogSigners
    secret: bytes = field(repr=False)

    def signer(self, usage: str) -> PrivateKey:
        try:
            return self.signers[usage]
        except KeyError:
            raise KeysMissingError from None

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes for one purpose; no two purposes share a key (RFC 5869)."""
        return HKDF(hashes.SHA256(), 32, salt=None, info=f"vouchsafe/{purpose}".encode()).derive(self.secret)


@dataclass(frozen=True)
class Site:
    """The site that a keyset speaks for: it names the log and its cosigner, and is where passkeys are asked for."""

    url: str = LOCAL_SITE

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def log_origin(self) -> str:
        return f"{self.host}/log"

    @property
    def cosigner(self) -> str:
        return f"{self.host}/cosigner"

    def webauthn(self) -> Json:
        parts = urlsplit(self.url)
        return {"rp_id": parts.hostname, "origins": [f"{parts.scheme}://{parts.netloc}"]}


@dataclass(frozen=True)
class NewKeys:
    """Private keys while a folder is made."""

    root: NotePrivateKey
    log: NotePrivateKey
    cosigner: NotePrivateKey
    signers: Mapping[str, PrivateKey]

    @classmethod
    def make(cls) -> NewKeys:
        root, log, cosigner = (NotePrivateKey(ed25519.Ed25519PrivateKey.generate()) for _ in range(3))
        return cls(root, log, cosigner, {usage: new_signer() for usage in USAGES})

    def keyset(self, now: dt.datetime, site: Site) -> Json:
        """Return the payload of the first keyset."""
        return {
            "_type": KEYSET_TYPE,
            "version": 1,
            "issued_at": to_text(now),
            "expires": to_text(now + LIFETIME),
            "root_spki": _spki_text(self.root.private.public_key()),
            "log": {
                "origin": site.log_origin,
                "spki": _spki_text(self.log.private.public_key()),
                "cosigners": [{"name": site.cosigner, "spki": _spki_text(self.cosigner.private.public_key())}],
            },
            "webauthn": site.webauthn(),
            "tsa": [],
            "time_policy": "cosignature",
            "keys": [key_entry(usage, signer, now) for usage, signer in sorted(self.signers.items())],
        }


def new_signer() -> PrivateKey:
    return PrivateKey.of(ec.generate_private_key(ec.SECP256R1()))


def key_entry(usage: str, signer: PrivateKey, now: dt.datetime) -> Json:
    """Return the entry of a keyset for a key that is good from ``now`` on."""
    return {
        "keyid": signer.keyid,
        "spki": _spki_text(signer.private.public_key()),
        "usage": [usage],
        "not_before": to_text(now),
        "not_after": to_text(now + LIFETIME),
    }


def _spki_text(public: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> str:
    return base64.b64encode(spki(public)).decode()


def signed_keyset(payload: Json, root: NotePrivateKey) -> bytes:
    """Return the bytes of ``keyset.dsse.json``."""
    return canonical(dsse.to_dict(dsse.sign(PAYLOAD_TYPE, canonical(payload), root)))


def create(folder: Path, *, site_url: str = LOCAL_SITE, now: dt.datetime | None = None) -> str:
    """Make root, signing keys, log keys, secret and keyset once; return the fingerprint to pin.

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
        fingerprint = _fill(making, Site(site_url), now or dt.datetime.now(dt.UTC))
        making.replace(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return fingerprint


def _fill(folder: Path, site: Site, now: dt.datetime) -> str:
    new = NewKeys.make()
    for name, key in ((ROOT_FILE, new.root), (LOG_FILE, new.log), (COSIGNER_FILE, new.cosigner)):
        _write(folder / name, _pem(key.private))
    for usage, signer in new.signers.items():
        _write(folder / f"{usage}.pem", _pem(signer.private))
    _write(folder / SECRET_FILE, secrets.token_bytes(32))
    _write(folder / KEYSET_FILE, signed_keyset(new.keyset(now, site), new.root))
    return new.root.keyid


def rotate(folder: Path, usage: str, *, root: Path, revoke: bool = False, now: dt.datetime | None = None) -> int:
    """Give ``usage`` a new key and write the next keyset; return its version.

    The old key ends now: what it signed before stays good. With ``revoke`` it is said to be stolen: what it signed
    from now on is nobody's word. Running services read the new key when they start again.

    Raises:
        KeysMissingError: no such usage, the folder does not load, or ``root`` is not the private key of its root.
    """
    now = now or dt.datetime.now(dt.UTC)
    kept = load(f"file:{folder.resolve()}")
    old = kept.signer(usage)
    root_key = _read_note_key(root)
    if root_key.keyid != kept.fingerprint:
        raise KeysMissingError("This is not the root key of these signing keys.")
    payload = parse_canonical(dsse.from_dict(parse_canonical(kept.keyset)).payload)
    (entry,) = (one for one in payload["keys"] if one["keyid"] == old.keyid)
    entry["revoked_at" if revoke else "not_after"] = to_text(now)
    new = new_signer()
    payload["keys"].append(key_entry(usage, new, now))
    payload["version"] += 1
    payload["issued_at"] = to_text(now)
    # The keyset first: a crash in between leaves a key that signs nothing any more, and never one unheard of.
    _replace(folder / KEYSET_FILE, signed_keyset(payload, root_key))
    _replace(folder / f"{usage}.pem", _pem(new.private))
    return int(payload["version"])


def _pem(private: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def _replace(path: Path, data: bytes) -> None:
    making = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    _write(making, data)
    making.replace(path)


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
        log, cosigner = _read_note_key(folder / LOG_FILE), _read_note_key(folder / COSIGNER_FILE)
        secret = (folder / SECRET_FILE).read_bytes()
    except (OSError, ValueError, TypeError, FormatError):
        raise KeysMissingError from None
    strangers = {key.keyid for key in signers.values()} - {entry["keyid"] for entry in payload["keys"]}
    named = payload["log"]
    (cosigned_by,) = named["cosigners"]
    texts = [_spki_text(key.private.public_key()) for key in (log, cosigner)]
    if strangers or texts != [named["spki"], cosigned_by["spki"]] or len(secret) != 32:
        raise KeysMissingError("The signing keys and their keyset do not belong together.")
    fingerprint = sha256_hex(base64.b64decode(payload["root_spki"]))
    log_keys = LogSigners(named["origin"], log, cosigned_by["name"], cosigner)
    return SigningKeys(keyset, fingerprint, signers, log_keys, secret)


def _read_private(path: Path) -> PrivateKey:
    private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise TypeError("not an elliptic curve key")
    return PrivateKey.of(private)


def _read_note_key(path: Path) -> NotePrivateKey:
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        raise KeysMissingError from None
    if not isinstance(private, ed25519.Ed25519PrivateKey):
        raise KeysMissingError
    return NotePrivateKey(private)
