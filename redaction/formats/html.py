"""Web pages, rebuilt from lists of allowed elements and attributes: what is on neither leaves only its text.

Scripts, styles, comments, templates, frames and addresses of pictures stay behind; links keep the host and path of a
web address alone. Text is joined over inline elements, block by block, so that a name split by tags is found
(``Jane <b>Fair</b>weather``). What a style hides is text like any other, stays hidden, and asks a person.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from lxml import etree, html

from redaction.entities import Action, Extraction, Kind, Output, Plan, Segment, Tier
from redaction.errors import RefusedError
from redaction.formats import Carrier, Limits, Switches, pixels
from redaction.formats.pieces import Writing, carrier_counts
from redaction.formats.text import decoded
from redaction.media import HTML, TEXT

NOWHERE: Final = "about:blank"


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


BLOCKS: Final = _names(
    "p div h1 h2 h3 h4 h5 h6 hgroup ul ol li dl dt dd table thead tbody tfoot tr td th caption colgroup blockquote pre "
    "hr section article header footer main aside nav address figure figcaption details summary fieldset legend "
    "textarea select optgroup option button search"
)
INLINE: Final = _names(
    "a abbr b bdi bdo br cite code data del dfn em i ins kbd label mark output q rp rt ruby s samp small span strong "
    "sub sup time u var wbr img input meter progress col"
)
VOID: Final = _names("br hr wbr img input col")
REMOVED: Final = _names(
    "script style template object embed applet iframe frame canvas audio video source track map area link meta base "
    "noembed xml datalist param portal"
)
AS_DIVISION: Final = _names("form center dir menu dialog noscript noframes layer multicol")
AS_PREFORMATTED: Final = _names("listing xmp plaintext")
# Blanks between these elements are the layout of the source.
_ONLY_ELEMENTS: Final = _names("table thead tbody tfoot tr colgroup ul ol dl select optgroup")

# What in a drawing is text.
_DRAWN: Final = _names("text title desc foreignobject")

_WORDS: Final = ("title", "alt", "aria-label", "aria-description", "placeholder", "value", "label", "summary", "abbr")
_NUMBER: Final = re.compile("[0-9]{1,4}%?")
_SHAPES: Final = {
    **dict.fromkeys(("colspan", "rowspan", "span", "start", "size", "cols", "rows", "width", "height"), _NUMBER),
    **dict.fromkeys(("max", "min", "low", "high", "optimum"), re.compile(r"-?[0-9]{1,6}(?:\.[0-9]{1,4})?")),
    "dir": re.compile("ltr|rtl|auto", re.IGNORECASE),
    "lang": re.compile("[a-z]{2}(?:-[A-Z]{2})?"),
    "scope": re.compile("row|col|rowgroup|colgroup"),
    "type": re.compile("[1aAiI]|text|checkbox|radio|hidden|number|date|time|email|tel|url|search|range|button|submit"),
    "align": re.compile("left|right|center|justify", re.IGNORECASE),
}
_FLAGS: Final = _names("hidden open checked selected disabled multiple reversed readonly required")

_BLANKS: Final = re.compile(r"[ \t\r\n\f]+")
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HIDING: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0+)?(?![.\d])|font-size\s*:\s*0"
    r"|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"\s*(?:mailto|tel|sms|callto|skype|facetime|sip)s?:(?://)?([^?#]+)", re.IGNORECASE)
_AUTHORS: Final = re.compile(
    r"(?:dc\.|dcterms\.|article:|twitter:)?(?:author|creator|publisher|contributor|owner|web_?author|last-?author)s?"
    r"|reply-to|copyright|manager|company",
    re.IGNORECASE,
)
_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
_LEGACY: Final = re.compile(r"iso-8859-\d{1,2}|windows-125[0-8]|cp125[0-8]|koi8-[ru]|macintosh|shift_jis|sjis|euc-jp"
                            r"|iso-2022-jp|gb2312|gbk|gb18030|big5|euc-kr|windows-874|tis-620")  # fmt: skip
_ROUNDS: Final = 4
_PICTURE: Final = re.compile(r"\s*data:image/[\w.+-]{1,40};base64,([A-Za-z0-9+/=\s]+)", re.IGNORECASE)
_PICTURE_START: Final = "data:image/png;base64,"
_MOST_PICTURES: Final = 200
_PAGE: Final = 1_000 * 1_000  # pixels, of which a picture is a share: a page of the web has no size
_SAFE: Final = "/:@!$&'()*+,;=~-._[]"


@dataclass
class Place:
    """One text of the new tree: the text before an element's children, or the text behind an element."""

    node: etree._Element
    tail: bool
    text: str
    fixed: bool = False  # a line break: part of the joined text, but never written

    def write(self, text: str) -> None:
        """Put ``text`` into the tree."""
        if self.fixed:
            return
        if self.tail:
            self.node.tail = text
        else:
            self.node.text = text


