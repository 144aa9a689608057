"""Hostile mail, written byte by byte: a name in every header, part and corner of a message, in every encoding."""

from __future__ import annotations

import base64
import binascii
import contextlib
import email
import email.message
import email.policy
import quopri
import re
import struct
import unicodedata
import urllib.parse
import zlib
from collections.abc import Callable, Iterator

from redaction.entities import Output, Plan
from redaction.formats import Limits, Switches, mail_message
from redaction.formats import table as formats
from redaction.formats.mail import MailHandler
from tests.corpus.hostile import NEEDLE, Case, Mutant

_FROM = b"From: a@example.com\r\n"
_HEAD = _FROM + b"To: b@example.com\r\nSubject: Plan\r\nDate: Tue, 2 Jan 2024 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
_PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
_WORD = NEEDLE.encode()
_SAID = f"Ask {NEEDLE} about the plan.\r\n".encode()
_OTHER = b"The plan is ready.\r\n"


def mail(body: bytes = _OTHER, head: bytes = b"", kind: bytes = b"text/plain; charset=utf-8") -> bytes:
    """A message of one part."""
    return _HEAD + head + b"Content-Type: " + kind + b"\r\n\r\n" + body


def multipart(*parts: bytes, kind: bytes = b"mixed", preamble: bytes = b"", epilogue: bytes = b"") -> bytes:
    """A message of several parts, each with its own headers."""
    body = preamble + b"".join(b"\r\n--cut\r\n" + part for part in parts) + b"\r\n--cut--\r\n" + epilogue
    return _HEAD + b"Content-Type: multipart/" + kind + b"; boundary=cut\r\n\r\n" + body


def part(body: bytes, kind: bytes = b"text/plain; charset=utf-8", head: bytes = b"") -> bytes:
    """One part."""
    return b"Content-Type: " + kind + b"\r\n" + head + b"\r\n" + body


_READY = part(_OTHER)


def _word(text: str, kind: str = "b", charset: str = "utf-8") -> bytes:
    data = text.encode(charset)
    body = base64.b64encode(data) if kind == "b" else b"".join(b"=%02X" % byte for byte in data)
    return b"=?" + charset.encode() + b"?" + kind.encode() + b"?" + body + b"?="


# Each place ---------------------------------------------------------------------------------------------------------


def _addresses() -> Iterator[Case]:
    headers = {
        "sender": b"From: Jane " + _WORD + b" <a@example.com>\r\n",
        "recipient": b"From: a@example.com\r\nTo: b@example.com, " + _WORD + b" <c@example.com>\r\n",
        "copy": b"From: a@example.com\r\nCc: " + _WORD + b" <c@example.com>\r\n",
        "quoted name": b'From: "' + _WORD + b', Jane" <a@example.com>\r\n',
        "address": b"From: jane." + _WORD.lower() + b"@example.com\r\n",
        "host": b"From: a@" + _WORD.lower() + b".example\r\n",
        "comment": b"From: a@example.com (" + _WORD + b")\r\n",
        "group": b"From: a@example.com\r\nTo: " + _WORD + b": b@example.com, c@example.com;\r\n",
        "folded": b"From: Jane\r\n " + _WORD + b"\r\n <a@example.com>\r\n",
        "eight bit": b"From: J\xc3\xa4ne " + _WORD + b" <a@example.com>\r\n",
        "two headers": b"From: a@example.com\r\nFrom: " + _WORD + b" <b@example.com>\r\n",
        "subject": b"From: a@example.com\r\nSubject: Plan of " + _WORD + b"\r\n",
        "capitals": b"From: a@example.com\r\nSubject: PLAN OF " + _WORD.upper() + b"\r\n",
        "possessive": b"From: a@example.com\r\nSubject: " + _WORD + b"'s plan\r\n",
        "two subjects": b"From: a@example.com\r\nSubject: Plan\r\nSubject: of " + _WORD + b"\r\n",
    }
    for form, head in headers.items():
        yield Case("M0", form, "a.eml", head + b"Date: Tue, 2 Jan 2024 10:00:00 +0000\r\n" + _PLAIN + _OTHER)


