"""The check: the contributor looks at every redacted copy, hides more, leaves files out, and has the copies made again.

Nothing here changes a copy. Every wish is a decision that the next run applies from the original.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from intake import quarantine
from intake.errors import DecryptionError, GuardError, LostRaceError
from intake.hints import hint
from intake.models import Artifact, Revision, Submission, User
from intake.services.contribute.drafting import requeue
from intake.states import ArtifactState, SubmissionState
from redaction.entities import Block, Entity
from redaction.models import Edit, RecordedFinding, RedactionRun

CHANGEABLE = (SubmissionState.CHECKING, SubmissionState.RETURNED)
# What a contributor may let stand when it is not private after all. Everything else always stays hidden.
KEEPABLE = frozenset(
    {
        "DATE_TIME",
        "HOSTNAME",
        "INVOICE_NUMBER",
        "LOCATION",
        "NRP",
        "ORGANIZATION",
        "PERSON",
        "PRODUCT",
        "TICKET_NUMBER",
        "URL",
    }
)
HIDE_CHARACTERS = 200


@dataclass(frozen=True)
class Preview:
    """One redacted copy as an independent reader sees it. ``findings`` counts replaced mentions by entity type."""

    revision: Revision
    blocks: Sequence[Block]
    findings: dict[str, int]
    checks: dict[str, str]


@dataclass(frozen=True)
class RemovedEntity:
    """What stood in the originals for one token: for its owner's eyes only."""

    token: str
    entity_type: str
    texts: tuple[str, ...]
    mentions: int
    files: tuple[uuid.UUID, ...]


def names(submission: Submission) -> dict[uuid.UUID, str]:
    """File names as sent, for the owner's pages; after the originals are shredded, the redacted names."""
    found: dict[uuid.UUID, str] = {}
    for artifact in submission.artifacts.select_related("original", "revision"):
        redacted = artifact.revision.name if artifact.revision else f"file {artifact.position}"
        try:
            found[artifact.pk] = quarantine.original_name(artifact.original)
        except (DecryptionError, Artifact.original.RelatedObjectDoesNotExist):
            found[artifact.pk] = redacted
    return found


def preview(artifact: Artifact) -> Preview:
    """Raises GuardError when there is no copy to look at."""
    revision = artifact.revision
    if revision is None:
        raise GuardError("no_copy", "There is no redacted copy of this file.")
    findings: dict[str, int] = defaultdict(int)
    rows = RecordedFinding.objects.filter(run=revision.run, source_id=artifact.pk)
    for entity_type in rows.values_list("entity_type", flat=True):
        findings[entity_type] += 1
    look = revision.run.verifications.filter(source_id=artifact.pk).first()
    return Preview(revision, quarantine.read_preview(revision), dict(findings), dict(look.checks) if look else {})


def open_file(artifact: Artifact, *, actor: User) -> Preview:
    """Look at a copy: it may be signed only after its owner opened exactly this revision."""
    shown = preview(artifact)
    if artifact.submission.contributor.user_id == actor.pk:
        Revision.objects.filter(pk=shown.revision.pk, opened_at=None).update(opened_at=timezone.now())
    return shown


def removed(submission: Submission) -> list[RemovedEntity]:
    """Everything that was replaced in the current copies, with what stood there. Only ever shown to the owner."""
    run = latest_run(submission)
    if run is None or submission.wrapped_key is None:
        return []  # after the originals are gone nobody can read what was found
    live = {a.pk for a in submission.artifacts.leaving()}
    files: dict[str, set[uuid.UUID]] = defaultdict(set)
    mentions: dict[str, int] = defaultdict(int)
    for token, source in run.findings.values_list("token", "source_id"):
        if source in live:
            files[token].add(source)
            mentions[token] += 1
    found = []
    for row in run.entities.order_by("entity_type", "id"):
        entity = Entity.from_dict(json.loads(quarantine.unseal_for(submission, row.sealed, "entity")))
        if mentions[row.token]:
            texts = tuple(dict.fromkeys((entity.canonical, *entity.aliases)))
            found.append(
                RemovedEntity(row.token, row.entity_type, texts, mentions[row.token], tuple(sorted(files[row.token])))
            )
    return found


def latest_run(submission: Submission) -> RedactionRun | None:
    return RedactionRun.objects.filter(scope_id=submission.pk).order_by("-finished_at").first()


