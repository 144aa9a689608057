"""What a bag says about itself: ``batch.json`` for programs and ``README.md`` for people, from the same facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from intake.export import bag

SCHEMA_VERSION = "vouchsafe-batch/1"
DUTY_DAYS = 14
NOUNS = ("task", "file", "byte")  # in the order of BatchFacts.counts

PURPOSES = {
    "evaluation": "measuring what an AI system can do (evaluation)",
    "fine_tuning": "fine-tuning an AI system",
    "training": "training an AI system",
}


@dataclass(frozen=True)
class BatchFacts:
    """Everything a bag says about its batch. Times are UTC, to the second; people are pseudonyms."""

    batch_id: str
    number: str
    programme: Mapping[str, str]
    recipient: Mapping[str, str]
    purpose: str
    frozen_at: str
    built_by: str
    approved_by: str
    submissions: int
    artifacts: int
    size: int
    policies: list[dict[str, str]]
    trust: str
    software: Mapping[str, str]

    @property
    def counts(self) -> dict[str, int]:
        return {"submissions": self.submissions, "artifacts": self.artifacts, "bytes": self.size}


def batch_json(facts: BatchFacts, *, manifest_sha256: str, files: Mapping[str, str]) -> bytes:
    """The signed description. ``files``: digests of what no other signature covers (card, rows, keyset, bag files)."""
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "batch_id": facts.batch_id,
        "number": facts.number,
        "programme": dict(facts.programme),
        "recipient": dict(facts.recipient),
        "purpose": facts.purpose,
        "profile": "records",
        "layout": "files",
        "frozen_at": facts.frozen_at,
        "built_by": facts.built_by,
        "approved_by": facts.approved_by,
        "counts": facts.counts,
        "policies": facts.policies,
        "software": dict(facts.software),
        "manifest_sha256": manifest_sha256,
        "files": dict(files),
    }
    return bag.canonical(document)


def bag_info(facts: BatchFacts, oxum: str) -> bytes:
    return bag.bag_info(
        Bag_Software_Agent=f"vouchsafe {facts.software['vouchsafe']}",
        Bagging_Date=facts.frozen_at[:10],
        External_Identifier=facts.number,
        Internal_Sender_Identifier=facts.batch_id,
        Payload_Oxum=oxum,
    )


def readme(facts: BatchFacts) -> bytes:
    """A dataset card in Hugging Face's form, and a datasheet in the order people ask in."""
    purpose = PURPOSES.get(facts.purpose, facts.purpose)
    return CARD.format(
        facts=facts,
        purpose=purpose,
        recipient=_plain(facts.recipient["name"]),
        programme=_plain(facts.programme["title"]),
        frozen_on=facts.frozen_at[:10],
        policies=", ".join(f"`{row['policy']} {row['version']}`" for row in facts.policies),
        days=DUTY_DAYS,
        counts=", ".join(_number(*pair) for pair in zip(facts.counts.values(), NOUNS, strict=True)),
    ).encode()


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _plain(text: str) -> str:
    """A name inside Markdown and YAML: letters, digits and plain punctuation."""
    return "".join(letter if letter.isalnum() or letter in " .,&()'-" else " " for letter in text).strip()


CARD = """\
---
pretty_name: Vouchsafe batch {facts.number}
license: other
license_name: consent-bound
license_link: README.md
configs:
  - config_name: records
    data_files: data/records.jsonl
---

# Batch {facts.number}

Real work, redacted and signed for by the people who did it. Frozen on {frozen_on} for **{recipient}**, for
**{purpose}**, from the programme *{programme}*: {counts}.

## What you may do

Use these files for {purpose}, and for nothing else,
until the date in each row (`consent_valid_until`). Do not pass them on, and do not try to find out who or what a token
such as `[PERSON_1]` stands for.

A contributor may withdraw. You then get a retraction with the `artifact_id`: delete every copy of that file and of its
row, leave it out of every later run, and say so within {days} days. Filter what you load by the retractions you have:

```python
import json, pathlib

retracted = set(pathlib.Path("retracted-ids.txt").read_text().split())   # the artifact ids of your retractions
with open("data/records.jsonl", encoding="utf-8") as lines:
    rows = [json.loads(line) for line in lines]
rows = [row for row in rows if row["artifact_id"] not in retracted]
```

## What is in it

| path | content |
|---|---|
| `data/records.jsonl` | one row for each file: task, role, prompt, name, digest, path, counts of what was removed |
| `data/files/` | the redacted files, byte for byte as their contributors signed for them |
| `consent/bundles/` | for each file the signed consent, the seal and the release, checkable offline |
| `consent/notices/` | the words the contributors agreed to |
| `batch.json`, `batch.dsse.json` | what this batch is, and our signature over it and over the manifest |
| `trust/keyset.dsse.json` | the keys that sign, under the root whose fingerprint you hold |

Rows with one `task_id` belong together: a `request`, `reference` files, `deliverable` files, sometimes a `rubric`.
`contributor` and `task_id` are made for this batch alone; `artifact_id` is the same for every recipient, because
retractions need it, so two recipients who compare their batches can join files, though not people.

## How to load it

```python
from datasets import load_dataset

rows = load_dataset(".", "records", split="train")
```

## How to check it

Compare the fingerprint with the one you got by another way than this batch:

```
sha256sum -c --strict manifest-sha256.txt tagmanifest-sha256.txt
bagit.py --validate .
python -m consent verify-batch . --trust {facts.trust}
python -m consent verify data/files/<aa>/<artifact_id>.<ext> --bundle consent/bundles/<artifact_id>.json \\
    --trust {facts.trust} --purpose {facts.purpose} --recipient {facts.recipient[recipient_class]}
```

## Where it comes from

Contributors were invited to the programme, said why they may share each file, and uploaded their own work. Detectors
and the contributor marked what identifies people and organisations; each file was rebuilt without it, read again by
other readers, opened by its contributor, signed for purpose by purpose, and approved by a reviewer who is not the
contributor. Redaction policies: {policies}. One person built this batch and another approved it.

## What may still be wrong

The files are **redacted, not anonymous**. Detection misses things, and a rare mix of facts can point at a person. If
you find anything that identifies somebody, stop using the file and tell us its `artifact_id`. Tokens agree inside a
task (`[PERSON_1]` is one person throughout it) and mean nothing outside it.
"""
