"""A page as it is drawn: the steps of its content streams, each allowed by name, and every glyph with its place.

The rules this follows:

- A content stream is read operator by operator; one whose name or operands are not those of the standard is left
  out. Marked content is left out as a whole: its property lists hold words that no page shows.
- A step is either bytes that hold numbers and our own names alone, or an object (text, form, image, font) that the
  writer names anew. So no string and no name of the input reaches the output except through a glyph.
- A form is read anew at every place it is drawn at, because its text may go on with the page's.
- What stands in a hidden layer is cut; what cannot be told is taken as hidden. States and nesting are kept.

Source: ISO 32000-1, 8.2 (operators), 8.11 (layers), 9.4 (text).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pikepdf

from redaction.errors import RedactionError, RefusedError
from redaction.formats import pdf_colour, pdf_fonts
from redaction.formats.pdf_fonts import Font
from redaction.formats.pdf_images import Pictures, Place
from redaction.formats.pdf_layers import Layers
from redaction.formats.pdf_steps import (
    IDENTITY,
    Drawing,
    FontChoice,
    Glyph,
    Image,
    Matrix,
    Show,
    StateChoice,
    multiply,
    state_entries,
)
from redaction.formats.pdf_streams import (
    Budget,
    TooComplexError,
    dictionary,
    identity,
    name_of,
    number,
    numbers,
    text_of,
)

FORM_DEPTH = 8
# Low or narrow pictures of a page that are each a visible part of it. More of them are strips or tiles of a larger one,
# which OCR can read in one piece alone.
MOST_STRIPS = 40
STRIP_PIXELS = 64
VISIBLE_SHARE = 0.0005

# Operators that take numbers alone, and how many.
_NUMERIC = {
    "w": 1, "J": 1, "j": 1, "M": 1, "i": 1, "m": 2, "l": 2, "c": 6, "v": 4, "y": 4, "re": 4, "h": 0, "n": 0,
    "W": 0, "W*": 0, "g": 1, "G": 1, "rg": 3, "RG": 3, "k": 4, "K": 4,
}  # fmt: skip
_CURVES = frozenset({"c", "v", "y"})
_PAINT = frozenset({"S", "s", "f", "F", "f*", "B", "B*", "b", "b*"})
_TEXT_STATE = {"Tc": "spacing", "Tw": "word_spacing", "Tz": "scale", "TL": "leading", "Tr": "mode", "Ts": "rise"}
_SHOWS = frozenset({"Tj", "TJ", "'", '"'})
_INTENTS = frozenset({"/AbsoluteColorimetric", "/RelativeColorimetric", "/Saturation", "/Perceptual"})


@dataclass(frozen=True)
class _State:
    """The graphics state, as far as text and colours need it."""

    ctm: Matrix = IDENTITY
    font: Font | None = None
    size: float = 0.0
    spacing: float = 0.0
    word_spacing: float = 0.0
    scale: float = 100.0
    leading: float = 0.0
    mode: float = 0.0
    rise: float = 0.0
    fill: pdf_colour.Space = field(default_factory=lambda: pdf_colour.device(1))
    stroke: pdf_colour.Space = field(default_factory=lambda: pdf_colour.device(1))


@dataclass
class Document:
    """What the pages of one file share: fonts, layers, what is left of the budget, what was dropped."""

    budget: Budget
    layers: Layers
    pictures: Pictures
    fonts: dict[Any, Font] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def font(self, source: Any) -> Font:
        key = identity(source)
        if key not in self.fonts:
            self.fonts[key] = pdf_fonts.load(source, self.budget)
        return self.fonts[key]


@dataclass
class PageReading:
    """All that reading a page's streams brings up."""

    number: int = 1
    drawing: Drawing = field(default_factory=Drawing)
    glyphs: list[Glyph] = field(default_factory=list)
    images: int = 0
    strips: int = 0
    lost: int = 0
    patterns: int = 0
    curves: int = 0
    lines: int = 0
    painted: bool = False


def read(page: Any, resources: Any, area: float, document: Document, number_: int) -> PageReading:
    """Read page ``number_``.

    Raises:
        RefusedError: ``parse-failed`` or ``limit``; TooComplexError where a picture of the page can still be taken.
        RedactionError: ``unread-font``.
    """
    reading = PageReading(number_)
    contents = page.get("/Contents")
    for stream in contents if isinstance(contents, pikepdf.Array) else [contents]:
        if stream is not None:
            document.budget.content(stream)
    if contents is not None:
        _Reader(document, reading, area, reading.drawing, resources, _State(), 0).run(page)
    return reading


