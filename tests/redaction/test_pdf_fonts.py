"""Font programs: what is still shown stays, what is not leaves with its name."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pikepdf
import pytest
import reportlab
from pikepdf import Dictionary
from PIL import Image
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from redaction.errors import RedactionError
from redaction.formats import Limits, pdf_cff, pdf_cmap, pdf_sfnt, pdf_type1
from redaction.formats.pdf import PdfHandler
from redaction.formats.pdf_encodings import glyph_text, named_encoding, standard_names
from redaction.readers import pdf as readers
from tests.redaction import pdf_files
from tests.redaction.plans import plan_for, text_of

FONTS = Path(reportlab.__file__).parent / "fonts"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("A", "A"),
        ("seven", "7"),
        ("quoteright", "’"),
        ("eacute", "é"),
        ("Scommaaccent", "Ș"),
        ("alpha", "α"),
        ("Omega", "Ω"),
        ("f_i", "fi"),
        ("a.sc", "a"),
        ("uni00E90041", "éA"),
        ("u1F600", "😀"),
        ("g17", None),
        ("uniD800", None),
        (".notdef", None),
    ],
)
def test_a_glyph_name_stands_for_its_text(name: str, text: str | None) -> None:
    assert glyph_text(name) == text


def test_the_named_encodings_are_those_of_the_standard() -> None:
    windows, mac = named_encoding("/WinAnsiEncoding"), named_encoding("/MacRomanEncoding")
    standard = named_encoding("/StandardEncoding")
    assert windows is not None
    assert mac is not None
    assert standard is not None
    assert (windows[0x80], windows[0xAD], windows[0xE9]) == ("€", "-", "é")
    assert (mac[0x8E], standard[0x27], standard[0xAE]) == ("é", "’", "ﬁ")
    assert len(standard_names()) == 149
    assert named_encoding("/OwnEncoding") is None


def test_a_code_map_reads_what_it_wrote() -> None:
    codes = {b"\0\x01": "a", b"\0\x02": "ffi", b"\0\x03": "😀"}
    assert pdf_cmap.read(pdf_cmap.write(codes)) == codes


def test_a_code_map_reads_ranges_and_lists() -> None:
    data = b"2 beginbfrange <01> <03> <0041>\n<05> <06> [<0058> <0059005A>] endbfrange"
    assert pdf_cmap.read(data) == {b"\x01": "A", b"\x02": "B", b"\x03": "C", b"\x05": "X", b"\x06": "YZ"}


def type1_document(text: str) -> bytes:
    face = pdfmetrics.EmbeddedType1Face(str(FONTS / "DarkGardenMK.afm"), str(FONTS / "DarkGardenMK.pfb"))
    pdfmetrics.registerTypeFace(face)
    pdfmetrics.registerFont(pdfmetrics.Font("Garden", face.name, "WinAnsiEncoding"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    canvas.setFont("Garden", 30)
    canvas.drawString(72, 700, text)
    canvas.save()
    return buffer.getvalue()


def charstrings(data: bytes) -> dict[bytes, bytes]:
    """Glyph name → charstring of the one Type 1 program in a file."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        stream = next(item.FontFile for item in pdf.objects if isinstance(item, Dictionary) and "/FontFile" in item)
        private = stream.read_bytes()[int(stream.Length1) :]
    key, plain = 55665, bytearray()
    for byte in private:
        plain.append(byte ^ (key >> 8))
        key = ((byte + key) * 52845 + 22719) & 0xFFFF
    found: dict[bytes, bytes] = {}
    position = plain.find(b"/CharStrings")
    for line in bytes(plain[position:]).split(b"/")[2:]:
        words = line.split(b" ", 3)
        if len(words) == 4 and words[1].isdigit():
            found[words[0]] = words[3]
    return found


def test_a_type_1_program_keeps_the_letters_still_shown() -> None:
    source = type1_document("Ask Jane")
    handler = PdfHandler()
    extraction = handler.extract(source, Limits())
    output = handler.rewrite(source, plan_for(extraction, {"Jane": "[PERSON_1]"}), Limits())
    assert text_of(readers.read_pdfium(output.data)) == "Ask [PERSON_1]"
    assert b"DarkGarden" in b"".join(programs(source))
    assert b"DarkGarden" not in b"".join(programs(output.data))
    before, after = charstrings(source), charstrings(output.data)
    assert all(before[name] == after[name] for name in (b"A", b"s", b"k"))
    assert all(before[name] != after[name] for name in (b"J", b"n", b"e"))
    assert ask(output.data) == ask(source)
    assert len(set(ask(source))) > 1


