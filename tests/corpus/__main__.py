"""``python -m tests.corpus DIR``: write the submissions into folders, with a list of what is planted."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

from tests.corpus import SampleSubmission, samples


def write(submission: SampleSubmission, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "task_request.txt").write_text(submission.task_request.text, encoding="utf-8")
    gold = {"task_request.txt": [dataclasses.asdict(planted) for planted in submission.task_request.planted]}
    for file in submission.files:
        (folder / file.name).write_bytes(file.data)
        gold[file.name] = [dataclasses.asdict(planted) for planted in file.planted]
    (folder / "planted.json").write_text(json.dumps(gold, indent=1, ensure_ascii=False), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description="Write the sample submissions.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=2026)
    arguments = parser.parse_args()
    for number, submission in enumerate(samples(arguments.seed), 1):
        write(submission, arguments.folder / f"submission-{number}")
        print(f"submission-{number}: {len(submission.files)} files, {len(submission.planted)} planted identifiers")


if __name__ == "__main__":
    main()
