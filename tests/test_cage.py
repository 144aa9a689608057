"""No cage, no worker; and where a system has none, everybody is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from config import celery
from config.launcher import Launcher, Plan
from redaction.sandbox import Probe
from tests.services import ROOT, run_manage

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no cage")
# Celery's own way in, over a zygote for which the kernel has no Landlock.
WORKER = """
import sys
from redaction import zygote
zygote.START = zygote.START.replace("serve()", "import redaction.landlock as l; l.restrict = l.missing; serve()")
zygote.START = zygote.START.replace("l.missing", "lambda paths: l.os.stat('/nowhere')")
from celery.__main__ import main
sys.argv = ["celery", "-A", "config", "worker", "--pool", "solo", "--without-gossip", "--without-mingle"]
main()
"""


@LINUX
@pytest.mark.parametrize("allowed", [{}, {"ALLOW_UNSANDBOXED": "1"}], ids=["told nothing", "told to do without"])
def test_a_worker_without_a_cage_does_not_start(allowed: dict[str, str]) -> None:
    result = subprocess.run(
        [sys.executable, "-c", WORKER],
        cwd=ROOT,
        env={**os.environ, "CELERY_BROKER_URL": "memory://", **allowed},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert result.returncode == 1, result.stderr
    assert "The worker does not start. The kernel has no Landlock" in result.stderr
    assert "ready" not in result.stderr


@pytest.mark.parametrize(
    ("found", "starts"),
    [
        (Probe(True, True, True, 7), True),
        (Probe(True, True, True, 1), True),
        (Probe(True, True, True, 0), False),
        (Probe(True, True, False, 7), False),
        (Probe(True, False, True, 7), False),
        (Probe(False, True, True, 7), False),
        (Probe(True, True, True, 7, escaped=("fork",)), False),
        (Probe(True, True, True, 7, trouble="It does not start."), False),
    ],
)
def test_every_wall_counts(monkeypatch: pytest.MonkeyPatch, found: Probe, starts: bool) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(celery, "probe", lambda: found)
    if starts:
        celery.refuse_without_a_cage()
        return
    with pytest.raises(SystemExit):
        celery.refuse_without_a_cage()


@LINUX
def test_doctor_names_the_walls() -> None:
    result = run_manage("doctor", "--only", "cage")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "ok     cage: Landlock" in result.stdout
    assert "seccomp" in result.stdout


@pytest.mark.parametrize(("system", "said"), [("darwin", True), ("linux", False)])
def test_the_embedded_default_does_without_on_macos_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, said: bool
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)

    portal = Launcher(Plan(tmp_path), say)
    (tmp_path / "keys").mkdir()
    portal._set_own_variables()
    assert (portal.variables.get("ALLOW_UNSANDBOXED") == "1") is said
    assert any("sandbox         none" in line for line in lines) is said


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/admin/login/"])
def test_every_page_says_when_there_is_no_cage(client: Client, settings: Any, path: str) -> None:
    settings.EMBEDDED = True
    sentence = "Files are read <strong>without</strong> a sandbox here."
    settings.UNSANDBOXED = False
    assert sentence not in client.get(path, follow=True).content.decode()
    settings.UNSANDBOXED = True
    assert sentence in client.get(path, follow=True).content.decode()


@LINUX
def test_linux_does_not_listen() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from django.conf import settings; print(settings.UNSANDBOXED)"],
        cwd=ROOT,
        env={
            **os.environ,
            "VOUCHSAFE_PROFILE": "embedded",
            "ALLOW_UNSANDBOXED": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
