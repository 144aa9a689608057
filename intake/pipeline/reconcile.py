"""What nobody was told about: finds work that is due and free, however its message was lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone

from intake.models import Outbox, Submission
from intake.pipeline import batch
from intake.states import SubmissionState

FIRST_SECONDS, MOST_SECONDS = 15, 900
MAX_PER_RUN = 200


def forgotten() -> Iterator[tuple[str, UUID]]:
    """Yield (kind, id) of every row to hint about now. Two at once do no harm: the claim decides."""
    now = timezone.now()
    for submission in Submission.objects.due(now).order_by("due_at")[:MAX_PER_RUN]:
        if _quiet_long_enough(submission.hinted_at, submission.hints, now):
            Submission.objects.filter(pk=submission.pk).update(hinted_at=now, hints=F("hints") + 1)
            yield ("process" if submission.state == SubmissionState.PROCESSING else "seal"), submission.pk
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    for pk in (
        Outbox.objects.filter(free, sent_at=None, due_at__lte=now)
        .order_by("due_at")
        .values_list("pk", flat=True)[:MAX_PER_RUN]
    ):
        yield "outbox", pk
    for pk in batch.due(now).values_list("pk", flat=True)[:MAX_PER_RUN]:
        yield "build_batch", pk


def _quiet_long_enough(hinted_at: dt.datetime | None, hints: int, now: dt.datetime) -> bool:
    """The first hint goes out at once, later ones after 15 s, 30 s … 15 min."""
    if hinted_at is None or hints == 0:
        return True
    return now - hinted_at >= dt.timedelta(seconds=min(FIRST_SECONDS * 2 ** min(hints - 1, 6), MOST_SECONDS))
