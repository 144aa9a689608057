from __future__ import annotations

import hashlib

import pytest

from redaction import engine, policy, weights
from redaction.detection import detect
from redaction.entities import Segment, SourceFile
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
    "a profile nobody knows": STANDARD.replace('profile = "fast"', 'profile = "slow"'),
    "a model that is no text": STANDARD.replace('model = "en_core_web_md"', "model = 3"),
    "no model": STANDARD.replace('model = "en_core_web_md"', 'model = ""'),
    "a partner who may guess": STANDARD.replace("partner = 0.30", "partner = 0.01"),
    "no threshold of the partner": STANDARD.replace("partner = 0.30", ""),
    "no limit of suspicious signs": STANDARD.replace("suspicious_per_1k = 4 ", "# "),
    "a limit of suspicious signs that none can reach": STANDARD.replace("_per_1k = 4 ", "_per_1k = 1001 "),
    "a country nobody knows": STANDARD.replace('countries = ["uk", "us"]', 'countries = ["uk", "usa"]'),
    "countries that are no list": STANDARD.replace('countries = ["uk", "us"]', 'countries = "uk"'),
    "a recognizer that is no word": STANDARD.replace("off = []", "off = [1]"),
    "an unknown key of recognizers": STANDARD.replace("off = []", "off = []\non = []"),
    "no recognizers": STANDARD.replace("[recognizers]", "[entities.RECOGNIZERS]"),
    "a look that is neither asked for nor not": STANDARD.replace(
        '[entities.PERSON]\noperator = "pseudonym"', '[entities.PERSON]\noperator = "pseudonym"\nask = 1'
    ),
    "context without words": STANDARD + "\n[context.US_SSN]\nrequired = true\n",
    "context of no words": STANDARD + "\n[context.US_SSN]\nwords = []\n",
    "context of numbers": STANDARD + "\n[context.US_SSN]\nwords = [1]\n",
    "context that is no table": "context = 3\n" + STANDARD,
    "an unknown key of context": STANDARD + '\n[context.US_SSN]\nwords = ["ssn"]\nnear = 3\n',
    "context neither required nor not": STANDARD + '\n[context.US_SSN]\nwords = ["ssn"]\nrequired = "yes"\n',
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


def test_shipped_policies_search_without_the_partner_and_switch_nothing_off() -> None:
    for name in policy.names():
        shipped = policy.load(name)
        assert (shipped.profile, shipped.model, shipped.off) == (policy.FAST, weights.MODEL, frozenset())
        assert shipped.partner_floor >= shipped.verify_floor


def test_full_another_model_and_the_floor_of_the_partner_are_settings() -> None:
    source = STANDARD.replace('profile = "fast"', 'profile = "full"').replace("partner = 0.30", "partner = 0.45")
    changed = policy.parse(source.replace('model = "en_core_web_md"', 'model = "en_core_web_sm"').encode())
    assert (changed.profile, changed.model, changed.partner_floor) == (policy.FULL, "en_core_web_sm", 0.45)


def test_recognizers_are_switched_off_by_name_and_by_country() -> None:
    text = "Write to jane@acme.example.com; her SSN is 536-90-4399."
    source = STANDARD.replace('countries = ["uk", "us"]', 'countries = ["uk"]').replace("off = []", 'off = ["email"]')
    changed = policy.parse(source.encode())

    def found(chosen: policy.Policy) -> set[str]:
        [spans] = detect([Segment("l1", text, "TX")], chosen, chosen.floor)
        return {span.source for span in spans}

    assert {"email", "us_ssn"} <= found(policy.load("standard"))
    assert not {"email", "us_ssn"} & found(changed)
    assert not changed.uses("us_ssn")
    assert changed.uses("iban")


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


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", ["12-34-57"]),
        ('\n[context.SORT_CODE]\nwords = ["Friday"]\nrequired = true\n', ["12-34-56"]),
        ('\n[context.POST_CODE]\nwords = ["Friday"]\n', ["12-34-57"]),
    ],
    ids=["as shipped", "of its own", "of another kind"],
)
def test_a_policy_says_which_words_have_to_stand_near_a_finding(more: str, expected: list[str]) -> None:
    rules = policy.parse((STANDARD + more).encode())
    texts = ("Pay 12-34-56 by Friday.", "Bank code 12-34-57.")

    found = [
        text[one.start : one.end]
        for text in texts
        for one in detect([Segment("p1", text, "T1")], rules, rules.floor)[0]
        if one.entity_type == "SORT_CODE"
    ]

    assert found == expected


def test_a_policy_asks_a_person_about_files_that_held_a_kind_of_finding() -> None:
    person = '[entities.PERSON]\noperator = "pseudonym"'
    rules = policy.parse(STANDARD.replace(person, f"{person}\nask = true").encode())
    texts = {"mail.txt": "Dear Ms Alice Miller,\n\nthank you.\n", "note.txt": "The pump runs again.\n"}

    result = engine.redact([SourceFile(name, name, text.encode()) for name, text in texts.items()], rules)

    assert [one.verdict.value for one in result.files] == ["NEEDS_ACK", "CLEAN"]
    assert result.files[0].reasons == ("policy-asks",)
    assert [ack.id for ack in result.files[0].acks] == ["policy-asks:"]
