"""Tokens: the names that stand for what was removed, how they are written in each place, and how to know them again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from redaction.entities import Kind
from redaction.recognizers import secrets

SECRETS: Final = frozenset(secrets.ENTITIES)
HOST: Final = "HOST"

# Entity type → the word of its tokens, where it is not the type itself.
_WORDS: Final = {
    "ORGANIZATION": "ORG",
    "EMAIL_ADDRESS": "EMAIL",
    "PHONE_NUMBER": "PHONE",
    "IBAN_CODE": "IBAN",
    "CREDIT_CARD": "CARD",
    "US_SSN": "SSN",
    "US_ITIN": "ITIN",
    "IP_ADDRESS": "IP",
    "MAC_ADDRESS": "MAC",
    "URL": HOST,
    "HOSTNAME": HOST,
    "USER_PATH": "USER",
    "NRP": "GROUP",
    "ACCOUNT_NUMBER": "ACCOUNT",
    "EMPLOYEE_ID": "EMPLOYEE",
    "TICKET_NUMBER": "TICKET",
    "CASE_NUMBER": "CASE",
    "INVOICE_NUMBER": "INVOICE",
    "CUSTOMER_ID": "CUSTOMER",
    "POLICY_NUMBER": "POLICY",
    "TAX_NUMBER": "TAX",
    "PASSPORT_NUMBER": "PASSPORT",
    "PLATE_NUMBER": "PLATE",
    "ID_NUMBER": "ID",
    "DATE_TIME": "DATE",
}
_UPPER: Final = re.compile(r"[^A-Z0-9]+")
# Nothing real lies under example.invalid (RFC 2606), so whatever stands there is of our writing.
WRITTEN: Final = re.compile(
    r"\[?\b(?:REDACTED_)?[A-Z]{2,20}(?:_[A-Z]{2,20}){0,3}_\d{1,6}\b\]?"
    r"|(?:https?://)?\b(?:[\w.-]{1,64}@|[\w-]{1,40}\.)?example\.invalid\b/?"
    r"|@(?:handle|person)_\d{1,6}\b"
)
# Each of them holds one of these.
HAS_WRITTEN: Final = re.compile(r"_\d|example\.invalid")
_RESERVED: Final = re.compile(
    r"\b((?:REDACTED_)?[A-Z]{2,20}(?:_[A-Z]{2,20}){0,3})_(\d{1,6})\b|\bhost-(\d{1,6})\.example\.invalid"
)


def word(entity_type: str) -> str:
    """The word of the tokens of ``entity_type``; types of deny lists are whatever their author called them."""
    if entity_type in SECRETS:
        return f"REDACTED_{entity_type}"
    return _WORDS.get(entity_type) or _UPPER.sub("_", entity_type.upper()).strip("_") or "CONFIDENTIAL"


def written(token: str, mention_type: str, kind: Kind) -> str:
    """How ``token`` stands in the text, where a mention of ``mention_type`` stood in a segment of ``kind``."""
    number = token.rsplit("_", 1)[1]
    if mention_type == "EMAIL_ADDRESS":
        return f"{token.lower()}@example.invalid"
    if mention_type == "URL":
        return f"https://host-{number}.example.invalid/"
    if mention_type == "HOSTNAME":
        return f"host-{number}.example.invalid"
    if mention_type == "HANDLE":
        return f"@{token.lower()}"
    bare = kind in (Kind.NAME, Kind.CODE) or mention_type in SECRETS or mention_type == "USER_PATH"
    return token if bare else f"[{token}]"


def reserved(texts: Iterable[str]) -> dict[str, int]:
    """Word → highest number of the tokens that the input already holds: those numbers are not given again."""
    highest: dict[str, int] = {}
    for text in texts:
        for match in _RESERVED.finditer(text):
            name, number = (match.group(1), match.group(2)) if match.group(1) else (HOST, match.group(3))
            highest[name] = max(highest.get(name, 0), int(number))
    return highest


def blanked(text: str) -> str:
    """``text`` with every token replaced by as many line ends: what is left is what the file says by itself."""
    return WRITTEN.sub(lambda match: "\n" * len(match.group()), text)
