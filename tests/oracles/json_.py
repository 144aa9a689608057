"""Readers of JSON: the standard library's, and the bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.oracles import Oracle
from tests.oracles.text import decoded, shown, stranger, views

EXTENSIONS = ("json", "jsonl", "ndjson")


def parsed(data: bytes) -> str:
    """Keys and values, those of JSON inside of strings too."""
    text = decoded(data)
    try:
        values = [json.loads(text, object_pairs_hook=list)]
    except ValueError:
        values = list(_several(text))
    return "\n".join(view for value in values for one in _walk(value) for view in views(one))


def _several(text: str) -> Iterator[object]:
    decoder = json.JSONDecoder(object_pairs_hook=list)
    text = text.lstrip()
    while text:
        value, end = decoder.raw_decode(text)
        yield value
        text = text[end:].lstrip()


def _walk(value: object) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _walk(one)
    elif isinstance(value, str):
        yield value
        try:
            inner = json.loads(value, object_pairs_hook=list)
        except (ValueError, RecursionError):
            return
        if isinstance(inner, list):
            yield from _walk(inner)
    elif value is not None:
        yield str(value)


def letters(data: bytes) -> str:
    """The text as it is written."""
    return shown(decoded(data))


ORACLES: dict[str, Oracle] = {"parsed": parsed, "letters": letters, "stranger": stranger}
