"""Namespaces of Office Open XML: the ones we keep, under their customary prefixes, and their Strict twins.

Elements of any other namespace are dropped, so nobody's own schema travels.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_OFFICE: Final = "http://schemas.openxmlformats.org/"
_MICROSOFT: Final = "http://schemas.microsoft.com/office/"

NAMESPACES: Final[dict[str, str]] = {
    "w": _OFFICE + "wordprocessingml/2006/main",
    "x": _OFFICE + "spreadsheetml/2006/main",
    "p": _OFFICE + "presentationml/2006/main",
    "a": _OFFICE + "drawingml/2006/main",
    "c": _OFFICE + "drawingml/2006/chart",
    "cdr": _OFFICE + "drawingml/2006/chartDrawing",
    "dgm": _OFFICE + "drawingml/2006/diagram",
    "lc": _OFFICE + "drawingml/2006/lockedCanvas",
    "pic": _OFFICE + "drawingml/2006/picture",
    "wp": _OFFICE + "drawingml/2006/wordprocessingDrawing",
    "xdr": _OFFICE + "drawingml/2006/spreadsheetDrawing",
    "m": _OFFICE + "officeDocument/2006/math",
    "r": _OFFICE + "officeDocument/2006/relationships",
    "mc": _OFFICE + "markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "w10": "urn:schemas-microsoft-com:office:word",
    "w14": _MICROSOFT + "word/2010/wordml",
    "w15": _MICROSOFT + "word/2012/wordml",
    "wp14": _MICROSOFT + "word/2010/wordprocessingDrawing",
    "wpc": _MICROSOFT + "word/2010/wordprocessingCanvas",
    "wpg": _MICROSOFT + "word/2010/wordprocessingGroup",
    "wps": _MICROSOFT + "word/2010/wordprocessingShape",
    "a14": _MICROSOFT + "drawing/2010/main",
    "c14": _MICROSOFT + "drawing/2007/8/2/chart",
    "cs": _MICROSOFT + "drawing/2012/chartStyle",
    "dsp": _MICROSOFT + "drawing/2008/diagram",
    "p14": _MICROSOFT + "powerpoint/2010/main",
    "p15": _MICROSOFT + "powerpoint/2012/main",
    "x14ac": _MICROSOFT + "spreadsheetml/2009/9/ac",
}
PREFIXES: Final[dict[str, str]] = {uri: prefix for prefix, uri in NAMESPACES.items()}
XML: Final = "http://www.w3.org/XML/1998/namespace"

PACKAGE_RELATIONSHIPS: Final = _OFFICE + "package/2006/relationships"
CONTENT_TYPES: Final = _OFFICE + "package/2006/content-types"

# ISO/IEC 29500 Strict writes the same vocabulary under other names; every other Strict name follows the same rule.
_STRICT: Final = "http://purl.oclc.org/ooxml/"
_STRICT_FAMILIES: Final = ("wordprocessingml", "spreadsheetml", "presentationml", "drawingml", "officeDocument")


def transitional(uri: str) -> str:
    """The Transitional name of a Strict namespace or relationship type; any other URI as it is."""
    if not uri.startswith(_STRICT):
        return uri
    family, _, rest = uri.removeprefix(_STRICT).partition("/")
    if family not in _STRICT_FAMILIES:
        return uri
    return f"{_OFFICE}{family}/2006/{rest}"


def tag(name: str) -> str:
    """``w:p`` in Clark notation, as lxml names elements and attributes."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def tags(names: str) -> frozenset[str]:
    """A set of names in Clark notation from names separated by blanks."""
    return frozenset(tag(name) for name in names.split())


@lru_cache(maxsize=4096)
def local(name: str) -> str:
    """The name without its namespace."""
    return name.rpartition("}")[2]


@lru_cache(maxsize=4096)
def namespace(name: str) -> str:
    """The namespace of a name in Clark notation, or an empty string."""
    return name[1:].rpartition("}")[0] if name.startswith("{") else ""
