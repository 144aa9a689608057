"""Nothing in place of the text: for kinds whose presence alone would say too much."""

from __future__ import annotations

from typing import Any

from presidio_anonymizer.operators import Operator, OperatorType


class Drop(Operator):
    """Writes the empty text."""

    def operate(self, text: str, params: dict[str, Any] | None = None) -> str:  # noqa: ARG002
        return ""

    def validate(self, params: dict[str, Any] | None = None) -> None:
        """Takes no parameters."""

    def operator_name(self) -> str:
        return "drop"

    def operator_type(self) -> OperatorType:
        return OperatorType.Anonymize
