"""Fonts of a PDF: what the codes of a string mean, and the font as it goes into the new file.

Read are simple fonts (Type1, MMType1, TrueType) and Type0 fonts whose codes are glyph numbers (Identity-H). Every
other font, and every code whose meaning nobody can tell, is not guessed: ``text`` is then ``UNKNOWN``, and the
lines decide whether the file can be taken. Source: ISO 32000-1, 9.5–9.10.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from redaction.errors import RedactionError
from redaction.formats import pdf_cff, pdf_cmap, pdf_sfnt, pdf_type1
from redaction.formats.pdf_encodings import core_width, glyph_text, named_encoding, standard_encoding
from redaction.formats.pdf_streams import Budget, dictionary, name_of, number, text_of

UNKNOWN = "\ufffd"
SIMPLE = frozenset({"/Type1", "/MMType1", "/TrueType"})
# Names of fonts everybody has may stay: a viewer chooses its own copy by them.
_COMMON_FONT = re.compile(
    r"/(?:Helvetica|Times|Courier|Arial|TimesNewRoman|CourierNew|Calibri|Cambria|Verdana|Georgia|Tahoma|Symbol|"
    r"ZapfDingbats)(?:New|Roman|PS|MT|PSMT|Regular|Bold|Italic|Oblique|[-,])*"
)
_GLYPH_NAME = re.compile(r"/[A-Za-z.][A-Za-z0-9._]{0,31}")
_FIXED, _SERIF, _SYMBOLIC = 1, 2, 4
_DESCRIPTOR_NUMBERS = ("/Flags", "/ItalicAngle", "/Ascent", "/Descent", "/CapHeight", "/StemV", "/MissingWidth")
_SYMBOL = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", strict=True))
_SYMBOL |= dict(zip("abcdefghijklmnopqrstuvwxyz", "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True))


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a string: its bytes, its text, how far it moves on (thousandths of the size)."""

    raw: bytes
    text: str
    width: float


@dataclass
class Font:
    """One font of the input: ``texts`` by its maps, ``own`` by its encoding alone, which decides what is drawn.

    ``used`` collects the codes that the new file still shows.
    """

    source: Any
    code_length: int
    texts: Mapping[int, str]
    widths: Mapping[int, float]
    default_width: float
    family: str
    own: Mapping[int, str] = field(default_factory=dict)
    codes: pdf_cmap.CodeMap | None = None
    used: set[int] = field(default_factory=set)

    def decode(self, data: bytes) -> list[Code]:
        if self.codes is not None:
            # Written with glyph numbers as codes, so they are read as such from here on.
            cids = (self.codes.cids.get(code, 0) & 0xFFFF for code in self.codes.cut(data))
            return [self._code(cid.to_bytes(2, "big")) for cid in cids]
        size = self.code_length
        return [self._code(data[i : i + size]) for i in range(0, len(data), size)]

    def drawn(self, code: int) -> set[str]:
        """Return the texts whose outlines a code may be drawn by."""
        return {self.texts.get(code, ""), self.own.get(code, "")} - {""}

    def drawn_letters(self) -> set[str] | None:
        """Return the texts of all codes in use; None where the encoding does not say what is drawn."""
        if self.code_length == 1 and self.used - set(self.own):
            return None
        return {text for code in self.used for text in self.drawn(code)}

    def _code(self, raw: bytes) -> Code:
        value = int.from_bytes(raw, "big")
        text = self.texts.get(value) or UNKNOWN
        width = self.widths.get(value)
        if width is None:
            width = self.default_width if self.default_width >= 0 else core_width(self.family, text)
        return Code(raw, text, width)


def load(source: Any, budget: Budget) -> Font:
    """Read a font.

    Raises:
        RedactionError: ``unread-font`` for Type3 and unknown kinds, vertical writing, and codes that are not
            glyph numbers.
    """
    kind = name_of(dictionary(source).get("/Subtype"))
    if kind in SIMPLE:
        return _load_simple(source, budget)
    if kind == "/Type0":
        encoding = source.get("/Encoding")
        codes = pdf_cmap.read_codes(budget.stream(encoding)) if isinstance(encoding, pikepdf.Stream) else None
        if codes is not None or name_of(encoding) == "/Identity-H":
            return _load_composite(source, budget, codes)
    raise RedactionError("unread-font")


