"""Detection in pieces of text: one Presidio ``AnalyzerEngine`` per process, over an NER-only spaCy model.

Presidio logs and goes on where a pattern times out or an entity is unknown. Here nothing goes on: any warning of its
logger, any exception and any overrun of the deadline raise ``DetectionIncompleteError``.
"""

from __future__ import annotations

import redaction.offline  # noqa: F401  # before the libraries that would open a socket

# isort: split
import functools
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from typing import Any, Final

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine

from redaction import gemm, language_model, weights
from redaction.chunks import Chunk
from redaction.context import RULES, NearbyWords
from redaction.coverage import Tally
from redaction.entities import Span
from redaction.errors import DetectionIncompleteError
from redaction.policy import Context
from redaction.recognizers.table import recognizers

LANGUAGE: Final = "en"
NO_CONTEXT: Final[Mapping[str, Context]] = {}
_LABELS: Final = {
    "PERSON": "PERSON",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "FAC": "LOCATION",
    "ORG": "ORGANIZATION",
    "NORP": "NRP",
    "DATE": "DATE_TIME",
    "TIME": "DATE_TIME",
}
_IGNORED: Final = (
    "CARDINAL", "ORDINAL", "QUANTITY", "PERCENT", "MONEY", "LANGUAGE", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW",
)  # fmt: skip
# The model states no certainty of its own. Presidio keeps the surest of spans of one type that lie in each other, and
# what the model says is filtered afterwards: below every rule that finds names, so that it hides none of theirs.
_SCORE: Final = 0.45
_AT_ONCE: Final = 8  # chunks: what their layers take is freed before the next are read


class _LoadedSpacy(SpacyNlpEngine):
    """Presidio's spaCy engine over a pipeline that is already loaded: nothing is looked up, nothing downloaded."""

    def __init__(self, nlp: Any) -> None:
        super().__init__(
            models=[{"lang_code": LANGUAGE, "model_name": weights.MODEL}],
            ner_model_configuration=NerModelConfiguration(
                model_to_presidio_entity_mapping=_LABELS,
                labels_to_ignore=list(_IGNORED),
                low_score_entity_names=[],
            ),
        )
        self.nlp = {LANGUAGE: nlp}  # type: ignore[assignment]  # Presidio declares the attribute as None


class _Registry(RecognizerRegistry):
    """Presidio's registry, which asks its recognizers in an order: its own puts them through a set, so that of two
    equal findings another one wins in every run."""

    def get_recognizers(self, *args: Any, **named: Any) -> list[EntityRecognizer]:
        order = {id(one): place for place, one in enumerate(self.recognizers)}
        return sorted(super().get_recognizers(*args, **named), key=lambda one: order[id(one)])


class _Engine(AnalyzerEngine):
    """Presidio's engine without the round in which each recognizer may look at all others' results: none of ours
    does, and the round goes over all results twice for each recognizer."""

    def _enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        recognizers: list[EntityRecognizer],
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        enhancer = self.context_aware_enhancer
        enhanced: list[RecognizerResult] = enhancer.enhance_using_context(
            text=text, raw_results=raw_results, nlp_artifacts=nlp_artifacts, recognizers=recognizers, context=context
        )
        return enhanced


@dataclass(frozen=True)
class _Named:
    """What Presidio wants to know of an entity of the model."""

    start_char: int
    end_char: int
    label_: str


