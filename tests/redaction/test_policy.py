from __future__ import annotations

import hashlib

import pytest

from redaction import policy
from redaction.errors import PolicyError

STANDARD = (policy.FOLDER / "standard.toml").read_text()

MALFORMED = {
    "not toml": "schema = ",
    "no schema": STANDARD.replace("schema = 1", ""),
    "a schema of the future": STANDARD.replace("schema = 1", "schema = 2"),
    "an unknown key at the top": "colour = 'red'\n" + STANDARD,
    "an unknown key in a section": STANDARD.replace("verify = 0.15", "verify = 0.15\nverfy = 0.1"),
    "a misspelt key of an entity": STANDARD.replace(
        '[entities.PERSON]\noperator = "pseudonym"', '[entities.PERSON]\noperator = "pseudonym"\nflor = 0.1'
    ),
    "an operator nobody knows": STANDARD.replace('operator = "generalize"', 'operator = "encrypt"'),
    "a threshold above one": STANDARD.replace("default = 0.30", "default = 1.30"),
    "a text where a number is due": STANDARD.replace("chunk_chars = 2000", 'chunk_chars = "2000"'),
    "a mode nobody knows": "mode = 'cipher'\n" + STANDARD,
    "a mode that is no text": "mode = 1\n" + STANDARD,
    "no default treatment": STANDARD.replace("[entities.DEFAULT]", "[entities.OTHER]"),
    "no thresholds": STANDARD.replace("[thresholds]", "[entities.THRESHOLDS]"),
}


def test_every_shipped_policy_loads_under_its_own_name() -> None:
    assert policy.names() == ("context", "standard", "strict", "surrogates")
    assert [policy.load(name).name for name in policy.names()] == list(policy.names())


def test_a_policy_is_named_by_the_digest_of_its_bytes() -> None:
    expected = hashlib.sha256((policy.FOLDER / "strict.toml").read_bytes()).hexdigest()
    assert policy.load("strict").sha256 == expected


def test_types_the_policy_does_not_name_are_pseudonymised() -> None:
    assert policy.load("standard").treatment("SHOE_SIZE").operator == "pseudonym"


def test_a_pseudonym_is_a_token_unless_the_policy_says_otherwise() -> None:
    modes = {name: policy.load(name).mode for name in policy.names()}
    assert modes == {"context": "token", "standard": "token", "strict": "token", "surrogates": "surrogate"}
    assert policy.parse(("mode = 'token'\n" + STANDARD).encode()).mode == "token"


def test_dates_may_be_moved() -> None:
    moved = STANDARD.replace('operator = "generalize"', 'operator = "date_shift"')
    assert policy.parse(moved.encode()).treatment("DATE_OF_BIRTH").operator == "date_shift"


def test_dates_stay_in_standard_and_lose_day_and_month_in_strict() -> None:
    assert policy.load("standard").treatment("DATE_TIME").operator == "keep"
    assert policy.load("strict").treatment("DATE_TIME").operator == "generalize"


@pytest.mark.parametrize("source", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_policy_is_an_error(source: str) -> None:
    with pytest.raises(PolicyError):
        policy.parse(source.encode())


@pytest.mark.parametrize("name", ["", "nobody", "../policies/standard", "standard.toml"])
def test_only_shipped_names_are_policies(name: str) -> None:
    with pytest.raises(PolicyError):
        policy.load(name)
