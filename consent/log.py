"""What the public log says about a statement: leaves, checkpoints and proofs, as text that other tools read too.

A *leaf* commits to an envelope or an event without showing it: once its salt is destroyed it links to nothing. A
*checkpoint* is the log's size and root hash, signed by the log; a *cosignature* on it says when somebody saw it. A
*proof* shows that a leaf is in the tree of a checkpoint.

Formats: C2SP signed-note, tlog-checkpoint, tlog-cosignature (``cosignature/v1``, Ed25519) and tlog-proof. They are
read strictly: a checkpoint has its three lines and no extensions, each signature line is by a key of the keyset, and
each of them holds.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from consent import merkle
from consent.envelope import Verifier, unbase64
from consent.errors import FormatError

KINDS = ("consent", "seal", "release", "withdrawal", "revocation", "retractions", "erasure", "batch", "event")
SALT_BYTES = 32

_DOMAIN = b"vouchsafe-log/1\n"
_PROOF_MARK = "c2sp.org/tlog-proof@v1"
_DASH = "\u2014 "
_SIGNATURE, _COSIGNATURE = b"\x01", b"\x04"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")


class Ed25519Key(Verifier, Protocol):
    """A public key that also gives its 32 bytes, from which notes make the key's number."""

    @property
    def raw(self) -> bytes: ...


class Ed25519Signer(Protocol):
    """A private key of the log or of a cosigner."""

    @property
    def raw(self) -> bytes: ...

    def sign(self, data: bytes) -> bytes: ...


@dataclass(frozen=True)
class LogKeys:
    """Who may sign checkpoints: the log under its origin, and the cosigners by name."""

    origin: str
    key: Ed25519Key
    cosigners: Mapping[str, Ed25519Key]


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint whose every signature held. ``seen_at`` is the latest cosignature's moment, None without one."""

    size: int
    root: bytes
    seen_at: dt.datetime | None


@dataclass(frozen=True)
class Proof:
    """That the leaf made with ``salt`` stands at ``index`` of the tree of the checkpoint that came along."""

    salt: bytes
    index: int
    path: tuple[bytes, ...]


def leaf(kind: str, salt: bytes, data: bytes) -> bytes:
    """Return the bytes of a leaf about ``data``, the canonical bytes of an envelope or event.

    Raises:
        ValueError: no such kind, or a salt that is not 32 bytes.
    """
    if kind not in KINDS or len(salt) != SALT_BYTES:
        raise ValueError("a leaf has a known kind and a salt of 32 bytes")
    return _DOMAIN + kind.encode() + b"\n" + hashlib.sha256(salt + data).digest()


def checkpoint_body(origin: str, size: int, root: bytes) -> str:
    return f"{origin}\n{size}\n{_to_text(root)}\n"


def sign_checkpoint(body: str, origin: str, signer: Ed25519Signer) -> str:
    """Return the signed note of a checkpoint; cosignatures are lines added at its end."""
    signature = signer.sign(body.encode())
    return f"{body}\n{_line(origin, _key_number(origin, _SIGNATURE, signer.raw), signature)}"


def cosignature(body: str, name: str, signer: Ed25519Signer, at: dt.datetime) -> str:
    """Return the line by which ``name`` says that it saw this checkpoint at ``at``, in whole seconds."""
    seconds = int(at.timestamp())
    signed = signer.sign(_cosigned(body, seconds))
    return _line(name, _key_number(name, _COSIGNATURE, signer.raw), seconds.to_bytes(8, "big") + signed)


def open_checkpoint(note: str, keys: LogKeys) -> Checkpoint:
    """Read a checkpoint, strictly.

    Raises:
        FormatError: ``checkpoint`` for another form or origin, or a line by somebody unknown; ``checkpoint_sig`` for
            a signature that does not hold; ``encoding`` for base64 that is not canonical.
    """
    body, _, signatures = note.partition("\n\n")
    lines = body.split("\n")
    if len(lines) != 3 or not signatures.endswith("\n"):
        raise FormatError("checkpoint")
    origin, size, root = lines
    if origin != keys.origin or not _NUMBER.fullmatch(size):
        raise FormatError("checkpoint")
    top = unbase64(root)
    if len(top) != merkle.HASH_BYTES:
        raise FormatError("checkpoint")
    seen_at = _check_signatures(body + "\n", signatures[:-1].split("\n"), keys)
    return Checkpoint(int(size), top, seen_at)


