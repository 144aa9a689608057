"""The JSON Schemas (2020-12) of ``consent/schema/``, each compiled once."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import jsonschema_rs

FOLDER = Path(__file__).parent / "schema"


@functools.cache
def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    """Return the compiled schema ``consent/schema/<name>.json``. Raises ValueError for one that is no schema."""
    return jsonschema_rs.Draft202012Validator((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def accepts(name: str, value: object) -> bool:
    """Say whether ``value`` has the form of the schema ``name``."""
    try:
        return validator(name).is_valid(value)
    except UnicodeEncodeError:
        # Half a character, where a name, a constant or a pattern is asked for: it is none of them.
        return False


@functools.cache
def documents() -> dict[str, Any]:
    """Return every schema as JSON, by its name: what the verifier in other languages reads."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}
