"""Archives: what is read, what is left out, what is refused, and what the new zip holds."""

from __future__ import annotations

import io
import random
import struct
import zipfile

import pytest

from redaction import filenames
from redaction.entities import Extraction, Output, Plan, Replacement
from redaction.errors import RedactionError, RefusedError
from redaction.formats import Limits
from redaction.formats.archive import ArchiveHandler
from redaction.formats.table import sniff
from redaction.readers import archive as readers
from redaction.readers import raw
from tests.corpus.hostile.archive import Member, cases, extra, zipped
from tests.redaction.plans import plan_for, squeezed, text_of

HANDLER = ArchiveHandler(sniff)
WORDS = {"Jane Fairweather": "PERSON_1", "Fairweather": "PERSON_1", "Jane": "PERSON_1"}


def redact(source: bytes, limits: Limits = Limits()) -> tuple[Extraction, Output]:
    """Rewrite names by ``WORDS``; what the engine makes of a child is told by its bytes."""
    extraction = HANDLER.extract(source, limits)
    plan = plan_for(extraction, WORDS, [child.untrusted_name for child in extraction.children])
    children = {child.ordinal: b"new: " + child.data for child in extraction.children}
    plan = Plan(plan.replacements, "out.zip", plan.child_names, children, memo=extraction.memo)
    return extraction, HANDLER.rewrite(source, plan, limits)


def contents(output: Output) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(output.data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def members(*names: str, data: bytes = b"text\n") -> bytes:
    return zipped([Member(name.encode(), data) for name in names])


def test_it_works() -> None:
    extraction, output = redact(members("Jane Fairweather/Fairweather plan.md", "b.csv", data=b"a,b\n"))
    assert [(one.anchor, one.text) for one in extraction.segments] == [
        ("d1", "Jane Fairweather"),
        ("m1/name", "Fairweather plan"),
        ("m2/name", "b"),
    ]
    assert [(child.ordinal, child.untrusted_name, child.embedded) for child in extraction.children] == [
        (1, "Fairweather plan.md", True),
        (2, "b.csv", True),
    ]
    assert contents(output) == {"PERSON_1/PERSON_1 plan.md": b"new: a,b\n", "b.csv": b"new: a,b\n"}
    assert readers.undeclared(output.data) == []


def test_the_same_input_gives_the_same_bytes() -> None:
    source = members("b.txt", "a/c.txt", "a/b.txt")
    assert redact(source)[1].data == redact(source)[1].data
    assert list(contents(redact(source)[1])) == ["a/b.txt", "a/c.txt", "b.txt"]


def test_the_new_zip_has_one_date_no_comments_no_owners_and_no_folders() -> None:
    source = zipped(
        [
            Member(b"a/", b"", attributes=0o040700 << 16),
            Member(b"a/b.txt", comment=b"by Jane", extra=extra(0x7875, b"\x01\x04" + b"\0" * 8)),
        ],
        comment=b"packed by Jane",
    )
    extraction, output = redact(source)
    assert list(extraction.metadata) == ["packed by Jane", "by Jane"]
    assert output.carriers["Z1-trimmings"]["dropped"] == 4
    with zipfile.ZipFile(io.BytesIO(output.data)) as archive:
        (info,) = archive.infolist()
        assert archive.comment == info.comment == info.extra == b""
        assert info.date_time == (1980, 1, 1, 0, 0, 0)
        assert (info.filename, info.create_system, info.external_attr) == ("a/b.txt", 0, 0x20)


def test_names_that_become_the_same_are_told_apart_in_their_folder_alone() -> None:
    source = members("Fairweather.txt", "fairweather.TXT", "x/Fairweather.txt", "Jane/a.txt", "JANE/a.txt")
    _, output = redact(source)
    assert sorted(contents(output)) == [
        "PERSON_1-2.txt",
        "PERSON_1-2/a.txt",
        "PERSON_1.txt",
        "PERSON_1/a.txt",
        "x/PERSON_1.txt",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "Makefile",
        "LICENSE",
        "poetry.lock",
        ".gitignore",
        ".github/workflows/ci.cfg",
        ".env.local",
        "CMakeLists.txt",
        ".mailmap",
        "Dockerfile",
        "src/[slug]/page.tsx.bak",
        "packages/@scope/go.mod",
        "a b (1), c+d.conf",
    ],
)
def test_text_keeps_its_name_whether_its_kind_is_known_or_not(name: str) -> None:
    extraction, output = redact(members(name))
    assert list(contents(output)) == [name]
    assert not extraction.opaque
    assert sniff(extraction.children[0].untrusted_name, b"text\n").startswith("text/")


