"""The measurements of ``bench``, one function for each part. Seconds of one run, taken by turns."""

from __future__ import annotations

import redaction.offline  # noqa: F401  # before the libraries that would open a socket

# isort: split
import dataclasses
import gc
import itertools
import multiprocessing
import os
import resource
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from presidio_analyzer import BatchAnalyzerEngine

from redaction import attacks, filenames, gemm, language_model, letters, planning, policy
from redaction.analyzer import LANGUAGE, analyzer
from redaction.baseline import presidio
from redaction.chunks import chunks
from redaction.detection import detect
from redaction.entities import Extraction, Segment, SourceFile
from redaction.files import File
from redaction.formats.text import TextHandler
from redaction.limits import Limits
from redaction.matching import Matcher, Needle
from redaction.overrides import Resolved
from redaction.recognizers.table import recognizers
from redaction.treatment import Writer

THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
SPREAD: Final = 0.2
_SIZES: Final = (1_000, 10_000, 100_000, 1_000_000, 5_000_000)
_NAMES: Final = 10_000
_SEED: Final = 911


@dataclass(frozen=True)
class Task:
    """What is measured on: texts, numbers of processes, rounds, and what is searched with."""

    documents: Sequence[str]
    processes: Sequence[int]
    rounds: int
    profile: str

    @property
    def rules(self) -> policy.Policy:
        """The standard policy with that profile."""
        return dataclasses.replace(policy.load("standard"), profile=self.profile)

    @property
    def characters(self) -> int:
        return sum(map(len, self.documents))


def throughput(task: Task) -> dict[str, Any]:
    """Characters per second of both, and their ratio, for each number of processes; then the stages of ours."""
    naive, rules = presidio(), task.rules
    files = {text: extracted(text) for text in task.documents}
    analyzer()
    result: dict[str, Any] = {}
    for processes in task.processes:
        works: dict[str, Callable[[], object]] = {
            "presidio": _spread(lambda texts: [naive.analyze(text, LANGUAGE) for text in texts], task, processes),
            "ours": _spread(lambda texts: [search(files[text], rules) for text in texts], task, processes),
        }
        if processes > 1:
            batch = BatchAnalyzerEngine(naive)
            works["presidio_batch"] = lambda batch=batch, processes=processes: batch.analyze_iterator(  # type: ignore[misc]
                task.documents, LANGUAGE, batch_size=32, n_process=processes
            )
        taken = by_turns(works, task.rounds, time.perf_counter if processes > 1 else time.process_time)
        for name, seconds in taken.items():
            result[f"{name}_{processes}"] = _speeds(seconds, task.characters)
        ours = statistics.median(taken["ours"])
        result[f"ratio_{processes}"] = statistics.median(taken["presidio"]) / ours
        if processes > 1:
            result[f"batch_ratio_{processes}"] = statistics.median(taken["presidio_batch"]) / ours
        result["noisy"] = result.get("noisy", False) or any(map(_noisy, taken.values()))
    return {**result, "stages": _stages(task)}


def _stages(task: Task) -> dict[str, Any]:
    """Characters per second of ours up to each stage: model alone, with recognizers, with the partner and the
    rules of a file, all."""
    rules = task.rules
    files = list(map(extracted, task.documents))
    pieces = [chunks([Segment("l1", text, "TX")], rules.chunk_chars) for text in task.documents]
    works: dict[str, Callable[[], object]] = {
        "model": lambda: [analyzer().read([chunk.text for chunk in one]) for one in pieces],
        "analyzer": lambda: [
            analyzer().find(one, floor=rules.floor, deadline_s_per_100k=rules.deadline_s_per_100k) for one in pieces
        ],
        "detection": lambda: [detect([Segment("l1", text, "TX")], rules, rules.floor) for text in task.documents],
        "all": lambda: [search(file, rules) for file in files],
    }
    return {
        name: _speeds(taken, task.characters) for name, taken in by_turns(works, task.rounds, time.process_time).items()
    }


