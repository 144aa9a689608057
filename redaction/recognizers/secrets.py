"""Keys, tokens and passwords, by the shapes their issuers document and by the word in front of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaction.recognizers.rules import Hit

# Every type here is treated as a secret: irreversible, never stored, never kept by a person's wish.
ENTITIES: Final = ("AWS_KEY", "PRIVATE_KEY", "API_KEY", "ACCESS_TOKEN", "PASSWORD", "CONNECTION_STRING")

_NOT_BEFORE: Final = r"(?<![A-Za-z0-9_])"
_PEM: Final = r"(?:[A-Z]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
_SHAPES: Final = tuple(
    (entity_type, score, re.compile(pattern))
    for entity_type, score, pattern in (
        ("PRIVATE_KEY", 1.0, rf"-----BEGIN {_PEM}[^-]{{20,8000}}(?:-----END {_PEM})?"),
        ("AWS_KEY", 0.99, r"(?<![A-Za-z0-9])(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
        ("AWS_KEY", 0.9, r"(?i:aws.{0,20}secret.{0,20}?[\"'=: ]{1,6})([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"),
        ("ACCESS_TOKEN", 0.99, rf"{_NOT_BEFORE}gh[pousr]_[A-Za-z0-9]{{30,255}}"),
        ("ACCESS_TOKEN", 0.99, rf"{_NOT_BEFORE}(?:github_pat_\w{{20,255}}|glpat-[\w-]{{20,60}})"),
        ("ACCESS_TOKEN", 0.99, rf"{_NOT_BEFORE}xox[abeoprs]-[A-Za-z0-9-]{{10,200}}"),
        ("ACCESS_TOKEN", 0.95, r"(?<![\w-])eyJ[\w-]{10,2000}\.[\w-]{10,4000}\.[\w-]{10,1000}"),
        ("ACCESS_TOKEN", 0.9, r"\b[Bb]earer[ ]{1,4}([A-Za-z0-9._~+/-]{16,2000}={0,2})"),
        ("API_KEY", 0.99, rf"{_NOT_BEFORE}[srp]k_(?:live|test)_[A-Za-z0-9]{{16,120}}"),
        ("API_KEY", 0.99, rf"{_NOT_BEFORE}whsec_[A-Za-z0-9]{{16,80}}"),
        ("API_KEY", 0.99, rf"{_NOT_BEFORE}AIza[\w-]{{35}}(?![\w-])"),
        ("API_KEY", 0.95, rf"{_NOT_BEFORE}sk-(?:ant-|proj-)?[\w-]{{20,200}}"),
        ("API_KEY", 0.95, rf"{_NOT_BEFORE}SG\.[\w-]{{16,32}}\.[\w-]{{16,64}}"),
        ("API_KEY", 0.95, rf"{_NOT_BEFORE}(?:npm_[A-Za-z0-9]{{36}}|pypi-[\w-]{{50,200}}|hf_[A-Za-z0-9]{{30,40}})"),
        ("CONNECTION_STRING", 0.95, r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{1,60}:[^\s/@]{1,120}@[^\s\"'<>]{1,300}"),
    )
)
_QUOTE: Final = r"[\"'`“‘]?"
_KEYWORDS: Final = tuple(
    (entity_type, re.compile(pattern, re.IGNORECASE))
    for entity_type, pattern in (
        (
            "PASSWORD",
            (
                r"\b(?:password|passwd|passphrase|passcode|pwd|pin(?: code)?|temporary login)\b"
                r"(?:[ ](?:is|was|for[ ][\w.-]{1,30}(?:[ ]is)?|set[ ]to|has[ ]been[ ]set[ ]to))?"
                rf"[\"']?[ ]?(?:[:=]|\bis\b)?[ ]{{0,3}}{_QUOTE}([^\s\"'`,;“”‘’<>|]{{4,80}})"
            ),
        ),
        (
            "API_KEY",
            (
                r"\b(?:api[_ -]?key|secret[_ -]?key|client[_ -]?secret|access[_ -]?key|encryption[_ -]?key)\b"
                rf"[\"']?(?:[ ](?:is|was))?[ ]?[:=]?[ ]{{0,3}}{_QUOTE}([\w+/=.~-]{{12,200}})"
            ),
        ),
        (
            "ACCESS_TOKEN",
            (
                r"\b(?:access[_ -]?token|auth[_ -]?token|refresh[_ -]?token|token|secret)\b"
                rf"[\"']?[ ]?[:=][ ]{{0,3}}{_QUOTE}([\w+/=.~-]{{12,200}})"
            ),
        ),
    )
)


def find(text: str) -> Iterator[Hit]:
    """Yield every secret: of a documented shape, or right after a word that announces one."""
    for entity_type, score, pattern in _SHAPES:
        for match in pattern.finditer(text):
            group = 1 if pattern.groups else 0
            yield Hit(match.start(group), match.end(group), entity_type, score)
    for entity_type, pattern in _KEYWORDS:
        for match in pattern.finditer(text):
            start, end = match.span(1)
            end -= len(match.group(1)) - len(match.group(1).rstrip(".):"))
            if _looks_secret(entity_type, text[start:end], _assigned(text, match)):
                yield Hit(start, end, entity_type, 0.85)


def _assigned(text: str, match: re.Match[str]) -> bool:
    between = text[match.start() : match.start(1)].casefold()
    return any(sign in between for sign in (":", "=", " is ", " was ", " to "))


def _looks_secret(entity_type: str, value: str, assigned: bool) -> bool:
    """A word of prose after "password" is no password: a secret holds a digit or a sign, or mixes cases."""
    mixed = any(c.isdigit() for c in value) or any(not c.isalnum() and c not in "-." for c in value)
    if entity_type == "PASSWORD":
        return len(value) >= 4 and mixed and (assigned or (any(c.isalpha() for c in value) and len(value) >= 6))
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