def hide(submission: Submission, *, actor: User, words: Iterable[str]) -> list[Edit]:
    """Hide these words everywhere in the submission, from the next copy on.

    Raises GuardError when a word is too long or too short to be searched for.
    """
    cleaned = list(dict.fromkeys(" ".join(word.split()) for word in words if word.strip()))
    if any(not 2 <= len(word) <= HIDE_CHARACTERS for word in cleaned):
        raise GuardError("word", f"Each word or phrase must have 2 to {HIDE_CHARACTERS} characters.")
    with _changing(submission, actor):
        return [_edit(submission, "hide", word) for word in cleaned]


def keep(submission: Submission, *, actor: User, token: str) -> Edit:
    """This is not private: let what stands behind ``token`` stay visible, where the type of finding allows it."""
    entity = next((e for e in removed(submission) if e.token == token), None)
    if entity is None or entity.entity_type not in KEEPABLE:
        raise GuardError("not_restorable", "Details of this kind always stay hidden.")
    with _changing(submission, actor):
        return _edit(submission, "keep", entity.texts[0], entity.entity_type)


def pending_edits(submission: Submission) -> list[tuple[Edit, str]]:
    """Wishes that no copy holds yet, each with its words."""
    rows = Edit.objects.filter(scope_id=submission.pk, applied_in=None, undone_at=None).order_by("created_at")
    return [(edit, quarantine.unseal_for(submission, edit.sealed, "edit").decode()) for edit in rows]


def undo_edit(edit: Edit, *, actor: User, submission: Submission) -> None:
    """Take back a wish, whether applied or not; the next copy no longer holds it."""
    if edit.scope_id != submission.pk:
        raise LostRaceError
    with _changing(submission, actor):
        Edit.objects.filter(pk=edit.pk, undone_at=None).update(undone_at=timezone.now())


def acknowledge(artifact: Artifact, *, actor: User, ack_ids: Iterable[str]) -> None:
    """Answer the questions that only a person can answer about this copy."""
    with _changing(artifact.submission, actor):
        revision = Revision.objects.select_for_update().get(current_of=artifact)
        wanted = {ack["id"] for ack in revision.acks_wanted}
        revision.acks_given = sorted({*revision.acks_given, *(wanted & set(ack_ids))})
        revision.save(update_fields=["acks_given"])


def exclude(artifact: Artifact, *, actor: User) -> None:
    """Leave a file out, with all that was found inside it. Losing the last deliverable is shown on the sign page."""
    with _changing(artifact.submission, actor):
        artifact.move("exclude", actor=actor, role="contributor")
        for child in artifact.children.filter(state__in=[ArtifactState.READY, ArtifactState.HELD]):
            child.move("exclude", actor=actor, role="contributor")


def include(artifact: Artifact, *, actor: User) -> None:
    """Put a file back in. It is checked again with all the others."""
    if artifact.parent_id is not None:
        raise GuardError("parent", "Put the file back in that this one was found in.")
    with _changing(artifact.submission, actor):
        artifact.move("include", actor=actor, role="contributor", attempts=0)


def make_copy(submission: Submission, *, actor: User) -> None:
    """Have every copy made again from the originals. Voids what was opened, acknowledged and signed.

    Raises GuardError when nothing changed.
    """
    if submission.state == SubmissionState.RETURNED:
        raise GuardError("resubmit", "Start the check again from the list of steps.")
    with _changing(submission, actor):
        if not requeue(submission):
            raise GuardError("nothing", "There is no file to check.")
        submission.move(
            "change",
            actor=actor,
            role="contributor",
            due_at=timezone.now(),
            lease_until=None,
            signed_at=None,
            consent_record=None,
        )
        hint("process", submission.pk)


def _edit(submission: Submission, action: str, text: str, entity_type: str = "CONFIDENTIAL") -> Edit:
    sealed = quarantine.seal_for(submission, text.encode(), "edit")
    return Edit.objects.create(scope_id=submission.pk, action=action, entity_type=entity_type, sealed=sealed)


@contextmanager
def _changing(submission: Submission, actor: User) -> Iterator[None]:
    """Hold the submission's row while a wish is written down, so that no signature slips in between.

    Raises LostRaceError: it is another's, it has moved on, or it was signed: a signature is over exact bytes.
    """
    with transaction.atomic():
        current = Submission.objects.select_for_update(of=("self",)).select_related("contributor").get(pk=submission.pk)
        if current.contributor.user_id != actor.pk or current.state not in CHANGEABLE or _is_signed(current):
            raise LostRaceError
        yield


def _is_signed(submission: Submission) -> bool:
    return submission.state == SubmissionState.CHECKING and submission.signed_at is not None
