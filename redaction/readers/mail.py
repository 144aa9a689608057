"""Two readings of a mail that share no code with its writer.

The first decodes the bytes itself: header lines, encoded words (RFC 2047), boundaries (RFC 2046), base64 and
quoted-printable (RFC 2045). The second is the mail-parser package. Neither raises for what it does not understand:
the undecoded bytes are then read as they are, so that nothing is skipped.
"""

from __future__ import annotations

import binascii
import html.parser
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import mailparser

from redaction.entities import Block, Kind

Reader = Callable[[bytes], list[Block]]

# All that a message of ours may hold; ``undeclared`` reports the rest.
HEADERS = frozenset(
    {"from", "to", "cc", "subject", "date", "mime-version", "content-type", "content-transfer-encoding"}
)
TYPES = frozenset({"text/plain", "text/html", "multipart/alternative", "multipart/mixed"})

# Lines of our own that say how a message is put together, word for word: what they name names nobody.
_STRUCTURE = re.compile(
    rb'^(?:Content-Type: (?:text/(?:plain|html); charset=utf-8|multipart/(?:alternative|mixed); boundary="=_part_\d+")'
    rb"|Content-Transfer-Encoding: (?:7bit|8bit|quoted-printable)|MIME-Version: 1\.0)\r?$",
    re.MULTILINE,
)
_ENCODED_WORD = re.compile(r"=\?([\w.:+-]+)(?:\*[\w-]*)?\?([BbQq])\?([^?]*)\?=")
_GAP = re.compile(r"(?<=\?=)[ \t\r\n]+(?==\?)")


@dataclass(frozen=True)
class _Part:
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    @property
    def media_type(self) -> str:
        return self.header("content-type").split(";")[0].strip().lower() or "text/plain"

    def parameter(self, name: str) -> str:
        found = re.search(rf';\s*{name}\s*=\s*(?:"([^"]*)"|([^;\s]+))', self.header("content-type"), re.IGNORECASE)
        return (found[1] or found[2] or "") if found else ""


def read_bytes(data: bytes) -> list[Block]:
    """Read a message with an own byte decoder: headers first, then each part's text as a person sees it."""
    top = _split(data)
    blocks = [
        Block(f"header:{name}", _decode_words(value), Kind.HEADER)
        for name, value in top.headers
        if name != "mime-version"
    ]
    blocks = [block for block in blocks if not block.anchor.startswith("header:content-")]
    for number, part in enumerate(_leaves(top, 0), 1):
        text = _text(part)
        if part.media_type == "text/html":
            paragraphs = _HtmlText.of(text)
            blocks.extend(Block(f"part{number}/b{block}", line) for block, line in enumerate(paragraphs, 1))
        elif text.strip():
            blocks.append(Block(f"part{number}", text.strip("\n")))
    return blocks


def read_mailparser(data: bytes) -> list[Block]:
    """Read a message with mail-parser: every header, every text part, the raw html, names and texts of attachments."""
    mail = mailparser.parse_from_bytes(data)
    head = re.split(rb"\r?\n\r?\n", data, maxsplit=1)[0]
    ours = {line.partition(b":")[0].decode("ascii").lower() for line in _STRUCTURE.findall(head)}
    headers = [(name.lower(), value) for name, value in mail.headers.items() if name.lower() not in ours]
    blocks = [Block(f"header:{name}", _flat(value), Kind.HEADER) for name, value in headers]
    blocks += [Block(f"header:subject/{i}", value, Kind.HEADER) for i, value in enumerate([mail.subject], 1) if value]
    parts = [*mail.text_plain, *mail.text_html, *mail.text_not_managed]
    blocks += [Block(f"part{number}", text) for number, text in enumerate(parts, 1)]
    for number, attachment in enumerate(mail.attachments, 1):
        blocks.append(Block(f"file{number}", f"{attachment['filename']}\n{attachment['payload']}", Kind.NAME))
    return blocks


def without_structure(data: bytes) -> bytes:
    """The bytes of a message but for the lines that only say how it is put together."""
    return _STRUCTURE.sub(b"", data)


READERS: tuple[Reader, ...] = (read_bytes, read_mailparser)


def undeclared(data: bytes) -> list[str]:
    """Return what the message holds beyond our list: header names, part types, dispositions (never their values)."""
    top = _split(data)
    found = [f"header {name}" for name, _ in top.headers if name not in HEADERS]
    for part in (top, *_leaves(top, 0)):
        if part.media_type not in TYPES:
            found.append("part type")
        found.extend(f"part header {name}" for name, _ in part.headers if part is not top and name not in HEADERS)
        if part.media_type == "text/html":
            found.extend(f"html {name}" for name in _HtmlText.markup(_text(part)))
    return found


