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
from tests.wild import visible, words

_ENOUGH = 20  # so many words make a document that can be read


@dataclass
class Outcome:
    """What became of one document. ``leaks`` are the readers that find its word in the copy.

    ``readable``: people see text in it. ``selectable``: of its copy as well. ``kept``: the share of the words that
    nobody asked to remove which people still see. ``opens``: whoever opened the document opens its copy.
    """

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
    seen = visible.read(outcome.kind, data)
    word = word_of(data, before)
    outcome.word = bool(word)
    outcome.readable = any(len(words.words(text)) >= _ENOUGH for text in seen.values())
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
    _judge(outcome, result, seen, word, out)
    return outcome


def word_of(data: bytes, before: Mapping[str, str]) -> str:
    """The word of a document that must not leave, of what readers see ``before``; empty when it has none."""
    return words.chosen(list(before.values()), hashlib.sha256(data).hexdigest(), words.of_markup(data))


def _judge(outcome: Outcome, result: Redaction, seen: Mapping[str, str], word: str, out: Path) -> None:
    file = result.files[0]
    outcome.verdict, outcome.reasons, outcome.tier = file.verdict.value, list(file.reasons), file.tier.value
    if file.data is None:
        return
    (out / f"{outcome.file}.{file.name_out.rpartition('.')[2]}").write_bytes(file.data)
    after = oracles.read(file.name_out, file.data)
    outcome.leaks = [name for name, text in after.items() if word and words.holds(text, word)]
    shown = visible.read(file.name_out.rpartition(".")[2].casefold(), file.data)
    outcome.opens = not seen.keys() - shown.keys() and bool(after)
    outcome.selectable = any(len(words.words(text)) >= _ENOUGH // 2 for text in shown.values())
    removed = {
        one for entity in result.entities for text in (entity.canonical, *entity.aliases) for one in words.words(text)
    }
    outcome.kept = max((_kept(seen[name], shown[name], removed) for name in seen if name in shown), default=0.0)


def _kept(before: str, after: str, removed: set[str]) -> float:
    """Of the words that nobody asked to remove, the share that is still there."""
    wanted = Counter(one for one in words.words(before) if one not in removed)
    there = Counter(words.words(after))
    return (wanted & there).total() / wanted.total() if wanted else 1.0
