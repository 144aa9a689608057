"""The same input gives the same bytes, and a copy that is redacted again stays as it is: one file of every kind."""

from __future__ import annotations

import io
import math

import pytest
from PIL import Image, ImageChops, ImageStat

from redaction import engine, policy
from redaction.entities import DenyTerm, RedactedFile, SourceFile
from tests.corpus.hostile import Case
from tests.redaction.test_hostile import one_case_per_type, redacted

CASES = one_case_per_type()
# A page is drawn anew, with fonts cut to its letters: its text is the same, its bytes need not be.
ONLY_TEXT = frozenset({"pdf"})
_DECIBELS = 40.0


def again(case: Case, first: RedactedFile) -> RedactedFile:
    terms = [DenyTerm(case.needle, "PERSON")]
    source = SourceFile("a", first.name_out, first.data or b"")
    return engine.redact([source], policy.load(case.policy), deny=terms).files[0]


@pytest.mark.parametrize("extension", sorted(CASES))
def test_the_same_input_gives_the_same_bytes(extension: str) -> None:
    first, second = redacted(CASES[extension]), redacted(CASES[extension])
    assert first.data is not None
    assert (first.sha256, first.name_out) == (second.sha256, second.name_out)


@pytest.mark.parametrize("extension", sorted(CASES))
def test_a_second_run_changes_nothing(extension: str) -> None:
    first = redacted(CASES[extension])
    second = again(CASES[extension], first)
    assert second.data is not None, second.reasons
    assert second.findings == ()
    if first.media_type_out == "image/jpeg":
        assert decibels(first.data or b"", second.data) >= _DECIBELS
    elif extension in ONLY_TEXT:
        assert [block.text for block in second.blocks] == [block.text for block in first.blocks]
    else:
        assert second.data == first.data


def decibels(one: bytes, other: bytes) -> float:
    """The ratio of signal to noise between two pictures of one size."""
    with Image.open(io.BytesIO(one)) as first, Image.open(io.BytesIO(other)) as second:
        noise = ImageStat.Stat(ImageChops.difference(first.convert("RGB"), second.convert("RGB"))).rms
    worst = max(noise)
    return float("inf") if worst == 0 else 20 * math.log10(255 / worst)
