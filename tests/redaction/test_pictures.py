"""Pictures inside outputs are read again, wherever a format keeps them; what cannot be read is an error."""

from __future__ import annotations

import base64
import email.message
import io
import json
import zipfile
from typing import Any

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from redaction import ocr
from redaction.entities import Block
from redaction.media import DOCX, JPEG, MAIL, PDF, PNG, XLSX
from redaction.readers import pictures
from tests.redaction.pictures import code, drawn, jpeg, png

LINES = ("Meeting with Jane Fairweather", "Ticket 4711 is still open")
HTML = "text/html"
NOTEBOOK = "application/x-ipynb+json"


def look(media_type: str, data: bytes, **options: Any) -> list[Block]:
    return pictures.look(media_type, data, 120.0, **options)


def found(blocks: list[Block], word: str = "Fairweather") -> list[str]:
    return [block.anchor for block in blocks if word in block.text]


@pytest.mark.parametrize(("media_type", "data"), [(PNG, png(drawn(LINES))), (JPEG, jpeg(drawn(LINES)))])
def test_a_picture_is_read(media_type: str, data: bytes) -> None:
    assert found(look(media_type, data)) == ["img1"]


def package(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_png", ".png"), data)
    return buffer.getvalue()


def test_pictures_of_office_files_are_read() -> None:
    picture = png(drawn(LINES))
    other = package(word__document=b"", word__media__image1_png=png(drawn(LINES[1:])), word__media__image2_png=picture)
    assert found(look(DOCX, other)) == ["m3"]
    assert found(look(DOCX, other), "4711") == ["m2", "m3"]
    assert found(look(XLSX, package(xl__media__image1_png=picture))) == ["m1"]


@pytest.mark.parametrize("data", [b"", b"not a picture", png(drawn(LINES))[:-30], b"GIF89a" + bytes(30)])
def test_a_picture_that_cannot_be_read_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"picture|end"):
        look(DOCX, package(word__media__image1_png=data))


def test_time_that_runs_out_is_an_error() -> None:
    with pytest.raises(ValueError, match="time"):
        pictures.look(PNG, png(drawn(LINES)), 0.0, every_page=False)


def test_no_engine_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "engines", lambda: ())
    with pytest.raises(ValueError, match="engine"):
        look(PNG, png(drawn(LINES)))


def test_pictures_in_mail_pages_and_notebooks_are_read() -> None:
    message = email.message.EmailMessage()
    message.set_content("See the picture.")
    message.add_attachment(png(drawn(LINES)), maintype="image", subtype="png")
    assert found(look(MAIL, message.as_bytes())) == ["part3"]
    written = base64.b64encode(png(drawn(LINES))).decode()
    page = f'<p><img src="data:image/png;base64,{written}" alt=""></p>'
    assert found(look(HTML, page.encode())) == ["m1"]
    message = email.message.EmailMessage()
    message.set_content(page, subtype="html")
    assert found(look(MAIL, message.as_bytes())) == ["part1/m1"]
    cell = {"cell_type": "code", "outputs": [{"data": {"image/png": [written[:80], written[80:]]}}]}
    assert found(look(NOTEBOOK, json.dumps({"cells": [cell]}).encode())) == ["m1"]


def test_codes_are_read_too() -> None:
    page = drawn(LINES[1:], (460, 260))
    page.paste(code("ticket of Fairweather"), (20, 90))
    assert found(look(PNG, png(page))) == ["img1"]


# PDF ----------------------------------------------------------------------------------------------------------------


def pdf(*draw: Any) -> bytes:
    """A file of one page for each function that draws."""
    buffer = io.BytesIO()
    sheet = canvas.Canvas(buffer, pagesize=(400, 300), pageCompression=0)
    for one in draw:
        one(sheet)
        sheet.showPage()
    sheet.save()
    return buffer.getvalue()


def text(*lines: str) -> Any:
    def write(sheet: canvas.Canvas) -> None:
        for number, line in enumerate(lines):
            sheet.drawString(40, 250 - 20 * number, line)

    return write


def picture(image: Image.Image, mask: Any = None) -> Any:
    return lambda sheet: sheet.drawImage(ImageReader(image), 20, 80, 360, 130, mask=mask)


def outlines(sheet: canvas.Canvas) -> None:
    """Letters as shapes, without any text: many small squares."""
    shape = drawn(LINES, (360, 80), letters=20, at=(4, 4)).convert("1", dither=Image.Dither.NONE)
    dark = [(x, y) for x in range(360) for y in range(80) if not shape.getpixel((x, y))]
    for x, y in dark:
        sheet.rect(20 + x, 200 - y, 1, 1, stroke=0, fill=1)


def test_pictures_of_pages_are_read_as_stored() -> None:
    data = pdf(text("Nothing here"), picture(drawn(LINES)))
    assert "page2/img1" in found(look(PDF, data))


def test_letters_drawn_as_shapes_are_read() -> None:
    blocks = look(PDF, pdf(text("An ordinary first page of text"), outlines))
    assert found(blocks, "Meeting with Jane") == ["page2"]


def test_of_many_pages_of_text_one_in_ten_is_read_and_all_if_the_policy_says_so() -> None:
    data = pdf(*(text(f"Ordinary sentence number {number}", "with several plain words") for number in range(23)))
    assert [block.anchor for block in look(PDF, data)] == ["page1", "page11", "page21"]
    assert len(look(PDF, data, every_page=True)) == 23


def test_a_font_that_says_something_else_than_it_shows_is_never_believed() -> None:
    data = pdf(*(text("Meeting with Jane Fairweather", "about several plain words") for _ in range(3)))
    assert len(look(PDF, data)) == 1
    shown = [pictures._Page(number, "Entirely different words", frozenset({7}), 0, False) for number in (1, 2, 3)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "_pages", lambda _: iter(shown))
        assert found(look(PDF, data)) == ["page1", "page2", "page3"]
