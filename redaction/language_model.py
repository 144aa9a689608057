"""The language model as spaCy runs it: its entity recogniser alone, loaded by path once its bytes were compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import spacy

from redaction import weights


def load(model: str = weights.MODEL) -> Any:
    """The spaCy pipeline with its entity recogniser alone; without one, for words only, if ``model`` is none of spaCy.

    Raises:
        DetectionIncompleteError: it is not installed, or has other bytes than expected.
    """
    if not weights.spacy_model(model):
        return spacy.blank("en")
    _, folder = weights.checked(model)
    return spacy.load(folder, exclude=_unused(folder))


def _unused(folder: Path) -> list[str]:
    """The pipes that ``ner`` does not need. In most models it has layers of its own; in some it listens to tok2vec."""
    network = spacy.util.load_config(folder / "config.cfg")["components"]["ner"]["model"]
    listens = "Listener" in network.get("tok2vec", {}).get("@architectures", "")
    pipes = ["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]
    return pipes if listens else ["tok2vec", *pipes]
