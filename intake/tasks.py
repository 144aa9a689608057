"""Celery's way in: each task states its limit and makes one call. A message is a hint with one UUID, never the job.

The database is the queue (ADR 2): a lost, doubled or late message changes nothing, because every call claims its row
first and the reconciler finds what nobody was told about.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any
from uuid import UUID

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from intake.pipeline import batch, outbox, process, purge, reconcile, seal

log = logging.getLogger(__name__)


@shared_task(name="intake.process", time_limit=150)
def process_submission(submission_id: str) -> None:
    process.process_submission(UUID(submission_id))


@shared_task(name="intake.seal", time_limit=150)
def seal_submission(submission_id: str) -> None:
    seal.seal_submission(UUID(submission_id))


@shared_task(name="intake.build_batch", time_limit=900)
def build_batch(batch_id: str) -> None:
    batch.build_and_seal(UUID(batch_id))


@shared_task(name="intake.outbox", time_limit=60)
def send_outbox(row_id: str) -> None:
    outbox.send(UUID(row_id))


@shared_task(name="intake.reconcile", time_limit=60, ignore_result=True)
def run_reconcile() -> None:
    for kind, subject_id in reconcile.forgotten():
        _send(kind, subject_id)


@shared_task(name="intake.purge", time_limit=150)
def run_purge() -> None:
    purge.purge_due()


TASKS: dict[str, Any] = {
    "process": process_submission,
    "seal": seal_submission,
    "build_batch": build_batch,
    "outbox": send_outbox,
}


def hint(kind: str, subject_id: UUID) -> None:
    """Tell a worker, once the transaction has committed, that a row is due."""
    transaction.on_commit(partial(_send, kind, subject_id))


def _send(kind: str, subject_id: UUID) -> None:
    try:
        TASKS[kind].apply_async(args=[str(subject_id)], retry=False)
    except (OperationalError, RedisError, ConnectionError) as error:
        # Nothing is lost: the row is due, and the reconciler hints again when the broker is back.
        log.warning("hint not sent: kind=%s id=%s error=%s", kind, subject_id, type(error).__name__)
