"""The admin site of staff: its first page is a desk for the person's role, and nothing is ever bulk-deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Count
from django.http import HttpRequest
from django.template.response import TemplateResponse

from intake.models import Batch, User
from intake.services import review


class StaffSite(AdminSite):
    site_header = "Vouchsafe"
    site_title = "Vouchsafe staff"
    index_title = "Your desk"
    index_template = "admin/desk.html"
    enable_nav_sidebar = False

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")

    def index(self, request: HttpRequest, extra_context: Mapping[str, Any] | None = None) -> TemplateResponse:
        context: dict[str, Any] = {**(extra_context or {})}
        user = request.user
        if isinstance(user, User) and user.has_perm(review.PERMISSION):
            context["queue"] = review.queue_for(user)
        if user.has_perm("intake.build_batch") or user.has_perm("intake.approve_batch"):
            context["batches"] = _batches()
        return super().index(request, context)


def _batches() -> list[dict[str, Any]]:
    """How many batches stand where; the states in which a person must act come first."""
    counts = dict(Batch.objects.values_list("state").annotate(number=Count("pk")).order_by())
    return [
        {"state": state.value, "label": state.label, "count": counts.get(state.value, 0)}
        for state in (Batch.State.FROZEN, Batch.State.APPROVED, Batch.State.SEALED)
    ]