def _traces() -> Iterator[Case]:
    host = _WORD.lower() + b".example.com"
    for name, value in {
        "Received": b"from " + host + b" (10.0.0.1) by mx.example.com; Tue, 2 Jan 2024 10:00:00 +0000",
        "Message-ID": b"<1@" + host + b">",
        "References": b"<1@" + host + b"> <2@example.com>",
        "In-Reply-To": b"<" + _WORD + b"@example.com>",
        "Thread-Topic": b"Plan of " + _WORD,
        "Thread-Index": base64.b64encode(b"\x01\xda" + _WORD * 2),
        "X-Mailer": b"Mail of " + _WORD,
        "X-Originating-User": _WORD,
        "ARC-Seal": b"i=1; d=" + host + b"; b=AAAA",
        "DKIM-Signature": b"v=1; d=" + host + b"; s=k; b=AAAA",
        "Authentication-Results": b"mx.example.com; spf=pass smtp.mailfrom=" + _WORD.lower() + b"@example.com",
        "Return-Path": b"<" + _WORD.lower() + b"@example.com>",
        "List-Unsubscribe": b"<https://example.com/u?who=" + _WORD + b">",
        "Reply-To": _WORD + b" <c@example.com>",
        "Sender": _WORD + b" <c@example.com>",
        "Bcc": _WORD + b" <c@example.com>",
        "Disposition-Notification-To": _WORD + b" <c@example.com>",
        "X-Face": _word(f"{NEEDLE} {NEEDLE}"),
        "Organization": b"=?utf-8?q?" + _WORD + b"?=",
        "Comments": b"by " + _WORD,
    }.items():
        yield Case("M1", name.lower(), "a.eml", mail(head=name.encode() + b": " + value + b"\r\n"))


def _words() -> Iterator[Case]:
    half = len(NEEDLE) // 2
    cut = "é " + NEEDLE
    middle = cut.encode()[:1], cut.encode()[1:]
    subjects = {
        "base64 word": _word(f"Plan of {NEEDLE}"),
        "quoted word": _word(f"Plan of {NEEDLE}", "q"),
        "two words": _word(NEEDLE[:half]) + b" " + _word(NEEDLE[half:]),
        "two words of two kinds": _word(NEEDLE[:half], "q") + b"\r\n " + _word(NEEDLE[half:], "b"),
        "three words": _word(NEEDLE[:3]) + b"\r\n\t" + _word(NEEDLE[3:7]) + b" " + _word(NEEDLE[7:]),
        "a letter cut over two words": b" ".join(b"=?utf-8?b?" + base64.b64encode(piece) + b"?=" for piece in middle),
        "UTF-16 word": _word(NEEDLE, "b", "utf-16-be"),
        "Latin word": _word(f"é {NEEDLE}", "q", "iso-8859-1"),
        "old letters": _word(f"é {NEEDLE}", "b", "cp850"),
        "with a language": b"=?utf-8*en?q?" + _WORD + b"?=",
        "full-width word": _word("Ｆａｉｒｗｅａｔｈｅｒ"),
        "decomposed word": _word(unicodedata.normalize("NFD", "Fáirwéather")),
        "soft hyphen word": _word("Fair\u00adweather"),
        "zero width word": _word("Fair\u200bweather"),
    }
    for form, value in subjects.items():
        yield Case("M2", form, "a.eml", _FROM + b"Subject: " + value + b"\r\n" + _PLAIN + _OTHER)


def _attached_names() -> Iterator[Case]:
    attach = b"Content-Disposition: attachment; "
    half = len(NEEDLE) // 2
    a, b = _WORD[:half], _WORD[half:]
    names = {
        "name": attach + b'filename="' + _WORD + b'.txt"\r\n',
        "name in pieces": attach + b"filename*0*=utf-8''" + a + b"; filename*1*=" + b + b".txt\r\n",
        "name in percents": attach + b"filename*=utf-8''" + b"".join(b"%%%02X" % byte for byte in _WORD) + b".txt\r\n",
        "name in a word": attach + b'filename="' + _word(f"{NEEDLE}.txt") + b'"\r\n',
        "description": attach + b"filename=a.txt\r\nContent-Description: " + _WORD + b"\r\n",
        "content id": attach + b"filename=a.txt\r\nContent-ID: <" + _WORD + b"@example.com>\r\n",
        "location": attach + b"filename=a.txt\r\nContent-Location: file:///home/" + _WORD + b"/a.txt\r\n",
    }
    for form, head in names.items():
        yield Case("M6-other", form, "a.eml", multipart(_READY, part(_OTHER, head=head)))


