"""The verifier against every way we know to lie with a bundle, and against changed bytes."""

from __future__ import annotations

import os
import random

import pytest
from cryptography.hazmat.primitives import hashes, serialization

from consent import bundle, keys
from consent import record as rec
from consent.errors import EXIT_NOT_FRESH, EXIT_RETRACTED, SENTENCES, VerificationError
from tests.consent.making import (
    FILE_SHA256,
    MEMO,
    NOW,
    RELEASED,
    SEALED,
    SUBMISSION,
    Made,
    build,
    check,
    made,
    with_passkey,
)
from tests.consent.mutations import GOOD, MUTATIONS
from tests.consent.mutations.edits import retract


@pytest.mark.parametrize("name", MUTATIONS)
def test_it_refuses(name: str) -> None:
    mutate, code = MUTATIONS[name]
    parts = made()

    mutate(parts)

    with pytest.raises(VerificationError) as refused:
        check(parts)
    assert refused.value.code == code
    assert refused.value.sentence == SENTENCES[code]
    assert refused.value.exit_status == (2 if code in EXIT_RETRACTED else 3 if code in EXIT_NOT_FRESH else 1)


def test_every_code_is_the_answer_to_some_mutation() -> None:
    assert {code for _, code in MUTATIONS.values()} == set(SENTENCES)


@pytest.mark.parametrize("name", GOOD)
def test_it_accepts(name: str) -> None:
    parts = made()
    GOOD[name](parts)

    found = check(parts)

    assert (found.artifact_id, found.sha256, found.submission_id) == (str(MEMO), FILE_SHA256, str(SUBMISSION))
    assert found.purposes == ("evaluation",)
    assert found.recipients == ("ai-developer",)
    assert found.strength == ("platform_attested" if parts.passkey is None else "passkey")
    assert (found.time_source, found.time) == (
        "cosignature",
        rec.to_text(SEALED if parts.release is None else RELEASED),
    )


def test_it_takes_a_fingerprint_in_capitals() -> None:
    parts = made()

    assert bundle.verify(FILE_SHA256, build(parts), trust=parts.trust.upper(), now=NOW).stage == "released"


def test_it_says_whether_retraction_was_looked_at() -> None:
    without, with_list = made(), made()
    retract()(with_list)

    assert (check(without).retraction_status, check(without).retraction_sequence) == ("unknown", None)
    assert (check(with_list).retraction_status, check(with_list).retraction_sequence) == ("clean", 4)


def test_openssl_would_name_a_key_by_the_same_id() -> None:
    public = made().signers["seal"].private.public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)

    assert keys.key_id(public) == digest.finalize().hex()


def refused(data: bytes, parts: Made) -> bool:
    """Whether it is refused by a rule: an answer that nobody foresaw counts for none."""
    try:
        bundle.verify(FILE_SHA256, data, trust=parts.trust, now=NOW)
    except VerificationError as error:
        return error.code != "malformed"
    return False


def places(length: int, step: int) -> range:
    """Every ``step``-th place, from one that moves with the seed of the run; with FUZZ=all every place."""
    return range(length) if os.environ.get("FUZZ") == "all" else range(random.randrange(step), length, step)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("passkeys", [False, True], ids=["typed", "passkey"])
@pytest.mark.parametrize("mask", [0x01, 0x80])
def test_no_changed_byte_is_accepted(mask: int, passkeys: bool) -> None:
    parts = made()
    if passkeys:
        with_passkey(parts)
    good = build(parts)
    assert not refused(good, parts)

    for place in places(len(good), 23):
        data = bytearray(good)
        data[place] ^= mask
        assert refused(bytes(data), parts), f"byte {place} of {len(good)}"


@pytest.mark.timeout(1800)
def test_no_missing_or_doubled_byte_is_accepted() -> None:
    parts = made()
    good = build(parts)

    for place in places(len(good), 47):
        assert refused(good[:place] + good[place + 1 :], parts), f"without byte {place}"
        assert refused(good[:place] + good[place : place + 1] + good[place:], parts), f"byte {place} twice"
