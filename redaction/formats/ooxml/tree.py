"""XML trees: safe parsing, one spelling of namespaces, and removal that leaves nothing behind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from lxml import etree

from redaction.errors import RefusedError
from redaction.formats.ooxml.names import NAMESPACES, PREFIXES, XML, local, namespace, tag, transitional

Element = Any  # lxml-stubs name lxml's class with a leading underscore; it is Any at this border

_ALTERNATE: Final = tag("mc:AlternateContent")
_CHOICE: Final = tag("mc:Choice")
_FALLBACK: Final = tag("mc:Fallback")
_IGNORABLE: Final = tag("mc:Ignorable")
_REQUIRES: Final = "Requires"
_GRAPHIC_DATA: Final = tag("a:graphicData")
_MARKUP: Final = NAMESPACES["mc"]
# How these formats spell attributes; those in capitals are the ones of embedded objects that stay.
_PLAIN_NAME: Final = re.compile(r"[a-z][A-Za-z0-9]*|Requires|Type|ShapeID|DrawAspect")
_DECLARATION: Final = re.compile(rb"xmlns:([\w.-]+)\s*=\s*[\"']([\x21\x23-\x26\x28-\x7e]*)[\"']")


def parse(data: bytes, depth: int) -> Element:
    """Parse one part: no entities, no network, no DTD, no huge trees; comments and instructions are dropped.

    Raises:
        RefusedError: ``parse-failed`` for anything that is not well formed, carries a DTD or nests too deeply.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RefusedError("parse-failed", "xml") from error
    information: Any = root.getroottree().docinfo
    if information.doctype or information.internalDTD is not None:
        raise RefusedError("parse-failed", "a part holds a DTD")
    if depth < 256 and _deeper_than(root, depth):  # 256 is libxml2's own bound
        raise RefusedError("limit", "xml depth")
    return root


def _deeper_than(root: Element, depth: int) -> bool:
    level = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        level += 1 if event == "start" else -1
        if level > depth:
            return True
    return False


def serialize(root: Element) -> bytes:
    """The bytes of a part, the same for equal trees: only namespaces in use, or named in a value, are declared."""
    promised = _promised_prefixes(root)
    if namespace(root.tag) == NAMESPACES["w"]:
        # Some readers of documents look for this one without asking whether it is declared.
        etree.cleanup_namespaces(root, top_nsmap={"r": NAMESPACES["r"]}, keep_ns_prefixes=sorted(promised | {"r"}))
    else:
        etree.cleanup_namespaces(root, keep_ns_prefixes=sorted(promised))
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return data


def load(data: bytes, depth: int) -> Element:
    """Parse a part and return it with known namespaces only, Strict names made Transitional and customary prefixes.

    Text between elements has no meaning in these formats and is dropped; so are alternatives nobody here can read.

    Raises:
        RefusedError: as ``parse``.
    """
    root = parse(data, depth)
    _drop_stray_text(root)
    for element in _rename(root):
        remove(element)
    _settle_alternatives(root)
    if not _has_customary_prefixes(data):
        root = _with_customary_prefixes(root)
    return root


def _drop_stray_text(root: Element) -> None:
    for element in root.iter():
        element.tail = None
        if len(element) and element.text is not None:
            element.text = None


def _rename(root: Element) -> list[Element]:
    """Make Strict names Transitional, drop foreign attributes, and return the foreign elements."""
    foreign = []
    for element in root.iter():
        name = element.tag
        known = _known_name(name) if isinstance(name, str) else ""  # an unresolved entity has a function for a name
        if not known:
            foreign.append(element)
            continue
        if known != name:
            element.tag = known
        for attribute in attribute_names(element):
            if attribute[0] == "{":
                _rename_attribute(element, attribute)
            elif not _PLAIN_NAME.fullmatch(attribute):
                del element.attrib[attribute]
        if element.tag == _GRAPHIC_DATA:
            element.set("uri", transitional(element.get("uri", "")))
    if root in foreign:
        raise RefusedError("parse-failed", "unknown root element")
    return foreign


@lru_cache(maxsize=4096)
def _known_name(name: str) -> str:
    """The Transitional name of an element, or nothing when its namespace is foreign."""
    uri = transitional(namespace(name))
    return f"{{{uri}}}{local(name)}" if uri in PREFIXES else ""


