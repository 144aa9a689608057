"""Notices: the words a contributor reads before agreeing, one file per version and language.

A file is Markdown under TOML front matter. The front matter holds what a record repeats from the notice (parties,
purposes as worded, declarations, jurisdictions), so what was read and what was signed cannot drift apart, and the
words around it on its page. The digest covers the whole file. ``released.json`` lists the digests that may be signed
under, notices and the questions about them (``consent/comprehension.py``); a listed file is never edited.
"""

from __future__ import annotations

import functools
import html
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from consent.errors import NoticeError
from consent.record import Json, sha256_hex

FOLDER = Path(__file__).parent / "notices"
RELEASED = FOLDER / "released.json"
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,39}")
_MARK = "+++\n"


@dataclass(frozen=True)
class NoticeText:
    """One notice in one language: its bytes, what its front matter says, and its Markdown."""

    version: str
    language: str
    source: str
    terms: Json
    body: str

    @property
    def sha256(self) -> str:
        return sha256_hex(self.source.encode())

    @property
    def html(self) -> str:
        return render(self.body, self.words["more"])

    @property
    def rendered_sha256(self) -> str:
        return sha256_hex(self.html.encode())

    @property
    def words(self) -> Json:
        """What the page of the notice says around it; the newest English ones where a notice has none of its own."""
        return dict(self._own("words"))

    @property
    def recipients(self) -> Json:
        """Class of recipients → what it is called."""
        return dict(self._own("recipients"))

    @property
    def questions(self) -> Json:
        """Question of the third-party declaration → its ``label`` and ``hint``."""
        return dict(self._own("questions"))

    def _own(self, table: str) -> Json:
        return dict(self.terms.get(table) or load(newest(), "en").terms[table])

    def declaration(self, name: str) -> str:
        """Return the words above one signature: ``record``, ``rights`` or ``third_party``."""
        return str(self.terms["declarations"][name])

    def purpose(self, purpose_id: str) -> Json:
        """Raises NoticeError when the notice does not explain this purpose."""
        for purpose in self.terms["purposes"]:
            if purpose["purpose_id"] == purpose_id:
                return dict(purpose)
        raise NoticeError


@functools.cache
def load(version: str, language: str) -> NoticeText:
    """Read a released notice; a language that does not exist falls back to English.

    Raises:
        NoticeError: no such version, not released, or changed since it was released.
    """
    if not _NAME.fullmatch(version) or not _NAME.fullmatch(language):
        raise NoticeError
    path = FOLDER / version / f"{language}.md"
    if not path.is_file() and language != "en":
        return load(version, "en")
    return read(released_bytes(f"{version}/{language}", path).decode(), version, language)


def released_bytes(name: str, path: Path) -> bytes:
    """Return the file at ``path``. Raises NoticeError unless it is what was released under this name."""
    try:
        data = path.read_bytes()
    except OSError:
        raise NoticeError from None
    if released().get(name) != sha256_hex(data):
        raise NoticeError
    return data


def released() -> dict[str, str]:
    """Return name → SHA-256 of all that was released: ``<version>/<language>``, ``quiz/<version>/<language>``."""
    return dict(json.loads(RELEASED.read_text(encoding="utf-8")))


def released_notices() -> dict[str, str]:
    """Return ``<version>/<language>`` → SHA-256 of every notice that may be signed under, oldest version first."""
    return {name: digest for name, digest in sorted(released().items()) if not name.startswith("quiz/")}


def newest() -> str:
    """Return the version that was released last; versions are year and month, so they sort by time."""
    return max(name.partition("/")[0] for name in released_notices())


def languages(version: str) -> list[str]:
    """Return the languages of one version, English first."""
    found = [name.partition("/")[2] for name in released_notices() if name.startswith(f"{version}/")]
    return sorted(found, key=lambda language: (language != "en", language))


def read(source: str, version: str, language: str) -> NoticeText:
    """Split a notice into front matter and Markdown. Raises NoticeError when it has no front matter or is another's."""
    opening, front, body = [*source.split(_MARK, 2), "", ""][:3]
    if opening or not body:
        raise NoticeError
    try:
        terms = tomllib.loads(front)
    except tomllib.TOMLDecodeError:
        raise NoticeError from None
    if (terms.get("version"), terms.get("language")) != (version, language):
        raise NoticeError
    return NoticeText(version, language, source, terms, body.lstrip("\n"))


def render(body: str, more: str = "Read more about “{}”") -> str:
    """Return the HTML fragment of a notice: one section per card, its short form open, the rest one click away.

    HTML in the Markdown stays text. The layers are ``details`` elements, so they open without JavaScript; ``more`` is
    what one clicks on, with a place for the heading.
    """
    markdown = MarkdownIt("commonmark", {"html": False})
    cards: list[list[Token]] = [[]]
    for token in markdown.parse(body):
        if token.type == "heading_open" and token.tag == "h2":
            cards.append([])
        cards[-1].append(token)
    head, *sections = cards
    parts = [_to_html(markdown, head)]
    for tokens in sections:
        # A card opens with its heading (three tokens) and its short form (three more).
        name = html.escape(tokens[1].content)
        slug = re.sub(r"[^a-z0-9]+", "-", tokens[1].content.lower())
        parts.append(
            f'<section class="notice-card" id="notice-{slug}">\n{_to_html(markdown, tokens[:6])}'
            f"<details>\n<summary>{html.escape(more).replace('{}', name)}</summary>\n"
            f"{_to_html(markdown, tokens[6:])}</details>\n</section>\n"
        )
    return "".join(parts)


def _to_html(markdown: MarkdownIt, tokens: list[Token]) -> str:
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def headings(body: str) -> list[str]:
    """Return the text of every heading, in order."""
    tokens = MarkdownIt("commonmark").parse(body)
    return [tokens[index + 1].content for index, token in enumerate(tokens) if token.type == "heading_open"]
