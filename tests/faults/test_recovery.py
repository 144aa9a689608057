"""What breaks, breaks midway: kill the worker, empty the broker. Nobody helps, and the submission still arrives.

The short run shortens lease and reconciler, so that it fits every test run; ``make faults`` runs with the real ones
(lease 120 s, reconciler 15 s) and holds the promise of 150 s.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from config.processes import Child
from intake.models import Submission, User
from intake.states import SubmissionState
from tests.corpus import samples
from tests.factories import submitted
from tests.services import ROOT, rig, shared_database, start_worker, stopping

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(400)]

REAL_LEASE = 120
LEASE = int(os.environ.get("FAULTS_LEASE_SECONDS", "6"))
RECONCILE = 15 if LEASE == REAL_LEASE else 2
TAKEN_UP_WITHIN = LEASE + 2 * RECONCILE
# A new worker takes seconds to start on a busy machine, which only the real times have room for.
SLACK = 0 if LEASE == REAL_LEASE else 60
TIMES = {"LEASE_SECONDS": str(LEASE), "RECONCILE_SECONDS": str(RECONCILE)}


@pytest.fixture
def beat(s3: Any, broker: str) -> Iterator[None]:
    """Celery beat in a process of its own: what sends the reconciler out."""
    redis.Redis.from_url(broker).flushall()  # hints about rows of earlier tests
    schedule = rig().folder / f"beat-{time.monotonic_ns()}"
    command = [sys.executable, "-m", "celery", "-A", "config.celery", "beat", "-s", str(schedule), "-l", "WARNING"]
    with (rig().folder / "beat.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | shared_database() | TIMES, stdout=log, stderr=log
        )
        yield
        process.terminate()
        process.wait(timeout=20)


def work(user: User) -> Submission:
    """A submission that keeps a worker busy for a while."""
    files = {file.name: file.data for file in samples()[0].files}
    return submitted(user, files)


def wait_for(submission: Submission, *, seconds: float, reached: str) -> float:
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        submission.refresh_from_db()
        if submission.state == reached:
            return time.monotonic() - started
        time.sleep(0.1)
    pytest.fail(f"still {submission.state} after {seconds} s")


def wait_until_claimed(submission: Submission, fencing: int, *, seconds: float) -> float:
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        submission.refresh_from_db()
        if submission.fencing >= fencing:
            return time.monotonic() - started
        time.sleep(0.05)
    pytest.fail(f"not taken up within {seconds} s")


def kill_tree(child: Child) -> None:
    """SIGKILL the worker and its pool, as an out-of-memory killer or a lost machine would."""
    os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait()


def test_a_killed_worker_is_replaced_and_the_files_still_get_checked(alice: User, beat: None) -> None:
    first = start_worker(**TIMES)
    try:
        submission = work(alice)
        wait_until_claimed(submission, 1, seconds=60)
    finally:
        kill_tree(first)
    killed_at = time.monotonic()
    submission.refresh_from_db()
    assert submission.state == SubmissionState.PROCESSING
    with stopping(start_worker(**TIMES)):
        wait_until_claimed(submission, 2, seconds=TAKEN_UP_WITHIN + SLACK)
        taken_up = time.monotonic() - killed_at
        sys.stdout.write(f"taken up again {taken_up:.0f} s after the worker was killed\n")
        assert taken_up <= TAKEN_UP_WITHIN + SLACK
        wait_for(submission, seconds=120, reached=SubmissionState.CHECKING)
    assert submission.artifacts.filter(state="ready").count() >= 7


def test_an_emptied_broker_loses_nothing(alice: User, beat: None) -> None:
    submission = work(alice)
    redis.Redis.from_url(os.environ["CELERY_BROKER_URL"]).flushall()
    with stopping(start_worker(**TIMES)):
        wait_until_claimed(submission, 1, seconds=TAKEN_UP_WITHIN + 30)
        wait_for(submission, seconds=120, reached=SubmissionState.CHECKING)
