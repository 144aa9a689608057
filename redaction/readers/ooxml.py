"""The second reader of office files: zip and expat only, no office library, no knowledge of any part.

It reads every member there is, listed or not. A line is the text between two paragraph ends, so a word split over
runs is whole; text elements outside paragraphs and the attributes a person could read are lines of their own, as are
the names of members and the addresses of relationships.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final
from xml.parsers import expat

from redaction.entities import Block, Kind
from redaction.vocabulary import (
    is_cell_style,
    is_common_font,
    is_own_bookmark,
    is_own_code,
    is_own_name,
    is_own_reference,
    is_schema,
    is_word_style,
)

_LINES: Final = frozenset({"p", "si", "is", "rPh", "rt", "Fallback"})
_RUN_TEXT: Final = frozenset({"t", "instrText", "delText", "delInstrText"})
_BREAKS: Final = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "\u00ad", "ptab": "\t"}
_CLOSERS: Final = frozenset({"r", "p", "tc", "sdtContent"})  # a w:tab in paragraph properties is not inside a run
_HUMAN: Final = frozenset(
    {"descr", "title", "alt", "tooltip", "display", "displayText", "prompt", "promptTitle", "error", "errorTitle"}
    | {"name", "styleName", "string", "caption", "comment", "description", "author", "initials", "displayName"}
    | {"userName", "instr", "anchor", "Target", "location", "totalsRowLabel", "text", "value", "uri", "url"}
)
_WORDY_VALUE: Final = frozenset(
    {"alias", "tag", "lvlText", "helpText", "statusText", "default", "listEntry", "name", "caption", "tblCaption"}
    | {"tblDescription", "title", "filter", "customFilter", "desc", "aliases"}
)
_FONTS: Final = frozenset(
    {"rFonts", "font", "altName", "latin", "ea", "cs", "sym", "buFont", "rFont", "mathFont"}
    | {"checkedState", "uncheckedState"}
)
_FONT_ATTRIBUTES: Final = frozenset({"ascii", "hAnsi", "eastAsia", "cs", "name", "val", "typeface", "font"})
# Attributes that hold several words of the formats themselves.
_LISTS_OF_WORDS: Final = frozenset(
    {"style", "path", "Requires", "Ignorable", "sqref", "ref", "spans", "coordsize", "coordorigin", "adj", "points"}
    | {"formatCode", "fmla", "eqn", "v", "textpathok", "connectlocs", "connectangles", "textboxrect", "limo"}
    | {"uniqueId", "panose1", "pathConnect", "spidmax", "mods", "axis", "ptType", "ContentType", "Type", "PartName"}
)
_SEVERAL_WORDS: Final = re.compile(r"[A-Za-z]{2}[.,]?\s+[A-Za-z]|://|[^\x00-\x7f]")
_TWO_LETTERS: Final = re.compile(r"[A-Za-z]{2}")
# Items and captions of pivot tables.
_EDGES: Final = frozenset(f"{pages}{edge}" for pages in ("odd", "even", "first") for edge in ("Header", "Footer"))
_EDGE_CODE: Final = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d+|.)', re.DOTALL)
_SECTIONS: Final = ("&L", "&C", "&R")
_PIVOT: Final = frozenset(
    {("s", "v"), ("n", "v"), ("d", "v"), ("s", "c"), ("n", "c"), ("d", "c"), ("item", "n"), ("pageField", "cap")}
    | {("filter", "stringValue1"), ("filter", "stringValue2"), ("pivotField", "subtotalCaption")}
    | {("pivotTableDefinition", name + "Caption") for name in ("data", "grandTotal", "error", "missing")}
    | {("pivotTableDefinition", name + "Caption") for name in ("rowHeader", "colHeader")}
)
_PROGRAM_NAMES: Final = frozenset(  # elements whose name is chosen by a schema
    {"gd", "lsdException", "compatSetting", "layoutNode", "forEach", "presOf", "styleLbl", "theme", "themeOverride"}
    | {"clrScheme", "fontScheme", "fmtScheme"}
)
# Names of members as packages of these formats bear them; any other is read.
_GENERATED: Final = re.compile(
    r"\[Content_Types\]\.xml|(?:(?:word|xl|ppt)/)?(?:(?:_rels|theme|media|charts|diagrams|drawings|worksheets|tables|"
    r"chartsheets|pivotTables|pivotCache|comments|embeddings|slides|slideMasters|slideLayouts|notesSlides"
    r"|notesMasters|handoutMasters|docProps)/)*(?:_rels/)?"
    r"(?:document|styles|settings|fontTable|numbering|theme|header|footer|footnotes|endnotes|chart|userShapes|style|"
    r"colors|override|data|layout|quickStyle|drawing|workbook|sheet|chartsheet|sharedStrings|table|presentation|slide|"
    r"slideMaster|slideLayout|notesMaster|notesSlide|handoutMaster|tableStyles|image|core|app|comments?|commentAuthors|"
    r"package|pivotTable|pivotCacheDefinition|vmlDrawing)?\d*\.(?:xml|rels|vml|xml\.rels|png|xlsx|docx|pptx|pdf)"
)
_PACKAGES: Final = (".xlsx", ".docx", ".pptx")
_DEEPEST: Final = 40  # characters of an anchor: far deeper than files are ever read
_FORMULAS: Final = frozenset({"f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula"})
_CHART: Final = "http://schemas.openxmlformats.org/drawingml/2006/chart "
_LITERAL: Final = re.compile(r"\"[^\"]*\"|'[^']*'|\[[^\[\]]*\]")
# Words of a formula that are neither cells nor functions in capitals.
_FORMULA_NAME: Final = re.compile(r"(?<![\w.$])(?!\$?[A-Z]{1,3}\$?\d+(?!\w))(?![A-Z][A-Z0-9.]*\s*\()[^\W\d][\w.]{2,}")
_VOCABULARY_TEXT: Final = frozenset({"attrName", "tableStyleId", "align", "formatCode", "Application"})
_NUMBER_ROWS: Final = frozenset({"row", "numCache", "strCache"})
_NUMBER: Final = re.compile(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?%?")


def scan(data: bytes, prefix: str = "") -> list[Block]:
    """Every line of text in every member, and in every member of the packages in it.

    Raises:
        ValueError: the file is no zip, or a member is not well formed.
    """
    blocks: list[Block] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for ordinal, info in enumerate(archive.infolist()):
                if not _GENERATED.fullmatch(info.filename):
                    blocks.append(Block(f"{prefix}m{ordinal}/name", info.filename, Kind.NAME))
                if info.filename.endswith((".xml", ".rels")):
                    blocks += _Lines(f"{prefix}m{ordinal}").read(archive.read(info))
                elif info.filename.endswith(_PACKAGES):
                    if len(prefix) >= _DEEPEST:
                        raise ValueError("packages inside packages, too deep")
                    blocks += scan(archive.read(info), f"{prefix}m{ordinal}!")
    except (zipfile.BadZipFile, expat.ExpatError) as error:
        raise ValueError("not a readable package") from error
    return blocks


def _speaks(value: str) -> bool:
    """Whether an attribute may hold words of people: several of them, an address, a path, letters outside ASCII."""
    if _SEVERAL_WORDS.search(value):
        return True
    return ("@" in value or "\\" in value) and _TWO_LETTERS.search(value) is not None


class _Lines:
    """Turns one XML member into lines."""

    def __init__(self, anchor: str) -> None:
        self._anchor = anchor
        self._blocks: list[Block] = []
        self._path: list[str] = []
        self._lines: list[list[str]] = []  # open paragraphs, the innermost last
        self._codes: list[str] = []
        self._numbers: list[str] = []  # of one row: a workbook may have two million
        self._text: list[str] = []

    def read(self, data: bytes) -> list[Block]:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.Parse(data, True)
        self._add_code()
        self._add_numbers()
        return self._blocks

    def _add_numbers(self) -> None:
        self._add("\t".join(self._numbers), Kind.CELL)
        self._numbers.clear()

    def _add(self, text: str, kind: Kind) -> None:
        if text.strip():
            self._blocks.append(Block(f"{self._anchor}/x{len(self._blocks)}", text, kind))

    def _add_code(self) -> None:
        code = "".join(self._codes)
        self._codes.clear()
        if not is_own_code(code):
            self._add(code, Kind.CODE)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        plain = name.rpartition(" ")[2]
        self._text.clear()
        if plain in _LINES:
            self._lines.append([])
        elif plain in _BREAKS and self._lines and self._path and self._path[-1] in _CLOSERS:
            self._lines[-1].append(_BREAKS[plain])
        self._path.append(plain)
        for key, value in attributes.items():
            self._attribute(plain, key.rpartition(" ")[2], value)

    def _attribute(self, element: str, name: str, value: str) -> None:
        if name == "Target" and not re.search(r"[a-z]+:", value):
            return  # a member's name, read already
        if _is_vocabulary(element, name, value, self._path[-2:-1]):
            return
        if (
            name in _HUMAN
            or (name == "val" and element in _WORDY_VALUE)
            or (element in _FONTS and name in _FONT_ATTRIBUTES)
            or (element, name) in _PIVOT
        ):
            self._add(value, Kind.LABEL)
        elif name == "formatCode":
            for literal in _LITERAL.findall(value):
                self._add(literal, Kind.LABEL)
        elif name not in _LISTS_OF_WORDS and _speaks(value) and not is_schema(value):
            self._add(value, Kind.LABEL)

    def _end(self, name: str) -> None:
        plain = name.rpartition(" ")[2]
        self._path.pop()
        text = "".join(self._text)
        self._text.clear()
        if plain in _LINES and self._lines:
            self._add("".join(self._lines.pop()), Kind.PROSE)
        elif plain == "instrText":
            self._codes.append(text)
        elif plain == "fldChar" and self._codes:
            self._add_code()
        elif plain in _RUN_TEXT and self._lines:
            self._lines[-1].append(text)
        elif plain == "f" and name.startswith(_CHART):
            if not is_own_reference(text):
                self._add(text, Kind.CODE)
        elif plain in _EDGES:
            self._add(_EDGE_CODE.sub(_edge_text, text), Kind.LABEL)
        elif plain in _FORMULAS:
            for literal in _LITERAL.findall(text):
                self._add(literal, Kind.CELL)
            self._add(" ".join(_FORMULA_NAME.findall(_LITERAL.sub(" ", text))), Kind.CODE)
        elif plain == "v" and _NUMBER.fullmatch(text.strip()):
            self._numbers.append(text)
        elif plain not in _VOCABULARY_TEXT and not _NUMBER.fullmatch(text.strip()):
            self._add(text, Kind.CELL)
        if plain in _NUMBER_ROWS:
            self._add_numbers()


def _edge_text(code: re.Match[str]) -> str:
    """What a code at the edge of a printed page shows: an ampersand, the end of a section, or nothing of its own."""
    return "&" if code[0] == "&&" else "\n" if code[0] in _SECTIONS else ""


def _is_vocabulary(element: str, name: str, value: str, parent: list[str]) -> bool:
    """Whether the program wrote this value, not a person."""
    if element in _FONTS and name in _FONT_ATTRIBUTES:
        return is_common_font(value)
    if element == "name" and parent in (["style"], ["font"]):
        return is_word_style(value) if parent == ["style"] else is_common_font(value)
    if element in ("bookmarkStart", "hyperlink") and name in ("name", "anchor"):
        return is_own_bookmark(value)
    if name == "instr":
        return is_own_code(value)
    if name in ("name", "styleName"):
        return element in _PROGRAM_NAMES or is_own_name(value) or (element == "cellStyle" and is_cell_style(value))
    return name in ("uri", "url") and is_schema(value)
