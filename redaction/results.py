"""What the caller gets of each file. What was found in a file that is put back into another is told as part of that."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from redaction.entities import Ack, Finding, RedactedFile, Verdict
from redaction.files import File
from redaction.registry import Registry

WORST = (Verdict.CLEAN, Verdict.NEEDS_ACK, Verdict.BLOCKED)


def result(file: File, registry: Registry | None) -> RedactedFile:
    """One file by itself. A blocked one has findings and checks, but no bytes and no text."""
    verified, output = file.verified, file.output
    parent = file.parent.source.ref if file.parent else None
    if file.reason or verified is None or output is None or registry is None:
        reasons = (file.reason or file.failure or "internal",)
        return RedactedFile(
            file.source.ref, parent, Verdict.BLOCKED, reasons, file.media_type, fidelity_bp=0, embedded=file.embedded
        )
    blocked = verified.blocked
    return RedactedFile(
        ref=file.source.ref,
        parent=parent,
        verdict=verified.verdict,
        reasons=verified.reasons,
        media_type_in=file.media_type,
        media_type_out="" if blocked else output.media_type,
        name_out="" if blocked else file.name_out,
        data=None if blocked else output.data,
        sha256="" if blocked else hashlib.sha256(output.data).hexdigest(),
        findings=tuple(_findings(file, registry)),
        blocks=() if blocked else verified.blocks,
        carriers=output.carriers,
        checks=verified.checks,
        acks=verified.acks,
        fidelity_bp=verified.fidelity_bp,
        tier=output.tier,
        areas=dict(file.extraction.areas) if file.extraction else {},
        embedded=file.embedded,
    )


def folded(results: Sequence[RedactedFile]) -> tuple[RedactedFile, ...]:
    """The files that leave by themselves, each with what was found and asked in the files inside it.

    Anchors of a member carry its ordinal: ``m7!p2``.
    """
    inside: dict[str, list[RedactedFile]] = {}
    for one in results:
        if one.embedded and one.parent is not None:
            inside.setdefault(one.parent, []).append(one)
    return tuple(_with_members(one, inside) for one in results if not one.embedded)


def _with_members(file: RedactedFile, inside: Mapping[str, Sequence[RedactedFile]]) -> RedactedFile:
    members = [_with_members(member, inside) for member in inside.get(file.ref, ())]
    left = [member for member in members if member.data is not None]
    if not members:
        return file
    reasons = [*file.reasons]
    acks = [*file.acks]
    if len(left) < len(members) and file.data is not None:
        reasons.append("structure")
        acks.append(Ack("structure"))
    findings, blocks = [*file.findings], [*file.blocks]
    for member in left:
        at = f"m{member.ref.rpartition('/')[2]}!"
        findings += [dataclasses.replace(one, anchor=at + one.anchor) for one in member.findings]
        blocks += [dataclasses.replace(one, anchor=at + one.anchor) for one in member.blocks]
        acks += [dataclasses.replace(one, zone=at + one.zone) for one in member.acks]
        reasons += [reason for reason in member.reasons if reason not in reasons]
    verdict = file.verdict if file.data is None else Verdict.NEEDS_ACK if acks else Verdict.CLEAN
    return dataclasses.replace(
        file,
        verdict=verdict,
        reasons=tuple(reasons),
        findings=tuple(findings),
        blocks=tuple(blocks) if file.data is not None else (),
        acks=tuple(acks),
        carriers=_added([file.carriers, *(member.carriers for member in left)]),
        fidelity_bp=min([file.fidelity_bp, *(member.fidelity_bp for member in left)]),
    )


def _added(all_carriers: Sequence[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    total: dict[str, Counter[str]] = {}
    for carriers in all_carriers:
        for name, counts in carriers.items():
            total.setdefault(name, Counter()).update(counts)
    return {name: dict(counts) for name, counts in total.items()}


def _findings(file: File, registry: Registry) -> Iterator[Finding]:
    for segment, mentions in zip(file.segments, file.mentions, strict=True):
        for span, owner in mentions:
            token = registry.records[owner].token
            yield Finding(segment.anchor, segment.carrier, span.entity_type, token, span.score, span.source)