def _bodies() -> Iterator[Case]:
    half = len(NEEDLE) // 2
    encoded = b"Content-Transfer-Encoding: "
    wide = "Ｆａｉｒｗｅａｔｈｅｒ"
    plain = {
        "plain": _SAID,
        "capitals": _SAID.upper(),
        "hyphenated": b"Ask Fair-\r\nweather about the plan.\r\n",
        "decomposed": unicodedata.normalize("NFD", "Ask Fáirwéather.\r\n").encode(),
        "full-width": f"Ask {wide}.\r\n".encode(),
        "soft hyphen": "Ask Fair\u00adweather.\r\n".encode(),
        "zero width": "Ask Fair\u200bweather.\r\n".encode(),
        "joined": "Ask Fair\u2060weather.\r\n".encode(),
        "hard blank": f"Jane\u00a0{NEEDLE}\r\n".encode(),
        "lookalikes": "Ask F\u0430irweather.\r\n".encode(),
        "possessive": f"{NEEDLE}’s plan\r\n".encode(),
        "slug": f"see jane_{NEEDLE.lower()}_plan\r\n".encode(),
        "local part": f"write jane.{NEEDLE.lower()}@example.com\r\n".encode(),
        "in an address of the web": f"https://example.com/{NEEDLE}/plan\r\n".encode(),
        "percent": f"https://example.com/?q={urllib.parse.quote('Jane ' + NEEDLE)}\r\n".encode(),
        "set apart": " ".join(NEEDLE).encode() + b"\r\n",
    }
    for form, body in plain.items():
        yield Case("M3", form, "a.eml", mail(body))
    coded = {
        "base64": (base64.encodebytes(_SAID), b"base64", b"utf-8"),
        "base64 without line ends": (base64.b64encode(_SAID * 9), b"BASE64", b"utf-8"),
        "quoted-printable": (quopri.encodestring("é ".encode() + _SAID), b"quoted-printable", b"utf-8"),
        "quoted letter by letter": (b"".join(b"=%02X" % byte for byte in _SAID), b"quoted-printable", b"utf-8"),
        "quoted and cut": (b"Ask " + _WORD[:half] + b"=\r\n" + _WORD[half:] + b".\r\n", b"quoted-printable", b"utf-8"),
        "UTF-16": (base64.encodebytes(_SAID.decode().encode("utf-16")), b"base64", b"utf-16"),
        "UTF-16 big end": (base64.encodebytes(_SAID.decode().encode("utf-16-be")), b"base64", b"utf-16-be"),
        "UTF-7": (_SAID.replace(_WORD, b"+AEY-airweather"), b"7bit", b"utf-7"),
        "Latin": (f"é {NEEDLE}\r\n".encode("latin-1"), b"8bit", b"iso-8859-1"),
        "wrong letter set": (f"é {NEEDLE}\r\n".encode("latin-1"), b"8bit", b"us-ascii"),
        "uuencoded": (
            b"begin 644 a.txt\r\n" + binascii.b2a_uu(_SAID) + b"`\r\nend\r\n", b"x-uuencode", b"utf-8",
        ),
    }  # fmt: skip
    for form, (body, encoding, charset) in coded.items():
        head = encoded + encoding + b"\r\n"
        yield Case("M3", form, "a.eml", mail(body, head, b"text/plain; charset=" + charset))
    flowed = b"text/plain; charset=utf-8; format=flowed; delsp=yes"
    cut = b"Ask " + _WORD[:half] + b" \r\n" + _WORD[half:] + b" about the plan.\r\n"
    yield Case("M3", "flowed and cut", "a.eml", mail(cut, kind=flowed))
    both = multipart(_READY, part(b"<p>" + _WORD + b"</p>", b"text/html"), kind=b"alternative")
    yield Case("M3", "in the html part alone", "a.eml", both)
    amp = part(b"<html amp4email>" + _WORD, b"text/x-amp-html")
    yield Case("M6-other", "amp", "a.eml", multipart(_READY, amp, kind=b"alternative"))
    nested = part(b"--in\r\n" + _PLAIN + _SAID + b"\r\n--in--\r\n", b"multipart/alternative; boundary=in")
    yield Case("M3", "nested parts", "a.eml", multipart(_READY, nested))


