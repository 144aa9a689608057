"""The one place where a picture is redacted: its text is read, hit words and all codes are painted over.

The rules this follows:

- Decoded once, as the kinds named here only, first frame only, never more pixels than the limits say.
- Turned as its EXIF data says, then everything but the pixels is forgotten: what is written is encoded from raw pixels.
- Colours under transparent pixels are gone: nobody sees them, but a program would.
- QR and bar codes are always painted over; what they say becomes a line of text, so that names in it are known.
- Boxes are opaque, of one colour, and larger than the word.

What OCR read travels in ``memo``, so that it runs once.

Example: a handler calls ``read`` when it extracts, hands out ``segments("page3/img1", seen, "F6")``, and when it writes
calls ``rewrite`` with ``chosen("page3/img1", plan.replacements)``.
"""

from __future__ import annotations

import io
import itertools
import json
import warnings
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageOps, ImageStat

from redaction import ocr
from redaction.entities import Kind, Replacement, Segment
from redaction.errors import RedactionError, RefusedError
from redaction.formats import Limits
from redaction.formats.pieces import check
from redaction.media import JPEG, PNG

# Kinds of pictures that are read inside other files; uploads are fewer (``image.py``).
EMBEDDED: Final = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")
Budget = ocr.Budget

_QUALITY: Final = 92
_LARGEST_MEMO: Final = 64 * 1024 * 1024
# Below and above these, transparency is none or whole: a difference that nobody sees could still be read by a program.
_CLEAR: Final = 8
_SOLID: Final = 248
_MOST_CODES: Final = 100
_SAME_ROW: Final = 0.8


@dataclass(frozen=True)
class Seen:
    """What was read in a picture. ``texts`` are its lines; those from ``first_code`` on stand in its codes.

    ``size`` is the size of the picture that ``rewrite`` makes, ``area`` how many pixels that is, ``codes`` how many
    codes it has. ``hidden_colours``: there were colours where the picture is transparent.
    """

    size: tuple[int, int]
    texts: list[str]
    first_code: int
    codes: int
    hidden_colours: bool
    memo: bytes

    @property
    def area(self) -> int:
        return self.size[0] * self.size[1]


def segments(zone: str, seen: Seen, carrier: str, code_carrier: str = "") -> list[Segment]:
    """The lines of a picture as segments: ``<zone>/t1``, ``<zone>/t2`` …"""
    return [
        Segment(
            f"{zone}/t{number}",
            text,
            (code_carrier or carrier) if number > seen.first_code else carrier,
            Kind.LABEL,
        )
        for number, text in enumerate(seen.texts, 1)
    ]


def chosen(zone: str, replacements: Mapping[str, Sequence[Replacement]]) -> dict[int, Sequence[Replacement]]:
    """Of the replacements of a file, those in the lines of one picture, by number of the line, counted from 1."""
    prefix = f"{zone}/t"
    return {
        int(anchor.removeprefix(prefix)): items
        for anchor, items in replacements.items()
        if anchor.startswith(prefix) and items
    }


def read(
    data: bytes,
    limits: Limits,
    budget: Budget | None = None,
    *,
    formats: Sequence[str] = EMBEDDED,
    orient: bool = True,
) -> Seen:
    """Read the text and the codes of a picture. ``orient``: turn it as its EXIF data says.

    Raises:
        RefusedError: ``empty``; ``limit`` (pixels, or the time of ``budget`` is over); ``parse-failed``.
    """
    picture, hidden_colours = _decoded(data, limits, formats, orient=orient)
    codes = list(_codes(picture))
    for code in codes:  # so that nobody tries to read bars as letters
        _paint(picture, code.box)
    budget = budget or Budget()
    words = [ocr.lines(_words(view, budget)) for view in _views(picture)]
    memo = {
        "size": picture.size,
        "lines": [[[word.text, *word.box] for word in line] for line in _without_repeats(itertools.chain(*words))],
        "codes": [code.box for code in codes],
        "said": [code.text for code in codes if code.text.strip()],
        "hidden_colours": hidden_colours,
    }
    return remembered(zlib.compress(json.dumps(memo, ensure_ascii=True, separators=(",", ":")).encode("ascii")))