def _check_signatures(body: str, lines: Sequence[str], keys: LogKeys) -> dt.datetime | None:
    """Check every line; return the latest moment of a cosignature."""
    wanted: dict[tuple[str, bytes], Ed25519Key] = {
        (keys.origin, _key_number(keys.origin, _SIGNATURE, keys.key.raw)): keys.key
    }
    moments: list[int] = []
    for name, key in keys.cosigners.items():
        wanted[name, _key_number(name, _COSIGNATURE, key.raw)] = key
    log_line = next(iter(wanted))
    for line in lines:
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH):
            raise FormatError("checkpoint")
        data = unbase64(encoded)
        signer = (name, data[:4])
        # Taken out, so that nobody signs twice.
        key_found = wanted.pop(signer, None)
        if key_found is None:
            raise FormatError("checkpoint")
        rest = data[4:]
        if signer == log_line:
            message = body.encode()
        else:
            seconds = int.from_bytes(rest[:8], "big")
            moments.append(seconds)
            message, rest = _cosigned(body, seconds), rest[8:]
        if not key_found.verifies(rest, message):
            raise FormatError("checkpoint_sig")
    if log_line in wanted:
        raise FormatError("checkpoint_sig")
    return _moment(max(moments)) if moments else None


def _moment(seconds: int) -> dt.datetime:
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (OverflowError, OSError, ValueError):
        raise FormatError("checkpoint") from None


def _cosigned(body: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{body}".encode()


def _line(name: str, number: bytes, signature: bytes) -> str:
    return f"{_DASH}{name} {_to_text(number + signature)}\n"


def _key_number(name: str, kind: bytes, raw: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + kind + raw).digest()[:4]


def _to_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def compose_proof(proof: Proof, checkpoint: str) -> str:
    """Return the text of a proof with the checkpoint it is about; the salt is its ``extra`` line."""
    lines = [_PROOF_MARK, f"extra {_to_text(proof.salt)}", f"index {proof.index}", *map(_to_text, proof.path)]
    return "\n".join(lines) + "\n\n" + checkpoint


def split_proof(text: str) -> tuple[str, str]:
    """Return the lines of the proof, and its checkpoint. Raises FormatError ``log_proof``."""
    head, blank, checkpoint = text.partition("\n\n")
    if not blank:
        raise FormatError("log_proof")
    return head, checkpoint


def parse_proof(head: str, size: int) -> Proof:
    """Read the lines of a proof for a tree of ``size`` leaves.

    Raises:
        FormatError: ``log_proof`` for another form or number of hashes, ``encoding``.
    """
    lines = head.split("\n")
    if len(lines) < 3:
        raise FormatError("log_proof")
    mark, extra, index, *path = lines
    if mark != _PROOF_MARK or not extra.startswith("extra ") or not index.startswith("index "):
        raise FormatError("log_proof")
    number = index.removeprefix("index ")
    salt = unbase64(extra.removeprefix("extra "))
    hashes = tuple(map(unbase64, path))
    if not _NUMBER.fullmatch(number) or len(salt) != SALT_BYTES:
        raise FormatError("log_proof")
    if any(len(one) != merkle.HASH_BYTES for one in hashes):
        raise FormatError("log_proof")
    at = int(number)
    if at >= size or len(hashes) != merkle.path_length(at, size):
        raise FormatError("log_proof")
    return Proof(salt, at, hashes)


def check_proof(proof: Proof, kind: str, data: bytes, checkpoint: Checkpoint) -> None:
    """Raises FormatError ``log_inclusion`` unless the proof puts a leaf about ``data`` into the checkpoint's tree."""
    hashed = merkle.leaf_hash(leaf(kind, proof.salt, data))
    if not merkle.includes(hashed, proof.index, checkpoint.size, proof.path, checkpoint.root):
        raise FormatError("log_inclusion")
