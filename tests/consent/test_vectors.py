"""The checked-in bundles keep their verdict for ever; ``write_bundles`` made them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from consent import bundle
from consent.errors import VerificationError
from consent.record import to_moment

FOLDER = Path(__file__).parent / "bundles"
INDEX = {entry["bundle"]: entry for entry in json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))}


def verdict(entry: dict[str, Any]) -> str | None:
    """The code of the refusal, None for a good bundle."""
    retractions = entry["retractions"]
    try:
        bundle.verify(
            entry["file_sha256"],
            (FOLDER / entry["bundle"]).read_bytes(),
            trust=entry["trust"],
            purpose=entry["purpose"],
            recipient=entry["recipient"],
            retractions=None if retractions is None else retractions.encode(),
            now=to_moment(entry["now"]),
        )
    except VerificationError as error:
        return error.code
    return None


@pytest.mark.parametrize("name", INDEX)
def test_a_bundle_keeps_its_verdict(name: str) -> None:
    assert verdict(INDEX[name]) == INDEX[name]["code"]


def test_the_index_names_every_bundle() -> None:
    here = {str(path.relative_to(FOLDER)) for path in FOLDER.glob("*/*.json")}

    assert here == set(INDEX)
    assert all((entry["code"] is None) == name.startswith("valid/") for name, entry in INDEX.items())
