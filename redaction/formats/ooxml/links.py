"""Addresses that lead out of the package, and what happens to an element whose target stays behind."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit, urlunsplit

from redaction.formats.ooxml.names import tag, tags
from redaction.formats.ooxml.tree import Element, remove, unwrap

NOWHERE: Final = "about:blank"
_RESERVED: Final = ".invalid"  # tokens of hosts end with it, and no host does

# A graphic without its content is nothing: take the frame that holds it.
_FRAMES: Final = tags("w:drawing w:pict p:graphicFrame xdr:oneCellAnchor xdr:twoCellAnchor xdr:absoluteAnchor p:pic")
_FRAMED: Final = tags("c:chart dgm:relIds p:oleObj p:contentPart wp:contentPart a14:contentPart xdr:contentPart")
# Elements that mean something without the relationship they lost.
_KEPT_WITHOUT: Final = tags("x:pageSetup x:hyperlink c:pageSetup v:shape v:rect")
_UNWRAPPED: Final = tags("w:hyperlink")
# Containers that may not stand empty.
_CONTAINERS: Final = tags("x:tableParts x:hyperlinks p:custDataLst x:controls x:oleObjects p:controls")


def safe_target(untrusted_target: str) -> str:
    """An address without what could tell a person: only http(s), no user, query or fragment; else ``about:blank``."""
    try:
        address = urlsplit(untrusted_target.strip())
        host, port = address.hostname, address.port
    except ValueError:
        return NOWHERE
    if address.scheme.lower() not in ("http", "https") or not host or ":" in host:
        return NOWHERE
    return urlunsplit((address.scheme.lower(), host if port is None else f"{host}:{port}", address.path, "", ""))


def rewritten_target(target: str) -> str:
    """An address in which something was replaced: it leads to the token of its host, or nowhere."""
    safe = safe_target(target)
    host = urlsplit(safe).hostname or ""
    return safe if host.endswith(_RESERVED) else NOWHERE


def drop_user(element: Element, attribute: str) -> None:
    """Remove what referred to a dropped part, so that no id dangles and no program offers a repair."""
    if element.tag in _KEPT_WITHOUT:
        element.attrib.pop(attribute, None)
        if element.tag == tag("x:hyperlink") and "location" not in element.attrib:
            _remove_with_empty_container(element)
        return
    if element.tag in _UNWRAPPED:
        element.attrib.pop(attribute, None)
        unwrap(element)
        return
    if element.tag in _FRAMED:
        drop_frame(element)
    else:
        _remove_with_empty_container(element)


def drop_frame(element: Element) -> None:
    """Remove a graphic with the frame that holds it."""
    remove(next(element.iterancestors(*_FRAMES), element))


def _remove_with_empty_container(element: Element) -> None:
    parent = element.getparent()
    remove(element)
    if parent is not None and parent.tag in _CONTAINERS:
        if not len(parent):
            remove(parent)
        elif "count" in parent.attrib:
            parent.set("count", str(len(parent)))
