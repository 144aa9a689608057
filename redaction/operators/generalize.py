"""A coarser value in place of the text: of a date its year; of anything else the token, as nothing coarser is known."""

from __future__ import annotations

import re
from typing import Any, Final

from presidio_anonymizer.operators import Operator, OperatorType

_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


class Generalize(Operator):
    """Writes the year that the text names, else ``params["written"]``."""

    def operate(self, text: str, params: dict[str, Any] | None = None) -> str:
        year = _YEAR.search(text)
        return year.group() if year else str((params or {})["written"])

    def validate(self, params: dict[str, Any] | None = None) -> None:
        if not (params or {}).get("written"):
            raise ValueError("a generalised value needs a token to fall back on")

    def operator_name(self) -> str:
        return "generalize"

    def operator_type(self) -> OperatorType:
        return OperatorType.Anonymize
