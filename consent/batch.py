"""Check a delivered batch offline: a BagIt 1.0 bag (RFC 8493), a bundle beside every file, one signature over all.

No network, no Django, no database: a recipient runs this with the one fingerprint they pinned. Files are hashed, never
parsed. The rules this follows are

- names come first: what could mean two things on two systems is refused before anything is opened;
- every file but the tag manifest is vouched for twice, by a manifest line and by a signature: the statement covers
  ``manifest-sha256.txt`` and ``batch.json``; ``batch.json`` covers card, rows, keyset and the bag's own files; a notice
  is its own name; a bundle covers itself and its file;
- so where a line and a file differ, the one that no signature proves is the one that was changed, and is named;
- each bundle must hold for the purpose and the recipient that ``batch.json`` names, and for exactly the file beside it;
- everything is looked at before the verdict: one run tells all that is wrong.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from consent import bundle, schemas, statement, steps
from consent import envelope as dsse
from consent.errors import EXIT_NOT_FRESH, EXIT_RETRACTED, FormatError, VerificationError
from consent.record import Json, parse_canonical

MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
BATCH, STATEMENT, KEYSET = "batch.json", "batch.dsse.json", "trust/keyset.dsse.json"
BAGIT, BAG_INFO, RECORDS, CARD = "bagit.txt", "bag-info.txt", "data/records.jsonl", "README.md"
BAGIT_TXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
FILES, BUNDLES, NOTICES = "data/files/", "consent/bundles/", "consent/notices/"

# Documents are read whole; nothing of ours is longer. Manifests grow with the batch and are read by line.
DOCUMENT_BYTES = 4 * 1024 * 1024

SENTENCES = {
    "bag_format": "The file is not in the form that this kind of bag has.",
    "bag_missing": "The bag lists this file, but it is not there.",
    "bag_extra": "This is in the bag, but the bag does not list it.",
    "bag_digest": "The bytes are not the ones that were packed.",
    "bag_duplicate": "The manifest lists one path twice.",
    "bag_oxum": "Payload-Oxum is not the size and number of the payload files.",
    "name_unsafe": "The name could mean something else, or something harmful, on another system.",
    "name_collision": "Two names are one name on systems that do not tell case or spelling apart.",
    "bundle_missing": "No consent bundle lies beside this file.",
    "bundle_extra": "This bundle belongs to no file of the batch.",
    "card_mismatch": "The card is not the one that was signed for.",
    "batch_statement": "The signed statement is not about exactly this.",
    "batch_counts": "The counts are not those of the files.",
    "batch_approval": "Batch was built and approved by one person.",
    "keyset": "The list of keys does not belong to the root that you trust.",
    "keyset_expired": "The list of keys is past its date.",
    "retracted": "The contributor has taken this file back. Stop using it.",
}

_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_LINE = re.compile(rb"([0-9a-f]{64})  ([\x21-\x7e]+)\n")
_OXUM = re.compile(r"^Payload-Oxum: ([0-9]+\.[0-9]+)$", re.MULTILINE)
_RESERVED = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10))}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. ``path`` is the file at fault, relative to the bag."""

    code: str
    path: str
    sentence: str


@dataclass(frozen=True)
class Found:
    """One file of the bag as it lies there."""

    sha256: str
    size: int


@dataclass
class Report:
    """What was looked at and what was found. ``batch`` is set once ``batch.json`` has its form, signed or not."""

    problems: list[Problem] = field(default_factory=list)
    files: dict[str, Found] = field(default_factory=dict)
    batch: Json | None = None
    bundles: int = 0
    retracted: list[str] = field(default_factory=list)
    keyset_version: int | None = None

    def add(self, code: str, path: str, sentence: str | None = None) -> None:
        self.problems.append(Problem(code, path, sentence or SENTENCES[code]))

    @property
    def artifacts(self) -> dict[str, Found]:
        """The redacted files, by path."""
        return {path: found for path, found in self.files.items() if path.startswith(FILES)}

    @property
    def exit_status(self) -> int:
        """0 valid, 1 invalid, 2 holds retracted files, 3 not fresh; the worst in this order: 1, 3, 2."""
        codes = {_inner(problem.code) for problem in self.problems}
        if codes - EXIT_NOT_FRESH - EXIT_RETRACTED:
            return 1
        if codes & EXIT_NOT_FRESH:
            return 3
        return 2 if codes else 0


