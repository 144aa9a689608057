"""``python -m redaction bench``: how fast detection is beside Presidio as it comes, and whether it grows in line.

Seconds of one machine mean little. So everything that is judged is a ratio of two things measured in the same run, by
turns, after a warm-up, each counting with its median of at least three rounds; the best round is printed beside it.
When the rounds of one thing differ by more than a fifth the machine was busy: the result says so and gives no verdict.

Parts: ``throughput`` (against ``AnalyzerEngine.analyze`` document by document with the same model, and stage by stage;
with two processes also against Presidio's ``BatchAnalyzerEngine``), ``growth`` (1,000 to 5,000,000 characters),
``patterns`` (every recognizer on strings made to be slow), ``memory``, ``identity`` (which way the model computes here)
and ``propagation`` (10,000 names over a million characters). Texts are invented mails, or the texts of ``--gold``, a
file with one JSON object a line. No network and no database; nothing that was found is printed.

Exit status: 0; 1 a ``--min`` was missed, 2 usage, 4 detection was incomplete. A ``--min`` that a busy machine missed
is no miss.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

from redaction import bench_parts, letters, policy
from redaction.errors import DetectionIncompleteError

OK: Final = 0
MISSED: Final = 1
USAGE: Final = 2
INCOMPLETE: Final = 4
SCHEMA: Final = 1
_SEED: Final = 7_301
_CHARACTERS: Final = 200_000
PARTS: Final[Mapping[str, Callable[[bench_parts.Task], dict[str, Any]]]] = {
    "throughput": bench_parts.throughput,
    "growth": bench_parts.growth,
    "patterns": bench_parts.patterns,
    "memory": bench_parts.memory,
    "identity": bench_parts.identity,
    "propagation": bench_parts.propagation,
}


def main(arguments: Sequence[str] | None = None, stdout: TextIO | None = None) -> int:
    """Run the command; the exit status is returned."""
    out = stdout or sys.stdout
    options = _parser().parse_args(arguments)
    try:
        documents = _texts(options.gold) if options.gold else letters.documents(options.chars, _SEED)
        floors = dict(map(_floor, options.min))
    except (OSError, ValueError) as error:
        # Neither the path nor the line: only what kind of thing is wrong with it.
        reason = str(error) if type(error) is ValueError else type(error).__name__
        return _usage(reason)
    task = bench_parts.Task(documents, options.processes, options.rounds, options.profile)
    try:
        result = _run(task, options.only or list(PARTS))
    except DetectionIncompleteError as error:
        sys.stderr.write(f"python -m redaction bench: {error}\n")
        return INCOMPLETE
    missed = sorted(key for key, floor in floors.items() if not _reaches(result, key, floor))
    unknown = sorted(key for key in floors if _figure(result, key) is None)
    result["missed"] = missed
    result["verdict"] = _verdict(result, missed)
    out.write((json.dumps(result, indent=2) if options.json else _table(result)) + "\n")
    if unknown:
        return _usage(f"no figure {', '.join(unknown)}")
    return MISSED if result["verdict"] == "missed" else OK


def _usage(reason: str) -> int:
    sys.stderr.write(f"python -m redaction bench: {reason}\n")
    return USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m redaction bench", description="Measure the speed of detection.")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument("--profile", choices=policy.PROFILES, default="fast", help="what is searched with")
    parser.add_argument("--processes", type=_numbers, default=[1], metavar="N,…", help="worker processes, e.g. 1,2")
    parser.add_argument("--chars", type=_count, default=_CHARACTERS, metavar="N", help="characters of invented mails")
    parser.add_argument("--gold", type=Path, metavar="FILE", help="texts to use instead: JSON lines with a key text")
    parser.add_argument("--only", action="append", choices=tuple(PARTS), metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--rounds", type=_rounds, default=3, help="of each measurement, at least 3")
    parser.add_argument("--min", action="append", default=[], metavar="KEY=VALUE", help="e.g. throughput.ratio_1=3.5")
    return parser


def _numbers(text: str) -> list[int]:
    numbers = [int(number) for number in text.split(",")]
    if not all(1 <= number <= 64 for number in numbers):
        raise ValueError
    return numbers


def _count(text: str) -> int:
    if not 1_000 <= int(text) <= 50_000_000:
        raise ValueError
    return int(text)


def _rounds(text: str) -> int:
    if not 3 <= int(text) <= 100:
        raise ValueError
    return int(text)


def _floor(text: str) -> tuple[str, float]:
    key, equals, value = text.partition("=")
    if not equals:
        raise ValueError("--min wants KEY=VALUE")
    try:
        return key, float(value)
    except ValueError:
        raise ValueError("--min wants a number") from None


def _texts(path: Path) -> list[str]:
    texts = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                text = json.loads(line)["text"]
            except (ValueError, KeyError, TypeError):
                raise ValueError(f"line {number} is no JSON object with a text") from None
            if not isinstance(text, str):
                raise ValueError(f"line {number} is no JSON object with a text")
            texts.append(text)
    if not any(text.strip() for text in texts):
        raise ValueError("the file holds no text")
    return texts


def _run(task: bench_parts.Task, parts: Sequence[str]) -> dict[str, Any]:
    before = os.getloadavg()
    measured = {part: PARTS[part](task) for part in PARTS if part in parts}
    return {
        "schema": SCHEMA,
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "load_before": list(before),
            "load_after": list(os.getloadavg()),
            "python": platform.python_version(),
            "threads": {name: os.environ.get(name, "") for name in bench_parts.THREADS},
        },
        "profile": task.profile,
        "texts": {"documents": len(task.documents), "characters": task.characters},
        "parts": measured,
        "noisy": any(part.get("noisy", False) for part in measured.values()),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _figure(result: Mapping[str, Any], key: str) -> float | None:
    value: Any = result["parts"]
    for name in key.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, (int, float)) else None


def _reaches(result: Mapping[str, Any], key: str, floor: float) -> bool:
    figure = _figure(result, key)
    return figure is not None and figure >= floor


def _verdict(result: Mapping[str, Any], missed: Sequence[str]) -> str:
    if result["noisy"]:
        return "none: the machine was busy"
    return "missed" if missed else "ok"


def _table(result: Mapping[str, Any]) -> str:
    machine = result["machine"]
    load = f"{machine['load_before'][0]:.1f} to {machine['load_after'][0]:.1f}"
    lines = [f"{machine['processor']}, {machine['cores']} cores, load {load}; profile {result['profile']}"]
    for part, figures in result["parts"].items():
        lines += [f"{part}.{name:<44} {_shown(value):>14}" for name, value in _flat(figures)]
    return "\n".join([*lines, *(f"missed: {key}" for key in result["missed"]), f"verdict: {result['verdict']}"])


def _flat(figures: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for name, value in figures.items():
        flat += _flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else [(prefix + name, value)]
    return flat


def _shown(value: object) -> str:
    return f"{value:,.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
