"""One file on its way through a run, and the reading of all of them: what is in each, and in the files inside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from redaction import filenames
from redaction.entities import Extraction, Output, Replacement, Segment, SourceFile, Span
from redaction.errors import RedactionError, RefusedError
from redaction.limits import Limits
from redaction.sandbox import Sandbox
from redaction.spans import Owned
from redaction.verify import Verified

Progress = Callable[[str, str], None]


@dataclass
class File:
    """One file. The last of ``segments`` is its name; ``embedded`` ones are put back into their parent.

    ``reason`` is why it cannot be taken, ``failure`` why its last copy could not be written.
    """

    source: SourceFile
    parent: File | None = None
    ordinal: int = 0
    embedded: bool = False
    media_type: str = ""
    reason: str = ""
    failure: str = ""
    extraction: Extraction | None = None
    children: list[File] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    spans: list[list[Span]] = field(default_factory=list)
    mentions: list[list[Owned]] = field(default_factory=list)
    replaced: dict[str, tuple[Replacement, ...]] = field(default_factory=dict)
    kept: dict[str, list[Owned]] = field(default_factory=dict)  # what a person keeps here, by anchor
    boxed: tuple[str, ...] = ()
    name_out: str = ""
    output: Output | None = None
    verified: Verified | None = None

    @property
    def open(self) -> bool:
        """True while nothing stands in this file's way."""
        return not self.reason

    @property
    def blocked(self) -> bool:
        """True when no bytes of this file may leave."""
        return bool(self.reason) or self.output is None or self.verified is None or self.verified.blocked


def read_all(files: Sequence[SourceFile], cage: Sandbox, limits: Limits, progress: Progress) -> list[File]:
    """Every file and, right after it, the files found inside it."""
    return [file for source in files for file in _read(File(source), cage, limits, progress, depth=0)]


def _read(file: File, cage: Sandbox, limits: Limits, progress: Progress, depth: int) -> Iterator[File]:
    progress(file.source.ref, "reading")
    cage.account(file.source.ref)
    yield file
    try:
        if depth > limits.child_depth or len(file.source.data) > limits.file_bytes:
            raise RefusedError("limit")
        file.media_type = cage.sniff(file.source.untrusted_name, file.source.data)
        file.extraction = cage.extract(file.media_type, file.source.data)
    except RedactionError as error:
        file.reason = error.code
        return
    file.segments = [*file.extraction.segments, filenames.segment(file.source.untrusted_name)]
    for child in file.extraction.children:
        ref = f"{file.source.ref}/{child.ordinal}"
        inner = File(SourceFile(ref, child.untrusted_name, child.data), file, child.ordinal, child.embedded)
        file.children.append(inner)
        yield from _read(inner, cage, limits, progress, depth + 1)


def innermost_first(files: Sequence[File]) -> Iterator[File]:
    """The same files, each after the ones that are put back into it."""
    for file in files:
        if not file.embedded:
            yield from _inside(file)


def _inside(file: File) -> Iterator[File]:
    for child in file.children:
        if child.embedded:
            yield from _inside(child)
    yield file