def _load_simple(source: Any, budget: Budget) -> Font:
    base = name_of(source.get("/BaseFont"))
    descriptor = dictionary(source.get("/FontDescriptor"))
    encoding = _encoding(source, base, descriptor, budget)
    mapped = {int.from_bytes(code, "big"): text for code, text in _to_unicode(source, budget).items()}
    if "/Encoding" in source:
        _refuse_contradiction(encoding, mapped)
    widths: dict[int, float] = {}
    if "/Widths" in source:
        first = int(number(source.get("/FirstChar", 0)))
        widths = {first + index: number(width) for index, width in enumerate(source["/Widths"])}
    default = number(descriptor.get("/MissingWidth", 0)) if widths else -1.0
    texts = {**encoding, **{code: text for code, text in mapped.items() if _says_something(text)}}
    return Font(source, 1, texts, widths, default, _family(base, descriptor), encoding)


def _load_composite(source: Any, budget: Budget, codes: pdf_cmap.CodeMap | None) -> Font:
    descendants = source.get("/DescendantFonts")
    if not isinstance(descendants, Array) or len(descendants) != 1:
        raise RedactionError("unread-font")
    inner = dictionary(descendants[0])
    by_code = _to_unicode(source, budget)
    mapped = {int.from_bytes(code, "big"): text for code, text in by_code.items()}
    if codes is not None:
        mapped = {cid: by_code[code] for code, cid in reversed(list(codes.cids.items())) if code in by_code}
    shown = _glyph_letters(inner, budget)
    glyphs = _glyph_numbers(inner, budget)
    texts = {code: shown[glyph] for code in range(0x10000 if shown else 0) if (glyph := glyphs(code)) in shown}
    _refuse_contradiction(texts, mapped)
    texts |= {code: text for code, text in mapped.items() if _says_something(text)}
    widths = _composite_widths(inner.get("/W"))
    return Font(source, 2, texts, widths, number(inner.get("/DW", 1000)), "", codes=codes)


def _glyph_letters(inner: Any, budget: Budget) -> dict[int, str]:
    """Return glyph number → text from the map inside a TrueType program: what a font says without ToUnicode."""
    program = dictionary(inner.get("/FontDescriptor")).get("/FontFile2")
    return pdf_sfnt.letters(budget.stream(program)) if isinstance(program, pikepdf.Stream) else {}


def _glyph_numbers(inner: Any, budget: Budget) -> Callable[[int], int]:
    """Return the way from a code to its glyph (ISO 32000-1, 9.7.4.2)."""
    stream = inner.get("/CIDToGIDMap")
    if not isinstance(stream, pikepdf.Stream):
        return lambda code: code
    table = budget.stream(stream)
    return lambda code: int.from_bytes(table[2 * code : 2 * code + 2], "big")


def _says_something(text: str) -> bool:
    """Tell a letter from what maps write for "I do not know": nothing, controls, private use."""
    return bool(text) and not any(ord(char) < 32 or char == UNKNOWN or "\ue000" <= char <= "\uf8ff" for char in text)


def _to_unicode(source: Any, budget: Budget) -> dict[bytes, str]:
    stream = source.get("/ToUnicode")
    return pdf_cmap.read(budget.stream(stream)) if isinstance(stream, pikepdf.Stream) else {}


def _encoding(source: Any, base: str, descriptor: Any, budget: Budget) -> dict[int, str]:
    """Return code → text by the font's own encoding: base table, then the differences."""
    encoding = source.get("/Encoding")
    flags = int(number(descriptor.get("/Flags", 0)))
    embedded = any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))
    table = named_encoding(name_of(encoding) or name_of(dictionary(encoding).get("/BaseEncoding")))
    if table is None:
        table = _builtin(base, descriptor, embedded, bool(flags & _SYMBOLIC), budget)
    # A font that is not in the file shows nothing for a code without a letter.
    result = dict(table) if embedded else {**dict.fromkeys(range(256), " "), **table}
    code = 0
    for item in dictionary(encoding).get("/Differences", []):
        if isinstance(item, Name):
            result[code] = glyph_text(str(item)[1:]) or ""
            code += 1
        else:
            code = int(number(item))
    return {code: text for code, text in result.items() if _says_something(text)}


