"""The recognizers in use: ours by rule, and the ones we take from Presidio because they validate what they find."""

from __future__ import annotations

from typing import Final

from presidio_analyzer import EntityRecognizer
from presidio_analyzer.predefined_recognizers import (
    CryptoRecognizer,
    IpRecognizer,
    MacAddressRecognizer,
    SpacyRecognizer,
    UsItinRecognizer,
    UsSsnRecognizer,
)

from redaction.recognizers import (
    address,
    age,
    birth_date,
    card,
    company,
    date,
    email,
    foreign_script,
    given_name,
    greeting,
    iban,
    ids,
    introduction,
    mail_header,
    phone,
    position,
    secrets,
    web,
)
from redaction.recognizers.rules import RuleRecognizer

RULES: Final = (
    ("address", address),
    ("age", age),
    ("birth_date", birth_date),
    ("company", company),
    ("credit_card", card),
    ("date", date),
    ("email", email),
    ("foreign_script", foreign_script),
    ("given_name", given_name),
    ("greeting", greeting),
    ("iban", iban),
    ("ids", ids),
    ("introduction", introduction),
    ("mail_header", mail_header),
    ("phone", phone),
    ("position", position),
    ("secrets", secrets),
    ("web", web),
)
NER_ENTITIES: Final = ("PERSON", "LOCATION", "ORGANIZATION", "NRP", "DATE_TIME")


def recognizers() -> list[EntityRecognizer]:
    """One of each. Presidio's own for e-mail, URL, phone and IBAN are left out: ours run in linear time."""
    presidio: list[EntityRecognizer] = [
        SpacyRecognizer(supported_entities=list(NER_ENTITIES), name="ner"),
        CryptoRecognizer(name="crypto"),
        IpRecognizer(name="ip"),
        MacAddressRecognizer(name="mac"),
        UsSsnRecognizer(name="us_ssn"),
        UsItinRecognizer(name="us_itin"),
    ]
    return [*presidio, *(RuleRecognizer(name, kind.ENTITIES, kind.find) for name, kind in RULES)]
