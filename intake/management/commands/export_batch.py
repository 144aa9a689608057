"""``manage.py export_batch``: freeze a new batch, or build one that a second person approved in the admin."""

from __future__ import annotations

import json
import time
import uuid
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.db.models import Q, QuerySet
from django.utils import timezone

from consent.errors import ConsentError, KeysMissingError
from intake.errors import IntakeError, StorageUnavailableError
from intake.models import Batch, Programme, Recipient, User
from intake.pipeline import batch as pipeline
from intake.services import deliver

UNEXPECTED, USAGE, NOTHING, REFUSED, UNAVAILABLE = 1, 2, 3, 4, 6
POLL_SECONDS = 1.0


class Command(BaseCommand):
    help = "Freeze a new batch (--new), or build an approved one. Both are safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("batch", nargs="?", metavar="BATCH", help="number or id of an approved batch")
        parser.add_argument("--new", action="store_true", help="freeze what can go now; a second person then approves")
        parser.add_argument("--purpose", help="with --new: evaluation, fine_tuning or training")
        parser.add_argument("--recipient", help="with --new: name or id")
        parser.add_argument("--programme", help="with --new: title or id; may be left out if there is only one")
        parser.add_argument("--as", dest="actor", metavar="EMAIL", help="with --new: the person who builds it")
        parser.add_argument("--dry-run", action="store_true", help="with --new: only say what could go")
        parser.add_argument("--wait", action="store_true", help="wait while a worker builds it")
        parser.add_argument("--timeout", type=float, default=600, metavar="S", help="seconds to wait; default 600")
        parser.add_argument(
            "--to", type=Path, metavar="DIR", help="wait, then copy the sealed bag under this directory"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        if bool(options["new"]) == bool(options["batch"]):
            raise CommandError("Give --new, or the number of an approved batch.", returncode=USAGE)
        started = time.monotonic()
        try:
            document = _new(options) if options["new"] else _build(options)
        except (StorageUnavailableError, KeysMissingError) as error:
            raise CommandError(error.sentence, returncode=UNAVAILABLE) from error
        except OperationalError as error:
            raise CommandError("The database does not answer.", returncode=UNAVAILABLE) from error
        except (IntakeError, ConsentError) as error:
            status = NOTHING if error.code == "nothing" else REFUSED
            raise CommandError(f"{error.code}: {error.sentence}", returncode=status) from error
        except KeyboardInterrupt:
            raise SystemExit(130) from None
        document["seconds"] = round(time.monotonic() - started, 3)
        self.stdout.write(json.dumps(document, sort_keys=True) if options["json"] else _text(document))


def _new(options: dict[str, Any]) -> dict[str, Any]:
    for name in ("purpose", "recipient"):
        if not options[name]:
            raise CommandError(f"--new needs --{name}.", returncode=USAGE)
    programme = _one(Programme.objects.all(), "title", options["programme"], "programme")
    recipient = _one(Recipient.objects.all(), "name", options["recipient"], "recipient")
    if options["dry_run"]:
        return deliver.preview(programme, recipient, options["purpose"], timezone.now())
    if not options["actor"]:
        raise CommandError("--new needs --as EMAIL, the person who builds the batch.", returncode=USAGE)
    actor = User.objects.filter(email=options["actor"].lower(), is_active=True).first()
    if actor is None:
        raise CommandError("There is no such person.", returncode=USAGE)
    batch = deliver.new_batch(actor=actor, programme=programme, recipient=recipient, purpose=options["purpose"])
    return deliver.describe(batch)


def _one(rows: QuerySet[Any], name_field: str, wanted: str | None, noun: str) -> Any:
    """The one row that is meant: by id or name, or because there is no other."""
    if wanted:
        rows = rows.filter(Q(pk=wanted) if _is_uuid(wanted) else Q(**{name_field: wanted}))
    found = list(rows[:2])
    if len(found) != 1:
        raise CommandError(f"There is no one {noun} that this means. Give its id.", returncode=USAGE)
    return found[0]


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _build(options: dict[str, Any]) -> dict[str, Any]:
    batch = _one(Batch.objects.select_related("recipient", "programme"), "number", options["batch"], "batch")
    if batch.state not in (Batch.State.APPROVED, Batch.State.SEALED):
        raise CommandError("not_approved: Nobody approved this batch yet.", returncode=REFUSED)
    # A worker may be at it already: then this changes nothing, and --wait looks on.
    outcome = pipeline.build_and_seal(batch.pk)
    if outcome == StorageUnavailableError.code:
        raise StorageUnavailableError
    batch.refresh_from_db()
    deadline = time.monotonic() + options["timeout"]
    while (options["wait"] or options["to"]) and _is_under_way(batch):
        if time.monotonic() > deadline:
            raise CommandError("It is not sealed yet; it goes on without this command.", returncode=UNEXPECTED)
        time.sleep(POLL_SECONDS)
        batch.refresh_from_db()
    if batch.refusal:
        raise CommandError(f"{batch.refusal.partition(' ')[0]}: {deliver.refusal_sentence(batch)}", returncode=REFUSED)
    document = deliver.describe(batch)
    if options["to"] is not None:
        document["path"] = str(pipeline.copy_to(batch, options["to"]))
    return document


def _is_under_way(batch: Batch) -> bool:
    return batch.state in (Batch.State.APPROVED, Batch.State.SEALED) and batch.due_at is not None


def _text(document: dict[str, Any]) -> str:
    counts = document["counts"]
    lines = [f"{document['number']}: {document['state']}"] if "number" in document else []
    lines.append(f"{counts['artifacts']} files of {counts['submissions']} tasks, {counts['bytes']} bytes")
    lines += [f"left out: {row['count']}  {row['sentence']}" for row in document["excluded"]]
    lines += [f"{name}: {document[name]}" for name in ("manifest_sha256", "uri", "path") if document.get(name)]
    return "\n".join(lines)
