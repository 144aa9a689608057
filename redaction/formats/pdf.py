"""PDF: every page is read glyph by glyph and drawn anew into a new document.

The rules this follows:

- The whole file is one PDF: bytes before its header or behind its end are another file in hiding, and refused.
- Text is what glyphs say, wherever they are: in forms, under boxes, invisible, outside the page. Lines are put
  together by place, so a name split over operators, fonts or single glyphs is one name.
- Replaced glyphs leave the content stream; the token stands in Helvetica where the first of them was.
- Pages carry text, lines and areas, forms and fonts. Everything else is dropped and counted: properties, marks,
  annotations, forms to fill in, attachments, outlines, layers, scripts, older revisions, structure, pictures
  (a grey area stands in, and a person must look).
- What cannot be read for sure is not guessed: unknown fonts and letters hold the file (``unread-font``).
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pikepdf

from redaction.entities import Action, Extraction, Output, Plan, Segment, Tier
from redaction.errors import RedactionError, RefusedError
from redaction.formats import Carrier, Limits, Switches, pdf_drawing, pdf_lines, pdf_properties
from redaction.formats.pdf_fonts import UNKNOWN
from redaction.formats.pdf_layers import Layers
from redaction.formats.pdf_streams import Budget, inherited, number, numbers
from redaction.formats.pdf_writing import Writer
from redaction.formats.pieces import carrier_counts

MEDIA_TYPE = "application/pdf"
_LETTER = (0.0, 0.0, 612.0, 792.0)


@dataclass
class _Page:
    """One page as read: its steps, its text, its boxes."""

    number: int
    reading: pdf_drawing.PageReading
    blocks: list[pdf_lines.TextBlock]
    boxes: dict[str, list[float]]
    rotate: int

    @property
    def opaque(self) -> list[str]:
        """Return the zones only a person can judge: pictures, letters without a meaning, pages without text."""
        zones = [f"page{self.number}/img{index}" for index in range(1, self.reading.opaque + 1)]
        if any(UNKNOWN in block.text for block in self.blocks):
            zones.append(f"page{self.number}/glyphs")
        if not self.blocks and not zones and self.reading.painted:
            zones.append(f"page{self.number}/drawing")
        return zones


class PdfHandler:
    """PDF 1.0 to 2.0. Anchors: ``page3/b2``; zones ``page3/img1``, ``page3/glyphs``, ``page3/drawing``."""

    media_types: tuple[str, ...] = (MEDIA_TYPE,)
    extensions: tuple[str, ...] = (".pdf",)
    tiers: tuple[Tier, ...] = (Tier.A,)
    carriers: tuple[Carrier, ...] = (
        Carrier("F1", "text of pages and of forms drawn on them", Action.REWRITE),
        Carrier("F1-skipped", "operators that are none", Action.DROP),
        Carrier("F5-pattern", "patterns, shadings", Action.DROP),
        Carrier("F6", "pictures, inline pictures", Action.REENCODE),
        Carrier("F8", "properties, XMP, private data, thumbnails, ids", Action.DROP),
        Carrier("F9", "annotations, form fields", Action.DROP),
        Carrier("F9-signature", "signatures", Action.DROP),
        Carrier("F10", "attachments", Action.DROP),
        Carrier("F11", "outlines, destinations, labels, threads, structure, layers", Action.DROP),
        Carrier("F11-marks", "marked content and its property lists", Action.DROP),
        Carrier("F11-hidden", "content of hidden layers", Action.DROP),
        Carrier("F12", "older revisions, unused objects", Action.DROP),
        Carrier("F13", "code maps, widths and names of fonts", Action.SKELETON),
        Carrier("F15", "scripts, actions", Action.DROP),
    )

    def extract(self, source: bytes, limits: Limits, switches: Switches = Switches()) -> Extraction:
        """Return all text of a PDF.

        Raises:
            RefusedError: ``empty``; ``encrypted``; ``limit`` (pages, unpacked size, nesting, characters);
                ``parse-failed`` (damaged, no pages, other data before or behind).
            RedactionError: ``unread-font``.
        """
        with _opened(source, limits) as pdf:
            document = pdf_drawing.Document(Budget(limits), Layers.of(pdf))
            pages = list(_pages(pdf, document))
            segments = [Segment(block.anchor, block.text, "F1") for page in pages for block in page.blocks]
            if sum(len(segment.text) for segment in segments) > limits.characters:
                raise RefusedError("limit", "characters")
            counts = _dropped(source, pdf, document)
            counts["F1"] = len(segments)
            return Extraction(
                segments=tuple(segments),
                metadata=tuple(pdf_properties.names(pdf, document.budget)),
                opaque=tuple(zone for page in pages for zone in page.opaque),
                counts={id_: count for id_, count in counts.items() if count},
            )

    def rewrite(self, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()) -> Output:
        """Write the new document; errors as ``extract``, and RedactionError when the plan does not fit."""
        with _opened(source, limits) as pdf:
            document = pdf_drawing.Document(Budget(limits), Layers.of(pdf))
            writer = Writer(document.budget)
            left = {anchor for anchor, items in plan.replacements.items() if items}
            rewritten = 0
            for page in _pages(pdf, document):
                for block in page.blocks:
                    rewritten += block.cut(plan.replacements.get(block.anchor, ()))
                    left.discard(block.anchor)
                writer.add_page(page.reading.drawing, page.boxes, page.rotate)
            if left:
                raise RedactionError("internal", "the plan names text that is not in this file")
            dropped = _dropped(source, pdf, document)
            return Output(writer.save(), MEDIA_TYPE, carrier_counts({"F1": rewritten}, dropped))


@contextmanager
def _opened(source: bytes, limits: Limits) -> Iterator[pikepdf.Pdf]:
    """Open the file, and turn what its odd objects make Python say into a refusal."""
    _check_frame(source, limits)
    try:
        with pikepdf.open(io.BytesIO(source), suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise RefusedError("encrypted")
            _check_pages(pdf, limits)
            yield pdf
    except pikepdf.PasswordError:
        raise RefusedError("encrypted") from None
    except RecursionError:
        raise RefusedError("limit", "nested too deep") from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, ArithmeticError) as error:
        # An object of another kind than the standard wants, met anywhere in the tree.
        raise RefusedError("parse-failed", type(error).__name__) from None


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


def _pages(pdf: pikepdf.Pdf, document: pdf_drawing.Document) -> Iterator[_Page]:
    for ordinal, page in enumerate(pdf.pages, 1):
        source = page.obj
        boxes = _boxes(source)
        left, bottom, right, top = boxes["/MediaBox"]
        area = max(abs((right - left) * (top - bottom)), 1.0)
        reading = pdf_drawing.read(source, inherited(source, "/Resources"), area, document)
        rotate = int(number(inherited(source, "/Rotate") or 0)) % 360
        blocks = pdf_lines.blocks(reading.glyphs, ordinal)
        yield _Page(ordinal, reading, blocks, boxes, rotate if rotate in {90, 180, 270} else 0)


def _boxes(page: Any) -> dict[str, list[float]]:
    boxes = {"/MediaBox": numbers(inherited(page, "/MediaBox") or list(_LETTER), 4)}
    crop = inherited(page, "/CropBox")
    if crop is not None:
        boxes["/CropBox"] = numbers(crop, 4)
    return boxes


def _dropped(source: bytes, pdf: pikepdf.Pdf, document: pdf_drawing.Document) -> Counter[str]:
    counts = pdf_properties.counts(pdf)
    counts.update(document.counts)
    counts["F12"] += source.count(b"%%EOF") - 1
    return counts
