"""Mail: an eml message becomes a new message of five headers and its text; its files go on as files of their own.

The rules this follows:

- The upload is read into a ``mail_message.Message``; the new message is written from that and from nothing else.
- Only From, To, Cc, Subject and Date (UTC, the day alone) are written; routing, ids and program marks are dropped,
  and the addresses and hosts in them must not survive anywhere.
- Every plain and every html part is kept, each with its own replacements; an html part is rebuilt from allowed
  elements. Where a message has no plain part, one is made from the rewritten html.
- Attachments are named in a line of the body and handed out as children; they are not put back.
- Where even that does not stand the second look, the message is written as Markdown: headers as lines, bodies as text.
- Boundaries are our own and fixed, so that the same input and plan give the same bytes.
"""

from __future__ import annotations

import base64
import email.utils
import quopri
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from redaction.entities import Action, Extraction, Kind, Output, Plan, Segment, Tier
from redaction.errors import RefusedError
from redaction.formats import Carrier, Limits, Sniff, Switches, mail_html, mail_message
from redaction.formats.pieces import Writing, carrier_counts
from redaction.media import MARKDOWN

MEDIA_TYPE = "message/rfc822"
LINE_BYTES = 998  # RFC 5322, 2.1.1
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
_MAILBOX = re.compile(r"(.*?)\s*<([^<>]*)>")
# What people did not write for this mail: quotes, the lines above them, signatures.
_OF_OTHERS = re.compile(
    r"^(?:>|-- ?$|-{3,} ?(?:Original|Forwarded)|[^\n]{3,200}\bwrote:[ \t]*$)", re.MULTILINE | re.IGNORECASE
)
NO_ADDRESS = "removed@example.invalid"


@dataclass(frozen=True)
class _Body:
    """One part of the new message, before it is encoded."""

    subtype: str
    text: str


class MailHandler:
    """RFC 5322 messages with MIME. Anchors: ``header:subject``, ``header:to/1``, ``part1``, ``part2/b3``."""

    media_types: tuple[str, ...] = (MEDIA_TYPE,)
    extensions: tuple[str, ...] = (".eml",)
    tiers: tuple[Tier, ...] = (Tier.A, Tier.B)
    carriers: tuple[Carrier, ...] = (
        Carrier("M0", "From, To, Cc, Subject", Action.REWRITE),
        Carrier("M1", "routing, ids, program marks, lists, signatures of servers", Action.DROP),
        Carrier("M2", "the same in encoded words", Action.REWRITE),
        Carrier("M3", "plain and html parts", Action.REWRITE),
        Carrier("M4", "pictures of no accepted kind, of a few points, or fetched from elsewhere", Action.DROP),
        Carrier("M5", "plain parts with quoted replies or signatures", Action.REWRITE),
        Carrier("M6", "attached files of a known kind", Action.RECURSE),
        Carrier("M6-other", "other attachments, preamble, epilogue, signatures, keys", Action.DROP),
        Carrier("M8", "mbox", Action.REFUSE),
        Carrier("H1", "html comments", Action.DROP),
        Carrier("H2", "head, script, style", Action.DROP),
        Carrier("H3", "html attributes", Action.DROP),
        Carrier("H5", "images in html", Action.DROP),
    )

    def __init__(self, sniff: Sniff) -> None:
        self._sniff = sniff

    def extract(self, source: bytes, limits: Limits, switches: Switches = Switches()) -> Extraction:
        """Return all text of a message; errors as in ``mail_message.read``."""
        message = mail_message.read(source, limits, self._sniff)
        bodies = _read_html(message)
        segments = [*_header_segments(message), *_body_segments(message, bodies)]
        metadata = [*message.metadata, *(value for body in bodies.values() for value in body.metadata)]
        counts: Counter[str] = Counter(segment.carrier for segment in segments)
        counts.update(_dropped(message, bodies))
        counts["M6"] += len(message.children)
        return Extraction(
            segments=tuple(segments),
            children=tuple(message.children),
            metadata=tuple(dict.fromkeys(metadata)),
            counts={id_: count for id_, count in counts.items() if count},
            notices=("signature-dropped",) if message.signed else (),
        )

    def rewrite(self, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()) -> Output:
        """Write the new message; errors as in ``mail_message.read``; RedactionError when the plan does not fit."""
        message = mail_message.read(source, limits, self._sniff)
        bodies = _read_html(message)
        writing = Writing(plan)
        headers = _write_headers(message, writing)
        parts, made = _write_bodies(message, bodies, writing)
        writing.close()
        line = _files_line(message, plan.child_names)
        carriers = carrier_counts(writing.counts, _dropped(message, bodies), {"M6": len(message.children)})
        if plan.tier is Tier.B:
            texts = [part.text for part in parts if part.subtype == "plain"]
            return Output(_transcript(headers, [*texts, *made, line]), MARKDOWN, carriers, Tier.B)
        if not any(part.subtype == "plain" for part in parts):
            parts.insert(0, _Body("plain", "\n".join(made) + "\n" if made else ""))
        encoded = [(name, value) for name, text in headers for value in _encoded(name, text)]
        return Output(_serialise(encoded, _with_files(parts, line)), MEDIA_TYPE, carriers)


