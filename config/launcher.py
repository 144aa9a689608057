"""``manage.py up``: starts every part of the portal in order, waits for each, and leaves none behind.

Order: lock, keys, ports, S3 server and broker together, database, tables and buckets, worker, beat and web together.
A service whose variable is already set (even to nothing) is yours: it is not started. What starts is told everything
by variables, the same ones that production sets. Stopping goes backwards.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from config import embedded, stores
from config.env import BASE_DIR
from config.processes import Child, StartError, StoppedError, finish, start, wait_until

EXIT_DIED = 1
EXIT_NOT_STARTED = 6
MANAGE = (sys.executable, "manage.py")


@dataclass(frozen=True)
class Plan:
    """What the person who started it asked for."""

    folder: Path
    port: int = 8000
    database: str = "sqlite"
    prod_like: bool = False
    demo: bool = False
    once: bool = False


class Launcher:
    """One run of the whole portal over one data folder."""

    def __init__(self, plan: Plan, say: Callable[[str], object]) -> None:
        self.plan = plan
        self.say = say
        self.children: list[Child] = []
        self.variables: dict[str, str] = {}
        self.pairs: dict[str, stores.KeyPair] = {}
        self.asked_to_stop = threading.Event()
        self._broker_password = secrets.token_urlsafe(24)
        self.begun = time.monotonic()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.plan.port}/"

    @property
    def run_env(self) -> Path:
        return self.plan.folder / "run.env"

    def run(self) -> int:
        """Start, serve until asked to stop, stop. Returns the exit status."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.asked_to_stop.set())
        try:
            self._start_services()
            self._start_portal()
            return self._serve()
        except StoppedError:
            return 0
        except StartError as error:
            self.say(f"\nNot started. {error}")
            return EXIT_NOT_STARTED
        finally:
            self._stop()

    # --- starting ---

    def _start_services(self) -> None:
        if not embedded.is_free(self.plan.port):
            raise StartError(f"Port {self.plan.port} is taken. Choose another: --port {self.plan.port + 1}")
        folder = self.plan.folder
        for name in ("keys", "logs", "mail", "db", "exports", "static"):
            embedded.private_folder(folder / name)
        ports = embedded.kept_ports(folder / "ports.json")
        self._set_own_variables()
        s3, broker = self._start_s3(ports), self._start_broker(ports)
        if broker:
            password = self._broker_password
            self._wait(broker, lambda: embedded.broker_is_ready(ports["broker"], password))
        if s3:
            admin = stores.s3_client(self.variables["AWS_S3_ENDPOINT_URL"], self.pairs["admin"])
            self._wait(s3, lambda: embedded.s3_is_ready(ports["s3"]) and stores.s3_lists(admin))
            stores.make_buckets(admin)
        self._start_database(ports)

    def _set_own_variables(self) -> None:
        keys = self.plan.folder / "keys"
        self.variables |= embedded.QUIET
        self.variables |= {"VOUCHSAFE_PROFILE": "embedded", "VOUCHSAFE_DATA_DIR": str(self.plan.folder)}
        if sys.platform == "darwin":
            self.variables["ALLOW_UNSANDBOXED"] = "1"
            self.say("  sandbox         none: macOS has neither seccomp nor Landlock. Add files of your own only.")
        self._offer("PUBLIC_URL", self.url.rstrip("/"))
        self._offer("DJANGO_SECRET_KEY", embedded.kept_secret(keys / "django"))
        self._offer("DATA_KEY_URI", f"file:{embedded.kept_key(keys / 'data.key')}")
        self._offer("SIGNING_KEY_URI", f"file:{embedded.kept_signing_keys(keys / 'signing', self.url.rstrip('/'))}")
        self._offer("EMAIL_URL", f"file://{self.plan.folder / 'mail'}")

    def _offer(self, name: str, value: str) -> None:
        """Set a variable unless the person who started us did."""
        self.variables[name] = os.environ.get(name, value)

    def _start_s3(self, ports: dict[str, int]) -> Child | None:
        if "AWS_S3_ENDPOINT_URL" in os.environ:
            self.say("  S3 server       yours (AWS_S3_ENDPOINT_URL)")
            return None
        config = self.plan.folder / "s3.json"
        self.pairs = stores.kept_identities(config)
        endpoint = f"http://{embedded.LOOPBACK}:{ports['s3']}"
        self.variables |= {"AWS_S3_ENDPOINT_URL": endpoint, "S3_SSE": "AES256"}
        self.variables["S3_IDENTITIES"] = stores.identities_json(self.pairs, stores.ACTIONS)
        return self._add(embedded.start_s3(self.plan.folder / "s3", config, ports, self._log("s3")))

    def _start_broker(self, ports: dict[str, int]) -> Child | None:
        if "CELERY_BROKER_URL" in os.environ:
            self.say("  broker          yours (CELERY_BROKER_URL)")
            return None
        port, password = ports["broker"], self._broker_password
        self.variables["CELERY_BROKER_URL"] = f"redis://:{password}@{embedded.LOOPBACK}:{port}/0"
        return self._add(embedded.start_broker(self.plan.folder / "broker", port, password, self._log("broker")))

    def _start_database(self, ports: dict[str, int]) -> None:
        folder = self.plan.folder
        if "DATABASE_URL" in os.environ:
            self.say("  database        yours (DATABASE_URL)")
            return
        if self.plan.database == "sqlite":
            self.variables["DATABASE_URL"] = f"sqlite:///{folder / 'db' / 'vouchsafe.sqlite3'}"
            return
        if embedded.database_user() is not None:
            # The other user must pass these; everything private in them keeps its own mode.
            folder.chmod(0o711)
            (folder / "db").chmod(0o711)
        port, password = ports["database"], embedded.kept_secret(folder / "keys" / "database")
        child = self._add(embedded.start_postgres(folder / "db" / "postgres", port, password, self._log("database")))
        self._wait(child, lambda: embedded.postgres_is_ready(port, password))
        embedded.make_database(port, password, "vouchsafe")
        self.variables["DATABASE_URL"] = embedded.postgres_url(port, password, "vouchsafe")

    def _start_portal(self) -> None:
        self._prepare_tables()
        stores.write_private(self.run_env, dotenv(self.variables))
        since = time.time()
        workers = min(2, os.cpu_count() or 1)
        worker = self._add(
            embedded.start_worker(
                self._environment(stores.WORKER_IDENTITIES), self._log("worker"), folder=BASE_DIR, concurrency=workers
            )
        )
        beat = [sys.executable, "-m", "celery", "-A", "config", "beat", "--loglevel", "WARNING", "--pidfile", ""]
        self._add(start("beat", beat, log=self._log("beat"), environment=self._environment(()), folder=BASE_DIR))
        web = self._add(self._start_web())
        self._wait(web, lambda: embedded.answers(self.url))
        with stopping(embedded.ask_for_worker(self._environment(()), since, folder=BASE_DIR)) as heartbeat:
            self._wait(worker, lambda: not heartbeat.is_alive, seconds=100)
        if heartbeat.process.returncode != 0:
            raise StartError(f"The worker was not heard.\n{worker.log_end()}")

    def _start_web(self) -> Child:
        address = f"{embedded.LOOPBACK}:{self.plan.port}"
        command = [*MANAGE, "runserver", "--noreload", address]
        if self.plan.prod_like:
            command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", address, "--worker-class", "gthread"]
            command += ["--workers", "2", "--threads", "4", "--access-logfile", "-"]
        environment = self._environment(stores.WEB_IDENTITIES)
        return start("web server", command, log=self._log("web"), environment=environment, folder=BASE_DIR)

    def _prepare_tables(self) -> None:
        """Migrate in a process of its own: this one opens no connection."""
        command = [sys.executable, "-m", "config.tables"]
        child = start("tables", command, log=self._log("setup"), environment=self._environment(()), folder=BASE_DIR)
        if finish(child, stopped=self.asked_to_stop.is_set) != 0:
            raise StartError(f"The tables could not be prepared.\n{child.log_end()}")

    def _environment(self, identities: Iterable[str]) -> dict[str, str]:
        """The variables of one process: of the storage key pairs it gets only its own."""
        own = {"S3_IDENTITIES": stores.identities_json(self.pairs, identities)} if self.pairs else {}
        return os.environ | self.variables | own

    def _add(self, child: Child) -> Child:
        self.children.append(child)
        return child

    def _log(self, name: str) -> Path:
        return self.plan.folder / "logs" / f"{name}.log"

    def _wait(self, child: Child, ready: Callable[[], bool], *, seconds: float = 60) -> None:
        wait_until(child, ready, seconds=seconds, stopped=self.asked_to_stop.is_set)
        self.say(f"  {child.name:<15} ready after {time.monotonic() - self.begun:4.1f} s")

    # --- serving and stopping ---

    def _serve(self) -> int:
        if self.plan.demo:
            status = self._play_demo()
            if self.plan.once or status != 0:
                return status
        self.say(f"\nThe portal is at {self.url}   (Ctrl-C stops everything; start again to go on)")
        while not self.asked_to_stop.wait(0.5):
            if dead := next((child for child in self.children if not child.is_alive), None):
                self.say(f"\nThe {dead.name} stopped by itself; stopping the rest.\n{dead.log_end()}")
                return EXIT_DIED
        return 0

    def _play_demo(self) -> int:
        """Play the story in a process that speaks to the portal as people do; its output is ours."""
        environment = self._environment(stores.ACTIONS)
        child = start("demo", [*MANAGE, "demo"], log=None, environment=environment, folder=BASE_DIR)
        return finish(child, seconds=900, stopped=self.asked_to_stop.is_set)

    def _stop(self) -> None:
        if self.children:
            self.say("\nStopping …")
        for child in reversed(self.children):
            child.stop()
        self.run_env.unlink(missing_ok=True)


@contextlib.contextmanager
def stopping(child: Child) -> Iterator[Child]:
    try:
        yield child
    finally:
        child.stop()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the data folder: one launcher at a time.

    Raises:
        StartError: another launcher holds it.
    """
    embedded.private_folder(folder)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StartError(f"Another 'up' is running on {folder}. Stop that one first.") from None
        yield


def empty(folder: Path) -> None:
    """Delete everything in the data folder but the lock."""
    for entry in folder.iterdir():
        if entry.name == "lock":
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def dotenv(variables: dict[str, str]) -> str:
    """Variables as a file that ``config/env.py`` reads below the environment."""
    quoted = ((name, value.replace("\\", "\\\\").replace("'", "\\'")) for name, value in sorted(variables.items()))
    return "".join(f"{name}='{value}'\n" for name, value in quoted)
