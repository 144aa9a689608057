"""Reads web pages again: by selectolax' tree, and by a walk over the characters that builds none.

``undeclared`` compares each element, attribute and address with lists of its own.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from redaction.entities import Block, Kind
from redaction.readers import Reader

_INLINE: Final = (
    "a abbr b bdi bdo cite code data del dfn em i ins kbd label mark output q rp rt ruby s samp small span strong sub "
    "sup time u var wbr"
)
_OTHERS: Final = (
    "html head meta title body p div h1 h2 h3 h4 h5 h6 hgroup ul ol li dl dt dd table thead tbody tfoot tr td th "
    "caption colgroup col blockquote pre hr br img input meter progress section article header footer main aside nav "
    "address figure figcaption details summary fieldset legend textarea select optgroup option button search"
)
_INSIDE_A_LINE: Final = frozenset(_INLINE.split())
_ELEMENTS: Final = _INSIDE_A_LINE | frozenset(_OTHERS.split())
_WORDS: Final = frozenset(
    ("title", "alt", "aria-label", "aria-description", "placeholder", "value", "label", "summary", "abbr", "href")
)
_PNG: Final = re.compile(r"data:image/png;base64,[A-Za-z0-9+/]+={0,2}")
_FLAGS: Final = (
    "hidden", "open", "checked", "selected", "disabled", "multiple", "reversed", "readonly", "required",
)  # fmt: skip
_VALUES: Final = {
    **dict.fromkeys(_WORDS - {"href"}, re.compile(r".*", re.DOTALL)),
    **dict.fromkeys(
        ("colspan", "rowspan", "span", "start", "size", "cols", "rows", "width", "height", "max", "min", "low", "high"),
        re.compile(r"[-\d.%]{1,12}"),
    ),
    "optimum": re.compile(r"[-\d.]{1,12}"),
    "dir": re.compile("(?i)ltr|rtl|auto"),
    "lang": re.compile("[a-z]{2}(-[A-Z]{2})?"),
    "scope": re.compile("(row|col)(group)?"),
    "type": re.compile("[1aAiI]|[a-z]{3,8}"),
    "align": re.compile("(?i)[a-z]{4,7}"),
    "src": _PNG,
    "charset": re.compile("utf-8"),
    "id": re.compile(r"place\d+"),
    "href": re.compile(r"about:blank|#(place\d+)?|https?://[^\s?#\"<>@]+"),
    # Flags are written by their name, with or without a value that repeats it.
    **{
        name: re.compile(f"(?:{name})?")
        for name in (
            "hidden",
            "open",
            "checked",
            "selected",
            "disabled",
            "multiple",
            "reversed",
            "readonly",
            "required",
        )
    },
}


def blocks(data: bytes) -> list[Block]:
    """One block for each run of text between elements that begin a line, and for each attribute with words."""
    tree = LexborHTMLParser(data.decode("utf-8"))
    if tree.root is None:
        raise ValueError("no page")
    # Hidden text is read by itself: a page shows what stands around it as one.
    open_lines: list[list[str]] = [[""]]
    hidden: list[str] = []
    values: list[str] = []
    for node, opens in _walk(tree.root):
        if node.is_text_node and opens:
            open_lines[-1][-1] += node.text_content or ""
        elif node.is_element_node:
            attributes = node.attributes
            if opens:
                values += [str(attributes[name] or "") for name in sorted(attributes) if name in _WORDS]
            if "hidden" in attributes and opens:
                open_lines.append([""])
            elif "hidden" in attributes:
                hidden += open_lines.pop()
            elif node.tag == "br":
                open_lines[-1][-1] += "\n" if opens else ""
            elif node.tag not in _INSIDE_A_LINE:
                open_lines[-1].append("")
    lines = [*open_lines[0], *hidden]
    found = [Block(f"b{number}", line, Kind.PROSE) for number, line in enumerate(lines, 1)]
    found += [Block(f"a{number}", _shown(value), Kind.LABEL) for number, value in enumerate(values, 1)]
    return [block for block in found if block.text.strip()]


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Every node below ``root``: once before what is inside of it, elements once more behind it. No recursion."""
    todo: list[tuple[LexborNode, bool]] = [(root, True)]
    while todo:
        node, opens = todo.pop()
        yield node, opens
        if opens and node.is_element_node:
            todo.append((node, False))
            todo += [(child, True) for child in reversed(list(node.iter(include_text=True, skip_empty=False)))]


