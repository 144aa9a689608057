"""What hostile documents and presentations share: pieces to build them from, and ways to switch a carrier off.

A mutant lets one dropped thing of the input stand in the output after all: a member of the zip, an element, an
attribute. It works on what the handler wrote, in whatever form, so a simpler form does not hide it.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import dataclasses
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from unittest.mock import patch

from lxml import etree
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from redaction.entities import Extraction, Output, Plan
from redaction.formats import Limits, Switches
from redaction.formats.ooxml.office import OfficeHandler
from tests.corpus.hostile import NEEDLE, Mutant
from tests.redaction.packages import members

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# How a name may be written inside the text of a document. ``{}`` of a template takes what stands here.
FORMS: Mapping[str, str] = {
    "plain": f"Dear Jane {NEEDLE}, hello",
    "upper case": f"SIGNED {NEEDLE.upper()}",
    "possessive": f"{NEEDLE}’s garden and {NEEDLE}'s house",
    "soft hyphen": "Jane Fair\u00adweather called",
    "zero-width space": "Jane Fair\u200bweather called",
    "zero-width joiner": "Jane Fairw\u200deather called",
    "word joiner": "Jane Fairweat\u2060her called",
    "variation selector": "Jane Fairw\ufe0feather called",
    "no-break space": f"Jane\u00a0{NEEDLE} called",
    "full width": "Jane Ｆａｉｒｗｅａｔｈｅｒ called",
    "mathematical letters": "Jane \U0001d405\U0001d41a\U0001d422\U0001d42b\U0001d430\U0001d41e\U0001d41a\U0001d42d"
    "\U0001d421\U0001d41e\U0001d42b called",
    "local part": "write to jane.fairweather@acme.example today",
    "underscored": "see jane_fairweather_notes there",
    "URL encoded": "see https://acme.example/?q=Jane%20Fairweather there",
    "character references": "Jane &#70;&#x61;irweather called",
    "homoglyph": "Jane F\u0430irw\u0435\u0430ther called",
}
OTHER_FORMS: Mapping[str, tuple[str, str]] = {  # form → (text, needle)
    "decomposed": ("Jane Mu\u0308llerstein called", "Müllerstein"),
    "ligature": ("Jane Gri\ufb03ndale called", "Griffindale"),
    "sharp s": ("JANE GROSSWEIDE called", "Großweide"),
}


def picture(text: str = "", size: tuple[int, int] = (360, 120)) -> bytes:
    """A PNG that says the needle in its own text chunk and, on request, letters to read."""
    image = Image.new("RGB", size, "white")
    if text:
        ImageDraw.Draw(image).text((20, 40), text, fill="black", font_size=36)
    said = PngInfo()
    said.add_text("Comment", f"taken by {NEEDLE}")
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", pnginfo=said)
    return buffer.getvalue()


def written_in_grey(size: tuple[int, int] = (120, 60)) -> bytes:
    """A PNG whose first rows spell the needle in their grey values: nothing to see, everything to read."""
    image = Image.new("L", size, 200)
    for column, letter in enumerate(NEEDLE.encode() * 3):
        image.putpixel((column, 2), letter)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()


def photograph() -> bytes:
    """A JPEG with the needle in its EXIF data and in its comment."""
    image = Image.new("RGB", (80, 60), "navy")
    exif = image.getexif()
    exif[0x013B] = f"Jane {NEEDLE}"
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", exif=exif, comment=f"by {NEEDLE}".encode())
    return buffer.getvalue()


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def sealed(files: Mapping[str, bytes], comment: bytes = b"") -> bytes:
    """A zip of these members as a careful writer would make it: one date, no extra fields."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
        archive.comment = comment
    return buffer.getvalue()


# Mutants ------------------------------------------------------------------------------------------------------------

Spoil = Callable[[bytes, bytes], bytes]  # source, output → output


def spoiled(spoil: Spoil) -> Mutant:
    """A handler whose output ``spoil`` changes."""

    @contextlib.contextmanager
    def mutant() -> Iterator[None]:
        plain = OfficeHandler.rewrite

        def rewrite(
            self: OfficeHandler, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()
        ) -> Output:
            output = plain(self, source, plan, limits, switches)
            return dataclasses.replace(output, data=spoil(source, output.data))

        with patch.object(OfficeHandler, "rewrite", rewrite):
            yield

    return mutant


def members_kept(pattern: str) -> Mutant:
    """Members of these names go over as they are."""

    def spoil(source: bytes, output: bytes) -> bytes:
        kept = {name: data for name, data in members(source).items() if re.fullmatch(pattern, name)}
        return sealed({**members(output), **kept})

    return spoiled(spoil)


def elements_kept(member: str, *names: str) -> Mutant:
    """Elements of these names go over as they are, to the end of the same member."""

    def spoil(source: bytes, output: bytes) -> bytes:
        files = members(output)
        root = etree.fromstring(files[member])
        for element in etree.fromstring(members(source)[member]).iter("{*}*"):
            if etree.QName(element).localname in names:
                root.append(copy.deepcopy(element))
        return sealed({**files, member: etree.tostring(root)})

    return spoiled(spoil)


def attributes_kept(member: str, *names: str) -> Mutant:
    """Attributes of these names go over as they are, to the root of the same member."""

    def spoil(source: bytes, output: bytes) -> bytes:
        files = members(output)
        root = etree.fromstring(files[member])
        for element in etree.fromstring(members(source)[member]).iter("{*}*"):
            for name, value in element.attrib.items():
                if etree.QName(name).localname in names:
                    root.set(name, f"{root.get(name) or ''} {value!s}")
        return sealed({**files, member: etree.tostring(root)})

    return spoiled(spoil)


def comment_kept(source: bytes, output: bytes) -> bytes:
    """The remark of the zip goes over."""
    with zipfile.ZipFile(io.BytesIO(source)) as archive:
        return sealed(members(output), archive.comment)


@contextlib.contextmanager
def definitions_accepted() -> Iterator[None]:
    """A document type definition is cut out instead of refused."""
    plain_extract, plain_rewrite = OfficeHandler.extract, OfficeHandler.rewrite

    def cut(source: bytes) -> bytes:
        return sealed({name: re.sub(rb"<!DOCTYPE[^\]]*\]>", b"", data) for name, data in members(source).items()})

    def extract(self: OfficeHandler, source: bytes, limits: Limits, switches: Switches = Switches()) -> Extraction:
        return plain_extract(self, cut(source), limits, switches)

    def rewrite(
        self: OfficeHandler, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()
    ) -> Output:
        return plain_rewrite(self, cut(source), plan, limits, switches)

    with patch.object(OfficeHandler, "extract", extract), patch.object(OfficeHandler, "rewrite", rewrite):
        yield


@contextlib.contextmanager
def encryption_not_known() -> Iterator[None]:
    """Nobody looks whether a container is an encrypted one."""
    with patch("redaction.formats.table._OLE", b"never the first bytes"):
        yield


COMMON_MUTANTS: Mapping[str, Mutant] = {
    "O1": members_kept(r"docProps/.*"),
    "O2": spoiled(comment_kept),
    "O4": members_kept(r"(?:word|ppt)/media/.*"),
    "O5": members_kept(r"(?:word|ppt)/embeddings/.*"),
    "O7": members_kept(r"customXml/.*"),
    "O8": members_kept(r"(?:word|ppt)/(?:activeX|webextensions|printerSettings|fonts)/.*|_xmlsignatures/.*"),
    "O11": definitions_accepted,
    "O12": encryption_not_known,
    "unnamed": members_kept(r"(?:word|ppt)/fairweather\.bin"),
}
