"""Bundles in a folder with an ``index.json`` that says how to verify each: the form in which vectors are published."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from consent import bundle
from consent.__main__ import refusal_of, report_of
from consent.errors import VerificationError
from consent.record import canonical, to_moment, to_text
from tests.consent.making import Made, build

PUBLISHED = Path(__file__).resolve().parents[2] / "docs/consent-bundle/vectors"

Entry = dict[str, Any]
Answer = dict[str, Any]


@dataclass
class Folder:
    """A folder of vectors that is being written."""

    path: Path
    entries: list[Entry] = field(default_factory=list)

    def add(self, name: str, data: bytes, parts: Made, **changes: Any) -> Entry:
        """Write one bundle, to be verified as ``parts`` say; ``changes`` replace members of its entry."""
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_bytes(data)
        entry = {
            "bundle": name,
            "file_sha256": parts.file_sha256,
            "trust": parts.trust,
            "now": to_text(parts.now),
            "purpose": parts.asked.get("purpose"),
            "recipient": parts.asked.get("recipient"),
            "retractions": None if parts.retractions is None else canonical(parts.retractions).decode(),
        } | changes
        self.entries.append(entry)
        return entry

    def build(self, name: str, parts: Made, **changes: Any) -> Entry:
        return self.add(name, build(parts), parts, **changes)

    def write(self) -> None:
        (self.path / "index.json").write_text(json.dumps(self.entries, indent=2) + "\n", encoding="utf-8")


def read(folder: Path) -> list[Entry]:
    return list(json.loads((folder / "index.json").read_text(encoding="utf-8")))


def answer(folder: Path, entry: Entry) -> Answer:
    """What ``python -m consent verify --json`` says of it."""
    retractions = entry["retractions"]
    try:
        verified = bundle.verify(
            entry["file_sha256"],
            (folder / entry["bundle"]).read_bytes(),
            trust=entry["trust"],
            purpose=entry["purpose"],
            recipient=entry["recipient"],
            retractions=None if retractions is None else retractions.encode(),
            now=to_moment(entry["now"]),
        )
    except VerificationError as error:
        return refusal_of(error, entry["file_sha256"])
    return report_of(verified)
