"""What imperceptible edits cost detection, on the gold corpus.

Every mention of every document is edited (``evasion``), each class with each number of edits, and the documents are
searched as before. The loss is the masked recall of the clean documents less that of the edited ones, in points.
"""

from __future__ import annotations

import bisect
import dataclasses
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from redaction import gold
from redaction.entities import Segment
from redaction.formats.csv_ import TableHandler
from redaction.limits import Limits
from redaction.planning import spans_of
from redaction.policy import Policy
from redaction.scoring import TABLE, Read
from tests.corpus.evasion import KINDS, Kind, Mark, perturbed
from tests.corpus.gold import Document, Part, documents

EDITS: Final = (1, 3, 5)


@dataclass(frozen=True)
class Loss:
    """Of ``mentions`` ``clean`` were masked without edits, and ``masked`` with ``edits`` of one class in each."""

    kind: Kind
    edits: int
    mentions: int
    clean: int
    masked: int

    @property
    def points(self) -> float:
        """The loss of masked recall, in points of a hundred; negative where edits help."""
        return 100 * (self.clean - self.masked) / self.mentions


def enough(part: Part, seed: int, mentions: int) -> list[Document]:
    """The first documents of a part and a seed that hold at least so many mentions together."""
    taken: list[Document] = []
    count = 0
    for document in documents(part, seed, mentions):
        if count >= mentions:
            break
        taken.append(document)
        count += len(document.spans)
    return taken


def losses(
    texts: Sequence[Document], chosen: Policy, kinds: Sequence[Kind] = KINDS, edits: Sequence[int] = EDITS
) -> Iterator[Loss]:
    """The loss under each class with each number of edits.

    Raises:
        DetectionIncompleteError: some text was not searched by some recognizer.
    """
    clean = sum(map(sum, masked(texts, chosen)))
    mentions = sum(len(one.spans) for one in texts)
    for kind in kinds:
        for number in edits:
            yield Loss(kind, number, mentions, clean, sum(map(sum, masked(texts, chosen, kind, number))))


def masked(texts: Sequence[Document], chosen: Policy, kind: Kind = KINDS[0], edits: int = 0) -> Iterator[list[bool]]:
    """For each mention of each text whether all of it is found, after ``edits`` edits of one class in each."""
    rng = random.Random(f"{kind}/{edits}")
    for one in texts:
        reading = _read(one, *perturbed(one.text, one.spans, kind, edits, rng), chosen)
        yield [reading.masked(mention) for mention in reading.document.mentions]


def _read(one: Document, text: str, spans: Sequence[Mark], chosen: Policy) -> Read:
    """Detection in an edited document. Its pieces are those of the clean one: edits lie inside of cells."""
    places = _places(one, spans)
    pieces = [dataclasses.replace(piece, text=text[start:end]) for piece, start, end in places]
    found, kept = (
        tuple(
            (start + span.start, start + span.end, span.entity_type)
            for some, (_, start, _) in zip(each, places, strict=True)
            for span in some
        )
        for each in spans_of(pieces, chosen)
    )
    return Read(gold.Document(one.id, text, tuple(gold.Mention(*span) for span in spans), one.genre), found, kept)


def _places(one: Document, spans: Sequence[Mark]) -> list[tuple[Segment, int, int]]:
    """The segments of the clean document, and where each lies in the edited one."""
    whole = Segment("l1", one.text, "TX")
    pieces = [whole] if one.genre != TABLE else TableHandler().extract(one.text.encode(), Limits()).segments
    ends = [end for _, end, _ in one.spans]
    shifts = [0, *(new - old for (_, new, _), old in zip(spans, ends, strict=True))]
    places: list[tuple[Segment, int, int]] = []
    at = 0
    for piece in pieces:
        at = one.text.find(piece.text, at)
        if at < 0:  # quotes that are doubled in the text: no cell lies there as it is read
            return [(whole, 0, len(one.text) + shifts[-1])]
        end = at + len(piece.text)
        places.append((piece, at + shifts[bisect.bisect(ends, at)], end + shifts[bisect.bisect(ends, end)]))
        at = end
    return places
