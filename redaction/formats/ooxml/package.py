"""A package as a graph: parts found from the root by relationship type, cleaned as they are read."""

from __future__ import annotations

import posixpath
import re
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from urllib.parse import unquote

from redaction.errors import RefusedError
from redaction.formats import Limits, Switches
from redaction.formats.ooxml.crops import WHOLE, Crop, taken_crop
from redaction.formats.ooxml.links import drop_user, safe_target
from redaction.formats.ooxml.names import CONTENT_TYPES, NAMESPACES, PACKAGE_RELATIONSHIPS, tag, transitional
from redaction.formats.ooxml.parts import HYPERLINK, IMAGE, MAIN, PACKAGE, PartRule, embedded_rule, left_behind
from redaction.formats.ooxml.tree import Element, attribute_names, load, parse, remove

_RELATION: Final = f"{{{NAMESPACES['r']}}}"
_PICTURE_USERS: Final = frozenset({tag("a:blip"), tag("v:imagedata"), tag("v:fill"), tag("v:stroke")})
_MACRO: Final = re.compile(r"macroEnabled|vbaProject|vnd\.ms-office\.vba", re.IGNORECASE)


@dataclass(frozen=True)
class Reference:
    """A relationship as it stands in the input. ``kind`` is its type, in Transitional spelling."""

    id: str
    kind: str
    target: str
    external: bool


@dataclass(eq=False)
class Relationship:
    """A relationship of the new package: to a part, or to an address outside."""

    id: str
    kind: str
    part: Part | None = None
    target: str = ""


@dataclass(eq=False)
class Part:
    """One part of the new package. ``root`` is its tree.

    A picture or an embedded file has none: ``original`` is what it was, ``data`` what is written, which is nothing
    until somebody made it. ``crop`` is what is cut off a picture; ``users`` are the elements that show it.
    ``body`` puts into the written tree what is too large for one: the rows of a sheet.
    """

    rule: PartRule
    name: str
    old_name: str
    root: Element = None
    original: bytes = b""
    data: bytes = b""
    crop: Crop = WHOLE
    users: list[Element] = field(default_factory=list)
    body: Callable[[bytes], bytes] | None = None
    relationships: list[Relationship] = field(default_factory=list)
    new_ids: dict[str, str] = field(default_factory=dict)
    cropped: dict[tuple[str, Crop], Relationship] = field(default_factory=dict)  # pictures it shows

    @property
    def is_picture(self) -> bool:
        return self.rule.relationship == IMAGE

    @property
    def is_embedded(self) -> bool:
        return self.rule.relationship == PACKAGE

    @cached_property
    def label(self) -> str:
        """What anchors in this part begin with: ``header1``, ``slide4``."""
        folder, base = posixpath.split(self.name)
        return ("chart" if folder.endswith("/chartsheets") else "") + base.rpartition(".")[0]


