"""Where program text is a statement, a string or a comment, by one expression for each family of languages.

No language is parsed: a stretch that is taken for the wrong kind is searched all the same, only less cleverly.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


class Stretch(enum.Enum):
    """What a stretch of program text is."""

    STATEMENT = "statement"
    STRING = "string"
    TEXT = "text"  # a string of several lines, such as a docstring
    COMMENT = "comment"


@dataclass(frozen=True)
class Found:
    """Characters [start, end) are a stretch of ``kind``, its delimiters included."""

    kind: Stretch
    start: int
    end: int


# All repetitions are possessive: an open comment or string takes the rest, once, without going back.
_TRIPLE: Final = (
    r'(?P<text>"""(?:[^"\\]+|\\.|"(?!""))*+(?:""")?'
    r"|'''(?:[^'\\]+|\\.|'(?!''))*+(?:''')?)"
)
_DOUBLE: Final = r'"(?:[^"\\\n]+|\\.)*+"?'
_SINGLE: Final = r"'(?:[^'\\\n]+|\\.)*+'?"
_SIGN: Final = r"'(?:\\[^'\n]{1,10}|[^'\\\n])'"  # one character, so that a lifetime or a quote of Lisp is none
_BACKTICK: Final = r"`(?:[^`\\]+|\\.)*+`?"
_SLASHES: Final = r"//[^\n]*+"
_STARS: Final = r"/\*(?:[^*]+|\*(?!/))*+(?:\*/)?"
_HASH: Final = r"(?<![^\s;(){}\[\],])#(?!\{)[^\n]*+"
_DASHES: Final = r"--[^\n]*+"
_LONG_DASHES: Final = r"--\[\[(?:[^\]]+|\](?!\]))*+(?:\]\])?"
_LONG_BRACKETS: Final = r"\[\[(?:[^\]]+|\](?!\]))*+(?:\]\])?"


def _family(comments: tuple[str, ...], strings: tuple[str, ...], *, triple: bool = False) -> re.Pattern[str]:
    parts = [f"(?P<comment>{'|'.join(comments)})", _TRIPLE if triple else "(?P<text>(?!))"]
    return re.compile("|".join([*parts, f"(?P<string>{'|'.join(strings)})"]), re.DOTALL)


_PYTHON: Final = _family((_HASH,), (_DOUBLE, _SINGLE), triple=True)
_HASHES: Final = _family((_HASH,), (_DOUBLE, _SINGLE))
_SCRIPTS: Final = _family((_SLASHES, _STARS), (_DOUBLE, _SINGLE, _BACKTICK), triple=True)
_SIGNS: Final = _family((_SLASHES, _STARS), (_DOUBLE, _SIGN, _BACKTICK), triple=True)
_PHP: Final = _family((_SLASHES, _STARS, _HASH), (_DOUBLE, _SINGLE))
_SQL: Final = _family((_DASHES, _STARS), (_DOUBLE, _SINGLE))
_LUA: Final = _family((_LONG_DASHES, _DASHES), (_DOUBLE, _SINGLE, _LONG_BRACKETS))
_CSS: Final = _family((_STARS,), (_DOUBLE, _SINGLE))

_FAMILIES: Final = {
    **dict.fromkeys(("py", "pyi"), _PYTHON),
    **dict.fromkeys(("rb", "sh", "bash", "zsh", "ps1", "r", "pl", "pm"), _HASHES),
    **dict.fromkeys(("js", "mjs", "cjs", "jsx", "ts", "tsx", "groovy", "gradle", "dart"), _SCRIPTS),
    **dict.fromkeys(("php",), _PHP),
    **dict.fromkeys(("sql",), _SQL),
    **dict.fromkeys(("lua",), _LUA),
    **dict.fromkeys(("css",), _CSS),
    **dict.fromkeys(("scss", "less"), _SCRIPTS),
}


def stretches(text: str, extension: str) -> Iterator[Found]:
    """All of ``text``, stretch by stretch."""
    at = 0
    for match in _FAMILIES.get(extension, _SIGNS).finditer(text):
        if match.start() > at:
            yield Found(Stretch.STATEMENT, at, match.start())
        yield Found(Stretch(match.lastgroup), match.start(), match.end())
        at = match.end()
    if at < len(text):
        yield Found(Stretch.STATEMENT, at, len(text))
