"""ToUnicode maps: reading those of a font, writing our own. Source: ISO 32000-1, 9.10.3; Adobe technical note 5411."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TOKEN = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[)|(\])|(/?[A-Za-z0-9_.+-]+)|%[^\r\n]*")
RANGE_LIMIT = 0x10000


def read(data: bytes) -> dict[bytes, str]:
    """Return code bytes → text of every ``bfchar`` and ``bfrange`` entry; malformed entries are left out."""
    result: dict[bytes, str] = {}
    mode = ""
    pending: list[bytes | list[bytes]] = []
    array: list[bytes] | None = None
    for match in _TOKEN.finditer(data):
        if match[1] is not None:
            (pending if array is None else array).append(_hex(match[1]))
        elif match[2]:
            array = []
        elif match[3] and array is not None:
            pending.append(array)
            array = None
        elif match[4] in (b"beginbfchar", b"beginbfrange"):
            mode, pending = match[4].decode()[5:], []
        elif match[4] in (b"endbfchar", b"endbfrange"):
            mode = ""
        if mode == "bfchar" and len(pending) == 2:
            _char(pending, result)
            pending = []
        elif mode == "bfrange" and len(pending) == 3 and array is None:
            _range(pending, result)
            pending = []
    return result


def _hex(digits: bytes) -> bytes:
    text = re.sub(rb"\s", b"", digits).decode("ascii")
    return bytes.fromhex(text + "0" * (len(text) % 2))


def _text(data: bytes) -> str:
    return data.decode("utf-16-be", "replace") if len(data) > 1 else data.decode("latin-1")


def _char(pending: list[bytes | list[bytes]], result: dict[bytes, str]) -> None:
    code, target = pending
    if isinstance(code, bytes) and isinstance(target, bytes):
        result[code] = _text(target)


def _range(pending: list[bytes | list[bytes]], result: dict[bytes, str]) -> None:
    low, high, target = pending
    if not isinstance(low, bytes) or not isinstance(high, bytes) or len(low) != len(high) or not low:
        return
    first, last = int.from_bytes(low, "big"), int.from_bytes(high, "big")
    for step, code in enumerate(range(first, min(last, first + RANGE_LIMIT) + 1)):
        key = code.to_bytes(len(low), "big")
        if isinstance(target, list):
            if step < len(target):
                result[key] = _text(target[step])
        elif target:
            text = _text(target)
            number = ord(text[-1]) + step if text else -1
            if 0 <= number <= 0x10FFFF:
                result[key] = text[:-1] + chr(number)


def write(codes: Mapping[bytes, str]) -> bytes:
    """Return a ToUnicode map that holds these codes and nothing else. All codes have one length."""
    length = len(next(iter(codes), b"\0"))
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CMapName /Map def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        f"<{'00' * length}> <{'ff' * length}>",
        "endcodespacerange",
    ]
    entries = [f"<{code.hex()}> <{_utf16(text)}>" for code, text in sorted(codes.items()) if text]
    for start in range(0, len(entries), 100):
        chunk = entries[start : start + 100]
        lines += [f"{len(chunk)} beginbfchar", *chunk, "endbfchar"]
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines).encode("ascii")


def _utf16(text: str) -> str:
    return text.encode("utf-16-be", "replace").hex()
