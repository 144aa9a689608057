"""Treatments: what is written in place of each mention. One ``AnonymizerEngine`` with our operators decides.

Overlaps are settled before, tokens given before; the engine applies the operator that the policy names to each span of
one segment, and what it wrote becomes the segment's replacements.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

from redaction import tokens
from redaction.entities import Kind, Replacement
from redaction.operators.date_shift import DateShift, shifted
from redaction.operators.drop import Drop
from redaction.operators.generalize import Generalize
from redaction.operators.keep import Keep
from redaction.operators.pseudonym import Pseudonym
from redaction.operators.surrogate import Surrogate
from redaction.policy import SURROGATE, Policy
from redaction.registry import Registry
from redaction.spans import Owned
from redaction.surrogates import Surrogates, shift_of

OPERATORS: Final = (DateShift, Drop, Generalize, Keep, Pseudonym, Surrogate)


@dataclass(frozen=True)
class Treated:
    """Characters [start, end) are to be treated by ``operator``; ``written`` is their token as it stands there.

    ``days``: by how many a date is moved.
    """

    start: int
    end: int
    operator: str
    written: str
    days: int = 0


class Writer:
    """What is written for each mention of one run: tokens, or surrogates where the policy asks for them.

    ``texts`` are all texts of the submission and ``lexicon`` its deny terms: no surrogate repeats one of their words.
    """

    def __init__(
        self, registry: Registry, policy: Policy, key: bytes, texts: Iterable[str] = (), lexicon: Iterable[str] = ()
    ) -> None:
        self._registry = registry
        self._policy = policy
        self._surrogates = Surrogates(registry, key, texts, lexicon) if policy.mode == SURROGATE else None
        self._days = shift_of(key)
        self._moved: dict[str, str] = {}

    def treated(self, mention: Owned, text: str, kind: Kind) -> Treated:
        """How the mention is treated that stands in ``text``, a segment of ``kind``."""
        span, owner = mention
        found = text[span.start : span.end]
        token = tokens.written(self._registry.records[owner].token, span.entity_type, kind)
        operator = self._policy.treatment(span.entity_type).operator
        if span.continued:
            return Treated(span.start, span.end, "drop", token)
        if span.entity_type in tokens.SECRETS or self._registry.records[owner].entity_type in tokens.SECRETS:
            return Treated(span.start, span.end, "pseudonym", token)
        if operator == "pseudonym" and self._surrogates:
            made = self._surrogates.written(owner, span.entity_type, found, kind)
            return Treated(span.start, span.end, "surrogate", made)
        if operator == "date_shift" and (moved := shifted(found, self._days)):
            self._moved[moved] = token
        return Treated(span.start, span.end, operator, token, self._days)

    def unwritten(self, text: str) -> str:
        """``text`` with surrogates and moved dates turned back into tokens: verification reads it so."""
        for moved, token in self._moved.items():
            text = text.replace(moved, token)
        return self._surrogates.unwritten(text) if self._surrogates else text


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
        str(index): OperatorConfig(one.operator, {"written": one.written, "days": one.days})
        for index, one in enumerate(treated)
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
