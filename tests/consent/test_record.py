from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import record as rec
from consent import schemas
from consent.errors import FormatError
from consent.record import Json, canonical
from tests.consent.making import made

DOCUMENTS = {"record": "consent-record-1", "rights": "rights-declaration-1", "third_party": "third-party-1"}


@pytest.fixture(scope="module")
def good() -> dict[str, Json]:
    parts = made()
    assert parts.rights is not None
    assert parts.third_party is not None
    return {"record": parts.record, "rights": parts.rights, "third_party": parts.third_party}


# The examples of RFC 8785, without the fractions, which no document of ours may hold.
UNSORTED = (
    r'{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",'
    r'"\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}'
)
SORTED = (
    '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis",'
    '"€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}'
)
CANONICAL: dict[str, tuple[str, str]] = {
    "members sorted by UTF-16 code units (3.2.3)": (UNSORTED, SORTED),
    "characters escaped only where they must be (3.2.2.2)": (
        '{"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/"}',
        '{"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    ),
    "literals and spaces (3.2.1)": ('{ "literals" : [ null , true , false ] }', '{"literals":[null,true,false]}'),
    "the largest whole number": ("[9007199254740991, -9007199254740991]", "[9007199254740991,-9007199254740991]"),
}


@pytest.mark.parametrize("name", CANONICAL)
def test_canonical_bytes_are_those_of_the_rfc(name: str) -> None:
    source, expected = CANONICAL[name]

    assert canonical(rec.parse(source.encode())) == expected.encode()


STRICT: dict[str, tuple[bytes, str]] = {
    "a key twice": (b'{"a":1,"a":1}', "dup_key"),
    "a key twice, spelt in two ways": (b'{"a":1,"\\u0061":1}', "dup_key"),
    "a fraction": (b"[1.5]", "number"),
    "a fraction that is whole": (b"[1.0]", "number"),
    "an exponent": (b"[1e3]", "number"),
    "NaN": (b"[NaN]", "number"),
    "infinity": (b"[-Infinity]", "number"),
    "one more than 2^53 - 1": (b"[9007199254740992]", "number"),
    "five thousand digits": (b"9" * 5000, "number"),
    "a comma too many": (b"[1,]", "json"),
    "single quotes": (b"['a']", "json"),
    "something after the end": (b"{} {}", "json"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "json"),
    "UTF-16": ("{}".encode("utf-16"), "json"),
    "a control character in a string": (b'["\n"]', "json"),
    "a hundred thousand brackets": (b"[" * 100_000, "json"),
    "nothing": (b"", "json"),
}


@pytest.mark.parametrize("name", STRICT)
def test_reading_refuses_what_two_readers_could_read_in_two_ways(name: str) -> None:
    data, code = STRICT[name]

    with pytest.raises(FormatError) as refused:
        rec.parse(data)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"b":1,"a":2}', "not_canonical"),
        (b"[1, 2]", "not_canonical"),
        (b"[-0]", "not_canonical"),
        (b'["\\ud800"]', "json"),
    ],
)
def test_canonical_reading_refuses_every_other_spelling(data: bytes, code: str) -> None:
    with pytest.raises(FormatError) as refused:
        rec.parse_canonical(data)
    assert refused.value.code == code


def test_the_three_documents_of_a_signed_page_are_good(good: dict[str, Json]) -> None:
    rec.check_documents(good["record"], good["rights"], good["third_party"])


