"""Type 1 programs: the encoding they bring along, and the program without words and without outlines out of use.

Lengths and offsets are kept, so nothing has to be moved. Source: Adobe Type 1 Font Format, 6.2 (charstrings), 7
(encryption).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set

from redaction.formats.pdf_encodings import glyph_text

_MAGIC = re.compile(rb"(%!(?:PS-AdobeFont|FontType1?)-[\d.]{3})([^\r\n]*)")
_WORDS = re.compile(rb"/(?:version|Notice|FullName|FamilyName|Weight|Copyright)\s*\((?:\\.|[^()\\])*\)")
_NAME = re.compile(rb"/FontName\s*/([^\s/]+)")
_CODE = re.compile(rb"dup\s+(\d{1,3})\s*/(\S+)\s+put")
_COMMENT = re.compile(rb"%[^\r\n]*")
_CHARSTRING = re.compile(rb"/(\S+) (\d{1,5}) (?:RD|-\|) ")
_LEN_IV = re.compile(rb"/lenIV\s+(\d)")
_SEAC = b"\x0c\x06"  # an accented letter composed of two others
_NOTHING = b"\x8b\x8b\x0d\x0e"  # 0 0 hsbw endchar
_FILE_KEY, _CHARSTRING_KEY = 55665, 4330


def encoding(data: bytes) -> dict[int, str] | None:
    """Return the built-in encoding of a program: code → glyph name; None where it is StandardEncoding."""
    clear = data.split(b"eexec")[0]
    if re.search(rb"/Encoding\s+StandardEncoding", clear):
        return None
    return {int(code): name.decode("latin-1") for code, name in _CODE.findall(clear) if int(code) < 256}


def pruned(data: bytes, clear_length: int, texts: Set[str] | None) -> bytes:
    """Blank the words of a program, and the outlines of letters not in ``texts`` (None: all outlines stay)."""
    clear, private = data[:clear_length], data[clear_length:]
    magic = _MAGIC.match(clear)
    head = magic[1] + b" " * len(magic[2]) if magic else b""
    clear = clear[len(head) :]
    clear = _WORDS.sub(lambda found: _blanked(found[0]), clear)
    for name in set(_NAME.findall(clear)):
        clear = clear.replace(b"/" + name, b"/" + b"F" * len(name))
    clear = _COMMENT.sub(lambda found: b"%" + b" " * (len(found[0]) - 1), clear)
    if texts is None:
        return head + clear + private
    shown = {unicodedata.normalize("NFKC", text) for text in texts}
    clear = _CODE.sub(lambda found: found[0] if _is_kept(found[2], shown) else b" " * len(found[0]), clear)
    return head + clear + _pruned_private(private, shown)


def _blanked(words: bytes) -> bytes:
    start = words.index(b"(")
    return words[: start + 1] + b" " * (len(words) - start - 2) + b")"


def _is_kept(name: bytes, shown: Set[str]) -> bool:
    """Tell whether a glyph is still in use. One whose name says nothing is kept: it may be any letter."""
    text = glyph_text(name.decode("latin-1"))
    return text is None or name == b".notdef" or unicodedata.normalize("NFKC", text) in shown


def _pruned_private(private: bytes, shown: Set[str]) -> bytes:
    """Empty charstrings inside the encrypted part. One that a composed letter may need makes all of them stay."""
    plain = bytearray(_decrypted(private, _FILE_KEY))
    found = _LEN_IV.search(plain)
    skipped = int(found[1]) if found else 4
    start = plain.find(b"/CharStrings")
    position = start if start >= 0 else len(plain)
    empty: list[tuple[int, int]] = []
    while match := _CHARSTRING.search(plain, position):
        first, position = match.end(), match.end() + int(match[2])
        body = _decrypted(bytes(plain[first:position]), _CHARSTRING_KEY)[skipped:]
        if _is_kept(match[1], shown):
            if _SEAC in body:
                return private
        elif position - first >= skipped + len(_NOTHING) and position <= len(plain):
            empty.append((first, position))
    for first, last in empty:
        nothing = (bytes(skipped) + _NOTHING).ljust(last - first, b"\x0e")
        plain[first:last] = _encrypted(nothing, _CHARSTRING_KEY)
    return _encrypted(bytes(plain), _FILE_KEY) if empty else private


def _decrypted(data: bytes, key: int) -> bytes:
    result = bytearray()
    for byte in data:
        result.append(byte ^ (key >> 8))
        key = ((byte + key) * 52845 + 22719) & 0xFFFF
    return bytes(result)


def _encrypted(data: bytes, key: int) -> bytes:
    result = bytearray()
    for byte in data:
        cipher = byte ^ (key >> 8)
        result.append(cipher)
        key = ((cipher + key) * 52845 + 22719) & 0xFFFF
    return bytes(result)
