"""Good bundles of every kind, each the twin of some mutation."""

from __future__ import annotations

import copy
import datetime as dt

from cryptography.hazmat.primitives.asymmetric import ed25519

from consent import record as rec
from tests.consent.making import (
    MEMO,
    NOW,
    OTHER_SHA256,
    SEALED,
    SIGNED,
    Made,
    with_passkey,
)
from tests.consent.mutations.edits import (
    EVALUATION,
    Mutation,
    all_of,
    ask,
    at,
    key_entry,
    retract,
    sibling_retracted,
    without_release,
)


def renewed(parts: Made) -> None:
    parts.record["event"]["state"] = "renewed"
    parts.record["previous_event_sha256"] = OTHER_SHA256


def special_category(parts: Made) -> None:
    parts.record["pii_information"][0]["special_category"] = True
    parts.record["purposes"][0]["lawful_basis"].append(rec.SPECIAL_CATEGORY_BASIS)


def newer_keyset(parts: Made) -> None:
    """The bundle's keyset is past its date; the retraction file brings the next one."""
    old = copy.deepcopy(parts.keyset)
    old["expires"] = rec.to_text(NOW - dt.timedelta(days=1))
    parts.keyset["version"] = 2
    retract()(parts)
    parts.keyset = old


GOOD: dict[str, Mutation] = {
    "a released file": ask(),
    "a sealed file": without_release,
    "a released file for its purpose and recipient": ask(purpose="evaluation", recipient="ai-developer"),
    "a renewed record": renewed,
    "a record signed with a passkey": with_passkey,
    "a record signed with an Ed25519 passkey": lambda parts: with_passkey(parts, ed25519.Ed25519PrivateKey.generate()),
    "a special category with explicit consent": special_category,
    "a key that has since expired": key_entry("seal", not_after=rec.to_text(SEALED + dt.timedelta(hours=1))),
    "a key that was revoked since": key_entry("seal", revoked_at=rec.to_text(SEALED + dt.timedelta(hours=1))),
    "a retraction list without the file": retract(),
    "a retraction list with a sibling": sibling_retracted(),
    "a retraction list with another purpose": all_of(
        retract({"artifact_id": str(MEMO), "purposes": ["training"]}), ask(**EVALUATION)
    ),
    "an expired keyset and a newer one with the list": newer_keyset,
    "the last second of the term": at(SIGNED + dt.timedelta(days=730) - dt.timedelta(seconds=1)),
}