def ask(data: bytes) -> bytes:
    """The pixels of the first word."""
    picture = Image.open(io.BytesIO(readers.render(data, 1, 1.0))).convert("L")
    return picture.crop((72, picture.height - 735, 72 + 3 * 12, picture.height - 695)).tobytes()


def programs(data: bytes) -> list[bytes]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [
            item.FontFile.read_bytes() for item in pdf.objects if isinstance(item, Dictionary) and "/FontFile" in item
        ]


def test_the_encoding_of_a_type_1_program_is_read() -> None:
    assert pdf_type1.encoding(b"%!PS\n/Encoding 256 array dup 65 /B put dup 66 /eacute put eexec") == {
        65: "B",
        66: "eacute",
    }
    assert pdf_type1.encoding(b"%!PS\n/Encoding StandardEncoding def eexec") is None


def index(*items: bytes) -> bytes:
    if not items:
        return b"\0\0"
    offsets = [1]
    for item in items:
        offsets.append(offsets[-1] + len(item))
    return (
        struct.pack(">HB", len(items), 2) + b"".join(struct.pack(">H", offset) for offset in offsets) + b"".join(items)
    )


def cff(*, composed: bool = False) -> bytes:
    """A CFF program of .notdef, A (number 34), B (35), C (36) and an own glyph "g7" (number 392)."""
    outlines = [b"\x0e", b"outline of A\x0e", b"outline of B\x0e", b"outline of C\x0e", b"outline of 7\x0e"]
    if composed:
        outlines[3] = b"\x8b\x8b\x8c\x8d\x0e"
    head, names, strings = b"\1\0\4\2", index(b"Fairweather"), index(b"Drawn by Jane Fairweather", b"g7")
    top_length = 3 + 2 + 6 + 6
    start = len(head) + len(names) + len(index(bytes(top_length))) + len(strings) + len(index())
    charset = b"\0" + struct.pack(">4H", 34, 35, 36, 392)
    notice = b"\x1c" + struct.pack(">h", 391) + b"\x01"
    top = notice + b"\x8b" + b"\x1d" + struct.pack(">i", start) + b"\x0f"
    top += b"\x1d" + struct.pack(">i", start + len(charset)) + b"\x11"
    assert len(top) == top_length
    return head + names + index(top) + strings + index() + charset + index(*outlines)


def test_a_cff_program_keeps_the_letters_still_shown_and_no_words() -> None:
    new = pdf_cff.pruned(cff(), texts={"B"}, cids=None)
    assert len(new) == len(cff())
    assert b"Fairweather" not in new
    assert b"outline of B" in new
    assert b"outline of 7" in new  # its name says nothing, so it may be any letter
    assert b"outline of A" not in new
    assert b"outline of C" not in new


def test_a_cff_program_drawn_by_numbers_keeps_those_numbers() -> None:
    new = pdf_cff.pruned(cff(), texts=set(), cids={1, 4})
    assert [letter in new for letter in (b"of A", b"of B", b"of C", b"of 7")] == [True, False, False, True]


def test_letters_composed_of_others_keep_them_all() -> None:
    new = pdf_cff.pruned(cff(composed=True), texts={"C"}, cids=None)
    assert b"outline of A" in new
    assert b"Fairweather" not in new


DAMAGED = {
    "nothing": b"",
    "a header alone": b"\1\0\4\2",
    "an index that points outside": b"\1\0\4\2\0\1\2\0\1\xff\xff",
    "half of a program": cff()[:60],
}


@pytest.mark.parametrize("how", DAMAGED)
def test_a_damaged_program_holds_the_file(how: str) -> None:
    with pytest.raises(RedactionError) as error:
        pdf_cff.pruned(DAMAGED[how], texts=set(), cids=None)
    assert error.value.code == "unread-font"
    with pytest.raises(RedactionError) as error:
        pdf_sfnt.pruned(DAMAGED[how], set(), by_glyph=True)
    assert error.value.code == "unread-font"


def test_a_truetype_program_is_written_without_its_words() -> None:
    vera = pdf_files.VERA.read_bytes()
    assert b"Bitstream" in vera
    new = pdf_sfnt.pruned(vera, {3, 36}, by_glyph=False)
    assert b"Bitstream" not in new
    assert pdf_sfnt.letters(new).items() <= pdf_sfnt.letters(vera).items()
    assert set(pdf_sfnt.letters(new)) == {3, 36}
    assert len(new) < len(vera) / 2
