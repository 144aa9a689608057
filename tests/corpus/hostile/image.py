"""Pictures in which the name stands beside the pixels, behind them, under them, and in them."""

from __future__ import annotations

import base64
import contextlib
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageCms, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from redaction.formats import image, picture_parts, pixels, table
from redaction.media import PNG
from tests.corpus.hostile import NEEDLE, Case, Mutant
from tests.redaction.pictures import code, drawn, jpeg, png

PLAIN = ("Weekly notes of the pump room", "Valve two is closed again")
NAMED = ("Weekly notes of the pump room", f"Call {NEEDLE} about valve two")
SIZE = (460, 110)

_ARTIST, _DESCRIPTION, _XP_AUTHOR, _PHOTO, _GPS = 315, 270, 40093, 0x8769, 0x8825
_MAKER_NOTE, _USER_COMMENT, _OWNER, _GPS_AREA = 37500, 37510, 42032, 28
_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator><rdf:Seq>'
    f"<rdf:li>{NEEDLE}</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def cases() -> Iterator[Case]:
    for form, data in _beside_jpeg():
        yield Case("I1", form, "photo.jpg", data)
    for form, data in _beside_png():
        yield Case("I1", form, "shot.png", data)
    for form, name, data in _behind():
        yield Case("I2", form, name, data)
    for form, data in _under():
        yield Case("I3", form, "shot.png", data)
    for form, name, data in _other_kinds():
        yield Case("I3-kinds", form, name, data, refused="unsupported")
    for form, picture in _in_pixels():
        yield Case("I4", form, "shot.png", png(picture))
    for form, data in _in_jpeg():
        yield Case("I4", form, "photo.jpg", data)
    for form, picture in _in_codes():
        yield Case("I5", form, "shot.png", png(picture))


# Beside the pixels --------------------------------------------------------------------------------------------------


def _plain() -> Image.Image:
    return drawn(PLAIN, SIZE)


def _with_segment(marker: int, content: bytes) -> bytes:
    """A JPEG file with one more segment."""
    data = jpeg(_plain())
    return data[:2] + struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content + data[2:]


def _with_exif(tag: int, value: Any, ifd: int = 0) -> bytes:
    exif = Image.Exif()
    if ifd:
        exif.get_ifd(ifd)[tag] = value
    else:
        exif[tag] = value
    return jpeg(_plain(), exif=exif.tobytes())


