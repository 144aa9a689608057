"""A submission with an archive in it: members are redacted like files, put back, and told as part of the archive."""

from __future__ import annotations

import io
import zipfile

import jsonschema
import pytest

from redaction import planning
from redaction.entities import Verdict
from tests.redaction.test_engine import SCHEMA, run


def packed(**members: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


WORK = packed(
    **{
        "Fairweather/notes.md": "Jane Fairweather asked for the figures of the quarter.",
        "Fairweather/Okafor.csv": "Name,Sum\nTom Okafor,5\n",
    }
)


def members(data: bytes | None) -> dict[str, str]:
    assert data is not None
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_members_leave_without_names_inside_an_archive_without_names() -> None:
    [file] = run(("work.zip", WORK)).files
    assert file.data is not None, file.reasons
    inside = members(file.data)
    assert "fairweather" not in str(inside).casefold()
    assert "okafor" not in str(inside).casefold()
    assert any("asked for the figures of the quarter" in text for text in inside.values())


def test_an_archive_is_one_file_and_tells_what_was_found_in_its_members() -> None:
    result = run(("work.zip", WORK))
    [file] = result.files
    assert {finding.anchor.partition("!")[0] for finding in file.findings} >= {"m1", "m2"}
    assert any(block.anchor.startswith("m1!") for block in file.blocks)
    jsonschema.validate(result.report, SCHEMA)
    assert [one["parent"] for one in result.report["files"]] == [0, 1, 1]


def test_a_name_in_another_file_leaves_the_archive_and_the_other_way_round() -> None:
    note, archive = run(
        ("note.txt", "ask okafor and Imogen Castellane about it"),
        ("work.zip", packed(**{"a.txt": "Regards,\nTom Okafor", "b.txt": "castellane said so"})),
    ).files
    assert note.data == b"ask [PERSON_1] and [PERSON_2] about it"
    assert "castellane" not in str(members(archive.data)).casefold()


BAD = {
    "a damaged member": ("a.docx", b"PK\x03\x04 no document"),
    "a member that lies about its kind": ("a.docx", b"%PDF-1.7\n"),
}


@pytest.mark.parametrize("member", BAD.values(), ids=BAD.keys())
def test_a_member_that_cannot_be_taken_holds_the_archive(member: tuple[str, bytes]) -> None:
    name, content = member
    inside: dict[str, str | bytes] = {name: content, "b.txt": "text"}
    [file] = run(("work.zip", packed(**inside))).files
    assert (file.verdict, file.data) == (Verdict.BLOCKED, None)
    assert file.reasons[0] in ("parse-failed", "mismatch")


def test_what_only_the_second_look_finds_in_a_member_frees_the_archive_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "detect", lambda segments, *_: [[] for _ in segments])
    [file] = run(("work.zip", packed(**{"a.txt": "Jane Fairweather wrote to Tom Okafor on 020 7946 0123."}))).files
    assert file.data is not None, file.reasons
    assert "7946" not in str(members(file.data))
