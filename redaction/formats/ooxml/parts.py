"""The allow-list of parts as data: how a part is reached, what it must be, and what it is called in the new package.

A part is read only if a relationship of a listed type leads to it *and* its content type is the one that belongs to
that relationship. Everything else stays behind and is counted under the carrier that names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_MICROSOFT: Final = "http://schemas.microsoft.com/office/"
_TYPE: Final = "application/vnd.openxmlformats-officedocument."

WORD: Final = _TYPE + "wordprocessingml."
SHEET: Final = _TYPE + "spreadsheetml."
SLIDES: Final = _TYPE + "presentationml."
_DRAWING: Final = _TYPE + "drawingml."

HYPERLINK: Final = _OFFICE + "hyperlink"
IMAGE: Final = _OFFICE + "image"
MAIN: Final = _OFFICE + "officeDocument"
PACKAGE: Final = _OFFICE + "package"
COMMENTS: Final = _OFFICE + "comments"
SIGNATURES: Final = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin"
CORE: Final = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
APP: Final = _OFFICE + "extended-properties"
CUSTOM: Final = _OFFICE + "custom-properties"


@dataclass(frozen=True)
class PartRule:
    """One kind of part. ``name`` is the member in the new package, ``{}`` its ordinal there.

    ``implied``: the part is reached without any element naming the relationship's id.
    """

    relationship: str
    content_type: str
    name: str
    carrier: str
    implied: bool = False


def _rule(relationship: str, content_type: str, name: str, carrier: str, *, implied: bool = False) -> PartRule:
    base = "" if relationship.startswith("http") else _OFFICE
    return PartRule(base + relationship, content_type + "+xml", name, carrier, implied)


# Files that may be put back into another one once they are redacted themselves: content type → extension.
EMBEDDED: Final[dict[str, str]] = {
    SHEET + "sheet": "xlsx",
    WORD + "document": "docx",
    SLIDES + "presentation": "pptx",
    "application/pdf": "pdf",
}


def embedded_rule(folder: str, content_type: str, *, of_chart: bool) -> PartRule | None:
    """The rule of a file inside another one; None for a kind that never goes back."""
    if content_type not in EMBEDDED:
        return None
    carrier = "O5" if not of_chart else "P6" if folder == "ppt" else "O6"
    return PartRule(PACKAGE, content_type, f"{folder}/embeddings/package{{}}.{EMBEDDED[content_type]}", carrier)


def image_rule(folder: str) -> PartRule:
    """Pictures: whatever they were, they come out as PNG."""
    return PartRule(IMAGE, "image/png", folder + "/media/image{}.png", "O4")


def _drawing_rules(folder: str) -> tuple[PartRule, ...]:
    """Charts and SmartArt, the same in all three formats."""
    ms = _MICROSOFT
    return (
        image_rule(folder),
        _rule("chart", _DRAWING + "chart", folder + "/charts/chart{}.xml", "O6"),
        _rule("chartUserShapes", _DRAWING + "chartshapes", folder + "/drawings/userShapes{}.xml", "O6"),
        _rule(
            ms + "2011/relationships/chartStyle",
            "application/vnd.ms-office.chartstyle",
            folder + "/charts/style{}.xml",
            "O6",
            implied=True,
        ),
        _rule(
            ms + "2011/relationships/chartColorStyle",
            "application/vnd.ms-office.chartcolorstyle",
            folder + "/charts/colors{}.xml",
            "O6",
            implied=True,
        ),
        _rule("themeOverride", _TYPE + "themeOverride", folder + "/theme/override{}.xml", "O9", implied=True),
        _rule("diagramData", _DRAWING + "diagramData", folder + "/diagrams/data{}.xml", "O9"),
        _rule("diagramLayout", _DRAWING + "diagramLayout", folder + "/diagrams/layout{}.xml", "O9"),
        _rule("diagramQuickStyle", _DRAWING + "diagramStyle", folder + "/diagrams/quickStyle{}.xml", "O9"),
        _rule("diagramColors", _DRAWING + "diagramColors", folder + "/diagrams/colors{}.xml", "O9"),
        _rule(
            ms + "2007/relationships/diagramDrawing",
            "application/vnd.ms-office.drawingml.diagramDrawing",
            folder + "/diagrams/drawing{}.xml",
            "O9",
            implied=True,
        ),
    )


_THEME: Final = _TYPE + "theme"

DOCX_MAIN: Final = _rule("officeDocument", WORD + "document.main", "word/document.xml", "D1")
DOCX_RULES: Final = (
    _rule("styles", WORD + "styles", "word/styles.xml", "D13", implied=True),
    _rule("settings", WORD + "settings", "word/settings.xml", "D10", implied=True),
    _rule("fontTable", WORD + "fontTable", "word/fontTable.xml", "D13", implied=True),
    _rule("numbering", WORD + "numbering", "word/numbering.xml", "D13", implied=True),
    _rule("theme", _THEME, "word/theme/theme{}.xml", "O9", implied=True),
    _rule("header", WORD + "header", "word/header{}.xml", "D2"),
    _rule("footer", WORD + "footer", "word/footer{}.xml", "D2"),
    _rule("footnotes", WORD + "footnotes", "word/footnotes.xml", "D3", implied=True),
    _rule("endnotes", WORD + "endnotes", "word/endnotes.xml", "D3", implied=True),
    *_drawing_rules("word"),
)

DOCX_COMMENTS: Final = (_rule("comments", WORD + "comments", "word/comments.xml", "D4", implied=True),)

XLSX_MAIN: Final = _rule("officeDocument", SHEET + "sheet.main", "xl/workbook.xml", "X3")
XLSX_RULES: Final = (
    _rule("worksheet", SHEET + "worksheet", "xl/worksheets/sheet{}.xml", "X2"),
    _rule("chartsheet", SHEET + "chartsheet", "xl/chartsheets/sheet{}.xml", "X13"),
    _rule("sharedStrings", SHEET + "sharedStrings", "xl/sharedStrings.xml", "X1", implied=True),
    _rule("styles", SHEET + "styles", "xl/styles.xml", "X4", implied=True),
    _rule("theme", _THEME, "xl/theme/theme{}.xml", "O9", implied=True),
    _rule("drawing", _TYPE + "drawing", "xl/drawings/drawing{}.xml", "X13"),
    _rule("table", SHEET + "table", "xl/tables/table{}.xml", "X8"),
    _rule("pivotTable", SHEET + "pivotTable", "xl/pivotTables/pivotTable{}.xml", "X6", implied=True),
    _rule(
        "pivotCacheDefinition",
        SHEET + "pivotCacheDefinition",
        "xl/pivotCache/pivotCacheDefinition{}.xml",
        "X6",
        implied=True,
    ),
    *_drawing_rules("xl"),
)

XLSX_COMMENTS: Final = (_rule("comments", SHEET + "comments", "xl/comments{}.xml", "X5", implied=True),)

PPTX_MAIN: Final = _rule("officeDocument", SLIDES + "presentation.main", "ppt/presentation.xml", "P5")
PPTX_RULES: Final = (
    _rule("slide", SLIDES + "slide", "ppt/slides/slide{}.xml", "P1"),
    _rule("slideMaster", SLIDES + "slideMaster", "ppt/slideMasters/slideMaster{}.xml", "P3", implied=True),
    _rule("slideLayout", SLIDES + "slideLayout", "ppt/slideLayouts/slideLayout{}.xml", "P3", implied=True),
    _rule("notesMaster", SLIDES + "notesMaster", "ppt/notesMasters/notesMaster{}.xml", "P2", implied=True),
    _rule("notesSlide", SLIDES + "notesSlide", "ppt/notesSlides/notesSlide{}.xml", "P2", implied=True),
    _rule("handoutMaster", SLIDES + "handoutMaster", "ppt/handoutMasters/handoutMaster{}.xml", "P2"),
    _rule("tableStyles", SLIDES + "tableStyles", "ppt/tableStyles.xml", "O9", implied=True),
    _rule("theme", _THEME, "ppt/theme/theme{}.xml", "O9", implied=True),
    *_drawing_rules("ppt"),
)

PPTX_NOTES: Final = tuple(rule for rule in PPTX_RULES if rule.carrier == "P2")
PPTX_COMMENTS: Final = (
    _rule("commentAuthors", SLIDES + "commentAuthors", "ppt/commentAuthors.xml", "P4", implied=True),
    _rule("comments", SLIDES + "comments", "ppt/comments/comment{}.xml", "P4", implied=True),
)

# Relationship type (its last step) → the carrier under which a part left behind is counted.
LEFT_BEHIND: Final[dict[str, str]] = {
    "core-properties": "O1",
    "extended-properties": "O1",
    "custom-properties": "O1",
    "thumbnail": "O1",
    "metadata/thumbnail": "O1",
    "classificationlabels": "O1",
    "hyperlink": "O3",
    "attachedTemplate": "O3",
    "subDocument": "O3",
    "frame": "O3",
    "ink": "O4",
    "hdphoto": "O4",
    "model3d": "O4",
    "oleObject": "O5",
    "package": "O5",
    "chartEx": "O6",
    "customXml": "O7",
    "customXmlProps": "O7",
    "vmlDrawing": "O8",
    "control": "O8",
    "activeXControlBinary": "O8",
    "ctrlProp": "O8",
    "printerSettings": "O8",
    "font": "O8",
    "presProps": "O10",
    "viewProps": "O10",
    "webSettings": "D10",
    "stylesWithEffects": "D13",
    "origin": "O8",
    "webextension": "O8",
    "webextensiontaskpanes": "O8",
    "taskpanes": "O8",
    "extensibility": "O8",
    "attachedToolbars": "O8",
    "keyMapCustomizations": "O8",
    "vbaProject": "O8",
    "wordVbaData": "O8",
    "userCustomization": "O8",
    "comments": "D4",
    "commentsExtended": "D4",
    "commentsIds": "D4",
    "commentsExtensible": "D4",
    "people": "D4",
    "glossaryDocument": "D9",
    "mailMergeSource": "D10",
    "mailMergeHeaderSource": "D10",
    "recipientData": "D10",
    "documenttasks": "D4",
    "tasks": "D4",
    "inkXml": "O4",
    "legacyDiagramText": "O8",
    "legacyDocTextInfo": "O8",
    "slideUpdateInfo": "O8",
    "slideUpdateUrl": "O3",
    "customData": "P5",
    "aFChunk": "D11",
    "threadedComment": "X5",
    "person": "X5",
    "pivotTable": "X6",
    "pivotCacheDefinition": "X6",
    "pivotCacheRecords": "X6",
    "slicer": "X6",
    "slicerCache": "X6",
    "timeline": "X6",
    "timelineCache": "X6",
    "externalLink": "X7",
    "connections": "X7",
    "queryTable": "X7",
    "calcChain": "X14",
    "sheetMetadata": "X14",
    "volatileDependencies": "X14",
    "revisionHeaders": "X12",
    "usernames": "X12",
    "commentAuthors": "P4",
    "authors": "P4",
    "changesInfo": "P4",
    "revisionInfo": "P4",
    "tags": "P5",
    "audio": "P7",
    "video": "P7",
    "media": "P7",
}
UNNAMED: Final = "unnamed"


def left_behind(relationship: str, media_family: str) -> str:
    """The carrier of a relationship nobody follows. Comments bear one type in all formats."""
    last = relationship.rpartition("/")[2]
    if last == "comments":
        return {"word": "D4", "xl": "X5", "ppt": "P4"}[media_family]
    if last == "thumbnail" and media_family == "ppt":
        return "P10"
    return LEFT_BEHIND.get(last, UNNAMED)
