from __future__ import annotations

import random
import time
from typing import Any

import pytest
from thinc.api import NumpyOps

from redaction import analyzer, gemm, language_model, letters
from redaction.errors import DetectionIncompleteError
from redaction.transitions import Reader

TEXTS = letters.sentences(40, seed=7)
ODD = [
    "",
    " ",
    "\n\n \t",
    "Jane",
    "Jane Fairweather",
    "JANE FAIRWEATHER AND TOM OKAFOR, OF HOLLIS LOGISTICS LTD",
    "\u200b Jane \u00a0 Fairweather\n\nof\n  Leeds",
    "the United Nations High Commissioner for the Refugees of the Northern Territories of the Republic " * 6,
    "Monday " * 300,
    "three hundred and forty five million two hundred and twelve thousand six hundred and seventy eight dollars " * 4,
]


@pytest.fixture(scope="module")
def nlp() -> Any:
    """A model of its own: the tests change how it computes."""
    return language_model.load()


def wait(seconds: float) -> None:
    """Keep the processor busy: time is judged by what it worked."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


class WrongOps(gemm.BlasOps):
    """A matrix product that is wrong in one number of a thousand."""

    def gemm(self, x: Any, y: Any, out: Any = None, trans1: bool = False, trans2: bool = False) -> Any:
        product = super().gemm(x, y, out, trans1, trans2)
        product.flat[::1000] += 40.0
        return product


class SlowOps(gemm.BlasOps):
    """The right product, after a while."""

    def gemm(self, x: Any, y: Any, out: Any = None, trans1: bool = False, trans2: bool = False) -> Any:
        wait(0.02)
        return super().gemm(x, y, out, trans1, trans2)


def operations(nlp: Any) -> set[type]:
    return {type(node.ops) for node in nlp.get_pipe("ner").model.walk()}


def test_all_tokens_at_once_gives_the_entities_of_the_loop(nlp: Any) -> None:
    chance = random.Random(3)
    words = " ".join([*TEXTS, *letters.documents(20_000, seed=8)]).split(" ")
    shuffled = [" ".join(chance.choices(words, k=chance.randint(1, 60))) for _ in range(200)]
    texts = [*ODD, *TEXTS, *letters.documents(20_000, seed=9), *shuffled]
    loop, batch = gemm.one_by_one(nlp), gemm.all_at_once(nlp, Reader(nlp.get_pipe("ner")))
    expected = loop(texts)
    assert batch(texts) == expected
    assert sum(map(len, expected)) > 500
    assert {label for entities in expected for *_, label in entities} >= {"PERSON", "ORG", "GPE", "DATE", "MONEY"}


def test_long_entities_are_followed_to_their_end(nlp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    loop, batch = gemm.one_by_one(nlp), gemm.all_at_once(nlp, Reader(nlp.get_pipe("ner")))
    monkeypatch.setattr("redaction.transitions._IN_STEP", 1)
    assert batch([*ODD, *TEXTS]) == loop([*ODD, *TEXTS])


def test_the_sample_is_of_about_two_hundred_texts_with_entities(nlp: Any) -> None:
    sample = letters.sentences(gemm.SAMPLE, gemm._SEED)
    assert len(sample) == 200
    assert sum(map(len, gemm.one_by_one(nlp)(sample))) > 300


def test_a_product_with_wrong_numbers_is_not_used(nlp: Any) -> None:
    assert gemm.choose(nlp, WrongOps(), TEXTS).name.endswith(" blis")
    assert WrongOps not in operations(nlp)


def test_a_product_that_is_slower_is_not_used(nlp: Any) -> None:
    assert gemm.choose(nlp, SlowOps(), TEXTS).name.endswith(" blis")
    assert operations(nlp) == {NumpyOps}


def test_a_product_that_is_right_and_faster_is_used(nlp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [node.ops for node in nlp.get_pipe("ner").model.walk()]
    quick = NumpyOps.gemm

    def slow(self: Any, *arguments: Any, **options: Any) -> Any:
        wait(0.02)
        return quick(self, *arguments, **options)

    monkeypatch.setattr(NumpyOps, "gemm", slow)
    try:
        assert gemm.choose(nlp, gemm.BlasOps(), TEXTS[:4]).name.endswith(" numpy")
        assert operations(nlp) == {gemm.BlasOps}
    finally:
        gemm._set(nlp.get_pipe("ner"), before)


class Overlooks(Reader):
    """Misses the first entity of each text."""

    def __call__(self, docs: Any) -> Any:
        return [entities[1:] for entities in super().__call__(docs)]


class Dawdles(Reader):
    def __call__(self, docs: Any) -> Any:
        wait(0.5)
        return super().__call__(docs)


class Refuses(Reader):
    def __init__(self, ner: Any) -> None:
        raise DetectionIncompleteError(detail="another shape")


@pytest.mark.parametrize("reader", [Overlooks, Dawdles, Refuses])
def test_a_reader_that_differs_or_is_slower_or_does_not_fit_is_not_used(
    nlp: Any, reader: type[Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("redaction.gemm.Reader", reader)
    chosen = gemm.choose(nlp, WrongOps(), TEXTS)
    assert chosen.name == "loop blis"
    assert chosen.read(TEXTS) == gemm.one_by_one(nlp)(TEXTS)


def test_a_model_of_another_shape_is_not_read(nlp: Any) -> None:
    ner = nlp.get_pipe("ner")
    ner.model.attrs["unseen_classes"] = {3}
    try:
        with pytest.raises(DetectionIncompleteError):
            Reader(ner)
    finally:
        ner.model.attrs["unseen_classes"] = set()


def test_the_choice_is_part_of_the_fingerprint() -> None:
    reading = analyzer.analyzer().reading
    assert reading.split(" ")[0] in ("loop", "batch")
    assert reading.split(" ")[1] in ("blis", "numpy")
    assert f"; {reading}; " in analyzer.fingerprint()
    assert len(analyzer.fingerprint()) <= 200  # a column of the database
