"""Ways to change the parts of a bundle, and the bundle itself, from which the tables of mutations are made."""

from __future__ import annotations

import base64
import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils

from consent import envelope as dsse
from consent import keys
from consent import record as rec
from consent.record import Json, canonical, sha256_hex
from consent.signing import PrivateKey
from tests.consent.making import (
    NOW,
    OTHER_SHA256,
    TABLE,
    Made,
    made,
    payload_of,
    retraction_file,
    sign,
    sign_keyset,
    sign_raw,
)

Mutation = Callable[[Made], object]
EVALUATION = {"purpose": "evaluation"}
LATER = rec.to_text(NOW + dt.timedelta(days=1))


def flipped(text: str) -> str:
    """The same base64 with one bit of its first byte changed."""
    data = bytearray(base64.b64decode(text))
    data[0] ^= 1
    return base64.b64encode(bytes(data)).decode()


def longer(text: str) -> str:
    """The same base64 with a byte more at its end."""
    return base64.b64encode(base64.b64decode(text) + b"\x00").decode()


def after(change: Callable[[Json], object]) -> Mutation:
    """Change the finished bundle, whose bytes are then canonical again."""

    def mutate(parts: Made) -> None:
        parts.after.append(lambda data: (change(data), None)[1])

    return mutate


