"""What a PDF holds beside its pages: read only to count it, and to know the names that must not survive."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pikepdf

from redaction.entities import Child
from redaction.errors import RefusedError
from redaction.formats.pdf_streams import Budget, dictionary, identity, inherited, name_of
from redaction.media import EXTENSIONS

CATALOG_CARRIERS = {
    "/Metadata": "F8",
    "/PieceInfo": "F8",
    "/AcroForm": "F9",
    "/Perms": "F9-signature",
    "/DSS": "F9-signature",
    "/Collection": "F10",
    "/Outlines": "F11",
    "/Dests": "F11",
    "/PageLabels": "F11",
    "/Threads": "F11",
    "/StructTreeRoot": "F11",
    "/OCProperties": "F11",
    "/OpenAction": "F15",
    "/AA": "F15",
}
# Titles and programs name no person; a title is usually a line of the first page, and may stay there.
IMPERSONAL = frozenset(
    {"/Title", "/Subject", "/Keywords", "/Creator", "/Producer", "/CreationDate", "/ModDate", "/Trapped"}
)
# What programs write where nobody gave a name.
GENERIC = frozenset(
    {"anonymous", "unknown", "unspecified", "untitled", "author", "user", "admin", "administrator", "root"}
)
_PROPERTY_LIMIT = 200
XMP_BYTES = 1 << 20
_XMP_PERSON = re.compile(
    r"<(?:dc:creator|pdf:Author|xmpRights:Owner)\b[^>]*>(.*?)</(?:dc:creator|pdf:Author|xmpRights:Owner)>", re.S
)
_TAG = re.compile(r"<[^>]*>")


def counts(pdf: pikepdf.Pdf) -> Counter[str]:
    """Count, by carrier, what is dropped beside the pages' content."""
    result: Counter[str] = Counter()
    result["F8"] += len(dictionary(pdf.trailer.get("/Info")))
    for key, carrier in CATALOG_CARRIERS.items():
        result[carrier] += key in pdf.Root
    names = dictionary(pdf.Root.get("/Names"))
    result["F15"] += "/JavaScript" in names
    result["F11"] += "/Dests" in names
    for page in pdf.pages:
        annotations: Any = _array(page.obj.get("/Annots"))
        result["F9"] += len(annotations)
        result["F9-signature"] += sum(name_of(inherited(item, "/FT")) == "/Sig" for item in annotations)
        result["F8"] += sum(key in page.obj for key in ("/Metadata", "/PieceInfo", "/Thumb"))
        result["F15"] += "/AA" in page.obj
    return result


def names(pdf: pikepdf.Pdf, budget: Budget) -> list[str]:
    """Return authors, owners and file names from the properties; each of them must be gone from the new file."""
    found = [*_info(pdf), *_xmp(pdf, budget), *_annotations(pdf), *_attachments(pdf)]
    cleaned = [" ".join(value.replace("\0", " ").split()) for value in found]
    kept = (value for value in cleaned if 2 < len(value) <= _PROPERTY_LIMIT and value.casefold() not in GENERIC)
    return list(dict.fromkeys(kept))


def _info(pdf: pikepdf.Pdf) -> Iterator[str]:
    for key, value in dictionary(pdf.trailer.get("/Info")).items():
        if key not in IMPERSONAL and isinstance(value, pikepdf.String):
            yield str(value)


def _xmp(pdf: pikepdf.Pdf, budget: Budget) -> Iterator[str]:
    stream = pdf.Root.get("/Metadata")
    if isinstance(stream, pikepdf.Stream):
        text = budget.stream(stream)[:XMP_BYTES].decode("utf-8", "replace")
        for person in _XMP_PERSON.findall(text):
            yield from (part for part in _TAG.split(person) if part.strip())


def _annotations(pdf: pikepdf.Pdf) -> Iterator[str]:
    for page in pdf.pages:
        for item in _array(page.obj.get("/Annots")):
            annotation = dictionary(item)
            author: Any = annotation.get("/T")
            # The T of a form field is its name; of any other annotation it is who wrote it.
            if isinstance(author, pikepdf.String) and name_of(annotation.get("/Subtype")) != "/Widget":
                yield str(author)


def _attachments(pdf: pikepdf.Pdf) -> Iterator[str]:
    for key, file in _embedded(pdf):
        yield from dict.fromkeys(name for name in (key, _file_name(file)) if name)


def attachments(pdf: pikepdf.Pdf, budget: Budget) -> tuple[list[Child], int]:
    """Return the attachments of kinds that are taken, each as a file of its own, and how many others there are.

    Raises:
        RefusedError: ``limit`` when they unpack to too much.
    """
    children: list[Child] = []
    others = 0
    for key, file in _embedded(pdf):
        name = _file_name(file) or key
        stream = next((value for value in dictionary(file.get("/EF")).values() if _is_stream(value)), None)
        data = _unpacked(stream, budget) if stream is not None else None
        if data and name.rpartition(".")[2].casefold() in EXTENSIONS.values():
            children.append(Child(len(children) + 1, name, data))
        else:
            others += 1
    return children, others


def _unpacked(stream: Any, budget: Budget) -> bytes | None:
    """Return the bytes of an attachment; None for one that is damaged and goes with the rest."""
    try:
        return budget.stream(stream)
    except RefusedError as error:
        if error.code == "limit":
            raise
        return None


def _is_stream(value: Any) -> bool:
    return isinstance(value, pikepdf.Stream)


def _embedded(pdf: pikepdf.Pdf) -> Iterator[tuple[str, Any]]:
    """Yield key and description of every embedded file: of the document, of portfolios, pinned to pages."""
    found: list[tuple[str, Any]] = []
    tree = dictionary(dictionary(pdf.Root.get("/Names")).get("/EmbeddedFiles"))
    if tree:
        found += [(str(key), value) for key, value in pikepdf.NameTree(tree).items()]
    found += [("", value) for value in _array(pdf.Root.get("/AF"))]
    for page in pdf.pages:
        found += [("", value) for value in _array(page.obj.get("/AF"))]
        for item in _array(page.obj.get("/Annots")):
            found.append(("", dictionary(item).get("/FS")))
    seen: set[Any] = set()
    for key, value in found:
        file = dictionary(value)
        streams = [identity(item) for item in dictionary(file.get("/EF")).values() if _is_stream(item)]
        if streams and streams[0] not in seen:
            seen.add(streams[0])
            yield key, file


def _array(value: Any) -> Any:
    return value if isinstance(value, pikepdf.Array) else ()


def _file_name(file: Any) -> str:
    value = file.get("/UF") or file.get("/F")
    return str(value) if isinstance(value, pikepdf.String) else ""
