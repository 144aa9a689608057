"""The sample submissions through the engine: nothing planted is left in any output, and ordinary phrases stay.

The bytes that would leave are searched by ``tests.leaks``, as an outsider would, not by the product's own matcher.
"""

from __future__ import annotations

import json

import jsonschema
import pytest

from redaction import engine, policy
from redaction.entities import Redaction, SourceFile, Verdict
from tests.corpus import SampleSubmission, samples
from tests.leaks import found
from tests.redaction.test_engine import SCHEMA

SAMPLES = samples()


def redacted(sample: SampleSubmission) -> Redaction:
    files = [SourceFile("request", "task_request.txt", sample.task_request.text.encode())]
    files += [SourceFile(f"file{number}", file.name, file.data) for number, file in enumerate(sample.files, 1)]
    return engine.redact(files, policy.load("standard"))


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.title for sample in SAMPLES])
def test_a_submission_leaves_without_what_is_planted_and_with_the_rest(sample: SampleSubmission) -> None:
    result = redacted(sample)
    assert {file.ref: file.reasons for file in result.files if file.data is None} == {}
    planted = {mention.value for mention in sample.planted}
    leaked = {file.name_out: found(planted, file.data or b"") for file in result.files}
    assert {name: words for name, words in leaked.items() if words} == {}
    assert found(planted, "\n".join(file.name_out for file in result.files).encode()) == set()
    assert found(planted, json.dumps(result.report).encode()) == set()
    shown = " ".join(" ".join(block.text for file in result.files for block in file.blocks).split())
    ordinary = [*sample.task_request.ordinary, *(phrase for file in sample.files for phrase in file.ordinary)]
    assert [phrase for phrase in ordinary if " ".join(phrase.split()) not in shown] == []
    jsonschema.validate(result.report, SCHEMA)
    assert result.verdict is Verdict.CLEAN


def test_the_spellings_of_one_person_share_one_token() -> None:
    [sample] = SAMPLES[:1]
    entities = redacted(sample).entities
    people = {mention.group for mention in sample.planted if mention.entity_type == "PERSON"}
    for person in sorted(people):
        values = {mention.value for mention in sample.planted if mention.group == person and " " in mention.value}
        tokens = {entity.token for entity in entities if values & {entity.canonical, *entity.aliases}}
        assert len(tokens) == 1, person
