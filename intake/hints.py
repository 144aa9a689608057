"""Tells a worker that a row is due. A hint names a task and one UUID; losing it costs seconds, never work.

The task is named, not imported: the web process carries neither parsers nor language model.
"""

from __future__ import annotations

import logging
from functools import partial
from uuid import UUID

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

# What may be hinted about → the task that does it (tasks.py).
TASKS = {
    "process": "intake.process",
    "seal": "intake.seal",
    "build_batch": "intake.build_batch",
    "outbox": "intake.outbox",
}


def hint(kind: str, subject_id: UUID) -> None:
    """Hint once the transaction has committed."""
    transaction.on_commit(partial(send, kind, subject_id))


def send(kind: str, subject_id: UUID) -> None:
    """Hint now. A broker that is away is no error: the row is due, and the reconciler hints again."""
    try:
        current_app.send_task(TASKS[kind], args=[str(subject_id)], retry=False)
    except (OperationalError, RedisError, ConnectionError) as error:
        log.warning("hint not sent: kind=%s id=%s error=%s", kind, subject_id, type(error).__name__)
