"""Ages of people: "34 years old", "a 62-year-old", "aged 45", "I'll turn 80", "age: 51". Kept by most policies."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Final

from redaction.recognizers.rules import Hit, folded

ENTITIES: Final = ("AGE",)

_AGE: Final = r"(\d{1,3})"
_PATTERNS: Final = (
    re.compile(
        rf"(?<![\w.,$€£]){_AGE}(?:[ -](?:years?|yrs?)(?:[ -]olds?\b|[ ]of[ ]age\b)|[ ]?y\.?/?o\b)", re.IGNORECASE
    ),
    re.compile(rf"\b(?:ages?|aged)(?:[ ](?:is|of|was))?[ ]?[:=]?[ ]{{1,2}}{_AGE}(?![\w%]|[.,/-]\d)", re.IGNORECASE),
    re.compile(
        rf"\b(?:(?:I|he|she|they)(?:'ll|[ ]will|[ ]just)?[ ](?:turn|turns|turned)|(?:I'm|I[ ]am|[Hh]e[ ]is"
        rf"|[Ss]he[ ]is)(?:[ ]now)?)[ ]{_AGE}"
        r"(?=[!?,]|\.(?!\d)|[ ]and[ ]|$)",
        re.IGNORECASE | re.MULTILINE,
    ),
)
# Without one of these, in small letters, a text is not tried with the first, second and third.
_YEARS: Final = re.compile(r"\d[ -]?y")
_TURNS: Final = ("turn", "i'm ", "i am ", "he is ")
_OLDEST: Final = 120


def find(text: str) -> Iterator[Hit]:
    """Yield the number alone."""
    small = folded(text)
    tried = (_YEARS.search(small), "age" in small, any(one in small for one in _TURNS))
    for pattern in itertools.compress(_PATTERNS, tried):
        for match in pattern.finditer(text):
            if 0 < int(match.group(1)) <= _OLDEST:
                yield Hit(match.start(1), match.end(1), "AGE", 0.6)
