from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from consent import bundle, services, statement
from consent.errors import FormatError, VerificationError
from consent.record import to_text


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


DIGEST = "a" * 64


def check(envelope: dict[str, Any], kind: str = "batch", **more: Any) -> dict[str, Any]:
    trust = more.pop("trust", services.trust_fingerprint())
    return bundle.verify_statement(envelope, kind=kind, keyset=services.keyset(), trust=trust, **more)


def test_a_batch_is_signed_and_checked_outside_a_bundle(installation: None) -> None:
    signed = services.sign_statement("batch", {"manifest": DIGEST, "batch": DIGEST}, {"sealed_at": to_text(now())})

    said = check(signed)

    assert statement.subjects(said) == {"batch": DIGEST, "manifest": DIGEST}
    assert said["predicateType"] == "https://vouchsafe.example/batch/v1"


def test_a_statement_passes_for_no_other_kind(installation: None) -> None:
    signed = services.sign_statement("batch", {"manifest": DIGEST}, {"sealed_at": to_text(now())})

    with pytest.raises(VerificationError, match="predicate_type"):
        check(signed, kind="erasure")


def test_a_statement_that_says_no_time_is_nobodys_word(installation: None) -> None:
    signed = services.sign_statement("batch", {"manifest": DIGEST}, {"counts": 3})

    with pytest.raises(VerificationError, match="signature"):
        check(signed)


def test_a_statement_is_refused_once_the_keyset_is_past_its_date(installation: None) -> None:
    signed = services.sign_statement("batch", {"manifest": DIGEST}, {"sealed_at": to_text(now())})

    assert check(signed)
    with pytest.raises(VerificationError, match="keyset_expired"):
        check(signed, now=now() + dt.timedelta(days=4000))


def test_a_statement_from_before_the_key_is_refused(installation: None) -> None:
    signed = services.sign_statement("batch", {"manifest": DIGEST}, {"sealed_at": "2020-01-01T00:00:00Z"})

    with pytest.raises(VerificationError, match="signature"):
        check(signed)


def test_another_root_is_refused_at_step_1_and_a_changed_statement_at_step_3(installation: None) -> None:
    signed = services.sign_statement("batch", {"manifest": DIGEST}, {"sealed_at": to_text(now())})

    with pytest.raises(VerificationError) as refused:
        check(signed, trust="0" * 64)
    assert (refused.value.code, refused.value.step) == ("keyset", 1)
    with pytest.raises(VerificationError) as refused:
        check(signed | {"payload": "e30="})
    assert (refused.value.code, refused.value.step) == ("signature", 3)


@pytest.mark.parametrize("envelope", [{}, {"payload": 1}, [], None, "x"])
def test_what_is_no_envelope_is_refused(installation: None, envelope: Any) -> None:
    with pytest.raises(VerificationError) as refused:
        check(envelope)
    assert refused.value.code in ("bundle_schema", "malformed")


def test_nobody_can_sign_a_kind_that_does_not_exist(installation: None) -> None:
    with pytest.raises(KeyError):
        services.sign_statement("promise", {"file": DIGEST}, {})


def test_a_predicate_in_another_form_is_not_signed(installation: None) -> None:
    with pytest.raises(FormatError, match="malformed"):
        services.sign_statement("seal", {"file": DIGEST}, {"sealed_at": to_text(now())})
    with pytest.raises(FormatError, match="number"):
        services.sign_statement("batch", {"manifest": DIGEST}, {"sealed_at": to_text(now()), "share": 0.5})
