"""A page as a picture: what cannot be read or written glyph by glyph is drawn, painted over, and given a layer of text.

The rules this follows:

- What is found in PDFium's text is covered at the boxes of its characters; what OCR finds, at the boxes of its words;
  and each found text is looked for in both, because either may see what the other does not.
- The layer holds known characters alone, without the hits: PDFium's where they say what the page shows, else OCR's.
- Whether PDFium's text says what is shown, OCR decides: fonts that copy other letters than they draw disagree with it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw

from redaction.entities import Kind, Replacement, Segment
from redaction.formats import Limits, pdf_images, pieces, pixels
from redaction.formats.pdf_layer import LayerLine
from redaction.formats.pdf_render import Box, Drawn
from redaction.matching import Matcher, Needle
from redaction.view import squeeze

# Of its words, the share that OCR must see too before text of unknown fonts is believed.
AGREEMENT: Final = 0.6
# Of its characters, the share that may say nothing.
UNSAID: Final = 0.02
_ASCII_WORD: Final = re.compile("[A-Za-z]{4,}")
_NO_TEXT: Final = re.compile("[\ufffd\x00-\x08\x0e-\x1f\ue000-\uf8ff]")
_INK: Final = (0, 0, 0)


@dataclass(eq=False)
class Photo:
    """One page as a picture. ``seen`` is what OCR read of it."""

    number: int
    drawn: Drawn
    seen: pixels.Seen
    unknown_fonts: bool

    @property
    def texts(self) -> Sequence[str]:
        return self.seen.texts

    @property
    def zone(self) -> str:
        return f"page{self.number}/picture"

    @property
    def anchor(self) -> str:
        return f"page{self.number}/p1"

    def anchors(self) -> Iterator[str]:
        """Yield the anchor of each line that OCR read."""
        yield from (f"{self.zone}/t{index}" for index in range(1, len(self.texts) + 1))

    def believed(self) -> bool:
        """Tell whether PDFium's characters are those that the page shows."""
        text = self.drawn.text
        if not text.strip() or len(_NO_TEXT.findall(text)) > UNSAID * len(text):
            return False
        words = _ASCII_WORD.findall(text) if self.unknown_fonts else []
        seen = squeeze("\n".join(self.texts))
        agreed = sum(squeeze(word) in seen for word in words)
        return agreed >= AGREEMENT * len(words)

    def segments(self) -> list[Segment]:
        """Return PDFium's text, and each line of OCR that says something else."""
        found = [Segment(self.anchor, self.drawn.text, "F2")] if self.drawn.text.strip() else []
        anchors = list(self.anchors())
        return [*found, *(Segment(anchors[index], self.texts[index], "F7", Kind.LABEL) for index in self.new())]

    def new(self) -> list[int]:
        """Return which lines of OCR say what PDFium's text does not."""
        known = squeeze(self.drawn.text) if self.believed() else ""
        return [
            index for index, text in enumerate(self.texts) if not all(squeeze(word) in known for word in text.split())
        ]


def read(number: int, drawn: Drawn, limits: Limits, time: pixels.Budget, *, unknown_fonts: bool) -> Photo:
    """Read a drawn page by OCR."""
    seen = pixels.read(pdf_images.png(drawn.picture), limits, time)
    return Photo(number, drawn, seen, unknown_fonts)


def write(
    photo: Photo,
    replacements: Mapping[str, Sequence[Replacement]],
    known: Mapping[str, str],
    boxes: Sequence[Box],
    limits: Limits,
    *,
    boxed: bool,
) -> tuple[Image.Image, list[LayerLine]]:
    """Return the page's pixels without what is to go, and the lines of its layer.

    ``known``: each found text → what is written for it, to be looked for in all that anybody reads on the page.
    ``boxes``: areas to cover besides.
    """
    texts = list(known)
    matcher = Matcher(Needle.of(text, index) for index, text in enumerate(texts))

    def also(text: str, given: Sequence[Replacement]) -> list[Replacement]:
        more = [Replacement(hit.start, hit.end, known[texts[hit.owner]]) for hit in matcher.find(text)]
        return _merged([*given, *more])

    own = also(photo.drawn.text, replacements.get(photo.anchor, ()))
    read_lines = [
        also(text, replacements.get(anchor, ())) for anchor, text in zip(photo.anchors(), photo.texts, strict=True)
    ]
    picture = photo.drawn.picture.copy()
    pen = ImageDraw.Draw(picture)
    for box in [*boxes, *_covered(photo.drawn, own)]:
        pen.rectangle(box, fill=_INK)
    if boxed:
        return Image.new("RGB", picture.size), []
    hits = {number: items for number, items in enumerate(read_lines, 1) if items}
    data = pixels.rewrite(pdf_images.png(picture), photo.seen.memo, hits, limits)
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    left = ["".join(pieces.apply([text], items)) for text, items in zip(photo.texts, read_lines, strict=True)]
    if not photo.believed():
        return picture, list(_read_lines(photo, left, range(len(left))))
    return picture, [*_lines(photo.drawn, own), *_read_lines(photo, left, photo.new())]


def _read_lines(photo: Photo, texts: Sequence[str], wanted: Iterable[int]) -> Iterator[LayerLine]:
    """Yield lines of OCR, by index, where they were read."""
    places = pixels.boxes(photo.seen.memo)
    for index in wanted:
        if index < len(places):  # what a code says has no place, and is covered
            yield _line(texts[index], [places[index]], photo.drawn)


def _merged(items: Sequence[Replacement]) -> list[Replacement]:
    """Bring overlapping replacements together; the text of the first one stays."""
    result: list[Replacement] = []
    for item in sorted(items, key=lambda one: (one.start, -one.end)):
        if result and item.start < result[-1].end:
            last = result.pop()
            item = Replacement(last.start, max(last.end, item.end), last.text)
        result.append(item)
    return result


def _covered(drawn: Drawn, replaced: Sequence[Replacement]) -> Iterator[Box]:
    """Yield the boxes of replaced characters, a little larger than PDFium has them."""
    for item in replaced:
        for character in drawn.characters[item.start : item.end]:
            if character.box is not None:
                left, top, right, bottom = character.box
                yield left - 2, top - 1, right + 2, bottom + 1


def _lines(drawn: Drawn, replaced: Sequence[Replacement]) -> Iterator[LayerLine]:
    """Yield the lines of PDFium's text as they leave."""
    letters = pieces.apply([character.text for character in drawn.characters], replaced)
    text: list[str] = []
    boxes: list[Box] = []
    for character, left in zip([*drawn.characters, None], [*letters, ""], strict=True):
        if character is None or character.text == "\n":
            if boxes and "".join(text).strip():
                yield _line("".join(text), boxes, drawn)
            text, boxes = [left.strip("\n")] if left.strip() else [], []
        else:
            text.append(left)
            if character.box is not None:
                boxes.append(character.box)


def _line(text: str, boxes: Sequence[Box], drawn: Drawn) -> LayerLine:
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    width, height = (right - left) / drawn.scale, (bottom - top) / drawn.scale
    upright = height <= max(width, 1.5 * max(box[3] - box[1] for box in boxes) / drawn.scale)
    page_height = drawn.picture.height / drawn.scale
    y = page_height - bottom / drawn.scale
    if upright:
        return LayerLine(text, left / drawn.scale, y + 0.2 * height, max(height, 1.0), max(width, 1.0))
    return LayerLine(text, right / drawn.scale, y, max(width, 1.0), max(height, 1.0), upright=False)
