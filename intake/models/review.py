"""Review: a task that one person at a time may hold, and decisions that nobody can change afterwards."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from intake.models.people import User


class Outcome(models.TextChoices):
    APPROVE = "approve", "Approve"
    RETURN = "return", "Return to the contributor"
    REJECT = "reject", "Reject"


class ReturnCode(models.TextChoices):
    """Closed reasons: a reviewer never asks for more detail in free words."""

    LEAK_FOUND = "leak_found", "Something private is still visible"
    WRONG_TYPE = "wrong_type", "This is not the kind of file the task asks for"
    UNREADABLE = "unreadable", "The result cannot be read"
    RIGHTS_UNCLEAR = "rights_unclear", "It is not clear that this may be shared"
    WRONG_FILE = "wrong_file", "This looks like the wrong file"
    DUPLICATE = "duplicate", "The same work was sent before"


class ReviewTaskQuerySet(models.QuerySet["ReviewTask"]):
    def open(self) -> ReviewTaskQuerySet:
        return self.filter(state__in=[ReviewTask.State.QUEUED, ReviewTask.State.CLAIMED])

    def approved_by(self, user: User) -> ReviewTaskQuerySet:
        """Tasks over bytes that this person has approved already, at this stage or an earlier one."""
        return self.filter(
            Exists(
                ReviewDecision.objects.filter(
                    task__submission=OuterRef("submission"),
                    reviewer=user,
                    outcome=Outcome.APPROVE,
                    digests=OuterRef("digests"),
                )
            )
        )

    def rejected_by(self, user: User) -> ReviewTaskQuerySet:
        """Tasks over a submission that this person has refused: an appeal goes to somebody else."""
        rejected = ReviewDecision.objects.filter(reviewer=user, outcome=Outcome.REJECT)
        return self.filter(submission__in=rejected.values("task__submission"))

    def offered_to(self, user: User, *, only_open: bool = True) -> ReviewTaskQuerySet:
        """Never one's own submission, bytes one has approved already, or work one has refused.

        Work that one sent back may come again: whoever asked for a change can judge it best.
        """
        tasks = self.open() if only_open else self
        decided = ReviewTask.objects.approved_by(user) | ReviewTask.objects.rejected_by(user)
        return tasks.exclude(contributor=user).exclude(pk__in=decided.values("pk"))


class ReviewTask(models.Model):
    """One stage of review of one submission, over exactly the digests named in it."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        CLAIMED = "claimed", "Claimed"
        DECIDED = "decided", "Decided"
        CANCELLED = "cancelled", "Cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey("intake.Submission", on_delete=models.PROTECT, related_name="review_tasks")
    stage = models.CharField(max_length=30, default="general")
    # The contributor stands here too, so that the database itself can refuse self-review.
    contributor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    digests = models.JSONField(help_text="Artifact id → SHA-256 of the sealed bytes under review.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    claimant = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="review_tasks"
    )
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    fencing = models.PositiveIntegerField(default=0)
    seen = models.JSONField(default=list, help_text="Ids of the files the claimant has opened.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ReviewTaskQuerySet.as_manager()

    class Meta:
        ordering = ("created_at",)
        permissions = [("review_submission", "Can claim and decide review tasks")]
        constraints = [
            models.CheckConstraint(
                name="review_claimant_is_not_contributor", condition=Q(claimant=None) | ~Q(claimant=F("contributor"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission.reference} · {self.stage}"


class ReviewDecision(models.Model):
    """What a reviewer decided, about which bytes. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.ForeignKey(ReviewTask, on_delete=models.PROTECT, related_name="decisions")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="review_decisions")
    contributor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    codes = models.JSONField(default=list)
    checklist = models.JSONField(default=dict, help_text="Question id → yes, no or undetermined.")
    digests = models.JSONField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at",)
        constraints = [
            models.CheckConstraint(name="reviewer_is_not_contributor", condition=~Q(reviewer=F("contributor"))),
            models.UniqueConstraint(name="one_decision_per_task", fields=["task"]),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} at {self.at:%Y-%m-%d %H:%M}"
