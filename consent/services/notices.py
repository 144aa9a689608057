"""The notices that people read here: by version and language, by digest, and what one says that another did not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consent import documents, notice, notice_changes
from consent.models import Notice
from consent.notice import NoticeText
from consent.notice_changes import Change

# What a language is called by those who speak it.
LANGUAGES = {"en": "English", "de": "Deutsch"}


def notice_html(version: str, language: str) -> str:
    """Return the notice as an HTML fragment without a page heading. Raises NoticeError."""
    return notice.load(version, language).html


def reading(version: str, language: str) -> NoticeText:
    """Return a released notice: its fragment, the words around it, its digest. Raises NoticeError."""
    return notice.load(version, language)


def languages(version: str) -> dict[str, str]:
    """Return language → its own name, of the languages in which this version can be read."""
    return {language: LANGUAGES.get(language, language) for language in notice.languages(version)}


def purposes(version: str, language: str) -> dict[str, Mapping[str, Any]]:
    """Return purpose id → what the notice says about it; ``title`` and ``text`` are for the page."""
    return {purpose["purpose_id"]: purpose for purpose in notice.load(version, language).terms["purposes"]}


def declarations(version: str, language: str) -> dict[str, str]:
    """Return the words above each signature: ``rights``, ``third_party``, ``record``."""
    text = notice.load(version, language)
    return {kind: text.declaration(kind) for kind in documents.KINDS}


def find_notice(sha256: str) -> NoticeText | None:
    """Return the notice with this digest, signed or only released; None when there is none."""
    row = Notice.objects.filter(sha256=sha256).first()
    if row is not None:
        return notice.read(row.body, row.version, row.language)
    for name, digest in notice.released_notices().items():
        if digest == sha256:
            return notice.load(*name.split("/"))
    return None


def twins(text: NoticeText) -> list[tuple[str, NoticeText]]:
    """Return the same notice in the languages there are, each with the language's own name."""
    return [(name, notice.load(text.version, language)) for language, name in languages(text.version).items()]


def older_notices(text: NoticeText) -> list[NoticeText]:
    """Return what was released before this notice, newest first, in its language or else in English."""
    versions = {name.partition("/")[0] for name in notice.released_notices()}
    return [notice.load(version, text.language) for version in sorted(versions, reverse=True) if version < text.version]


def changes_since(older: NoticeText, newer: NoticeText) -> list[Change]:
    """Return what ``newer`` says otherwise. Where the languages differ, both are compared in that of the older one.

    A translation would otherwise count as a change of every word.
    """
    return notice_changes.changes(older, notice.load(newer.version, older.language))


def is_newer(version: str, signed: Notice) -> bool:
    """Say whether ``version`` was released after the notice that was signed."""
    return version > signed.version


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
