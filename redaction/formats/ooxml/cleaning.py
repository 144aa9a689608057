"""What no part may carry, whatever the format: extensions, traces of sessions, links beside the relationships."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import count
from typing import Final

from redaction.formats.ooxml.links import drop_frame
from redaction.formats.ooxml.names import NAMESPACES, local, namespace, tag, tags
from redaction.formats.ooxml.tree import Element, attribute_names, remove, remove_all

_GUID: Final = re.compile(r"\{?[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\}?")
_DIAGRAM_EXTENSION: Final = "http://schemas.microsoft.com/office/drawing/2008/diagram"
_TRACES: Final = tags(
    "w14:paraId w14:textId wp14:anchorId wp14:editId w:author w:date w:initials w:fullDate w:docLocation w:tgtFrame"
    " r:link r:pict r:href o:href o:relid o:gfxdata o:hrefpct o:oleid"
)
_COMMENT: Final = tag("w:comment")  # a comment has no form without an author
_AUTHOR: Final = tag("w:author")
_DATE: Final = tag("w:date")
_TRACES_PLAIN: Final = frozenset({"invalidUrl", "gfxdata", "href", "codeName", "macro", "history", "endSnd"})
_ACTIONS: Final = ("ppaction://hlinksldjump", "ppaction://hlinkshowjump", "ppaction://noaction")
_CLICKS: Final = tags("a:hlinkClick a:hlinkMouseOver a:hlinkHover")
_EXTENSIONS: Final = frozenset(f"{{{uri}}}extLst" for uri in NAMESPACES.values())
_FRAGMENTS: Final = tags("a:custClrLst a:extraClrSchemeLst a:snd p:snd p:sndAc c:pivotSource c:pivotFmts")
_SHAPES: Final = tags("v:shape v:rect v:oval v:line v:group v:roundrect v:shapetype v:image v:polyline v:arc v:curve")
_SHAPE_IDS: Final = ("id", tag("o:spid"))
_SHAPE_REFERENCES: Final = ("type", "idref")
_OWN_SHAPE_ID: Final = re.compile(r"_x0000_[A-Za-z]{1,2}\d*(?:_\d+)*")
_THEME_NAMES: Final = tags("a:theme a:themeOverride a:clrScheme a:fontScheme a:fmtScheme")


def clean(root: Element) -> None:
    """Clean one tree in place."""
    remove_all(root, _FRAGMENTS)
    for element in list(root.iter()):
        if element.tag in _EXTENSIONS:
            _clean_extensions(element)
        else:
            _clean_attributes(element)
    for click in list(root.iter(*_CLICKS)):
        action = click.get("action")
        if action is not None and not action.startswith(_ACTIONS):
            remove(click)
    for graphic in list(root.iter(tag("a:graphicData"))):
        if not len(graphic):  # what it showed was of a kind nobody here can read
            drop_frame(graphic)
    _renumber_shapes(root)
    for script in list(root.iter(tag("a:font"))):  # one name per writing system, none of them needed
        remove(script)


def _renumber_shapes(root: Element) -> None:
    """Ids of VML shapes that a person or another program chose become counted ones."""
    shapes = [(shape, name, shape.get(name)) for shape in root.iter(*_SHAPES) for name in _SHAPE_IDS if shape.get(name)]
    own = {value for _, _, value in shapes if _OWN_SHAPE_ID.fullmatch(value)}
    free = (name for number in count(1) if (name := f"_x0000_v{number}") not in own)
    new: dict[str, str] = {}
    for shape, name, value in shapes:
        if value not in own:
            new[value] = new.get(value) or next(free)
            shape.set(name, new[value])
    for element in root.iter(*_SHAPES, tag("o:r"), tag("o:proxy")) if shapes else ():
        for name in _SHAPE_REFERENCES:
            if (value := element.get(name, "")).startswith("#") and value not in {f"#{one}" for one in own}:
                element.set(name, f"#{new.get(value[1:], '_x0000_t0')}")


def _clean_extensions(extensions: Element) -> None:
    for extension in list(extensions):
        if extension.get("uri") != _DIAGRAM_EXTENSION:
            extensions.remove(extension)
    if not len(extensions):
        remove(extensions)


def _clean_attributes(element: Element) -> None:
    for name in attribute_names(element):
        if _is_trace(name) and not (name == _AUTHOR and element.tag == _COMMENT):
            del element.attrib[name]
    if element.tag == _COMMENT:
        element.set(_DATE, "1980-01-01T00:00:00Z")  # some readers look for a date without asking for one
    if element.tag == tag("a:blip") and f"{{{NAMESPACES['r']}}}embed" not in element.attrib:
        element.set(f"{{{NAMESPACES['r']}}}embed", "")  # a linked picture: the loader puts a grey one here
    if element.tag in _THEME_NAMES and "name" in element.attrib:
        element.set("name", "Theme")


@lru_cache(maxsize=4096)
def _is_trace(name: str) -> bool:
    rsid = namespace(name) == NAMESPACES["w"] and local(name).startswith("rsid")
    return rsid or name in _TRACES or name in _TRACES_PLAIN


class Identifiers:
    """GUIDs of the input become counted ones, the same one everywhere in the package."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def renumber(self, root: Element) -> None:
        for element in root.iter():
            for name, value in element.items():
                if len(value) in (36, 38) and _GUID.fullmatch(value) and local(name) != "styleId":
                    element.set(name, self._new(value))

    def _new(self, value: str) -> str:
        key = value.strip("{}").upper()
        number = self._known.setdefault(key, f"{len(self._known) + 1:012X}")
        return f"{{00000000-0000-4000-8000-{number}}}" if value.startswith("{") else f"00000000-0000-4000-8000-{number}"
