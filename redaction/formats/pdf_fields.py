"""Form fields: the values that a viewer shows are drawn into their pages, before the pages are read.

So a filled form stays a filled page, whose text is handled like all other. Signatures, buttons, hidden fields and
everything else that hangs on a page go.
"""

from __future__ import annotations

from typing import Any, Final

import pikepdf

from redaction.formats.pdf_streams import dictionary, inherited, name_of

_HIDDEN: Final = 0b10_0011  # invisible, hidden, no view (ISO 32000-1, 12.5.3)
_PUSH_BUTTON: Final = 1 << 16
_VALUES: Final = frozenset({"/Tx", "/Ch", "/Btn"})


def flatten(pdf: pikepdf.Pdf, *, keep: bool) -> int:
    """Draw the visible values into the pages if ``keep`` says so, and take all annotations and the form out of ``pdf``.

    Returns:
        How many fields were drawn.
    """
    shown = 0
    for page in pdf.pages:
        annotations = page.obj.get("/Annots")
        if annotations is None:
            continue
        fields = [item for item in annotations if keep and _is_shown(item)] if _is_array(annotations) else []
        if fields:
            page.obj.Annots = pikepdf.Array(fields)
            shown += len(fields)
        else:
            del page.obj["/Annots"]
    if shown:
        _draw(pdf)
    for page in pdf.pages:
        if "/Annots" in page.obj:
            del page.obj["/Annots"]
    if "/AcroForm" in pdf.Root:
        del pdf.Root["/AcroForm"]
    return shown


def _draw(pdf: pikepdf.Pdf) -> None:
    """Make appearances where a viewer would, then draw them as parts of their pages."""
    form = dictionary(pdf.Root.get("/AcroForm"))
    if form.get("/NeedAppearances") is True or any(_lacks_appearance(item) for item in _fields(pdf)):
        form["/NeedAppearances"] = True
        pdf.generate_appearance_streams()
    pdf.flatten_annotations("all")


def _fields(pdf: pikepdf.Pdf) -> list[Any]:
    return [item for page in pdf.pages for item in page.obj.get("/Annots", [])]


def _lacks_appearance(item: Any) -> bool:
    return "/AP" not in item and inherited(item, "/V") is not None


def _is_array(value: Any) -> bool:
    return isinstance(value, pikepdf.Array)


def _is_shown(item: Any) -> bool:
    if not isinstance(item, pikepdf.Dictionary) or name_of(item.get("/Subtype")) != "/Widget":
        return False
    flags = item.get("/F", 0)
    if not isinstance(flags, int) or flags & _HIDDEN or name_of(inherited(item, "/FT")) not in _VALUES:
        return False
    kind = inherited(item, "/Ff") or 0
    button = name_of(inherited(item, "/FT")) == "/Btn" and isinstance(kind, int) and bool(kind & _PUSH_BUTTON)
    return not button and ("/AP" in item or inherited(item, "/V") is not None)
