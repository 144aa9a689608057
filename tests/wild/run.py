"""One document: its word, its run, and what outsiders find in the copy."""

from __future__ import annotations

import hashlib
import time
import traceback
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from redaction import engine, policy
from redaction.entities import DenyTerm, Redaction, SourceFile
from tests import oracles
from tests.wild import words

_ENOUGH = 20  # so many words make a document that can be read


@dataclass
class Outcome:
    """What became of one document. ``leaks`` are the readers that find its word in the copy."""

    file: str
    kind: str
    word: bool = False
    verdict: str = ""
    reasons: list[str] = field(default_factory=list)
    tier: str = ""
    seconds: float = 0.0
    leaks: list[str] = field(default_factory=list)
    readable: bool = False
    kept: float = 1.0
    selectable: bool = False
    opens: bool = True
    crash: str = ""


def examine(path: Path, out: Path) -> Outcome:
    """Run one document through the engine and look at its copy, which is left in ``out``."""
    data = path.read_bytes()
    outcome = Outcome(path.name, path.suffix.lstrip(".").casefold())
    before = oracles.read(path.name, data)
    word = words.chosen(list(before.values()), hashlib.sha256(data).hexdigest())
    outcome.word = bool(word)
    outcome.readable = any(len(words.words(text)) >= _ENOUGH for text in before.values())
    started = time.monotonic()
    try:
        result = engine.redact(
            [SourceFile("1", path.name, data)],
            policy.load("standard"),
            deny=[DenyTerm(word, "WITHHELD")] if word else [],
        )
    except Exception:  # noqa: BLE001 - the parent must not fail, whatever the document is; that is what is measured
        outcome.crash = traceback.format_exc(limit=-2)
        return outcome
    outcome.seconds = time.monotonic() - started
    _judge(outcome, result, before, word, out)
    return outcome


def _judge(outcome: Outcome, result: Redaction, before: Mapping[str, str], word: str, out: Path) -> None:
    file = result.files[0]
    outcome.verdict, outcome.reasons, outcome.tier = file.verdict.value, list(file.reasons), file.tier.value
    if file.data is None:
        return
    (out / f"{outcome.file}.{file.name_out.rpartition('.')[2]}").write_bytes(file.data)
    after = oracles.read(file.name_out, file.data)
    outcome.opens = bool(after)
    outcome.leaks = [name for name, text in after.items() if word and words.holds(text, word)]
    outcome.selectable = any(len(words.words(text)) >= _ENOUGH // 2 for text in after.values())
    removed = {
        one for entity in result.entities for text in (entity.canonical, *entity.aliases) for one in words.words(text)
    }
    outcome.kept = max((_kept(before[name], after[name], removed) for name in before if name in after), default=0.0)


def _kept(before: str, after: str, removed: set[str]) -> float:
    """Of the words that nobody asked to remove, the share that is still there."""
    wanted = Counter(one for one in words.words(before) if one not in removed)
    there = Counter(words.words(after))
    return (wanted & there).total() / wanted.total() if wanted else 1.0
