"""Adding files. Bytes go from the socket into encrypted chunks; nothing is written to this machine in between.

``CsrfViewMiddleware`` reads the body before it lets a view begin, so the view is two: the outer one is exempt, asks
everything that can be asked before the first byte and arms the handler; the inner one is protected and reads. A file
counts as received only after the inner view has accepted the form: until then it can be aborted without a trace.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from intake import filetypes
from intake.errors import IntakeError
from intake.forms import FileForm
from intake.models import Artifact, Submission, User
from intake.models.submission import RightsBasis, Role
from intake.services import contribute
from intake.services.contribute import Receiving
from intake.states import ArtifactState, SubmissionState
from intake.views import FORM, artifact_of, own_page, sentences, signed_in, submission_for

OPEN = (SubmissionState.DRAFT, SubmissionState.RETURNED)
# The form has one control per role, so the role of a file is known before its first byte.
FIELDS = (Role.DELIVERABLE, Role.REFERENCE)
FORM_OVERHEAD_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Refused:
    """A file that was not taken: its name as sent (shown in this one answer, stored nowhere), and why."""

    name: str
    code: str
    sentence: str


class QuarantineUploadHandler(FileUploadHandler):
    """Streams every file of a form into quarantine. Unarmed, as in the settings, it refuses them all."""

    chunk_size = 64 * 1024

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.refused: list[Refused] = []
        self._owner: tuple[Submission, User] | None = None
        self._name = ""
        self._current: Receiving | None = None
        self._arrived: list[tuple[str, Receiving]] = []

    def arm(self, submission: Submission, actor: User) -> None:
        """Allow files into this draft. Only after everything about its owner was checked."""
        self._owner = (submission, actor)

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        self._name = file_name
        if self._owner is None or field_name not in FIELDS:
            raise SkipFile
        submission, actor = self._owner
        try:
            self._current = contribute.begin_artifact(
                submission, actor=actor, role=field_name, untrusted_name=file_name
            )
        except IntakeError as error:
            self._refuse(error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - Django's interface
        if self._current is not None:
            try:
                self._current.write(raw_data)
            except IntakeError as error:
                self._refuse(error)

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 - Django's interface
        if self._current is not None:
            self._arrived.append((self._name, self._current))
            self._current = None

    def upload_interrupted(self) -> None:
        """The body ended inside a file. Django says so, too, when the last file was skipped: the others are whole."""
        receiving, self._current = self._current, None
        if receiving is not None:
            receiving.abort()

    def accept(self) -> list[Artifact]:
        """Finish what arrived, after the form was found to be ours. A bad file never drops the good ones."""
        kept = []
        for name, receiving in self._arrived:
            try:
                kept.append(receiving.finish())
            except IntakeError as error:
                receiving.abort()
                self.refused.append(Refused(name, error.code, error.sentence))
        self._arrived = []
        return kept

    def discard(self) -> None:
        """Leave nothing of what arrived."""
        unfinished = [receiving for _, receiving in self._arrived]
        if self._current is not None:
            unfinished.append(self._current)
        self._arrived, self._current = [], None
        for receiving in unfinished:
            receiving.abort()

    def _refuse(self, error: IntakeError) -> None:
        self.refused.append(Refused(self._name, error.code, error.sentence))
        receiving, self._current = self._current, None
        if receiving is not None:
            receiving.abort()
        raise SkipFile


@csrf_exempt
@login_required
@require_http_methods(FORM)
def upload(request: WSGIRequest, submission_id: uuid.UUID) -> HttpResponse:
    """Everything that can be known before the first byte is asked here; ``_add`` and ``_page`` are protected."""
    submission = submission_for(request, submission_id)
    if request.method != "POST":
        return _page(request, submission)
    if submission.attested_at is None:
        return render(request, "403.html", {"sentence": filetypes.SENTENCES["attestation"]}, status=403)
    if submission.state not in OPEN:
        return render(request, "403.html", {"sentence": filetypes.SENTENCES["closed"]}, status=403)
    if _declared_length(request) > filetypes.SUBMISSION_BYTES + FORM_OVERHEAD_BYTES:
        refused = [Refused("", "total", filetypes.SENTENCES["total"])]
        return _answer(request, submission, refused, added=0, status=413)
    handler = QuarantineUploadHandler(request)
    handler.arm(submission, signed_in(request))
    request.upload_handlers = [handler]
    try:
        response: HttpResponse = _add(request, submission, handler)
    finally:
        handler.discard()
    return response


@csrf_protect
def _add(request: HttpRequest, submission: Submission, handler: QuarantineUploadHandler) -> HttpResponse:
    """Runs after the CSRF check. That read the body, and with it the files, if it had to look for the token there."""
    len(request.FILES)
    kept = handler.accept()
    if not kept and not handler.refused:
        handler.refused.append(Refused("", "none", filetypes.SENTENCES["none"]))
    return _answer(request, submission, handler.refused, added=len(kept), status=422)


def _answer(
    request: HttpRequest, submission: Submission, refused: list[Refused], *, added: int, status: int
) -> HttpResponse:
    if request.headers.get("Accept") == "application/json":
        rows = [{"name": r.name, "code": r.code, "sentence": r.sentence} for r in refused]
        return JsonResponse({"added": added, "refused": rows}, status=status if refused else 200)
    if refused:
        return _page(request, submission, refused=refused, added=added, status=status)
    messages.success(request, "One file was added." if added == 1 else f"{added} files were added.")
    return redirect("upload", submission.pk)


def _page(
    request: HttpRequest,
    submission: Submission,
    *,
    refused: list[Refused] | None = None,
    added: int = 0,
    status: int = 200,
) -> HttpResponse:
    names = contribute.names(submission)
    files = submission.artifacts.exclude(state=ArtifactState.PURGED).filter(parent=None).select_related("original")
    rows = [
        {"file": file, "name": names[file.pk], "reason": sentences.reason(file), "form": _file_form(file)}
        for file in files
    ]
    context = {
        "submission": submission,
        "rows": rows,
        "refused": refused or [],
        "added": added,
        "is_open": submission.state in OPEN,
        "accept": filetypes.ACCEPT,
        "kinds": filetypes.KINDS,
        "limits": filetypes.LIMITS_TEXT,
        "file_bytes": filetypes.FILE_BYTES,
        "size_sentence": filetypes.SENTENCES["size"],
        "missing": contribute.missing(submission) if submission.state in OPEN else [],
    }
    return render(request, "intake/upload.html", context, status=status)


def _file_form(file: Artifact, data: Any = None) -> FileForm | None:
    """The form of one row; the task request and the rubric have none, their page is another."""
    if file.role not in FIELDS or file.state == ArtifactState.REFUSED:
        return None
    initial = {"role": file.role, "basis": file.rights_basis, "public_url": file.public_url}
    return FileForm(data, initial=initial, prefix=f"f{str(file.pk)[:8]}")


def _declared_length(request: HttpRequest) -> int:
    """What the browser says it will send; a request without a length is treated as too long."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or "")
    except ValueError:
        return filetypes.SUBMISSION_BYTES * 2


@own_page("POST")
def change_file(request: HttpRequest, submission: Submission, artifact_id: uuid.UUID) -> HttpResponse:
    """Say what one file is and why it may be shared."""
    file = artifact_of(submission, artifact_id)
    form = _file_form(file, request.POST)
    if form is None:
        return redirect("upload", submission.pk)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, str(errors[0]))
        return redirect("upload", submission.pk)
    actor = signed_in(request)
    basis = RightsBasis(form.cleaned_data["basis"])
    contribute.set_role(file, actor=actor, role=form.cleaned_data["role"])
    contribute.set_basis(file, actor=actor, basis=basis, public_url=form.cleaned_data["public_url"])
    messages.success(request, "Saved.")
    return redirect("upload", submission.pk)


@own_page("POST")
def remove_file(request: HttpRequest, submission: Submission, artifact_id: uuid.UUID) -> HttpResponse:
    """Take a file out of the draft; its key is destroyed at once."""
    contribute.remove_artifact(artifact_of(submission, artifact_id), actor=signed_in(request))
    messages.success(request, "The file was removed and can no longer be opened by anybody.")
    return redirect("upload", submission.pk)
