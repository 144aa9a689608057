"""Notebooks (nbformat 3 and 4): the sources of their cells, written into a new notebook of version 4.5.

Outputs are dropped unless the policy keeps them, and then their texts alone: pictures, pages and widgets of an output
can be made again by whoever runs the cell. Metadata is a skeleton, ids of cells are their numbers.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from redaction.entities import Action, Extraction, Kind, Output, Plan, Segment, Tier
from redaction.errors import RefusedError
from redaction.formats import Carrier, Limits, Switches
from redaction.formats.code import Unit, rewritten, units
from redaction.formats.pieces import Writing, carrier_counts
from redaction.formats.text import decoded, without_payloads
from redaction.media import NOTEBOOK, TEXT
from redaction.view import typed

DEPTH: Final = 200
_CELLS: Final = ("markdown", "code", "raw")
_ESCAPES: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
# Language → extension of its program text, name of its kernel, title of that.
_LANGUAGES: Final = {
    "python": ("py", "python3", "Python 3"),
    "r": ("r", "ir", "R"),
    "julia": ("jl", "julia", "Julia"),
    "javascript": ("js", "javascript", "JavaScript"),
    "typescript": ("ts", "typescript", "TypeScript"),
    "scala": ("scala", "scala", "Scala"),
    "kotlin": ("kt", "kotlin", "Kotlin"),
    "sql": ("sql", "sql", "SQL"),
    "bash": ("sh", "bash", "Bash"),
    "c++": ("cpp", "xcpp17", "C++"),
    "rust": ("rs", "rust", "Rust"),
    "go": ("go", "gonb", "Go"),
}
_STREAMS: Final = ("stdout", "stderr")


@dataclass
class Text:
    """One text of the new notebook. ``units`` when it is program text; else each line is a segment."""

    anchor: str
    text: str
    carrier: str
    extension: str = ""
    units: Sequence[Unit] = ()

    def segments(self) -> Iterator[Segment]:
        """What of it is searched."""
        if self.extension:
            yield from (Segment(unit.anchor, unit.text, unit.carrier, unit.kind) for unit in self.units)
            return
        kind = Kind.CODE if self.carrier == "N1" else Kind.PROSE
        for number, line in enumerate(self.text.split("\n"), 1):
            if line.strip():
                yield Segment(f"{self.anchor}/l{number}", line, self.carrier, kind)

    def written(self, writing: Writing) -> str:
        """The text with the replacements of the plan."""
        if self.extension:
            return rewritten(self.text, self.units, writing, self.extension)
        return "\n".join(
            "".join(writing.text(f"{self.anchor}/l{number}", self.carrier, [line])) if line.strip() else line
            for number, line in enumerate(self.text.split("\n"), 1)
        )


@dataclass
class _Output:
    """A kept output: a stream, a result or the trace of an error, as text."""

    kind: str
    text: Text
    stream: str = ""


@dataclass
class _Cell:
    kind: str
    source: Text
    outputs: list[_Output] = field(default_factory=list)


@dataclass
class Notebook:
    """What of a notebook is written again; ``dropped`` counts the rest, by carrier id."""

    language: str
    cells: list[_Cell] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    metadata: list[str] = field(default_factory=list)

    def texts(self) -> Iterator[Text]:
        """All texts, in order."""
        for cell in self.cells:
            yield cell.source
            yield from (output.text for output in cell.outputs)


class NotebookHandler:
    """Jupyter notebooks."""

    media_types: tuple[str, ...] = (NOTEBOOK,)
    extensions: tuple[str, ...] = ("ipynb",)
    tiers: tuple[Tier, ...] = (Tier.A, Tier.B)
    carriers: tuple[Carrier, ...] = (
        Carrier("TX", "Markdown and raw cells", Action.REWRITE),
        Carrier("C1", "comments and docstrings", Action.REWRITE),
        Carrier("C2", "statements and strings", Action.REWRITE),
        Carrier("C3", "lines that set a key, a token or a password", Action.REWRITE),
        Carrier("N1", "outputs, attachments, widgets: dropped, or their texts rewritten", Action.DROP),
        Carrier("N2", "metadata of the notebook and its cells", Action.SKELETON),
        Carrier("H5", "files in base64, such as pictures in data addresses", Action.DROP),
    )

    def extract(self, source: bytes, limits: Limits, switches: Switches = Switches()) -> Extraction:
        """Every line of every cell.

        Raises:
            RefusedError: no notebook, or larger than the limits allow.
        """
        notebook = read(source, limits, switches)
        segments = [segment for text in notebook.texts() for segment in text.segments()]
        counts = Counter(segment.carrier for segment in segments) + notebook.dropped
        return Extraction(segments, metadata=list(dict.fromkeys(notebook.metadata)), counts=counts)

    def rewrite(self, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()) -> Output:
        """A new notebook with the replacements of the plan; in tier B the sources alone, as text."""
        notebook = read(source, limits, switches)
        writing = Writing(plan)
        segments = [segment for text in notebook.texts() for segment in text.segments()]
        kept = Counter(segment.carrier for segment in segments if not plan.replacements.get(segment.anchor))
        cells = [_written(number, cell, writing) for number, cell in enumerate(notebook.cells, 1)]
        writing.close()
        counts = carrier_counts(writing.counts, notebook.dropped, kept)
        if plan.tier is Tier.B:
            text = "\n\n".join("".join(cell["source"]) for cell in cells) + "\n"
            return Output(text.encode("utf-8"), TEXT, counts, Tier.B)
        text = json.dumps(_skeleton(notebook.language, cells), ensure_ascii=False, indent=1) + "\n"
        return Output(text.encode("utf-8"), NOTEBOOK, counts)


# Reading ------------------------------------------------------------------------------------------------------------


def read(source: bytes, limits: Limits, switches: Switches) -> Notebook:
    """What of a notebook is written again.

    Raises:
        RefusedError: ``parse-failed`` for what is no notebook, ``limit`` for too much of one.
    """
    value = _parsed(source, limits)
    version = value.get("nbformat")
    if version not in (3, 4):
        raise RefusedError("parse-failed", "version of the notebook")
    [meta] = _dicts([value.get("metadata")]) or [{}]
    notebook = Notebook(_language(meta))
    notebook.dropped["N2"] = len(meta)
    notebook.metadata = list(_people(meta))
    if version == 4:
        cells = value.get("cells")
    else:
        sheets = value.get("worksheets")
        cells = [cell for sheet in _dicts(sheets) for cell in _dicts(sheet.get("cells"))]
    if not isinstance(cells, list):
        raise RefusedError("parse-failed", "cells of the notebook")
    if len(cells) > limits.cells:
        raise RefusedError("limit", "cells")
    for cell in _dicts(cells):
        _add(cell, notebook, switches)
    return notebook


def _parsed(source: bytes, limits: Limits) -> dict[str, Any]:
    text = decoded(source)
    if len(text) > limits.characters * 4:
        raise RefusedError("limit", "characters")
    if _depth(text) > DEPTH:
        raise RefusedError("limit", "depth")
    try:
        value = json.loads(text, parse_int=_small)
    except (ValueError, RecursionError) as error:
        raise RefusedError("parse-failed", "JSON") from error
    if not isinstance(value, dict):
        raise RefusedError("parse-failed", "notebook")
    return value


def _depth(text: str) -> int:
    deepest = depth = 0
    for match in re.finditer(r'"(?:[^"\\]+|\\.)*+"|[\[{]|[\]}]', text, re.DOTALL):
        depth += (match.group() in "[{") - (match.group() in "]}")
        deepest = max(deepest, depth)
    return deepest


def _small(digits: str) -> int:
    """Numbers of a notebook are versions and counts; the digits of a longer one say nothing."""
    return int(digits) if len(digits) < 10 else 0


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _language(meta: dict[str, Any]) -> str:
    names = [meta.get("language_info"), meta.get("kernelspec")]
    found = [str(one.get(key, "")).lower() for one in _dicts(names) for key in ("name", "language")]
    return next((name for name in found if name in _LANGUAGES), "python")


def _people(value: object, depth: int = 0) -> Iterator[str]:
    """Old values of the metadata that name people: what hosted notebooks and their authors write into it."""
    if isinstance(value, dict) and depth < 6:
        for key, inner in value.items():
            if isinstance(inner, str) and re.fullmatch("displayName|userId|author|name|email|last_modified_by", key):
                if depth or key != "name":
                    yield from [inner] if inner.casefold() not in _GENERIC else []
            else:
                yield from _people(inner, depth + 1)
    elif isinstance(value, list) and depth < 6:
        for inner in value:
            yield from _people(inner, depth + 1)


_GENERIC: Final = frozenset(
    {"", *_LANGUAGES, "ipython", "python2", "codemirror", *(one for names in _LANGUAGES.values() for one in names[:2])}
)


def _add(cell: dict[str, Any], notebook: Notebook, switches: Switches) -> None:
    kind = str(cell.get("cell_type"))
    anchor = f"cell{len(notebook.cells) + 1}"
    source = _joined(cell.get("source", cell.get("input", "")))
    if kind == "heading":  # of version 3
        level = cell.get("level")
        source = "#" * (level if isinstance(level, int) and 0 < level < 7 else 1) + " " + source
    kind = kind if kind in _CELLS else "markdown"
    notebook.dropped["N2"] += len(cell.get("metadata") or ()) + ("id" in cell)
    notebook.dropped["N1"] += len(cell.get("attachments") or ())
    source, payloads = without_payloads(source)
    notebook.dropped["H5"] += payloads
    text = Text(anchor, source, "TX")
    if kind == "code":
        text.extension = _LANGUAGES[notebook.language][0]
        text.units = units(source, text.extension, f"{anchor}/l")
    new = _Cell(kind, text)
    for output in _dicts(cell.get("outputs")):
        _add_output(output, new, f"{anchor}/out{len(new.outputs)}", notebook, switches)
    notebook.cells.append(new)


def _add_output(output: dict[str, Any], cell: _Cell, anchor: str, notebook: Notebook, switches: Switches) -> None:
    kept = _output_text(output) if switches.outputs and cell.kind == "code" else ""
    if not kept.strip():
        notebook.dropped["N1"] += 1
        return
    data = output.get("data")
    notebook.dropped["N1"] += max(0, len(data) - 1) if isinstance(data, dict) else 0
    kept, payloads = without_payloads(kept)
    notebook.dropped["H5"] += payloads
    kind = {"pyout": "execute_result", "pyerr": "error"}.get(str(output.get("output_type")), output.get("output_type"))
    stream = str(output.get("name", output.get("stream")))
    cell.outputs.append(_Output(str(kind), Text(anchor, kept, "N1"), stream if stream in _STREAMS else _STREAMS[0]))


def _output_text(output: dict[str, Any]) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        return _joined(output.get("text"))
    if kind in ("error", "pyerr"):
        trace = output.get("traceback")
        lines = [one for one in trace if isinstance(one, str)] if isinstance(trace, list) else []
        return _joined("\n".join(lines or [f"{output.get('ename', '')}: {output.get('evalue', '')}"]))
    if kind in ("execute_result", "display_data", "pyout"):
        data = output.get("data")
        return _joined(data.get("text/plain") if isinstance(data, dict) else output.get("text"))
    return ""


def _joined(value: object) -> str:
    """The text of a field that may be a list of lines, without what colours it."""
    if isinstance(value, list):
        value = "".join(one for one in value if isinstance(one, str))
    text = value if isinstance(value, str) else ""
    text = typed(text.replace("\r\n", "\n").replace("\r", "\n"))
    return _ESCAPES.sub("", _SURROGATES.sub("\ufffd", text))


# Writing ------------------------------------------------------------------------------------------------------------


def _skeleton(language: str, cells: Sequence[dict[str, Any]]) -> dict[str, Any]:
    _, kernel, title = _LANGUAGES[language]
    return {
        "cells": list(cells),
        "metadata": {
            "kernelspec": {"display_name": title, "language": language, "name": kernel},
            "language_info": {"name": language},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _written(number: int, cell: _Cell, writing: Writing) -> dict[str, Any]:
    source = _lines(cell.source.written(writing))
    new: dict[str, Any] = {"cell_type": cell.kind, "id": f"cell{number}", "metadata": {}, "source": source}
    if cell.kind == "code":
        new["execution_count"] = None
        new["outputs"] = [_written_output(output, writing) for output in cell.outputs]
    return new


def _written_output(output: _Output, writing: Writing) -> dict[str, Any]:
    text = output.text.written(writing)
    if output.kind == "error":
        return {"ename": "Error", "evalue": "", "output_type": "error", "traceback": text.split("\n")}
    if output.kind == "stream":
        return {"name": output.stream, "output_type": "stream", "text": _lines(text)}
    new: dict[str, Any] = {"data": {"text/plain": _lines(text)}, "metadata": {}, "output_type": output.kind}
    return new | {"execution_count": None} if output.kind == "execute_result" else new


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)
