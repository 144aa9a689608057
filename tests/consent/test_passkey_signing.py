"""Signing with a passkey, from the prepared page to a bundle that verifies offline."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from django.utils import timezone

from consent import bundle, keys, passkey, services
from consent.documents import Documents
from consent.errors import PasskeyError, StateError
from consent.models import ConsentGrant, ConsentRecord, Evidence
from consent.record import sha256_hex, to_text
from consent.signing import LOCAL_SITE
from tests.consent.conftest import Give, Prepare
from tests.consent.making import FILES, MEMO, assertion_bytes

PRIVATE = ec.generate_private_key(ec.SECP256R1())
SPKI = keys.spki(PRIVATE.public_key())


def answers(challenges: dict[str, bytes], private: Any = PRIVATE, **wrong: Any) -> dict[str, dict[str, bytes]]:
    """What the browser brings back for each challenge."""
    here = {"rp_id": "localhost", "client": {"origin": LOCAL_SITE}}
    return {kind: assertion_bytes(private, challenge, here | wrong) for kind, challenge in challenges.items()}


@pytest.fixture
def begun(prepare: Prepare) -> tuple[Documents, dict[str, bytes]]:
    return services.begin_passkey(prepare(), SPKI)


def test_a_passkey_signs_all_three_documents_and_the_bundle_verifies_offline(
    begun: tuple[Documents, dict[str, bytes]],
) -> None:
    signed, challenges = begun
    assert list(challenges) == ["rights", "third_party", "record"]
    assert signed.parsed("record")["signature"] == {
        "method": "webauthn",
        "credential_spki_sha256": sha256_hex(SPKI),
    }

    record = services.give_by_passkey(signed, answers(challenges))

    data = services.issue_bundle(
        record,
        artifact_id=MEMO,
        redacted_sha256=FILES[0].redacted_sha256,
        redaction={"tool": "t", "policy": "standard 1", "policy_sha256": "0" * 64, "entities": {}},
        verification={"verdict": "CLEAN", "at": timezone.now()},
        sealed_at=timezone.now().replace(microsecond=0),
    )
    found = bundle.verify(FILES[0].redacted_sha256, data, trust=services.trust_fingerprint())
    assert (found.method, found.strength) == ("webauthn", "passkey")
    assert services.is_given(record)
    assert not Evidence.objects.exists()  # nothing was typed


def test_an_ed25519_passkey_signs_as_well(prepare: Prepare) -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    signed, challenges = services.begin_passkey(prepare(), keys.spki(private.public_key()))

    assert services.give_by_passkey(signed, answers(challenges, private)).state == "given"


def test_a_refusal_has_one_challenge(prepare: Prepare) -> None:
    refused = prepare(choices={"evaluation": "refused", "training": "refused"})
    signed, challenges = services.begin_passkey(refused, SPKI)

    assert list(challenges) == ["record"]
    assert services.give_by_passkey(signed, answers(challenges)).state == "refused"


Change = Callable[[dict[str, dict[str, bytes]]], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda given: given.pop("rights"),
        lambda given: given.update(more=given["record"]),
        lambda given: given.update(rights=given["record"]),
        lambda given: given["record"].update(signature=given["rights"]["signature"]),
        lambda given: given["record"].update(spki=keys.spki(ec.generate_private_key(ec.SECP256R1()).public_key())),
        lambda given: given["record"].update(client_data=b"{}"),
        lambda given: given["record"].update(authenticator_data=b""),
    ],
    ids=["missing", "too many", "swapped", "another's signature", "another key", "no client data", "no data"],
)
def test_what_does_not_hold_signs_nothing(begun: tuple[Documents, dict[str, bytes]], change: Change) -> None:
    signed, challenges = begun
    given = answers(challenges)
    change(given)

    with pytest.raises(PasskeyError):
        services.give_by_passkey(signed, given)
    assert not ConsentRecord.objects.exists()
    assert not ConsentGrant.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"client": {"origin": "https://vouchsafe.example"}},
        {"rp_id": "example.org"},
        {"flags": 0x01},
        {"client": {"origin": LOCAL_SITE, "type": "webauthn.create"}},
    ],
    ids=["another site's page", "another site's passkey", "not verified", "made, not used"],
)
def test_a_passkey_signs_only_here_and_only_its_owner(
    begun: tuple[Documents, dict[str, bytes]], wrong: dict[str, Any]
) -> None:
    signed, challenges = begun

    with pytest.raises(PasskeyError):
        services.give_by_passkey(signed, answers(challenges, **wrong))


def test_ten_minutes_later_the_page_has_to_be_opened_again(
    begun: tuple[Documents, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    signed, challenges = begun
    late = timezone.now() + dt.timedelta(minutes=11)
    monkeypatch.setattr("django.utils.timezone.now", lambda: late)

    with pytest.raises(PasskeyError):
        services.give_by_passkey(signed, answers(challenges))


def test_a_page_from_before_a_withdrawal_signs_nothing(prepare: Prepare, give: Give) -> None:
    first = give()
    signed, challenges = services.begin_passkey(prepare(), SPKI)
    services.withdraw(first)

    with pytest.raises(StateError):
        services.give_by_passkey(signed, answers(challenges))


def test_a_challenge_is_bound_to_the_kind_and_to_every_byte(begun: tuple[Documents, dict[str, bytes]]) -> None:
    signed, challenges = begun
    text = signed.texts()["record"].encode()

    assert challenges["record"] == passkey.challenge("record", text)
    assert len({passkey.challenge(kind, text) for kind in passkey.DOMAINS}) == 3
    assert passkey.challenge("record", text + b" ") != challenges["record"]
    assert uuid.UUID(signed.parsed("record")["record_id"])
    assert signed.parsed("record")["event"]["time"] <= to_text(timezone.now())
