"""Cleans the parts of a presentation: hidden slides and layouts no slide uses stay behind."""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import Final

from redaction.formats.ooxml.names import NAMESPACES, local, namespace, tag, tags
from redaction.formats.ooxml.office import PartCleaner
from redaction.formats.ooxml.package import Package, Part, Source
from redaction.formats.ooxml.parts import MAIN
from redaction.formats.ooxml.text import Collector
from redaction.formats.ooxml.tree import Element, keep_attributes, keep_children, remove, remove_all

_PRESENTATION: Final = tags(
    "p:sldMasterIdLst p:notesMasterIdLst p:handoutMasterIdLst p:sldIdLst p:sldSz p:notesSz p:defaultTextStyle"
)
_PRESENTATION_ATTRIBUTES: Final = frozenset({"firstSlideNum", "showSpecialPlsOnTitleSld", "rtl", "saveSubsetFonts"})
_DROPPED: Final[dict[str, frozenset[str]]] = {
    "P5": tags("p:custDataLst p:tags"),
    "O8": tags("p:controls p:control"),
    "P7": tags("a:audioCd a:wavAudioFile a:audioFile a:videoFile a:quickTimeFile p14:media"),
}
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
            self.dropped["P5"] += keep_children(root, _PRESENTATION)
            keep_attributes(root, _PRESENTATION_ATTRIBUTES)
            _renumber(root)
        for carrier, names in _DROPPED.items():
            self.dropped[carrier] += remove_all(root, names)
        if self._drop_embedded(root):
            # Animations may name shapes that are gone, and a program would offer to repair the slide.
            remove_all(root, tags("p:timing"))

    def _drop_embedded(self, root: Element) -> int:
        """Embedded objects go with their frames; the file itself is counted with its relationship."""
        frames = {
            frame
            for embedded in root.iter(tag("p:oleObj"))
            for frame in list(embedded.iterancestors(tag("p:graphicFrame")))[:1]
        }
        for frame in frames:
            remove(frame)
        return len(frames)


def _renumber(root: Element) -> None:
    """Ids of slides tell in which order and how often a deck was edited."""
    for number, slide in enumerate(root.iter(tag("p:sldId")), 256):
        slide.set("id", str(number))


class SlideCollector(Collector):
    """Collects a presentation's slots, once masters and layouts bear ids that count from the first one allowed."""

    def collect_package(self, package: Package) -> None:
        numbers = count(_FIRST_MASTER_ID)
        for part in package.parts:
            for element in part.root.iter(*_NUMBERED) if part.root is not None else ():
                element.set("id", str(next(numbers)))
        super().collect_package(package)
