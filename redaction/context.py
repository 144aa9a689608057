"""Context words: they lift an uncertain finding, or are the condition for a kind that numbers imitate by chance.

Presidio's own enhancer compares lemmas, which the model here does not make, and walks all tokens for each finding.
This one looks at the 60 characters before and the 30 after, as whole folded words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from presidio_analyzer import RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer

from redaction.policy import Context

BEFORE: Final = 60
AFTER: Final = 30
LIFT: Final = 0.35

# What policies start from. Without a word that is required a number is more often a part, a quantity or a date.
RULES: Final[Mapping[str, Context]] = {
    "US_SSN": Context(frozenset({"ssn", "social", "security"})),
    "US_ITIN": Context(frozenset({"itin", "taxpayer", "tax", "individual"}), required=True),
    "PHONE_NUMBER": Context(frozenset({"phone", "tel", "telephone", "mobile", "cell", "call", "fax", "ring", "reach"})),
    "SORT_CODE": Context(frozenset({"sort", "account", "bank", "iban", "payee"}), required=True),
    "POST_CODE": Context(frozenset({"postcode", "zip", "address", "post"})),
}
# "build 18.7.4.1": four numbers, and no address.
_VERSION: Final = re.compile(r"\b(?:versions?|ver\.?|builds?|release|firmware|driver|v)[ ]?[:=]?[ ]?$", re.IGNORECASE)
_WORD: Final = re.compile(r"\w+")


class NearbyWords(ContextAwareEnhancer):
    """The enhancer that ``AnalyzerEngine`` is given."""

    def __init__(self) -> None:
        super().__init__(
            context_similarity_factor=LIFT,
            min_score_with_context_similarity=0.0,
            context_prefix_count=8,
            context_suffix_count=4,
        )
        self.rules: Mapping[str, Context] = RULES

    def enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: Any,  # noqa: ARG002
        recognizers: Sequence[Any],  # noqa: ARG002
        context: Sequence[str] | None = None,
    ) -> list[RecognizerResult]:
        """Lift results near a context word, and drop those that need one and have none."""
        kept = []
        for result in raw_results:
            if result.entity_type == "IP_ADDRESS" and _VERSION.search(
                text, max(0, result.start - BEFORE), result.start
            ):
                continue
            rule = self.rules.get(result.entity_type)
            if rule:
                near = _near(text, result.start, result.end) | {word.casefold() for word in context or ()}
                if rule.words & near:
                    result.score = min(1.0, result.score + LIFT)
                elif rule.required:
                    continue
            kept.append(result)
        return kept


def _near(text: str, start: int, end: int) -> set[str]:
    around = text[max(0, start - BEFORE) : start] + " " + text[end : end + AFTER]
    return {word.casefold() for word in _WORD.findall(around)}
