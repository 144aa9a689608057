"""Writes the files of the stories with the libraries people's programs use. Same input, same bytes.

Every date in them is ``WRITTEN``: zip members, document properties and mail headers would else carry the clock.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP

from docx import Document
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from pptx import Presentation
from pptx.util import Inches, Pt
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from tests.corpus.sample import SampleFile
from tests.corpus.script import Script

OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX = f"{OFFICE}.wordprocessingml.document"
XLSX = f"{OFFICE}.spreadsheetml.sheet"
PPTX = f"{OFFICE}.presentationml.presentation"
PDF, EML, CSV, MARKDOWN = "application/pdf", "message/rfc822", "text/csv", "text/markdown"

WRITTEN = dt.datetime(2026, 3, 12, 9, 30)  # noqa: DTZ001 - document properties carry no zone
_ZIP_DATE = (2026, 3, 12, 9, 30, 0)
_PROPERTY_DATES = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")

Row = Sequence[str]


def _settle(package: bytes) -> bytes:
    """The same OOXML package with ``WRITTEN`` in place of every date the libraries took from the clock."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = _PROPERTY_DATES.sub(rb"\g<1>" + WRITTEN.isoformat().encode() + rb"Z\g<3>", data)
            member = zipfile.ZipInfo(name, _ZIP_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, data)
    return target.getvalue()


class Draft:
    """One file being written: its name is a template too, because people put names into file names."""

    def __init__(self, cast: dict[str, object], name: str) -> None:
        self.say = Script(cast)
        self.name = self.say(name, "file name")

    def _done(self, media_type: str, data: bytes, role: str, ordinary: tuple[str, ...]) -> SampleFile:
        return SampleFile(self.name, media_type, data, role, tuple(self.say.planted), ordinary)


class Plain(Draft):
    """A note: one template is the whole file, so spans are offsets in the file's text."""

    def note(self, template: str, role: str, ordinary: tuple[str, ...]) -> SampleFile:
        return self._done(MARKDOWN, self.say(template, "text").encode(), role, ordinary)

    def table(self, rows: Sequence[Row], role: str, ordinary: tuple[str, ...]) -> SampleFile:
        return self._done(CSV, csv_bytes(self.say, rows), role, ordinary)


def csv_bytes(say: Script, rows: Sequence[Row], place: str = "") -> bytes:
    """Rows of templates as CSV; a place is ``r<row>c<column>``, both from 1."""
    target = io.StringIO()
    writer = csv.writer(target)
    for number, row in enumerate(rows, 1):
        writer.writerow([say(cell, f"{place}r{number}c{column}") for column, cell in enumerate(row, 1)])
    return target.getvalue().encode()


class Memo(Draft):
    """A Word document with headings, tables, a header, a footer and an author."""

    def __init__(
        self, cast: dict[str, object], name: str, *, author: str, title: str, header: str, footer: str
    ) -> None:
        super().__init__(cast, name)
        self._document = Document()
        properties = self._document.core_properties
        properties.author = properties.last_modified_by = self.say(author, "property:author")
        properties.title = self.say(title, "property:title")
        properties.comments = ""
        section = self._document.sections[0]
        section.header.paragraphs[0].text = self.say(header, "header")
        section.footer.paragraphs[0].text = self.say(footer, "footer")
        self._paragraphs = self._tables = 0

    def heading(self, template: str, level: int = 1) -> None:
        self._paragraphs += 1
        self._document.add_heading(self.say(template, f"p{self._paragraphs}"), level)

    def text(self, template: str, *, bold: str = "", style: str = "Normal") -> None:
        self._paragraphs += 1
        paragraph = self._document.add_paragraph(style=style)
        if bold:
            paragraph.add_run(f"{bold} ").bold = True
        paragraph.add_run(self.say(template, f"p{self._paragraphs}"))

    def bullets(self, *templates: str) -> None:
        for template in templates:
            self.text(template, style="List Bullet")

    def table(self, rows: Sequence[Row]) -> None:
        self._tables += 1
        table = self._document.add_table(rows=0, cols=len(rows[0]), style="Light Grid Accent 1")
        for number, row in enumerate(rows, 1):
            cells = table.add_row().cells
            for column, template in enumerate(row, 1):
                cells[column - 1].text = self.say(template, f"t{self._tables}r{number}c{column}")

    def done(self, role: str, ordinary: tuple[str, ...]) -> SampleFile:
        target = io.BytesIO()
        self._document.save(target)
        return self._done(DOCX, _settle(target.getvalue()), role, ordinary)


class Budget(Draft):
    """A workbook: texts are templates, numbers stay numbers, and texts that begin with ``=`` are formulas."""

    def __init__(self, cast: dict[str, object], name: str, *, author: str) -> None:
        super().__init__(cast, name)
        self._book = Workbook()
        self._book.remove(self._book.worksheets[0])
        self._book.properties.creator = self.say(author, "property:author")
        self._book.properties.created = WRITTEN

    def sheet(self, title: str, rows: Sequence[Sequence[str | float]], widths: Sequence[int]) -> None:
        sheet = self._book.create_sheet(title)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                place = f"{get_column_letter(column)}{number}"
                cell = sheet[place]
                cell.value = self.say(value, f"{title}!{place}") if isinstance(value, str) else value
                if number == 1:
                    cell.font = Font(bold=True)
        for column, width in enumerate(widths, 1):
            sheet.column_dimensions[get_column_letter(column)].width = width

    def done(self, role: str, ordinary: tuple[str, ...]) -> SampleFile:
        target = io.BytesIO()
        self._book.save(target)
        return self._done(XLSX, _settle(target.getvalue()), role, ordinary)


