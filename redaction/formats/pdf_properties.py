"""What a PDF holds beside its pages: read only to count it, and to know the names that must not survive."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pikepdf

from redaction.formats.pdf_streams import Budget, dictionary, name_of

CATALOG_CARRIERS = {
    "/Metadata": "F8",
    "/PieceInfo": "F8",
    "/AcroForm": "F9",
    "/Perms": "F9-signature",
    "/DSS": "F9-signature",
    "/AF": "F10",
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
    result["F10"] += "/EmbeddedFiles" in names
    result["F15"] += "/JavaScript" in names
    result["F11"] += "/Dests" in names
    for page in pdf.pages:
        annotations: Any = page.obj.get("/Annots", [])
        result["F9"] += len(annotations)
        result["F9-signature"] += sum(name_of(dictionary(item).get("/FT")) == "/Sig" for item in annotations)
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
        for item in page.obj.get("/Annots", []):
            annotation = dictionary(item)
            author: Any = annotation.get("/T")
            # The T of a form field is its name; of any other annotation it is who wrote it.
            if isinstance(author, pikepdf.String) and name_of(annotation.get("/Subtype")) != "/Widget":
                yield str(author)


def _attachments(pdf: pikepdf.Pdf) -> Iterator[str]:
    yield from (str(name) for name in pdf.attachments)
