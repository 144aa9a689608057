"""The corpus keeps its promises: enough planted, every one really there, the same bytes every time."""

from __future__ import annotations

import csv
import email
import email.policy
import io
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pypdf
import pytest
from docx import Document
from openpyxl import load_workbook
from pptx import Presentation

from tests.corpus import SampleFile, samples
from tests.corpus.cast import IBANS
from tests.corpus.writers import CSV, DOCX, EML, MARKDOWN, PDF, PPTX, XLSX

RESERVED_MAIL = re.compile(r"[a-z.]+@[a-z]+\.example\.(com|org)")
RESERVED_PHONE = re.compile(r"(\+44 |0|\(0)(20 7946 0|161\)? 496 0|7700 ?900 ?)\d{3}|.*555[- ]01\d\d")


def _docx(data: bytes) -> Iterator[str]:
    document = Document(io.BytesIO(data))
    yield document.core_properties.author
    yield from (paragraph.text for paragraph in document.paragraphs)
    yield from (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    yield document.sections[0].header.paragraphs[0].text
    yield document.sections[0].footer.paragraphs[0].text


def _xlsx(data: bytes) -> Iterator[str]:
    book = load_workbook(io.BytesIO(data))
    yield str(book.properties.creator)
    yield from (str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)


def _pptx(data: bytes) -> Iterator[str]:
    deck = Presentation(io.BytesIO(data))
    yield deck.core_properties.author
    for slide in deck.slides:
        yield slide.notes_slide.notes_text_frame.text if slide.has_notes_slide else ""
        for shape in slide.shapes:
            if shape.has_text_frame:
                yield shape.text_frame.text
            if shape.has_table:
                yield from (cell.text for row in shape.table.rows for cell in row.cells)


def _pdf(data: bytes) -> Iterator[str]:
    reader = pypdf.PdfReader(io.BytesIO(data))
    yield str(reader.metadata.author if reader.metadata else "")
    yield from (page.extract_text() for page in reader.pages)


def _mail(data: bytes) -> Iterator[str]:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    yield from (str(value) for value in message.values())
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            yield part.get_content()
        elif part.get_content_type() == "text/csv":
            yield part.get_filename() or ""
            yield from _csv(part.get_content())


def _csv(data: bytes | str) -> Iterator[str]:
    for row in csv.reader(io.StringIO(data if isinstance(data, str) else data.decode())):
        yield from row


READERS: dict[str, Callable[[bytes], Iterator[str]]] = {
    DOCX: _docx,
    XLSX: _xlsx,
    PPTX: _pptx,
    PDF: _pdf,
    EML: _mail,
    CSV: _csv,
    MARKDOWN: lambda data: iter([data.decode()]),
}
FILES = [pytest.param(file, id=f"{number}-{file.name}") for number, s in enumerate(samples(), 1) for file in s.files]


def readable(file: SampleFile) -> str:
    """All a plain reader finds, name included; layout breaks lines, so runs of white space count as one space."""
    return re.sub(r"\s+", " ", "\n".join([file.name, *READERS[file.media_type](file.data)]))


def test_at_least_120_identifiers_are_planted_and_most_kinds_occur() -> None:
    planted = [planted for submission in samples() for planted in submission.planted]
    assert len(planted) >= 120
    assert {p.entity_type for p in planted} >= {
        *("PERSON", "ORGANIZATION", "EMAIL_ADDRESS", "PHONE_NUMBER", "ADDRESS", "IBAN_CODE", "ACCOUNT_NUMBER"),
        *("EMPLOYEE_ID", "TICKET_NUMBER", "INVOICE_NUMBER", "HOSTNAME", "IP_ADDRESS", "URL"),
    }


@pytest.mark.parametrize("file", FILES)
def test_a_plain_reader_finds_every_planted_identifier(file: SampleFile) -> None:
    text = readable(file)
    assert [planted for planted in file.planted if planted.value not in text] == []


@pytest.mark.parametrize("file", FILES)
def test_a_plain_reader_finds_every_ordinary_phrase_and_none_holds_an_identifier(file: SampleFile) -> None:
    text = readable(file)
    for phrase in file.ordinary:
        assert re.sub(r"\s+", " ", phrase) in text
        assert not [planted for planted in file.planted if planted.value in phrase]


def test_spans_point_at_their_values() -> None:
    for submission in samples():
        request = submission.task_request
        notes = [(file.data.decode(), file.planted) for file in submission.files if file.media_type == MARKDOWN]
        for text, planted in [(request.text, request.planted), *notes]:
            for found in planted:
                if found.where == "text":
                    assert text[found.start : found.end] == found.value


def test_the_first_submission_holds_every_kind_of_file_and_both_roles() -> None:
    first = samples()[0]
    assert {file.media_type for file in first.files} == set(READERS)
    assert {file.role for file in first.files} == {"reference", "deliverable"}
    pdf = next(file for file in first.files if file.media_type == PDF)
    assert len(pypdf.PdfReader(io.BytesIO(pdf.data)).pages) >= 3


def test_one_person_is_spelt_in_five_ways_over_several_files() -> None:
    spellings: dict[str, set[str]] = defaultdict(set)
    files: dict[str, set[str]] = defaultdict(set)
    for file in samples()[0].files:
        for planted in file.planted:
            if planted.group and planted.entity_type == "PERSON":
                spellings[planted.group].add(planted.value)
                files[planted.group].add(file.name)
    person = max(spellings, key=lambda name: len(spellings[name]))
    first, last = person.split()
    wanted = {person, f"{last}, {first}", f"{first[0]}. {last}", last, person.upper(), f"{first}.{last}".lower()}
    assert wanted <= spellings[person]
    assert len(files[person]) >= 5


def test_a_name_stands_in_a_file_name() -> None:
    memo = next(file for file in samples()[0].files if file.media_type == DOCX)
    [planted] = [planted for planted in memo.planted if planted.where == "file name"]
    assert memo.name[planted.start : planted.end] == planted.value


def test_only_reserved_values_are_planted() -> None:
    for planted in (planted for submission in samples() for planted in submission.planted):
        match planted.entity_type:
            case "EMAIL_ADDRESS":
                assert RESERVED_MAIL.fullmatch(planted.value)
            case "PHONE_NUMBER":
                assert RESERVED_PHONE.fullmatch(planted.value), planted.value
            case "IBAN_CODE":
                assert planted.value in IBANS
            case "IP_ADDRESS":
                assert planted.value.startswith("192.0.2.")
            case "URL" | "HOSTNAME":
                assert re.search(r"\.example\.(com|org)(/|$)", planted.value)


def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "tests.corpus", str(tmp_path)], check=True, capture_output=True)
    for number, submission in enumerate(samples(), 1):
        for file in submission.files:
            assert (tmp_path / f"submission-{number}" / file.name).read_bytes() == file.data


def test_another_seed_draws_other_people() -> None:
    ours, theirs = ({p.value for p in s[0].planted if p.entity_type == "PERSON"} for s in (samples(), samples(7)))
    assert len(ours & theirs) < len(ours) / 4
