"""What can go wrong in redaction: closed reason codes, each with one sentence a contributor can act on."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "encrypted": "This file is password protected. Remove the password and add it again.",
    "unsupported": (
        "This kind of file cannot be taken. Save it as DOCX, XLSX, PPTX, PDF, EML, CSV, JSON, HTML, Markdown, text, "
        "PNG or JPEG; pack several as a plain ZIP without links, and without archives inside."
    ),
    "limit": "This file is too long to check. Split it and add the parts.",
    "parse-failed": (
        "This file is damaged and cannot be opened. Open it in its own program, save it again and add the new copy."
    ),
    "macro": "This file contains macros. Save it without macros and add it again.",
    "mismatch": "The content of this file is not what its name says. Save it again in the format its name promises.",
    "generated": "This program text was made by a program, in very long lines. Add the source it was made from.",
    "empty": "This file is empty. Add one with content, or leave it out.",
    "detection-incomplete": (
        "The search for personal details did not finish, so the file stays here. Try again, or leave it out."
    ),
    "needle-found": (
        "A word that must not leave is still in the new copy, so the file stays here. Leave it out, or ask for help."
    ),
    "not-allowed-part": (
        "The new copy holds a part that we do not know, so the file stays here. Leave it out, or ask for help."
    ),
    "new-finding": (
        "A second look found something personal in the new copy, so the file stays here. Hide it and try again."
    ),
    "opaque-zone": "This file has pictures that no program can judge. Look at the result, then say so.",
    "unread-font": (
        "This page uses letters that we cannot read, so the file stays here. Save it as a new PDF and add it again."
    ),
    "simpler-form": (
        "This file could not be kept in its form, so the copy is simpler. Compare it, then say whether it still serves."
    ),
    "fidelity": "The new copy lost some ordinary text. Compare it, then say whether it is still usable.",
    "structure": (
        "The new copy has fewer pages, sheets or slides than the file. Compare it, then say whether it is still usable."
    ),
    "hidden-content": "This file held hidden text. It was checked like all the rest; look at what is left.",
    "hidden-signs": (
        "This file has many signs that nobody sees, or that only look like common letters. They are gone from the copy "
        "or were read as what they look like; compare it with the file, then say whether it is still usable."
    ),
    "policy-asks": (
        "This file held something that a person is to look at here. Look at what was removed and what is left, "
        "then say so."
    ),
    "signature-dropped": "The digital signature of this file no longer holds and was removed.",
    "confidentiality-mark": "This file says that it is confidential. Make sure you may share it, then say so.",
    "override-stale": "One of your changes no longer fits this file, so it stays here. Undo the change and try again.",
    "reader-unavailable": "A part of the check could not run, so the file stays here. Try again later.",
    "internal": "Something went wrong on our side, so the file stays here. Try again, or ask for help.",
}

# Reasons that say: this file cannot be taken at all. All others hold it for a person.
REFUSALS = frozenset({"encrypted", "unsupported", "limit", "parse-failed", "macro", "mismatch", "empty", "generated"})


class RedactionError(Exception):
    """The base of every error here. ``code`` is one of SENTENCES; no message holds contents."""

    code = "internal"

    def __init__(self, code: str | None = None, detail: str = "") -> None:
        if code is not None:
            self.code = code
        super().__init__(f"{self.code}: {detail}" if detail else self.code)

    @property
    def sentence(self) -> str:
        return SENTENCES[self.code]


class RefusedError(RedactionError):
    """The file cannot be taken: encrypted, unsupported, damaged, too large."""


class DetectionIncompleteError(RedactionError):
    """A recognizer timed out, was skipped or failed: whatever was not checked is not clean."""

    code = "detection-incomplete"


class PolicyError(RedactionError):
    """A policy file is missing, malformed, or holds a key nobody knows."""