def remembered(memo: bytes) -> Seen:
    """What ``read`` saw, from its memo.

    Raises:
        RedactionError: it is none.
    """
    seen = _unpacked(memo)
    texts = [" ".join(word[0] for word in line) for line in seen["lines"]]
    size = seen["size"][0], seen["size"][1]
    return Seen(size, [*texts, *seen["said"]], len(texts), len(seen["codes"]), seen["hidden_colours"], memo)


def boxes(memo: bytes) -> list[ocr.Box]:
    """Where each line is that was read. What codes say has no place of its own and is left out."""
    sides = [list(zip(*(word[1:] for word in line), strict=True)) for line in _unpacked(memo)["lines"]]
    return [(min(left), min(top), max(right), max(bottom)) for left, top, right, bottom in sides]


def rewrite(
    data: bytes,
    memo: bytes,
    replacements: Mapping[int, Sequence[Replacement]],
    limits: Limits,
    boxed: bool = False,
    *,
    formats: Sequence[str] = EMBEDDED,
    orient: bool = True,
    media_type: str = PNG,
) -> bytes:
    """A new picture from pixels only. ``replacements`` by number of the line, counted from 1, as in ``Seen.texts``.

    ``boxed``: painted over altogether. ``memo`` is that of ``read`` for the same bytes.

    Raises:
        RefusedError: as ``read``.
        RedactionError: the plan or the memo does not fit the picture.
    """
    picture, _ = _decoded(data, limits, formats, orient=orient)
    if boxed:
        return encoded(Image.new("RGB", picture.size), media_type)
    seen = _unpacked(memo)
    if tuple(seen["size"]) != picture.size:
        raise RedactionError("internal", "memo of another picture")
    for box in (*_hit(seen, replacements), *seen["codes"]):
        _paint(picture, box)
    return encoded(picture, media_type)


# Decoding and encoding ----------------------------------------------------------------------------------------------


def decoded(data: bytes, limits: Limits, formats: Sequence[str] = EMBEDDED, *, orient: bool = True) -> Image.Image:
    """The first frame as grey, RGB or RGBA pixels, for callers that cut or join pictures themselves.

    Raises:
        RefusedError: ``empty``, ``limit``, ``parse-failed``.
    """
    return _decoded(data, limits, formats, orient=orient)[0]


