"""Pictures are not read yet: each is replaced by a plain one of the same size, so nothing in its pixels can leave."""

from __future__ import annotations

import io
import warnings
from typing import Final

from PIL import Image, ImageDraw, UnidentifiedImageError

from redaction.errors import RefusedError
from redaction.formats import Limits

_UNKNOWN_SIZE: Final = (320, 240)  # vectors have no pixels
_RASTERS: Final = ("PNG", "JPEG", "GIF", "BMP", "TIFF")
_PAPER: Final = 235
_LINE: Final = 170


def placeholder(original: bytes, limits: Limits) -> bytes:
    """A grey PNG with the pixel size of ``original``; a default size where it has none.

    Raises:
        RefusedError: ``limit`` when the picture has more pixels than are ever drawn.
    """
    width, height = _size(original)
    if width * height > limits.pixels:
        raise RefusedError("limit", "pixels")
    picture = Image.new("L", (width, height), _PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, width - 1, height - 1), outline=_LINE)
    draw.line((0, 0, width - 1, height - 1), fill=_LINE)
    draw.line((0, height - 1, width - 1, 0), fill=_LINE)
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", optimize=False)
    return buffer.getvalue()


def _size(original: bytes) -> tuple[int, int]:
    if not original:
        return _UNKNOWN_SIZE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limit on pixels decides
            with Image.open(io.BytesIO(original), formats=_RASTERS) as picture:
                width, height = picture.size
    except Image.DecompressionBombError as error:
        raise RefusedError("limit", "pixels") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return _UNKNOWN_SIZE
    return max(width, 1), max(height, 1)
