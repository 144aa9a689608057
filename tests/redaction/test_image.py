"""Pictures: what is hit is painted over, and nothing but pixels is left."""

from __future__ import annotations

import io
import math
import struct
import zlib
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageStat
from PIL.PngImagePlugin import PngInfo

from redaction import ocr
from redaction.entities import Extraction, Kind, Output, Plan, Replacement, Tier
from redaction.errors import RedactionError, RefusedError
from redaction.formats import Limits, pixels
from redaction.formats.image import ImageHandler
from redaction.formats.table import sniff
from redaction.media import JPEG, PNG
from redaction.readers import image as image_reader
from tests.redaction.pictures import code, drawn, jpeg, opened, plain, png, text_of

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


def test_a_picture_is_decoded_for_those_who_cut_it() -> None:
    cut = pixels.decoded(png(drawn(LINES)), LIMITS).crop((0, 0, 300, 44))
    assert pixels.read(pixels.encoded(cut, PNG), LIMITS).texts == [LINES[0]]


# Files --------------------------------------------------------------------------------------------------------------


def extracted(data: bytes) -> Extraction:
    return ImageHandler().extract(data, LIMITS)


def written(data: bytes, word: str = "", **plan: Any) -> Output:
    """The copy of a picture without a word."""
    seen = extracted(data)
    made = {
        segment.anchor: [Replacement(segment.text.index(word), segment.text.index(word) + len(word), "[X]")]
        for segment in seen.segments
        if word and word in segment.text
    }
    return ImageHandler().rewrite(data, Plan(made, "x", memo=seen.memo, **plan), LIMITS)


def test_every_picture_asks_a_person() -> None:
    seen = extracted(png(drawn(LINES)))
    assert (seen.opaque, seen.areas) == (("img1",), {"img1": 10_000})
    assert [(segment.anchor, segment.carrier, segment.kind) for segment in seen.segments] == [
        ("img1/t1", "I4", Kind.LABEL),
        ("img1/t2", "I4", Kind.LABEL),
    ]


@pytest.mark.parametrize("kind", [png, jpeg])
def test_a_second_run_over_the_copy_changes_nothing(kind: Any) -> None:
    first = written(kind(drawn(LINES)), "Fairweather").data
    second = written(first).data
    if kind is png:
        assert second == first
    else:
        assert decibels(opened(first), opened(second)) >= 40
    assert image_reader.undeclared(first) == []


def decibels(one: Image.Image, other: Image.Image) -> float:
    """How alike two pictures are: the ratio of signal and difference."""
    squares = ImageStat.Stat(ImageChops.difference(one, other)).sum2
    mean = sum(squares) / (3 * one.width * one.height)
    return math.inf if mean == 0 else 10 * math.log10(255**2 / mean)


@pytest.mark.parametrize("kind", [png, jpeg])
def test_the_same_picture_gives_the_same_bytes(kind: Any) -> None:
    source = kind(drawn(LINES))
    assert written(source, "Fairweather") == written(source, "Fairweather")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: data[: len(data) // 2], "parse-failed"),
        (lambda data: data[:-2], "parse-failed"),
        (lambda data: data[:40], "parse-failed"),
        (lambda _: b"", "empty"),
        (lambda data: b"GIF89a" + data, "unsupported"),
    ],
    ids=["half", "no end", "a head", "nothing", "another kind"],
)
@pytest.mark.parametrize("kind", [png, jpeg])
def test_what_is_damaged_is_refused(kind: Any, change: Any, reason: str) -> None:
    with pytest.raises(RefusedError) as caught:
        extracted(change(kind(drawn(LINES))))
    assert caught.value.code == reason


def test_a_head_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(png(drawn(LINES)))
    data[16:24] = struct.pack(">II", 5000, 5000)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    with pytest.raises(RefusedError, match="parse-failed"):
        extracted(bytes(data))


@pytest.mark.parametrize(
    ("name", "kind", "found"),
    [("a.png", png, PNG), ("a.jpg", jpeg, JPEG), ("A.JPEG", jpeg, JPEG), ("a", png, PNG), ("a.png", jpeg, "mismatch")],
)
def test_content_decides_and_the_name_must_agree(name: str, kind: Any, found: str) -> None:
    if found == "mismatch":
        with pytest.raises(RefusedError, match=found):
            sniff(name, kind(drawn(LINES)))
    else:
        assert sniff(name, kind(drawn(LINES))) == found


def test_text_that_calls_itself_a_picture_is_refused() -> None:
    with pytest.raises(RefusedError, match="parse-failed"):
        sniff("a.png", b"Jane Fairweather")


