"""``python -m tests.corpus.losses --part dev --seed 1 --mentions 2000``: the table of losses under imperceptible edits.

Exit status: 0, 1 a loss is above ``--most``.
"""

from __future__ import annotations

import argparse

from redaction import policy
from tests.corpus.evasion import KINDS
from tests.corpus.gold import PARTS
from tests.corpus.losses import EDITS, enough, losses


def main() -> int:
    """Print the table of losses; the exit status is returned."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.losses", description="Measure detection on edits.")
    parser.add_argument("--part", choices=PARTS, default="dev")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mentions", type=int, default=2000, help="at least so many mentions (default: 2000)")
    parser.add_argument("--kind", choices=KINDS, action="append", help="this class alone; may be given again")
    parser.add_argument("--edits", type=int, action="append", help="so many edits alone; may be given again")
    parser.add_argument("--policy", default="standard", help=f"one of: {', '.join(policy.names())}")
    parser.add_argument("--most", type=float, default=1.0, help="points that may be lost (default: 1.0)")
    options = parser.parse_args()
    texts = enough(options.part, options.seed, options.mentions)
    worst = -100.0
    print(f"{options.part} {options.seed}: {len(texts)} documents, {sum(len(one.spans) for one in texts)} mentions")
    print(f"{'class':<12}{'edits':>6}{'clean':>9}{'edited':>9}{'points':>9}")
    for loss in losses(texts, policy.load(options.policy), options.kind or KINDS, options.edits or EDITS):
        clean, edited = loss.clean / loss.mentions, loss.masked / loss.mentions
        print(f"{loss.kind:<12}{loss.edits:>6}{clean:>9.2%}{edited:>9.2%}{loss.points:>9.2f}", flush=True)
        worst = max(worst, loss.points)
    return int(worst > options.most)


if __name__ == "__main__":
    raise SystemExit(main())
