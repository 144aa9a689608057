"""Stops on submissions: placed by the worker or a person, lifted by somebody who may decide about rights."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from intake.errors import NotAllowedError
from intake.models import Hold, User

PERMISSION = "intake.verify_rights"


def lift(hold: Hold, *, actor: User) -> bool:
    """Let a submission go on. False when somebody else lifted this stop before.

    Raises NotAllowedError: this person may not decide about rights, or the work is their own.
    """
    if not actor.has_perm(PERMISSION) or hold.submission.contributor.user_id == actor.pk:
        raise NotAllowedError(
            "rights", "Only a person who decides about rights, and about other people's work, may lift this."
        )
    with transaction.atomic():
        return bool(Hold.objects.filter(pk=hold.pk, lifted_at=None).update(lifted_by=actor, lifted_at=timezone.now()))
