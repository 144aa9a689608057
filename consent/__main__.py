"""``python -m consent verify FILE --bundle BUNDLE --trust FINGERPRINT``: offline, without Django.

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
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from consent import bundle
from consent.bundle import Verified
from consent.errors import VerificationError

USAGE, UNREADABLE = 64, 66


class _Parser(argparse.ArgumentParser):
    """argparse exits with 2 on wrong usage, which here would read as *retracted*."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


@dataclass(frozen=True)
class _Arguments:
    file: Path
    bundle: Path
    trust: str
    purpose: str | None
    recipient: str | None
    retractions: Path | None
    now: dt.datetime | None
    json: bool


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


def _arguments(argv: Sequence[str] | None) -> _Arguments:
    parser = _Parser(prog="python -m consent", description="Check consent offline.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    verify = commands.add_parser("verify", help="check that a contributor agreed to exactly this file")
    verify.add_argument("file", type=Path, metavar="FILE", help="the file; it is hashed, never opened as a document")
    verify.add_argument("--bundle", type=Path, required=True, help="its .consent.json")
    verify.add_argument("--trust", type=_fingerprint, required=True, help="SHA-256 of the root key")
    verify.add_argument("--purpose", help="a purpose that must be permitted, such as evaluation")
    verify.add_argument("--recipient", help="a recipient class or party that must be permitted")
    verify.add_argument("--retractions", type=Path, help="the newest published retraction list")
    verify.add_argument("--now", type=_moment, help="judge as of this moment instead of the clock's")
    verify.add_argument("--json", action="store_true", help="print one JSON object")
    found = vars(parser.parse_args(argv))
    found.pop("command")
    return _Arguments(**found)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path) -> bytes:
    # One byte more than a bundle may have is enough to refuse it.
    with path.open("rb") as file:
        return file.read(bundle.LIMIT + 1)


def _report(verified: Verified) -> dict[str, object]:
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


def _refusal(error: VerificationError, sha256: str) -> dict[str, object]:
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


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    arguments = _arguments(argv)
    try:
        sha256 = _sha256(arguments.file)
        data = _read(arguments.bundle)
        retractions = None if arguments.retractions is None else arguments.retractions.read_bytes()
    except OSError as error:
        print(f"python -m consent: cannot read {error.filename}: {error.strerror}", file=sys.stderr)
        return UNREADABLE
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
        report = _report(verified)
    except VerificationError as error:
        report = _refusal(error, sha256)
    print(json.dumps(report, sort_keys=True) if arguments.json else _lines(report, verified))
    return int(str(report["exit"]))


if __name__ == "__main__":
    sys.exit(main())