def _replies() -> Iterator[Case]:
    dashes = b"\r\n\r\n---------- Forwarded message ----------\r\n"
    texts = {
        "quoted": b"Yes.\r\n\r\n> " + _SAID,
        "quoted twice": b"Yes.\r\n\r\n>> > " + _SAID,
        "who wrote": b"Yes.\r\n\r\nOn Monday, Jane " + _WORD + b" <j@example.com> wrote:\r\n> Hello\r\n",
        "who wrote, folded": b"Yes.\r\n\r\nOn Monday, Jane\r\n" + _WORD + b" wrote:\r\n> Hello\r\n",
        "signature": b"Yes.\r\n\r\n-- \r\nJane " + _WORD + b"\r\nHead of plans\r\n",
        "forwarded": b"FYI" + dashes + b"From: Jane " + _WORD + b"\r\nTo: b\r\n\r\nHi\r\n",
        "original message": b"-----Original Message-----\r\nFrom: " + _WORD + b"\r\nSent: Monday\r\n\r\nHi\r\n",
        "hyphenated in a quote": b"> Ask Fair-\r\n> weather\r\n",
    }
    for form, body in texts.items():
        yield Case("M5", form, "a.eml", mail(body))


def _html() -> Iterator[Case]:
    half = len(NEEDLE) // 2
    a, b = NEEDLE[:half], NEEDLE[half:]
    words = {
        "split by tags": f"<p>Ask <b>{a}</b>{b}</p>",
        "split by a comment": f"<p>Ask {a}<!-- x -->{b}</p>",
        "entities": "<p>Ask " + "".join(f"&#{ord(letter)};" for letter in NEEDLE) + "</p>",
        "hex entities": "<p>Ask " + "".join(f"&#x{ord(letter):x};" for letter in NEEDLE) + "</p>",
        "soft hyphen entity": f"<p>Ask {a}&shy;{b}</p>",
        "possible break": f"<p>Ask {a}<wbr>{b}</p>",
        "not shown": f'<p>Hi</p><div style="display:none">{NEEDLE}</div>',
        "white": f'<p>Hi <font color="#fff">{NEEDLE}</font></p>',
        "table": f"<table><tr><td>Who</td><td>{NEEDLE}</td></tr></table>",
        "form": f"<form><button>{NEEDLE}</button></form>",
        "unknown element": f"<o:p>{NEEDLE}</o:p>",
    }
    for form, body in words.items():
        yield Case("M3", f"html {form}", "a.eml", mail(body.encode(), kind=b"text/html; charset=utf-8"))
    yield from _markup()


def _markup() -> Iterator[Case]:
    data = base64.b64encode(f"<svg><text>{NEEDLE}</text></svg>".encode()).decode()
    where = {
        ("H1", "comment"): f"<!-- {NEEDLE} --><p>Hi</p>",
        ("H1", "conditional comment"): f"<!--[if mso]><p>{NEEDLE}</p><![endif]--><p>Hi</p>",
        ("H1", "saved from"): f"<!-- saved from url=(0014)https://{NEEDLE}.example/ --><p>Hi</p>",
        ("H2", "script"): f"<script>var who = '{NEEDLE}'</script><p>Hi</p>",
        ("H2", "style"): f"<style>.{NEEDLE} {{}}</style><p>Hi</p>",
        ("H2", "title"): f"<html><head><title>{NEEDLE}</title></head><body><p>Hi</p></body></html>",
        ("H2", "meta"): f'<html><head><meta name="author" content="{NEEDLE}"></head><body><p>Hi</p></body></html>',
        ("H2", "template"): f"<template><p>{NEEDLE}</p></template><p>Hi</p>",
        ("H2", "frame"): f'<iframe srcdoc="<p>{NEEDLE}</p>"></iframe><p>Hi</p>',
        ("H2", "drawing"): f"<svg><title>{NEEDLE}</title></svg><p>Hi</p>",
        ("H3", "title"): f'<p title="{NEEDLE}">Hi</p>',
        ("H3", "data"): f'<p data-who="{NEEDLE}">Hi</p>',
        ("H3", "link"): f'<p><a href="mailto:jane.{NEEDLE.lower()}@example.com">Hi</a></p>',
        ("H3", "unsubscribe"): f'<p><a href="https://example.com/u?{NEEDLE}">Hi</a></p>',
        ("H3", "label"): f'<p aria-label="{NEEDLE}">Hi</p>',
        ("H3", "value"): f'<p><input value="{NEEDLE}">Hi</p>',
        ("H3", "class"): f'<p class="{NEEDLE}">Hi</p>',
        ("H3", "background"): f'<table background="https://example.com/{NEEDLE}.png"><tr><td>Hi</td></tr></table>',
        ("H5", "alternative"): f'<p>Hi <img alt="{NEEDLE}" src="cid:1"></p>',
        ("H5", "tracker"): f'<p>Hi <img src="https://example.com/{NEEDLE}.gif" width=1 height=1></p>',
        ("H5", "picture in the text"): f'<p>Hi <img src="data:image/svg+xml;base64,{data}"></p>',
    }
    for (channel, form), body in where.items():
        yield Case(channel, form, "a.eml", mail(body.encode(), kind=b"text/html; charset=utf-8"))


