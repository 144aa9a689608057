"""Hostile notebooks: the needle in sources, outputs, attachments and all that notebook programs write beside them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from redaction import writing
from redaction.formats import notebook
from tests.corpus.hostile import NEEDLE, Case, Mutant
from tests.corpus.hostile.text import payload

_LOWER = NEEDLE.lower()


def cell(kind: str, source: str | list[str], **more: Any) -> dict[str, Any]:
    """A cell of version 4."""
    own = {"execution_count": 3, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **own, **more}


def book(*cells: dict[str, Any], **metadata: Any) -> bytes:
    """A notebook of version 4."""
    meta = {"language_info": {"name": "python", "version": "3.11"}, **metadata}
    return json.dumps({"cells": cells, "metadata": meta, "nbformat": 4, "nbformat_minor": 4}).encode()


def _output(**fields: Any) -> dict[str, Any]:
    return cell("code", "x = 1", outputs=[fields])


_STREAM = _output(output_type="stream", name="stdout", text=[f"Total of {NEEDLE}\n", "5\n"])
_RESULT = _output(
    output_type="execute_result",
    execution_count=3,
    metadata={},
    data={"text/plain": [f"'{NEEDLE}'"], "text/html": f"<b>{NEEDLE}</b>", "image/png": "iVBORw0KGgo="},
)
_TRACE = _output(
    output_type="error", ename="KeyError", evalue=NEEDLE,
    traceback=["\x1b[0;31mKeyError\x1b[0m", f"File /home/{_LOWER}/a.py", f"\x1b[1m{NEEDLE[:4]}\x1b[0m{NEEDLE[4:]}"],
)  # fmt: skip
_CELLS = {
    ("TX", "Markdown"): cell("markdown", ["# Offer\n", f"Written by {NEEDLE}.\n"]),
    ("TX", "one string"): cell("markdown", f"Written by {NEEDLE}."),
    ("TX", "split"): cell("markdown", ["Written by Fair", "weather."]),
    ("TX", "over two lines"): cell("markdown", ["Written by Fair-\n", "weather."]),
    ("TX", "raw"): cell("raw", f"{NEEDLE}"),
    ("TX", "unknown kind"): cell("slide", f"{NEEDLE}"),
    ("C1", "comment"): cell("code", f"x = 1  # ask {NEEDLE}"),
    ("C2", "string"): cell("code", [f"owner = '{NEEDLE}'\n", "x = 1"]),
    ("C2", "identifier"): cell("code", f"{_LOWER}_total = 1"),
    ("C2", "magic"): cell("code", f"%cd /home/{_LOWER}/data\n!ls"),
    ("C3", "token"): cell("code", f"token = '{NEEDLE}'"),
    ("N1", "stream"): _STREAM,
    ("N1", "result"): _RESULT,
    ("N1", "trace"): _TRACE,
    ("N1", "attachment"): cell("markdown", "![a](attachment:a.png)", attachments={"a.png": {"text/plain": NEEDLE}}),
    ("N2", "cell metadata"): cell("markdown", "Text", metadata={"author": NEEDLE, "tags": [NEEDLE]}),
    ("N2", "cell id"): cell("markdown", "Text", id=_LOWER),
    ("H5", "data address"): cell("markdown", f"![a](data:image/png;base64,{payload()})"),
}
_METADATA: dict[str, dict[str, Any]] = {
    "colab": {"colab": {"name": f"{NEEDLE}.ipynb", "provenance": [{"displayName": NEEDLE, "userId": "07"}]}},
    "papermill": {"papermill": {"input_path": f"/home/{_LOWER}/a.ipynb"}},
    "kernel": {"kernelspec": {"name": _LOWER, "display_name": NEEDLE, "language": "python"}},
    "authors": {"authors": [{"name": NEEDLE}]},
    "widgets": {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"a": {"value": NEEDLE}}}}},
}


def cases() -> Iterator[Case]:
    """One for each place; outputs twice, dropped and kept."""
    for (channel, form), one in _CELLS.items():
        yield Case(channel, form, "work.ipynb", book(cell("markdown", "Begin"), one))
    for form, metadata in _METADATA.items():
        yield Case("N2", form, "work.ipynb", book(cell("code", "x = 1"), **metadata))
    for form, one in {"stream": _STREAM, "result": _RESULT, "trace": _TRACE}.items():
        yield Case("N1", f"kept {form}", "work.ipynb", book(one), policy="context")
    old = {
        "nbformat": 3, "nbformat_minor": 0, "metadata": {"name": NEEDLE},
        "worksheets": [{"cells": [
            {"cell_type": "heading", "level": 2, "source": f"Of {NEEDLE}", "metadata": {}},
            {"cell_type": "code", "input": f"a = '{NEEDLE}'", "outputs": [], "language": "python", "metadata": {}},
        ]}],
    }  # fmt: skip
    yield Case("TX", "version 3", "work.ipynb", json.dumps(old).encode())
    yield Case("TX", "no notebook", "work.ipynb", json.dumps({"owner": NEEDLE}).encode(), refused="parse-failed")
    yield Case("TX", "lie", "work.ipynb", f"Owner: {NEEDLE}".encode(), refused="mismatch")
    deep = b'{"nbformat": 4, "metadata": {}, "cells": ' + b"[" * 5000 + b"]" * 5000 + b"}"
    yield Case("TX", "deep", "work.ipynb", deep, refused="limit")


# Mutants ------------------------------------------------------------------------------------------------------------


def _incurable(_: object) -> bool:
    """No simpler form is tried: plain text has no place for what these mutants keep."""
    return False


@contextlib.contextmanager
def _outputs_kept() -> Iterator[None]:
    """Outputs go into the new notebook as they were."""
    add, written = notebook._add, notebook._written

    def added(cell: dict[str, Any], book: Any, switches: Any) -> None:
        add(cell, book, switches)
        book.cells[-1].original = cell.get("outputs")

    def kept(number: int, cell: Any, writing: Any) -> dict[str, Any]:
        new = written(number, cell, writing)
        return new | ({"outputs": cell.original} if cell.original else {})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notebook, "_add", added)
        patch.setattr(notebook, "_written", kept)
        patch.setattr(writing, "_curable", _incurable)
        yield


@contextlib.contextmanager
def _metadata_kept() -> Iterator[None]:
    """Metadata of the notebook go into the new one as they were."""
    seen: list[dict[str, Any]] = []
    language, skeleton = notebook._language, notebook._skeleton

    def looked(meta: dict[str, Any]) -> str:
        seen.append(meta)
        return language(meta)

    def kept(*args: Any) -> dict[str, Any]:
        new = skeleton(*args)
        return new | {"metadata": seen[-1] | new["metadata"]}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notebook, "_language", looked)
        patch.setattr(notebook, "_skeleton", kept)
        patch.setattr(writing, "_curable", _incurable)
        yield


@contextlib.contextmanager
def _payloads_kept() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notebook, "without_payloads", lambda text: (text, 0))
        yield


MUTANTS: dict[str, Mutant] = {"N1": _outputs_kept, "N2": _metadata_kept, "H5": _payloads_kept}
