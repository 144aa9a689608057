"""Readers of presentations: python-pptx slide by slide, and the scan of the package."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, Final

from pptx import Presentation
from pptx.exc import PackageNotFoundError
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn

from redaction.entities import Block, Kind
from redaction.readers.ooxml import scan

_ALTERNATIVE: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read(data: bytes) -> list[Block]:
    """What a person would see: per slide its text, charts and SmartArt, its notes, then what describes its pictures.

    Raises:
        ValueError: python-pptx cannot open the file.
    """
    try:
        slides = list(Presentation(io.BytesIO(data)).slides)
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, AttributeError) as error:
        raise ValueError("not a readable presentation") from error
    blocks: list[Block] = []
    for number, slide in enumerate(slides, 1):
        texts = [*_lines(slide.element), *_graphics(slide)]
        blocks += _blocks(f"slide{number}/p", texts, Kind.PROSE)
        if slide.has_notes_slide:
            blocks += _blocks(f"slide{number}/notes", _lines(slide.notes_slide.element), Kind.PROSE)
        blocks += _blocks(f"slide{number}/comment", _comments(slide), Kind.PROSE)
        blocks += _blocks(f"slide{number}/picture", _descriptions(slide.element), Kind.LABEL)
    return blocks


def _blocks(anchor: str, texts: Any, kind: Kind) -> list[Block]:
    return [Block(f"{anchor}{number}", text, kind) for number, text in enumerate(texts, 1)]


def _lines(root: Any) -> Iterator[str]:
    """Paragraphs in the order of the tree: shapes, groups and tables alike."""
    for paragraph in root.iter(qn("a:p")):
        if next(paragraph.iterancestors(_ALTERNATIVE), None) is not None:
            continue
        text = "".join(
            "\n" if item.tag == qn("a:br") else item.text or "" for item in paragraph.iter(qn("a:t"), qn("a:br"))
        )
        if text.strip():
            yield text


def _graphics(slide: Any) -> Iterator[str]:
    for relationship in slide.part.rels.values():
        if relationship.is_external:
            continue
        if relationship.reltype == RELATIONSHIP_TYPE.CHART:
            space = relationship.target_part.chart.element
            yield from _lines(space)
            yield from (value.text for value in space.iter(qn("c:v")) if value.text)
        elif relationship.reltype == RELATIONSHIP_TYPE.DIAGRAM_DATA:
            yield from _lines(parse_xml(relationship.target_part.blob))


def _comments(slide: Any) -> Iterator[str]:
    for relationship in slide.part.rels.values():
        if relationship.reltype == RELATIONSHIP_TYPE.COMMENTS and not relationship.is_external:
            for text in parse_xml(relationship.target_part.blob).iter(qn("p:text")):
                yield text.text or ""


def _descriptions(root: Any) -> Iterator[str]:
    for properties in root.iter(qn("p:cNvPr")):
        yield from (text for name in ("title", "descr") if (text := properties.get(name)))


READERS: tuple[Callable[[bytes], list[Block]], ...] = (read, scan)
