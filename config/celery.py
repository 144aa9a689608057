"""The Celery application. A message is a hint with one id; the queue is the database (``intake/leases.py``)."""

from __future__ import annotations

import logging
import os
import socket
import threading
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_ready, worker_shutting_down
from django.apps import apps
from django.db import DatabaseError, connection
from django.utils import timezone

from config.env import env
from redaction import zygote
from redaction.sandbox import probe

HEARTBEAT_SECONDS = 10
PURGE_SECONDS = 300
PUBLISH_SECONDS = 600

logger = logging.getLogger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def _every(seconds: float, task: str) -> dict[str, Any]:
    # A hint nobody read in time is worth nothing: the next one says the same.
    return {"task": task, "schedule": float(seconds), "options": {"expires": float(seconds)}}


def configuration() -> dict[str, Any]:
    """Everything Celery is told, read when it is first needed and not when this module is imported."""
    return {
        "broker_url": env().celery_broker_url,
        # Pickle executes what it reads; a body here is one UUID.
        "accept_content": ["json"],
        "task_serializer": "json",
        # No second truth beside the database, and access to the broker is not control over workers.
        "result_backend": None,
        "task_ignore_result": True,
        "worker_send_task_events": False,
        "worker_enable_remote_control": False,
        # Reserve only what runs; give a message back only when its task ended.
        "task_acks_late": True,
        "worker_prefetch_multiplier": 1,
        # True would requeue a file that exhausts memory for ever (celery#2840); the reconciler counts attempts instead.
        "task_reject_on_worker_lost": False,
        # Losing the broker must not stop work; the claim of a second copy fails.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "broker_connection_retry_on_startup": True,
        # A cold shutdown can break psycopg inside COMMIT (celery#10271).
        "worker_soft_shutdown_timeout": 30,
        # No soft limit: it raises at any bytecode.
        "task_time_limit": 150,
        "worker_max_tasks_per_child": 50,
        "worker_max_memory_per_child": 900_000,  # KiB
        "worker_hijack_root_logger": False,
        "broker_transport_options": {
            "visibility_timeout": env().celery_visibility_timeout,
            "unacked_restore_interval": env().celery_restore_interval,
            "unacked_restore_throttle": 1,  # kombu's default of 10 sweeps every hundred seconds
            "socket_timeout": 10,
            "socket_connect_timeout": 2,
            # Publishing to a broker that is away costs a blink, not the six seconds of the defaults.
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0.1,
            "interval_max": 0.2,
        },
        # With the broker down an upload still answers: one quick retry, then the reconciler finds the work.
        "task_publish_retry": True,
        "task_publish_retry_policy": {
            "max_retries": 1,
            "interval_start": 0.1,
            "interval_step": 0.1,
            "interval_max": 0.2,
        },
        "timezone": "UTC",
        "enable_utc": True,
        "beat_schedule": {
            "reconcile": _every(env().reconcile_seconds, "intake.reconcile"),
            "purge": _every(PURGE_SECONDS, "intake.purge"),
            "publish_log": _every(PUBLISH_SECONDS, "intake.publish_log"),
        },
        "beat_schedule_filename": str(env().vouchsafe_data_dir / "beat"),
    }


app = Celery("vouchsafe")
app.add_defaults(configuration)
app.autodiscover_tasks()


@worker_init.connect  # type: ignore[untyped-decorator]
def refuse_without_a_cage(**_: Any) -> None:
    """A worker parses files of strangers: without a cage around its parsers it does not start.

    Raises:
        SystemExit: a wall does not stand, or did not hold.
    """
    found = probe()
    zygote.stop_idle()  # this process parses nothing; its children have their own
    if not found.usable:
        raise SystemExit(f"The worker does not start. {found.sentence}")
    if not found.stands:
        logger.warning("Files are read without a sandbox here: %s", found.sentence)


_heartbeat_stop = threading.Event()
# Held while the heartbeat's connection is open, and across every fork, so that no child inherits an open connection.
_heartbeat_lock = threading.Lock()
os.register_at_fork(
    before=_heartbeat_lock.acquire,
    after_in_parent=_heartbeat_lock.release,
    after_in_child=_heartbeat_lock.release,
)


def beat_once(name: str) -> None:
    """Write that this worker is alive. A database that cannot take the row now gets the next one."""
    with _heartbeat_lock:
        try:
            apps.get_model("intake", "WorkerHeartbeat").objects.update_or_create(
                name=name, defaults={"seen_at": timezone.now()}
            )
        except DatabaseError:
            return
        finally:
            connection.close()


def _heartbeat(name: str) -> None:
    while True:
        beat_once(name)
        if _heartbeat_stop.wait(HEARTBEAT_SECONDS):
            return


@worker_ready.connect  # type: ignore[untyped-decorator]
def start_heartbeat(**_: Any) -> None:
    name = f"{socket.gethostname()}:{os.getpid()}"
    threading.Thread(target=_heartbeat, args=(name[-80:],), name="heartbeat", daemon=True).start()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def stop_heartbeat(**_: Any) -> None:
    _heartbeat_stop.set()
