"""Hostile JSON: the needle in keys, values and numbers, escaped, doubled, and inside of strings that are JSON."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import pytest

from redaction.formats import json_
from tests.corpus.hostile import NEEDLE, Case, Mutant
from tests.corpus.hostile.text import FORMS, payload

_NUMBER = "02079460123"


def cases() -> Iterator[Case]:
    """One for each place and each form of a value."""
    for form, written in FORMS.items():
        value = json.dumps({"id": 7, "note": f"The offer of {written} was taken."}, indent=2)
        yield Case("T1", form, "offer.json", value.encode())
    escaped = "".join(f"\\u{ord(sign):04x}" for sign in NEEDLE)
    places = {
        "value": f'{{"owner": "{NEEDLE}"}}',
        "key": f'{{"{NEEDLE}": {{"sum": 5}}, "other": 1}}',
        "escapes": f'{{"owner": "{escaped}"}}',
        "escaped key": f'{{"{escaped}": null}}',
        "half escaped": '{"owner": "F\\u0061irw\\u0065ather"}',
        "double key": f'{{"owner": "{NEEDLE}", "owner": "nobody"}}',
        "list": f'["a", ["b", ["{NEEDLE}"]]]',
        "two values": f'{{"a": 1}}\n{{"b": "{NEEDLE}"}}\n',
        "top": f'"{NEEDLE}"',
        "over two cells": '["Fair-", "weather"]',
        "control": '{"owner": "Fair\\u0007weather"}',
        "compact": f'[{{"owner":"{NEEDLE}","n":1e5,"x":NaN}}]',
    }
    for form, written in places.items():
        yield Case("T1", form, "offer.json", written.encode())
    yield Case("T1", "number", "offer.json", b'{"id": 207946012399, "sum": 5}', needle="207946012399")
    yield Case("T1", "utf-16", "offer.json", f'{{"owner": "{NEEDLE}"}}'.encode("utf-16"))
    yield Case("T1", "byte order mark", "offer.json", f'{{"owner": "{NEEDLE}"}}'.encode("utf-8-sig"))
    lines = f'{{"owner": "nobody"}}\n\n{{"owner": "{NEEDLE}", "{NEEDLE}": 1}}\n'
    yield Case("T1", "lines", "offer.jsonl", lines.encode())
    yield Case("T1", "lines", "offer.ndjson", lines.encode())
    inner = json.dumps({"people": [{"name": NEEDLE, NEEDLE: 1}]})
    yield Case("T2", "nested", "offer.json", json.dumps({"body": inner}).encode())
    yield Case("T2", "nested twice", "offer.json", json.dumps({"body": json.dumps({"event": inner})}).encode())
    yield Case("T2", "nested line", "offer.jsonl", (json.dumps({"body": inner}) + "\n").encode())
    yield Case("H5", "picture", "offer.json", json.dumps({"picture": f"data:image/png;base64,{payload()}"}).encode())
    yield Case("H5", "bare", "offer.json", json.dumps({"attachment": payload()}).encode())
    deep = "[" * 5_000 + f'"{NEEDLE}"' + "]" * 5_000
    yield Case("T1", "deep", "deep.json", deep.encode(), refused="limit")
    yield Case("T1", "broken", "broken.json", f'{{"owner": "{NEEDLE}"'.encode(), refused="parse-failed")
    yield Case("T1", "no json", "lie.json", f"Owner: {NEEDLE}\n".encode(), refused="mismatch")


# Mutants ------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _payloads_kept() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_, "without_payloads", lambda text: (text, 0))
        yield


MUTANTS: dict[str, Mutant] = {"H5": _payloads_kept}
