"""The three documents a contributor signs, and the bytes they are.

Signed bytes are the canonical form of RFC 8785, restricted to strings, whole numbers below 2^53, booleans, null,
lists and objects. Reading is strict: what two parsers could read in two ways is refused, not repaired.

Documents: ``consent-record/1`` (what I agree to, purpose by purpose; fields of ISO/IEC TS 27560:2023, terms of
W3C DPV), ``rights-declaration/1`` (why I may share it) and ``third-party/1`` (what it says about others). Their
forms are in ``consent/schema/``; what a schema cannot say is in ``record_rules``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from typing import Any, NoReturn

import rfc8785

from consent import schemas
from consent.errors import FormatError

Json = dict[str, Any]

SCHEMA_VERSION = "vouchsafe-consent/1;iso-iec-ts-27560:2023;dpv-2.3"
RIGHTS_VERSION = "vouchsafe-rights/1"
THIRD_PARTY_VERSION = "vouchsafe-third-party/1"
EVIDENCE_VERSION = "vouchsafe-evidence/1"

TYPED_NAME = "typed-name+email-code"
SIGNED_IN = "signed-in"
SPECIAL_CATEGORY_BASIS = "https://w3id.org/dpv/legal/eu/gdpr#A9-2-a"

# States whose record lets a file be used, and states that end or refuse use.
LIVE_STATES = ("given", "renewed")
NO_END = "9999-12-31T23:59:59Z"
_LARGEST = 2**53 - 1
_TIME = "%Y-%m-%dT%H:%M:%SZ"


def sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def canonical(value: object) -> bytes:
    """Return the one spelling of ``value`` by RFC 8785.

    Raises:
        FormatError: ``number`` for NaN, infinity and integers beyond 2^53, ``json`` for what JSON cannot say.
            A finite fraction has a spelling too; only ``parse`` refuses it.
    """
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # any JSON value; all others raise
    except (rfc8785.FloatDomainError, rfc8785.IntegerDomainError):
        raise FormatError("number") from None
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError):
        raise FormatError("json") from None


def parse(data: bytes) -> Any:
    """Read strict JSON: UTF-8, no key twice, whole numbers below 2^53 only.

    Raises:
        FormatError: ``json``, ``dup_key`` or ``number``.
    """
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
            parse_int=_whole,
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise FormatError("json") from None


def parse_canonical(data: bytes) -> Any:
    """Read strict JSON that must already be in its canonical spelling.

    Raises:
        FormatError: as ``parse``, and ``not_canonical``.
    """
    value = parse(data)
    check_canonical(value, data)
    return value


def check_canonical(value: object, data: bytes) -> None:
    """Raises FormatError ``not_canonical`` unless ``data``, from which ``value`` was parsed, is its canonical spelling.

    ``json`` for half a character, which has no spelling at all.

    What ``parse`` lets through the standard library spells like RFC 8785, ten times as fast, but for one thing: it
    sorts keys by code points and not by UTF-16 units. The two orders differ only beyond U+FFFF.
    """
    if _BEYOND_FFFF.search(data):
        spelled = canonical(value)
    else:
        try:
            spelled = _SPELLING.encode(value).encode()
        except (UnicodeEncodeError, RecursionError):
            raise FormatError("json") from None
    if spelled != data:
        raise FormatError("not_canonical")


_BEYOND_FFFF = re.compile(rb"[\xf0-\xf4]")  # the first byte in UTF-8
_SPELLING = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise FormatError("dup_key")
    return found


def _refuse_number(_text: str) -> NoReturn:
    raise FormatError("number")


def _whole(text: str) -> int:
    # Longer texts are out of range anyway, and reading thousands of digits takes quadratic time.
    if len(text) > 17 or abs(int(text)) > _LARGEST:
        raise FormatError("number")
    return int(text)


def to_text(moment: dt.datetime) -> str:
    """Spell a moment as documents do: UTC, whole seconds."""
    return moment.astimezone(dt.UTC).strftime(_TIME)


def to_moment(text: str) -> dt.datetime:
    """Read ``YYYY-MM-DDThh:mm:ssZ``. Raises FormatError ``record_schema`` for a date that does not exist."""
    try:
        return dt.datetime.strptime(text, _TIME).replace(tzinfo=dt.UTC)
    except ValueError:
        raise FormatError("record_schema") from None


def check_documents(record: Json, rights: Json | None, third_party: Json | None) -> None:
    """Check form and rules of the documents of one decision.

    Raises:
        FormatError: ``record_schema``, ``record_rules``, or ``statement_digest`` when the record names other
            declarations than these.
    """
    for name, document in (
        ("consent-record-1", record),
        ("rights-declaration-1", rights),
        ("third-party-1", third_party),
    ):
        if document is not None and not schemas.accepts(name, document):
            raise FormatError("record_schema")
    for field, document in (("rights_sha256", rights), ("third_party_sha256", third_party)):
        if record[field] != (None if document is None else sha256_hex(canonical(document))):
            raise FormatError("statement_digest")
    if record_rules(record) or statement_rules(record, rights, third_party):
        raise FormatError("record_rules")


def record_rules(record: Json) -> list[str]:
    """Return the broken rules of a record whose form is right, as sentences; an empty list means none."""
    rules = {
        "every id names one thing": _ids_unique(record),
        "every party that is named is described": _parties_known(record),
        "only a refusal or a withdrawal may be signed by being signed in": _method_fits(record),
        "a withdrawal says what it withdraws, and nothing else does": _withdraws_fits(record),
        "a renewal or withdrawal names the record before it, and nothing else does": _previous_fits(record),
        "both declarations are there exactly when something is agreed": _declarations_fit(record),
        "the notice was understood exactly when something is agreed": _comprehension_fits(record),
        "pay depends on exactly the purposes that say so": _pay_fits(record),
        "special categories need explicit consent": _special_fits(record),
        "the notice came before the decision, and the decision before its end": _times_fit(record),
        "given means at least one purpose given; refused means none": _decisions_fit(record),
    }
    return [rule for rule, holds in rules.items() if not holds]


def statement_rules(record: Json, rights: Json | None, third_party: Json | None) -> list[str]:
    """Return the rules that the declarations break towards their record."""
    broken = []
    for document in (rights, third_party):
        if document is None:
            continue
        if document["submission_id"] != record["submission_id"]:
            broken.append("all documents are about one submission")
        if document["signature"]["method"] == SIGNED_IN:
            broken.append("a declaration is signed, not only sent")
        to_moment(document["time"])
    if rights is not None:
        ids = [file["artifact_id"] for file in rights["files"]]
        if len(set(ids)) != len(ids):
            broken.append("every file has one basis")
    return broken


def _ids_unique(record: Json) -> bool:
    for name, key in (("purposes", "purpose_id"), ("parties", "party_id"), ("artifacts", "artifact_id")):
        ids = [item[key] for item in record[name]]
        if len(set(ids)) != len(ids):
            return False
    return True


def _parties_known(record: Json) -> bool:
    named = {*record["controllers"], record["authority_party"]}
    for purpose in record["purposes"]:
        for recipient in purpose["recipients"]:
            named.update(recipient["party_ids"])
    return named <= {party["party_id"] for party in record["parties"]}


def _method_fits(record: Json) -> bool:
    return bool(record["signature"]["method"] != SIGNED_IN or record["event"]["state"] in ("withdrawn", "refused"))


def _withdraws_fits(record: Json) -> bool:
    return bool((record["withdraws"] is not None) == (record["event"]["state"] == "withdrawn"))


def _previous_fits(record: Json) -> bool:
    return (record["previous_event_sha256"] is not None) == (record["event"]["state"] in ("withdrawn", "renewed"))


def _declarations_fit(record: Json) -> bool:
    live = record["event"]["state"] in LIVE_STATES
    return all((record[field] is not None) == live for field in ("rights_sha256", "third_party_sha256"))


def _comprehension_fits(record: Json) -> bool:
    return (record["comprehension"] is not None) == (record["event"]["state"] in LIVE_STATES)


def _pay_fits(record: Json) -> bool:
    required = {purpose["purpose_id"] for purpose in record["purposes"] if purpose["required_for_payment"]}
    named = record["compensation"]["conditional_on"]
    return len(set(named)) == len(named) and set(named) == required


def _special_fits(record: Json) -> bool:
    if not any(item["special_category"] for item in record["pii_information"]):
        return True
    given = [purpose for purpose in record["purposes"] if purpose["decision"] == "given"]
    return all(SPECIAL_CATEGORY_BASIS in purpose["lawful_basis"] for purpose in given)


def _times_fit(record: Json) -> bool:
    event = record["event"]
    shown = to_moment(record["notice"]["shown_at"])
    return shown <= to_moment(event["time"]) < to_moment(event["valid_until"])


def _decisions_fit(record: Json) -> bool:
    given = any(purpose["decision"] == "given" for purpose in record["purposes"])
    return {"given": given, "renewed": given, "refused": not given}.get(record["event"]["state"], True)