class _Reader:
    """Reads one content stream into one drawing."""

    def __init__(
        self,
        document: Document,
        reading: PageReading,
        area: float,
        drawing: Drawing,
        resources: Any,
        state: _State,
        depth: int,
    ) -> None:
        self.document = document
        self.reading = reading
        self.area = area
        self.steps = drawing.steps
        self.resources = dictionary(resources)
        self.state = state
        self.depth = depth
        self.stack: list[_State] = []
        self.marks: list[bool] = []  # for each open marked content: does it hide?
        self.line = self.text = IDENTITY
        self.in_text = False

    def run(self, stream: Any) -> None:
        try:
            instructions = pikepdf.parse_content_stream(stream)
        except pikepdf.PdfError:
            raise RefusedError("parse-failed", "content stream") from None
        self.document.budget.step(len(instructions))
        for instruction in instructions:
            try:
                if isinstance(instruction, pikepdf.ContentStreamInlineImage):
                    self._inline_image(instruction)
                    continue
                self._operator(str(instruction.operator), list(instruction.operands))
            except (ValueError, IndexError):
                self.document.counts["F12"] += 1
        if self.in_text:
            self.steps.append(b"ET")
        self.steps.extend([b"Q"] * len(self.stack))

    @property
    def hidden(self) -> bool:
        return any(self.marks)

    def _operator(self, operator: str, operands: list[Any]) -> None:
        if operator in _NUMERIC:
            self._numeric(operator, operands)
        elif operator in _PAINT:
            self.reading.painted = True
            self.steps.append(b"n" if self.hidden else operator.encode())
        elif operator in _SHOWS:
            self._show(operator, operands)
        elif operator in _TEXT_STATE:
            self._text_state(operator, number(operands[0]))
        else:
            handler = self._HANDLERS.get(operator)
            if handler is None:
                self.document.counts["F12"] += 1
            else:
                handler(self, operands)

    def _emit(self, values: Iterable[float], operator: str) -> None:
        self.steps.append(" ".join([*map(text_of, values), operator]).encode())

    def _numeric(self, operator: str, operands: list[Any]) -> None:
        self.reading.curves += operator in _CURVES
        self.reading.lines += operator == "l"
        if operator in {"g", "rg", "k"}:
            self.state = replace(self.state, fill=pdf_colour.device(len(operands)))
        elif operator in {"G", "RG", "K"}:
            self.state = replace(self.state, stroke=pdf_colour.device(len(operands)))
        self._emit(numbers(operands, _NUMERIC[operator]), operator)

    # Graphics state

    def _push(self, _: list[Any]) -> None:
        self.stack.append(self.state)
        if len(self.stack) > 500:
            raise TooComplexError("nested states")
        self.steps.append(b"q")

    def _pop(self, _: list[Any]) -> None:
        if self.stack:
            self.state = self.stack.pop()
            self.steps.append(b"Q")

    def _concat(self, operands: list[Any]) -> None:
        a, b, c, d, e, f = numbers(operands, 6)
        self.state = replace(self.state, ctm=multiply((a, b, c, d, e, f), self.state.ctm))
        self._emit((a, b, c, d, e, f), "cm")

    def _dash(self, operands: list[Any]) -> None:
        values = " ".join(text_of(value) for value in numbers(operands[0]))
        self.steps.append(f"[{values}] {text_of(number(operands[1]))} d".encode())

    def _intent(self, operands: list[Any]) -> None:
        if name_of(operands[0]) in _INTENTS:
            self.steps.append(f"{name_of(operands[0])} ri".encode())

    def _graphics_state(self, operands: list[Any]) -> None:
        source = dictionary(dictionary(self.resources.get("/ExtGState")).get(name_of(operands[0])))
        font = source.get("/Font")
        if isinstance(font, pikepdf.Array) and len(font) == 2:
            self._choose_font(self.document.font(font[0]), number(font[1]))
        entries = tuple(state_entries(source))
        if entries:
            self.steps.append(StateChoice(entries))

    # Colours

    def _space(self, operands: list[Any], *, stroke: bool) -> None:
        space = pdf_colour.read(operands[0], self.resources, self.document.budget)
        self.state = replace(self.state, stroke=space) if stroke else replace(self.state, fill=space)
        self.steps.append(pdf_colour.write(space.initial, stroke=stroke))

    def _colour(self, operands: list[Any], *, stroke: bool) -> None:
        space = self.state.stroke if stroke else self.state.fill
        if operands and name_of(operands[-1]):
            self._pattern(name_of(operands[-1]))
            colour = pdf_colour.PATTERN_GREY
        else:
            colour = space.convert(numbers(operands, space.components))
        self.steps.append(pdf_colour.write(colour, stroke=stroke))

    def _pattern(self, name: str) -> None:
        """A pattern becomes a grey; one that shows text is a page we cannot read."""
        self.document.counts["F5"] += 1
        pattern = dictionary(dictionary(self.resources.get("/Pattern")).get(name))
        if not isinstance(pattern, pikepdf.Stream):
            return
        self.document.budget.content(pattern)
        try:
            operators = {str(item.operator) for item in pikepdf.parse_content_stream(pattern)}
        except pikepdf.PdfError:
            raise RefusedError("parse-failed", "pattern") from None
        if operators & _SHOWS:
            raise RedactionError("unread-font")
        if operators & {"Do", "INLINE IMAGE"}:
            self.reading.patterns += 1

    def _shading(self, _: list[Any]) -> None:
        self.document.counts["F5"] += 1

    # Text

    def _begin(self, _: list[Any]) -> None:
        self.line = self.text = IDENTITY
        if not self.in_text:
            self.steps.append(b"BT")
        self.in_text = True

    def _end(self, _: list[Any]) -> None:
        if self.in_text:
            self.steps.append(b"ET")
        self.in_text = False

    def _text_state(self, operator: str, value: float) -> None:
        changed: dict[str, Any] = {_TEXT_STATE[operator]: value}
        self.state = replace(self.state, **changed)
        if operator == "Tr":
            value = int(value) if 0 <= value <= 7 else 0
        self._emit((value,), operator)

    def _font(self, operands: list[Any]) -> None:
        source = dictionary(self.resources.get("/Font")).get(name_of(operands[0]))
        if source is None:
            raise RedactionError("unread-font")
        self._choose_font(self.document.font(source), number(operands[1]))

    def _choose_font(self, font: Font, size: float) -> None:
        self.state = replace(self.state, font=font, size=size)
        self.steps.append(FontChoice(font, size))

    def _move(self, operands: list[Any]) -> None:
        x, y = numbers(operands, 2)
        self.line = self.text = multiply((1.0, 0.0, 0.0, 1.0, x, y), self.line)
        self._emit((x, y), "Td")

    def _move_leading(self, operands: list[Any]) -> None:
        _, y = numbers(operands, 2)
        self.state = replace(self.state, leading=-y)
        self._emit((-y,), "TL")
        self._move(operands)

    def _matrix(self, operands: list[Any]) -> None:
        a, b, c, d, e, f = numbers(operands, 6)
        self.line = self.text = (a, b, c, d, e, f)
        self._emit((a, b, c, d, e, f), "Tm")

    def _next_line(self, _: list[Any]) -> None:
        self.line = self.text = multiply((1.0, 0.0, 0.0, 1.0, 0.0, -self.state.leading), self.line)
        self.steps.append(b"T*")

    def _show(self, operator: str, operands: list[Any]) -> None:
        if operator == '"':
            self._text_state("Tw", number(operands[0]))
            self._text_state("Tc", number(operands[1]))
        if operator in {"'", '"'}:
            self._next_line([])
        source = operands[-1]
        parts = list(source) if operator == "TJ" and isinstance(source, pikepdf.Array) else [source]
        if self.state.font is None:
            raise RedactionError("unread-font")
        show = Show([], self.state.font, self.state.size, self.state.spacing)
        for part in parts:
            if isinstance(part, pikepdf.String):
                self._glyphs(bytes(part), show)
            else:
                move = number(part)
                show.items.append(move)
                self._advance(-move / 1000 * self.state.size)
        if self.hidden:
            self.document.counts["F11-hidden"] += 1
            return
        self.reading.glyphs.extend(item for item in show.items if isinstance(item, Glyph))
        self.steps.append(show)

    def _advance(self, distance: float) -> None:
        self.text = multiply((1.0, 0.0, 0.0, 1.0, distance * self.state.scale / 100, 0.0), self.text)

    def _glyphs(self, data: bytes, show: Show) -> None:
        state = self.state
        self.document.budget.step(len(data))
        for code in show.font.decode(data):
            width = code.width / 1000 * state.size
            show.items.append(self._placed(code, width))
            blank = state.word_spacing if code.raw == b" " else 0.0
            self._advance(width + state.spacing + blank)

    def _placed(self, code: pdf_fonts.Code, width: float) -> Glyph:
        state = self.state
        a, b, c, d, e, f = multiply((1.0, 0.0, 0.0, 1.0, 0.0, state.rise), multiply(self.text, state.ctm))
        length = math.hypot(a, b)
        x, y = (a / length, b / length) if length else (1.0, 0.0)
        if state.size * state.scale < 0:
            x, y = -x, -y
        size = abs(state.size) * math.hypot(c, d)
        shown = abs(width) * length * abs(state.scale) / 100
        angle = round(math.degrees(math.atan2(y, x))) % 360
        return Glyph(code.raw, code.text, angle, e * x + f * y, f * x - e * y, shown, max(size, 1e-4))

    # Objects

    def _object(self, operands: list[Any]) -> None:
        target = dictionary(self.resources.get("/XObject")).get(name_of(operands[0]))
        kind = name_of(dictionary(target).get("/Subtype"))
        if "/OC" in dictionary(target) and self.document.layers.hides(target["/OC"]):
            self.document.counts["F11-hidden"] += 1
        elif kind == "/Image":
            self._image(target)
        elif kind == "/Form" and not self.hidden:
            self._form(target)

    def _image(self, source: Any) -> None:
        if not self.hidden:
            share = self._counted(source.get("/Width"), source.get("/Height"))
            pictures, reading = self.document.pictures, self.reading
            self.steps.append(
                Image(pictures.drawn(source, Place(reading.number, reading.images, self.state.ctm, share)))
            )

    def _inline_image(self, instruction: pikepdf.ContentStreamInlineImage) -> None:
        if not self.hidden:
            share = self._counted(instruction.iimage.width, instruction.iimage.height)
            try:
                place = Place(self.reading.number, self.reading.images, self.state.ctm, share)
                picture = self.document.pictures.inline(instruction.iimage, self.resources, place)
            except (pikepdf.PdfError, ValueError, TypeError, AttributeError, NotImplementedError):
                picture = None  # a grey area
                self.reading.lost += 1
            self.steps.append(Image(picture))

    def _counted(self, *size: Any) -> float:
        """Count a picture, and return its share of the page."""
        a, b, c, d, _, _ = self.state.ctm
        share = min(abs(a * d - b * c) / self.area, 1.0)
        self.reading.images += 1
        low = any(not isinstance(side, int) or side <= STRIP_PIXELS for side in size)
        self.reading.strips += low and share >= VISIBLE_SHARE
        if self.reading.strips > MOST_STRIPS:
            raise TooComplexError("pictures")
        self.document.counts["F6"] += 1
        return share

    def _form(self, source: Any) -> None:
        if self.depth >= FORM_DEPTH:
            raise TooComplexError("nested forms")
        matrix = numbers(source.get("/Matrix", list(IDENTITY)), 6)
        group = source.get("/Group")
        drawing = Drawing(
            box=numbers(source["/BBox"], 4),
            matrix=(matrix[0], matrix[1], matrix[2], matrix[3], matrix[4], matrix[5]),
            group=tuple(key for key in ("/I", "/K") if dictionary(group).get(key) is True)
            if group is not None
            else None,
        )
        state = replace(self.state, ctm=multiply(drawing.matrix, self.state.ctm))
        self.document.budget.content(source)
        resources = source.get("/Resources", self.resources)
        inner = _Reader(self.document, self.reading, self.area, drawing, resources, state, self.depth + 1)
        inner.run(source)
        self.steps.append(drawing)

    # Marked content

    def _mark(self, operands: list[Any]) -> None:
        self.document.counts["F11"] += 1
        hides = False
        if len(operands) > 1 and name_of(operands[0]) == "/OC":
            layer = dictionary(self.resources.get("/Properties")).get(name_of(operands[1]))
            hides = self.document.layers.hides(layer)
        self.marks.append(hides)
        if len(self.marks) > 1000:
            raise TooComplexError("nested marks")

    def _unmark(self, _: list[Any]) -> None:
        if self.marks:
            self.marks.pop()

    def _point(self, _: list[Any]) -> None:
        self.document.counts["F11"] += 1

    _HANDLERS = {
        "q": _push, "Q": _pop, "cm": _concat, "d": _dash, "ri": _intent, "gs": _graphics_state, "sh": _shading,
        "cs": lambda self, items: self._space(items, stroke=False),
        "CS": lambda self, items: self._space(items, stroke=True),
        "sc": lambda self, items: self._colour(items, stroke=False),
        "scn": lambda self, items: self._colour(items, stroke=False),
        "SC": lambda self, items: self._colour(items, stroke=True),
        "SCN": lambda self, items: self._colour(items, stroke=True),
        "BT": _begin, "ET": _end, "Tf": _font, "Td": _move, "TD": _move_leading, "Tm": _matrix, "T*": _next_line,
        "Do": _object, "BMC": _mark, "BDC": _mark, "EMC": _unmark, "MP": _point, "DP": _point,
    }  # fmt: skip
