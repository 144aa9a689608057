"""``make compare CORPUS=…``: the same files through this engine and through other tools, leaks side by side.

Every document gets one distinctive word of its own (as in ``tests.wild``); each tool is told to remove it. Readers that
neither side uses for writing then look for it in what came out. The other tools live in an environment of their own,
which ``make compare`` makes; they are no dependency of anything here.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests import oracles
from tests.wild import words
from tests.wild.run import examine, word_of

TOOLS = {
    "pdf": "PyMuPDF, apply_redactions and scrub",
    "docx": "python-docx walk",
    "xlsx": "openpyxl walk",
    "pptx": "python-pptx walk",
    "png": "Presidio image redactor",
    "jpg": "Presidio image redactor",
}
SECONDS = 60


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.redactors", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--python", default=".venv-compare/bin/python", help="the interpreter that has the other tools")
    parser.add_argument("--records", type=Path, help="outcomes of tests.wild over the same files, to take ours from")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        jobs = list(_jobs(options.corpus, Path(folder)))
        theirs = dict(_run(options.python, jobs))
        ours = _ours(jobs, options.records, Path(folder))
        _print(jobs, ours, theirs)
    return 0


def _jobs(corpus: Path, folder: Path) -> Iterator[dict[str, str]]:
    """One job for each document in which some reader finds a word to take away."""
    for path in sorted(corpus.rglob("*")):
        kind = path.suffix.lstrip(".").casefold()
        if kind in TOOLS and path.is_file():
            data = path.read_bytes()
            word = word_of(data, oracles.read(path.name, data))
            if word:
                yield {"source": str(path), "kind": kind, "word": word, "out": str(folder / f"their-{path.name}")}


def _run(python: str, jobs: Sequence[dict[str, str]]) -> Iterator[tuple[str, dict[str, str]]]:
    """What became of each job, by its output. A tool that hangs or takes its process with it has failed at that job."""
    left = list(jobs)
    while left:
        process = subprocess.Popen(
            [python, str(Path(__file__).with_name("rivals.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            said, _ = process.communicate("".join(json.dumps(job) + "\n" for job in left), timeout=SECONDS * len(left))
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
        answers = [json.loads(line) for line in said.splitlines()]
        yield from ((answer["out"], answer) for answer in answers)
        left = left[len(answers) :]
        if left:
            yield left[0]["out"], {"error": "died"}
            left = left[1:]


def _ours(jobs: Sequence[dict[str, str]], records: Path | None, folder: Path) -> dict[str, str]:
    """Source → ``leak``, ``held`` or ``clean``."""
    known = {}
    if records:
        known = {one["file"]: one for one in map(json.loads, records.read_text().splitlines())}
    found = {}
    for job in jobs:
        name = Path(job["source"]).name
        one = known.get(name) or vars(examine(Path(job["source"]), folder))
        found[job["source"]] = "held" if one["verdict"] == "BLOCKED" else "leak" if one["leaks"] else "clean"
    return found


def _print(jobs: Sequence[dict[str, str]], ours: dict[str, str], theirs: dict[str, dict[str, str]]) -> None:
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for job in jobs:
        row = rows[job["kind"]]
        row["files"] += 1
        row[f"ours {ours[job['source']]}"] += 1
        answer, out = theirs.get(job["out"], {"error": "died"}), Path(job["out"])
        if answer["error"] or not out.exists():
            row["their errors"] += 1
            continue
        after = oracles.read(out.name, out.read_bytes())
        row["their leak"] += any(words.holds(text, job["word"]) for text in after.values())
    sys.stdout.write("| format | files | other tool | it leaks in | it fails on | ours leaks in | ours holds |\n")
    sys.stdout.write("|---|---|---|---|---|---|---|\n")
    for kind in TOOLS:
        row = rows[kind]
        sys.stdout.write(
            f"| {kind} | {row['files']} | {TOOLS[kind]} | {row['their leak']} | {row['their errors']} "
            f"| {row['ours leak']} | {row['ours held']} |\n"
        )


if __name__ == "__main__":
    sys.exit(main())
