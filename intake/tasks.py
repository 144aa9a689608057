"""Celery's way in: each task states its limit and makes one call. A message is a hint with one UUID, never the job.

The database is the queue: a lost, doubled or late message changes nothing, because every call claims its row first and
the reconciler finds what nobody was told about.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_init

from intake import hints
from intake.pipeline import batch, ledger, outbox, process, purge, reconcile, seal
from redaction import engine

# Large submissions take minutes, their lease is kept alive meanwhile; below the broker's visibility timeout of 600 s.
PROCESS_SECONDS = 540


@worker_init.connect
def load_the_model(**_: Any) -> None:
    """Load the language model before the pool forks: its children share the memory, and nobody waits for it."""
    engine.warm()


@shared_task(name="intake.process", time_limit=PROCESS_SECONDS)
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


@shared_task(name="intake.reconcile", time_limit=60)
def run_reconcile() -> None:
    for kind, subject_id in reconcile.forgotten():
        hints.send(kind, subject_id)


@shared_task(name="intake.purge", time_limit=150)
def run_purge() -> None:
    purge.purge_due()


@shared_task(name="intake.publish_log", time_limit=150)
def run_publish_log() -> None:
    ledger.publish()
