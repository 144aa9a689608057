"""A mail message as we understand it: five headers, text parts, files. Everything else is only counted.

The stdlib parser gives the tree of parts; names, words and bytes are decoded here, because the stdlib's own
header objects fail on malformed input. Sources: RFC 5322 (message), 2045–2047 and 2231 (MIME), 3156 and 8551
(PGP, S/MIME).
"""

from __future__ import annotations

import binascii
import datetime as dt
import email.errors
import email.message
import email.parser
import email.policy
import email.utils
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from redaction.entities import Child
from redaction.errors import RefusedError
from redaction.formats import Limits, Sniff, mail_files, mail_text
from redaction.view import typed

ADDRESS_HEADERS = ("from", "to", "cc")
KNOWN_HEADERS = frozenset({"from", "to", "cc", "subject", "date", "message-id", "received", "mime-version"})
ENCRYPTED_TYPES = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
PGP_MARK = "-----BEGIN PGP MESSAGE-----"
# Headers of people beside those that are written; their names become needles.
PEOPLE_HEADERS = frozenset({"reply-to", "sender", "bcc", "resent-from", "resent-to", "delivered-to", "return-path"})

SHORTEST_NAME = 6
# Names that say nothing about letters, and those under which programs often write UTF-8.
NO_LETTER_SET = frozenset({"", "unknown-8bit", "us-ascii", "ascii", "default", "8bit", "x-unknown", "binary"})
WESTERN = frozenset({"iso-8859-1", "latin1", "latin-1", "iso8859-1", "windows-1252", "cp1252", "iso-8859-15"})
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
_HOST = re.compile(r"(?<![\w.@-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}(?![\w.=-])", re.IGNORECASE)
_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{1,4}(?![\w:])", re.IGNORECASE)
# One mailbox: quoted names, comments and angle brackets may hold commas (RFC 5322, 3.4).
_PIECE = re.compile(r'(?:"(?:\\.|[^"\\])*"|<[^>]*>|\([^)]*\)|[^,;])+')
_ANGLE = re.compile(r"([^<]*)<([^>]*)>", re.DOTALL)
_WORD = re.compile(r"=\?([^?\s]+)\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?[^?\s]+\?[bq]\?)", re.IGNORECASE)


@dataclass(frozen=True)
class Mailbox:
    """One person of an address header: what is shown, and the address."""

    name: str
    address: str

    @property
    def text(self) -> str:
        return f"{self.name} <{self.address}>" if self.name and self.address else self.name or self.address


@dataclass(frozen=True)
class TextPart:
    """One body part, decoded. ``html`` says that ``text`` is markup."""

    text: str
    html: bool


@dataclass
class Message:
    """All of a mail that goes on, and a count of what does not.

    ``encoded`` are the headers that were written in encoded words, ``metadata`` values that must not survive.
    """

    mailboxes: dict[str, list[Mailbox]] = field(default_factory=dict)
    subject: str = ""
    encoded: set[str] = field(default_factory=set)
    date: dt.datetime | None = None
    parts: list[TextPart] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)
    metadata: list[str] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    files_dropped: int = 0
    signed: bool = False


def read(source: bytes, limits: Limits, sniff: Sniff) -> Message:
    """Parse a message.

    Raises:
        RefusedError: ``empty``; ``unsupported`` (mbox); ``encrypted`` (S/MIME, PGP); ``limit`` (parts, depth,
            characters); ``parse-failed`` (no headers, a letter set or an encoding nobody can read).
    """
    if not source.strip():
        raise RefusedError("empty")
    if len(source) > limits.file_bytes:
        raise RefusedError("limit")
    if source.startswith(b"From "):
        raise RefusedError("unsupported", "mbox")
    tree = _tree(source)
    if not KNOWN_HEADERS & {name.lower() for name in tree.keys()}:  # noqa: SIM118 – a Message is no dictionary
        raise RefusedError("parse-failed", "no headers")
    message = Message()
    try:
        _read_headers(tree, message)
        _read_parts(tree, message, limits, sniff)
    except RecursionError:
        raise RefusedError("limit", "nested too deep") from None
    if not message.parts and not message.children and not message.subject:
        raise RefusedError("empty")
    return message


def _tree(source: bytes) -> email.message.Message:
    try:
        return email.parser.BytesParser(policy=email.policy.compat32).parsebytes(source)
    except RecursionError:
        raise RefusedError("limit", "nested too deep") from None
    except (email.errors.MessageError, ValueError, LookupError, IndexError, AttributeError, TypeError):
        raise RefusedError("parse-failed") from None


