"""Edits sit inside the mentions, the gold goes along, and who undoes the edits has the original again."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable

import pytest

from tests.corpus.evasion import HOMOGLYPHS, INVISIBLE, KINDS, Kind, Mark, perturbed, swapped
from tests.corpus.gold import documents

TEXT = "Hello Jonathan Mayer, call +1 212 555 0143 before noon.\nJo"
SPANS: tuple[Mark, ...] = ((6, 20, "PERSON"), (27, 42, "PHONE_NUMBER"), (56, 58, "PERSON"))
_SWAP = re.compile("\u202d\u2066\u202e\u2066(.)\u2069\u2066(.)\u2069\u202c\u2069\u202c")
_BACK = {other: plain for plain, others in HOMOGLYPHS.items() for other in others}


def without_invisible(text: str) -> str:
    return "".join(letter for letter in text if letter not in INVISIBLE)


def with_plain_letters(text: str) -> str:
    return "".join(_BACK.get(letter, letter) for letter in text)


def in_shown_order(text: str) -> str:
    return _SWAP.sub(r"\2\1", text)


def with_deletions_made(text: str) -> str:
    shown: list[str] = []
    for letter in text:
        if letter in "\b\x7f":
            shown.pop()
        else:
            shown.append(letter)
    return "".join(shown)


UNDO: dict[Kind, Callable[[str], str]] = {
    "invisible": without_invisible,
    "homoglyph": with_plain_letters,
    "reordering": in_shown_order,
    "deletion": with_deletions_made,
}


def changes(kind: Kind, edited: str) -> int:
    """How many edits of a kind are in a text."""
    if kind == "reordering":
        return len(_SWAP.findall(edited))
    signs = {"invisible": INVISIBLE, "homoglyph": "".join(_BACK), "deletion": "\b\x7f"}[kind]
    return sum(letter in signs for letter in edited)


@pytest.mark.parametrize("edits", [1, 3, 5])
@pytest.mark.parametrize("kind", KINDS)
def test_undoing_the_edits_gives_the_original(kind: Kind, edits: int) -> None:
    for seed in range(40):
        text, spans = perturbed(TEXT, SPANS, kind, edits, random.Random(seed))
        assert text != TEXT
        assert UNDO[kind](text) == TEXT
        assert [UNDO[kind](text[start:end]) for start, end, _ in spans] == [TEXT[a:b] for a, b, _ in SPANS]
        assert [label for _, _, label in spans] == [label for _, _, label in SPANS]
        assert changes(kind, text[spans[0][0] : spans[0][1]]) == edits or kind == "reordering"


@pytest.mark.parametrize("kind", KINDS)
def test_text_outside_the_mentions_stays(kind: Kind) -> None:
    text, spans = perturbed(TEXT, SPANS, kind, 5, random.Random(1))
    kept = [text[: spans[0][0]], text[spans[0][1] : spans[1][0]], text[spans[1][1] : spans[2][0]], text[spans[2][1] :]]
    assert kept == ["Hello ", ", call ", " before noon.\n", ""]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_edits(kind: Kind) -> None:
    assert perturbed(TEXT, SPANS, kind, 3, random.Random(4)) == perturbed(TEXT, SPANS, kind, 3, random.Random(4))
    results = {perturbed(TEXT, SPANS, kind, 3, random.Random(seed))[0] for seed in range(10)}
    assert len(results) > 5


@pytest.mark.parametrize("kind", KINDS)
def test_the_gold_corpus_can_be_perturbed(kind: Kind) -> None:
    """Most mentions of the corpus take the edits, and each comes back."""
    rng = random.Random(5)
    mentions = edited = 0
    for document in documents("dev", 2, 150):
        text, spans = perturbed(document.text, document.spans, kind, 3, rng)
        for (start, end, label), (before, after, was) in zip(spans, document.spans, strict=True):
            original = document.text[before:after]
            assert label == was
            mentions += 1
            edited += text[start:end] != original
            if kind != "homoglyph" or original.isascii():  # what was Cyrillic before the edit stays so
                assert UNDO[kind](text[start:end]) == original
    assert mentions > 1000
    assert edited / mentions > 0.85


@pytest.mark.parametrize("kind", ["invisible", "deletion"])
def test_insertions_stay_between_the_first_and_the_last_character(kind: Kind) -> None:
    for seed in range(30):
        text, spans = perturbed("ab", [(0, 2, "PERSON")], kind, 3, random.Random(seed))
        assert text[0] == "a"
        assert text[-1] == "b"
        assert changes(kind, text) == 3
        assert spans == ((0, len(text), "PERSON"),)


@pytest.mark.parametrize(
    ("kind", "mention"),
    [("invisible", "X"), ("deletion", "X"), ("homoglyph", "佐藤"), ("reordering", "aa"), ("reordering", "نجيب")],
)
def test_where_there_is_no_room_nothing_changes(kind: Kind, mention: str) -> None:
    marks = ((0, len(mention), "PERSON"),)
    assert perturbed(mention, marks, kind, 3, random.Random(0)) == (mention, marks)


def test_homoglyphs_are_other_characters_of_another_alphabet() -> None:
    for plain, others in HOMOGLYPHS.items():
        for other in others:
            assert not other.isascii()
            assert unicodedata.category(other) == unicodedata.category(plain), (plain, other)
    assert len(_BACK) == sum(map(len, HOMOGLYPHS.values()))


def test_controls_of_a_swap_are_balanced() -> None:
    controls = [unicodedata.bidirectional(letter) for letter in swapped("a", "b")]
    assert controls == ["LRO", "LRI", "RLO", "LRI", "L", "PDI", "LRI", "L", "PDI", "PDF", "PDI", "PDF"]


@pytest.mark.parametrize(
    "spans",
    [[(0, 3, "PERSON"), (2, 5, "PERSON")], [(4, 5, "PERSON"), (0, 1, "PERSON")], [(0, 9, "PERSON")], [(1, 1, "X")]],
)
def test_bad_spans_are_refused(spans: list[Mark]) -> None:
    with pytest.raises(ValueError, match="spans must be sorted"):
        perturbed("abcdef", spans, "invisible", 1, random.Random(0))
