"""Readers: a second opinion on an output, by code that shares nothing with the handler that wrote it."""

from __future__ import annotations

from collections.abc import Callable

from redaction.entities import Block

# Bytes of an output in, its text in reading order out. Raises on anything it cannot read: unread is not clean.
Reader = Callable[[bytes], list[Block]]
# Bytes of an output in, names of parts, headers or keys out that no list of ours declares.
Undeclared = Callable[[bytes], list[str]]
