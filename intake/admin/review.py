"""The reviewer's desk: a queue that says who holds what, and a screen that shows redacted bytes only."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin, ShowFacets, SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from intake.admin.decision import DecisionForm
from intake.admin.marks import first_places, passages
from intake.errors import IntakeError, LostLeaseError
from intake.models import ReviewDecision, ReviewTask, User
from intake.models.review import Outcome
from intake.services import review

DUE_HOURS, LATE_HOURS = 8, 24
DONE = {
    Outcome.APPROVE: "approved",
    Outcome.RETURN: "sent back to the contributor",
    Outcome.REJECT: "rejected",
}
# V1 … V7 of the second look at the output, in words.
CHECKS: dict[str, str] = {
    "V1": "Nothing that was replaced is found by other readers",
    "V2": "Only known parts are inside",
    "V3": "A second search finds nothing more",
    "V4": "Pictures and pages show nothing that was replaced",
    "V5": "It opens, and the other text is all there",
    "V6": "No left-over bytes of removed parts",
    "V7": "Nothing was left unread",
}
CHECK_WORDS = {"pass": "passed", "grey": "a person should look", "fail": "failed", "unavailable": "did not run"}


class ShowFilter(SimpleListFilter):
    """Which tasks are listed; without a choice, those that are still to be decided."""

    title = "what to show"
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [("mine", "Claimed by me"), ("free", "Free to claim"), ("late", "Late"), ("decided", "Decided by me")]

    def choices(self, changelist: Any) -> Any:
        everything, *rest = super().choices(changelist)
        yield {**everything, "display": "To be decided"}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: QuerySet[ReviewTask]) -> QuerySet[ReviewTask]:
        now, user = timezone.now(), _user(request)
        held = Q(state=ReviewTask.State.CLAIMED, lease_until__gte=now)
        still_open = Q(state__in=[ReviewTask.State.QUEUED, ReviewTask.State.CLAIMED])
        match self.value():
            case "mine":
                return queryset.filter(held, claimant=user)
            case "free":
                return queryset.filter(still_open).exclude(held)
            case "late":
                return queryset.filter(still_open, created_at__lt=now - dt.timedelta(hours=LATE_HOURS))
            case "decided":
                return queryset.filter(decisions__reviewer=user)
            case _:
                return queryset.filter(still_open)


@admin.register(ReviewTask)
class ReviewTaskAdmin(ModelAdmin[ReviewTask]):
    """Own work and work that cannot be offered to this person does not exist here: its pages answer 404."""

    list_display = ("open_link", "stage_name", "files", "findings", "age", "held_by", "next_step")
    list_display_links = None
    list_filter = (ShowFilter, "stage")
    list_per_page = 50
    search_fields = ("submission__reference",)
    search_help_text = "Search by reference, such as VS-7K3M-Q2XD"
    ordering = ("created_at",)
    show_facets = ShowFacets.ALLOW
    show_full_result_count = False
    actions = None
    change_list_template = "admin/intake/reviewtask/queue.html"

    # ── who may ────────────────────────────────────────────────────────────────────────────────────────────────────

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(review.PERMISSION)

    def has_view_permission(self, request: HttpRequest, obj: ReviewTask | None = None) -> bool:
        return request.user.has_perm(review.PERMISSION)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ReviewTask | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ReviewTask | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReviewTask]:
        user = _user(request)
        tasks = ReviewTask.objects.filter(
            Q(pk__in=ReviewTask.objects.offered_to(user).values("pk")) | Q(decisions__reviewer=user)
        ).exclude(contributor=user)
        is_mine = ExpressionWrapper(Q(claimant=user), output_field=BooleanField())
        related = tasks.annotate(is_mine=is_mine).select_related("submission__programme")
        return related.prefetch_related("submission__artifacts__revision__run").order_by("created_at")

    # ── the queue ──────────────────────────────────────────────────────────────────────────────────────────────────

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        self._require_reviewer(request)
        queue = review.queue_for(_user(request))
        return super().changelist_view(request, {**(extra_context or {}), "queue": queue, "title": "Review queue"})

    @admin.display(description="Reference", ordering="submission__reference")
    def open_link(self, task: ReviewTask) -> SafeString:
        return format_html('<a href="{}">{}</a>', _review_url(task), task.submission.reference)

    @admin.display(description="Stage", ordering="stage")
    def stage_name(self, task: ReviewTask) -> str:
        return task.stage.replace("_", " ")

    @admin.display(description="Files")
    def files(self, task: ReviewTask) -> int:
        return len(task.digests)

    @admin.display(description="Replaced")
    def findings(self, task: ReviewTask) -> int:
        under_review = [a for a in task.submission.artifacts.all() if str(a.pk) in task.digests and a.revision]
        runs = {a.revision.run_id: a.revision.run for a in under_review if a.revision}
        return sum(sum(run.counts.values()) for run in runs.values())

    @admin.display(description="Age", ordering="created_at")
    def age(self, task: ReviewTask) -> SafeString:
        hours = int((timezone.now() - task.created_at).total_seconds() // 3600)
        word = "late" if hours >= LATE_HOURS else "due" if hours >= DUE_HOURS else "new"
        length = "under 1 h" if hours < 1 else f"{hours} h" if hours < 48 else f"{hours // 24} days"
        return format_html('<span class="badge badge-{}">{}</span> {}', word, word, length)

    @admin.display(description="Claimed by")
    def held_by(self, task: ReviewTask) -> str:
        if task.state in {ReviewTask.State.DECIDED, ReviewTask.State.CANCELLED}:
            return task.get_state_display().lower()
        if not _is_held(task):
            return "nobody"
        until = f"until {task.lease_until:%H:%M} UTC"
        return f"you, {until}" if getattr(task, "is_mine", False) else f"a colleague, {until}"

    @admin.display(description="Next step")
    def next_step(self, task: ReviewTask) -> SafeString | str:
        if task.state in {ReviewTask.State.DECIDED, ReviewTask.State.CANCELLED}:
            return "nothing to do"
        if not _is_held(task):
            # The list stands inside a form with its own token; the button only sends it to another address.
            return format_html(
                '<button type="submit" class="button row-button" formaction="{}">Claim'
                '<span class="visually-hidden"> {}</span></button>',
                reverse("admin:intake_reviewtask_claim", args=[task.pk]),
                task.submission.reference,
            )
        if not getattr(task, "is_mine", False):
            return "wait"
        return format_html(
            '<a href="{}">Go on<span class="visually-hidden"> with {}</span></a>', _review_url(task), task
        )

    # ── addresses ──────────────────────────────────────────────────────────────────────────────────────────────────

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("start/", wrap(require_POST(self.start_view)), name="intake_reviewtask_start"),
            path("<uuid:pk>/claim/", wrap(require_POST(self.claim_view)), name="intake_reviewtask_claim"),
            path("<uuid:pk>/release/", wrap(require_POST(self.release_view)), name="intake_reviewtask_release"),
            path("<uuid:pk>/review/", wrap(self.review_view), name="intake_reviewtask_review"),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The stock page of one task gives way to the review screen."""
        self._require_reviewer(request)
        return redirect(_review_url(self._task(request, object_id)))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._require_reviewer(request)
        self._task(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def _require_reviewer(self, request: HttpRequest) -> None:
        if not request.user.has_perm(review.PERMISSION):
            raise PermissionDenied

    def _task(self, request: HttpRequest, pk: uuid.UUID | str) -> ReviewTask:
        """The task, or 404: for one's own work, for what cannot be offered, and for what does not exist alike."""
        try:
            key = uuid.UUID(str(pk))
        except ValueError:
            key = uuid.UUID(int=0)
        return get_object_or_404(self.get_queryset(request), pk=key)

    # ── moves ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def start_view(self, request: HttpRequest) -> HttpResponse:
        """Claim the oldest free task; when a colleague is faster, the next one."""
        self._require_reviewer(request)
        user = _user(request)
        for task in review.queue_for(user).free:
            try:
                review.claim(task, actor=user)
            except IntakeError:
                continue
            return redirect(_review_url(task))
        for sentence in review.queue_for(user).sentences:
            messages.info(request, sentence)
        return redirect("admin:intake_reviewtask_changelist")

    def claim_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        self._require_reviewer(request)
        task = self._task(request, pk)
        try:
            review.claim(task, actor=_user(request))
        except IntakeError as error:
            messages.error(request, error.sentence)
            return redirect("admin:intake_reviewtask_changelist")
        return redirect(_review_url(task))

    def release_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        self._require_reviewer(request)
        task = self._task(request, pk)
        try:
            review.unclaim(task, actor=_user(request))
        except IntakeError as error:
            messages.error(request, error.sentence)
        else:
            messages.success(request, f"{task.submission.reference} is free again.")
        return redirect("admin:intake_reviewtask_changelist")

    def review_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
        self._require_reviewer(request)
        task, user = self._task(request, pk), _user(request)
        form = DecisionForm(request.POST if request.method == "POST" else None, task=task, actor=user)
        if request.method == "POST" and form.is_valid() and (decision := form.decide()):
            return self._decided(request, task, decision)
        page = self._page(request, task, user)
        status = (
            200 if request.method == "GET" else 409 if form.is_valid() is False and form.non_field_errors() else 400
        )
        context = {**self.admin_site.each_context(request), **page, "form": form, "opts": self.opts, "task": task}
        return TemplateResponse(request, "admin/intake/reviewtask/review.html", context, status=status)

    def _decided(self, request: HttpRequest, task: ReviewTask, decision: ReviewDecision) -> HttpResponse:
        done = DONE[Outcome(decision.outcome)]
        self.log_change(request, task, f"{done} ({', '.join(decision.codes)})" if decision.codes else done)
        messages.success(request, f"{task.submission.reference} is {done}.")
        return self.start_view(request) if "next" in request.POST else redirect("admin:intake_reviewtask_changelist")

    # ── the screen ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _page(self, request: HttpRequest, task: ReviewTask, user: User) -> dict[str, Any]:
        """What the screen shows. Contents appear only while this person holds the claim."""
        page: dict[str, Any] = {
            "title": f"Review {task.submission.reference}",
            "submission": task.submission,
            "stage": self.stage_name(task),
            "is_mine": _is_held(task) and task.claimant_id == user.pk,
            "is_free": task.state in {ReviewTask.State.QUEUED, ReviewTask.State.CLAIMED} and not _is_held(task),
            "grants": _grants(task),
        }
        if page["is_mine"]:
            page |= self._contents(request, task, user)
        return page

    def _contents(self, request: HttpRequest, task: ReviewTask, user: User) -> dict[str, Any]:
        files = review.files_of(task)
        shown = next((f for f in files if str(f.pk) == request.GET.get("file")), files[0])
        page: dict[str, Any] = {"shown": shown}
        try:
            page |= _file_page(review.review_preview(task, shown, actor=user))
            review.mark_seen(task, shown, actor=user)
        except LostLeaseError:
            return {"is_mine": False}
        except (IntakeError, FileNotFoundError) as error:
            page["unreadable"] = getattr(error, "sentence", "The copy of this file is not in the store.")
        task.refresh_from_db(fields=["seen", "lease_until"])
        page["files"] = [{"artifact": f, "seen": str(f.pk) in task.seen, "is_shown": f == shown} for f in files]
        page["unseen"] = [f for f in files if str(f.pk) not in task.seen]
        page["blockers"] = [error.sentence for error in review.approve_blockers(task) if error.code != "unseen"]
        return page


def _file_page(preview: review.Preview) -> dict[str, Any]:
    text = passages(preview.blocks)
    places = first_places(text)
    by_type: dict[str, list[dict[str, Any]]] = {}
    for group in preview.findings:
        by_type.setdefault(group.entity_type, []).append({"finding": group, "place": places.get(group.token)})
    return {
        "passages": text,
        "preview": preview,
        "types": [
            {
                "name": name.replace("_", " ").capitalize(),
                "family": name.lower().replace("_", "-"),
                "count": sum(row["finding"].count for row in rows),
                "rows": rows,
            }
            for name, rows in by_type.items()
        ],
        "checks": [
            {"id": key, "what": CHECKS.get(key, key), "state": state, "word": CHECK_WORDS.get(state, state)}
            for key, state in sorted(preview.checks.items())
        ],
    }


def _grants(task: ReviewTask) -> list[Any]:
    """The scope of consent: purposes, classes of recipients, until when."""
    record = task.submission.consent_record
    return list(record.grants.order_by("purpose", "recipient_class")) if record else []


def _is_held(task: ReviewTask) -> bool:
    return (
        task.state == ReviewTask.State.CLAIMED and task.lease_until is not None and task.lease_until >= timezone.now()
    )


def _review_url(task: ReviewTask) -> str:
    return reverse("admin:intake_reviewtask_review", args=[task.pk])


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
