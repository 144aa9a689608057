"""Tables of weights for tests: the shipped one with entries changed or added, and policies that name them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from redaction import partner, policy, weights

STANDARD = (policy.FOLDER / "standard.toml").read_text(encoding="utf-8")
WITH_PARTNER = pytest.mark.skipif(weights.state(weights.PARTNER) != "ok", reason="the partner is not installed")


def chosen(profile: str = "fast", model: str = weights.MODEL) -> policy.Policy:
    """The standard policy with another profile or model."""
    source = STANDARD.replace('profile = "fast"', f'profile = "{profile}"')
    return policy.parse(source.replace(f'model = "{weights.MODEL}"', f'model = "{model}"').encode())


@contextmanager
def table(folder: Path, monkeypatch: pytest.MonkeyPatch, **entries: Mapping[str, Any]) -> Iterator[None]:
    """The shipped table with ``entries`` in place of or beside its own; what was loaded by it is forgotten after."""
    shipped = tomllib.loads(Path(weights.__file__).with_name("weights.toml").read_text(encoding="utf-8"))
    path = folder / "weights.toml"
    path.write_text("".join(_written({**shipped, **entries})), encoding="utf-8")
    monkeypatch.setattr(weights, "_TABLE", path)
    partner.source.cache_clear()
    yield
    partner.source.cache_clear()


def entry(model: str) -> dict[str, Any]:
    """The shipped entry of ``model``, to be changed."""
    found: dict[str, Any] = tomllib.loads(Path(weights.__file__).with_name("weights.toml").read_text(encoding="utf-8"))[
        model
    ]
    return found


def _written(value: Mapping[str, Any]) -> Iterator[str]:
    for name, fields in value.items():
        if not isinstance(fields, Mapping):
            continue
        yield f"[{json.dumps(name)}]\n"
        for key, field in fields.items():
            inner = isinstance(field, Mapping)
            shown = (
                ", ".join(f"{json.dumps(one)} = {json.dumps(other)}" for one, other in field.items()) if inner else ""
            )
            yield f"{key} = {{ {shown} }}\n" if inner else f"{key} = {json.dumps(field, ensure_ascii=False)}\n"
