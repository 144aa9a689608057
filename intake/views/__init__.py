"""Pages for contributors: one function per page, one module per stage.

A view reads the request, asks ``services`` to act, and picks the answer. Whose object it is is asked in one place,
``submission_for``; what people may do next is asked of the service and the table of moves.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from intake.errors import IntakeError
from intake.models import Artifact, Submission, User

P = ParamSpec("P")


def signed_in(request: HttpRequest) -> User:
    """The person who is signed in. Raises Http404 for nobody: views behind ``login_required`` never see that."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def submission_for(request: HttpRequest, submission_id: uuid.UUID) -> Submission:
    """The one gate: the submission, if it belongs to the person signed in.

    Raises:
        Http404: it belongs to someone else or does not exist; the two answers are the same bytes.
    """
    mine = Submission.objects.owned_by(signed_in(request))
    return get_object_or_404(mine.select_related("programme", "contributor__user", "consent_record"), pk=submission_id)


def artifact_of(submission: Submission, artifact_id: uuid.UUID) -> Artifact:
    """One file of a submission that passed the gate. Raises Http404 when it is not one of its files."""
    files = submission.artifacts.select_related("submission__contributor", "revision__run", "original")
    return get_object_or_404(files, pk=artifact_id)


Page = Callable[Concatenate[HttpRequest, Submission, P], HttpResponse]
Route = Callable[Concatenate[HttpRequest, uuid.UUID, P], HttpResponse]


def own_page(*methods: str) -> Callable[[Page[P]], Route[P]]:
    """Make a view of one's own submission: signed in, through the gate, with these methods only.

    What a service refuses is shown as its sentence on the list of steps, where the way on stands.
    """

    def decorate(page: Page[P]) -> Route[P]:
        @login_required
        @require_http_methods(methods)
        @wraps(page)
        def route(request: HttpRequest, submission_id: uuid.UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            submission = submission_for(request, submission_id)
            try:
                return page(request, submission, *args, **kwargs)
            except IntakeError as error:
                messages.error(request, error.sentence)
                return redirect("submission", submission.pk)

        return cast("Route[P]", route)

    return decorate


READ = ("GET", "HEAD")
FORM = ("GET", "HEAD", "POST")
