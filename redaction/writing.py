"""New copies: each file is written and looked at again, files inside others before the ones that hold them.

Where a copy fails its second look in the form it came in, a simpler form is tried: the pages concerned as pictures,
values without formulas, plain text. What fails there too stays blocked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from redaction import filenames, marks
from redaction.entities import Plan, Replacement, Segment, Tier
from redaction.errors import RedactionError, RefusedError
from redaction.files import File, Progress, innermost_first
from redaction.imperceptible import cleaned
from redaction.media import EXTENSIONS, JPEG, PDF, PNG, ZIP
from redaction.overrides import contexts
from redaction.policy import Policy
from redaction.registry import Registry
from redaction.sandbox import Sandbox
from redaction.treatment import Writer, applied
from redaction.verify import Expected, verify

# What a simpler form may cure. A reader that fails, or a part nobody declared, may well be cured by one.
_CURABLE: Final = frozenset({"needle-found", "new-finding", "not-allowed-part", "reader-unavailable", "internal"})
# Files whose text is drawn, not written: nothing stands between two letters but what is seen there.
_DRAWN: Final = frozenset({PDF, PNG, JPEG})
_PAGE: Final = re.compile(r"page(\d+)(?:/|$)")


def write_all(
    files: Sequence[File], registry: Registry, policy: Policy, writer: Writer, cage: Sandbox, progress: Progress
) -> None:
    """Write every file in its own form."""
    for file in innermost_first(files):
        if file.open:
            _write(file, registry, policy, writer, cage, progress, Tier.A)


def write_simpler(
    files: Sequence[File], registry: Registry, policy: Policy, writer: Writer, cage: Sandbox, progress: Progress
) -> None:
    """Write what is still blocked in a simpler form, and again the files that hold what came out of that."""
    changed: set[int] = set()
    for file in innermost_first(files):
        if not file.open or file.extraction is None:
            continue
        if any(id(child) in changed for child in file.children):
            _write(file, registry, policy, writer, cage, progress, Tier.A)
            changed.add(id(file))
        if _curable(file):
            _write(file, registry, policy, writer, cage, progress, Tier.B)
            _rename(file, files)
            changed.add(id(file))


def _rename(file: File, files: Sequence[File]) -> None:
    """A copy that became another kind of file bears its extension."""
    if file.output is not None and file.output.media_type != file.media_type:
        taken = {other.name_out.casefold() for other in files if other is not file}
        file.name_out = filenames.respelled(file.name_out, EXTENSIONS[file.output.media_type], taken)


def _stays_text(file: File) -> Iterator[Segment]:
    """The segments that readers of text must see in the copy: all but the name and what OCR read in a picture."""
    zones = frozenset(file.extraction.opaque) if file.extraction else frozenset()
    return (segment for segment in file.segments[:-1] if segment.anchor.rpartition("/")[0] not in zones)


def _curable(file: File) -> bool:
    return file.blocked and (file.verified is None or bool(_CURABLE & set(file.verified.reasons)))


def _write(
    file: File, registry: Registry, policy: Policy, writer: Writer, cage: Sandbox, progress: Progress, tier: Tier
) -> None:
    """Write the new copy of one file in one form and look at it again. A form that does not exist changes nothing."""
    if file.extraction is None or _held_by_a_member(file):
        return
    progress(file.source.ref, "copying")
    cage.account(file.source.ref)
    try:
        output = cage.rewrite(file.media_type, file.source.data, _plan(file, tier))
    except RedactionError as error:
        if tier is Tier.A or not isinstance(error, RefusedError):
            file.output, file.verified, file.failure = None, None, error.code
        return
    file.output, file.failure = output, ""
    progress(file.source.ref, "verifying")
    written = _written(file)
    texts = [applied(segment.text, written.get(segment.anchor, ())) for segment in _stays_text(file)]
    passages = [
        applied(passage, cleaned(passage)) if file.media_type not in _DRAWN else passage
        for segment in file.segments[:-1]
        if (kept := file.kept.get(segment.anchor))
        for passage in contexts(
            segment.text,
            [(span.start, span.end) for span, _ in kept],
            [(one.start, one.end) for one in file.replaced.get(segment.anchor, ())],
        )
    ]
    spared = frozenset(owner for kept in file.kept.values() for _, owner in kept)
    expected = Expected(
        output,
        texts,
        file.extraction,
        file.source.data,
        file.media_type,
        writer.unwritten,
        tuple(passages),
        spared,
        marks.find(file.segments, file.extraction.metadata),
        any(policy.treatment(span.entity_type).ask for mentions in file.mentions for span, _ in mentions),
    )
    file.verified = verify(expected, registry, policy, cage)


def _written(file: File) -> Mapping[str, Sequence[Replacement]]:
    """What is written in the file, by anchor: what its plan says, and no signs that nobody sees."""
    if file.media_type in _DRAWN:
        return file.replaced
    every = {one.anchor: cleaned(one.text, file.replaced.get(one.anchor, ())) for one in file.segments[:-1]}
    return {anchor: replaced for anchor, replaced in every.items() if replaced}


def _plan(file: File, tier: Tier) -> Plan:
    names = tuple(child.name_out for child in file.children)
    children = {child.ordinal: child.output.data for child in file.children if _fits(child) and child.output}
    pages: tuple[int, ...] = ()
    if tier is Tier.B and file.verified is not None:
        found = [_PAGE.match(anchor) for anchor in file.verified.leaking]
        pages = tuple(sorted({int(match.group(1)) for match in found if match})) if all(found) else ()
    memo = file.extraction.memo if file.extraction else b""
    return Plan(_written(file), file.name_out, names, children, file.boxed, tier=tier, pages=pages, memo=memo)


def _fits(child: File) -> bool:
    """Whether a file can go back into its parent: it may leave, and is still the kind of file it was."""
    return (
        child.embedded
        and not child.blocked
        and child.output is not None
        and (child.output.media_type == child.media_type or child.parent is None or child.parent.media_type == ZIP)
    )


def _held_by_a_member(file: File) -> bool:
    """An archive leaves whole: a member that may not leave holds it until somebody leaves that member out."""
    if file.media_type != ZIP:
        return False
    held = next((child for child in file.children if child.embedded and child.blocked), None)
    if held is not None:
        # Not a reason for good: the next round, or a simpler form of the member, may free the archive.
        file.output, file.verified = None, None
        file.failure = held.reason or held.failure or (held.verified.reasons[0] if held.verified else "internal")
    return held is not None
