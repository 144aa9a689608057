"""One typed row for each file of a batch: what ``data/records.jsonl`` holds, and the check that reads it back.

A row says only what was redacted, signed or decided: task text and file name from the redacted copies, digests and
kinds from the signed record, counts from the run. Contributor and task ids are those of this batch alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db.models import Count

from intake.errors import GateClosedError
from intake.export import bag, taxonomy
from intake.export.eligibility import approvals, signed_artifact
from intake.filetypes import ACCEPTED
from intake.models import Batch, BatchItem, Revision
from intake.models.submission import Role
from redaction.models import RecordedFinding

EXTENSIONS = {kind.media_type: kind.extensions[0].removeprefix(".") for kind in ACCEPTED}
GROUP = 500  # items whose facts are read with one query each

ReadText = Callable[[Revision], str]


@dataclass(frozen=True)
class Row:
    """One line of ``records.jsonl``. None means: not known, or not in the closed list."""

    artifact_id: str
    task_id: str
    role: str
    media_type: str
    kind: str
    sector: str | None
    occupation: str | None
    task_prompt: str
    file_name: str
    sha256: str
    bytes: int
    path: str
    purposes: list[str]
    provenance_class: str
    rights_basis: str
    consent_record_id: str
    consent_valid_until: str
    contributor: str
    redaction_counts: list[dict[str, Any]]
    review_stages: list[str]
    evaluation_only: bool


def line(row: Row) -> bytes:
    """A row as it stands in the file: canonical JSON (RFC 8785) and a line feed."""
    return bag.canonical(asdict(row)) + b"\n"


def path_of(revision: Revision) -> str:
    """Where a redacted file lies in its bag.

    Raises GateClosedError(``type``): the type is not one that intake accepts.
    """
    if revision.media_type not in EXTENSIONS:
        raise GateClosedError("type", "A file is of a type that cannot be exported.")
    return bag.file_path(revision.artifact_id, EXTENSIONS[revision.media_type])


def rows(batch: Batch, read_text: ReadText) -> Iterator[Row]:
    """The rows of a batch, task by task. ``read_text`` gives the sealed text of a task request."""
    items = (
        BatchItem.objects.filter(batch=batch)
        .select_related("revision__run", "artifact", "submission__programme", "submission__consent_record")
        .prefetch_related("submission__review_tasks__decisions")
        .order_by("task_id", "artifact_id")
    )
    for _, group in groupby(items.iterator(chunk_size=GROUP), key=lambda item: item.task_id):
        task = list(group)
        prompt = "".join(read_text(item.revision) for item in task if item.artifact.role == Role.REQUEST)
        counts = _counts(task)
        for item in task:
            yield _row(batch, item, prompt, counts.get(item.artifact_id, {}))


def _counts(task: list[BatchItem]) -> dict[Any, dict[str, int]]:
    """Artifact id → entity type → replaced mentions, for the files of one task."""
    found = RecordedFinding.objects.filter(
        run_id__in={item.revision.run_id for item in task}, source_id__in=[item.artifact_id for item in task]
    )
    counts: dict[Any, dict[str, int]] = {}
    current = {(item.revision.run_id, item.artifact_id) for item in task}
    for total in found.values("run_id", "source_id", "entity_type").annotate(mentions=Count("id")):
        if (total["run_id"], total["source_id"]) in current:
            counts.setdefault(total["source_id"], {})[total["entity_type"]] = total["mentions"]
    return counts


def _row(batch: Batch, item: BatchItem, prompt: str, counts: dict[str, int]) -> Row:
    submission, revision, record = item.submission, item.revision, item.submission.consent_record
    signed = signed_artifact(record, item.artifact_id) if record else None
    if record is None or signed is None or record.valid_until is None:
        raise GateClosedError("digest_mismatch", "The signed record does not name this file.")
    return Row(
        artifact_id=str(item.artifact_id),
        task_id=str(item.task_id),
        role=item.artifact.role,
        media_type=revision.media_type,
        kind=signed["kind"],
        sector=taxonomy.sector(submission.sector),
        occupation=taxonomy.occupation(submission.occupation),
        task_prompt=prompt,
        file_name=revision.name,
        sha256=item.sha256,
        bytes=revision.size,
        path=path_of(revision),
        purposes=[batch.purpose],
        provenance_class=submission.provenance_class,
        rights_basis=item.artifact.rights_basis,
        consent_record_id=str(record.pk),
        consent_valid_until=f"{record.valid_until:%Y-%m-%dT%H:%M:%SZ}",
        contributor=item.pseudonym,
        # A list, not an object: every row then has the same columns, whatever was found in it.
        redaction_counts=[{"entity_type": name, "count": count} for name, count in sorted(counts.items())],
        review_stages=_stages(item),
        evaluation_only=batch.purpose == "evaluation",
    )


def _stages(item: BatchItem) -> list[str]:
    """Stages that approved these bytes, in the programme's order."""
    approved = {stage for stage, _ in approvals(item.submission, item.artifact_id, item.sha256)}
    return [stage["name"] for stage in item.submission.programme.review_stages if stage["name"] in approved]


