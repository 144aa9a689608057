"""``manage.py doctor`` asks each thing the portal stands on, in a process of its own as an operator would."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services import run_manage

NOBODY = "127.0.0.1:1"


@pytest.mark.django_db(transaction=True)
def test_it_says_that_the_database_is_up_to_date() -> None:
    result = run_manage("doctor", "--only", "database")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "ok     database" in result.stdout


@pytest.mark.django_db(transaction=True)
def test_it_finds_store_and_broker(s3: Any, broker: str) -> None:
    assert "ok     store: answers" in run_manage("doctor", "--only", "store").stdout
    assert "ok     broker: answers" in run_manage("doctor", "--only", "broker").stdout


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("asked", "variables", "hint"),
    [
        ("broker", {"CELERY_BROKER_URL": f"redis://:pw@{NOBODY}/0"}, "CELERY_BROKER_URL"),
        ("store", {"AWS_S3_ENDPOINT_URL": f"http://{NOBODY}"}, "AWS_S3_ENDPOINT_URL"),
        ("mail", {"EMAIL_URL": f"smtp://{NOBODY}"}, "EMAIL_URL"),
        ("settings", {"PUBLIC_URL": "http://vouchsafe.example.org"}, "intake.E003"),
    ],
)
def test_it_says_what_to_look_at(asked: str, variables: dict[str, str], hint: str) -> None:
    result = run_manage("doctor", "--only", asked, **variables)
    assert result.returncode == 1
    assert f"fails  {asked}" in result.stdout
    assert hint in result.stdout


@pytest.mark.django_db(transaction=True)
def test_it_misses_a_worker_that_never_reported() -> None:
    tomorrow = "99999999999"
    assert run_manage("doctor", "--worker-since", tomorrow).returncode == 1
