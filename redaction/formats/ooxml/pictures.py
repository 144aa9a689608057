"""Pictures of a package: cropped as they are shown, read, and written anew from their pixels.

What has no pixels (EMF, WMF, SVG, ink, 3D) and what cannot be read becomes a plain grey picture of the same size, so
that nothing in it can leave. Every picture stays a zone for a person to look at.
"""

from __future__ import annotations

import base64
import io
import json
import warnings
from collections.abc import Mapping, Sequence
from typing import Final

from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

from redaction.entities import Replacement, Segment
from redaction.errors import RedactionError, RefusedError
from redaction.formats import Limits, pixels
from redaction.formats.ooxml.crops import FULL, WHOLE
from redaction.formats.ooxml.names import tag, tags
from redaction.formats.ooxml.package import Part
from redaction.formats.ooxml.tree import Element

CARRIER: Final = "O4"
_UNKNOWN_SIZE: Final = (320, 240)  # vectors have no pixels
_WORD_FRAMES: Final = tags("wp:inline wp:anchor")
_FRAMES: Final = _WORD_FRAMES | tags("p:pic")
_GROUP: Final = tag("p:grpSp")  # its shapes are drawn at another scale
_WORD_EXTENT: Final = tag("wp:extent")
_SLIDE_EXTENT: Final = f"{tag('p:spPr')}/{tag('a:xfrm')}/{tag('a:ext')}"
_PAPER: Final = 235
_LINE: Final = 170


class Album:
    """The pictures of one package. Each is read once: what was read travels in the memo."""

    def __init__(self, parts: Sequence[Part], limits: Limits) -> None:
        self.parts = [part for part in parts if part.is_picture]
        self._limits = limits

    def read(self) -> tuple[list[Segment], bytes]:
        """The lines of all pictures, and the memo to write them again with.

        Raises:
            RefusedError: ``limit``, a picture has more pixels than are ever drawn.
        """
        lines: list[Segment] = []
        memos: dict[str, str] = {}
        budget = pixels.Budget()
        for part in self.parts:
            _check_size(part.original, self._limits)
            try:
                seen = pixels.read(_cut(part, self._limits), self._limits, budget)
            except RefusedError:
                continue  # no pixels, or no time left to read them: it becomes a grey one
            lines += pixels.segments(part.label, seen, CARRIER)
            memos[part.label] = base64.b64encode(seen.memo).decode("ascii")
        return lines, json.dumps(memos, separators=(",", ":")).encode("ascii") if memos else b""

    def areas(self, page: tuple[int, int]) -> dict[str, int]:
        """How much of its page each picture covers, in basis points, for those whose size is said."""
        whole = page[0] * page[1]
        found: dict[str, int] = {}
        for part in self.parts if whole else ():
            sizes = [_shown(user) for user in part.users]
            if sizes and all(sizes):
                found[part.label] = min(max(-(-10_000 * size // whole) for size in sizes), 10_000)
        return found

    def write(self, memo: bytes, replacements: Mapping[str, Sequence[Replacement]], boxed: Sequence[str]) -> int:
        """Give every picture its new bytes; return how many are plain grey ones.

        Raises:
            RedactionError: ``internal``, the plan or the memo was made for other pictures.
        """
        memos = _unpacked(memo)
        for part in self.parts:
            changes = pixels.chosen(part.label, replacements)
            if part.label in memos:
                cut = _cut(part, self._limits)
                part.data = pixels.rewrite(cut, memos[part.label], changes, self._limits, part.label in boxed)
            elif changes:
                raise RedactionError("internal", "the plan names lines of a picture that was not read")
            else:
                part.data = placeholder(part.original, self._limits)
        return sum(part.label not in memos for part in self.parts)


def _unpacked(memo: bytes) -> dict[str, bytes]:
    try:
        found = json.loads(memo) if memo else {}
        return {str(label): base64.b64decode(packed, validate=True) for label, packed in found.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise RedactionError("internal", "malformed memo") from error


def _cut(part: Part, limits: Limits) -> bytes:
    """The picture without what its user cut off: those pixels are gone, not covered.

    Raises:
        RefusedError: it has no pixels, too many, or none left.
    """
    if part.crop == WHOLE:
        return part.original
    picture = _decoded(part.original, limits)
    left, top, right, bottom = part.crop
    box = (
        -(-picture.width * left // FULL),
        -(-picture.height * top // FULL),
        picture.width - -(-picture.width * right // FULL),
        picture.height - -(-picture.height * bottom // FULL),
    )
    if box[0] >= box[2] or box[1] >= box[3]:
        raise RefusedError("parse-failed", "nothing is left of a picture")
    return pixels.encoded(picture.crop(box), "image/png")


def _decoded(original: bytes, limits: Limits) -> Image.Image:
    """The first frame of a picture, turned as its EXIF data says, in a form that every cut of it can be written in."""
    _check_size(original, limits)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limit on pixels decides
            with Image.open(io.BytesIO(original), formats=pixels.EMBEDDED) as opened:
                turned = ImageOps.exif_transpose(opened)
                return turned.convert("L" if turned.mode in ("1", "L") else "RGBA")
    except Exception as error:  # noqa: BLE001 - decoders of pictures raise whatever they meet
        raise RefusedError("parse-failed", type(error).__name__) from None


def is_line(anchor: str) -> bool:
    """Whether an anchor names a line in a picture."""
    label, _, line = anchor.partition("/")
    return label.removeprefix("image").isdigit() and line[:1] == "t"


def _shown(user: Element) -> int:
    """The area on which a picture is shown, in square English metric units; 0 where it is not said."""
    for frame in user.iterancestors(*_FRAMES):
        extent = frame.find(_WORD_EXTENT) if frame.tag in _WORD_FRAMES else frame.find(_SLIDE_EXTENT)
        if extent is not None and next(frame.iterancestors(_GROUP), None) is None:
            wide, high = extent.get("cx", ""), extent.get("cy", "")
            return int(wide) * int(high) if wide.isdecimal() and high.isdecimal() else 0
    return 0


def placeholder(original: bytes, limits: Limits) -> bytes:
    """A grey PNG with the pixel size of ``original``; a default size where it has none.

    Raises:
        RefusedError: ``limit`` when the picture has more pixels than are ever drawn.
    """
    width, height = _check_size(original, limits)
    picture = Image.new("L", (width, height), _PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, width - 1, height - 1), outline=_LINE)
    draw.line((0, 0, width - 1, height - 1), fill=_LINE)
    draw.line((0, height - 1, width - 1, 0), fill=_LINE)
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", optimize=False)
    return buffer.getvalue()


def _check_size(original: bytes, limits: Limits) -> tuple[int, int]:
    width, height = _size(original)
    if width * height > limits.pixels:
        raise RefusedError("limit", "pixels")
    return width, height


def _size(original: bytes) -> tuple[int, int]:
    if not original:
        return _UNKNOWN_SIZE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limit on pixels decides
            with Image.open(io.BytesIO(original), formats=pixels.EMBEDDED) as picture:
                width, height = picture.size
    except Image.DecompressionBombError as error:
        raise RefusedError("limit", "pixels") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return _UNKNOWN_SIZE
    return max(width, 1), max(height, 1)
