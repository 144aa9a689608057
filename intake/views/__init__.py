"""Pages for contributors: one function per page, one module per stage.

A view reads the request, asks ``services`` to act, and picks the answer. Whose object it is is asked in one place,
``submission_for``; what people may do next is asked of the service and the table of moves.
"""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from intake.models import Artifact, Submission


def submission_for(request: HttpRequest, submission_id: uuid.UUID) -> Submission:
    """The one gate: the submission, if it belongs to the person signed in.

    Raises:
        Http404: it belongs to someone else or does not exist; the two answers are the same bytes.
    """
    mine = Submission.objects.owned_by(request.user).select_related("programme", "contributor", "consent_record")
    return get_object_or_404(mine, pk=submission_id)


def artifact_for(request: HttpRequest, submission_id: uuid.UUID, artifact_id: uuid.UUID) -> Artifact:
    """One file of a submission that passed the gate.

    Raises:
        Http404: as ``submission_for``, or the file is of another submission.
    """
    files = submission_for(request, submission_id).artifacts.select_related("submission", "revision", "original")
    return get_object_or_404(files, pk=artifact_id)
