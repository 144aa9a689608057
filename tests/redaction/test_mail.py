"""Mail: what a message may carry out, and what no reader finds afterwards."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import email.message
import email.policy
import io
import quopri
import random

import pytest
from PIL import Image

from redaction.entities import Extraction, Output, Plan, Replacement, Tier
from redaction.errors import RedactionError, RefusedError
from redaction.formats import Limits, mail_text
from redaction.formats.mail import MailHandler
from redaction.formats.table import sniff
from redaction.readers import mail as readers
from redaction.readers import raw
from tests.corpus.hostile.archive import Member, zipped
from tests.redaction.plans import plan_for, squeezed, text_of

HANDLER = MailHandler(sniff)
WORDS = {
    "jane.fairweather@acme.example": "person_1@example.invalid",
    "Jane Fairweather": "[PERSON_1]",
    "Fairweather": "[PERSON_1]",
    "Jane": "[PERSON_1]",
    "Bluebird": "[PRODUCT_1]",
}
NEEDLES = ("fairweather", "bluebird", "acme.example")


def message(*parts: bytes, head: bytes = b"", kind: bytes = b"mixed") -> bytes:
    """Build a multipart message from parts that bring their own headers."""
    body = b"".join(b"--cut-by-jane\r\n" + part + b"\r\n" for part in parts) + b"--cut-by-jane--\r\n"
    return (
        b"Received: from laptop-fairweather.acme.example (10.1.2.3) by mx.acme.example; 2 Jan 2024 03:04:05 +0000\r\n"
        b"Message-ID: <77@mail.acme.example>\r\n"
        b"X-Originating-IP: [198.51.100.23]\r\n"
        b"Thread-Index: AdoFairweather\r\n"
        b"From: Jane Fairweather <jane.fairweather@acme.example>\r\n"
        b'To: Bob Sample <bob@example.com>, "Fairweather, Jane" <jane.fairweather@acme.example>\r\n'
        b"Subject: Plan for Bluebird\r\n"
        b"Date: Tue, 2 Jan 2024 23:04:05 -0500\r\n"
        b"MIME-Version: 1.0\r\n" + head + b"Content-Type: multipart/" + kind + b"; boundary=cut-by-jane\r\n\r\n"
        b"preamble by Fairweather\r\n" + body + b"epilogue by Fairweather\r\n"
    )


def part(text: bytes, headers: bytes = b"Content-Type: text/plain; charset=utf-8\r\n") -> bytes:
    return headers + b"\r\n" + text


def redact(source: bytes, names: tuple[str, ...] = ()) -> tuple[Extraction, Output]:
    extraction = HANDLER.extract(source, Limits())
    return extraction, HANDLER.rewrite(source, plan_for(extraction, WORDS, names), Limits())


def seen(data: bytes) -> list[str]:
    """What each reader sees in ``data``, squeezed; the bytes themselves are one more reader."""
    return [*(squeezed([text_of(reader(data))]) for reader in readers.READERS), squeezed([data.decode("utf-8")])]


def assert_gone(source: bytes, output: Output, needles: tuple[str, ...] = NEEDLES) -> None:
    for needle in needles:
        assert any(needle in squeezed([text_of(reader(source))]) for reader in readers.READERS), "never was there"
        assert all(needle not in text for text in seen(output.data)), needle
    assert readers.undeclared(output.data) == []


def test_it_works() -> None:
    source = message(part(b"Hello Bob,\r\n\r\nBluebird starts on Monday.\r\n\r\nJane Fairweather\r\n"))
    extraction, output = redact(source)
    assert_gone(source, output)
    assert output.media_type == "message/rfc822"
    blocks = {block.anchor: block.text for block in readers.READERS[0](output.data)}
    assert blocks["header:from"] == '"[PERSON_1]" <person_1@example.invalid>'
    assert blocks["header:subject"] == "Plan for [PRODUCT_1]"
    assert blocks["part1"] == "Hello Bob,\n\n[PRODUCT_1] starts on Monday.\n\n[PERSON_1]"
    assert {"header:from/1", "header:to/2", "header:subject", "part1"} <= {item.anchor for item in extraction.segments}


def test_the_same_input_gives_the_same_bytes() -> None:
    source = message(part(b"Jane\r\n"), part(b"<p>Jane</p>", b"Content-Type: text/html\r\n"))
    assert redact(source)[1].data == redact(source)[1].data


def test_the_date_is_the_day_in_utc() -> None:
    _, output = redact(message(part(b"Hello\r\n")))
    assert b"\r\nDate: Wed, 03 Jan 2024 00:00:00 +0000\r\n" in output.data


def test_only_five_headers_leave_and_the_rest_becomes_needles() -> None:
    extraction, output = redact(message(part(b"Hello\r\n")))
    head = output.data.split(b"\r\n\r\n")[0].lower()
    for name in (b"received", b"message-id", b"x-originating", b"thread-index"):
        assert name not in head
    found = set(extraction.metadata)
    assert {"laptop-fairweather.acme.example", "mx.acme.example", "10.1.2.3", "198.51.100.23"} <= found
    assert extraction.counts["M1"] == 4


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(part(b"written by F\xc3\xa1irweather and Jane Fairweather"), id="eight bit"),
        pytest.param(
            part(
                base64.encodebytes(b"Jane Fairweather and Bluebird"),
                b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n",
            ),
            id="base64",
        ),
        pytest.param(
            part(
                quopri.encodestring(b"Jane Fair=\nweather and Bluebird".replace(b"=\n", b"")).replace(
                    b"weather", b"=77eather"
                ),
                b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n",
            ),
            id="quoted-printable",
        ),
        pytest.param(
            part(
                "Jane Fairweather – Bluebird".encode("utf-16"),
                b"Content-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: 8bit\r\n",
            )
            .replace(
                "Jane Fairweather – Bluebird".encode("utf-16"),
                base64.b64encode("Jane Fairweather – Bluebird".encode("utf-16")),
            )
            .replace(b"8bit", b"base64"),
            id="utf-16",
        ),
        pytest.param(
            part(b"<p>Jane <b>Fair</b>weather &amp; Blue<!-- Fairweather -->bird</p>", b"Content-Type: text/html\r\n"),
            id="html split by tags",
        ),
        pytest.param(
            part(b"<p>J&#97;ne Fairwe&#x61;ther</p>", b"Content-Type: text/html\r\n"),
            id="html entities",
        ),
        pytest.param(
            part(
                b'<img src="https://t.example/p.gif?u=fairweather"><a href="mailto:jane.fairweather@acme.example" '
                b'title="Fairweather">write</a><style>.fairweather{}</style><script>var n="fairweather"</script>'
                b'<span style="display:none">Fairweather</span><p data-x="fairweather">Hi</p>',
                b"Content-Type: text/html\r\n",
            ),
            id="html markup",
        ),
        pytest.param(part(b"> On Monday Jane Fairweather wrote:\r\n>> ask Fairweather\r\n"), id="quoted reply"),
    ],
)
def test_a_name_leaves_no_body(body: bytes) -> None:
    source = message(body)
    _, output = redact(source)
    assert_gone(source, output)


def test_a_subject_split_over_encoded_words_is_found_and_replaced() -> None:
    # The second byte of the é is in the next word.
    words = b"=?utf-8?q?Caf=C3?= =?utf-8?q?=A9_of_Fair?=\r\n =?utf-8?b?" + base64.b64encode(b"weather") + b"?="
    source = b"Subject: " + words + b"\r\nFrom: a@example.com\r\n\r\nHi\r\n"
    extraction, output = redact(source)
    assert next(s.text for s in extraction.segments if s.anchor == "header:subject") == "Café of Fairweather"
    assert_gone(source, output, ("fairweather",))
    assert next(b.text for b in readers.READERS[0](output.data) if b.anchor == "header:subject") == "Café of [PERSON_1]"


def test_names_in_encoded_address_headers_are_found() -> None:
    source = b"From: =?utf-8?q?Fairweather=2C_Jos=C3=A9?= <jose@acme.example>\r\nSubject: x\r\n\r\nHi\r\n"
    extraction, output = redact(source)
    assert extraction.segments[0].text == "Fairweather, José <jose@acme.example>"
    assert_gone(source, output, ("fairweather",))


def test_an_address_whose_words_are_all_gone_gets_a_reserved_one() -> None:
    source = b"From: Jane Fairweather <jane@acme.example>\r\nSubject: x\r\n\r\nHi\r\n"
    extraction = HANDLER.extract(source, Limits())
    whole = Replacement(0, len(extraction.segments[0].text), "[PERSON_1]")
    output = HANDLER.rewrite(source, Plan({"header:from/1": [whole]}, "out"), Limits())
    assert output.data.startswith(b'From: "[PERSON_1]" <removed@example.invalid>\r\n')


def test_no_replacement_can_start_a_header_of_its_own() -> None:
    source = b"From: a@example.com\r\nSubject: Jane\r\n\r\nHi\r\n"
    output = HANDLER.rewrite(
        source, Plan({"header:subject": [Replacement(0, 4, "x\r\nBcc: y@z.example")]}, "out"), Limits()
    )
    assert not [block for block in readers.READERS[0](output.data) if block.anchor == "header:bcc"]
    assert not [block for block in readers.READERS[1](output.data) if block.anchor == "header:bcc"]


def test_a_message_of_html_alone_also_gets_a_plain_part() -> None:
    source = message(part(b"<h1>Plan</h1><p>Ask Jane Fairweather<br>today</p>", b"Content-Type: text/html\r\n"))
    _, output = redact(source)
    new = email.message_from_bytes(output.data, policy=email.policy.default)
    assert isinstance(new, email.message.EmailMessage)
    assert new.get_content_type() == "multipart/alternative"
    plain, html = new.iter_parts()
    assert plain.get_content().split() == ["Plan", "Ask", "[PERSON_1]", "today"]
    assert "<p>Ask [PERSON_1]<br>today</p>" in html.get_content()


def test_plain_and_html_parts_are_both_rewritten() -> None:
    source = message(
        part(b"Ask Jane Fairweather\r\n"),
        part(b"<p>Ask <i>Jane</i> Fairweather about Bluebird</p>", b"Content-Type: text/html; charset=utf-8\r\n"),
        kind=b"alternative",
    )
    _, output = redact(source)
    assert_gone(source, output)
    assert b"Ask [PERSON_1]\r\n" in output.data
    assert output.carriers["M3"]["rewritten"] >= 3


def test_attachments_become_children_and_are_named_by_their_new_names() -> None:
    source = message(
        part(b"See the files.\r\n"),
        part(
            b"a,b\r\n1,2\r\n",
            b"Content-Type: text/csv\r\nContent-Disposition: attachment; "
            b"filename*0*=utf-8''fair; filename*1*=weather.csv\r\n",
        ),
        part(b"From: x@example.com\r\nSubject: inner\r\n\r\nFairweather\r\n", b"Content-Type: message/rfc822\r\n"),
        part(
            b"BEGIN:VCARD Fairweather",
            b"Content-Type: text/vcard; name=fairweather.vcf\r\nContent-Disposition: attachment\r\n",
        ),
    )
    extraction, output = redact(source, ("[PERSON_1].csv", "message.eml"))
    assert [child.untrusted_name for child in extraction.children] == ["fairweather.csv", "attachment-2.eml"]
    assert b"Fairweather" in extraction.children[1].data
    assert_gone(source, output)
    assert b"Attachments: [PERSON_1].csv, message.eml\r\nAttachments left out: 1" in output.data
    assert "fairweather.vcf" in extraction.metadata


def test_attachment_names_are_never_the_old_ones() -> None:
    source = message(
        part(b"x"),
        part(b"y", b"Content-Type: text/plain\r\nContent-Disposition: attachment; filename=fairweather.txt\r\n"),
    )
    _, output = redact(source)
    assert b"Attachments: attachment-1" in output.data
    assert b"fairweather" not in output.data


def test_long_lines_are_wrapped_by_an_encoding_and_read_back() -> None:
    text = b"word " * 500 + b"Fairweather"
    source = message(part(text))
    _, output = redact(source)
    assert max(len(line) for line in output.data.split(b"\r\n")) <= 998
    assert squeezed(["word" * 500 + "[PERSON_1]"]) in squeezed([text_of(readers.READERS[0](output.data))])


def test_all_other_text_is_kept() -> None:
    lines = [f"Line {number}: nothing to hide here, é and 中 included." for number in range(200)]
    source = message(part("\r\n".join([*lines, "Jane Fairweather"]).encode()))
    _, output = redact(source)
    text = text_of(readers.READERS[0](output.data))
    assert all(line in text for line in lines)


MALFORMED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "blanks": (b" \r\n\r\n", "empty"),
    "headers without any text": (b"From: a@example.com\r\n\r\n", "empty"),
    "no headers": (b"Dear Bob,\nplease call.\n", "parse-failed"),
    "random bytes": (bytes(range(256)) * 20, "parse-failed"),
    "mbox": (b"From jane@acme.example Tue Jan  2\nFrom: a@example.com\n\nHi\n", "unsupported"),
    "S/MIME": (
        b"From: a@example.com\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nMIAG",
        "encrypted",
    ),
    "PGP/MIME": (
        b"From: a@example.com\r\nContent-Type: multipart/encrypted; boundary=x\r\n\r\n--x\r\n\r\ny\r\n--x--",
        "encrypted",
    ),
    "PGP in the text": (
        b"Subject: x\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQ\r\n-----END PGP MESSAGE-----\r\n",
        "encrypted",
    ),
    "a letter set nobody knows": (
        b"Subject: x\r\nContent-Type: text/plain; charset=x-own\r\n\r\nHi\r\n",
        "parse-failed",
    ),
    "a word in a letter set nobody knows": (b"Subject: =?x-own?q?Jane?=\r\n\r\nHi\r\n", "parse-failed"),
}


@pytest.mark.parametrize("wrong", MALFORMED)
def test_refused(wrong: str) -> None:
    data, code = MALFORMED[wrong]
    with pytest.raises(RefusedError) as error:
        HANDLER.extract(data, Limits())
    assert error.value.code == code


@pytest.mark.parametrize("seed", range(40))
def test_damaged_bytes_are_read_or_refused_but_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    damaged = bytearray(
        message(
            part(b"Hello Bob\r\n"),
            part(b"<p>Jane <b>Fair</b>weather</p>", b"Content-Type: text/html; charset=latin1\r\n"),
            part(b"Subject: =?utf-8?q?in=C3=A9?=\r\n\r\nhi\r\n", b"Content-Type: message/rfc822\r\n"),
        )
    )
    for _ in range(chance.randint(1, 12)):
        place, kind = chance.randrange(len(damaged)), chance.randrange(3)
        if kind == 0:
            damaged[place] = chance.randrange(256)
        elif kind == 1:
            del damaged[place : place + chance.randint(1, 20)]
        else:
            damaged[place:place] = damaged[place // 2 : place // 2 + 30]
    try:
        _, output = redact(bytes(damaged))
    except RefusedError as error:
        assert error.code in {"parse-failed", "empty", "unsupported"}  # noqa: PT017 – either way is right
    else:
        assert readers.undeclared(output.data) == []


def test_too_many_characters_are_refused() -> None:
    with pytest.raises(RefusedError) as error:
        HANDLER.extract(message(part(b"x" * 100)), Limits(characters=50))
    assert error.value.code == "limit"


def test_nesting_without_end_is_refused() -> None:
    nested = b"Content-Type: text/plain\r\n\r\nHi\r\n"
    for number in range(60):
        cut = b"b%d" % number
        nested = (
            b"Content-Type: multipart/mixed; boundary="
            + cut
            + b"\r\n\r\n--"
            + cut
            + b"\r\n"
            + nested
            + b"\r\n--"
            + cut
            + b"--\r\n"
        )
    with pytest.raises(RefusedError) as error:
        HANDLER.extract(b"Subject: x\r\n" + nested, Limits())
    assert error.value.code == "limit"


@pytest.mark.parametrize(
    ("anchor", "replacement"),
    [("part1", Replacement(0, 99, "x")), ("part7", Replacement(0, 1, "x")), ("part1", Replacement(2, 2, "x"))],
)
def test_a_plan_that_does_not_fit_writes_nothing(anchor: str, replacement: Replacement) -> None:
    with pytest.raises(RedactionError):
        HANDLER.rewrite(b"Subject: x\r\n\r\nHi\r\n", Plan({anchor: [replacement]}, "out"), Limits())


def test_a_date_nobody_understands_is_left_out() -> None:
    _, output = redact(b"Subject: x\r\nDate: yesterday\r\n\r\nHi\r\n")
    assert b"Date" not in output.data
    assert dt.datetime.now(dt.UTC).strftime("%Y").encode() not in output.data


def test_every_undeclared_header_is_reported() -> None:
    assert readers.undeclared(b"Subject: x\r\nX-Own: y\r\n\r\nHi\r\n") == ["header x-own"]
    assert readers.undeclared(message(part(b"x", b"Content-Type: image/png\r\n")))


# Files and blocks ---------------------------------------------------------------------------------------------------


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, "PNG")
    return buffer.getvalue()


def jpeg(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, "JPEG")
    return buffer.getvalue()


CODED = b"Content-Transfer-Encoding: base64\r\n"


def attached(kind: bytes, data: bytes) -> bytes:
    return part(base64.encodebytes(data), b"Content-Type: " + kind + b"\r\n" + CODED)


@pytest.mark.parametrize(
    ("kind", "data", "name"),
    [
        (b"image/png; name=a.png", png(40, 30), "a.png"),
        (b"image/jpeg", jpeg(40, 30), "attachment-1.jpg"),
        (b"application/octet-stream; name=a.jpg", jpeg(40, 30), "a.jpg"),
        (b"application/json; name=a.json", b'{"a": 1}', "a.json"),
        (b"text/html; name=a.html", b"<p>Hi</p>", "a.html"),
        (b"application/octet-stream; name=a.zip", zipped([Member(b"a.txt")]), "a.zip"),
        (b"text/x-python; name=a.py", b"print()\n", "a.py"),
        (b"text/x-patch; name=a.patch", b"+++ a\n", "a.patch.txt"),
        (b"text/plain; name=notes", b"text\n", "notes.txt"),
        (b"text/calendar; name=a.ics", b"BEGIN:VCALENDAR\n", "a.ics.txt"),
        (b"text/calendar", b"BEGIN:VCALENDAR\n", "attachment-1.txt"),
    ],
)
def test_files_of_an_accepted_kind_go_on(kind: bytes, data: bytes, name: str) -> None:
    extraction = HANDLER.extract(message(part(b"Hi\r\n"), attached(kind, data)), Limits())
    assert [(child.untrusted_name, child.data, child.embedded) for child in extraction.children] == [
        (name, data, False)
    ]
    sniff(name, data)


@pytest.mark.parametrize(
    ("kind", "data", "carrier", "named"),
    [
        (b"image/png; name=a.png", png(1, 1), "M4", False),
        (b"image/png; name=a.png", png(600, 2), "M4", False),
        (b"image/jpeg; name=a.jpg", jpeg(600, 2), "M4", False),
        (b"image/gif; name=a.gif", b"GIF89a\x01\0\x01\0", "M4", False),
        (b"image/gif; name=a.gif", b"GIF89a\x40\0\x40\0", "M4", True),
        (b"image/svg+xml; name=a.svg", b"<svg/>", "M4", True),
        (b"text/vcard; name=a.vcf", b"BEGIN:VCARD\n", "M6-other", True),
        (b"application/octet-stream; name=a.vcf", b"BEGIN:VCARD\n", "M6-other", True),
        (b"application/ms-tnef; name=winmail.dat", b"\x78\x9f\x3e\x22", "M6-other", True),
        (b"video/mp4; name=a.mp4", b"\0\0\0\x18ftyp", "M6-other", True),
        (b"application/pkcs7-signature; name=smime.p7s", b"0\x82", "M6-other", False),
    ],
)
def test_other_files_are_left_out_and_named_where_a_reader_misses_them(
    kind: bytes, data: bytes, carrier: str, named: bool
) -> None:
    plain = HANDLER.extract(message(part(b"Hi\r\n")), Limits()).counts.get(carrier, 0)
    extraction, output = redact(message(part(b"Hi\r\n"), attached(kind, data)))
    assert not extraction.children
    assert extraction.counts[carrier] == plain + 1
    assert (b"Attachments left out: 1" in output.data) == named


def test_a_text_file_in_other_letters_goes_on_in_ones_that_need_no_header() -> None:
    kind = b"text/plain; charset=koi8-r; name=a.txt"
    extraction = HANDLER.extract(message(part(b"Hi\r\n"), attached(kind, "Джейн".encode("koi8-r"))), Limits())
    assert extraction.children[0].data.decode("utf-8-sig") == "Джейн"


def test_a_message_in_base64_inside_a_message_goes_on_decoded() -> None:
    inner = b"From: a@example.com\r\nSubject: inner\r\n\r\nFairweather\r\n"
    extraction = HANDLER.extract(message(part(b"Hi\r\n"), attached(b"message/rfc822", inner)), Limits())
    assert extraction.children[0].data == inner
    assert sniff(extraction.children[0].untrusted_name, inner) == "message/rfc822"


def test_an_invitation_goes_on_unfolded_and_without_files_in_it() -> None:
    binary = b"ATTACH;ENCODING=BASE64;VALUE=BINARY:RmFpcg==\r\n"
    data = b"BEGIN:VCALENDAR\r\nATTENDEE;CN=Fair\r\n weather:x\r\n" + binary + b"END:VCALENDAR"
    extraction = HANDLER.extract(message(part(b"Hi\r\n"), attached(b"text/calendar; name=a.ics", data)), Limits())
    assert extraction.children[0].data == b"BEGIN:VCALENDAR\r\nATTENDEE;CN=Fairweather:x\r\nEND:VCALENDAR"


def test_a_dropped_signature_asks_a_person() -> None:
    signature = part(b"-----BEGIN PGP SIGNATURE-----\r\n", b"Content-Type: application/pgp-signature\r\n")
    extraction = HANDLER.extract(message(part(b"Hi\r\n"), signature, kind=b"signed"), Limits())
    assert extraction.notices == ("signature-dropped",)
    assert HANDLER.extract(message(part(b"Hi\r\n")), Limits()).notices == ()


SIGNED = """-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Hello Bob
- -- dashed
-----BEGIN PGP SIGNATURE-----

