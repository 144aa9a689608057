"""A new document from the steps of the pages: new content streams, new names, and of every resource the allowed keys.

What is written: catalog and page tree; per page MediaBox, CropBox, Rotate, Contents, Resources with Font, XObject
and ExtGState. Nothing is copied from the upload but numbers, outlines of fonts, names of glyphs, and pixels.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image as Pixels

from redaction.formats import pdf_fonts, pdf_images, pdf_layer
from redaction.formats.pdf_fonts import Font
from redaction.formats.pdf_images import Picture
from redaction.formats.pdf_layer import LayerLine
from redaction.formats.pdf_steps import Drawing, FontChoice, Glyph, Image, Show, StateChoice
from redaction.formats.pdf_streams import Budget, text_of

REPLACEMENT_FONT = "Token"
LAYER_FONT = "Layer"
PLACEHOLDER = "Picture"
PLACEHOLDER_GREY = b"\xd9"


@dataclass
class _Resources:
    """The names one content stream uses."""

    fonts: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    states: set[str] = field(default_factory=set)


class Writer:
    """Builds the new document page by page; ``save`` ends it."""

    def __init__(self, budget: Budget, pixels: Callable[[Picture], Pixels.Image | None]) -> None:
        self._pdf = pikepdf.new()
        self._budget = budget
        self._pixels = pixels
        self._images: dict[int, str] = {}
        self._layer: set[str] = set()
        self._fonts: dict[int, tuple[str, Font, Dictionary]] = {}
        self._states: dict[tuple[tuple[str, str], ...], str] = {}
        self._forms: dict[tuple[Any, ...], str] = {}
        self._objects: dict[str, Any] = {}

    def add_page(self, drawing: Drawing, boxes: Mapping[str, Sequence[float]], rotate: int) -> None:
        """Add a page with these steps; ``boxes`` are MediaBox and CropBox."""
        data, resources = self._stream(drawing)
        page = Dictionary(Type=Name.Page, Resources=self._dictionary(resources))
        for key, box in boxes.items():
            page[key] = _numbers(box)
        if rotate:
            page.Rotate = rotate
        page.Contents = self._pdf.make_stream(data)
        self._pdf.pages.append(pikepdf.Page(self._pdf.make_indirect(page)))

    def add_photo(self, picture: Pixels.Image, scale: float, lines: Sequence[LayerLine]) -> None:
        """Add a page that is one picture, ``scale`` pixels to a point, with ``lines`` as invisible text."""
        width, height = picture.width / scale, picture.height / scale
        name = f"I{len(self._images) + 1}"
        self._images[-len(self._images) - 1] = name
        self._objects[name] = pdf_images.encoded(self._pdf, picture, lossy=True)
        text, used = pdf_layer.content(lines, LAYER_FONT)
        resources = _Resources(objects={name})
        if used:
            self._layer |= used
            resources.fonts.add(LAYER_FONT)
            if LAYER_FONT not in self._objects:
                self._objects[LAYER_FONT] = self._pdf.make_indirect(Dictionary())
        page = Dictionary(
            Type=Name.Page, MediaBox=_numbers([0, 0, width, height]), Resources=self._dictionary(resources)
        )
        drawn = f"q {text_of(width)} 0 0 {text_of(height)} 0 0 cm /{name} Do Q\n".encode()
        page.Contents = self._pdf.make_stream(drawn + text)
        self._pdf.pages.append(pikepdf.Page(self._pdf.make_indirect(page)))

    def save(self) -> bytes:
        """Write the fonts, now that the codes in use are known, and return the file's bytes."""
        if LAYER_FONT in self._objects:
            pdf_layer.write(self._objects[LAYER_FONT], self._pdf, self._layer)
        for number, (_, font, target) in enumerate(self._fonts.values(), 1):
            pdf_fonts.write(font, target, self._pdf, number, self._budget)
        buffer = io.BytesIO()
        self._pdf.save(
            buffer,
            deterministic_id=True,
            compress_streams=True,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            force_version="1.7",
        )
        return buffer.getvalue()

    # Content streams

    def _stream(self, drawing: Drawing) -> tuple[bytes, _Resources]:
        resources = _Resources()
        lines: list[bytes] = []
        for step in drawing.steps:
            if isinstance(step, bytes):
                lines.append(step)
            elif isinstance(step, FontChoice):
                lines.append(self._choose(step, resources))
            elif isinstance(step, Show):
                lines.extend(self._show(step, resources))
            else:
                lines.append(self._object(step, resources))
        return b"\n".join(lines), resources

    def _object(self, step: StateChoice | Image | Drawing, resources: _Resources) -> bytes:
        if isinstance(step, StateChoice):
            name = self._states.setdefault(step.entries, f"G{len(self._states) + 1}")
            resources.states.add(name)
            return f"/{name} gs".encode()
        name = self._image(step.picture) if isinstance(step, Image) else self._form(step)
        resources.objects.add(name)
        return f"/{name} Do".encode()

    def _choose(self, choice: FontChoice, resources: _Resources) -> bytes:
        name = self._font_name(choice.font)
        resources.fonts.add(name)
        return f"/{name} {text_of(choice.size)} Tf".encode()

    def _font_name(self, font: Font) -> str:
        if id(font) not in self._fonts:
            target = self._pdf.make_indirect(Dictionary())
            self._fonts[id(font)] = (f"F{len(self._fonts) + 1}", font, target)
            self._objects[self._fonts[id(font)][0]] = target
        return self._fonts[id(font)][0]

    def _show(self, show: Show, resources: _Resources) -> list[bytes]:
        """Write one text-showing step: what stays, and a token in Helvetica where the first cut glyph was."""
        lines: list[bytes] = []
        run: list[bytes] = []
        after_cut = False
        for item in show.items:
            if isinstance(item, Glyph):
                after_cut = item.cut
                if not item.cut:
                    show.font.used.add(int.from_bytes(item.code, "big"))
                    run.append(b"<" + item.code.hex().encode() + b">")
                elif item.token:
                    lines += [*_flushed(run), *self._token(show, item.token, resources)]
            elif not after_cut:
                run.append(text_of(item).encode())
        return [*lines, *_flushed(run)]

    def _token(self, show: Show, token: str, resources: _Resources) -> list[bytes]:
        resources.fonts.add(REPLACEMENT_FONT)
        if REPLACEMENT_FONT not in self._objects:
            self._objects[REPLACEMENT_FONT] = self._pdf.make_indirect(
                Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
            )
        text = " ".join(token.split()).encode("cp1252", "replace")
        size = text_of(show.size)
        return [
            *([b"0 Tc"] if show.spacing else []),
            f"/{REPLACEMENT_FONT} {size} Tf".encode(),
            b"<" + text.hex().encode() + b"> Tj",
            self._choose(FontChoice(show.font, show.size), resources),
            *([f"{text_of(show.spacing)} Tc".encode()] if show.spacing else []),
        ]

    # Resources

    def _form(self, drawing: Drawing) -> str:
        data, resources = self._stream(drawing)
        key = (data, tuple(drawing.box), drawing.matrix, drawing.group)
        if key not in self._forms:
            name = f"X{len(self._forms) + 1}"
            stream = self._pdf.make_stream(data, Type=Name.XObject, Subtype=Name.Form, BBox=_numbers(drawing.box))
            stream.Matrix = _numbers(drawing.matrix)
            stream.Resources = self._dictionary(resources)
            if drawing.group is not None:
                stream.Group = Dictionary({"/S": Name.Transparency, **dict.fromkeys(drawing.group, True)})
            self._forms[key] = name
            self._objects[name] = stream
        return self._forms[key]

    def _image(self, picture: Picture | None) -> str:
        """Return the name of a picture's pixels, with those of its soft mask; of a grey area where there are none."""
        data = None if picture is None else self._pixels(picture)
        if picture is None or data is None:
            return self._placeholder()
        if id(picture) not in self._images:
            name = f"I{len(self._images) + 1}"
            self._images[id(picture)] = name
            stream = pdf_images.encoded(
                self._pdf, data, lossy=pdf_images.lossy(picture.source), stencil=picture.stencil
            )
            soft = None if picture.soft is None else self._pixels(picture.soft)
            if soft is not None and not picture.stencil:
                stream.SMask = pdf_images.encoded(self._pdf, soft.convert("L"), lossy=False, bits=8)
            self._objects[name] = stream
        return self._images[id(picture)]

    def _placeholder(self) -> str:
        if PLACEHOLDER not in self._objects:
            self._objects[PLACEHOLDER] = self._pdf.make_stream(
                PLACEHOLDER_GREY,
                Type=Name.XObject,
                Subtype=Name.Image,
                Width=1,
                Height=1,
                ColorSpace=Name.DeviceGray,
                BitsPerComponent=8,
            )
        return PLACEHOLDER

    def _dictionary(self, resources: _Resources) -> Dictionary:
        result = Dictionary()
        if resources.fonts:
            result.Font = Dictionary({f"/{name}": self._objects[name] for name in sorted(resources.fonts)})
        if resources.objects:
            result.XObject = Dictionary({f"/{name}": self._objects[name] for name in sorted(resources.objects)})
        entries = {name: entries for entries, name in self._states.items() if name in resources.states}
        if entries:
            result.ExtGState = Dictionary({f"/{name}": _state(entries[name]) for name in sorted(entries)})
        return result


def _flushed(run: list[bytes]) -> list[bytes]:
    """Return the run as one step and empty it; neighbouring strings become one."""
    if not run:
        return []
    line = (b"[" + b" ".join(run) + b"] TJ").replace(b"> <", b"")
    run.clear()
    return [line]


def _state(entries: Sequence[tuple[str, str]]) -> Dictionary:
    return Dictionary({key: pikepdf.Object.parse(value.encode()) for key, value in entries})


def _numbers(values: Sequence[float]) -> Array:
    return Array([pikepdf.Object.parse(text_of(value).encode()) for value in values])
