from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from redaction import engine, planning, policy
from redaction.entities import DenyTerm, Output, Override, Plan, RedactedFile, Redaction, SourceFile, Tier, Verdict
from redaction.errors import DetectionIncompleteError
from redaction.sandbox import CageError, Sandbox

STANDARD = policy.load("standard")
SCHEMA = json.loads(Path(engine.__file__).with_name("report.schema.json").read_text())

MAIL = """From: Fairweather, Jane <jane.fairweather@acme.example.com>
To: Tom Okafor <tom.okafor@acme.example.com>
Subject: Budget for Hollis Logistics
Date: Mon, 3 Mar 2025 10:00:00 +0000
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Hi Tom,

please call me on 020 7946 0123. The account number is 12345678.

Kind regards,
Jane
"""
NOTE = """# Notes of the week

JANE FAIRWEATHER asked Okafor for the figures; J. Fairweather's draft is late.
Our office moves to 12 Hollis Street, Leeds, LS1 4ZZ in September.
The key AKIAIOSFODNN7EXAMPLE must be changed. Costs rise by 4.5 percent to 20,417 euros.
"""
TABLE = """Name,E-mail,Phone,Amount
Tom Okafor,tom.okafor@acme.example.com,020 7946 0123,1200
"Fairweather, Jane",jfairweather@acme.example.com,,-350
=2+3,,,5
"""
PLANTED = ["Fairweather", "Okafor", "020 7946 0123", "12345678", "Hollis", "LS1 4ZZ", "AKIAIOSFODNN7", "acme.example"]
ORDINARY = ["Notes of the week", "the figures", "in September", "Costs rise by 4.5 percent to 20,417", "please call"]


def run(*files: tuple[str, str | bytes], name: str = "standard", **more: object) -> Redaction:
    sources = [
        SourceFile(f"ref{number}", file_name, data.encode() if isinstance(data, str) else data)
        for number, (file_name, data) in enumerate(files, 1)
    ]
    return engine.redact(sources, policy.load(name), **more)  # type: ignore[arg-type]


def text_of(file: RedactedFile) -> str:
    assert file.data is not None, file.reasons
    return file.data.decode()


@pytest.fixture(scope="module")
def result() -> Redaction:
    return run(("mail.eml", MAIL), ("fairweather-notes_2025.md", NOTE), ("contacts.csv", TABLE))


def test_nothing_planted_is_left_and_ordinary_text_stays(result: Redaction) -> None:
    everything = "\n".join(text_of(file) + file.name_out for file in result.files)
    assert [word for word in PLANTED if word.casefold() in everything.casefold()] == []
    assert [phrase for phrase in ORDINARY if phrase not in everything] == []
    assert result.verdict is Verdict.CLEAN


def test_one_person_has_one_token_in_all_files_and_names(result: Redaction) -> None:
    mail, note, table = (text_of(file) for file in result.files)
    [jane] = [entity for entity in result.entities if "Fairweather, Jane" in entity.aliases]
    assert f"[{jane.token}] asked" in note
    assert f"[{jane.token}]'s draft" in note
    assert f"{jane.token.lower()}@example.invalid" in mail
    assert f"[{jane.token}],{jane.token.lower()}@example.invalid" in table
    assert result.files[1].name_out == f"{jane.token}-notes_2025.md"


def test_numbers_follow_first_appearance(result: Redaction) -> None:
    assert text_of(result.files[0]).index("PERSON_1") < text_of(result.files[0]).index("PERSON_2")


def test_a_secret_has_an_irreversible_token_and_no_text_in_the_registry(result: Redaction) -> None:
    assert "The key REDACTED_AWS_KEY_1 must" in text_of(result.files[1])
    assert "AKIA" not in repr(result.entities)


def test_a_cell_that_a_spreadsheet_would_run_is_quoted(result: Redaction) -> None:
    assert "\n'=2+3," in text_of(result.files[2])
    assert ",-350" in text_of(result.files[2])


def test_the_report_fits_its_schema_and_holds_nothing_personal(result: Redaction) -> None:
    jsonschema.validate(result.report, SCHEMA)
    written = json.dumps(result.report)
    assert [word for word in [*PLANTED, "fairweather-notes"] if word.casefold() in written.casefold()] == []
    assert result.report["files"][1]["secrets"] == {"AWS_KEY": 1}


def test_findings_hold_no_found_text(result: Redaction) -> None:
    assert "Fairweather" not in repr([file.findings for file in result.files])


def test_the_same_input_gives_the_same_bytes() -> None:
    files = (("mail.eml", MAIL), ("note.md", NOTE))
    assert [file.sha256 for file in run(*files).files] == [file.sha256 for file in run(*files).files]


def test_a_second_run_changes_nothing(result: Redaction) -> None:
    again = run(*((file.name_out, text_of(file)) for file in result.files[1:]))
    assert [text_of(file) for file in again.files] == [text_of(file) for file in result.files[1:]]
    assert [file.findings for file in again.files] == [(), ()]


def test_tokens_of_the_input_keep_their_numbers() -> None:
    redacted = run(("note.txt", "[PERSON_3] met Jane Fairweather."))
    assert text_of(redacted.files[0]) == "[PERSON_3] met [PERSON_4]."


