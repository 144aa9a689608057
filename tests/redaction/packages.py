"""Surgery on office files for tests: what the libraries refuse to write is cut into their output."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from PIL import Image

from redaction.entities import Extraction, Output
from redaction.formats import FormatHandler, Limits
from tests.redaction.plans import plan_for

WORDS = {
    "jane.fairweather@acme.example": "person_1@example.invalid",
    "Jane Fairweather": "[PERSON_1]",
    "Fair-weather": "[PERSON_1]",
    "Fairweather": "[PERSON_1]",
    "Bluebird": "[PRODUCT_1]",
}
# Byte search is fair for these: no format uses them as vocabulary.
NEEDLES = ("fairweather", "bluebird", "acme.example")


def members(data: bytes) -> dict[str, bytes]:
    """The members of a zip, inflated."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def with_members(data: bytes, changes: Mapping[str, bytes]) -> bytes:
    """The same zip with members added or replaced."""
    return packed({**members(data), **changes})


def cut_in(data: bytes, name: str, before: bytes, text: bytes) -> bytes:
    """The same zip with ``text`` put in front of the first ``before`` of one member."""
    content = members(data)[name]
    assert before in content, f"{name} has no {before!r}"
    return with_members(data, {name: content.replace(before, text + before, 1)})


def with_part(data: bytes, owner: str, kind: str, name: str, content: bytes, content_type: str) -> bytes:
    """The same package with one more part, related to ``owner`` (a member name, or "" for the package) as rIdNeedle."""
    folder, _, base = owner.rpartition("/")
    relationships = f"{folder}/_rels/{base}.rels" if owner else "_rels/.rels"
    if relationships not in members(data):
        empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
        data = with_members(data, {relationships: empty})
    row = f'<Relationship Id="rIdNeedle" Type="{kind}" Target="/{name}"/>'
    override = f'<Override PartName="/{name}" ContentType="{content_type}"/>'
    data = cut_in(data, relationships, b"</Relationships>", row.encode())
    data = cut_in(data, "[Content_Types].xml", b"</Types>", override.encode())
    return with_members(data, {name: content})


def picture(size: tuple[int, int] = (60, 40)) -> bytes:
    """A small PNG that says a name in its own text chunk."""
    buffer = io.BytesIO()
    Image.new("RGB", size, "navy").save(buffer, format="PNG")
    return buffer.getvalue()


def redact(handler: FormatHandler, source: bytes) -> tuple[Extraction, Output]:
    """Extract, replace WORDS wherever they stand, rewrite."""
    extraction = handler.extract(source, Limits())
    return extraction, handler.rewrite(source, plan_for(extraction, WORDS), Limits())


def leaks(data: bytes) -> list[str]:
    """Which needle stands in which member, in the bytes of every member, in two encodings, and in names."""
    found = []
    for name, content in members(data).items():
        views = (content.lower(), content.decode("utf-16-le", "ignore").lower().encode(), name.lower().encode())
        found += [f"{needle} in {name}" for needle in NEEDLES if any(needle.encode() in view for view in views)]
    return found
