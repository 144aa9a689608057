"""A submission, its files, their encrypted originals and redacted revisions, and the record of every move."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from intake.errors import LostRaceError, OnHoldError
from intake.states import ALLOWED_ON_HOLD, ARTIFACT_MOVES, MOVES, ArtifactState, SubmissionState, find_move

REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O 1 I L U: people read it aloud


def new_reference() -> str:
    """A short random reference for people, such as ``VS-7K3M-Q2XD``. Not a secret, and no address uses it."""
    letters = [secrets.choice(REFERENCE_ALPHABET) for _ in range(8)]
    return f"VS-{''.join(letters[:4])}-{''.join(letters[4:])}"


class ProvenanceClass(models.TextChoices):
    AUTHENTIC = "authentic", "Real work, only redacted"
    AUTHENTIC_MODIFIED = "authentic_modified", "Real work that I also changed"
    FABRICATED = "fabricated", "Made up to show how the work would be done"


class Role(models.TextChoices):
    REQUEST = "request", "The task request"
    REFERENCE = "reference", "What you started from"
    DELIVERABLE = "deliverable", "What you made"
    RUBRIC = "rubric", "How it would be judged"


class RightsBasis(models.TextChoices):
    SELF_OWNED = "self_owned", "It is my own work and I own it"
    EMPLOYER_RELEASE = "employer_release", "My employer gave written permission"
    CLIENT_RELEASE = "client_release", "My client gave written permission"
    PUBLIC = "public", "It was already public"
    LICENSED = "licensed", "It is under a licence that allows this"
    FABRICATED = "fabricated", "I made it up for this task"
    UNKNOWN = "unknown", "I am not sure"


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def owned_by(self, user: Any) -> SubmissionQuerySet:
        return self.filter(contributor__user=user)

    def on_hold(self) -> SubmissionQuerySet:
        return self.filter(holds__lifted_at=None, holds__isnull=False)

    def due(self, now: dt.datetime) -> SubmissionQuerySet:
        """Submissions that wait for a worker and that no live lease covers."""
        return self.filter(
            Q(state=SubmissionState.PROCESSING) | Q(state=SubmissionState.CHECKING, signed_at__isnull=False),
            Q(lease_until=None) | Q(lease_until__lt=now),
            due_at__lte=now,
        )


class Submission(models.Model):
    """One task as one contributor sends it at one time: request, references, deliverables, maybe a rubric."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    programme = models.ForeignKey("intake.Programme", on_delete=models.PROTECT, related_name="submissions")
    contributor = models.ForeignKey("intake.Contributor", on_delete=models.PROTECT, related_name="submissions")
    invitation = models.OneToOneField(
        "intake.Invitation", null=True, on_delete=models.PROTECT, related_name="submission"
    )
    state = models.CharField(max_length=12, choices=SubmissionState.choices, default=SubmissionState.DRAFT)
    provenance_class = models.CharField(
        max_length=20, choices=ProvenanceClass.choices, default=ProvenanceClass.AUTHENTIC
    )
    occupation = models.CharField(max_length=80, blank=True)
    sector = models.CharField(max_length=80, blank=True)
    effort_hours = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)

    # Rights check (hop 0): closed answers only, never a name. ``attested_at`` opens the upload.
    attested_at = models.DateTimeField(null=True, blank=True)
    attestation = models.JSONField(default=dict, blank=True)
    default_basis = models.CharField(max_length=20, choices=RightsBasis.choices, default=RightsBasis.UNKNOWN)

    # The submission key seals its registry; it is wrapped by the installation's key and dies with the originals.
    wrapped_key = models.BinaryField(null=True, editable=False)

    # The lease of the worker that processes or seals it (leases.py).
    due_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fencing = models.PositiveIntegerField(default=0)
    hinted_at = models.DateTimeField(null=True, blank=True)
    hints = models.PositiveSmallIntegerField(default=0)

    consent_record = models.ForeignKey(
        "consent.ConsentRecord", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    seal_refusal = models.CharField(max_length=40, blank=True, help_text="Why the last attempt to seal was refused.")
    approved_at = models.DateTimeField(null=True, blank=True)
    eligible_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    erase_due_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_activity_at = models.DateTimeField(default=timezone.now)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.CheckConstraint(name="submission_state", condition=Q(state__in=SubmissionState.values)),
            models.CheckConstraint(
                name="submission_signed_has_record", condition=Q(signed_at=None) | Q(consent_record__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"])]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_on_hold(self) -> bool:
        return self.holds.filter(lifted_at=None).exists()

    def move(self, event: str, *, actor: Any = None, role: str, reason: str = "", **changes: Any) -> Transition:
        """Make one move of ``states.MOVES``, or raise: the only way a submission's state changes.

        The row is updated only if it still has the state we read. A worker that finishes, a contributor who
        withdraws and a reviewer who decides may all get here at once: the first UPDATE wins, the others change
        no row and raise. The Transition is written in the same transaction.

        Args:
            event: the move's name. actor: the user, or None for the system. role: in which role they act.
            reason: a closed code, never free text. changes: further columns to set in the same UPDATE.
                ``fencing=n`` is a condition, not a change: the lease the caller holds.
        Raises:
            MoveNotAllowedError, OnHoldError, LostRaceError.
        """
        move = find_move(MOVES, event, self.state)
        rows = Submission.objects.filter(pk=self.pk, state=self.state)
        if (fencing := changes.pop("fencing", None)) is not None:
            rows = rows.filter(fencing=fencing)
        with transaction.atomic():
            if event not in ALLOWED_ON_HOLD and self.holds.select_for_update().filter(lifted_at=None).exists():
                raise OnHoldError
            changed = rows.update(state=move.target, last_activity_at=timezone.now(), **changes)
            if changed != 1:
                raise LostRaceError
            transition = Transition.objects.create(
                submission=self,
                event=event,
                source=self.state,
                target=move.target,
                actor=actor,
                role=role,
                reason=reason,
            )
        self.state = move.target
        for name, value in changes.items():
            setattr(self, name, value)
        return transition


class ArtifactQuerySet(models.QuerySet["Artifact"]):
    def leaving(self) -> ArtifactQuerySet:
        """The files that would leave if the submission were sealed now."""
        return self.filter(state=ArtifactState.READY)

    def live(self) -> ArtifactQuerySet:
        return self.exclude(state__in=[ArtifactState.PURGED, ArtifactState.REFUSED, ArtifactState.EXCLUDED])


class Artifact(models.Model):
    """One file of a submission. Its name and its bytes are held encrypted, in its Original."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="artifacts")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.DELIVERABLE)
    position = models.PositiveSmallIntegerField(default=0)
    rights_basis = models.CharField(max_length=20, choices=RightsBasis.choices, default=RightsBasis.UNKNOWN)
    public_url = models.URLField(blank=True)
    state = models.CharField(max_length=12, choices=ArtifactState.choices, default=ArtifactState.RECEIVING)
    stage = models.CharField(max_length=20, blank=True, help_text="What the worker is doing with it now.")
    reason_code = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    revision = models.OneToOneField(
        "intake.Revision", null=True, blank=True, on_delete=models.PROTECT, related_name="current_of"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = ArtifactQuerySet.as_manager()

    class Meta:
        ordering = ("position", "created_at")
        constraints = [
            models.CheckConstraint(name="artifact_state", condition=Q(state__in=ArtifactState.values)),
            models.CheckConstraint(
                name="artifact_ready_has_revision", condition=~Q(state=ArtifactState.READY) | Q(revision__isnull=False)
            ),
            models.CheckConstraint(
                name="artifact_stopped_has_code",
                condition=~Q(state__in=[ArtifactState.HELD, ArtifactState.REFUSED]) | ~Q(reason_code=""),
            ),
        ]

    def __str__(self) -> str:
        return f"file {str(self.pk)[:8]}"

    def move(self, event: str, *, actor: Any = None, role: str, **changes: Any) -> None:
        """Make one move of ``states.ARTIFACT_MOVES``, guarded as ``Submission.move`` is, with its Transition."""
        move = find_move(ARTIFACT_MOVES, event, self.state)
        with transaction.atomic():
            changed = Artifact.objects.filter(pk=self.pk, state=self.state).update(state=move.target, **changes)
            if changed != 1:
                raise LostRaceError
            Transition.objects.create(
                submission_id=self.submission_id,
                artifact=self,
                event=event,
                source=self.state,
                target=move.target,
                actor=actor,
                role=role,
                reason=str(changes.get("reason_code", "")),
            )
        self.state = move.target
        for name, value in changes.items():
            setattr(self, name, value)


class Original(models.Model):
    """The bytes as uploaded, encrypted under their own data key. Destroying the key is the deletion."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    artifact = models.OneToOneField(Artifact, on_delete=models.PROTECT, related_name="original")
    upload_id = models.UUIDField(default=uuid.uuid4)
    sealed_name = models.BinaryField(help_text="The file name as sent, under the data key.")
    wrapped_key = models.BinaryField(
        null=True, help_text="The data key under the installation's key; null once shredded."
    )
    key_id = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField(default=0)
    part_digests = models.JSONField(default=list, help_text="SHA-256 of each stored (encrypted) part, in order.")
    sealed_sha256 = models.BinaryField(null=True, help_text="SHA-256 of the whole original, under the data key.")
    keyed_digest = models.CharField(max_length=64, blank=True, db_index=True, help_text="HMAC, to notice duplicates.")
    commitment_salt = models.BinaryField(null=True)
    media_type = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    shred_due_at = models.DateTimeField(null=True, blank=True)
    shredded_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"original {str(self.pk)[:8]}"


class Revision(models.Model):
    """One redacted rendition of a file. Append-only, but for facts that are set once: sealed_at, opened_at."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    run = models.ForeignKey("redaction.RedactionRun", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=120)
    name = models.CharField(max_length=160, help_text="The redacted file name.")
    verdict = models.CharField(max_length=10)
    staging_key = models.CharField(max_length=200)
    preview_key = models.CharField(max_length=200)
    wrapped_key = models.BinaryField(null=True, help_text="Key of the staged copy; null once it is erased.")
    acks_wanted = models.JSONField(default=list)
    acks_given = models.JSONField(default=list)
    opened_at = models.DateTimeField(null=True, blank=True, help_text="When the contributor looked at it.")
    vault_key = models.CharField(max_length=200, blank=True)
    sealed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("number",)
        constraints = [models.UniqueConstraint(name="revision_number", fields=["artifact", "number"])]

    def __str__(self) -> str:
        return f"{self.name} (revision {self.number})"

    @property
    def unacknowledged(self) -> list[str]:
        """Ids of the questions to the contributor that nobody answered yet."""
        wanted = [ack["id"] for ack in self.acks_wanted if ack["role"] == "contributor"]
        return [ack for ack in wanted if ack not in self.acks_given]


class StoredObject(models.Model):
    """An object we put, or are about to put, into a bucket. The row is committed before the first byte goes out."""

    class Status(models.TextChoices):
        INTENT = "intent"
        PRESENT = "present"
        DELETED = "deleted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alias = models.CharField(max_length=12)
    key = models.CharField(max_length=250)
    purpose = models.CharField(max_length=20)
    submission = models.ForeignKey(Submission, null=True, on_delete=models.PROTECT, related_name="objects_stored")
    artifact = models.ForeignKey(Artifact, null=True, on_delete=models.PROTECT, related_name="objects_stored")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.INTENT)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    delete_due_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(name="stored_object_key", fields=["alias", "key"])]
        indexes = [models.Index(fields=["status", "created_at"])]

    def __str__(self) -> str:
        return f"{self.alias} object {str(self.pk)[:8]}"


class Hold(models.Model):
    """A stop. While it stands nothing is signed, sealed or delivered.

    ``placed_by`` is null where the check placed it: a file says of itself that it is confidential.
    """

    class Kind(models.TextChoices):
        RIGHTS = "rights"
        RESTRICTED = "restricted"
        CLAIM = "claim"
        INCIDENT = "incident"
        LEGAL = "legal"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    code = models.CharField(max_length=40)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    placed_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("verify_rights", "Can decide about the rights to a file, and lift stops")]

    def __str__(self) -> str:
        return f"{self.kind} hold"


class Transition(models.Model):
    """One change of state. Append-only: the timeline is these rows."""

    id = models.BigAutoField(primary_key=True)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="transitions")
    artifact = models.ForeignKey(Artifact, null=True, on_delete=models.PROTECT, related_name="transitions")
    event = models.CharField(max_length=20)
    source = models.CharField(max_length=12, blank=True)
    target = models.CharField(max_length=12)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    reason = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class Outbox(models.Model):
    """Something that must happen because of a committed decision: sent at least once, under this id."""

    class Kind(models.TextChoices):
        MAIL = "mail"
        RELEASE = "release"
        RETRACT = "retract"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    subject_id = models.UUIDField(help_text="Of the row it is about.")
    template = models.CharField(max_length=40, blank=True, help_text="Of a mail.")
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    fencing = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["sent_at", "due_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {str(self.pk)[:8]}"


class WorkerHeartbeat(models.Model):
    """When each worker process was last heard; the launcher and ``doctor`` read it."""

    name = models.CharField(max_length=80, primary_key=True)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
