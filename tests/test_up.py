"""``manage.py up``: everything starts, answers, and is gone afterwards; a second start goes on with the data."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import embedded
from config.env import Env
from config.launcher import EXIT_DIED, EXIT_NOT_STARTED, dotenv, empty
from config.processes import StartError, StoppedError, finish, start, wait_until
from tests.services import ROOT

# What the launcher chooses itself when nobody set it.
CHOSEN = (
    "AWS_S3_ENDPOINT_URL", "CELERY_BROKER_URL", "DATABASE_URL", "DATA_KEY_URI", "DJANGO_SECRET_KEY", "EMAIL_URL",
    "PUBLIC_URL", "S3_IDENTITIES", "SIGNING_KEY_URI", "VOUCHSAFE_PROFILE",
)  # fmt: skip
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


class Portal:
    """A launcher in a process of its own over one data folder."""

    def __init__(self, folder: Path, *options: str, **variables: str) -> None:
        self.folder = folder
        self.port = free_port()
        environment = {name: value for name, value in os.environ.items() if name not in CHOSEN}
        environment |= {"VOUCHSAFE_DATA_DIR": str(folder)} | variables
        self.output = folder.with_name(f"{folder.name}-{uuid.uuid4().hex[:6]}.txt")
        with self.output.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--port", str(self.port), *options],
                cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    @property
    def said(self) -> str:
        return self.output.read_text()

    def wait_until_it_serves(self) -> None:
        wait_for(lambda: "The portal is at" in self.said or self.process.poll() is not None, seconds=150)
        assert "The portal is at" in self.said, self.said

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(90)

    def processes(self) -> dict[int, str]:
        """Everything on this machine that was started for this folder, the launcher apart."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                if str(self.folder).encode() in text and int(entry.name) not in (os.getpid(), self.process.pid):
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:120]
        return found


def wait_for(condition: Callable[[], bool], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)


def free_port() -> int:
    return next(port for port in range(8100, 8900) if embedded.is_free(port))


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Portal]]:
    """Gives a function that starts a launcher over this test's folder."""
    portals: list[Portal] = []

    def launch_portal(*options: str, **variables: str) -> Portal:
        portals.append(Portal(tmp_path / "data", *options, **variables))
        return portals[-1]

    yield launch_portal
    for portal in portals:
        if portal.process.poll() is None:
            portal.end(signal.SIGTERM)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts processes in /proc")
def test_it_starts_stops_and_goes_on(launch: Callable[..., Portal]) -> None:
    portal = launch()
    portal.wait_until_it_serves()
    assert embedded.answers(f"http://localhost:{portal.port}/")
    assert (portal.folder / "run.env").stat().st_mode & 0o777 == 0o600

    second = launch()
    assert second.process.wait(60) == EXIT_NOT_STARTED
    assert "Another 'up' is running" in second.said

    database, keys = portal.folder / "db" / "vouchsafe.sqlite3", (portal.folder / "s3.json").read_bytes()
    size = database.stat().st_size
    # The hard way first: nobody is left to stop the others.
    portal.end(signal.SIGKILL)
    wait_for(lambda: not portal.processes(), seconds=120)
    assert portal.processes() == {}
    assert (portal.folder / "run.env").exists()

    again = launch()
    again.wait_until_it_serves()
    assert database.stat().st_size >= size
    assert (portal.folder / "s3.json").read_bytes() == keys
    assert again.end(signal.SIGINT) == 0
    assert again.processes() == {}
    assert not (portal.folder / "run.env").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts processes in /proc")
def test_a_service_that_dies_stops_the_rest(launch: Callable[..., Portal], broker: str) -> None:
    # The broker is ours here: the launcher starts none beside it.
    portal = launch("--prod-like", CELERY_BROKER_URL=broker)
    portal.wait_until_it_serves()
    running = portal.processes()
    assert not any("valkey" in command for command in running.values())
    assert any("gunicorn" in command for command in running.values())
    os.kill(next(pid for pid, command in running.items() if "weed" in command), signal.SIGKILL)
    assert portal.process.wait(90) == EXIT_DIED
    assert "The S3 server stopped by itself" in portal.said
    assert portal.processes() == {}


def test_a_taken_port_is_said(launch: Callable[..., Portal], broker: str) -> None:
    taken = broker.rsplit(":", 1)[1].split("/")[0]
    portal = launch("--port", taken)
    assert portal.process.wait(60) == EXIT_NOT_STARTED
    assert f"Port {taken} is taken" in portal.said


def test_a_program_that_dies_while_starting_shows_its_last_words(tmp_path: Path) -> None:
    child = start("oracle", [sys.executable, "-c", "exit('no more')"], log=tmp_path / "log", environment={})
    with pytest.raises(StartError, match=r"oracle stopped while it was starting(?s:.*)no more"):
        wait_until(child, lambda: False, seconds=20)


def test_a_stranger_on_the_port_is_not_taken_for_ours(tmp_path: Path) -> None:
    child = start("server", [sys.executable, "-c", "exit(1)"], log=tmp_path / "log", environment={})
    wait_for(lambda: not child.is_alive, seconds=20)
    with pytest.raises(StartError):
        wait_until(child, lambda: True)


def test_waiting_ends_when_somebody_asks_to_stop(tmp_path: Path) -> None:
    child = start("sleeper", SLEEP, log=tmp_path / "log", environment={})
    with pytest.raises(StoppedError):
        finish(child, stopped=lambda: True)
    assert not child.is_alive


def test_stopping_ends_the_whole_group(tmp_path: Path) -> None:
    marker = tmp_path / "grandchild"
    fork = (
        "import os, signal, time, pathlib; pid = os.fork()\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(marker)!r}).write_text(str(os.getpid())) if pid == 0 else None\n"
        "time.sleep(60)"
    )
    child = start("parent", [sys.executable, "-c", fork], log=tmp_path / "log", environment={}, grace_seconds=0.2)
    wait_for(lambda: marker.exists() and bool(marker.read_text()), seconds=20)
    grandchild = int(marker.read_text())
    child.stop()
    wait_for(lambda: not _runs(grandchild), seconds=5)
    assert not _runs(grandchild)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def test_run_env_tells_a_second_terminal_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    awkward = 'it\'s a \\ "quote" #1 $HOME'
    path = tmp_path / "run.env"
    path.write_text(dotenv({"DJANGO_SECRET_KEY": awkward, "S3_IDENTITIES": '{"web": ["a", "b\'c"]}'}))
    for name in ("DJANGO_SECRET_KEY", "S3_IDENTITIES"):
        monkeypatch.delenv(name)
    told = Env(_env_file=path)
    assert told.django_secret_key == awkward
    assert told.s3_identities == {"web": ("a", "b'c")}
    monkeypatch.setenv("DJANGO_SECRET_KEY", "mine")
    assert Env(_env_file=path).django_secret_key == "mine"


def test_fresh_leaves_the_lock_alone(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "data").touch()
    empty(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_a_closed_folder_is_named_before_postgres_fails_in_it(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "db").mkdir(parents=True)
    closed.chmod(0o700)
    tmp_path.chmod(0o711)
    with pytest.raises(StartError, match=r"cannot pass"):
        embedded.start_postgres(closed / "db" / "postgres", 1, "x", tmp_path / "log")
