"""The JSON Schemas (2020-12) of ``consent/schema/``, each compiled once."""

from __future__ import annotations

import functools
import json
from pathlib import Path

from jsonschema import Draft202012Validator

FOLDER = Path(__file__).parent / "schema"


@functools.cache
def validator(name: str) -> Draft202012Validator:
    """Return the compiled schema ``consent/schema/<name>.json``."""
    schema = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def accepts(name: str, value: object) -> bool:
    """Say whether ``value`` has the form of the schema ``name``."""
    return validator(name).is_valid(value)
