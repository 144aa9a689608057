"""The check: every redacted copy beside the list of what was taken out of it, and every way to change it.

Found words are decrypted for this one answer and shown to their owner alone; nothing of them is stored or logged.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header

from intake import quarantine
from intake.forms import HideForm
from intake.models import Artifact, Submission
from intake.services import contribute
from intake.services.contribute import RemovedEntity
from intake.services.contribute.checking import CHANGEABLE, KEEPABLE
from intake.states import ArtifactState, SubmissionState
from intake.views import READ, artifact_of, own_page, sentences, signed_in
from redaction.entities import Block, Kind
from redaction.errors import SENTENCES as REDACTION_SENTENCES
from redaction.models import Edit

BLOCKS_A_PAGE = 400
SHOWN = (ArtifactState.READY, ArtifactState.HELD, ArtifactState.REFUSED, ArtifactState.EXCLUDED, ArtifactState.RECEIVED)


@dataclass(frozen=True)
class Piece:
    """A run of the result: plain text, or a token that stands for something hidden."""

    text: str
    is_token: bool = False


@dataclass(frozen=True)
class Passage:
    """A paragraph of the result, or (``cells``) one row of a table."""

    pieces: Sequence[Piece] = ()
    cells: Sequence[Sequence[Piece]] = ()
    is_heading: bool = False


@dataclass(frozen=True)
class Group:
    """Everything of one type that was hidden in one file."""

    title: str
    mentions: int
    entities: Sequence[RemovedEntity]


@own_page(*READ)
def check(request: HttpRequest, submission: Submission) -> HttpResponse:
    """All files, what to do with each, and what still stands in the way of signing."""
    if submission.state == SubmissionState.PROCESSING:
        return redirect("progress", submission.pk)
    names = contribute.names(submission)
    removed = contribute.removed(submission)
    context = {
        "submission": submission,
        "rows": [_row(file, names[file.pk], removed) for file in _files(submission)],
        "groups": _groups(removed),
        "blockers": contribute.sign_blockers(submission) if submission.state == SubmissionState.CHECKING else [],
        "hide_form": HideForm(),
        **_changes(submission),
    }
    return render(request, "intake/check.html", context)


@own_page(*READ)
def check_file(request: HttpRequest, submission: Submission, artifact_id: uuid.UUID) -> HttpResponse:
    """One copy. Opening it here is what lets it be signed."""
    file = artifact_of(submission, artifact_id)
    if file.state != ArtifactState.READY:
        return redirect("check", submission.pk)
    shown = contribute.open_file(file, actor=signed_in(request))
    removed = [entity for entity in contribute.removed(submission) if file.pk in entity.files]
    page: Page[Block] = Paginator(shown.blocks, BLOCKS_A_PAGE).get_page(request.GET.get("page"))
    files = [f for f in _files(submission) if f.state == ArtifactState.READY]
    at = [f.pk for f in files].index(file.pk)
    context = {
        "submission": submission,
        "file": file,
        "name": contribute.names(submission)[file.pk],
        "revision": shown.revision,
        "passages": _passages(page.object_list, [entity.token for entity in removed]),
        "page": page,
        "groups": _groups(removed),
        "questions": _questions(file),
        "number": at + 1,
        "total": len(files),
        "previous": files[at - 1] if at else None,
        "next": files[at + 1] if at + 1 < len(files) else None,
        "hide_form": HideForm(),
        "keepable": KEEPABLE,
        **_changes(submission),
    }
    return render(request, "intake/check_file.html", context)


@own_page(*READ)
def copy(request: HttpRequest, submission: Submission, artifact_id: uuid.UUID) -> HttpResponse:
    """The redacted copy itself, to open in one's own program: the very bytes that would be signed."""
    del request
    revision = artifact_of(submission, artifact_id).revision
    if revision is None or revision.wrapped_key is None:
        raise Http404
    answer = HttpResponse(quarantine.read_staged(revision, as_="preview"), content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=revision.name)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@own_page("POST")
def hide(request: HttpRequest, submission: Submission) -> HttpResponse:
    form = HideForm(request.POST)
    if form.is_valid():
        words = form.cleaned_data["words"]
        contribute.hide(submission, actor=signed_in(request), words=words)
        messages.success(request, f"Noted: {len(words)} more to hide. Make the new copy when you are done.")
    else:
        messages.error(request, str(form.errors["words"][0]))
    return _back(request, submission)


@own_page("POST")
def keep(request: HttpRequest, submission: Submission) -> HttpResponse:
    """This is not private: show it again from the next copy on."""
    contribute.keep(submission, actor=signed_in(request), token=request.POST.get("token", ""))
    messages.success(request, "Noted: it stays visible. Make the new copy when you are done.")
    return _back(request, submission)


@own_page("POST")
def undo(request: HttpRequest, submission: Submission, edit_id: uuid.UUID) -> HttpResponse:
    edit = Edit.objects.filter(pk=edit_id, scope_id=submission.pk).first()
    if edit is None:
        raise Http404
    contribute.undo_edit(edit, actor=signed_in(request), submission=submission)
    messages.success(request, "The change was taken back.")
    return _back(request, submission)


@own_page("POST")
def acknowledge(request: HttpRequest, submission: Submission, artifact_id: uuid.UUID) -> HttpResponse:
    """One question, one answer: several are never ticked at once."""
    file = artifact_of(submission, artifact_id)
    if file.revision is None:
        raise Http404
    contribute.acknowledge(file, actor=signed_in(request), ack_ids=[request.POST.get("ack", "")])
    return redirect("check_file", submission.pk, file.pk)


