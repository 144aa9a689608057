"""``python -m consent verify FILE --bundle BUNDLE --trust FINGERPRINT``: offline, without Django.

``python -m consent verify-batch FOLDER --trust FINGERPRINT`` checks a delivered batch as a whole, and
``python -m consent verify-log FOLDER --trust FINGERPRINT`` a copy of the log. ``python -m consent rotate FOLDER USAGE
--root FILE`` gives a usage a new signing key.

Exit status: 0 valid, 1 invalid, 2 retracted, 3 not fresh, 64 wrong usage, 66 a file cannot be read.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from consent import batch, bundle, keys, ledger_copy, signing, steps
from consent.bundle import Verified
from consent.errors import FormatError, KeysMissingError, VerificationError
from consent.record import to_text

USAGE, UNREADABLE = 64, 66


class _Parser(argparse.ArgumentParser):
    """argparse exits with 2 on wrong usage, which here would read as *retracted*."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def _fingerprint(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise argparse.ArgumentTypeError("a fingerprint has 64 hexadecimal digits")
    return text.lower()


def _moment(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a moment looks like 2026-11-22T10:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(prog="python -m consent", description="Check consent offline.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    verify = commands.add_parser("verify", help="check that a contributor agreed to exactly this file")
    verify.add_argument("file", type=Path, metavar="FILE", help="the file; it is hashed, never opened as a document")
    verify.add_argument("--bundle", type=Path, required=True, help="its .consent.json")
    verify.add_argument("--purpose", help="a purpose that must be permitted, such as evaluation")
    verify.add_argument("--recipient", help="a recipient class or party that must be permitted")
    verify.set_defaults(run=_verify)
    verify_batch = commands.add_parser("verify-batch", help="check a delivered batch: every file, bundle and signature")
    verify_batch.add_argument("folder", type=Path, metavar="FOLDER", help="the folder with bagit.txt")
    verify_batch.set_defaults(run=_verify_batch)
    verify_log = commands.add_parser("verify-log", help="check a copy of the log: that it only grew, row by row")
    verify_log.add_argument("folder", type=Path, metavar="FOLDER", help="the folder with keyset.dsse.json and rows/")
    verify_log.add_argument("--since", type=_size, default=0, metavar="SIZE", help="rows that were checked before")
    verify_log.add_argument("--known", type=Path, metavar="FILE", help="a checkpoint kept from earlier")
    verify_log.set_defaults(run=_verify_log)
    rotate = commands.add_parser("rotate", help="give one usage a new signing key, and write the next keyset")
    rotate.add_argument("folder", type=Path, metavar="FOLDER", help="the folder with the signing keys")
    rotate.add_argument("usage", choices=keys.USAGES, metavar="USAGE", help=", ".join(keys.USAGES))
    rotate.add_argument("--root", type=Path, required=True, metavar="FILE", help="the root's private key")
    rotate.add_argument("--revoke", action="store_true", help="the old key was stolen")
    rotate.set_defaults(run=_rotate)
    for command in (verify, verify_batch):
        command.add_argument("--retractions", type=Path, help="the newest published retraction list")
    for command in (verify, verify_batch, verify_log):
        command.add_argument("--trust", type=_fingerprint, required=True, help="SHA-256 of the root key")
        command.add_argument("--now", type=_moment, help="judge as of this moment instead of the clock's")
        command.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args(argv)


def _size(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise argparse.ArgumentTypeError("a size is a whole number")
    return int(text)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path) -> bytes:
    # One byte more than a bundle may have is enough to refuse it.
    with path.open("rb") as file:
        return file.read(steps.LIMIT + 1)


def report_of(verified: Verified) -> dict[str, object]:
    """Return what ``--json`` prints for a good bundle; the second verifier has to say the same."""
    return {
        "schema_version": 1,
        "valid": True,
        "exit": 0,
        "code": None,
        "step": None,
        "sentence": "The contributor agreed to exactly this file.",
        "stage": verified.stage,
        "artifact_id": verified.artifact_id,
        "sha256": verified.sha256,
        "record_id": verified.record_id,
        "purposes": list(verified.purposes),
        "recipients": list(verified.recipients),
        "valid_until": verified.valid_until,
        "signed_by": {"method": verified.method, "strength": verified.strength},
        "time": {"value": verified.time, "source": verified.time_source},
        "retraction": {"status": verified.retraction_status, "sequence": verified.retraction_sequence},
        "keyset_version": verified.keyset_version,
        "signers": list(verified.signers),
    }


def refusal_of(error: VerificationError, sha256: str) -> dict[str, object]:
    """Return what ``--json`` prints for a refused one."""
    return {
        "schema_version": 1,
        "valid": False,
        "exit": error.exit_status,
        "code": error.code,
        "step": error.step,
        "sentence": error.sentence,
        "sha256": sha256,
        "retraction": {"status": "retracted" if error.code == "retracted" else "unknown", "sequence": None},
    }


def _lines(report: dict[str, object], verified: Verified | None) -> str:
    if verified is None:
        return f"NOT VALID ({report['code']}, step {report['step']}): {report['sentence']}"
    retraction = {"unknown": "not checked; hand in --retractions", "clean": "not retracted"}
    rows = {
        "file": f"sha256 {verified.sha256}",
        "artifact": verified.artifact_id,
        "record": verified.record_id,
        "stage": verified.stage,
        "purposes": ", ".join(verified.purposes),
        "recipients": ", ".join(verified.recipients),
        "valid until": verified.valid_until,
        "signed by": f"{verified.method} ({verified.strength.replace('_', ' ')})",
        "time": f"{verified.time} (from the {verified.time_source})",
        "retraction": retraction[verified.retraction_status],
    }
    return f"VALID: {report['sentence']}\n" + "\n".join(f"  {name:<12} {value}" for name, value in rows.items())


def _verify(arguments: argparse.Namespace) -> int:
    sha256 = _sha256(arguments.file)
    data, retractions = _read(arguments.bundle), _retractions(arguments)
    verified: Verified | None = None
    try:
        verified = bundle.verify(
            sha256,
            data,
            trust=arguments.trust,
            purpose=arguments.purpose,
            recipient=arguments.recipient,
            retractions=retractions,
            now=arguments.now,
        )
        status, report = 0, report_of(verified)
    except VerificationError as error:
        status, report = error.exit_status, refusal_of(error, sha256)
    print(json.dumps(report, sort_keys=True) if arguments.json else _lines(report, verified))
    return status


def _verify_batch(arguments: argparse.Namespace) -> int:
    found = batch.verify(
        arguments.folder, trust=arguments.trust, retractions=_retractions(arguments), now=arguments.now
    )
    status = found.exit_status
    report = {
        "schema_version": 1,
        "valid": status == 0,
        "exit": status,
        "errors": batch.summary(found.problems),
        "checked": {"files": len(found.artifacts), "bundles": found.bundles},
        "keyset_version": found.keyset_version,
    }
    if arguments.json:
        print(json.dumps(report, sort_keys=True))
    else:
        for problem in found.problems:
            print(f"{problem.path}: {problem.sentence} ({problem.code})")
        print(f"{'VALID' if status == 0 else 'NOT VALID'}: {len(found.artifacts)} files, {found.bundles} bundles")
    return status


def _verify_log(arguments: argparse.Namespace) -> int:
    known = None if arguments.known is None else arguments.known.read_text(encoding="utf-8", errors="replace")
    try:
        found = ledger_copy.verify(
            arguments.folder, trust=arguments.trust, since=arguments.since, known=known, now=arguments.now
        )
    except FormatError as error:
        found = ledger_copy.LogVerdict(error.code, None, 0, "", None, 0)
    status = {None: 0, "keyset_expired": 3}.get(found.code, 1)
    sentence = "The log only ever grew." if found.code is None else FormatError(found.code).sentence
    report = {
        "schema_version": 1,
        "valid": found.valid,
        "exit": status,
        "code": found.code,
        "index": found.index,
        "sentence": sentence,
        "size": found.size,
        "root": found.root,
        "seen_at": None if found.seen_at is None else to_text(found.seen_at),
        "entries": found.entries,
    }
    if arguments.json:
        print(json.dumps(report, sort_keys=True))
    elif found.valid:
        print(f"VALID: {sentence} {found.size} rows, {found.entries} of them with what they are about")
    else:
        place = "" if found.index is None else f", row {found.index}"
        print(f"NOT VALID ({found.code}{place}): {sentence}")
    return status


def _rotate(arguments: argparse.Namespace) -> int:
    try:
        version = signing.rotate(arguments.folder, arguments.usage, root=arguments.root, revoke=arguments.revoke)
    except KeysMissingError as error:
        print(f"python -m consent: {error.sentence}", file=sys.stderr)
        return UNREADABLE
    print(f"Keyset version {version} is written. Restart web and workers, then publish it.")
    return 0


def _retractions(arguments: argparse.Namespace) -> bytes | None:
    return None if arguments.retractions is None else Path(arguments.retractions).read_bytes()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    arguments = _arguments(argv)
    try:
        return int(arguments.run(arguments))
    except OSError as error:
        print(f"python -m consent: cannot read {error.filename or error}: {error.strerror or error}", file=sys.stderr)
        return UNREADABLE


if __name__ == "__main__":
    sys.exit(main())
