"""Which files are accepted, up to which limits, and one sentence for each refusal.

One source for the server, the form's ``accept`` and the words on the page. The web process looks at the name and the
leading bytes only; parsers run in the cage.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from intake.errors import FileRefusedError

MIB = 1024 * 1024
FILE_BYTES = 50 * MIB
SUBMISSION_BYTES = 200 * MIB
SUBMISSION_FILES = 50
NAME_CHARACTERS = 120

ARCHIVE = "application/zip"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_ZIP = b"PK\x03\x04"
# Program text has a media type for each extension, as the redaction core names them.
_SOURCES = (
    "py", "js", "ts", "jsx", "tsx", "java", "c", "cpp", "h", "go", "rs", "rb", "php", "cs", "sh", "sql", "yaml", "yml",
    "toml", "ini", "xml", "css", "r", "kt", "swift", "scala", "lua", "pl",
)  # fmt: skip


@dataclass(frozen=True)
class FileType:
    label: str
    extensions: tuple[str, ...]
    media_type: str
    leading: bytes = b""  # empty: text, which has none


ACCEPTED = (
    FileType("Word", (".docx",), _OFFICE + "wordprocessingml.document", _ZIP),
    FileType("Excel", (".xlsx",), _OFFICE + "spreadsheetml.sheet", _ZIP),
    FileType("PowerPoint", (".pptx",), _OFFICE + "presentationml.presentation", _ZIP),
    FileType("PDF", (".pdf",), "application/pdf", b"%PDF-"),
    FileType("mail", (".eml",), "message/rfc822"),
    FileType("text", (".txt",), "text/plain"),
    FileType("Markdown", (".md",), "text/markdown"),
    FileType("CSV", (".csv",), "text/csv"),
    FileType("TSV", (".tsv",), "text/tab-separated-values"),
    FileType("JSON", (".json",), "application/json"),
    FileType("JSON lines", (".jsonl",), "application/x-ndjson"),
    FileType("HTML", (".html", ".htm"), "text/html"),
    FileType("a notebook", (".ipynb",), "application/x-ipynb+json"),
    FileType("PNG", (".png",), "image/png", b"\x89PNG\r\n\x1a\n"),
    FileType("JPEG", (".jpg", ".jpeg"), "image/jpeg", b"\xff\xd8\xff"),
    FileType("ZIP", (".zip",), ARCHIVE, _ZIP),
    *(FileType("source code", (f".{extension}",), f"text/x-{extension}") for extension in _SOURCES),
)
BY_EXTENSION = {extension: kind for kind in ACCEPTED for extension in kind.extensions}
ACCEPT = ",".join(sorted(BY_EXTENSION))
LEGACY = {".doc": ("Word", ".docx"), ".xls": ("Excel", ".xlsx"), ".ppt": ("PowerPoint", ".pptx")}
MACROS = {".docm", ".dotm", ".xlsm", ".xltm", ".pptm", ".potm"}
# What cannot be taken as it is, but could be saved in a form that can.
OTHER_FORMS = {
    **dict.fromkeys((".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst"), ("archive", "ZIP")),
    **dict.fromkeys((".msg", ".mbox", ".emlx", ".pst"), ("mail", "EML, one message each")),
    **dict.fromkeys((".gif", ".tif", ".tiff", ".bmp", ".webp", ".heic", ".heif", ".psd"), ("picture", "PNG or JPEG")),
    **dict.fromkeys((".odt", ".ods", ".odp", ".rtf"), ("document", "DOCX, XLSX, PPTX or PDF")),
}

# Leading bytes that betray another kind of file under a text name.
_SIGNATURES = {
    b"%PDF-": "a PDF",
    _ZIP: "an Office file or an archive",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"MZ": "a program",
    b"\x7fELF": "a program",
    b"\x1f\x8b": "an archive",
    b"Rar!": "an archive",
    b"7z\xbc\xaf": "an archive",
}

KINDS = (
    "Word (DOCX), Excel (XLSX), PowerPoint (PPTX), PDF, mail (EML), text, Markdown, CSV, JSON, HTML, "
    "notebooks (IPYNB), source code, pictures (PNG, JPEG), and ZIP archives of these"
)
LIMITS_TEXT = f"Up to {FILE_BYTES // MIB} MB each, {SUBMISSION_FILES} files, {SUBMISSION_BYTES // MIB} MB in all."


def refused(code: str, **words: str) -> FileRefusedError:
    return FileRefusedError(code, SENTENCES[code].format(**words))


# One sentence each (ux: upload). "This file" stands where the page shows the name beside it.
SENTENCES = {
    "none": "Select a file.",
    "type": "This kind of file cannot be taken. Choose " + KINDS + ".",
    "legacy": "This is an older {program} file. Save it as {extension} and add it again.",
    "form": "This form of {what} cannot be taken. Save it as {better} and add it again.",
    "macros": "This file contains macros. Save it without macros and add it again.",
    "mismatch": "The name says {claimed}, but the content is {found}. Save it again in the right format.",
    "size": f"The file must be {FILE_BYTES // MIB} MB or smaller.",
    "total": f"Together the files must be {SUBMISSION_BYTES // MIB} MB or smaller.",
    "count": f"You can add up to {SUBMISSION_FILES} files.",
    "empty": "The file is empty.",
    "name": "The file has no usable name. Rename it and add it again.",
    "duplicate": "You already added this file.",
    "password": "This file is password protected. Remove the password and add it again.",
    "virus": "This file contains a virus.",
    "archive": "This archive holds too much to check, or unpacks to far more than its size. Add its parts one by one.",
    "limit": "This file is too long to check. Split it and add the parts.",
    "damaged": "This file is damaged and cannot be opened. Save it again in its own program and add the new copy.",
    "connection": "The file could not be uploaded. Try again.",
    "attestation": "Answer the questions about your rights first.",
    "closed": "Files can no longer be added here.",
}

# The redaction core's reasons, in the words of the upload page.
FROM_REDACTION = {
    "encrypted": "password",
    "macro": "macros",
    "parse-failed": "damaged",
    "unsupported": "type",
    "limit": "limit",
    "mismatch": "mismatch",
    "empty": "empty",
}


def refusal(reason: str, media_type: str) -> str:
    """The code under which a page tells what the redaction core refused a file with."""
    if reason == "limit" and media_type == ARCHIVE:
        return "archive"
    return FROM_REDACTION.get(reason, "damaged")


def safe_name(untrusted_name: str) -> str:
    """The last component of a name, NFC, without control or direction characters, at most 120 characters long.

    Raises FileRefusedError("name") when nothing is left.
    """
    last = PurePosixPath(untrusted_name.replace("\\", "/")).name
    kept = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C").strip(" .")
    if not kept:
        raise refused("name")
    stem, dot, extension = kept.rpartition(".")
    return kept if len(kept) <= NAME_CHARACTERS else stem[: NAME_CHARACTERS - len(extension) - 1] + dot + extension


def check_name(name: str) -> FileType:
    """The type a name promises. Raises FileRefusedError: type, legacy, form, macros."""
    extension = PurePosixPath(name).suffix.lower()
    if extension in LEGACY:
        program, better = LEGACY[extension]
        raise refused("legacy", program=program, extension=better)
    if extension in OTHER_FORMS:
        what, form = OTHER_FORMS[extension]
        raise refused("form", what=what, better=form)
    if extension in MACROS:
        raise refused("macros")
    if extension not in BY_EXTENSION:
        raise refused("type")
    return BY_EXTENSION[extension]


def check_leading(kind: FileType, leading: bytes) -> None:
    """Compare a promise with the first bytes of the content. Raises FileRefusedError: mismatch, legacy."""
    if kind.leading and leading.startswith(kind.leading):
        return
    found = next((what for signature, what in _SIGNATURES.items() if leading.startswith(signature)), None)
    if kind.leading and leading.startswith(b"\xd0\xcf\x11\xe0"):
        raise refused("password")  # an encrypted Office file is an OLE container
    if kind.leading or found:
        raise refused("mismatch", claimed=kind.label, found=found or "something else")
