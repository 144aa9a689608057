"""The whole road once, through the services people use: what is sealed and released verifies offline."""

from __future__ import annotations

import pytest

from consent import bundle, services
from consent.models import Statement
from intake.models import Outbox, User
from intake.pipeline import outbox
from intake.storages import storage
from tests import factories


@pytest.mark.slow
@pytest.mark.usefixtures("s3")
def test_what_lies_in_the_vault_and_what_leaves_both_verify(alice: User, rita: User) -> None:
    submission = factories.approved(alice, rita)
    for row in Outbox.objects.filter(subject_id=submission.pk, kind=Outbox.Kind.RELEASE):
        outbox.send(row.pk)
    trust, vault = services.trust_fingerprint(), storage("vault", as_="sealer")

    files = list(submission.artifacts.leaving().select_related("revision"))

    assert len(files) == Statement.objects.filter(kind="release").count() >= 2
    for artifact in files:
        assert artifact.revision is not None
        sha256, key = artifact.revision.sha256, artifact.revision.vault_key
        sealed = bundle.verify(sha256, vault.read(f"{key}.consent.json"), trust=trust)
        assert (sealed.stage, sealed.artifact_id) == ("sealed", str(artifact.pk))
        leaving = services.released_bundle(artifact.pk, sha256)
        released = bundle.verify(sha256, leaving, trust=trust, purpose="evaluation", recipient="ai-developer")
        assert released.stage == "released"
        assert b"alice" not in leaving.lower()
