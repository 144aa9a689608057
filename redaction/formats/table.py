"""The table of handlers, and the sniffing that picks one: content decides, the name must not contradict it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Final

from redaction.errors import RefusedError
from redaction.formats import FormatHandler
from redaction.formats.archive import ArchiveHandler
from redaction.formats.code import CodeHandler
from redaction.formats.csv_ import TableHandler
from redaction.formats.docx import DocxHandler
from redaction.formats.html import HtmlHandler
from redaction.formats.image import ImageHandler
from redaction.formats.json_ import JsonHandler
from redaction.formats.mail import MailHandler
from redaction.formats.notebook import NotebookHandler
from redaction.formats.pdf import PdfHandler
from redaction.formats.pptx import PptxHandler
from redaction.formats.text import TextHandler, decoded
from redaction.formats.xlsx import XlsxHandler
from redaction.media import (
    CSV,
    DOCX,
    EXTENSIONS,
    HTML,
    JPEG,
    JSON,
    JSON_LINES,
    MAIL,
    MARKDOWN,
    NOTEBOOK,
    OFFICE,
    PDF,
    PICTURES,
    PNG,
    PPTX,
    SOURCES,
    TEXT,
    TSV,
    XLSX,
    ZIP,
)

HANDLERS: Final[tuple[FormatHandler, ...]] = (
    TextHandler(),
    TableHandler(),
    MailHandler(lambda name, data: sniff(name, data)),
    PdfHandler(),
    DocxHandler(),
    XlsxHandler(),
    PptxHandler(),
    ArchiveHandler(lambda name, data: sniff(name, data)),
    ImageHandler(),
    JsonHandler(lines=False),
    JsonHandler(lines=True),
    HtmlHandler(),
    NotebookHandler(),
    *map(CodeHandler, SOURCES),
)
_BY_TYPE: Final = {media_type: handler for handler in HANDLERS for media_type in handler.media_types}

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_ZIP: Final = b"PK\x03\x04"
_NO_MEMBERS: Final = b"PK\x05\x06"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CONTENT_TYPES: Final = "[Content_Types].xml"
_LARGEST_LIST: Final = 4 * 1024 * 1024
_MAIN_PARTS: Final = (
    (DOCX, "wordprocessingml.document.main+xml"),
    (XLSX, "spreadsheetml.sheet.main+xml"),
    (PPTX, "presentationml.presentation.main+xml"),
)
# What the name promises; several names may promise the same.
_BY_NAME: Final = {
    **{extension: media_type for media_type, extension in EXTENSIONS.items()},
    "markdown": MARKDOWN,
    "text": TEXT,
    "log": TEXT,
    "jpeg": JPEG,
    "htm": HTML,
    "xhtml": HTML,
    "ndjson": JSON_LINES,
    "": "",
}
# Whole names that promise something without an extension, or with one that is none.
_BY_WHOLE_NAME: Final = {
    "dockerfile": "text/x-docker",
    "containerfile": "text/x-docker",
    "makefile": "text/x-mk",
    "cmakelists.txt": "text/x-cmake",
    "jenkinsfile": "text/x-groovy",
    "rakefile": "text/x-rb",
    "gemfile": "text/x-rb",
    "codeowners": "text/x-codeowners",
    **{f".{extension}": f"text/x-{extension}" for extension in ("env", "mailmap", "gitignore", "gitattributes")},
    **{f".{name}": f"text/x-{extension}" for name, extension in (("editorconfig", "editorconfig"), ("npmrc", "ini"))},
}
_TEXTS: Final = frozenset({TEXT, MARKDOWN, CSV, TSV, MAIL, JSON, JSON_LINES, HTML, NOTEBOOK, *SOURCES})
_PAGE: Final = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|div|p|h[1-6]|table|span|ul|ol|dl|pre|br|hr|a|b|i|font|center|img"
    r"|form|section|article|main|header|frameset|svg)\b",
    re.IGNORECASE,
)
_MARKUP_START: Final = re.compile(r"\s*<[?!A-Za-z_]")
_HEADER: Final = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9-]{1,40}:[^\r\n]{0,2000}(?:\r?\n[ \t][^\r\n]{0,2000}){0,50}\r?\n){2}"
)
_MAILBOX: Final = re.compile(r"From [^:\r\n]*\S+ *\r?\n|From \S+ +\w{3} +\w{3} ")
_MAIL_FIELDS: Final = re.compile(
    r"^(?:from|received|return-path|message-id|mime-version):", re.IGNORECASE | re.MULTILINE
)


def handler_for(media_type: str) -> FormatHandler | None:
    """The handler of a media type; None when there is none."""
    return _BY_TYPE.get(media_type)


def sniff(untrusted_name: str, data: bytes) -> str:
    """The media type of a file, from its content.

    Raises:
        RefusedError: ``empty``, ``unsupported``, ``encrypted``, ``macro``, ``parse-failed``, or ``mismatch`` when the
            extension promises something else.
    """
    if not data.strip():
        raise RefusedError("empty")
    promised = _promised(untrusted_name)
    found = _from_bytes(data)
    if found == TEXT:
        return _kind_of_text(promised, data)
    if promised and promised != found:
        raise RefusedError("mismatch")
    return found


def _promised(untrusted_name: str) -> str:
    base = untrusted_name.replace("\\", "/").rpartition("/")[2]
    whole = base.casefold()
    if whole in _BY_WHOLE_NAME or whole.startswith(".env."):
        return _BY_WHOLE_NAME.get(whole, "text/x-env")
    extension = base.rpartition(".")[2].casefold() if "." in base.lstrip(".") else ""
    if extension not in _BY_NAME:
        raise RefusedError("macro" if extension in ("docm", "xlsm", "pptm") else "unsupported")
    return _BY_NAME[extension]


def _from_bytes(data: bytes) -> str:
    if data.startswith(_PNG):
        return PNG
    if data.startswith(_JPEG):
        return JPEG
    if b"%PDF-" in data[:1024]:
        return PDF
    if data.startswith(_ZIP):
        return _from_zip(data)
    if data.startswith(_NO_MEMBERS):
        raise RefusedError("empty")
    if data.startswith(_OLE):
        # Office encrypts a document into a stream of this name, inside the old container format.
        raise RefusedError("encrypted" if "EncryptedPackage".encode("utf-16-le") in data else "unsupported")
    try:
        decoded(data)
    except RefusedError as error:
        # Mail says for each of its parts how it is encoded, so as a whole it need not be text in any one way.
        if b"\0" not in data and _is_mail(data[:20_000].decode("latin-1")):
            return MAIL
        raise RefusedError("unsupported") from error
    return TEXT


def _from_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if archive.getinfo(_CONTENT_TYPES).file_size > _LARGEST_LIST:
                raise RefusedError("limit")
            listed = archive.read(_CONTENT_TYPES).decode("utf-8", "replace")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise RefusedError("parse-failed") from error
    except RuntimeError as error:
        raise RefusedError("encrypted") from error
    except KeyError:
        return ZIP
    if "macroEnabled" in listed or "vbaProject" in listed:
        raise RefusedError("macro")
    for media_type, part in _MAIN_PARTS:
        if part in listed:
            return media_type
    raise RefusedError("unsupported")


def _kind_of_text(promised: str, data: bytes) -> str:
    if promised and promised not in _TEXTS:
        # A document that is empty text, or a picture of one: not what the name says.
        raise RefusedError("parse-failed" if promised in OFFICE | PICTURES or promised == PDF else "mismatch")
    head = decoded(data)[:20_000].lstrip("\ufeff\r\n")
    is_mail = _is_mail(head)
    if promised == MAIL and _MAILBOX.match(head):
        raise RefusedError("unsupported")
    if not _keeps_promise(promised, head, is_mail=is_mail):
        raise RefusedError("mismatch")
    return promised or (MAIL if is_mail else TEXT)


def _is_mail(head: str) -> bool:
    """Lines that are headers, and at least one that only mail has."""
    return bool(_HEADER.match(head) and _MAIL_FIELDS.search(head.partition("\n\n")[0].partition("\r\n\r\n")[0]))


def _keeps_promise(promised: str, head: str, *, is_mail: bool) -> bool:
    """Whether text begins as its name says. Whether it goes on like that, the handler finds out."""
    start = head.lstrip()[:1]
    if promised == MAIL:
        return is_mail
    if promised == HTML:
        return _PAGE.search(head) is not None
    if promised == NOTEBOOK:
        return start == "{"
    if promised in (JSON, JSON_LINES):
        return start in tuple('{["-0123456789tfnNI')
    if promised in ("text/x-xml", "text/x-xsd", "text/x-xsl"):
        return _MARKUP_START.match(head) is not None
    return True
