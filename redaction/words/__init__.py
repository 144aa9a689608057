"""Lists of words, one file each: titles, roles, words of forms. Plain text; lines with ``#`` first are comments."""

from __future__ import annotations

from pathlib import Path


def words(name: str) -> frozenset[str]:
    """The words of ``words/<name>.txt``, as they are written there."""
    text = Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