def _read_html(message: mail_message.Message) -> dict[int, mail_html.HtmlBody]:
    return {number: mail_html.read(part.text) for number, part in enumerate(message.parts, 1) if part.html}


def _dropped(message: mail_message.Message, bodies: dict[int, mail_html.HtmlBody]) -> Counter[str]:
    total = Counter({"M6-other" if id_ == "M6" else id_: count for id_, count in message.dropped.items()})
    for body in bodies.values():
        total.update(body.dropped)
    return total


def _header_segments(message: mail_message.Message) -> Iterator[Segment]:
    for header in mail_message.ADDRESS_HEADERS:
        for number, mailbox in enumerate(message.mailboxes.get(header, ()), 1):
            carrier = _carrier(message, header)
            yield Segment(f"header:{header}/{number}", mailbox.text, carrier, Kind.HEADER, {"column": header})
    if message.subject:
        carrier = _carrier(message, "subject")
        yield Segment("header:subject", message.subject, carrier, Kind.HEADER, {"place": "title"})


def _carrier(message: mail_message.Message, header: str) -> str:
    return "M2" if header in message.encoded else "M0"


def _carrier_of(text: str) -> str:
    return "M5" if _OF_OTHERS.search(text) else "M3"


def _body_segments(message: mail_message.Message, bodies: dict[int, mail_html.HtmlBody]) -> Iterator[Segment]:
    for number, part in enumerate(message.parts, 1):
        if number not in bodies:
            yield Segment(f"part{number}", part.text, _carrier_of(part.text))
            continue
        for block, places in enumerate(bodies[number].blocks, 1):
            yield Segment(f"part{number}/b{block}", "".join(place.text for place in places), "M3")


def _write_headers(message: mail_message.Message, writing: Writing) -> list[tuple[str, list[str]]]:
    """The new headers in order: the name of each, and its text (one for each mailbox)."""
    result: list[tuple[str, list[str]]] = []
    for header in mail_message.ADDRESS_HEADERS:
        boxes = message.mailboxes.get(header, ())
        texts = [
            writing.text(f"header:{header}/{number}", _carrier(message, header), [mailbox.text])[0]
            for number, mailbox in enumerate(boxes, 1)
        ]
        if texts:
            result.append((header.capitalize(), texts))
    if message.subject:
        result.append(("Subject", writing.text("header:subject", _carrier(message, "subject"), [message.subject])))
    if message.date is not None:
        result.append(("Date", [email.utils.format_datetime(message.date)]))
    return result


def _encoded(name: str, texts: Sequence[str]) -> Iterator[str]:
    """The value of a header as it stands in a message."""
    if name == "Subject":
        yield _words(texts[0])
    elif name == "Date":
        yield texts[0]
    else:
        yield ",\r\n ".join(_mailbox(text) for text in texts)


def _transcript(headers: Sequence[tuple[str, list[str]]], texts: Sequence[str]) -> bytes:
    """The message as Markdown, for people to read: headers as lines, then every text."""
    head = "\n".join(f"**{name}:** {' '.join(', '.join(values).split())}" for name, values in headers)
    parts = [head, *(text.strip("\n") for text in texts)]
    return ("\n\n".join(part for part in parts if part.strip()) + "\n").encode("utf-8", "replace")


def _mailbox(text: str) -> str:
    """Return one mailbox as RFC 5322 wants it. Where the address itself is gone, a reserved one stands in."""
    match = _MAILBOX.fullmatch(text)
    name, address = (match[1], match[2]) if match else ("", text)
    if not _ADDRESS.fullmatch(address):
        name, address = text if match is None else f"{name} {address}".strip(), NO_ADDRESS
    return f"{_phrase(name)} <{address}>" if name else address


