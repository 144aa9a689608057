"""Archives: a zip of accepted files becomes a new zip of their new copies, under new names.

The rules this follows:

- The upload is read by ``archive_walk``; whatever two programs could understand differently is refused there.
- Each file goes on as a child and comes back redacted; this handler never looks into one further than to say what it
  is. Text of a kind nobody knows (``go.mod``) goes as plain text; it and files known by their whole name
  (``Makefile``) keep it.
- Every step of every path is text that is searched like a file name; what a step becomes is unique in its folder.
- What programs make (``archive_kinds``) is left out and counted; what else is no accepted kind is left out too, and a
  person must say that they know. Archives inside an archive are refused.
- The new zip has the names and the contents, and nothing else: one date, one order, no comments, owners or folders.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from redaction import filenames
from redaction.entities import Action, Child, Extraction, Kind, Output, Plan, Segment, Tier
from redaction.errors import RedactionError, RefusedError
from redaction.formats import Carrier, Limits, Sniff, Switches
from redaction.formats.archive_kinds import HISTORY, MADE, extension, is_pointer, left_out, plain_by_name
from redaction.formats.archive_walk import Member, Walk, check_sizes, inflate, walk
from redaction.formats.pieces import Writing, carrier_counts
from redaction.media import EXTENSIONS, ZIP

NAMES: Final = "Z1"
TRIMMINGS: Final = "Z1-trimmings"
FILES: Final = "Z1-files"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_LEVEL: Final = 6
_PLAIN_FILE: Final = 0x20  # the archive bit of MS-DOS
# What a member is taken for. A whole or plain one keeps its whole name, because no extension tells its kind; a plain
# one is of no known kind at all, so that it goes on under an extension of ours.
_CHILD: Final = "child"
_WHOLE: Final = "whole"
_PLAIN: Final = "plain"
_EMPTY: Final = "empty"
_PLAIN_SUFFIX: Final = ".txt"
_OTHER_SPELLINGS: Final = frozenset({"jpeg", "htm", "xhtml", "markdown", "text", "log", "ndjson"})


@dataclass
class _Sorted:
    """The members that stay, each with what it is taken for; ordinals of those nobody can judge; counts of the rest."""

    kept: list[tuple[Member, str]] = field(default_factory=list)
    unjudged: list[int] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)


class ArchiveHandler:
    """Zip archives. Anchors: ``d3`` for a folder, ``m7`` for a member, ``m7/name`` for its name."""

    media_types: tuple[str, ...] = (ZIP,)
    extensions: tuple[str, ...] = ("zip",)
    tiers: tuple[Tier, ...] = (Tier.A,)
    carriers: tuple[Carrier, ...] = (
        Carrier(NAMES, "names of files and folders", Action.REWRITE),
        Carrier(TRIMMINGS, "comments, dates, owners, extra fields, rows of folders, order", Action.DROP),
        Carrier(FILES, "files of an accepted kind", Action.RECURSE),
        Carrier("Z2", "passwords, links, bombs, names that leave the archive, archives inside", Action.REFUSE),
        Carrier(MADE, "compiled files, source maps, caches, dependencies, binaries", Action.DROP),
        Carrier(HISTORY, "version control: history, remotes, hooks, submodules, pointers", Action.DROP),
    )

    def __init__(self, sniff: Sniff) -> None:
        self._sniff = sniff

    def extract(self, source: bytes, limits: Limits, switches: Switches = Switches()) -> Extraction:
        """Names as segments, files as children; errors as in ``archive_walk`` and ``empty`` when no file is left."""
        read = walk(source, limits)
        children: list[Child] = []
        found = _Sorted()
        for member, data in self._wanted(source, read, limits, found):
            what = self._what(member.name, data)
            if what:
                found.kept.append((member, what))
            else:
                found.unjudged.append(member.ordinal)
                found.dropped[MADE] += 1
            if what in (_CHILD, _WHOLE, _PLAIN):
                name = member.name + (_PLAIN_SUFFIX if what == _PLAIN else "")
                children.append(Child(member.ordinal, name, data, embedded=True))
        if not children:
            raise RefusedError("empty")
        segments = list(_segments(found))
        counts = Counter(found.dropped)
        counts.update({NAMES: len(segments), FILES: len(children), TRIMMINGS: read.trimmings})
        return Extraction(
            segments=segments,
            children=children,
            metadata=list(dict.fromkeys(read.comments)),
            opaque=[f"m{ordinal}" for ordinal in found.unjudged],
            counts={id_: count for id_, count in counts.items() if count},
            memo=_memo(found),
        )

    def rewrite(self, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()) -> Output:
        """The new archive; errors as in ``archive_walk``, RedactionError when the plan does not fit."""
        read = walk(source, limits)
        found = _from_memo(read, plan.memo)
        names = _new_names(found, plan)
        members: dict[str, bytes] = {}
        missing = 0
        for member, what in found.kept:
            if what == _EMPTY:
                members[names[member.ordinal]] = b""
            elif member.ordinal in plan.children:
                members[names[member.ordinal]] = plan.children[member.ordinal]
            else:
                missing += 1
        written = names.counts
        dropped = found.dropped + Counter({TRIMMINGS: read.trimmings, FILES: missing})
        kept = {FILES: len(members)}
        return Output(_zip(members), ZIP, carrier_counts(written, dropped, kept))

    def _wanted(self, source: bytes, read: Walk, limits: Limits, found: _Sorted) -> Iterator[tuple[Member, bytes]]:
        """Inflate, one at a time, what is not left out by its name; count the rest."""
        wanted: list[Member] = []
        for member in read.members:
            carrier = left_out(member.path)
            if carrier:
                found.dropped[carrier] += 1
            else:
                wanted.append(member)
        check_sizes(wanted, limits)
        for member in wanted:
            data = inflate(source, member)
            if is_pointer(data):
                found.dropped[HISTORY] += 1
            else:
                yield member, data

    def _what(self, name: str, data: bytes) -> str:
        """What a member is taken for; empty when it is left out and a person must know."""
        if not data.strip():
            return _EMPTY
        try:
            media_type = self._sniff(name, data)
        except RefusedError as error:
            # Other reasons are for a person to act on: the file stays, and the run that meets it says what is wrong.
            if error.code != "unsupported":
                return _CHILD
            return _PLAIN if plain_by_name(name) and self._is_text(name, data) else ""
        if media_type == ZIP:
            raise RefusedError("unsupported", "an archive inside an archive")
        told = extension(name)
        return _CHILD if told in _OTHER_SPELLINGS or told == EXTENSIONS[media_type] else _WHOLE

    def _is_text(self, name: str, data: bytes) -> bool:
        try:
            return self._sniff(name + _PLAIN_SUFFIX, data).startswith("text/")
        except RefusedError:
            return False


# Names --------------------------------------------------------------------------------------------------------------


@dataclass
class _Names:
    """The new path of each member by its ordinal, and how often a name was rewritten."""

    paths: dict[int, str]
    counts: dict[str, int]

    def __getitem__(self, ordinal: int) -> str:
        return self.paths[ordinal]


def _folders(found: _Sorted) -> dict[tuple[str, ...], str]:
    """The folders of all members that stay, each with its anchor, outer ones first."""
    seen: dict[tuple[str, ...], str] = {}
    for member, _ in found.kept:
        for length in range(1, len(member.path)):
            seen.setdefault(member.path[:length], f"d{len(seen) + 1}")
    return seen


def _stem(name: str, what: str) -> str:
    """The part of a name that is searched and rewritten."""
    return filenames.stem(name) if what == _CHILD else name


def _segments(found: _Sorted) -> Iterator[Segment]:
    for path, anchor in _folders(found).items():
        yield Segment(anchor, path[-1], NAMES, Kind.NAME)
    for member, what in found.kept:
        yield Segment(f"m{member.ordinal}/name", _stem(member.name, what), NAMES, Kind.NAME)


def _new_names(found: _Sorted, plan: Plan) -> _Names:
    """Write the names anew, outer folders first, so that no two are the same in one folder."""
    writing = Writing(plan)
    taken: dict[str, set[str]] = {}
    folders: dict[tuple[str, ...], str] = {(): ""}
    for path, anchor in _folders(found).items():
        parent = folders[path[:-1]]
        text = writing.text(anchor, NAMES, [path[-1]])[0]
        folders[path] = f"{parent}{filenames.step(text, '', taken.setdefault(parent, set()))}/"
    extensions = dict(zip(_child_ordinals(found), map(extension, plan.child_names), strict=False))
    paths: dict[int, str] = {}
    for member, what in found.kept:
        parent = folders[member.path[:-1]]
        text = writing.text(f"m{member.ordinal}/name", NAMES, [_stem(member.name, what)])[0]
        ending = extensions.get(member.ordinal, extension(member.name)) if what == _CHILD else ""
        paths[member.ordinal] = parent + filenames.step(text, ending, taken.setdefault(parent, set()))
    writing.close()
    return _Names(paths, writing.counts)


def _child_ordinals(found: _Sorted) -> list[int]:
    return [member.ordinal for member, what in found.kept if what != _EMPTY]


# Memo: what each member was taken for, so that nothing is inflated a second time --------------------------------------


def _memo(found: _Sorted) -> bytes:
    kept = {str(member.ordinal): what for member, what in found.kept}
    return json.dumps({"kept": kept, "unjudged": found.unjudged, "dropped": dict(found.dropped)}).encode()


def _from_memo(read: Walk, memo: bytes) -> _Sorted:
    try:
        told = json.loads(memo)
        kept = [(one, str(told["kept"][str(one.ordinal)])) for one in read.members if str(one.ordinal) in told["kept"]]
        return _Sorted(kept, list(told["unjudged"]), Counter(told["dropped"]))
    except (ValueError, KeyError, TypeError) as error:
        raise RedactionError("internal", "the memo of another file") from error


# Writing ------------------------------------------------------------------------------------------------------------


def _zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = 0
            info.external_attr = _PLAIN_FILE  # else zipfile writes rights of a Unix user
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, members[name])
    return buffer.getvalue()
