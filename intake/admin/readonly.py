"""Rows that are evidence: they can be read by whoever may, and never added, changed or deleted here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.db import models
from django.http import HttpRequest


class EvidenceAdmin(ModelAdmin[Any]):
    actions = None
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class KeptAdmin(ModelAdmin[Any]):
    """Rows that staff write but that other rows stand on: they are closed, never deleted."""

    actions = None
    show_full_result_count = False
    # The browser's own calendar: the admin's script draws one with inline styles, which our policy refuses.
    formfield_overrides = {
        models.DateField: {"widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})},
    }

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
