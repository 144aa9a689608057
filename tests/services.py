"""The real services of the tests: ports, passwords and variables are chosen before Django's settings load."""

from __future__ import annotations
