"""Readers of notebooks: nbformat, the standard library's JSON, and the bytes."""

from __future__ import annotations

import nbformat

from tests.oracles import Oracle
from tests.oracles.json_ import letters, parsed
from tests.oracles.text import decoded, shown, stranger

EXTENSIONS = ("ipynb",)


def opened(data: bytes) -> str:
    """The notebook as Jupyter opens it: sources, then outputs and metadata."""
    notebook = nbformat.reads(decoded(data), as_version=4)  # type: ignore[no-untyped-call]  # it has no types
    sources = "\n".join(cell.source for cell in notebook.cells)
    return shown(f"{sources}\n{notebook!r}")


ORACLES: dict[str, Oracle] = {"opened": opened, "parsed": parsed, "letters": letters, "stranger": stranger}