def _png(width: int, height: int, note: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))

    rows = zlib.compress((b"\0" + b"\xff" * width) * height)
    head = struct.pack(">2L5B", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(*one) for one in ((b"IHDR", head), (b"tEXt", b"Author\0" + note), (b"IDAT", rows), (b"IEND", b""))
    )


def _pictures() -> Iterator[Case]:
    inline = b"Content-Transfer-Encoding: base64\r\nContent-ID: <1>\r\nContent-Disposition: inline\r\n"
    kinds = {
        "points": (b"image/png", _png(1, 1, _WORD)),
        "moving": (b"image/gif", b"GIF89a\x40\0\x40\0\0\0\0!\xfe\x0b" + _WORD + b"\0;"),
        "vectors": (b"image/svg+xml", b"<svg><desc>" + _WORD + b"</desc></svg>"),
        "records": (b"image/x-emf", b"\x01\0\0\0" + NEEDLE.encode("utf-16-le") + b"\0" * 40),
    }
    for form, (kind, data) in kinds.items():
        shown = part(b'<p>Hi <img src="cid:1"></p>', b"text/html")
        picture = part(base64.encodebytes(data), kind, inline)
        yield Case("M4", form, "a.eml", multipart(shown, picture, kind=b"related"))


def _attached() -> Iterator[Case]:
    coded = b"Content-Transfer-Encoding: base64\r\n"
    inner = _HEAD + _PLAIN + _SAID
    invitation = b"BEGIN:VCALENDAR\r\nATTENDEE;CN=" + _WORD + b":mailto:a@example.com\r\nEND:VCALENDAR\r\n"
    folded = b"BEGIN:VCALENDAR\r\nATTENDEE;CN=" + _WORD[:4] + b"\r\n " + _WORD[4:] + b":mailto:a@example.com\r\n"
    children = {
        "text": (b"text/plain; name=a.txt", _SAID, b""),
        "text in base64": (b"text/plain; name=a.txt", base64.encodebytes(_SAID), coded),
        "text in UTF-16": (
            b"text/plain; charset=utf-16-le; name=a.txt", base64.encodebytes(_SAID.decode().encode("utf-16-le")), coded
        ),
        "table": (b"text/csv; name=a.csv", b"who,what\r\n" + _WORD + b",plan\r\n", b""),
        "message": (b"message/rfc822", inner, b""),
        "message in base64": (b"message/rfc822", base64.encodebytes(inner), coded),
        "invitation": (b"text/calendar; method=REQUEST", invitation, b""),
        "invitation, folded": (b"text/calendar; name=a.ics", folded, b""),
        "of no type": (b"application/octet-stream; name=a.md", base64.encodebytes(_SAID), coded),
        "of an unknown kind of text": (b"text/x-patch; name=a.patch", _SAID, b""),
    }  # fmt: skip
    for form, (kind, body, head) in children.items():
        yield Case("M6", form, "a.eml", multipart(_READY, part(body, kind, head)))


