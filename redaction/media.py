"""The kinds of files that are taken: media types and the extension each is written with."""

from __future__ import annotations

from typing import Final

TEXT: Final = "text/plain"
MARKDOWN: Final = "text/markdown"
CSV: Final = "text/csv"
TSV: Final = "text/tab-separated-values"
MAIL: Final = "message/rfc822"
PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

ZIP: Final = "application/zip"

EXTENSIONS: Final = {
    TEXT: "txt",
    MARKDOWN: "md",
    CSV: "csv",
    TSV: "tsv",
    MAIL: "eml",
    PDF: "pdf",
    DOCX: "docx",
    XLSX: "xlsx",
    PPTX: "pptx",
    ZIP: "zip",
}
OFFICE: Final = frozenset({DOCX, XLSX, PPTX})
