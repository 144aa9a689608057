"""in-toto Statements v1: what we say about a file, a record or a batch, and the keys that may say it.

Payload type ``application/vnd.in-toto+json``; the predicate type names what is said. Times in a statement are our
own word. What a bundle holds is judged at the time the log gives it; statements outside a bundle, at their own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from consent import envelope as dsse
from consent import schemas
from consent.envelope import Envelope, Signer
from consent.errors import FormatError
from consent.keys import Keyset
from consent.record import Json, canonical, parse_canonical, to_moment

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
HOST = "https://vouchsafe.example"

# What is said → the usage of the key that may say it.
USAGE = {
    "consent": "consent",
    "seal": "seal",
    "release": "release",
    "withdrawal": "withdrawal",
    "revocation": "withdrawal",
    "retractions": "retraction",
    "batch": "batch",
    "erasure": "erasure",
}
# What is said → the member of the predicate that says when.
SAID_AT = {
    "consent": "received_at",
    "seal": "sealed_at",
    "release": "released_at",
    "withdrawal": "received_at",
    "revocation": "received_at",
    "retractions": "issued_at",
    "batch": "sealed_at",
    "erasure": "erased_at",
}
# Predicates whose form is checked; the others belong to the part that makes them.
FORMS = ("consent", "seal", "release", "withdrawal", "retractions", "erasure")


def predicate_type(kind: str) -> str:
    return f"{HOST}/{kind}/v1"


def build(kind: str, subjects: Mapping[str, str], predicate: Json) -> Json:
    """Return a statement about ``subjects`` (name → hex SHA-256), in the order of their names.

    Raises:
        KeyError: nobody has a key for ``kind``. FormatError: ``malformed`` predicate.
    """
    if kind in FORMS and not schemas.accepts(f"{kind}-1", predicate):
        raise FormatError("malformed")
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in sorted(subjects.items())],
        "predicateType": predicate_type(kind),
        "predicate": predicate,
    }


def sign(statement: Json, signer: Signer) -> Envelope:
    """Sign a statement, but only one that will be read back. Raises FormatError, as ``record.parse`` does."""
    payload = canonical(statement)
    parse_canonical(payload)
    return dsse.sign(PAYLOAD_TYPE, payload, signer)


def open_statement(envelope: Envelope, kind: str, keyset: Keyset, *, at: dt.datetime | None = None) -> Json:
    """Verify an envelope, then read the statement in it: once, and from the verified bytes.

    The key must have the usage of ``kind`` and must have been good ``at`` the time that the log gives the envelope.
    Without one it must have been good when the statement says that it was made, which a stolen key could back-date.

    Raises:
        FormatError: ``payload_type``, ``signature``, ``not_canonical`` (and the codes of ``record.parse``),
            ``predicate_type``, ``subject``, ``malformed``.
    """
    if envelope.payload_type != PAYLOAD_TYPE:
        raise FormatError("payload_type")
    key = keyset.keys.get(envelope.keyid)
    if key is None:
        raise FormatError("signature")
    dsse.verify(envelope, key)
    statement = parse_canonical(envelope.payload)
    _check_form(statement, kind)
    if USAGE[kind] not in key.usages:
        raise FormatError("signature")
    if at is None:
        said_at = statement["predicate"].get(SAID_AT[kind])
        at = to_moment(said_at) if isinstance(said_at, str) else None
    if at is None or not key.holds_at(at):
        raise FormatError("signature")
    return statement  # type: ignore[no-any-return]  # _check_form has seen that it is an object


def _check_form(statement: object, kind: str) -> None:
    if not isinstance(statement, dict) or statement.get("_type") != STATEMENT_TYPE:
        raise FormatError("predicate_type")
    if statement.get("predicateType") != predicate_type(kind):
        raise FormatError("predicate_type")
    if not schemas.accepts("statement-1", statement):
        raise FormatError("subject")
    names = [subject["name"] for subject in statement["subject"]]
    if len(set(names)) != len(names):
        raise FormatError("subject")
    if kind in FORMS and not schemas.accepts(f"{kind}-1", statement["predicate"]):
        raise FormatError("malformed")


def subjects(statement: Json) -> dict[str, str]:
    """Return name → hex SHA-256 of a checked statement."""
    return {subject["name"]: subject["digest"]["sha256"] for subject in statement["subject"]}