def _profile() -> bytes:
    """A colour profile whose description is a name."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    text = f"Screen of {NEEDLE}".encode("utf-16-be")
    block = b"desc" + bytes(4) + b"\0\0\0\x01" + b"\0\0\0\x0cenUS" + struct.pack(">II", len(text), 28) + text
    block = b"mluc" + bytes(4) + struct.pack(">II", 1, 12) + b"enUS" + struct.pack(">II", len(text), 28) + text
    at = profile.index(b"desc", 128)
    profile[at + 4 : at + 12] = struct.pack(">II", len(profile), len(block))
    profile += block
    profile[0:4] = struct.pack(">I", len(profile))
    return bytes(profile)


def _thumbnail() -> bytes:
    """The thumbnail still shows what was cut off the picture."""
    small = jpeg(drawn((f"Badge of {NEEDLE}",), (240, 60)))
    header = b"Exif\0\0II*\0" + struct.pack("<I", 8)
    first = struct.pack("<H", 0) + struct.pack("<I", 14)
    entries = [(0x0103, 3, 1, 6), (0x0201, 4, 1, 14 + 2 + 3 * 12 + 4), (0x0202, 4, 1, len(small))]
    second = struct.pack("<H", 3) + b"".join(struct.pack("<HHII", *one) for one in entries) + struct.pack("<I", 0)
    return _with_segment(0xE1, header + first + second + small)


def _beside_jpeg() -> Iterator[tuple[str, bytes]]:
    yield "exif artist", _with_exif(_ARTIST, NEEDLE)
    yield "exif description", _with_exif(_DESCRIPTION, f"Photo by {NEEDLE}")
    yield "exif utf-16", _with_exif(_XP_AUTHOR, f"{NEEDLE}\0".encode("utf-16-le"))
    yield "exif owner", _with_exif(_OWNER, NEEDLE, _PHOTO)
    yield "exif comment", _with_exif(_USER_COMMENT, b"ASCII\0\0\0" + NEEDLE.encode(), _PHOTO)
    yield "exif maker note", _with_exif(_MAKER_NOTE, b"CAM\0" + NEEDLE.encode(), _PHOTO)
    yield "exif place", _with_exif(_GPS_AREA, b"ASCII\0\0\0" + f"{NEEDLE} House".encode(), _GPS)
    yield "exif thumbnail", _thumbnail()
    yield "xmp", _with_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + _XMP.encode())
    yield (
        "xmp extended",
        _with_segment(
            0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32 + struct.pack(">II", len(_XMP), 0) + _XMP.encode()
        ),
    )
    record = b"\x1c\x02\x50" + struct.pack(">H", len(NEEDLE)) + NEEDLE.encode()
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(record)) + record + bytes(len(record) % 2)
    yield "iptc", _with_segment(0xED, b"Photoshop 3.0\0" + resource)
    yield "comment", _with_segment(0xFE, f"scanned by {NEEDLE}".encode())
    yield "comment utf-16", _with_segment(0xFE, NEEDLE.encode("utf-16-le"))
    yield "comment possessive", _with_segment(0xFE, f"{NEEDLE}'s desk".encode())
    yield "private segment", _with_segment(0xE7, b"ACME\0" + NEEDLE.upper().encode())
    yield "provenance", _with_segment(0xEB, b"JP\0\x01\0\0\0\x01" + b"jumb" + f'{{"author":"{NEEDLE}"}}'.encode())
    yield "profile", jpeg(_plain(), icc_profile=_profile())


def _with_chunk(name: bytes, content: bytes) -> bytes:
    data = png(_plain())
    at = data.index(b"IDAT") - 4
    chunk = struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    return data[:at] + chunk + data[at:]


def _beside_png() -> Iterator[tuple[str, bytes]]:
    yield "text", _with_chunk(b"tEXt", b"Author\0" + NEEDLE.encode())
    yield "packed text", _with_chunk(b"zTXt", b"Author\0\0" + zlib.compress(NEEDLE.encode()))
    info = PngInfo()
    info.add_itxt("Description", f"Screen of {NEEDLE}", "en", "Beschreibung", zip=True)
    yield "international text", png(_plain(), pnginfo=info)
    yield "keyword", _with_chunk(b"tEXt", NEEDLE.encode() + b"\0yes")
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", _XMP)
    yield "xmp", png(_plain(), pnginfo=info)
    exif = Image.Exif()
    exif[_ARTIST] = NEEDLE
    yield "exif", png(_plain(), exif=exif.tobytes())
    yield "profile", png(_plain(), icc_profile=_profile())
    yield "private chunk", _with_chunk(b"prVt", NEEDLE.encode("utf-16-be"))
    yield "base64", _with_chunk(b"tEXt", b"raw\0" + base64.b64encode(NEEDLE.encode()) + b" " + NEEDLE.encode())


# Behind and under them ----------------------------------------------------------------------------------------------


def _behind() -> Iterator[tuple[str, str, bytes]]:
    note = f"edited by {NEEDLE}".encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("note.txt", note)
    yield "text", "shot.png", png(_plain()) + note
    yield "utf-16", "shot.png", png(_plain()) + NEEDLE.encode("utf-16-le")
    yield "archive", "shot.png", png(_plain()) + buffer.getvalue()
    yield "text", "photo.jpg", jpeg(_plain()) + note
    yield "second picture", "photo.jpg", jpeg(_plain()) + jpeg(drawn(NAMED, SIZE))
    # A screenshot tool that cut the picture left the end of the older, larger file behind the new end.
    yield "rest of the uncut picture", "cut.png", png(_plain()) + png(drawn(NAMED, SIZE))


def _under() -> Iterator[tuple[str, bytes]]:
    buffer = io.BytesIO()
    _plain().save(buffer, "PNG", save_all=True, append_images=[drawn(NAMED, SIZE)], duration=100)
    yield "second frame", buffer.getvalue()
    for form, clear in (("colours under nothing", 0), ("colours under almost nothing", 3)):
        layered = drawn(NAMED, SIZE).convert("RGBA")
        layered.putalpha(Image.new("L", SIZE, clear))
        layered.paste(drawn(PLAIN[:1], (SIZE[0], 40)).convert("RGBA"), (0, 0))
        yield form, png(layered)
    grey = drawn(NAMED, SIZE).convert("LA")
    grey.putalpha(Image.new("L", SIZE, 0))
    yield "greys under nothing", png(grey)


def _other_kinds() -> Iterator[tuple[str, str, bytes]]:
    named = drawn(NAMED, SIZE)
    for form, extension in (("GIF", "gif"), ("TIFF", "tif"), ("WEBP", "webp"), ("BMP", "bmp")):
        buffer = io.BytesIO()
        named.save(buffer, form)
        yield form.lower(), f"scan.{extension}", buffer.getvalue()
    buffer = io.BytesIO()
    named.save(buffer, "GIF")
    yield "gif with another name", "scan.png", buffer.getvalue()
    yield "psd", "design.psd", b"8BPS\0\x01" + bytes(20) + NEEDLE.encode()
    yield "heic", "photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + NEEDLE.encode()


# In them ------------------------------------------------------------------------------------------------------------


def _noisy(picture: Image.Image) -> Image.Image:
    """Grain like that of a camera, the same every time."""
    grain = random.Random(7)
    noise = Image.frombytes(
        "L", picture.size, bytes(grain.randrange(256) for _ in range(picture.width * picture.height))
    )
    return Image.blend(picture, noise.convert("RGB"), 0.16)


def _in_pixels() -> Iterator[tuple[str, Image.Image]]:
    yield "plain", drawn(NAMED, SIZE)
    yield "caps", drawn((NAMED[0], f"CALL {NEEDLE.upper()} TODAY"), SIZE)
    yield "possessive", drawn((NAMED[0], f"This is {NEEDLE}'s key"), SIZE)
    yield "address", drawn((NAMED[0], f"jane.{NEEDLE.lower()}@example.com"), SIZE)
    yield "path", drawn((NAMED[0], f"/home/{NEEDLE.lower()}/notes"), SIZE)
    yield "hyphenated", drawn(("Please call Fair-", "weather about it"), SIZE)
    yield "small", drawn(NAMED, (320, 60), letters=10, at=(8, 8))
    yield "large", drawn((f"{NEEDLE}",), (700, 130), letters=90)
    yield "white on dark", drawn(NAMED, SIZE, ink=(235, 235, 240), paper=(24, 28, 36))
    yield "faint", drawn(NAMED, SIZE, ink=(196, 196, 196), paper=(222, 222, 222))
    yield "red on green", drawn(NAMED, SIZE, ink=(190, 30, 30), paper=(90, 170, 90))
    yield "on its left side", drawn(NAMED, SIZE).rotate(90, expand=True)
    yield "on its right side", drawn(NAMED, SIZE).rotate(270, expand=True)
    yield "beside upright text", _with_margin_note()
    yield "tilted", drawn(NAMED, (520, 200)).rotate(4, expand=True, fillcolor=(255, 255, 255))
    yield "grain", _noisy(drawn(NAMED, (520, 130), letters=24))
    yield "palette", drawn(NAMED, SIZE).convert("P", palette=Image.Palette.ADAPTIVE, colors=16)
    yield "one bit", drawn(NAMED, SIZE, letters=22).convert("1", dither=Image.Dither.NONE)
    yield "grey", drawn(NAMED, SIZE).convert("L")
    yield "sixteen bits", _sixteen_bits()
    yield "black letters of transparency alone", _letters_of_alpha(0)
    yield "white letters of transparency alone", _letters_of_alpha(255)
    yield "window", _window()


def _with_margin_note() -> Image.Image:
    page = drawn((*PLAIN, *PLAIN, *PLAIN), (520, 260))
    note = drawn((f"filed by {NEEDLE}",), (230, 34), at=(8, 6))
    page.paste(note.rotate(90, expand=True), (470, 12))
    return page


def _sixteen_bits() -> Image.Image:
    grey = drawn(NAMED, SIZE).convert("L")
    return Image.frombytes("I;16", grey.size, b"".join(struct.pack("<H", value * 257) for value in grey.tobytes()))


def _letters_of_alpha(ink: int) -> Image.Image:
    letters = Image.new("RGBA", SIZE, (ink, ink, ink, 0))
    shape = drawn(NAMED, SIZE, ink=(255, 255, 255), paper=(0, 0, 0)).convert("L")
    letters.putalpha(shape)
    return letters


def _window() -> Image.Image:
    """A window with a bright bar, a dark pane and a button, the name in each."""
    window = Image.new("RGB", (520, 220), (238, 240, 243))
    draw = ImageDraw.Draw(window)
    draw.rectangle((0, 0, 519, 30), fill=(32, 92, 170))
    draw.text((10, 7), f"Inbox - {NEEDLE}", fill=(255, 255, 255), font=ImageFont.load_default(15))
    draw.rectangle((0, 31, 150, 219), fill=(28, 32, 40))
    draw.text((10, 50), NEEDLE, fill=(150, 158, 170), font=ImageFont.load_default(13))
    draw.text((170, 60), f"Dear {NEEDLE}, valve two is closed.", fill=(40, 40, 44), font=ImageFont.load_default(14))
    draw.rounded_rectangle((170, 150, 330, 180), 6, fill=(216, 84, 40))
    draw.text((184, 157), f"Reply to {NEEDLE}", fill=(255, 255, 255), font=ImageFont.load_default(13))
    return window


def _in_jpeg() -> Iterator[tuple[str, bytes]]:
    yield "plain", jpeg(drawn(NAMED, SIZE))
    yield "strongly packed", jpeg(drawn(NAMED, (520, 130), letters=22), quality=30)
    yield "progressive", jpeg(drawn(NAMED, SIZE), progressive=True)
    yield "grey", jpeg(drawn(NAMED, SIZE).convert("L"))
    yield "four inks", jpeg(drawn(NAMED, SIZE).convert("CMYK"))
    for form, orientation, turn in (("turned by metadata", 6, 90), ("upside down by metadata", 3, 180)):
        exif = Image.Exif()
        exif[274] = orientation
        yield form, jpeg(drawn(NAMED, SIZE).rotate(turn, expand=True), exif=exif.tobytes())


def _in_codes() -> Iterator[tuple[str, Image.Image]]:
    kinds = zxingcpp.BarcodeFormat
    link = f"https://example.com/staff/{NEEDLE.lower()}"
    for form, said, kind in (
        ("QR", link, kinds.QRCode),
        ("contact", f"BEGIN:VCARD\nN:{NEEDLE};Jane\nEND:VCARD", kinds.QRCode),
        ("DataMatrix", link, kinds.DataMatrix),
        ("Aztec", link, kinds.Aztec),
        ("PDF417", link, kinds.PDF417),
        ("Code128", NEEDLE, kinds.Code128),
    ):
        yield form, _with_code(code(said, kind))
    yield "inverted", _with_code(Image.eval(code(link), lambda value: 255 - value))
    yield "turned", _with_code(code(NEEDLE, kinds.Code128).rotate(90, expand=True))
    yield "tilted", _with_code(code(link, scale=4).rotate(20, expand=True, fillcolor=(255, 255, 255)))
    two = _with_code(code(link))
    two.paste(code(f"ticket of {NEEDLE}"), (250, 110))
    yield "two", two


def _with_code(square: Image.Image) -> Image.Image:
    page = drawn(PLAIN, (max(SIZE[0], square.width + 40), square.height + 130))
    page.paste(square, (20, 110))
    return page


# Switched off -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _writing(change: Any) -> Iterator[None]:
    """``change(source, arguments, written)`` is what the handler hands out instead of what was written."""
    plain = pixels.rewrite

    def rewrite(source: bytes, memo: bytes, replacements: Any, limits: Any, boxed: bool, **options: Any) -> bytes:
        def write(memo: bytes = memo, replacements: Any = replacements, boxed: bool = boxed) -> bytes:
            return plain(source, memo, replacements, limits, boxed, **options)

        return bytes(change(source, write))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pixels, "rewrite", rewrite)
        yield


def _keep_metadata(source: bytes, write: Any) -> bytes:
    written: bytes = write()
    kept = b""
    for part in picture_parts.parts(source).metadata:
        if source.startswith(picture_parts.PNG_HEAD):
            name = part.kind.encode("latin-1")
            kept += struct.pack(">I", len(part.data)) + name + part.data
            kept += struct.pack(">I", zlib.crc32(name + part.data))
        else:
            marker = 0xFE if part.kind == "COM" else 0xE0 + int(part.kind[3:])
            kept += struct.pack(">BBH", 0xFF, marker, len(part.data) + 2) + part.data
    at = written.index(b"IDAT") - 4 if source.startswith(picture_parts.PNG_HEAD) else 2
    return written[:at] + kept + written[at:]


def _keep_tail(source: bytes, write: Any) -> bytes:
    return bytes(write()) + picture_parts.parts(source).tail


def _keep_text(_: bytes, write: Any) -> bytes:
    return bytes(write(replacements={}, boxed=False))


@contextlib.contextmanager
def _keep_hidden_colours() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pixels, "_without_hidden_colours", lambda picture: picture)
        with _writing(lambda _, write: write(boxed=False)):
            yield


@contextlib.contextmanager
def _keep_codes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pixels, "_codes", lambda _: iter(()))
        with _writing(lambda _, write: write(boxed=False)):
            yield


@contextlib.contextmanager
def _take_other_kinds() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "sniff", lambda *_: PNG)
        patch.setattr("redaction.cage.sniff", lambda *_: PNG)
        patch.setattr(image, "_checked", lambda *_: PNG)
        patch.setattr(image, "_KINDS", {PNG: ("GIF",)})
        patch.setattr(picture_parts, "parts", lambda _: picture_parts.Parts((), 0, b""))
        yield


MUTANTS: dict[str, Mutant] = {
    "I1": lambda: _writing(_keep_metadata),
    "I2": lambda: _writing(_keep_tail),
    "I3": _keep_hidden_colours,
    "I3-kinds": _take_other_kinds,
    "I4": lambda: _writing(_keep_text),
    "I5": _keep_codes,
}