def _left_out() -> Iterator[Case]:
    coded = b"Content-Transfer-Encoding: base64\r\n"
    owner = base64.encodebytes(b"\x99\x01" + _WORD + b" <a@example.com>")
    key = b"-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n\r\n" + owner
    external = b'message/external-body; access-type=URL; URL="https://example.com/' + _WORD + b'"'
    signature = b"-----BEGIN PGP SIGNATURE-----\r\n\r\n" + base64.encodebytes(b"\x88" + _WORD * 3)
    parts = {
        "contact card": (b"text/vcard; name=a.vcf", b"BEGIN:VCARD\r\nFN:" + _WORD + b"\r\nEND:VCARD\r\n", b""),
        "winmail": (
            b"application/ms-tnef; name=winmail.dat", base64.encodebytes(b"\x78\x9f\x3e\x22" + _WORD + b"\0" * 8), coded
        ),
        "signature": (b"application/pkcs7-signature; name=smime.p7s", base64.encodebytes(b"0\x82" + _WORD * 3), coded),
        "detached signature": (b"application/pgp-signature", signature + b"-----END PGP SIGNATURE-----\r\n", b""),
        "key": (b"application/pgp-keys; name=key.asc", key + b"-----END PGP PUBLIC KEY BLOCK-----\r\n", b""),
        "film": (b"video/mp4; name=a.mp4", base64.encodebytes(b"\0\0\0\x18ftypmp42" + _WORD), coded),
        "bounce": (b"message/delivery-status", b"Final-Recipient: rfc822; " + _WORD + b"@example.com\r\n", b""),
        "headers of another": (b"text/rfc822-headers", b"From: " + _WORD + b" <a@example.com>\r\n", b""),
        "elsewhere": (external, b"\r\n", b""),
        "rich text": (b"text/rtf; name=a.rtf", b"{\\rtf1 " + _WORD + b"}", b""),
    }  # fmt: skip
    for form, (kind, body, head) in parts.items():
        yield Case("M6-other", form, "a.eml", multipart(_READY, part(body, kind, head)))
    yield Case("M6-other", "preamble", "a.eml", multipart(_READY, preamble=_SAID))
    yield Case("M6-other", "epilogue", "a.eml", multipart(_READY, epilogue=_SAID))
    own = multipart(_READY).replace(b"boundary=cut", b"boundary=" + _WORD).replace(b"--cut", b"--" + _WORD)
    yield Case("M6-other", "boundary", "a.eml", own)
    yield Case("M6-other", "parameter", "a.eml", mail(kind=b'text/plain; charset=utf-8; x-who="' + _WORD + b'"'))
    armoured = _OTHER + key + b"-----END PGP PUBLIC KEY BLOCK-----\r\n"
    yield Case("M6-other", "key in the text", "a.eml", mail(armoured))
    signed = b"-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\n" + _OTHER + signature
    yield Case("M6-other", "signed text", "a.eml", mail(signed + b"-----END PGP SIGNATURE-----\r\n"))
    uuencoded = b"\r\nbegin 644 a.txt\r\n" + binascii.b2a_uu(_SAID).rstrip() + b"\r\n`\r\nend\r\n"
    yield Case("M6-other", "file in the text", "a.eml", mail(_OTHER + uuencoded))


def _refused() -> Iterator[Case]:
    box = b"From " + _WORD + b"@example.com Tue Jan  2 10:00:00 2024\r\n" + _HEAD + _PLAIN + _OTHER
    yield Case("M8", "one message", "a.eml", box, refused="unsupported")
    yield Case("M8", "two messages", "a.eml", box + b"\r\n" + box, refused="unsupported")
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + NEEDLE.encode("utf-16-le")
    yield Case("M8", "message of Outlook", "a.msg", ole, refused="unsupported")
    sealed = base64.encodebytes(b"0\x82" + _WORD * 3)
    kind = b"application/pkcs7-mime; smime-type=enveloped-data"
    yield Case("M8", "enveloped", "a.eml", mail(sealed, kind=kind), refused="encrypted")
    pgp = b"-----BEGIN PGP MESSAGE-----\r\n\r\n" + sealed + b"-----END PGP MESSAGE-----\r\n"
    yield Case("M8", "encrypted text", "a.eml", mail(pgp), refused="encrypted")
    unknown = b"text/plain; charset=x-" + _WORD
    yield Case("M8", "letters nobody knows", "a.eml", mail(kind=unknown), refused="parse-failed")


def cases() -> Iterator[Case]:
    """One message for each place and form."""
    for of_channel in (
        _addresses, _traces, _words, _attached_names, _bodies, _replies, _html, _pictures, _attached, _left_out,
        _refused,
    ):  # fmt: skip
        yield from of_channel()


# Carriers switched off ----------------------------------------------------------------------------------------------

_Change = Callable[[bytes, bytes], bytes]


