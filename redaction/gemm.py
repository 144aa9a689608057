"""How the language model computes on this machine: which way gives the same entities in less time.

There are two ways for each of two things. Matrices are multiplied by blis, which thinc brings, or by the BLAS that
numpy is linked with (OpenBLAS), which is faster on most processors. States are decided one by one in spaCy's loop, or
for all tokens at once (``transitions``). Neither may change what is found: when the model is loaded, about 200 short
texts are read both ways, and the second way is taken only if every entity is the same and it was faster. The choice is
part of the fingerprint of a run.

Both libraries start one thread per core unless they are told otherwise, and on texts of this size threads only get in
each other's way: workers are started with ``OMP_NUM_THREADS=1`` and ``OPENBLAS_NUM_THREADS=1``. Time here is processor
time, so a machine that was not told so sees what its threads cost.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from thinc.api import NumpyOps

from redaction import letters
from redaction.errors import DetectionIncompleteError
from redaction.transitions import Reader

# Start and end in characters, and the model's label.
Entity = tuple[int, int, str]
Read = Callable[[Sequence[str]], list[list[Entity]]]
SAMPLE: Final = 200
_TIMED: Final = 48  # of the sample; reading all of it again would keep a worker waiting
_ROUNDS: Final = 3
_SEED: Final = 20_240
_BATCH: Final = 16


class BlasOps(NumpyOps):  # type: ignore[misc]  # thinc has no types
    """thinc's operations with numpy's matrix product in place of blis."""

    name = "numpy"

    def gemm(self, x: Any, y: Any, out: Any = None, trans1: bool = False, trans2: bool = False) -> Any:
        """``x @ y``, either transposed first, into ``out`` if there is one. Shapes (a, b) and (b, c), float32."""
        left, right = x.T if trans1 else x, y.T if trans2 else y
        return np.dot(left, right) if out is None else np.dot(left, right, out=out)


@dataclass(frozen=True)
class Choice:
    """How this process reads entities, and the words for it in the fingerprint."""

    read: Read
    name: str


def choose(nlp: Any, ops: Any = None, texts: Sequence[str] = ()) -> Choice:
    """The fastest way that finds in ``texts`` (by default the sample) what the model finds as it was loaded."""
    if not nlp.has_pipe("ner"):
        return Choice(lambda read: [[] for _ in read], "another model")
    texts = texts or letters.sentences(SAMPLE, _SEED)
    ner = nlp.get_pipe("ner")
    usual, read, name = one_by_one(nlp), one_by_one(nlp), "loop"
    expected = usual(texts)
    try:
        batched = all_at_once(nlp, Reader(ner))
    except DetectionIncompleteError:
        batched = usual  # another model: spaCy's loop knows it
    if batched is not usual and batched(texts) == expected and _faster(usual, batched, texts):
        read, name = batched, "batch"
    before = [node.ops for node in ner.model.walk()]
    other = [ops or BlasOps()] * len(before)
    with_other = _with(ner, other, read)
    if with_other(texts) == expected and _faster(_with(ner, before, read), with_other, texts):
        _set(ner, other)
        return Choice(read, f"{name} numpy")
    _set(ner, before)
    return Choice(read, f"{name} blis")


def one_by_one(nlp: Any) -> Read:
    """Reading as spaCy does it."""

    def read(texts: Sequence[str]) -> list[list[Entity]]:
        docs = _whole(list(nlp.pipe(texts, batch_size=_BATCH)), texts)
        return [[(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents] for doc in docs]

    return read


def all_at_once(nlp: Any, reader: Reader) -> Read:
    """Reading through ``reader``, a batch of texts at a time."""

    def read(texts: Sequence[str]) -> list[list[Entity]]:
        found: list[list[Entity]] = []
        for at in range(0, len(texts), _BATCH):
            batch = texts[at : at + _BATCH]
            docs = _whole([nlp.make_doc(text) for text in batch], batch)
            for doc, entities in zip(docs, reader(docs), strict=True):
                found.append([_characters(doc, *entity) for entity in entities])
        return found

    return read


def _whole(docs: list[Any], texts: Sequence[str]) -> list[Any]:
    """``docs``, when they are the texts, all of each and no other."""
    if [doc.text for doc in docs] != list(texts):
        raise DetectionIncompleteError(detail="the model was not given all text")
    return docs


def _characters(doc: Any, start: int, end: int, label: str) -> Entity:
    last = doc[end - 1]
    return doc[start].idx, last.idx + len(last), label


def _set(ner: Any, operations: Sequence[Any]) -> None:
    for node, ops in zip(ner.model.walk(), operations, strict=True):
        node.ops = ops


def _with(ner: Any, operations: Sequence[Any], read: Read) -> Read:
    def switched(texts: Sequence[str]) -> list[list[Entity]]:
        _set(ner, operations)
        return read(texts)

    return switched


def _faster(usual: Read, other: Read, texts: Sequence[str]) -> bool:
    """Whether ``other`` takes less processor time: the medians of alternating rounds."""
    seconds: dict[Read, list[float]] = {usual: [], other: []}
    for _ in range(_ROUNDS):
        for read, taken in seconds.items():
            started = time.process_time()
            read(texts[:_TIMED])
            taken.append(time.process_time() - started)
    return statistics.median(seconds[other]) < statistics.median(seconds[usual])
