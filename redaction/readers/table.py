"""The table of readers: which code reads an output again. Never the code that wrote it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Final

from redaction.limits import Switches
from redaction.media import (
    CSV,
    DOCX,
    HTML,
    JPEG,
    JSON,
    JSON_LINES,
    MAIL,
    MARKDOWN,
    NOTEBOOK,
    OFFICE,
    PDF,
    PNG,
    PPTX,
    SOURCES,
    TEXT,
    TSV,
    XLSX,
    ZIP,
)
from redaction.readers import (
    Reader,
    Undeclared,
    archive,
    code,
    csv_,
    docx,
    html,
    image,
    json_,
    mail,
    notebook,
    parts,
    pdf,
    pptx,
    text,
    xlsx,
)

_READERS: Final[Mapping[str, Sequence[Reader]]] = {
    TEXT: text.READERS,
    MARKDOWN: text.READERS,
    CSV: csv_.READERS,
    TSV: csv_.READERS,
    MAIL: mail.READERS,
    PDF: pdf.READERS,
    DOCX: docx.READERS,
    XLSX: xlsx.READERS,
    PPTX: pptx.READERS,
    ZIP: archive.READERS,
    PNG: image.READERS,
    JPEG: image.READERS,
    JSON: json_.READERS,
    JSON_LINES: json_.LINE_READERS,
    HTML: html.READERS,
    NOTEBOOK: notebook.READERS,
    **{media_type: code.readers(extension) for media_type, extension in SOURCES.items()},
}


def _nothing(data: bytes) -> list[str]:  # noqa: ARG001
    """Text is one stream: it has no parts that could be undeclared."""
    return []


_UNDECLARED: Final[Mapping[str, Undeclared]] = {
    TEXT: text.undeclared,
    MARKDOWN: text.undeclared,
    CSV: _nothing,
    TSV: _nothing,
    MAIL: mail.undeclared,
    PDF: pdf.undeclared,
    ZIP: archive.undeclared,
    PNG: image.undeclared,
    JPEG: image.undeclared,
    JSON: text.undeclared,
    JSON_LINES: text.undeclared,
    HTML: html.undeclared,
    NOTEBOOK: notebook.undeclared,
    **dict.fromkeys(SOURCES, text.undeclared),
}


def readers_for(media_type: str) -> Sequence[Reader]:
    """The readers of a media type, the one for previews first.

    Raises:
        KeyError: there is none, so nothing of this kind can be called clean.
    """
    return _READERS[media_type]


def undeclared_for(media_type: str, switches: Switches) -> Undeclared:
    """The check of an output's parts against the list of what may be in it under these switches.

    Raises:
        KeyError: there is none.
    """
    if media_type in OFFICE:
        return functools.partial(parts.undeclared, comments=switches.comments)
    return _UNDECLARED[media_type]
