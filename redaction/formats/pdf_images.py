"""Picture objects of a PDF: read by OCR, written again from their pixels alone, painted over where something was found.

A picture that is drawn often is read and written once. Its soft mask is a picture of its own: text may lie in it. What
cannot be decoded leaves as a grey area, as does a picture of a size that nothing can be read in without its pixels.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pikepdf
from PIL import Image

from redaction.entities import Plan, Segment
from redaction.errors import RedactionError, RefusedError
from redaction.formats import Limits, pdf_render, pixels
from redaction.formats.pdf_steps import Matrix
from redaction.formats.pdf_streams import Budget, dictionary, identity, name_of, number

# In a picture of fewer pixels across or down no letter can be read.
SMALLEST_SIDE: Final = 6
# Of all pictures of one file: what may be read in the time there is.
READ_PIXELS: Final = 80_000_000
_QUALITY: Final = 90
_BYTE: Final = 8
_HALF: Final = 127
_LOSSY: Final = frozenset({"/DCTDecode", "/DCT", "/JPXDecode"})


@dataclass(frozen=True)
class Place:
    """Where a page draws a picture: ``index`` numbers the pictures of page ``page``, ``share`` is its part of it."""

    page: int
    index: int
    matrix: Matrix
    share: float


@dataclass(eq=False)
class Picture:
    """One picture object and the places it is drawn at; ``stencil``: it lets the colour of the page through.

    ``seen`` is what OCR read; ``lost``: it cannot be decoded, or nobody had time to read it. A lost one leaves as a
    grey area.
    """

    zone: str
    source: Any
    stencil: bool
    places: list[Place] = field(default_factory=list)
    seen: pixels.Seen | None = None
    lost: bool = False
    soft: Picture | None = None

    @property
    def share(self) -> float:
        """Return the largest part of a page that it covers."""
        return max((place.share for place in self.places), default=0.0)

    def whole(self) -> Iterator[Picture]:
        """Yield the picture and its soft mask."""
        yield self
        if self.soft is not None:
            yield self.soft


class Pictures:
    """All pictures of one file, in the order in which they are first drawn."""

    def __init__(self, pdf: pikepdf.Pdf, budget: Budget) -> None:
        self._pdf = pdf
        self._budget = budget
        self.time = pixels.Budget()
        self._left = READ_PIXELS
        self.found: dict[Any, Picture] = {}

    def __iter__(self) -> Iterator[Picture]:
        return iter(self.found.values())

    def drawn(self, source: Any, place: Place) -> Picture:
        """Return the picture of an object that a page draws."""
        return self._placed(identity(source), source, place)

    def inline(self, image: pikepdf.PdfInlineImage, resources: Any, place: Place) -> Picture:
        """The same for a picture in the content stream. Equal ones are one picture."""
        source = self._stream_of(image, resources)
        digest = hashlib.sha256(bytes(source.unparse(resolved=True)) + bytes(source.read_raw_bytes())).digest()
        return self._placed(digest, source, place)

    def _placed(self, key: Any, source: Any, place: Place) -> Picture:
        if key not in self.found:
            self.found[key] = self._new(source, f"page{place.page}/img{place.index}")
        self.found[key].places.append(place)
        return self.found[key]

    def _new(self, source: Any, zone: str) -> Picture:
        picture = Picture(zone, source, source.get("/ImageMask") is True)
        soft = source.get("/SMask")
        if isinstance(soft, pikepdf.Stream):
            picture.soft = Picture(f"{zone}/mask", soft, stencil=False)
        return picture

    def _stream_of(self, image: pikepdf.PdfInlineImage, resources: Any) -> Any:
        stream = self._pdf.make_stream(bytes(image.read_raw_bytes()))
        for key, value in image.obj.items():
            if key not in {"/Length", "/L"}:
                stream[key] = value
        named = name_of(stream.get("/ColorSpace"))
        space = dictionary(dictionary(resources).get("/ColorSpace")).get(named) if named else None
        if space is not None:
            stream.ColorSpace = space
        stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        return stream

    def lost(self) -> frozenset[str]:
        """Return the zones of those that leave as grey areas."""
        return frozenset(part.zone for picture in self for part in picture.whole() if part.lost)

    def forget(self, page: int) -> None:
        """Take back what was drawn on a page that leaves as a picture itself."""
        for key, picture in list(self.found.items()):
            picture.places = [place for place in picture.places if place.page != page]
            if not picture.places:
                del self.found[key]

    def read(self, limits: Limits) -> list[Segment]:
        """Read every picture once, and return what stands in them.

        Raises:
            RefusedError: ``limit`` when there are too many of them, or too large ones.
        """
        found: list[Segment] = []
        for picture in self:
            for part in picture.whole():
                self._read(part, limits)
                if part.seen is not None:
                    found += pixels.segments(part.zone, part.seen, "F6", "F7")
        return found

    def _read(self, picture: Picture, limits: Limits) -> None:
        if picture.seen is not None or picture.lost:
            return
        data = self.pixels(picture, limits)
        if data is None or min(data.size) < SMALLEST_SIDE or _plain(data):
            return
        self._left -= data.width * data.height
        try:
            if self._left < 0:
                raise RefusedError("limit", "pictures")
            picture.seen = pixels.read(png(data), limits, self.time)
        except RefusedError:
            # Unread is not clean: nothing of it leaves, and a person sees where it was.
            picture.lost = True

    def pixels(self, picture: Picture, limits: Limits) -> Image.Image | None:
        """Return the pixels of a picture; None, and ``lost`` is set, when they cannot be decoded."""
        try:
            if number(picture.source.get("/Width")) * number(picture.source.get("/Height")) > 4 * limits.pixels:
                raise RefusedError("limit", "pixels")
            self._budget.packed(picture.source)
            return pdf_render.pixels_of(picture.source, mask=picture.stencil)
        except (RefusedError, ValueError, TypeError, pikepdf.PdfError) as error:
            if isinstance(error, RefusedError) and error.code == "limit":
                raise
            picture.lost = True
            return None

    def written(self, picture: Picture, plan: Plan, limits: Limits, *, boxed: bool) -> tuple[Image.Image, int] | None:
        """Return the pixels of a picture as they leave, and how many replacements are in them; None: grey area."""
        data = None if picture.lost else self.pixels(picture, limits)
        if data is None:
            return None
        items = pixels.chosen(picture.zone, plan.replacements)
        if boxed:
            return Image.new(data.mode, data.size), 0
        if items:
            self._read(picture, limits)
        if picture.seen is None:
            return data, 0
        new = Image.open(io.BytesIO(pixels.rewrite(png(data), picture.seen.memo, items, limits)))
        return new.convert(data.mode), sum(map(len, items.values()))


def png(data: Image.Image) -> bytes:
    """Return pixels as a PNG file, quickly packed."""
    buffer = io.BytesIO()
    data.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _plain(data: Image.Image) -> bool:
    """Tell whether all pixels are of one colour."""
    extrema: Any = data.getextrema()
    pairs = extrema if isinstance(extrema[0], tuple) else (extrema,)
    return all(low == high for low, high in pairs)


def encoded(pdf: pikepdf.Pdf, data: Image.Image, *, lossy: bool, stencil: bool = False, bits: int = 0) -> Any:
    """Return an image object of these pixels: as JPEG where ``lossy`` allows it and there is colour, else as they are.

    ``bits``: of each pixel, where that may not be found out.
    """
    parts: dict[str, Any] = {"Type": pikepdf.Name.XObject, "Subtype": pikepdf.Name.Image}
    parts |= {"Width": data.width, "Height": data.height}
    if stencil:
        data = data.convert("L").point(lambda value: 255 * (value > _HALF)).convert("1", dither=Image.Dither.NONE)
        return pdf.make_stream(data.tobytes(), **parts, ImageMask=True, BitsPerComponent=1)
    if data.mode != "L":
        data = data.convert("RGB")
        data = data.convert("L") if _has_no_colour(data) else data
    if data.mode == "L" and bits != _BYTE and _is_black_and_white(data):
        data = data.convert("1", dither=Image.Dither.NONE)
        return pdf.make_stream(data.tobytes(), **parts, ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=1)
    space = pikepdf.Name.DeviceGray if data.mode == "L" else pikepdf.Name.DeviceRGB
    if lossy:
        buffer = io.BytesIO()
        plain = Image.frombytes(data.mode, data.size, data.tobytes())  # nothing but pixels
        plain.save(buffer, "JPEG", quality=_QUALITY, subsampling=0)
        stream = pikepdf.Stream(pdf, buffer.getvalue(), Filter=pikepdf.Name.DCTDecode)
        for key, value in parts.items():
            stream[f"/{key}"] = value
        stream.ColorSpace, stream.BitsPerComponent = space, _BYTE
        return pdf.make_indirect(stream)
    return pdf.make_stream(data.tobytes(), **parts, ColorSpace=space, BitsPerComponent=_BYTE)


def _has_no_colour(data: Image.Image) -> bool:
    red, green, blue = data.split()
    return red.tobytes() == green.tobytes() == blue.tobytes()


def _is_black_and_white(data: Image.Image) -> bool:
    histogram = data.histogram()
    return sum(histogram[1:255]) == 0


def lossy(source: Any) -> bool:
    """Tell whether the pixels were packed with loss, so that they may be again."""
    filters = source.get("/Filter", [])
    names = [filters] if isinstance(filters, pikepdf.Name) else list(filters)
    return bool(names) and name_of(names[-1]) in _LOSSY


@dataclass(frozen=True)
class Memory:
    """What was read when the text of a file was taken: by zone what OCR saw, None where there was nothing to see.

    ``lost`` are the zones of pictures that leave as grey areas.
    """

    seen: Mapping[str, pixels.Seen | None] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()


def remember(memory: Memory) -> bytes:
    """Pack it for the time of writing."""
    items = {zone: base64.b64encode(seen.memo).decode() if seen else "" for zone, seen in memory.seen.items()}
    if not items and not memory.lost:
        return b""
    return json.dumps({"seen": items, "lost": sorted(memory.lost)}, sort_keys=True).encode()


def remembered(memo: bytes) -> Memory:
    """Unpack it again.

    Raises:
        RedactionError: it is not what ``remember`` wrote.
    """
    try:
        items = json.loads(memo) if memo else {"seen": {}, "lost": []}
        seen = {
            zone: pixels.remembered(base64.b64decode(packed)) if packed else None
            for zone, packed in items["seen"].items()
        }
        return Memory(seen, frozenset(map(str, items["lost"])))
    except (ValueError, AttributeError, KeyError, TypeError, binascii.Error):
        raise RedactionError("internal", "memo") from None
