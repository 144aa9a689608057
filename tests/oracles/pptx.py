"""What outsiders find in a presentation: the package scan, python-pptx, and all texts of its markup."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from pptx import Presentation

from tests.oracles import Oracle
from tests.oracles.docx import all_texts
from tests.oracles.ooxml import raw

EXTENSIONS = ("pptx",)


def python_pptx(data: bytes) -> str:
    """Names and texts of all shapes, tables and charts of slides, layouts and masters, notes and properties."""
    deck = Presentation(io.BytesIO(data))
    texts = [deck.core_properties.author or "", deck.core_properties.title or ""]
    for slide in deck.slides:
        texts += _shapes(slide.shapes)
        if slide.has_notes_slide:
            texts += _shapes(slide.notes_slide.shapes)
    for master in deck.slide_masters:
        texts += _shapes(master.shapes)
        for layout in master.slide_layouts:
            texts += _shapes(layout.shapes)
    return "\n".join(texts)


def _shapes(shapes: Any) -> Iterator[str]:
    for shape in shapes:
        yield shape.name
        if shape.has_text_frame:
            yield shape.text_frame.text
        if getattr(shape, "has_table", False) and shape.has_table:
            yield from (cell.text for row in shape.table.rows for cell in row.cells)
        if getattr(shape, "has_chart", False) and shape.has_chart:
            yield from (str(name) for plot in shape.chart.plots for name in plot.categories)
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)


ORACLES: dict[str, Oracle] = {"package scan": raw, "python-pptx": python_pptx, "all texts": all_texts}