class Source:
    """The input: members, content types and relationships, looked up the way OPC does (names without case)."""

    def __init__(self, members: Mapping[str, bytes], limits: Limits, switches: Switches = Switches()) -> None:
        self.limits = limits
        self.switches = switches
        self._members = {"/" + name.casefold(): data for name, data in members.items()}
        self._roots: dict[str, Element] = {}
        self._defaults: dict[str, str] = {}
        self._overrides: dict[str, str] = {}
        self._read_content_types()
        if any(_MACRO.search(kind) for kind in (*self._defaults.values(), *self._overrides.values())) or any(
            name.endswith(("/vbaproject.bin", "/vbadata.xml")) for name in self._members
        ):
            raise RefusedError("macro")

    def _read_content_types(self) -> None:
        data = self._members.get("/[content_types].xml")
        if data is None:
            raise RefusedError("parse-failed", "no content types")
        for entry in parse(data, self.limits.xml_depth):
            kind = entry.get("ContentType", "")
            if entry.tag == f"{{{CONTENT_TYPES}}}Default":
                self._defaults[entry.get("Extension", "").casefold()] = kind
            elif entry.tag == f"{{{CONTENT_TYPES}}}Override":
                self._overrides[entry.get("PartName", "").casefold()] = kind

    def content_type(self, name: str) -> str:
        folded = name.casefold()
        return self._overrides.get(folded) or self._defaults.get(folded.rpartition(".")[2], "")

    def data(self, name: str) -> bytes | None:
        return self._members.get(name.casefold())

    def replace(self, name: str, data: bytes) -> None:
        """Read something else in place of a member from now on."""
        self._members[name.casefold()] = data

    def root(self, name: str) -> Element:
        """The normalised tree of a part; read once, so that looking ahead and loading see the same tree."""
        folded = name.casefold()
        if folded not in self._roots:
            self._roots[folded] = load(self._members[folded], self.limits.xml_depth)
        return self._roots[folded]

    def references(self, name: str) -> dict[str, Reference]:
        """The relationships of a part (``/`` is the package), by id, in file order."""
        folder, base = posixpath.split(name)
        data = self.data(posixpath.join(folder, "_rels", base + ".rels"))
        found: dict[str, Reference] = {}
        for entry in parse(data, self.limits.xml_depth) if data is not None else ():
            if entry.tag != f"{{{PACKAGE_RELATIONSHIPS}}}Relationship":
                continue
            external = entry.get("TargetMode", "").casefold() == "external"
            target = entry.get("Target", "")
            found[entry.get("Id", "")] = Reference(
                entry.get("Id", ""),
                transitional(entry.get("Type", "")),
                target if external else posixpath.normpath(posixpath.join("/", folder, unquote(target))),
                external,
            )
        return found


def _key(name: str, crop: Crop) -> str:
    return name.casefold() if crop == WHOLE else f"{name.casefold()}#{crop}"


@dataclass
class Package:
    """The new package: its main part first, then every part in the order it was reached."""

    main: Part
    parts: list[Part]
    dropped: Counter[str]


Clean = Callable[[Part, Source], None]


