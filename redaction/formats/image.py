"""PNG and JPEG files: a new picture from pixels alone.

The rules this follows:

- Uploads are PNG or JPEG, whole, and end where they say; every other kind is refused, because such files hold layers,
  pages or second pictures that nobody looks at.
- Metadata, comments, colour profiles, thumbnails, further frames, bytes behind the end are counted and dropped; names
  in them leave the other files too.
- Text is read in the pixels and painted over where it is hit; codes always are.
- A person looks at every picture: no program judges faces, plates, handwriting or logos.
- The simpler form is a black picture of the same size.
"""

from __future__ import annotations

from typing import Final

from redaction.entities import Action, Extraction, Output, Plan, Tier
from redaction.errors import RedactionError, RefusedError
from redaction.formats import Carrier, Limits, Switches, picture_parts, pixels
from redaction.formats.pieces import carrier_counts
from redaction.media import JPEG, PNG

ZONE: Final = "img1"
_WHOLE: Final = 10_000
_KINDS: Final = {PNG: ("PNG",), JPEG: ("JPEG",)}


class ImageHandler:
    """PNG and JPEG. Anchors: ``img1/t3``, a line of text or what a code says; the zone ``img1`` is the picture."""

    media_types: tuple[str, ...] = (PNG, JPEG)
    extensions: tuple[str, ...] = (".png", ".jpg", ".jpeg")
    tiers: tuple[Tier, ...] = (Tier.A, Tier.B)
    carriers: tuple[Carrier, ...] = (
        Carrier("I1", "EXIF, GPS, XMP, IPTC, comments, thumbnails, colour profiles, text chunks", Action.DROP),
        Carrier("I2", "bytes behind the end", Action.DROP),
        Carrier("I3", "further frames, colours of transparent pixels", Action.DROP),
        Carrier("I3-kinds", "kinds of pictures with layers, pages or second pictures", Action.REFUSE),
        Carrier("I4", "text in pixels", Action.REWRITE),
        Carrier("I5", "QR and bar codes", Action.REENCODE),
    )

    def extract(self, source: bytes, limits: Limits, switches: Switches = Switches()) -> Extraction:
        """Return what is read in the pixels.

        Raises:
            RefusedError: ``empty``; ``unsupported``; ``limit`` (size, pixels, time to read); ``parse-failed``.
        """
        media_type = _checked(source, limits)
        found = picture_parts.parts(source)
        seen = pixels.read(source, limits, formats=_KINDS[media_type])
        counts = {**_dropped(found, seen), "I4": seen.first_code, "I5": seen.codes}
        return Extraction(
            segments=pixels.segments(ZONE, seen, "I4", "I5"),
            metadata=picture_parts.values(found),
            opaque=(ZONE,),
            areas={ZONE: _WHOLE},
            notices=("hidden-content",) if found.frames else (),
            counts={id_: count for id_, count in counts.items() if count},
            memo=seen.memo,
        )

    def rewrite(self, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()) -> Output:
        """Write the new picture; errors as ``extract``, and RedactionError when the plan does not fit."""
        media_type = _checked(source, limits)
        found = picture_parts.parts(source)
        seen = pixels.remembered(plan.memo)
        chosen = pixels.chosen(ZONE, plan.replacements)
        if len(chosen) < sum(bool(items) for items in plan.replacements.values()):
            raise RedactionError("internal", "the plan names text that is not in this file")
        boxed = plan.tier is Tier.B or ZONE in plan.boxed
        written = pixels.rewrite(
            source, plan.memo, chosen, limits, boxed, formats=_KINDS[media_type], media_type=media_type
        )
        rewritten = {"I4": sum(len(items) for items in chosen.values()), "I5": seen.codes}
        return Output(written, media_type, carrier_counts(rewritten, _dropped(found, seen)), plan.tier)


def _dropped(found: picture_parts.Parts, seen: pixels.Seen) -> dict[str, int]:
    return {
        "I1": len(found.metadata),
        "I2": int(bool(found.tail)),
        "I3": found.frames + int(seen.hidden_colours),
    }


def _checked(source: bytes, limits: Limits) -> str:
    """The kind of picture, by its first bytes."""
    if not source:
        raise RefusedError("empty")
    if len(source) > limits.file_bytes:
        raise RefusedError("limit", "file size")
    if source.startswith(picture_parts.PNG_HEAD):
        return PNG
    if source.startswith(picture_parts.JPEG_HEAD):
        return JPEG
    raise RefusedError("unsupported")
