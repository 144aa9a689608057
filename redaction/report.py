"""The report of a run: what was done and checked, in strings and whole numbers, without found text or input names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any, Final

from redaction import tokens, weights
from redaction.detection import models
from redaction.entities import RedactedFile, Tier
from redaction.policy import Policy
from redaction.risk import risks

SCHEMA: Final = "vouchsafe.redaction-report/1"
_WHOLE: Final = 10_000  # a zone whose share of its page nobody measured counts as all of it
ENGINE: Final = "vouchsafe.redaction/1"
_TOOLS: Final = (
    ("presidio-analyzer", "detect"),
    ("presidio-anonymizer", "rewrite"),
    ("spacy", "detect"),
    ("phonenumbers", "detect"),
    ("detect-secrets", "detect"),
    ("lxml", "rewrite"),
    ("pikepdf", "rewrite"),
    ("pillow", "rewrite"),
    ("rapidocr", "rewrite"),
    ("zxing-cpp", "rewrite"),
    ("openpyxl", "verify"),
    ("pypdf", "verify"),
    ("pypdfium2", "verify"),
    ("python-docx", "verify"),
    ("python-pptx", "verify"),
    ("mail-parser", "verify"),
    ("selectolax", "verify"),
)


def report(files: Sequence[RedactedFile], policy: Policy, verdict: str, deny_terms: int) -> dict[str, Any]:
    """The report, in the shape of ``report.schema.json``."""
    index = {file.ref: number for number, file in enumerate(files, 1)}
    return {
        "schema": SCHEMA,
        "engine": ENGINE,
        "policy": {"name": policy.name, "version": policy.version, "sha256": policy.sha256},
        "mode": policy.mode,
        "tools": _tools(policy),
        "deny_terms": deny_terms,
        "verdict": verdict,
        "files": [_file(number, file, index) for number, file in enumerate(files, 1)],
        "people": [
            {"token": one.token, "mentions": one.mentions, "left": dict(sorted(one.left.items()))}
            for one in risks(file.blocks for file in files)
        ],
    }


def _tools(policy: Policy) -> list[dict[str, str]]:
    listed = [{"name": name, "version": metadata.version(name), "role": role} for name, role in _TOOLS]
    return [
        *listed,
        *(
            {"name": model.name, "version": f"{model.version}+{model.digest}".rstrip("+"), "role": "detect"}
            for model in weights.known(models(policy))
        ),
    ]


def _file(number: int, file: RedactedFile, index: Mapping[str, int]) -> dict[str, Any]:
    left = file.data is not None
    counts = Counter(finding.entity_type for finding in file.findings)
    return {
        "index": number,
        "parent": index.get(file.parent or "", 0),
        "name_out": file.name_out if left else "",
        "media_type_in": file.media_type_in,
        "media_type_out": file.media_type_out if left else "",
        "sha256_out": file.sha256,
        "bytes_out": len(file.data or b""),
        "tier": (file.tier if left else Tier.C).value,
        "verdict": file.verdict.value,
        "reasons": list(file.reasons),
        "carriers": [_carrier(name, file.carriers[name]) for name in sorted(file.carriers)],
        "entities": {kind: counts[kind] for kind in sorted(counts) if kind not in tokens.SECRETS},
        "secrets": {kind: counts[kind] for kind in sorted(counts) if kind in tokens.SECRETS},
        "checks": dict(sorted(file.checks.items())),
        "fidelity_bp": file.fidelity_bp,
        "opaque": [
            {"zone": ack.zone, "area_bp": file.areas.get(ack.zone, _WHOLE)}
            for ack in file.acks
            if ack.kind == "opaque-zone"
        ],
        "unknown_parts": int("not-allowed-part" in file.reasons),
        "acks": [{"kind": ack.kind, "zone": ack.zone, "role": ack.role} for ack in file.acks],
    }


def _carrier(name: str, counts: Mapping[str, int]) -> dict[str, Any]:
    done = {what: counts.get(what, 0) for what in ("rewritten", "dropped", "kept")}
    return {"id": name, "seen": sum(done.values()), **done}
