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
from redaction.limits import Limits, Switches

__all__ = ["Carrier", "FormatHandler", "Limits", "Switches"]


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
