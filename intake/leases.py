"""Who works on a row now: one mechanism for jobs and for reviewers.

The database is the queue. A claim is one guarded UPDATE that raises the row's fencing number; whoever writes later must
present that number, so a worker that slept past its lease changes nothing. Times are the database's own clock: two
hosts never agree on theirs.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection, models, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from intake.errors import LostLeaseError

HEARTBEAT_SECONDS = 20


def after(seconds: float) -> Combinable:
    """The database's time in ``seconds`` from now."""
    return ExpressionWrapper(Now() + Value(dt.timedelta(seconds=seconds)), output_field=DateTimeField())


def claim(row: models.Model, *, seconds: float, where: Q = Q(), **changes: Any) -> int | None:
    """Claim a row, if it is free, due and still as ``where`` says; return its new fencing number.

    Returns None when somebody else holds it, its time has not come, or its state has moved on.
    """
    rows = type(row)._default_manager.filter(pk=row.pk)
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    with transaction.atomic():
        changed = rows.filter(where, free, due_at__lte=Now()).update(
            fencing=F("fencing") + 1, lease_until=after(seconds), **changes
        )
        # Read inside the transaction: the row is locked by our UPDATE, so the number is ours.
        return int(rows.values_list("fencing", flat=True).get()) if changed else None


def renew(row: models.Model, fencing: int, *, seconds: float) -> bool:
    """Lengthen a lease that is still ours; False means it is lost."""
    rows = type(row)._default_manager.filter(pk=row.pk, fencing=fencing)
    return rows.update(lease_until=after(seconds)) == 1


def release(row: models.Model, fencing: int, **changes: Any) -> None:
    """Give a lease back. Does nothing when it is no longer ours."""
    type(row)._default_manager.filter(pk=row.pk, fencing=fencing).update(lease_until=None, **changes)


class Lease:
    """A claim that is being kept alive. ``check`` before every write of leased work."""

    def __init__(self, row: models.Model, fencing: int) -> None:
        self.row, self.fencing = row, fencing
        self._lost = threading.Event()

    def lose(self) -> None:
        self._lost.set()

    def check(self) -> None:
        """Raise LostLeaseError when the heartbeat found the row taken, or the row says so now."""
        held = type(self.row)._default_manager.filter(pk=self.row.pk, fencing=self.fencing).exists()
        if self._lost.is_set() or not held:
            raise LostLeaseError


@contextmanager
def keep(row: models.Model, fencing: int, *, seconds: float) -> Iterator[Lease]:
    """Renew a lease every 20 s, in a thread with a connection of its own, until the block ends."""
    lease = Lease(row, fencing)
    done = threading.Event()

    def beat() -> None:
        try:
            while not done.wait(min(HEARTBEAT_SECONDS, seconds / 3)):
                try:
                    held = renew(row, fencing, seconds=seconds)
                except DatabaseError:
                    # Busy or away: the next beat tries again, and whoever took over meanwhile has another number.
                    connection.close()
                    continue
                if not held:
                    lease.lose()
                    return
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        done.set()
        thread.join()
