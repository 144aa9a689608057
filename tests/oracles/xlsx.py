"""What an outsider finds in a workbook: every byte of every member, every node and attribute, and openpyxl's view."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from typing import Any
from xml.parsers import expat

from openpyxl import load_workbook

from tests.oracles import Oracle


def inflated(data: bytes) -> str:
    """The container and each member as text in three encodings, markup left out."""
    found = [data.decode("latin-1")]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            found += [info.filename, info.comment.decode("latin-1"), info.extra.decode("latin-1")]
            content = archive.read(info)
            for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                text = content.decode(encoding, "ignore")
                found += [text, re.sub(r"<[^>]*>", "", text)]
        found.append(archive.comment.decode("latin-1"))
    return "\n".join(found)


def nodes(data: bytes) -> str:
    """Text nodes joined over their elements, attribute values, remarks and the names of members, by expat."""
    found: list[str] = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            found.append(info.filename)
            if info.filename.endswith((".xml", ".rels", ".vml")):
                found += _nodes(archive.read(info))
    return "\n".join(found)


def _nodes(content: bytes) -> list[str]:
    texts: list[str] = []
    values: list[str] = []
    parser = expat.ParserCreate()
    parser.CharacterDataHandler = texts.append
    parser.CommentHandler = values.append
    parser.ProcessingInstructionHandler = lambda target, text: values.append(f"{target} {text}")
    parser.StartElementHandler = lambda _, attributes: values.extend(attributes.values())
    parser.Parse(content, True)
    joined = "".join(texts)
    # Headers and footers of printed sheets have codes inside their text.
    return [joined, re.sub(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|\d+|.)', "", joined), *values]


def cells(data: bytes) -> str:
    """What openpyxl shows: names, formulas and stored values, comments, rules, edges, names and properties."""
    found: list[str] = []
    for values in (False, True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book: Any = load_workbook(io.BytesIO(data), data_only=values)
        found += [*book.sheetnames, *book.defined_names]
        found += [str(one.attr_text) for one in book.defined_names.values()]
        found += [str(value) for value in vars(book.properties).values() if value]
        for sheet in book.worksheets:
            found += _sheet(sheet)
    return "\n".join(found)


def _sheet(sheet: Any) -> list[str]:
    found = [str(edge) for edge in (sheet.oddHeader, sheet.oddFooter, sheet.evenHeader, sheet.firstHeader)]
    for row in sheet.iter_rows():
        for cell in row:
            found += [str(part) for part in (cell.value, cell.number_format) if part is not None]
            if cell.comment is not None:
                found += [cell.comment.text, cell.comment.author or ""]
            if cell.hyperlink is not None:
                found += [str(value) for value in vars(cell.hyperlink).values()]
    for rule in sheet.data_validations.dataValidation:
        found += [str(value) for value in vars(rule).values()]
    for table in sheet.tables.values():
        found += [table.name, table.displayName, *(column.name for column in table.tableColumns)]
    for pivot in sheet._pivots:
        found.append(pivot.name)
        found += [str(field.name) for field in pivot.cache.cacheFields]
        found += [
            str(getattr(item, "v", "")) for field in pivot.cache.cacheFields for item in field.sharedItems._fields
        ]
    return found


EXTENSIONS = ("xlsx",)
ORACLES: dict[str, Oracle] = {"every byte inflated": inflated, "every node and attribute": nodes, "openpyxl": cells}
