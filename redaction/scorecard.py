"""``python -m redaction score GOLD.jsonl…``: the command around ``scoring``.

Neither stream shows text; what was missed is written to the file of ``--errors`` alone. With ``--baseline`` Presidio as
it comes reads the same texts in the same run, and its figures stand beside ours.

Exit status: 0, 1 a ``--min`` was missed, 2 usage or a bad file, 4 detection incomplete.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from redaction import baseline, gold, policy
from redaction.analyzer import fingerprint
from redaction.detection import models
from redaction.errors import DetectionIncompleteError, PolicyError
from redaction.gold import Gold, GoldError
from redaction.policy import Policy
from redaction.scoring import Read, covered, read, read_by, scores

SCHEMA: Final = 1
DONE, MISSED, USAGE, INCOMPLETE = 0, 1, 2, 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is returned."""
    options = _parser().parse_args(arguments)
    try:
        chosen = policy.load(options.policy)
        if options.profile:
            chosen = dataclasses.replace(chosen, profile=options.profile)
        minimums = [_minimum(text) for text in options.min]
        labels = gold.map_of(options.map) if options.map else gold.LABELS
        golds = [gold.read(path, labels) for path in options.gold]
    except PolicyError:
        return _usage(f"unknown policy; there are {', '.join(policy.names())}")
    except GoldError as error:
        return _usage(str(error))
    except OSError as error:
        return _usage(f"a file cannot be read: {error.strerror}")
    try:
        readings = [read(one.documents, chosen) for one in golds]
        beside = _baseline(golds, chosen) if options.baseline else []
    except DetectionIncompleteError as error:
        print(f"python -m redaction score: {error.code}", file=sys.stderr)
        return INCOMPLETE
    result = _result(golds, readings, chosen, beside)
    try:
        if options.errors:
            _write_errors(options.errors, readings)
    except OSError as error:
        return _usage(f"the file of --errors cannot be written: {error.strerror}")
    print(json.dumps(result, indent=2, sort_keys=True) if options.json else "\n".join(_table(result)))
    return _judged(result, minimums)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m redaction score", description="Measure detection on marked texts.")
    parser.add_argument("gold", nargs="+", type=Path, metavar="GOLD.jsonl")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    parser.add_argument("--policy", default="standard", help=f"one of: {', '.join(policy.names())}")
    parser.add_argument("--profile", choices=policy.PROFILES, help="instead of the policy's own")
    parser.add_argument("--baseline", action="store_true", help="Presidio as it comes beside it, over the same texts")
    parser.add_argument("--map", type=Path, help='TOML with lines FROM = "TO": labels of the files and ours')
    parser.add_argument(
        "--min", action="append", default=[], metavar="KEY=VALUE", help="e.g. labels.PERSON.masked_recall=0.97"
    )
    parser.add_argument(
        "--errors", type=Path, help="a file for what was missed; it holds text and is for its owner alone"
    )
    return parser


def _baseline(golds: Sequence[Gold], chosen: Policy) -> list[list[Read]]:
    find = baseline.finder()
    return [read_by(one.documents, chosen, find) for one in golds]


def _result(
    golds: Sequence[Gold], readings: Sequence[Sequence[Read]], chosen: Policy, beside: Sequence[Sequence[Read]]
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "schema": SCHEMA,
        "policy": {"name": chosen.name, "version": chosen.version, "profile": chosen.profile},
        "fingerprint": fingerprint(models(chosen)),
        "gold": [_about(one) for one in golds],
        **_scores(readings, beside),
    }
    if len(golds) > 1:
        result["files"] = [
            {**_about(one), **_scores(readings[number : number + 1], beside[number : number + 1])}
            for number, one in enumerate(golds)
        ]
    return result


def _scores(readings: Sequence[Sequence[Read]], beside: Sequence[Sequence[Read]]) -> dict[str, Any]:
    """The measures over all of ``readings``; the same over ``beside``, if any, as ``baseline``."""
    result = scores([one for some in readings for one in some])
    return {**result, "baseline": scores([one for some in beside for one in some])} if beside else result


def _about(one: Gold) -> dict[str, Any]:
    return {
        "name": one.name,
        "sha256": one.sha256,
        "documents": len(one.documents),
        "chars": sum(len(document.text) for document in one.documents),
    }


def _table(result: Mapping[str, Any]) -> Iterator[str]:
    for part in result.get("files", [{**result["gold"][0], **result}]):
        beside = part.get("baseline")
        yield f"{part['name']}: {part['documents']} documents, {part['chars']} characters"
        head = f"  {'label':<18}{'mentions':>9}{'masked':>9}{'95 % interval':>17}{'typed':>8}{'precision':>11}"
        yield head + (f"{'Presidio: masked':>19}{'typed':>8}{'precision':>11}" if beside else "")
        for label, row in part["labels"].items():
            low, high = row["masked_interval"]
            yield (
                f"  {label:<18}{row['mentions']:>9}{row['masked_recall']:>9.1%}{f'{low:.1%} – {high:.1%}':>17}"
                f"{row['typed_recall']:>8.1%}{_right(row):>11}{_beside(beside['labels'][label]) if beside else ''}"
            )
        for key in ("masked_recall", "PER+LOC+ORG", "char_f2", "person_documents_no_leak", "documents_no_leak"):
            other = f"{beside['overall'][key]:>46.1%}" if beside else ""
            yield f"  {key:<35}{part['overall'][key]:>9.1%}{other}"
        wrong = "false_positives_per_1000_words"
        yield f"  {wrong:<35}{part['overall'][wrong]:>9}{beside['overall'][wrong] if beside else '':>46}".rstrip()
    yield f"{result['policy']['profile']}; {result['fingerprint']}"


def _beside(row: Mapping[str, Any]) -> str:
    return f"{row['masked_recall']:>19.1%}{row['typed_recall']:>8.1%}{_right(row):>11}"


def _right(row: Mapping[str, Any]) -> str:
    """The precision of a label; none where nothing was found under it."""
    return f"{row['span_precision']:.1%}" if row["spans"] else "–"


def _minimum(text: str) -> tuple[str, float]:
    key, equals, value = text.partition("=")
    try:
        return key, float(value) if equals else math.nan
    except ValueError:
        raise GoldError("--min wants KEY=VALUE, VALUE a number") from None


def _judged(result: Mapping[str, Any], minimums: Sequence[tuple[str, float]]) -> int:
    missed = 0
    for key, least in minimums:
        value: Any = result
        for part in key.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if not isinstance(value, (int, float)) or math.isnan(least):
            return _usage(f"there is no figure {key}")
        if value < least:
            missed += 1
            print(f"missed: {key} is {value}, wanted {least}", file=sys.stderr)
    return MISSED if missed else DONE


def _write_errors(path: Path, readings: Sequence[Sequence[Read]]) -> None:
    """What was missed and what was found beside the marks, one JSON object a line, readable by the owner alone."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        for one in (one for some in readings for one in some):
            text = one.document.text
            real = covered((mention.start, mention.end) for mention in one.document.mentions)
            missed = [(m.label, text[m.start : m.end], m.start) for m in one.document.mentions if not one.masked(m)]
            beside = [
                (kind, text[start:end], start)
                for start, end, kind in one.found
                if not any(at in real for at in range(start, end))
            ]
            if missed or beside:
                stream.write(json.dumps({"id": one.document.id, "missed": missed, "beside": beside}) + "\n")


def _usage(message: str) -> int:
    print(f"python -m redaction score: {message}", file=sys.stderr)
    return USAGE
