from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from consent import envelope as dsse
from consent.errors import FormatError
from consent.keys import PublicKey
from consent.signing import PrivateKey
from tests.consent.making import KEYS_MADE, NOW

# The example of the DSSE specification (protocol.md): its key, payload and signature, the last as raw r ‖ s.
SPEC_TYPE, SPEC_PAYLOAD = "http://example.com/HelloWorld", b"hello world"
SPEC_X = 46950820868899156662930047687818585632848591499744589407958293238635476079160
SPEC_Y = 5640078356564379163099075877009565129882514886557779369047442380624545832820
SPEC_SIGNATURE = "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="


def public(key: ec.EllipticCurvePublicKey) -> PublicKey:
    return PublicKey("k", ("seal",), KEYS_MADE, NOW, None, key)


@pytest.fixture
def signer() -> PrivateKey:
    return PrivateKey.of(ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture
def good(signer: PrivateKey) -> dict[str, Any]:
    return dsse.to_dict(dsse.sign("text/plain", b"hello", signer))


def test_pae_counts_bytes_and_pads_nothing() -> None:
    assert dsse.pae(SPEC_TYPE, SPEC_PAYLOAD) == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert dsse.pae("", b"") == b"DSSEv1 0  0 "
    assert dsse.pae("é", "é".encode()) == "DSSEv1 2 é 2 é".encode()


def test_the_signature_of_the_specification_holds() -> None:
    key = ec.EllipticCurvePublicNumbers(SPEC_X, SPEC_Y, ec.SECP256R1()).public_key()
    raw = base64.b64decode(SPEC_SIGNATURE)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))

    dsse.verify(dsse.Envelope(SPEC_TYPE, SPEC_PAYLOAD, "k", der), public(key))
    with pytest.raises(FormatError):
        dsse.verify(dsse.Envelope(SPEC_TYPE, SPEC_PAYLOAD + b"!", "k", der), public(key))


def test_what_is_signed_is_read_back_and_verifies(signer: PrivateKey, good: dict[str, Any]) -> None:
    envelope = dsse.from_dict(good)

    dsse.verify(envelope, public(signer.private.public_key()))
    assert (envelope.payload_type, envelope.payload, envelope.keyid) == ("text/plain", b"hello", signer.keyid)
    assert dsse.to_dict(envelope) == good


def test_a_signature_holds_for_one_type_only(signer: PrivateKey, good: dict[str, Any]) -> None:
    envelope = dsse.from_dict(good | {"payloadType": "text/html"})

    with pytest.raises(FormatError, match="signature"):
        dsse.verify(envelope, public(signer.private.public_key()))


def test_another_key_did_not_sign(good: dict[str, Any]) -> None:
    with pytest.raises(FormatError, match="signature"):
        dsse.verify(dsse.from_dict(good), public(ec.generate_private_key(ec.SECP256R1()).public_key()))


MALFORMED: dict[str, tuple[dict[str, Any], str]] = {
    "a member missing": ({"payload": None}, "bundle_schema"),
    "a member too many": ({"note": "x"}, "bundle_schema"),
    "no signature": ({"signatures": []}, "bundle_schema"),
    "two signatures": ({"signatures": [{"keyid": "a", "sig": "YQ=="}] * 2}, "bundle_schema"),
    "signatures that are an object": ({"signatures": {"keyid": "a", "sig": "YQ=="}}, "bundle_schema"),
    "a signature that is text": ({"signatures": ["YQ=="]}, "bundle_schema"),
    "a signature with a certificate": ({"signatures": [{"keyid": "a", "sig": "YQ==", "cert": "x"}]}, "bundle_schema"),
    "a signature without a name": ({"signatures": [{"sig": "YQ=="}]}, "bundle_schema"),
    "a payload that is a number": ({"payload": 5}, "bundle_schema"),
    "a payload with a space": ({"payload": "YQ ="}, "encoding"),
    "a payload with a newline": ({"payload": "YQ==\n"}, "encoding"),
    "a payload with spare bits set": ({"payload": "YR=="}, "encoding"),
    "a payload without padding": ({"payload": "YQ"}, "encoding"),
    "a payload in the alphabet for addresses": ({"payload": "-_-_"}, "encoding"),
    "a payload that is not ASCII": ({"payload": "YQ=é"}, "encoding"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_it_refuses(good: dict[str, Any], name: str) -> None:
    changes, code = MALFORMED[name]
    bad = {key: value for key, value in (good | changes).items() if value is not None}

    with pytest.raises(FormatError) as refused:
        dsse.from_dict(bad)
    assert refused.value.code == code