def replace(old: bytes, new: bytes) -> Mutation:
    """Change the bytes of the finished bundle."""

    def rewrite(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return lambda parts: setattr(parts, "rewrite", rewrite)


def put(part: str, path: str, value: object) -> Mutation:
    """Set a member before signing; a path such as ``event.state`` or ``artifacts.0.size``."""

    def mutate(parts: Made) -> None:
        target = getattr(parts, part)
        *way, last = path.split(".")
        for step in way:
            target = target[int(step) if step.isdigit() else step]
        target[last] = value

    return mutate


def ask(**asked: Any) -> Mutation:
    return lambda parts: parts.asked.update(asked)


def at(moment: dt.datetime) -> Mutation:
    return lambda parts: setattr(parts, "now", moment)


def all_of(*mutations: Mutation) -> Mutation:
    def mutate(parts: Made) -> None:
        for mutation in mutations:
            mutation(parts)

    return mutate


def file(sha256: str) -> Mutation:
    return lambda parts: setattr(parts, "file_sha256", sha256)


def resign(member: str, **changes: Any) -> Mutation:
    """Sign another statement in the place of ``member``: with another signer, payload type or statement."""

    def mutate(parts: Made) -> None:
        def change(data: Json) -> None:
            said = payload_of(data[member]) | changes.get("said", {})
            signer = changes.get("signer", member)
            payload_type = changes.get("payload_type", data[member]["payloadType"])
            data[member] = sign_raw(parts, signer, said, payload_type)

        parts.after.append(change)

    return mutate


def list_for_seal(parts: Made) -> None:
    """A signed payload that is JSON, and no object."""

    def change(data: Json) -> None:
        data["seal"] = dsse.to_dict(dsse.sign(data["seal"]["payloadType"], b"[]", parts.signers["seal"]))

    parts.after.append(change)


def new_signer(usage: str, *, claim: bool = False) -> Mutation:
    """Sign with a key that the keyset does not have; with ``claim`` under the trusted key's name."""

    def mutate(parts: Made) -> None:
        trusted = parts.signers[usage]
        evil = PrivateKey.of(ec.generate_private_key(ec.SECP256R1()))
        parts.signers[usage] = PrivateKey(evil.private, trusted.keyid) if claim else evil

    return mutate


def key_entry(usage: str, **changes: object) -> Mutation:
    def mutate(parts: Made) -> None:
        (entry,) = (entry for entry in parts.keyset["keys"] if entry["usage"] == [usage])
        entry.update(changes)

    return mutate


def public_key(usage: str, public: Any) -> Mutation:
    return public_key_bytes(usage, keys.spki(public))


def public_key_bytes(usage: str, der: bytes) -> Mutation:
    return key_entry(usage, spki=base64.b64encode(der).decode(), keyid=sha256_hex(der))


def short_spki(public: ec.EllipticCurvePublicKey) -> bytes:
    """The same P-256 key with its point in the short form."""
    point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    return bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + point


def other_root(parts: Made) -> None:
    """A keyset that names the pinned root but is signed by another."""

    def change(data: Json) -> None:
        data["keyset"] = sign_keyset(made(), parts.keyset)

    parts.after.append(change)


def own_root(parts: Made) -> None:
    """A keyset that brings its own root along."""
    stranger = made()

    def change(data: Json) -> None:
        root = base64.b64encode(keys.spki(stranger.root.private.public_key())).decode()
        data["keyset"] = sign_keyset(stranger, parts.keyset | {"root_spki": root})

    parts.after.append(change)


def other_record(parts: Made) -> None:
    """The consent of another record beside this seal."""

    def change(data: Json) -> None:
        data["consent"] = sign(parts, "consent", {"record": OTHER_SHA256}, parts.consent)

    parts.after.append(change)


def documents(kind: str, change: Callable[[Json], object]) -> Mutation:
    """Change a signed document in the finished bundle, in canonical form."""

    def mutate(data: Json) -> None:
        document = json.loads(data["documents"][kind])
        change(document)
        data["documents"][kind] = canonical(document).decode()

    return after(mutate)


def retract(*entries: Json, **changes: object) -> Mutation:
    def mutate(parts: Made) -> None:
        record_id = parts.record["record_id"]
        listed = [{"purposes": None, "reason": "withdrawn", "at": rec.to_text(NOW), **entry} for entry in entries]
        for entry in listed:
            if entry.get("record_id") == "this":
                entry["record_id"] = record_id
        parts.retractions = retraction_file(parts, listed, **changes)

    return mutate


def forged_list(parts: Made) -> None:
    retract()(parts)
    assert parts.retractions is not None
    parts.retractions["list"]["signatures"][0]["sig"] = flipped(parts.retractions["list"]["signatures"][0]["sig"])


def seal_as_list(parts: Made) -> None:
    retract()(parts)
    assert parts.retractions is not None
    parts.retractions["list"] = sign(parts, "seal", parts.seal_subjects, parts.seal)


def list_by(signer: str) -> Mutation:
    def mutate(parts: Made) -> None:
        retract()(parts)
        assert parts.retractions is not None
        parts.retractions["list"] = sign_raw(parts, signer, payload_of(parts.retractions["list"]))

    return mutate


def strange_older_keyset(parts: Made) -> None:
    """A retraction file whose own keyset, never the newest, is a stranger's."""
    retract()(parts)
    assert parts.retractions is not None
    stranger = made()
    parts.keyset["version"] = 2
    parts.retractions["keyset"] = sign_keyset(stranger, stranger.keyset)


def withdrawn_record(parts: Made) -> None:
    """A seal over a withdrawal, as if it were an agreement."""
    parts.record.update(
        previous_event_sha256=OTHER_SHA256,
        rights_sha256=None,
        third_party_sha256=None,
        comprehension=None,
        withdraws={"record_id": str(uuid.uuid4()), "artifacts": "all", "purposes": "all"},
        signature={"method": rec.SIGNED_IN},
    )
    parts.record["event"].update(state="withdrawn", valid_until=rec.NO_END)
    parts.rights = parts.third_party = None


def without_declarations(parts: Made) -> None:
    """A record that says itself that nobody stated a right to share."""
    parts.record.update(rights_sha256=None, third_party_sha256=None)
    parts.rights = parts.third_party = None


def root_of_another_kind(parts: Made) -> None:
    """A pinned root on P-256, where roots are Ed25519."""
    root = PrivateKey.of(ec.generate_private_key(ec.SECP256R1()))
    parts.root = root  # type: ignore[assignment]  # the wrong kind is the point
    parts.keyset["root_spki"] = base64.b64encode(keys.spki(root.private.public_key())).decode()


def off_curve_spki(public: ec.EllipticCurvePublicKey) -> bytes:
    """A P-256 key whose numbers are no point of the curve."""
    der = keys.spki(public)
    return der[:-1] + bytes([der[-1] ^ 1])


def signature_in_der(member: str, spell: Callable[[int], bytes], tag: int = 2) -> Mutation:
    """Write both numbers of a good signature in another way: ``spell`` returns the contents under the DER ``tag``."""

    def change(data: Json) -> None:
        entry = data[member]["signatures"][0]
        numbers = [spell(number) for number in utils.decode_dss_signature(base64.b64decode(entry["sig"]))]
        contents = b"".join(bytes([tag, len(number)]) + number for number in numbers)
        entry["sig"] = base64.b64encode(bytes([0x30, len(contents)]) + contents).decode()

    return after(change)


def without_declaration(kind: str) -> Mutation:
    """An agreement that says, and shows, that this declaration was never made."""

    def mutate(parts: Made) -> None:
        parts.record[f"{kind}_sha256"] = None
        setattr(parts, kind, None)

    return mutate


def rsa_key() -> Any:
    return rsa.generate_private_key(65537, 2048).public_key()


def without_release(parts: Made) -> None:
    parts.release = None


def sibling_retracted() -> Mutation:
    return retract({"artifact_id": str(TABLE)})
