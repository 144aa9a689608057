"""Lies about the contributor's passkey. Each comes under our own valid signature, so step 7 alone can refuse it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from consent import keys
from consent.record import sha256_hex
from tests.consent.making import Made, with_passkey
from tests.consent.mutations.edits import Mutation, flipped, short_spki


def wrong(kind: str = "record", **changes: Any) -> Mutation:
    """A passkey that signs all three documents, with something wrong about one of the assertions."""

    def mutate(parts: Made) -> None:
        with_passkey(parts)
        parts.assertions[kind] = changes

    return mutate


def client(**changes: object) -> Mutation:
    return wrong(client=changes)


def stranger(parts: Made) -> None:
    """Another passkey signs, and says so; the record names the contributor's."""
    with_passkey(parts)
    other = ec.generate_private_key(ec.SECP256R1())
    parts.assertions["record"] = {"signer": other, "spki": keys.spki(other.public_key())}


def stranger_under_the_name(parts: Made) -> None:
    with_passkey(parts)
    parts.assertions["record"] = {"signer": ec.generate_private_key(ec.SECP256R1())}


def key_of_another_kind(public: Any) -> Mutation:
    return key_bytes(lambda _: keys.spki(public))


def key_bytes(spki: Callable[[Any], bytes]) -> Mutation:
    """The record names, and the evidence holds, what ``spki`` makes of the contributor's public key."""

    def mutate(parts: Made) -> None:
        with_passkey(parts)
        der = spki(parts.passkey.public_key())
        parts.assertions["record"] = {"spki": der}
        parts.record["signature"]["credential_spki_sha256"] = sha256_hex(der)

    return mutate


def signature_flipped(parts: Made) -> None:
    with_passkey(parts)
    parts.evidence["third_party"] = {"signature": flipped("MEUCIQ==")}


def typed_instead(parts: Made) -> None:
    """The record says a passkey signed; the evidence is a typed name's."""
    with_passkey(parts)
    parts.evidence["record"] = {"method": "typed-name+email-code"}


MUTATIONS: dict[str, tuple[Mutation, str]] = {
    "a passkey signature over another record": (wrong(challenge=b"x" * 32), "webauthn_challenge"),
    "the record's passkey signature under the rights": (wrong("rights", challenge=b"y" * 32), "webauthn_challenge"),
    "another passkey": (stranger, "webauthn_credential"),
    "another passkey under the same name": (stranger_under_the_name, "webauthn_signature"),
    "a passkey used on a page that only looks like ours": (
        client(origin="https://vouchsafe.example.evil.test"),
        "webauthn",
    ),
    "a passkey used inside another page": (client(crossOrigin=True), "webauthn"),
    "a passkey made, not used": (client(type="webauthn.create"), "webauthn"),
    "a passkey of another site": (wrong(rp_id="example.org"), "webauthn"),
    "a passkey whose owner was not verified": (wrong(flags=0x01), "webauthn"),
    "a passkey whose owner was not there": (wrong(flags=0x04), "webauthn"),
    "a passkey with half its data": (wrong(data=b"x" * 36), "webauthn"),
    "a passkey without its counter": (wrong(data=hashlib.sha256(b"vouchsafe.example").digest() + b"\x05"), "webauthn"),
    "client data that is no object": (wrong(client_data=b"[]"), "webauthn"),
    "client data that is not JSON": (wrong(client_data=b"{{{{"), "webauthn"),
    "a passkey signature changed": (signature_flipped, "webauthn_signature"),
    "an RSA passkey": (
        lambda p: key_of_another_kind(rsa.generate_private_key(65537, 2048).public_key())(p),
        "webauthn_credential",
    ),
    "a P-384 passkey": (
        lambda p: key_of_another_kind(ec.generate_private_key(ec.SECP384R1()).public_key())(p),
        "webauthn_credential",
    ),
    "a passkey with its point in the short form": (key_bytes(short_spki), "webauthn_credential"),
    "a typed name where a passkey is named": (typed_instead, "signature_missing"),
}