@contextlib.contextmanager
def _changed(change: _Change) -> Iterator[None]:
    """``change`` gets the upload and the new message, and gives another new message."""
    real = MailHandler.rewrite

    def rewrite(
        self: MailHandler, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()
    ) -> Output:
        output = real(self, source, plan, limits, switches)
        return Output(change(source, output.data), output.media_type, output.carriers, output.tier)

    MailHandler.rewrite = rewrite  # type: ignore[method-assign]
    try:
        yield
    finally:
        MailHandler.rewrite = real  # type: ignore[method-assign]


def _old_headers(source: bytes, output: bytes) -> bytes:
    written = {name.lower() for name in email.message_from_bytes(output)}
    head = re.split(rb"\r?\n\r?\n", source, maxsplit=1)[0]
    lines = re.split(rb"\r?\n(?![ \t])", head)
    kept = [line for line in lines if line.partition(b":")[0].decode("latin-1").strip().lower() not in written]
    return b"".join(line + b"\r\n" for line in kept) + output


def _parts_too(wanted: Callable[[email.message.Message], bool]) -> _Change:
    """Parts of the upload go in as they were, behind the new message's own."""

    def change(source: bytes, output: bytes) -> bytes:
        old = [part for part in email.message_from_bytes(source).walk() if not part.is_multipart() and wanted(part)]
        head, _, body = output.partition(b"\r\n\r\n")
        kinds = re.findall(rb"(?im)^(?:content-[a-z-]+):[^\r\n]*\r?\n?", head + b"\r\n")
        rest = re.sub(rb"(?im)^(?:content-[a-z-]+):[^\r\n]*\r?\n?", b"", head + b"\r\n")
        pieces = [b"".join(kinds).rstrip() + b"\r\n\r\n" + body, *(piece.as_bytes() for piece in old)]
        parts = b"".join(b"--kept\r\n" + piece + b"\r\n" for piece in pieces)
        return rest + b"Content-Type: multipart/mixed; boundary=kept\r\n\r\n" + parts + b"--kept--\r\n"

    return change


def _of_file(part: email.message.Message) -> bool:
    return part.get_content_type() not in {"text/plain", "text/html"} or bool(part.get_filename())


def _whole(source: bytes, output: bytes) -> bytes:
    """All of the upload behind the new message: its own boundaries, blocks and what stands outside of parts."""
    return output + b"\r\n" + source


def _markup_too(pattern: bytes) -> _Change:
    """What ``pattern`` finds in the upload is put before the new markup, or behind a transcript."""
    looked_for = re.compile(pattern, re.DOTALL)

    def change(source: bytes, output: bytes) -> bytes:
        found = b"".join(looked_for.findall(source))
        return output.replace(b"<body>", b"<body>" + found, 1) if b"<body>" in output else output + found

    return change


@contextlib.contextmanager
def _mailbox_taken() -> Iterator[None]:
    """The line before a message of a mailbox is read as a header."""
    real_read, real_check, real_mark = mail_message.read, formats._is_mail, formats._MAILBOX

    def read(source: bytes, *rest: object) -> mail_message.Message:
        return real_read(source.replace(b"From ", b"X-Box: ", 1), *rest)  # type: ignore[arg-type]

    mail_message.read = read  # type: ignore[assignment]
    formats._is_mail = lambda head: True  # noqa: ARG005 - called by that name
    formats._MAILBOX = re.compile("(?!)")  # type: ignore[misc]
    try:
        yield
    finally:
        mail_message.read, formats._is_mail = real_read, real_check
        formats._MAILBOX = real_mark  # type: ignore[misc]


MUTANTS: dict[str, Mutant] = {
    "M1": lambda: _changed(_old_headers),
    "M4": lambda: _changed(_parts_too(lambda part: part.get_content_maintype() == "image")),
    "M6": lambda: _changed(_parts_too(_of_file)),
    "M6-other": lambda: _changed(_whole),
    "M8": _mailbox_taken,
    "H1": lambda: _changed(_markup_too(rb"<!--.*?-->")),
    "H2": lambda: _changed(_markup_too(rb"<(?:script|style|title|meta|template|iframe|svg).*?</[a-z]+>")),
    "H3": lambda: _changed(_markup_too(rb"<(?:p|a|input|table)(?: [^>]*)>")),
    "H5": lambda: _changed(_markup_too(rb"<img [^>]*>")),
}
