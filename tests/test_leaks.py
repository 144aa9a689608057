from __future__ import annotations

from tests.corpus import samples
from tests.leaks import found


def test_every_planted_word_is_found_in_its_own_file() -> None:
    """The search that proves absence must first prove presence."""
    for sample in samples():
        for file in sample.files:
            inside = {planted.value for planted in file.planted if planted.where != "file name"}
            assert found(inside, file.data) == inside


def test_an_absent_word_is_not_found() -> None:
    file = samples()[0].files[0]
    assert not found({"Ingeborg Falkenrath", "+44 20 7946 0958"}, file.data)