class Deck(Draft):
    """Slides with bullets or a table, and speaker notes."""

    def __init__(self, cast: dict[str, object], name: str, *, author: str, title: str) -> None:
        super().__init__(cast, name)
        self._deck = Presentation()
        self._deck.core_properties.author = self.say(author, "property:author")
        self._deck.core_properties.last_modified_by = ""
        self._deck.core_properties.title = title
        self._slides = 0

    def _add(self, layout: int, title: str, notes: str) -> object:
        self._slides += 1
        slide = self._deck.slides.add_slide(self._deck.slide_layouts[layout])
        slide.shapes.title.text = self.say(title, f"slide{self._slides}/title")
        if notes:
            slide.notes_slide.notes_text_frame.text = self.say(notes, f"slide{self._slides}/notes")
        return slide

    def cover(self, title: str, subtitle: str, notes: str = "") -> None:
        slide = self._add(0, title, notes)
        slide.placeholders[1].text = self.say(subtitle, f"slide{self._slides}/subtitle")  # type: ignore[attr-defined]

    def bullets(self, title: str, lines: Sequence[str], notes: str = "") -> None:
        frame = self._add(1, title, notes).placeholders[1].text_frame  # type: ignore[attr-defined]
        for number, line in enumerate(lines, 1):
            paragraph = frame.paragraphs[0] if number == 1 else frame.add_paragraph()
            paragraph.text = self.say(line, f"slide{self._slides}/p{number}")

    def table(self, title: str, rows: Sequence[Row], notes: str = "") -> None:
        slide = self._add(5, title, notes)
        size = (Inches(0.6), Inches(1.7), Inches(8.8), Inches(0.5 * len(rows)))
        table = slide.shapes.add_table(len(rows), len(rows[0]), *size).table  # type: ignore[attr-defined]
        for number, row in enumerate(rows, 1):
            for column, template in enumerate(row, 1):
                cell = table.cell(number - 1, column - 1)
                cell.text = self.say(template, f"slide{self._slides}/t1r{number}c{column}")
                cell.text_frame.paragraphs[0].font.size = Pt(16)

    def done(self, role: str, ordinary: tuple[str, ...]) -> SampleFile:
        target = io.BytesIO()
        self._deck.save(target)
        return self._done(PPTX, _settle(target.getvalue()), role, ordinary)


class Report(Draft):
    """A PDF of several pages with headings and tables, as a word processor would print it."""

    def __init__(self, cast: dict[str, object], name: str, *, author: str, title: str) -> None:
        super().__init__(cast, name)
        self._author = self.say(author, "property:author")
        self._title = title
        self._styles = getSampleStyleSheet()
        self._flow: list[object] = [Paragraph(title, self._styles["Title"])]
        self._places = 0

    def _place(self) -> str:
        self._places += 1
        return f"p{self._places}"

    def heading(self, template: str) -> None:
        self._flow.append(Paragraph(self.say(template, self._place()), self._styles["Heading2"]))

    def text(self, template: str) -> None:
        self._flow += [Paragraph(self.say(template, self._place()), self._styles["BodyText"]), Spacer(1, 6)]

    def page(self) -> None:
        self._flow.append(PageBreak())

    def table(self, rows: Sequence[Row], widths: Sequence[float]) -> None:
        place = self._place()
        cells = [
            [
                Paragraph(self.say(cell, f"{place}r{number}c{column}"), self._styles["BodyText"])
                for column, cell in enumerate(row, 1)
            ]
            for number, row in enumerate(rows, 1)
        ]
        style = TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, colors.grey),
                ("BACKGROUND", (0, 0), (-1, 0), colors.lightgrey),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
        self._flow += [Table(cells, colWidths=list(widths), style=style, repeatRows=1), Spacer(1, 10)]

    def done(self, role: str, ordinary: tuple[str, ...]) -> SampleFile:
        target = io.BytesIO()
        document = SimpleDocTemplate(target, pagesize=A4, title=self._title, author=self._author, invariant=1)
        document.build(self._flow)
        return self._done(PDF, target.getvalue(), role, ordinary)


class Mail(Draft):
    """One mail of a thread: headers, a body with what it answers quoted below, a signature, maybe an attachment."""

    def __init__(self, cast: dict[str, object], name: str, *, sender: str, to: str, cc: str, subject: str) -> None:
        super().__init__(cast, name)
        self._message = EmailMessage(policy=SMTP)
        for header, template in (("From", sender), ("To", to), ("Cc", cc), ("Subject", subject)):
            if template:
                self._message[header] = self.say(template, f"header:{header.lower()}")
        self._message["Date"] = "Thu, 12 Mar 2026 09:30:00 +0000"
        self._message["Message-ID"] = "<20260312093000.4471@mail.example.com>"

    def body(self, template: str) -> None:
        self._message.set_content(self.say(template, "body"), cte="quoted-printable")

    def attach_table(self, name: str, rows: Sequence[Row]) -> None:
        filename = self.say(name, "attachment1/name")
        data = csv_bytes(self.say, rows, "attachment1/")
        self._message.add_attachment(data, maintype="text", subtype="csv", filename=filename)

    def done(self, role: str, ordinary: tuple[str, ...]) -> SampleFile:
        if self._message.is_multipart():
            self._message.set_boundary("==boundary-4471==")
        return self._done(EML, self._message.as_bytes(), role, ordinary)