@dataclass
class Loader:
    """Reads the parts the rules allow, from the main part outwards, and forgets the rest."""

    source: Source
    family: str  # word, xl, ppt
    rules: tuple[PartRule, ...]
    clean: Clean
    refused: Collection[str]

    def __post_init__(self) -> None:
        self._rules = {rule.relationship: rule for rule in self.rules}
        self._parts: dict[str, Part] = {}
        self._order: list[Part] = []
        self._ordinals: Counter[str] = Counter()
        self._queue: deque[Part] = deque()
        self.dropped: Counter[str] = Counter()

    def load(self, main_rule: PartRule) -> Package:
        """Read the whole package.

        Raises:
            RefusedError: ``unsupported`` for templates, ``mismatch`` for another kind of package, ``parse-failed``.
        """
        roots = self.source.references("/").values()
        mains = [reference for reference in roots if reference.kind == MAIN and not reference.external]
        self._count_left_behind([reference for reference in roots if reference.kind != MAIN])
        if len(mains) != 1 or self.source.data(mains[0].target) is None:
            raise RefusedError("parse-failed", "no single main part")
        self._check_main(self.source.content_type(mains[0].target), main_rule)
        main = self._add(main_rule, mains[0].target)
        while self._queue:
            self._connect(self._queue.popleft())
        for part in self._order:
            self._reconnect_diagrams(part)
        return Package(main, self._order, self.dropped)

    @staticmethod
    def _check_main(content_type: str, rule: PartRule) -> None:
        if content_type == rule.content_type:
            return
        kind = rule.content_type.rpartition(".main")[0].rpartition(".")[0]
        raise RefusedError("unsupported" if content_type.startswith(kind) else "mismatch", "main part")

    def _add(self, rule: PartRule, old_name: str, crop: Crop = WHOLE) -> Part:
        self._ordinals[rule.name] += 1
        part = Part(rule, rule.name.format(self._ordinals[rule.name]), old_name, crop=crop)
        self._parts[_key(old_name, crop)] = part
        self._order.append(part)
        if part.is_picture or part.is_embedded:
            part.original = self.source.data(old_name) or b""
            return part
        part.root = self.source.root(old_name)
        self.clean(part, self.source)
        self._queue.append(part)
        return part

    def _connect(self, part: Part) -> None:
        """Follow what the tree refers to, in the tree's order, then what needs no reference."""
        references = self.source.references(part.old_name)
        users = [
            (element, name, element.get(name))
            for element in part.root.iter()
            for name in attribute_names(element)
            if name.startswith(_RELATION)
        ]
        for element, name, old_id in users:
            if element.getroottree().getroot() is not part.root:
                continue  # it went with another reference of the same frame
            new_id = self._follow(part, references.get(old_id), element)
            if new_id is not None:
                element.set(name, new_id)
            elif old_id or not name.endswith("}id"):
                drop_user(element, name)
        for reference in references.values():
            rule = self._rules.get(reference.kind)
            if rule is not None and rule.implied and not reference.external:
                self._follow(part, reference, None)
        self._count_left_behind([ref for ref in references.values() if ref.id not in part.new_ids])

    def _follow(self, part: Part, reference: Reference | None, user: Element | None) -> str | None:
        """Return the id in the new package, or None when the target stays behind."""
        if user is not None and user.tag in _PICTURE_USERS:
            return self._picture(part, reference, user)
        if reference is None:
            return None
        if reference.id in part.new_ids:
            return part.new_ids[reference.id]
        if reference.external:
            if reference.kind == HYPERLINK:
                return self._link(part, reference.id, HYPERLINK, None, safe_target(reference.target)).id
            return None
        target = self._target(part, reference)
        return None if target is None else self._link(part, reference.id, reference.kind, target).id

    def _picture(self, part: Part, reference: Reference | None, user: Element) -> str | None:
        """A picture that is cropped in two ways becomes two pictures: what is cut off does not travel."""
        crop = taken_crop(user)
        if reference is None or reference.external:
            crop = WHOLE  # the grey picture has nothing to hide
        elif crop != WHOLE:
            self.dropped["P9" if self.family == "ppt" else "O4"] += 1
        key = ("" if reference is None else reference.id, crop)
        if key not in part.cropped:
            if reference is None or reference.external:
                target: Part | None = self._missing_picture()
            else:
                target = self._target(part, reference, crop)
            if target is None or not target.is_picture:
                return None
            part.cropped[key] = self._link(part, key[0], IMAGE, target)
        link = part.cropped[key]
        if link.part is not None:
            link.part.users.append(user)
        return link.id

    def _target(self, owner: Part, reference: Reference, crop: Crop = WHOLE) -> Part | None:
        folded = reference.target.casefold()
        known = self._parts.get(_key(folded, crop))
        if known is not None:
            return known if known.rule.relationship == reference.kind else None
        content_type = self.source.content_type(folded)
        rule = self._rules.get(reference.kind)
        if reference.kind == PACKAGE and self.family != "xl":
            rule = embedded_rule(self.family, content_type, of_chart=owner.rule.carrier == "O6")
        if rule is None or folded in self.refused or self.source.data(folded) is None:
            return None
        if rule.relationship != IMAGE and content_type != rule.content_type:
            return None
        return self._add(rule, reference.target, crop)

    def _missing_picture(self) -> Part:
        """One grey picture for every picture that lies outside the package."""
        known = self._parts.get("")
        return known if known is not None else self._add(self._rules[IMAGE], "")

    def _link(self, part: Part, old_id: str, kind: str, target: Part | None, address: str = "") -> Relationship:
        link = Relationship(f"rId{len(part.relationships) + 1}", kind, target, address)
        part.relationships.append(link)
        part.new_ids[old_id] = link.id
        return link

    def _reconnect_diagrams(self, part: Part) -> None:
        """SmartArt data names the relationship of its drawing copy, which belongs to the part that shows it."""
        for relationship in part.relationships:
            target = relationship.part
            if target is None or not target.name.endswith(".xml") or "/diagrams/data" not in target.name:
                continue
            for extension in list(target.root.iter(tag("dsp:dataModelExt"))):
                new_id = part.new_ids.get(extension.get("relId", ""))
                if new_id is None:
                    remove(extension)
                else:
                    extension.set("relId", new_id)

    def _count_left_behind(self, references: list[Reference]) -> None:
        for reference in references:
            rule = self._rules.get(reference.kind)
            if reference.target.casefold() not in self.refused:  # those were counted when they were refused
                self.dropped[rule.carrier if rule else left_behind(reference.kind, self.family)] += 1