def members(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every member of every object in a document, by its path."""
    if isinstance(value, list):
        return [found for index, item in enumerate(value) for found in members(item, (*path, index))]
    if not isinstance(value, dict):
        return []
    return [found for key, item in value.items() for found in ((*path, key), *members(item, (*path, key)))]


def without(document: Json, path: tuple[Any, ...]) -> Json:
    changed = copy.deepcopy(document)
    target: Any = changed
    for step in path[:-1]:
        target = target[step]
    del target[path[-1]]
    return changed


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_no_member_may_be_missing(good: dict[str, Json], kind: str) -> None:
    optional = {("parties", 0, "url"), ("parties", 1, "url")}
    document = good[kind]

    paths = [path for path in members(document) if path not in optional]

    assert len(paths) > 10
    for path in paths:
        assert not schemas.accepts(DOCUMENTS[kind], without(document, path)), path


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_no_member_may_be_added_at_any_depth(good: dict[str, Json], kind: str) -> None:
    for path in [(), *members(good[kind])]:
        changed = copy.deepcopy(good[kind])
        target: Any = changed
        for step in path:
            target = target[step]
        if isinstance(target, dict):
            target["extra"] = 1
            assert not schemas.accepts(DOCUMENTS[kind], changed), path


# The 25 mandatory fields of ISO/IEC TS 27560 and the ten that the GDPR adds, and where each stands in a record. The
# receipt's own id is in the receipt.
MANDATORY: dict[str, tuple[Any, ...]] = {
    "schema version": ("schema_version",),
    "record id": ("record_id",),
    "principal id": ("pii_principal_id",),
    "privacy notice": ("notice", "sha256"),
    "language": ("notice", "language"),
    "purpose": ("purposes", 0, "dpv"),
    "PII information": ("pii_information",),
    "PII controllers": ("controllers",),
    "storage locations": ("purposes", 0, "storage_locations"),
    "retention": ("retention", "artifacts"),
    "jurisdiction": ("jurisdictions",),
    "recipients": ("purposes", 0, "recipients"),
    "withdrawal method": ("withdrawal_method",),
    "PII type": ("pii_information", 0, "pii_type"),
    "party id": ("parties", 0, "party_id"),
    "party address": ("parties", 0, "address"),
    "party name": ("parties", 0, "name"),
    "party contact": ("parties", 0, "contact"),
    "party type": ("parties", 0, "type"),
    "event time": ("event", "time"),
    "validity": ("event", "valid_until"),
    "entity id": ("event", "entity_id"),
    "event type": ("event", "type"),
    "event state": ("event", "state"),
    "lawful basis": ("purposes", 0, "lawful_basis"),
    "collection method": ("purposes", 0, "collection"),
    "processing method": ("purposes", 0, "processing"),
    "processing location": ("purposes", 0, "processing_locations"),
    "geographic restrictions": ("geographic_restrictions",),
    "rights": ("rights",),
    "authority": ("authority_party",),
    "PII optional": ("pii_information", 0, "optional"),
    "special category": ("pii_information", 0, "special_category"),
    "party role": ("parties", 0, "role"),
}


@pytest.mark.parametrize("field", MANDATORY)
def test_a_record_carries_every_mandatory_field(good: dict[str, Json], field: str) -> None:
    found: Any = good["record"]
    for step in MANDATORY[field]:
        found = found[step]
    assert found is not None
    assert not schemas.accepts("consent-record-1", without(good["record"], MANDATORY[field]))


Change = Callable[[Json], object]
RULES: dict[str, tuple[Change, str]] = {
    "an artifact twice": (lambda r: r["artifacts"].append(r["artifacts"][0]), "every id names one thing"),
    "an unknown recipient party": (
        lambda r: r["purposes"][0]["recipients"][0].update(party_ids=["lab"]),
        "every party that is named is described",
    ),
    "an unknown authority": (lambda r: r.update(authority_party="nobody"), "every party that is named is described"),
    "given by being signed in": (
        lambda r: r.update(signature={"method": rec.SIGNED_IN}),
        "only a refusal or a withdrawal may be signed by being signed in",
    ),
    "given, but withdraws": (
        lambda r: r.update(withdraws={"record_id": r["record_id"], "artifacts": "all", "purposes": "all"}),
        "a withdrawal says what it withdraws, and nothing else does",
    ),
    "given, but follows another": (
        lambda r: r.update(previous_event_sha256="0" * 64),
        "a renewal or withdrawal names the record before it, and nothing else does",
    ),
    "renewed, but follows none": (
        lambda r: r["event"].update(state="renewed"),
        "a renewal or withdrawal names the record before it, and nothing else does",
    ),
    "given without declarations": (
        lambda r: r.update(rights_sha256=None),
        "both declarations are there exactly when something is agreed",
    ),
    "given without having understood": (
        lambda r: r.update(comprehension=None),
        "the notice was understood exactly when something is agreed",
    ),
    "renewed without having understood": (
        lambda r: (r["event"].update(state="renewed"), r.update(comprehension=None)),
        "the notice was understood exactly when something is agreed",
    ),
    "refused, but tested": (
        lambda r: r["event"].update(state="refused"),
        "the notice was understood exactly when something is agreed",
    ),
    "withdrawn, but tested": (
        lambda r: r["event"].update(state="withdrawn"),
        "the notice was understood exactly when something is agreed",
    ),
    "a purpose that pay needs, unsaid": (
        lambda r: r["purposes"][0].update(required_for_payment=True),
        "pay depends on exactly the purposes that say so",
    ),
    "special category on plain consent": (
        lambda r: r["pii_information"][0].update(special_category=True),
        "special categories need explicit consent",
    ),
    "over before it began": (
        lambda r: r["event"].update(valid_until=r["event"]["time"]),
        "the notice came before the decision, and the decision before its end",
    ),
    "given, all purposes refused": (
        lambda r: r["purposes"][0].update(decision="refused"),
        "given means at least one purpose given; refused means none",
    ),
    "refused, a purpose given": (
        lambda r: r["event"].update(state="refused"),
        "given means at least one purpose given; refused means none",
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_a_record_keeps_its_rules(good: dict[str, Json], name: str) -> None:
    change, rule = RULES[name]
    changed = copy.deepcopy(good["record"])
    assert rec.record_rules(changed) == []

    change(changed)

    assert rule in rec.record_rules(changed)


def test_schemas_are_valid_and_closed_at_every_level() -> None:
    names = [path.stem for path in schemas.FOLDER.glob("*.json")]
    assert len(names) >= 13
    for name in names:
        assert schemas.validator(name)
        text = (schemas.FOLDER / f"{name}.json").read_text()
        for found in objects(json.loads(text)):
            assert "additionalProperties" in found, name


def objects(schema: Any) -> list[Json]:
    """Every object form in a schema that names properties."""
    if isinstance(schema, list):
        return [found for item in schema for found in objects(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") == "object" and "required" in schema else []
    return own + [found for item in schema.values() for found in objects(item)]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_what_is_written_is_read_back_and_nothing_else_is_canonical(value: object) -> None:
    data = canonical(value)

    assert rec.parse_canonical(data) == value
    with pytest.raises(FormatError):
        rec.parse_canonical(data + b" ")


@pytest.mark.parametrize("keys", ["\ue000\U0001f600", "\U0001f600a", "z\u00e9"])
def test_keys_are_in_the_order_of_utf_16(keys: str) -> None:
    first, second = sorted(keys, key=lambda key: key.encode("utf-16-be"))
    good = f'{{"{first}":1,"{second}":2}}'.encode()
    bad = f'{{"{second}":2,"{first}":1}}'.encode()

    assert rec.parse_canonical(good) == {first: 1, second: 2}
    with pytest.raises(FormatError, match="not_canonical"):
        rec.parse_canonical(bad)