@dataclass
class Block:
    """Text that a reader sees as one: a paragraph, a cell, a line of a list."""

    carrier: str
    places: list[Place] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(place.text for place in self.places)


@dataclass
class Value:
    """A human-readable attribute of the new tree."""

    node: etree._Element
    name: str
    text: str

    def write(self, text: str) -> None:
        """Put ``text`` into the tree; an address is written as one."""
        if self.name == "href" and text != NOWHERE:
            text = quote(text, safe=_SAFE)
        self.node.set(self.name, text)


@dataclass
class Picture:
    """A picture that the page itself holds. ``written``: its redacted copy; without one it stays behind."""

    node: etree._Element
    data: bytes
    written: bytes = b""


@dataclass
class Page:
    """The new tree with all its text; ``dropped`` counts what was left out, by carrier id."""

    root: etree._Element
    body: etree._Element
    title: etree._Element
    blocks: list[Block] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    metadata: list[str] = field(default_factory=list)
    is_hiding: bool = False

    def serialise(self) -> str:
        """The page as text, with a document type of ours."""
        for one in self.values:
            one.write(one.text)
        for picture in self.pictures:
            if picture.written:
                picture.node.set("src", _PICTURE_START + base64.b64encode(picture.written).decode("ascii"))
        return "<!DOCTYPE html>\n" + str(html.tostring(self.root, encoding="unicode")) + "\n"


class HtmlHandler:
    """Saved web pages and reports of programs."""

    media_types: tuple[str, ...] = (HTML,)
    extensions: tuple[str, ...] = ("html",)
    tiers: tuple[Tier, ...] = (Tier.A, Tier.B)
    carriers: tuple[Carrier, ...] = (
        Carrier("H1", "comments, conditional comments, declarations", Action.DROP),
        Carrier("H2", "scripts, styles, data blocks, meta elements", Action.DROP),
        Carrier("H3", "attributes: words and addresses on a list, all others dropped", Action.REWRITE),
        Carrier("H4", "hidden text, text without scripts; templates dropped", Action.REWRITE),
        Carrier(
            "H5",
            "pictures in the page and words of drawings; other pictures, frames, objects dropped",
            Action.REWRITE,
        ),
        Carrier("H6", "text of the page, entities undone, joined over inline elements", Action.REWRITE),
    )

    def extract(self, source: bytes, limits: Limits, switches: Switches = Switches()) -> Extraction:
        """Every block of text and every attribute that is on the list.

        Raises:
            RefusedError: no page, nested too deeply or too long.
        """
        page = read(text_of(source, limits))
        segments = [
            *(Segment(f"b{number}", block.text, block.carrier) for number, block in enumerate(page.blocks, 1)),
            *(
                Segment(f"a{number}", one.text, "H3", Kind.NAME if one.name == "href" else Kind.LABEL)
                for number, one in enumerate(page.values, 1)
            ),
        ]
        shown, areas, memos = _read_pictures(page, limits)
        segments += shown
        counts = Counter(segment.carrier for segment in segments) + page.dropped
        return Extraction(
            segments,
            opaque=[zone for zone, area in areas.items() if area > switches.small_zones_bp],
            areas=areas,
            memo=json.dumps(memos).encode("ascii"),
            metadata=list(dict.fromkeys(page.metadata)),
            counts=counts,
            notices=("hidden-content",) if page.is_hiding else (),
        )

    def rewrite(self, source: bytes, plan: Plan, limits: Limits, switches: Switches = Switches()) -> Output:
        """The new page with the replacements of the plan; in tier B its text alone."""
        page = read(text_of(source, limits))
        pictures = _write_pictures(page, plan, limits)
        zones = tuple(f"img{number}/" for number in range(1, len(page.pictures) + 1))
        rest = {anchor: items for anchor, items in plan.replacements.items() if not anchor.startswith(zones)}
        writing = Writing(replace(plan, replacements=rest))
        writing.counts.update({"H5": pictures} if pictures else {})
        lines: list[str] = []
        kept: Counter[str] = Counter()
        for number, block in enumerate(page.blocks, 1):
            new = writing.text(f"b{number}", block.carrier, [place.text for place in block.places])
            for place, text in zip(block.places, new, strict=True):
                place.write(text)
            lines.append("".join(new))
            kept[block.carrier] += not plan.replacements.get(f"b{number}")
        for number, one in enumerate(page.values, 1):
            new = writing.text(f"a{number}", "H3", [one.text])
            one.text = "".join(new)
            lines += new
            kept["H3"] += not plan.replacements.get(f"a{number}")
        writing.close()
        counts = carrier_counts(writing.counts, page.dropped, kept)
        if plan.tier is Tier.B:
            return Output(("\n".join(lines) + "\n").encode("utf-8"), TEXT, counts, Tier.B)
        return Output(_settled(page.serialise()).encode("utf-8"), HTML, counts)


