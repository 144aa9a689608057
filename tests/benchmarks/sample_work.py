"""``make bench``: how long the redaction of each sample submission takes, and how much memory.

Rounds alternate over the submissions; the median of each is printed. Times of one machine mean little: compare the rows
of one run.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import time
from typing import Any

from redaction import engine, policy, zygote
from redaction.entities import SourceFile
from tests.corpus import SampleSubmission, samples


def sources(sample: SampleSubmission) -> list[SourceFile]:
    files = [SourceFile(file.name, file.name, file.data) for file in sample.files]
    return [*files, SourceFile("request", "task-request.md", sample.task_request.text.encode())]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rules, work = policy.load("standard"), samples()
    by_title = {sample.title: sample for sample in work}
    engine.warm()
    zygote.Zygote.walled_off = False  # the kernel does not count what ends inside bubblewrap
    seconds: dict[str, list[float]] = {sample.title: [] for sample in work}
    characters: dict[str, int] = {}
    for _ in range(asked.rounds):
        for sample in work:
            begun = time.perf_counter()
            result = engine.redact(sources(sample), rules)
            seconds[sample.title].append(time.perf_counter() - begun)
            characters[sample.title] = sum(len(block.text) for file in result.files for block in file.blocks)
    rows: list[dict[str, Any]] = [
        {
            "submission": title,
            "files": len(sample.files) + 1,
            "characters": characters[title],
            "median_seconds": round(statistics.median(seconds[title]), 2),
        }
        for title, sample in by_title.items()
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    zygote.stop_idle()  # only ended processes count
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    if asked.json:
        sys.stdout.write(json.dumps({"rows": rows, "peak_mib": peak, "peak_cage_mib": child}, indent=1) + "\n")
        return 0
    for row in rows:
        sys.stdout.write(
            "{median_seconds:7.2f} s  {files:2} files  {characters:6} characters  {submission}\n".format(**row)
        )
    sys.stdout.write(f"peak memory: {peak} MiB with the model, {child} MiB in the cage\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
