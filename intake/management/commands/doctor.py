"""``manage.py doctor``: is everything the portal stands on there, and does it answer?"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.core.checks import ERROR, run_checks
from django.core.mail import get_connection
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from config.env import env
from intake.errors import StorageUnavailableError
from intake.models import WorkerHeartbeat
from intake.storages import storage
from redaction import weights
from redaction.sandbox import probe

FRESH_SECONDS = 60


class Trouble(Exception):  # noqa: N818 - a finding, said in one sentence
    """What is wrong, and what to do about it."""


def check_settings() -> str:
    errors = [message for message in run_checks() if message.level >= ERROR]
    if errors:
        raise Trouble("; ".join(f"{message.msg} ({message.id})" for message in errors))
    return f"profile {env().vouchsafe_profile}"


def check_database() -> str:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise Trouble(f"does not answer ({type(error).__name__}): start it, or look at DATABASE_URL") from None
    if missing:
        raise Trouble(f"{len(missing)} migrations are missing: run manage.py migrate")
    return connection.vendor


def check_broker() -> str:
    client = redis.Redis.from_url(env().celery_broker_url, socket_connect_timeout=2, socket_timeout=2)
    try:
        client.ping()
    except redis.RedisError as error:
        raise Trouble(f"does not answer ({type(error).__name__}): start it, or look at CELERY_BROKER_URL") from None
    finally:
        client.close()
    return "answers"


def check_store() -> str:
    """Ask for an object that is not there: any clear answer means the store and this key pair work."""
    try:
        storage("vault", as_="preview").present(f"doctor/{uuid.uuid4()}")
    except StorageUnavailableError:
        raise Trouble("does not answer or refuses our keys: look at AWS_S3_ENDPOINT_URL and the key pairs") from None
    return "answers"


def check_worker() -> str:
    alive = WorkerHeartbeat.objects.filter(seen_at__gte=timezone.now() - dt.timedelta(seconds=FRESH_SECONDS)).count()
    if not alive:
        raise Trouble(f"none was heard in the last {FRESH_SECONDS} seconds: start one, work waits for it meanwhile")
    return f"{alive} alive"


def check_cage() -> str:
    found = probe()
    if not found.usable:
        raise Trouble(found.sentence)
    return found.sentence


def check_model() -> str:
    """All models of the table are told; only without the one that policies search with by default nothing works."""
    states = {model: weights.state(model) for model in weights.entries()}
    told = ", ".join(f"{one.fingerprint}: {states[one.name]}" for one in weights.entries().values())
    if states[weights.MODEL] != "ok":
        raise Trouble(f"{told}; run make models")
    return told


def check_mail() -> str:
    try:
        with get_connection():
            return str(settings.EMAIL_BACKEND).rsplit(".", 2)[-2]
    except OSError as error:
        raise Trouble(f"cannot be sent ({type(error).__name__}): look at EMAIL_URL") from None


CHECKS: dict[str, Callable[[], str]] = {
    "settings": check_settings,
    "database": check_database,
    "broker": check_broker,
    "store": check_store,
    "worker": check_worker,
    "cage": check_cage,
    "language model": check_model,
    "mail": check_mail,
}


class Command(BaseCommand):
    help = "Says of each thing the portal stands on whether it answers. Exit status 1 when one does not."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", choices=CHECKS, help="ask one thing alone")
        parser.add_argument("--worker-since", type=float, help="only wait for a worker heard since this time (seconds)")
        parser.add_argument("--wait", type=float, default=0, help="how many seconds to wait for it")

    def handle(self, *_: Any, **options: Any) -> None:
        if (since := options["worker_since"]) is not None:
            heard = wait_for_heartbeat(dt.datetime.fromtimestamp(since, tz=dt.UTC), seconds=options["wait"])
            raise SystemExit(0 if heard else 1)
        asked = {options["only"]: CHECKS[options["only"]]} if options["only"] else CHECKS
        results = [self._report(name, check) for name, check in asked.items()]
        if not all(results):
            raise SystemExit(1)

    def _report(self, name: str, check: Callable[[], str]) -> bool:
        try:
            found = check()
        except Trouble as trouble:
            self.stdout.write(f"{self.style.ERROR('fails')}  {name}: {trouble}")
            return False
        self.stdout.write(f"{self.style.SUCCESS('ok')}     {name}: {found}")
        return True


def wait_for_heartbeat(since: dt.datetime, *, seconds: float) -> bool:
    """Look for a worker heard since then until the time is over; a database that is busy is asked again."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if WorkerHeartbeat.objects.filter(seen_at__gte=since).exists():
                return True
        except DatabaseError:
            connection.close()
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.1)
