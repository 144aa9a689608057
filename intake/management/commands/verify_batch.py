"""``manage.py verify_batch PATH``: is this bag, in every byte, the batch that was signed? Opens no database."""

from __future__ import annotations

import json
import re
import time
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent import batch as bags
from consent import services as consent
from consent.batch import Report
from consent.errors import KeysMissingError
from intake.export.records import check_rows

OK, USAGE, INVALID, UNAVAILABLE, RETRACTED, NOT_FRESH = 0, 2, 5, 6, 7, 8
# The core speaks with the exit statuses of ``python -m consent``.
STATUS = {0: OK, 1: INVALID, 2: RETRACTED, 3: NOT_FRESH}


class Command(BaseCommand):
    help = "Check a batch in a directory: bag, names, digests, bundles, rows, counts and signature. Needs no service."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH", help="the directory with bagit.txt")
        parser.add_argument("--trust", type=_fingerprint, metavar="FP", help="root key; default: this installation's")
        parser.add_argument("--retractions", type=Path, metavar="FILE", help="the newest published retraction list")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        started = time.monotonic()
        try:
            trust = options["trust"] or consent.trust_fingerprint()
        except KeysMissingError as error:
            raise CommandError(f"{error.sentence} Or give --trust.", returncode=USAGE) from None
        try:
            retractions = options["retractions"].read_bytes() if options["retractions"] else None
            report = bags.verify(options["path"], trust=trust, retractions=retractions)
            rows = _check_rows(options["path"], report)
        except NotADirectoryError:
            raise CommandError("There is no directory of this name.", returncode=USAGE) from None
        except OSError as error:
            raise CommandError(f"It cannot be read: {error.strerror}.", returncode=UNAVAILABLE) from None
        status = STATUS[report.exit_status]
        document = {
            "schema_version": 1,
            "valid": status in (OK, RETRACTED),
            "exit": status,
            "errors": bags.summary(report.problems),
            "checked": {"files": len(report.files), "bundles": report.bundles, "rows": rows},
            "retracted": sorted(report.retracted),
            "keyset_version": report.keyset_version,
            "seconds": round(time.monotonic() - started, 3),
        }
        self.stdout.write(json.dumps(document, sort_keys=True) if options["json"] else _text(document))
        if status != OK:
            raise SystemExit(status)


def _check_rows(root: Path, report: Report) -> int:
    """Rows ↔ files: the one check that reads contents, so it stands here and not in the core."""
    if report.batch is None:
        return 0
    files = {path: (found.sha256, found.size) for path, found in report.artifacts.items()}
    count, problems = check_rows(root, report.batch, files)
    for problem in problems:
        report.add(problem.code, problem.path, problem.sentence)
    return count


def _text(document: dict[str, Any]) -> str:
    checked = document["checked"]
    lines = [f"{error['code']}  {error['path']}: {error['sentence']}" for error in document["errors"]]
    verdict = "VALID" if document["valid"] else "NOT VALID"
    lines.append(
        f"{verdict}: {checked['files']} files, {checked['bundles']} bundles and {checked['rows']} rows checked."
    )
    return "\n".join(lines)


def _fingerprint(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise ArgumentTypeError("a fingerprint has 64 hexadecimal digits")
    return text.lower()
