"""Puts texts together from pieces and notes where each identifier lands: spans are recorded, never searched."""

from __future__ import annotations

import string
from collections.abc import Mapping

from tests.corpus.cast import Mention
from tests.corpus.sample import Planted, SampleText

_FORMATTER = string.Formatter()


class Script:
    """The texts of one file. Names in a template are those of the cast: ``"Dear {boss.given}, …"``."""

    def __init__(self, cast: Mapping[str, object]) -> None:
        self._cast = cast
        self.planted: list[Planted] = []

    def __call__(self, template: str, where: str) -> str:
        """Return the text of one place, with its identifiers noted."""
        text = ""
        for literal, field, _, _ in _FORMATTER.parse(template):
            text += literal
            if field is None:
                continue
            piece, _ = _FORMATTER.get_field(field, (), self._cast)
            start = len(text)
            text += str(piece)
            if isinstance(piece, Mention):
                self.planted.append(Planted(piece.value, piece.entity_type, where, start, len(text), piece.group))
        return text

    def sample_text(self, template: str, ordinary: tuple[str, ...]) -> SampleText:
        text = self(template, "text")
        return SampleText(text, tuple(self.planted), ordinary)
