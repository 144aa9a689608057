"""Mentions of whole files: settled once where nothing is added to what was found, anew where something is."""

from __future__ import annotations

from redaction import planning, policy
from redaction.bench_parts import extracted
from redaction.entities import DenyTerm, Override, Segment, Span
from redaction.files import File
from redaction.overrides import Resolved
from redaction.propagation import joined
from redaction.registry import Registry, Sighting
from redaction.treatment import Writer
from tests.growth import grows_linearly


def looked_through(text: str, *names: str) -> tuple[File, planning.Found]:
    """A file in which ``names`` were found as people, and what was seen in it."""
    file = extracted(text)
    file.spans = [
        [Span(one.text.index(name), one.text.index(name) + len(name), "PERSON", 0.9, "ner") for name in names]
        if all(name in one.text for name in names)
        else []
        for one in file.segments
    ]
    return file, planning._completed([file])


def written(file: File, found: planning.Found, registry: Registry) -> object:
    rules = policy.load("standard")
    planning.plan([file], registry, Writer(registry, rules, bytes(32)), Resolved(), found)
    return file.mentions, file.replaced, registry.entities()


def test_where_no_name_grows_mentions_are_settled_once_and_are_the_same() -> None:
    text = "Jane Fairweather and Tom Okafor left.\nFairweather wrote to Tom."
    file, found = looked_through(text, "Jane Fairweather", "Tom Okafor")
    assert found.registry() is found.settled
    once = written(file, found, found.registry())
    assert once == written(file, found, Registry(found.sightings))
    assert sum(map(len, file.mentions)) == 3


def test_what_people_say_makes_another_registry() -> None:
    _, found = looked_through("Jane Fairweather left.", "Jane Fairweather")
    assert found.registry(deny=[DenyTerm("Bluebird")]) is not found.settled
    assert found.registry(overrides=[Override("keep", "Jane Fairweather")]) is not found.settled
    assert found.registry(found_again=[Sighting("Tom", "PERSON", "ner")]) is not found.settled


def test_a_name_that_grew_is_looked_for_anew() -> None:
    file, found = looked_through("Judith Perdomo left.\nThen Judith wrote.", "Perdomo")
    assert found.settled is None
    written(file, found, found.registry())
    told = [
        segment.text[span.start : span.end]
        for segment, spans in zip(file.segments, file.mentions, strict=True)
        for span, _ in spans
    ]
    assert told == ["Judith Perdomo", "Judith"]


def test_the_way_back_from_a_hit_does_not_grow_with_the_text() -> None:
    def work(parts: int) -> None:
        whole = joined([Segment(f"l{number}", "ab", "TX") for number in range(parts)])
        for at in range(0, 3 * parts, 3):
            assert len(list(whole.locate(at, at + 2))) == 1

    assert grows_linearly(work, 1_000, 16_000)
