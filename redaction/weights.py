"""The models: found on disk, compared with the digests of ``weights.toml``, to be loaded by path. Never fetched.

A model is named by the key of its entry: a package of the table, ``onnx:`` and a folder, or ``python:module:factory``.
Nothing without an entry is loaded, and nothing whose bytes differ from it. Packages are located, not imported: what
runs is the file that was compared, and no code beside it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from redaction.errors import DetectionIncompleteError

_TABLE: Final = Path(__file__).with_name("weights.toml")
MODEL: Final = "en_core_web_md"
PARTNER: Final = "rampart"
ONNX: Final = "onnx:"
PYTHON: Final = "python:"


@dataclass(frozen=True)
class Weights:
    """One model as ``weights.toml`` describes it.

    ``sha256``: file inside the model's folder → digest. ``network``: which of them names the model. ``labels``: what
    the model says → our entity type; spaCy's are mapped in ``analyzer``. ``requantised``: the network, version, digest
    and notice that take the place of its own where such a file was made at install (``redaction.requantised``).
    """

    name: str
    version: str
    notice: str
    sha256: Mapping[str, str]
    package: str = ""
    folder: str = ""
    network: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    requantised: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Name, version and the first digits of the digest of the network itself."""
        return f"{self.name} {self.version} {self.digest}".rstrip()

    @property
    def digest(self) -> str:
        """The first digits of the digest of the network; empty for code, which has none."""
        return self.sha256.get(self.network, "")[:12]


def entries() -> dict[str, Weights]:
    """Every model of the table, by name, as it lies here."""
    return {name: _in_use(entry) for name, entry in shipped().items()}


def _in_use(entry: Weights) -> Weights:
    """``entry``, or its re-quantised form where that was made. The file it was made of is compared all the same."""
    other = entry.requantised
    if not other:
        return entry
    try:
        made = (model_folder(entry) / other["network"]).is_file()
    except DetectionIncompleteError:
        made = False
    if not made:
        return entry
    return replace(
        entry,
        network=other["network"],
        version=other["version"],
        notice=other["notice"],
        sha256={**entry.sha256, other["network"]: other["sha256"]},
    )


def shipped() -> dict[str, Weights]:
    """Every model of the table, by name, as its package brings it."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return {name: Weights(name, **_described(entry)) for name, entry in table.items() if isinstance(entry, dict)}


def _described(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "licence"}


def weights(model: str = MODEL) -> Weights:
    """The entry of ``model``.

    Raises:
        DetectionIncompleteError: the table has none, so nobody said which bytes to trust.
    """
    found = entries().get(model)
    if found is None:
        raise DetectionIncompleteError(detail="the model has no entry in weights.toml")
    return found


def known(models: Iterable[str]) -> list[Weights]:
    """The entries of those of ``models`` that have one."""
    table = entries()
    return [table[model] for model in models if model in table]


def model_folder(entry: Weights | None = None) -> Path:
    """Where a model lies; the default one, if none is named. No code of its package runs.

    Raises:
        DetectionIncompleteError: it is not installed.
    """
    entry = entry or weights()
    if entry.name.startswith(ONNX):
        return Path(entry.name.removeprefix(ONNX))
    try:
        spec = importlib.util.find_spec(entry.package)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise DetectionIncompleteError(detail="the model is not installed")
    return Path(spec.submodule_search_locations[0]) / entry.folder


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
            raise DetectionIncompleteError(detail="a file of the model is missing") from error
        if found != digest:
            raise DetectionIncompleteError(detail="the model has other bytes than expected")


def checked(model: str) -> tuple[Weights, Path]:
    """The entry of ``model`` and its folder, every digest compared.

    Raises:
        DetectionIncompleteError: no entry, not installed, a file missing, or other bytes than expected.
    """
    entry = weights(model)
    folder = model_folder(entry)
    check(folder, entry)
    return entry, folder


def state(model: str) -> str:
    """``ok``, or in a few words why ``model`` cannot be used. For people who look after an installation."""
    try:
        checked(model)
    except DetectionIncompleteError as error:
        return str(error).removeprefix(f"{error.code}: ")
    return "ok"


def spacy_model(model: str) -> bool:
    """True for a model that spaCy runs; any other is a ``SpanSource`` of ``partner``."""
    return not model.startswith((ONNX, PYTHON)) and model != PARTNER
