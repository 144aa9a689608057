"""The ops desk: see what can go, freeze it, have a second person approve it, watch it being built, check it.

Digests, counts and redacted file names are shown, never contents.
"""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from consent import services as consent
from consent.errors import KeysMissingError
from intake.errors import IntakeError
from intake.models import Batch, Programme, Recipient, User
from intake.services import deliver

PURPOSES = {"evaluation": "Evaluation", "fine_tuning": "Fine-tuning", "training": "Training"}
SAMPLE = 25
REFRESH_SECONDS = 5
CHANGELIST = "admin:intake_batch_changelist"


class QueryForm(forms.Form):
    """The query behind a batch: from which programme, to whom, for what."""

    programme = forms.ModelChoiceField(Programme.objects.all(), empty_label=None)
    recipient = forms.ModelChoiceField(Recipient.objects.filter(is_active=True), empty_label=None)
    purpose = forms.ChoiceField(choices=list(PURPOSES.items()))

    def select(self) -> deliver.Selection:
        asked = self.cleaned_data
        return deliver.select(asked["programme"], asked["recipient"], asked["purpose"], timezone.now())


@admin.register(Batch)
class BatchAdmin(ModelAdmin[Batch]):
    list_display = ("number_link", "recipient", "purpose_name", "where", "files", "left_out", "frozen_at")
    list_display_links = None
    list_filter = ("state", "purpose", "recipient")
    list_select_related = ("recipient",)
    list_per_page = 50
    search_fields = ("number",)
    search_help_text = "Search by number, such as B-2026-11-0001"
    ordering = ("-created_at",)
    show_full_result_count = False
    actions = None
    change_list_template = "admin/intake/batch/list.html"

    # ── who may ────────────────────────────────────────────────────────────────────────────────────────────────────

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Batch | None = None) -> bool:
        return request.user.has_perm("intake.build_batch") or request.user.has_perm("intake.approve_batch")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("intake.build_batch")

    def has_change_permission(self, request: HttpRequest, obj: Batch | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Batch | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        return Batch.objects.select_related("recipient", "programme").annotate(items_frozen=Count("items"))

    # ── the list ───────────────────────────────────────────────────────────────────────────────────────────────────

    @admin.display(description="Number", ordering="number")
    def number_link(self, batch: Batch) -> SafeString:
        return format_html('<a href="{}">{}</a>', _address(batch), batch.number)

    @admin.display(description="Purpose", ordering="purpose")
    def purpose_name(self, batch: Batch) -> str:
        return PURPOSES.get(batch.purpose, batch.purpose)

    @admin.display(description="State", ordering="state")
    def where(self, batch: Batch) -> str:
        if batch.state == Batch.State.APPROVED and batch.total:
            return f"{batch.get_state_display()}: {batch.done} of {batch.total}"
        return str(batch.get_state_display())

    @admin.display(description="Files")
    def files(self, batch: Batch) -> int:
        return int(getattr(batch, "items_frozen", 0))

    @admin.display(description="Left out")
    def left_out(self, batch: Batch) -> int:
        return sum(row["count"] for row in batch.excluded)

    # ── addresses ──────────────────────────────────────────────────────────────────────────────────────────────────

    def get_urls(self) -> list[URLPattern]:
        wrap, fresh = self.admin_site.admin_view, reauthentication_required
        own = [
            # A session left open in an office must not approve: the second factor is asked for again.
            path("<uuid:pk>/approve/", wrap(fresh(require_POST(self.approve_view))), name="intake_batch_approve"),
            path("<uuid:pk>/abandon/", wrap(require_POST(self.abandon_view)), name="intake_batch_abandon"),
            path("<uuid:pk>/again/", wrap(require_POST(self.again_view)), name="intake_batch_again"),
        ]
        return own + super().get_urls()

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._require_ops(request)
        self._batch(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def _require_ops(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _batch(self, request: HttpRequest, pk: uuid.UUID | str) -> Batch:
        try:
            key = uuid.UUID(str(pk))
        except ValueError:
            key = uuid.UUID(int=0)
        return get_object_or_404(self.get_queryset(request), pk=key)

    # ── a new batch ────────────────────────────────────────────────────────────────────────────────────────────────

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Counts come before anything is frozen: the query is a GET, freezing it a POST of the same query."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        form = QueryForm(asked) if asked else QueryForm()
        context: dict[str, Any] = {"form": form, "title": "New batch", "opts": self.opts}
        if asked and form.is_valid():
            try:
                if request.method == "POST":
                    return self._freeze(request, form)
                context["selection"] = form.select()
            except IntakeError as error:
                context["refused"] = error.sentence
        context["asked"] = {name: form.data.get(name) for name in form.fields} if asked else {}
        status = 409 if request.method == "POST" else 200
        return TemplateResponse(
            request,
            "admin/intake/batch/new.html",
            {**self.admin_site.each_context(request), **context},
            status=status,
        )

    def _freeze(self, request: HttpRequest, form: QueryForm) -> HttpResponse:
        batch = deliver.new_batch(actor=_user(request), **form.cleaned_data)
        self.log_addition(request, batch, "frozen")
        messages.success(request, f"{batch.number} is frozen. Somebody else has to approve it now.")
        return redirect(_address(batch))

    # ── one batch ──────────────────────────────────────────────────────────────────────────────────────────────────

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._require_ops(request)
        batch = self._batch(request, object_id)
        items = batch.items.select_related("artifact", "revision").order_by("task_id", "artifact_id")
        under_way = batch.state in (Batch.State.APPROVED, Batch.State.SEALED) and batch.due_at is not None
        context = {
            **self.admin_site.each_context(request),
            "title": batch.number,
            "opts": self.opts,
            "batch": batch,
            "purpose": self.purpose_name(batch),
            "facts": deliver.describe(batch),
            "list_digest": deliver.list_digest(batch),
            "sample": items[:SAMPLE],
            "left_out": self.left_out(batch),
            "refusal": deliver.refusal_sentence(batch),
            "under_way": under_way,
            "refresh": under_way and "still" not in request.GET,
            "may": self._may(request, batch),
            "again": _query(batch),
            "trust": _trust(),
        }
        answer = TemplateResponse(request, "admin/intake/batch/batch.html", context)
        if context["refresh"]:
            answer.headers["Refresh"] = str(REFRESH_SECONDS)
        return answer

    def _may(self, request: HttpRequest, batch: Batch) -> dict[str, bool]:
        """Which buttons the page has. The service asks everything again."""
        user, state = request.user, batch.state
        builds, approves = user.has_perm("intake.build_batch"), user.has_perm("intake.approve_batch")
        return {
            "approve": approves and state == Batch.State.FROZEN and batch.builder_id != user.pk,
            "wait": state == Batch.State.FROZEN and batch.builder_id == user.pk,
            "abandon": builds and state in (Batch.State.DRAFT, Batch.State.FROZEN),
            "again": builds and state == Batch.State.DRAFT,
        }

    def approve_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        self._require_ops(request)
        batch = self._batch(request, pk)
        try:
            deliver.approve_batch(batch, actor=_user(request), seen=request.POST.get("list_digest", ""))
        except IntakeError as error:
            messages.error(request, error.sentence)
        else:
            self.log_change(request, batch, "approved")
            messages.success(request, f"{batch.number} is approved. A worker builds it now.")
        return redirect(_address(batch))

    def abandon_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        self._require_ops(request)
        batch = self._batch(request, pk)
        try:
            deliver.abandon(batch, actor=_user(request))
        except IntakeError as error:
            messages.error(request, error.sentence)
            return redirect(_address(batch))
        self.log_change(request, batch, "abandoned")
        messages.success(request, f"{batch.number} is abandoned. Its files are free for another batch.")
        return redirect(CHANGELIST)

    def again_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        self._require_ops(request)
        batch = self._batch(request, pk)
        try:
            new = deliver.build_again(batch, actor=_user(request))
        except IntakeError as error:
            messages.error(request, error.sentence)
            return redirect(_address(batch))
        self.log_addition(request, new, f"frozen in place of {batch.number}")
        messages.success(request, f"{new.number} is frozen in place of {batch.number}.")
        return redirect(_address(new))


def _address(batch: Batch) -> str:
    return reverse("admin:intake_batch_change", args=[batch.pk])


def _query(batch: Batch) -> str:
    """The address that shows what the same query would give now."""
    asked = {"programme": batch.programme_id, "recipient": batch.recipient_id, "purpose": batch.purpose}
    return f"{reverse('admin:intake_batch_add')}?{urlencode(asked)}"


def _trust() -> str:
    try:
        return consent.trust_fingerprint()
    except KeysMissingError:
        return ""


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
