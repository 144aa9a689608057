"""How a picture is cropped where it is shown. What is cut off is cut out of the picture itself before it travels."""

from __future__ import annotations

import re
from typing import Final

from redaction.formats.ooxml.names import tag
from redaction.formats.ooxml.tree import Element, remove

# Left, top, right and bottom, in hundred-thousandths of the width or height.
Crop = tuple[int, int, int, int]
WHOLE: Final[Crop] = (0, 0, 0, 0)
FULL: Final = 100_000

_SIDES: Final = ("l", "t", "r", "b")
_VML_SIDES: Final = ("cropleft", "croptop", "cropright", "cropbottom")
_NUMBER: Final = re.compile(r"\s*(-?\d*\.?\d+)\s*(%|f)?\s*")


def taken_crop(user: Element) -> Crop:
    """Take the crop away from where a picture is shown and return it. A frame wider than its picture stays so."""
    if user.tag == tag("a:blip"):
        rectangle = None if user.getparent() is None else user.getparent().find(tag("a:srcRect"))
        if rectangle is None:
            return WHOLE
        crop = _take(rectangle, _SIDES, 1)
        if not rectangle.keys():
            remove(rectangle)
        return crop
    return _take(user, _VML_SIDES, FULL)


def _take(element: Element, sides: tuple[str, ...], unit: int) -> Crop:
    crop = [_parsed(element.get(side, ""), unit) for side in sides]
    for side, cut in zip(sides, crop, strict=True):
        if cut >= 0:
            element.attrib.pop(side, None)
    left, top, right, bottom = (max(cut, 0) for cut in crop)
    return (left, top, right, bottom)


def _parsed(value: str, unit: int) -> int:
    """A share as it may be spelled: ``12500``, ``12.5%``, ``8192f`` (of 65,536) or ``0.125``."""
    found = _NUMBER.fullmatch(value)
    if found is None:
        return 0
    number = float(found[1])
    scale = FULL / 100 if found[2] == "%" else FULL / 65_536 if found[2] == "f" else unit
    return max(min(round(number * scale), 10 * FULL), -10 * FULL)
