"""Writes a package anew: generated names and relationships, our own properties, one date, one order."""

from __future__ import annotations

import io
import posixpath
import zipfile
from typing import Final
from xml.sax.saxutils import quoteattr

from redaction.formats.ooxml.names import CONTENT_TYPES, PACKAGE_RELATIONSHIPS
from redaction.formats.ooxml.package import Package, Part, Relationship
from redaction.formats.ooxml.parts import APP, CORE, MAIN
from redaction.formats.ooxml.properties import APP_XML, CORE_XML
from redaction.formats.ooxml.tree import serialize

_DECLARATION: Final = "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
_CORE_NAME: Final = "docProps/core.xml"
_APP_NAME: Final = "docProps/app.xml"
_FIXED_TYPES: Final = {
    _CORE_NAME: "application/vnd.openxmlformats-package.core-properties+xml",
    _APP_NAME: "application/vnd.openxmlformats-officedocument.extended-properties+xml",
}
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_LEVEL: Final = 6


def write(package: Package) -> bytes:
    """The bytes of the new file: the same for the same package."""
    members = {part.name: _content(part) for part in package.parts}
    for part in package.parts:
        if part.relationships:
            members[_relationships_name(part)] = _relationships(part)
    members[_CORE_NAME] = CORE_XML
    members[_APP_NAME] = APP_XML
    members["_rels/.rels"] = _root_relationships(package.main)
    # Readers look for the content types first; after them names are sorted.
    return _zip({"[Content_Types].xml": _content_types(package), **dict(sorted(members.items()))})


def _content(part: Part) -> bytes:
    if part.root is None:
        return part.data
    tree = serialize(part.root)
    return tree if part.body is None else part.body(tree)


def _relationships_name(part: Part) -> str:
    folder, base = posixpath.split(part.name)
    return f"{folder}/_rels/{base}.rels"


def _relationships(part: Part) -> bytes:
    folder = posixpath.dirname(part.name)
    return _relationship_list([_row(link, folder) for link in part.relationships])


def _row(link: Relationship, folder: str) -> str:
    head = f'<Relationship Id="{link.id}" Type={quoteattr(link.kind)}'
    if link.part is None:
        return f'{head} Target={quoteattr(link.target)} TargetMode="External"/>'
    return f"{head} Target={quoteattr(posixpath.relpath(link.part.name, folder))}/>"


def _root_relationships(main: Part) -> bytes:
    targets = ((MAIN, main.name), (CORE, _CORE_NAME), (APP, _APP_NAME))
    return _relationship_list(
        [f'<Relationship Id="rId{n}" Type="{kind}" Target="{name}"/>' for n, (kind, name) in enumerate(targets, 1)]
    )


def _relationship_list(rows: list[str]) -> bytes:
    body = "".join(rows)
    return f'{_DECLARATION}<Relationships xmlns="{PACKAGE_RELATIONSHIPS}">{body}</Relationships>'.encode()


def _content_types(package: Package) -> bytes:
    kinds = {part.name: part.rule.content_type for part in package.parts if not part.name.endswith(".png")}
    kinds.update(_FIXED_TYPES)
    rows = ['<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>']
    if len(kinds) < len(package.parts) + len(_FIXED_TYPES):
        rows.append('<Default Extension="png" ContentType="image/png"/>')
    rows.append('<Default Extension="xml" ContentType="application/xml"/>')
    rows += [f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in sorted(kinds.items())]
    return f'{_DECLARATION}<Types xmlns="{CONTENT_TYPES}">{"".join(rows)}</Types>'.encode()


def _zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = 0
            info.external_attr = 0
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return buffer.getvalue()
