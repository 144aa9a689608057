"""Pictures: what is hit is painted over, and nothing but pixels is left."""

from __future__ import annotations

import pytest
from PIL import Image

from redaction import ocr
from redaction.entities import Replacement
from redaction.errors import RedactionError, RefusedError
from redaction.formats import Limits, pixels
from tests.redaction.pictures import code, drawn, opened, plain, png, text_of

LIMITS = Limits()
LINES = ("Meeting with Jane Fairweather", "Ticket 4711 is still open")


def hits(texts: list[str], word: str) -> dict[int, list[Replacement]]:
    return {
        number: [Replacement(text.index(word), text.index(word) + len(word), "[PERSON_1]")]
        for number, text in enumerate(texts, 1)
        if word in text
    }


def test_a_hit_word_is_painted_over_and_the_others_stay() -> None:
    source = png(drawn(LINES))
    seen = pixels.read(source, LIMITS)
    written = pixels.rewrite(source, seen.memo, hits(seen.texts, "Fairweather"), LIMITS)
    left = text_of(ocr.read(plain(opened(written)), scale=1.5))
    assert "weather" not in left
    assert "Meeting with Jane" in left
    assert "4711" in left


def test_a_boxed_picture_has_one_colour_and_its_size() -> None:
    source = png(drawn(LINES))
    seen = pixels.read(source, LIMITS)
    written = opened(pixels.rewrite(source, seen.memo, {}, LIMITS, boxed=True))
    assert written.size == seen.size == (560, 200)
    assert written.getcolors() == [(560 * 200, (0, 0, 0))]


def test_codes_are_covered_and_what_they_say_is_text() -> None:
    picture = drawn(LINES, (560, 320))
    picture.paste(code("https://example.com/u/fairweather"), (20, 120))
    source = png(picture)
    seen = pixels.read(source, LIMITS)
    assert seen.texts[seen.first_code :] == ["https://example.com/u/fairweather"]
    written = pixels.rewrite(source, seen.memo, {}, LIMITS)
    again = pixels.read(written, LIMITS)
    assert again.first_code == len(again.texts)


def test_a_plan_for_a_line_that_was_not_read_is_an_error() -> None:
    source = png(drawn(LINES))
    seen = pixels.read(source, LIMITS)
    with pytest.raises(RedactionError, match="internal"):
        pixels.rewrite(source, seen.memo, {9: [Replacement(0, 1, "")]}, LIMITS)
    with pytest.raises(RedactionError, match="internal"):
        pixels.rewrite(source, b"", {}, LIMITS)


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "empty"), (b"GIF89a", "parse-failed"), (b"\x89PNG\r\n", "parse-failed")]
)
def test_what_is_no_picture_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        pixels.read(data, LIMITS)


def test_too_many_pixels_are_never_decoded() -> None:
    with pytest.raises(RefusedError, match="limit"):
        pixels.read(png(Image.new("1", (2000, 2000))), Limits(pixels=3_999_999))
