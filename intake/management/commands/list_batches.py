"""``manage.py list_batches``: which batches there are, and where each of them is."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from intake.models import Batch
from intake.services.deliver import describe


class Command(BaseCommand):
    help = "List batches, newest first: number, state, recipient, purpose and counts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--state", choices=Batch.State.values, help="only batches in this state")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        batches = Batch.objects.select_related("recipient")
        if options["state"]:
            batches = batches.filter(state=options["state"])
        found = [describe(batch) for batch in batches]
        if options["json"]:
            self.stdout.write(json.dumps({"schema_version": 1, "batches": found}, sort_keys=True))
            return
        for row in found:
            files, where = row["counts"]["artifacts"], f"{row['purpose']} for {row['recipient']}"
            self.stdout.write(f"{row['number']}  {row['state']:<9}  {files:>6} files  {where}")
