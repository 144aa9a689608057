"""Texts in which people marked every identifier: read from JSON lines, labels brought to ours.

One object a line: ``text``; ``spans``, ``[[start, end, label], …]`` in characters (code points), end exclusive, overlap
allowed; optionally ``id`` and ``genre``.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

# Labels that data sets give to what we call otherwise.
LABELS: Final[Mapping[str, str]] = {
    "PER": "PERSON", "NAME": "PERSON", "GIVEN_NAME": "PERSON", "SURNAME": "PERSON", "FIRST_NAME": "PERSON",
    "LAST_NAME": "PERSON",
    "GPE": "LOCATION", "LOC": "LOCATION", "FAC": "LOCATION", "CITY": "LOCATION", "STATE": "LOCATION",
    "COUNTRY": "LOCATION",
    "ORG": "ORGANIZATION", "COMPANY": "ORGANIZATION",
    "STREET_ADDRESS": "ADDRESS", "STREET": "ADDRESS",
    "ZIP": "ZIP_CODE", "ZIPCODE": "ZIP_CODE", "POSTCODE": "ZIP_CODE", "POST_CODE": "ZIP_CODE",
    "PHONE": "PHONE_NUMBER", "TEL": "PHONE_NUMBER", "FAX": "PHONE_NUMBER",
    "EMAIL": "EMAIL_ADDRESS", "SSN": "US_SSN", "IBAN": "IBAN_CODE", "IP": "IP_ADDRESS", "DOB": "DATE_OF_BIRTH",
    "DATE": "DATE_TIME", "TIME": "DATE_TIME", "MRN": "MEDICAL_RECORD", "ACCOUNT": "ACCOUNT_NUMBER",
    "US_DRIVER_LICENSE": "PASSPORT_NUMBER", "DRIVER_LICENSE": "PASSPORT_NUMBER", "PASSPORT": "PASSPORT_NUMBER",
}  # fmt: skip


class GoldError(ValueError):
    """A line of a file is no gold. The message names the line, never its contents."""


@dataclass(frozen=True)
class Mention:
    """Characters [start, end) of a document, marked as ``label``."""

    start: int
    end: int
    label: str


@dataclass(frozen=True)
class Document:
    """One marked text."""

    id: str
    text: str
    mentions: tuple[Mention, ...]
    genre: str = ""


@dataclass(frozen=True)
class Gold:
    """The documents of one file. ``sha256`` is of its bytes."""

    name: str
    sha256: str
    documents: tuple[Document, ...]


def read(path: Path, labels: Mapping[str, str] = LABELS) -> Gold:
    """All documents of one file.

    Raises:
        GoldError: a line is no JSON object, lacks a field, or has a span outside of its text.
        OSError: the file cannot be read.
    """
    data = path.read_bytes()
    return Gold(path.name, hashlib.sha256(data).hexdigest(), tuple(_documents(data, labels)))


def map_of(path: Path) -> dict[str, str]:
    """The built-in labels and, stronger, the lines ``FROM = "TO"`` of a TOML file.

    Raises:
        GoldError: the file is no such list.
    """
    try:
        extra = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GoldError("the map of labels is no TOML in UTF-8") from error
    if not all(isinstance(value, str) for value in extra.values()):
        raise GoldError('a line of the map of labels is not FROM = "TO"')
    return {**LABELS, **extra}


def _documents(data: bytes, labels: Mapping[str, str]) -> Iterator[Document]:
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line.decode("utf-8"))
        except ValueError:
            raise GoldError(f"line {number} is no JSON in UTF-8") from None
        if not isinstance(value, dict) or not isinstance(value.get("text"), str):
            raise GoldError(f"line {number} has no text")
        spans = value.get("spans")
        if not isinstance(spans, list):
            raise GoldError(f"line {number} has no list of spans")
        mentions = tuple(_mention(span, len(value["text"]), labels, number) for span in spans)
        yield Document(str(value.get("id", number)), value["text"], mentions, str(value.get("genre", "")))


def _mention(span: Any, length: int, labels: Mapping[str, str], number: int) -> Mention:
    if not isinstance(span, Sequence) or isinstance(span, str) or len(span) != 3:
        raise GoldError(f"line {number} has a span that is not [start, end, label]")
    start, end, label = span
    whole = (
        isinstance(start, int) and isinstance(end, int) and not isinstance(start, bool) and not isinstance(end, bool)
    )
    if not whole or not isinstance(label, str) or not 0 <= start < end <= length:
        raise GoldError(f"line {number} has a span outside of its text")
    return Mention(start, end, labels.get(label.upper(), label.upper()))
