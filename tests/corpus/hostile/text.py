"""Hostile plain text and Markdown: the needle in every writing that a reader, a browser or a decoder undoes."""

from __future__ import annotations

import base64
import contextlib
import gzip
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest

from redaction.entities import Output
from redaction.formats import text
from redaction.formats.text import TextHandler
from redaction.media import TEXT
from tests.corpus.hostile import NEEDLE, Case, Mutant

# A name with a ligature in it.
LIGATURE = "Griffith"
_FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
_SENTENCE = "The offer of {} was taken on Monday, and the rest of this note stays as it is."

FORMS = {
    "plain": NEEDLE,
    "capitals": NEEDLE.upper(),
    "small": NEEDLE.lower(),
    "possessive": f"{NEEDLE}’s",
    "decomposed": unicodedata.normalize("NFD", "Fàirweather"),
    "full-width": NEEDLE.translate(_FULL_WIDTH),
    "soft-hyphen": "Fair\u00adweather",
    "zero-width": "Fair\u200bwea\u200dther",
    "joiner": "Fair\u2060weather",
    "lookalike": "F\u0430irw\u0435ather",
    "spaced": " ".join(NEEDLE),
    "local-part": f"j.{NEEDLE.lower()}@mail.example.com",
    "slug": f"jane_{NEEDLE.lower()}",
    "camel-case": f"Jane{NEEDLE}",
}
# What stands in the file in another writing than letters.
ENCODED = {
    "url-encoded": "".join(f"%{ord(sign):02X}" for sign in NEEDLE),
    "entities": "".join(f"&#{ord(sign)};" for sign in NEEDLE),
    "escapes": "".join(f"\\u{ord(sign):04x}" for sign in NEEDLE),
    "quoted-printable": "".join(f"={ord(sign):02X}" for sign in NEEDLE),
    "base64": base64.b64encode(f"Jane {NEEDLE} wrote this line".encode()).decode(),
    "turned": f"\u202e{NEEDLE[::-1]}\u202c",
}


def payload(needle: str = NEEDLE) -> str:
    """A file in base64 in which no search sees the needle before it is unpacked."""
    packed = gzip.compress(f"A list of people: Jane {needle}, {needle} and others. ".encode() * 3, mtime=0)
    return base64.b64encode(packed).decode()


def cases() -> Iterator[Case]:
    """One for each form, encoding and place."""
    for form, written in (FORMS | ENCODED).items():
        yield Case("TX", form, "note.txt", _SENTENCE.format(written).encode())
    yield Case("TX", "line end", "note.txt", b"It was taken over by Mr Fair-\nweather on Monday.\n")
    yield Case("TX", "ligature", "note.txt", _SENTENCE.format("Gri\ufb03th").encode(), needle=LIGATURE)
    yield Case("TX", "in its name", f"Notes of {NEEDLE}.txt", b"The offer was taken on Monday.")
    yield Case("TX", "soft line end", "note.txt", "It was taken by Mr Fair\u00ad\r\nweather.\r\n".encode())
    yield from _markdown()
    yield from _encodings()
    address = f"![screen](data:application/gzip;base64,{payload()})\n\nThe picture above stays behind.\n"
    yield Case("H5", "data address", "note.md", address.encode())
    yield Case("H5", "bare base64", "note.txt", f"Attached:\n{payload()}\nEnd of the note.\n".encode())


def _markdown() -> Iterator[Case]:
    places = {
        "front matter": f"---\nauthor: {NEEDLE}\ntitle: Offer\n---\n\n# Offer\n",
        "link text": f"See [the page of {NEEDLE}](https://www.example.com/offer).\n",
        "link address": f"See [the page](https://www.example.com/people/{NEEDLE.lower()}/offer).\n",
        "reference": f"See [the page][1].\n\n[1]: <../people/{NEEDLE}.md> 'Page of {NEEDLE}'\n",
        "comment": f"# Offer\n\n<!-- draft of {NEEDLE} -->\n\nText.\n",
        "emphasis": "Offer of **Fair**weather and others.\n",
        "heading": f"{NEEDLE}\n===========\n\nText of the offer.\n",
        "table": f"| Name | Sum |\n|---|---|\n| {NEEDLE} | 5 |\n",
        "fence": f"```python\nowner = '{NEEDLE}'\n```\n",
        "footnote": f"The offer[^1].\n\n[^1]: Made by {NEEDLE}.\n",
    }
    for form, written in places.items():
        yield Case("TX", form, "note.md", written.encode())


def _encodings() -> Iterator[Case]:
    sentence = _SENTENCE.format(NEEDLE) + " Größe, naïve café.\n"
    for encoding in ("utf-8-sig", "utf-16", "utf-32", "cp1252"):
        yield Case("T2", encoding, "note.txt", sentence.encode(encoding))
    yield Case("T2", "utf-16-be", "note.txt", b"\xfe\xff" + sentence.encode("utf-16-be"))


# Mutants ------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _encoding_kept() -> Iterator[None]:
    """The bytes of the upload go out as they came in."""

    def passed(_: Any, source: bytes, *__: object, **___: object) -> Output:
        return Output(source, TEXT)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TextHandler, "rewrite", passed)
        yield


@contextlib.contextmanager
def _payloads_kept() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "without_payloads", lambda line: (line, 0))
        yield


MUTANTS: dict[str, Mutant] = {"T2": _encoding_kept, "H5": _payloads_kept}
