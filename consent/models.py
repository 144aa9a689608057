"""What is kept of consent. Rows are append-only: a trigger refuses UPDATE and DELETE where a docstring says so.

Consent knows a file by its id, digest and commitment, and a person by a pseudonym; it sees no contents.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone


class Notice(models.Model):
    """The exact words of one notice in one language, addressed by their digest. Append-only."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    notice_id = models.CharField(max_length=40)
    version = models.CharField(max_length=40)
    language = models.CharField(max_length=16)
    body = models.TextField()
    released_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="notice_version", fields=["notice_id", "version", "language"]),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.version} ({self.language})"


class ConsentRecord(models.Model):
    """One signed decision: the canonical bytes of its documents and of the evidence. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission_id = models.UUIDField(db_index=True, help_text="Opaque here.")
    principal = models.CharField(max_length=40, help_text="p_… pseudonym of the person for this submission.")
    state = models.CharField(max_length=12, help_text="given, renewed, refused or withdrawn")
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="records")
    previous = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    record = models.TextField(help_text="The canonical bytes (RFC 8785) of consent-record/1.")
    record_sha256 = models.CharField(max_length=64, unique=True)
    rights = models.TextField(blank=True)
    third_party = models.TextField(blank=True)
    evidence = models.JSONField(default=dict, help_text="What proves the contributor's three signatures.")
    envelope = models.JSONField(help_text="Our consent/v1 statement about it, DSSE.")
    at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ("at",)

    def __str__(self) -> str:
        return f"record {str(self.pk)[:8]}"


class ConsentGrant(models.Model):
    """One purpose of a record, for a class of recipients, until a date: what export asks."""

    class State(models.TextChoices):
        GIVEN = "given"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"
        REVOKED = "revoked"
        SUPERSEDED = "superseded"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.ForeignKey(ConsentRecord, on_delete=models.PROTECT, related_name="grants")
    purpose = models.CharField(max_length=40)
    recipient_class = models.CharField(max_length=40)
    region = models.CharField(max_length=8, default="any")
    valid_until = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices)

    def __str__(self) -> str:
        return f"{self.purpose} {self.state}"


class ConsentEvent(models.Model):
    """What happened to consent, in order. Append-only."""

    id = models.BigAutoField(primary_key=True)
    submission_id = models.UUIDField(db_index=True)
    record = models.ForeignKey(ConsentRecord, null=True, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=20)
    method = models.CharField(max_length=24, blank=True)
    text_sha256 = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.event


class Evidence(models.Model):
    """What the person typed to sign, encrypted; records know it by a salted commitment only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record_id = models.UUIDField(db_index=True)
    commitment = models.CharField(max_length=64)
    sealed = models.BinaryField(null=True)
    wrapped_key = models.BinaryField(null=True)

    def __str__(self) -> str:
        return f"evidence {str(self.pk)[:8]}"


class SigningCode(models.Model):
    """A one-time code for one sign page, bound to the digests of its three documents."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission_id = models.UUIDField(db_index=True)
    documents_sha256 = models.CharField(max_length=64)
    code_hash = models.CharField(max_length=128)
    tries_left = models.PositiveSmallIntegerField(default=5)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"code {str(self.pk)[:8]}"


class Statement(models.Model):
    """An envelope we signed about one file or record: seal, release, withdrawal … Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)
    record = models.ForeignKey(ConsentRecord, on_delete=models.PROTECT, related_name="statements")
    artifact_id = models.UUIDField(null=True, db_index=True)
    subject_sha256 = models.CharField(max_length=64)
    envelope = models.JSONField()
    envelope_sha256 = models.CharField(max_length=64)
    keyset = models.JSONField(help_text="The keyset then: a bundle composed again has the same bytes.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # One seal and one release per file and record: a retry finds the first one and repeats its bytes.
            models.UniqueConstraint(name="one_statement", fields=["kind", "record", "artifact_id", "subject_sha256"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {str(self.pk)[:8]}"


class LogHead(models.Model):
    """How many rows the log has. There is one such row; whoever has locked it adds the next leaf."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    size = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"log of {self.size}"


class LogEntry(models.Model):
    """A leaf of the log, with the signed checkpoint of the tree that it completed. Append-only."""

    index = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=12)
    leaf_hash = models.CharField(max_length=64)
    checkpoint = models.TextField(help_text="C2SP note over the tree of index + 1 leaves.")
    subject_id = models.UUIDField(null=True, db_index=True, help_text="The statement, record or event it is about.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("index",)

    def __str__(self) -> str:
        return f"log entry {self.index}"


class LogSalt(models.Model):
    """What ties a leaf to the thing it is about; destroyed when that is erased."""

    entry = models.OneToOneField(LogEntry, primary_key=True, on_delete=models.PROTECT, related_name="+")
    salt = models.BinaryField()

    def __str__(self) -> str:
        return f"salt of {self.pk}"


class LogNode(models.Model):
    """The root of a full subtree: ``2**level`` leaves from ``index * 2**level`` on. Append-only."""

    id = models.BigAutoField(primary_key=True)
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(name="one_log_node", fields=["level", "index"])]

    def __str__(self) -> str:
        return f"node {self.level}/{self.index}"


class LogPart(models.Model):
    """Rows [first, end) that were copied out of this database, to where nobody can change them. Append-only."""

    first = models.BigIntegerField(primary_key=True)
    end = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("first",)

    def __str__(self) -> str:
        return f"rows {self.first} to {self.end - 1}"
