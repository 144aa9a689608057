"""What a file may be at most, and what a policy keeps of it: the bounds that handlers and readers are given."""

from __future__ import annotations

from dataclasses import dataclass


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
