"""What is kept of a redaction run. Never the found text in clear: that is sealed under the submission's key."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone


class RedactionRun(models.Model):
    """One run over all files of a submission. Append-only. ``scope_id`` is opaque here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope_id = models.UUIDField(db_index=True)
    policy_name = models.CharField(max_length=40)
    policy_version = models.CharField(max_length=20)
    policy_sha256 = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=200)
    verdict = models.CharField(max_length=10)
    counts = models.JSONField(default=dict, help_text="Entity type → number of replaced mentions.")
    report = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"run {str(self.pk)[:8]}"


class RecordedFinding(models.Model):
    """One replaced mention of one file of a run."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(RedactionRun, on_delete=models.PROTECT, related_name="findings")
    source_id = models.UUIDField(db_index=True, help_text="The file, opaque here.")
    anchor = models.CharField(max_length=120)
    carrier = models.CharField(max_length=20)
    entity_type = models.CharField(max_length=40)
    token = models.CharField(max_length=60)
    score = models.FloatField()
    source = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"{self.entity_type} at {self.anchor}"


class RecordedEntity(models.Model):
    """One entity of a run. ``sealed`` is the Entity as JSON, encrypted under the submission's key."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(RedactionRun, on_delete=models.PROTECT, related_name="entities")
    token = models.CharField(max_length=60)
    entity_type = models.CharField(max_length=40)
    mentions = models.PositiveIntegerField(default=0)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return self.token


class Edit(models.Model):
    """A person's wish about the result, applied when the run is made again. ``sealed`` is its text, encrypted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope_id = models.UUIDField(db_index=True)
    action = models.CharField(max_length=12)
    entity_type = models.CharField(max_length=40, default="CONFIDENTIAL")
    sealed = models.BinaryField()
    source_role = models.CharField(max_length=20, default="contributor")
    applied_in = models.ForeignKey(RedactionRun, null=True, on_delete=models.PROTECT, related_name="edits")
    undone_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.action} {str(self.pk)[:8]}"


class Verification(models.Model):
    """The second look at one output: which checks ran on exactly these bytes, and the verdict. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(RedactionRun, on_delete=models.PROTECT, related_name="verifications")
    source_id = models.UUIDField(db_index=True)
    output_sha256 = models.CharField(max_length=64)
    checks = models.JSONField(default=dict)
    reasons = models.JSONField(default=list)
    verdict = models.CharField(max_length=10)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.verdict} {str(self.pk)[:8]}"