def _read_pictures(page: Page, limits: Limits) -> tuple[list[Segment], dict[str, int], dict[str, str]]:
    """The lines of the pictures, their shares of the page, and what to remember. One that cannot be read has none."""
    budget = pixels.Budget()
    segments: list[Segment] = []
    areas: dict[str, int] = {}
    memos: dict[str, str] = {}
    for number, picture in enumerate(page.pictures, 1):
        try:
            seen = pixels.read(picture.data, limits, budget)
        except RefusedError:
            continue
        zone = f"img{number}"
        segments += pixels.segments(zone, seen, "H5")
        areas[zone] = min(10_000, seen.area * 10_000 // _PAGE)
        memos[zone] = base64.b64encode(seen.memo).decode("ascii")
    return segments, areas, memos


def _write_pictures(page: Page, plan: Plan, limits: Limits) -> int:
    """Redact the pictures that were read; the others stay behind. Returns how many replacements were painted over."""
    memos = json.loads(plan.memo) if plan.memo else {}
    painted = 0
    for number, picture in enumerate(page.pictures, 1):
        zone = f"img{number}"
        if zone not in memos:
            page.dropped["H5"] += 1
            continue
        chosen = pixels.chosen(zone, plan.replacements)
        painted += sum(map(len, chosen.values()))
        memo = base64.b64decode(memos[zone])
        picture.written = pixels.rewrite(picture.data, memo, chosen, limits, zone in plan.boxed)
    return painted


def _settled(text: str) -> str:
    """The page as it is when it is read again: a division inside of a paragraph, say, ends that paragraph."""
    for _ in range(_ROUNDS):
        page = read(text)
        for picture in page.pictures:
            picture.written = picture.data
        again = page.serialise()
        if again == text:
            break
        text = again
    return text


def text_of(source: bytes, limits: Limits) -> str:
    """Bytes as text: byte order mark, then the encoding that the page names, then what all text is read as.

    Raises:
        RefusedError: ``parse-failed`` or ``limit``.
    """
    declared = _CHARSET.search(source[:4096])
    name = declared.group(1).decode("ascii", "ignore").lower() if declared else ""
    text = ""
    if _LEGACY.fullmatch(name) and not source.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            text = source.decode("cp1252" if name in ("iso-8859-1", "windows-1252") else name)
        except UnicodeDecodeError:
            text = ""
    text = text or decoded(source)
    if len(text) > limits.characters:
        raise RefusedError("limit", "characters")
    return text


def read(text: str) -> Page:
    """Rebuild the page that ``text`` is.

    Raises:
        RefusedError: ``parse-failed`` when no tree comes out of it, ``limit`` when it is nested too deeply.
    """
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=False, huge_tree=False)
    try:
        old = html.document_fromstring(_ILLEGAL.sub("", text).encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise RefusedError("parse-failed", "html") from None
    # The parser leaves out all that is behind the place where it gave up.
    if any("depth" in entry.message or entry.level_name == "FATAL" for entry in parser.error_log):
        raise RefusedError("limit", "depth")
    root = html.Element("html")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "meta").set("charset", "utf-8")
    title = etree.SubElement(head, "title")
    page = Page(root, etree.SubElement(root, "body"), title)
    for before in (True, False):
        page.dropped["H1"] += sum(1 for _ in old.itersiblings(preceding=before))
    rebuild = _Rebuild(page, old)
    rebuild.children(old)
    if not title.text:
        head.remove(title)
    page.blocks = [block for block in page.blocks if block.text.strip()]
    return page


