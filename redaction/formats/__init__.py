"""Formats: the promise every handler keeps, and the table that picks one by media type.

A handler parses, hands out *every* text a reader of the file could find, and writes a NEW file that holds only what it
declares in ``carriers``. It never edits a copy of the upload. It imports its parser inside this package only; other
readers, for verification, live in ``redaction/readers``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from redaction.entities import Action, Extraction, Output, Plan, Tier


@dataclass(frozen=True)
class Limits:
    """What a file may be at most (design: reliability 5.1)."""

    file_bytes: int = 50 * 1024 * 1024
    inflated_bytes: int = 500 * 1024 * 1024
    member_bytes: int = 100 * 1024 * 1024
    members: int = 1_000
    ratio: int = 100
    pages: int = 500
    cells: int = 2_000_000
    slides: int = 500
    xml_depth: int = 256
    characters: int = 5_000_000
    pixels: int = 40_000_000
    child_depth: int = 3


@dataclass(frozen=True)
class Switches:
    """What a policy keeps of the carriers that a file can do without. False: dropped.

    ``form_values``: values of PDF form fields stay as text of their page. ``small_zones_bp``: picture zones below this
    share of their page, in basis points, ask nobody.
    """

    comments: bool = False
    hidden: bool = False  # hidden sheets and slides
    notes: bool = True  # notes of a speaker, headers and footers of slides
    form_values: bool = True
    outputs: bool = False  # of notebook cells
    small_zones_bp: int = 2
    every_page: bool = False  # OCR reads each page again, not those alone that need it


@dataclass(frozen=True)
class Carrier:
    """A place where a format can hold text, and what we do with it. ``id`` is a row of the table of leak channels."""

    id: str
    where: str
    action: Action


# Name and bytes of a file in, its media type out; RefusedError when it is none that is taken. For handlers of files
# that hold files.
Sniff = Callable[[str, bytes], str]


class FormatHandler(Protocol):
    """What a format must be able to do. ``tiers``: the ways it can be written in, the best one first.

    ``extract`` raises RefusedError (encrypted, parse-failed, limit, macro …) and nothing else for bad input.
    ``rewrite`` gets the same bytes again and replaces, in each segment named by ``plan.replacements``, the
    characters [start, end) by the given text; everything not declared in ``carriers`` is dropped. Same input and
    plan → same bytes. Both run inside the cage, so they keep no state and touch no file or network.
    """

    media_types: tuple[str, ...]
    extensions: tuple[str, ...]
    carriers: tuple[Carrier, ...]
    tiers: tuple[Tier, ...]

    def extract(self, source: bytes, limits: Limits, switches: Switches = ...) -> Extraction: ...

    def rewrite(self, source: bytes, plan: Plan, limits: Limits, switches: Switches = ...) -> Output: ...
