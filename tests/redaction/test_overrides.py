"""Decisions of people: found again in the original, or stale."""

from __future__ import annotations

import dataclasses

import pytest

from redaction.entities import DenyTerm, Override, Segment, Span
from redaction.overrides import Reading, anchor_digest, contexts, digests, resolve, spared, without
from redaction.registry import Registry, Sighting

KEY = b"k" * 32
SEGMENTS = (
    Segment("page1/b1", "Bluebird starts in May.", "F1"),
    Segment("page1/b2", "Jane Fairweather leads it.", "F1"),
    Segment("page2/b1", "Blue birds sing; Bluebird sings.", "F1"),
)
READING = Reading("f1", SEGMENTS, ("page1/img1", "page2/img1"))
DIGESTS = digests(READING, KEY)


def here(action: str, anchor: str, start: int = 0, end: int = 0) -> Override:
    return Override(
        action, ref="f1", anchor=anchor, start=start, end=end, digest=DIGESTS[anchor], entity_type="PROJECT"
    )


def test_an_old_decision_is_about_the_whole_submission() -> None:
    assert Override("hide", "crane").everywhere
    assert Override("keep", "Tom", "PERSON") == Override("keep", "Tom", "PERSON", "", "", 0, 0, "", "", "")
    assert resolve([Override("hide", "crane")], [READING], KEY) == resolve([], [READING], KEY)


def test_characters_are_hidden_and_kept_where_somebody_said_so() -> None:
    resolved = resolve([here("hide", "page1/b1", 0, 8), here("keep", "page1/b2", 0, 16)], [READING], KEY)
    assert resolved.hidden == {("f1", "page1/b1"): (Span(0, 8, "PROJECT", 1.0, "contributor"),)}
    assert resolved.kept == {("f1", "page1/b2"): ((0, 16),)}
    assert not resolved.stale


def test_a_text_is_hidden_in_one_file_alone() -> None:
    other = Reading("f2", SEGMENTS)
    resolved = resolve([Override("hide", "Bluebird", ref="f1")], [READING, other], KEY)
    assert {place: [(span.start, span.end) for span in spans] for place, spans in resolved.hidden.items()} == {
        ("f1", "page1/b1"): [(0, 8)],
        ("f1", "page2/b1"): [(17, 25)],
    }


def test_zones_are_painted_over_and_acknowledged() -> None:
    resolved = resolve([here("box", "page1/img1"), here("acknowledge", "page2/img1")], [READING], KEY)
    assert resolved.boxed == {"f1": ("page1/img1",)}
    assert resolved.acknowledged == {"f1": ("page2/img1",)}


def test_a_hidden_page_loses_text_and_pictures_under_one_token() -> None:
    resolved = resolve([Override("hide_page", ref="f1", anchor="page1")], [READING], KEY)
    assert resolved.pages == {"f1": (1,)}
    assert resolved.boxed == {"f1": ("page1/img1",)}
    spans = [(anchor, span.start, span.end, span.continued) for (_, anchor), (span,) in resolved.hidden.items()]
    assert spans == [("page1/b1", 0, 23, False), ("page1/b2", 0, 26, True)]


def test_page_1_is_not_page_10() -> None:
    reading = Reading("f1", (Segment("page1/b1", "one", "F1"), Segment("page10/b1", "ten", "F1")), ("page11",))
    resolved = resolve([Override("hide_page", ref="f1", anchor="page1")], [reading], KEY)
    assert list(resolved.hidden) == [("f1", "page1/b1")]
    assert not resolved.boxed


def test_an_excluded_file_is_excluded_and_its_other_decisions_ask_nobody() -> None:
    stale = dataclasses.replace(here("hide", "page1/b1", 0, 8), digest="other")
    resolved = resolve([Override("exclude", ref="f1"), stale], [READING], KEY)
    assert resolved.excluded == {"f1"}
    assert not resolved.stale


STALE = {
    "another digest": dataclasses.replace(here("hide", "page1/b1", 0, 8), digest="0" * 64),
    "no digest": dataclasses.replace(here("keep", "page1/b1", 0, 8), digest=""),
    "an anchor that is gone": Override("hide", ref="f1", anchor="page9/b9", end=4, digest="0" * 64),
    "beyond the end": here("hide", "page1/b1", 5, 99),
    "nothing": here("hide", "page1/b1", 5, 5),
    "a text that is gone": Override("hide", "Redbird", ref="f1"),
    "a zone that is gone": Override("box", ref="f1", anchor="page9/img1", digest=DIGESTS["page1/img1"]),
    "a zone of text": here("acknowledge", "page1/b1"),
    "a page that is gone": Override("hide_page", ref="f1", anchor="page9"),
    "no page": Override("hide_page", ref="f1", anchor="body"),
    "an action nobody knows": Override("shout", "x", ref="f1"),
}


@pytest.mark.parametrize("override", STALE.values(), ids=STALE.keys())
def test_a_decision_that_fits_nothing_is_stale(override: Override) -> None:
    assert resolve([override], [READING], KEY).stale == {"f1"}


def test_a_decision_about_a_file_that_is_gone_is_stale() -> None:
    assert resolve([Override("exclude", ref="f9")], [READING], KEY).stale == {"f9"}


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_change_of_the_text_or_beside_it_makes_a_decision_stale(index: int) -> None:
    changed = [*SEGMENTS]
    changed[index] = dataclasses.replace(SEGMENTS[index], text=SEGMENTS[index].text + "!")
    resolved = resolve([here("hide", "page1/b2", 0, 4)], [Reading("f1", changed)], KEY)
    assert resolved.stale == {"f1"}
    assert not resolved.hidden


def test_a_digest_says_nothing_without_the_key() -> None:
    assert anchor_digest(SEGMENTS[0], ("", ""), KEY) != anchor_digest(SEGMENTS[0], ("", ""), b"other")
    assert anchor_digest(Segment("a", "bc", "x"), ("", ""), KEY) != anchor_digest(
        Segment("ab", "c", "x"), ("", ""), KEY
    )


def test_a_deny_term_and_a_secret_are_not_kept_even_here() -> None:
    registry = Registry(
        [Sighting("Jane Fairweather", "PERSON", "ner"), Sighting("AKIAIOSFODNN7EXAMPLE", "AWS_KEY", "secrets")],
        deny=[DenyTerm("Bluebird", "PROJECT")],
    )
    kept = [(0, 30)]
    person, secret, term = (
        registry.owner(text, kind)
        for text, kind in (("Jane Fairweather", "PERSON"), ("AKIAIOSFODNN7EXAMPLE", "AWS_KEY"), ("Bluebird", "PROJECT"))
    )
    assert spared((Span(0, 16, "PERSON", 1.0, "ner"), person), kept, registry)
    assert not spared((Span(0, 16, "PERSON", 1.0, "ner"), person), [(0, 10)], registry)
    assert not spared((Span(0, 20, "AWS_KEY", 1.0, "secrets"), secret), kept, registry)
    assert not spared((Span(0, 8, "PROJECT", 1.0, "denylist"), term), kept, registry)
    assert not spared((Span(0, 8, "ORGANIZATION", 1.0, "ner"), term), kept, registry)


def test_only_the_kept_passage_is_known_to_verification() -> None:
    text = "Then Jane Fairweather and Tom Okafor came."
    [passage] = contexts(text, [(5, 21)], [(26, 36)])
    assert passage == "Then Jane Fairweather and "
    assert "Fairweather" not in without(text, [passage])
    assert without(f"{text} {text}", [passage]).count("Fairweather") == 1
