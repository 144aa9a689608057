"""What a code of a simple PDF font means: the named encodings and the names of glyphs.

Sources: ISO 32000-1 annex D (encodings) and section 9.6.6; Adobe Glyph List (names). Accented letters follow one
rule (letter, then name of the accent), so they are composed instead of listed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from fontTools import agl  # type: ignore[import-untyped]

_PUNCTUATION = {
    "space": " ", "exclam": "!", "quotedbl": '"', "numbersign": "#", "dollar": "$", "percent": "%",
    "ampersand": "&", "quotesingle": "'", "parenleft": "(", "parenright": ")", "asterisk": "*", "plus": "+",
    "comma": ",", "hyphen": "-", "period": ".", "slash": "/", "colon": ":", "semicolon": ";", "less": "<",
    "equal": "=", "greater": ">", "question": "?", "at": "@", "bracketleft": "[", "backslash": "\\",
    "bracketright": "]", "asciicircum": "^", "underscore": "_", "grave": "`", "braceleft": "{", "bar": "|",
    "braceright": "}", "asciitilde": "~", "exclamdown": "¡", "cent": "¢", "sterling": "£", "fraction": "⁄",
    "yen": "¥", "florin": "ƒ", "section": "§", "currency": "¤", "quotedblleft": "“", "guillemotleft": "«",
    "guilsinglleft": "‹", "guilsinglright": "›", "fi": "ﬁ", "fl": "ﬂ", "ff": "ﬀ", "ffi": "ﬃ", "ffl": "ﬄ",
    "endash": "–", "dagger": "†", "daggerdbl": "‡", "periodcentered": "·", "middot": "·", "paragraph": "¶",
    "bullet": "•", "quotesinglbase": "‚", "quotedblbase": "„", "quotedblright": "”", "guillemotright": "»",
    "ellipsis": "…", "perthousand": "‰", "questiondown": "¿", "acute": "´", "circumflex": "ˆ", "tilde": "˜",
    "macron": "¯", "breve": "˘", "dotaccent": "˙", "dieresis": "¨", "ring": "˚", "cedilla": "¸",
    "hungarumlaut": "˝", "ogonek": "˛", "caron": "ˇ", "emdash": "—", "AE": "Æ", "ae": "æ", "OE": "Œ", "oe": "œ",
    "ordfeminine": "ª", "ordmasculine": "º", "Lslash": "Ł", "lslash": "ł", "Oslash": "Ø", "oslash": "ø",
    "dotlessi": "ı", "dotlessj": "ȷ", "germandbls": "ß", "Eth": "Ð", "eth": "ð", "Thorn": "Þ", "thorn": "þ",
    "Dcroat": "Đ", "dcroat": "đ", "Hbar": "Ħ", "hbar": "ħ", "Tbar": "Ŧ", "tbar": "ŧ", "Eng": "Ŋ", "eng": "ŋ",
    "brokenbar": "¦", "copyright": "©", "registered": "®", "trademark": "™", "degree": "°", "plusminus": "±",
    "mu": "µ", "multiply": "×", "divide": "÷", "minus": "−", "logicalnot": "¬", "onesuperior": "¹",
    "twosuperior": "²", "threesuperior": "³", "onequarter": "¼", "onehalf": "½", "threequarters": "¾",
    "quoteleft": "‘", "quoteright": "’", "Euro": "€", "nbspace": "\u00a0", "sfthyphen": "\u00ad",
    "softhyphen": "\u00ad", "nonbreakingspace": "\u00a0", "figuredash": "‒", "horizontalbar": "―",
    "infinity": "∞", "notequal": "≠", "lessequal": "≤", "greaterequal": "≥", "partialdiff": "∂",
    "summation": "∑", "product": "∏", "integral": "∫", "radical": "√", "approxequal": "≈", "lozenge": "◊",
    "arrowright": "→", "arrowleft": "←", "arrowup": "↑", "arrowdown": "↓", "arrowboth": "↔", "element": "∈",
    "universal": "∀", "existential": "∃", "emptyset": "∅", "similar": "∼", "proportional": "∝", "asteriskmath": "∗",
    "dotmath": "⋅", "minute": "′", "second": "″", "angle": "∠", "perpendicular": "⊥", "union": "∪",
    "intersection": "∩", "equivalence": "≡", "congruent": "≅", "gradient": "∇", "apple": "", "Delta": "∆",
    "Omega": "Ω", "checkmark": "✓", "numero": "№", "afii61352": "№",
}  # fmt: skip
# Names that mathematical fonts of TeX have of their own.
_TEX = dict(
    pair.split("=")
    for pair in [
        "angbracketleft=⟨",
        "angbracketright=⟩",
        "prime=′",
        "circlecopyrt=◯",
        "diamondmath=⋄",
        "minusplus=∓",
        "circleplus=⊕",
        "circleminus=⊖",
        "circlemultiply=⊗",
        "circledivide=⊘",
        "circledot=⊙",
        "openbullet=◦",
        "equivasymptotic=≍",
        "reflexsubset=⊆",
        "reflexsuperset=⊇",
        "precedesequal=⪯",
        "followsequal=⪰",
        "propersubset=⊂",
        "propersuperset=⊃",
        "lessmuch=≪",
        "greatermuch=≫",
        "precedes=≺",
        "follows=≻",
        "arrownortheast=↗",
        "arrowsoutheast=↘",
        "similarequal=≃",
        "arrowdblleft=⇐",
        "arrowdblright=⇒",
        "arrowdblup=⇑",
        "arrowdbldown=⇓",
        "arrowdblboth=⇔",
        "arrownorthwest=↖",
        "arrowsouthwest=↙",
        "owner=∋",
        "triangle=△",
        "triangleinv=▽",
        "negationslash=/",
        "mapsto=↦",
        "Rfractur=ℜ",
        "Ifractur=ℑ",
        "latticetop=⊤",
        "aleph=ℵ",
        "unionmulti=⊎",
        "logicaland=∧",
        "logicalor=∨",
        "turnstileleft=⊢",
        "turnstileright=⊣",
        "floorleft=⌊",
        "floorright=⌋",
        "ceilingleft=⌈",
        "ceilingright=⌉",
        "bardbl=‖",
        "arrowbothv=↕",
        "arrowdblbothv=⇕",
        "wreathproduct=≀",
        "coproduct=∐",
        "nabla=∇",
        "unionsq=⊔",
        "intersectionsq=⊓",
        "subsetsqequal=⊑",
        "supersetsqequal=⊒",
        "club=♣",
        "diamond=♦",
        "heart=♥",
        "spade=♠",
        "star=⋆",
        "weierstrass=℘",
        "vector=⃗",
        "tie=⁀",
        "flat=♭",
        "natural=♮",
        "sharp=♯",
        "frown=⌢",
        "smile=⌣",
        "arrowhookleft=↩",
        "arrowhookright=↪",
        "square=□",
        "squaresolid=■",
        "trianglesolid=▲",
        "lozengesolid=⧫",
        "maltese=✠",
        "check=✓",
        "epsilon1=ε",
        "theta1=ϑ",
        "pi1=ϖ",
        "rho1=ϱ",
        "sigma1=ς",
        "phi1=φ",
        "arrowvertex=|",
        "arrowdblvertex=‖",
        "vextendsingle=|",
        "vextenddouble=‖",
        "contintegral=∮",
        "slashbig=/",
        "hatwide=ˆ",
        "tildewide=˜",
        "visiblespace=␣",
        "rightarrowhead=⇀",
        "follownotequal=⋩",
        "forces=⊩",
        "because=∵",
        "therefore=∴",
        "defines=≜",
        "geomequivalent=≎",
        "muchless=⋘",
        "muchgreater=⋙",
        "lessorequalslant=⩽",
        "greaterorequalslant=⩾",
        "lessorsimilar=≲",
        "greaterorsimilar=≳",
        "notlessequal=≰",
        "notgreaterequal=≱",
    ]
)
# Larger cuts and parts of a sign carry its name and one of these.
_TEX_SIZE = re.compile("(?:big|Big|bigg|Bigg|text|display|tp|bt|ex|mid|left|right|wider|widest)+$")
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_ACCENTS = {
    "acute": "\u0301", "grave": "\u0300", "circumflex": "\u0302", "dieresis": "\u0308", "tilde": "\u0303",
    "caron": "\u030c", "cedilla": "\u0327", "ring": "\u030a", "macron": "\u0304", "breve": "\u0306",
    "ogonek": "\u0328", "dotaccent": "\u0307", "dot": "\u0307", "hungarumlaut": "\u030b", "commaaccent": "\u0326",
    "horn": "\u031b",
}  # fmt: skip
_ACCENTED = re.compile(f"([A-Za-z])({'|'.join(_ACCENTS)})")
_GREEK = frozenset(
    name.lower()
    for number in range(0x391, 0x3CA)
    if (name := unicodedata.name(chr(number), "").rpartition(" ")[2]).isalpha()
)
# Upper half of StandardEncoding: codes and glyph names.
_STANDARD = (
    "161 exclamdown cent sterling fraction yen florin section currency quotesingle quotedblleft guillemotleft "
    "guilsinglleft guilsinglright fi fl 177 endash dagger daggerdbl periodcentered 182 paragraph bullet "
    "quotesinglbase quotedblbase quotedblright guillemotright ellipsis perthousand 191 questiondown 193 grave acute "
    "circumflex tilde macron breve dotaccent dieresis 202 ring cedilla 205 hungarumlaut ogonek caron emdash 225 AE "
    "227 ordfeminine 232 Lslash Oslash OE ordmasculine 241 ae 245 dotlessi 248 lslash oslash oe germandbls"
)


@cache
def glyph_text(name: str) -> str | None:
    """Return the text a glyph of this name stands for, or None where the name says nothing."""
    name = name.split(".")[0]
    if "_" in name:
        parts = [glyph_text(part) for part in name.split("_")]
        return "".join(part for part in parts if part) if all(parts) else None
    if re.fullmatch("[A-Za-z]", name):
        return name
    if name in _DIGITS:
        return str(_DIGITS.index(name))
    found = _PUNCTUATION.get(name) or _TEX.get(name) or _composed(name) or _numbered(name)
    return found or _listed(name) or _TEX.get(_TEX_SIZE.sub("", name)) or _PUNCTUATION.get(_TEX_SIZE.sub("", name))


def _listed(name: str) -> str | None:
    """Return what the Adobe Glyph List says, but for its private codes."""
    codes = agl.LEGACY_AGL2UV.get(name, ()) or agl.AGL2UV.get(name, ())
    text = chr(codes) if isinstance(codes, int) else "".join(map(chr, codes))
    return text if text and not any("\ue000" <= char <= "\uf8ff" for char in text) else None


def _composed(name: str) -> str | None:
    match = _ACCENTED.fullmatch(name)
    if match:
        text = unicodedata.normalize("NFC", match[1] + _ACCENTS[match[2]])
        return text if len(text) == 1 else None
    if name.lower() in _GREEK:
        size = "CAPITAL" if name[0].isupper() else "SMALL"
        return unicodedata.lookup(f"GREEK {size} LETTER {name.upper()}")
    return None


def _numbered(name: str) -> str | None:
    match = re.fullmatch("uni((?:[0-9A-Fa-f]{4})+)", name)
    if match:
        numbers = [int(match[1][i : i + 4], 16) for i in range(0, len(match[1]), 4)]
    elif match := re.fullmatch("u([0-9A-Fa-f]{4,6})", name):
        numbers = [int(match[1], 16)]
    else:
        return None
    if any(number > 0x10FFFF or 0xD800 <= number <= 0xDFFF for number in numbers):
        return None
    return "".join(map(chr, numbers))


@cache
def standard_names() -> tuple[str, ...]:
    """Return the glyph names of StandardEncoding in the order of its codes."""
    ascii_names = {text: name for name, text in _PUNCTUATION.items() if text.isascii() and text}
    lower = [_DIGITS[int(char)] if char.isdigit() else ascii_names.get(char, char) for char in map(chr, range(32, 127))]
    lower[0x27 - 32], lower[0x60 - 32] = "quoteright", "quoteleft"
    return (*lower, *(word for word in _STANDARD.split() if not word.isdigit()))


@cache
def standard_encoding() -> Mapping[int, str]:
    """Return StandardEncoding: code → text."""
    table = {code: chr(code) for code in range(32, 127)} | {0x27: "’", 0x60: "‘"}
    code = 0
    for word in _STANDARD.split():
        if word.isdigit():
            code = int(word)
            continue
        table[code] = glyph_text(word) or ""
        code += 1
    return table


@cache
def named_encoding(name: str) -> Mapping[int, str] | None:
    """Return WinAnsiEncoding, MacRomanEncoding or StandardEncoding: code → text."""
    if name == "/StandardEncoding":
        return standard_encoding()
    codec = {"/WinAnsiEncoding": "cp1252", "/MacRomanEncoding": "mac_roman"}.get(name)
    if codec is None:
        return None
    table = {code: bytes([code]).decode(codec, "ignore") for code in range(32, 256)}
    table = {code: text for code, text in table.items() if text and code != 127}
    if codec == "cp1252":
        # Annex D.2, notes 3, 5 and 6: unused codes are bullets; 173 is a hyphen, 160 a space.
        table = dict.fromkeys(range(127, 256), "•") | table | {173: "-", 160: "\u00a0"}
    else:
        table |= {202: "\u00a0", 219: "¤"}
    return table


# Widths of printable ASCII in Helvetica and Times Roman, thousandths of the font size (Adobe core 14 metrics).
_HELVETICA = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 "
    "584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 "
    "667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 "
    "278 556 500 722 500 500 500 334 260 334 584"
)
_TIMES = (
    "250 333 408 500 500 833 778 180 333 333 500 564 250 333 250 278 500 500 500 500 500 500 500 500 500 500 278 278 "
    "564 564 564 444 921 722 667 667 722 611 556 722 722 333 389 722 611 889 722 722 556 722 667 556 611 722 722 944 "
    "722 722 611 333 278 333 469 500 333 444 500 444 500 444 333 500 500 278 278 500 278 778 500 500 500 500 333 389 "
    "278 500 500 722 500 500 444 480 200 480 541"
)


@cache
def _core_widths(family: str) -> Mapping[str, float]:
    numbers = (_TIMES if family == "Times" else _HELVETICA).split()
    return {chr(code): float(width) for code, width in enumerate(numbers, 32)}


def core_width(family: str, text: str) -> float:
    """Return how wide ``text`` is in Courier, Times or Helvetica, in thousandths of the font size."""
    if family == "Courier":
        return 600.0
    table = _core_widths(family)
    # An accented letter is as wide as its letter; what has none counts as a figure.
    return sum(table.get(char) or table.get(unicodedata.normalize("NFD", char)[0]) or 556.0 for char in text)
