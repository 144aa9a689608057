"""``manage.py up``: the whole portal on one machine, with real services and one command."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from config.env import DATA_DIR
from config.launcher import EXIT_NOT_STARTED, Launcher, Plan, empty, locked
from config.processes import StartError


class Command(BaseCommand):
    help = "Starts S3 server, broker, database, worker, beat and web on this machine, and stops them with one Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port of the web server (8000)")
        parser.add_argument("--db", choices=["sqlite", "postgres"], default="sqlite", help="database to start")
        parser.add_argument("--prod-like", action="store_true", help="serve with gunicorn instead of runserver")
        parser.add_argument("--fresh", action="store_true", help="delete the data of earlier starts first")
        parser.add_argument("--no-input", action="store_true", help="delete without asking")
        parser.add_argument("--demo", action="store_true", help="then play the story of one submission")
        parser.add_argument("--once", action="store_true", help="end after the story, with its exit status")

    def handle(self, *_: Any, **options: Any) -> None:
        folder = Path(os.environ.get("VOUCHSAFE_DATA_DIR", DATA_DIR)).resolve()
        plan = Plan(
            folder=folder,
            port=options["port"],
            database=options["db"],
            prod_like=options["prod_like"],
            demo=options["demo"],
            once=options["once"],
        )
        try:
            with locked(folder):
                if options["fresh"]:
                    self._empty(folder, ask=not options["no_input"])
                status = Launcher(plan, self._say).run()
        except StartError as error:
            self._say(f"Not started. {error}")
            status = EXIT_NOT_STARTED
        raise SystemExit(status)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _empty(self, folder: Path, *, ask: bool) -> None:
        if ask and input(f"Delete everything under {folder}? [y/N] ").strip().lower() not in ("y", "yes"):
            raise StartError("Nothing was deleted.")
        empty(folder)
