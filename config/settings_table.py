"""``python -m config.settings_table``: writes docs/settings.md from ``config/env.py``, which explains every setting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from config.env import BASE_DIR, DATA_DIR, Env

PAGE = BASE_DIR / "docs" / "settings.md"
HEAD = """# Settings

Every setting is an environment variable. None has to be set for `manage.py up`, which chooses and exports them; a
variable that is already set, even to nothing, starts no embedded service in its place. A file of the same name under
`/run/secrets` stands for a variable that is not set.

This page is written by `make settings-table` from `config/env.py`; a test compares the two.

| variable | default | meaning |
|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_row(name, field) for name, field in Env.model_fields.items())


def _row(name: str, field: FieldInfo) -> str:
    return f"| `{name.upper()}` | {_default(field)} | {(field.description or '').replace('|', chr(92) + '|')} |\n"


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "–"
    value: Any = field.default
    if isinstance(value, Path) and value.is_relative_to(DATA_DIR.parent):
        value = value.relative_to(DATA_DIR.parent)
    return f"`{value}`" if value != "" else "–"


if __name__ == "__main__":
    PAGE.write_text(page())
