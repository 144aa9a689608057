"""Text in pixels is read by both engines, with boxes that hold it, and never half."""

from __future__ import annotations

import pytest

from redaction import ocr
from redaction.errors import RedactionError, RefusedError
from tests.redaction.pictures import drawn, plain, text_of

LINES = ("Meeting with Jane Fairweather", "Ticket 4711 is still open")


def test_both_engines_are_installed() -> None:
    assert ocr.engines() == (ocr.TESSERACT, ocr.RAPID)


@pytest.mark.parametrize("engine", ["", ocr.TESSERACT, ocr.RAPID])
def test_each_engine_reads_lines_in_order(engine: str) -> None:
    read = text_of(ocr.read(plain(drawn(LINES)), engine=engine)).splitlines()
    assert [line.replace(" ", "") for line in read] == [line.replace(" ", "") for line in LINES]


@pytest.mark.parametrize("engine", ["", ocr.TESSERACT, ocr.RAPID])
def test_a_box_holds_the_ink_of_its_word_and_not_that_of_others(engine: str) -> None:
    picture = drawn(["Jane Fairweather called"])
    alone = drawn(["     Fairweather"])
    words = ocr.read(plain(picture), engine=engine)
    box = next(word.box for word in words if "Fairweather" in word.text)
    left, top, right, bottom = box
    inked = picture.convert("L").point(lambda value: 255 if value < 128 else 0)
    assert right - left < 160
    assert bottom - top < 40
    inked.paste(0, (left - 3, top - 3, right + 3, bottom + 3))
    assert alone.size == picture.size
    rest = text_of(ocr.read(plain(inked.point(lambda value: 255 - value)), engine=ocr.TESSERACT))
    assert "weather" not in rest
    assert "Fair" not in rest


@pytest.mark.parametrize("turn", [90, 270])
@pytest.mark.parametrize("engine", ["", ocr.TESSERACT, ocr.RAPID])
def test_text_on_its_side_is_read(engine: str, turn: int) -> None:
    picture = drawn(LINES).rotate(turn, expand=True)
    words = ocr.read(plain(picture), engine=engine)
    word = next(word for word in words if "Fairweather" in word.text)
    left, top, right, bottom = word.box
    assert bottom - top > 2 * (right - left)


def test_the_clock_refuses_and_never_shortens() -> None:
    with pytest.raises(RefusedError, match="limit"):
        ocr.read(plain(drawn(LINES)), budget=ocr.Budget(seconds=0.0))


def test_effort_runs_out_at_the_same_place() -> None:
    picture = plain(drawn(LINES, ink=(190, 190, 190), paper=(215, 215, 215), letters=11))
    readings = [ocr.read(picture, budget=ocr.Budget(effort=effort)) for effort in (0.0, 0.0, 20.0, 20.0)]
    assert readings[0] == readings[1]
    assert readings[2] == readings[3]


def test_an_engine_that_is_missing_is_not_an_empty_picture() -> None:
    with pytest.raises(RedactionError, match="reader-unavailable"):
        ocr.read(plain(drawn(LINES)), engine="no such engine")
