"""Readers of office packages without an office library: every byte of the zip, every text and attribute of its markup.

``raw`` looks at the zip itself (names, comments, extra fields, what stands between members), at markup through expat,
at the pixels of pictures as bytes, at strings of binaries, and into packages inside the package.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from xml.parsers import expat

from PIL import Image

from tests.oracles import Oracle

EXTENSIONS: tuple[str, ...] = ()  # those of each format name this reader
# Letters of other scripts that a reader takes for Latin ones.
_LOOKALIKES = str.maketrans("аеосрхіѕ", "aeocpxis")
_MARKUP = (".xml", ".rels", ".vml")
_DEEPEST = 5


def raw(data: bytes) -> str:
    """All that can be found in a package, lookalikes folded."""
    return "\n".join(_texts(data, 0)).translate(_LOOKALIKES)


def _texts(data: bytes, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise ValueError("packages inside packages")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        yield archive.comment.decode("latin-1")
        for info in archive.infolist():
            yield info.filename
            yield info.comment.decode("latin-1")
            yield info.extra.decode("latin-1")
            content = archive.read(info)
            if info.filename.endswith(_MARKUP):
                yield from _markup(content)
            else:
                yield from _strings(content)
                yield from _pixels(content)
            if content.startswith(b"PK\x03\x04"):
                yield from _texts(content, depth + 1)
    yield from _strings(data)


def _markup(content: bytes) -> Iterator[str]:
    texts: list[str] = []
    values: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.CharacterDataHandler = texts.append
    parser.CommentHandler = values.append
    parser.ProcessingInstructionHandler = lambda target, text: values.append(f"{target} {text}")
    parser.StartNamespaceDeclHandler = lambda prefix, uri: values.append(f"{prefix} {uri}")
    parser.StartElementHandler = lambda name, found: values.extend([name, *(f"{key} {found[key]}" for key in found)])
    try:
        parser.Parse(content, True)
    except expat.ExpatError:
        yield from _strings(content)
    yield "".join(texts)
    yield "\n".join(values)


def _strings(content: bytes) -> Iterator[str]:
    for found in re.finditer(rb"[\x20-\x7e\x80-\xff]{4,}", content):
        yield found.group().decode("latin-1")
    for found in re.finditer(rb"(?:[\x20-\x7e]\x00){4,}", content):
        yield found.group().decode("utf-16-le")
    for found in re.finditer(rb"(?:\x00[\x20-\x7e]){4,}", content):
        yield found.group().decode("utf-16-be")


def _pixels(content: bytes) -> Iterator[str]:
    """Grey values of a picture as letters: what its pixels carry, seen or unseen."""
    if content.startswith((b"\x89PNG", b"\xff\xd8", b"GIF8", b"BM")):
        with Image.open(io.BytesIO(content)) as picture:
            yield picture.convert("L").tobytes().decode("latin-1")


ORACLES: dict[str, Oracle] = {"package scan": raw}