def _phrase(name: str) -> str:
    if name.isascii():
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return _words(name)


def _words(text: str) -> str:
    """Return header text: as it is where it is plain and short, else in encoded words of at most 75 characters."""
    text = " ".join(text.split())
    if text.isascii() and len(text) <= 900 and "=?" not in text:
        return text
    words: list[str] = []
    chunk = b""
    for char in text:
        data = char.encode("utf-8", "replace")
        if len(chunk) + len(data) > 42:
            words.append(_word(chunk))
            chunk = b""
        chunk += data
    return "\r\n ".join([*words, _word(chunk)])


def _word(chunk: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(chunk).decode('ascii')}?="


def _write_bodies(
    message: mail_message.Message, bodies: dict[int, mail_html.HtmlBody], writing: Writing
) -> tuple[list[_Body], list[str]]:
    """The new parts, and the lines of text of those that are html."""
    result: list[_Body] = []
    made: list[str] = []
    for number, part in enumerate(message.parts, 1):
        if number not in bodies:
            result.append(_Body("plain", writing.text(f"part{number}", _carrier_of(part.text), [part.text])[0]))
            continue
        made.extend(_write_html(bodies[number], f"part{number}", writing))
        result.append(_Body("html", bodies[number].serialise()))
    return result, made


def _write_html(body: mail_html.HtmlBody, part: str, writing: Writing) -> Iterator[str]:
    """Write the new text into the tree; yield it, a line for each block."""
    for number, places in enumerate(body.blocks, 1):
        texts = writing.text(f"{part}/b{number}", "M3", [place.text for place in places])
        for place, text in zip(places, texts, strict=True):
            place.write(text)
        yield "".join(texts).strip()


def _files_line(message: mail_message.Message, names: Sequence[str]) -> str:
    """Return the line that names the attachments by their new names (never the old ones)."""
    lines = []
    if message.children:
        known = [names[i] if i < len(names) else f"attachment-{i + 1}" for i in range(len(message.children))]
        lines.append("Attachments: " + ", ".join(" ".join(name.split()) for name in known))
    if message.files_dropped:
        lines.append(f"Attachments left out: {message.files_dropped}")
    return "\n".join(lines)


def _with_files(parts: list[_Body], line: str) -> list[_Body]:
    if not line:
        return parts
    first = parts[0] if parts else _Body("plain", "")
    if first.subtype != "plain":
        return [_Body("plain", line + "\n"), *parts]
    text = f"{first.text.rstrip()}\n\n{line}\n" if first.text.strip() else f"{line}\n"
    return [_Body("plain", text), *parts[1:]]


def _serialise(headers: Sequence[tuple[str, str]], parts: Sequence[_Body]) -> bytes:
    """Return the message's bytes: CRLF line ends, one part bare, several as multipart."""
    encoded = [_part(part) for part in parts]
    head = b"".join(f"{name}: {value}\r\n".encode("ascii", "replace") for name, value in headers)
    head += b"MIME-Version: 1.0\r\n"
    if len(encoded) == 1:
        return head + encoded[0]
    same_text = len(parts) == 2 and [part.subtype for part in parts] == ["plain", "html"]
    boundary = _boundary(encoded)
    kind = "alternative" if same_text else "mixed"
    head += f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in encoded)
    return head + body + b"--" + boundary.encode() + b"--\r\n"


def _boundary(parts: Sequence[bytes]) -> str:
    number = 1
    while any(b"=_part_%d" % number in part for part in parts):
        number += 1
    return f"=_part_{number}"


def _part(part: _Body) -> bytes:
    try:
        data = part.text.replace("\n", "\r\n").encode("utf-8")
    except UnicodeEncodeError:
        raise RefusedError("parse-failed", "letters no text can hold") from None
    encoding = "7bit" if data.isascii() else "8bit"
    if any(len(line) > LINE_BYTES for line in data.split(b"\r\n")):
        encoding = "quoted-printable"
        data = quopri.encodestring(data.replace(b"\r\n", b"\n"), quotetabs=False).replace(b"\n", b"\r\n")
    head = f"Content-Type: text/{part.subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode("ascii") + data
