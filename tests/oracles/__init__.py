"""Readers of outputs that share no code with the product: what an outsider would find in a file.

A module per format; each has ``ORACLES``: name → reader, from bytes to all text it sees. One that fails to open a file
raises.
"""

from __future__ import annotations

from collections.abc import Callable

Oracle = Callable[[bytes], str]
