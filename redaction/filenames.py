"""File names: searched like text, written with tokens, and never twice the same within a submission."""

from __future__ import annotations

import re
from typing import Final

from redaction.entities import Kind, Replacement, Segment
from redaction.treatment import applied

ANCHOR: Final = "name"
CARRIER: Final = "S1"
CARRIERS: Final = frozenset({CARRIER, "Z1"})  # of files, and of files and folders inside an archive
_LONGEST_STEM: Final = 80
_UNSAFE: Final = re.compile(r"[^\w .,()+-]+")
# Inside an archive names belong together ("[slug].tsx", "@scope"): what no file system minds may stay.
_UNSAFE_STEP: Final = re.compile(r"[^\w .,()+@#$=~!&;'{}\[\]-]+")
_LONGEST_STEP: Final = 120
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


def stem(untrusted_name: str) -> str:
    """The last part of a path without its extension."""
    base = untrusted_name.replace("\\", "/").rpartition("/")[2]
    head, dot, extension = base.rpartition(".")
    return head if dot and head and extension.isalnum() and len(extension) <= 13 else base


def segment(untrusted_name: str) -> Segment:
    """The stem as a segment: what the matcher searches and the plan rewrites."""
    return Segment(ANCHOR, stem(untrusted_name), CARRIER, Kind.NAME)


def readable(name: Segment) -> Segment:
    """The stem as the detector reads it, of the same length: signs are blanks, words have capitals."""
    text = re.sub(r"[_\-+.]", " ", name.text)
    if text == text.lower():
        text = re.sub(r"(?<![^\W\d_])[a-z]", lambda match: match.group().upper(), text)
    return Segment(name.anchor, text, name.carrier, name.kind)


def rewritten(name: Segment, replacements: tuple[Replacement, ...], extension: str, taken: set[str]) -> str:
    """The new name, added to ``taken``. Ordinary words and the kind of file stay."""
    clean = _UNSAFE.sub("_", applied(name.text, replacements))[:_LONGEST_STEM].strip(" ._") or "file"
    return _free(clean, f".{extension}", taken)


def respelled(name: str, extension: str, taken: set[str]) -> str:
    """``name`` with another extension, for a copy that became another kind of file; added to ``taken``."""
    return _free(stem(name), f".{extension}", taken)


def _free(stem: str, ending: str, taken: set[str]) -> str:
    candidate, number = stem + ending, 2
    while candidate.casefold() in taken:
        candidate, number = f"{stem}-{number}{ending}", number + 1
    taken.add(candidate.casefold())
    return candidate


def step(text: str, extension: str, taken: set[str]) -> str:
    """One step of a path inside an archive, from its new text; added to ``taken``, the names of its folder."""
    clean = _UNSAFE_STEP.sub("_", text)[:_LONGEST_STEP].rstrip(" .").lstrip(" ") or "file"
    clean = f"_{clean}" if _DEVICE.match(clean) else clean
    return _free(clean, f".{extension}" if extension else "", taken)
