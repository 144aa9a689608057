"""The people, the programme and the recipient of the demo. Safe to run again: what is there stays."""

from __future__ import annotations

import datetime as dt

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from intake.models import Invitation, Programme, Recipient, User

# Who is who; the groups' permissions come with the migrations.
PEOPLE: dict[str, tuple[str, ...]] = {
    "alice": ("contributor",),
    "rita": ("reviewer",),
    "omar": ("ops",),
    "paula": ("ops",),
    "mallory": ("contributor",),
}
PAULA_MAY = ("verify_rights", "decide_hold", "approve_breakglass", "reopen")
PROGRAMME, RECIPIENT = "Everyday office work", "Northlight Research"


def seed() -> Programme:
    """Make what the story needs and return its programme."""
    for name, groups in PEOPLE.items():
        _person(name, groups)
    Recipient.objects.get_or_create(
        name=RECIPIENT,
        defaults={"purposes": ["evaluation"], "agreement_version": "2026-1", "recipient_class": "ai-developer"},
    )
    programme, _ = Programme.objects.get_or_create(
        title=PROGRAMME,
        defaults={
            "summary": "Work that people really did in an office: the request, what it started from, and what was "
            "handed in. Used to measure how well software does such work.",
            "contact": "help@example.org",
            "purposes": ["evaluation", "fine_tuning"],
            "recipient_classes": ["ai-developer"],
            "pay_amount": "40.00",
            "pay_currency": "EUR",
            # Only the embedded default may do without these two waiting times, so that the story ends today.
            "cooling_off_days": 0,
            "review_undo_seconds": 0,
        },
    )
    return programme


def _person(name: str, groups: tuple[str, ...]) -> None:
    staff = "contributor" not in groups
    user = User.objects.filter(email=f"{name}@example.org").first()
    if user is None:
        user = User.objects.create_user(f"{name}@example.org", is_staff=staff)
        # As after signing up, so that a passkey added in the demo signs in like anybody's.
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    user.groups.set(Group.objects.filter(name__in=groups))
    if name == "paula":
        user.user_permissions.set(Permission.objects.filter(codename__in=PAULA_MAY))


def invite(programme: Programme, name: str) -> str:
    """Invite one person and return the address that their mail would carry."""
    token = Invitation.new_token()
    Invitation.objects.create(
        programme=programme,
        email=f"{name}@example.org",
        token_sha256=Invitation.digest(token),
        expires_at=timezone.now() + dt.timedelta(days=14),
    )
    return f"/i/{token}"