def _rename_attribute(element: Element, name: str) -> None:
    uri = namespace(name)
    if uri == _MARKUP and local(name) != "Ignorable":
        del element.attrib[name]
    elif name == _IGNORABLE:
        known = [transitional(element.nsmap.get(prefix, "")) for prefix in element.get(name).split()]
        element.set(name, " ".join(PREFIXES[uri] for uri in known if uri in PREFIXES))
    elif uri not in PREFIXES and not (uri == XML and local(name) == "space"):
        value = element.attrib.pop(name)
        known_uri = transitional(uri)
        if known_uri in PREFIXES:
            element.set(f"{{{known_uri}}}{local(name)}", value)


def _settle_alternatives(root: Element) -> None:
    """Keep the choices whose namespaces we know and say so under customary prefixes."""
    for choice in list(root.iter(_CHOICE)):
        known = [transitional(choice.nsmap.get(prefix, "")) for prefix in choice.get(_REQUIRES, "").split()]
        if all(uri in PREFIXES for uri in known):
            choice.set(_REQUIRES, " ".join(PREFIXES[uri] for uri in known))
        else:
            remove(choice)
    for alternate in list(root.iter(_ALTERNATE)):
        if alternate.find(_CHOICE) is None:
            fallback = alternate.find(_FALLBACK)
            unwrap_to(alternate, [] if fallback is None else list(fallback))


def _promised_prefixes(root: Element) -> set[str]:
    """Prefixes that are named in values, and so must stay declared."""
    promised = set((root.get(_IGNORABLE) or "").split())
    for choice in root.iter(_CHOICE):
        promised.update(choice.get(_REQUIRES).split())
    return promised


def _has_customary_prefixes(data: bytes) -> bool:
    """Whether every known namespace is declared under its customary prefix; read from the bytes, which is quick.

    A declaration in another encoding, or in Strict spelling, is not seen or not known: then the tree is copied.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:4] or b"xmlns" not in data or b"purl.oclc.org" in data:
        return False
    return all(
        PREFIXES.get(uri, prefix) == prefix and transitional(uri) == uri
        for prefix, uri in ((found[1].decode(), found[2].decode()) for found in _DECLARATION.finditer(data))
    )


def _with_customary_prefixes(root: Element) -> Element:
    """Copy the tree: prefixes of the file's own could spell anything."""
    used = {namespace(element.tag) for element in root.iter()}
    used.update(namespace(name) for element in root.iter() for name in element.attrib)
    prefixes = {PREFIXES[uri] for uri in used if uri in PREFIXES} | _promised_prefixes(root)
    return _copy(root, {prefix: NAMESPACES[prefix] for prefix in sorted(prefixes)})


def _copy(root: Element, nsmap: dict[str, str]) -> Element:
    new_root = etree.Element(root.tag, attrib=dict(root.attrib), nsmap=nsmap)
    new_root.text = root.text
    twins = {root: new_root}
    for element in root.iterdescendants():
        twin = etree.SubElement(twins[element.getparent()], element.tag, attrib=dict(element.attrib))
        twin.text = element.text
        if len(element):
            twins[element] = twin
    return new_root


def attribute_names(element: Element) -> list[str]:
    """The names of an element's attributes, a list of its own: attributes may be removed while walking it."""
    names: list[str] = element.keys()
    return names


def remove(element: Element) -> None:
    """Take an element out of its parent. Tails were dropped when the tree was read, so none is lost here."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def remove_all(root: Element, names: Iterable[str]) -> int:
    """Remove every element of these names and return how many."""
    wanted = tuple(names)
    found = list(root.iter(*wanted)) if wanted else []
    for element in found:
        remove(element)
    return len(found)


def unwrap_to(element: Element, children: list[Element]) -> None:
    """Put ``children`` where ``element`` stands."""
    parent = element.getparent()
    if parent is None:
        return
    place = parent.index(element)
    parent.remove(element)
    for offset, child in enumerate(children):
        parent.insert(place + offset, child)


def unwrap(element: Element) -> None:
    """Put an element's children in its place."""
    unwrap_to(element, list(element))


def keep_children(element: Element, allowed: frozenset[str]) -> int:
    """Remove every child whose name is not allowed and return how many."""
    dropped = [child for child in element if child.tag not in allowed]
    for child in dropped:
        element.remove(child)
    return len(dropped)


def keep_attributes(element: Element, allowed: frozenset[str]) -> None:
    """Remove every attribute whose name is not allowed."""
    for name in element.attrib:
        if name not in allowed:
            del element.attrib[name]
