"""A programme asks for work under fixed terms; an invitation lets one person take part in it."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone

from consent import notice


def default_stages() -> list[dict[str, Any]]:
    return [{"name": "general", "approvals": 1}]


def _is_stage(stage: Any) -> bool:
    """Whether this is ``{"name": text, "approvals": number from 1}``."""
    named = isinstance(stage, dict) and isinstance(stage.get("name"), str) and bool(stage["name"].strip())
    return named and isinstance(stage.get("approvals", 1), int) and stage.get("approvals", 1) >= 1


def default_purposes() -> list[str]:
    return ["evaluation"]


def newest_notice() -> str:
    """New programmes show the newest notice; one that exists keeps to its own until somebody changes it."""
    return notice.newest()


class Programme(models.Model):
    """What is asked for, for which purposes, on which terms. Numbers are days unless their name says otherwise."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=120)
    summary = models.TextField(help_text="What is asked for, in two or three plain sentences.")
    is_open = models.BooleanField(default=True)
    closes_on = models.DateField(null=True, blank=True)
    contact = models.EmailField(help_text="Whom a contributor may ask.")
    purposes = models.JSONField(default=default_purposes, help_text="Ids of the purposes offered.")
    recipient_classes = models.JSONField(default=list, help_text="Who may receive files, as classes.")
    review_stages = models.JSONField(default=default_stages, help_text="Stages in order: name and approvals needed.")
    policy = models.CharField(max_length=40, default="standard", help_text="Name of the redaction policy.")
    notice_version = models.CharField(max_length=40, default=newest_notice)
    pay_amount = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    pay_currency = models.CharField(max_length=3, default="EUR")
    deny_terms = models.JSONField(default=list, blank=True, help_text="Words that must never leave, one entry each.")
    cooling_off_days = models.PositiveSmallIntegerField(default=7, validators=[MaxValueValidator(30)])
    review_undo_seconds = models.PositiveSmallIntegerField(default=60)
    keep_original_days = models.PositiveSmallIntegerField(default=14, validators=[MaxValueValidator(30)])
    consent_term_days = models.PositiveSmallIntegerField(default=730)
    idle_days = models.PositiveSmallIntegerField(default=60)
    withdrawal_undo_hours = models.PositiveSmallIntegerField(default=24)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Raises ValidationError: there must be at least one stage, each with a name and one approval or more."""
        stages = self.review_stages
        if not isinstance(stages, list) or not stages or not all(_is_stage(stage) for stage in stages):
            raise ValidationError({"review_stages": 'Write at least one stage: [{"name": "general", "approvals": 1}]'})

    @property
    def accepts(self) -> bool:
        return self.is_open and (self.closes_on is None or self.closes_on >= timezone.now().date())


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def usable(self) -> InvitationQuerySet:
        return self.filter(used_at=None, expires_at__gt=timezone.now(), programme__is_open=True)

    def by_token(self, untrusted_token: str) -> InvitationQuerySet:
        return self.filter(token_sha256=Invitation.digest(untrusted_token))


class Invitation(models.Model):
    """One person's way into one programme. The token is known only to the mail that carried it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField()
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey("intake.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"invitation {str(self.pk)[:8]}"

    @staticmethod
    def digest(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    @staticmethod
    def new_token() -> str:
        return secrets.token_urlsafe(24)
