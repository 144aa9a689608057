"""Reads notebooks again: by the standard library's JSON parser, and by the walk over strings that knows no notebook.

``undeclared`` lists keys and values that no notebook of ours has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from redaction.entities import Block, Kind
from redaction.readers import Reader, text
from redaction.readers.code import program
from redaction.readers.json_ import strings

_EXTENSIONS: Final = {
    "python": "py", "r": "r", "julia": "jl", "javascript": "js", "typescript": "ts", "scala": "scala", "kotlin": "kt",
    "sql": "sql", "bash": "sh", "c++": "cpp", "rust": "rs", "go": "go",
}  # fmt: skip
_TITLE: Final = re.compile(r"Python 3|R|Julia|JavaScript|TypeScript|Scala|Kotlin|SQL|Bash|C\+\+|Rust|Go")
_KERNEL: Final = re.compile("python3|ir|julia|javascript|typescript|scala|kotlin|sql|bash|xcpp17|rust|gonb")
_CELL: Final = frozenset({"cell_type", "id", "metadata", "source"})
_CODE_CELL: Final = _CELL | {"execution_count", "outputs"}
_OUTPUTS: Final = {
    "error": {"ename", "evalue", "output_type", "traceback"},
    "stream": {"name", "output_type", "text"},
    "display_data": {"data", "metadata", "output_type"},
    "execute_result": {"data", "metadata", "output_type", "execution_count"},
}


def cells(data: bytes) -> list[Block]:
    """The sources and outputs of the cells, line by line. Raises on what is no notebook of version 4."""
    notebook = json.loads(data.decode("utf-8"))
    extension = _EXTENSIONS[notebook["metadata"]["language_info"]["name"]]
    found: list[Block] = []
    for number, cell in enumerate(notebook["cells"], 1):
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            lines = program(extension, source)
        else:
            lines = [Block(f"l{n}", line, Kind.PROSE) for n, line in enumerate(source.split("\n"), 1)]
        for index, output in enumerate(cell.get("outputs", ())):
            shown = "".join(_texts(output))
            lines += [Block(f"out{index}/l{n}", line, Kind.CODE) for n, line in enumerate(shown.split("\n"), 1)]
        found += [Block(f"cell{number}/{one.anchor}", one.text, one.kind) for one in lines if one.text.strip()]
    return found


def _texts(output: dict[str, Any]) -> Iterator[str]:
    yield from output.get("text", ())
    yield from output.get("data", {}).get("text/plain", ())
    yield "\n".join(output.get("traceback", ()))


def undeclared(data: bytes) -> list[str]:
    """The numbers of cells that hold something which is not ours; cell 0 is the notebook itself."""
    notebook = json.loads(data.decode("utf-8"))
    wrong = [number for number, cell in enumerate(notebook["cells"], 1) if not _declared(cell, number)]
    if set(notebook) != {"cells", "metadata", "nbformat", "nbformat_minor"} or not _skeleton(notebook["metadata"]):
        wrong.insert(0, 0)
    return [*(f"cell {number}" for number in wrong), *text.undeclared(data)]


def _skeleton(meta: dict[str, Any]) -> bool:
    kernel, language = meta.get("kernelspec", {}), meta.get("language_info", {})
    return (
        set(meta) == {"kernelspec", "language_info"}
        and set(kernel) == {"display_name", "language", "name"}
        and set(language) == {"name"}
        and language["name"] == kernel["language"]
        and language["name"] in _EXTENSIONS
        and _TITLE.fullmatch(kernel["display_name"]) is not None
        and _KERNEL.fullmatch(kernel["name"]) is not None
    )


def _declared(cell: dict[str, Any], number: int) -> bool:
    expected = _CODE_CELL if cell.get("cell_type") == "code" else _CELL
    outputs = cell.get("outputs", [])
    return (
        set(cell) == expected
        and cell["cell_type"] in ("code", "markdown", "raw")
        and (cell["id"], cell["metadata"], cell.get("execution_count")) == (f"cell{number}", {}, None)
        and all(_declared_output(output) for output in outputs)
    )


def _declared_output(output: dict[str, Any]) -> bool:
    return (
        set(output) == _OUTPUTS.get(str(output.get("output_type")), set())
        and set(output.get("data", {"text/plain"})) == {"text/plain"}
        and output.get("metadata", {}) == {}
        and output.get("name", "stdout") in ("stdout", "stderr")
        and (output.get("ename", "Error"), output.get("evalue", "")) == ("Error", "")
    )


READERS: tuple[Reader, ...] = (cells, strings)