def test_a_deny_term_goes_everywhere_however_it_is_written() -> None:
    deny = [DenyTerm("Blue Bird", "PROJECT")]
    redacted = run(("Blue Bird plan.txt", "Project BLUEBIRD, blue bird, Blue-Bird."), deny=deny)
    [file] = redacted.files
    assert text_of(file) == "Project [PROJECT_1], [PROJECT_1], [PROJECT_1]."
    assert file.name_out == "PROJECT_1 plan.txt"
    assert redacted.report["deny_terms"] == 1


def test_a_person_may_hide_more_and_keep_some() -> None:
    text = "Jane Fairweather met Tom Okafor about the crane."
    overrides = [Override("hide", "crane"), Override("keep", "Tom Okafor")]
    [file] = run(("note.txt", text), overrides=overrides).files
    assert text_of(file) == "[PERSON_1] met Tom Okafor about the [CONFIDENTIAL_1]."
    assert file.verdict is Verdict.CLEAN


def test_a_secret_cannot_be_kept() -> None:
    [file] = run(("a.txt", "Key AKIAIOSFODNN7EXAMPLE."), overrides=[Override("keep", "AKIAIOSFODNN7EXAMPLE")]).files
    assert "AKIA" not in text_of(file)


def test_birth_dates_lose_day_and_month_and_in_strict_all() -> None:
    text = "She was born on 12 March 1984 and started on 1 May 2020."
    assert text_of(run(("a.txt", text)).files[0]) == "She was born on 1984 and started on 1 May 2020."
    assert text_of(run(("a.txt", text), name="strict").files[0]) == "She was born on  and started on 2020."


def test_a_name_first_seen_in_the_last_file_leaves_the_first() -> None:
    redacted = run(("a.txt", "ask okafor about it"), ("b.txt", "Regards,\nTom Okafor"))
    assert text_of(redacted.files[0]) == "ask [PERSON_1] about it"


BAD = {
    "empty": ("a.txt", b"  \n"),
    "unsupported": ("a.exe", b"MZ\x00\x01"),
    "mismatch": ("a.docx", b"%PDF-1.7\n"),
    "parse-failed": ("a.docx", b"PK\x03\x04 not a zip"),
    "encrypted": ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")),
    "macro": ("a.docm", b"PK\x03\x04"),
}


@pytest.mark.parametrize(("reason", "file"), BAD.items(), ids=BAD.keys())
def test_a_bad_file_is_refused_and_the_others_go_on(reason: str, file: tuple[str, bytes]) -> None:
    redacted = run(file, ("b.txt", "Jane Fairweather wrote."))
    assert (redacted.files[0].verdict, redacted.files[0].reasons) == (Verdict.BLOCKED, (reason,))
    assert redacted.files[0].refused
    assert redacted.files[0].data is None
    assert text_of(redacted.files[1]) == "[PERSON_1] wrote."
    assert redacted.verdict is Verdict.BLOCKED
    jsonschema.validate(redacted.report, SCHEMA)


def test_detection_that_fails_blocks_every_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise DetectionIncompleteError

    monkeypatch.setattr(planning, "detect", fail)
    redacted = run(("a.txt", "Jane Fairweather wrote."), ("b.txt", "nothing"))
    assert [file.reasons for file in redacted.files] == [("detection-incomplete",)] * 2
    assert [file.data for file in redacted.files] == [None, None]


def test_a_copy_that_became_plain_text_bears_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Sandbox.rewrite

    def worse(self: Sandbox, media_type: str, data: bytes, plan: Plan) -> Output:
        if plan.tier is Tier.A:
            raise CageError("internal")
        return plain(self, media_type, data, plan)

    monkeypatch.setattr(Sandbox, "rewrite", worse)
    [file] = run(("list.json", '{"author": "Jane Fairweather", "note": "the figures of the quarter"}')).files
    assert (file.name_out, file.media_type_out, file.tier) == ("list.txt", "text/plain", Tier.B)
    assert file.verdict is Verdict.NEEDS_ACK
    assert "simpler-form" in file.reasons
    assert "Fairweather" not in text_of(file)


def test_progress_is_told_in_order() -> None:
    told: list[tuple[str, str]] = []
    run(("a.txt", "Jane Fairweather wrote."), progress=lambda ref, stage: told.append((ref, stage)))
    assert told == [("ref1", stage) for stage in ("reading", "detecting", "copying", "verifying", "done")]


WITH_ATTACHMENT = """From: Jane Fairweather <jane@acme.example.com>
Subject: List
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain

Tom Okafor is on the list.
--b
Content-Type: text/csv; name="Okafor.csv"
Content-Disposition: attachment; filename="Okafor.csv"

Name,Sum
Tom Okafor,5
--b--
"""


def test_attachments_are_files_of_their_own() -> None:
    redacted = run(("mail.eml", WITH_ATTACHMENT))
    message, attached = redacted.files
    assert (attached.parent, attached.ref) == (message.ref, f"{message.ref}/1")
    assert "Okafor" not in text_of(message) + text_of(attached) + attached.name_out
    assert attached.name_out in text_of(message)
