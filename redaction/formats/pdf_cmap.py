"""ToUnicode maps: reading those of a font, writing our own. Source: ISO 32000-1, 9.10.3; Adobe technical note 5411."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[)|(\])|(/?[A-Za-z0-9_.+-]+)|%[^\r\n]*")
_BODY = re.compile(rb"begin(codespacerange|cidchar|cidrange)\b(.*?)end\1", re.DOTALL)
_ITEM = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\d+)")
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


@dataclass(frozen=True)
class CodeMap:
    """How strings of a composite font are cut into codes, and the glyph number (CID) of each."""

    spaces: Sequence[tuple[bytes, bytes]]
    cids: Mapping[bytes, int]

    def cut(self, data: bytes) -> Iterator[bytes]:
        """Yield the codes of a string; what fits no range is a code of one byte."""
        position = 0
        while position < len(data):
            size = next((len(low) for low, high in self.spaces if _within(data[position:], low, high)), 1)
            yield data[position : position + size]
            position += size


def _within(data: bytes, low: bytes, high: bytes) -> bool:
    head = data[: len(low)]
    return len(head) == len(low) and all(a <= byte <= b for a, byte, b in zip(low, head, high, strict=True))


def read_codes(data: bytes) -> CodeMap | None:
    """Read an embedded map from codes to glyph numbers; None for one that writes downwards or builds on another."""
    if b"usecmap" in data or re.search(rb"/WMode\s+1", data):
        return None
    spaces: list[tuple[bytes, bytes]] = []
    cids: dict[bytes, int] = {}
    for kind, body in _BODY.findall(data):
        items = _ITEM.findall(body)
        codes = [_hex(digits) if digits else int(number) for digits, number in items]
        if kind == b"codespacerange":
            pairs = list(zip(codes[::2], codes[1::2], strict=False))
            spaces += [
                (a, b) for a, b in pairs if isinstance(a, bytes) and isinstance(b, bytes) and len(a) == len(b) > 0
            ]
        elif kind == b"cidchar":
            pairs = list(zip(codes[::2], codes[1::2], strict=False))
            cids |= {code: cid for code, cid in pairs if isinstance(code, bytes) and isinstance(cid, int)}
        else:
            for low, high, cid in zip(codes[::3], codes[1::3], codes[2::3], strict=False):
                if isinstance(low, bytes) and isinstance(high, bytes) and isinstance(cid, int) and low:
                    first = int.from_bytes(low, "big")
                    count = min(int.from_bytes(high, "big") - first, RANGE_LIMIT)
                    keys = (number.to_bytes(len(low), "big") for number in range(first, first + count + 1))
                    cids |= {key: cid + step for step, key in enumerate(keys)}
    return CodeMap(sorted(spaces, key=lambda pair: len(pair[0])), cids) if spaces and cids else None


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