def _decoded(data: bytes, limits: Limits, formats: Sequence[str], *, orient: bool) -> tuple[Image.Image, bool]:
    """The first frame as grey, RGB or RGBA pixels, and whether it had colours where it is transparent.

    Raises:
        RefusedError: ``empty``, ``limit``, ``parse-failed``.
    """
    if not data:
        raise RefusedError("empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limit on pixels decides
            with Image.open(io.BytesIO(data), formats=tuple(formats)) as source:
                if source.width * source.height > limits.pixels:
                    raise RefusedError("limit", "pixels")
                if min(source.size) < 1:
                    raise RefusedError("parse-failed", "no pixels")
                source.load()
                picture = ImageOps.exif_transpose(source) if orient else source
                return _plain(picture)
    except RefusedError:
        raise
    except Image.DecompressionBombError as error:
        raise RefusedError("limit", "pixels") from error
    except MemoryError as error:
        raise RefusedError("limit", "memory") from error
    except Exception as error:  # noqa: BLE001
        # Decoders of pictures raise whatever they meet: OSError, SyntaxError, struct.error, zlib.error …
        raise RefusedError("parse-failed", type(error).__name__) from None


def _plain(picture: Image.Image) -> tuple[Image.Image, bool]:
    """The pixels alone, in a picture that knows nothing else."""
    if picture.mode in ("1", "L"):
        plain = picture.convert("L") if "transparency" not in picture.info else picture.convert("RGBA")
    elif picture.mode.startswith(("I", "F")):
        plain = _eight_bits(picture)
    elif picture.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in picture.info:
        plain = picture.convert("RGBA")
    else:
        plain = picture.convert("RGB")
    hidden_colours = plain.mode == "RGBA" and _has_hidden_colours(plain)
    if plain.mode == "RGBA":
        plain = _without_hidden_colours(plain)
    return Image.frombytes(plain.mode, plain.size, plain.tobytes()), hidden_colours


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Deeper greys as 256 of them: the highest bits, or the span that is used where values are smaller or larger."""
    values = picture.convert("F")
    low, high = values.getextrema()
    if picture.mode.startswith("I;16") and isinstance(high, int | float) and high > 255:
        return values.point(lambda value: value * (1 / 257) + 0).convert("L")
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        raise RefusedError("parse-failed", "channels")
    if low >= 0 and high <= 255:
        return values.convert("L")
    factor = 255.0 / max(high - low, 1e-9)
    return values.point(lambda value: value * factor + -low * factor).convert("L")


def _has_hidden_colours(picture: Image.Image) -> bool:
    """More than one colour where nothing is seen: one alone is what programs fill it with."""
    clear = picture.getchannel("A").point(lambda value: 255 if value <= _CLEAR else 0)
    if not clear.getbbox():
        return False
    return any(low != high for low, high in ImageStat.Stat(picture.convert("RGB"), clear).extrema)


def _without_hidden_colours(picture: Image.Image) -> Image.Image:
    alpha = picture.getchannel("A").point(lambda value: 0 if value <= _CLEAR else 255 if value >= _SOLID else value)
    if alpha.getextrema() == (255, 255):
        return picture.convert("RGB")
    visible = alpha.point(lambda value: 255 if value else 0)
    shown = ImageChops.composite(picture.convert("RGB"), Image.new("RGB", picture.size), visible)
    shown.putalpha(alpha)
    return shown


def encoded(picture: Image.Image, media_type: str) -> bytes:
    """The file: pixels, and only the segments that its format cannot do without."""
    plain = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    buffer = io.BytesIO()
    if media_type == JPEG:
        if plain.mode == "RGBA":
            plain = _over(plain, 255)
        # Tables of its own: those of the standard stand in every thumbnail too, and would look like its remains.
        plain.save(buffer, "JPEG", quality=_QUALITY, subsampling=0, optimize=True, progressive=False)
    else:
        plain.save(buffer, "PNG", optimize=False, compress_level=6)
    return buffer.getvalue()


def _over(picture: Image.Image, grey: int) -> Image.Image:
    """A picture as it looks on a plain ground."""
    ground = Image.new("RGB", picture.size, (grey, grey, grey))
    ground.paste(picture.convert("RGB"), mask=picture.getchannel("A"))
    return ground


# Reading ------------------------------------------------------------------------------------------------------------


def _views(picture: Image.Image) -> Iterator[Image.Image]:
    """The picture as it is seen: where it is transparent, on white, on black, or both where its letters may be either.

    Letters may lie in the transparency alone: black ones on nothing are seen on white only, white ones on black only.
    """
    if picture.mode != "RGBA":
        yield picture.convert("RGB")
        return
    alpha = picture.getchannel("A")
    mask = alpha.point(lambda value: 255 if value else 0)
    shown = ImageStat.Stat(picture.convert("L"), mask) if mask.getbbox() else None
    low, high = shown.extrema[0] if shown else (0, 0)
    if low < 160:
        yield _over(picture, 255)
    if high > 96:
        yield _over(picture, 0)


def _words(picture: Image.Image, budget: Budget) -> list[ocr.Word]:
    return ocr.read(ocr.Picture(*picture.size, picture.tobytes()), budget=budget)


def _without_repeats(found: Iterable[list[ocr.Word]]) -> list[list[ocr.Word]]:
    """Each line once: a picture with transparency may have been read twice."""
    return list({tuple((word.text, word.box) for word in line): line for line in found}.values())


# Codes --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Code:
    text: str
    box: ocr.Box


def _codes(picture: Image.Image) -> Iterator[_Code]:
    """Every code that is found, and those found once these are painted over, until there is none."""
    for view in _views(picture):
        grey = view.convert("L")
        for _ in range(_MOST_CODES):
            found = _find(grey)
            if not found:
                break
            for code in found:
                yield code
                _paint(grey, code.box)
        else:
            raise RefusedError("limit", "codes")


def _find(grey: Image.Image) -> list[_Code]:
    return [_Code(code.text, _code_box(grey, code)) for code in zxingcpp.read_barcodes(grey)]


def _code_box(grey: Image.Image, code: Any) -> ocr.Box:
    """The box around a code; bars are followed as far as they go, since the finder looks at one line of them."""
    place = code.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    xs, ys = [corner.x for corner in corners], [corner.y for corner in corners]
    left, top = max(min(xs), 0), max(min(ys), 0)
    right, bottom = min(max(xs) + 1, grey.width), min(max(ys) + 1, grey.height)
    wide, high = right - left, bottom - top
    if wide > 2 * high:
        top, bottom = _followed(grey.crop((left, 0, right, grey.height)), top, bottom)
    elif high > 2 * wide:
        side = grey.crop((0, top, grey.width, bottom)).transpose(Image.Transpose.TRANSPOSE)
        left, right = _followed(side, left, right)
    margin = min(right - left, bottom - top) // 10
    return (
        max(left - margin, 0),
        max(top - margin, 0),
        min(right + margin, grey.width),
        min(bottom + margin, grey.height),
    )


def _followed(strip: Image.Image, top: int, bottom: int) -> tuple[int, int]:
    """How far, upwards and downwards, the rows of a strip look like the one in the middle of [top, bottom)."""
    middle = (top + bottom) // 2
    row = strip.crop((0, middle, strip.width, middle + 1)).tobytes()
    ground = (min(row) + max(row)) / 2
    pattern = [value > ground for value in row]

    def alike(y: int) -> bool:
        other = strip.crop((0, y, strip.width, y + 1)).tobytes()
        same = sum((value > ground) == bit for value, bit in zip(other, pattern, strict=True))
        return same >= _SAME_ROW * len(pattern)

    while top > 0 and alike(top - 1):
        top -= 1
    while bottom < strip.height and alike(bottom):
        bottom += 1
    return top, bottom


# Painting -----------------------------------------------------------------------------------------------------------


def _unpacked(memo: bytes) -> dict[str, Any]:
    """What ``read`` remembered.

    Raises:
        RedactionError: it is no memo of this module.
    """
    try:
        seen: dict[str, Any] = json.loads(zlib.decompressobj().decompress(memo, _LARGEST_MEMO))
    except (zlib.error, ValueError) as error:
        raise RedactionError("internal", "no memo") from error
    return seen


def _hit(seen: Mapping[str, Any], replacements: Mapping[int, Sequence[Replacement]]) -> Iterator[Sequence[int]]:
    """The box around the words of each replacement."""
    read_lines = seen["lines"]
    for number, items in replacements.items():
        if not 1 <= number <= len(read_lines) + len(seen["said"]):
            raise RedactionError("internal", "the plan names a line that was not read")
        if number > len(read_lines):
            continue  # said by a code, which is painted over anyway
        words = read_lines[number - 1]
        check(items, sum(len(word[0]) + 1 for word in words) - 1)
        for item in items:
            at = 0
            boxes = []
            for text, *box in words:
                if at < item.end and item.start < at + len(text):
                    boxes.append(box)
                at += len(text) + 1
            if boxes:
                lefts, tops, rights, bottoms = zip(*boxes, strict=True)
                yield min(lefts), min(tops), max(rights), max(bottoms)


def _padded(box: Sequence[int], size: tuple[int, int]) -> ocr.Box:
    left, top, right, bottom = box
    pad = max(2, min(right - left, bottom - top) // 6)
    return max(left - pad, 0), max(top - pad, 0), min(right + pad, size[0]), min(bottom + pad, size[1])


def _paint(picture: Image.Image, box: Sequence[int]) -> None:
    """One colour over a box: that of its letters, so that what stays beside it is as easy to read as before.

    A black box on a faint picture would blind every engine that reads the copy.
    """
    left, top, right, bottom = _padded(box, picture.size)
    ink = _ink(picture.crop((left, top, right, bottom)).convert("RGB"))
    fill: Any = {"L": ink[0], "RGB": ink, "RGBA": (*ink, 255)}[picture.mode]
    ImageDraw.Draw(picture).rectangle((left, top, right - 1, bottom - 1), fill=fill)


def _ink(cut: Image.Image) -> tuple[int, int, int]:
    """The colour that is farthest from the one which most of ``cut`` has."""
    paper = Image.new("RGB", cut.size, tuple(int(value) for value in ImageStat.Stat(cut).median))
    red, green, blue = ImageChops.difference(cut, paper).split()
    apart = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    least = 0.9 * max(value for value, count in enumerate(apart.histogram()) if count)
    mean = ImageStat.Stat(cut, apart.point(lambda value: 255 if value >= least else 0)).mean
    return round(mean[0]), round(mean[1]), round(mean[2])
