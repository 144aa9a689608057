"""The kinds of files that are taken: media types and the extension each is written with.

Program text has one media type for each extension, so that ``tool.py`` leaves as ``….py``: the type is made of the
extension (``text/x-py``), because no registered one tells ``.yml`` from ``.yaml``.
"""

from __future__ import annotations

from typing import Final

TEXT: Final = "text/plain"
MARKDOWN: Final = "text/markdown"
CSV: Final = "text/csv"
TSV: Final = "text/tab-separated-values"
MAIL: Final = "message/rfc822"
JSON: Final = "application/json"
JSON_LINES: Final = "application/x-ndjson"
HTML: Final = "text/html"
NOTEBOOK: Final = "application/x-ipynb+json"
PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"

ZIP: Final = "application/zip"

# Program text by the way it is read: statements with strings and comments, or settings, lists and markup line by line.
_PROGRAMS: Final = (
    "py pyi js mjs cjs jsx ts tsx java c h cc cpp cxx hh hpp go rs rb php cs sh bash zsh ps1 sql css scss less r kt "
    "kts swift scala lua pl pm groovy gradle dart"
)
_SETTINGS: Final = (
    "yaml yml toml ini cfg conf env properties xml xsd xsl mk cmake docker codeowners mailmap gitignore gitattributes "
    "editorconfig lock tf hcl proto graphql"
)
PROGRAMS: Final = {f"text/x-{extension}": extension for extension in _PROGRAMS.split()}
SETTINGS: Final = {f"text/x-{extension}": extension for extension in _SETTINGS.split()}
SOURCES: Final = PROGRAMS | SETTINGS

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
    PNG: "png",
    JPEG: "jpg",
    JSON: "json",
    JSON_LINES: "jsonl",
    HTML: "html",
    NOTEBOOK: "ipynb",
    **SOURCES,
}
OFFICE: Final = frozenset({DOCX, XLSX, PPTX})
PICTURES: Final = frozenset({PNG, JPEG})
