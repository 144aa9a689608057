"""Hostile files: one for each channel in which a format can carry a name, and each form in which it can stand there.

A module of this package per format; each has ``cases()``, and ``MUTANTS``: what switches one carrier of the handler
off, so that a test can see that a case fails then. Names and domains are reserved ones or invented.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

# The name that must not survive; a deny term of every run. Distinctive, and no word of any format.
NEEDLE = "Fairweather"

# Switches one carrier to pass-through while it is entered; the handlers run in the same process then.
Mutant = Callable[[], contextlib.AbstractContextManager[None]]


@dataclass(frozen=True)
class Case:
    """One file with the needle in one place.

    ``channel`` is a carrier id of the handler, ``form`` how the needle stands there (``plain``, ``split``,
    ``hyphenated`` …), ``name`` the file's name. ``refused`` is the reason with which the whole file must be refused;
    empty when a copy without the needle must come out. ``policy`` is the policy of the run.
    """

    channel: str
    form: str
    name: str
    data: bytes
    needle: str = NEEDLE
    refused: str = ""
    policy: str = "standard"

    @property
    def id(self) -> str:
        return f"{self.name.rpartition('.')[2]}-{self.channel}-{self.form}".replace(" ", "-")
