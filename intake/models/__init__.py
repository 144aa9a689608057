from __future__ import annotations

from intake.models.batch import Batch, BatchItem, Recipient
from intake.models.people import Contributor, User
from intake.models.programme import Invitation, Programme
from intake.models.review import ReviewDecision, ReviewTask
from intake.models.submission import (
    Artifact,
    Hold,
    Original,
    Outbox,
    Revision,
    StoredObject,
    Submission,
    Transition,
    WorkerHeartbeat,
)

__all__ = [
    "Artifact",
    "Batch",
    "BatchItem",
    "Contributor",
    "Hold",
    "Invitation",
    "Original",
    "Outbox",
    "Programme",
    "Recipient",
    "ReviewDecision",
    "ReviewTask",
    "Revision",
    "StoredObject",
    "Submission",
    "Transition",
    "User",
    "WorkerHeartbeat",
]
