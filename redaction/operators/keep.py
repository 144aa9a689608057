"""The text itself: for kinds that a policy leaves visible."""

from __future__ import annotations

from typing import Any

from presidio_anonymizer.operators import Operator, OperatorType


class Keep(Operator):
    """Writes what it is given."""

    def operate(self, text: str, params: dict[str, Any] | None = None) -> str:  # noqa: ARG002
        return text

    def validate(self, params: dict[str, Any] | None = None) -> None:
        """Takes no parameters."""

    def operator_name(self) -> str:
        return "keep"

    def operator_type(self) -> OperatorType:
        return OperatorType.Anonymize