def test_empty_files_stay_empty_under_their_new_names() -> None:
    _, output = redact(zipped([Member(b"a.txt"), Member(b"jane/__init__.py", b""), Member(b"b.docx", b" \n")]))
    assert contents(output)["PERSON_1/__init__.py"] == b""
    assert contents(output)["b.docx"] == b""


LEFT_OUT = {
    "G1": [".git/config", "a/.git/HEAD", ".git", ".gitmodules", "bare.git/refs/x", ".svn/entries", ".hg/store"],
    "C4": [
        "node_modules/a/index.txt", "x/__pycache__/a.cpython-311.pyc", ".venv/bin/python", "dist/a.txt", "a.pyc", "a.o",
        "A.CLASS", "lib.so.1.2", "app.js.map", "pkg.egg-info/PKG-INFO", ".DS_Store", "Thumbs.db", "__MACOSX/._a.txt",
        "._a.txt", "~$a.docx", ".idea/x.iml",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("carrier", "name"), [(carrier, name) for carrier, names in LEFT_OUT.items() for name in names]
)
def test_what_programs_make_is_left_out_and_asks_nobody(carrier: str, name: str) -> None:
    extraction, output = redact(members("a.md", name))
    assert list(contents(output)) == ["a.md"]
    assert extraction.counts[carrier] == output.carriers[carrier]["dropped"] == 1
    assert not extraction.opaque


@pytest.mark.parametrize(
    "name", ["cvs/a.txt", "legit/a.txt", ".github/a.txt", "distance/a.txt", "git/a.txt", "maps.txt", "class.txt"]
)
def test_what_people_write_is_not_taken_for_it(name: str) -> None:
    assert list(contents(redact(members(name))[1])) == [name]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.mp4", b"\0\0\0\x18ftypmp42"),
        ("a.sqlite", b"SQLite format 3\0"),
        ("a.svg", b"<svg><text>Jane</text></svg>"),
        ("a.rtf", b"{\\rtf1 Jane}"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
        ("a.bak", b"%PDF-1.7\n"),
    ],
)
def test_other_kinds_are_left_out_and_a_person_must_know(name: str, data: bytes) -> None:
    extraction, output = redact(zipped([Member(b"a.txt"), Member(name.encode(), data)]))
    assert list(contents(output)) == ["a.txt"]
    assert extraction.opaque == ["m2"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.docx", b"PK\x03\x04 no document"),
        ("a.docm", zipped([Member(b"[Content_Types].xml", b"<Types/>macroEnabled")])),
        ("a.txt", b"%PDF-1.7\n"),
    ],
)
def test_a_file_that_a_person_can_put_right_stays_to_be_refused_by_itself(name: str, data: bytes) -> None:
    extraction = HANDLER.extract(zipped([Member(name.encode(), data)]), Limits())
    assert [child.untrusted_name for child in extraction.children] == [name]


def test_a_pointer_to_a_large_file_is_left_out() -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    extraction, output = redact(zipped([Member(b"a.txt"), Member(b"film.txt", pointer)]))
    assert list(contents(output)) == ["a.txt"]
    assert extraction.counts["G1"] == 1