def _flat(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(_flat(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return " ".join(_flat(item) for item in value)
    return str(value)


def _split(data: bytes) -> _Part:
    """Cut a message or part at its first empty line; join folded header lines."""
    if re.match(rb"\r?\n", data):
        return _Part((), data.lstrip(b"\r\n"))
    cut = re.search(rb"\r?\n\r?\n", data)
    head, body = (data[: cut.start()], data[cut.end() :]) if cut else (data, b"")
    lines = re.sub(rb"\r?\n(?=[ \t])", b"", head).splitlines()
    headers: list[tuple[str, str]] = []
    for line in lines:
        name, colon, value = line.partition(b":")
        headers.append((_any(name).strip().lower(), _any(value).strip()) if colon else ("", _any(line)))
    return _Part(tuple(headers), body)


def _leaves(part: _Part, depth: int) -> Iterator[_Part]:
    boundary = part.parameter("boundary").encode()
    if not part.media_type.startswith("multipart/") or not boundary or depth > 20:
        yield part
        return
    pieces = re.split(rb"(?:^|\r?\n)--" + re.escape(boundary) + rb"(?:--)?[ \t]*(?=\r?\n|$)", part.body)
    for piece in pieces:
        inner = re.sub(rb"\A\r?\n", b"", piece)
        if inner.strip():
            yield from _leaves(_split(inner), depth + 1)


def _text(part: _Part) -> str:
    encoding = part.header("content-transfer-encoding").lower()
    body = part.body
    if encoding == "base64":
        try:
            body = binascii.a2b_base64(body)
        except binascii.Error:
            body = part.body
    elif encoding == "quoted-printable":
        body = binascii.a2b_qp(body)
    return _any(body, part.parameter("charset")).replace("\r\n", "\n")


def _any(data: bytes, charset: str = "") -> str:
    """Decode with the named letter set, else UTF-8, else Latin: always something."""
    for name in (charset, "utf-8"):
        try:
            return data.decode(name or "utf-8")
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return data.decode("latin-1")


def _decode_words(text: str) -> str:
    joined = _GAP.sub("", text)
    result = ""
    position = 0
    pending: tuple[str, bytes] | None = None
    for match in _ENCODED_WORD.finditer(joined):
        data = _word_data(match[2], match[3])
        if pending and match.start() == position and pending[0] == match[1]:
            pending = (match[1], pending[1] + data)
        else:
            result += _any(pending[1], pending[0]) if pending else ""
            result += joined[position : match.start()]
            pending = (match[1], data)
        position = match.end()
    return result + (_any(pending[1], pending[0]) if pending else "") + joined[position:]


def _word_data(kind: str, text: str) -> bytes:
    try:
        raw = text.encode("ascii", "replace")
        return binascii.a2b_base64(raw) if kind in "Bb" else binascii.a2b_qp(raw, header=True)
    except binascii.Error:
        return text.encode()


class _HtmlText(html.parser.HTMLParser):
    """Lines of text as they are seen, and every word that hides in markup (attributes, comments, declarations)."""

    INLINE = frozenset({"span", "b", "strong", "i", "em", "u", "s", "sub", "sup", "small", "code"})
    SHAPE = frozenset({"colspan", "rowspan"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.hidden: list[str] = []

    @classmethod
    def of(cls, text: str) -> list[str]:
        parser = cls()
        parser.feed(text)
        parser.close()
        lines = [re.sub(r"[ \t\n]+", " ", line).strip() for line in parser.lines]
        return [line for line in [*lines, *parser.hidden] if line]

    @classmethod
    def markup(cls, text: str) -> list[str]:
        """Return what else than plain elements is in the markup: kinds, never values."""
        parser = cls()
        parser.feed(text)
        parser.close()
        return ["attribute or comment"] * len(parser.hidden)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden.extend(value for name, value in attrs if value and not (name in self.SHAPE and value.isdigit()))
        if tag not in self.INLINE:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.INLINE:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        self.lines[-1] += data

    def handle_comment(self, data: str) -> None:
        self.hidden.append(data)

    def handle_pi(self, data: str) -> None:
        self.hidden.append(data)

    def unknown_decl(self, data: str) -> None:
        self.hidden.append(data)
