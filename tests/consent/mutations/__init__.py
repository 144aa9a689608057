"""Every way we know to lie with a bundle, and the good twins of the lies."""

from __future__ import annotations

from tests.consent.mutations import logged, passkeys, statements
from tests.consent.mutations.edits import Mutation
from tests.consent.mutations.good import GOOD

MUTATIONS: dict[str, tuple[Mutation, str]] = statements.MUTATIONS | logged.MUTATIONS | passkeys.MUTATIONS

__all__ = ["GOOD", "MUTATIONS", "Mutation"]
