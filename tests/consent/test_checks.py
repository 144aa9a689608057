"""No check of the verifier is there for nothing: with any single one taken out, some answer changes."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from consent import bundle, keys
from consent.errors import VerificationError
from consent.record import canonical
from tests.consent import checks
from tests.consent.checks import Site
from tests.consent.making import NOW, build, made, sign, sign_keyset
from tests.consent.mutations import GOOD, MUTATIONS

SAMPLE = 25
Case = tuple[Callable[[], object], str | None]


def bundles() -> list[Case]:
    """A call of the verifier for each good and bad bundle, with the code that it must answer."""
    known = {**MUTATIONS, **{name: (mutate, None) for name, mutate in GOOD.items()}}
    return [(_call(name), code) for name, (_, code) in known.items()]


def _call(name: str) -> Callable[[], object]:
    parts = made()
    (MUTATIONS[name][0] if name in MUTATIONS else GOOD[name])(parts)
    data = build(parts)
    retractions = None if parts.retractions is None else canonical(parts.retractions)
    asked: dict[str, Any] = {"trust": parts.trust, "now": parts.now, "retractions": retractions, **parts.asked}
    return lambda: bundle.verify(parts.file_sha256, data, **asked)


def statements() -> list[Case]:
    """Statements outside a bundle, which no schema of a bundle has looked at before."""
    parts = made()
    keyset = canonical(sign_keyset(parts, parts.keyset))
    timeless = sign(parts, "batch", {"manifest": "0" * 64}, {"counts": 3})

    def verify(envelope: Any) -> Callable[[], object]:
        return lambda: bundle.verify_statement(envelope, kind="batch", keyset=keyset, trust=parts.trust, now=NOW)

    return [(verify(timeless), "signature"), (verify(timeless | {"note": "x"}), "bundle_schema")]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [*bundles(), *statements()]


def answer(call: Callable[[], object]) -> str | None:
    try:
        call()
    except VerificationError as error:
        return error.code
    return None


def chosen() -> list[Site]:
    """Some checks, or with CHECKS=all every one."""
    found = checks.sites()
    return found if os.environ.get("CHECKS") == "all" else random.Random(len(found)).sample(found, SAMPLE)


def test_every_case_has_its_answer(cases: list[Case]) -> None:
    assert [answer(call) for call, _ in cases] == [code for _, code in cases]
    assert len(checks.sites()) > 120


@pytest.mark.parametrize("site", chosen(), ids=str)
def test_without_this_check_some_answer_changes(cases: list[Case], site: Site) -> None:
    keys._opened.cache_clear()

    with checks.removed(site):
        assert any(answer(call) != code for call, code in cases)
    keys._opened.cache_clear()
