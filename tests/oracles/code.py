"""Readers of program text: Python's own parser, and the bytes."""

from __future__ import annotations

import ast
import io
import tokenize

from tests.oracles import Oracle
from tests.oracles.text import decoded, shown, stranger

EXTENSIONS = ("py", "pyi")


def tokens(data: bytes) -> str:
    """Every token, in order: names, strings and comments as they are written."""
    text = decoded(data)
    found = [token.string for token in tokenize.generate_tokens(io.StringIO(text).readline)]
    return shown(" ".join(found))


def tree(data: bytes) -> str:
    """The program as Python understands it, comments aside: strings with their escapes undone."""
    return shown("\n".join(str(value) for node in ast.walk(ast.parse(data)) for value in _words(node)))


def _words(node: ast.AST) -> list[object]:
    values = [value for _, value in ast.iter_fields(node)]
    return [value for value in values if isinstance(value, str | int | float)]


ORACLES: dict[str, Oracle] = {"tokens": tokens, "tree": tree, "stranger": stranger}