@own_page("POST")
def leave_out(request: HttpRequest, submission: Submission, artifact_id: uuid.UUID) -> HttpResponse:
    contribute.exclude(artifact_of(submission, artifact_id), actor=signed_in(request))
    messages.success(request, "The file is left out. It will not leave, and your pay does not change.")
    return redirect("check", submission.pk)


@own_page("POST")
def put_back(request: HttpRequest, submission: Submission, artifact_id: uuid.UUID) -> HttpResponse:
    contribute.include(artifact_of(submission, artifact_id), actor=signed_in(request))
    messages.success(request, "The file is back in. It is checked again with the next copy.")
    return redirect("check", submission.pk)


@own_page("POST")
def make_copy(request: HttpRequest, submission: Submission) -> HttpResponse:
    contribute.make_copy(submission, actor=signed_in(request))
    return redirect("progress", submission.pk)


def _back(request: HttpRequest, submission: Submission) -> HttpResponse:
    """To the file the person was looking at, or else to the list."""
    try:
        file = artifact_of(submission, uuid.UUID(request.POST.get("file", "")))
    except ValueError:
        return redirect("check", submission.pk)
    return redirect("check_file", submission.pk, file.pk)


def _files(submission: Submission) -> list[Artifact]:
    """Files in the order they came, each one found inside another right after it."""
    files = list(submission.artifacts.filter(state__in=SHOWN).select_related("revision", "original"))
    tops = [file for file in files if file.parent_id is None]
    return [file for top in tops for file in (top, *(f for f in files if f.parent_id == top.pk))]


def _row(file: Artifact, name: str, removed: Iterable[RemovedEntity]) -> dict[str, object]:
    revision = file.revision
    here = [entity for entity in removed if file.pk in entity.files]
    return {
        "file": file,
        "name": name,
        "role": sentences.ROLES[file.role],
        "reason": sentences.reason(file),
        "hidden": len(here),
        "opened": revision is not None and revision.opened_at is not None,
        "questions": sum(not question["answered"] for question in _questions(file)),
    }


def _changes(submission: Submission) -> dict[str, object]:
    """What was asked for and is in no copy yet."""
    put_back = submission.artifacts.filter(state=ArtifactState.RECEIVED, parent=None).count()
    edits = contribute.pending_edits(submission)
    return {
        "edits": edits,
        "pending": len(edits) + put_back,
        "may_change": submission.state in CHANGEABLE and not submission.signed_at,
    }


def _questions(file: Artifact) -> list[dict[str, object]]:
    """What only a person can answer about this copy."""
    if file.revision is None:
        return []
    wanted = [ack for ack in file.revision.acks_wanted if ack["role"] == "contributor"]
    return [
        {
            "id": ack["id"],
            "sentence": REDACTION_SENTENCES.get(ack["kind"], "Look at the result here, then say that you did."),
            "zone": ack.get("zone", ""),
            "answered": ack["id"] in file.revision.acks_given,
        }
        for ack in wanted
    ]


def _groups(removed: Iterable[RemovedEntity]) -> list[Group]:
    ordered = sorted(removed, key=lambda entity: sentences.kind(entity.entity_type, many=True))
    found = []
    for entity_type, rows in groupby(ordered, key=lambda entity: entity.entity_type):
        entities = sorted(rows, key=lambda entity: -entity.mentions)
        mentions = sum(entity.mentions for entity in entities)
        found.append(Group(sentences.kind(entity_type, many=len(entities) != 1), mentions, entities))
    return found


def _passages(blocks: Iterable[Block], tokens: Sequence[str]) -> list[Passage]:
    """Paragraphs and table rows, in reading order. Cells that lie in one row are put into one."""
    pattern = _token_pattern(tokens)
    passages: list[Passage] = []
    for (kind, row), run in groupby(blocks, key=_line_of):
        if row:
            passages.append(Passage(cells=[_pieces(block.text, pattern) for block in run]))
        else:
            heading = kind == Kind.LABEL
            passages.extend(Passage(pieces=_pieces(b.text, pattern), is_heading=heading) for b in run if b.text.strip())
    return passages


def _line_of(block: Block) -> tuple[str, str]:
    """The kind of a block and, for a cell, the row it lies in (``r17c3`` → ``r17``, ``sheet3!C17`` → ``sheet3!17``)."""
    if block.kind != Kind.CELL:
        return str(block.kind), ""
    by_number = re.fullmatch(r"(.*r\d+)c\d+", block.anchor)
    by_letter = re.fullmatch(r"(.*!)?[A-Z]+(\d+)", block.anchor)
    if by_number:
        return str(block.kind), by_number[1]
    return str(block.kind), f"{by_letter[1] or ''}{by_letter[2]}" if by_letter else ""


def _token_pattern(tokens: Sequence[str]) -> re.Pattern[str] | None:
    """Matches a token as it stands in prose (``[PERSON_1]``), in an address (``person_1@example.invalid``,
    ``https://host-1.invalid``) or bare, as in a file name."""
    if not tokens:
        return None
    names = "|".join(sorted(map(re.escape, tokens), key=len, reverse=True))
    hosts = names.replace("_", "-")
    forms = (
        rf"\[(?:{names})\]",
        rf"(?<![A-Za-z])(?:{names})(?!\d)(?:@example\.invalid)?",
        rf"(?<![A-Za-z])(?:{hosts})\.invalid",
    )
    return re.compile(f"({'|'.join(forms)})", re.IGNORECASE)


def _pieces(text: str, pattern: re.Pattern[str] | None) -> list[Piece]:
    if pattern is None:
        return [Piece(text)]
    # The pattern has one group, so odd places of the split are the tokens.
    return [Piece(part, is_token=bool(i % 2)) for i, part in enumerate(pattern.split(text)) if part]
