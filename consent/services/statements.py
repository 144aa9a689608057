"""Our own statements about files and records: the consent received, the seal, the release, and their bundles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from consent import bundle, ledger, statement
from consent import envelope as dsse
from consent import record as rec
from consent.errors import (
    BindingError,
    StateError,
)
from consent.models import (
    ConsentRecord,
    Statement,
)
from consent.record import Json, to_text
from consent.services.grants import live_grants, parsed, signed_digests
from consent.services.installation import keyset, signing_keys, trust_fingerprint


def sign_statement(kind: str, subjects: Mapping[str, str], predicate: Mapping[str, Any]) -> Json:
    """Sign ``<kind>/v1`` about ``subjects`` (name → hex SHA-256) with the key for that; return the envelope.

    A batch's predicate says ``sealed_at``: the moment at which its key will be judged.

    Raises:
        FormatError ``malformed``, KeyError: nobody may say ``kind``. KeysMissingError.
    """
    signer = signing_keys().signer(statement.USAGE[kind])
    return dsse.to_dict(statement.sign(statement.build(kind, subjects, dict(predicate)), signer))


def issue_bundle(
    record: ConsentRecord,
    *,
    artifact_id: UUID,
    redacted_sha256: str,
    redaction: Mapping[str, Any],
    verification: Mapping[str, Any],
    sealed_at: dt.datetime,
) -> bytes:
    """Sign the seal of one file and return its bundle, stage ``sealed``; called again, the same bytes.

    Args:
        redaction: tool, policy, policy_sha256, entities (type → count); model, report_sha256, residual_risk if known.
        verification: verdict (CLEAN or NEEDS_ACK), at; checks (name → result) if known.
    Raises:
        BindingError: the record does not list this file with this digest.
        VerificationError: the bundle would not verify, so it is not issued.
        FormatError ``malformed``: redaction or verification have another form.
    """
    with transaction.atomic():
        kept = _kept("seal", record, artifact_id, redacted_sha256)
        if kept is not None:
            return _compose(record, kept)
        said = {
            "artifact_id": str(artifact_id),
            "original": {"commitment": _listed(record, artifact_id, redacted_sha256)["original_commitment"]},
            "consent": {"record_id": str(record.pk), "envelope": {"sha256": dsse.from_dict(record.envelope).sha256}},
            "redaction": dict(redaction),
            "verification": {**verification, "at": _time_text(verification["at"])},
            "sealed_at": to_text(sealed_at),
        }
        sealed = keep("seal", record, artifact_id=artifact_id, subject=redacted_sha256, said=said, at=sealed_at)
        data = _compose(record, sealed)
        bundle.verify(redacted_sha256, data, trust=trust_fingerprint(), now=timezone.now())
    return data


def release(
    record: ConsentRecord,
    *,
    artifact_id: UUID,
    reviews: Sequence[Mapping[str, Any]],
    not_before: dt.datetime | None,
    released_at: dt.datetime,
) -> Statement:
    """Sign the release of a sealed file for the purposes given; called again, the first release.

    Args:
        reviews: stage, decision (``approved``), reviewer (``r_…``), at. not_before: end of the cooling-off time.
    Raises:
        BindingError: the file was not sealed under this record, or a review is missing, did not approve, or is the
            contributor's own. StateError: nothing is given any more.
    """
    with transaction.atomic():
        digest = signed_digests(record).get(str(artifact_id), "")
        sealed = _kept("seal", record, artifact_id, digest)
        if sealed is None:
            raise BindingError
        if (released := _kept("release", record, artifact_id, digest)) is not None:
            return released
        given = live_grants(timezone.now()).filter(record=record).values_list("purpose", flat=True)
        if not given:
            raise StateError
        own = f"r_{record.principal.removeprefix('p_')}"
        if not reviews or any(r["decision"] != "approved" or r["reviewer"] == own for r in reviews):
            raise BindingError("The reviews do not allow a release.")
        said = {
            "artifact_id": str(artifact_id),
            "seal": {"envelope": {"sha256": sealed.envelope_sha256}},
            "record_id": str(record.pk),
            "review": [{**review, "at": _time_text(review["at"])} for review in reviews],
            "purposes": sorted(set(given)),
            "released_at": to_text(released_at),
            "not_before": to_text(not_before or released_at),
            # Until lists are published, none can be older than a release.
            "retraction_sequence": 0,
        }
        return keep("release", record, artifact_id=artifact_id, subject=digest, said=said, at=released_at)


def released_bundle(artifact_id: UUID, redacted_sha256: str) -> bytes:
    """Return the bundle that leaves with a released file, stage ``released``, under the newest agreement about it.

    Raises:
        BindingError: this file was never released.
    """
    rows = Statement.objects.filter(kind="release", artifact_id=artifact_id, subject_sha256=redacted_sha256)
    releases = list(rows.select_related("record__notice").order_by("at"))
    # The release under a renewal stands in for the one under the record that it renewed, even in the same second.
    renewed = {row.record.previous_id for row in releases}
    released = next((row for row in reversed(releases) if row.record_id not in renewed), None)
    sealed = None if released is None else _kept("seal", released.record, artifact_id, redacted_sha256)
    if released is None or sealed is None:
        raise BindingError("This file has not been released.")
    return _compose(released.record, sealed, released)


def _compose(record: ConsentRecord, sealed: Statement, released: Statement | None = None) -> bytes:
    return bundle.compose(
        documents={
            "record": record.record,
            "rights": record.rights or None,
            "third_party": record.third_party or None,
            "notice": record.notice.body,
        },
        evidence=record.evidence,
        consent=record.envelope,
        seal=sealed.envelope,
        release=None if released is None else released.envelope,
        log=_proofs(record, sealed, released),
        keyset=(released or sealed).keyset,
    )


def _proofs(record: ConsentRecord, sealed: Statement, released: Statement | None) -> dict[str, str]:
    logged = {"consent": record.pk, "seal": sealed.pk} | ({"release": released.pk} if released else {})
    return {kind: ledger.proof(kind, subject_id) for kind, subject_id in logged.items()}


def _listed(record: ConsentRecord, artifact_id: UUID, redacted_sha256: str) -> Json:
    for file in parsed(record)["artifacts"]:
        if (file["artifact_id"], file["redacted_sha256"]) == (str(artifact_id), redacted_sha256):
            return cast("Json", file)
    raise BindingError


def _time_text(moment: dt.datetime | str) -> str:
    return moment if isinstance(moment, str) else to_text(moment)


def _kept(kind: str, record: ConsentRecord, artifact_id: UUID, subject: str) -> Statement | None:
    return Statement.objects.filter(kind=kind, record=record, artifact_id=artifact_id, subject_sha256=subject).first()


def keep(
    kind: str, record: ConsentRecord, *, artifact_id: UUID | None, subject: str, said: Json, at: dt.datetime
) -> Statement:
    """Sign a statement about one thing and keep it; of two workers at once, both get the one that came first."""
    name = "record" if artifact_id is None else str(artifact_id)
    envelope = sign_statement(kind, {name: subject}, said)
    row, is_new = Statement.objects.get_or_create(
        kind=kind,
        record=record,
        artifact_id=artifact_id,
        subject_sha256=subject,
        defaults={
            "envelope": envelope,
            "envelope_sha256": dsse.from_dict(envelope).sha256,
            "keyset": rec.parse(keyset()),
            "at": at,
        },
    )
    if is_new:
        ledger.append(kind, row.envelope, subject_id=row.pk, signers=signing_keys().log)
    return row


def certify_erasure(artifact_id: UUID, facts: Mapping[str, Any], *, erased_at: dt.datetime) -> Statement | None:
    """Sign that a file that was sealed here is erased, after destroying what ties its rows in the log to it.

    Called again, the first certificate. None for a file that was never sealed: nobody was told of it.

    Args:
        facts: ``deleted`` (objects by alias), ``listing_empty_at``, ``backup_horizon``, ``recipients``,
            ``legal_exceptions``; keys and salts are destroyed already.
    Raises:
        FormatError ``malformed``: the facts have another form.
    """
    about = Statement.objects.filter(artifact_id=artifact_id, kind__in=("seal", "release", "erasure"))
    sealed = about.filter(kind="seal").select_related("record").order_by("-at").first()
    if sealed is None:
        return None
    with transaction.atomic():
        if (kept := about.filter(kind="erasure").first()) is not None:
            return kept
        forgotten = ledger.forget(set(about.values_list("pk", flat=True)))
        said = {
            **facts,
            "artifact_id": str(artifact_id),
            "record_id": str(sealed.record_id),
            "erased_at": to_text(erased_at),
            "data_key_destroyed": True,
            "commitment_salt_destroyed": True,
            "log_salts_destroyed": forgotten,
        }
        subject = sealed.subject_sha256
        return keep("erasure", sealed.record, artifact_id=artifact_id, subject=subject, said=said, at=erased_at)


def erasure_certificates(artifact_ids: Iterable[UUID]) -> list[dict[str, Any]]:
    """Return what certifies the erasure of these files: ``statement``, its ``proof`` in the log, ``keyset``."""
    rows = Statement.objects.filter(kind="erasure", artifact_id__in=list(artifact_ids)).order_by("at", "pk")
    return [{"statement": row.envelope, "proof": ledger.proof("erasure", row.pk), "keyset": row.keyset} for row in rows]
