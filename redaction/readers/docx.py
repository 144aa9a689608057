"""Readers of Word documents: python-docx in reading order, and the scan of the package."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any, Final

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from redaction.entities import Block, Kind
from redaction.readers.ooxml import scan

_MARKS: Final = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-", qn("w:ptab"): "\t"}
_ALTERNATIVE: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MATH_TEXT: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_NOTES: Final = (
    (RELATIONSHIP_TYPE.FOOTNOTES, "footnote"),
    (RELATIONSHIP_TYPE.ENDNOTES, "endnote"),
    (RELATIONSHIP_TYPE.COMMENTS, "comment"),
)


def read(data: bytes) -> list[Block]:
    """The text a person would read, in order: headers, body with tables and boxes, notes, footers, picture texts.

    Raises:
        ValueError: python-docx cannot open the file.
    """
    try:
        document = Document(io.BytesIO(data))
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise ValueError("not a readable document") from error
    blocks: list[Block] = []
    edges = _edges(document)
    for anchor, root in edges["header"]:
        blocks += _lines(root, anchor)
    blocks += _lines(document.element.body, "p")
    for kind, anchor in _NOTES:
        for relationship in document.part.rels.values():
            if relationship.reltype == kind:
                blocks += _lines(parse_xml(relationship.target_part.blob), anchor)
    for anchor, root in edges["footer"]:
        blocks += _lines(root, anchor)
    return blocks + _picture_texts(document.element.body)


def _edges(document: Any) -> dict[str, list[tuple[str, Any]]]:
    """Headers and footers, each once, however many sections share it."""
    found: dict[str, list[tuple[str, Any]]] = {"header": [], "footer": []}
    seen: set[str] = set()
    for relationship in document.part.rels.values():
        for kind, edges in found.items():
            name = str(relationship.target_ref)
            if relationship.reltype.endswith("/" + kind) and name not in seen:
                seen.add(name)
                edges.append((f"{kind}{len(edges) + 1}/p", relationship.target_part.element))
    return found


def _lines(root: Any, anchor: str) -> list[Block]:
    blocks: list[Block] = []
    for paragraph in root.iter(qn("w:p")):
        if next(paragraph.iterancestors(_ALTERNATIVE), None) is not None:
            continue  # the same text a second time
        text = "".join(_text(paragraph))
        if text.strip():
            cell = next(paragraph.iterancestors(qn("w:tc")), None) is not None
            blocks.append(Block(f"{anchor}{len(blocks) + 1}", text, Kind.CELL if cell else Kind.PROSE))
    return blocks


def _text(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag in (qn("w:t"), _MATH_TEXT):
            yield child.text or ""
        elif child.tag in _MARKS and element.tag == qn("w:r"):
            yield _MARKS[child.tag]
        elif child.tag not in (qn("w:p"), _ALTERNATIVE) and len(child):
            yield from _text(child)


def _picture_texts(body: Any) -> list[Block]:
    blocks: list[Block] = []
    for properties in body.iter(qn("wp:docPr")):
        for name in ("title", "descr"):
            if properties.get(name):
                blocks.append(Block(f"picture{len(blocks) + 1}", properties.get(name), Kind.LABEL))
    return blocks


READERS: tuple[Callable[[bytes], list[Block]], ...] = (read, scan)