def decode_words(value: object) -> str:
    """Return a header's text: unfolded, encoded words decoded and joined (RFC 2047), controls made blanks."""
    raw = _BETWEEN_WORDS.sub(r"\1", _unfolded(value))
    result: list[str] = []
    position = 0
    run: tuple[str, bytes] = ("", b"")  # one letter may be cut over two words, so bytes are joined first
    for word in _WORD.finditer(raw):
        between, charset, data = raw[position : word.start()], word[1].lower(), _word_bytes(word)
        if between or charset != run[0]:
            result.extend((_decode(run[1], run[0]), between))
            run = (charset, b"")
        run = (charset, run[1] + data)
        position = word.end()
    result.extend((_decode(run[1], run[0]), raw[position:]))
    return " ".join(_CONTROLS.sub(" ", "".join(result)).split())


def _unfolded(value: object) -> str:
    return _surrogates_away(re.sub(r"\r?\n(?=[ \t])", "", str(value)))


def _word_bytes(word: re.Match[str]) -> bytes:
    """Return the bytes of one encoded word; one that is broken stays as it is written."""
    text = word[3].encode("ascii", "replace")
    if word[2].lower() == "q":
        return binascii.a2b_qp(text, header=True)
    try:
        return binascii.a2b_base64(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        return word[0].encode("ascii", "replace")


def _surrogates_away(text: str) -> str:
    """Read eight-bit header bytes (which the parser keeps as surrogates) as UTF-8, else as Windows Latin."""
    if not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    return _decode(text.encode("utf-8", "surrogateescape"), "utf-8")


def _decode(data: bytes, charset: str) -> str:
    """Decode with ``charset``; where its bytes contradict it, as Windows Latin, which has a letter for nearly all.

    Raises:
        RefusedError: nobody knows the letter set, so nobody can say what the text is.
    """
    name = charset.strip().strip("\"'").split("*")[0].lower()
    if name in NO_LETTER_SET or (name in WESTERN and _is_utf8(data)):
        name = "utf-8"
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
    except (LookupError, ValueError, AssertionError):
        raise RefusedError("parse-failed", "letter set") from None


def _is_utf8(data: bytes) -> bool:
    """True for bytes beyond ASCII which are UTF-8: by chance, Western text hardly ever is."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not data.isascii()


def _read_headers(tree: email.message.Message, message: Message) -> None:
    for name, value in tree.raw_items():
        lowered = name.lower()
        if _WORD.search(str(value)):
            message.encoded.add(lowered)
        if lowered in ADDRESS_HEADERS:
            message.mailboxes.setdefault(lowered, []).extend(_mailboxes(value))
        elif lowered == "subject":
            # A second subject is no standard, but some programs show it.
            message.subject = f"{message.subject} {decode_words(value)}".strip()
        elif lowered == "date":
            message.date = message.date or _date(decode_words(value))
        elif lowered not in {"mime-version", "content-type", "content-transfer-encoding"}:
            message.dropped["M1"] += 1
            # The topic is the subject once more, so its words are no needles.
            message.metadata.extend(_traces(decode_words(value)) if lowered != "thread-topic" else ())
            people = _mailboxes(value) if lowered in PEOPLE_HEADERS else ()
            message.metadata.extend(box.name for box in people if len(box.name) >= SHORTEST_NAME)
    message.metadata = list(dict.fromkeys(message.metadata))


def _mailboxes(value: str) -> Iterator[Mailbox]:
    """Cut an address header at its commas; what is no address is kept as words, so it is searched like all else."""
    for piece in _PIECE.findall(_unfolded(value)):
        match = _ANGLE.fullmatch(piece.strip())
        name, address = (match[1], match[2]) if match else ("", piece)
        box = Mailbox(decode_words(_unquoted(name)), decode_words(address))
        if box.text:
            yield box


def _unquoted(name: str) -> str:
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return name


def _date(text: str) -> dt.datetime | None:
    """Return the day, UTC: the clock and the offset say where somebody lives."""
    try:
        when = email.utils.parsedate_to_datetime(text)
        when = when.replace(tzinfo=dt.UTC) if when.tzinfo is None else when.astimezone(dt.UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return when.replace(hour=0, minute=0, second=0, microsecond=0)


def _traces(text: str) -> list[str]:
    """Return the addresses, hosts and network addresses of a header that is dropped."""
    hosts = [found.lower() for found in _HOST.findall(text)]
    return [
        *_ADDRESS.findall(text),
        *(host for host in hosts if len(host) >= 6),
        *_IPV4.findall(text),
        *_IPV6.findall(text),
    ]


def _read_parts(tree: email.message.Message, message: Message, limits: Limits, sniff: Sniff) -> None:
    characters = 0
    for number, part in enumerate(_leaves(tree, message, 0)):
        if number >= limits.members:
            raise RefusedError("limit", "parts")
        name = _file_name(part)
        if part.get_content_type() in {"text/plain", "text/html"} and not _is_file(part, name):
            text = _body(part, message)
            characters += len(text)
            if characters > limits.characters:
                raise RefusedError("limit", "characters")
            if text.strip():
                message.parts.append(TextPart(text, part.get_content_type() == "text/html"))
        else:
            _read_file(part, name, message, sniff)


def _body(part: email.message.Message, message: Message) -> str:
    """The text of a body part, without what programs wrote into it for programs."""
    text = _text(part)
    if PGP_MARK in text:
        raise RefusedError("encrypted")
    if part.get_content_type() == "text/html":
        return text
    if str(part.get_param("delsp", "")).lower() == "yes" and str(part.get_param("format", "")).lower() == "flowed":
        text = mail_text.unflowed(text)
    plain = mail_text.without_blocks(text)
    message.signed |= plain.signed
    message.dropped["M6"] += plain.blocks
    message.files_dropped += plain.files
    return mail_text.rejoined(plain.text)


def _leaves(part: email.message.Message, message: Message, depth: int) -> Iterator[email.message.Message]:
    kind = part.get_content_type()
    if kind in ENCRYPTED_TYPES:
        raise RefusedError("encrypted")
    if depth > 32:
        raise RefusedError("limit", "nested too deep")
    payload = part.get_payload()
    if not part.is_multipart() or kind.startswith("message/") or not isinstance(payload, list):
        yield part
        return
    message.signed |= kind == "multipart/signed"
    message.dropped["M6"] += bool(part.preamble and part.preamble.strip()) + bool(
        part.epilogue and part.epilogue.strip()
    )
    for child in payload:
        if isinstance(child, email.message.Message):
            yield from _leaves(child, message, depth + 1)


def _is_file(part: email.message.Message, name: str) -> bool:
    return part.get_content_disposition() == "attachment" or bool(name)


def _file_name(part: email.message.Message) -> str:
    """Return the part's file name: RFC 2231 forms and (against the standard, but common) encoded words."""
    try:
        return decode_words(part.get_filename() or "")
    except (UnicodeError, LookupError, ValueError, TypeError):
        raise RefusedError("parse-failed", "file name") from None


def _bytes(part: email.message.Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _charset(part: email.message.Message) -> str:
    charset = part.get_param("charset", "")
    return str(charset[2] if isinstance(charset, tuple) else charset or "")


def _text(part: email.message.Message) -> str:
    text = _decode(_bytes(part), _charset(part)).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", typed(text.removeprefix("\ufeff")))


def _read_file(part: email.message.Message, name: str, message: Message, sniff: Sniff) -> None:
    """Hand out a file, or count it as left out."""
    ordinal = len(message.children) + 1
    kind = part.get_content_type()
    data = _nested(part) if kind == "message/rfc822" else _bytes(part)
    charset = _charset(part)
    if kind.startswith("text/") and charset:
        # The file is read without this header, so it has to be in letters that need none.
        data = mail_files.as_utf8(_decode(data, charset))
    taken = mail_files.taken(kind, name, data, ordinal, sniff)
    if taken is not None:
        message.children.append(Child(ordinal, *taken))
        return
    message.dropped["M4" if kind.startswith("image/") else "M6"] += 1
    message.files_dropped += kind not in mail_files.SILENT_TYPES and not mail_files.is_speck(data)
    if name:
        message.metadata.append(name)


def _nested(part: email.message.Message) -> bytes:
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], email.message.Message):
        try:
            data = payload[0].as_bytes()
            # Against the standard, some programs encode a message inside a message.
            encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
            return binascii.a2b_base64(data) if encoding == "base64" else data
        except (ValueError, LookupError, TypeError, AttributeError):
            raise RefusedError("parse-failed", "message inside") from None
    return _bytes(part)