def _builtin(base: str, descriptor: Any, embedded: bool, symbolic: bool, budget: Budget) -> Mapping[int, str]:
    """Return the encoding a font brings along when its dictionary names none."""
    if not embedded and "Symbol" in base:
        return {code: _SYMBOL.get(chr(code), chr(code) if code < 127 else "•") for code in range(32, 256)}
    if not embedded and "Dingbats" in base:
        return dict.fromkeys(range(33, 256), "•") | {32: " "}
    if "/FontFile" in descriptor:
        names = pdf_type1.encoding(budget.stream(descriptor["/FontFile"]))
        return standard_encoding() if names is None else {code: glyph_text(name) or "" for code, name in names.items()}
    return {} if embedded and symbolic else standard_encoding()


def _refuse_contradiction(shown: Mapping[int, str], mapped: Mapping[int, str]) -> None:
    """A font that shows one letter and copies as another lies to people or to us.

    Raises:
        RedactionError: ``unread-font``.
    """
    for code, text in mapped.items():
        own = shown.get(code, "")
        if own.isalnum() and text.isalnum() and (own + text).isascii() and own.casefold() != text.casefold():
            raise RedactionError("unread-font")


def _composite_widths(array: Any) -> dict[int, float]:
    """Read ``W``: ``first [w w w]`` and ``first last w`` (ISO 32000-1, 9.7.4.3)."""
    widths: dict[int, float] = {}
    pending: list[int] = []
    for item in array if isinstance(array, Array) else ():
        if isinstance(item, Array):
            widths.update({pending[-1] + index: number(width) for index, width in enumerate(item)})
            pending = []
        elif len(pending) == 2:
            first, last = pending
            widths.update(dict.fromkeys(range(first, min(last, first + 0xFFFF) + 1), number(item)))
            pending = []
        else:
            pending.append(int(number(item)))
    return widths


def _family(base: str, descriptor: Any) -> str:
    flags = int(number(descriptor.get("/Flags", 0)))
    if "Courier" in base or flags & _FIXED:
        return "Courier"
    return "Times" if "Times" in base or flags & _SERIF else "Helvetica"


def write(font: Font, target: Dictionary, pdf: pikepdf.Pdf, number_: int, budget: Budget) -> None:
    """Fill ``target`` with the font as it leaves: allowed keys, a generated name, used codes alone."""
    if not font.used:
        # Chosen, but all it showed is gone: nothing of it may stay.
        target.Type, target.Subtype, target.BaseFont = Name.Font, Name.Type1, Name.Helvetica
        return
    base = name_of(font.source.get("/BaseFont"))
    descriptor = dictionary(
        dictionary(font.source["/DescendantFonts"][0]).get("/FontDescriptor")
        if font.code_length == 2
        else font.source.get("/FontDescriptor")
    )
    embedded = any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))
    name = Name(base) if not embedded and _COMMON_FONT.fullmatch(base) else Name(_generated(number_, embedded))
    target.Type, target.Subtype, target.BaseFont = Name.Font, font.source["/Subtype"], name
    codes = {code.to_bytes(font.code_length, "big"): font.texts.get(code, "") for code in font.used}
    if any(codes.values()):
        target.ToUnicode = pdf.make_stream(pdf_cmap.write(codes))
    new_descriptor = _write_descriptor(font, descriptor, name, pdf, budget) if descriptor else None
    if font.code_length == 2:
        _write_composite(font, target, name, new_descriptor, pdf, budget)
    else:
        _write_simple(font, target, new_descriptor)


