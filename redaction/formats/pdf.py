"""PDF: every page is read glyph by glyph and drawn anew into a new document, or leaves as a picture of itself.

The rules this follows:

- The whole file is one PDF: bytes before its header or behind its end are another file in hiding, and refused.
- Text is what glyphs say, wherever they are: in forms, under boxes, invisible, outside the page. Lines are put
  together by place, so a name split over operators, fonts or single glyphs is one name.
- Replaced glyphs leave the content stream; the token stands in Helvetica where the first of them was.
- Pictures are read by OCR, once each, painted over where something was found, and written from their pixels alone.
- Values of form fields are drawn into their page before it is read. Attachments of known kinds go on as files of
  their own. Everything else is dropped and counted: properties, marks, annotations, outlines, layers, scripts, older
  revisions, structure.
- What cannot be read for sure is not guessed: a page of unknown fonts, or one too deep to follow, becomes a picture
  with a layer of known text, and a person must look at it.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import pikepdf
from PIL import Image

from redaction.entities import Action, Extraction, Output, Plan, Replacement, Segment, Tier
from redaction.errors import RedactionError, RefusedError
from redaction.formats import (
    Carrier,
    Limits,
    Switches,
    pdf_drawing,
    pdf_fields,
    pdf_images,
    pdf_lines,
    pdf_photo,
    pdf_properties,
    pixels,
)
from redaction.formats.pdf_fonts import UNKNOWN
from redaction.formats.pdf_images import Memory, Picture, Pictures
from redaction.formats.pdf_layers import Layers
from redaction.formats.pdf_photo import Photo
from redaction.formats.pdf_render import Box, Renderer
from redaction.formats.pdf_steps import Matrix, multiply
from redaction.formats.pdf_streams import Budget, TooComplexError, inherited, number, numbers
from redaction.formats.pdf_writing import Writer
from redaction.formats.pieces import carrier_counts

MEDIA_TYPE = "application/pdf"
_LETTER = (0.0, 0.0, 612.0, 792.0)
# Pages of one file that may leave as pictures: more take longer to draw and to read than there is time.
MOST_PHOTOS: Final = 40
# So many curves or lines of one page may be letters; OCR reads the drawings of some such pages of a file.
LETTERS_IN_CURVES: Final = 60
LETTERS_IN_LINES: Final = 400
MOST_DRAWINGS: Final = 4
_LETTERS: Final = re.compile(r"[^\W\d_]{3,}")


@dataclass
class _Page:
    """One page as read: its steps, text and boxes; or, with no ``reading``, a picture of it."""

    number: int
    reading: pdf_drawing.PageReading | None
    blocks: list[pdf_lines.TextBlock]
    boxes: dict[str, list[float]]
    rotate: int
    unknown_fonts: bool = False

    @property
    def may_draw_letters(self) -> bool:
        """Tell whether lines and areas of the page may be letters."""
        reading = self.reading
        return reading is not None and (reading.curves >= LETTERS_IN_CURVES or reading.lines >= LETTERS_IN_LINES)

    def zones(self) -> Iterator[tuple[str, int]]:
        """Yield the zones, other than pictures, that only a person can judge, and their parts of the page."""
        if self.reading is None:
            yield f"page{self.number}/picture", _WHOLE
            return
        lost = self.reading.patterns + self.reading.lost
        yield from ((f"page{self.number}/drawing{index}", _WHOLE) for index in range(1, lost + 1))
        if any(UNKNOWN in block.text for block in self.blocks):
            yield f"page{self.number}/glyphs", _WHOLE
        if not self.blocks and not self.reading.images and not lost and self.reading.painted:
            yield f"page{self.number}/drawing", _WHOLE


_WHOLE: Final = 10_000  # basis points
_Paint = Callable[[bytes], bytes]


class PdfHandler:
    """PDF 1.0 to 2.0.

    Anchors: ``page3/b2``, a line of a picture ``page3/img1/t2``, a page that leaves as a picture ``page3/p1`` and
    ``page3/picture/t5``. Zones: ``page3/img1``, ``page3/picture``, ``page3/glyphs``, ``page3/drawing``.
    """

    media_types: tuple[str, ...] = (MEDIA_TYPE,)
    extensions: tuple[str, ...] = (".pdf",)
    tiers: tuple[Tier, ...] = (Tier.A, Tier.B)
    carriers: tuple[Carrier, ...] = (
        Carrier("F1", "text of pages", Action.REWRITE),
        Carrier("F2", "pages whose letters nobody can tell: a picture with known text", Action.REENCODE),
        Carrier("F3", "text drawn glyph by glyph, out of order, over the end of a line", Action.REWRITE),
        Carrier("F4", "text that nobody sees", Action.REWRITE),
        Carrier("F5", "text of forms drawn on pages; patterns and shadings become a grey", Action.REWRITE),
        Carrier("F6", "pictures, inline pictures, their masks", Action.REENCODE),
        Carrier("F7", "codes in pictures; letters that are drawn as lines", Action.REENCODE),
        Carrier("F8", "properties, XMP, private data, thumbnails, ids", Action.DROP),
        Carrier("F9", "annotations; form fields, but for visible values", Action.DROP),
        Carrier("F9-signature", "signatures", Action.DROP),
        Carrier("F10", "attachments, portfolios, media; attachments of known kinds go on as files", Action.DROP),
        Carrier("F11", "outlines, destinations, labels, threads, structure, layers, marked content", Action.DROP),
        Carrier("F11-hidden", "content of hidden layers", Action.DROP),
        Carrier("F12", "older revisions, unused objects, operators that are none", Action.DROP),
        Carrier("F13", "code maps, outlines and names of fonts", Action.SKELETON),
        Carrier("F14", "place and width of what is replaced", Action.REWRITE),
        Carrier("F15", "scripts, actions", Action.DROP),
    )

    def extract(self, source: bytes, limits: Limits, switches: Switches = Switches()) -> Extraction:
        """Return all text of a PDF.

        Raises:
            RefusedError: ``empty``; ``encrypted``; ``limit`` (pages, unpacked size, pages that must become pictures,
                pixels to read, characters); ``parse-failed`` (damaged, no pages, other data before or behind).
        """
        with _opened(source, limits, switches) as file:
            segments: list[Segment] = []
            zones: dict[str, int] = {}
            known: dict[str, pixels.Seen | None] = {}
            drawings: list[int] = []
            for page in file.pages():
                zones |= dict(page.zones())
                drawings += [page.number] if page.may_draw_letters else []
                if page.reading is None:
                    photo = file.photo(page)
                    segments += photo.segments()
                    known[photo.zone] = photo.seen
                else:
                    segments += [Segment(block.anchor, block.text, "F1") for block in page.blocks]
                if sum(len(segment.text) for segment in segments) > limits.characters:
                    raise RefusedError("limit", "characters")
            segments += file.document.pictures.read(limits)
            for picture in file.document.pictures:
                known |= {part.zone: part.seen for part in picture.whole()}
                part_of_page = round(picture.share * _WHOLE)
                if part_of_page >= switches.small_zones_bp:
                    zones[picture.zone] = part_of_page
            for number_ in drawings:
                known |= file.drawing(number_, number_ in drawings[:MOST_DRAWINGS])
            segments += file.drawn_letters(known)
            zones |= dict.fromkeys((zone for zone in known if zone.endswith("/drawing")), _WHOLE)
            counts = file.dropped()
            counts.update(segment.carrier for segment in segments)
            return Extraction(
                segments=tuple(segments),
                children=tuple(file.children),
                metadata=tuple(file.names),
                opaque=tuple(zones),
                counts={id_: count for id_, count in counts.items() if count},
                areas=zones,
                notices=tuple(file.notices()),
                memo=pdf_images.remember(Memory(known, file.document.pictures.lost())),
            )

    def rewrite(self, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()) -> Output:
        """Write the new document; errors as ``extract``, and RedactionError when the plan does not fit."""
        with _opened(source, limits, switches, pdf_images.remembered(plan.memo)) as file:
            return _Rewriting(file, plan, limits).output()


class _File:
    """One opened file: its pages, and what was taken out of it before they are read."""

    def __init__(self, source: bytes, pdf: pikepdf.Pdf, limits: Limits, switches: Switches, memory: Memory) -> None:
        self.limits = limits
        self.memory = memory
        budget = Budget(limits)
        self.names = pdf_properties.names(pdf, budget)
        self.counts = pdf_properties.counts(pdf)
        self.counts["F12"] += source.count(b"%%EOF") - 1
        self.children, others = pdf_properties.attachments(pdf, budget)
        self.counts["F10"] += others
        self.counts["F9"] -= min(pdf_fields.flatten(pdf, keep=switches.form_values), self.counts["F9"])
        self.document = pdf_drawing.Document(budget, Layers.of(pdf), Pictures(pdf, budget))
        self.renderer = Renderer(pdf)
        self._pdf = pdf
        self._photos = 0

    def pages(self) -> Iterator[_Page]:
        """Read one page after the other."""
        for ordinal, page in enumerate(self._pdf.pages, 1):
            source = page.obj
            boxes = _boxes(source)
            left, bottom, right, top = boxes["/MediaBox"]
            area = max(abs((right - left) * (top - bottom)), 1.0)
            rotate = int(number(inherited(source, "/Rotate") or 0)) % 360
            result = _Page(ordinal, None, [], boxes, rotate if rotate in {90, 180, 270} else 0)
            try:
                reading = pdf_drawing.read(source, inherited(source, "/Resources"), area, self.document, ordinal)
                result = replace(result, reading=reading, blocks=pdf_lines.blocks(reading.glyphs, ordinal))
            except TooComplexError:
                self.document.pictures.forget(ordinal)
            except RedactionError as error:
                if error.code != "unread-font":
                    raise
                self.document.pictures.forget(ordinal)
                result = replace(result, unknown_fonts=True)
            yield result

    def again(self) -> None:
        """Begin anew: the pages are going to be read once more."""
        budget = Budget(self.limits)
        self.document = pdf_drawing.Document(budget, self.document.layers, Pictures(self._pdf, budget))
        self._photos = 0

    def photo(self, page: _Page, paint: _Paint | None = None) -> Photo:
        """Draw a page, and read it by OCR if that was not done before. ``paint``: covers a part of it first.

        Raises:
            RefusedError: ``limit`` when there are too many such pages.
        """
        self._photos += 1
        if self._photos > MOST_PHOTOS:
            raise RefusedError("limit", "pages as pictures")
        drawn = self.renderer.page(page.number)
        if paint is not None:
            picture = Image.open(io.BytesIO(paint(pdf_images.png(drawn.picture)))).convert("RGB")
            drawn = replace(drawn, picture=picture)
        if (known := self.memory.seen.get(f"page{page.number}/picture")) is not None:
            return Photo(page.number, drawn, known, page.unknown_fonts)
        time = self.document.pictures.time
        return pdf_photo.read(page.number, drawn, self.limits, time, unknown_fonts=page.unknown_fonts)

    def drawing(self, number_: int, read: bool) -> dict[str, pixels.Seen | None]:
        """Return what OCR reads in the lines and areas of a page, if it is asked to and has time; by zone.

        Nothing where there are no words; None where nobody has read, so that a person must look.
        """
        zone = f"page{number_}/drawing"
        if not read:
            return {zone: None}
        try:
            picture = pdf_images.png(self.renderer.drawing(number_))
            seen = pixels.read(picture, self.limits, self.document.pictures.time)
        except (RefusedError, pikepdf.PdfError):
            return {zone: None}
        return {zone: seen} if seen.codes or any(map(_LETTERS.search, seen.texts)) else {}

    def drawn_letters(self, known: Mapping[str, pixels.Seen | None]) -> list[Segment]:
        """Return the lines of text among the lines and areas of pages."""
        found = [(zone, seen) for zone, seen in known.items() if seen is not None and zone.endswith("/drawing")]
        return [segment for zone, seen in found for segment in pixels.segments(zone, seen, "F7")]

    def dropped(self) -> Counter[str]:
        return self.counts + self.document.counts

    def notices(self) -> Iterator[str]:
        """Yield the reasons, other than zones, for a person to look."""
        if self.document.counts["F11-hidden"]:
            yield "hidden-content"
        if self.counts["F9-signature"]:
            yield "signature-dropped"


class _Rewriting:
    """One file while it is written."""

    def __init__(self, file: _File, plan: Plan, limits: Limits) -> None:
        self.file, self.plan, self.limits = file, plan, limits
        self.writer = Writer(file.document.budget, self._pixels)
        self.rewritten: Counter[str] = Counter()
        self.left = {anchor for anchor, items in plan.replacements.items() if items}
        self.tier = Tier.A
        self._drawn: dict[str, Image.Image | None] = {}

    def output(self) -> Output:
        found = self._found_texts() if self.plan.tier is Tier.B else {}
        for page in self.file.pages():
            self._page(page, found)
        for picture in self.file.document.pictures:
            for part in picture.whole():
                seen = part.seen or self.file.memory.seen.get(part.zone)
                self.left -= {segment.anchor for segment in pixels.segments(part.zone, seen, "F6")} if seen else set()
        if self.left:
            raise RedactionError("internal", "the plan names text that is not in this file")
        counts = carrier_counts(self.rewritten, self.file.dropped())
        return Output(self.writer.save(), MEDIA_TYPE, counts, self.tier)

    def _page(self, page: _Page, found: Mapping[str, str]) -> None:
        simpler = self.plan.tier is Tier.B and (not self.plan.pages or page.number in self.plan.pages)
        texts: dict[str, str] = {}
        for block in page.blocks:
            replacements = self.plan.replacements.get(block.anchor, ())
            texts |= {block.text[item.start : item.end]: item.text for item in replacements}
            self.rewritten["F1"] += block.cut(replacements)
            self.left.discard(block.anchor)
        letters = pixels.chosen(f"page{page.number}/drawing", self.plan.replacements)
        if page.reading is not None and not simpler and not letters:
            self.writer.add_page(page.reading.drawing, page.boxes, page.rotate)
            return
        self.tier = Tier.B
        photo = self.file.photo(page, self._covered(page, letters))
        own = self._own(photo, page.reading is None)
        covered = self._boxed(page, photo.drawn.scale) if page.reading is not None else []
        boxed = photo.zone in self.plan.boxed
        picture, lines = pdf_photo.write(photo, own, {**found, **texts}, covered, self.limits, boxed=boxed)
        self.writer.add_photo(picture, photo.drawn.scale, lines)

    def _covered(self, page: _Page, lines: Mapping[int, Sequence[Replacement]]) -> _Paint | None:
        """Return what paints over the drawn letters that are to go."""
        zone = f"page{page.number}/drawing"
        seen = self.file.memory.seen.get(zone)
        if not lines or seen is None:
            return None
        self.left -= {f"{zone}/t{index}" for index in lines}
        self.rewritten["F7"] += sum(map(len, lines.values()))
        return lambda data: pixels.rewrite(data, seen.memo, lines, self.limits)

    def _own(self, photo: Photo, planned: bool) -> dict[str, Sequence[Replacement]]:
        """Return what the plan says of a page that was read as a picture."""
        if not planned:
            return {}
        own = {anchor: self.plan.replacements.get(anchor, ()) for anchor in (photo.anchor, *photo.anchors())}
        self.left -= set(own)
        self.rewritten["F2"] += len(own[photo.anchor])
        self.rewritten["F7"] += sum(len(items) for anchor, items in own.items() if anchor != photo.anchor)
        return own

    def _found_texts(self) -> dict[str, str]:
        """Return every text that the plan replaces anywhere, and what is written for it."""
        found: dict[str, str] = {}
        texts: list[tuple[str, str]] = []
        for page in self.file.pages():
            texts = [(block.anchor, block.text) for block in page.blocks]
            if page.reading is None:
                photo = self.file.photo(page)
                texts += [(segment.anchor, segment.text) for segment in photo.segments()]
            found |= self._replaced(texts)
        for zone, seen in self.file.memory.seen.items():
            lines = pixels.segments(zone, seen, "F6") if seen else []
            found |= self._replaced([(line.anchor, line.text) for line in lines])
        self.file.again()
        return found

    def _replaced(self, texts: Sequence[tuple[str, str]]) -> dict[str, str]:
        return {
            text[item.start : item.end]: item.text
            for anchor, text in texts
            for item in self.plan.replacements.get(anchor, ())
        }

    def _boxed(self, page: _Page, scale: float) -> list[Box]:
        """Return, in pixels of the page's picture, the pictures on it that a person wants covered."""
        return [
            _pixel_box(place.matrix, page, scale)
            for picture in self.file.document.pictures
            if picture.zone in self.plan.boxed
            for place in picture.places
            if place.page == page.number
        ]

    def _pixels(self, picture: Picture) -> Image.Image | None:
        """Return what is left of a picture; it is painted once, however often it is drawn."""
        if picture.zone not in self._drawn:
            picture.lost = picture.lost or picture.zone in self.file.memory.lost
            picture.seen = picture.seen or self.file.memory.seen.get(picture.zone)
            boxed = bool({picture.zone, picture.zone.removesuffix("/mask")} & set(self.plan.boxed))
            written = self.file.document.pictures.written(picture, self.plan, self.limits, boxed=boxed)
            self._drawn[picture.zone] = None if written is None else written[0]
            self.rewritten["F6"] += 0 if written is None else written[1]
        return self._drawn[picture.zone]