def _shown(value: str) -> str:
    return unquote(value) if re.match("https?://", value) else value


# The walk over the characters -----------------------------------------------------------------------------------------


@dataclass
class _Tag:
    name: str
    closes: bool = False
    values: list[tuple[str, str]] = field(default_factory=list)


_BLANK: Final = " \t\r\n\f"


def _pieces(text: str) -> Iterator[str | _Tag]:
    """Text and tags in order. A comment or declaration is a tag without letters in its name."""
    at = 0
    while at < len(text):
        start = text.find("<", at)
        if start < 0 or start + 1 == len(text):
            yield text[at:]
            return
        if not (text[start + 1].isalpha() or text[start + 1] in "/!?"):
            yield text[at : start + 1]
            at = start + 1
            continue
        yield text[at:start]
        if text.startswith("<!--", start):
            end = text.find("-->", start)
            yield _Tag("!--", values=[("", text[start + 4 : end if end >= 0 else len(text)])])
            at = end + 3 if end >= 0 else len(text)
        else:
            tag, at = _tag(text, start + 1)
            yield tag


def _tag(text: str, at: int) -> tuple[_Tag, int]:
    """The tag whose name begins at ``at``, and where the text goes on."""
    closes = text[at] == "/"
    at += closes
    start = at
    while at < len(text) and text[at] not in _BLANK + "/>":
        at += 1
    tag = _Tag(text[start:at].lower(), closes)
    while at < len(text) and text[at] != ">":
        if text[at] in _BLANK + "/":
            at += 1
            continue
        start = at
        while at < len(text) and text[at] not in _BLANK + "/=>":
            at += 1
        name, value = text[start:at].lower(), ""
        if at == start:
            at += 1
        while at < len(text) and text[at] in _BLANK:
            at += 1
        if text[at : at + 1] == "=":
            value, at = _value(text, at + 1)
        tag.values.append((name, html.unescape(value)))
    return tag, at + 1


def _value(text: str, at: int) -> tuple[str, int]:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    if text[at : at + 1] in ("'", '"'):
        end = text.find(text[at], at + 1)
        end = end if end >= 0 else len(text)
        return text[at + 1 : end], end + 1
    start = at
    while at < len(text) and text[at] not in _BLANK + ">":
        at += 1
    return text[start:at], at


def scan(data: bytes) -> list[Block]:
    """Text joined up to each tag that begins a line, and all values of attributes, entities undone."""
    lines: list[str] = [""]
    values: list[str] = []
    for piece in _pieces(data.decode("utf-8")):
        if isinstance(piece, str):
            lines[-1] += piece
        else:
            values += [_shown(value) for _, value in piece.values if not _PNG.fullmatch(value)]
            if piece.name not in _INSIDE_A_LINE:
                lines.append("")
    texts = [*map(html.unescape, lines), *values]
    return [Block(f"s{number}", text, Kind.PROSE) for number, text in enumerate(texts, 1) if text.strip()]


def undeclared(data: bytes) -> list[str]:
    """The number of each tag that is no element of ours, or has an attribute or a value that is none."""
    tags = [piece for piece in _pieces(data.decode("utf-8")) if isinstance(piece, _Tag)]
    if not tags or (tags[0].name, [name for name, _ in tags[0].values]) != ("!doctype", ["html"]):
        return ["tag 1"]
    return [f"tag {number}" for number, tag in enumerate(tags[1:], 2) if not _declared(tag)]


def _declared(tag: _Tag) -> bool:
    return tag.name in _ELEMENTS and all(
        name in _VALUES and _VALUES[name].fullmatch(value) is not None for name, value in tag.values
    )


READERS: tuple[Reader, ...] = (blocks, scan)
