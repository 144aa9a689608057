"""Proof that all text was searched: every character in a piece, and every piece through every source, by counting.

Libraries skip what they cannot do and say so in a log, if at all. What counts here is not what was asked of a source,
but what it took and gave back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from redaction.chunks import Chunk
from redaction.entities import Segment
from redaction.errors import DetectionIncompleteError


class Tally:
    """How many characters each of the watched recognizers has searched to the end, since the last ``start``."""

    def __init__(self) -> None:
        self._searched: Counter[str] = Counter()
        self._watched: list[str] = []

    def watch(self, recognizers: Iterable[Any]) -> None:
        """Count what ``analyze`` of each of ``recognizers`` returns from. One that raises has searched nothing."""
        for one in recognizers:
            key = f"{one.name} {len(self._watched)}"
            self._watched.append(key)
            one.analyze = self._counted(key, one.analyze)

    def _counted(self, key: str, analyze: Callable[..., Any]) -> Callable[..., Any]:
        def counted(text: str, *given: Any, **named: Any) -> Any:
            found = analyze(text, *given, **named)
            self._searched[key] += len(text)
            return found

        return counted

    def start(self) -> None:
        """Forget what was counted before."""
        self._searched.clear()

    def check(self, characters: int) -> None:
        """Nothing is missing of ``characters`` in any watched recognizer.

        Raises:
            DetectionIncompleteError: some recognizer searched less or more than that.
        """
        if any(self._searched[key] != characters for key in self._watched):
            raise DetectionIncompleteError(detail="a recognizer was not given all text")


def check_pieces(segments: Sequence[Segment], pieces: Sequence[Chunk]) -> None:
    """Every character of every segment that is not blank stands, as it is, in one piece at least.

    Raises:
        DetectionIncompleteError: some does not, so nobody would search it.
    """
    read = [0] * len(segments)
    for piece in pieces:
        for part in piece.parts:
            text = segments[part.index].text
            there = piece.text[part.at : part.at + part.length]
            if part.offset > read[part.index] or there != text[part.offset : part.offset + part.length]:
                raise DetectionIncompleteError(detail="a piece does not hold the text that it stands for")
            read[part.index] = max(read[part.index], part.offset + part.length)
    if any(end < len(segment.text) for end, segment in zip(read, segments, strict=True) if segment.text.strip()):
        raise DetectionIncompleteError(detail="some text is in no piece")