def _inner(code: str) -> str:
    """``bundle_invalid(retracted)`` counts as what the bundle was refused for."""
    return code.removeprefix("bundle_invalid(").removesuffix(")")


def verify(root: Path, *, trust: str, retractions: bytes | None = None, now: dt.datetime | None = None) -> Report:
    """Look at everything in the bag under ``root`` and report all that is wrong.

    Args:
        root: the directory with ``bagit.txt``. trust: hex SHA-256 of the root key's SPKI, known from elsewhere.
        retractions: a retraction file, for ``consent.bundle.verify``. now: to judge terms and keys.
    Raises:
        NotADirectoryError: there is no directory. OSError: something in it cannot be read.
    """
    if not root.is_dir():
        raise NotADirectoryError(root)
    return _Check(root, trust, retractions, now or dt.datetime.now(dt.UTC)).run()


class _Check:
    """One run. ``proven`` holds the paths that a signature, or their own name, vouches for."""

    def __init__(self, root: Path, trust: str, retractions: bytes | None, now: dt.datetime) -> None:
        self.root, self.trust, self.retractions, self.now = root, trust, retractions, now
        self.report = Report()
        self.proven: set[str] = set()

    def run(self) -> Report:
        self._names()
        self._statement()
        self._batch_files()
        self._bundles()
        self._notices()
        self._manifest(MANIFEST, payload=True)
        self._manifest(TAG_MANIFEST, payload=False)
        self._bag_files()
        self._counts()
        return self.report

    # names

    def _names(self) -> None:
        twins: dict[str, str] = {}
        for path, kind in _walk(self.root, ""):
            if not _safe(path) or kind == "other":
                self.report.add("name_unsafe", _printable(path))
                continue
            folded = unicodedata.normalize("NFC", path).casefold()
            if folded in twins:
                self.report.add("name_collision", path)
            twins[folded] = path
            if kind == "empty":
                self.report.add("bag_extra", path, "An empty directory is not part of a bag.")
            elif kind == "file":
                self.report.files[path] = _hash(self.root / path)

    # signatures

    def _statement(self) -> None:
        """Keyset, statement, and the two files the statement is about."""
        keyset, signed = self._read(KEYSET), self._read(STATEMENT)
        self._batch()
        if keyset is None or signed is None:
            return
        try:
            envelope = _document(signed)
            opened = bundle.verify_statement(envelope, kind="batch", keyset=keyset, trust=self.trust, now=self.now)
        except FormatError as error:
            self.report.add("batch_statement", STATEMENT, error.sentence)
        except VerificationError as error:
            if error.step == 1:
                self.report.add("keyset_expired" if error.code in EXIT_NOT_FRESH else "keyset", KEYSET, error.sentence)
            else:
                self.report.add("batch_statement", STATEMENT, error.sentence)
        else:
            self.report.keyset_version = _document(dsse.from_dict(_document(keyset)).payload)["version"]
            self._subjects(opened)

    def _subjects(self, opened: Json) -> None:
        subjects = statement.subjects(opened)
        if set(subjects) != {MANIFEST, BATCH}:
            self.report.add("batch_statement", STATEMENT)
            return
        self.proven.add(STATEMENT)
        for path, digest in subjects.items():
            if path in self.report.files and self.report.files[path].sha256 == digest:
                self.proven.add(path)
            elif path in self.report.files:
                self.report.add("batch_statement", path, "This is not the file that the batch's statement signs.")
        batch = self.report.batch
        if batch and any(opened["predicate"].get(name) != batch[name] for name in ("batch_id", "purpose", "counts")):
            self.report.add("batch_statement", STATEMENT)

    def _batch(self) -> None:
        data = self._read(BATCH)
        if data is None:
            return
        try:
            batch = _document(data)
        except FormatError as error:
            self.report.add("bag_format", BATCH, error.sentence)
            return
        if not schemas.accepts("batch-file-1", batch):
            self.report.add("bag_format", BATCH)
            return
        self.report.batch = batch
        if batch["built_by"] == batch["approved_by"]:
            self.report.add("batch_approval", BATCH)

    def _batch_files(self) -> None:
        """Digests in ``batch.json`` prove their files only if the statement proves ``batch.json``."""
        batch = self.report.batch
        if batch is None:
            return
        for path, digest in {**batch["files"], MANIFEST: batch["manifest_sha256"]}.items():
            found = self.report.files.get(path)
            if found is None:
                continue
            if found.sha256 == digest:
                self.proven |= {path} if BATCH in self.proven else set()
            elif path != MANIFEST or MANIFEST not in self.proven:
                self.report.add(_code_of(path), path)

    # consent

    def _bundles(self) -> None:
        wanted = {f"{BUNDLES}{_stem(path)}.json": path for path in self.report.artifacts}
        for bundle_path, path in sorted(wanted.items()):
            if bundle_path not in self.report.files:
                self.report.add("bundle_missing", path)
            else:
                self._bundle(bundle_path, path)
        for extra in sorted(path for path in self.report.files if path.startswith(BUNDLES) and path not in wanted):
            self.report.add("bundle_extra", extra)

    def _bundle(self, bundle_path: str, path: str) -> None:
        batch = self.report.batch
        if batch is None:  # nothing says for whom and for what, so nothing can be verified; already reported
            return
        self.report.bundles += 1
        try:
            verified = bundle.verify(
                self.report.files[path].sha256,
                self._start(bundle_path, steps.LIMIT + 1),
                trust=self.trust,
                purpose=batch["purpose"],
                recipient=batch["recipient"]["recipient_class"],
                retractions=self.retractions,
                now=self.now,
            )
        except VerificationError as error:
            self._refused(error, bundle_path, path)
            return
        if verified.artifact_id != _stem(path):
            self.report.add("bundle_invalid(artifact_digest)", bundle_path, "The bundle is about another file.")
            return
        self.proven |= {bundle_path, path}

    def _refused(self, error: VerificationError, bundle_path: str, path: str) -> None:
        if error.code in EXIT_RETRACTED:
            self.report.retracted.append(_stem(path))
        at_fault = path if error.code == "artifact_digest" or error.code in EXIT_RETRACTED else bundle_path
        self.report.add(f"bundle_invalid({error.code})", at_fault, error.sentence)

    def _notices(self) -> None:
        for path in sorted(path for path in self.report.files if path.startswith(NOTICES)):
            if self.report.files[path].sha256 == _stem(path):
                self.proven.add(path)
            else:
                self.report.add("bag_digest", path)

    # the bag

    def _manifest(self, name: str, *, payload: bool) -> None:
        here = {path for path in self.report.files if path.startswith("data/") == payload and path != TAG_MANIFEST}
        if name not in self.report.files:
            self.report.add("bag_missing", name)
        listed = self._lines(name) if name in self.report.files else {}
        for path, digest in listed.items():
            if path not in here:
                self.report.add("bag_missing", path)
            elif self.report.files[path].sha256 != digest:
                self._differs(name, path)
        for path in sorted(here - set(listed)):
            at_fault = name if path in self.proven and name in self.report.files else path
            self.report.add("bag_extra", at_fault, f"{path} is in the bag, but {name} does not list it.")

    def _differs(self, name: str, path: str) -> None:
        if path in self.proven:
            self.report.add(
                "bag_digest", name, f"The line for {path} was changed; the file is the one that was signed."
            )
        elif not any(problem.path == path for problem in self.report.problems if problem.code == "bag_digest"):
            self.report.add("bag_digest", path)

    def _lines(self, name: str) -> dict[str, str]:
        """Path → digest. A line that is not in the one form, or not in its place, is reported and left out."""
        listed: dict[str, str] = {}
        last = b""
        with (self.root / name).open("rb") as lines:
            for line in lines:
                match = _LINE.fullmatch(line)
                if match is None or not _safe(match[2].decode()):
                    self.report.add("bag_format", name)
                    continue
                if match[2] == last:
                    self.report.add("bag_duplicate", name)
                elif match[2] < last:
                    self.report.add("bag_format", name, "The lines are not in the order of their paths.")
                last = match[2]
                listed[match[2].decode()] = match[1].decode()
        return listed

    def _bag_files(self) -> None:
        declaration = self._read(BAGIT)
        if declaration is not None and declaration != BAGIT_TXT:
            self.report.add("bag_format", BAGIT)
        info = self._read(BAG_INFO)
        if info is None:
            return
        payload = [found.size for path, found in self.report.files.items() if path.startswith("data/")]
        match = _OXUM.findall(info.decode("utf-8", "replace"))
        if match != [f"{sum(payload)}.{len(payload)}"]:
            # A changed payload changes the sum too: then the payload is at fault, and is named elsewhere.
            self.report.add("bag_oxum", BAG_INFO)

    def _counts(self) -> None:
        if self.report.batch is None:
            return
        counts, files = self.report.batch["counts"], self.report.artifacts
        if (counts["artifacts"], counts["bytes"]) != (len(files), sum(found.size for found in files.values())):
            self.report.add("batch_counts", BATCH)

    def _read(self, path: str) -> bytes | None:
        """A document of the bag; its absence is reported here, once, as every one of them must be there."""
        if path not in self.report.files:
            if not any(problem.path == path for problem in self.report.problems):
                self.report.add("bag_missing", path)
            return None
        return self._start(path, DOCUMENT_BYTES)

    def _start(self, path: str, limit: int) -> bytes:
        with (self.root / path).open("rb") as file:
            return file.read(limit)


