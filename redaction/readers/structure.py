"""Counts pages, sheets and slides of an original and of its copy: none may be lost but what the policy drops."""

from __future__ import annotations

import io
import posixpath
import zipfile
from typing import Final
from xml.parsers import expat

import pypdf

from redaction.media import PDF, PPTX, XLSX

_MAIN: Final = "/officeDocument"


def kept(media_type: str, source: bytes, output_type: str, output: bytes, *, hidden: bool) -> bool:
    """Whether ``output`` has as many pages, sheets or slides as ``source``; hidden ones count where they are kept.

    False also where somebody cannot count: a person then compares.
    """
    if media_type != output_type:
        return True  # another kind of file has no such parts; its text is compared word by word
    try:
        if media_type == PDF:
            return _pages(output) == _pages(source)
        if media_type == XLSX:
            return _sheets(output, hidden=hidden) >= _sheets(source, hidden=hidden)
        if media_type == PPTX:
            return _slides(output, hidden=hidden) >= _slides(source, hidden=hidden)
    except Exception:  # noqa: BLE001 - whatever a reader raises on the original, the answer is: not counted
        return False
    return True


def _pages(data: bytes) -> int:
    return len(pypdf.PdfReader(io.BytesIO(data)).pages)


def _sheets(data: bytes, *, hidden: bool) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = _elements(archive.read(_main_part(archive)), "sheet")
    return sum(hidden or one.get("state", "visible") == "visible" for one in found)


def _slides(data: bytes, *, hidden: bool) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        main = _main_part(archive)
        listed = [one for one in _elements(archive.read(main), "sldId") if len(one) > 1]
        names = _targets(archive, main)
        shown = 0
        for one in listed:
            name = next((names[value] for value in one.values() if value in names), "")
            [root] = _elements(archive.read(name), "sld") if name in archive.namelist() else [{"show": "0"}]
            shown += hidden or root.get("show", "1") not in ("0", "false")
    return shown


def _main_part(archive: zipfile.ZipFile) -> str:
    for one in _elements(archive.read("_rels/.rels"), "Relationship"):
        if one.get("Type", "").endswith(_MAIN):
            return one["Target"].lstrip("/")
    raise ValueError("no main part")


def _targets(archive: zipfile.ZipFile, part: str) -> dict[str, str]:
    folder, base = posixpath.split(part)
    listed = _elements(archive.read(f"{folder}/_rels/{base}.rels".lstrip("/")), "Relationship")
    return {one["Id"]: posixpath.normpath(posixpath.join("/", folder, one["Target"])).lstrip("/") for one in listed}


def _elements(data: bytes, name: str) -> list[dict[str, str]]:
    """The attributes of every element called ``name``, in order."""
    found: list[dict[str, str]] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(" ")[2] == name:
            found.append(attributes)

    parser.StartElementHandler = start
    parser.Parse(data, True)
    return found