def _generated(number_: int, embedded: bool) -> str:
    letters = "".join(chr(65 + number_ // 26**power % 26) for power in range(5, -1, -1))
    return f"/{letters}+Font{number_}" if embedded else f"/Font{number_}"


def _write_simple(font: Font, target: Dictionary, descriptor: Dictionary | None) -> None:
    if descriptor is not None:
        target.FontDescriptor = descriptor
    encoding = font.source.get("/Encoding")
    base = name_of(encoding) or name_of(dictionary(encoding).get("/BaseEncoding"))
    differences = _differences(font, dictionary(encoding).get("/Differences", []))
    if differences:
        target.Encoding = Dictionary(Type=Name.Encoding, Differences=Array(differences))
        if named_encoding(base) is not None:
            target.Encoding.BaseEncoding = Name(base)
    elif named_encoding(base) is not None:
        target.Encoding = Name(base)
    if font.widths and font.used:
        first, last = min(font.used), max(font.used)
        target.FirstChar, target.LastChar = first, last
        used = [font.widths.get(code, 0.0) if code in font.used else 0.0 for code in range(first, last + 1)]
        target.Widths = Array([_decimal(width) for width in used])


def _differences(font: Font, source: Any) -> list[Any]:
    """Return the differences of the codes still used, and of glyph names that are names of glyphs."""
    result: list[Any] = []
    code, expected = 0, -1
    for item in source:
        if not isinstance(item, Name):
            code = int(number(item))
            continue
        if code in font.used and _GLYPH_NAME.fullmatch(str(item)):
            if code != expected:
                result.append(code)
            result.append(item)
            expected = code + 1
        code += 1
    return result


def _write_composite(
    font: Font, target: Dictionary, name: Name, descriptor: Dictionary | None, pdf: pikepdf.Pdf, budget: Budget
) -> None:
    inner = dictionary(font.source["/DescendantFonts"][0])
    kind = name_of(inner.get("/Subtype"))
    if kind not in {"/CIDFontType0", "/CIDFontType2"}:
        raise RedactionError("unread-font")
    new = Dictionary(Type=Name.Font, Subtype=Name(kind), BaseFont=name, DW=_decimal(font.default_width))
    new.CIDSystemInfo = Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0)
    widths: list[Any] = []
    for code in sorted(font.used & set(font.widths)):
        widths += [code, Array([_decimal(font.widths[code])])]
    new.W = Array(widths)
    glyphs = inner.get("/CIDToGIDMap")
    if isinstance(glyphs, pikepdf.Stream):
        new.CIDToGIDMap = pdf.make_stream(_pruned_map(budget.stream(glyphs), font.used))
    elif kind == "/CIDFontType2":
        new.CIDToGIDMap = Name.Identity
    if descriptor is not None:
        new.FontDescriptor = descriptor
    target.Encoding = Name("/Identity-H")
    target.DescendantFonts = Array([pdf.make_indirect(new)])


def _pruned_map(data: bytes, used: set[int]) -> bytes:
    size = 2 * (max(used, default=0) + 1)
    pairs = [data[2 * code : 2 * code + 2] if code in used else b"\0\0" for code in range(size // 2)]
    return b"".join(pair.ljust(2, b"\0") for pair in pairs)


def _write_descriptor(font: Font, source: Any, name: Name, pdf: pikepdf.Pdf, budget: Budget) -> Dictionary:
    new = Dictionary(Type=Name.FontDescriptor, FontName=name)
    for key in _DESCRIPTOR_NUMBERS:
        if key in source:
            value = number(source[key])
            new[key] = int(value) if key == "/Flags" else _decimal(value)
    if "/FontBBox" in source:
        new.FontBBox = Array([_decimal(number(value)) for value in source["/FontBBox"]])
    for key in ("/FontFile", "/FontFile2", "/FontFile3"):
        if key in source:
            new[key] = _write_file(font, key, source[key], pdf, budget)
    return pdf.make_indirect(new)


def _write_file(font: Font, key: str, source: Any, pdf: pikepdf.Pdf, budget: Budget) -> Any:
    data = budget.stream(source)
    kind = name_of(source.get("/Subtype"))
    if key == "/FontFile2":
        by_glyph = font.code_length == 2
        data = pdf_sfnt.pruned(data, _used_glyphs(font, data, budget), by_glyph=by_glyph)
        return pdf.make_stream(data, Length1=len(data))
    texts = font.drawn_letters()
    if key == "/FontFile3" and kind in {"/Type1C", "/CIDFontType0C"}:
        cids = font.used if font.code_length == 2 else None
        return pdf.make_stream(pdf_cff.pruned(data, texts=texts, cids=cids), Subtype=Name(kind))
    if key == "/FontFile":
        lengths = {item[1:]: int(number(source[item])) for item in ("/Length1", "/Length2", "/Length3")}
        private_end = lengths["Length1"] + lengths["Length2"]
        cleaned = pdf_type1.pruned(data[:private_end], lengths["Length1"], texts)
        return pdf.make_stream(cleaned + data[private_end:], **lengths)
    raise RedactionError("unread-font")


def _used_glyphs(font: Font, data: bytes, budget: Budget) -> set[int] | None:
    if font.code_length == 1:
        return pdf_sfnt.glyphs_of(data, {code: font.drawn(code) for code in font.used})
    glyphs = _glyph_numbers(dictionary(font.source["/DescendantFonts"][0]), budget)
    return {glyphs(code) for code in font.used}


def _decimal(value: float) -> Any:
    return pikepdf.Object.parse(text_of(value).encode())