class _Rebuild:
    """Walks the old tree and writes the new one; ``last`` is the new element that text now goes behind."""

    def __init__(self, page: Page, old: etree._Element) -> None:
        self.page = page
        self.parent = page.body
        self.last: etree._Element | None = None
        self.preformatted = 0
        self.hidden = 0
        self.targets = _targets(old)
        self.block = Block("H6")
        page.blocks.append(self.block)

    def children(self, old: etree._Element) -> None:
        """Everything inside of ``old``."""
        self._text(old.text)
        for child in old:
            if isinstance(child.tag, str):
                self._element(child)
            else:
                self.page.dropped["H1"] += 1
            self._text(child.tail)

    def _element(self, old: etree._Element) -> None:
        tag = old.tag.lower()
        self._addresses(old)
        if tag == "title":
            self._title(old)
        elif tag == "svg":
            self._drawing(old)
        elif tag in REMOVED:
            self._drop(old, tag)
        elif tag in BLOCKS or tag in INLINE:
            self._keep(old, tag)
        elif tag in AS_DIVISION or tag in AS_PREFORMATTED:
            self._keep(old, "pre" if tag in AS_PREFORMATTED else "div")
        else:
            self.page.dropped["H3"] += len(old.attrib)
            self.children(old)

    def _drop(self, old: etree._Element, tag: str) -> None:
        channel = {"template": "H4", "script": "H2", "style": "H2", "meta": "H2", "link": "H2", "base": "H2"}
        self.page.dropped[channel.get(tag, "H5")] += 1
        if tag == "meta" and _AUTHORS.fullmatch(old.get("name") or old.get("property") or ""):
            self.page.metadata.append(_ILLEGAL.sub("", old.get("content") or ""))

    def _title(self, old: etree._Element) -> None:
        """The first title is that of the page; browsers show no other one."""
        text = _BLANKS.sub(" ", _ILLEGAL.sub("", _inner(old))).strip()
        if self.page.title.text or not text:
            self.page.dropped["H2"] += 1
            return
        self.page.title.text = text
        self.page.blocks.insert(0, Block("H6", [Place(self.page.title, tail=False, text=text)]))

    def _drawing(self, old: etree._Element) -> None:
        """Of a drawing its words alone, each as a text of its own."""
        self.page.dropped["H5"] += 1
        for element in old.iter():
            if isinstance(element.tag, str) and element.tag.lower() in _DRAWN:
                text = " ".join(_inner(element).split())
                self._cut("H5")
                self._append("div")
                outer, self.parent, self.last = self.parent, self._new, None
                self._text(text)
                self.parent, self.last = outer, self._new
                self._cut()

    def _keep(self, old: etree._Element, tag: str) -> None:
        picture = _picture(old) if tag == "img" and len(self.page.pictures) < _MOST_PICTURES else b""
        if tag == "img" and not picture and not self._is_shown(old):
            return
        if tag in BLOCKS:
            self._cut()
        new = self._append(tag)
        hides = _hides(old)
        self._attributes(old, new, hides=hides)
        if picture:
            self.page.pictures.append(Picture(new, picture))
        self.hidden += hides
        self.preformatted += tag in ("pre", "textarea")
        outer, self.parent, self.last = self.parent, new, None
        around = self.block
        if tag in BLOCKS or hides:
            self._cut()
        if tag == "br":
            self.block.places.append(Place(new, tail=False, text="\n", fixed=True))
        if tag in VOID:
            # What a damaged page has inside of such an element belongs behind it.
            self.parent, self.last = outer, new
        self.children(old)
        self.preformatted -= tag in ("pre", "textarea")
        self.hidden -= hides
        self.parent, self.last = outer, new
        if tag in BLOCKS:
            self._cut()
        elif hides:
            self.block = around  # what stands on both sides of hidden text is seen as one

    def _is_shown(self, old: etree._Element) -> bool:
        """Whether of a picture something stays: the words that stand for it."""
        self.page.dropped["H5"] += 1
        return bool((old.get("alt") or old.get("title") or old.get("aria-label") or "").strip())

    def _append(self, tag: str) -> etree._Element:
        self._new = etree.SubElement(self.parent, tag)
        self.last = self._new
        return self._new

    def _attributes(self, old: etree._Element, new: etree._Element, *, hides: bool) -> None:
        if hides:
            new.set("hidden", "hidden")
        self.page.is_hiding |= hides or (old.get("type") == "hidden" and bool(old.get("value")))
        for name, value in sorted(old.attrib.items()):
            if not self._attribute(str(name).lower(), _ILLEGAL.sub("", str(value)), old, new):
                self.page.dropped["H3"] += 1

    def _attribute(self, name: str, value: str, old: etree._Element, new: etree._Element) -> bool:
        """Write one attribute if it is on the lists, and say whether it is."""
        if name == "id" and value in self.targets:
            new.set("id", self.targets[value])
        elif name == "href" and new.tag == "a":
            self._link(value, new)
        elif name in _FLAGS:
            new.set(name, name)
        elif name in _SHAPES:
            if not _SHAPES[name].fullmatch(value):
                return False
            new.set(name, value)
        elif name in _WORDS and (old.get("type") or "").lower() != "password":
            new.set(name, value)
            if value.strip():
                self.page.values.append(Value(new, name, value))
        else:
            return False
        return True

    def _link(self, value: str, new: etree._Element) -> None:
        target = value.strip()
        if target.startswith("#"):
            new.set("href", f"#{self.targets[target[1:]]}" if target[1:] in self.targets else "#")
            return
        address = safe_target(target)
        new.set("href", address)
        if address != NOWHERE:
            self.page.values.append(Value(new, "href", address))

    def _addresses(self, old: etree._Element) -> None:
        """Mail addresses and lines behind links are old properties: they name people, and do not stay."""
        for value in old.attrib.values():
            if found := _ADDRESS.match(str(value)):
                self.page.metadata += [one.strip() for one in unquote(found.group(1)).split(",") if one.strip()]

    def _text(self, text: str | None) -> None:
        if not text:
            return
        text = _ILLEGAL.sub("", text)
        if not self.preformatted:
            text = _BLANKS.sub(" ", text)
        if not text or (not text.strip() and self.parent.tag in _ONLY_ELEMENTS):
            return
        node, tail = (self.parent, False) if self.last is None else (self.last, True)
        written = (node.tail if tail else node.text) or ""
        block = self.block
        if written.endswith(" ") and text.startswith(" ") and not self.preformatted:
            text = text[1:]
        if tail:
            node.tail = written + text
        else:
            node.text = written + text
        if written:
            block.places[-1].text += text
        else:
            block.places.append(Place(node, tail, text))

    def _cut(self, carrier: str = "") -> None:
        self.block = Block(carrier or ("H4" if self.hidden else "H6"))
        self.page.blocks.append(self.block)


