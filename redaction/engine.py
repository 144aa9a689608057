"""The one door of the redaction core: bytes and a policy in, redacted bytes, findings and a verdict out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from redaction.entities import DenyTerm, Override, Redaction, SourceFile
from redaction.formats import Limits
from redaction.policy import Policy

Progress = Callable[[str, str], None]


def redact(
    files: Sequence[SourceFile],
    policy: Policy,
    *,
    deny: Sequence[DenyTerm] = (),
    overrides: Sequence[Override] = (),
    limits: Limits = Limits(),
    progress: Progress = lambda ref, stage: None,
) -> Redaction:
    """Redact all files of one submission together."""
    raise NotImplementedError