def test_a_child_that_did_not_come_back_stays_out() -> None:
    source = members("a.txt", "b.txt")
    extraction = HANDLER.extract(source, Limits())
    plan = Plan({}, "x.zip", ("a.txt", "b.txt"), {2: b"new"}, memo=extraction.memo)
    output = HANDLER.rewrite(source, plan, Limits())
    assert contents(output) == {"b.txt": b"new"}
    assert output.carriers["Z1-files"] == {"rewritten": 0, "dropped": 1, "kept": 1}


def test_a_child_written_in_another_form_has_the_extension_of_that() -> None:
    source = members("a.csv", "Makefile")
    extraction = HANDLER.extract(source, Limits())
    plan = Plan({}, "x.zip", ("a.md", "b.txt"), {1: b"x", 2: b"y"}, memo=extraction.memo)
    assert sorted(contents(HANDLER.rewrite(source, plan, Limits()))) == ["Makefile", "a.md"]


@pytest.mark.parametrize("memo", [b"", b"[]", b'{"kept": 3}', b"\xff"])
def test_a_memo_of_another_file_writes_nothing(memo: bytes) -> None:
    with pytest.raises(RedactionError):
        HANDLER.rewrite(members("a.txt"), Plan({}, "x.zip", ("a.txt",), {1: b"x"}, memo=memo), Limits())


def test_a_plan_that_does_not_fit_writes_nothing() -> None:
    source = members("a.txt")
    plan = Plan(
        {"m9/name": [Replacement(0, 1, "x")]}, "x.zip", ("a",), {1: b"x"}, memo=HANDLER.extract(source, Limits()).memo
    )
    with pytest.raises(RedactionError):
        HANDLER.rewrite(source, plan, Limits())


def test_a_new_name_never_leaves_its_folder() -> None:
    taken: set[str] = set()
    assert filenames.step("https://host-1.example/../x", "txt", taken) == "https_host-1.example_.._x.txt"
    assert filenames.step("..", "", taken) == "file"
    assert filenames.step("con", "txt", taken) == "_con.txt"
    assert filenames.step("a\\b:c*d", "", taken) == "a_b_c_d"
    assert filenames.step(" \u202e ", "txt", taken) == "_.txt"
    assert len(filenames.step("x" * 500, "txt", taken)) < 130


# Refusals -----------------------------------------------------------------------------------------------------------

REFUSED = {case.form: case for case in cases() if case.refused}


@pytest.mark.parametrize("form", REFUSED)
def test_refused(form: str) -> None:
    with pytest.raises(RefusedError) as error:
        taken(REFUSED[form].data)
    assert error.value.code == REFUSED[form].refused


def taken(data: bytes) -> None:
    sniff("work.zip", data)
    HANDLER.extract(data, Limits())


@pytest.mark.parametrize(
    ("limits", "count"),
    [
        (Limits(members=2), 3),
        (Limits(inflated_bytes=14), 3),
        (Limits(member_bytes=4), 1),
        (Limits(file_bytes=20), 1),
    ],
)
def test_limits(limits: Limits, count: int) -> None:
    with pytest.raises(RefusedError) as error:
        HANDLER.extract(members(*(f"{number}.txt" for number in range(count))), limits)
    assert error.value.code == "limit"


def test_what_is_left_out_by_name_counts_for_no_limit() -> None:
    source = zipped([Member(b"a.txt", b"x"), *(Member(b"node_modules/%d" % number) for number in range(20))])
    assert len(HANDLER.extract(source, Limits(members=1, inflated_bytes=1)).children) == 1


def test_a_directory_without_end_is_refused() -> None:
    source = zipped([Member(b".git/%d" % number, b"") for number in range(60)])
    with pytest.raises(RefusedError) as error:
        HANDLER.extract(source, Limits(members=1))
    assert error.value.code == "limit"


def test_zip64_is_read_where_both_end_records_agree() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("a.txt", "w", force_zip64=True) as member:
        member.write(b"text\n")
    assert len(HANDLER.extract(buffer.getvalue(), Limits()).children) == 1


