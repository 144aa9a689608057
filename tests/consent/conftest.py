"""One installation's keys for all consent tests, and a submission with two files that was agreed to."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from consent import services
from consent.documents import Documents, FileRef, Terms
from consent.models import ConsentRecord
from consent.signing import SigningKeys, create, load
from tests import factories
from tests.consent.making import FILES, SUBMISSION, TERMS, THIRD_PARTY


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("consent") / "signing"
    create(folder)
    return folder


@pytest.fixture(scope="session")
def signing_keys(key_folder: Path) -> SigningKeys:
    return load(f"file:{key_folder}")


@pytest.fixture
def installation(settings: Settings, key_folder: Path, db: None) -> None:
    """The database and services with the keys above."""
    settings.ENV = settings.ENV.model_copy(update={"signing_key_uri": f"file:{key_folder}"})


Prepare = Callable[..., Documents]
Give = Callable[..., ConsentRecord]


@pytest.fixture
def prepare(installation: None) -> Prepare:
    """Gives a function that writes the documents of a sign page."""

    def prepare_page(
        *, files: tuple[FileRef, ...] = FILES, choices: dict[str, str] | None = None, terms: Terms = TERMS, **more: Any
    ) -> Documents:
        chosen = choices or {"evaluation": "given", "training": "refused"}
        factories.understand(SUBMISSION, terms, chosen, THIRD_PARTY)
        return services.prepare(
            submission_id=SUBMISSION,
            principal=services.principal(SUBMISSION, uuid.UUID(int=7)),
            terms=terms,
            files=files,
            choices=chosen,
            attestation={"owner": "me", "nda": "no"},
            third_party=THIRD_PARTY,
            **more,
        )

    return prepare_page


@pytest.fixture
def give(prepare: Prepare) -> Give:
    """Gives a function that prepares and signs."""

    def give_consent(**more: Any) -> ConsentRecord:
        documents = prepare(**more)
        return services.give(documents, typed_name="Alice Example", code=services.new_code(documents))

    return give_consent


@pytest.fixture
def special_files() -> tuple[FileRef, ...]:
    return tuple(replace(file, basis="public") for file in FILES)