def _targets(old: etree._Element) -> dict[str, str]:
    """The ids that links of the page lead to, and the new names of these places."""
    wanted = dict.fromkeys(
        str(element.get("href")).strip()[1:]
        for element in old.iter("a")
        if (element.get("href") or "").strip().startswith("#")
    )
    return {name: f"place{number}" for number, name in enumerate(filter(None, wanted), 1)}


def _picture(old: etree._Element) -> bytes:
    """The bytes of a picture in a data address."""
    found = _PICTURE.fullmatch(old.get("src") or "")
    try:
        return base64.b64decode(found.group(1)) if found else b""
    except binascii.Error:
        return b""


def _inner(element: etree._Element) -> str:
    """All text inside of an element."""
    return "".join(map(str, element.itertext()))


def _hides(old: etree._Element) -> bool:
    hides = "hidden" in old.attrib or bool(_HIDING.search(old.get("style") or ""))
    return hides and bool(_inner(old).strip())


def safe_target(untrusted_target: str) -> str:
    """An address without what could tell a person: http(s) alone, no user, query or fragment; else ``about:blank``."""
    try:
        address = urlsplit(untrusted_target)
        host, port = address.hostname, address.port
    except ValueError:
        return NOWHERE
    if address.scheme.lower() not in ("http", "https") or not host or ":" in host:
        return NOWHERE
    place = host if port is None else f"{host}:{port}"
    path = _ILLEGAL.sub("", unquote(address.path))
    return urlunsplit((address.scheme.lower(), unquote(place), path, "", ""))
