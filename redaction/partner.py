"""Sources of spans beside the rules: the optional partner of the default model, and models of an operator's own.

The partner is Rampart, a small token classifier that finds names, addresses and numbers which the default model
overlooks. What holds for it, and for every token classifier that is loaded here:

- Its files are located, compared with their digests and loaded by path; the package around them is never imported.
- Text is read in windows of 480 characters, which overlap by 64. A window of too many tokens is halved; one of more
  than 512 is an error and never cut short. Each letter and digit lies in a token of some window, or that is an error.
- A word counts when the model is sure enough that it is something: 1 - P(O). Which of its labels wins only says what.
- Words that stand side by side and say the same are one span; a span ends at word boundaries and at line ends.

``python:module:factory`` brings any other source: the factory is called once, without arguments, for a ``SpanSource``.
"""

from __future__ import annotations

import functools
import importlib
import json
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from redaction import weights
from redaction.entities import Span
from redaction.errors import DetectionIncompleteError
from redaction.policy import LOWEST
from redaction.weights import Weights

WINDOW: Final = 480
OVERLAP: Final = 64
MAXIMUM_TOKENS: Final = 512

# A token is four characters of prose but one of a row of signs, and time goes by tokens: so much longer may it take.
_SIGNS_PER_TOKEN: Final = 4

_OUTSIDE: Final = "O"
_NETWORK: Final = "model.onnx"
_UNIT: Final = re.compile(r"\w+|[^\w\s]")
_WORD: Final = re.compile(r"\w+")
# What may stand between two words of one span. Parts of an address are also kept apart by commas.
_GAP: Final = re.compile(r"[ \t\u00a0]{0,3}[.'’‘-]?[ \t\u00a0]{0,3}")
_ADDRESS_GAP: Final = re.compile(r"[ \t\u00a0]{0,2}[.,'’#-]?[ \t\u00a0]{0,2}")
_NO_NAME: Final = re.compile(r"[\d_@/\\=]")


class SpanSource(Protocol):
    """Whatever finds spans in pieces of text.

    ``labels``: what it says → our entity type. ``fingerprint`` names its weights or version, for the report.
    """

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def labels(self) -> Mapping[str, str]: ...

    def spans(self, texts: Sequence[str]) -> Sequence[Sequence[Span]]:
        """For each text its spans, in code points, typed by the source's own labels or by ours; any overlap allowed."""
        ...


@dataclass(frozen=True)
class _Said:
    """What a model says of one token: where it is, that it is something at all, and what."""

    start: int
    end: int
    something: float
    entity_type: str