def test_names_in_metadata_are_handed_out_and_dropped() -> None:
    exif = Image.Exif()
    exif[315] = "Jane Fairweather"
    exif[40093] = "Robert Quill\0".encode("utf-16-le")
    source = jpeg(drawn(LINES), exif=exif.tobytes(), comment=b"by Ann Example")
    seen = extracted(source)
    assert sorted(seen.metadata) == ["Jane Fairweather", "Robert Quill", "by Ann Example"]
    copy = written(source)
    assert copy.carriers["I1"] == {"rewritten": 0, "dropped": 2, "kept": 0}
    with Image.open(io.BytesIO(copy.data)) as picture:
        assert dict(picture.getexif()) == {}
        assert set(picture.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_packed_text_chunk_is_read() -> None:
    info = PngInfo()
    info.add_text("Author", "Jane Fairweather", zip=True)
    info.add_itxt("Title", "Plan of Ann Example", zip=True)
    info.add_text("Software", "gnome-screenshot")
    assert list(extracted(png(drawn(LINES), pnginfo=info)).metadata) == ["Jane Fairweather", "Plan of Ann Example"]


def test_orientation_is_applied_before_it_is_forgotten() -> None:
    exif = Image.Exif()
    exif[274] = 6
    source = jpeg(drawn(LINES).rotate(90, expand=True), exif=exif.tobytes())
    copy = opened(written(source).data)
    assert copy.size == (560, 200)
    assert decibels(copy, drawn(LINES)) > 30


def test_a_second_frame_is_dropped_and_said() -> None:
    buffer = io.BytesIO()
    drawn(LINES).save(buffer, "PNG", save_all=True, append_images=[drawn(("Another frame",))], duration=50)
    seen = extracted(buffer.getvalue())
    assert seen.notices == ("hidden-content",)
    assert image_reader.undeclared(buffer.getvalue()) != []
    copy = written(buffer.getvalue())
    assert image_reader.undeclared(copy.data) == []
    assert copy.carriers["I3"]["dropped"] > 0
    assert decibels(opened(copy.data), drawn(LINES)) > 60


def test_transparent_pixels_lose_their_colours_and_the_others_stay() -> None:
    layered = drawn(LINES).convert("RGBA")
    layered.putalpha(Image.new("L", layered.size, 0))
    layered.paste(drawn(LINES[1:], (300, 60)).convert("RGBA"), (0, 0))
    copy = written(png(layered)).data
    with Image.open(io.BytesIO(copy)) as picture:
        assert picture.mode == "RGBA"
        assert picture.getpixel((500, 190)) == (0, 0, 0, 0)
        assert decibels(picture.convert("RGB").crop((0, 0, 300, 60)), drawn(LINES[1:], (300, 60))) == math.inf
    assert "colours of transparent pixels" in image_reader.undeclared(png(layered))
    assert image_reader.undeclared(copy) == []


def test_the_simpler_form_and_a_person_paint_over_the_whole_picture() -> None:
    source = png(drawn(LINES))
    for plan in ({"tier": Tier.B}, {"boxed": ("img1",)}):
        copy = written(source, **plan)
        assert opened(copy.data).getcolors() == [(560 * 200, (0, 0, 0))]
        assert copy.tier is plan.get("tier", Tier.A)


def test_a_plan_for_another_zone_is_an_error() -> None:
    source = png(drawn(LINES))
    plan = Plan({"img2/t1": [Replacement(0, 1, "")]}, "x", memo=extracted(source).memo)
    with pytest.raises(RedactionError, match="internal"):
        ImageHandler().rewrite(source, plan, LIMITS)


def test_a_memo_of_another_picture_is_an_error() -> None:
    memo = extracted(png(drawn(LINES))).memo
    with pytest.raises(RedactionError, match="internal"):
        ImageHandler().rewrite(png(drawn(LINES, (500, 200))), Plan({}, "x", memo=memo), LIMITS)


def test_bars_are_covered_over_their_whole_height() -> None:
    bars = code("Fairweather", zxingcpp.BarcodeFormat.Code128, 2)
    picture = drawn(LINES, (600, 300))
    picture.paste(bars.resize((bars.width, 150), Image.Resampling.NEAREST), (20, 120))
    copy = opened(written(png(picture)).data)
    for top in range(110, 280, 10):
        strip = copy.crop((0, top, 600, top + 10)).resize((600, 60), Image.Resampling.NEAREST)
        assert zxingcpp.read_barcodes(strip) == []


# Readers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [png, jpeg])
def test_the_readers_see_what_a_copy_must_not_hold(kind: Any) -> None:
    picture = drawn(LINES, (560, 320))
    picture.paste(code("made by Fairweather"), (20, 120))
    exif = Image.Exif()
    exif[315] = "Ann Example"
    data = kind(picture, exif=exif.tobytes()) + b"and bytes behind it"
    said = "\n".join(block.text for reader in image_reader.READERS for block in reader(data))
    assert "Jane Fairweather" in said
    assert "made by Fairweather" in said
    assert "Ann Example" in said
    assert "and bytes behind it" in said
    assert "bytes behind the end" in image_reader.undeclared(data)
    assert len(image_reader.undeclared(data)) == 2


@pytest.mark.parametrize("reader", [*image_reader.READERS, image_reader.undeclared])
def test_a_reader_never_takes_half_a_picture_for_a_whole_one(reader: Any) -> None:
    for data in (png(drawn(LINES))[:-20], jpeg(drawn(LINES))[:-20], b"no picture"):
        with pytest.raises((ValueError, OSError, SyntaxError)):
            reader(data)
