"""Cleans the parts of a presentation: hidden slides and layouts no slide uses stay behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import count
from typing import Final

from redaction.formats.ooxml.names import NAMESPACES, local, namespace, tag, tags
from redaction.formats.ooxml.office import PartCleaner
from redaction.formats.ooxml.package import Package, Part, Source
from redaction.formats.ooxml.parts import EMBEDDED, MAIN, PACKAGE
from redaction.formats.ooxml.slots import Atom
from redaction.formats.ooxml.text import Collector
from redaction.formats.ooxml.tree import Element, keep_attributes, keep_children, remove, remove_all, unwrap_to

_PRESENTATION: Final = tags(
    "p:sldMasterIdLst p:notesMasterIdLst p:handoutMasterIdLst p:sldIdLst p:sldSz p:notesSz p:defaultTextStyle"
)
_PRESENTATION_ATTRIBUTES: Final = frozenset({"firstSlideNum", "showSpecialPlsOnTitleSld", "rtl", "saveSubsetFonts"})
_DROPPED: Final[dict[str, frozenset[str]]] = {
    "P5": tags("p:custDataLst p:tags"),
    "O8": tags("p:controls p:control"),
    "P7": tags("p14:media"),
}
_PLAYED: Final = tags("a:audioCd a:wavAudioFile a:audioFile a:videoFile a:quickTimeFile")
_INK: Final = tags("p:contentPart p14:contentPart a14:contentPart")
_PROGRAMS: Final = {"xlsx": "Excel.Sheet.12", "docx": "Word.Document.12", "pptx": "PowerPoint.Show.12"}
_TRUE: Final = ("1", "true")
_INSIDE: Final = tags("a:tbl p:grpSp")
_TITLES: Final = ("title", "ctrTitle")
_NUMBERED: Final = tags("p:sldMasterId p:sldLayoutId")
_FIRST_MASTER_ID: Final = 2**31
_FALSE: Final = ("0", "false")
_RELATION: Final = f"{{{NAMESPACES['r']}}}id"


class SlideCleaner(PartCleaner):
    """Cleans one presentation's parts."""

    def __init__(self, source: Source, dropped: Counter[str], metadata: list[str]) -> None:
        super().__init__(source, dropped, metadata)
        main = next((item for item in source.references("/").values() if item.kind == MAIN and not item.external), None)
        if main is not None and source.data(main.target) is not None:
            self._choose(main.target)

    def _choose(self, presentation: str) -> None:
        """Refuse hidden slides, then layouts and masters that no slide left uses; one of each has to stay."""
        slides = self._targets(presentation, "slide")
        hidden = {name for name in slides if self.source.root(name).get("show", "1") in _FALSE}
        if hidden:
            self.notices["hidden-content"] = None
        if self.source.switches.hidden:
            hidden = set()
        self.dropped["P1"] += len(hidden)
        used = {layout for name in slides if name not in hidden for layout in self._targets(name, "slideLayout")}
        masters = self._targets(presentation, "slideMaster")
        if not used:
            used = {layout for master in masters[:1] for layout in self._targets(master, "slideLayout")[:1]}
        for master in masters:
            layouts = self._targets(master, "slideLayout")
            unused = [layout for layout in layouts if layout not in used]
            self.dropped["P3"] += len(unused)
            self.refused.update(unused)
            if len(unused) == len(layouts) and used:
                self.dropped["P3"] += 1
                self.refused.add(master)
        self.refused |= hidden

    def _targets(self, name: str, kind: str) -> list[str]:
        """Parts a part refers to by one type of relationship, in lower case, that exist."""
        return [
            reference.target.casefold()
            for reference in self.source.references(name).values()
            if reference.kind.endswith("/" + kind)
            and not reference.external
            and self.source.data(reference.target) is not None
        ]

    def clean_format(self, part: Part) -> None:
        root = part.root
        if namespace(root.tag) != NAMESPACES["p"]:
            return
        root.attrib.pop("conformance", None)
        if local(root.tag) == "presentation":
            if not self.source.switches.notes:
                self.dropped["P2"] += remove_all(root, tags("p:notesMasterIdLst p:handoutMasterIdLst"))
            self.dropped["P5"] += keep_children(root, _PRESENTATION)
            keep_attributes(root, _PRESENTATION_ATTRIBUTES)
            _renumber(root)
        for carrier, names in _DROPPED.items():
            self.dropped[carrier] += remove_all(root, names)
        played = remove_all(root, _PLAYED)
        self.dropped["P7"] += played
        self.zones += [f"media{len(self.zones) + number}" for number in range(1, played + 1)]
        drawn = remove_all(root, _INK)
        self.dropped["O4"] += drawn
        self.zones += [f"ink{len(self.zones) + number}" for number in range(1, drawn + 1)]
        if not self.source.switches.notes:
            self.dropped["P2"] += _drop_edges(root)
        if local(root.tag) in ("cmLst", "cmAuthorLst"):
            self._clean_comments(root)
        if any(shape.get("hidden") in _TRUE for shape in root.iter(tag("p:cNvPr"))) and local(root.tag) == "sld":
            self.notices["hidden-content"] = None
        if self._drop_embedded(part) or played or drawn:
            # Animations may name shapes that are gone, and a program would offer to repair the slide.
            remove_all(root, tags("p:timing"))

    def _clean_comments(self, root: Element) -> None:
        if len(root):
            self.notices["hidden-content"] = None
        for comment in root.iter(tag("p:cm")):
            comment.attrib.pop("dt", None)
        for author in root.iter(tag("p:cmAuthor")):
            author.set("initials", "A")

    def _drop_embedded(self, part: Part) -> int:
        """Objects of other programs go with their frames, embedded documents of known kinds stay with theirs."""
        references = self.source.references(part.old_name)
        frames: set[Element] = set()
        for shown in list(part.root.iter(tag("p:oleObj"))):
            frame = next(shown.iterancestors(tag("p:graphicFrame")), None)
            reference = references.get(shown.get(_RELATION, ""))
            inner = reference is not None and reference.kind == PACKAGE and not reference.external
            kind = EMBEDDED.get(self.source.content_type(reference.target), "") if inner and reference else ""
            alternate = next(shown.iterancestors(tag("mc:AlternateContent")), None)
            if alternate is not None and shown.find(tag("p:pic")) is None:
                remove(shown)  # the twin of an object, drawn in a part that does not travel
            elif kind in _PROGRAMS and frame is not None and shown.find(tag("p:pic")) is not None:
                shown.set("progId", _PROGRAMS[kind])
                shown.attrib.pop("spid", None)
            elif frame is not None:
                frames.add(frame)
        for frame in frames:
            remove(frame)
        for frame in list(part.root.iter(tag("p:graphicFrame"))):
            _settle_object(frame)
        return len(frames)


