"""The default treatment: a token in place of the text, consistent over all files of a submission."""

from __future__ import annotations

from typing import Any

from presidio_anonymizer.operators import Operator, OperatorType


class Pseudonym(Operator):
    """Writes ``params["written"]``: the token as it stands in this place."""

    def operate(self, text: str, params: dict[str, Any] | None = None) -> str:  # noqa: ARG002
        return str((params or {})["written"])

    def validate(self, params: dict[str, Any] | None = None) -> None:
        if not (params or {}).get("written"):
            raise ValueError("a pseudonym needs its token")

    def operator_name(self) -> str:
        return "pseudonym"

    def operator_type(self) -> OperatorType:
        return OperatorType.Anonymize
