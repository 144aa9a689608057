"""What the corpus is made of: submissions, their files, and the identifiers planted in them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Planted:
    """One identifier that must not leave.

    ``where`` names the place in the file (``p3``, ``Team!C4``, ``slide2/notes``, ``header:from``, ``file name``);
    ``start`` and ``end`` are code points within the text of that place, end exclusive. ``group`` is the same for all
    spellings of one person or organisation.
    """

    value: str
    entity_type: str
    where: str
    start: int
    end: int
    group: str = ""


@dataclass(frozen=True)
class SampleText:
    """A text outside any file, such as the task request."""

    text: str
    planted: tuple[Planted, ...]
    ordinary: tuple[str, ...]


@dataclass(frozen=True)
class SampleFile:
    """One file as a contributor would add it. ``ordinary`` are harmless phrases that must survive redaction."""

    name: str
    media_type: str
    data: bytes
    role: str
    planted: tuple[Planted, ...]
    ordinary: tuple[str, ...]


@dataclass(frozen=True)
class SampleSubmission:
    """One task with its files, as one contributor would send them."""

    title: str
    occupation: str
    sector: str
    provenance_class: str
    basis: str
    task_request: SampleText
    files: tuple[SampleFile, ...]

    @property
    def planted(self) -> tuple[Planted, ...]:
        return self.task_request.planted + tuple(planted for file in self.files for planted in file.planted)
