"""No pattern in use may be kept busy by a string made for it. A timed test: who is slow can be stopped."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redaction import attacks
from redaction.recognizers import (
    address,
    age,
    birth_date,
    greeting,
    ids,
    introduction,
    mail_header,
    position,
    secrets,
    table,
    web,
)
from redaction.recognizers.rules import folded, lowered, matches_at, places
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
    (introduction._NAME_IS, introduction._NEEDED_BY_NAME),
    (introduction._SPEAKING, introduction._NEEDED_BY_SPEAKING),
    (introduction._WHOM, introduction._NEEDED_BY_WHOM),
    (age._PATTERNS[1], ("age",)),
    (age._PATTERNS[2], age._TURNS),
    (birth_date._BORN, birth_date._NEEDED),
    (address._MILITARY, address._POSTS),
    (address._UNIT_LINE, address._UNITS),
    (address._NAMED_CODE, ("code", "zip")),
    (address._CORNER, ("corner of ",)),
    (ids._PATIENT, ids._OF_PATIENTS),
    (ids._PLATE, ("plate", "registration")),
    (web._URL, ("://",)),
    (web._HANDLE, ("@",)),
    (position._SEXAGESIMAL, ("°", "º")),
]
# A match of the first holds one of the second.
HOLDS = [
    (introduction._FIRM, introduction._NEEDED_BY_FIRM),
    (web._HOST, web._DOTTED),
    (position._DECIMAL, position._FINE),
    (address._CODE, address._CODED),
    (mail_header._BEFORE_ADDRESS, mail_header._AT),
    (greeting._SIGN_OFF, greeting._CLOSES),
    *((pattern, ids._CODED) for _, pattern in ids._SHAPES),
    *(
        (re.compile(one.regex), re.compile("|".join(need.pattern for need in screened._needs)))
        for screened in (table._Ip, table._Ssn, table._Itin)
        for one in screened.PATTERNS
    ),
]


@pytest.mark.parametrize("number", range(len(NEEDS)))
def test_whatever_a_pattern_matches_holds_what_it_is_said_to_need(number: int) -> None:
    pattern, needed = NEEDS[number]

    @settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(pattern))
    def holds(text: str) -> None:
        assert any(one in (folded(text) if one == one.lower() else text) for one in needed)

    holds()


@pytest.mark.parametrize("number", range(len(HOLDS)))
def test_whatever_a_pattern_matches_holds_a_match_of_the_one_that_screens_for_it(number: int) -> None:
    pattern, need = HOLDS[number]

    @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(pattern))
    def holds(text: str) -> None:
        if match := pattern.search(text):
            assert need.search(text, match.start(), match.end())

    holds()


@settings(max_examples=60, deadline=None, database=None)
@given(st.from_regex(secrets._SETTING, fullmatch=True))
def test_every_name_of_a_setting_is_looked_for_by_its_first_letters(text: str) -> None:
    assert places(lowered(text), secrets._SETTING_HEADS)[:1] == [0]
    assert "=" in text or ":" in text


@settings(max_examples=60, deadline=None, database=None)
@given(st.from_regex(mail_header._LABEL, fullmatch=True), st.from_regex(greeting._SIGN_OFF, fullmatch=True))
def test_a_label_and_a_closing_are_no_longer_than_they_are_looked_for(label: str, closing: str) -> None:
    assert mail_header._SIGN.search(label, 0, mail_header._LONGEST_LABEL)
    assert len(closing) <= greeting._LONGEST_CLOSING


def test_years_after_a_number_are_screened_for() -> None:
    for text in ("34 years old", "34-year-old", "34 yrs of age", "34y/o", "34 y.o", "34YO"):
        assert [text[hit.start : hit.end] for hit in age.find(text)] == ["34"], text


def test_places_are_found_in_order_and_matches_at_them_do_not_overlap() -> None:
    text = "token=token=aa b secret=cc"
    starts = places(text, ("secret", "token"))
    assert starts == [0, 6, 17]
    found = matches_at(re.compile(r"\w+=\w+=?"), text, starts)
    assert [match.group() for match in found] == ["token=token=", "secret=cc"]


def test_small_letters_stand_where_the_letters_stood() -> None:
    for code in range(0x110000):
        assert len(lowered(chr(code))) == 1, hex(code)
        if re.match("[a-z]", chr(code), re.IGNORECASE):
            assert re.fullmatch("[a-z]", lowered(chr(code))), hex(code)


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
        assert ids._starts(text, lowered(text))[kind][0] == 0

    holds()
