"""Files inside a package: each goes out as a child, is redacted as a file of its own, and is put back where it was."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Mapping
from typing import Final

from redaction.entities import Child
from redaction.formats.ooxml.links import drop_user
from redaction.formats.ooxml.names import NAMESPACES, tag
from redaction.formats.ooxml.package import Package, Part
from redaction.formats.ooxml.tree import attribute_names, remove_all

_RELATION: Final = f"{{{NAMESPACES['r']}}}"
_FRAMED: Final = tag("p:oleObj")


def children(package: Package) -> list[Child]:
    """The embedded files, numbered from 1 in the order of the package, under generated names."""
    inner = [part for part in package.parts if part.is_embedded]
    return [
        Child(number, posixpath.basename(part.name), part.original, embedded=True)
        for number, part in enumerate(inner, 1)
    ]


def put_back(package: Package, redacted: Mapping[int, bytes]) -> Counter[str]:
    """Give the embedded files their new bytes; leave out those that have none, and count these by carrier."""
    left_out: Counter[str] = Counter()
    for number, part in enumerate([part for part in package.parts if part.is_embedded], 1):
        if number in redacted:
            part.data = redacted[number]
        else:
            left_out[part.rule.carrier] += 1
            _leave_out(package, part)
    return left_out


def _leave_out(package: Package, part: Part) -> None:
    package.parts.remove(part)
    for owner in package.parts:
        for link in [link for link in owner.relationships if link.part is part]:
            owner.relationships.remove(link)
            _drop_users(owner, link.id)


def _drop_users(owner: Part, old_id: str) -> None:
    users = [
        (element, name)
        for element in owner.root.iter()
        for name in attribute_names(element)
        if name.startswith(_RELATION) and element.get(name) == old_id
    ]
    for element, name in users:
        drop_user(element, name)
        if element.tag == _FRAMED:
            # Animations may name the frame that is gone, and a program would offer to repair the slide.
            remove_all(owner.root, [tag("p:timing")])