class TokenClassifier:
    """An ONNX token classifier with a ``tokenizer.json`` and the ``id2label`` of its ``config.json``, on one thread."""

    def __init__(self, entry: Weights, folder: Path) -> None:
        runtime, tokenizers = _module("onnxruntime"), _module("tokenizers")
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.name = entry.name
        self.fingerprint = entry.fingerprint
        self.labels = entry.labels
        self._outside, self._types, self._columns = _grouped(config["id2label"], entry.labels)
        self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._maximum = min(MAXIMUM_TOKENS, int(config.get("max_position_embeddings", MAXIMUM_TOKENS)))
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = runtime.InferenceSession(
            str(folder / (entry.network or _NETWORK)), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {one.name for one in self._session.get_inputs()}

    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        """The words of each text that may be something, each with its certainty: the highest of all windows.

        Raises:
            DetectionIncompleteError: a window holds more tokens than the model reads, or no token for some letter.
        """
        return [self._words(text) for text in texts]

    def _words(self, text: str) -> list[Span]:
        best: dict[tuple[int, int], _Said] = {}
        read = 0
        for start, end in windows(text, WINDOW, OVERLAP):
            if start > read:
                raise DetectionIncompleteError(detail="the partner was not given all text")
            read = end
            for said in self._read(text, start, end):
                for unit in _units(text, said.start, said.end):
                    if unit not in best or best[unit].something < said.something:
                        best[unit] = said
        if read < len(text):
            raise DetectionIncompleteError(detail="the partner was not given all text")
        return [
            Span(start, end, said.entity_type, round(said.something, 4), self.name)
            for (start, end), said in sorted(best.items())
        ]

    def _read(self, text: str, start: int, end: int) -> Iterator[_Said]:
        """What the model says of the window [start, end), halved until its tokens fit; nothing that no floor takes."""
        encoding = self._tokenizer.encode(text[start:end])
        if len(encoding.ids) > self._maximum and end - start > 2 * OVERLAP:
            middle = (start + end) // 2
            yield from self._read(text, start, middle + OVERLAP // 2)
            yield from self._read(text, middle - OVERLAP // 2, end)
            return
        offsets = encoding.offsets
        _all_tokenized(text[start:end], offsets)
        probabilities = self._classified(encoding.ids)
        something = 1.0 - probabilities[:, self._outside]
        kinds = (probabilities @ self._columns).argmax(axis=-1)
        for (low, high), sure, kind in zip(offsets, something.tolist(), kinds.tolist(), strict=True):
            if low < high and sure >= LOWEST:
                yield _Said(start + low, start + high, sure, self._types[kind])

    def _classified(self, ids: Sequence[int]) -> npt.NDArray[np.float32]:
        """The probabilities of the labels, one row for each token."""
        if len(ids) > self._maximum:
            raise DetectionIncompleteError(detail="a window holds more tokens than the partner reads")
        row = np.array([ids], dtype=np.int64)
        given = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row)}
        logits = self._session.run(None, {name: value for name, value in given.items() if name in self._inputs})[0][0]
        if len(logits) != len(ids) or not np.isfinite(logits).all():
            raise DetectionIncompleteError(detail="the partner did not answer for every token")
        raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
        shares: npt.NDArray[np.float32] = raised / raised.sum(axis=-1, keepdims=True)
        return shares


def _module(name: str) -> Any:
    """A library that is needed for this alone, loaded when it is."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise DetectionIncompleteError(detail=f"{name} is not installed") from None


def _grouped(id2label: Mapping[str, str], labels: Mapping[str, str]) -> tuple[int, list[str], npt.NDArray[np.float32]]:
    """The number of the label O, our entity types, and the matrix that sums the labels of each type."""
    ours = {int(number): label.split("-", 1)[-1] for number, label in id2label.items()}
    outside = [number for number, label in ours.items() if label == _OUTSIDE]
    unmapped = set(ours.values()) - set(labels) - {_OUTSIDE}
    if len(outside) != 1 or unmapped or sorted(ours) != list(range(len(ours))):
        raise DetectionIncompleteError(detail="the labels of the model are not all mapped")
    types = sorted({labels[label] for label in ours.values() if label != _OUTSIDE})
    columns = np.zeros((len(ours), len(types)), dtype=np.float32)
    for number, label in ours.items():
        if label != _OUTSIDE:
            columns[number, types.index(labels[label])] = 1.0
    return outside[0], types, columns


def windows(text: str, size: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Ranges of at most ``size`` characters that cover ``text``; neighbours share about ``overlap`` of them.

    They begin and end at blanks where there are any, so that no word is halved in both of its windows.
    """
    start = 0
    while len(text) - start > size:
        blank = text.rfind(" ", start + size - overlap, start + size)
        end = blank + 1 if blank > 0 else start + size
        yield start, end
        blank = text.find(" ", end - overlap, end - overlap // 2)
        start = blank + 1 if blank > 0 else end - overlap
    if text:
        yield start, len(text)


def _all_tokenized(text: str, offsets: Sequence[tuple[int, int]]) -> None:
    """Every word of ``text`` has at least one token; a tokenizer that stops early is found out here."""
    ends = sorted((low, high) for low, high in offsets if low < high)
    at = 0
    for word in _WORD.finditer(text):
        while at < len(ends) and ends[at][1] <= word.start():
            at += 1
        if (at == len(ends) or ends[at][0] >= word.end()) and any(map(str.isalnum, word.group())):
            raise DetectionIncompleteError(detail="the partner's tokenizer left out a word")


def _units(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The words and single signs that [start, end) touches, whole."""
    while start > 0 and _inside(text, start):
        start -= 1
    while end < len(text) and _inside(text, end):
        end += 1
    for unit in _UNIT.finditer(text, start, end):
        yield unit.span()


def _inside(text: str, at: int) -> bool:
    return bool(_WORD.match(text[at - 1]) and _WORD.match(text[at]))


def accepted(text: str, spans: Sequence[Span], floor: float) -> list[Span]:
    """The spans of at least ``floor``, those that stand side by side and say the same joined, without signs at edges.

    Each takes the highest score of its parts. What cannot be a name or a number at all, such as one letter, is left.
    """
    by_type: dict[str, list[Span]] = defaultdict(list)
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        if span.score >= floor:
            by_type[span.entity_type].append(span)
    found = [span for same in by_type.values() for span in _joined(text, same)]
    return sorted(found, key=lambda one: (one.start, -one.end, one.entity_type))


def _joined(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    groups: list[Span] = []
    for span in spans:
        if groups and _side_by_side(text, groups[-1], span):
            last = groups[-1]
            groups[-1] = replace(last, end=max(last.end, span.end), score=max(last.score, span.score))
        else:
            groups.append(span)
    return (whole for span in groups if (whole := _trimmed(text, span)))


def _side_by_side(text: str, before: Span, after: Span) -> bool:
    if after.start <= before.end:
        return True
    gap = _ADDRESS_GAP if before.entity_type == "ADDRESS" else _GAP
    return gap.fullmatch(text, before.end, after.start) is not None


def _trimmed(text: str, span: Span) -> Span | None:
    start, end = span.start, span.end
    while start < end and not text[start].isalnum() and text[start] not in "+@(":
        start += 1
    while start < end and not text[end - 1].isalnum() and text[end - 1] != ")":
        end -= 1
    found = text[start:end]
    if sum(map(str.isalnum, found)) < 2 or (span.entity_type == "PERSON" and _NO_NAME.search(found)):
        return None
    return replace(span, start=start, end=end)


def look(
    source: SpanSource, texts: Sequence[str], *, name: str, floor: float, deadline_s_per_100k: float
) -> list[list[Span]]:
    """The accepted spans of ``source`` in each text, under the name ``name`` and with entity types of ours.

    Raises:
        DetectionIncompleteError: the source failed, answered for some texts only, outside of them or with a label that
            nobody mapped, or the time was over.
    """
    deadline = time.monotonic() + max(10.0, _SIGNS_PER_TOKEN * deadline_s_per_100k * sum(map(len, texts)) / 100_000)
    found = []
    for text in texts:
        try:
            answers = source.spans([text])
        except DetectionIncompleteError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it raises, its text was not searched
            raise DetectionIncompleteError(detail=f"{name}: {type(error).__name__}") from None
        if len(answers) != 1:
            raise DetectionIncompleteError(detail=f"{name} did not answer for every text")
        typed = [_typed(span, text, source.labels, name) for span in answers[0]]
        found.append(accepted(text, typed, floor))
        if time.monotonic() > deadline:
            raise DetectionIncompleteError(detail="the deadline has passed")
    return found


def _typed(span: Span, text: str, labels: Mapping[str, str], name: str) -> Span:
    entity_type = labels.get(span.entity_type, span.entity_type)
    if entity_type not in labels.values() or not 0 <= span.start < span.end <= len(text):
        raise DetectionIncompleteError(detail=f"{name} answered with a label or place that does not exist")
    return replace(span, entity_type=entity_type, source=name)


@functools.cache
def source(model: str) -> SpanSource:
    """The source that ``model`` names, built at the first call of this process, after its digests were compared.

    Raises:
        DetectionIncompleteError: it is not installed, has other bytes than expected, or cannot be loaded.
    """
    try:
        if model.startswith(weights.PYTHON):
            return _made(model)
        entry, folder = weights.checked(model)
        return TokenClassifier(entry, folder)
    except DetectionIncompleteError:
        raise
    except Exception as error:  # noqa: BLE001  # a model that cannot be loaded searches nothing
        raise DetectionIncompleteError(detail=f"the model cannot be loaded: {type(error).__name__}") from None


def _made(model: str) -> SpanSource:
    entry = weights.weights(model)
    module, _, factory = model.removeprefix(weights.PYTHON).partition(":")
    if entry.sha256:
        weights.check(weights.model_folder(entry), entry)
    make: Callable[[], SpanSource] = getattr(_module(module), factory)
    return make()
