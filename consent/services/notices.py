"""The notices that people read here, by version and language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consent import documents, notice
from consent.models import (
    Notice,
)


def notice_html(version: str, language: str) -> str:
    """Return the notice as an HTML fragment without a page heading. Raises NoticeError."""
    return notice.load(version, language).html


def purposes(version: str, language: str) -> dict[str, Mapping[str, Any]]:
    """Return purpose id → what the notice says about it; ``title`` and ``text`` are for the page."""
    return {purpose["purpose_id"]: purpose for purpose in notice.load(version, language).terms["purposes"]}


def declarations(version: str, language: str) -> dict[str, str]:
    """Return the words above each signature: ``rights``, ``third_party``, ``record``."""
    text = notice.load(version, language)
    return {kind: text.declaration(kind) for kind in documents.KINDS}


def notice_row(text: notice.NoticeText) -> Notice:
    row, _ = Notice.objects.get_or_create(
        sha256=text.sha256,
        defaults={
            "notice_id": text.terms["notice_id"],
            "version": text.version,
            "language": text.language,
            "body": text.source,
        },
    )
    return row