def _pixel_box(matrix: Matrix, page: _Page, scale: float) -> Box:
    """Return where the unit square of ``matrix`` is in a picture of the page."""
    left, bottom, right, top = page.boxes.get("/CropBox", page.boxes["/MediaBox"])
    turns: dict[int, Matrix] = {
        0: (1.0, 0.0, 0.0, -1.0, -left, top),
        90: (0.0, 1.0, 1.0, 0.0, -bottom, -left),
        180: (-1.0, 0.0, 0.0, 1.0, right, -bottom),
        270: (0.0, -1.0, -1.0, 0.0, top, right),
    }
    a, b, c, d, e, f = multiply(matrix, turns[page.rotate])
    across, down = [e, e + a, e + c, e + a + c], [f, f + b, f + d, f + b + d]
    return (
        int(min(across) * scale) - 1,
        int(min(down) * scale) - 1,
        int(max(across) * scale) + 2,
        int(max(down) * scale) + 2,
    )


@contextmanager
def _opened(
    source: bytes,
    limits: Limits,
    switches: Switches,
    memory: Memory = Memory(),
) -> Iterator[_File]:
    """Open the file, and turn what its odd objects make Python say into a refusal."""
    _check_frame(source, limits)
    file = None
    try:
        with pikepdf.open(io.BytesIO(source), suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise RefusedError("encrypted")
            _check_pages(pdf, limits)
            file = _File(source, pdf, limits, switches, memory)
            yield file
    except pikepdf.PasswordError:
        raise RefusedError("encrypted") from None
    except RecursionError:
        raise RefusedError("limit", "nested too deep") from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, ArithmeticError) as error:
        # An object of another kind than the standard wants, met anywhere in the tree.
        raise RefusedError("parse-failed", type(error).__name__) from None
    finally:
        if file is not None:
            file.renderer.close()


