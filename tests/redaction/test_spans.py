"""What guesses about people are dropped, and which stay."""

from __future__ import annotations

import pytest

from redaction.entities import Span
from redaction.spans import NER, PARTNER, plausible


def kept(text: str, found: str, source: str) -> list[str]:
    start = text.index(found)
    spans = plausible(Span(start, start + len(found), "PERSON", 0.9, source), text)
    return [text[one.start : one.end] for one in spans]


@pytest.mark.parametrize("found", ["nails", "price", "very nasty", "soooo lucky", "Yummmy"])
def test_words_in_small_letters_are_nobody_when_the_partner_alone_says_so(found: str) -> None:
    assert kept(f"We liked the {found} there.", found, PARTNER) == []


@pytest.mark.parametrize("found", ["grace", "olga petrenko", "Price", "amber hale"])
def test_names_in_small_letters_and_words_with_a_capital_stay(found: str) -> None:
    assert kept(f"We liked {found} there.", found, PARTNER) == [found]


@pytest.mark.parametrize("source", [NER, PARTNER, "given_name"])
def test_a_storm_is_nobody(source: str) -> None:
    assert kept("After Hurricane Agatha we rebuilt.", "Agatha", source) == []
    assert kept("After Agatha we rebuilt.", "Agatha", source) == ["Agatha"]
    assert kept("From: Hurricane Agatha", "Agatha", "mail_header") == ["Agatha"]


def test_a_people_with_an_article_is_nobody() -> None:
    assert kept("An Irish pint is larger.", "An Irish", NER) == []
