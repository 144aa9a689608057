"""An invented value in place of the text, for policies that ask for one: the same for every mention of one entity."""

from __future__ import annotations

from typing import Any

from presidio_anonymizer.operators import Operator, OperatorType


class Surrogate(Operator):
    """Writes ``params["written"]``: what ``surrogates`` made of this mention, or its token where nothing is made."""

    def operate(self, text: str, params: dict[str, Any] | None = None) -> str:
        written = str((params or {})["written"])
        if written == text:
            raise ValueError("a surrogate is never what it replaces")
        return written

    def validate(self, params: dict[str, Any] | None = None) -> None:
        if not (params or {}).get("written"):
            raise ValueError("a surrogate needs a value")

    def operator_name(self) -> str:
        return "surrogate"

    def operator_type(self) -> OperatorType:
        return OperatorType.Anonymize