def _check_pages(pdf: pikepdf.Pdf, limits: Limits) -> None:
    """Refuse a file whose pages had to be guessed: another program may guess others."""
    count = len(pdf.pages)
    if count > limits.pages:
        raise RefusedError("limit", "pages")
    if count == 0 or pdf.Root.Pages.get("/Count") != count:
        raise RefusedError("parse-failed", "pages")
    if any("reconstruct" in warning for warning in map(str, pdf.get_warnings())):
        raise RefusedError("parse-failed", "no table of objects")


def _check_frame(source: bytes, limits: Limits) -> None:
    if not source.strip(b"\0\t\r\n "):
        raise RefusedError("empty")
    if len(source) > limits.file_bytes:
        raise RefusedError("limit", "file size")
    end = source.rfind(b"%%EOF")
    if not re.match(rb"%PDF-[12]\.\d", source) or end < 0:
        raise RefusedError("parse-failed", "no header or no end")
    if source[end + 5 :].strip(b"\0\t\r\n "):
        raise RefusedError("parse-failed", "data behind the end")


def _boxes(page: Any) -> dict[str, list[float]]:
    boxes = {"/MediaBox": numbers(inherited(page, "/MediaBox") or list(_LETTER), 4)}
    crop = inherited(page, "/CropBox")
    if crop is not None:
        boxes["/CropBox"] = numbers(crop, 4)
    return boxes
