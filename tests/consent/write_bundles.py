"""Writes the published bundles: ``python -m tests.consent.write_bundles``.

They pin the format: a bundle that was good once stays good, for this verifier and for those in other languages. Keys
are made for the occasion and thrown away, so writing them anew changes every file. Run it only when the format does.
"""

from __future__ import annotations

from tests.consent.making import made
from tests.consent.mutations import GOOD, MUTATIONS
from tests.consent.vectors import PUBLISHED, Folder

VALID = (
    "a released file",
    "a sealed file",
    "a renewed record",
    "a record signed with a passkey",
    "a record signed with an Ed25519 passkey",
    "a key that has since expired",
    "a key that was revoked since",
    "a retraction list with a sibling",
)
# Signed by the right keys, but saying what may not be said.
INVALID = (
    "a seal about two files",
    "a withdrawn record",
    "a release for more than was given",
    "a contributor who reviews their own work",
    "an unknown field in the record",
    "an agreement without the questions passed",
    "a stolen key and a statement of an earlier date",
    "a passkey used on a page that only looks like ours",
    "another passkey",
    "the file on the list",
)
# Good bundles that somebody changed afterwards.
TAMPERED = (
    "the notice changed",
    "a refused purpose turned to given",
    "signature of the seal flipped",
    "a member twice",
    "the size of a checkpoint edited",
    "a hash of the proof flipped",
    "the time of a cosignature edited",
    "the bundle written with other spaces",
    "a keyset that brings its own root",
)


def write() -> None:
    """Write each bundle and ``index.json``, which says how to verify it and what the answer is."""
    folder = Folder(PUBLISHED)
    for kind, names in (("valid", VALID), ("invalid", INVALID), ("tampered", TAMPERED)):
        for name in names:
            mutate, code = (GOOD[name], None) if kind == "valid" else MUTATIONS[name]
            parts = made()
            mutate(parts)
            folder.build(f"{kind}/{name.replace(' ', '-')}.json", parts, code=code)
    folder.write()


if __name__ == "__main__":
    write()
