"""The bundle that travels beside a file, and the proof that a contributor agreed to exactly that file.

A bundle is one canonical JSON object of at most 1 MiB. Its documents and evidence are JSON strings holding the exact
text that was signed, so ``jq -j .documents.record FILE.consent.json | sha256sum`` gives the digest others name.

The rules this follows are:

* The file is hashed and never parsed; the bundle is read strictly; nothing is fetched.
* Whoever verifies brings one thing from elsewhere: the fingerprint of the root key. Everything else must hang on it.
* A statement is read only from bytes whose signature held, and only once.
* The seal names the file and the consent; the consent names the documents, the notice and the evidence of the
  contributor's signatures; the record names this file by id, digest and commitment. Each link is compared.
* The stage ``sealed`` says: the contributor agreed and we kept it. Only ``released``, after the reviews, lets a purpose
  or a recipient be asked for.
* What one person refused, or did not answer, no statement of ours can add.
* Each of our statements stands in the log. A key is judged at the trusted time T of the checkpoint that shows it
  there, never at the statement's own word: rotation breaks no old bundle, a stolen key cannot back-date one.
* A refusal has one code and the number of its step. Whatever no rule foresaw is refused as ``malformed``.

The steps are in ``steps``, in the order of their numbers.

For example, for ``memo.docx`` with the digest d, and with what must hold on the right::

    seal      subject d, consent envelope e              key with usage seal, good at sealed_at
    consent   subjects record r, notice n, evidence …    SHA-256(envelope) = e, key with usage consent
    record r  artifacts [{redacted_sha256: d}]           purposes: evaluation given, training refused
    release   subject d, seal s, purposes [evaluation]   key with usage release, reviews approved, none by the author

    verify(d, bundle, trust=root, purpose="evaluation")  → Verified
    verify(d, bundle, trust=root, purpose="training")    → VerificationError purpose_not_permitted at step 10
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consent import envelope as dsse
from consent import keys, passkey, schemas, statement
from consent.errors import FormatError, VerificationError
from consent.record import Json, canonical, parse_canonical, to_text
from consent.steps import LIMIT, STEPS, Check, given

BUNDLE_TYPE = "https://vouchsafe.example/bundle/v1"


@dataclass(frozen=True)
class Verified:
    """What a file and its bundle were found to say."""

    stage: str
    artifact_id: str
    sha256: str
    record_id: str
    submission_id: str
    purposes: tuple[str, ...]
    recipients: tuple[str, ...]
    valid_until: str
    method: str
    strength: str
    time: str
    time_source: str
    retraction_status: str
    retraction_sequence: int | None
    keyset_version: int
    signers: tuple[str, ...]


def compose(
    *,
    documents: Mapping[str, str | None],
    evidence: Mapping[str, str],
    consent: Json,
    seal: Json,
    release: Json | None,
    log: Mapping[str, str],
    keyset: Json,
) -> bytes:
    """Return the bytes of a bundle; the stage follows from whether there is a release.

    Args:
        log: for ``consent``, ``seal`` and a release the text of the proof that it stands in the log.

    Raises:
        FormatError: ``bundle_schema`` or ``too_large``.
    """
    bundle = {
        "_type": BUNDLE_TYPE,
        "stage": "sealed" if release is None else "released",
        "documents": dict(documents),
        "evidence": dict(evidence),
        "consent": consent,
        "seal": seal,
        "release": release,
        "log": {
            name: {"proof": log[name], "tsr": None} if name in log else None for name in ("consent", "seal", "release")
        },
        "keyset": keyset,
    }
    if not schemas.accepts("bundle-1", bundle):
        raise FormatError("bundle_schema")
    data = canonical(bundle)
    if len(data) > LIMIT:
        raise FormatError("too_large")
    return data


def verify(
    file_sha256: str,
    bundle: bytes,
    *,
    trust: str,
    purpose: str | None = None,
    recipient: str | None = None,
    retractions: bytes | None = None,
    now: dt.datetime | None = None,
) -> Verified:
    """Check that a contributor agreed to exactly this file, and to this purpose and recipient if asked.

    Args:
        file_sha256: hex digest of the file at hand, taken by the caller.
        bundle: the bytes of the ``.consent.json``, untrusted.
        trust: hex fingerprint of the root key, from a source the caller trusts.
        purpose: id of a purpose (``evaluation`` …) that must be permitted. recipient: a recipient class or party id.
        retractions: the bytes of a published retraction file; without one nothing is said about retraction.
        now: aware moment to judge expiry by; default the clock.
    Raises:
        VerificationError: the code, the step and its sentence.
    """
    check = Check(file_sha256, bundle, trust, purpose, recipient, retractions, now or dt.datetime.now(dt.UTC))
    for number, step in STEPS:
        try:
            step(check)
        except FormatError as error:
            raise VerificationError(error.code, number) from None
        except Exception as error:  # untrusted input: what no rule foresaw is refused, never a crash
            raise VerificationError("malformed", number) from error
    return _verified(check)


def _verified(check: Check) -> Verified:
    said = check.seal["predicate"]
    agreed = given(check.record)
    purposes = tuple(sorted(agreed if check.release is None else check.release["predicate"]["purposes"]))
    recipients = sorted({name for purpose in purposes for name in agreed[purpose]})
    envelopes = [check.envelopes[name] for name in ("consent", "seal", "release") if name in check.envelopes]
    return Verified(
        stage=check.bundle["stage"],
        artifact_id=said["artifact_id"],
        sha256=check.file_sha256,
        record_id=check.record["record_id"],
        submission_id=check.record["submission_id"],
        purposes=purposes,
        recipients=tuple(recipients),
        valid_until=check.record["event"]["valid_until"],
        method=check.record["signature"]["method"],
        strength="passkey" if check.record["signature"]["method"] == passkey.METHOD else "platform_attested",
        time=to_text(check.seen_at["seal" if check.release is None else "release"]),
        time_source=check.keyset.time_policy,
        retraction_status="unknown" if check.retraction_file is None else "clean",
        retraction_sequence=check.retraction_sequence,
        keyset_version=check.keyset.version,
        signers=tuple(envelope.keyid for envelope in envelopes),
    )


def verify_statement(
    envelope: Json, *, kind: str, keyset: bytes, trust: str, now: dt.datetime | None = None
) -> dict[str, Any]:
    """Check one statement outside a bundle, such as ``batch/v1`` of an export, and return it.

    Args:
        envelope: DSSE as JSON, untrusted. kind: ``batch``, ``withdrawal`` … keyset: bytes of ``keyset.dsse.json``.
    Raises:
        VerificationError: step 1 for the keyset, step 3 for the statement.
    """
    moment = now or dt.datetime.now(dt.UTC)
    number = 1
    try:
        opened = keys.open_keyset(parse_canonical(keyset), trust, moment)
        number = 3
        return statement.open_statement(dsse.from_dict(envelope), kind, opened)
    except FormatError as error:
        raise VerificationError(error.code, number) from None
    except Exception as error:  # untrusted input, as in verify
        raise VerificationError("malformed", number) from error
