"""The html part of a mail, rebuilt from a list of allowed elements: what is not on it leaves only its text.

Attributes are all dropped but the two that give a table its shape; so no style can hide text, no picture can be
fetched, and no link carries an address. Text is joined over inline elements, block by block, so that a name split
by tags is found (``Jane <b>Fair</b>weather``).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from lxml import etree, html

from redaction.errors import RefusedError


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


BLOCKS = _tags("p div h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody tfoot tr td th caption blockquote pre hr")
INLINE = _tags("span b strong i em u s sub sup small code br")
REMOVED = _tags(
    "head script style template object embed applet iframe frame frameset svg math canvas audio video source track "
    "img map area link meta base title noembed noframes xml"
)
# Blocks of newer or older html that a division can stand for.
AS_DIVISION = _tags(
    "section article header footer main aside nav center form fieldset legend address figure figcaption details "
    "summary select option optgroup button textarea label dir menu hgroup dialog noscript"
)
SHAPE = {"td": ("colspan", "rowspan"), "th": ("colspan", "rowspan")}
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_MAILTO = re.compile(r"mailto:([^?\"'>\s]+)", re.IGNORECASE)


@dataclass
class Place:
    """One text of the new tree: the text before an element's children, or the text behind an element."""

    node: etree._Element
    tail: bool
    text: str
    fixed: bool = False  # a line break: part of the joined text, but never written

    def write(self, text: str) -> None:
        if self.fixed:
            return
        if self.tail:
            self.node.tail = text
        else:
            self.node.text = text


@dataclass
class HtmlBody:
    """The new tree and its blocks of text; ``dropped`` counts what was left out, by carrier id."""

    root: etree._Element
    blocks: list[list[Place]] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    metadata: list[str] = field(default_factory=list)

    def serialise(self) -> str:
        return "<!DOCTYPE html>\n" + str(html.tostring(self.root, encoding="unicode")) + "\n"


def read(text: str) -> HtmlBody:
    """Rebuild html text.

    Raises:
        RefusedError: ``parse-failed`` when no tree comes out of it.
    """
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        old = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise RefusedError("parse-failed", "html") from None
    root = html.Element("html")
    body = etree.SubElement(root, "body")
    result = HtmlBody(root)
    result.dropped["H1"] = text.count("<!--")
    _Rebuild(result, body).children(old)
    result.blocks = [block for block in result.blocks if "".join(place.text for place in block).strip()]
    return result


class _Rebuild:
    """Walks the old tree and writes the new one; ``at`` is the new element that text now goes into or behind."""

    def __init__(self, result: HtmlBody, body: etree._Element) -> None:
        self.result = result
        self.parent = body
        self.last: etree._Element | None = None  # last child written into ``parent``
        self.preformatted = 0
        self._cut()

    def children(self, old: etree._Element) -> None:
        self._text(old.text)
        for child in old:
            if isinstance(child.tag, str):
                self._element(child)
            else:
                self.result.dropped["H1"] += 1
            self._text(child.tail)

    def _element(self, old: etree._Element) -> None:
        tag = old.tag.lower()
        self.result.dropped["H3"] += len(old.attrib)
        values = [str(value) for value in old.attrib.values()]
        self.result.metadata.extend(found for value in values for found in _MAILTO.findall(value))
        if tag in REMOVED:
            self.result.dropped["H5" if tag == "img" else "H2"] += 1
        elif tag in BLOCKS or tag in INLINE or tag in AS_DIVISION:
            self._keep(old, "div" if tag in AS_DIVISION else tag)
        else:
            self.children(old)

    def _keep(self, old: etree._Element, tag: str) -> None:
        new = etree.SubElement(self.parent, tag)
        for name in SHAPE.get(tag, ()):
            if re.fullmatch("[1-9][0-9]?", old.get(name) or ""):
                new.set(name, str(old.get(name)))
        if tag in BLOCKS:
            self._cut()
        outer, self.parent, self.last = self.parent, new, None
        self.preformatted += tag == "pre"
        if tag == "br":
            self.result.blocks[-1].append(Place(new, tail=False, text="\n", fixed=True))
        self.children(old)
        self.preformatted -= tag == "pre"
        self.parent, self.last = outer, new
        if tag in BLOCKS:
            self._cut()

    def _text(self, text: str | None) -> None:
        if not text:
            return
        if not self.preformatted:
            text = _BLANKS.sub(" ", text)
        node, tail = (self.parent, False) if self.last is None else (self.last, True)
        written = (node.tail if tail else node.text) or ""
        if tail:
            node.tail = written + text
        else:
            node.text = written + text
        block = self.result.blocks[-1]
        if written and block and block[-1].node is node and block[-1].tail == tail:
            block[-1].text += text
        else:
            block.append(Place(node, tail, text))

    def _cut(self) -> None:
        self.result.blocks.append([])
