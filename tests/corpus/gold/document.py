"""What a gold document is, and the page it is written on: pieces are appended, and where they land is written down.

Nothing is ever searched for. A page that quotes another one carries the marks of the quoted page along.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Mark = tuple[int, int, str]


@dataclass(frozen=True)
class Piece:
    """A run of text with a label (empty: plain text), and what stands around it without belonging to it.

    ``group`` is the name-origin group of a PERSON; ``decoy`` the kind of a hard negative, which has no label.
    """

    text: str
    label: str = ""
    group: str = ""
    decoy: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Document:
    """One text with its gold.

    ``spans`` are ``(start, end, label)`` in characters of ``text``, end exclusive, in order, without overlap;
    ``groups`` holds one name-origin group per PERSON span, in the order of the spans; ``decoys`` are ranges of hard
    negatives: ``(start, end, kind)``, none of which a detector should mark. Documents of one ``submission`` share
    their people.
    """

    id: str
    text: str
    spans: tuple[Mark, ...]
    genre: str
    groups: tuple[str, ...]
    submission: str
    decoys: tuple[Mark, ...] = ()


@dataclass
class Page:
    """A text under construction."""

    text: str = ""
    spans: list[Mark] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    decoys: list[Mark] = field(default_factory=list)

    def write(self, piece: Piece | str) -> None:
        """Append one piece, and note its range when it is a mention or a hard negative."""
        if isinstance(piece, str):
            self.text += piece
            return
        start = len(self.text) + len(piece.before)
        end = start + len(piece.text)
        self.text += piece.before + piece.text + piece.after
        if piece.label:
            self.spans.append((start, end, piece.label))
            if piece.label == "PERSON":
                self.groups.append(piece.group)
        elif piece.decoy:
            self.decoys.append((start, end, piece.decoy))

    def quote(self, other: Page, prefix: str = "> ") -> None:
        """Append ``other`` with ``prefix`` before each line; a mention over a line end then has the prefix inside."""
        starts = [0] + [at + 1 for at, letter in enumerate(other.text) if letter == "\n"]
        base = len(self.text)

        def moved(mark: Mark) -> Mark:
            start, end, name = mark
            lines_at_start = sum(line <= start for line in starts)
            lines_at_end = sum(line < end for line in starts)
            return (
                base + start + lines_at_start * len(prefix),
                base + end + lines_at_end * len(prefix),
                name,
            )

        self.text += prefix + other.text.replace("\n", "\n" + prefix)
        self.spans += map(moved, other.spans)
        self.decoys += map(moved, other.decoys)
        self.groups += other.groups

    def document(self, id_: str, genre: str, submission: str) -> Document:
        """The finished document."""
        return Document(id_, self.text, tuple(self.spans), genre, tuple(self.groups), submission, tuple(self.decoys))