def _settle_object(frame: Element) -> None:
    """Of an object drawn in two ways the one with a picture is left."""
    for alternate in list(frame.iter(tag("mc:AlternateContent"))):
        objects = list(alternate.iter(tag("p:oleObj")))
        if objects:
            unwrap_to(alternate, objects[:1])
        elif next(frame.iter(tag("p:oleObj")), None) is None:
            remove(frame)
            return


def _drop_edges(root: Element) -> int:
    """Headers, footers and dates of slides."""
    edges = [shape for shape in root.iter(tag("p:sp")) for holder in shape.iter(tag("p:ph")) if _is_edge(holder)]
    for shape in edges:
        remove(shape)
    return len(edges)


def _is_edge(holder: Element) -> bool:
    return holder.get("type") in ("ftr", "hdr", "dt")


def _renumber(root: Element) -> None:
    """Ids of slides tell in which order and how often a deck was edited."""
    for number, slide in enumerate(root.iter(tag("p:sldId")), 256):
        slide.set("id", str(number))


class SlideCollector(Collector):
    """Collects a presentation's slots, once masters and layouts bear ids that count from the first one allowed."""

    attribute_carriers = {"P4": "P4"}

    def carrier(self, part: Part, paragraph: Element, atoms: Sequence[Atom]) -> str:
        return "P8" if next(paragraph.iterancestors(*_INSIDE), None) is not None else part.rule.carrier

    def place(self, part: Part, paragraph: Element) -> str:
        shape = next(paragraph.iterancestors(tag("p:sp")), None)
        holder = None if shape is None else next(shape.iter(tag("p:ph")), None)
        kind = "" if holder is None else holder.get("type", "")
        return "title" if kind in _TITLES else {"ftr": "footer", "hdr": "header"}.get(kind, "")

    def collect_package(self, package: Package) -> None:
        numbers = count(_FIRST_MASTER_ID)
        for part in package.parts:
            for element in part.root.iter(*_NUMBERED) if part.root is not None else ():
                element.set("id", str(next(numbers)))
        super().collect_package(package)


def slide_size(root: Element) -> tuple[int, int]:
    """The size of the slides of a presentation, in English metric units."""
    size = root.find(tag("p:sldSz"))
    wide, high = ("", "") if size is None else (size.get("cx", ""), size.get("cy", ""))
    return (int(wide), int(high)) if wide.isdecimal() and high.isdecimal() else (0, 0)
