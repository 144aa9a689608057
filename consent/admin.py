"""Consent in the staff desk: to look at, never to change. What contributors typed is not shown here at all."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from consent.models import ConsentEvent, ConsentGrant, ConsentRecord, Notice, Statement


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Shows rows to those with the permission to view them; there is no form, button or action that writes."""

    actions = None
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  # the desk asks with these
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  # the desk asks with these
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  # the desk asks with these
        return False


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("notice_id", "version", "language", "sha256", "released_at")
    list_filter = ("language",)


@admin.register(ConsentRecord)
class ConsentRecordAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "state", "submission_id", "at", "valid_until")
    list_filter = ("state",)
    date_hierarchy = "at"
    search_fields = ("id", "submission_id", "record_sha256")


@admin.register(ConsentGrant)
class ConsentGrantAdmin(ReadOnlyAdmin):
    list_display = ("purpose", "recipient_class", "region", "state", "valid_until", "record")
    list_filter = ("state", "purpose")
    list_select_related = ("record",)


@admin.register(ConsentEvent)
class ConsentEventAdmin(ReadOnlyAdmin):
    list_display = ("event", "method", "submission_id", "at")
    list_filter = ("event",)
    date_hierarchy = "at"


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "kind", "artifact_id", "subject_sha256", "at")
    list_filter = ("kind",)
    date_hierarchy = "at"
    search_fields = ("artifact_id", "subject_sha256")