iQ==
-----END PGP SIGNATURE-----
"""


def test_blocks_for_programs_leave_the_text() -> None:
    plain = mail_text.without_blocks(SIGNED)
    assert (plain.text, plain.blocks, plain.files, plain.signed) == ("Hello Bob\n-- dashed\n", 2, 0, True)
    key = "Hi\n> -----BEGIN PGP PUBLIC KEY BLOCK-----\n> mQ==\n> -----END PGP PUBLIC KEY BLOCK-----\nBye\n"
    assert mail_text.without_blocks(key) == mail_text.Plain("Hi\nBye\n", 1)
    body = binascii.b2a_uu(b"by Jane Fairweather").decode()
    assert mail_text.without_blocks(f"Hi\nbegin 644 a.txt\n{body}`\nend\nBye\n") == mail_text.Plain("Hi\nBye\n", 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "begin with the plan\nend\n",
        "begin 644\nend\n",
        "-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----\n",
        "-----BEGIN CERTIFICATE-----\nnot closed\n",
    ],
)
def test_what_only_looks_like_a_block_stays(text: str) -> None:
    assert mail_text.without_blocks(text) == mail_text.Plain(text)


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("Fair \nweather", "Fairweather"),
        ("> Fair \n> weather \n> left", "> Fairweatherleft"),
        ("> Fair \nweather", "> Fair\nweather"),
        ("-- \nJane", "-- \nJane"),
        ("no\nflow", "no\nflow"),
    ],
)
def test_flowed_lines_are_joined(text: str, joined: str) -> None:
    assert mail_text.unflowed(text) == joined


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("> ask Fair-\n> weather, then\n", "> ask Fair-weather,\n> then\n"),
        (">> a well-\n>> known plan", ">> a well-known\n>> plan"),
        ("> a -\n> b", "> a -\n> b"),
        ("> 3-\n> 4", "> 3-\n> 4"),
        ("well-\nknown", "well-\nknown"),
    ],
)
def test_words_cut_in_a_quote_stand_on_one_line(text: str, joined: str) -> None:
    assert mail_text.rejoined(text) == joined


def test_names_in_dropped_headers_become_needles() -> None:
    source = message(part(b"Hi\r\n")).replace(
        b"Thread-Index", b"Reply-To: Imogen Castellane <i@example.com>\r\nThread-Topic: The plan\r\nThread-Index"
    )
    extraction = HANDLER.extract(source, Limits())
    assert "Imogen Castellane" in extraction.metadata
    assert "The plan" not in extraction.metadata
    assert extraction.counts["M1"] == 6


def test_carriers_tell_where_text_stood() -> None:
    source = b"From: =?utf-8?q?Jane?= <j@example.com>\r\nSubject: x\r\n\r\nYes\r\n> Jane wrote this\r\n"
    extraction = HANDLER.extract(source, Limits())
    assert [(one.anchor, one.carrier) for one in extraction.segments] == [
        ("header:from/1", "M2"),
        ("header:subject", "M0"),
        ("part1", "M5"),
    ]
    assert extraction.segments[1].hints == {"place": "title"}


def test_parts_called_western_that_are_not_are_read_as_they_are() -> None:
    source = message(part("I’m Jané".encode(), b"Content-Type: text/plain; charset=iso-8859-1\r\n"))
    assert HANDLER.extract(source, Limits()).segments[-1].text.strip() == "I’m Jané"


def test_the_simpler_form_is_a_transcript() -> None:
    source = message(
        part(b"Ask Jane Fairweather\r\n"),
        part(b"<p>Ask <i>Jane</i> Fairweather</p>", b"Content-Type: text/html\r\n"),
        part(b"y", b"Content-Type: text/plain\r\nContent-Disposition: attachment; filename=fairweather.txt\r\n"),
    )
    extraction = HANDLER.extract(source, Limits())
    plan = plan_for(extraction, WORDS, ("PERSON_1.txt",))
    output = HANDLER.rewrite(source, dataclasses.replace(plan, tier=Tier.B), Limits())
    assert (output.media_type, output.tier) == ("text/markdown", Tier.B)
    assert output.data.decode() == (
        "**From:** [PERSON_1] <person_1@example.invalid>\n"
        "**To:** Bob Sample <bob@example.com>, [PERSON_1], [PERSON_1] <person_1@example.invalid>\n"
        "**Subject:** Plan for [PRODUCT_1]\n"
        "**Date:** Wed, 03 Jan 2024 00:00:00 +0000\n"
        "\n"
        "Ask [PERSON_1]\n"
        "\n"
        "Ask [PERSON_1]\n"
        "\n"
        "Attachments: PERSON_1.txt\n"
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"From jane@example.com Tue Jan  2 10:00:00 2024\nFrom: a@example.com\nSubject: x\n\nHi\n", "unsupported"),
        (b"Dear Bob,\nplease call.\n", "mismatch"),
    ],
)
def test_what_is_no_single_message_is_refused_by_its_first_lines(data: bytes, code: str) -> None:
    with pytest.raises(RefusedError) as error:
        sniff("a.eml", data)
    assert error.value.code == code


def test_mail_in_a_letter_set_of_its_own_is_mail() -> None:
    source = (
        b"From: a@example.com\r\nSubject: x\r\nContent-Type: text/plain; charset=shift_jis\r\n\r\n"
        + "表示".encode("shift_jis")
    )
    assert sniff("a.eml", source) == "message/rfc822"
    assert HANDLER.extract(source, Limits()).segments[-1].text == "表示"


def test_lines_of_our_own_are_no_findings_but_another_name_in_them_is() -> None:
    _, output = redact(message(part(b"Hi\r\n"), part(b"<p>Hi</p>", b"Content-Type: text/html\r\n")))
    seen_now = [text_of(reader(output.data)) for reader in readers.READERS]
    seen_now.append(text_of(raw.texts("message/rfc822", output.data)))
    assert all("boundary" not in text and "alternative" not in text for text in seen_now)
    changed = output.data.replace(b"charset=utf-8", b"charset=utf-8; name=Fairweather")
    assert "Fairweather" in text_of(raw.texts("message/rfc822", changed))
    whole = output.data.replace(b'boundary="=_part_1"', b'boundary="=_part_1"; name=Fairweather', 1)
    assert "Fairweather" in text_of(readers.read_mailparser(whole))
