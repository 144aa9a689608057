"""What staff set up (programmes, invitations, recipients, accounts), and the evidence they may read.

Screens here show configuration, counts and events, never contents.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from intake.admin.readonly import EvidenceAdmin, KeptAdmin
from intake.models import (
    Artifact,
    Invitation,
    Programme,
    Recipient,
    ReviewDecision,
    Revision,
    StoredObject,
    Submission,
    Transition,
    User,
)

INVITATION_DAYS = 30

# Nobody adds an address or a second factor to somebody else's account.
admin.site.unregister([EmailAddress, Authenticator])


@admin.register(Programme)
class ProgrammeAdmin(KeptAdmin):
    list_display = ("title", "is_open", "closes_on", "purposes", "policy", "notice_version", "cooling_off_days")
    list_filter = ("is_open",)
    search_fields = ("title",)
    readonly_fields = ("created_at",)
    fieldsets = (
        (None, {"fields": ("title", "summary", "is_open", "closes_on", "contact")}),
        ("What for, and for whom", {"fields": ("purposes", "recipient_classes", "notice_version")}),
        ("Pay", {"fields": ("pay_amount", "pay_currency")}),
        ("Redaction", {"fields": ("policy", "deny_terms")}),
        ("Review", {"fields": ("review_stages",)}),
        (
            "Times",
            {
                "fields": (
                    "cooling_off_days",
                    "keep_original_days",
                    "consent_term_days",
                    "idle_days",
                    "withdrawal_undo_hours",
                    "created_at",
                )
            },
        ),
    )


@admin.register(Recipient)
class RecipientAdmin(KeptAdmin):
    list_display = (
        "name",
        "recipient_class",
        "region",
        "purposes",
        "agreement_version",
        "agreement_until",
        "is_active",
    )
    list_filter = ("is_active", "recipient_class")
    search_fields = ("name",)
    readonly_fields = ("created_at",)


class InvitationForm(forms.ModelForm[Invitation]):
    class Meta:
        model = Invitation
        fields = ("programme", "email")
        help_texts = {"email": "A private address is safer than one of an employer. The link is mailed there."}


@admin.register(Invitation)
class InvitationAdmin(ModelAdmin[Invitation]):
    """An invitation's link exists in one mail only; we keep its digest."""

    form = InvitationForm
    list_display = ("__str__", "programme", "created_at", "expires_at", "used_at")
    list_filter = ("programme",)
    actions = None
    show_full_result_count = False

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> tuple[str, ...]:
        return ("programme", "created_at", "expires_at", "used_at") if obj else ("programme", "email")

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        token = Invitation.new_token()
        obj.email = obj.email.lower()
        obj.token_sha256 = Invitation.digest(token)
        obj.expires_at = timezone.now() + dt.timedelta(days=INVITATION_DAYS)
        super().save_model(request, obj, form, change)
        # Sent here and not from the outbox: the token must not be written down anywhere else.
        link = f"{settings.ENV.public_url}/i/{token}"
        mail = render_to_string("admin/intake/invitation/mail.txt", {"link": link, "expires_at": obj.expires_at})
        subject, _, body = mail.partition("\n\n")
        EmailMessage(subject=subject.strip(), body=body, to=[obj.email]).send()
        messages.info(request, "The link was mailed. Nobody can look it up later; for a new one, invite again.")


@admin.register(User)
class UserAdmin(KeptAdmin):
    """Accounts and their groups. Nobody changes their own rights."""

    list_display = ("email", "is_staff", "is_active", "date_joined")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email",)
    fields = ("email", "is_active", "is_staff", "groups", "user_permissions", "date_joined", "last_login")
    readonly_fields = ("date_joined", "last_login")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return obj != request.user and super().has_change_permission(request, obj)


@admin.register(Submission)
class SubmissionAdmin(EvidenceAdmin):
    list_display = ("reference", "programme", "state", "provenance_class", "created_at", "last_activity_at")
    list_filter = ("state", "programme", "provenance_class")
    list_select_related = ("programme",)
    search_fields = ("reference",)
    date_hierarchy = "created_at"
    fields = (
        "reference",
        "programme",
        "state",
        "provenance_class",
        "occupation",
        "sector",
        "signed_at",
        "approved_at",
        "eligible_at",
        "withdrawn_at",
        "erase_due_at",
        "created_at",
        "last_activity_at",
    )


@admin.register(Artifact)
class ArtifactAdmin(EvidenceAdmin):
    list_display = ("__str__", "submission", "role", "state", "reason_code", "rights_basis")
    list_filter = ("state", "role", "rights_basis")
    list_select_related = ("submission",)
    search_fields = ("submission__reference",)
    fields = ("submission", "role", "position", "state", "stage", "reason_code", "rights_basis", "attempts", "revision")


@admin.register(Revision)
class RevisionAdmin(EvidenceAdmin):
    list_display = ("__str__", "media_type", "size", "verdict", "sealed_at", "created_at")
    list_filter = ("verdict", "media_type")
    fields = ("artifact", "number", "name", "media_type", "size", "sha256", "verdict", "sealed_at", "created_at")


@admin.register(Transition)
class TransitionAdmin(EvidenceAdmin):
    list_display = ("submission", "event", "source", "target", "role", "reason", "at")
    list_filter = ("event", "role")
    list_select_related = ("submission",)
    search_fields = ("submission__reference",)
    date_hierarchy = "at"


@admin.register(ReviewDecision)
class ReviewDecisionAdmin(EvidenceAdmin):
    list_display = ("task", "outcome", "reviewer", "codes", "at")
    list_filter = ("outcome",)
    list_select_related = ("task__submission", "reviewer")
    search_fields = ("task__submission__reference",)
    fields = ("task", "reviewer", "outcome", "codes", "checklist", "digests", "at")


@admin.register(StoredObject)
class StoredObjectAdmin(EvidenceAdmin):
    list_display = ("__str__", "alias", "purpose", "status", "size", "created_at")
    list_filter = ("alias", "purpose", "status")
    fields = ("alias", "key", "purpose", "status", "size", "sha256", "delete_due_at", "created_at")
