"""The recognizers in use: ours by rule, and the ones we take from Presidio because they validate what they find."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar, Final

from presidio_analyzer import EntityRecognizer, PatternRecognizer, RecognizerResult
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


class _Screened(PatternRecognizer):
    """A recognizer of Presidio's that tries its patterns only where a text holds what each of their matches holds."""

    _needs: ClassVar[tuple[re.Pattern[str], ...]]

    def analyze(
        self, text: str, entities: Sequence[str], nlp_artifacts: Any = None, regex_flags: int | None = None
    ) -> list[RecognizerResult]:
        """As Presidio's."""
        if not any(need.search(text) for need in self._needs):
            return []
        found: list[RecognizerResult] = super().analyze(text, list(entities), nlp_artifacts, regex_flags)
        return found


class _Ip(_Screened, IpRecognizer):
    """Two dots between digits, four groups before colons, or two colons."""

    _needs = (re.compile(r"\d\.\d{1,3}\.\d"), re.compile("::"), re.compile(r"[0-9A-Fa-f]:(?:[0-9A-Fa-f]{1,4}:){3}"))


_NINE_DIGITS: Final = re.compile(r"\d\d[ .-]?\d{4}")


class _Ssn(_Screened, UsSsnRecognizer):
    """Two digits and four more."""

    _needs = (_NINE_DIGITS,)


class _Itin(_Screened, UsItinRecognizer):
    """The same."""

    _needs = (_NINE_DIGITS,)


NER_ENTITIES: Final = ("PERSON", "LOCATION", "ORGANIZATION", "NRP", "DATE_TIME")


def recognizers() -> list[EntityRecognizer]:
    """One of each. Presidio's own for e-mail, URL, phone and IBAN are left out: ours run in linear time."""
    presidio: list[EntityRecognizer] = [
        SpacyRecognizer(supported_entities=list(NER_ENTITIES), name="ner"),
        CryptoRecognizer(name="crypto"),
        _Ip(name="ip"),
        MacAddressRecognizer(name="mac"),
        _Ssn(name="us_ssn"),
        _Itin(name="us_itin"),
    ]
    return [*presidio, *(RuleRecognizer(name, kind.ENTITIES, kind.find) for name, kind in RULES)]
