"""The states of a submission and of an artifact, and the only moves between them.

Every state says who acts now and what may follow. ``MOVES`` and ``ARTIFACT_MOVES`` are the whole truth: the
services ask them, the database repeats the list of states as a constraint, and a test walks every pair.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices

from intake.errors import MoveNotAllowedError


class SubmissionState(TextChoices):
    """Where a submission is."""

    # The contributor describes the task, adds files and states rights. Nothing is read.
    DRAFT = "draft", "Draft"
    # Workers scan, read, detect, rewrite and verify. The contributor may withdraw.
    PROCESSING = "processing", "Being checked by the computer"
    # The contributor opens every redacted copy, hides more, leaves files out, signs; then a worker seals.
    CHECKING = "checking", "Ready for your check"
    # Reviewers act on the sealed bytes.
    IN_REVIEW = "in_review", "With a reviewer"
    # The contributor acts on closed codes from a reviewer or from the pipeline.
    RETURNED = "returned", "Sent back to you"
    # Until ``eligible_at`` no batch may take it; then ops may. Being in a batch is a relation, not a state.
    APPROVED = "approved", "Approved"
    # Refused by a reviewer, or revoked on an upheld hold.
    REJECTED = "rejected", "Not accepted"
    # All use has ended; workers send notices and erase.
    WITHDRAWN = "withdrawn", "Withdrawn"
    # A deadline passed: idle, or the consent term is over. Bytes are erased. Final.
    EXPIRED = "expired", "Expired"


class ArtifactState(TextChoices):
    """Where one file of a submission is."""

    # Bytes arrive and are encrypted chunk by chunk.
    RECEIVING = "receiving", "Uploading"
    # Stored size and the SHA-256 of every part match what was sent; waits for a worker.
    RECEIVED = "received", "Uploaded"
    # The worker that holds the submission's lease works on it.
    PROCESSING = "processing", "Being checked"
    # The current revision passed verification.
    READY = "ready", "Ready to check"
    # A person must decide; the code and the way on are shown.
    HELD = "held", "Stopped"
    # Cannot be taken, with a stable code and a sentence to act on.
    REFUSED = "refused", "Not accepted"
    # The contributor took it out; it never leaves.
    EXCLUDED = "excluded", "Left out"
    # All bytes and keys are gone; a tombstone stays. Final.
    PURGED = "purged", "Erased"


S = SubmissionState
A = ArtifactState


@dataclass(frozen=True)
class Move:
    """One row of the table: who may take a submission (or artifact) from one of ``sources`` to ``target``."""

    event: str
    sources: frozenset[str]
    target: str
    actor: str


def _moves(*rows: tuple[str, tuple[str, ...], str, str]) -> dict[tuple[str, str], Move]:
    table: dict[tuple[str, str], Move] = {}
    for event, sources, target, actor in rows:
        move = Move(event, frozenset(sources), target, actor)
        for source in sources:
            if (event, source) in table:
                raise ValueError(f"{event} leaves {source} twice")
            table[(event, source)] = move
    return table


# (event, state it leaves) → move. ``open`` makes the draft and so leaves no state. An event whose target is its
# own source is a recorded step that does not change the state.
MOVES: dict[tuple[str, str], Move] = _moves(
    ("submit", (S.DRAFT,), S.PROCESSING, "contributor"),
    ("finish", (S.PROCESSING,), S.CHECKING, "system"),
    ("nothing_ready", (S.PROCESSING,), S.RETURNED, "system"),
    ("change", (S.CHECKING,), S.PROCESSING, "contributor"),
    ("release_hold", (S.CHECKING,), S.PROCESSING, "privacy officer"),
    ("sign", (S.CHECKING,), S.CHECKING, "contributor"),
    ("seal", (S.CHECKING,), S.IN_REVIEW, "worker"),
    ("return", (S.IN_REVIEW,), S.RETURNED, "reviewer"),
    ("resubmit", (S.RETURNED,), S.PROCESSING, "contributor"),
    ("reply", (S.RETURNED,), S.IN_REVIEW, "contributor"),
    # A newer notice is signed while the files stay sealed: the state does not change, the record does.
    ("renew", (S.IN_REVIEW,), S.IN_REVIEW, "contributor"),
    ("renew", (S.APPROVED,), S.APPROVED, "contributor"),
    ("approve_stage", (S.IN_REVIEW,), S.IN_REVIEW, "reviewer"),
    ("approve", (S.IN_REVIEW,), S.APPROVED, "reviewer"),
    ("reject", (S.IN_REVIEW,), S.REJECTED, "reviewer"),
    ("appeal", (S.REJECTED,), S.IN_REVIEW, "contributor"),
    ("reopen", (S.APPROVED,), S.IN_REVIEW, "lead"),
    ("term_end", (S.APPROVED,), S.EXPIRED, "system"),
    ("revoke", (S.PROCESSING, S.CHECKING, S.IN_REVIEW, S.RETURNED, S.APPROVED), S.REJECTED, "privacy officer"),
    ("lapse", (S.DRAFT, S.CHECKING, S.RETURNED), S.EXPIRED, "system"),
    (
        "withdraw",
        (S.DRAFT, S.PROCESSING, S.CHECKING, S.IN_REVIEW, S.RETURNED, S.APPROVED, S.REJECTED),
        S.WITHDRAWN,
        "contributor",
    ),
    ("start_again", (S.WITHDRAWN,), S.DRAFT, "contributor"),
)

_ANY = tuple(state for state in A if state != A.PURGED)

ARTIFACT_MOVES: dict[tuple[str, str], Move] = _moves(
    ("received", (A.RECEIVING,), A.RECEIVED, "system"),
    ("refuse", (A.RECEIVING, A.PROCESSING, A.HELD), A.REFUSED, "system"),
    ("process", (A.RECEIVED, A.PROCESSING, A.READY, A.HELD), A.PROCESSING, "worker"),
    # A file inside another one that was refused before, and that a later run finds again.
    ("find_again", (A.REFUSED,), A.PROCESSING, "worker"),
    ("ready", (A.PROCESSING,), A.READY, "worker"),
    ("hold", (A.PROCESSING,), A.HELD, "worker"),
    ("exclude", (A.RECEIVED, A.READY, A.HELD), A.EXCLUDED, "contributor"),
    ("include", (A.EXCLUDED,), A.RECEIVED, "contributor"),
    ("purge", _ANY, A.PURGED, "system"),
)

# A batch that fell back is not frozen again: its objects may lie under its prefix, so its query makes a new batch.
BATCH_MOVES: dict[tuple[str, str], Move] = _moves(
    ("freeze", ("draft",), "frozen", "ops"),
    ("approve", ("frozen",), "approved", "second ops person"),
    ("seal", ("approved",), "sealed", "worker"),
    ("fall_back", ("frozen", "approved"), "draft", "system"),
    ("abandon", ("draft", "frozen"), "abandoned", "ops"),
)

# While a hold stands on the submission, only these may happen (domain: on_hold).
ALLOWED_ON_HOLD = frozenset({"withdraw", "revoke"})


def find_move(table: dict[tuple[str, str], Move], event: str, state: str) -> Move:
    """Return the move for ``event`` out of ``state``.

    Raises:
        MoveNotAllowedError: the pair is not in the table.
    """
    try:
        return table[(event, state)]
    except KeyError:
        raise MoveNotAllowedError(event, state) from None
