"""Presidio as it comes, over the whole pipeline of our default model: what our figures stand beside."""

from __future__ import annotations

import redaction.offline  # noqa: F401  # before the libraries that would open a socket

# isort: split
from collections.abc import Callable
from typing import Any

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpEngineProvider, SpacyNlpEngine

from redaction import weights
from redaction.analyzer import LANGUAGE
from redaction.entities import Span


class _Loaded(SpacyNlpEngine):
    """Presidio's engine over a pipeline that lies on disk: it would fetch one that it does not know by name."""

    def __init__(self, nlp: Any) -> None:
        settings = NlpEngineProvider().nlp_configuration["ner_model_configuration"]
        super().__init__(
            models=[{"lang_code": LANGUAGE, "model_name": weights.MODEL}],
            ner_model_configuration=NerModelConfiguration.from_dict(settings),
        )
        self.nlp = {LANGUAGE: nlp}  # type: ignore[assignment]  # Presidio declares the attribute as None


def presidio() -> AnalyzerEngine:
    """``AnalyzerEngine`` with its own settings and recognizers, kept off the network: its recognizer of e-mail
    addresses would fetch the list of public suffixes at its first use.

    Raises:
        DetectionIncompleteError: the model is not installed, or has other bytes than expected.
    """
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    folder = weights.model_folder()
    weights.check(folder, weights.weights())
    return AnalyzerEngine(nlp_engine=_Loaded(spacy.load(folder)), supported_languages=[LANGUAGE])


def finder() -> Callable[[str], list[Span]]:
    """What ``presidio()`` finds in a text, under its own types, as spans of source ``presidio``."""
    engine = presidio()

    def find(text: str) -> list[Span]:
        return [
            Span(one.start, one.end, one.entity_type, round(float(one.score), 4), "presidio")
            for one in engine.analyze(text, LANGUAGE)
        ]

    return find
