"""``python -m redaction FILE… --out DIR --report report.json``: redact files without Django, database or network.

All FILEs are one submission. Neither stream shows found text or the names of inputs: files go by their number. An
output appears whole or not at all, under its redacted name; a blocked file leaves nothing. Exit status: 0 every file is
clean, 3 a person must look at something, 4 a file was refused or blocked, 2 usage. ``--version`` names the models,
whether each can be used here, and whose they are.

``python -m redaction bench …`` measures the speed of detection instead, ``python -m redaction score …`` its quality.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

# One process, one thread: the mathematics behind the model is read from these when it is loaded.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

from redaction import engine, policy, weights  # noqa: E402
from redaction.entities import DenyTerm, Redaction, SourceFile, Verdict  # noqa: E402
from redaction.errors import SENTENCES, PolicyError  # noqa: E402
from redaction.report import ENGINE  # noqa: E402

CLEAN: Final = 0
USAGE: Final = 2
NEEDS_ACK: Final = 3
BLOCKED: Final = 4
_EXIT: Final = {Verdict.CLEAN: CLEAN, Verdict.NEEDS_ACK: NEEDS_ACK, Verdict.BLOCKED: BLOCKED}
# Loaded only when asked for: they need more than redaction does.
_COMMANDS: Final = {"bench": "redaction.bench", "score": "redaction.scorecard"}


class UsageError(Exception):
    """The command cannot be carried out as it was given. The message names options, never contents."""


class _Version(argparse.Action):
    """Print engine and models. Their notices are a condition of their licences."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        models = weights.entries().values()
        print("\n".join([ENGINE, *(f"{one.name} ({weights.state(one.name)}): {one.notice}" for one in models)]))
        parser.exit()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is returned."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] in (["bench"], ["score"]):
        command: Callable[[Sequence[str]], int] = importlib.import_module(_COMMANDS[given[0]]).main
        return command(given[1:])
    options = _parser().parse_args(given)
    try:
        chosen = policy.load(options.policy)
        files = _sources(options.files)
        deny = _deny_terms(options.deny) if options.deny else ()
        out = _empty_folder(options.out)
    except PolicyError:
        return _usage(f"unknown policy; there are {', '.join(policy.names())}")
    except UsageError as error:
        return _usage(str(error))
    result = engine.redact(files, chosen, deny=deny)
    try:
        _write(result, out, options.report)
    except OSError as error:
        return _usage(f"cannot write the result: {error.strerror}")
    print(json.dumps(result.report, indent=2, sort_keys=True) if options.json else _table(result.report))
    return _EXIT[result.verdict]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m redaction", description="Redact the files of one submission and check every copy."
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, help="folder for the copies; empty or absent")
    parser.add_argument("--report", type=Path, required=True, help="where the report is written, as JSON")
    parser.add_argument("--deny", type=Path, help="words that must not leave, one a line: WORD or TYPE<TAB>WORD")
    parser.add_argument("--policy", default="standard", help=f"one of: {', '.join(policy.names())}")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the models and whose they are, and end")
    parser.add_argument("--json", action="store_true", help="print the report instead of a table")
    return parser


def _usage(message: str) -> int:
    print(f"python -m redaction: {message}", file=sys.stderr)
    return USAGE


def _sources(paths: Sequence[Path]) -> list[SourceFile]:
    sources = []
    for number, path in enumerate(paths, 1):
        try:
            sources.append(SourceFile(str(number), path.name, path.read_bytes()))
        except OSError as error:
            raise UsageError(f"file {number} cannot be read: {error.strerror}") from error
    return sources


def _deny_terms(path: Path) -> tuple[DenyTerm, ...]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("the file of deny terms cannot be read as UTF-8") from error
    terms = []
    for line in lines:
        if line.strip() and not line.startswith("#"):
            kind, tab, text = line.partition("\t")
            terms.append(DenyTerm(text.strip(), kind.strip().upper()) if tab else DenyTerm(line.strip()))
    return tuple(terms)


def _empty_folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise UsageError("the folder for the copies is not empty")
    except OSError as error:
        raise UsageError(f"the folder for the copies cannot be used: {error.strerror}") from error
    return path


def _write(result: Redaction, out: Path, report: Path) -> None:
    for file in result.files:
        if file.data is not None:
            _whole(out / file.name_out, file.data)
    _whole(report, (json.dumps(result.report, indent=2, sort_keys=True) + "\n").encode())


def _whole(path: Path, data: bytes) -> None:
    """Write beside the place and rename: a reader finds all of it or nothing."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".redaction-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _table(report: Mapping[str, Any]) -> str:
    lines = [f"{'file':>4}  {'verdict':<9}  {'removed':>7}  {'kept bp':>7}  result"]
    for file in report["files"]:
        removed = sum(file["entities"].values()) + sum(file["secrets"].values())
        reasons = " ".join(SENTENCES[reason] for reason in file["reasons"])
        said = " ".join(part for part in (file["name_out"], reasons) if part)
        lines.append(f"{file['index']:>4}  {file['verdict']:<9}  {removed:>7}  {file['fidelity_bp']:>7}  {said}")
    return "\n".join([*lines, f"verdict: {report['verdict']}"])


if __name__ == "__main__":
    sys.exit(main())