class _Warnings(logging.Handler):
    """Remembers that Presidio warned. Its messages may hold contents, so only the fact is kept."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen = 0

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        self.seen += 1


# Pieces of 2,000 characters: as much as the largest file that is taken holds several times over.
_REMEMBERED: Final = 20_000


class Analyzer:
    """Finds identifiers in chunks of text. Build it through ``analyzer()``; it holds about 400 MB."""

    def __init__(self, model: str = weights.MODEL) -> None:
        nlp = language_model.load(model)
        self._nlp = _LoadedSpacy(nlp)
        self._reading = gemm.choose(nlp)
        chosen = recognizers()
        self.names = frozenset(str(getattr(one, "name", "")) for one in chosen)
        self._tally = Tally()
        self._nearby = NearbyWords()
        # (text, column, floor): all that a search depends on.
        self._known: dict[tuple[str, str, float], list[Span]] = {}
        self._remembers = False
        self._tally.watch(chosen)
        self._entities = sorted({entity for one in chosen for entity in one.supported_entities})
        self._engine = _Engine(
            registry=_Registry(recognizers=chosen, supported_languages=[LANGUAGE]),
            nlp_engine=self._nlp,
            supported_languages=[LANGUAGE],
            context_aware_enhancer=self._nearby,
        )

    def find(
        self,
        chunks: Sequence[Chunk],
        *,
        floor: float,
        deadline_s_per_100k: float,
        context: Mapping[str, Context] = NO_CONTEXT,
    ) -> list[list[Span]]:
        """The spans of each chunk with a score of at least ``floor``, in offsets of that chunk, sorted.

        ``context`` stands in place of the words that are usually looked for around a finding, by entity type.

        Raises:
            DetectionIncompleteError: a recognizer failed or warned, or the time was over before all text was read.
        """
        self._nearby.rules = {**RULES, **context}
        wanted = [(chunk.text, chunk.column, floor) for chunk in chunks]
        known = {what: self._known[what] for what in wanted if what in self._known}
        new = {what: chunk for what, chunk in zip(wanted, chunks, strict=True) if what not in known}
        known.update(zip(new, self._search(list(new.values()), floor, deadline_s_per_100k), strict=True))
        if self._remembers and len(self._known) + len(new) <= _REMEMBERED:
            self._known.update(known)
        return [list(known[what]) for what in wanted]

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Remember what was found in each chunk until the end: copies are looked at again and again, hardly changed."""
        self._remembers = True
        try:
            yield
        finally:
            self._remembers = False
            self._known.clear()

    def _search(self, chunks: Sequence[Chunk], floor: float, deadline_s_per_100k: float) -> list[list[Span]]:
        characters = sum(len(chunk.text) for chunk in chunks)
        deadline = time.monotonic() + max(10.0, deadline_s_per_100k * characters / 100_000)
        found: list[list[Span]] = []
        self._tally.start()
        with _failing_closed():
            for at in range(0, len(chunks), _AT_ONCE):
                pieces = chunks[at : at + _AT_ONCE]
                read = self.read([chunk.text for chunk in pieces])
                for chunk, entities in zip(pieces, read, strict=True):
                    found.append(self._spans(chunk, self._artifacts(entities), floor))
                    if time.monotonic() > deadline:
                        raise DetectionIncompleteError(detail="the deadline has passed")
        self._tally.check(characters)
        return found

    @property
    def reading(self) -> str:
        """How the model computes here, in words for the fingerprint."""
        return self._reading.name

    def read(self, texts: Sequence[str]) -> list[list[gemm.Entity]]:
        """What the model alone finds, under its own labels."""
        return self._reading.read(texts)

    def _artifacts(self, entities: Sequence[gemm.Entity]) -> NlpArtifacts:
        """The model's entities as Presidio wants them; lemmas and tokens are for recognizers that are not in use."""
        for *_, label in entities:
            if label not in _LABELS and label not in _IGNORED:
                raise DetectionIncompleteError(detail="the language model has an unknown label")
        named: Any = [_Named(start, end, _LABELS[label]) for start, end, label in entities if label in _LABELS]
        no_tokens: Any = ()
        return NlpArtifacts(named, no_tokens, [], [], self._nlp, LANGUAGE, [_SCORE] * len(named))

    def _spans(self, chunk: Chunk, artifact: NlpArtifacts, floor: float) -> list[Span]:
        results = self._engine.analyze(
            chunk.text,
            LANGUAGE,
            entities=self._entities,
            score_threshold=floor,
            context=chunk.column.split() or None,
            nlp_artifacts=artifact,
        )
        spans = [
            Span(
                result.start,
                result.end,
                result.entity_type,
                round(float(result.score), 4),
                str((result.recognition_metadata or {}).get("recognizer_name", "presidio")),
            )
            for result in results
        ]
        return sorted(spans, key=lambda span: (span.start, -span.end, span.entity_type, span.source))


@contextmanager
def _failing_closed() -> Iterator[None]:
    """Turn a warning of Presidio and any exception of a recognizer into ``DetectionIncompleteError``."""
    handler = _Warnings()
    logger = logging.getLogger("presidio-analyzer")
    if not logger.isEnabledFor(logging.WARNING):
        raise DetectionIncompleteError(detail="warnings of the analyzer are switched off")
    logger.addHandler(handler)
    try:
        yield
    except DetectionIncompleteError:
        raise
    except Exception as error:  # noqa: BLE001
        # Whatever a recognizer raises, its text was not searched. The cause may quote the text, so it is not chained.
        raise DetectionIncompleteError(detail=type(error).__name__) from None
    finally:
        logger.removeHandler(handler)
    if handler.seen:
        raise DetectionIncompleteError(detail="the analyzer warned")


def analyzer(model: str = weights.MODEL) -> Analyzer:
    """The analyzer of this process with ``model``, built at the first call.

    Raises:
        DetectionIncompleteError: the model is missing, has other bytes than expected, or cannot be loaded.
    """
    return _built(model)


@functools.cache
def _built(model: str) -> Analyzer:
    with _failing_closed():
        return Analyzer(model)


def fingerprint(models: Sequence[str] = (weights.MODEL,)) -> str:
    """Which models and which libraries found what was found, and how the language model computed."""
    versions = " ".join(f"{name} {metadata.version(name)}" for name in ("presidio-analyzer", "spacy", "phonenumbers"))
    return "; ".join([*(entry.fingerprint for entry in weights.known(models)), _reading(models[0]), versions])


def _reading(model: str) -> str:
    """How ``model`` computes here. A run that had no model has a report too, and says so."""
    try:
        return analyzer(model).reading
    except DetectionIncompleteError:
        return "no model"
