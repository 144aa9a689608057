"""No pattern in use may be kept busy by a string made for it. A timed test: who is slow can be stopped."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redaction import attacks
from redaction.recognizers import ids, secrets
from redaction.recognizers.rules import folded
from redaction.recognizers.secret_shapes import SHAPES
from redaction.recognizers.table import RULES, recognizers

FINDERS = attacks.finders(recognizers())


def test_there_are_enough_strings_of_the_full_length() -> None:
    strings = attacks.strings()
    assert len(set(strings.values())) == len(strings) >= 20
    assert {len(text) for text in strings.values()} == {attacks.LENGTH} == {10_000}


def test_every_recognizer_in_use_is_tried() -> None:
    assert {name for name, _ in RULES} < set(FINDERS)
    assert set(FINDERS) == {str(vars(one)["name"]) for one in recognizers()} - {"ner"}


@pytest.mark.parametrize("name", FINDERS)
def test_no_string_keeps_a_recognizer_busy(name: str) -> None:
    worst, seconds = attacks.slowest(FINDERS[name])
    assert seconds <= attacks.LIMIT, f"{name} takes {seconds * 1000:.0f} ms for {worst}"


def test_a_slow_pattern_is_caught() -> None:
    find: Callable[[str], object] = re.compile(r"[a-z.]+@[a-z]+").findall  # starts anew at each letter
    assert attacks.seconds(find, attacks.strings()["letters and dots"]) > attacks.LIMIT


def test_a_recognizer_that_is_fast_enough_passes() -> None:
    find: Callable[[str], object] = re.compile(r"[a-z.]{1,64}@").findall
    assert attacks.slowest(find)[1] <= attacks.LIMIT


NEEDS = [
    # What is drawn does not heed what a pattern looks ahead for.
    *((pattern, needed) for _, _, pattern, needed in SHAPES if "(?=" not in pattern.pattern),
    *((pattern, secrets._NEEDED[kind]) for kind, pattern in secrets._KEYWORDS),
    (secrets._SETTING, secrets._SETTING_NEEDS),
]


@pytest.mark.parametrize("number", range(len(NEEDS)))
def test_whatever_a_pattern_matches_holds_what_it_is_said_to_need(number: int) -> None:
    pattern, needed = NEEDS[number]

    @settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(pattern))
    def holds(text: str) -> None:
        assert any(one in (folded(text) if one == one.lower() else text) for one in needed)

    holds()


def test_folding_leaves_no_letter_that_a_pattern_without_case_would_take() -> None:
    letters = [chr(code) for code in range(0x110000) if re.match("[a-z]", chr(code), re.IGNORECASE)]
    assert len(letters) > 52
    for letter in letters:
        assert re.fullmatch("[a-z]", folded(letter)), hex(ord(letter))


@pytest.mark.parametrize("kind", [kind for kind, _ in ids._KEYWORDS])
def test_every_keyword_of_a_number_is_looked_for_by_its_first_letters(kind: str) -> None:
    keyword = re.compile(dict(ids._KEYWORDS)[kind], re.IGNORECASE)

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(keyword, fullmatch=True))
    def holds(text: str) -> None:
        assert ids._starts(text)[kind][0] == 0

    holds()
