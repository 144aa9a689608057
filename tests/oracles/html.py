"""Readers of web pages: two parsers that the handler does not use, and the bytes."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser

from tests.oracles import Oracle
from tests.oracles.text import decoded, shown, stranger

EXTENSIONS = ("html", "htm", "xhtml")

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_LINE = "a abbr b bdi bdo cite code em font i kbd label mark q s samp small span strong sub sup tspan u wbr"
_INLINE = frozenset(_LINE.split())


def _text(data: bytes) -> str:
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return data.decode(declared.group(1).decode("ascii"))
    return decoded(data)


class _Everything(HTMLParser):
    """Text, attributes, comments and declarations, in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _INLINE:
            self.found.append("\n")
        self.values = getattr(self, "values", [])
        self.values += [f"{name} {value or ''}" for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in _INLINE:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_comment(self, data: str) -> None:
        self.found.append(f"\n{data}\n")

    def handle_decl(self, decl: str) -> None:
        self.handle_comment(decl)

    def handle_pi(self, data: str) -> None:
        self.handle_comment(data)

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)


def everything(data: bytes) -> str:
    """All that the source holds, entities undone."""
    parser = _Everything()
    parser.feed(_text(data))
    parser.close()
    values = "\n".join(getattr(parser, "values", []))
    return shown("".join(parser.found) + "\n" + values + "\n" + unquote(values))


def browser(data: bytes) -> str:
    """What a browser's tree holds as text, and the words of its attributes."""
    tree = LexborHTMLParser(_text(data))
    text = tree.root.text(deep=True, separator="") if tree.root else ""
    values = [value or "" for node in tree.css("*") for value in node.attributes.values()]
    return shown(text + "\n" + "\n".join(values))


def visible(data: bytes) -> str:
    """The text of the page alone."""
    tree = LexborHTMLParser(_text(data))
    tree.strip_tags(["script", "style", "template", "iframe", "object", "svg"])
    return shown(tree.body.text(deep=True, separator=" ") if tree.body else "")


ORACLES: dict[str, Oracle] = {"everything": everything, "browser": browser, "visible": visible, "stranger": stranger}