def growth(task: Task) -> dict[str, Any]:
    """Processor seconds for each size as one text; ``linear_a_b`` is 1 where b takes b/a times as long as a, and less
    where it takes longer (11 times for 10 is 0.91)."""
    rules = task.rules
    search(extracted(task.documents[0]), rules)
    text = "\n".join(letters.documents(_SIZES[-1], _SEED))
    seconds: dict[int, list[float]] = {size: [] for size in _SIZES}
    for _ in range(task.rounds):
        for size, taken in seconds.items():
            if size <= 1_000_000 or not taken:
                # Short ones are repeated, so that each figure stands for at least a tenth of a second.
                times, file = max(1, 30_000 // size), extracted(text[:size])
                started = time.process_time()
                for _ in range(times):
                    search(file, rules)
                taken.append((time.process_time() - started) / times)
    middle = {size: statistics.median(taken) for size, taken in seconds.items()}
    result: dict[str, Any] = {f"seconds_{size}": middle[size] for size in _SIZES}
    for small, large in itertools.pairwise(_SIZES[1:]):
        result[f"linear_{small}_{large}"] = (large / small) * middle[small] / middle[large]
    judged = [taken for size, taken in seconds.items() if 10_000 <= size <= 1_000_000]
    return {**result, "noisy": any(map(_noisy, judged))}


def patterns(_task: Task) -> dict[str, Any]:
    """Milliseconds of each recognizer on the string that keeps it longest; ``headroom`` is the limit over the worst."""
    worst = {name: attacks.slowest(find) for name, find in attacks.finders(recognizers()).items()}
    slowest = max(seconds for _, seconds in worst.values())
    return {
        "strings": len(attacks.strings()),
        "milliseconds": {name: round(seconds * 1000, 2) for name, (_, seconds) in worst.items()},
        "headroom": attacks.LIMIT / slowest,
    }


def memory(task: Task) -> dict[str, Any]:
    """MB: the loaded process, its peak above that for a million characters, what a forked worker has of its own."""
    search(extracted("Jane Fairweather of Hollis Logistics Ltd called."), task.rules)
    gc.collect()
    loaded = _megabytes()
    peak = _in_child(lambda: _peak_of_a_million(task.rules))
    return {"loaded_mb": loaded, "peak_above_mb": peak[0], "own_mb_of_a_fork": peak[1]}


def identity(_task: Task) -> dict[str, Any]:
    """Which way the model computes here, and whether it found the same as the model as it was loaded."""
    nlp = language_model.load()
    texts = letters.sentences(gemm.SAMPLE, _SEED)
    expected = gemm.one_by_one(nlp)(texts)
    chosen = gemm.choose(nlp)
    found = chosen.read(texts)
    return {
        "reading": chosen.name,
        "texts": len(texts),
        "entities": sum(map(len, expected)),
        "same": sum(one == other for one, other in zip(found, expected, strict=True)) / len(texts),
    }


def propagation(_task: Task) -> dict[str, Any]:
    """Processor seconds to look for 10,000 names in a million characters, and to build what looks for them."""
    names = letters.names(_NAMES, _SEED)
    # One of the names begins every line, as in the mails of a large house.
    lines = "\n".join(letters.documents(1_000_000, _SEED)).splitlines()
    text = "\n".join(f"{names[number % len(names)]}: {line}" for number, line in enumerate(lines))[:1_000_000]
    started = time.process_time()
    matcher = Matcher([Needle.of(name, number) for number, name in enumerate(names)])
    built = time.process_time()
    found = sum(1 for _ in matcher.find(text))
    done = time.process_time()
    return {"names": len(names), "build_seconds": built - started, "search_seconds": done - built, "found": found}


def extracted(text: str) -> File:
    """A submission of one text, read as the engine reads it: what comes before all that is measured."""
    extraction: Extraction = TextHandler().extract(text.encode(), Limits())
    file = File(SourceFile("1", "note.txt", b""), media_type="text/plain", extraction=extraction)
    file.segments = [*extraction.segments, filenames.segment("note.txt")]
    return file


def search(file: File, rules: policy.Policy) -> File:
    """What the engine does with it until it is written: detection in its lines and its name, the registry, propagation,
    the settling of what overlaps, and what is to stand in place of each mention."""
    found = planning.find([file], rules, lambda _ref, _stage: None)
    registry = found.registry()
    writer = Writer(registry, rules, bytes(32), [segment.text for segment in file.segments])
    planning.plan([file], registry, writer, Resolved(), found)
    return file


def by_turns(
    works: Mapping[str, Callable[[], object]], rounds: int, clock: Callable[[], float]
) -> dict[str, list[float]]:
    """The seconds of each work, one of each in every round, after one round that does not count."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            started = clock()
            work()
            if number:
                taken[name].append(clock() - started)
    return taken


def _noisy(taken: Sequence[float]) -> bool:
    return max(taken) > (1 + SPREAD) * min(taken)


def _speeds(taken: Sequence[float], characters: int) -> dict[str, int]:
    return {"best": round(characters / min(taken)), "median": round(characters / statistics.median(taken))}


def _spread(work: Callable[[Sequence[str]], object], task: Task, processes: int) -> Callable[[], object]:
    """``work`` over all documents: here, or shared out to forks of this process."""
    if processes == 1:
        return lambda: work(task.documents)
    context = multiprocessing.get_context("fork")
    shares = [task.documents[number::processes] for number in range(processes)]

    def together() -> None:
        workers = [context.Process(target=work, args=(share,)) for share in shares]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if any(worker.exitcode for worker in workers):
            raise OSError("a worker ended")

    return together


def _in_child(work: Callable[[], tuple[float, float]]) -> tuple[float, float]:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    worker = context.Process(target=lambda: theirs.send(work()))
    worker.start()
    theirs.close()
    try:
        result: tuple[float, float] = ours.recv()
    finally:
        worker.join()
    return result


def _peak_of_a_million(rules: policy.Policy) -> tuple[float, float]:
    """In a fork: the peak above what it began with, and what it then has of its own."""
    text = "\n".join(letters.documents(1_000_000, _SEED))
    before = _megabytes()
    search(extracted(text), rules)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
    del text
    gc.collect()
    return peak, _own_megabytes()


def _megabytes() -> float:
    """Resident memory now, in MB; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123
            return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return 0.0


def _own_megabytes() -> float:
    """Pages that no other process shares, in MB; 0 where the system does not tell."""
    try:
        with open("/proc/self/smaps_rollup", encoding="ascii") as stream:  # noqa: PTH123
            return sum(int(line.split()[1]) for line in stream if line.startswith("Private_")) / 1000
    except OSError:
        return 0.0
