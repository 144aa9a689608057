"""How the time of a piece of work grows with its size, for tests that must hold on a busy machine.

A limit in seconds says more about the machine than about the code. A ratio of two sizes taken in one run tells linear
growth (n times the size takes n times as long) from quadratic growth (n² times).
"""

from __future__ import annotations

import time
from collections.abc import Callable

TRIES = 5


def grows_linearly(work: Callable[[int], object], small: int, large: int, *, slack: float = 3.0) -> bool:
    """Whether ``work(large)`` takes at most ``slack`` × ``large / small`` the processor time of ``work(small)``.

    Each size counts with its fastest run. A ratio that is too high is measured again, up to ``TRIES`` times, since a
    neighbour on the machine can only make a run slower. Quadratic work is ``large / small`` times too slow: choose
    sizes whose ratio is well above ``slack``.
    """
    allowed = slack * large / small
    fastest = {small: float("inf"), large: float("inf")}
    for _ in range(TRIES):
        for size in fastest:
            fastest[size] = min(fastest[size], _seconds(work, size))
        if fastest[large] <= allowed * max(fastest[small], 5e-4):
            return True
    return False


def _seconds(work: Callable[[int], object], size: int) -> float:
    started = time.process_time()
    work(size)
    return time.process_time() - started