def _document(data: bytes) -> Json:
    value = parse_canonical(data)
    if not isinstance(value, dict):
        raise FormatError("bundle_schema")
    return value


def _code_of(path: str) -> str:
    return {CARD: "card_mismatch", KEYSET: "keyset"}.get(path, "bag_digest")


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, str]]:
    """Yield (path, ``file`` | ``folder`` | ``empty`` | ``other``) of everything below; links are not followed."""
    with os.scandir(folder) as scan:
        entries = sorted(scan, key=lambda entry: os.fsencode(entry.name))
    if prefix:
        yield prefix.removesuffix("/"), "folder" if entries else "empty"
    for entry in entries:
        path = prefix + entry.name
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            yield from _walk(folder / entry.name, path + "/")
        else:
            yield path, "file" if stat.S_ISREG(mode) else "other"


def _safe(path: str) -> bool:
    """Whether every part of a path is plain: letters, digits, ``-``, ``_``, single dots inside, no device name."""
    parts = path.split("/")
    return all(_NAME.fullmatch(part) and part.partition(".")[0].casefold() not in _RESERVED for part in parts)


def _printable(path: str) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in path)


def _hash(path: Path) -> Found:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Found(digest, file.tell())


def summary(problems: Iterable[Problem]) -> list[Json]:
    """The problems as JSON, each once, in the order of their paths."""
    unique = sorted(set(problems), key=lambda problem: (problem.path, problem.code))
    return [{"code": problem.code, "path": problem.path, "sentence": problem.sentence} for problem in unique]