@pytest.mark.parametrize("seed", range(60))
def test_damaged_bytes_are_read_or_refused_but_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    damaged = bytearray(
        zipped([Member(b"a.txt"), Member(b"jane/b.md", b"x" * 300, descriptor=True), Member(b"c/", b"")], comment=b"x")
    )
    for _ in range(chance.randint(1, 6)):
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
        assert error.code in {"parse-failed", "empty", "unsupported", "encrypted", "limit"}  # noqa: PT017
    else:
        assert readers.undeclared(output.data) == []


# Readers ------------------------------------------------------------------------------------------------------------


def new_archive() -> bytes:
    """A zip as ours is, for a reader to find one thing wrong with."""
    _, output = redact(members("a/b.txt", "c.txt"))
    return output.data


def test_both_readers_see_the_names_and_nothing_else() -> None:
    data = new_archive()
    first, second = (reader(data) for reader in readers.READERS)
    assert first == second
    assert [(block.anchor, block.text) for block in first] == [("d1", "a"), ("m1", "b.txt"), ("m2", "c.txt")]


def test_the_bytes_of_members_are_looked_into() -> None:
    inner = zipped([Member(b"inner.txt", "Jane Fairweather".encode("utf-16-le"))])
    data = zipped([Member(b"a.txt", b"by Jane"), Member(b"b.docx", inner), Member(b"c.bin", b"\xff\0Fairweather\0")])
    seen = squeezed([text_of(raw.texts("application/zip", data))])
    assert "byjane" in seen
    assert "janefairweather" in seen
    assert "inner.txt" not in squeezed([text_of(readers.read_headers(data))])


def test_so_much_is_looked_into_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MAXIMUM_TEXT", 10)
    texts = list(readers.strings(zipped([Member(b"a.txt", b"x" * 8), Member(b"b.txt", b"y" * 8)])))
    assert "".join(texts[2:]) == "x" * 8 + "y" * 2


BROKEN = {
    "bytes before": lambda data: b"x" + data,
    "bytes after": lambda data: data + b"x",
    "a changed name": lambda data: data.replace(b"c.txt", b"d.txt", 1),
    "a changed checksum": lambda data: data[:14] + b"\0\0\0\0" + data[18:],
    "a cut": lambda data: data[:-10],
    "no zip": lambda data: data[40:],
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN.keys())
def test_a_reader_does_not_pass_over_damage(change: object) -> None:
    assert callable(change)
    with pytest.raises((ValueError, zipfile.BadZipFile, struct.error)):
        readers.read_headers(change(new_archive()))


UNDECLARED = {
    "comment": (zipped([Member(b"a.txt", attributes=0x20)], comment=b"x"), "a comment"),
    "comment of a member": (zipped([Member(b"a.txt", comment=b"x", attributes=0x20)]), "a comment"),
    "extra": (zipped([Member(b"a.txt", extra=extra(1, b""), attributes=0x20)]), "extra fields"),
    "extra before": (zipped([Member(b"a.txt", local_extra=extra(1, b""), attributes=0x20)]), "extra fields"),
    "order": (zipped([Member(b"b", attributes=0x20), Member(b"a", attributes=0x20)]), "another order"),
    "twice": (zipped([Member(b"A", attributes=0x20), Member(b"a", attributes=0x20)]), "a member twice"),
    "rights": (zipped([Member(b"a", attributes=0o100600 << 16)]), "attributes"),
    "way out": (zipped([Member(b"../a", attributes=0x20)]), "member 1"),
    "folder": (zipped([Member(b"a/", b"", attributes=0x20)]), "member 1"),
    "history": (zipped([Member(b".git/a", b"", attributes=0x20)]), "member 1"),
}


@pytest.mark.parametrize("what", UNDECLARED)
def test_undeclared(what: str) -> None:
    data, reason = UNDECLARED[what]
    assert readers.undeclared(data) == [reason]


def test_a_date_is_undeclared() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a", (2024, 1, 2, 3, 4, 6)), b"x")
    assert "a date" in readers.undeclared(buffer.getvalue())
