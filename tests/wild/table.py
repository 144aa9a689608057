"""The outcomes as tables: rates with their Wilson intervals, what is held and why."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from statistics import mean, median

from tests.wild.run import Outcome

_Z = 1.959964  # of a 95 % interval


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % score interval of a rate (Wilson, JASA 22, 1927); (0, 1) of nothing."""
    if not total:
        return 0.0, 1.0
    rate, square = hits / total, _Z**2
    centre = (rate + square / (2 * total)) / (1 + square / total)
    half = _Z / (1 + square / total) * math.sqrt(rate * (1 - rate) / total + square / (4 * total**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def lines(outcomes: Sequence[Outcome], limit: float) -> Iterator[str]:
    """Markdown: one row a format, then the promises, then what is held by reason."""
    yield "| format | files | with a word | copies | clean | ask | held | leaks | words kept, median | longest, s |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    kinds = sorted({one.kind for one in outcomes})
    for kind in [*kinds, "all"]:
        yield _row(kind, [one for one in outcomes if kind in (one.kind, "all")])
    yield ""
    yield "| promise | reached | 95 % interval |"
    yield "|---|---|---|"
    yield from _promises(outcomes, limit)
    yield ""
    yield "| held because | files | formats |"
    yield "|---|---|---|"
    held = [one for one in outcomes if one.verdict == "BLOCKED"]
    for reason, count in Counter(reason for one in held for reason in one.reasons[:1]).most_common():
        of = Counter(one.kind for one in held if one.reasons[:1] == [reason])
        yield f"| `{reason}` | {count} | {', '.join(f'{kind} {number}' for kind, number in sorted(of.items()))} |"


def _row(kind: str, some: Sequence[Outcome]) -> str:
    copies = [one for one in some if one.verdict in ("CLEAN", "NEEDS_ACK")]
    verdicts = Counter(one.verdict for one in some)
    kept = f"{median(one.kept for one in copies):.2%}" if copies else "–"
    cells = [
        kind,
        len(some),
        sum(one.word for one in some),
        len(copies),
        verdicts["CLEAN"],
        verdicts["NEEDS_ACK"],
        verdicts["BLOCKED"],
        sum(bool(one.leaks) for one in copies),
        kept,
        f"{max((one.seconds for one in some), default=0):.1f}",
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def _promises(outcomes: Sequence[Outcome], limit: float) -> Iterator[str]:
    copies = [one for one in outcomes if one.verdict in ("CLEAN", "NEEDS_ACK")]
    searched = [one for one in copies if one.word]
    texts = [one for one in outcomes if one.kind == "pdf" and one.readable]
    readable = [one for one in copies if one.readable]
    yield _promise("copies in which a reader finds the word", searched, lambda one: bool(one.leaks))
    yield _promise("runs that failed in the parent", outcomes, lambda one: bool(one.crash))
    yield _promise(f"files that took longer than {limit:.0f} s", outcomes, lambda one: one.seconds > limit)
    yield _promise("readable PDFs whose copy has selectable text", texts, lambda one: one.selectable)
    left = [one for one in texts if one in copies]
    yield _promise("of those that have a copy at all", left, lambda one: one.selectable)
    yield _promise(
        "readable PDFs written in their own form throughout", texts, lambda one: one.selectable and one.tier == "A"
    )
    share = mean(one.kept for one in readable) if readable else 1.0
    yield f"| share of the other words that a copy keeps, mean of {len(readable)} | {share:.2%} | |"
    yield _promise("copies that keep 98 % of the other words", readable, lambda one: one.kept >= 0.98)
    yield _promise("copies that open in an outsider's reader", copies, lambda one: one.opens)


def _promise(what: str, some: Sequence[Outcome], holds: Callable[[Outcome], bool]) -> str:
    hits = sum(map(holds, some))
    low, high = wilson(hits, len(some))
    return f"| {what} | {hits} of {len(some)} | {low:.2%} – {high:.2%} |"
