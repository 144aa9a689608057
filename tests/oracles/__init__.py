"""Readers of outputs that share no code with the product: what an outsider would find in a file.

A module per format; each has ``EXTENSIONS`` and ``ORACLES``: name → reader, from bytes to all text it sees. One that
fails to open a file raises.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping

Oracle = Callable[[bytes], str]


@functools.cache
def _by_extension() -> Mapping[str, Mapping[str, Oracle]]:
    found: dict[str, Mapping[str, Oracle]] = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        module = importlib.import_module(f"{__name__}.{name}")
        found.update(dict.fromkeys(getattr(module, "EXTENSIONS", ()), module.ORACLES))
    return found


def of(name: str) -> Mapping[str, Oracle]:
    """The readers of a file of this name: those of its extension, else those of plain text."""
    readers = _by_extension()
    return readers.get(name.rpartition(".")[2].casefold(), readers["txt"])


def read(name: str, data: bytes) -> dict[str, str]:
    """What each reader of a file of this name sees; one that cannot open it is left out."""
    texts: dict[str, str] = {}
    for reader_name, reader in of(name).items():
        with contextlib.suppress(Exception):
            texts[reader_name] = reader(data)
    return texts
