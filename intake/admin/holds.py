"""Stops on submissions, and the one thing that can be done about them: lift them, one's own work never."""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from intake.errors import IntakeError
from intake.models import Hold, User
from intake.services import holds
from redaction.errors import SENTENCES


@admin.register(Hold)
class HoldAdmin(ModelAdmin[Hold]):
    list_display = ("submission", "kind", "because", "placed_at", "lifted_by", "lifted_at")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter), "kind")
    list_select_related = ("submission__contributor", "lifted_by")
    list_per_page = 50
    search_fields = ("submission__reference",)
    search_help_text = "Search by reference, such as VS-7K3M-Q2XD"
    ordering = ("lifted_at", "placed_at")
    show_full_result_count = False
    actions = ("lift",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Hold | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Hold | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Hold | None = None) -> bool:
        return request.user.has_perm(holds.PERMISSION) or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(holds.PERMISSION)

    @admin.display(description="Because")
    def because(self, hold: Hold) -> str:
        return SENTENCES.get(hold.code, hold.code)

    @admin.action(description="Lift: the rights are in order", permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Hold]) -> None:
        user = request.user
        if not isinstance(user, User):
            return
        lifted = 0
        for hold in queryset.filter(lifted_at=None).select_related("submission__contributor"):
            try:
                lifted += holds.lift(hold, actor=user)
            except IntakeError as error:
                self.message_user(request, f"{hold.submission.reference}: {error.sentence}", messages.ERROR)
        self.message_user(request, f"{lifted} lifted. The contributor can go on.", messages.SUCCESS)
