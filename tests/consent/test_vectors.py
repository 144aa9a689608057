"""The published bundles keep their verdict for ever; ``write_bundles`` made them."""

from __future__ import annotations

import pytest

from tests.consent import vectors
from tests.consent.vectors import PUBLISHED

INDEX = {entry["bundle"]: entry for entry in vectors.read(PUBLISHED)}


@pytest.mark.parametrize("name", INDEX)
def test_a_bundle_keeps_its_verdict(name: str) -> None:
    assert vectors.answer(PUBLISHED, INDEX[name])["code"] == INDEX[name]["code"]


def test_the_index_names_every_bundle() -> None:
    here = {str(path.relative_to(PUBLISHED)) for path in PUBLISHED.glob("*/*.json")}

    assert here == set(INDEX)
    assert all((entry["code"] is None) == name.startswith("valid/") for name, entry in INDEX.items())
