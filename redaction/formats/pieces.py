"""A segment whose text lies in several places of a file, and what is left in each place after a replacement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from redaction.entities import Plan, Replacement
from redaction.errors import RedactionError


def check(replacements: Sequence[Replacement], length: int) -> None:
    """Make sure that ``replacements`` are sorted, disjoint and inside a segment of ``length`` characters.

    Raises:
        RedactionError: they are not; writing half of a plan would leave text in that somebody wanted out.
    """
    position = 0
    for item in replacements:
        if item.start < position or item.end <= item.start or item.end > length:
            raise RedactionError("internal", "replacement outside its segment")
        position = item.end


def apply(pieces: Sequence[str], replacements: Sequence[Replacement]) -> list[str]:
    """Return the pieces after replacement: the new text goes where its first replaced character was.

    Raises:
        RedactionError: the replacements do not fit the joined text.
    """
    check(replacements, sum(len(piece) for piece in pieces))
    result: list[str] = []
    start = 0
    for piece in pieces:
        result.append(_apply_one(piece, start, replacements))
        start += len(piece)
    return result


def _apply_one(piece: str, start: int, replacements: Sequence[Replacement]) -> str:
    end = start + len(piece)
    out: list[str] = []
    position = start
    for item in replacements:
        if item.end <= start or item.start >= end:
            continue
        out.append(piece[position - start : max(item.start, start) - start])
        if item.start >= start:
            out.append(item.text)
        position = min(item.end, end)
    out.append(piece[position - start :])
    return "".join(out)


@dataclass
class Writing:
    """The plan while it is being written: every anchor must be asked for once, so nothing of it is left undone."""

    plan: Plan

    def __post_init__(self) -> None:
        self._left = {anchor for anchor, items in self.plan.replacements.items() if items}
        self.counts: dict[str, int] = {}

    def text(self, anchor: str, carrier: str, pieces: Sequence[str]) -> list[str]:
        """Return the pieces of ``anchor`` as they go into the new file."""
        replacements: Sequence[Replacement] = self.plan.replacements.get(anchor, ())
        self._left.discard(anchor)
        if replacements:
            self.counts[carrier] = self.counts.get(carrier, 0) + len(replacements)
        return apply(pieces, replacements)

    def close(self) -> None:
        """Raise when the plan names an anchor that this file does not have."""
        if self._left:
            raise RedactionError("internal", "the plan names text that is not in this file")


def carrier_counts(
    rewritten: Mapping[str, int], dropped: Mapping[str, int], kept: Mapping[str, int] | None = None
) -> dict[str, dict[str, int]]:
    """Bring the three countings together: carrier id → {"rewritten", "dropped", "kept"}."""
    kept = kept or {}
    ids = sorted({*rewritten, *dropped, *kept})
    return {
        id_: {"rewritten": rewritten.get(id_, 0), "dropped": dropped.get(id_, 0), "kept": kept.get(id_, 0)}
        for id_ in ids
    }
