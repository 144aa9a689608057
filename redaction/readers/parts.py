"""The members of an office file, against the list of those we write; read from the zip directories alone.

The list is kept here a second time on purpose: a writer that learns to write a new part does not thereby allow it.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

_ANY: Final = r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(?:core|app)\.xml"
_WORD: Final = (
    r"word/(?:(?:_rels/)?(?:document|styles|settings|fontTable|numbering|footnotes|endnotes|(?:header|footer)\d+)\.xml)"
)
_XL: Final = (
    r"xl/(?:(?:_rels/)?(?:workbook|styles|sharedStrings)\.xml|(?:worksheets|chartsheets)/(?:_rels/)?sheet\d+\.xml"
    r"|tables/(?:_rels/)?table\d+\.xml|pivotTables/(?:_rels/)?pivotTable\d+\.xml"
    r"|pivotCache/pivotCacheDefinition\d+\.xml|comments\d+\.xml|drawings/vmlDrawing\d+\.vml)"
)
_PPT: Final = (
    r"ppt/(?:(?:_rels/)?(?:presentation|tableStyles)\.xml|slides/(?:_rels/)?slide\d+\.xml"
    r"|(?:slideMaster|slideLayout|notesMaster|notesSlide|handoutMaster)s/(?:_rels/)?"
    r"(?:slideMaster|slideLayout|notesMaster|notesSlide|handoutMaster)\d+\.xml)"
)
_DRAWINGS: Final = (
    r"(?:word|xl|ppt)/(?:media/image\d+\.png|theme/(?:_rels/)?(?:theme|override)\d+\.xml"
    r"|charts/(?:_rels/)?(?:chart|style|colors)\d+\.xml|drawings/(?:_rels/)?(?:drawing|userShapes)\d+\.xml"
    r"|diagrams/(?:_rels/)?(?:data|layout|quickStyle|colors|drawing)\d+\.xml)"
)
# Files inside this one, redacted as files of their own before they were put back.
_EMBEDDED: Final = re.compile(r"(?:word|ppt)/embeddings/package\d+\.(?:xlsx|docx|pptx|pdf)")
_ALLOWED: Final = re.compile(rf"(?:{_ANY}|(?:{_WORD}|{_XL}|{_PPT}|{_DRAWINGS})(?:\.rels)?)")
# Only where the policy keeps comments.
_COMMENTS: Final = re.compile(
    r"word/(?:_rels/)?comments\.xml(?:\.rels)?|xl/comments/(?:_rels/)?comment\d+\.xml(?:\.rels)?"
    r"|ppt/commentAuthors\.xml|ppt/comments/(?:_rels/)?comment\d+\.xml(?:\.rels)?"
)
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def undeclared(data: bytes, *, comments: bool = False) -> list[str]:
    """What the container holds beyond our list: members by their ordinal, never by their name.

    ``comments``: the policy keeps them, so their parts may be there.

    Raises:
        zipfile.BadZipFile: it is no container.
    """
    found: list[str] = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        found += ["a member twice"] if len({member.filename for member in members}) != len(members) else []
        found += ["a comment"] if archive.comment or any(member.comment for member in members) else []
        found += ["extra fields"] if any(member.extra for member in members) else []
        found += ["a date"] if any(member.date_time != _EPOCH for member in members) else []
        for ordinal, member in enumerate(members, 1):
            if _EMBEDDED.fullmatch(member.filename):
                inner = [] if member.filename.endswith(".pdf") else undeclared(archive.read(member), comments=comments)
                found += [f"member {ordinal}: {one}" for one in inner]
            elif not (_ALLOWED.fullmatch(member.filename) or (comments and _COMMENTS.fullmatch(member.filename))):
                found.append(f"member {ordinal}")
    return found
