"""What ISO/IEC TS 27560 and the GDPR want a record to hold: each item is there, and a record without one is refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from consent import record as rec
from consent import services
from consent.errors import FormatError
from consent.record import Json
from tests.consent.conftest import Give
from tests.consent.making import made

# Item → where it stands in the record; ``*`` is every one of a list. The receipt id is not the record's (see below).
ISO_27560 = {
    "schema version": "schema_version",
    "record id": "record_id",
    "principal id": "pii_principal_id",
    "privacy notice": "notice.sha256",
    "language": "notice.language",
    "purpose": "purposes.*.text",
    "PII information": "pii_information",
    "PII controllers": "controllers",
    "storage locations": "purposes.*.storage_locations",
    "retention": "retention.artifacts",
    "jurisdiction": "jurisdictions",
    "recipients": "purposes.*.recipients",
    "withdrawal method": "withdrawal_method",
    "PII type": "pii_information.*.pii_type",
    "party id": "parties.*.party_id",
    "party address": "parties.*.address",
    "party name": "parties.*.name",
    "party contact": "parties.*.contact",
    "party type": "parties.*.type",
    "event time": "event.time",
    "event validity": "event.valid_until",
    "event entity id": "event.entity_id",
    "event type": "event.type",
    "event state": "event.state",
}
GDPR = {
    "lawful basis": "purposes.*.lawful_basis",
    "collection method": "purposes.*.collection",
    "processing method": "purposes.*.processing",
    "processing location": "purposes.*.processing_locations",
    "geographic restrictions": "geographic_restrictions",
    "rights": "rights",
    "authority": "authority_party",
    "PII optional": "pii_information.*.optional",
    "special category": "pii_information.*.special_category",
    "party role": "parties.*.role",
}
ITEMS = ISO_27560 | GDPR
# What may be empty, because none is a truthful answer.
MAY_BE_EMPTY = {"geographic restrictions"}


@pytest.fixture(scope="module")
def good() -> tuple[Json, Json, Json]:
    parts = made()
    assert parts.rights is not None
    assert parts.third_party is not None
    return parts.record, parts.rights, parts.third_party


def holders(record: Json, path: str) -> list[tuple[Json, str]]:
    """Every object that holds the item, with the name under which it does."""
    *way, name = path.split(".")
    found: list[Any] = [record]
    for step in way:
        found = [inner for each in found for inner in each] if step == "*" else [each[step] for each in found]
    return [(each, name) for each in found]


def test_there_are_25_and_10_items() -> None:
    assert len(ISO_27560) + len(["receipt id"]) == 25
    assert len(GDPR) == 10
    assert len(set(ITEMS.values())) == len(ITEMS) == 34


@pytest.mark.parametrize("item", ITEMS)
def test_a_record_holds_it(good: tuple[Json, Json, Json], item: str) -> None:
    found = holders(good[0], ITEMS[item])

    assert found
    for holder, name in found:
        assert name in holder
        assert item in MAY_BE_EMPTY or holder[name] not in ("", None, [], {})


@pytest.mark.parametrize("item", ITEMS)
def test_a_record_without_it_is_refused(good: tuple[Json, Json, Json], item: str) -> None:
    record, rights, third_party = good
    rec.check_documents(record, rights, third_party)

    for place in range(len(holders(record, ITEMS[item]))):
        changed = copy.deepcopy(record)
        holder, name = holders(changed, ITEMS[item])[place]
        del holder[name]
        with pytest.raises(FormatError, match="record_schema"):
            rec.check_documents(changed, rights, third_party)


@pytest.mark.parametrize("item", [item for item in ITEMS if item not in MAY_BE_EMPTY])
def test_a_record_that_leaves_it_empty_is_refused(good: tuple[Json, Json, Json], item: str) -> None:
    record, rights, third_party = good

    changed = copy.deepcopy(record)
    holder, name = holders(changed, ITEMS[item])[0]
    holder[name] = type(holder[name])() if not isinstance(holder[name], bool) else None
    with pytest.raises(FormatError, match="record_schema"):
        rec.check_documents(changed, rights, third_party)


def test_the_receipt_has_an_id_of_its_own(give: Give) -> None:
    record = give()

    assert services.receipt_id(record) == services.receipt_id(record)
    assert services.receipt_id(record) != record.pk


def test_the_terms_of_a_record_are_those_of_its_notice(good: tuple[Json, Json, Json]) -> None:
    """What was read and what is signed come from one file."""
    record = good[0]
    text = services.reading(record["notice"]["version"], record["notice"]["language"])

    assert record["parties"] == text.terms["parties"]
    assert record["rights"] == text.terms["rights"]
    for purpose in record["purposes"]:
        assert purpose["text"] == text.purpose(purpose["purpose_id"])["text"]
