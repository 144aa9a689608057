"""The one door of the redaction core: bytes and a policy in, redacted bytes, findings and a verdict out.

The rules this follows:

- All files of a submission are extracted before any is rewritten: a name first seen in the last file also leaves the
  first one and every file name.
- Parsers run in the cage alone (``sandbox``); the language model sees strings alone.
- An output is written from the original and one plan, never patched. When the second look is sure of something new,
  everything is written once more with that in the registry; what still fails is tried in a simpler form, then blocked.
- A file that is put back into another one (a member of an archive) is redacted first, and told as part of that one.
- A failure of detection blocks every file: what was not found in one could stand in all.
- A blocked file has no output bytes. Nothing raised or logged here holds contents, names or file names.

Example: two files, "Jane Fairweather called." and "fairweather-notes.md", come out as "[PERSON_1] called." and
"PERSON_1-notes.md".
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from typing import Final

from redaction.analyzer import analyzer, fingerprint
from redaction.detection import models
from redaction.entities import DenyTerm, Override, Redaction, SourceFile, Verdict
from redaction.errors import DetectionIncompleteError
from redaction.files import File, Progress, read_all
from redaction.limits import Limits
from redaction.overrides import Reading, Resolved, resolve
from redaction.planning import find, plan
from redaction.policy import Policy
from redaction.registry import Registry, Sighting
from redaction.report import report
from redaction.results import WORST, folded, result
from redaction.sandbox import Sandbox
from redaction.treatment import Writer
from redaction.writing import write_all, write_simpler

logger = logging.getLogger(__name__)

_ROUNDS: Final = 3


def redact(
    files: Sequence[SourceFile],
    policy: Policy,
    *,
    deny: Sequence[DenyTerm] = (),
    overrides: Sequence[Override] = (),
    key: bytes = b"",
    limits: Limits = Limits(),
    progress: Progress = lambda _ref, _stage: None,
) -> Redaction:
    """Redact all files of one submission together.

    Every file of ``files``, and every file found inside one that goes on by itself, is in the result, in order, with a
    verdict of its own. Bad files never raise; they are BLOCKED with a reason. ``progress`` is told (ref, stage) as
    work goes on. ``key`` is the submission's: surrogates, moved dates and the digests of decisions are made with it;
    without one they are made with a key that nobody keeps.
    """
    key = key or secrets.token_bytes(32)
    with Sandbox(limits, policy.switches) as cage:
        taken = read_all(files, cage, limits, progress)
        try:
            with analyzer(policy.model).remembering():
                registry = _redacted(taken, policy, deny, overrides, key, cage, progress)
        except DetectionIncompleteError as error:
            logger.warning("detection incomplete: %s", error)
            registry = None
            for file in taken:
                file.reason = file.reason or error.code
    single = [result(file, registry) for file in taken]
    results = folded(single)
    for one in results:
        progress(one.ref, "done")
    verdict = max((one.verdict for one in results), key=WORST.index, default=Verdict.CLEAN)
    return Redaction(
        verdict=verdict,
        files=results,
        entities=registry.entities() if registry else (),
        report=report(single, policy, verdict.value, len(deny)),
        policy_name=policy.name,
        policy_version=policy.version,
        policy_sha256=policy.sha256,
        fingerprint=fingerprint(models(policy)),
    )


def warm() -> None:
    """Load the language model now: a worker calls this once, before it forks or takes work."""
    analyzer()


def _redacted(
    files: Sequence[File],
    policy: Policy,
    deny: Sequence[DenyTerm],
    overrides: Sequence[Override],
    key: bytes,
    cage: Sandbox,
    progress: Progress,
) -> Registry:
    """Find, write and look again; once more with what the second look is sure of; then in simpler forms."""
    decided = _decided(files, overrides, key)
    found = find(files, policy, progress)
    texts = [segment.text for file in files for segment in file.segments]
    found_again: tuple[Sighting, ...] = ()
    for _ in range(_ROUNDS):
        registry = found.registry(deny=deny, overrides=overrides, found_again=found_again)
        writer = Writer(registry, policy, key, texts, (term.text for term in deny))
        plan(files, registry, writer, decided, found)
        write_all(files, registry, policy, writer, cage, progress)
        new = tuple(dict.fromkeys(one for file in files if file.verified for one in file.verified.found_again))
        if not new:
            break
        found_again = (*found_again, *new)
    write_simpler(files, registry, policy, writer, cage, progress)
    return registry


def _decided(files: Sequence[File], overrides: Sequence[Override], key: bytes) -> Resolved:
    """Where the decisions about single places stand now; a file with one that fits nothing any more stays here."""
    readings = [Reading(file.source.ref, file.segments, file.extraction.opaque) for file in files if file.extraction]
    decided = resolve(overrides, readings, key)
    for file in files:
        if file.source.ref in decided.stale:
            file.reason = file.reason or "override-stale"
        file.boxed = decided.boxed.get(file.source.ref, ())
    return decided
