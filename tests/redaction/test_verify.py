"""The second look, with leaks planted on purpose: whatever the first pass lets through, no such file may leave."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from redaction import detection, engine, planning, policy, verify
from redaction.entities import Block, Extraction, Output, Plan, RedactedFile, SourceFile, Tier, Verdict
from redaction.readers import binaries, parts, raw
from redaction.registry import Registry
from redaction.sandbox import CageError, Sandbox

TEXT = "Jane Fairweather wrote to Tom Okafor on 020 7946 0123. The rest of this note is ordinary text and stays."


def run(text: str = TEXT, name: str = "note.txt") -> RedactedFile:
    [file] = engine.redact([SourceFile("a", name, text.encode())], policy.load("standard")).files
    return file


def write_instead(monkeypatch: pytest.MonkeyPatch, change: Callable[[bytes], bytes]) -> None:
    """A handler that writes other bytes than it was told to."""
    rewrite = Sandbox.rewrite

    def changed(self: Sandbox, media_type: str, data: bytes, plan: Plan) -> Output:
        output = rewrite(self, media_type, data, plan)
        return dataclasses.replace(output, data=change(output.data))

    monkeypatch.setattr(Sandbox, "rewrite", changed)


LEAKS = {
    "a full name": b"Jane Fairweather",
    "a surname in capitals": b"FAIRWEATHER",
    "a name as a slug": b"jane_fairweather",
    "a name over two lines": b"Fair-\nweather",
    "a name with an invisible character": "Fair\u200bweather".encode(),
    "a telephone number without blanks": b"02079460123",
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS.keys())
def test_a_known_name_in_the_copy_blocks_it(monkeypatch: pytest.MonkeyPatch, leak: bytes) -> None:
    write_instead(monkeypatch, lambda data: data + b"\nAnd " + leak + b" again.\n")
    file = run()
    assert file.verdict is Verdict.BLOCKED
    assert "needle-found" in file.reasons
    assert file.checks["V1"] == "fail"
    assert (file.data, file.blocks, file.name_out, file.sha256) == (None, (), "", "")


def test_an_unknown_address_in_the_copy_blocks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    write_instead(monkeypatch, lambda data: data + b"\nWrite to somebody.else@elsewhere.example.com now.\n")
    file = run()
    assert (file.verdict, file.checks["V3"]) == (Verdict.BLOCKED, "fail")
    assert "new-finding" in file.reasons


def test_text_that_is_gone_without_a_hit_needs_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    write_instead(monkeypatch, lambda data: data.replace(b"The rest of this note", b""))
    file = run()
    assert (file.verdict, file.reasons) == (Verdict.NEEDS_ACK, ("fidelity",))
    assert file.fidelity_bp < 9800
    assert [ack.id for ack in file.acks] == ["fidelity:"]


@pytest.mark.parametrize("check", ["read", "raw", "look", "undeclared", "remains", "structure"])
def test_a_check_that_cannot_run_blocks(monkeypatch: pytest.MonkeyPatch, check: str) -> None:
    def fail(*_: object) -> None:
        raise CageError("internal")

    monkeypatch.setattr(Sandbox, check, fail)
    assert (run().verdict, run().reasons) == (Verdict.BLOCKED, ("reader-unavailable",))


def test_a_reader_that_fails_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sandbox, "read", lambda *_: [[Block("l1", "text")], None])
    assert run().reasons == ("reader-unavailable",)


def test_a_reader_that_sees_nothing_does_not_hide_a_leak(monkeypatch: pytest.MonkeyPatch) -> None:
    write_instead(monkeypatch, lambda data: data + b"\nJane Fairweather\n")
    monkeypatch.setattr(Sandbox, "read", lambda *_: [[Block("l1", "nothing")]])
    assert "needle-found" in run().reasons


def test_an_undeclared_part_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sandbox, "undeclared", lambda *_: ["member 3"])
    assert (run().verdict, run().reasons, run().checks["V2"]) == (Verdict.BLOCKED, ("not-allowed-part",), "fail")


def test_what_only_the_second_look_finds_is_hidden_by_a_second_run(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def blind_at_first(segments: Any, *rest: Any) -> Any:
        calls.append(1)
        return [[] for _ in segments] if len(calls) == 1 else detection.detect(segments, *rest)

    monkeypatch.setattr(planning, "detect", blind_at_first)
    file = run()
    assert file.verdict is Verdict.CLEAN
    assert b"Fairweather" not in (file.data or b"")
    assert b"020 7946" not in (file.data or b"")


def judged(text: str, extraction: Extraction, *texts: str, tier: Tier = Tier.A) -> verify.Verified:
    """The second look at a copy that says ``text``."""
    output = Output(text.encode(), "text/plain", tier=tier)
    expected = verify.Expected(output, texts or (text,), extraction, b"", "text/plain")
    blocks = [Block("l1", text)]
    return verify._judged(
        expected, Registry([]), policy.load("standard"), verify._Seen([blocks], blocks, [], [], 0, "same")
    )


def test_zones_that_no_program_can_judge_ask_a_person() -> None:
    result = judged("nothing here", Extraction([], opaque=["page1/img1"]))
    assert (result.verdict, result.reasons) == (Verdict.NEEDS_ACK, ("opaque-zone",))
    assert [ack.id for ack in result.acks] == ["opaque-zone:page1/img1"]


def test_an_old_property_in_the_bytes_blocks_unless_the_text_says_the_same() -> None:
    shown, extraction = "see C:/Projects/Kestrel", Extraction([], metadata=["Projects/Kestrel"])
    assert "needle-found" in judged(shown, extraction, "see").reasons
    assert "needle-found" not in judged(shown, extraction, shown).reasons


def test_a_zone_too_small_to_hold_a_word_asks_nobody() -> None:
    extraction = Extraction([], opaque=["page1/img1", "page1/img2"], areas={"page1/img1": 1, "page1/img2": 2})
    assert [ack.zone for ack in judged("text", extraction).acks] == ["page1/img2"]


@pytest.mark.parametrize("notice", ["hidden-content", "signature-dropped"])
def test_what_the_handler_noticed_asks_a_person(notice: str) -> None:
    result = judged("text", Extraction([], notices=[notice]))
    assert (result.verdict, result.reasons, [ack.id for ack in result.acks]) == (
        Verdict.NEEDS_ACK, (notice,), [f"{notice}:"],
    )  # fmt: skip


def test_a_name_that_only_ocr_sees_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sandbox, "look", lambda *_: [Block("page1", "signed: Jane Fairweather")])
    file = run()
    assert (file.verdict, file.reasons, file.checks["V4"]) == (Verdict.BLOCKED, ("needle-found",), "fail")
    assert file.checks["V1"] == "pass"


def test_a_simpler_form_asks_a_person() -> None:
    result = judged("text", Extraction([]), tier=Tier.B)
    assert (result.verdict, result.reasons) == (Verdict.NEEDS_ACK, ("simpler-form",))


def test_a_dropped_binary_in_the_copy_blocks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sandbox, "remains", lambda *_: 1)
    assert (run().verdict, run().reasons, run().checks["V6"]) == (Verdict.BLOCKED, ("not-allowed-part",), "fail")


PROGRAM = bytes(range(256)) * 4
PROGRAMS = {
    "kept as a member": {"word/anything.bin": PROGRAM},
    "kept in the middle of a member": {"word/media/image1.png": b"\x89PNG" + b"x" * 50 + PROGRAM + b"y" * 50},
}


@pytest.mark.parametrize("members", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_bytes_of_a_dropped_member_are_found_wherever_they_went(members: dict[str, bytes]) -> None:
    source = package(**{"word/vbaProject.bin": PROGRAM})
    assert binaries.remains(DOCX, source, DOCX, package(**members)) > 0
    assert binaries.remains(DOCX, source, DOCX, package(**{"word/document.xml": b"<d/>"})) == 0


def package(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": b"<Types/>", **members}.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            archive.writestr(info, content)
    return out.getvalue()


def test_the_tables_of_a_thumbnail_are_no_bytes_of_it() -> None:
    tables = b"\xff\xc4\x01\xa2" + bytes(range(1, 200)) + b"\xff\xda"
    source = package(**{"docProps/thumbnail.bin": tables})
    assert binaries.remains(DOCX, source, DOCX, package(**{"word/media/image1.png": tables})) == 0


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
HIDDEN = {
    "split over runs": {"word/document.xml": b"<d><p><r><t>Fair</t></r><r><t>weather</t></r></p></d>"},
    "in an attribute": {"word/document.xml": b'<d descr="photo of Fairweather"/>'},
    "in a comment": {"word/document.xml": b"<d><!-- Fairweather --></d>"},
    "in a member nobody knows": {"word/embeddings/x.bin": "Fairweather".encode("utf-16-le") * 2},
    "in a member's name": {"word/Fairweather.xml": b"<d/>"},
}


@pytest.mark.parametrize("members", HIDDEN.values(), ids=HIDDEN.keys())
def test_the_search_in_the_bytes_sees_into_a_container(members: dict[str, bytes]) -> None:
    text = "\n".join(block.text for block in raw.texts(DOCX, package(**members)))
    assert "Fairweather" in text


def test_the_search_in_the_bytes_sees_into_a_document_in_a_document() -> None:
    inner = package(**{"xl/sharedStrings.xml": b"<s><si><t>Fair</t><t>weather</t></si></s>"})
    text = "\n".join(block.text for block in raw.texts(DOCX, package(**{"word/embeddings/package1.xlsx": inner})))
    assert "Fairweather" in text


def test_the_search_in_the_bytes_undoes_the_encodings_of_mail() -> None:
    mail = b"Subject: x\n\nRmFpcndlYXRoZXIgd3JvdGUgdG8gdXMgYWdhaW4=\nFair=\nweather\n"
    text = "\n".join(block.text for block in raw.texts("message/rfc822", mail))
    assert "Fairweather wrote" in text
    assert text.count("Fairweather") == 2


PARTS = {
    "a part nobody declared": package(**{"word/vbaProject.bin": b"x"}),
    "comments": package(**{"word/comments.xml": b"<c/>"}),
    "a picture in its own format": package(**{"word/media/image1.emf": b"x"}),
}


@pytest.mark.parametrize("data", PARTS.values(), ids=PARTS.keys())
def test_parts_that_we_never_write_are_listed_by_their_number(data: bytes) -> None:
    assert parts.undeclared(data) == ["member 2"]


def test_parts_that_we_write_are_not_listed() -> None:
    assert parts.undeclared(package(**{"word/document.xml": b"<d/>", "word/_rels/document.xml.rels": b"<r/>"})) == []