# ── reading back ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class RowProblem:
    """What does not fit between the rows, the files and the batch. ``path`` is the file to look at."""

    code: str
    path: str
    sentence: str


def check_rows(
    root: Path, batch: Mapping[str, Any], files: Mapping[str, tuple[str, int]]
) -> tuple[int, list[RowProblem]]:
    """Compare ``records.jsonl`` with the files beside it: one row each, saying what is true of it.

    Args:
        root: the bag. batch: its ``batch.json``. files: path → (SHA-256, size) of every file under ``data/files/``.
    Returns: how many rows there were, and the problems found.
    """
    problems: list[RowProblem] = []
    seen: set[str] = set()
    tasks: set[str] = set()
    for number, text in enumerate(_lines(root / bag.RECORDS), start=1):
        row = _parse(text)
        if row is None:
            problems.append(RowProblem("row_mismatch", bag.RECORDS, f"Line {number} is not a row in canonical form."))
            continue
        if row["path"] in seen:
            problems.append(RowProblem("row_duplicate", row["path"], f"Line {number} describes a file a second time."))
        seen.add(row["path"])
        tasks.add(row["task_id"])
        if wrong := _wrong(row, batch, files):
            problems.append(
                RowProblem("row_mismatch", row["path"], f"Line {number}: {wrong} is not what the file says.")
            )
    missing = sorted(set(files) - seen)
    problems += [RowProblem("row_missing", path, "No row describes this file.") for path in missing]
    if not problems and len(tasks) != batch["counts"]["submissions"]:
        problems.append(RowProblem("batch_counts", bag.BATCH, "The number of submissions is not that of the rows."))
    return len(seen), problems


def _lines(path: Path) -> Iterator[bytes]:
    if path.is_symlink() or not path.is_file():
        return
    with path.open("rb") as file:
        yield from file


def _parse(text: bytes) -> dict[str, Any] | None:
    """A row, if the line is the canonical form of one with exactly our fields and their types."""
    try:
        row = json.loads(text)
        if not isinstance(row, dict) or bag.canonical(row) + b"\n" != text:
            return None
    except (ValueError, RecursionError):
        return None
    if set(row) != {field.name for field in fields(Row)}:
        return None
    return row if all(isinstance(row[name], str) for name in ("path", "task_id", "sha256", "artifact_id")) else None


def _wrong(row: dict[str, Any], batch: Mapping[str, Any], files: Mapping[str, tuple[str, int]]) -> str | None:
    """The name of the first field that does not fit."""
    path = row["path"]
    if path not in files or row["artifact_id"] != path.rpartition("/")[2].partition(".")[0]:
        return "path"
    if row["sha256"] != files[path][0]:
        return "sha256"
    if row["bytes"] != files[path][1]:
        return "bytes"
    if row["purposes"] != [batch["purpose"]]:
        return "purposes"
    if EXTENSIONS.get(row["media_type"]) != path.rpartition(".")[2]:
        return "media_type"
    return None
