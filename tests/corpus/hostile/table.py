"""Hostile tables as text: a name in headers, cells and the JSON inside of cells, in every form and encoding."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tests.corpus.hostile import Case

_NFD: Final = unicodedata.normalize("NFD", "Jåne Fairweather")
_FULL_WIDTH: Final = "".join(chr(ord(letter) + 0xFEE0) for letter in "Fairweather")


def _table(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows([["Task", "Hours"], *rows])
    return out.getvalue()


def _cell(text: str) -> bytes:
    return _table([["Review the estimate", "12"], [text, "3"]]).encode()


def _nested(value: object) -> bytes:
    return _cell(json.dumps(value))


CELLS: Final[Mapping[str, str]] = {
    "plain": "Dear Jane Fairweather",
    "with the delimiter": "Fairweather, Jane",
    "with quotes": 'She said "Fairweather"',
    "over two lines": "Jane\nFairweather",
    "hyphenated": "Jane Fair-\nweather",
    "formula": '=HYPERLINK("https://acme.example/fairweather","Jane")',
    "formula-leading": "+Jane Fairweather",
    "nfd": _NFD,
    "full-width": f"Ask {_FULL_WIDTH}",
    "soft hyphen": "Jane Fair\u00adweather",
    "zero width": "Jane Fair\u200bwea\u200dther",
    "no-break space": "Jane\u00a0Fairweather",
    "capitals": "JANE FAIRWEATHER",
    "possessive": "Fairweather's plan",
    "local part": "jane.fairweather@acme.example",
    "in an address": "https://acme.example/jane%20fairweather/",
    "entities": "Jane &#70;airweather",
    "not quite JSON": '{"owner": Jane Fairweather}',
}
NESTED: Final[Mapping[str, object]] = {
    "value": {"owner": "Jane Fairweather"},
    "key": {"Fairweather": 1, "Other": 2},
    "escaped": {"owner": "J\u00e4ne Fairweather \u2013 lead"},
    "list in a list": [1, ["Jane Fairweather"]],
    "JSON in JSON": {"raw": json.dumps({"owner": "Jane Fairweather"})},
}


def cases() -> Iterator[Case]:
    """One case for each place, form and encoding."""
    for form, text in CELLS.items():
        yield Case("T1", form, "plan.csv", _cell(text))
    yield Case("T1", "header", "plan.csv", b"Fairweather,Hours\r\nReview,3\r\n")
    yield Case("T1", "header below a title", "plan.csv", b"Plan,,\r\nTask,Jane Fairweather,Hours\r\nReview,2,3\r\n")
    yield Case("T1", "ragged row", "plan.csv", b"Task,Hours\r\nReview,3,,,Fairweather\r\n")
    yield Case("T1", "semicolons", "plan.csv", _table([["Ask Fairweather", "1"]], ";").encode())
    yield Case("T1", "bars", "plan.csv", _table([["Ask Fairweather", "1"]], "|").encode())
    yield Case("T1", "declared delimiter", "plan.csv", b"sep=;\r\n" + _table([["Ask Fairweather", "1"]], ";").encode())
    yield Case("T1", "tabs", "plan.tsv", _table([["Ask Fairweather", "1"]], "\t").encode())
    yield Case("T1", "name of the file", "fairweather-plan.csv", _cell("Review"))
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        yield Case("T1", encoding, "plan.csv", _cell("Jåne Fairweather").decode().encode(encoding))
    yield Case("T1", "utf-16be", "plan.csv", b"\xfe\xff" + _cell("Jane Fairweather").decode().encode("utf-16-be"))
    yield Case("T1", "cp1252", "plan.csv", _cell("Jåne Fairweather’s").decode().encode("cp1252"))
    yield Case("T1", "controls inside", "plan.csv", _cell("Fair\x02wea\x0cther"))
    for form, value in NESTED.items():
        yield Case("T2", form, "plan.csv", _nested(value))
