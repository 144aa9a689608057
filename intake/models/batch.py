"""Batches: what goes to which recipient for which purpose, built by one person and approved by another."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from intake.errors import LostRaceError
from intake.states import BATCH_MOVES, find_move


class Recipient(models.Model):
    """Who receives batches, for which purposes, under which agreement."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    recipient_class = models.CharField(max_length=40, default="ai-developer")
    region = models.CharField(max_length=2, default="EU")
    purposes = models.JSONField(default=list)
    agreement_version = models.CharField(max_length=40, blank=True)
    agreement_until = models.DateField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Batch(models.Model):
    """A frozen list of files for one recipient and one purpose, sealed into one signed bag."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        FROZEN = "frozen", "Waiting for a second person"
        APPROVED = "approved", "Approved, being built"
        SEALED = "sealed", "Sealed"
        ABANDONED = "abandoned", "Abandoned"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)
    programme = models.ForeignKey("intake.Programme", on_delete=models.PROTECT, related_name="batches")
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="batches")
    purpose = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    builder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    excluded = models.JSONField(default=list, help_text="Reason code and count of what was left out.")
    frozen_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    sealed_at = models.DateTimeField(null=True, blank=True)
    refusal = models.CharField(max_length=60, blank=True, help_text="Why the last attempt to seal was refused.")
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    prefix = models.CharField(max_length=120, blank=True, help_text="Where the bag lies in the exports bucket.")
    envelope = models.JSONField(
        null=True, blank=True, help_text="The signed statement, kept so that a rebuild is equal."
    )
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fencing = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at",)
        verbose_name_plural = "batches"
        permissions = [
            ("build_batch", "Can build batches"),
            ("approve_batch", "Can approve a batch somebody else built"),
        ]
        constraints = [
            models.CheckConstraint(
                name="batch_approver_is_not_builder", condition=Q(approver=None) | ~Q(approver=F("builder"))
            ),
            models.CheckConstraint(
                name="batch_sealed_is_approved",
                condition=~Q(state="sealed") | (Q(approver__isnull=False) & ~Q(manifest_sha256="")),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def move(self, event: str, **changes: Any) -> None:
        """Make one move of ``states.BATCH_MOVES``: the row changes only if it still has the state we read.

        ``fencing=n`` is a condition, not a change: the lease the caller holds.

        Raises: MoveNotAllowedError, LostRaceError.
        """
        move = find_move(BATCH_MOVES, event, self.state)
        rows = Batch.objects.filter(pk=self.pk, state=self.state)
        if (fencing := changes.pop("fencing", None)) is not None:
            rows = rows.filter(fencing=fencing)
        if rows.update(state=move.target, **changes) != 1:
            raise LostRaceError
        self.state = move.target
        for name, value in changes.items():
            setattr(self, name, value)


class BatchItem(models.Model):
    """One file of a batch, by the digests that were frozen. Append-only."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="items")
    submission = models.ForeignKey("intake.Submission", on_delete=models.PROTECT, related_name="batch_items")
    artifact = models.ForeignKey("intake.Artifact", on_delete=models.PROTECT, related_name="batch_items")
    revision = models.ForeignKey("intake.Revision", on_delete=models.PROTECT, related_name="batch_items")
    sha256 = models.CharField(max_length=64)
    record_sha256 = models.CharField(max_length=64)
    pseudonym = models.CharField(max_length=40, help_text="Of the contributor, for this recipient and batch only.")
    task_id = models.UUIDField(help_text="Keyed from batch, recipient and submission.")

    class Meta:
        ordering = ("artifact_id",)
        constraints = [models.UniqueConstraint(name="artifact_once_in_batch", fields=["batch", "artifact"])]

    def __str__(self) -> str:
        return f"{self.batch.number} item {self.pk}"
