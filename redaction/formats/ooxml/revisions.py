"""Accepts tracked changes: what was deleted goes for good, what was inserted stays, nobody is named."""

from __future__ import annotations

from typing import Final

from redaction.formats.ooxml.names import tag, tags
from redaction.formats.ooxml.tree import Element, remove, remove_all, unwrap

_DELETED: Final = tags("w:del w:moveFrom")
_INSERTED: Final = tags("w:ins w:moveTo")
_DELETED_TEXT: Final = tags("w:delText w:delInstrText")
_MOVES: Final = tags(
    "w:moveFromRangeStart w:moveFromRangeEnd w:moveToRangeStart w:moveToRangeEnd w:customXmlInsRangeStart"
    " w:customXmlInsRangeEnd w:customXmlDelRangeStart w:customXmlDelRangeEnd w:customXmlMoveFromRangeStart"
    " w:customXmlMoveFromRangeEnd w:customXmlMoveToRangeStart w:customXmlMoveToRangeEnd w:numberingChange"
)
_FORMER: Final = tags(  # what properties were before
    "w:rPrChange w:pPrChange w:sectPrChange w:tblPrChange w:tblPrExChange w:tblGridChange w:trPrChange w:tcPrChange"
)
_MARK_HOLDERS: Final = tags("w:rPr w:trPr w:numPr")
_CELL_MARKS: Final = tags("w:cellIns w:cellMerge")


def accept(root: Element) -> int:
    """Accept every tracked change below ``root`` and return how many there were."""
    count = _remove_deleted_rows_and_cells(root)
    for paragraph in [mark.getparent().getparent().getparent() for mark in _deleted_marks(root)]:
        count += 1
        _merge_with_next(paragraph)
    for element in list(root.iter(*_DELETED)):
        count += 1
        remove(element)
    for element in list(root.iter(*_INSERTED)):
        count += 1
        if element.getparent() is not None and element.getparent().tag in _MARK_HOLDERS:
            remove(element)
        else:
            unwrap(element)
    return count + remove_all(root, _FORMER) + remove_all(root, _DELETED_TEXT) + remove_all(root, _MOVES | _CELL_MARKS)


def _remove_deleted_rows_and_cells(root: Element) -> int:
    count = 0
    for mark in list(root.iter(tag("w:cellDel"))):
        cell = mark.getparent().getparent()
        if cell is not None and cell.tag == tag("w:tc"):
            count += 1
            remove(cell)
    for row in list(root.iter(tag("w:tr"))):
        properties = row.find(tag("w:trPr"))
        deleted = properties is not None and properties.find(tag("w:del")) is not None
        if deleted or row.find(f".//{tag('w:tc')}") is None:
            count += 1
            remove(row)
    for table in list(root.iter(tag("w:tbl"))):
        if table.find(f".//{tag('w:tr')}") is None:
            remove(table)
    return count


def _deleted_marks(root: Element) -> list[Element]:
    """Deleted (or moved away) paragraph marks: ``w:p/w:pPr/w:rPr/w:del``."""
    return [
        mark
        for mark in root.iter(*_DELETED)
        if mark.getparent().tag == tag("w:rPr") and mark.getparent().getparent().tag == tag("w:pPr")
    ]


def _merge_with_next(paragraph: Element) -> None:
    """Without its mark a paragraph runs on into the next one, whose properties rule."""
    following = paragraph.getnext()
    properties = paragraph.find(tag("w:pPr"))
    if following is None or following.tag != tag("w:p") or properties.find(tag("w:sectPr")) is not None:
        return  # the last paragraph of a cell or section has to stay
    place = 1 if following.find(tag("w:pPr")) is not None else 0
    for offset, child in enumerate([child for child in paragraph if child is not properties]):
        following.insert(place + offset, child)
    remove(paragraph)
