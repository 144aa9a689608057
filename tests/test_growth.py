"""The measure of growth itself tells linear from quadratic work."""

from __future__ import annotations

from tests.growth import grows_linearly


def test_linear_work_passes_and_quadratic_work_fails() -> None:
    assert grows_linearly(lambda size: sum(range(size)), 100_000, 800_000)
    assert not grows_linearly(lambda size: [sum(range(size)) for _ in range(size // 100)], 2_000, 16_000)
