"""The detectors of detect-secrets, asked about a text alone: no file, no settings, no network, no verification.

They yield what they found, not where, so each find is looked up in the text again. Those of high entropy see a secret
in every checksum; what they find lies below the threshold of findings and above that of the second look, where a
person decides.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Final

from detect_secrets.plugins.artifactory import ArtifactoryDetector
from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import BasePlugin
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.cloudant import CloudantDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.high_entropy_strings import (
    Base64HighEntropyString,
    HexHighEntropyString,
    HighEntropyStringsPlugin,
)
from detect_secrets.plugins.ibm_cloud_iam import IbmCloudIamDetector
from detect_secrets.plugins.ibm_cos_hmac import IbmCosHmacDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.softlayer import SoftlayerDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

from redaction.recognizers.rules import Hit

SURE: Final = 0.9
GREY: Final = 0.2  # between the two thresholds of a policy
_SHORTEST: Final = 8

# Type, detector, and a text without which it cannot find anything (in small letters): most texts hold none of them.
_DETECTORS: Final[tuple[tuple[str, type[BasePlugin], str], ...]] = (
    ("AWS_KEY", AWSKeyDetector, "a"),
    ("API_KEY", AzureStorageKeyDetector, "accountkey="),
    ("PASSWORD", BasicAuthDetector, "://"),
    ("API_KEY", CloudantDetector, "cl"),
    ("ACCESS_TOKEN", DiscordBotTokenDetector, "."),
    ("API_KEY", IbmCloudIamDetector, "ibm"),
    ("API_KEY", IbmCosHmacDetector, "secret"),
    ("ACCESS_TOKEN", JwtTokenDetector, "eyj"),
    ("API_KEY", MailchimpDetector, "-us"),
    ("API_KEY", OpenAIDetector, "t3blbkfj"),
    ("ACCESS_TOKEN", PypiTokenDetector, "pypi-"),
    ("API_KEY", SendGridDetector, "sg."),
    ("ACCESS_TOKEN", SlackDetector, "xox"),
    ("API_KEY", SoftlayerDetector, "softlayer"),
    ("API_KEY", SquareOAuthDetector, "sq0csp-"),
    ("API_KEY", StripeDetector, "k_live_"),
    ("ACCESS_TOKEN", TelegramBotTokenDetector, ":"),
    ("API_KEY", TwilioKeyDetector, "c"),
    ("API_KEY", TwilioKeyDetector, "sk"),
)
_TEMPLATE: Final = re.compile(r"\}|\$?\{[\w.]+\}|<[\w -]+>")
_MIXED: Final = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])")


def find(text: str) -> Iterator[Hit]:
    """Every secret that a detector knows by its shape; doubtful ones with a score that asks a person."""
    folded = text.casefold()
    for kind, detector, needed in _DETECTORS:
        if needed in folded:
            for secret in dict.fromkeys(_plugin(detector).analyze_string(text)):
                if len(secret) >= _SHORTEST and not _TEMPLATE.match(secret):
                    yield from _places(text, secret, kind, SURE)
    if "akc" in folded or "ap" in folded:
        for secret in dict.fromkeys(_plugin(ArtifactoryDetector).analyze_string(text)):
            if _MIXED.match(secret):
                yield from _places(text, secret.strip(' \t\r\n=:"'), "PASSWORD", GREY)
    if '"' in text or "'" in text:
        for entropy in (Base64HighEntropyString, HexHighEntropyString):
            yield from _doubtful(text, entropy)


def _doubtful(text: str, detector: type[HighEntropyStringsPlugin]) -> Iterator[Hit]:
    plugin = _plugin(detector)
    assert isinstance(plugin, HighEntropyStringsPlugin)  # noqa: S101
    for secret in dict.fromkeys(plugin.analyze_string(text)):
        long = 20 <= len(secret) <= 500 and _MIXED.match(secret)
        if long and plugin.calculate_shannon_entropy(secret) > plugin.entropy_limit:
            yield from _places(text, secret, "API_KEY", GREY)


@functools.cache
def _plugin(detector: type[BasePlugin]) -> BasePlugin:
    return detector()


def _places(text: str, secret: str, kind: str, score: float) -> Iterator[Hit]:
    at = text.find(secret) if secret else -1
    while at >= 0:
        yield Hit(at, at + len(secret), kind, score)
        at = text.find(secret, at + len(secret))
