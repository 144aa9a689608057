"""What an outsider finds in a mail: by the stdlib's walk, by mail-parser, and by decoding whatever looks encoded."""

from __future__ import annotations

import base64
import binascii
import email
import email.header
import html
import quopri
import re
import urllib.parse
from collections.abc import Iterator

import mailparser

from tests.oracles import Oracle

_LOOKALIKES = str.maketrans("аеорсух", "aeopcyx")
_WORD = re.compile(r"=\?([^?*]+)(?:\*[^?]*)?\?([bq])\?([^?]*)\?=", re.IGNORECASE)


def by_walk(data: bytes) -> str:
    """Every header and part, decoded; markup with and without its tags."""
    return _read("\n".join(_walked(email.message_from_bytes(data))))


def by_mailparser(data: bytes) -> str:
    """Headers, texts and attachments as mail-parser gives them."""
    mail = mailparser.parse_from_bytes(data)
    found = [str(mail.headers), str(mail.subject), str(mail.from_), str(mail.to)]
    found += [*mail.text_plain, *mail.text_html, *mail.text_not_managed]
    found += [_words(text) for text in found]
    for attachment in mail.attachments:
        found += [attachment["filename"], attachment["payload"]]
        found += _shown(_base64(attachment["payload"].encode("ascii", "ignore")))
    found += [re.sub(r"<[^>]*>", "", html.unescape(text)) for text in found]
    return _read("\n".join(found))


def by_bytes(data: bytes) -> str:
    """The bytes, and all that base64, quoted-printable and uuencode make of any part of them."""
    found = _shown(data) + _shown(quopri.decodestring(data))
    for blob in re.findall(rb"[A-Za-z0-9+/=\r\n]{16,}", data):
        found += _shown(_base64(blob))
    for line in data.splitlines():
        try:
            found += _shown(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return _read("\n".join(found))


def _walked(message: email.message.Message) -> Iterator[str]:
    for part in message.walk():
        if part.get_content_type() == "message/rfc822" and part.get("content-transfer-encoding"):
            yield from _shown(_base64(part.as_bytes().partition(b"\n\n")[2]))
        for name, value in part.items():
            yield f"{name} {value}"
            yield _words(str(value))
        yield str(part.get_filename())
        yield f"{part.preamble}\n{part.epilogue}"
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            charset = part.get_content_charset() or "utf-8"
            try:
                texts = [payload.decode(charset, "replace"), *_shown(payload)]
            except LookupError:
                texts = _shown(payload)
            for text in texts:
                yield text
                yield re.sub(r"<[^>]*>", "", html.unescape(text))
                yield urllib.parse.unquote(text)


def _words(value: str) -> str:
    """Encoded words, joined as the standard has it, even where a letter is cut."""
    joined = re.sub(r"\?=\s+=\?", "?==?", value)
    text = ""
    for charset, kind, body in _WORD.findall(joined):
        data = _base64(body.encode()) if kind in "bB" else quopri.decodestring(body.replace("_", " "))
        text += data.decode(charset, "replace")
    return text


def _base64(data: bytes) -> bytes:
    squeezed = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    try:
        return base64.b64decode(squeezed + b"=" * (-len(squeezed) % 4))
    except binascii.Error:
        return b""


def _shown(data: bytes) -> list[str]:
    return [data.decode(encoding, "ignore") for encoding in ("utf-8", "latin-1", "utf-16-le", "utf-16-be")]


def _read(text: str) -> str:
    return f"{text}\n{text.translate(_LOOKALIKES)}"


EXTENSIONS = ("eml",)
ORACLES: dict[str, Oracle] = {"walk": by_walk, "mail-parser": by_mailparser, "bytes": by_bytes}
