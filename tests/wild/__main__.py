"""Run every document of a folder through the engine, in two processes, and print the tables.

With ``--records`` what was examined before is not examined again, so a long run can be made in parts.
The exit status is 1 when a word left in silence, the parent failed, or a document took too long.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.wild.run import Outcome, examine
from tests.wild.table import lines

SECONDS = 60.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is returned."""
    parser = argparse.ArgumentParser(prog="python -m tests.wild", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--kinds", nargs="*", help="only files with these extensions")
    parser.add_argument("--out", type=Path, help="where the copies go; a new temporary folder by default")
    parser.add_argument("--records", type=Path, help="a file of outcomes, a JSON object a line, read and added to")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args(arguments)
    out = options.out or Path(tempfile.mkdtemp(prefix="wild-"))
    out.mkdir(parents=True, exist_ok=True)
    paths = sorted(path for path in options.corpus.rglob("*") if path.is_file() and _wanted(path, options.kinds))
    outcomes = _known(options.records)
    paths = [path for path in paths if path.name not in {one.file for one in outcomes}]
    with ProcessPoolExecutor(options.jobs) as pool:
        jobs = [pool.submit(examine, path, out) for path in paths]
        for number, job in enumerate(as_completed(jobs), 1):
            outcomes.append(job.result())
            if options.records:
                with options.records.open("a") as stream:
                    stream.write(json.dumps(dataclasses.asdict(outcomes[-1])) + "\n")
            if number % 25 == 0:
                print(f"{number} of {len(jobs)}", file=sys.stderr)
    outcomes.sort(key=lambda one: (one.kind, one.file))
    print("\n".join(lines(outcomes, SECONDS)))
    failed = [one for one in outcomes if one.leaks or one.crash or one.seconds > SECONDS]
    for one in failed:
        print(f"{one.file}: {', '.join(one.leaks) or one.crash or f'{one.seconds:.0f} s'}", file=sys.stderr)
    return 1 if failed else 0


def _known(records: Path | None) -> list[Outcome]:
    if records is None or not records.exists():
        return []
    return [Outcome(**json.loads(line)) for line in records.read_text().splitlines()]


def _wanted(path: Path, kinds: Sequence[str] | None) -> bool:
    kind = path.suffix.lstrip(".").casefold()
    return kind in kinds if kinds else path.name not in ("MANIFEST.jsonl", "README.md")


if __name__ == "__main__":
    sys.exit(main())
