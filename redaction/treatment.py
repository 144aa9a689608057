"""Treatments: what is written in place of each mention. One ``AnonymizerEngine`` with our operators decides.

Overlaps are settled before, tokens given before; the engine applies the operator that the policy names to each span of
one segment, and what it wrote becomes the segment's replacements.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

from redaction.entities import Replacement
from redaction.operators.drop import Drop
from redaction.operators.generalize import Generalize
from redaction.operators.keep import Keep
from redaction.operators.pseudonym import Pseudonym

OPERATORS: Final = (Drop, Generalize, Keep, Pseudonym)


@dataclass(frozen=True)
class Treated:
    """Characters [start, end) are to be treated by ``operator``; ``written`` is their token as it stands there."""

    start: int
    end: int
    operator: str
    written: str


@functools.cache
def _engine() -> AnonymizerEngine:
    engine = AnonymizerEngine()  # type: ignore[no-untyped-call]  # presidio types its methods alone
    for operator in OPERATORS:
        engine.add_anonymizer(operator)
    return engine


def replacements(text: str, treated: Sequence[Treated]) -> tuple[Replacement, ...]:
    """What is written in place of each range of ``treated`` (sorted, disjoint)."""
    if not treated:
        return ()
    # The engine picks an operator by entity type; here each span is a type of its own, so that each has its token.
    results = [RecognizerResult(str(index), one.start, one.end, 1.0) for index, one in enumerate(treated)]
    operators = {
        str(index): OperatorConfig(one.operator, {"written": one.written}) for index, one in enumerate(treated)
    }
    answer = _engine().anonymize(text, results, operators, merge_entities_with_spaces=False)
    written = {item.entity_type: item.text for item in answer.items}
    return tuple(Replacement(one.start, one.end, written[str(index)]) for index, one in enumerate(treated))


def applied(text: str, replaced: Sequence[Replacement]) -> str:
    """``text`` with its replacements in place: what a faithful writer makes of the segment."""
    pieces: list[str] = []
    at = 0
    for one in replaced:
        pieces += [text[at : one.start], one.text]
        at = one.end
    return "".join([*pieces, text[at:]])
